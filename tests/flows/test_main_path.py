"""From an order at the shop to a sent, booked and linked invoice, for every kind of buyer and of money."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kopru.flows.records import DocumentState, EffectState, OrderState
from kopru.hooks.types import Operation
from kopru.model import Profile


def money(text):
    return Decimal(text)


def remote_total(trade, order):
    """What the shop itself says the buyer pays for the package."""
    return trade.shop.shelf.live[order.id]["packageTotalPrice"]


def assert_one_invoice(trade, order):
    """One document, sent once, booked once, linked once, of the same total everywhere."""
    document = trade.document(order)
    (sent,) = [held for held in trade.held() if held.reference == str(document.id)]
    (booked,) = [held for held in trade.held(Operation.POST_INVOICE) if held.number == document.number]
    links = [held for held in trade.held(Operation.UPDATE_ORDER_STATUS) if held.id == str(order.id)]
    assert [link.reference for link in links] == [f"{order.id}:invoice_link"]
    assert document.total == remote_total(trade, order) == sent.total == booked.total
    assert sent.number == document.number
    return document


def test_consumer_gets_an_e_archive_invoice(trade):
    order = trade.place(trade.item("20"), buyer=trade.consumer)
    trade.pull()
    document = assert_one_invoice(trade, order)
    assert trade.order(order).state is OrderState.DONE
    assert (document.profile, document.state) == (Profile.ARCHIVE, DocumentState.ISSUED)
    assert document.number == f"KPA{datetime.now(UTC).year}000000001"
    assert document.invoice.internet_sale.website == "https://www.trendyol.com"
    assert document.remote_state == "done"


def test_registered_company_gets_an_e_invoice_to_its_mailbox(trade):
    order = trade.place(trade.item("20"), buyer=trade.registered)
    trade.pull()
    document = assert_one_invoice(trade, order)
    assert document.profile is Profile.BASIC
    assert document.number.startswith("KPF")
    assert document.invoice.buyer_alias == trade.registered.aliases[0]
    assert document.invoice.buyer.tax_id.value == trade.registered.tax_number
    assert document.remote_state == "delivered"


def test_unregistered_company_gets_an_e_archive_invoice_with_its_tax_number(trade):
    order = trade.place(trade.item("20"), buyer=trade.unregistered)
    trade.pull()
    document = assert_one_invoice(trade, order)
    assert document.profile is Profile.ARCHIVE
    assert document.invoice.buyer.tax_id.value == trade.unregistered.tax_number


def test_several_vat_rates_and_discounts_come_out_to_the_kurus(trade):
    lines = (
        trade.line(trade.item("1"), 3, seller="33.33"),
        trade.line(trade.item("10"), 2, seller="0.01"),
        trade.line(trade.item("20"), 7, seller="100.05"),
    )
    order = trade.place(*lines, buyer=trade.consumer)
    trade.pull()
    document = assert_one_invoice(trade, order)
    assert document.total == order.total
    assert {line.vat.rate for line in document.invoice.lines} == {Decimal(1), Decimal(10), Decimal(20)}
    assert document.invoice.totals.allowance > 0


def test_discount_borne_by_the_marketplace_is_deducted_for_companies_too(trade):
    order = trade.place(
        trade.line(trade.item("20"), 2, seller="10.00", marketplace="25.50"), buyer=trade.registered
    )
    trade.pull()
    document = assert_one_invoice(trade, order)
    assert document.total == order.total


def test_discount_borne_by_the_marketplace_can_be_left_in(trade):
    trade.settings(("[invoice]\n", '[invoice]\nmarketplace_discounts = "keep"\n'))
    order = trade.place(
        trade.line(trade.item("20"), 2, seller="10.00", marketplace="25.50"), buyer=trade.registered
    )
    trade.pull()
    document = trade.document(order)
    assert document.total == order.total + money("25.50")
    assert trade.order(order).state is OrderState.DONE


def test_foreign_currency_is_sent_in_its_currency_and_booked_with_its_rate(trade, file_order):
    order = file_order("1,100.00", currency="USD", rate="41.1234")
    trade.run()
    document = trade.document(order)
    assert trade.order(order).state is OrderState.DONE, trade.order(order).reason
    assert (document.currency, document.total) == ("USD", money("1100.00"))
    assert document.invoice.exchange_rate == money("41.1234")
    (sent,) = trade.held()
    assert sent.total == money("1100.00")


def test_foreign_currency_without_a_rate_parks_with_the_field(trade, file_order):
    order = file_order("1,100.00", currency="USD", rate="")
    trade.run()
    found = trade.order(order)
    assert (found.state, found.reason.code) == (OrderState.PARKED, "document.currency.rate_missing")
    assert found.reason.detail == "exchange_rate"


def test_shipping_fee_is_a_line_of_its_own_on_document_and_ledger(trade, file_order):
    order = file_order("200.00", shipping="29.99")
    trade.run()
    document = trade.document(order)
    assert trade.order(order).state is OrderState.DONE, trade.order(order).reason
    assert document.total == money("229.99")
    assert [line.item_code for line in document.invoice.lines][1:] == ["KARGO"]
    (booked,) = trade.held(Operation.POST_INVOICE)
    assert booked.total == money("229.99")


def test_every_step_is_told_with_time_actor_and_particulars(trade):
    order = trade.place(buyer=trade.consumer)
    trade.pull()
    row, document = trade.order(order), trade.document(order)
    effects = trade.effects(document)
    story = trade.story(row, document, *effects.values())
    told = [event.action for event in story]
    expected = [
        "order.seen",
        "document.validated",
        "document.numbered",
        "effect.sending",
        "effect.accepted",
        "document.issued",
        "effect.sending",
        "effect.confirmed",
        "document.booked",
        "order.done",
    ]
    assert [action for action in told if action in expected and told.count(action) == 1]
    assert told.index("document.numbered") < told.index("effect.sending") < told.index("document.issued")
    assert told.index("document.issued") < told.index("document.booked")
    assert told.count("effect.sending") == 3
    assert {event.actor for event in story} == {"engine"}
    assert all(abs((datetime.now(UTC) - event.at).total_seconds()) < 120 for event in story)
    by_action = {event.action: event.data for event in story}
    assert by_action["order.seen"]["status"] == "new"
    assert by_action["document.validated"]["rule"] == "e-arsiv"
    assert by_action["document.numbered"]["number"] == document.number
    operations = {event.data["operation"] for event in story if event.action == "effect.sending"}
    assert operations == {"submit_invoice", "post_invoice", "update_order_status"}
    assert all(effect.state in (EffectState.ACCEPTED, EffectState.CONFIRMED) for effect in effects.values())


def test_pulling_again_changes_nothing(trade):
    order = trade.place()
    trade.pull()
    before = trade.actions(trade.order(order), trade.document(order))
    links = trade.posts("trendyol", "invoice-links")
    trade.pull()
    trade.pull()
    assert trade.actions(trade.order(order), trade.document(order))[: len(before)] == before
    assert_one_invoice(trade, order)
    assert trade.order(order).state is OrderState.DONE
    assert trade.taken("nilvera", "Send") == 1
    assert trade.posts("trendyol", "invoice-links") == links == 1


def test_numbers_of_a_series_have_no_gap_and_follow_each_other(trade):
    for _ in range(5):
        trade.place(buyer=trade.consumer)
    trade.pull()
    with trade.work().read() as uow:
        numbers = uow.documents.numbers()
    assert sorted(each[2] for each in numbers) == [1, 2, 3, 4, 5]
    assert {each[4] for each in numbers} == {None}
    assert {held.number for held in trade.held()} == {document.number for document in trade.all_documents()}


def test_number_series_the_channel_does_not_know_is_defined_there_on_the_way(trade):
    for known in trade.channel.account.series.values():
        known.pop("KPA")
    order = trade.place(buyer=trade.consumer)
    trade.pull()
    assert_one_invoice(trade, order)
    assert any("KPA" in known for known in trade.channel.account.series.values())


# Orders that wait or stay out


def test_held_until_a_status_then_goes_on_by_itself(trade):
    hold = '[[rules]]\nname = "new"\n[rules.when]\nstatus = ["new"]\n[rules.hold]\nreason = "Hazırlansın"\n'
    trade.settings(('[[rules]]\nname = "e-fatura"', hold + '\n[[rules]]\nname = "e-fatura"'))
    order = trade.place()
    trade.pull()
    row = trade.order(order)
    assert (row.state, row.reason.code, row.reason.text.tr) == (
        OrderState.HELD,
        "decision.rule",
        "Hazırlansın",
    )
    assert trade.documents(order) == [] and trade.held() == []
    trade.shop.set_status(order.id, "Picking")
    trade.pull()
    assert trade.order(order).state is OrderState.DONE
    assert_one_invoice(trade, order)


def test_excluded_order_names_the_rule_and_makes_no_document(trade):
    rule = (
        '[[rules]]\nname = "few"\n[rules.when]\nmax_total = 5000\n[rules.exclude]\nreason = "Fuar satışı"\n'
    )
    trade.settings(('[[rules]]\nname = "unpaid"', rule + '\n[[rules]]\nname = "unpaid"'))
    order = trade.place(trade.item("1"))
    trade.pull()
    row = trade.order(order)
    assert (row.state, row.reason.text.tr) == (OrderState.EXCLUDED, "Fuar satışı")
    assert trade.documents(order) == []
    assert "order.excluded" in trade.actions(row)


@pytest.mark.parametrize("status", ["Cancelled", "UnPacked"])
def test_cancelled_or_replaced_before_it_was_seen_stays_out(trade, status):
    order = trade.place(status=status)
    trade.pull()
    assert trade.order(order).state is OrderState.EXCLUDED
    assert trade.held() == []


# What a buyer's data must have


def test_company_without_a_tax_office_parks_and_names_the_field(trade):
    order, good = trade.place(buyer=trade.registered), trade.place(buyer=trade.consumer)
    address = trade.shop.shelf.live[order.id]["invoiceAddress"]
    trade.shop.change_order(order.id, invoiceAddress={**address, "taxOffice": ""})
    trade.pull()
    row = trade.order(order)
    assert (row.state, row.reason.code) == (OrderState.PARKED, "document.buyer.tax_office_missing")
    assert row.reason.detail == "buyer.tax_office"
    assert "buyer.tax_office" in [finding.field for finding in row.findings]
    assert trade.order(good).state is OrderState.DONE
    trade.shop.change_order(order.id, invoiceAddress=address)
    trade.pull()
    assert trade.order(order).state is OrderState.DONE
    assert trade.order(order).reason is None


def test_wrong_check_digit_parks_and_names_the_field(trade):
    order = trade.place(buyer=trade.registered)
    address = trade.shop.shelf.live[order.id]["invoiceAddress"]
    number = address["taxNumber"]
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    trade.shop.change_order(order.id, invoiceAddress={**address, "taxNumber": wrong})
    trade.pull()
    row = trade.order(order)
    assert row.state is OrderState.PARKED
    assert row.reason.detail == "buyer.tax_id"
    assert trade.documents(order) == []


def test_registration_is_asked_once_for_a_buyer_and_again_when_the_answer_is_old(trade):
    def asked():
        return sum("TaxNumber" in each.path for each in trade.channel.served)

    trade.place(buyer=trade.registered)
    trade.place(buyer=trade.registered)
    trade.pull()
    assert asked() == 1
    trade.pass_time(7 * 3600)
    trade.place(buyer=trade.registered)
    trade.pull()
    assert asked() == 2


def test_a_buyer_that_left_the_register_gets_an_e_archive_invoice_after_all(trade):
    """The answer from the cache is outdated; the channel's refusal must not end in a wrong document."""
    trade.place(buyer=trade.registered)
    trade.pull()
    trade.channel.account.retire(trade.registered.tax_number)
    order = trade.place(buyer=trade.registered)
    trade.pull()
    assert trade.order(order).state is OrderState.PARKED
    assert trade.order(order).reason.code.startswith("nilvera.")
