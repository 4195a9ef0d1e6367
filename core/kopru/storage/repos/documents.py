"""Documents, gapless numbers, effects, the archive, events and recorded exchanges."""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kopru.flows.records import (
    DocumentRow,
    DocumentState,
    EffectRow,
    EffectState,
    EventRow,
    Reason,
)
from kopru.hooks.types import Echo, Operation
from kopru.model import ExternalRef, Invoice, Profile, Rendered
from kopru.storage.repos.base import Repo
from kopru.storage.tables import archive, document, effect, event, exchange, number, series


class Documents(Repo):
    """Documents and their numbers."""

    def get(self, document_id: UUID, *, lock: bool = False) -> DocumentRow | None:
        """Return one document by ETTN."""
        statement = sa.select(document).where(self.of(document), document.c.id == document_id)
        row = self.one(statement.with_for_update() if lock else statement)
        return _document(row) if row else None

    def of_order(self, order_id: UUID) -> list[DocumentRow]:
        """Return every document of an order, oldest first."""
        statement = (
            sa.select(document)
            .where(self.of(document), document.c.order_id == order_id)
            .order_by(document.c.created_at, document.c.id)
        )
        return [_document(row) for row in self.all(statement)]

    def find(self, text: str) -> list[DocumentRow]:
        """Return the documents with that number or ETTN."""
        match = sa.or_(document.c.number == text, sa.cast(document.c.id, sa.Text) == text.lower())
        return [_document(row) for row in self.all(sa.select(document).where(self.of(document), match))]

    def recent(self, *, state: str | None = None, limit: int = 100) -> list[DocumentRow]:
        """Return documents, newest first."""
        statement = (
            sa.select(document).where(self.of(document)).order_by(document.c.created_at.desc()).limit(limit)
        )
        if state:
            statement = statement.where(document.c.state == state)
        return [_document(row) for row in self.all(statement)]

    def add(self, row: DocumentRow) -> None:
        """Insert a document; its key makes a second one impossible.

        Raises:
            sqlalchemy.exc.IntegrityError: a document of that key exists.
        """
        self.db.execute(
            sa.insert(document).values(
                tenant_id=self.tenant_id,
                id=row.id,
                key=row.key,
                order_id=row.order_id,
                type=row.type,
                revision=row.revision,
                order_version=row.order_version,
                profile=row.profile,
                state=row.state,
                number=row.number,
                issue_date=row.issue_date,
                total=row.total,
                currency=row.currency,
                body=row.invoice.to_json(),
                channel_id=row.channel_id,
                ledger_id=row.ledger_id,
                original_id=row.original_id,
                xml=row.xml,
                stages=dict(row.stages),
                partner_code=row.partner_code,
            )
        )

    def allot(self, document_id: UUID, prefix: str, year: int, issue_date: date) -> tuple[int, date]:
        """Take the next number of a series for a document and return it with the date to issue on.

        The row lock lasts until the short transaction ends. Numbers follow dates: the returned date is never
        before that of an earlier number of the series. Asking again for the same document gives the same
        number.
        """
        held = self.one(
            sa.select(number.c.sequence).where(self.of(number), number.c.document_id == document_id)
        )
        if held:
            return held.sequence, issue_date
        statement = insert(series).values(
            tenant_id=self.tenant_id, prefix=prefix, year=year, last=1, last_date=issue_date
        )
        row = self.db.execute(
            statement.on_conflict_do_update(
                index_elements=["tenant_id", "prefix", "year"],
                set_={
                    "last": series.c.last + 1,
                    "last_date": sa.func.greatest(series.c.last_date, statement.excluded.last_date),
                },
            ).returning(series.c.last, series.c.last_date)
        ).one()
        self.db.execute(
            sa.insert(number).values(
                tenant_id=self.tenant_id, prefix=prefix, year=year, sequence=row.last, document_id=document_id
            )
        )
        return row.last, row.last_date

    def set_number(self, document_id: UUID, full: str, invoice: Invoice) -> None:
        """Give a document its number and final content."""
        self._set(
            document_id,
            state=DocumentState.NUMBERED,
            number=full,
            issue_date=invoice.issue_date,
            body=invoice.to_json(),
            reason=None,
        )

    def replace_content(self, row: DocumentRow) -> None:
        """Store a document's corrected content under the same identity and number."""
        self._set(
            row.id,
            body=row.invoice.to_json(),
            issue_date=row.issue_date,
            total=row.total,
            order_version=row.order_version,
            reason=None,
        )

    def accept_version(self, document_id: UUID, version: int) -> None:
        """Note that an order's version is dealt with."""
        self._set(document_id, order_version=version)

    def set_xml(self, document_id: UUID, digest: str) -> None:
        """Bind the archived XML to a document."""
        self._set(document_id, xml=digest)

    def set_pdf(self, document_id: UUID, digest: str) -> None:
        """Bind the archived PDF to a document."""
        self._set(document_id, pdf=digest)

    def set_remote(
        self,
        document_id: UUID,
        state: str,
        code: str,
        text: str,
        *,
        follow_at: datetime | None,
        issued: bool,
    ) -> None:
        """Store the channel's word; ``issued`` makes the document legally out."""
        values: dict[str, Any] = {
            "remote_state": state,
            "remote_code": code,
            "remote_text": text,
            "follow_at": follow_at,
            "follow_count": document.c.follow_count + 1,
        }
        if issued:
            values |= {
                "state": DocumentState.ISSUED,
                "issued_at": sa.func.coalesce(document.c.issued_at, sa.func.clock_timestamp()),
            }
        self._set(document_id, **values)

    def follow_at(self, document_id: UUID, at: datetime | None) -> None:
        """Set when the channel is asked again."""
        self._set(document_id, follow_at=at)

    def to_follow(self, channel_id: UUID, now: datetime, limit: int) -> list[DocumentRow]:
        """Return the documents of a channel whose state is to be asked now."""
        statement = (
            sa.select(document)
            .where(self.of(document), document.c.channel_id == channel_id, document.c.follow_at <= now)
            .order_by(document.c.follow_at)
            .limit(limit)
        )
        return [_document(row) for row in self.all(statement)]

    def next_follow(self, channel_id: UUID) -> datetime | None:
        """Return when the channel is to be asked next."""
        found: datetime | None = self.db.execute(
            sa.select(sa.func.min(document.c.follow_at)).where(
                self.of(document), document.c.channel_id == channel_id
            )
        ).scalar_one()
        return found

    def set_reason(self, document_id: UUID, reason: Reason | None) -> None:
        """Store why a document waits, or that it no longer does."""
        self._set(document_id, reason=reason.to_json() if reason else None)

    def void(self, document_id: UUID, reason: Reason) -> None:
        """Make a document void; a number it holds is kept with the reason."""
        self._set(document_id, state=DocumentState.VOID, reason=reason.to_json(), follow_at=None)
        self.db.execute(
            sa.update(number)
            .where(self.of(number), number.c.document_id == document_id)
            .values(void_reason=reason.code)
        )

    def numbers(self) -> list[tuple[str, int, int, UUID, str | None]]:
        """Return (prefix, year, sequence, document, void reason) of every number ever allotted."""
        rows = self.all(
            sa.select(number)
            .where(self.of(number))
            .order_by(number.c.prefix, number.c.year, number.c.sequence)
        )
        return [(row.prefix, row.year, row.sequence, row.document_id, row.void_reason) for row in rows]

    def _set(self, document_id: UUID, **values: Any) -> None:
        self.db.execute(
            sa.update(document).where(self.of(document), document.c.id == document_id).values(values)
        )


class Effects(Repo):
    """Writes to other systems, one row for ever per operation, subject and connection."""

    def plan(self, row: EffectRow) -> EffectRow:
        """Return the effect of that key, made if it is new."""
        made = self.db.execute(
            insert(effect)
            .values(
                tenant_id=self.tenant_id,
                id=row.id,
                key=row.key,
                operation=row.operation,
                connection_id=row.connection_id,
                document_id=row.document_id,
                order_id=row.order_id,
                state=row.state,
            )
            .on_conflict_do_nothing()
            .returning(effect.c.id)
        ).one_or_none()
        if made is not None:
            return row
        found = self.by_key(row.key, lock=True)
        if found is None:
            raise LookupError(row.key)
        return found

    def get(self, effect_id: UUID, *, lock: bool = False) -> EffectRow | None:
        """Return one effect."""
        return self._find(effect.c.id == effect_id, lock=lock)

    def by_key(self, key: str, *, lock: bool = False) -> EffectRow | None:
        """Return the effect of a key."""
        return self._find(effect.c.key == key, lock=lock)

    def of_document(self, document_id: UUID) -> list[EffectRow]:
        """Return every write made for a document."""
        rows = self.all(
            sa.select(effect)
            .where(self.of(effect), effect.c.document_id == document_id)
            .order_by(effect.c.updated_at)
        )
        return [_effect(row) for row in rows]

    def open(self) -> list[EffectRow]:
        """Return the writes whose outcome is not known."""
        states = [EffectState.SENDING, EffectState.UNCERTAIN]
        return [
            _effect(row)
            for row in self.all(sa.select(effect).where(self.of(effect), effect.c.state.in_(states)))
        ]

    def sending(self, effect_id: UUID, request_hash: str) -> int:
        """Commit to send: returns the attempt. Only a planned effect may go out."""
        row = self.db.execute(
            sa.update(effect)
            .where(self.of(effect), effect.c.id == effect_id, effect.c.state == EffectState.PLANNED)
            .values(
                state=EffectState.SENDING,
                attempt=effect.c.attempt + 1,
                request_hash=request_hash,
                sent_at=sa.func.clock_timestamp(),
                updated_at=sa.func.clock_timestamp(),
                lookups=0,
                reason=None,
            )
            .returning(effect.c.attempt)
        ).one()
        return int(row.attempt)

    def settle(
        self,
        effect_id: UUID,
        state: EffectState,
        ref: ExternalRef | None,
        remote_number: str | None,
        echo: Echo,
    ) -> None:
        """Store that the remote has it."""
        self._set(
            effect_id,
            state=state,
            ref_kind=ref.kind if ref else None,
            ref_id=ref.id if ref else None,
            number=remote_number,
            echo=_echo_json(echo),
            reason=None,
        )

    def turn(self, effect_id: UUID, state: EffectState, reason: Reason | None = None) -> None:
        """Change the state for a reason."""
        self._set(effect_id, state=state, reason=reason.to_json() if reason else None)

    def looked_up(self, effect_id: UUID) -> None:
        """Count a look-up that did not settle it."""
        self._set(effect_id, state=EffectState.UNCERTAIN, lookups=effect.c.lookups + 1)

    def _set(self, effect_id: UUID, **values: Any) -> None:
        self.db.execute(
            sa.update(effect)
            .where(self.of(effect), effect.c.id == effect_id)
            .values({**values, "updated_at": sa.func.clock_timestamp()})
        )

    def _find(self, condition: sa.ColumnElement[bool], *, lock: bool) -> EffectRow | None:
        statement = sa.select(effect).where(self.of(effect), condition)
        row = self.one(statement.with_for_update() if lock else statement)
        return _effect(row) if row else None


class Archive(Repo):
    """Rendered documents by content hash; what is stored never changes."""

    def put(self, rendered: Rendered) -> str:
        """Store bytes once and return their SHA-256."""
        digest = hashlib.sha256(rendered.content).hexdigest()
        self.db.execute(
            insert(archive)
            .values(
                tenant_id=self.tenant_id,
                digest=digest,
                media_type=rendered.media_type,
                filename=rendered.filename,
                body=zlib.compress(rendered.content, 1),
            )
            .on_conflict_do_nothing()
        )
        return digest

    def get(self, digest: str) -> Rendered | None:
        """Return stored bytes.

        Raises:
            ValueError: the stored bytes are not those that were put there.
        """
        row = self.one(sa.select(archive).where(self.of(archive), archive.c.digest == digest))
        if row is None:
            return None
        content = zlib.decompress(row.body)
        if hashlib.sha256(content).hexdigest() != digest:
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
            self.db.execute(sa.insert(event), self._pending)
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

    def exchange(self, connection_id: UUID, **data: Any) -> None:
        """Store a redacted exchange with a remote."""
        self.db.execute(
            sa.insert(exchange).values(tenant_id=self.tenant_id, connection_id=connection_id, **data)
        )


def _echo_json(echo: Echo) -> dict[str, Any]:
    return {key: str(value) for key, value in asdict(echo).items() if value is not None}


def _echo(data: Mapping[str, Any] | None) -> Echo:
    if not data:
        return Echo()
    total = data.get("total")
    return Echo(
        total=Decimal(total) if total is not None else None,
        currency=data.get("currency"),
        party=data.get("party"),
        date=data.get("date"),
        number=data.get("number"),
    )


def _document(row: sa.Row[Any]) -> DocumentRow:
    return DocumentRow(
        id=row.id,
        key=row.key,
        order_id=row.order_id,
        type=row.type,
        revision=row.revision,
        order_version=row.order_version,
        profile=Profile(row.profile),
        state=DocumentState(row.state),
        number=row.number,
        issue_date=row.issue_date,
        total=row.total,
        currency=row.currency,
        invoice=Invoice.model_validate(row.body),
        channel_id=row.channel_id,
        ledger_id=row.ledger_id,
        remote_state=row.remote_state,
        remote_code=row.remote_code,
        remote_text=row.remote_text,
        follow_count=row.follow_count,
        xml=row.xml,
        pdf=row.pdf,
        original_id=row.original_id,
        stages=row.stages,
        partner_code=row.partner_code,
        reason=Reason.from_json(row.reason),
        created_at=row.created_at,
        issued_at=row.issued_at,
    )


def _effect(row: sa.Row[Any]) -> EffectRow:
    return EffectRow(
        id=row.id,
        key=row.key,
        operation=Operation(row.operation),
        connection_id=row.connection_id,
        document_id=row.document_id,
        order_id=row.order_id,
        state=EffectState(row.state),
        attempt=row.attempt,
        request_hash=row.request_hash,
        sent_at=row.sent_at,
        lookups=row.lookups,
        ref=ExternalRef(kind=row.ref_kind, id=row.ref_id) if row.ref_id else None,
        number=row.number,
        echo=_echo(row.echo),
        reason=Reason.from_json(row.reason),
    )
