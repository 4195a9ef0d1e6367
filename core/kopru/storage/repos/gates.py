"""The gates of a tenant's connections: how many jobs at once, and the circuit."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kopru.flows.gates import GateRow
from kopru.storage.repos.base import Repo, mine
from kopru.storage.tables import gate

EVERY = sa.select(gate).where(mine(gate))


class Gates(Repo):
    """The gates of one tenant's connections."""

    def every(self) -> dict[UUID, GateRow]:
        """Return the gates that differ from the usual, by connection."""
        return {
            row.connection_id: GateRow(
                row.connection_id, row.at_once, row.failures, row.code, row.opened_at, row.until
            )
            for row in self.all(EVERY)
        }

    def limit(self, connection_id: UUID, at_once: int | None) -> None:
        """Set how many jobs of a connection run at once; ``None`` is the engine's own limit."""
        new = insert(gate).values(tenant_id=self.tenant_id, connection_id=connection_id, at_once=at_once)
        keys = ["tenant_id", "connection_id"]
        self.db.execute(new.on_conflict_do_update(index_elements=keys, set_={"at_once": at_once}))
