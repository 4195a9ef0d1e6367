"""Ranges of the past that are, or were, read besides the live stream."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from kopru.flows.proofs import Backfill, BackfillState
from kopru.flows.windows import Place
from kopru.storage.repos.base import Repo
from kopru.storage.tables import backfill, connection

_OPEN = (BackfillState.RUNNING, BackfillState.PAUSED)


class Backfills(Repo):
    """Ranges of the past that are, or were, read besides the live stream."""

    def add(self, row: Backfill) -> None:
        """Insert one.

        Raises:
            sqlalchemy.exc.IntegrityError: another one of the connection is under way.
        """
        self.db.execute(
            sa.insert(backfill).values(
                tenant_id=self.tenant_id,
                id=row.id,
                connection_id=row.connection_id,
                since=row.since,
                percent=row.percent,
                invoices=row.invoices,
                expected=row.expected,
                started_by=row.started_by,
                **_progress(row),
            )
        )

    def under_way(self, connection_id: UUID, *, lock: bool = False) -> Backfill | None:
        """Return the one that is running or paused."""
        return self._find(backfill.c.connection_id == connection_id, backfill.c.state.in_(_OPEN), lock=lock)

    def get(self, backfill_id: UUID, *, lock: bool = False) -> Backfill | None:
        """Return one."""
        return self._find(backfill.c.id == backfill_id, lock=lock)

    def save(self, row: Backfill) -> None:
        """Store state, place and counts."""
        self.db.execute(
            sa.update(backfill)
            .where(self.of(backfill), backfill.c.id == row.id)
            .values(**_progress(row), finished_at=row.finished_at, updated_at=sa.func.clock_timestamp())
        )

    def recent(self, connection_id: UUID | None = None, limit: int = 20) -> list[Backfill]:
        """Return them, newest first."""
        statement = (
            sa.select(backfill)
            .where(self.of(backfill))
            .order_by(backfill.c.started_at.desc(), backfill.c.id)
            .limit(limit)
        )
        if connection_id is not None:
            statement = statement.where(backfill.c.connection_id == connection_id)
        return [_backfill(row) for row in self.all(statement)]

    def covered_since(self, connection_id: UUID) -> datetime | None:
        """Return the earliest moment from which one was read to its end."""
        found: datetime | None = self.db.execute(
            sa.select(sa.func.min(backfill.c.since)).where(
                self.of(backfill),
                backfill.c.connection_id == connection_id,
                backfill.c.state == BackfillState.DONE,
            )
        ).scalar_one()
        return found

    def move_start(self, connection_id: UUID, start_at: datetime) -> None:
        """Set the first moment from which a connection's orders are invoiced."""
        self.db.execute(
            sa.update(connection)
            .where(self.of(connection), connection.c.id == connection_id)
            .values(start_at=start_at)
        )

    def _find(self, *conditions: sa.ColumnElement[bool], lock: bool) -> Backfill | None:
        statement = sa.select(backfill).where(self.of(backfill), *conditions)
        row = self.one(statement.with_for_update() if lock else statement)
        return _backfill(row) if row else None


def _progress(row: Backfill) -> dict[str, Any]:
    return {
        "state": row.state,
        "until": row.place.until,
        "part_since": row.place.since,
        "cursor": row.place.cursor,
        "pages": row.pages,
        "records": row.records,
        "changed": row.changed,
    }


def _backfill(row: sa.Row[Any]) -> Backfill:
    return Backfill(
        id=row.id,
        connection_id=row.connection_id,
        state=BackfillState(row.state),
        since=row.since,
        place=Place(row.part_since or row.since, row.until, row.cursor),
        percent=row.percent,
        invoices=row.invoices,
        expected=row.expected,
        started_by=row.started_by,
        pages=row.pages,
        records=row.records,
        changed=row.changed,
        started_at=row.started_at,
        updated_at=row.updated_at,
        finished_at=row.finished_at,
    )
