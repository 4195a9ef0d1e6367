"""What people do that no machine can: manual stages, records deleted in the ledger, cancellations at GİB."""

import pytest

from kopru.flows import booking, waiting, withdrawing
from kopru.flows.records import DocumentState, NewJob, OrderState, advance_job
from kopru.hooks.errors import ConfigError
from kopru.hooks.types import Operation

BOOK = Operation.POST_INVOICE


def by_hand(trade, *stages):
    trade.settings(
        ("[invoice]\n", "[stages]\n" + "".join(f'{each} = "manual"\n' for each in stages) + "\n[invoice]\n")
    )


def through(trade, order, stage):
    job = advance_job(trade.order(order).id)
    args = {**job.args, "through": stage}
    trade.add(NewJob(job.kind, args, f"{job.key}:{stage}", job.lane, serial_key=job.key))
    trade.run(60)


def waits(trade):
    return {each.order.number: each for each in waiting.waiting(trade.work())}


def test_a_done_order_with_a_manual_booking_is_seen_until_it_is_booked(trade):
    by_hand(trade, "book", "link")
    order = trade.place()
    trade.pull()
    assert trade.order(order).state is OrderState.DONE
    found = waits(trade)[order.number]
    assert found.what == "book,link"
    assert f"kopru documents advance {order.number} --through link" in found.text.en
    assert [text.en for text in waiting.of_order(trade.work(), trade.order(order))] == [found.text.en]
    through(trade, order, "book")
    assert waits(trade)[order.number].what == "link"
    through(trade, order, "link")
    assert waits(trade) == {}


def test_an_order_that_stops_at_a_manual_stage_waits(trade):
    by_hand(trade, "send")
    order = trade.place()
    trade.pull()
    assert waits(trade)[order.number].what == "reason"
    assert waiting.of_order(trade.work(), trade.order(order))


def test_with_automatic_stages_nothing_waits(trade):
    order = trade.place()
    trade.pull()
    assert waits(trade) == {}
    assert waiting.of_order(trade.work(), trade.order(order)) == ()


# Deleted in the ledger


def booked(trade):
    order = trade.place()
    trade.pull()
    (entry,) = list(trade.ledger.ledger.invoices)
    return order, entry


def test_a_record_that_is_there_is_not_booked_twice(trade):
    order, _ = booked(trade)
    with pytest.raises(ConfigError) as told:
        booking.book_again(trade.work("operator"), trade.document(order))
    assert told.value.code == "booking.there"
    assert len(trade.held(BOOK)) == 1


def test_a_deleted_record_is_booked_again_once(trade):
    order, entry = booked(trade)
    trade.ledger.ledger.delete_invoice(entry.body["INTERNAL_REFERENCE"])
    assert trade.held(BOOK) == []
    booking.book_again(trade.work("operator"), trade.document(order))
    trade.run(60)
    assert len(trade.held(BOOK)) == 1
    assert trade.effect(order, BOOK).settled
    assert trade.order(order).state is OrderState.DONE
    told = [
        event.actor for event in trade.story(trade.document(order)) if event.action == "document.booked_again"
    ]
    assert told == ["operator"]


def test_what_was_never_booked_is_not_booked_again(trade):
    by_hand(trade, "book")
    order = trade.place()
    trade.pull()
    with pytest.raises(ConfigError) as told:
        booking.book_again(trade.work(), trade.document(order), sure=True)
    assert told.value.code == "booking.never"


# Cancelled at GİB


def test_an_invoice_cancelled_at_gib_leaves_the_ledger_and_waits_for_a_decision(trade, retry):
    order = trade.place(buyer=trade.registered)
    trade.pull()
    document = trade.document(order)
    assert len(trade.held(BOOK)) == 1
    withdrawing.record(trade.work("operator"), document, "talep 42")
    trade.run(60)
    row = trade.order(order)
    assert trade.document(order).state is DocumentState.VOID
    assert (row.state, row.reason.code) == (OrderState.PARKED, "document.cancelled_at_gib")
    assert [held for held in trade.held(BOOK) if held.live] == []
    (event,) = [e for e in trade.story(document) if e.action == "document.cancelled_at_gib"]
    assert (event.actor, event.data["note"]) == ("operator", "talep 42")
    retry(order)
    first, second = trade.documents(order)
    assert (first.state, second.state) == (DocumentState.VOID, DocumentState.ISSUED)
    assert first.number != second.number


def test_a_cancelled_order_is_through_with_it(trade):
    order = trade.place(buyer=trade.registered)
    trade.pull()
    trade.shop.cancel_order(order.id)
    trade.pull()
    assert trade.order(order).state is OrderState.PARKED
    withdrawing.record(trade.work("operator"), trade.document(order))
    trade.run(60)
    assert trade.order(order).state is OrderState.CANCELLED
    assert trade.document(order).state is DocumentState.VOID


def test_only_an_issued_invoice_can_have_been_cancelled(trade):
    by_hand(trade, "send")
    order = trade.place()
    trade.pull()
    with pytest.raises(ConfigError) as told:
        withdrawing.record(trade.work(), trade.document(order))
    assert told.value.code == "document.not_issued"
