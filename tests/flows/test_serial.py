"""``Write.serial``: what a target cannot take twice at a time is sent one at a time."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from kopru.flows.connections import call
from kopru.flows.records import OrderState
from kopru.hooks.manifest import Serial
from kopru.hooks.types import Operation

SUBMIT = Operation.SUBMIT_INVOICE


@pytest.fixture
def declare(trade, monkeypatch):
    """Let the channel state how it takes invoices."""

    def state(serial):
        writes = trade.engine.registry.manifest("nilvera").writes
        monkeypatch.setitem(writes, SUBMIT, replace(writes[SUBMIT], serial=serial))

    return state


@pytest.fixture
def another(trade):
    """An invoice whose request is on its way right now, and how to let it arrive or be long over."""
    order = trade.place()
    trade.pull(seconds=60)
    trade.pull(seconds=60)  # what its own link changed at the shop is read here, not beside the next order
    effect = trade.effect(order)

    def is_in(state, seconds=0.0):
        with trade.admin.begin() as db:
            db.execute(
                sa.text(
                    "update effect set state = :state,"
                    " sent_at = clock_timestamp() - make_interval(secs => :seconds) where id = :id"
                ),
                {"state": state, "seconds": seconds, "id": effect.id},
            )

    is_in("sending")
    return is_in


def waited(trade, order):
    """Whether the write went back to wait for its turn before it left."""
    assert trade.order(order).state is OrderState.DONE
    assert len(trade.held(SUBMIT)) == 2
    assert {job.tries for job in trade.jobs()} == {0}
    return trade.actions(trade.effect(order))[:2] == ["effect.sending", "effect.planned"]


def test_one_write_at_a_time_where_the_target_takes_no_more(trade, declare, another):
    declare(Serial.CONNECTION)
    order = trade.place()
    trade.pull(seconds=5)
    another("confirmed")
    trade.run(60)
    assert waited(trade, order)


def test_a_write_whose_time_is_over_stops_nobody(trade, declare, another):
    declare(Serial.CONNECTION)
    another("sending", seconds=3600.0)
    order = trade.place()
    trade.pull(seconds=60)
    assert not waited(trade, order)


@pytest.fixture
def slow_login(trade, monkeypatch):
    """Lets a minute pass while the connection is opened for the first write."""

    def let(meanwhile=lambda: None):
        took = iter([60.0])

        def slow(work, connection_id, use, **more):
            def late(opened):
                if connection_id == trade.connection("nilvera").id and "seconds" in more:
                    for seconds in took:
                        trade.pass_time(seconds)
                        meanwhile()
                return use(opened)

            return call(work, connection_id, late, **more)

        monkeypatch.setattr("kopru.flows.effects.call", slow)

    return let


def test_a_write_that_began_during_a_slow_login_is_seen(trade, declare, another, slow_login):
    declare(Serial.CONNECTION)
    another("confirmed")
    slow_login(lambda: another("sending"))
    order = trade.place()
    trade.pull(seconds=5)
    another("confirmed")
    trade.run(60)
    assert waited(trade, order)


def test_the_time_of_a_write_begins_after_its_login(trade, declare, slow_login):
    declare(Serial.CONNECTION)
    slow_login()
    order = trade.place()
    trade.pull(seconds=60)
    effect = trade.effect(order)
    with trade.work().read() as uow:
        since = (uow.now - effect.sent_at).total_seconds()
    assert effect.settled
    assert since < 90  # of the 120 seconds that passed, 60 in the login


@pytest.mark.parametrize("serial", [Serial.NO, Serial.ENTITY])
def test_other_targets_take_several(trade, declare, another, serial):
    declare(serial)
    order = trade.place()
    trade.pull(seconds=60)
    assert not waited(trade, order)
