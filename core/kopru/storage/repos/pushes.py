"""Values that channels should show: what was wanted, what is on its way, what they confirmed."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

import sqlalchemy as sa

from kopru.flows.records import PushRow, Reason
from kopru.storage.repos.base import Repo
from kopru.storage.tables import product

V = TypeVar("V")

LOST_AFTER = timedelta(seconds=45)
"""A value on its way without a batch for longer than lease and time-out was lost with its worker."""


class Pushes(Repo, Generic[V]):
    """One kind of value per channel and product, each with a version that only rises."""

    _table: sa.Table

    def _value(self, row: sa.Row[Any]) -> V:
        """Return what a row wants the channel to show."""
        raise NotImplementedError

    def due(self, connection_id: UUID, limit: int) -> list[PushRow[V]]:
        """Return what is to be sent: newer than what is confirmed or on its way."""
        rows = self.all(
            sa.select(self._table, product.c.sku, product.c.barcode)
            .join(
                product,
                sa.and_(
                    product.c.tenant_id == self._table.c.tenant_id,
                    product.c.connection_id == self._table.c.connection_id,
                    product.c.external_id == self._table.c.external_id,
                ),
            )
            .where(
                self.of(self._table),
                self._table.c.connection_id == connection_id,
                self._table.c.version > self._table.c.pushed_version,
                sa.or_(
                    self._table.c.version > self._table.c.sent_version,
                    sa.and_(
                        self._table.c.batch.is_(None),
                        self._table.c.error.is_(None),
                        self._table.c.sent_at < sa.func.clock_timestamp() - LOST_AFTER,
                    ),
                ),
            )
            .order_by(self._table.c.external_id)
            .limit(limit)
        )
        return [self._row(row, row.sku, row.barcode) for row in rows]

    def sent(self, connection_id: UUID, rows: Sequence[PushRow[V]], batch: str | None) -> None:
        """Note that versions are on their way, before they leave."""
        for row in rows:
            self.db.execute(
                sa.update(self._table)
                .where(
                    self.of(self._table),
                    self._table.c.connection_id == connection_id,
                    self._table.c.external_id == row.external_id,
                )
                .values(sent_version=row.version, batch=batch, sent_at=sa.func.clock_timestamp())
            )

    def name_batch(self, connection_id: UUID, rows: Sequence[PushRow[V]], batch: str) -> None:
        """Note which remote batch carries the versions just sent."""
        self.db.execute(
            sa.update(self._table)
            .where(
                self.of(self._table),
                self._table.c.connection_id == connection_id,
                self._table.c.external_id.in_([row.external_id for row in rows]),
            )
            .values(batch=batch)
        )

    def pushed(self, connection_id: UUID, external_id: str, version: int) -> None:
        """Note that the channel shows a version; a late answer never lowers it."""
        self.db.execute(
            sa.update(self._table)
            .where(
                self.of(self._table),
                self._table.c.connection_id == connection_id,
                self._table.c.external_id == external_id,
                self._table.c.pushed_version < version,
            )
            .values(pushed_version=version, batch=None, error=None)
        )

    def refused(self, connection_id: UUID, external_id: str, reason: Reason) -> None:
        """Note that the channel refused the value; it is sent again when it changes."""
        self.db.execute(
            sa.update(self._table)
            .where(
                self.of(self._table),
                self._table.c.connection_id == connection_id,
                self._table.c.external_id == external_id,
            )
            .values(batch=None, error=reason.to_json())
        )

    def unsend(self, connection_id: UUID, external_ids: Sequence[str]) -> None:
        """Let versions be sent again, after a fault or a lost batch."""
        self.db.execute(
            sa.update(self._table)
            .where(
                self.of(self._table),
                self._table.c.connection_id == connection_id,
                self._table.c.external_id.in_(list(external_ids)),
            )
            .values(sent_version=self._table.c.pushed_version, batch=None)
        )

    def in_doubt(self, connection_id: UUID) -> bool:
        """Whether a value is on its way without a batch: its push goes on now, or died with its worker."""
        statement = sa.select(self._table.c.external_id).where(
            self.of(self._table),
            self._table.c.connection_id == connection_id,
            self._table.c.version > self._table.c.pushed_version,
            self._table.c.version == self._table.c.sent_version,
            self._table.c.batch.is_(None),
            self._table.c.error.is_(None),
        )
        return self.one(statement.limit(1)) is not None

    def batches(self, connection_id: UUID) -> dict[str, list[PushRow[V]]]:
        """Return what is on its way, by remote batch."""
        rows = self.all(
            sa.select(self._table)
            .where(
                self.of(self._table),
                self._table.c.connection_id == connection_id,
                self._table.c.batch.is_not(None),
            )
            .order_by(self._table.c.external_id)
        )
        found: dict[str, list[PushRow[V]]] = {}
        for row in rows:
            found.setdefault(row.batch, []).append(self._row(row, "", ""))
        return found

    def _row(self, row: sa.Row[Any], sku: str, barcode: str) -> PushRow[V]:
        return PushRow(
            row.external_id,
            sku,
            barcode,
            self._value(row),
            row.version,
            row.pushed_version,
            row.sent_version,
            row.batch,
        )
