"""Differences between us and other systems, and what is compared to find them."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kopru.flows.proofs import Area, Drift, DriftCheck, OurWrite, Pushed
from kopru.flows.records import DocumentState, EffectState, Reason
from kopru.hooks.types import Operation
from kopru.storage.repos.base import Repo
from kopru.storage.tables import document, drift, drift_check, effect, product, series, stock_push

_SETTLED = (EffectState.ACCEPTED, EffectState.CONFIRMED)


class Drifts(Repo):
    """Differences between us and other systems, and what is compared to find them."""

    def writes(
        self, connection_id: UUID, operations: Sequence[Operation], since: date, until: date
    ) -> list[OurWrite]:
        """Return the writes of documents issued in a span of days, both ends included."""
        cancelling = effect.alias("cancelling")
        cancelled = sa.exists().where(
            cancelling.c.tenant_id == effect.c.tenant_id,
            cancelling.c.document_id == effect.c.document_id,
            cancelling.c.connection_id == effect.c.connection_id,
            cancelling.c.operation == Operation.CANCEL_DOCUMENT,
            cancelling.c.state.in_(_SETTLED),
            sa.or_(effect.c.ref_id.is_(None), cancelling.c.ref_id == effect.c.ref_id),
        )
        rows = self.all(
            sa.select(
                effect,
                document.c.order_id.label("its_order"),
                document.c.state.label("document_state"),
                document.c.number.label("document_number"),
                document.c.total,
                document.c.currency,
                document.c.issue_date,
                cancelled.label("cancelled"),
            )
            .join(
                document,
                sa.and_(document.c.tenant_id == effect.c.tenant_id, document.c.id == effect.c.document_id),
            )
            .where(
                self.of(effect),
                effect.c.connection_id == connection_id,
                effect.c.operation.in_(list(operations)),
                document.c.issue_date.between(since, until),
            )
            .order_by(document.c.number)
        )
        return [_write(row) for row in rows]

    def series(self) -> frozenset[str]:
        """Return the prefixes our numbers have."""
        return frozenset(row.prefix for row in self.all(sa.select(series.c.prefix).where(self.of(series))))

    def pushed(self, connection_id: UUID) -> list[Pushed]:
        """Return the values a channel took as they are wanted now; what is on its way is left out."""
        rows = self.all(
            sa.select(stock_push, product.c.sku)
            .join(
                product,
                sa.and_(
                    product.c.tenant_id == stock_push.c.tenant_id,
                    product.c.connection_id == stock_push.c.connection_id,
                    product.c.external_id == stock_push.c.external_id,
                ),
            )
            .where(
                self.of(stock_push),
                stock_push.c.connection_id == connection_id,
                stock_push.c.pushed_version == stock_push.c.version,
                stock_push.c.batch.is_(None),
            )
            .order_by(stock_push.c.external_id)
        )
        return [Pushed(row.external_id, row.sku, row.desired, row.sent_at) for row in rows]

    def push_again(self, connection_id: UUID, external_ids: Sequence[str]) -> int:
        """Let values be sent once more although the channel took them."""
        changed = self.db.execute(
            sa.update(stock_push)
            .where(
                self.of(stock_push),
                stock_push.c.connection_id == connection_id,
                stock_push.c.external_id.in_(list(external_ids)),
            )
            .values(version=stock_push.c.version + 1)
        )
        return changed.rowcount

    def find(self, row: Drift) -> bool:
        """Store a difference; return whether it is new, or was resolved before."""
        known = self.one(
            sa.select(drift.c.resolved_at).where(
                *self._of(row.connection_id, row.area), drift.c.subject == row.subject
            )
        )
        values: dict[str, Any] = {
            "day": row.day,
            "code": row.reason.code,
            "reason": row.reason.to_json(),
            "command": row.command,
            "data": dict(row.data),
            "document_id": row.document_id,
            "last_seen_at": sa.func.clock_timestamp(),
            "resolved_at": None,
        }
        fresh = known is None or known.resolved_at is not None
        again = {"first_seen_at": sa.func.clock_timestamp()} if fresh else {}
        self.db.execute(
            insert(drift)
            .values(
                tenant_id=self.tenant_id,
                connection_id=row.connection_id,
                area=row.area,
                subject=row.subject,
                **values,
            )
            .on_conflict_do_update(
                index_elements=["tenant_id", "connection_id", "area", "subject"], set_=values | again
            )
        )
        return fresh

    def resolve(self, connection_id: UUID, area: Area, day: date | None, seen: Sequence[str]) -> int:
        """Close the open differences of a comparison that it did not find again; return how many."""
        statement = sa.update(drift).where(
            *self._of(connection_id, area), drift.c.resolved_at.is_(None), drift.c.subject.not_in(list(seen))
        )
        if day is not None:
            statement = statement.where(drift.c.day == day)
        return self.db.execute(statement.values(resolved_at=sa.func.clock_timestamp())).rowcount

    def open(self, area: Area, connection_id: UUID | None = None) -> list[Drift]:
        """Return the open differences, oldest first."""
        statement = (
            sa.select(drift)
            .where(self.of(drift), drift.c.area == area, drift.c.resolved_at.is_(None))
            .order_by(drift.c.first_seen_at, drift.c.subject)
        )
        if connection_id is not None:
            statement = statement.where(drift.c.connection_id == connection_id)
        return [_drift(row) for row in self.all(statement)]

    def checked(self, row: DriftCheck) -> None:
        """Store that a comparison was made."""
        values = {
            "ours": row.ours,
            "remote": row.remote,
            "differences": row.differences,
            "checked_at": row.checked_at,
        }
        self.db.execute(
            insert(drift_check)
            .values(
                tenant_id=self.tenant_id,
                connection_id=row.connection_id,
                area=row.area,
                day=row.day,
                **values,
            )
            .on_conflict_do_update(index_elements=["tenant_id", "connection_id", "area", "day"], set_=values)
        )

    def checks(self, area: Area, connection_id: UUID | None = None, limit: int = 100) -> list[DriftCheck]:
        """Return comparisons, newest day first."""
        statement = (
            sa.select(drift_check)
            .where(self.of(drift_check), drift_check.c.area == area)
            .order_by(drift_check.c.day.desc(), drift_check.c.connection_id)
            .limit(limit)
        )
        if connection_id is not None:
            statement = statement.where(drift_check.c.connection_id == connection_id)
        return [
            DriftCheck(
                row.connection_id,
                Area(row.area),
                row.day,
                row.ours,
                row.remote,
                row.differences,
                row.checked_at,
            )
            for row in self.all(statement)
        ]

    def _of(self, connection_id: UUID, area: Area) -> tuple[sa.ColumnElement[bool], ...]:
        return self.of(drift), drift.c.connection_id == connection_id, drift.c.area == area


def _write(row: sa.Row[Any]) -> OurWrite:
    return OurWrite(
        effect_id=row.id,
        key=row.key,
        operation=Operation(row.operation),
        state=EffectState(row.state),
        ref_kind=row.ref_kind,
        ref_id=row.ref_id,
        settled_at=row.updated_at,
        document_id=row.document_id,
        order_id=row.its_order,
        document_state=DocumentState(row.document_state),
        number=row.document_number or "",
        total=row.total,
        currency=row.currency,
        issue_date=row.issue_date,
        cancelled=row.cancelled,
    )


def _drift(row: sa.Row[Any]) -> Drift:
    reason = Reason.from_json(row.reason)
    if reason is None:
        raise LookupError(f"difference {row.subject} has no reason")
    return Drift(
        connection_id=row.connection_id,
        area=Area(row.area),
        subject=row.subject,
        day=row.day,
        reason=reason,
        command=row.command,
        data=row.data,
        document_id=row.document_id,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        resolved_at=row.resolved_at,
    )
