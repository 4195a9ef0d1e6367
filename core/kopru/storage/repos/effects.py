"""Writes to other systems, one row for ever per operation, subject and connection."""

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kopru.flows.records import EffectRow, EffectState, Reason
from kopru.hooks.types import Echo, Operation
from kopru.model import ExternalRef
from kopru.storage.repos.base import Repo, mine
from kopru.storage.tables import effect

OPEN = (EffectState.SENDING, EffectState.UNCERTAIN)
"""States in which the remote may have it."""

PLAN = insert(effect).on_conflict_do_nothing().returning(effect.c.id)
GET = sa.select(effect).where(mine(effect), effect.c.id == sa.bindparam("at_id"))
BY_KEY = sa.select(effect).where(mine(effect), effect.c.key == sa.bindparam("at_key"))
LOCK, LOCK_BY_KEY = GET.with_for_update(), BY_KEY.with_for_update()
OF_DOCUMENT = (
    sa.select(effect)
    .where(mine(effect), effect.c.document_id == sa.bindparam("at_document"))
    .order_by(effect.c.updated_at)
)
SET = (
    sa.update(effect)
    .where(mine(effect), effect.c.id == sa.bindparam("at_id"))
    .values(updated_at=sa.func.clock_timestamp())
)
SEND = (
    SET.where(effect.c.state == EffectState.PLANNED)
    .values(
        state=EffectState.SENDING,
        attempt=effect.c.attempt + 1,
        sent_at=sa.func.clock_timestamp(),
        lookups=0,
        reason=None,
    )
    .returning(effect.c.attempt)
)
SETTLE = SET.where(effect.c.state.in_(OPEN)).values(reason=None).returning(effect.c.id)
LAST_ON_ITS_WAY = sa.case(
    (effect.c.state == EffectState.SENDING, sa.func.clock_timestamp()), else_=effect.c.sent_at
)
TURN = SET.values(sent_at=LAST_ON_ITS_WAY)
LOOKED_UP = TURN.values(state=EffectState.UNCERTAIN, lookups=effect.c.lookups + 1)


class Effects(Repo):
    """Writes to other systems, one row for ever per operation, subject and connection."""

    def plan(self, row: EffectRow) -> EffectRow:
        """Return the effect of that key, made if it is new."""
        columns = {
            "tenant_id": self.tenant_id,
            "id": row.id,
            "key": row.key,
            "operation": row.operation,
            "connection_id": row.connection_id,
            "document_id": row.document_id,
            "order_id": row.order_id,
            "state": row.state,
        }
        made = self.db.execute(PLAN, columns).one_or_none()
        if made is not None:
            return row
        found = self.by_key(row.key, lock=True)
        if found is None:
            raise LookupError(row.key)
        return found

    def get(self, effect_id: UUID, *, lock: bool = False) -> EffectRow | None:
        """Return one effect."""
        return _found(self.one(LOCK if lock else GET, at_id=effect_id))

    def by_key(self, key: str, *, lock: bool = False) -> EffectRow | None:
        """Return the effect of a key."""
        return _found(self.one(LOCK_BY_KEY if lock else BY_KEY, at_key=key))

    def of_document(self, document_id: UUID) -> list[EffectRow]:
        """Return every write made for a document."""
        return [_effect(row) for row in self.all(OF_DOCUMENT, at_document=document_id)]

    def of_order(self, order_id: UUID) -> list[EffectRow]:
        """Return every write made for an order itself: its card, its copy in the ledger."""
        statement = sa.select(effect).where(self.of(effect), effect.c.order_id == order_id)
        return [_effect(row) for row in self.all(statement.order_by(effect.c.updated_at))]

    def unanswered(self, limit: int = 1000) -> list[EffectRow]:
        """Return the writes that were refused or whose outcome is not known, the oldest first."""
        states = (EffectState.UNCERTAIN, EffectState.REJECTED)
        statement = sa.select(effect).where(self.of(effect), effect.c.state.in_(states))
        return [_effect(row) for row in self.all(statement.order_by(effect.c.updated_at).limit(limit))]

    def open(self) -> list[EffectRow]:
        """Return the writes whose outcome is not known."""
        rows = self.all(sa.select(effect).where(self.of(effect), effect.c.state.in_(OPEN)))
        return [_effect(row) for row in rows]

    def sending(self, effect_id: UUID, request_hash: str) -> int:
        """Commit to send: returns the attempt. Only a planned effect may go out."""
        return int(self.run(SEND, at_id=effect_id, request_hash=request_hash).one().attempt)

    def settle(
        self,
        effect_id: UUID,
        state: EffectState,
        ref: ExternalRef | None,
        remote_number: str | None,
        echo: Echo,
    ) -> None:
        """Store that the remote has it. Only an effect that went out can be settled."""
        self.run(
            SETTLE,
            at_id=effect_id,
            state=state,
            ref_kind=ref.kind if ref else None,
            ref_id=ref.id if ref else None,
            number=remote_number,
            echo=_echo_json(echo),
        ).one()

    def turn(self, effect_id: UUID, state: EffectState, reason: Reason | None = None) -> None:
        """Change the state for a reason."""
        self.run(TURN, at_id=effect_id, state=state, reason=reason.to_json() if reason else None)

    def looked_up(self, effect_id: UUID) -> None:
        """Count a look-up that did not settle it."""
        self.run(LOOKED_UP, at_id=effect_id)


def _found(row: sa.Row[Any] | None) -> EffectRow | None:
    return _effect(row) if row else None


def _echo_json(echo: Echo) -> dict[str, Any]:
    return {key: str(value) for key, value in asdict(echo).items() if value is not None}


def _echo(data: Mapping[str, Any] | None) -> Echo:
    if not data:
        return Echo()
    total = data.get("total")
    return Echo(
        total=Decimal(total) if total is not None else None,
        currency=data.get("currency"),
        party=data.get("party"),
        date=data.get("date"),
        number=data.get("number"),
    )


def _effect(row: sa.Row[Any]) -> EffectRow:
    return EffectRow(
        id=row.id,
        key=row.key,
        operation=Operation(row.operation),
        connection_id=row.connection_id,
        document_id=row.document_id,
        order_id=row.order_id,
        state=EffectState(row.state),
        attempt=row.attempt,
        request_hash=row.request_hash,
        sent_at=row.sent_at,
        lookups=row.lookups,
        ref=ExternalRef(kind=row.ref_kind, id=row.ref_id) if row.ref_id else None,
        number=row.number,
        echo=_echo(row.echo),
        reason=Reason.from_json(row.reason),
    )
