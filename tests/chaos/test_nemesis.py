"""The schedule of faults: it follows from the seed, covers everything, and can be narrowed down."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.testing.chaos.nemesis import FAMILIES, OPERATIONS, POINTS, Kind, plan, select

TENANTS = ("t1", "t2", "t3")


@given(st.integers(0, 10**9), st.floats(10, 600))
def test_the_same_seed_gives_the_same_schedule(seed, seconds):
    first = plan(seed, seconds, tenants=TENANTS)
    assert first == plan(seed, seconds, tenants=TENANTS)
    assert [strike.n for strike in first] == list(range(1, len(first) + 1))
    assert all(0 < strike.at < seconds for strike in first)
    assert [strike.at for strike in first] == sorted(strike.at for strike in first)


def test_another_seed_gives_another_schedule():
    assert plan(1, 60, tenants=TENANTS) != plan(2, 60, tenants=TENANTS)


def test_every_kind_and_every_point_of_every_write_comes_up():
    strikes = plan(5, 3600, tenants=TENANTS)
    kinds = Counter(strike.kind for strike in strikes)
    assert set(kinds) == set(Kind)
    points = {strike.target for strike in strikes if strike.kind.family == "point"}
    assert points == {f"{point}/{operation}" for point in POINTS for operation in OPERATIONS}


def test_only_the_wanted_families_strike():
    strikes = plan(5, 600, tenants=TENANTS, families=("redis", "point"))
    assert {strike.kind.family for strike in strikes} == {"redis", "point"}


def test_an_unknown_family_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=FAMILIES[0]):
        plan(1, 60, tenants=TENANTS, families=("weather",))


def test_strikes_can_be_picked_without_changing_the_others():
    strikes = plan(9, 120, tenants=TENANTS)
    picked = select(strikes, "3, 7-9")
    assert [strike.n for strike in picked] == [3, 7, 8, 9]
    assert set(picked) <= set(strikes)
    assert select(strikes, "") == strikes


@pytest.mark.parametrize("text", ["x", "-", "1,,2"])
def test_a_list_that_cannot_be_read_is_refused(text):
    with pytest.raises(ValueError, match="invalid literal"):
        select(plan(9, 120, tenants=TENANTS), text)
