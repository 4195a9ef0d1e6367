"""The second listing: everything Logo holds in some days."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from kopru.sdk import (
    Cancellation,
    RefKind,
    Unsupported,
    Window,
)
from kopru_logo import plugin


def refs(ctx, window, limit=100):
    found, cursor = [], None
    while True:
        page = plugin.fetch_refs(ctx, RefKind.LEDGER_DOCUMENT, cursor, window, limit)
        found += page.records
        if page.next_cursor is None:
            return found
        cursor = page.next_cursor


def test_refs_list_invoices_and_orders_of_the_window(sim, ctx, make_key, book, make_order, window):
    sale = plugin.post_invoice(ctx, make_key("a"), book())
    old = book(number="ABC2026000000002", issue_date=date(2026, 2, 28))
    plugin.post_invoice(ctx, make_key("b"), old)
    order = plugin.post_order(ctx, make_key("c"), make_order())
    found = [record.value for record in refs(ctx, window, limit=1)]
    assert [value.external_id for value in found] == [sale.ref.id, order.ref.id]
    assert found[0].our_reference == make_key("a").short
    assert (found[0].number, found[0].total, found[0].currency) == (
        "ABC2026000000001",
        Decimal("59.90"),
        "TRY",
    )
    assert found[0].at == window.since + timedelta(days=8, hours=21)
    assert not found[0].cancelled


def test_refs_show_what_people_entered_and_cancelled(sim, ctx, make_key, book, window):
    receipt = plugin.post_invoice(ctx, make_key("a"), book())
    plugin.cancel_document(ctx, make_key("c"), Cancellation(receipt.ref, "x"))
    line = {"TYPE": 0, "MASTER_CODE": "STK-0001", "QUANTITY": 1, "PRICE": 10, "UNIT_CODE": "ADET"}
    sim.enter_invoice(
        {"TYPE": 1, "DATE": "2026-03-31", "ARP_CODE": "120.WEB", "TRANSACTIONS": {"items": [line]}},
        sales=False,
    )
    ours, theirs = [record.value for record in refs(ctx, window)]
    assert ours.cancelled
    assert theirs.our_reference == ""
    assert theirs.total == Decimal("12.00")


def test_the_border_days_belong_to_the_window(ctx, make_key, book):
    plugin.post_invoice(ctx, make_key("a"), book())
    day = Window(*(ctx.now().replace(hour=hour) for hour in (1, 2)))
    assert len(refs(ctx, day)) == 1


def test_many_refs_come_once_each_although_the_server_cuts_pages(sim, ctx, make_key, book, window):
    for n in range(1, 31):
        plugin.post_invoice(ctx, make_key(str(n)), book(number=f"ABC2026{n:09d}"))
    sim.sql.cap = 7
    assert len({record.value.external_id for record in refs(ctx, window)}) == 30


def test_a_broken_row_is_one_finding(sim, ctx, make_key, book, window):
    for n in (1, 2):
        plugin.post_invoice(ctx, make_key(str(n)), book(number=f"ABC2026{n:09d}"))
    sim.ledger.invoices.get(1).body["TOTAL_NET"] = "NaN"
    bad, good = refs(ctx, window)
    assert bad.value is None
    assert bad.findings
    assert good.value.number == "ABC2026000000002"


def test_refs_of_other_kinds_or_without_the_door_are_unsupported(ctx, connect, window):
    with pytest.raises(Unsupported):
        plugin.fetch_refs(ctx, RefKind.ORDER, None, window, 10)
    with pytest.raises(Unsupported):
        plugin.fetch_refs(connect(sql_door=False), RefKind.LEDGER_DOCUMENT, None, window, 10)
