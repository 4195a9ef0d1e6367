"""The audit chain: events are appended without a lock and sealed afterwards in order, per tenant.

Each seal is SHA-256 over the seal before it and the event's canonical JSON. A changed, removed, swapped or
inserted event breaks the chain from there on; events cut off at the end are found by comparing the newest
seal with a copy kept elsewhere.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from itertools import zip_longest
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from kopru.model import Text
from kopru.storage.store import Store
from kopru.storage.tables import event, event_seal

GENESIS = b"\0" * 32
BATCH = 1000
"""Events sealed in one transaction."""

PAGE = 5000
"""Rows held in memory while a chain is verified."""

_UNSEALED = sa.text("""
    select max(id) as newest,
        cast(cast(pg_snapshot_xmin(pg_current_snapshot()) as text) as bigint) as oldest_open,
        cast(cast(pg_snapshot_xmax(pg_current_snapshot()) as text) as bigint) as following
    from event
    where tenant_id = :tenant and at < clock_timestamp() - interval '1 second'
      and id > coalesce((select max(event_id) from event_seal where tenant_id = :tenant), 0)
""")
"""The second is for an id that was drawn by a transaction that has no number at that instant."""

_NUMBER = sa.text("select cast(cast(pg_current_xact_id() as text) as bigint)")


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What a verification found. ``head`` is the newest seal, to be kept elsewhere."""

    events: int
    sealed: int
    head: str
    broken_at: int | None = None

    @property
    def broken(self) -> bool:
        """Whether the chain does not hold."""
        return self.broken_at is not None

    @property
    def problem(self) -> Text:
        """Return what is wrong, in words."""
        return Text(
            tr=f"Zincir {self.broken_at} numaralı olayda kopuk: kayıt değişmiş, silinmiş ya da eklenmiş.",
            en=f"The chain breaks at event {self.broken_at}: it was changed, removed or put in between.",
        )

    def to_row(self) -> dict[str, Any]:
        """Return the report as one row."""
        return {
            "events": self.events,
            "sealed": self.sealed,
            "unsealed": self.events - self.sealed,
            "intact": not self.broken,
            "head": self.head,
        }


@dataclass(frozen=True, slots=True)
class _Mark:
    """The newest event at some moment, and the number of a transaction of that moment.

    Ids are drawn in order, but a transaction that drew a small one may commit late. Once no transaction up to
    that number is open, no event up to that id can appear any more.
    """

    event_id: int
    transaction: int


class Sealer:
    """Seals the events of tenants in order of their ids. Any number may run."""

    def __init__(self, store: Store) -> None:
        """Take the store whose chains are sealed."""
        self._store = store
        self._marks: dict[UUID, _Mark] = {}

    def turn(self) -> int:
        """Seal what is ready of all tenants; return how many events were sealed."""
        return sum(self.seal(tenant_id) for tenant_id, _ in self._store.tenants())

    def seal(self, tenant_id: UUID) -> int:
        """Seal what is ready of one tenant; return how many. What is seen now is ready at a later turn."""
        ready = self._ready(tenant_id)
        sealed = 0
        while ready and (batch := _seal_batch(self._store, tenant_id, ready)):
            sealed += batch
        return sealed

    def _ready(self, tenant_id: UUID) -> int:
        """Return the event up to which none can appear any more, 0 when there is nothing to seal yet."""
        with self._store.tenant(tenant_id) as uow:
            now = uow.db.execute(_UNSEALED, {"tenant": tenant_id}).one()
            if now.newest is None:
                return 0
            mark = self._marks.get(tenant_id)
            if mark is not None and mark.transaction >= now.following:
                mark = None  # the database was set back to an earlier state
            if mark is not None and mark.transaction >= now.oldest_open:
                return 0
            self._marks[tenant_id] = _Mark(now.newest, uow.db.execute(_NUMBER).scalar_one())
        return mark.event_id if mark is not None else 0


def _seal_batch(store: Store, tenant_id: UUID, up_to: int) -> int:
    with store.tenant(tenant_id) as uow:
        free = uow.db.execute(
            sa.text("select pg_try_advisory_xact_lock(hashtext('kopru-audit'), hashtext(:tenant))"),
            {"tenant": str(tenant_id)},
        ).scalar_one()
        if not free:
            return 0
        last, head = _head(uow.db, tenant_id)
        rows = uow.db.execute(
            sa.select(event)
            .where(event.c.tenant_id == tenant_id, event.c.id > last, event.c.id <= up_to)
            .order_by(event.c.id)
            .limit(BATCH)
        ).all()
        seals = []
        for row in rows:
            head = _hash(head, row)
            seals.append({"tenant_id": tenant_id, "event_id": row.id, "hash": head})
        if seals:
            uow.db.execute(sa.insert(event_seal), seals)
        return len(seals)


def verify(store: Store, tenant_id: UUID) -> AuditReport:
    """Check the whole chain of a tenant."""
    head, sealed = GENESIS, 0
    with store.tenant(tenant_id) as uow:
        last, _ = _head(uow.db, tenant_id)
        events = _count(uow.db, tenant_id)
        for row, stored in zip_longest(_events(uow.db, tenant_id, last), _seals(uow.db, tenant_id, last)):
            if row is None or stored is None or row.id != stored.event_id or _hash(head, row) != stored.hash:
                ids = ([row.id] if row else []) + ([stored.event_id] if stored else [])
                return AuditReport(events, sealed, head.hex(), broken_at=min(ids))
            head, sealed = stored.hash, sealed + 1
    return AuditReport(events, sealed, head.hex())


def head(store: Store, tenant_id: UUID) -> str:
    """Return the head of a tenant's chain, to be kept elsewhere."""
    with store.tenant(tenant_id) as uow:
        return _head(uow.db, tenant_id)[1].hex()


def check_anchor(store: Store, tenant_id: UUID, head: str) -> bool:
    """Whether the chain still holds a ``head`` that was kept elsewhere.

    An intact chain without it was cut off or written anew from some point before it.

    Raises:
        ValueError: not a head.
    """
    seal = bytes.fromhex(head)
    if len(seal) != len(GENESIS):
        raise ValueError("a head has 64 hexadecimal digits")
    held = sa.select(event_seal.c.event_id).where(
        event_seal.c.tenant_id == tenant_id, event_seal.c.hash == seal
    )
    with store.tenant(tenant_id) as uow:
        return seal == GENESIS or uow.db.execute(sa.select(held.exists())).scalar_one()


def _count(db: sa.Connection, tenant_id: UUID) -> int:
    count = sa.select(sa.func.count()).select_from(event).where(event.c.tenant_id == tenant_id)
    return int(db.execute(count).scalar_one())


def _events(db: sa.Connection, tenant_id: UUID, last: int) -> Iterable[sa.Row[Any]]:
    statement = sa.select(event).where(event.c.tenant_id == tenant_id, event.c.id <= last)
    return db.execute(statement.order_by(event.c.id).execution_options(yield_per=PAGE))


def _seals(db: sa.Connection, tenant_id: UUID, last: int) -> Iterable[sa.Row[Any]]:
    statement = sa.select(event_seal).where(
        event_seal.c.tenant_id == tenant_id, event_seal.c.event_id <= last
    )
    return db.execute(statement.order_by(event_seal.c.event_id).execution_options(yield_per=PAGE))


def _head(db: sa.Connection, tenant_id: UUID) -> tuple[int, bytes]:
    row = db.execute(
        sa.select(event_seal.c.event_id, event_seal.c.hash)
        .where(event_seal.c.tenant_id == tenant_id)
        .order_by(event_seal.c.event_id.desc())
        .limit(1)
    ).one_or_none()
    return (row.event_id, bytes(row.hash)) if row else (0, GENESIS)


def _hash(before: bytes, row: sa.Row[Any]) -> bytes:
    content = [
        str(row.tenant_id),
        row.id,
        row.at.astimezone(UTC).isoformat(),
        row.actor,
        row.subject,
        row.subject_id,
        row.action,
        row.data,
    ]
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(before + canonical.encode()).digest()
