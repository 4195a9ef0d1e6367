"""Deleting documents: Mikro's API knows no other way to cancel."""

import pytest

from kopru.model import ExternalRef
from kopru.sdk import Absent, Cancellation, CannotTell, Found, Operation, Rejected
from kopru_mikro import plugin

CANCEL = Operation.CANCEL_DOCUMENT


@pytest.fixture
def booked(ctx, book, make_key):
    """The reference of an invoice just booked."""
    return plugin.post_invoice(ctx, make_key("a"), book()).ref


def cancel(ctx, make_key, ref):
    return plugin.cancel_document(ctx, make_key("cancel"), Cancellation(ref, "Sipariş iptal edildi."))


def test_an_invoice_is_deleted_and_its_stock_comes_back(sim, ctx, booked, make_key):
    assert isinstance(plugin.locate(ctx, CANCEL, make_key("cancel"), booked), Absent)
    assert cancel(ctx, make_key, booked).ref == booked
    assert not sim.held(Operation.POST_INVOICE)
    assert sim.ledger.on_hand("STK-0001") == 100_000
    assert isinstance(plugin.locate(ctx, CANCEL, make_key("cancel"), booked), Found)


def test_deleting_again_never_hits_the_next_document_of_that_number(sim, ctx, booked, book, make_key):
    cancel(ctx, make_key, booked)
    plugin.post_invoice(ctx, make_key("b"), book())
    assert sim.held(Operation.POST_INVOICE)[0].number == "1"
    cancel(ctx, make_key, booked)
    assert [each.reference for each in sim.held(Operation.POST_INVOICE)] == [make_key("b").short]


def test_an_order_is_deleted_with_all_its_rows(sim, ctx, make_order, make_order_line, make_key):
    lines = [make_order_line("10.00", id=n) for n in ("1", "2")]
    ref = plugin.post_order(ctx, make_key("a"), make_order(*lines)).ref
    cancel(ctx, make_key, ref)
    assert not sim.ledger.database.find("SIPARISLER")
    assert not sim.ledger.database.find("EVRAK_ACIKLAMALARI")


def test_a_delivered_order_stays(sim, ctx, make_order, make_key):
    ref = plugin.post_order(ctx, make_key("a"), make_order()).ref
    sim.deliver(1)
    with pytest.raises(Rejected) as refused:
        cancel(ctx, make_key, ref)
    assert refused.value.code == "mikro.cancel.delivered"
    assert sim.held(Operation.POST_ORDER)


def test_what_mikro_sent_as_e_document_stays(sim, ctx, booked, make_key):
    sim.change("CARI_HESAP_HAREKETLERI", "cha_ebelgeno_seri", "ABC")
    with pytest.raises(Rejected) as refused:
        cancel(ctx, make_key, booked)
    assert refused.value.code == "mikro.cancel.sent"
    assert sim.held(Operation.POST_INVOICE)


def test_what_people_cancelled_is_done(sim, ctx, booked, make_key):
    sim.change("CARI_HESAP_HAREKETLERI", "cha_iptal", 1)
    assert cancel(ctx, make_key, booked).ref == booked
    assert not sim.truth.of("invoice.deleted")


def test_success_without_deletion_is_told(start, connect, book, make_key):
    ctx = connect(start(deletes=False))
    ref = plugin.post_invoice(ctx, make_key("a"), book()).ref
    with pytest.raises(Rejected) as refused:
        cancel(ctx, make_key, ref)
    assert refused.value.code == "mikro.cancel.ignored"


@pytest.mark.parametrize("ref", [("invoice", "12"), ("waybill", "0" * 36), ("invoice", "x' OR 1=1")])
def test_a_foreign_reference_is_refused(ctx, make_key, ref):
    unknown = ExternalRef(kind=ref[0], id=ref[1])
    with pytest.raises(Rejected):
        cancel(ctx, make_key, unknown)
    assert isinstance(plugin.locate(ctx, CANCEL, make_key("cancel"), unknown), CannotTell)
