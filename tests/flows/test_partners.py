"""Which ledger card a buyer is booked on, and that each card is made once."""

import threading
from dataclasses import replace

import pytest

from kopru.flows.connections import pull_job, set_paused
from kopru.flows.records import EffectState, OrderState
from kopru.hooks.types import Operation

HOUR = 3600.0


def policy(trade, consumers):
    trade.settings(('consumers = "retail"', f'consumers = "{consumers}"'))


def cards(trade):
    """Code and tax number of every card in the ledger."""
    return {
        entry.body["CODE"]: entry.body.get("TAX_ID") or entry.body.get("TCKNO") or ""
        for entry in trade.ledger.ledger.parties
    }


def consumers(trade, count):
    return [buyer for buyer in trade.world.buyers if not buyer.company][:count]


def big(trade):
    """Above 5000 TL Trendyol hands out the consumer's real TCKN."""
    return trade.item("20"), 60


def test_retail_books_all_consumers_of_a_channel_on_one_card(trade):
    orders = [trade.place(buyer=buyer) for buyer in consumers(trade, 3)]
    trade.pull()
    assert list(cards(trade)) == ["120.TRENDYOL"]
    assert {trade.document(order).partner_code for order in orders} == {"120.TRENDYOL"}
    assert trade.posts("logo", "/Arps") == 1


def test_per_person_makes_one_card_per_consumer_and_finds_it_again(trade):
    policy(trade, "per_person")
    first, second = consumers(trade, 2)
    orders = [trade.place(buyer=buyer) for buyer in (first, second, first)]
    trade.pull()
    codes = [trade.document(order).partner_code for order in orders]
    assert codes[0] == codes[2] != codes[1]
    assert len(cards(trade)) == 2 == trade.posts("logo", "/Arps")


def test_per_tax_number_makes_cards_only_for_real_numbers(trade):
    policy(trade, "per_tax_number")
    known, unknown = consumers(trade, 2)
    named = trade.place(big(trade), buyer=known)
    anonymous = trade.place(buyer=unknown)
    trade.pull()
    assert trade.document(anonymous).partner_code == "120.TRENDYOL"
    assert trade.document(named).partner_code != "120.TRENDYOL"
    assert known.tax_number in cards(trade).values()


def test_a_company_always_has_its_own_card(trade):
    order = trade.place(buyer=trade.registered)
    trade.pull()
    assert trade.document(order).partner_code == f"120.{trade.registered.tax_number}"
    assert cards(trade)[f"120.{trade.registered.tax_number}"] == trade.registered.tax_number


def test_a_card_that_is_already_there_is_taken_by_its_tax_number(trade):
    trade.ledger.add_party("120.ESKI.01", "Eski Müşteri", TAX_ID=trade.registered.tax_number)
    order = trade.place(buyer=trade.registered)
    trade.pull()
    assert trade.document(order).partner_code == "120.ESKI.01"
    assert trade.posts("logo", "/Arps") == 0
    assert trade.order(order).state is OrderState.DONE


def test_two_cards_of_one_tax_number_park_every_order_of_the_buyer_until_that_is_cleared(trade, retry):
    for n in (1, 2):
        trade.ledger.add_party(f"120.ESKI.{n}", "Eski Müşteri", TAX_ID=trade.registered.tax_number)
    orders = [trade.place(buyer=trade.registered) for _ in range(3)]
    good = trade.place(buyer=trade.consumer)
    trade.pull(seconds=600)
    for order in orders:
        row = trade.order(order)
        assert (row.state, row.reason.code) == (OrderState.PARKED, "logo.party.ambiguous")
    assert trade.order(good).state is OrderState.DONE
    before = len(trade.ledger.served)
    trade.run(3 * HOUR)
    assert len(trade.ledger.served) - before < 10, "a parked order asks nobody"
    extra = next(e for e in trade.ledger.ledger.parties if e.body["CODE"] == "120.ESKI.2")
    extra.body["RECORD_STATUS"] = 1
    retry(orders[0])
    assert [trade.order(order).state for order in orders] == [OrderState.DONE] * 3


def test_a_ledger_that_is_away_is_not_asked_for_the_card_by_every_order(trade):
    orders = [trade.place(buyer=buyer) for buyer in consumers(trade, 4)]
    trade.fault("logo", "status", "/Arps", status=503, times=4)
    trade.pull(seconds=0)
    before = sum(trade.ledger.faults.struck.values())
    assert before == 1
    trade.run(1)
    assert sum(trade.ledger.faults.struck.values()) == before
    trade.run(2 * HOUR)
    assert [trade.order(order).state for order in orders] == [OrderState.DONE] * 4
    assert list(cards(trade)) == ["120.TRENDYOL"]


def test_a_paused_ledger_lets_orders_wait_with_the_reason(trade):
    order = trade.place(buyer=trade.registered)
    set_paused(trade.work(), trade.connection("logo").id, paused=True)
    trade.pull(seconds=HOUR)
    row = trade.order(order)
    assert (row.state, row.reason.code) == (OrderState.PARKED, "connection.paused")
    assert trade.documents(order) == [], "nothing is numbered that cannot be booked"
    set_paused(trade.work(), trade.connection("logo").id, paused=False)
    trade.run(60)
    assert trade.order(order).state is OrderState.DONE


@pytest.mark.parametrize("consumers_policy", ["retail", "per_person"])
def test_one_card_under_concurrency(trade, consumers_policy):
    """Several workers bring orders of the same buyer forward at once."""
    policy(trade, consumers_policy)
    orders = [trade.place(buyer=trade.consumer) for _ in range(6)]
    trade.add(pull_job("orders.pull", trade.connection("trendyol")))
    trade.fault("logo", "latency", "/Arps", seconds=0.2, times=None)
    threads = [threading.Thread(target=trade.run_beside, args=(8.0,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    trade.run(60)
    assert len(cards(trade)) == 1 == trade.posts("logo", "/Arps")
    assert {trade.order(order).state for order in orders} == {OrderState.DONE}
    assert len(trade.held(Operation.UPSERT_PARTY)) == 1
    assert len({held.number for held in trade.held()}) == len(orders)


def test_a_refused_card_is_named_and_tried_again_when_a_person_asks(trade, retry):
    trade.fault(
        "logo", "status", "/Arps", status=400, body='{"ModelState": {"ValError0": ["Kod geçersiz."]}}'
    )
    order = trade.place(buyer=replace(trade.registered))
    trade.pull(seconds=600)
    row = trade.order(order)
    assert (row.state, row.reason.code) == (OrderState.PARKED, "logo.rejected")
    assert "Kod geçersiz." in row.reason.text.tr
    retry(order)
    assert trade.order(order).state is OrderState.DONE
    assert trade.open_effects() == []
    assert all(
        effect.state is not EffectState.REJECTED for effect in trade.effects(trade.document(order)).values()
    )
