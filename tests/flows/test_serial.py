"""``Write.serial``: what a target cannot take twice at a time is sent one at a time."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

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


@pytest.mark.parametrize("serial", [Serial.NO, Serial.ENTITY])
def test_other_targets_take_several(trade, declare, another, serial):
    declare(serial)
    order = trade.place()
    trade.pull(seconds=60)
    assert not waited(trade, order)
