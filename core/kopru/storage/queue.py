"""The job table as workers, relay and scheduler see it: across tenants, by the database's clock only."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from kopru.flows.records import Reason
from kopru.hooks.errors import Actor
from kopru.model import Text
from kopru.storage.dispatch import CONSTANTS, DUE, RING_AGAIN
from kopru.storage.schedules import fire
from kopru.storage.storable import dump_json
from kopru.storage.store import Store

LEASE_SECONDS = 10
DEATHS = 3
"""A job whose worker died that often while holding it is quarantined."""

MANY = 1000

BURY = "job.bury"
"""The kind of job that tells the subject of a quarantined one: ``args`` are its kind and arguments."""

QUARANTINED = Reason(
    "job.killed_its_worker",
    Text(
        tr="İş, çalıştıran süreci üç kez düşürdü; karantinaya alındı.",
        en="The job killed its worker three times and is quarantined.",
    ),
    Actor.INTEGRATOR,
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A job this worker now owns for as long as its lease is renewed."""

    id: int
    tenant_id: UUID
    kind: str
    args: Mapping[str, Any]
    attempt_no: int
    tries: int
    key: str
    serial_key: str
    connection_id: UUID | None


class Queue:
    """Claims, leases, bells and schedules."""

    def __init__(self, store: Store) -> None:
        """Take the store whose engine role sees the job table."""
        self._store = store

    def claim(self, job_id: int, worker_id: UUID) -> Claim | None:
        """Take a due job; ``None`` when it is not due, taken, or its serial slot is busy."""
        try:
            with self._store.engine() as db:
                row = db.execute(
                    _CLAIM, {"id": job_id, "worker": worker_id, "lease": LEASE_SECONDS}
                ).one_or_none()
                if row is None:
                    db.execute(_RING_SOON, {"id": job_id})
        except IntegrityError:
            return None
        return _claim(row) if row else None

    def finish(self, claim: Claim, worker_id: UUID, *, follow: bool = True) -> Claim | None:
        """Mark a job done and take the next due one of its serial slot, in one transaction.

        With ``follow`` false the slot is left to others.
        """
        slot = {"tenant": claim.tenant_id, "serial": claim.serial_key}
        with self._store.engine() as db:
            done = db.execute(_FINISH, {"id": claim.id, "attempt": claim.attempt_no}).rowcount
            if not done:
                return None
            if not follow:
                db.execute(_FREE_SLOT, slot)
                return None
            values = {**slot, "worker": worker_id, "lease": LEASE_SECONDS}
            row = db.execute(_CLAIM_SERIAL, values).one_or_none()
        return _claim(row) if row else None

    def put_off(
        self, claim: Claim, seconds: float, *, error: Mapping[str, Any] | None, counted: bool
    ) -> None:
        """Hand a job back to run again after some seconds; one that waits under its key replaces it."""
        values = {
            "id": claim.id,
            "attempt": claim.attempt_no,
            "seconds": seconds,
            "error": dump_json(error) if error else None,
            "counted": 1 if counted else 0,
        }
        self._hand_back(_PUT_OFF, values)
        self._free_slot(claim)

    def set_aside(self, claim: Claim, state: str, error: Mapping[str, Any]) -> None:
        """Park a job until someone acts, or give it up as dead."""
        values = {"id": claim.id, "attempt": claim.attempt_no, "state": state, "error": dump_json(error)}
        self._hand_back(_SET_ASIDE, values)
        self._free_slot(claim)

    def _free_slot(self, claim: Claim) -> None:
        """Let the next of a serial slot be rung for at once, though its bell came while the slot was busy."""
        if claim.serial_key != claim.key:
            with self._store.engine() as db:
                db.execute(_FREE_SLOT, {"tenant": claim.tenant_id, "serial": claim.serial_key})

    def _hand_back(self, statement: sa.TextClause, values: Mapping[str, Any]) -> int:
        """Hand jobs back. When one collides with a job of its key that was added in this instant, try again
        with a single job, which then sees the other."""
        try:
            with self._store.engine() as db:
                return db.execute(statement, {**values, "limit": MANY}).rowcount
        except IntegrityError:
            with self._store.engine() as db:
                return db.execute(statement, {**values, "limit": 1}).rowcount

    def renew(self, worker_id: UUID, held: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
        """Extend the leases of the (job, attempt) pairs a worker is at; return those extended.

        A job whose row is locked is left out: one of the worker's own transactions holds it, and nobody can
        take the job over meanwhile.
        """
        with self._store.engine() as db:
            db.execute(
                sa.text("update worker set seen_at = clock_timestamp() where id = :id"), {"id": worker_id}
            )
            if not held:
                return set()
            ids, attempts = zip(*held, strict=True)
            values = {"worker": worker_id, "ids": list(ids), "attempts": list(attempts)}
            rows = db.execute(_RENEW, {**values, "lease": LEASE_SECONDS})
            return {(row.id, row.attempt_no) for row in rows}

    def recover(self) -> int:
        """Hand jobs of dead workers back; one that killed its worker too often is quarantined.

        A job of its own (``BURY``) tells the quarantined one's subject.
        """
        values = {"deaths": DEATHS, "reason": dump_json(QUARANTINED.to_json()), "bury": BURY}
        return self._hand_back(_RECOVER, values)

    def due(
        self, limit: int, *, flying: Collection[int] = (), ahead: int = 0, again: int = RING_AGAIN
    ) -> list[int]:
        """Return due jobs to ring for, fairly over tenants, and note that their bells were rung.

        ``flying`` are the jobs rung for lately and ``ahead`` is how many bells may wait for a thread, of one
        tenant too, because they are picked up soon. A bell is lost after ``again`` seconds (``dispatch``).
        """
        values = {**CONSTANTS, "limit": limit, "flying": list(flying), "ahead": ahead, "again": again}
        with self._store.engine() as db:
            return [row.id for row in db.execute(DUE, values)]

    def fire(self) -> int:
        """Turn due schedules into jobs, exactly once each, however many schedulers run."""
        with self._store.engine() as db:
            fired = fire(db)
        if fired:
            self._store.wake()
        return fired

    def weigh(self, tenant_id: UUID, weight: int) -> None:
        """Set a tenant's share of the workers, relative to the others'."""
        with self._store.engine() as db:
            db.execute(
                sa.text("update tenant set weight = :weight where id = :id"),
                {"id": tenant_id, "weight": weight},
            )

    def enlist(self, worker_id: UUID, host: str, pid: int, role: str, threads: int = 0) -> None:
        """Note that a process takes part, and how many jobs it runs at a time."""
        values = {"id": worker_id, "host": host, "pid": pid, "role": role, "threads": threads}
        with self._store.engine() as db:
            db.execute(
                sa.text(
                    "insert into worker (id, host, pid, role, threads)"
                    " values (:id, :host, :pid, :role, :threads)"
                ),
                values,
            )

    def leave(self, worker_id: UUID) -> None:
        """Hand back what a process still holds and forget it."""
        self._hand_back(_HAND_BACK, {"worker": worker_id})
        with self._store.engine() as db:
            db.execute(sa.text("delete from worker where id = :id"), {"id": worker_id})

    def tidy(self, keep: timedelta) -> int:
        """Delete finished jobs, old fires and processes that are long gone."""
        with self._store.engine() as db:
            db.execute(
                sa.text("delete from schedule_fire where fired_at < clock_timestamp() - :keep"),
                {"keep": keep},
            )
            db.execute(sa.text("delete from worker where seen_at < clock_timestamp() - interval '1 hour'"))
            return db.execute(
                sa.text(
                    "delete from job where state = 'done'"
                    " and coalesce(finished_at, run_at) < clock_timestamp() - :keep"
                ),
                {"keep": keep},
            ).rowcount


def _claim(row: sa.Row[Any]) -> Claim:
    return Claim(
        row.id,
        row.tenant_id,
        row.kind,
        row.args,
        row.attempt_no,
        row.tries,
        row.key,
        row.serial_key,
        row.connection_id,
    )


_BACK = """case when exists (
        select 1 from job as other where other.tenant_id = job.tenant_id and other.key = job.key
          and other.state in ('queued', 'parked')) then 'done' else 'queued' end"""
"""A job handed back makes way for one of the same key that waits already."""

_TAKE = """
    update job set state = 'running', attempt_no = attempt_no + 1, deaths = deaths + 1, worker_id = :worker,
        lease_until = clock_timestamp() + make_interval(secs => :lease)
    where id = {which}
    returning id, tenant_id, kind, args, attempt_no, tries, key, serial_key, connection_id
"""

_CLAIM = sa.text(
    _TAKE.format(
        which="(select id from job where id = :id and state = 'queued' and run_at <= clock_timestamp()"
        " for update skip locked)"
    )
)

_CLAIM_SERIAL = sa.text(
    _TAKE.format(
        which="(select id from job where tenant_id = :tenant and serial_key = :serial and state = 'queued'"
        " and run_at <= clock_timestamp() order by lane, run_at limit 1 for update skip locked)"
    )
)

_FINISH = sa.text("""
    update job set state = 'done', tries = 0, deaths = 0, error = null, worker_id = null, lease_until = null,
        finished_at = clock_timestamp()
    where id = :id and attempt_no = :attempt and state = 'running'
""")

_FREE_SLOT = sa.text("""
    update job set rung_at = null
    where id in (
        select id from job
        where tenant_id = :tenant and serial_key = :serial and state = 'queued' and rung_at is not null
        for no key update skip locked
    )
""")
"""A row that is locked is being claimed: the claim waits for this very transaction and then succeeds."""

_PUT_OFF = sa.text(
    """
    update job set state = {back}, run_at = clock_timestamp() + make_interval(secs => :seconds),
        tries = tries + :counted, deaths = 0, error = cast(:error as jsonb), rung_at = null, worker_id = null,
        lease_until = null
    where id = :id and attempt_no = :attempt and state = 'running'
""".replace("{back}", _BACK)
)

_SET_ASIDE = sa.text(
    """
    update job set error = cast(:error as jsonb), worker_id = null, lease_until = null,
        state = case when :state = 'parked' then {back} else :state end,
        finished_at = clock_timestamp()
    where id = :id and attempt_no = :attempt and state = 'running'
""".replace("{back}", _BACK.replace("'queued' end", "'parked' end"))
)

_RENEW = sa.text("""
    update job set lease_until = clock_timestamp() + make_interval(secs => :lease)
    where id in (
        select id from job
        join unnest(cast(:ids as bigint[]), cast(:attempts as int[])) as held (id, attempt_no)
            using (id, attempt_no)
        where worker_id = :worker and state = 'running' for no key update of job skip locked
    )
    returning id, attempt_no
""")

_RECOVER = sa.text(
    """
    with lost as (
        update job set state = case when deaths >= :deaths then 'dead' else {back} end, worker_id = null,
            lease_until = null, rung_at = null, run_at = clock_timestamp(),
            error = case when deaths >= :deaths then cast(:reason as jsonb) else error end
        where id in (
            select id from job where state = 'running' and lease_until < clock_timestamp()
            order by id limit :limit for update skip locked
        )
        returning id, tenant_id, kind, args, lane, state
    ), buried as (
        insert into job (tenant_id, kind, args, key, lane, serial_key)
        select tenant_id, :bury, jsonb_build_object('kind', kind, 'args', args), :bury || ':' || id, lane,
            :bury || ':' || id
        from lost where state = 'dead' and kind <> :bury
    )
    select id from lost
""".replace("{back}", _BACK)
)

_RING_SOON = sa.text("""
    update job set rung_at = null
    where id = :id and state = 'queued' and run_at <= clock_timestamp() and rung_at is not null
""")
"""For a due job whose row is held by a transaction that relies on it: the next sweep rings again."""

_HAND_BACK = sa.text(
    """
    update job set state = {back}, deaths = 0, worker_id = null, lease_until = null, rung_at = null,
        run_at = clock_timestamp()
    where id in (
        select id from job where worker_id = :worker and state = 'running' order by id limit :limit
    )
""".replace("{back}", _BACK)
)
