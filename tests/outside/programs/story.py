"""Runs in the fresh environment: one order through a stranger's plugin, and what another company may do with it.

Prints one JSON object: what was found, counted at the remotes themselves.
"""

import json
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import kopru
from kopru.flows.connections import add_connection, pull_job
from kopru.flows.env import Lease, Work
from kopru.hooks.errors import ConnectorError
from kopru.hooks.types import Operation
from kopru.runtime.compose import compose
from kopru.runtime.processes import configure_log
from kopru.runtime.rehearsal import set_up, simulators
from kopru.runtime.up import installation
from kopru.settings import Settings
from kopru.storage import migrate
from kopru.testing.world import WorldLine, WorldOrder, make_world

LIMIT = 120.0
"""Seconds that one order may take."""


def main():
    settings = Settings(home=Path(sys.argv[1]), workers=1, threads=4, log_level="error")
    configure_log(settings)
    world = make_world(0, start=datetime.now(UTC) - timedelta(hours=1))
    world = replace(world, orders=(_order(world),))
    with (
        simulators(world, ("tezgah", "nilvera", "logo")) as remotes,
        installation(settings, web=False) as (endpoints, _),
        compose(settings, endpoints) as engine,
    ):
        configs = {name: remote.config() for name, remote in remotes.items()}
        since = world.orders[0].placed_at - timedelta(hours=1)
        shop = Work(engine.env, set_up(engine, "shop", world, configs, since), {}, Lease(None), actor="test")
        other = Work(engine.env, engine.store.add_tenant("other"), {}, Lease(None), actor="test")
        state = _run(shop)
        sys.stdout.write(
            json.dumps(
                {
                    "kopru": str(Path(kopru.__file__).parent),
                    "schema": [migrate.current(endpoints.database_url), migrate.latest()],
                    "skipped": [entry.name for entry in engine.registry.report if entry.plugin is None],
                    "state": state,
                    "invoices": len(remotes["nilvera"].held(Operation.SUBMIT_INVOICE)),
                    "bookings": len(remotes["logo"].held(Operation.POST_INVOICE)),
                    "links": [held.id for held in remotes["tezgah"].held(Operation.UPDATE_ORDER_STATUS)],
                    "order": str(world.orders[0].id),
                    "other": _refusal(other, remotes["tezgah"].config(), since),
                    "bugs": [str(bug) for remote in remotes.values() for bug in remote.bugs],
                }
            )
        )


def _order(world):
    buyer = next(buyer for buyer in world.buyers if buyer.company and buyer.aliases)
    at = datetime.now(UTC) - timedelta(minutes=30)
    return WorldOrder(
        1, "T-1", at, at, buyer, (WorldLine(1, world.items[0], 2), WorldLine(2, world.items[1], 1))
    )


def _run(work):
    """Ask for orders until the one is done; return its state."""
    until = time.monotonic() + LIMIT
    counts = {}
    while time.monotonic() < until:
        with work.write() as uow:
            uow.jobs.add(pull_job("orders.pull", uow.connections.by_name("tezgah")))
            counts = uow.orders.counts()
        if counts.get("done"):
            break
        time.sleep(0.5)
    return counts


def _refusal(work, config, since):
    try:
        add_connection(work, "tezgah", "tezgah", config, since=since)
    except ConnectorError as error:
        return error.code
    return "allowed"


if __name__ == "__main__":
    main()
