"""Stages that wait for a person, and bringing a document through them."""

import pytest

from kopru.documents import Stage
from kopru.flows.records import DocumentState, NewJob, OrderState, advance_job
from kopru.hooks.types import Operation


def manual(trade, *stages):
    lines = "".join(f'{stage} = "manual"\n' for stage in stages)
    trade.settings(('[[series]]\nkey = "efatura"', f'[stages]\n{lines}\n[[series]]\nkey = "efatura"'))


def advance(trade, order, through):
    """What ``kopru documents advance --through`` queues."""
    job = advance_job(trade.order(order).id)
    args = {**job.args, "through": through}
    trade.add(NewJob(job.kind, args, f"{job.key}:{through}", job.lane, serial_key=job.key))
    trade.run()


def counts(trade):
    return [
        len(trade.held(operation))
        for operation in (Operation.SUBMIT_INVOICE, Operation.POST_INVOICE, Operation.UPDATE_ORDER_STATUS)
    ]


@pytest.mark.parametrize(
    ("stage", "order_state", "document_state", "held"),
    [
        ("draft", OrderState.HELD, None, [0, 0, 0]),
        ("number", OrderState.INVOICING, DocumentState.VALIDATED, [0, 0, 0]),
        ("send", OrderState.INVOICING, DocumentState.NUMBERED, [0, 0, 0]),
        ("book", OrderState.DONE, DocumentState.ISSUED, [1, 0, 1]),
        ("link", OrderState.DONE, DocumentState.ISSUED, [1, 1, 0]),
    ],
)
def test_a_manual_stage_waits_and_says_how_to_go_on(trade, stage, order_state, document_state, held):
    manual(trade, stage)
    order = trade.place()
    trade.pull()
    row = trade.order(order)
    assert row.state is order_state
    assert counts(trade) == held
    documents = trade.documents(order)
    assert [document.state for document in documents] == ([document_state] if document_state else [])
    if order_state is not OrderState.DONE:
        assert row.reason.code == "document.manual"
        assert f"kopru documents advance {order.number}" in row.reason.text.en
        assert stage in row.reason.text.en
    before = counts(trade)
    trade.pull()
    trade.run(3600)
    assert counts(trade) == before, "it goes on waiting"


@pytest.mark.parametrize("stage", ["draft", "number", "send", "book", "link"])
def test_a_person_brings_it_through(trade, stage):
    manual(trade, stage)
    order = trade.place()
    trade.pull()
    advance(trade, order, stage)
    trade.run()
    assert trade.order(order).state is OrderState.DONE
    assert counts(trade) == [1, 1, 1]
    assert trade.order(order).reason is None


def test_through_goes_as_far_as_asked_and_no_further(trade):
    manual(trade, "draft", "number", "send", "book", "link")
    order = trade.place()
    trade.pull()
    assert trade.documents(order) == []
    advance(trade, order, "draft")
    assert trade.document(order).state is DocumentState.VALIDATED
    advance(trade, order, "number")
    assert trade.document(order).state is DocumentState.NUMBERED
    assert counts(trade) == [0, 0, 0]
    advance(trade, order, "send")
    assert counts(trade) == [1, 0, 0]
    advance(trade, order, "book")
    assert counts(trade) == [1, 1, 0]
    advance(trade, order, "link")
    assert counts(trade) == [1, 1, 1]
    assert trade.order(order).state is OrderState.DONE


def test_all_stages_at_once(trade):
    manual(trade, *(stage.value for stage in Stage if stage is not Stage.STOCK))
    order = trade.place()
    trade.pull()
    advance(trade, order, "link")
    trade.run()
    assert counts(trade) == [1, 1, 1]
    assert trade.order(order).state is OrderState.DONE


def test_a_rule_may_have_stages_of_its_own(trade):
    trade.settings(
        (
            '[rules.document]\nprofile = "archive"\n',
            '[rules.document]\nprofile = "archive"\n[rules.document.stages]\nsend = "manual"\n',
        )
    )
    archive, company = trade.place(buyer=trade.consumer), trade.place(buyer=trade.registered)
    trade.pull()
    assert trade.document(archive).state is DocumentState.NUMBERED
    assert trade.document(company).state is DocumentState.ISSUED


def test_booking_waits_for_the_delivery_when_the_tenant_says_so(trade):
    trade.settings(("[invoice]\n", '[ledger]\nafter = "delivered"\n\n[invoice]\n'))
    order = trade.place(buyer=trade.registered)
    trade.pull(seconds=0)
    assert trade.document(order).remote_state == "pending"
    assert counts(trade)[:2] == [1, 0]
    trade.run(60)
    assert trade.document(order).remote_state == "delivered"
    assert counts(trade) == [1, 1, 1]
    assert trade.order(order).state is OrderState.DONE


def test_a_draft_that_waited_over_night_is_dated_with_the_day_of_its_number(trade):
    manual(trade, "number")
    order = trade.place()
    trade.pull()
    document = trade.document(order)
    with trade.admin.begin() as db:
        db.exec_driver_sql(
            "update document set issue_date = issue_date - 1,"
            " body = jsonb_set(body, '{issue_date}', to_jsonb((issue_date - 1)::text))"
            " where id = %s",
            (document.id,),
        )
    yesterday = trade.document(order).issue_date
    advance(trade, order, "link")
    assert trade.document(order).issue_date > yesterday
    assert trade.document(order).invoice.issue_date == trade.document(order).issue_date
    assert trade.order(order).state is OrderState.DONE
