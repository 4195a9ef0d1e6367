"""What is kept for good: rendered documents, the story of events, recorded exchanges."""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kopru.flows.records import EventRow
from kopru.model import Rendered
from kopru.storage.repos.base import Repo
from kopru.storage.tables import archive, event, exchange
from kopru.transport.ports import Exchange

INSERT_EVENT = sa.insert(event)
INSERT_EXCHANGE = sa.insert(exchange)
PUT = insert(archive).on_conflict_do_nothing()


class Archive(Repo):
    """Rendered documents by content hash; what is stored never changes."""

    def put(self, rendered: Rendered) -> str:
        """Store bytes once and return their SHA-256."""
        digest = hashlib.sha256(rendered.content).hexdigest()
        columns = {
            "tenant_id": self.tenant_id,
            "digest": digest,
            "media_type": rendered.media_type,
            "filename": rendered.filename,
            "body": zlib.compress(rendered.content, 1),
        }
        self.db.execute(PUT, columns)
        return digest

    def get(self, digest: str) -> Rendered | None:
        """Return stored bytes.

        Raises:
            ValueError: the stored bytes are not those that were put there.
        """
        row = self.one(sa.select(archive).where(self.of(archive), archive.c.digest == digest))
        if row is None:
            return None
        content = _decompressed(row.body)
        if content is None or hashlib.sha256(content).hexdigest() != digest:
            raise ValueError(f"archive entry {digest} is damaged")
        return Rendered(content=content, media_type=row.media_type, filename=row.filename)


class Events(Repo):
    """The append-only story that the audit chain seals; written in one go when the transaction ends."""

    def __init__(self, db: sa.Connection, tenant_id: UUID) -> None:
        super().__init__(db, tenant_id)
        self._pending: list[dict[str, Any]] = []

    def flush(self) -> None:
        """Write what was added."""
        if self._pending:
            self.db.execute(INSERT_EVENT, self._pending)
            self._pending = []

    def add(self, actor: str, subject: str, subject_id: UUID | str, action: str, **data: Any) -> None:
        """Append one event."""
        self.add_many(actor, subject, action, [(subject_id, data)])

    def add_many(
        self, actor: str, subject: str, action: str, rows: Sequence[tuple[UUID | str, Mapping[str, Any]]]
    ) -> None:
        """Append the same kind of event for many subjects."""
        self._pending += [
            {
                "tenant_id": self.tenant_id,
                "actor": actor,
                "subject": subject,
                "subject_id": str(subject_id),
                "action": action,
                "data": dict(data),
            }
            for subject_id, data in rows
        ]

    def latest(self) -> datetime | None:
        """Return when the last thing happened."""
        newest = sa.select(event.c.at).where(self.of(event)).order_by(event.c.id.desc()).limit(1)
        found: datetime | None = self.db.execute(newest).scalar_one_or_none()
        return found

    def of_subjects(self, subject_ids: Sequence[UUID | str], limit: int = 1000) -> list[EventRow]:
        """Return the story of some subjects in order."""
        statement = (
            sa.select(event)
            .where(self.of(event), event.c.subject_id.in_([str(each) for each in subject_ids]))
            .order_by(event.c.id)
            .limit(limit)
        )
        return [
            EventRow(row.id, row.at, row.actor, row.subject, row.subject_id, row.action, row.data)
            for row in self.all(statement)
        ]

    def exchange(self, said: Exchange) -> None:
        """Store a redacted exchange with a remote."""
        if said.connection is None:
            return
        columns = {
            "tenant_id": self.tenant_id,
            "connection_id": said.connection,
            "at": said.started_at,
            "method": said.method,
            "url": said.url,
            "status": said.status,
            "milliseconds": round(said.seconds * 1000),
            "request": said.request_body,
            "response": said.response_body,
            "error": said.error,
        }
        self.db.execute(INSERT_EXCHANGE, columns)

    def exchanges(self, connection_id: UUID, limit: int) -> list[dict[str, Any]]:
        """Return the latest exchanges of a connection, newest first."""
        rows = self.all(
            sa.select(exchange)
            .where(self.of(exchange), exchange.c.connection_id == connection_id)
            .order_by(exchange.c.id.desc())
            .limit(limit)
        )
        names = ("at", "method", "url", "status", "milliseconds", "error", "request", "response")
        return [{name: getattr(row, name) for name in names} for row in rows]


def _decompressed(body: bytes) -> bytes | None:
    try:
        return zlib.decompress(body)
    except zlib.error:
        return None
