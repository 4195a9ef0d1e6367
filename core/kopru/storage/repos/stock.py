"""Ledger quantities, channel products and what each channel should show."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kopru.flows.records import PushRow, Reason
from kopru.hooks.types import Record
from kopru.model import Product, StockLevel
from kopru.storage.repos.base import Repo
from kopru.storage.storable import storable_id
from kopru.storage.tables import product, stock_level, stock_push

LOST_AFTER = timedelta(seconds=45)
"""A value on its way without a batch for longer than lease and time-out was lost with its worker."""


class Stock(Repo):
    """Ledger quantities, channel products and what each channel should show."""

    def set_levels(self, connection_id: UUID, levels: Sequence[StockLevel]) -> None:
        """Store quantities; an older answer never replaces a newer one."""
        if not levels:
            return
        statement = insert(stock_level)
        rows = [
            {
                "tenant_id": self.tenant_id,
                "connection_id": connection_id,
                "item_code": level.item_code,
                "warehouse": level.warehouse,
                "on_hand": level.on_hand,
                "as_of": level.as_of,
            }
            for level in levels
        ]
        self.db.execute(
            statement.on_conflict_do_update(
                index_elements=["tenant_id", "connection_id", "item_code", "warehouse"],
                set_={"on_hand": statement.excluded.on_hand, "as_of": statement.excluded.as_of},
                where=stock_level.c.as_of <= statement.excluded.as_of,
            ),
            rows,
        )

    def on_hand(self, connection_id: UUID, warehouses: Sequence[str]) -> dict[str, Decimal]:
        """Return the sum over warehouses by item code; no warehouses means all."""
        statement = (
            sa.select(
                stock_level.c.item_code.label("name"), sa.func.sum(stock_level.c.on_hand).label("amount")
            )
            .where(self.of(stock_level), stock_level.c.connection_id == connection_id)
            .group_by(stock_level.c.item_code)
        )
        if warehouses:
            statement = statement.where(stock_level.c.warehouse.in_(list(warehouses)))
        return {row.name: row.amount for row in self.all(statement)}

    def see_products(self, connection_id: UUID, records: Sequence[Record[Product]]) -> int:
        """Store what a channel offers; return how many records could be read."""
        rows = [
            {
                "tenant_id": self.tenant_id,
                "connection_id": connection_id,
                "external_id": storable_id(record.external_id),
                "sku": record.value.code,
                "barcode": record.value.barcodes[0] if record.value.barcodes else "",
                "name": record.value.name,
                "body": record.value.to_json(),
            }
            for record in records
            if record.value is not None
        ]
        if rows:
            statement = insert(product)
            fresh = {name: statement.excluded[name] for name in ("sku", "barcode", "name", "body")}
            self.db.execute(
                statement.on_conflict_do_update(
                    index_elements=["tenant_id", "connection_id", "external_id"],
                    set_={**fresh, "seen_at": sa.func.clock_timestamp()},
                ),
                rows,
            )
        return len(rows)

    def products(self, connection_id: UUID) -> list[tuple[str, str, str, UUID | None]]:
        """Return (external id, SKU, barcode, linked item) of every product a channel offers."""
        rows = self.all(
            sa.select(product.c.external_id, product.c.sku, product.c.barcode, product.c.item_id).where(
                self.of(product), product.c.connection_id == connection_id
            )
        )
        return [(row.external_id, row.sku, row.barcode, row.item_id) for row in rows]

    def reserved(self) -> dict[str, Decimal]:
        """Return quantities of open orders by item key (SKU), not yet booked in the ledger."""
        rows = self.db.execute(_RESERVED, {"tenant": self.tenant_id})
        return {row.sku: row.quantity for row in rows}

    def want(self, connection_id: UUID, desired: Mapping[str, int]) -> int:
        """Set what a channel should show; only differences raise a version. Return how many changed."""
        if not desired:
            return 0
        statement = insert(stock_push)
        rows = [
            {
                "tenant_id": self.tenant_id,
                "connection_id": connection_id,
                "external_id": external_id,
                "desired": quantity,
                "version": 1,
            }
            for external_id, quantity in desired.items()
        ]
        changed = self.db.execute(
            statement.on_conflict_do_update(
                index_elements=["tenant_id", "connection_id", "external_id"],
                set_={"desired": statement.excluded.desired, "version": stock_push.c.version + 1},
                where=stock_push.c.desired != statement.excluded.desired,
            ).returning(stock_push.c.external_id),
            rows,
        )
        return len(changed.all())

    def due(self, connection_id: UUID, limit: int) -> list[PushRow]:
        """Return what is to be sent: newer than what is confirmed or on its way."""
        rows = self.all(
            sa.select(stock_push, product.c.sku, product.c.barcode)
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
                stock_push.c.version > stock_push.c.pushed_version,
                sa.or_(
                    stock_push.c.version > stock_push.c.sent_version,
                    sa.and_(
                        stock_push.c.batch.is_(None),
                        stock_push.c.error.is_(None),
                        stock_push.c.sent_at < sa.func.clock_timestamp() - LOST_AFTER,
                    ),
                ),
            )
            .order_by(stock_push.c.external_id)
            .limit(limit)
        )
        return [
            PushRow(
                row.external_id,
                row.sku,
                row.barcode,
                row.desired,
                row.version,
                row.pushed_version,
                row.sent_version,
                row.batch,
            )
            for row in rows
        ]

    def sent(self, connection_id: UUID, rows: Sequence[PushRow], batch: str | None) -> None:
        """Note that versions are on their way, before they leave."""
        for row in rows:
            self.db.execute(
                sa.update(stock_push)
                .where(
                    self.of(stock_push),
                    stock_push.c.connection_id == connection_id,
                    stock_push.c.external_id == row.external_id,
                )
                .values(sent_version=row.version, batch=batch, sent_at=sa.func.clock_timestamp())
            )

    def name_batch(self, connection_id: UUID, rows: Sequence[PushRow], batch: str) -> None:
        """Note which remote batch carries the versions just sent."""
        self.db.execute(
            sa.update(stock_push)
            .where(
                self.of(stock_push),
                stock_push.c.connection_id == connection_id,
                stock_push.c.external_id.in_([row.external_id for row in rows]),
            )
            .values(batch=batch)
        )

    def pushed(self, connection_id: UUID, external_id: str, version: int) -> None:
        """Note that the channel shows a version; a late answer never lowers it."""
        self.db.execute(
            sa.update(stock_push)
            .where(
                self.of(stock_push),
                stock_push.c.connection_id == connection_id,
                stock_push.c.external_id == external_id,
                stock_push.c.pushed_version < version,
            )
            .values(pushed_version=version, batch=None, error=None)
        )

    def refused(self, connection_id: UUID, external_id: str, reason: Reason) -> None:
        """Note that the channel refused the value; it is sent again when it changes."""
        self.db.execute(
            sa.update(stock_push)
            .where(
                self.of(stock_push),
                stock_push.c.connection_id == connection_id,
                stock_push.c.external_id == external_id,
            )
            .values(batch=None, error=reason.to_json())
        )

    def unsend(self, connection_id: UUID, external_ids: Sequence[str]) -> None:
        """Let versions be sent again, after a fault or a lost batch."""
        self.db.execute(
            sa.update(stock_push)
            .where(
                self.of(stock_push),
                stock_push.c.connection_id == connection_id,
                stock_push.c.external_id.in_(list(external_ids)),
            )
            .values(sent_version=stock_push.c.pushed_version, batch=None)
        )

    def in_doubt(self, connection_id: UUID) -> bool:
        """Whether a value is on its way without a batch: its push goes on now, or died with its worker."""
        statement = sa.select(stock_push.c.external_id).where(
            self.of(stock_push),
            stock_push.c.connection_id == connection_id,
            stock_push.c.version > stock_push.c.pushed_version,
            stock_push.c.version == stock_push.c.sent_version,
            stock_push.c.batch.is_(None),
            stock_push.c.error.is_(None),
        )
        return self.one(statement.limit(1)) is not None

    def batches(self, connection_id: UUID) -> dict[str, list[PushRow]]:
        """Return what is on its way, by remote batch."""
        rows = self.all(
            sa.select(stock_push)
            .where(
                self.of(stock_push),
                stock_push.c.connection_id == connection_id,
                stock_push.c.batch.is_not(None),
            )
            .order_by(stock_push.c.external_id)
        )
        found: dict[str, list[PushRow]] = {}
        for row in rows:
            push = PushRow(
                row.external_id,
                "",
                "",
                row.desired,
                row.version,
                row.pushed_version,
                row.sent_version,
                row.batch,
            )
            found.setdefault(row.batch, []).append(push)
        return found


_RESERVED = sa.text("""
    select line ->> 'sku' as sku, sum((line ->> 'quantity')::numeric) as quantity
    from "order", jsonb_array_elements(body -> 'lines') as line
    where tenant_id = :tenant and state in ('received', 'held', 'parked', 'invoicing')
      and status not in ('cancelled', 'returned', 'replaced')
      and coalesce(line ->> 'cancelled', 'false') = 'false' and coalesce(line ->> 'sku', '') <> ''
    group by 1
""")
