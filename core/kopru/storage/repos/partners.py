"""What is known about buyers elsewhere, and what others sent to the tenant."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kopru.hooks.types import Record
from kopru.model import IncomingInvoice, Recipient
from kopru.storage.repos.base import Repo, mine
from kopru.storage.storable import storable_id
from kopru.storage.tables import binding, inbox, recipient

BINDING = sa.select(binding.c.external_id).where(
    mine(binding),
    binding.c.connection_id == sa.bindparam("at_connection"),
    binding.c.kind == sa.bindparam("at_kind"),
    binding.c.key == sa.bindparam("at_key"),
)


class Partners(Repo):
    """What is known about buyers elsewhere: ledger cards and e-invoice mailboxes."""

    def binding(self, connection_id: UUID, kind: str, key: str) -> str | None:
        """Return the remote code bound to a key."""
        row = self.one(BINDING, at_connection=connection_id, at_kind=kind, at_key=key)
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
                    external_id=storable_id(record.external_id),
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
