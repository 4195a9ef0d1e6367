"""Orders counted twice, per connection and day."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kopru.flows.proofs import CheckState, Difference, HeldOrder, OrderCheck
from kopru.flows.records import OrderRow, OrderState
from kopru.flows.windows import Place
from kopru.storage.repos.base import Repo
from kopru.storage.repos.orders import Orders
from kopru.storage.storable import storable_id
from kopru.storage.tables import order, order_check, order_listed

_COUNTS = ("remote", "ours", "missing", "behind", "differing", "extra", "unread", "recovered")


class OrderProofs(Repo):
    """Orders counted twice, per connection and day."""

    def get(self, connection_id: UUID, day: date) -> OrderCheck | None:
        """Return the check of a day."""
        row = self.one(sa.select(order_check).where(*self._of_day(connection_id, day)))
        return _check(row) if row else None

    def save(self, row: OrderCheck) -> None:
        """Store a check under way or its result."""
        values: dict[str, Any] = {
            "state": row.state,
            "since": row.since,
            "until": row.place.until,
            "part_since": row.place.since,
            "cursor": row.place.cursor,
            "differences": [each.to_json() for each in row.differences],
            "checked_at": row.checked_at,
            **({"started_at": row.started_at} if row.started_at else {}),
            **{name: getattr(row, name) for name in _COUNTS},
        }
        self.db.execute(
            insert(order_check)
            .values(tenant_id=self.tenant_id, connection_id=row.connection_id, day=row.day, **values)
            .on_conflict_do_update(index_elements=["tenant_id", "connection_id", "day"], set_=values)
        )

    def recent(self, connection_id: UUID | None = None, limit: int = 100) -> list[OrderCheck]:
        """Return checks, newest day first."""
        statement = (
            sa.select(order_check)
            .where(self.of(order_check))
            .order_by(order_check.c.day.desc(), order_check.c.connection_id)
            .limit(limit)
        )
        if connection_id is not None:
            statement = statement.where(order_check.c.connection_id == connection_id)
        return [_check(row) for row in self.all(statement)]

    def latest(self) -> dict[UUID, OrderCheck]:
        """Return the newest finished check of each connection."""
        done = (self.of(order_check), order_check.c.state == CheckState.DONE)
        newest = (
            sa.select(order_check.c.connection_id, sa.func.max(order_check.c.day))
            .where(*done)
            .group_by(order_check.c.connection_id)
        )
        day_of_each = sa.tuple_(order_check.c.connection_id, order_check.c.day)
        rows = self.all(sa.select(order_check).where(*done, day_of_each.in_(newest)))
        return {row.connection_id: _check(row) for row in rows}

    def recovered(self, connection_id: UUID, day: date) -> None:
        """Count one order of a day that was fetched and stored after its check."""
        self.db.execute(
            sa.update(order_check)
            .where(*self._of_day(connection_id, day))
            .values(recovered=order_check.c.recovered + 1)
        )

    def note(self, connection_id: UUID, day: date, external_ids: Sequence[str]) -> set[str]:
        """Note what a listing names; return the ids it had not named before."""
        asked = {storable_id(each): each for each in external_ids}
        if not asked:
            return set()
        rows = [
            {
                "tenant_id": self.tenant_id,
                "connection_id": connection_id,
                "day": day,
                "external_id": external_id,
            }
            for external_id in sorted(asked)
        ]
        statement = insert(order_listed).on_conflict_do_nothing().returning(order_listed.c.external_id)
        return {asked[each] for each in self.db.execute(statement, rows).scalars()}

    def forget(self, connection_id: UUID, day: date) -> None:
        """Drop the notes of a listing."""
        self.db.execute(
            sa.delete(order_listed).where(
                self.of(order_listed),
                order_listed.c.connection_id == connection_id,
                order_listed.c.day == day,
            )
        )

    def held(self, connection_id: UUID, external_ids: Sequence[str]) -> dict[str, HeldOrder]:
        """Return those of the named orders that we hold, by the id they were asked for."""
        asked = {storable_id(each): each for each in external_ids}
        if not asked:
            return {}
        rows = self.all(
            _HELD.where(
                self.of(order), order.c.connection_id == connection_id, order.c.external_id.in_(asked)
            )
        )
        return {asked[row.external_id]: _held(row) for row in rows}

    def unlisted(
        self, connection_id: UUID, day: date, since: datetime, until: datetime, limit: int
    ) -> tuple[int, list[HeldOrder]]:
        """Return how many readable orders of a span a listing did not name, and the first of them."""
        listed = sa.exists().where(
            order_listed.c.tenant_id == order.c.tenant_id,
            order_listed.c.connection_id == order.c.connection_id,
            order_listed.c.day == day,
            order_listed.c.external_id == order.c.external_id,
        )
        # A source that does not tell when an order changed has a time before it was placed.
        changed_at = sa.func.greatest(order.c.modified_at, order.c.placed_at)
        found = (
            self.of(order),
            order.c.connection_id == connection_id,
            changed_at >= since,
            changed_at < until,
            order.c.body.is_not(None),
            ~listed,
        )
        count = self.db.execute(sa.select(sa.func.count()).select_from(order).where(*found)).scalar_one()
        rows = self.all(_HELD.where(*found).order_by(order.c.external_id).limit(limit)) if count else ()
        return count, [_held(row) for row in rows]

    def excluded_before(self, connection_id: UUID, code: str, since: datetime) -> list[UUID]:
        """Return the orders left out for a reason that were placed since a moment."""
        rows = self.all(
            sa.select(order.c.id).where(
                self.of(order),
                order.c.connection_id == connection_id,
                order.c.state == OrderState.EXCLUDED,
                order.c.reason["code"].astext == code,
                order.c.placed_at >= since,
            )
        )
        return [row.id for row in rows]

    def chosen(
        self,
        *,
        connection_id: UUID | None,
        state: OrderState | None,
        since: datetime | None,
        until: datetime | None,
        limit: int,
    ) -> list[OrderRow]:
        """Return orders by connection, state and the time they were placed, oldest first."""
        statement = sa.select(order.c.id).where(self.of(order)).order_by(order.c.placed_at).limit(limit)
        if connection_id is not None:
            statement = statement.where(order.c.connection_id == connection_id)
        if state is not None:
            statement = statement.where(order.c.state == state)
        if since is not None:
            statement = statement.where(order.c.placed_at >= since)
        if until is not None:
            statement = statement.where(order.c.placed_at < until)
        orders = Orders(self.db, self.tenant_id)
        rows = (orders.get(row.id) for row in self.all(statement))
        return [row for row in rows if row is not None]

    def _of_day(self, connection_id: UUID, day: date) -> tuple[sa.ColumnElement[bool], ...]:
        return (
            self.of(order_check),
            order_check.c.connection_id == connection_id,
            order_check.c.day == day,
        )


_HELD = sa.select(
    order.c.id,
    order.c.external_id,
    order.c.number,
    order.c.modified_at,
    order.c.total,
    order.c.body.is_not(None).label("readable"),
    order.c.placed_at,
)


def _held(row: sa.Row[Any]) -> HeldOrder:
    return HeldOrder(
        row.id, row.external_id, row.number, row.modified_at, row.total, row.readable, row.placed_at
    )


def _check(row: sa.Row[Any]) -> OrderCheck:
    return OrderCheck(
        connection_id=row.connection_id,
        day=row.day,
        state=CheckState(row.state),
        place=Place(row.part_since or row.since, row.until, row.cursor),
        since=row.since,
        differences=tuple(Difference.from_json(each) for each in row.differences),
        started_at=row.started_at,
        checked_at=row.checked_at,
        **{name: getattr(row, name) for name in _COUNTS},
    )
