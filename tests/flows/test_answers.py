"""A person's word on a write that no machine can tell about."""

import pytest

from kopru.flows.answers import Answer, answer
from kopru.flows.records import DocumentState, EffectState, OrderState
from kopru.hooks.errors import ConfigError
from kopru.hooks.types import CannotTell, Operation
from kopru.model import Text

HOUR = 3600.0
BOOK, SEND = Operation.POST_INVOICE, Operation.SUBMIT_INVOICE


@pytest.fixture
def asked(trade, monkeypatch):
    """The ledger lost our answer and cannot be searched: the order waits for a person."""

    def ask(kind="drop_after"):
        monkeypatch.setattr(
            "kopru_logo.hooks.lookup.locate",
            lambda *_: CannotTell(Text(tr="Aranamıyor.", en="Cannot search.")),
        )
        order = trade.place()
        trade.fault("logo", kind, "/salesInvoices")
        trade.pull(seconds=HOUR)
        row = trade.order(order)
        assert (row.state, row.reason.code) == (OrderState.PARKED, "effect.ask")
        assert "kopru documents answer" in row.reason.text.en
        return order

    return ask


def say(trade, order, given, operation=BOOK, **more):
    answer(trade.work("operator"), trade.document(order), operation, given, **more)
    trade.run(60)


def test_yes_counts_as_done_and_nothing_is_sent(trade, asked):
    order = asked()
    say(trade, order, Answer.YES, reference="1")
    effect = trade.effect(order, BOOK)
    assert effect.state is EffectState.CONFIRMED and effect.ref.id == "1"
    assert trade.order(order).state is OrderState.DONE
    assert trade.posts("logo", "salesInvoices") == 1
    told = {event.action: event for event in trade.story(effect)}
    assert told["effect.answered"].actor == "operator"
    assert told["effect.answered"].data["answer"] == "yes"


def test_no_sends_it_again(trade, asked):
    order = asked("drop_before")
    assert trade.posts("logo", "salesInvoices") == 0
    say(trade, order, Answer.NO)
    assert trade.order(order).state is OrderState.DONE
    assert len(trade.held(BOOK)) == 1
    assert trade.effect(order, BOOK).attempt == 2


def test_giving_up_never_sends_it_and_lets_the_order_end(trade, asked):
    order = asked("drop_before")
    say(trade, order, Answer.GIVE_UP)
    trade.pull(seconds=HOUR)
    assert trade.effect(order, BOOK).state is EffectState.ABANDONED
    assert trade.held(BOOK) == [] and trade.posts("logo", "salesInvoices") == 0
    assert trade.order(order).state is OrderState.DONE


def test_yes_to_a_submission_makes_the_document_issued_followed_and_booked(trade):
    order = trade.place()
    trade.fault("nilvera", "status", "/Send/Xml", status=422, body='{"Errors": [{"Code": 2015}]}')
    trade.pull()
    assert trade.effect(order).state is EffectState.REJECTED
    say(trade, order, Answer.YES, SEND)
    document = trade.document(order)
    assert document.state is DocumentState.ISSUED and document.issued_at is not None
    assert len(trade.held(BOOK)) == 1


def test_nothing_open_is_told(trade):
    order = trade.place()
    trade.pull()
    for operation in (SEND, BOOK, Operation.CANCEL_DOCUMENT):
        with pytest.raises(ConfigError) as error:
            answer(trade.work(), trade.document(order), operation, Answer.NO)
        assert error.value.code == "answer.nothing_open"
    assert len(trade.held()) == len(trade.held(BOOK)) == 1


def test_a_write_on_its_way_cannot_be_answered(trade):
    """Saying "no" to it would send it a second time."""
    order = trade.place()
    trade.pull()
    effect = trade.effect(order, BOOK)
    with trade.work().write() as uow:
        uow.effects.turn(effect.id, EffectState.SENDING)
    with pytest.raises(ConfigError):
        answer(trade.work(), trade.document(order), BOOK, Answer.NO)
    assert trade.effect(order, BOOK).state is EffectState.SENDING
