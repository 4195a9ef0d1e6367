"""Killing any process during the main job loses nothing and doubles nothing; counted at the remotes."""

import os
import signal
import time
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from kopru.flows.connections import pull_job
from kopru.flows.env import Lease, Work
from kopru.hooks.types import Operation
from kopru.runtime.compose import compose
from kopru.runtime.rehearsal import set_up, simulators
from kopru.runtime.servers import status
from kopru.runtime.up import installation
from kopru.settings import Settings
from kopru.testing.faults import Fault, FaultKind
from kopru.testing.world import make_world

ORDERS = 24
LIMIT = 150.0


@pytest.fixture
def settings(home, tmp_path):
    return Settings.from_environment(
        {
            "KOPRU_HOME": str(home),
            "HOME": str(tmp_path),
            "KOPRU_LOG_LEVEL": "error",
            "KOPRU_WORKERS": "2",
        }
    )


def kill(pid):
    if pid:
        os.kill(pid, signal.SIGKILL)


def nemesis(settings, supervisor, engine):
    """Yield one kill after the other: each child, a database backend, Valkey, the postmaster."""
    for name in ("worker-1", "relay", "worker-2", "scheduler"):
        yield next(state.pid for state in supervisor.states() if state.name == name)
    with engine.store.engine() as db:
        backends = sa.text(
            "select pid from pg_stat_activity where application_name = 'kopru' and pid <> pg_backend_pid()"
        )
        backend = db.execute(backends).scalars().first()
    yield backend
    for server in sorted(status(settings).servers, key=lambda each: each.name != "valkey"):
        yield server.pid


def wait_until_done(engine, tenant_id):
    """Ask for orders and wait until every one is done, through any outage of database or queue."""
    work = Work(engine.env, tenant_id, {}, Lease(None), actor="test")
    until = time.monotonic() + LIMIT
    counts = {}
    while time.monotonic() < until:
        try:
            with work.write() as uow:
                uow.jobs.add(pull_job("orders.pull", uow.connections.by_name("trendyol")))
                counts = uow.orders.counts()
        except sa.exc.DBAPIError:
            time.sleep(0.5)
        if counts.get("done", 0) >= ORDERS:
            return counts
        time.sleep(0.5)
    return counts


def test_every_process_can_be_killed(settings, monkeypatch):
    monkeypatch.setenv("KOPRU_LOG_LEVEL", "error")
    start = datetime.now(UTC) - timedelta(hours=1)
    world = make_world(ORDERS, start=start, every=timedelta(seconds=60))
    with (
        simulators(world) as remotes,
        installation(settings, web=False) as (endpoints, supervisor),
        compose(settings, endpoints) as engine,
    ):
        configs = {name: remote.config() for name, remote in remotes.items()}
        tenant_id = set_up(engine, "killed", world, configs, start - timedelta(hours=1))
        for name in ("nilvera", "logo"):
            remotes[name].faults.add(
                Fault(FaultKind.DROP_AFTER, method="POST", path="(Send|salesInvoices)", times=3)
            )
            remotes[name].faults.add(Fault(FaultKind.LATENCY, method="POST", seconds=0.2, probability=0.5))
        work = Work(engine.env, tenant_id, {}, Lease(None), actor="test")
        with work.write() as uow:
            uow.jobs.add(pull_job("orders.pull", uow.connections.by_name("trendyol")))
        for pid in nemesis(settings, supervisor, engine):
            time.sleep(1.5)
            kill(pid)
        counts = wait_until_done(engine, tenant_id)
        assert counts == {"done": ORDERS}
        assert_exactly_once(engine, tenant_id, remotes)


def assert_exactly_once(engine, tenant_id, remotes):
    sent = [held.reference for held in remotes["nilvera"].held(Operation.SUBMIT_INVOICE) if held.live]
    booked = [held.number for held in remotes["logo"].held(Operation.POST_INVOICE) if held.live]
    linked = {held.reference for held in remotes["trendyol"].held(Operation.UPDATE_ORDER_STATUS)}
    assert len(sent) == len(set(sent)) == ORDERS
    assert len(booked) == len(set(booked)) == ORDERS
    assert len(linked) == ORDERS
    with engine.store.tenant(tenant_id) as uow:
        numbers = uow.documents.numbers()
        totals = {document.number: document.total for document in uow.documents.recent(limit=1000)}
    for prefix in {number[0] for number in numbers}:
        sequences = sorted(number[2] for number in numbers if number[0] == prefix)
        assert sequences == list(range(1, len(sequences) + 1))
    held = {each.number: each.total for each in remotes["logo"].held(Operation.POST_INVOICE)}
    assert held == totals
