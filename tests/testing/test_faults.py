"""Fault plans: which request is struck, how often, and how a body is spoilt."""

import json
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.testing.faults import Fault, FaultKind, FaultPlan, twisted


def test_a_fault_strikes_what_it_names_only() -> None:
    plan = FaultPlan()
    plan.add(Fault(FaultKind.STATUS, method="POST", path=r"/orders$"))
    assert plan.strike("GET", "/orders") is None
    assert plan.strike("POST", "/orders/1") is None
    assert plan.strike("POST", "/orders") is not None
    assert plan.struck == {FaultKind.STATUS: 1}


def test_a_fault_strikes_so_many_times_after_so_many_requests() -> None:
    plan = FaultPlan()
    plan.add(Fault(FaultKind.DROP_AFTER, times=2, skip=1))
    struck = [plan.strike("GET", "/") is not None for _ in range(5)]
    assert struck == [False, True, True, False, False]


def test_requests_that_do_not_match_are_not_counted() -> None:
    plan = FaultPlan()
    plan.add(Fault(FaultKind.DROP_AFTER, method="POST", times=1, skip=1))
    struck = [plan.strike(method, "/") is not None for method in ("POST", "GET", "GET", "POST", "POST")]
    assert struck == [False, False, False, True, False]


def test_the_first_rule_that_hits_wins() -> None:
    plan = FaultPlan()
    plan.add(Fault(FaultKind.STATUS, status=500, times=1), Fault(FaultKind.STATUS, status=429))
    statuses = [fault.status for _ in range(2) if (fault := plan.strike("GET", "/")) is not None]
    assert statuses == [500, 429]


def test_nothing_strikes_after_clearing() -> None:
    plan = FaultPlan()
    plan.add(Fault(FaultKind.STATUS))
    assert plan.knows(FaultKind.STATUS)
    plan.clear()
    assert plan.strike("GET", "/") is None
    assert not plan.knows(FaultKind.STATUS)


def test_the_same_seed_gives_the_same_faults() -> None:
    def story(seed: int) -> list[bool]:
        plan = FaultPlan(seed)
        plan.add(Fault(FaultKind.STATUS, probability=0.3))
        return [plan.strike("GET", "/") is not None for _ in range(200)]

    assert story(7) == story(7)
    assert story(7) != story(8)
    assert 30 < sum(story(7)) < 90


@pytest.mark.parametrize(
    "data", [{}, {"kind": "nonsense"}, {"kind": "status", "colour": "red"}, {"kind": "status", "path": "("}]
)
def test_what_is_no_fault_is_refused(data: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        Fault.from_json(data)


def test_a_fault_comes_from_json() -> None:
    data = {"kind": "late_commit", "method": "POST", "seconds": 2.5, "times": 3}
    assert Fault.from_json(data) == Fault(FaultKind.LATE_COMMIT, "POST", seconds=2.5, times=3)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_twisting_keeps_the_shape_and_changes_every_type(data: object) -> None:
    spoilt = json.loads(twisted(json.dumps(data).encode()))
    assert all(_other_type(left, right) for left, right in _leaves(data, spoilt))


def test_what_is_not_json_is_not_twisted() -> None:
    assert twisted(b"<a/>") == b"<a/>"


def _leaves(data: object, spoilt: object) -> list[tuple[object, object]]:
    if isinstance(data, dict):
        assert isinstance(spoilt, dict) and set(data) == set(spoilt)
        return [pair for name in data for pair in _leaves(data[name], spoilt[name])]
    if isinstance(data, list):
        assert isinstance(spoilt, list) and len(data) == len(spoilt)
        return [pair for left, right in zip(data, spoilt, strict=True) for pair in _leaves(left, right)]
    return [(data, spoilt)]


def _other_type(left: object, right: object) -> bool:
    return type(left) is not type(right)


def test_threads_share_a_plan() -> None:
    from concurrent.futures import ThreadPoolExecutor

    plan, counter = FaultPlan(), count()
    plan.add(Fault(FaultKind.STATUS, times=50))
    with ThreadPoolExecutor(8) as pool:
        struck = list(pool.map(lambda _: plan.strike("GET", f"/{next(counter)}") is not None, range(200)))
    assert sum(struck) == 50
