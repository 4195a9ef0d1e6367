"""What is known about buyers elsewhere, and what others sent to the tenant."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Insert, insert

from kopru.flows.records import CardRow
from kopru.hooks.types import Record
from kopru.model import IncomingInvoice, PartyCard, Recipient
from kopru.storage.repos.base import Repo, mine
from kopru.storage.storable import storable_id
from kopru.storage.tables import binding, inbox, party_card, recipient

BINDING = sa.select(binding.c.external_id).where(
    mine(binding),
    binding.c.connection_id == sa.bindparam("at_connection"),
    binding.c.kind == sa.bindparam("at_kind"),
    binding.c.key == sa.bindparam("at_key"),
)

FORGOTTEN = ""
"""What a key is bound to once a person said that its card is the wrong one."""


class Partners(Repo):
    """What is known about buyers elsewhere: ledger cards and e-invoice mailboxes."""

    def binding(self, connection_id: UUID, kind: str, key: str) -> str | None:
        """Return the remote code bound to a key."""
        row = self.one(BINDING, at_connection=connection_id, at_kind=kind, at_key=key)
        return (row.external_id or None) if row else None

    def bind(self, connection_id: UUID, kind: str, key: str, external_id: str) -> None:
        """Bind a key to a remote code; the first binding stays."""
        new = insert(binding).values(
            tenant_id=self.tenant_id,
            connection_id=connection_id,
            kind=kind,
            key=key,
            external_id=external_id,
        )
        self.db.execute(_unless_bound(new))

    def unbind(self, connection_id: UUID, kind: str, external_id: str) -> int:
        """Forget every key bound to a remote code; return how many there were."""
        forget = sa.update(binding).where(
            self.of(binding),
            binding.c.connection_id == connection_id,
            binding.c.kind == kind,
            binding.c.external_id == external_id,
        )
        return len(self.db.execute(forget.values(external_id=FORGOTTEN).returning(binding.c.key)).all())

    def drop_card(self, connection_id: UUID, code: str) -> None:
        """Bind nobody to a ledger's card any more, until it is read again."""
        self.db.execute(
            sa.update(party_card)
            .where(
                self.of(party_card),
                party_card.c.connection_id == connection_id,
                party_card.c.code == code,
            )
            .values(active=False)
        )

    def see_cards(self, connection_id: UUID, records: Sequence[Record[PartyCard]]) -> int:
        """Store a ledger's cards as they are now; return how many could be read."""
        rows = [
            {
                "tenant_id": self.tenant_id,
                "connection_id": connection_id,
                "external_id": storable_id(record.external_id),
                "code": record.value.code,
                "name": record.value.name,
                "tax_number": record.value.tax_number,
                "active": record.value.active,
            }
            for record in records
            if record.value is not None
        ]
        if rows:
            statement = insert(party_card)
            names = ("code", "name", "tax_number", "active")
            fresh = {name: statement.excluded[name] for name in names}
            self.db.execute(
                statement.on_conflict_do_update(
                    index_elements=["tenant_id", "connection_id", "external_id"],
                    set_={**fresh, "seen_at": sa.func.clock_timestamp()},
                ),
                rows,
            )
        return len(rows)

    def cards(self, connection_id: UUID, *, search: str = "", limit: int = 100) -> list[CardRow]:
        """Return a ledger's cards by code, or those whose code, name or tax number contains a text."""
        statement = (
            sa.select(party_card)
            .where(self.of(party_card), party_card.c.connection_id == connection_id)
            .order_by(party_card.c.code, party_card.c.external_id)
            .limit(limit)
        )
        if search:
            named = (party_card.c.code, party_card.c.name, party_card.c.tax_number)
            statement = statement.where(sa.or_(*(each.icontains(search, autoescape=True) for each in named)))
        return [
            CardRow(row.code, row.name, row.tax_number, row.active, row.seen_at)
            for row in self.all(statement)
        ]

    def bind_cards(self, connection_id: UUID) -> int:
        """Bind each tax number that exactly one active card has to that card; return how many are new."""
        chosen = (
            sa.select(
                party_card.c.tenant_id,
                party_card.c.connection_id,
                sa.literal("party"),
                sa.literal("tax:") + party_card.c.tax_number,
                sa.func.min(party_card.c.code),
            )
            .where(
                self.of(party_card),
                party_card.c.connection_id == connection_id,
                party_card.c.active,
                party_card.c.tax_number != "",
            )
            .group_by(party_card.c.tenant_id, party_card.c.connection_id, party_card.c.tax_number)
            .having(sa.func.count(sa.distinct(party_card.c.code)) == 1)
        )
        columns = ["tenant_id", "connection_id", "kind", "key", "external_id"]
        statement = _unless_bound(insert(binding).from_select(columns, chosen))
        return len(self.db.execute(statement.returning(binding.c.key)).all())

    def shared_numbers(self, connection_id: UUID) -> dict[str, list[str]]:
        """Return the codes of active cards that share a tax number, by that number."""
        codes = sa.func.array_agg(sa.distinct(party_card.c.code))
        rows = self.all(
            sa.select(party_card.c.tax_number, codes.label("codes"))
            .where(
                self.of(party_card),
                party_card.c.connection_id == connection_id,
                party_card.c.active,
                party_card.c.tax_number != "",
            )
            .group_by(party_card.c.tax_number)
            .having(sa.func.count(sa.distinct(party_card.c.code)) > 1)
            .order_by(party_card.c.tax_number)
        )
        return {row.tax_number: sorted(row.codes) for row in rows}

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


def _unless_bound(statement: Insert) -> Insert:
    """Let the first binding of a key stay, unless it was forgotten."""
    return statement.on_conflict_do_update(
        index_elements=["tenant_id", "connection_id", "kind", "key"],
        set_={"external_id": statement.excluded.external_id},
        where=binding.c.external_id == FORGOTTEN,
    )
