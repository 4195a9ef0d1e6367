"""Cards in the ledger: business partners that are there already, and items a person wants there."""

from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest

from kopru.flows import itemcards, parties
from kopru.flows.answers import Answer, find, settle
from kopru.flows.records import EffectState, ItemRow, OrderState
from kopru.hooks.errors import ConfigError
from kopru.hooks.manifest import Repeat
from kopru.hooks.types import CannotTell, Operation
from kopru.model import Text

HOUR = 3600.0
PARTY, ITEM = Operation.UPSERT_PARTY, Operation.UPSERT_PRODUCT


def ledger(trade):
    return trade.connection("logo").id


def pull(trade):
    return parties.pull(trade.work("operator"), ledger(trade))


def bound(trade, number):
    with trade.work().read() as uow:
        return uow.partners.binding(ledger(trade), "party", f"tax:{number}")


# Business partners


def test_a_buyer_with_a_card_is_booked_on_it_without_another_look(trade):
    buyer = trade.registered
    trade.ledger.add_party("320.ESKI.01", "Eski Cari", TAX_ID=buyer.tax_number)
    progress, count = pull(trade)
    assert progress.complete and count >= 1
    assert bound(trade, buyer.tax_number) == "320.ESKI.01"
    order = trade.place(buyer=buyer)
    trade.pull()
    assert trade.order(order).state is OrderState.DONE
    assert trade.document(order).partner_code == "320.ESKI.01"
    assert trade.held(PARTY) == []


def test_a_number_that_two_cards_share_is_bound_to_neither(trade):
    buyer = trade.registered
    trade.ledger.add_party("320.ESKI.01", "Eski Cari", TAX_ID=buyer.tax_number)
    trade.ledger.add_party("320.ESKI.02", "Eski Cari Şube", TAX_ID=buyer.tax_number)
    pull(trade)
    assert bound(trade, buyer.tax_number) is None
    with trade.work().read() as uow:
        shared = uow.partners.shared_numbers(ledger(trade))
    assert shared[buyer.tax_number] == ["320.ESKI.01", "320.ESKI.02"]


def test_reading_the_cards_again_changes_nothing_and_a_binding_stays(trade):
    buyer = trade.registered
    trade.ledger.add_party("320.ESKI.01", "Eski Cari", TAX_ID=buyer.tax_number)
    pull(trade)
    trade.ledger.add_party("320.ESKI.02", "Eski Cari Şube", TAX_ID=buyer.tax_number)
    assert pull(trade)[1] == 0
    assert bound(trade, buyer.tax_number) == "320.ESKI.01"
    with trade.work().read() as uow:
        codes = [card.code for card in uow.partners.cards(ledger(trade), search="ESKI")]
    assert codes == ["320.ESKI.01", "320.ESKI.02"]


def test_a_card_can_be_forgotten(trade):
    buyer = trade.registered
    trade.ledger.add_party("320.ESKI.01", "Eski Cari", TAX_ID=buyer.tax_number)
    pull(trade)
    parties.forget(trade.work("operator"), ledger(trade), "320.ESKI.01")
    assert bound(trade, buyer.tax_number) is None
    with pytest.raises(ConfigError) as told:
        parties.forget(trade.work("operator"), ledger(trade), "320.ESKI.01")
    assert told.value.code == "partner.not_bound"


# A card whose outcome nobody can tell


@pytest.fixture
def asked(trade, monkeypatch):
    """The ledger may have made the buyer's card and cannot be searched."""
    monkeypatch.setattr(
        "kopru_logo.hooks.lookup.locate", lambda *_: CannotTell(Text(tr="Aranamıyor.", en="Cannot search."))
    )
    writes = trade.engine.registry.manifest("logo").writes
    monkeypatch.setitem(writes, PARTY, replace(writes[PARTY], repeat=Repeat.QUERY_BY_REF))

    def ask(kind="drop_before"):
        order = trade.place(buyer=trade.unregistered)
        trade.fault("logo", kind, "/Arps")
        trade.pull(seconds=HOUR)
        row = trade.order(order)
        assert (row.state, row.reason.code) == (OrderState.PARKED, "effect.ask")
        return order

    return ask


def answer(trade, text, given, **more):
    settle(trade.work("operator"), find(trade.work(), text).id, given, **more)
    trade.run(120)


def test_no_to_a_card_makes_it_and_the_order_goes_on(trade, asked):
    order = asked()
    answer(trade, order.number, Answer.NO)
    assert trade.order(order).state is OrderState.DONE
    assert len(trade.held(PARTY)) == 1


def test_yes_to_a_card_takes_its_code(trade, asked):
    order = asked("drop_after")
    (held,) = trade.held(PARTY)
    code = held.number
    answer(trade, order.number, Answer.YES, reference=code)
    assert trade.order(order).state is OrderState.DONE
    assert trade.document(order).partner_code == code
    assert trade.posts("logo", "/Arps") == 1


def test_giving_a_card_up_parks_its_orders_until_someone_asks_again(trade, asked, retry):
    order = asked()
    answer(trade, order.number, Answer.GIVE_UP)
    row = trade.order(order)
    assert (row.state, row.reason.code) == (OrderState.PARKED, "answer.given_up")
    retry(order)
    assert trade.order(order).state is OrderState.DONE
    assert len(trade.held(PARTY)) == 1


def test_a_write_is_found_by_the_beginning_of_its_id(trade, asked):
    order = asked()
    by_order = find(trade.work(), order.number)
    assert find(trade.work(), str(by_order.id)[:8]) == by_order
    with pytest.raises(ConfigError) as told:
        find(trade.work(), order.number, Operation.POST_INVOICE)
    assert told.value.code == "answer.nothing_open"


# Items


def add_item(trade, code="YENI-1"):
    with trade.work().write() as uow:
        uow.items.upsert([trade_item(code)])


def trade_item(code):
    return ItemRow(uuid4(), code, "Yeni Kupa", "goods", "C62", Decimal(20), ("8699000000039",))


def test_an_own_item_gets_its_card_once(trade):
    add_item(trade)
    for _ in range(2):
        itemcards.create(trade.work("operator"), "YENI-1")
        trade.run(60)
    (held,) = trade.held(ITEM)
    assert trade.posts("logo", "/items") == 1
    assert held is not None


def test_a_lost_answer_makes_no_second_card(trade):
    add_item(trade)
    trade.fault("logo", "drop_after", "/items")
    itemcards.create(trade.work("operator"), "YENI-1")
    trade.run(HOUR)
    assert len(trade.held(ITEM)) == 1


def test_a_refused_card_parks_its_job_and_goes_out_again_when_asked(trade):
    add_item(trade)
    trade.fault("logo", "status", "/items", status=400, body='{"Message": "no"}')
    itemcards.create(trade.work("operator"), "YENI-1")
    trade.run(60)
    (job,) = trade.jobs("parked")
    assert job.kind == "item.ensure"
    with trade.work().read() as uow:
        (refused,) = uow.effects.unanswered()
    assert refused.state is EffectState.REJECTED
    assert itemcards.code_of(refused) == "YENI-1"
    itemcards.create(trade.work("operator"), "YENI-1")
    trade.run(60)
    assert len(trade.held(ITEM)) == 1


def test_an_unknown_item_is_told(trade):
    with pytest.raises(ConfigError) as told:
        itemcards.create(trade.work(), "YOK")
    assert told.value.code == "item.unknown"
