"""Raw remote records, kept as they came, so that a better mapping can be replayed."""

import zlib
from collections.abc import Sequence
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kopru.hooks.types import Raw
from kopru.storage.repos.base import Repo
from kopru.storage.storable import storable_id
from kopru.storage.tables import payload


class Payloads(Repo):
    """Raw remote records."""

    def put(self, connection_id: UUID, kind: str, records: Sequence[tuple[str, Raw]]) -> list[UUID]:
        """Store records once per content and return their ids in order."""
        keys = [(storable_id(external_id), raw.digest) for external_id, raw in records]
        contents = dict(zip(keys, (raw for _, raw in records), strict=True))
        if not contents:
            return []
        # In order, so that transactions which store the same records do not wait for each other in a circle.
        rows = [
            {
                "tenant_id": self.tenant_id,
                "id": uuid4(),
                "connection_id": connection_id,
                "kind": kind,
                "external_id": external_id,
                "digest": digest,
                "media_type": raw.media_type,
                "body": zlib.compress(raw.content, 1),
            }
            for (external_id, digest), raw in sorted(contents.items(), key=lambda each: each[0])
        ]
        self.db.execute(insert(payload).on_conflict_do_nothing(), rows)
        found = self.all(
            sa.select(payload.c.external_id, payload.c.digest, payload.c.id).where(
                self.of(payload),
                payload.c.connection_id == connection_id,
                payload.c.kind == kind,
                payload.c.external_id.in_({external_id for external_id, _ in keys}),
            )
        )
        ids = {(row.external_id, row.digest): row.id for row in found}
        return [ids[key] for key in keys]

    def get(self, payload_id: UUID) -> Raw:
        """Return a stored record."""
        row = self.db.execute(
            sa.select(payload.c.body, payload.c.media_type).where(
                self.of(payload), payload.c.id == payload_id
            )
        ).one()
        return Raw(zlib.decompress(row.body), row.media_type)
