"""Prices of own items, and what each channel should show of them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kopru.flows.records import Price
from kopru.storage.repos.pushes import Pushes
from kopru.storage.tables import item_price, price_push, product


class Prices(Pushes[Price]):
    """Prices of own items by code, VAT included, and what each channel should show of them."""

    _table = price_push

    def know(self, prices: Mapping[str, Price]) -> int:
        """Store the prices of items by code; return how many are new or changed."""
        if not prices:
            return 0
        statement = insert(item_price)
        fresh = {name: statement.excluded[name] for name in ("price", "list_price", "currency")}
        rows = [
            {"tenant_id": self.tenant_id, "item_code": code, **_columns(price, "price")}
            for code, price in prices.items()
        ]
        changed = self.db.execute(
            statement.on_conflict_do_update(
                index_elements=["tenant_id", "item_code"],
                set_={**fresh, "updated_at": sa.func.clock_timestamp()},
                where=_differs(item_price, statement, "price"),
            ).returning(item_price.c.item_code),
            rows,
        )
        return len(changed.all())

    def known(self) -> dict[str, Price]:
        """Return every price by item code."""
        rows = self.all(sa.select(item_price).where(self.of(item_price)))
        return {row.item_code: Price(row.price, row.list_price, row.currency) for row in rows}

    def offered(self, connection_id: UUID) -> list[tuple[str, str, Decimal | None]]:
        """Return (external id, SKU, price shown when it was last read) of what a channel offers."""
        shown = product.c.body["price"].astext
        rows = self.all(
            sa.select(product.c.external_id, product.c.sku, shown.label("shown"))
            .where(self.of(product), product.c.connection_id == connection_id, product.c.sku != "")
            .order_by(product.c.external_id)
        )
        return [(row.external_id, row.sku, Decimal(row.shown) if row.shown else None) for row in rows]

    def wanted(self, connection_id: UUID) -> dict[str, Price]:
        """Return the price each product of a channel should show, as far as it was ever told one."""
        rows = self.all(
            sa.select(price_push).where(self.of(price_push), price_push.c.connection_id == connection_id)
        )
        return {row.external_id: self._value(row) for row in rows}

    def want(self, connection_id: UUID, desired: Mapping[str, Price]) -> int:
        """Set what a channel should show; only differences raise a version. Return how many changed."""
        if not desired:
            return 0
        statement = insert(price_push)
        fresh = {name: statement.excluded[name] for name in ("desired", "list_price", "currency")}
        rows = [
            {
                "tenant_id": self.tenant_id,
                "connection_id": connection_id,
                "external_id": external_id,
                **_columns(price, "desired"),
                "version": 1,
            }
            for external_id, price in desired.items()
        ]
        changed = self.db.execute(
            statement.on_conflict_do_update(
                index_elements=["tenant_id", "connection_id", "external_id"],
                set_={**fresh, "version": price_push.c.version + 1},
                where=_differs(price_push, statement, "desired"),
            ).returning(price_push.c.external_id),
            rows,
        )
        return len(changed.all())

    def _value(self, row: sa.Row[Any]) -> Price:
        """Return the price a row wants the channel to show."""
        return Price(row.desired, row.list_price, row.currency)


def _columns(price: Price, name: str) -> dict[str, Any]:
    return {name: price.price, "list_price": price.list_price, "currency": price.currency}


def _differs(table: sa.Table, statement: Any, name: str) -> sa.ColumnElement[bool]:
    return sa.or_(
        *(
            table.c[each].is_distinct_from(statement.excluded[each])
            for each in (name, "list_price", "currency")
        )
    )
