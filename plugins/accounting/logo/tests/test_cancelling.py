"""Taking booked documents back."""

import pytest

from kopru.model import ExternalRef
from kopru.sdk import (
    Absent,
    Cancellation,
    CannotTell,
    Found,
    Operation,
    OutcomeUnknown,
    ReceiptState,
    Rejected,
)
from kopru.testing.faults import Fault, FaultKind
from kopru_logo import plugin
from kopru_logo.simulation.ledger import Behaviour


def held(sim, operation=Operation.POST_INVOICE):
    return [record for record in sim.held(operation) if record.live]


def locate(ctx, key, operation=Operation.POST_INVOICE, hint=None):
    return plugin.locate(ctx, operation, key, hint)


def test_an_invoice_is_marked_as_cancelled_with_all_its_parts(sim, ctx, make_key, book):
    receipt = plugin.post_invoice(ctx, make_key("k"), book())
    assert locate(ctx, make_key("c"), Operation.CANCEL_DOCUMENT, receipt.ref) == Absent()
    plugin.cancel_document(ctx, make_key("c"), Cancellation(receipt.ref, "hata"))
    stored = sim.ledger.invoices.get(1).body
    assert stored["CANCELLED"] == 1
    assert all(line["CANCELLED"] == 1 for line in stored["TRANSACTIONS"]["items"])
    assert all(part["CANCELLED"] == 1 for part in stored["DISPATCHES"]["items"])
    assert sim.ledger.stock_of(1, 0).on_hand == 100_000
    assert not held(sim)
    assert isinstance(locate(ctx, make_key("c"), Operation.CANCEL_DOCUMENT, receipt.ref), Found)
    assert (
        plugin.cancel_document(ctx, make_key("c"), Cancellation(receipt.ref, "hata")).state
        is ReceiptState.DONE
    )
    assert len(sim.truth.of("invoice.cancelled")) == 1


def test_an_installation_that_ignores_the_mark_is_told_apart(sim, connect, make_key, book):
    sim.ledger.behaviour = Behaviour(keeps_cancel_mark=False)
    receipt = plugin.post_invoice(connect(), make_key("k"), book())
    with pytest.raises(Rejected) as error:
        plugin.cancel_document(connect(), make_key("c"), Cancellation(receipt.ref, "hata"))
    assert error.value.code == "logo.cancel.ignored"
    plugin.cancel_document(connect(cancel_by="delete"), make_key("c"), Cancellation(receipt.ref, "hata"))
    assert not held(sim)
    ctx = connect(sql_door=False)
    assert isinstance(locate(ctx, make_key("c"), Operation.CANCEL_DOCUMENT, receipt.ref), Found)


@pytest.mark.parametrize("fault", [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER])
@pytest.mark.parametrize("door", [True, False])
def test_cancelling_can_be_repeated_after_a_lost_answer(sim, connect, make_key, book, fault, door):
    ctx = connect(sql_door=door)
    receipt = plugin.post_invoice(ctx, make_key("k"), book())
    sim.faults.add(Fault(fault, method="PUT", times=1))
    with pytest.raises(OutcomeUnknown):
        plugin.cancel_document(ctx, make_key("c"), Cancellation(receipt.ref, "hata"))
    now = locate(ctx, make_key("c"), Operation.CANCEL_DOCUMENT, receipt.ref)
    assert isinstance(now, Found if fault is FaultKind.DROP_AFTER else Absent)
    plugin.cancel_document(ctx, make_key("c"), Cancellation(receipt.ref, "hata"))
    assert len(sim.truth.of("invoice.cancelled")) == 1


@pytest.mark.parametrize(
    ("ref", "code"),
    [
        (("sales_invoice", "inv-02-1"), "logo.ref.other_period"),
        (("sales_invoice", "ord-01-1"), "logo.ref.unknown"),
        (("e_invoice", "inv-01-1"), "logo.ref.unknown"),
        (("sales_order", "ord-01-x"), "logo.ref.unknown"),
    ],
)
def test_documents_out_of_reach_are_refused(ctx, make_key, ref, code):
    with pytest.raises(Rejected) as error:
        plugin.cancel_document(ctx, make_key("c"), Cancellation(ExternalRef(kind=ref[0], id=ref[1]), "x"))
    assert error.value.code == code


def test_a_cancellation_out_of_reach_cannot_be_told(ctx, make_key):
    elsewhere = ExternalRef(kind="sales_invoice", id="inv-02-1")
    assert isinstance(locate(ctx, make_key("c"), Operation.CANCEL_DOCUMENT, elsewhere), CannotTell)
