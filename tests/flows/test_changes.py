"""An order that changes or is called off, at every point of its document's life (reliability: the plan of changes)."""

from datetime import timedelta

import pytest

from kopru.flows import answers, changing, effects, following, orders, returning
from kopru.flows.records import DocumentState, EffectState, OrderState
from kopru.hooks.types import Operation
from kopru.model import Profile
from kopru_nilvera.simulation.documents import Fate
from kopru_trendyol.simulation import make

HOUR = 3600.0
DAY = 24 * HOUR


# What a buyer or the shop does


def rename(trade, order, name="Deniz"):
    address = trade.shop.shelf.live[order.id]["invoiceAddress"]
    trade.shop.change_order(order.id, invoiceAddress={**address, "firstName": name})


def reduce(trade, order):
    """The last line falls away."""
    lines = trade.shop.shelf.live[order.id]["lines"][:-1]
    trade.shop.change_order(order.id, lines=lines, **make.totals(lines))


def cancel(trade, order):
    trade.shop.cancel_order(order.id)


def live(trade, operation=Operation.SUBMIT_INVOICE):
    return [held for held in trade.held(operation) if held.live]


def numbers(trade):
    with trade.work().read() as uow:
        return {(prefix, sequence): void for prefix, _, sequence, _, void in uow.documents.numbers()}


@pytest.fixture
def two_lines(trade):
    return trade.place(trade.item("20"), trade.item("10"), buyer=trade.consumer)


def manual(trade, stage):
    trade.settings(
        ('[[series]]\nkey = "efatura"', f'[stages]\n{stage} = "manual"\n\n[[series]]\nkey = "efatura"')
    )


# Before the number


def test_a_draft_is_made_anew_from_the_changed_order(trade, two_lines):
    manual(trade, "number")
    trade.pull()
    assert trade.document(two_lines).state is DocumentState.VALIDATED
    rename(trade, two_lines)
    trade.pull()
    old, new = trade.documents(two_lines)
    assert (old.state, old.number) == (DocumentState.VOID, None)
    assert (new.state, new.revision) == (DocumentState.VALIDATED, 1)
    assert new.invoice.buyer.first_name == "Deniz"
    assert old.id != new.id
    assert numbers(trade) == {}


def test_a_draft_of_a_cancelled_order_is_dropped_without_a_number(trade, two_lines):
    manual(trade, "number")
    trade.pull()
    cancel(trade, two_lines)
    trade.pull()
    assert trade.order(two_lines).state is OrderState.CANCELLED
    assert trade.document(two_lines).state is DocumentState.VOID
    assert numbers(trade) == {} and trade.held() == []


# With a number, not sent


def test_a_numbered_document_of_a_cancelled_order_is_void_and_its_number_says_why(trade, two_lines):
    manual(trade, "send")
    trade.pull()
    assert trade.document(two_lines).state is DocumentState.NUMBERED
    cancel(trade, two_lines)
    trade.pull()
    document = trade.document(two_lines)
    assert (document.state, document.reason.code) == (DocumentState.VOID, "change.void")
    assert trade.order(two_lines).state is OrderState.CANCELLED
    assert numbers(trade) == {("KPA", 1): "change.void"}
    assert trade.held() == []


def test_a_numbered_document_of_a_changed_order_is_void_and_the_next_takes_the_next_number(trade, two_lines):
    manual(trade, "send")
    trade.pull()
    rename(trade, two_lines)
    trade.pull()
    old, new = trade.documents(two_lines)
    assert old.state is DocumentState.VOID
    assert new.state is DocumentState.NUMBERED
    assert numbers(trade) == {("KPA", 1): "change.void", ("KPA", 2): None}


# While a send is open


@pytest.fixture
def dying(trade, monkeypatch):
    """Lets the process die once at a point of one operation; the job is then handed on."""

    def die(operation, point):
        original, dead = getattr(effects, point), []

        class Died(BaseException):
            pass

        def once(work, effect, *arguments, **named):
            if effect.operation is operation and not dead:
                dead.append(effect)
                raise Died
            return original(work, effect, *arguments, **named)

        monkeypatch.setattr(effects, point, once)
        with pytest.raises(Died):
            trade.pull(seconds=HOUR)

    return die


def seen_before_recovery(trade):
    """The change is stored while the dead worker's lease still runs; then the job is handed on."""
    orders.pull_orders(trade.work(), trade.connection("trendyol").id)
    trade.recover()


def test_a_change_waits_for_the_outcome_and_then_cancels_what_did_arrive(trade, two_lines, dying):
    dying(Operation.SUBMIT_INVOICE, "_settle")
    assert len(live(trade)) == 1
    cancel(trade, two_lines)
    seen_before_recovery(trade)
    trade.run(HOUR)
    assert trade.order(two_lines).state is OrderState.CANCELLED
    assert live(trade) == [] and len(trade.held()) == 1
    assert trade.taken("nilvera", "Send") == 1
    assert live(trade, Operation.POST_INVOICE) == []


def test_a_change_waits_for_the_outcome_and_then_drops_what_never_arrived(trade, two_lines, dying):
    dying(Operation.SUBMIT_INVOICE, "_send")
    cancel(trade, two_lines)
    seen_before_recovery(trade)
    trade.run(60)
    document = trade.document(two_lines)
    assert document.state is DocumentState.NUMBERED, "it may still arrive"
    trade.run(HOUR)
    assert trade.document(two_lines).state is DocumentState.VOID
    assert trade.order(two_lines).state is OrderState.CANCELLED
    assert trade.held() == [] and trade.posts("nilvera", "Send") == 0


def test_a_change_waits_for_an_open_booking(trade, two_lines, dying):
    dying(Operation.POST_INVOICE, "_settle")
    rename(trade, two_lines)
    seen_before_recovery(trade)
    trade.run(HOUR)
    new = trade.documents(two_lines)[-1]
    assert [held.number for held in live(trade)] == [new.number]
    assert [held.number for held in live(trade, Operation.POST_INVOICE)] == [new.number]
    assert len(trade.held(Operation.POST_INVOICE)) == 2


@pytest.mark.parametrize("point", ["_send", "_settle"])
def test_a_cancellation_finds_out_about_a_link_on_its_way(trade, two_lines, dying, point):
    dying(Operation.UPDATE_ORDER_STATUS, point)
    cancel(trade, two_lines)
    seen_before_recovery(trade)
    trade.run(HOUR)
    assert trade.order(two_lines).state is OrderState.CANCELLED
    with trade.work().read() as uow:
        writes = uow.effects.of_document(trade.document(two_lines).id)
    (link,) = [each for each in writes if each.operation is Operation.UPDATE_ORDER_STATUS]
    assert link.state is (EffectState.CONFIRMED if point == "_settle" else EffectState.PLANNED)


def test_a_change_during_a_booking_only_a_person_can_clear_up_is_told(trade, two_lines, monkeypatch):
    store = trade.ledger.ledger.store_invoice

    def twisted(body, *, sales, committed_at):
        kept = store(body, sales=sales, committed_at=committed_at)
        kept["TOTAL_NET"] += 1
        return kept

    monkeypatch.setattr(trade.ledger.ledger, "store_invoice", twisted)
    trade.pull(seconds=HOUR)
    rename(trade, two_lines)
    trade.pull(seconds=HOUR)
    row = trade.order(two_lines)
    assert (row.state, row.reason.code) == (OrderState.PARKED, "effect.differs")
    assert trade.jobs("queued") == [job for job in trade.jobs("queued") if job.kind != "order.advance"]


# e-Arşiv, accepted


def test_an_issued_archive_invoice_of_a_cancelled_order_is_cancelled_at_channel_and_ledger(trade, two_lines):
    trade.pull()
    cancel(trade, two_lines)
    trade.pull()
    document = trade.document(two_lines)
    assert (document.state, trade.order(two_lines).state) == (DocumentState.VOID, OrderState.CANCELLED)
    assert len(trade.held()) == 1 and live(trade) == []
    assert live(trade, Operation.POST_INVOICE) == []
    assert numbers(trade) == {("KPA", 1): document.reason.code}
    assert trade.ledger.truth.of("invoice.cancelled")
    trade.pull()
    assert len(trade.channel.truth.of("document.cancelled")) == 1


def test_a_changed_buyer_gets_a_new_archive_invoice_after_the_old_one_is_gone_everywhere(trade, two_lines):
    trade.pull()
    rename(trade, two_lines)
    trade.pull(seconds=60)
    old, new = trade.documents(two_lines)
    assert (old.state, new.state) == (DocumentState.VOID, DocumentState.ISSUED)
    assert [held.number for held in live(trade)] == [new.number]
    assert [held.number for held in live(trade, Operation.POST_INVOICE)] == [new.number]
    assert new.invoice.buyer.first_name == "Deniz"
    cancelled = trade.ledger.truth.of("invoice.cancelled")[0].at
    posted = [fact.at for fact in trade.ledger.truth.of("invoice.posted")]
    assert posted[0] < cancelled < posted[1], "the ledger is cleared before the corrected one is posted"


def test_the_old_invoice_link_at_the_shop_is_for_a_person_and_his_word_ends_it(trade, two_lines):
    trade.pull()
    rename(trade, two_lines)
    trade.pull(seconds=60)
    row = trade.order(two_lines)
    assert (row.state, row.reason.code) == (OrderState.PARKED, "effect.conflict")
    new = trade.documents(two_lines)[-1]
    answers.answer(trade.work("operator"), new, Operation.UPDATE_ORDER_STATUS, answers.Answer.YES)
    trade.run(60)
    assert trade.order(two_lines).state is OrderState.DONE


@pytest.mark.parametrize(
    ("name", "path", "method"), [("nilvera", "/Cancel", "PUT"), ("logo", "/salesInvoices/", "PUT")]
)
@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "late_commit"])
def test_cancelling_survives_lost_answers(trade, two_lines, name, path, method, kind):
    trade.pull()
    cancel(trade, two_lines)
    trade.fault(name, kind, path, method=method, seconds=0.3)
    trade.pull(seconds=2)
    trade.remotes[name].settle()
    trade.run(HOUR)
    assert trade.order(two_lines).state is OrderState.CANCELLED
    assert live(trade) == [] and live(trade, Operation.POST_INVOICE) == []
    assert len(trade.channel.truth.of("document.cancelled")) == 1
    assert trade.ledger.truth.of("invoice.cancelled")
    assert trade.open_effects() == []


def test_a_ledger_that_is_away_keeps_the_cancellation_open_until_it_is_done(trade, two_lines):
    """Cancelled at the channel, not yet in the ledger: nothing may call this finished."""
    trade.pull()
    cancel(trade, two_lines)
    trade.fault("logo", "status", "/salesInvoices/", method="GET", status=503, times=3)
    trade.pull(seconds=1)
    assert live(trade) == [] and len(live(trade, Operation.POST_INVOICE)) == 1
    assert trade.document(two_lines).state is DocumentState.ISSUED
    trade.ledger.faults.clear()
    trade.run(HOUR)
    assert live(trade, Operation.POST_INVOICE) == []
    assert trade.document(two_lines).state is DocumentState.VOID
    assert trade.order(two_lines).state is OrderState.CANCELLED


def test_the_channels_own_word_during_our_cancellation_does_not_stop_it(trade, two_lines):
    """The follow-up may see "cancelled" before the ledger is cleared."""
    trade.pull(seconds=0)
    assert trade.document(two_lines).remote_state == "pending"
    cancel(trade, two_lines)
    trade.fault("logo", "status", "/salesInvoices/", method="GET", status=503, times=6)
    trade.pull(seconds=0)
    trade.run(4)
    trade.ledger.faults.clear()
    trade.run(HOUR)
    assert trade.order(two_lines).state is OrderState.CANCELLED
    assert live(trade, Operation.POST_INVOICE) == []


def test_a_cancellation_the_channel_told_of_before_it_was_answered_is_not_left_open(trade, two_lines, dying):
    trade.pull(seconds=0)
    cancel(trade, two_lines)
    dying(Operation.CANCEL_DOCUMENT, "_settle")
    trade.run(30)
    assert trade.document(two_lines).remote_state == "cancelled"
    trade.recover()
    trade.run(HOUR)
    assert trade.order(two_lines).state is OrderState.CANCELLED
    with trade.work().read() as uow:
        writes = uow.effects.of_document(trade.document(two_lines).id)
    assert {each.state for each in writes if each.operation is Operation.CANCEL_DOCUMENT} == {
        EffectState.CONFIRMED
    }


def test_a_void_document_is_not_brought_back_by_a_late_answer(trade, two_lines):
    trade.pull(seconds=0)
    document = trade.document(two_lines)
    with trade.work().write() as uow:
        uow.documents.void(document.id, changing.Reason("test", changing.TEXTS["stock.refused"]))
    update = following.ReceiptUpdate(following.document_ref(document), following.RemoteState.DELIVERED)
    work = trade.work()
    with work.write() as uow:
        following._take(work, uow, document, update)
    assert trade.document(two_lines).state is DocumentState.VOID


def test_after_the_time_for_cancelling_a_return_document_is_asked_for(trade, two_lines):
    trade.pull()
    trade.pass_time(9 * DAY)
    cancel(trade, two_lines)
    trade.pull()
    row = trade.order(two_lines)
    assert (row.state, row.reason.code) == (OrderState.PARKED, "change.return_needed")
    assert f"kopru documents return {two_lines.number}" in row.reason.text.en
    assert len(live(trade)) == 1


# e-Fatura, accepted


def test_a_basic_e_invoice_is_never_cancelled_and_the_legal_ways_are_named(trade):
    order = trade.place(trade.item("20"), buyer=trade.registered)
    trade.pull()
    cancel(trade, order)
    trade.pull()
    row = trade.order(order)
    assert (row.state, row.reason.code) == (OrderState.PARKED, "change.basic.task")
    assert trade.document(order).state is DocumentState.ISSUED
    assert len(live(trade)) == len(live(trade, Operation.POST_INVOICE)) == 1
    assert trade.posts("nilvera", "Cancel") == 0


@pytest.fixture
def commercial(trade):
    trade.settings(('profile = "basic"', 'profile = "commercial"'))
    order = trade.place(trade.item("20"), buyer=trade.registered)
    trade.pull()
    assert trade.document(order).profile is Profile.COMMERCIAL
    return order


def test_a_commercial_e_invoice_waits_for_the_buyers_answer_and_goes_when_he_refuses(trade, commercial):
    assert trade.document(commercial).remote_state == "awaiting_answer"
    cancel(trade, commercial)
    trade.pull()
    row = trade.order(commercial)
    assert (row.state, row.reason.code) == (OrderState.PARKED, "change.commercial.await")
    trade.channel.answer(trade.document(commercial).id, "rejected", "İstemiyoruz")
    trade.run(2 * HOUR)
    assert trade.document(commercial).state is DocumentState.VOID
    assert live(trade, Operation.POST_INVOICE) == []
    assert trade.order(commercial).state is OrderState.CANCELLED


def test_a_commercial_e_invoice_the_buyer_accepted_is_a_task(trade, commercial):
    trade.channel.answer(trade.document(commercial).id, "approved")
    trade.run(2 * HOUR)
    assert trade.document(commercial).remote_state == "accepted"
    cancel(trade, commercial)
    trade.pull()
    assert trade.order(commercial).reason.code == "change.commercial.task"
    assert len(live(trade)) == 1


def test_a_refusal_without_a_change_parks_the_order_for_a_person_who_may_issue_again(
    trade, commercial, retry
):
    trade.channel.answer(trade.document(commercial).id, "rejected", "Adres yanlış")
    trade.run(2 * HOUR)
    row = trade.order(commercial)
    assert (row.state, row.reason.code) == (OrderState.PARKED, "document.refused_by_buyer")
    assert "document.remote.refused" in trade.actions(trade.document(commercial))
    retry(commercial, seconds=60)
    old, new = trade.documents(commercial)
    assert (old.state, new.state) == (DocumentState.VOID, DocumentState.ISSUED)
    assert [held.number for held in live(trade, Operation.POST_INVOICE)] == [new.number]


# Refused by the channel, or failed at GİB


def test_a_document_the_channel_refused_is_corrected_under_its_number(trade, two_lines):
    trade.fault("nilvera", "status", "/Send/Xml", status=422, body='{"Errors": [{"Code": 2015}]}')
    trade.pull()
    before = trade.document(two_lines)
    assert trade.effect(two_lines).state is EffectState.REJECTED
    rename(trade, two_lines)
    trade.pull()
    document = trade.document(two_lines)
    assert (document.id, document.number) == (before.id, before.number)
    assert document.invoice.buyer.first_name == "Deniz"
    assert [held.number for held in live(trade)] == [before.number]
    assert trade.order(two_lines).state is OrderState.DONE
    assert numbers(trade) == {("KPA", 1): None}


@pytest.fixture
def failed(trade):
    """An e-Fatura that failed for good after it was booked."""
    order = trade.place(trade.item("20"), buyer=trade.registered)
    trade.channel.account.fate = Fate(polls=0, error="Zarf oluşturulamadı")
    trade.pull(seconds=HOUR)
    trade.channel.account.fate = Fate()
    row = trade.order(order)
    assert (row.state, trade.document(order).remote_state) == (OrderState.PARKED, "failed"), row
    return order


def test_a_failure_after_the_booking_names_its_cause_and_keeps_the_booking(trade, failed):
    assert "Zarf oluşturulamadı" in trade.order(failed).reason.text.en
    assert len(live(trade, Operation.POST_INVOICE)) == 1
    assert "document.remote.failed" in trade.actions(trade.document(failed))


def test_a_document_that_failed_for_good_is_replaced_when_a_person_asks(trade, failed, retry):
    retry(failed, seconds=60)
    old, new = trade.documents(failed)
    assert (old.state, new.state) == (DocumentState.VOID, DocumentState.ISSUED)
    assert numbers(trade) == {("KPF", 1): "change.void", ("KPF", 2): None}
    assert [held.number for held in live(trade, Operation.POST_INVOICE)] == [new.number]
    assert [held.number for held in live(trade)] == [new.number]


def test_a_document_that_failed_for_good_is_replaced_when_its_order_changes(trade, failed):
    rename(trade, failed)
    trade.pull(seconds=60)
    new = trade.documents(failed)[-1]
    assert new.remote_state == "delivered"
    assert [held.number for held in live(trade, Operation.POST_INVOICE)] == [new.number]


def test_what_may_be_sent_again_is_sent_again_by_itself(trade):
    order = trade.place(trade.item("20"), buyer=trade.registered)
    trade.channel.account.fate = Fate(polls=0, gib_code=1215)
    trade.pull(seconds=0)
    trade.channel.account.fate = Fate()
    trade.run(HOUR)
    document = trade.document(order)
    assert "document.remote.retryable" in trade.actions(document)
    assert document.remote_state == "delivered"
    assert trade.order(order).state is OrderState.DONE
    assert trade.effect(order).attempt == 2


@pytest.fixture
def exhausted(trade):
    """An e-Fatura that GİB refused as often as it was sent, until the engine asks a person."""
    order = trade.place(trade.item("20"), buyer=trade.registered)
    trade.channel.account.fate = Fate(polls=0, gib_code=1150)
    trade.pull(seconds=HOUR)
    trade.channel.account.fate = Fate()
    row = trade.order(order)
    assert row.state is OrderState.PARKED and "1150" in row.reason.text.en
    assert trade.effect(order).attempt == following.RESENDS
    return order


def test_what_was_refused_too_often_is_corrected_under_its_number_when_a_person_asks(trade, exhausted, retry):
    before = trade.document(exhausted)
    retry(exhausted)
    document = trade.document(exhausted)
    assert (document.id, document.number) == (before.id, before.number)
    assert document.remote_state == "delivered"
    assert len(trade.held(Operation.POST_INVOICE)) == 1, "the booking stands: neither money nor buyer changed"
    assert trade.order(exhausted).state is OrderState.DONE


def test_a_correction_of_the_buyer_takes_the_booking_back_first(trade, exhausted):
    """Logo keeps the number of a cancelled invoice: the new booking is refused, which is told, not hidden."""
    rename(trade, exhausted)
    trade.pull(seconds=HOUR)
    document = trade.document(exhausted)
    assert document.remote_state == "delivered" and document.invoice.buyer.first_name == "Deniz"
    assert live(trade, Operation.POST_INVOICE) == []
    row = trade.order(exhausted)
    assert row.state is OrderState.PARKED and row.reason.code.startswith("logo.")


# Less than before


def test_a_reduced_order_needs_a_return_document_over_the_difference(trade, two_lines):
    trade.pull()
    invoice = trade.document(two_lines)
    reduce(trade, two_lines)
    trade.pull()
    row = trade.order(two_lines)
    assert (row.state, row.reason.code) == (OrderState.PARKED, "change.return_needed")
    row = trade.order(two_lines)
    made = returning.issue_return(trade.work("operator"), row.id, {})
    trade.run(60)
    old, new = trade.documents(two_lines)
    assert (old.id, new.id, new.type) == (invoice.id, made.id, "return")
    assert new.total == invoice.total - trade.order(two_lines).body.total
    assert new.number.startswith("KPI")
    assert {held.number for held in live(trade)} == {old.number, new.number}
    assert {held.number for held in live(trade, Operation.POST_INVOICE)} == {old.number, new.number}
    assert new.invoice.billing_refs[0].number == old.number
    assert trade.order(two_lines).state is OrderState.DONE


def test_a_return_over_more_than_was_sold_is_refused(trade, two_lines):
    from decimal import Decimal

    from kopru.hooks.errors import Rejected

    trade.pull()
    row = trade.order(two_lines)
    line = row.body.lines[0].id
    with pytest.raises(Rejected) as refusal:
        returning.issue_return(trade.work(), row.id, {line: Decimal(2)})
    assert refusal.value.code == "document.return.too_much"
    with pytest.raises(Rejected) as refusal:
        returning.issue_return(trade.work(), row.id, {})
    assert refusal.value.code == "return.nothing"
    assert len(trade.documents(two_lines)) == 1


def test_a_cancelled_order_after_its_return_is_through(trade, two_lines):
    trade.pull()
    trade.pass_time(9 * DAY)
    cancel(trade, two_lines)
    trade.pull()
    returning.issue_return(trade.work(), trade.order(two_lines).id, {})
    trade.run(60)
    assert trade.order(two_lines).state is OrderState.DONE
    total = {held.number: held.total for held in live(trade)}
    assert len(set(total.values())) == 1 and len(total) == 2


# Nothing that matters


def test_a_change_of_status_alone_leaves_the_document(trade, two_lines):
    trade.pull()
    before = trade.document(two_lines)
    trade.shop.set_status(two_lines.id, "Shipped")
    trade.pull()
    trade.shop.set_status(two_lines.id, "Delivered")
    trade.pull()
    document = trade.document(two_lines)
    assert (document.id, document.number, document.xml) == (before.id, before.number, before.xml)
    assert trade.order(two_lines).state is OrderState.DONE
    assert trade.order(two_lines).status == "delivered"
    assert trade.taken("nilvera", "Send") == 1
    assert trade.posts("trendyol", "invoice-links") == 1


def test_split_package_is_replaced_by_the_packages_that_came_of_it(trade):
    item, other = trade.item("20"), trade.item("10")
    lines = trade.line(item, 2), trade.line(other)
    order = trade.place(*lines, buyer=trade.consumer)
    trade.shop.split_order(order.id, [[(lines[0].id, 1)], [(lines[0].id, 1), (lines[1].id, 1)]])
    trade.pull()
    with trade.work().read() as uow:
        found = uow.orders.find(order.number)
    states = sorted(row.state.value for row in found)
    assert states == ["done", "done", "excluded"]
    assert sum(held.total for held in live(trade)) == order.total


def test_package_that_is_split_after_its_invoice_is_cancelled_and_the_parts_are_invoiced(trade):
    item = trade.item("20")
    line = trade.line(item, 2)
    order = trade.place(line, buyer=trade.consumer)
    trade.pull()
    trade.shop.split_order(order.id, [[(line.id, 1)], [(line.id, 1)]])
    trade.pull(seconds=60)
    assert sum(held.total for held in live(trade)) == order.total
    assert len(live(trade)) == len(live(trade, Operation.POST_INVOICE)) == 2


def test_the_parts_of_a_package_whose_e_invoice_stands_are_not_invoiced_besides_it(trade):
    line = trade.line(trade.item("20"), 2)
    order = trade.place(line, buyer=trade.registered)
    trade.pull()
    parts = trade.shop.split_order(order.id, [[(line.id, 1)], [(line.id, 1)]])
    trade.pull(seconds=60)
    assert sum(held.total for held in live(trade)) == order.total
    with trade.work().read() as uow:
        found = {row.external_id: row for row in uow.orders.find(order.number)}
    for part in parts:
        row = found[str(part)]
        assert (row.state, row.reason.code) == (OrderState.PARKED, "order.whole_invoiced")


def test_an_age_beyond_the_limit_is_measured_from_the_issue(trade, two_lines):
    trade.pull()
    trade.pass_time(timedelta(days=7).total_seconds())
    cancel(trade, two_lines)
    trade.pull()
    assert trade.order(two_lines).state is OrderState.CANCELLED
    assert live(trade) == []
