"""What buyers call our items."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from kopru.documents import DocumentType, Gaps
from kopru.flows.buyerrows import BuyerItemRow, BuyerRow, SoldRow
from kopru.flows.records import DocumentState, OrderRow, OrderState
from kopru.matching.exact import barcode_key, code_key
from kopru.model import LineKind
from kopru.storage.repos.base import Repo, any_of, mine
from kopru.storage.repos.orders import Orders
from kopru.storage.tables import buyer, buyer_item, document, item, item_barcode, order
from kopru.storage.tables.base import Json

SETTINGS = sa.select(buyer.c.tax_number, buyer.c.gaps).where(mine(buyer))
NAMED = sa.select(buyer_item).where(
    mine(buyer),
    mine(buyer_item),
    buyer_item.c.buyer_id == buyer.c.id,
    buyer.c.tax_number == sa.bindparam("at_buyer"),
    buyer_item.c.item_key == any_of("at_keys", sa.Text()),
    buyer_item.c.active,
)
_OPEN = (OrderState.RECEIVED, OrderState.HELD, OrderState.PARKED)
_GOODS = (LineKind.GOODS.value, LineKind.SERVICE.value)


class Buyers(Repo):
    """What buyers call our items."""

    def settings(self) -> dict[str, Gaps]:
        """Return what becomes of gaps for every buyer that wants its own codes, by tax number."""
        return {row.tax_number: Gaps(row.gaps) for row in self.all(SETTINGS)}

    def every(self) -> list[BuyerRow]:
        """Return these buyers by name, with how many items each has a code for."""
        counted = (
            sa.select(sa.func.count())
            .where(self.of(buyer_item), buyer_item.c.buyer_id == buyer.c.id, buyer_item.c.active)
            .scalar_subquery()
        )
        rows = self.all(
            sa.select(buyer, counted.label("items"))
            .where(self.of(buyer))
            .order_by(buyer.c.name, buyer.c.tax_number)
        )
        return [BuyerRow(row.tax_number, row.name, Gaps(row.gaps), row.items, row.updated_at) for row in rows]

    def get(self, tax_number: str) -> BuyerRow | None:
        """Return one of these buyers."""
        return next((row for row in self.every() if row.tax_number == tax_number), None)

    def save(self, row: BuyerRow, actor: str) -> None:
        """Store a buyer or change its name and what becomes of gaps."""
        values = {
            "name": row.name,
            "gaps": row.gaps.value,
            "made_by": actor,
            "updated_at": sa.func.clock_timestamp(),
        }
        self.db.execute(
            insert(buyer)
            .values(tenant_id=self.tenant_id, id=uuid4(), tax_number=row.tax_number, **values)
            .on_conflict_do_update(index_elements=["tenant_id", "tax_number"], set_=values)
        )

    def named(self, tax_number: str, item_codes: Sequence[str]) -> Mapping[str, BuyerItemRow]:
        """Return what a buyer calls some items, by our code as it was asked for."""
        keys = {code_key(code): code for code in item_codes}
        rows = self.all(NAMED, at_buyer=tax_number, at_keys=list(keys))
        return {keys[row.item_key]: _item(row) for row in rows}

    def items(self, tax_number: str, *, withdrawn: bool = False) -> list[BuyerItemRow]:
        """Return what a buyer calls our items, by our code."""
        statement = (
            sa.select(buyer_item)
            .where(
                self.of(buyer_item),
                self.of(buyer),
                buyer_item.c.buyer_id == buyer.c.id,
                buyer.c.tax_number == tax_number,
            )
            .order_by(buyer_item.c.item_key)
        )
        return [_item(row) for row in self.all(statement) if row.active or withdrawn]

    def put(self, tax_number: str, rows: Iterable[BuyerItemRow], actor: str) -> None:
        """Store what a buyer calls items, by our code; inactive rows are withdrawn."""
        known = sa.select(buyer.c.id).where(self.of(buyer), buyer.c.tax_number == tax_number)
        buyer_id = self.db.execute(known).scalar_one()
        values = [
            {
                "tenant_id": self.tenant_id,
                "buyer_id": buyer_id,
                "item_key": code_key(row.item_code),
                "item_code": row.item_code,
                "code": row.code,
                "name": row.name,
                "active": row.active,
                "made_by": actor,
            }
            for row in rows
        ]
        if not values:
            return
        statement = insert(buyer_item)
        changed = {
            name: statement.excluded[name] for name in ("item_code", "code", "name", "active", "made_by")
        }
        self.db.execute(
            statement.on_conflict_do_update(
                index_elements=["tenant_id", "buyer_id", "item_key"],
                set_={**changed, "updated_at": sa.func.clock_timestamp()},
            ),
            values,
        )

    def own_codes(self, codes: Sequence[str]) -> dict[str, list[str]]:
        """Return the codes of our items by code as codes are compared."""
        keys = sorted({code_key(code) for code in codes})
        rows = self.all(
            sa.select(item.c.code_key.label("key"), item.c.code)
            .where(
                self.of(item), item.c.active, item.c.code_key == sa.any_(sa.literal(keys, ARRAY(sa.Text())))
            )
            .order_by(item.c.code)
        )
        return _grouped(rows)

    def barcoded(self, barcodes: Sequence[str]) -> dict[str, list[str]]:
        """Return the codes of our items by barcode as barcodes are compared."""
        keys = sorted({key for key in map(barcode_key, barcodes) if key})
        rows = self.all(
            sa.select(item_barcode.c.barcode_key.label("key"), item.c.code)
            .distinct()
            .select_from(item_barcode)
            .join(item, item.c.id == item_barcode.c.item_id)
            .where(
                self.of(item_barcode),
                self.of(item),
                item.c.active,
                item_barcode.c.barcode_key == sa.any_(sa.literal(keys, ARRAY(sa.Text()))),
            )
            .order_by(item.c.code)
        )
        return _grouped(rows)

    def sold(self, tax_number: str, since: datetime) -> list[SoldRow]:
        """Return what was invoiced to a buyer, the largest amount first; shipping and fees are left out."""
        lines = sa.func.jsonb_array_elements(document.c.body["lines"]).table_valued(
            sa.column("value", Json), name="lines"
        )
        line = lines.c.value
        code = line["item_code"].astext
        # Fields that have their default value are not stored.
        allowance = sa.cast(sa.func.coalesce(line["allowance"].astext, "0"), sa.Numeric)
        amount = sa.func.sum(sa.cast(line["gross"].astext, sa.Numeric) - allowance)
        rows = self.all(
            sa.select(
                code.label("item_code"),
                sa.func.max(line["name"].astext).label("name"),
                sa.func.count(sa.distinct(document.c.id)).label("documents"),
                amount.label("amount"),
            )
            .select_from(document)
            .join(lines, sa.true())
            .where(
                self.of(document),
                document.c.type == DocumentType.INVOICE.value,
                document.c.state != DocumentState.VOID,
                document.c.created_at >= since,
                document.c.body["buyer"]["tax_id"]["value"].astext == tax_number,
                sa.func.coalesce(line["kind"].astext, LineKind.GOODS.value).in_(_GOODS),
            )
            .group_by(code)
            .order_by(amount.desc(), code)
        )
        return [SoldRow(row.item_code, row.name, row.documents, row.amount) for row in rows]

    def waiting(self, tax_number: str) -> list[OrderRow]:
        """Return the readable orders of a buyer that have no invoice yet."""
        ids = self.all(
            sa.select(order.c.id).where(
                self.of(order),
                order.c.state.in_(_OPEN),
                order.c.body["buyer"]["tax_id"]["value"].astext == tax_number,
            )
        )
        orders = Orders(self.db, self.tenant_id)
        return [row for each in ids if (row := orders.get(each.id)) is not None]


def _grouped(rows: Sequence[sa.Row[Any]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.key, []).append(row.code)
    return found


def _item(row: sa.Row[Any]) -> BuyerItemRow:
    return BuyerItemRow(row.item_code, row.code, row.name, row.active)
