"""Schedules as rows: each time fires once, in the transaction that adds its job, however many look."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from kopru.documents.clock import ISTANBUL
from kopru.flows.records import CatchUp
from kopru.flows.schedules import job_key
from kopru.storage.storable import dump_json

LATE = 60.0
"""Seconds after which a time that did not fire counts as missed."""

AT_A_TURN = 100
"""Missed times of one schedule that fire in one turn; the next turn goes on."""


def fire(db: sa.Connection) -> int:
    """Fire every schedule that is due; return how many jobs that made."""
    return sum(_fire(db, row) for row in db.execute(_DUE).all())


def next_fire(now: datetime, every_seconds: int, at_local: str | None) -> datetime:
    """Return when a schedule fires next after ``now``.

    ``at_local`` is a time of day in Istanbul (``03:00``); then the day is the period.
    """
    if at_local is None:
        return now + timedelta(seconds=every_seconds)
    local = now.astimezone(ISTANBUL)
    target = datetime.combine(local.date(), time.fromisoformat(at_local), ISTANBUL)
    return target if target > local else target + timedelta(days=1)


def _fire(db: sa.Connection, row: sa.Row[Any]) -> int:
    """Fire one schedule by its catch-up policy and set its next time."""
    policy = CatchUp(row.catch_up)
    if policy is CatchUp.EACH:
        missed = list(islice(_times(row), AT_A_TURN))
        after = next_fire(missed[-1], row.every_seconds, row.at_local)
    else:
        late = (row.now - row.next_at).total_seconds() > LATE
        missed = [] if late and policy is CatchUp.SKIP else [row.next_at]
        after = next_fire(row.now, row.every_seconds, row.at_local)
    db.execute(_NEXT, {"id": row.id, "at": after})
    return sum(_add(db, row, at) for at in missed)


def _times(row: sa.Row[Any]) -> Iterator[datetime]:
    """Return the times that are due, oldest first."""
    at: datetime = row.next_at
    while at <= row.now:
        yield at
        at = next_fire(at, row.every_seconds, row.at_local)


def _add(db: sa.Connection, row: sa.Row[Any], at: datetime) -> int:
    """Add the job of one time, unless that time fired already."""
    if not db.execute(_NOTE, {"id": row.id, "at": at, "tenant": row.tenant_id}).rowcount:
        return 0
    serial = job_key(row.kind, row.connection_id)
    each = row.catch_up == CatchUp.EACH.value
    values = {
        "tenant": row.tenant_id,
        "kind": row.kind,
        "args": dump_json({**row.args, "fire_time": at.isoformat()} if each else row.args),
        "key": f"{serial}:{at.isoformat()}" if each else serial,
        "serial": serial,
        "lane": row.lane,
        "connection": row.connection_id,
    }
    db.execute(_ADD, values)
    return 1


_DUE = sa.text("""
    select id, tenant_id, connection_id, kind, args, every_seconds, at_local, next_at, lane, catch_up,
        clock_timestamp() as now
    from schedule where enabled and next_at <= clock_timestamp() for update skip locked
""")

_NEXT = sa.text("update schedule set next_at = :at where id = :id")

_NOTE = sa.text("""
    insert into schedule_fire (schedule_id, fire_time, tenant_id) values (:id, :at, :tenant)
    on conflict do nothing
""")

_ADD = sa.text("""
    insert into job (tenant_id, kind, args, key, lane, serial_key, connection_id)
    values (:tenant, :kind, cast(:args as jsonb), :key, :lane, :serial, :connection)
    on conflict (tenant_id, key) where state in ('queued', 'parked')
    do update set rung_at = null, run_at = least(job.run_at, excluded.run_at)
""")
