"""A backup is restored while the remotes are ahead: what they hold is adopted, nothing is doubled or skipped.

The channel is slow to tell what it holds, so that work that did not wait for it would be seen.
"""

import os
import shutil
import subprocess
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from kopru.flows.connections import pull_job
from kopru.flows.env import Lease, Work
from kopru.hooks.types import Operation
from kopru.runtime.compose import compose
from kopru.runtime.rehearsal import set_up, simulators
from kopru.runtime.servers import connect
from kopru.runtime.up import installation
from kopru.settings import Settings
from kopru.testing.faults import Fault, FaultKind
from kopru.testing.world import make_world

BEFORE, LOST, AFTER = 3, 3, 2
"""Orders invoiced before the backup, after it (and so forgotten), and after the restore."""

LIMIT = 150.0


@pytest.fixture
def settings(home, tmp_path, monkeypatch):
    monkeypatch.setenv("KOPRU_LOG_LEVEL", "error")
    return Settings.from_environment(
        {"KOPRU_HOME": str(home), "HOME": str(tmp_path), "KOPRU_LOG_LEVEL": "error", "KOPRU_WORKERS": "1"}
    )


def data_directory(settings):
    with connect(settings) as endpoints:
        database = sa.create_engine(endpoints.database_url)
        with database.connect() as db:
            folder = Path(db.execute(sa.text("show data_directory")).scalar_one())
        database.dispose()
    return folder


def copy(source, target):
    subprocess.run(["cp", "-a", source, target], check=True)


def recover(data, backup):
    """Put a backup in place, to be recovered as PostgreSQL recovers to a point in time: on a new timeline."""
    shutil.rmtree(data)
    copy(backup, data)
    owner = data.stat()
    with (data / "postgresql.auto.conf").open("a") as out:
        out.write("restore_command = 'false'\n")
    signal = data / "recovery.signal"
    signal.touch()
    os.chown(signal, owner.st_uid, owner.st_gid)


def trade(settings, remotes, orders, *, first=None):
    """Run the installation until so many orders are done."""
    with installation(settings, web=False) as (endpoints, _), compose(settings, endpoints) as engine:
        tenant_id = first(engine) if first else engine.store.tenant_id("restored")
        work = Work(engine.env, tenant_id, {}, Lease(None), actor="test")
        until, counts = time.monotonic() + LIMIT, {}
        while counts != {"done": orders} and time.monotonic() < until:
            with work.write() as uow:
                uow.jobs.add(pull_job("orders.pull", uow.connections.by_name("trendyol")))
                counts = uow.orders.counts()
                waiting = [str(row.reason) for row in uow.orders.recent() if row.reason]
            time.sleep(0.3)
        assert counts == {"done": orders}, waiting
        with work.read() as uow:
            return {row.number: row.total for row in uow.documents.recent()}, uow.documents.numbers()


def place(shop, orders):
    """Let orders be placed now."""
    for order in orders:
        shop.add_order(replace(order, modified_at=datetime.now(UTC) - timedelta(seconds=1)))


def live(remote, operation):
    return [each for each in remote.held(operation) if each.live]


def test_what_remotes_hold_and_a_restored_database_forgot_is_adopted(settings, tmp_path):
    start = datetime.now(UTC) - timedelta(hours=1)
    world = make_world(BEFORE + LOST + AFTER, start=start, every=timedelta(seconds=60))
    known = replace(world, orders=world.orders[:BEFORE])
    with simulators(known) as remotes:
        configs = {name: remote.config() for name, remote in remotes.items()}

        def first(engine):
            return set_up(engine, "restored", world, configs, start - timedelta(hours=1))

        trade(settings, remotes, BEFORE, first=first)
        data = data_directory(settings)
        copy(data, tmp_path / "backup")
        place(remotes["trendyol"], world.orders[BEFORE : BEFORE + LOST])
        before, _ = trade(settings, remotes, BEFORE + LOST)

        recover(data, tmp_path / "backup")
        place(remotes["trendyol"], world.orders[BEFORE + LOST :])
        remotes["nilvera"].faults.add(Fault(FaultKind.LATENCY, method="GET", seconds=5.0, times=2))
        after, numbers = trade(settings, remotes, BEFORE + LOST + AFTER)

        assert before.items() <= after.items(), "every document has the number and total it had"
        for prefix in {each[0] for each in numbers}:
            sequences = sorted(each[2] for each in numbers if each[0] == prefix)
            assert sequences == list(range(1, len(sequences) + 1))
        sent = live(remotes["nilvera"], Operation.SUBMIT_INVOICE)
        booked = live(remotes["logo"], Operation.POST_INVOICE)
        assert sorted(each.number for each in booked) == sorted(after)
        assert len({each.reference for each in sent}) == len(sent) == len(after)
