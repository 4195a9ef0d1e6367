"""What runs by itself and when: the usual times of each kind of work, and what people make of them."""

from collections.abc import Collection
from dataclasses import replace
from datetime import time, timedelta
from typing import Any
from uuid import UUID

from kopru.flows.env import Work
from kopru.flows.ports import Uow
from kopru.flows.records import CatchUp, Lane, NewJob, ScheduleRow
from kopru.flows.texts_jobs import TEXTS
from kopru.hooks.errors import ConfigError
from kopru.hooks.manifest import Manifest

Usual = tuple[str, dict[str, Any], int, str | None]
"""Kind, arguments, period in seconds, time of day in Istanbul."""

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SHORTEST, LONGEST = timedelta(seconds=10), timedelta(days=31)

READS = {
    "fetch_orders": ("orders.pull", timedelta(minutes=15)),
    "fetch_returns": ("returns.pull", HOUR),
    "fetch_inbox": ("inbox.pull", timedelta(minutes=30)),
}
"""What is asked for as often as the connector says, and otherwise so often."""

_LANES = {
    "stock.pull": Lane.STOCK,
    "stock.push": Lane.STOCK,
    "stock.verify": Lane.BACKFILL,
    "orders.verify": Lane.BACKFILL,
    "documents.verify": Lane.BACKFILL,
    "channel.follow": Lane.FISCAL,
}


def lane_of(kind: str) -> Lane:
    """Return the lane in which work of a kind waits when its time has come."""
    return _LANES.get(kind, Lane.ORDERS)


def job_key(kind: str, connection_id: UUID | None) -> str:
    """Return the key of the job of a schedule: one waits at a time, and one runs."""
    return f"{kind}:{connection_id}" if connection_id else kind


def usual(manifest: Manifest, hooks: Collection[str], connection_id: UUID) -> list[Usual]:
    """Return the schedules of a connection, each only if its plugin can.

    Orders every 15 minutes or as often as the connector says; stock at least hourly, besides the run after
    each change; products nightly; both sides compared in the early morning.
    """
    args = {"connection": str(connection_id)}
    times = {
        **{
            kind: (_poll(manifest, hook) or every, None)
            for hook, (kind, every) in READS.items()
            if hook in hooks
        },
        **_stock_and_products(manifest, hooks),
        **_proofs(hooks),
    }
    if "submit_invoice" in hooks:
        times["channel.follow"] = (timedelta(minutes=5), None)
    return [(kind, args, int(every.total_seconds()), at) for kind, (every, at) in times.items()]


def _stock_and_products(
    manifest: Manifest, hooks: Collection[str]
) -> dict[str, tuple[timedelta, str | None]]:
    found: dict[str, tuple[timedelta, str | None]] = {}
    if "fetch_stock" in hooks:
        found["stock.pull"] = (min(_poll(manifest, "fetch_stock") or HOUR, HOUR), None)
    if "push_stock" in hooks:
        found["stock.push"] = (HOUR, None)
    if "fetch_products" in hooks:
        poll = _poll(manifest, "fetch_products") or DAY
        found["catalogue.pull"] = (poll, None) if poll < DAY else (DAY, "03:00")
    return found


def _proofs(hooks: Collection[str]) -> dict[str, tuple[timedelta, str | None]]:
    writes_documents = "submit_invoice" in hooks or "post_invoice" in hooks
    wanted = {
        "orders.verify": ("04:00", "fetch_refs" in hooks and "fetch_orders" in hooks),
        "documents.verify": ("04:30", "fetch_refs" in hooks and writes_documents),
        "stock.verify": ("05:00", "fetch_products" in hooks and "push_stock" in hooks),
    }
    return {kind: (DAY, at) for kind, (at, can) in wanted.items() if can}


def _poll(manifest: Manifest, hook: str) -> timedelta | None:
    stream = manifest.streams.get(hook)
    return stream.poll_every if stream else None


def start(work: Work, kind: str, connection: str | None = None) -> NewJob:
    """Add the job of a schedule now, as if its time had come; one that waits already is woken.

    Raises:
        ConfigError: no schedule fits, or several do.
    """
    with work.write() as uow:
        row = find(uow, kind, connection)
        key = job_key(row.kind, row.connection_id)
        job = NewJob(row.kind, row.args, key, row.lane, serial_key=key, connection_id=row.connection_id)
        if not work.dry_run:
            uow.jobs.add(job)
    return job


def change(
    work: Work,
    kind: str,
    connection: str | None = None,
    *,
    every: timedelta | None = None,
    at: str | None = None,
    enabled: bool | None = None,
    catch_up: CatchUp | None = None,
) -> ScheduleRow:
    """Change when a kind of work runs by itself; what is not given stays.

    Raises:
        ConfigError: no schedule fits or several do, or a time cannot be used.
    """
    with work.write() as uow:
        row = find(uow, kind, connection)
        if every is not None:
            row = replace(row, every_seconds=_seconds(every), at_local=None)
        if at is not None:
            row = replace(row, every_seconds=int(DAY.total_seconds()), at_local=_time_of_day(at))
        row = replace(
            row,
            enabled=row.enabled if enabled is None else enabled,
            catch_up=catch_up or row.catch_up,
            custom=True,
        )
        _store(work, uow, row)
    return row


def reset(work: Work, kind: str, connection: str | None = None) -> ScheduleRow:
    """Give a schedule its usual times again.

    Raises:
        ConfigError: no schedule fits, or several do.
        Unsupported: the connection's plugin is missing.
    """
    with work.write() as uow:
        row = find(uow, kind, connection)
        owner = uow.connections.get(row.connection_id) if row.connection_id else None
        if owner is not None:
            registry = work.env.registry
            for name, _, every, at in usual(
                registry.manifest(owner.plugin), registry.hooks(owner.plugin), owner.id
            ):
                if name == row.kind:
                    row = replace(row, every_seconds=every, at_local=at)
        row = replace(row, enabled=True, catch_up=CatchUp.ONCE, custom=False)
        _store(work, uow, row)
    return row


def find(uow: Uow, kind: str, connection: str | None) -> ScheduleRow:
    """Return the schedule of a kind, at the connection of that name if there are several.

    Raises:
        ConfigError: no schedule fits, or several do.
    """
    names: dict[UUID | None, str] = {row.id: row.name for row in uow.connections.every()}
    rows = [
        row
        for row in uow.jobs.schedules()
        if row.kind == kind and (connection is None or names.get(row.connection_id) == connection)
    ]
    if not rows:
        raise ConfigError("schedule.unknown", TEXTS.text("schedule.unknown", kind=kind))
    if len(rows) > 1:
        listed = ", ".join(sorted(names[row.connection_id] for row in rows if row.connection_id))
        raise ConfigError("schedule.several", TEXTS.text("schedule.several", kind=kind, names=listed))
    return rows[0]


def _store(work: Work, uow: Uow, row: ScheduleRow) -> None:
    if work.dry_run:
        return
    uow.jobs.change_schedule(row)
    uow.events.add(
        work.actor,
        "connection",
        row.connection_id or work.tenant_id,
        "schedule.changed",
        kind=row.kind,
        every=row.every_seconds,
        at=row.at_local or "",
        on=row.enabled,
        catch_up=row.catch_up.value,
    )


def _seconds(every: timedelta) -> int:
    if not SHORTEST <= every <= LONGEST:
        raise ConfigError("schedule.period", TEXTS.text("schedule.period", text=str(every)))
    return int(every.total_seconds())


def _time_of_day(text: str) -> str:
    try:
        found = time.fromisoformat(text)
    except ValueError as error:
        raise ConfigError("schedule.time", TEXTS.text("schedule.time", text=text)) from error
    if found.tzinfo is not None:
        raise ConfigError("schedule.time", TEXTS.text("schedule.time", text=text))
    return found.isoformat("minutes")
