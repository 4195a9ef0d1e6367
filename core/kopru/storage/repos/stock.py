"""Ledger quantities, channel products and what each channel should show."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kopru.hooks.types import Record
from kopru.model import Product, StockLevel
from kopru.storage.repos.pushes import Pushes
from kopru.storage.storable import storable_id
from kopru.storage.tables import product, stock_level, stock_push


class Stock(Pushes[int]):
    """Ledger quantities, channel products and what each channel should show."""

    _table = stock_push

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

    def _value(self, row: sa.Row[Any]) -> int:
        """Return the units a row wants the channel to show."""
        return int(row.desired)


_RESERVED = sa.text("""
    select line ->> 'sku' as sku, sum((line ->> 'quantity')::numeric) as quantity
    from "order", jsonb_array_elements(body -> 'lines') as line
    where tenant_id = :tenant and state in ('received', 'held', 'parked', 'invoicing')
      and status not in ('cancelled', 'returned', 'replaced')
      and coalesce(line ->> 'cancelled', 'false') = 'false' and coalesce(line ->> 'sku', '') <> ''
    group by 1
""")
