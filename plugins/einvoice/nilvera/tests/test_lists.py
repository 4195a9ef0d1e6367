"""Places in lists, and the promise of paging: nothing lost, nothing asked for twice."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kopru.sdk import CursorExpired, RefKind, Window
from kopru.testing.context import test_ctx as make_test_ctx
from kopru.toolkit.einvoice import read_header
from kopru_nilvera import lists, plugin
from kopru_nilvera.codes import Side
from kopru_nilvera.mapping import Listing
from kopru_nilvera.simulation.documents import Fate, Kept
from kopru_nilvera.simulation.views import incoming_ubl
from kopru_nilvera.simulator import NilveraSimulator

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = Window(NOW - timedelta(hours=12), NOW + timedelta(hours=12))


@given(st.sampled_from(Side), st.integers(1, 10**6), st.integers(1, 1000))
def test_a_cursor_leads_back_to_its_place(side, page, size):
    place = lists.Place(side, page, size)
    assert lists.Place.of(place.cursor, Side.INCOMING, 7) == place


@pytest.mark.parametrize("cursor", ["", "x", "3", "e30", "eyJzaWRlIjoieCJ9", "{}"])
def test_a_foreign_cursor_is_expired(cursor):
    with pytest.raises(CursorExpired):
        lists.Place.of(cursor, Side.INCOMING, 7)


@pytest.mark.parametrize(("page", "size"), [(0, 5), (1, 0), (-1, 5)])
def test_an_impossible_place_is_expired(page, size):
    cursor = lists.Place(Side.INCOMING, page, size).cursor
    with pytest.raises(CursorExpired):
        lists.Place.of(cursor, Side.INCOMING, 7)


def test_the_number_of_pages_ends_a_list_and_a_short_page_does_when_it_is_unknown():
    place = lists.Place(Side.E_INVOICE, 2, 2)
    assert place.after(Listing((1,), 3, None)) == lists.Place(Side.E_INVOICE, 3, 2).cursor
    assert place.after(Listing((1, 2), 2, None)) is None
    assert place.after(Listing((1, 2), None, None)) is not None
    assert place.after(Listing((1,), None, None)) is None
    assert place.after(Listing((), 0, None)) is None


@given(st.integers(0, 10 * 365 * 86_400), st.integers(0, 10**6))
def test_a_widened_window_covers_the_asked_one_in_whole_istanbul_days(start, seconds):
    since = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=start)
    window = lists.whole_days(Window(since, since + timedelta(seconds=seconds)))
    assert window.since <= since and since + timedelta(seconds=seconds) <= window.until
    for end in (window.since, window.until):
        assert (end + timedelta(hours=3)).strftime("%H:%M:%S") == "00:00:00"
    assert window.until - window.since <= timedelta(seconds=seconds) + timedelta(days=2)


def read_inbox(ctx, limit, between=lambda: None):
    ids, cursors, cursor = [], [], None
    while True:
        page = plugin.fetch_inbox(ctx, cursor, DAY, limit)
        ids += [record.external_id for record in page.records]
        cursor = page.next_cursor
        if cursor is None:
            return ids
        assert cursor not in cursors
        cursors.append(cursor)
        between()


@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 10, 11])
def test_every_incoming_invoice_is_read_once_and_in_order(simulator, ctx, count):
    sent = [simulator.receive() for _ in range(count)]
    assert read_inbox(ctx, limit=5) == sent
    assert read_inbox(ctx, limit=5) == sent


def test_invoices_that_arrive_while_reading_hide_no_others(simulator, ctx):
    sent = [simulator.receive() for _ in range(7)]
    arrived = []
    read = read_inbox(
        ctx, limit=2, between=lambda: arrived.append(simulator.receive()) if len(arrived) < 3 else None
    )
    assert set(sent) <= set(read)
    assert len(set(read)) == len(read)


def test_a_smaller_page_than_asked_for_loses_nothing(simulator, make_ctx):
    simulator.largest_page = 3
    sent = [simulator.receive() for _ in range(10)]
    assert read_inbox(make_ctx(page_size=1000), limit=25) == sent


def test_another_limit_midway_does_not_shift_the_pages(simulator, ctx):
    sent = [simulator.receive() for _ in range(7)]
    first = plugin.fetch_inbox(ctx, None, DAY, 3)
    rest, cursor = [], first.next_cursor
    while cursor:
        page = plugin.fetch_inbox(ctx, cursor, DAY, 25)
        rest += [record.external_id for record in page.records]
        cursor = page.next_cursor
    assert [record.external_id for record in first.records] + rest == sent


@settings(max_examples=15, deadline=None)
@given(invoices=st.integers(0, 7), archives=st.integers(0, 7), limit=st.integers(1, 5))
def test_both_sides_are_listed_completely(invoices, archives, limit):

    with NilveraSimulator() as simulator:
        expected = []
        for side, count in ((Side.E_INVOICE, invoices), (Side.E_ARCHIVE, archives)):
            for n in range(count):
                ettn = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{side}:{n}"))
                content = incoming_ubl(ettn=ettn, number=f"EFA2026{n:09d}", profile="TEMELFATURA", issued=NOW,
                                       sender=("9900000000", "x"), buyer="9900000000", payable=Decimal(n))  # fmt: skip
                header = read_header(content)
                simulator.account.shelves[side].add(
                    Kept(side, header, header.number, content, NOW, 0.0, Fate())
                )
                expected.append(ettn)
        ctx = make_test_ctx(plugin, simulator.config())
        found, cursor, cursors = [], None, set()
        while True:
            page = plugin.fetch_refs(ctx, RefKind.E_DOCUMENT, cursor, DAY, limit)
            found += [record.value.external_id for record in page.records]
            cursor = page.next_cursor
            if cursor is None:
                break
            assert cursor not in cursors
            cursors.add(cursor)
        assert found == expected
