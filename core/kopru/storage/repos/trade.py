"""Payloads, orders, returns, items, products, partners and stock."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kopru.flows.records import ItemRow, OrderRow, OrderState, PushRow, Reason, SeenOrder
from kopru.hooks.types import Raw, Record
from kopru.matching.exact import barcode_key, code_key
from kopru.model import (
    Finding,
    IncomingInvoice,
    Order,
    Product,
    Recipient,
    Return,
    StockLevel,
)
from kopru.storage.repos.base import Repo
from kopru.storage.tables import (
    binding,
    inbox,
    item,
    item_barcode,
    item_link,
    order,
    order_version,
    payload,
    product,
    recipient,
    return_,
    stock_level,
    stock_push,
)
from kopru.toolkit.fold import fold


class Payloads(Repo):
    """Raw remote records, kept as they came."""

    def put(self, connection_id: UUID, kind: str, records: Sequence[tuple[str, Raw]]) -> list[UUID]:
        """Store records once per content and return their ids in order."""
        if not records:
            return []
        rows = [
            {
                "tenant_id": self.tenant_id,
                "id": uuid4(),
                "connection_id": connection_id,
                "kind": kind,
                "external_id": external_id,
                "digest": raw.digest,
                "media_type": raw.media_type,
                "body": zlib.compress(raw.content, 1),
            }
            for external_id, raw in records
        ]
        unique = {(row["external_id"], row["digest"]): row for row in rows}
        self.db.execute(insert(payload).on_conflict_do_nothing(), list(unique.values()))
        found = self.all(
            sa.select(payload.c.external_id, payload.c.digest, payload.c.id).where(
                self.of(payload),
                payload.c.connection_id == connection_id,
                payload.c.kind == kind,
                payload.c.external_id.in_({str(row["external_id"]) for row in rows}),
            )
        )
        ids = {(row.external_id, row.digest): row.id for row in found}
        return [ids[(external_id, raw.digest)] for external_id, raw in records]

    def get(self, payload_id: UUID) -> Raw:
        """Return a stored record."""
        row = self.db.execute(
            sa.select(payload.c.body, payload.c.media_type).where(
                self.of(payload), payload.c.id == payload_id
            )
        ).one()
        return Raw(zlib.decompress(row.body), row.media_type)


class Orders(Repo):
    """Orders as versioned aggregates."""

    def get(self, order_id: UUID, *, lock: bool = False) -> OrderRow | None:
        """Return one order; ``lock`` keeps others from changing it until the transaction ends."""
        statement = sa.select(order).where(self.of(order), order.c.id == order_id)
        row = self.one(statement.with_for_update() if lock else statement)
        return _order(row) if row else None

    def find(self, text: str) -> list[OrderRow]:
        """Return the orders with that number, external id or id."""
        match = sa.or_(
            order.c.number == text, order.c.external_id == text, sa.cast(order.c.id, sa.Text) == text
        )
        return [_order(row) for row in self.all(sa.select(order).where(self.of(order), match))]

    def recent(
        self, *, state: str | None = None, connection_id: UUID | None = None, limit: int = 100
    ) -> list[OrderRow]:
        """Return orders, newest first."""
        statement = sa.select(order).where(self.of(order)).order_by(order.c.placed_at.desc()).limit(limit)
        if state:
            statement = statement.where(order.c.state == state)
        if connection_id:
            statement = statement.where(order.c.connection_id == connection_id)
        return [_order(row) for row in self.all(statement)]

    def counts(self) -> dict[str, int]:
        """Return how many orders are in each state."""
        rows = self.all(
            sa.select(order.c.state.label("name"), sa.func.count().label("amount"))
            .where(self.of(order))
            .group_by(order.c.state)
        )
        return {row.name: row.amount for row in rows}

    def take(
        self,
        connection_id: UUID,
        records: Sequence[Record[Order]],
        payload_ids: Sequence[UUID],
        now: datetime,
    ) -> list[SeenOrder]:
        """Store fetched orders: a new revision makes a new version, the same or an older one changes nothing.

        Records that could not be mapped are kept as parked orders. Returns one result per record.
        """
        known = self._known(connection_id, [record.external_id for record in records])
        seen: list[SeenOrder] = []
        inserts: list[dict[str, Any]] = []
        versions: list[dict[str, Any]] = []
        for record, payload_id in zip(records, payload_ids, strict=True):
            old = known.get(record.external_id)
            if old is not None and not _newer(record, payload_id, old):
                seen.append(SeenOrder(old.id, new=False, changed=False, previous=OrderState(old.state)))
                continue
            row = self._values(connection_id, record, payload_id, now)
            if old is None:
                row |= {"id": uuid4(), "version": 1}
                inserts.append(row)
                known[record.external_id] = _Known(
                    row["id"], row["revision"], row["modified_at"], 1, row["state"], payload_id
                )
            else:
                row |= {"id": old.id, "version": old.version + 1}
                self._replace(row)
                known[record.external_id] = _Known(
                    old.id, row["revision"], row["modified_at"], row["version"], row["state"], payload_id
                )
            versions.append(
                {
                    "tenant_id": self.tenant_id,
                    "order_id": row["id"],
                    "version": row["version"],
                    "revision": row["revision"],
                    "body": row["body"],
                    "payload_id": payload_id,
                }
            )
            previous = OrderState(old.state) if old else None
            seen.append(SeenOrder(row["id"], new=old is None, changed=True, previous=previous))
        if inserts:
            self.db.execute(sa.insert(order), inserts)
        if versions:
            self.db.execute(sa.insert(order_version), versions)
        return seen

    def _known(self, connection_id: UUID, external_ids: Sequence[str]) -> dict[str, "_Known"]:
        rows = self.all(
            sa.select(
                order.c.external_id,
                order.c.id,
                order.c.revision,
                order.c.modified_at,
                order.c.version,
                order.c.state,
                order.c.payload_id,
            )
            .where(
                self.of(order), order.c.connection_id == connection_id, order.c.external_id.in_(external_ids)
            )
            .with_for_update()
        )
        return {
            row.external_id: _Known(
                row.id, row.revision, row.modified_at, row.version, row.state, row.payload_id
            )
            for row in rows
        }

    def _values(
        self, connection_id: UUID, record: Record[Order], payload_id: UUID, now: datetime
    ) -> dict[str, Any]:
        value = record.value
        common = {
            "tenant_id": self.tenant_id,
            "connection_id": connection_id,
            "external_id": record.external_id,
            "payload_id": payload_id,
            "findings": [finding.model_dump(mode="json") for finding in record.findings],
        }
        if value is None:
            return common | {
                "number": record.external_id,
                "revision": record.raw.digest,
                "modified_at": now,
                "placed_at": now,
                "status": "unknown",
                "state": OrderState.PARKED,
                "reason": _unreadable(record.findings).to_json(),
                "total": None,
                "currency": None,
                "buyer": "",
                "body": None,
            }
        return common | {
            "number": value.number,
            "revision": value.revision,
            "modified_at": value.modified_at,
            "placed_at": value.placed_at,
            "status": value.status,
            "state": OrderState.RECEIVED,
            "reason": None,
            "total": value.total,
            "currency": value.currency,
            "buyer": value.buyer.display_name,
            "body": value.to_json(),
        }

    def _replace(self, row: dict[str, Any]) -> None:
        self.db.execute(
            sa.update(order)
            .where(self.of(order), order.c.id == row["id"])
            .values({**row, "updated_at": sa.func.clock_timestamp()})
        )

    def set_state(
        self,
        order_id: UUID,
        state: OrderState,
        reason: Reason | None = None,
        findings: Sequence[Finding] | None = None,
    ) -> None:
        """Change where an order stands."""
        values: dict[str, Any] = {
            "state": state,
            "reason": reason.to_json() if reason else None,
            "updated_at": sa.func.clock_timestamp(),
        }
        if findings is not None:
            values["findings"] = [finding.model_dump(mode="json") for finding in findings]
        self.db.execute(sa.update(order).where(self.of(order), order.c.id == order_id).values(values))

    def version(self, order_id: UUID, version: int) -> Order | None:
        """Return an order as it was in one version."""
        row = self.one(
            sa.select(order_version.c.body).where(
                self.of(order_version),
                order_version.c.order_id == order_id,
                order_version.c.version == version,
            )
        )
        return Order.model_validate(row.body) if row and row.body else None

    def waiting_for_lines(self) -> list[UUID]:
        """Return the orders parked because of an unknown line."""
        rows = self.all(
            sa.select(order.c.id).where(
                self.of(order),
                order.c.state == OrderState.PARKED,
                order.c.reason["code"].astext.startswith("matching."),
            )
        )
        return [row.id for row in rows]


@dataclass(frozen=True, slots=True)
class _Known:
    id: UUID
    revision: str
    modified_at: datetime
    version: int
    state: str
    payload_id: UUID


def _newer(record: Record[Order], payload_id: UUID, old: _Known) -> bool:
    if record.value is None:
        return payload_id != old.payload_id
    if record.value.revision == old.revision:
        return False
    return (record.value.modified_at, record.value.revision) >= (old.modified_at, "")


def _unreadable(findings: Sequence[Finding]) -> Reason:
    first = next((finding for finding in findings if finding.blocks), None)
    if first is None:
        raise ValueError("a record without a value must have a blocking finding")
    return Reason(first.code, first.message, detail=first.detail)


class Returns(Repo):
    """Customer returns."""

    def take(
        self, connection_id: UUID, records: Sequence[Record[Return]], payload_ids: Sequence[UUID]
    ) -> list[UUID]:
        """Store fetched returns and return the ids of those that are new or changed."""
        changed = []
        for record, payload_id in zip(records, payload_ids, strict=True):
            value = record.value
            values = {
                "order_number": value.order_number if value else "",
                "revision": value.revision if value else record.raw.digest,
                "state": "open" if value else "parked",
                "reason": None if value else _unreadable(record.findings).to_json(),
                "body": value.to_json() if value else None,
                "payload_id": payload_id,
            }
            row = self.db.execute(
                insert(return_)
                .values(
                    tenant_id=self.tenant_id,
                    id=uuid4(),
                    connection_id=connection_id,
                    external_id=record.external_id,
                    **values,
                )
                .on_conflict_do_update(
                    index_elements=["tenant_id", "connection_id", "external_id"],
                    set_=values,
                    where=return_.c.revision != values["revision"],
                )
                .returning(return_.c.id)
            ).one_or_none()
            if row:
                changed.append(row.id)
        return changed


class Items(Repo):
    """Own items, their barcodes and the confirmed links of channel products to them."""

    def upsert(self, rows: Iterable[ItemRow], connection_id: UUID | None = None) -> int:
        """Insert items or replace their data by code; return how many were given."""
        count = 0
        for row in rows:
            values = {
                "name": row.name,
                "code_key": code_key(row.code),
                "folded": fold(row.name),
                "kind": row.kind,
                "unit": row.unit,
                "vat_rate": row.vat_rate,
                "active": row.active,
                "connection_id": connection_id,
                "updated_at": sa.func.clock_timestamp(),
            }
            item_id = self.db.execute(
                insert(item)
                .values(tenant_id=self.tenant_id, id=row.id, code=row.code, **values)
                .on_conflict_do_update(index_elements=["tenant_id", "code"], set_=values)
                .returning(item.c.id)
            ).scalar_one()
            self._set_barcodes(item_id, row.barcodes)
            count += 1
        return count

    def _set_barcodes(self, item_id: UUID, barcodes: Sequence[str]) -> None:
        self.db.execute(
            sa.delete(item_barcode).where(
                self.of(item_barcode),
                item_barcode.c.item_id == item_id,
                item_barcode.c.barcode.not_in(barcodes),
            )
        )
        if barcodes:
            rows = [
                {
                    "tenant_id": self.tenant_id,
                    "barcode": code,
                    "item_id": item_id,
                    "barcode_key": barcode_key(code),
                }
                for code in set(barcodes)
            ]
            self.db.execute(insert(item_barcode).on_conflict_do_nothing(), rows)

    def recent(self, *, search: str = "", limit: int = 100) -> list[ItemRow]:
        """Return items by code, or those whose name or code contains a text."""
        statement = sa.select(item).where(self.of(item)).order_by(item.c.code).limit(limit)
        if search:
            statement = statement.where(
                sa.or_(
                    item.c.folded.contains(fold(search), autoescape=True),
                    item.c.code.contains(search, autoescape=True),
                )
            )
        return self._with_barcodes(self.all(statement))

    def by_code(self, code: str) -> ItemRow | None:
        """Return the item of that code."""
        found = self._with_barcodes(self.all(sa.select(item).where(self.of(item), item.c.code == code)))
        return found[0] if found else None

    def candidates(
        self, connection_id: UUID, *, codes: Iterable[str], barcodes: Iterable[str], links: Iterable[str]
    ) -> tuple[list[ItemRow], dict[str, UUID]]:
        """Return the items any of the keys may mean, and the confirmed links by key."""
        link_rows = self.all(
            sa.select(item_link.c.key, item_link.c.item_id).where(
                self.of(item_link),
                item_link.c.connection_id == connection_id,
                item_link.c.key.in_(list(links)),
            )
        )
        linked = {row.key: row.item_id for row in link_rows}
        by_barcode = sa.select(item_barcode.c.item_id).where(
            self.of(item_barcode), item_barcode.c.barcode_key.in_(list(barcodes))
        )
        statement = sa.select(item).where(
            self.of(item),
            sa.or_(
                item.c.code_key.in_(list(codes)),
                item.c.id.in_(by_barcode),
                item.c.id.in_(list(linked.values())),
            ),
        )
        return self._with_barcodes(self.all(statement)), linked

    def link(self, connection_id: UUID, key: str, item_id: UUID, actor: str) -> None:
        """Store a confirmed link; the newest word of a person wins."""
        values = {"item_id": item_id, "made_by": actor, "made_at": sa.func.clock_timestamp()}
        self.db.execute(
            insert(item_link)
            .values(tenant_id=self.tenant_id, connection_id=connection_id, key=key, **values)
            .on_conflict_do_update(index_elements=["tenant_id", "connection_id", "key"], set_=values)
        )

    def _with_barcodes(self, rows: Sequence[sa.Row[Any]]) -> list[ItemRow]:
        if not rows:
            return []
        codes = self.all(
            sa.select(item_barcode.c.item_id, item_barcode.c.barcode).where(
                self.of(item_barcode), item_barcode.c.item_id.in_([row.id for row in rows])
            )
        )
        barcodes: dict[UUID, list[str]] = {}
        for code in codes:
            barcodes.setdefault(code.item_id, []).append(code.barcode)
        return [
            ItemRow(
                row.id,
                row.code,
                row.name,
                row.kind,
                row.unit,
                row.vat_rate,
                tuple(sorted(barcodes.get(row.id, ()))),
                row.active,
            )
            for row in rows
        ]


class Partners(Repo):
    """What is known about buyers elsewhere: ledger cards and e-invoice mailboxes."""

    def binding(self, connection_id: UUID, kind: str, key: str) -> str | None:
        """Return the remote code bound to a key."""
        row = self.one(
            sa.select(binding.c.external_id).where(
                self.of(binding),
                binding.c.connection_id == connection_id,
                binding.c.kind == kind,
                binding.c.key == key,
            )
        )
        return row.external_id if row else None

    def bind(self, connection_id: UUID, kind: str, key: str, external_id: str) -> None:
        """Bind a key to a remote code; the first binding stays."""
        self.db.execute(
            insert(binding)
            .values(
                tenant_id=self.tenant_id,
                connection_id=connection_id,
                kind=kind,
                key=key,
                external_id=external_id,
            )
            .on_conflict_do_nothing()
        )

    def recipient(self, tax_number: str, max_age: timedelta) -> Recipient | None:
        """Return a cached registration answer that is young enough."""
        row = self.one(
            sa.select(recipient.c.body).where(
                self.of(recipient),
                recipient.c.tax_number == tax_number,
                recipient.c.checked_at > sa.func.clock_timestamp() - max_age,
            )
        )
        return Recipient.model_validate(row.body) if row else None

    def remember(self, answer: Recipient) -> None:
        """Cache a registration answer."""
        values = {"body": answer.to_json(), "checked_at": sa.func.clock_timestamp()}
        self.db.execute(
            insert(recipient)
            .values(tenant_id=self.tenant_id, tax_number=answer.tax_id.value, **values)
            .on_conflict_do_update(index_elements=["tenant_id", "tax_number"], set_=values)
        )

    def receive(
        self, connection_id: UUID, records: Sequence[Record[IncomingInvoice]], payload_ids: Sequence[UUID]
    ) -> int:
        """Store incoming invoices once; return how many are new."""
        new = 0
        for record, payload_id in zip(records, payload_ids, strict=True):
            value = record.value
            stored = self.db.execute(
                insert(inbox)
                .values(
                    tenant_id=self.tenant_id,
                    connection_id=connection_id,
                    external_id=record.external_id,
                    number=value.number if value else "",
                    sender=value.sender_name if value else "",
                    total=value.payable if value else None,
                    body=value.to_json() if value else None,
                    payload_id=payload_id,
                )
                .on_conflict_do_nothing()
                .returning(inbox.c.external_id)
            ).one_or_none()
            new += stored is not None
        return new


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
                "external_id": record.external_id,
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
        result = self.db.execute(
            statement.on_conflict_do_update(
                index_elements=["tenant_id", "connection_id", "external_id"],
                set_={"desired": statement.excluded.desired, "version": stock_push.c.version + 1},
                where=stock_push.c.desired != statement.excluded.desired,
            ),
            rows,
        )
        return result.rowcount

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


LOST_AFTER = timedelta(minutes=2)
"""A value on its way without a batch for so long was lost with its worker and is sent again."""

_RESERVED = sa.text("""
    select line ->> 'sku' as sku, sum((line ->> 'quantity')::numeric) as quantity
    from "order", jsonb_array_elements(body -> 'lines') as line
    where tenant_id = :tenant and state in ('received', 'held', 'parked', 'invoicing')
      and status not in ('cancelled', 'returned', 'replaced')
      and coalesce(line ->> 'cancelled', 'false') = 'false' and coalesce(line ->> 'sku', '') <> ''
    group by 1
""")


def _order(row: sa.Row[Any]) -> OrderRow:
    return OrderRow(
        id=row.id,
        connection_id=row.connection_id,
        external_id=row.external_id,
        number=row.number,
        version=row.version,
        revision=row.revision,
        status=row.status,
        state=OrderState(row.state),
        body=Order.model_validate(row.body) if row.body else None,
        payload_id=row.payload_id,
        placed_at=row.placed_at,
        modified_at=row.modified_at,
        total=row.total,
        currency=row.currency,
        buyer=row.buyer,
        reason=Reason.from_json(row.reason),
        findings=tuple(Finding.model_validate(finding) for finding in row.findings),
    )
