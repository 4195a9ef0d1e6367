"""Installed, allowed, enabled, connected: what a company stops using waits, and nothing else does."""

import pytest
import sqlalchemy as sa

from kopru.flows import enabling
from kopru.flows.connections import add_connection, check_connection, open_connection, pull_job
from kopru.flows.records import NewJob, OrderState
from kopru.hooks.errors import ConfigError, Unsupported
from kopru.hooks.types import Operation
from kopru.registry import Registry
from kopru.storage.schedules import fire

HOUR = 3600.0


def codes(trade, state="parked"):
    return {job.kind: job.error and job.error.code for job in trade.jobs(state)}


def test_disabling_parks_the_jobs_of_that_plugin_and_no_others(trade, neighbour):
    for company in (trade, neighbour):
        shop, channel = company.connection("trendyol"), company.connection("nilvera")
        company.add(pull_job("orders.pull", shop, delay=HOUR), pull_job("returns.pull", shop, delay=HOUR))
        company.add(pull_job("inbox.pull", channel, delay=HOUR), NewJob("stock.sync", {}, "sync", delay=HOUR))
    said = len(trade.shop.served)
    assert enabling.disable(trade.work("operator"), "trendyol") == 2
    trade.run(0)
    neighbour.run(0)
    refused = dict.fromkeys(("orders.pull", "returns.pull"), "plugin.not_enabled")
    assert codes(trade) == refused, "what was put off parks at once"
    assert {"inbox.pull", "stock.sync"} <= set(codes(trade, "queued"))
    assert codes(neighbour) == {}
    assert {"orders.pull", "returns.pull", "inbox.pull", "stock.sync"} <= set(codes(neighbour, "queued"))
    assert len(trade.shop.served) == said, "nothing is said to what is not used"
    assert trade.jobs("dead") == []
    enabling.enable(trade.work("operator"), "trendyol")
    trade.run(0)
    assert codes(trade) == {}
    assert len(trade.shop.served) > said


def test_other_connections_work_on_and_enabling_resumes(trade, neighbour):
    order, other = trade.place(), neighbour.place()
    enabling.disable(trade.work("operator"), "logo")
    trade.pull(seconds=HOUR)
    neighbour.pull(seconds=HOUR)
    row = trade.order(order)
    assert (row.state, row.reason.code) == (OrderState.PARKED, "plugin.not_enabled")
    assert "kopru plugin enable logo" in row.reason.text.en
    assert neighbour.order(other).state is OrderState.DONE
    later = trade.place()
    trade.pull(seconds=60)
    assert trade.order(later).state is OrderState.PARKED, "the shop is read on"
    enabling.enable(trade.work("operator"), "logo")
    trade.run(HOUR)
    assert {trade.order(each).state for each in (order, later)} == {OrderState.DONE}
    assert len(trade.held(Operation.POST_INVOICE)) == 2
    assert trade.jobs("parked") == []
    assert trade.actions("logo") == ["plugin.disabled", "plugin.enabled"]


def test_a_schedule_that_comes_up_leaves_parked_work_parked(trade, admin):
    enabling.disable(trade.work("operator"), "trendyol")
    trade.add(pull_job("orders.pull", trade.connection("trendyol")))
    trade.run(0)
    said = len(trade.shop.served)
    with admin.begin() as db:
        mine = {"t": trade.tenant_id}
        db.execute(sa.text("update schedule set next_at = clock_timestamp() where tenant_id = :t"), mine)
    with trade.store.engine() as db:
        assert fire(db) > 0
    trade.run(0)
    parked = [job for job in trade.jobs("parked") if job.kind == "orders.pull"]
    assert [job.error.code for job in parked] == ["plugin.not_enabled"]
    assert len(trade.shop.served) == said


def test_every_gate_on_the_way_to_a_connection(trade, monkeypatch):
    """Installed, allowed, enabled, connected and checked: each is refused with what to do next."""
    work = trade.work("operator")
    with pytest.raises(Unsupported) as missing:
        enabling.enable(work, "nowhere")
    assert missing.value.code == "plugin.missing" and "kopru plugin list" in missing.value.message.en

    monkeypatch.setattr(type(trade.store), "allowed", lambda self: frozenset({"logo"}))
    with pytest.raises(ConfigError) as forbidden:
        enabling.enable(work, "orderfile")
    assert "kopru plugin allow orderfile" in forbidden.value.message.en
    monkeypatch.undo()

    with pytest.raises(ConfigError) as unused:
        enabling.disable(work, "orderfile")
    assert unused.value.code == "plugin.already_disabled"
    with pytest.raises(Unsupported) as disabled:
        add_connection(work, "datei", "orderfile", {"folder": "/tmp"})
    assert "kopru plugin enable orderfile" in disabled.value.message.en

    row = add_connection(work, "neu", "trendyol", trade.shop.config())
    with pytest.raises(ConfigError) as unchecked:
        open_connection(work, row.id)
    assert "kopru connection check neu" in unchecked.value.message.en
    assert check_connection(work, row.id).ok
    assert open_connection(work, row.id).row.id == row.id


def test_a_plugin_the_operator_no_longer_allows_is_not_called_although_it_is_enabled(trade, monkeypatch):
    trade.place()
    monkeypatch.setattr(type(trade.store), "allowed", lambda self: frozenset({"logo", "nilvera", "ubltr"}))
    trade.pass_time(0)
    before = len(trade.shop.served)
    trade.pull(seconds=0)
    assert codes(trade)["orders.pull"] == "plugin.not_enabled"
    assert len(trade.shop.served) == before


def test_the_allow_list_fails_closed():
    """A company calls only what passed every gate, whatever is installed."""
    registry = Registry.installed()
    everything = frozenset(registry.manifests)
    for allowed, enabled in ((everything, ()), ((), everything), (everything - {"logo"}, everything)):
        plugins = registry.for_tenant(allowed, enabled)
        assert not plugins.can("logo", "check_connection")
        with pytest.raises(Unsupported):
            plugins.require("logo")
