"""Every write of the main job under every fault: exactly one record at the remote, and the order gets done."""

import pytest

from kopru.flows import effects
from kopru.flows.records import DocumentState, EffectState, OrderState, advance_job
from kopru.hooks.types import Operation
from kopru.jobs.policy import MAX_TRIES

WRITES = {
    "submit": ("nilvera", "/Send/Xml", Operation.SUBMIT_INVOICE),
    "book": ("logo", "/salesInvoices", Operation.POST_INVOICE),
    "card": ("logo", "/Arps", Operation.UPSERT_PARTY),
    "link": ("trendyol", "/seller-invoice-links", Operation.UPDATE_ORDER_STATUS),
}
HOUR = 3600.0


@pytest.fixture(params=sorted(WRITES))
def write(request):
    return WRITES[request.param]


def assert_done_exactly_once(trade, order):
    document = trade.document(order)
    assert trade.order(order).state is OrderState.DONE, trade.order(order)
    assert [held.reference for held in trade.held()] == [str(document.id)]
    assert [held.number for held in trade.held(Operation.POST_INVOICE)] == [document.number]
    assert len(trade.held(Operation.UPSERT_PARTY)) == 1
    assert [held.id for held in trade.held(Operation.UPDATE_ORDER_STATUS)] == [str(order.id)]
    assert trade.open_effects() == []
    assert all(effect.settled for effect in trade.effects(document).values())
    assert {job.state for job in trade.jobs()} <= {"done", "queued"}


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "malformed"])
def test_lost_answer(trade, write, kind):
    name, path, _ = write
    order = trade.place()
    trade.fault(name, kind, path)
    trade.pull(seconds=HOUR)
    assert_done_exactly_once(trade, order)


@pytest.mark.parametrize("status", [500, 503])
def test_server_error_that_may_or_may_not_have_written(trade, write, status):
    name, path, _ = write
    order = trade.place()
    trade.fault(name, "status", path, status=status, times=3)
    trade.pull(seconds=2 * HOUR)
    assert_done_exactly_once(trade, order)


@pytest.mark.parametrize("seconds", [None, 7])
def test_too_many_calls_wait_as_told_and_are_not_counted(trade, write, seconds):
    name, path, _ = write
    order = trade.place()
    trade.fault(name, "status", path, status=429, seconds=seconds, times=2)
    trade.pull(seconds=300)
    assert_done_exactly_once(trade, order)
    assert all(job.tries == 0 for job in trade.jobs())


def test_limited_write_is_not_looked_up_because_it_certainly_did_nothing(trade):
    order = trade.place()
    trade.fault("nilvera", "status", "/Send/Xml", status=429, seconds=60)
    trade.pull(seconds=20)
    effect = trade.effect(order)
    assert effect.state is EffectState.PLANNED
    assert trade.posts("nilvera", "Send") == 0
    trade.run(60)
    assert_done_exactly_once(trade, order)


def test_work_that_is_done_after_we_hung_up(trade, write):
    name, path, _ = write
    order = trade.place()
    trade.fault(name, "late_commit", path, seconds=0.4)
    trade.pull(seconds=4)
    assert trade.remotes[name].settle()
    trade.run(HOUR)
    assert_done_exactly_once(trade, order)


def test_ledger_that_commits_late_is_not_sent_a_second_invoice_in_the_meantime(trade):
    """Logo would store it twice: nothing goes out before the quiet period and a look-up."""
    order = trade.place()
    trade.fault("logo", "late_commit", "/salesInvoices", seconds=1.5)
    trade.pull(seconds=280)
    assert trade.effect(order, Operation.POST_INVOICE).state is EffectState.UNCERTAIN
    assert trade.posts("logo", "salesInvoices") == 0, "only the late one is on its way"
    assert trade.ledger.settle()
    trade.run(HOUR)
    assert_done_exactly_once(trade, order)
    assert trade.posts("logo", "salesInvoices") == 1


def test_absence_is_believed_after_the_quiet_period(trade):
    order = trade.place()
    trade.fault("logo", "drop_before", "/salesInvoices")
    trade.pull(seconds=290)
    assert trade.posts("logo", "salesInvoices") == 0
    effect = trade.effect(order, Operation.POST_INVOICE)
    assert (effect.state, effect.attempt) == (EffectState.UNCERTAIN, 1)
    assert effect.lookups >= 3
    trade.run(120)
    assert trade.posts("logo", "salesInvoices") == 1
    assert_done_exactly_once(trade, order)
    assert trade.effect(order, Operation.POST_INVOICE).attempt == 2


def test_look_up_that_fails_is_tried_again_and_nothing_is_sent(trade):
    order = trade.place()
    trade.fault("nilvera", "drop_after", "/Send/Xml")
    trade.fault("nilvera", "status", "/Status", method="GET", status=503, times=40)
    trade.pull(seconds=12)
    assert trade.taken("nilvera", "Send") == 1
    assert trade.effect(order).state is EffectState.UNCERTAIN
    trade.channel.faults.clear()
    trade.run(HOUR)
    assert_done_exactly_once(trade, order)
    assert trade.taken("nilvera", "Send") == 1


def test_remote_that_never_works_gives_up_after_counted_tries_and_names_the_reason(trade):
    order = trade.place()
    trade.fault("nilvera", "status", "/Send/Xml", status=500, times=None)
    trade.pull(seconds=12 * HOUR)
    row = trade.order(order)
    assert row.state is OrderState.PARKED
    assert row.reason.code == "http.outcome_unknown"
    assert sum(trade.channel.faults.struck.values()) == MAX_TRIES
    (job,) = trade.jobs("dead")
    assert job.kind == "order.advance"


def test_timeout_of_a_slow_ledger_is_an_unknown_outcome(trade):
    trade.connect("logo", {**trade.ledger.config(), "write_timeout": 1})
    order = trade.place()
    trade.fault("logo", "latency", "/salesInvoices", seconds=1.6)
    trade.pull(seconds=HOUR)
    trade.ledger.settle()
    assert_done_exactly_once(trade, order)
    assert "effect.uncertain" in trade.actions(trade.effect(order, Operation.POST_INVOICE))


# The process dies


@pytest.mark.parametrize("point", ["_send", "_settle"])
@pytest.mark.parametrize("write", sorted(WRITES))
def test_death_between_intent_and_answer(trade, monkeypatch, write, point):
    """``_send``: committed to sending, no byte left. ``_settle``: the remote has it, we do not know."""
    name, path, operation = WRITES[write]
    order = trade.place()
    original = getattr(effects, point)
    dead = []

    class Died(BaseException):
        pass

    def dying(work, effect, *arguments, **named):
        if effect.operation is operation and not dead:
            dead.append(effect)
            raise Died
        return original(work, effect, *arguments, **named)

    monkeypatch.setattr(effects, point, dying)
    with pytest.raises(Died):
        trade.pull(seconds=HOUR)
    (effect,) = trade.open_effects()
    assert effect.state is EffectState.SENDING
    trade.recover()
    trade.run(HOUR)
    assert_done_exactly_once(trade, order)
    assert trade.posts(name, path) >= 1


def test_sending_is_committed_before_the_first_byte_leaves(trade, monkeypatch):
    order = trade.place()
    seen = []
    handle = trade.channel.handle

    def looking(request):
        if "/Send/Xml" in request.path:
            seen.append(trade.effect(order).state)
        return handle(request)

    monkeypatch.setattr(trade.channel, "handle", looking)
    trade.pull()
    assert set(seen) == {EffectState.SENDING}


def test_number_is_committed_before_anything_is_sent(trade):
    order = trade.place()
    trade.fault("nilvera", "drop_before", "", times=None, method="POST")
    trade.pull(seconds=1)
    document = trade.document(order)
    assert document.state is DocumentState.NUMBERED
    assert document.number.endswith("000000001")


def test_no_lock_is_held_while_a_remote_is_slow(trade):
    """Another order is numbered while the first one's submission is under way."""
    first, second = trade.place(), trade.place()
    trade.pull(seconds=0)
    seen = []
    handle = trade.channel.handle

    def slow(request):
        if "/Send/Xml" in request.path and not seen:
            with trade.admin.begin() as db:
                held = db.exec_driver_sql(
                    "select count(*) from pg_stat_activity where application_name = 'kopru'"
                    " and state = 'idle in transaction' and datname = current_database()"
                ).scalar_one()
            seen.append(held)
        return handle(request)

    trade.channel.handle = slow
    trade.run(30)
    assert seen == [0]
    assert trade.order(first).state is trade.order(second).state is OrderState.DONE


# What is already there


def test_number_somebody_else_used_at_the_channel_parks_for_a_person(trade):
    """A foreign document holds our next number there: neither ours nor to be overwritten."""
    other = trade.place(trade.item("1"))
    trade.pull()
    taken = trade.document(other)
    with trade.admin.begin() as db:
        db.exec_driver_sql("update series set last = 0 where tenant_id = %s", (trade.tenant_id,))
        db.exec_driver_sql("delete from number where tenant_id = %s", (trade.tenant_id,))
        db.exec_driver_sql(
            "update document set number = 'X' where tenant_id = %s and id = %s", (trade.tenant_id, taken.id)
        )
    order = trade.place()
    trade.pull(seconds=HOUR)
    row = trade.order(order)
    assert (row.state, row.reason.code) == (OrderState.PARKED, "effect.conflict")
    assert len(trade.held()) == 1
    assert trade.effect(order).state is EffectState.UNCERTAIN


def test_record_stored_with_another_total_parks_and_names_both(trade, monkeypatch):
    order = trade.place()
    store = trade.ledger.ledger.store_invoice

    def twisted(body, *, sales, committed_at):
        kept = store(body, sales=sales, committed_at=committed_at)
        kept["TOTAL_NET"] += 1
        return kept

    monkeypatch.setattr(trade.ledger.ledger, "store_invoice", twisted)
    trade.pull(seconds=HOUR)
    row = trade.order(order)
    document = trade.document(order)
    assert (row.state, row.reason.code) == (OrderState.PARKED, "effect.differs")
    assert str(document.total) in row.reason.text.en
    assert len(trade.held(Operation.POST_INVOICE)) == 1


def test_invoice_link_that_is_already_there_is_compared(trade):
    """A restored database sends it again; the package answers 409, and what it holds is ours."""
    order = trade.place()
    trade.pull()
    ours = trade.shop.shelf.live[order.id]["invoiceLink"]
    effect = trade.effect(order, Operation.UPDATE_ORDER_STATUS)
    with trade.work().write() as uow:
        uow.effects.turn(effect.id, EffectState.PLANNED)
    trade.add(advance_job(trade.order(order).id))
    trade.run()
    assert trade.effect(order, Operation.UPDATE_ORDER_STATUS).state is EffectState.CONFIRMED
    assert trade.posts("trendyol", "invoice-links") == 2
    assert trade.shop.shelf.live[order.id]["invoiceLink"] == ours
    assert_done_exactly_once(trade, order)


def test_an_order_invoiced_elsewhere_is_left_alone(trade):
    order = trade.place()
    trade.shop.change_order(order.id, invoiceLink="https://elsewhere.example.com/1")
    trade.pull()
    row = trade.order(order)
    assert (row.state, row.reason.code) == (OrderState.EXCLUDED, "order.invoiced_elsewhere")
    assert trade.posts("nilvera", "Send") == 0


def test_another_invoice_link_at_the_package_parks_for_a_person(trade):
    order = trade.place()
    trade.pull()
    effect = trade.effect(order, Operation.UPDATE_ORDER_STATUS)
    trade.shop.shelf.live[order.id]["invoiceLink"] = "https://elsewhere.example.com/1"
    with trade.work().write() as uow:
        uow.effects.turn(effect.id, EffectState.PLANNED)
    trade.add(advance_job(trade.order(order).id))
    trade.run(HOUR)
    row = trade.order(order)
    assert (row.state, row.reason.code) == (OrderState.PARKED, "effect.conflict")
    assert "elsewhere.example.com" in row.reason.detail or "elsewhere" in row.reason.text.en


# What a remote refuses

REFUSAL = '{"Message": "HATALI ISTEK", "Errors": [{"Code": 2015, "Description": "Şema/Şematron Hatası"}]}'


def test_refused_document_keeps_its_number_and_goes_out_under_it_once_the_cause_is_gone(trade, retry):
    order = trade.place()
    trade.fault("nilvera", "status", "/Send/Xml", status=422, body=REFUSAL)
    trade.pull(seconds=HOUR)
    row, document = trade.order(order), trade.document(order)
    assert (row.state, row.reason.code[:8]) == (OrderState.PARKED, "nilvera.")
    assert row.findings and "Şema" in row.findings[0].message.tr
    assert document.number and trade.effect(order).state is EffectState.REJECTED
    assert trade.held() == []
    retry(order)
    assert_done_exactly_once(trade, order)
    assert trade.document(order).number == document.number
    assert trade.document(order).id == document.id


def test_refused_booking_is_booked_once_the_cause_is_gone(trade, retry):
    order = trade.place()
    year = trade.ledger.ledger.start.year
    trade.ledger.set_period(trade.ledger.ledger.start, trade.ledger.ledger.start)
    trade.pull(seconds=HOUR)
    row = trade.order(order)
    assert row.state is OrderState.PARKED
    assert row.reason.code == "logo.period_closed"
    trade.ledger.set_period(
        trade.ledger.ledger.start, trade.ledger.ledger.start.replace(year=year + 1, month=12, day=31)
    )
    retry(order)
    assert_done_exactly_once(trade, order)


def test_refused_link_is_sent_once_the_cause_is_gone(trade, retry):
    order = trade.place()
    trade.fault("trendyol", "status", "/seller-invoice-links", status=400, body='{"errors": []}')
    trade.pull(seconds=HOUR)
    assert trade.order(order).state is OrderState.PARKED
    retry(order)
    assert_done_exactly_once(trade, order)
