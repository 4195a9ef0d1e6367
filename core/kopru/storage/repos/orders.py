"""Orders as versioned aggregates, and customer returns."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kopru.flows.records import EffectState, EnteredRow, OrderRow, OrderState, Reason, SeenOrder
from kopru.hooks.errors import Actor
from kopru.hooks.types import Record
from kopru.model import Finding, Order, OrderStatus, Return, Text
from kopru.storage.repos.base import Repo, mine
from kopru.storage.storable import storable_id
from kopru.storage.tables import order, order_version, return_

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When an order was modified that could never be read: anything readable is newer."""

GET = sa.select(order).where(mine(order), order.c.id == sa.bindparam("at_id"))
LOCK = GET.with_for_update()
SET = (
    sa.update(order)
    .where(mine(order), order.c.id == sa.bindparam("at_id"))
    .values(updated_at=sa.func.clock_timestamp())
)


class Orders(Repo):
    """Orders as versioned aggregates."""

    def get(self, order_id: UUID, *, lock: bool = False) -> OrderRow | None:
        """Return one order; ``lock`` keeps others from changing it until the transaction ends."""
        row = self.one(LOCK if lock else GET, at_id=order_id)
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
        fetched = [_Fetched(*pair) for pair in zip(records, payload_ids, strict=True)]
        known = self._known(connection_id, {each.external_id for each in fetched})
        made = self._insert(connection_id, [each for each in fetched if each.external_id not in known], now)
        known |= self._known(
            connection_id, {each.external_id for each in fetched} - known.keys() - made.keys()
        )
        seen: list[SeenOrder] = []
        versions: list[dict[str, Any]] = []
        for each in fetched:
            old = known.get(each.external_id)
            previous = OrderState(old.state) if old else None
            if old is not None and not _newer(each, old):
                seen.append(SeenOrder(old.id, new=False, changed=False, previous=previous))
                continue
            stored = made[each.external_id] if old is None else self._replace(old, each)
            known[each.external_id] = stored
            seen.append(SeenOrder(stored.id, new=old is None, changed=True, previous=previous))
            versions.append({"tenant_id": self.tenant_id, **_version(stored, each)})
        if versions:
            self.db.execute(sa.insert(order_version), versions)
        return seen

    def _known(self, connection_id: UUID, external_ids: Collection[str]) -> dict[str, "_Known"]:
        """Return what is stored, locked in order: no two transactions wait for each other in a circle."""
        if not external_ids:
            return {}
        rows = self.all(
            sa.select(
                order.c.external_id,
                order.c.id,
                order.c.version,
                order.c.revision,
                order.c.modified_at,
                order.c.body.is_not(None).label("readable"),
                order.c.state,
                order.c.payload_id,
            )
            .where(
                self.of(order), order.c.connection_id == connection_id, order.c.external_id.in_(external_ids)
            )
            .order_by(order.c.external_id)
            .with_for_update()
        )
        return {row.external_id: _Known(*tuple(row)[1:]) for row in rows}

    def _insert(
        self, connection_id: UUID, fetched: Sequence["_Fetched"], now: datetime
    ) -> dict[str, "_Known"]:
        """Insert each order's first record, except of orders that another transaction inserted just now."""
        first = {each.external_id: each for each in reversed(fetched)}
        if not first:
            return {}
        rows = {
            external_id: {
                "tenant_id": self.tenant_id,
                "id": uuid4(),
                "connection_id": connection_id,
                "external_id": external_id,
                "version": 1,
                **_nothing_known(each, now),
                **_columns(each),
            }
            for external_id, each in sorted(first.items())
        }
        statement = insert(order).on_conflict_do_nothing().returning(order.c.external_id)
        made = self.db.execute(statement, list(rows.values())).scalars()
        return {external_id: _after(first[external_id], rows[external_id]["id"]) for external_id in made}

    def _replace(self, old: "_Known", fetched: "_Fetched") -> "_Known":
        stored = _after(fetched, old.id, old)
        self.run(SET, at_id=old.id, **_columns(fetched), version=stored.version)
        return stored

    def set_state(
        self,
        order_id: UUID,
        state: OrderState,
        reason: Reason | None = None,
        findings: Sequence[Finding] | None = None,
    ) -> None:
        """Change where an order stands."""
        values: dict[str, Any] = {"state": state, "reason": reason.to_json() if reason else None}
        if findings is not None:
            values["findings"] = [finding.model_dump(mode="json") for finding in findings]
        self.run(SET, at_id=order_id, **values)

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

    def entered(self, ledger_id: UUID, order_id: UUID | None = None) -> list[EnteredRow]:
        """Return the orders a ledger should or may hold a copy of, once per write that enters it."""
        values = {"tenant": self.tenant_id, "ledger": ledger_id, "order": order_id}
        return [
            EnteredRow(
                row.id, row.version, row.open, row.key, EffectState(row.effect_state) if row.key else None
            )
            for row in self.db.execute(_ENTERED, values)
        ]

    def undecided(self) -> list[UUID]:
        """Return the readable orders that are held or wait for someone."""
        states = [OrderState.HELD, OrderState.PARKED]
        rows = self.all(
            sa.select(order.c.id).where(self.of(order), order.c.state.in_(states), order.c.body.is_not(None))
        )
        return [row.id for row in rows]


@dataclass(frozen=True, slots=True)
class _Fetched:
    """A fetched record and the id of its stored payload."""

    record: Record[Order]
    payload_id: UUID

    @property
    def external_id(self) -> str:
        return storable_id(self.record.external_id)


@dataclass(frozen=True, slots=True)
class _Known:
    """What a fetched record is compared with."""

    id: UUID
    version: int
    revision: str
    modified_at: datetime
    readable: bool
    state: str
    payload_id: UUID


def _after(fetched: _Fetched, order_id: UUID, before: _Known | None = None) -> _Known:
    """Return what is known of an order once a record is stored."""
    value, version = fetched.record.value, before.version + 1 if before else 1
    if value is not None:
        state = OrderState.RECEIVED
        return _Known(order_id, version, value.revision, value.modified_at, True, state, fetched.payload_id)
    revision = before.revision if before else fetched.record.raw.digest
    modified_at = before.modified_at if before else NEVER
    return _Known(order_id, version, revision, modified_at, False, OrderState.PARKED, fetched.payload_id)


def _newer(fetched: _Fetched, old: _Known) -> bool:
    """Whether a record says something new; the last readable revision counts, whatever came after it."""
    value = fetched.record.value
    if value is None:
        return fetched.payload_id != old.payload_id
    same = value.revision == old.revision and old.readable
    return not same and value.modified_at >= old.modified_at


def _columns(fetched: _Fetched) -> dict[str, Any]:
    """Return what a record changes; an unreadable one leaves what was last known of the order."""
    record, value = fetched.record, fetched.record.value
    columns = {
        "payload_id": fetched.payload_id,
        "findings": [finding.model_dump(mode="json") for finding in record.findings],
    }
    if value is None:
        reason = _unreadable(record.findings)
        return columns | {"state": OrderState.PARKED, "reason": reason.to_json(), "body": None}
    return columns | {
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


def _nothing_known(fetched: _Fetched, now: datetime) -> dict[str, Any]:
    """Return what stands for the facts of an order that could never be read yet."""
    return {
        "number": fetched.external_id,
        "revision": fetched.record.raw.digest,
        "modified_at": NEVER,
        "placed_at": now,
        "status": OrderStatus.UNKNOWN,
        "total": None,
        "currency": None,
        "buyer": "",
    }


def _version(stored: _Known, fetched: _Fetched) -> dict[str, Any]:
    value = fetched.record.value
    return {
        "order_id": stored.id,
        "version": stored.version,
        "revision": value.revision if value else fetched.record.raw.digest,
        "body": value.to_json() if value else None,
        "payload_id": fetched.payload_id,
    }


def _unreadable(findings: Sequence[Finding]) -> Reason:
    first = next((finding for finding in findings if finding.blocks), None)
    if first is None:
        text = Text(
            tr="Kayıt okunamadı; nedeni belirtilmedi.",
            en="The record could not be read; no reason was given.",
        )
        return Reason("record.unreadable", text, Actor.INTEGRATOR)
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
                    external_id=storable_id(record.external_id),
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


_ENTERED = sa.text("""
    with copied as (
        select order_id, key, state from effect
        where tenant_id = :tenant and connection_id = :ledger and operation = 'post_order'
    ), held as (
        select id, version, body is not null and status not in ('cancelled', 'returned', 'replaced')
            and state in ('received', 'held', 'parked', 'invoicing', 'done')
            and not exists (
                select from document join effect on effect.tenant_id = document.tenant_id
                    and effect.document_id = document.id
                where document.tenant_id = :tenant and document.order_id = "order".id
                    and effect.operation = 'post_invoice' and effect.state in ('accepted', 'confirmed')
                    and document.state <> 'void'
            ) as open
        from "order"
        where tenant_id = :tenant and (cast(:order as uuid) is null or id = :order)
            and (state in ('received', 'held', 'parked', 'invoicing') or id in (
                select order_id from copied where state in ('accepted', 'confirmed', 'sending', 'uncertain')))
    )
    select held.id, held.version, held.open, copied.key, copied.state as effect_state
    from held left join copied on copied.order_id = held.id
    order by held.id, copied.key
""")
