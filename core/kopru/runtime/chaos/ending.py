"""After the faults: healing, and waiting until everything has come to its end."""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from uuid import UUID

import psycopg

from kopru.flows.connections import check_connection, pull_job
from kopru.flows.env import Lease, Work
from kopru.flows.records import ConnectionState, Lane, NewJob
from kopru.hooks.errors import ConnectorError
from kopru.runtime.compose import Engine
from kopru.storage.store import UNAVAILABLE
from kopru.testing.chaos.remotes import Remotes
from kopru.testing.truth import Truth

NUDGE_EVERY = 10.0
STOCK_LIMIT = 75.0
"""Seconds stock may take longer than all else: a lost answer is waited out, and a marketplace refuses to be
told the same twice in a row."""

AWAY = 10**9
"""More than anything that can be left, for a database that does not answer."""

_SETTLED = ("done", "cancelled", "excluded", "parked", "held")


class Ending:
    """Waits for the end of all work, doing what an operator does after an outage.

    Logins are checked again, stock is compared once more, and work that waits out a pause is called in.
    """

    def __init__(
        self,
        engine: Engine,
        dsn: str,
        tenants: Mapping[str, UUID],
        remotes: Sequence[Remotes],
        history: Truth,
    ) -> None:
        """Take the engine, the database past the proxies, and the companies."""
        self._engine = engine
        self._dsn = dsn
        self._tenants = tenants
        self._remotes = remotes
        self._history = history

    def wait(self, limit: float) -> tuple[float, dict[str, int]]:
        """Wait for as long as there is progress.

        Returns the seconds it took, and what was left when nothing had come to its end for ``limit`` seconds.
        """
        began = time.monotonic()
        nudged, moved, fewest = 0.0, began, float("inf")
        while True:
            asked = time.monotonic()
            try:
                if time.monotonic() - nudged > NUDGE_EVERY:
                    self._nudge()
                    nudged = time.monotonic()
                left = self._left()
            except (psycopg.OperationalError, *UNAVAILABLE):
                left = {"database": AWAY}
            now, far = time.monotonic(), _distance(left)
            if far < fewest:
                moved, fewest = now, far
            only_stock = not any(each for name, each in left.items() if name != "stock")
            if not far or now - moved > (STOCK_LIMIT if only_stock else limit):
                open_ends = {} if only_stock else {name: each for name, each in left.items() if each}
                self._history.note("ended", left=left)
                return now - began, open_ends
            time.sleep(max(1.0, 3 * (now - asked)))

    def _nudge(self) -> None:
        for tenant_id in self._tenants.values():
            self._nudge_tenant(Work(self._engine.env, tenant_id, {}, Lease(None), actor="chaos"))
        with psycopg.connect(self._dsn) as db:
            db.execute(
                "update job set run_at = now(), rung_at = null"
                " where state = 'queued' and run_at > now() + interval '3 seconds' and error is not null"
            )

    def _nudge_tenant(self, work: Work) -> None:
        with work.read() as uow:
            connections = uow.connections.every()
        for row in connections:
            if row.state is not ConnectionState.ACTIVE:
                self._history.note("connection.checked_again", name=row.name, was=row.state.value)
                with suppress(ConnectorError):
                    check_connection(work, row.id)
        with work.write() as uow:
            uow.jobs.add(NewJob("stock.sync", {}, "stock.sync", Lane.STOCK, serial_key="stock.sync"))
            uow.jobs.add(
                *(
                    pull_job("stock.push", row, lane=Lane.STOCK)
                    for row in connections
                    if row.name == "trendyol"
                )
            )

    def _left(self) -> dict[str, int]:
        with psycopg.connect(self._dsn) as db:
            known = {
                (row[0], row[1]): row[2]
                for row in db.execute(
                    'select t.slug, o.external_id, o.state from "order" o join tenant t on t.id = o.tenant_id'
                )
            }
            counts = {name: _count(db, statement) for name, statement in _OPEN.items()}
        placed = {
            (each.tenant, str(package)) for each in self._remotes for package in tuple(each.shop.shelf.live)
        }
        return {
            "unknown orders": len(placed - known.keys()),
            "unfinished orders": sum(state not in _SETTLED for state in known.values()),
            **counts,
        }


_OPEN = {
    "jobs": "select count(*) from job where kind not like 'stock.%'"
    " and (state = 'running' or (state = 'queued' and (run_at < now() or error is not null)))",
    "open writes": "select count(*) from effect where state in ('sending', 'uncertain')"
    " and coalesce(reason->>'actor', '') <> 'operator'",
    "stock": "select count(*) from stock_push where version > pushed_version and error is null",
}


def _distance(left: Mapping[str, int]) -> float:
    """Return how far the end is, so that each step makes it less though an order brings work along."""
    return (
        1000.0 * left.get("unknown orders", 0) + 10.0 * left.get("unfinished orders", 0) + sum(left.values())
    )


def _count(db: psycopg.Connection[tuple[int]], statement: str) -> int:
    row = db.execute(statement).fetchone()
    return int(row[0]) if row else 0
