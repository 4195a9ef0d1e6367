"""Jobs as a tenant's transaction sees them: adding work, and proving that one still holds it."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kopru.flows.records import CatchUp, JobRow, Lane, NewJob, Reason, ScheduleRow
from kopru.flows.schedules import lane_of
from kopru.storage.repos.base import Repo, any_of, mine
from kopru.storage.schedules import next_fire
from kopru.storage.tables import job, schedule, schedule_fire
from kopru.storage.tables.work import WAITING
from kopru.transport.errors import LeaseLost

CLAIM_MARGIN = 0.3
"""Seconds a waiting job must still have to be left alone; a claim should seldom meet a row that is held."""

HOLD = (
    sa.select(job.c.id)
    .where(
        mine(job),
        job.c.id == sa.bindparam("at_id"),
        job.c.attempt_no == sa.bindparam("at_attempt"),
        job.c.state == "running",
    )
    .with_for_update(key_share=True)
)
_LEFT = sa.extract("epoch", job.c.run_at - sa.func.clock_timestamp())
PLANNED = (
    sa.select(job.c.key, _LEFT.label("seconds"))
    .where(
        mine(job),
        job.c.key == any_of("at_keys", sa.Text()),
        job.c.state == "queued",
        _LEFT > CLAIM_MARGIN,
    )
    .order_by(job.c.key)
    .with_for_update(read=True, key_share=True)
)
_NEW = insert(job).values(
    run_at=sa.func.clock_timestamp() + sa.func.make_interval(0, 0, 0, 0, 0, 0, sa.bindparam("delay"))
)
ADD = _NEW.on_conflict_do_update(
    index_elements=["tenant_id", "key"],
    index_where=WAITING,
    set_={
        "state": "queued",
        "lane": sa.func.least(job.c.lane, _NEW.excluded.lane),
        "run_at": sa.func.least(job.c.run_at, _NEW.excluded.run_at),
        "rung_at": sa.null(),
    },
)


SCHEDULES = (
    sa.select(
        schedule,
        sa.select(sa.func.max(schedule_fire.c.fire_time))
        .where(schedule_fire.c.schedule_id == schedule.c.id)
        .scalar_subquery()
        .label("last_at"),
    )
    .where(mine(schedule))
    .order_by(schedule.c.kind, schedule.c.id)
)


class Jobs(Repo):
    """Jobs of one tenant. New ones are written when the transaction ends, so that rows are held shortly."""

    def __init__(self, db: sa.Connection, tenant_id: UUID) -> None:
        super().__init__(db, tenant_id)
        self.added = False
        self._pending: list[NewJob] = []

    def add(self, *jobs: NewJob) -> None:
        """Add work; a waiting job of the same key is woken instead.

        A delayed job whose key already waits for about the same time is only kept from being claimed before
        this transaction ends, so that many transactions can ask for it at once.
        """
        self._pending += jobs

    def flush(self) -> None:
        """Write what was added, in the order of keys: no two transactions wait for each other in a circle."""
        jobs, self._pending = self._pending, []
        wanted: dict[str, NewJob] = {}
        for new in jobs:
            wanted[new.key] = _sooner(wanted.get(new.key), new)
        planned = self._planned(sorted(new.key for new in wanted.values() if new.delay))
        rows = [
            self._row(new)
            for _, new in sorted(wanted.items())
            if not _soon_enough(planned.get(new.key), new.delay)
        ]
        if not rows:
            return
        self.db.execute(ADD, rows)
        self.added = True

    def _planned(self, keys: Sequence[str]) -> dict[str, float]:
        """Return in how many seconds waiting jobs run, and keep them from being claimed until this commits.

        A claim skips a row that is locked, so a job that this transaction relies on never runs too early to
        see what it did. Transactions do not keep each other out.
        """
        if not keys:
            return {}
        return {row.key: float(row.seconds) for row in self.all(PLANNED, at_keys=list(keys))}

    def _row(self, new: NewJob) -> dict[str, Any]:
        return {
            "tenant_id": self.tenant_id,
            "kind": new.kind,
            "args": dict(new.args),
            "key": new.key,
            "lane": new.lane.rank,
            "serial_key": new.serial_key or new.key,
            "connection_id": new.connection_id,
            "plugin": new.plugin,
            "delay": new.delay,
        }

    def hold(self, job_id: int, attempt_no: int) -> None:
        """Prove that this try still owns the job; keeps the row until the transaction ends.

        Raises:
            LeaseLost: it does not.
        """
        if self.one(HOLD, at_id=job_id, at_attempt=attempt_no) is None:
            raise LeaseLost(f"job {job_id} attempt {attempt_no}")

    def recent(self, *, state: str | None = None, limit: int = 100) -> list[JobRow]:
        """Return jobs, newest first."""
        self.flush()
        statement = sa.select(job).where(self.of(job)).order_by(job.c.id.desc()).limit(limit)
        if state:
            statement = statement.where(job.c.state == state)
        return [job_row(row) for row in self.all(statement)]

    def get(self, job_id: int) -> JobRow | None:
        """Return one job."""
        self.flush()
        row = self.one(sa.select(job).where(self.of(job), job.c.id == job_id))
        return job_row(row) if row else None

    def counts(self) -> dict[str, int]:
        """Return how many jobs are in each state."""
        self.flush()
        rows = self.all(
            sa.select(job.c.state.label("name"), sa.func.count().label("amount"))
            .where(self.of(job))
            .group_by(job.c.state)
        )
        return {row.name: row.amount for row in rows}

    def retry(self, job_id: int) -> bool:
        """Let a job that waits, is parked or gave up run now."""
        other = job.alias("other")
        waiting = (
            sa.select(other.c.id)
            .where(
                other.c.tenant_id == job.c.tenant_id,
                other.c.key == job.c.key,
                other.c.id != job.c.id,
                other.c.state.in_(["queued", "parked"]),
            )
            .exists()
        )
        changed = self.db.execute(
            sa.update(job)
            .where(self.of(job), job.c.id == job_id, job.c.state.in_(["queued", "parked", "dead"]), ~waiting)
            .values(state="queued", run_at=sa.func.clock_timestamp(), tries=0, deaths=0, rung_at=None)
        )
        self.added = self.added or changed.rowcount == 1
        return changed.rowcount == 1

    def unpark(self) -> int:
        """Let every parked job of the tenant try again, because something it may wait for has changed."""
        changed = self.db.execute(
            sa.update(job)
            .where(self.of(job), job.c.state == "parked")
            .values(state="queued", run_at=sa.func.clock_timestamp(), rung_at=None)
        )
        self.added = self.added or changed.rowcount > 0
        return changed.rowcount

    def hurry(self, connection_ids: Iterable[UUID]) -> int:
        """Let the waiting jobs of some connections run now; return how many there are."""
        self.flush()
        of_them = job.c.connection_id.in_(list(connection_ids))
        changed = self.db.execute(
            sa.update(job)
            .where(self.of(job), of_them, job.c.state == "queued")
            .values(run_at=sa.func.least(job.c.run_at, sa.func.clock_timestamp()), rung_at=None)
        )
        self.added = self.added or changed.rowcount > 0
        return changed.rowcount

    def set_schedules(
        self, connection_id: UUID | None, rows: Sequence[tuple[str, dict[str, Any], int, str | None]]
    ) -> None:
        """Make the schedules of a connection: (kind, args, every seconds, local time of day or none).

        One that a person changed stays as it is.
        """
        for kind, args, every, at_local in rows:
            times = {"every_seconds": every, "at_local": at_local, "lane": lane_of(kind).rank}
            new = insert(schedule).values(
                tenant_id=self.tenant_id,
                connection_id=connection_id,
                kind=kind,
                args=args,
                next_at=sa.func.clock_timestamp(),
                **times,
            )
            self.db.execute(
                new.on_conflict_do_update(
                    index_elements=["tenant_id", "kind", "connection_id"],
                    set_={"args": args, **times},
                    where=schedule.c.custom.is_(False),
                )
            )

    def schedules(self) -> list[ScheduleRow]:
        """Return all schedules by kind, with the time that fired last."""
        return [_schedule_row(row) for row in self.all(SCHEDULES)]

    def change_schedule(self, row: ScheduleRow) -> None:
        """Store times, catch-up policy and whether it is on; it fires next by the new times."""
        now = self.db.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        self.db.execute(
            sa.update(schedule)
            .where(self.of(schedule), schedule.c.id == row.id)
            .values(
                every_seconds=row.every_seconds,
                at_local=row.at_local,
                enabled=row.enabled,
                catch_up=row.catch_up,
                custom=row.custom,
                next_at=next_fire(now, row.every_seconds, row.at_local),
            )
        )


def job_row(row: sa.Row[Any]) -> JobRow:
    """Return a job as the flows see it."""
    return JobRow(
        id=row.id,
        tenant_id=row.tenant_id,
        kind=row.kind,
        args=row.args,
        key=row.key,
        state=row.state,
        run_at=row.run_at,
        attempt_no=row.attempt_no,
        tries=row.tries,
        deaths=row.deaths,
        connection_id=row.connection_id,
        plugin=row.plugin,
        error=Reason.from_json(row.error),
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def _schedule_row(row: sa.Row[Any]) -> ScheduleRow:
    return ScheduleRow(
        id=row.id,
        connection_id=row.connection_id,
        kind=row.kind,
        args=row.args,
        every_seconds=row.every_seconds,
        at_local=row.at_local,
        next_at=row.next_at,
        enabled=row.enabled,
        lane=list(Lane)[row.lane],
        catch_up=CatchUp(row.catch_up),
        custom=row.custom,
        last_at=row.last_at,
    )


def _sooner(one: NewJob | None, other: NewJob) -> NewJob:
    return other if one is None or other.delay < one.delay else one


def _soon_enough(planned: float | None, delay: float) -> bool:
    return planned is not None and planned <= delay + CLAIM_MARGIN
