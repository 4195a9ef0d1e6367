"""Puts together what a verdict is made from."""

import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import redis

from kopru.hooks.manifest import Quota
from kopru.jobs.broker import ORPHANED_AFTER
from kopru.runtime.chaos import rows
from kopru.runtime.chaos.fleet import LOG
from kopru.runtime.chaos.plan import LONG, Plan
from kopru.runtime.chaos.samples import Sampler
from kopru.runtime.chaos.strikes import Field
from kopru.runtime.compose import Engine
from kopru.storage import audit
from kopru.testing.chaos import ground
from kopru.testing.chaos.remotes import CANARY
from kopru.testing.chaos.verdict import Case

BUSY = 50
"""Events that may be unsealed at any moment: those of the last seconds."""

_SLACK = 2.0


def gather(
    plan: Plan,
    engine: Engine,
    target: Field,
    tenants: Mapping[str, UUID],
    quotas: Mapping[str, tuple[Quota, ...]],
    sampler: Sampler,
) -> Case:
    """Read logs, remotes and rows."""
    canaries = tuple(secret for each in target.remotes for secret in each.canaries)
    with psycopg.connect(target.dsn) as db:
        ends = rows.read_ends(db, _broken_chains(engine, tenants), _unacknowledged(target))
        texts = rows.readable_secrets(db, canaries)
    texts[LOG] = rows.lines_with(target.folder / LOG, CANARY)
    return Case(
        ground.read_ground(_truth(target.folder), target.remotes, target.traffic.orders, target.unreadable),
        ends,
        canaries,
        texts,
        quotas,
        tuple(target.forged),
        tuple(sampler.samples) if plan.minutes >= LONG else (),
        grace=timedelta(seconds=max(plan.quiet, 10.0)),
        quiet=_ledger_quiet(plan, engine),
    )


def _truth(folder: Path) -> Path:
    return folder / "truth"


def _broken_chains(engine: Engine, tenants: Mapping[str, UUID]) -> tuple[str, ...]:
    found = []
    for slug, tenant_id in tenants.items():
        report = audit.verify(engine.store, tenant_id)
        if report.broken or report.events - report.sealed > BUSY:
            found.append(f"{slug} event {report.broken_at or 'unsealed'}")
    return tuple(found)


def _unacknowledged(target: Field) -> int:
    """Return how many messages stay unacknowledged for longer than it takes to run them or take them over."""
    with redis.Redis.from_url(target.endpoints.redis_url) as client:
        staying = _messages(client)
        until = time.monotonic() + ORPHANED_AFTER + _SLACK
        while staying and time.monotonic() < until:
            time.sleep(0.5)
            staying &= _messages(client)
    return len(staying)


def _messages(client: redis.Redis) -> set[bytes | str]:
    return {each for key in client.scan_iter("dramatiq:__acks__*") for each in client.smembers(key)}


def _ledger_quiet(plan: Plan, engine: Engine) -> float:
    """Return the seconds after which "not there" may count for the ledger, as the run's workers take them."""
    writes = engine.registry.manifest("logo").writes.values()
    slowest = max((write.timeout + write.quiet).total_seconds() for write in writes)
    return slowest * plan.patience - _SLACK
