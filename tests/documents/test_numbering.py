"""Number patterns: shape, year, capacity, collisions."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from kopru.documents import (
    can_collide,
    format_number,
    gib,
    is_placeholder_number,
    number_year,
    parse_number,
    parse_pattern,
    placeholder,
    preview,
)
from kopru.hooks.errors import ConfigError
from kopru.model import InvoiceNumber

prefixes = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=3, max_size=3)
years = st.integers(2000, 2099)


@given(prefixes, years, st.integers(1, 999_999_999))
def test_a_gib_number_can_be_read_back(prefix: str, year: int, sequence: int) -> None:
    pattern = gib(prefix)
    number = format_number(pattern, year, sequence)
    assert TypeAdapter(InvoiceNumber).validate_python(number) == f"{prefix}{year}{sequence:09d}"
    assert parse_number(pattern, number) == (year, sequence)
    assert not is_placeholder_number(pattern, number)


@given(prefixes, years)
def test_a_placeholder_has_the_shape_and_is_never_allotted(prefix: str, year: int) -> None:
    pattern = gib(prefix)
    number = placeholder(pattern, year)
    assert TypeAdapter(InvoiceNumber).validate_python(number) == f"{prefix}{year}000000000"
    assert is_placeholder_number(pattern, number)
    with pytest.raises(ValueError, match="start at 1"):
        format_number(pattern, year, 0)


@pytest.mark.parametrize(
    ("pattern", "number"),
    [
        ("FARRRRCCC", "FA2026007"),
        ("DOPRRCCCC", "DOP260007"),
        ("'FCR'RRRRCC", "FCR202607"),
        ("CCCCC", "00007"),
        ("A-RRRR/CCC", "A-2026/007"),
    ],
)
def test_tokens_are_filled(pattern: str, number: str) -> None:
    parsed = parse_pattern(pattern)
    assert format_number(parsed, 2026, 7) == number
    assert parse_number(parsed, number) == (2026 if "RR" in pattern else 0, 7)


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("RRRRX", "numbering.pattern.counter"),
        ("CACCC", "numbering.pattern.counter"),
        ("XRCCC", "numbering.pattern.year"),
        ("RRRRRRCCC", "numbering.pattern.year"),
        ("RRRR-RRCCC", "numbering.pattern.year"),
        ("'ABRRRRCCC", "numbering.pattern.quote"),
        ("abRRRRCCC", "numbering.pattern.characters"),
        ("A BRRRRCCC", "numbering.pattern.characters"),
        ("ŞRRRRCCC", "numbering.pattern.characters"),
        ("", "numbering.pattern.counter"),
    ],
)
def test_senseless_patterns_are_refused_with_the_fix(pattern: str, code: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse_pattern(pattern)
    assert raised.value.code == code
    assert raised.value.message.tr != raised.value.message.en


@pytest.mark.parametrize("prefix", ["", "AB", "ABCD", "abc", "A C", "ÇAB", "A'B"])
def test_a_gib_prefix_has_three_plain_characters(prefix: str) -> None:
    with pytest.raises(ConfigError, match=r"numbering\.prefix\.shape"):
        gib(prefix)


def test_the_preview_shows_the_next_three_and_stops_when_full() -> None:
    pattern = parse_pattern("FARRRRCCC")
    assert preview(pattern, 2026, 0).numbers == ("FA2026001", "FA2026002", "FA2026003")
    nearly = preview(pattern, 2026, 997)
    assert (nearly.numbers, nearly.left) == (("FA2026998", "FA2026999"), 2)
    assert preview(pattern, 2026, 999).numbers == ()


def test_a_full_series_is_told_and_never_grows_a_digit() -> None:
    with pytest.raises(ConfigError) as raised:
        format_number(parse_pattern("FARRRRCCC"), 2026, 1000)
    assert raised.value.code == "numbering.series.full"
    assert "999" in raised.value.message.en


@pytest.mark.parametrize(
    "number", ["ABD2026000000001", "ABC202600000001", "ABC20260000000011", "abc2026000000001", ""]
)
def test_numbers_of_other_series_are_not_read(number: str) -> None:
    with pytest.raises(ValueError, match="series"):
        parse_number(gib("ABC"), number)


@pytest.mark.parametrize(
    ("moment", "year"),
    [
        (datetime(2025, 12, 31, 20, 59, 59, tzinfo=UTC), 2025),
        (datetime(2025, 12, 31, 21, 0, 0, tzinfo=UTC), 2026),
        (datetime(2026, 12, 31, 20, 59, 59, tzinfo=UTC), 2026),
    ],
)
def test_the_year_turns_at_midnight_in_istanbul(moment: datetime, year: int) -> None:
    assert number_year(moment) == year


def test_a_moment_without_a_zone_has_no_year() -> None:
    with pytest.raises(ValueError, match="time zone"):
        number_year(datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_pattern_without_a_year_counts_on() -> None:
    assert parse_pattern("N-CCC").period(2026) == 0
    assert gib("ABC").period(2026) == 2026


fragments = st.lists(st.sampled_from(["A", "B", "1", "20", "'C'", "RR", "RRRR", "-"]), max_size=4)


@given(
    fragments,
    fragments,
    st.integers(1, 4),
    st.integers(1, 4),
    years,
    st.integers(1, 9999),
    years,
    st.integers(1, 9999),
)
def test_patterns_that_give_one_number_are_found(
    one: list[str],
    other: list[str],
    width: int,
    wide: int,
    year: int,
    sequence: int,
    later: int,
    next_one: int,
) -> None:
    assume(sum("R" in part for part in one) < 2)
    assume(sum("R" in part for part in other) < 2)
    left = parse_pattern("-".join(one) + "C" * width)
    right = parse_pattern("-".join(other) + "C" * wide)
    assume(sequence <= left.capacity)
    assume(next_one <= right.capacity)
    assert can_collide(left, left)
    if format_number(left, year, sequence) == format_number(right, later, next_one):
        assert can_collide(left, right)


@pytest.mark.parametrize(
    ("one", "other", "collides"),
    [
        ("FARRRRCCC", "FARRRRCCC", True),
        ("FARRRRCCC", "ZARRRRCCC", False),
        ("FARRRRCCC", "FA2026CCC", True),
        ("FARRCCC", "FARRRRC", True),
        ("FARRRRCCC", "FARRRRCCCC", False),
        ("FARRRRCCC", "FAARRCCCC", False),
    ],
)
def test_collisions_by_example(one: str, other: str, collides: bool) -> None:
    assert can_collide(parse_pattern(one), parse_pattern(other)) is collides


@given(prefixes, prefixes)
def test_gib_series_collide_only_with_themselves(one: str, other: str) -> None:
    assert can_collide(gib(one), gib(other)) is (one == other)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)))  # noqa: DTZ001
def test_the_year_is_that_of_three_hours_later(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC)
    assert number_year(aware) == (aware + timedelta(hours=3)).year
