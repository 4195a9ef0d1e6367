"""The audit chain: events are appended without a lock and sealed afterwards in order, per tenant.

Each seal is SHA-256 over the seal before it and the event's canonical JSON. A changed, removed, swapped or
inserted event breaks the chain from there on; events cut off at the end are found by comparing the newest
seal with a copy kept elsewhere.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from kopru.model import Text
from kopru.storage.store import Store
from kopru.storage.tables import event, event_seal

GENESIS = b"\0" * 32
BATCH = 1000
SETTLE = sa.text("interval '2 seconds'")
"""Events younger than this may still be overtaken by one with a smaller id that commits later."""


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


def seal(store: Store, tenant_id: UUID) -> int:
    """Seal the events of a tenant that are old enough; one sealer at a time per tenant. Return how many."""
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
            .where(
                event.c.tenant_id == tenant_id,
                event.c.id > last,
                event.c.at < sa.func.clock_timestamp() - SETTLE,
            )
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
    head, sealed, last = GENESIS, 0, 0
    with store.tenant(tenant_id) as uow:
        count = int(
            uow.db.execute(
                sa.select(sa.func.count()).select_from(event).where(event.c.tenant_id == tenant_id)
            ).scalar_one()
        )
        while True:
            rows = _page(uow.db, tenant_id, last)
            if not rows:
                return AuditReport(count, sealed, head.hex())
            for row in rows:
                if row.event_id is None or row.id is None or _hash(head, row) != bytes(row.hash):
                    return AuditReport(count, sealed, head.hex(), broken_at=row.event_id or row.id)
                head, sealed, last = bytes(row.hash), sealed + 1, row.event_id


def _page(db: sa.Connection, tenant_id: UUID, last: int) -> Sequence[sa.Row[Any]]:
    """Return events beside their seals in order, up to the newest seal; either side may be missing."""
    newest = (
        sa.select(sa.func.max(event_seal.c.event_id))
        .where(event_seal.c.tenant_id == tenant_id)
        .scalar_subquery()
    )
    place = sa.func.coalesce(event_seal.c.event_id, event.c.id)
    statement = (
        sa.select(event, event_seal.c.event_id, event_seal.c.hash)
        .select_from(
            event.join(
                event_seal,
                sa.and_(event.c.tenant_id == event_seal.c.tenant_id, event.c.id == event_seal.c.event_id),
                full=True,
            )
        )
        .where(
            sa.func.coalesce(event_seal.c.tenant_id, event.c.tenant_id) == tenant_id,
            place > last,
            place <= newest,
        )
        .order_by(place)
        .limit(BATCH)
    )
    return db.execute(statement).all()


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
        row.id,
        row.at.isoformat(),
        row.actor,
        row.subject,
        row.subject_id,
        row.action,
        row.data,
    ]
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(before + canonical.encode()).digest()
