"""Sales orders entered in a simulated Logo."""

from decimal import Decimal

import pytest

from kopru.model import ExternalRef, OrderLine
from kopru.sdk import (
    Absent,
    Cancellation,
    MappingMissing,
    Operation,
    OutcomeUnknown,
    ReceiptState,
    Rejected,
)
from kopru.testing.faults import Fault, FaultKind
from kopru_logo import plugin


def locate(ctx, key, operation=Operation.POST_INVOICE, hint=None):
    return plugin.locate(ctx, operation, key, hint)


def test_an_order_reserves_stock(sim, ctx, make_key, make_order):
    receipt = plugin.post_order(ctx, make_key("o"), make_order())
    assert receipt.ref == ExternalRef(kind="sales_order", id="ord-01-1")
    assert receipt.echo.total == Decimal("99.80")
    assert sim.ledger.stock_of(1, 0).reserved == 2
    stored = sim.ledger.orders.get(1).body
    assert stored["DOC_NUMBER"] == "10900000001"
    assert stored["CUST_ORD_NO"] == "3400000001"
    assert stored["ORDER_STATUS"] == 4
    assert stored["TRANSACTIONS"]["items"][0]["DUE_DATE"] == "2026-03-12"


def test_a_lost_answer_to_an_order_is_found(sim, ctx, make_key, make_order):
    sim.faults.add(Fault(FaultKind.DROP_AFTER, method="POST", path="/salesOrders", times=1))
    with pytest.raises(OutcomeUnknown):
        plugin.post_order(ctx, make_key("o"), make_order())
    assert locate(ctx, make_key("o"), Operation.POST_ORDER).receipt.echo.total == Decimal("99.80")
    assert locate(ctx, make_key("x"), Operation.POST_ORDER) == Absent()


def test_an_order_is_cancelled_by_deleting_it_while_nothing_was_shipped(sim, ctx, make_key, make_order):
    receipt = plugin.post_order(ctx, make_key("o"), make_order())
    assert (
        plugin.cancel_document(ctx, make_key("c"), Cancellation(receipt.ref, "iptal")).state
        is ReceiptState.DONE
    )
    assert not sim.held(Operation.POST_ORDER)
    assert sim.ledger.stock_of(1, 0).reserved == 0
    again = plugin.cancel_document(ctx, make_key("c"), Cancellation(receipt.ref, "iptal"))
    assert again.state is ReceiptState.DONE


def test_a_shipped_order_cannot_be_cancelled(sim, ctx, make_key, make_order):
    receipt = plugin.post_order(ctx, make_key("o"), make_order())
    sim.ship_order(1)
    with pytest.raises(Rejected):
        plugin.cancel_document(ctx, make_key("c"), Cancellation(receipt.ref, "iptal"))
    assert sim.held(Operation.POST_ORDER)


def test_lines_without_an_item_are_named_all_at_once(ctx, make_key, make_order):
    lines = [OrderLine(id=str(n), name=f"Ürün {n}", quantity=Decimal(1), amount=Decimal(5)) for n in range(3)]
    with pytest.raises(MappingMissing) as error:
        plugin.post_order(ctx, make_key("o"), make_order(*lines, items={"1": "STK-0001"}))
    assert error.value.keys == ("Ürün 0", "Ürün 2")
