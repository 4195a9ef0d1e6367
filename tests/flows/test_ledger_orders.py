"""Open orders in the ledger: one copy of the present version, gone once the invoice is booked."""

import pytest

from kopru.flows import ledgerorders
from kopru.flows.records import Lane, NewJob, OrderState
from kopru.hooks.types import Operation

HOUR = 3600.0
ENTER = Operation.POST_ORDER
AUTO = ("[invoice]\n", '[ledger]\norders = "auto"\n\n[invoice]\n')
UNPAID = '[[rules]]\nname = "unpaid"\n'
WAIT = '[[rules]]\nname = "wait"\n[rules.when]\nstatus = ["new"]\n[rules.hold]\nreason = "x"\nuntil = ["shipped"]\n'
HOLD = (UNPAID, f"{WAIT}\n{UNPAID}")


@pytest.fixture
def entering(trade):
    """Orders wait for their parcel, and the ledger wants them meanwhile."""
    trade.settings(AUTO, HOLD)
    return trade


def sync(trade, seconds=120):
    trade.add(NewJob("stock.sync", {}, "stock.sync", Lane.STOCK, serial_key="stock.sync"))
    trade.run(seconds)


def test_nothing_is_entered_unless_the_company_wants_it(trade):
    trade.place()
    trade.pull()
    sync(trade)
    assert trade.posts("logo", "/salesOrders") == 0


def test_a_held_order_reserves_once_and_is_taken_out_when_it_is_booked(entering):
    trade = entering
    order = trade.place()
    trade.pull(seconds=120)
    assert trade.order(order).state is OrderState.HELD
    assert len(trade.held(ENTER)) == 1
    sync(trade)
    assert trade.posts("logo", "/salesOrders") == 1
    trade.shop.set_status(order.id, "Shipped")
    trade.pull(seconds=240)
    assert trade.order(order).state is OrderState.DONE
    sync(trade)
    assert trade.held(ENTER) == []
    sync(trade)
    assert trade.held(ENTER) == []


def test_a_cancelled_order_is_taken_out(entering):
    trade = entering
    order = trade.place()
    trade.pull(seconds=120)
    trade.shop.cancel_order(order.id)
    trade.pull(seconds=240)
    sync(trade)
    assert trade.held(ENTER) == []


def test_a_lost_answer_enters_it_once(entering):
    trade = entering
    trade.fault("logo", "drop_after", "/salesOrders")
    trade.place()
    trade.pull(seconds=HOUR)
    assert len(trade.held(ENTER)) == 1
    assert trade.open_effects() == []


def test_a_refused_order_parks_its_job_and_leaves_the_order_alone(entering):
    trade = entering
    trade.fault("logo", "status", "/salesOrders", status=400, body='{"Message": "no"}', times=9)
    order = trade.place()
    trade.pull(seconds=120)
    sync(trade)
    assert trade.order(order).state is OrderState.HELD
    assert [job.kind for job in trade.jobs("parked")] == ["order.enter"]
    with trade.work().read() as uow:
        (refused,) = uow.effects.unanswered()
    assert (refused.operation, refused.attempt) == (ENTER, 1)


def test_a_changed_order_is_entered_anew(entering):
    trade = entering
    order = trade.place((trade.item("20"), 2))
    trade.pull(seconds=120)
    (before,) = trade.held(ENTER)
    address = trade.shop.shelf.live[order.id]["invoiceAddress"]
    trade.shop.change_order(order.id, invoiceAddress={**address, "firstName": "Yeni"})
    trade.pull(seconds=240)
    (after,) = trade.held(ENTER)
    assert trade.order(order).version == 2
    assert after.reference != before.reference


def test_a_dry_run_counts_what_would_be_entered(trade):
    trade.settings(HOLD)
    trade.place()
    trade.pull(seconds=60)
    assert ledgerorders.plan(trade.work(dry_run=True)) == 1
    assert trade.posts("logo", "/salesOrders") == 0
    assert ledgerorders.plan(trade.work("operator")) == 1
    trade.run(60)
    assert len(trade.held(ENTER)) == 1
