"""Documents and their gapless numbers."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kopru.documents.numbering import other_series
from kopru.documents.texts import TEXTS
from kopru.flows.records import DocumentRow, DocumentState, Reason
from kopru.hooks.errors import ConfigError
from kopru.model import Invoice, Profile
from kopru.storage.repos.base import Repo, mine
from kopru.storage.tables import adopted, document, number, series
from kopru.storage.tables.documents import LARGEST_SEQUENCE

GET = sa.select(document).where(mine(document), document.c.id == sa.bindparam("at_id"))
LOCK = GET.with_for_update()
OF_ORDER = (
    sa.select(document)
    .where(mine(document), document.c.order_id == sa.bindparam("at_order"))
    .order_by(document.c.created_at, document.c.id)
)
INSERT = sa.insert(document)
SET = sa.update(document).where(mine(document), document.c.id == sa.bindparam("at_id"))
SET_REMOTE = SET.values(follow_count=document.c.follow_count + 1)
SET_ISSUED = SET_REMOTE.values(issued_at=sa.func.coalesce(document.c.issued_at, sa.func.clock_timestamp()))
ALONE = (
    sa.select(document.c.id)
    .where(mine(document), document.c.id == sa.bindparam("at_id"))
    .with_for_update(key_share=True)
)


def _held(table: sa.Table, *, taken: bool) -> sa.Select[Any]:
    named = (table.c.prefix, table.c.year, table.c.sequence, table.c.issue_date)
    of_document = table.c.document_id == sa.bindparam("at_id")
    return sa.select(*named, sa.literal(taken).label("taken")).where(mine(table), of_document)


HELD_NUMBER = sa.union_all(_held(number, taken=True), _held(adopted, taken=False)).order_by(sa.desc("taken"))
INSERT_NUMBER = sa.insert(number)
_FIRST = insert(series).values(last=1)
NEXT_NUMBER = _FIRST.on_conflict_do_update(
    index_elements=["tenant_id", "prefix", "year"],
    set_={
        "last": series.c.last + 1,
        "last_date": sa.func.greatest(series.c.last_date, _FIRST.excluded.last_date),
    },
).returning(series.c.last, series.c.last_date)

ADOPT = sa.insert(adopted)
_REACHED = insert(series)
REACH = _REACHED.on_conflict_do_update(
    index_elements=["tenant_id", "prefix", "year"],
    set_={
        "last": sa.func.greatest(series.c.last, _REACHED.excluded.last),
        "last_date": sa.func.greatest(series.c.last_date, _REACHED.excluded.last_date),
    },
)


class Documents(Repo):
    """Documents and their numbers."""

    def get(self, document_id: UUID, *, lock: bool = False) -> DocumentRow | None:
        """Return one document by ETTN."""
        row = self.one(LOCK if lock else GET, at_id=document_id)
        return _document(row) if row else None

    def of_order(self, order_id: UUID) -> list[DocumentRow]:
        """Return every document of an order, oldest first."""
        return [_document(row) for row in self.all(OF_ORDER, at_order=order_id)]

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

    def left_by_hand(self, limit: int = 1000) -> list[DocumentRow]:
        """Return issued invoices with a manual booking or link, newest first, done or not."""
        manual = sa.or_(*(document.c.stages[stage].astext == "manual" for stage in ("book", "link")))
        statement = (
            sa.select(document)
            .where(self.of(document), document.c.state == DocumentState.ISSUED, manual)
            .order_by(document.c.created_at.desc())
            .limit(limit)
        )
        return [_document(row) for row in self.all(statement)]

    def add(self, row: DocumentRow) -> None:
        """Insert a document; its key makes a second one impossible.

        Raises:
            sqlalchemy.exc.IntegrityError: a document of that key exists.
        """
        columns = {
            "tenant_id": self.tenant_id,
            "id": row.id,
            "key": row.key,
            "order_id": row.order_id,
            "type": row.type,
            "revision": row.revision,
            "order_version": row.order_version,
            "profile": row.profile,
            "state": row.state,
            "number": row.number,
            "issue_date": row.issue_date,
            "total": row.total,
            "currency": row.currency,
            "body": row.invoice.to_json(),
            "channel_id": row.channel_id,
            "ledger_id": row.ledger_id,
            "original_id": row.original_id,
            "xml": row.xml,
            "stages": dict(row.stages),
            "partner_code": row.partner_code,
        }
        self.db.execute(INSERT, columns)

    def allot(self, document_id: UUID, prefix: str, year: int, issue_date: date) -> tuple[int, date]:
        """Take the next number of a series for a document and return it with the date to issue on.

        The row lock lasts until the short transaction ends. Numbers follow dates: the returned date is never
        before that of an earlier number of the series. Asking again for the same document gives the same
        number and date.

        Raises:
            ConfigError: the series has no number left (``numbering.series.full``), or the document had a
                number of another series before a backup was restored (``numbering.series.other``).
        """
        # One writer at a time per document, so that a second one finds the first one's number.
        self.run(ALONE, at_id=document_id).one()
        held = self.run(HELD_NUMBER, at_id=document_id).first()
        if held:
            if not held.taken:
                self._take(held, document_id, prefix)
            return held.sequence, held.issue_date
        of_series = {"tenant_id": self.tenant_id, "prefix": prefix, "year": year}
        row = self.db.execute(NEXT_NUMBER, of_series | {"last_date": issue_date}).one()
        if row.last > LARGEST_SEQUENCE:
            raise ConfigError(
                "numbering.series.full", TEXTS.text("numbering.series.full", capacity=LARGEST_SEQUENCE)
            )
        taken = {"sequence": row.last, "document_id": document_id, "issue_date": row.last_date}
        self.db.execute(INSERT_NUMBER, of_series | taken)
        return row.last, row.last_date

    def _take(self, held: sa.Row[Any], document_id: UUID, prefix: str) -> None:
        """Give a document the number that it had before a backup was restored."""
        if held.prefix != prefix:
            raise other_series(held.prefix, prefix)
        columns = {name: getattr(held, name) for name in ("prefix", "year", "sequence", "issue_date")}
        self.db.execute(INSERT_NUMBER, columns | {"tenant_id": self.tenant_id, "document_id": document_id})

    def adopt(self, document_id: UUID, prefix: str, year: int, sequence: int, issue_date: date) -> bool:
        """Reserve a number that a channel holds for the document of that ETTN; return whether it was unknown.

        No other document gets it, and the series goes on behind it.
        """
        if self.run(HELD_NUMBER, at_id=document_id).first() is not None:
            return False
        of_series = {"tenant_id": self.tenant_id, "prefix": prefix, "year": year}
        self.db.execute(
            ADOPT, of_series | {"document_id": document_id, "sequence": sequence, "issue_date": issue_date}
        )
        self.db.execute(REACH, of_series | {"last": sequence, "last_date": issue_date})
        return True

    def is_adopted(self, document_id: UUID) -> bool:
        """Whether a number was reserved for the document of that ETTN."""
        found = sa.select(adopted.c.document_id).where(self.of(adopted), adopted.c.document_id == document_id)
        return self.one(found) is not None

    def last_number(self, prefix: str, year: int) -> int:
        """Return the last number taken of a series in a year; 0 before the first."""
        row = self.one(
            sa.select(series.c.last).where(self.of(series), series.c.prefix == prefix, series.c.year == year)
        )
        return row.last if row else 0

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
        }
        if issued:
            self.run(SET_ISSUED, at_id=document_id, **values, state=DocumentState.ISSUED)
        else:
            self.run(SET_REMOTE, at_id=document_id, **values)

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
        self.run(SET, at_id=document_id, **values)


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
