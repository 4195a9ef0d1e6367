"""Orders as versioned aggregates, and customer returns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kopru.flows.records import OrderRow, OrderState, Reason, SeenOrder
from kopru.hooks.types import Record
from kopru.model import Finding, Order, Return
from kopru.storage.repos.base import Repo
from kopru.storage.tables import order, order_version, return_


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
