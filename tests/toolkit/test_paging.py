"""Positions lead through a source once, windows cover their whole exactly."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.hooks.errors import CursorExpired, Rejected
from kopru.hooks.types import Window
from kopru.toolkit import paging

START = datetime(2026, 1, 1, tzinfo=UTC)


def window(seconds: float) -> Window:
    return Window(START, START + timedelta(seconds=seconds))


@given(total=st.integers(0, 60), size=st.integers(1, 10), first=st.sampled_from([0, 1]), told=st.booleans())
def test_page_numbers_visit_each_record_once(total: int, size: int, first: int, told: bool) -> None:
    seen: list[int] = []
    cursor: str | None = None
    for _ in range(total + 2):
        page = paging.page_number(cursor, first=first)
        records = list(range(total))[(page - first) * size :][:size]
        seen += records
        pages = -(-total // size) if told else None
        cursor = paging.next_page(page, received=len(records), size=size, pages=pages, first=first)
        if cursor is None:
            break
    assert cursor is None
    assert seen == list(range(total))


@given(total=st.integers(0, 60), size=st.integers(1, 10), cap=st.integers(1, 10), told=st.booleans())
def test_offsets_visit_each_record_once(total: int, size: int, cap: int, told: bool) -> None:
    """A source that silently caps its page size loses nothing as long as it tells the total."""
    served = min(size, cap) if told else size
    seen: list[int] = []
    cursor: str | None = None
    for _ in range(total + 2):
        start = paging.offset(cursor)
        records = list(range(total))[start : start + served]
        seen += records
        cursor = paging.next_offset(start, received=len(records), size=size, total=total if told else None)
        if cursor is None:
            break
    assert cursor is None
    assert seen == list(range(total))


def test_a_source_that_claims_more_than_it_gives_does_not_loop() -> None:
    assert paging.next_offset(40, received=0, size=20, total=100) is None


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1.5", "٣", " 1"])
def test_foreign_page_cursors_expire(cursor: str) -> None:
    with pytest.raises(CursorExpired):
        paging.page_number(cursor)


def test_page_zero_of_a_source_that_starts_at_one_expires() -> None:
    with pytest.raises(CursorExpired):
        paging.page_number("0", first=1)


@pytest.mark.parametrize(
    ("token", "cursor"), [(None, None), ("", None), (False, None), ("abc", "abc"), (0, "0"), (7, "7")]
)
def test_tokens_end_when_empty(token: object, cursor: str | None) -> None:
    assert paging.next_token(token) == cursor


@given(st.dictionaries(st.text(max_size=5), st.one_of(st.text(), st.integers(), st.none()), max_size=4))
def test_cursors_carry_fields(fields: dict[str, str | int | None]) -> None:
    cursor = paging.encode_cursor(fields)
    assert cursor.isascii()
    assert paging.decode_cursor(cursor) == fields


@pytest.mark.parametrize("cursor", ["", "%%%", "bm90IGpzb24", "WzFd", "ÿ", "W1tb" * 5_000])
def test_foreign_cursors_expire(cursor: str) -> None:
    with pytest.raises(CursorExpired):
        paging.decode_cursor(cursor)


@given(seconds=st.floats(0, 1e6), span=st.floats(1e4, 1e6))
def test_split_windows_adjoin_and_cover(seconds: float, span: float) -> None:
    whole, longest = window(seconds), timedelta(seconds=span)
    parts = paging.split_window(whole, longest)
    assert parts[0].since == whole.since
    assert parts[-1].until == whole.until
    assert all(one.until == other.since for one, other in pairwise(parts))
    assert all(part.until - part.since <= longest for part in parts)


def test_split_refuses_nonsense() -> None:
    with pytest.raises(ValueError):
        paging.split_window(window(10), timedelta(0))
    with pytest.raises(ValueError):
        paging.split_window(Window(START, START - timedelta(seconds=1)), timedelta(days=1))


def test_narrow_keeps_a_window_that_fits() -> None:
    assert paging.narrow(window(100), total=10, cap=10) == window(100)


@given(total=st.integers(2, 10**6), cap=st.integers(1, 10**5), seconds=st.integers(2, 10**7))
def test_narrow_makes_progress(total: int, cap: int, seconds: int) -> None:
    whole = window(seconds)
    part = paging.narrow(whole, total=total, cap=cap)
    assert part.since == whole.since
    if total > cap:
        assert whole.since < part.until < whole.until
        assert part.until - part.since >= paging.SECOND


def test_narrow_gives_up_in_plain_words() -> None:
    with pytest.raises(Rejected) as caught:
        paging.narrow(window(1), total=20_000, cap=10_000)
    assert caught.value.code == "paging.window_too_dense"
    assert "20000" in caught.value.message.en


SPAN = timedelta(seconds=1000)


class CappedSource:
    """A source with one record at each given second that refuses to page beyond ``cap`` records."""

    def __init__(self, seconds: list[int], cap: int, size: int) -> None:
        self.seconds = sorted(seconds)
        self.cap = cap
        self.size = size

    def page(self, part: Window, page: int) -> tuple[list[int], int]:
        low = (part.since - START).total_seconds()
        high = (part.until - START).total_seconds()
        inside = [second for second in self.seconds if low <= second < high]
        assert (page + 1) * self.size <= max(self.cap, self.size), "paged beyond the cap"
        return inside[page * self.size :][: self.size], len(inside)


@given(
    seconds=st.lists(st.integers(0, 4_999), max_size=120, unique=True),
    cap=st.sampled_from([4, 8, 40]),
    size=st.sampled_from([2, 4]),
)
def test_a_place_reads_a_capped_source_completely(seconds: list[int], cap: int, size: int) -> None:
    source = CappedSource(seconds, cap, size)
    whole = window(5_000)
    seen: list[int] = []
    cursor: str | None = None
    for _ in range(10_000):
        place = paging.Place.of(cursor, whole, span=SPAN)
        records, total = source.page(place.window, place.page)
        if total > cap:
            cursor = place.narrowed(total=total, cap=cap).cursor
            continue
        seen += records
        cursor = place.after(whole, more=(place.page + 1) * size < total, span=SPAN)
        if cursor is None:
            break
    assert cursor is None
    assert seen == sorted(seconds)


def test_a_place_outside_the_window_expires() -> None:
    place = paging.Place(window(100), 3)
    assert paging.Place.of(place.cursor, window(100)) == place
    with pytest.raises(CursorExpired):
        paging.Place.of(place.cursor, window(50))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"since": "x", "until": "y", "page": 0},
        {"since": "2026-01-01T00:00:00", "until": "2026-01-01T00:00:10", "page": 0},
        {"since": "2026-01-01T00:00:00+00:00", "until": "2026-01-01T00:00:10+00:00", "page": "x"},
    ],
)
def test_a_damaged_place_expires(fields: dict[str, str | int | None]) -> None:
    with pytest.raises(CursorExpired):
        paging.Place.of(paging.encode_cursor(fields), window(100))


def test_sources_that_count_pages_from_one() -> None:
    whole = window(2_000)
    place = paging.Place.of(None, whole, span=SPAN, first=1)
    assert place.page == 1
    assert paging.Place.of(place.after(whole, more=True, span=SPAN, first=1), whole).page == 2
    nxt = paging.Place.of(place.after(whole, more=False, span=SPAN, first=1), whole)
    assert (nxt.page, nxt.window.since) == (1, START + SPAN)
