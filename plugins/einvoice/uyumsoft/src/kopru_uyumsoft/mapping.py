"""Pure mapping between Uyumsoft's answers and the engine's documents."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any
from uuid import UUID

from kopru.model import ExternalRef, Finding, IncomingInvoice, Mailbox, Recipient, TaxId
from kopru.sdk import (
    Definition,
    DocumentFormat,
    Echo,
    OutcomeUnknown,
    Raw,
    Receipt,
    ReceiptState,
    Record,
    RefKind,
    Rejected,
    RemoteRef,
)
from kopru.toolkit import dates, einvoice, validation
from kopru_uyumsoft.codes import COMMERCIAL, STATES, STATUS_CODES
from kopru_uyumsoft.errors import malformed
from kopru_uyumsoft.texts import TEXTS

Row = dict[str, Any]

_CANCELLED = frozenset({"Canceled", "EArchivedCanceled"})
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list. ``pages`` and ``total`` are ``None`` when Uyumsoft did not say."""

    rows: tuple[Any, ...]
    pages: int | None
    total: int | None


def to_listing(data: Any) -> Listing:
    """Read a page ``{PageIndex, PageSize, TotalCount, TotalPages, Items}``.

    Raises:
        TransientError: the answer has another shape.
    """
    if not isinstance(data, dict):
        raise malformed("Items")
    rows = tuple(_items(data.get("Items")))
    pages = _count(data.get("TotalPages"))
    # A page without rows ends the list, whatever number of pages it claims.
    return Listing(rows, pages if rows else 0, _count(data.get("TotalCount")))


def to_receipt(ref: ExternalRef, data: Any) -> Receipt:
    """Read the identity ``{Id, Number, InvoiceScenario}`` given to a document that was sent.

    Raises:
        OutcomeUnknown: the answer names another document or none; what happened must be looked up.
    """
    identity = next(_items(data), None)
    answered = text(identity, "Id")
    if answered.lower() != ref.id.lower():
        code = "uyumsoft.answer.other_document" if answered else "uyumsoft.answer.malformed"
        raise OutcomeUnknown(code, TEXTS[code], detail=answered[:100])
    number = text(identity, "Number") or None
    return Receipt(ReceiptState.ACCEPTED, ref=ref, number=number, echo=Echo(number=number))


def to_found(ref: ExternalRef, row: Any) -> Receipt:
    """Return the receipt of a document that Uyumsoft turned out to hold, with what its list says about it."""
    number = text(row, "DocumentId") or None
    issued = moment(row, "ExecutionDate", dates.ISTANBUL)
    echo = Echo(
        total=_amount(row, "PayableAmount"),
        currency=text(row, "DocumentCurrencyCode") or None,
        party=text(row, "TargetTcknVkn") or None,
        date=dates.local_date(issued).isoformat() if issued else None,
        number=number,
    )
    return Receipt(ReceiptState.ACCEPTED, ref=ref, number=number, echo=echo)


def to_recipient(tax_id: TaxId, data: Any) -> Recipient:
    """Read the mailboxes of a registered tax number.

    Raises:
        TransientError: no usable mailbox is named; taking that for "not registered" would be wrong.
    """
    rows = data.get("ReceiverboxAliases") if isinstance(data, dict) else None
    boxes = {name: row for row in _items(rows) if (name := text(row, "Alias")) and _in_use(row)}
    if not boxes:
        raise malformed("ReceiverboxAliases")
    title = text(data.get("Definition"), "Title")
    return Recipient(
        tax_id=tax_id,
        title=title,
        mailboxes=tuple(
            Mailbox(alias=name, title=title, created_at=text(row, "SystemCreateDate"))
            for name, row in boxes.items()
        ),
    )


def to_sender_aliases(data: Any) -> tuple[Definition, ...]:
    """Map the company's own sender mailboxes, from which a seller's alias is chosen."""
    rows = data.get("SenderboxAliases") if isinstance(data, dict) else None
    names = [name for row in _items(rows) if (name := text(row, "Alias")) and _in_use(row)]
    return tuple(Definition("alias", name, name) for name in dict.fromkeys(names))


def tax_number_of(identity: Any) -> str:
    """Return the tax number of the company behind a login."""
    return text(_part(identity, "Customer"), "VkTckNo")


def by_ettn(rows: Any) -> dict[str, Row]:
    """Return rows by their ETTN in lower case."""
    return {text(row, "InvoiceId").lower(): row for row in _items(rows) if isinstance(row, dict)}


def status_of(row: Any) -> str:
    """Return the name of a row's state; its number counts when the name is unknown."""
    name = text(row, "Status")
    code = row.get("StatusCode") if isinstance(row, dict) else None
    return name if name in STATES or not isinstance(code, int) else STATUS_CODES.get(code, name)


def is_commercial(row: Any) -> bool:
    """Whether a listed document is a TICARIFATURA."""
    return text(row, "Type") == COMMERCIAL


def is_cancelled(row: Any) -> bool:
    """Whether a row tells of a cancelled document."""
    return status_of(row) in _CANCELLED


def document_in(data: Any, form: DocumentFormat) -> bytes | None:
    """Return the document in a download, ``None`` when there is none of that form (yet)."""
    if form is DocumentFormat.HTML:
        page = data.get("Html") if isinstance(data, dict) else None
        return page.encode() if isinstance(page, str) and page.strip() else None
    content = data.get("Data") if isinstance(data, dict) else None
    return content if isinstance(content, bytes) and _is(content, form) else None


def to_ref(row: Any) -> Record[RemoteRef]:
    """Map one row of the outbox."""
    return validation.record(_row_id(row), _raw(row), lambda: _ref(row), prefix="uyumsoft.document")


def to_incoming(row: Any, content: bytes) -> Record[IncomingInvoice]:
    """Map one row of the inbox and its XML; the XML is what counts, the row tells when it arrived."""
    raw = Raw(content, "application/xml")
    return validation.record(_row_id(row), raw, lambda: _incoming(row, content), prefix="uyumsoft.incoming")


def without_document(row: Any, detail: str) -> Record[IncomingInvoice]:
    """Return the record of an incoming invoice whose XML Uyumsoft does not hand out."""
    code = "uyumsoft.incoming.not_available"
    finding = Finding(code=code, message=TEXTS[code], detail=detail[:1000])
    return Record(_row_id(row), _raw(row), None, (finding,))


def ettn_of(row: Any) -> str | None:
    """Return the ETTN of a listed document, ``None`` when the row has none that can be asked for."""
    try:
        return str(UUID(text(row, "InvoiceId")))
    except ValueError:
        return None


def moment(row: Any, field: str, zone: tzinfo) -> datetime | None:
    """Return a row's time in UTC; ``zone`` is that of a time without offset. .NET's unset time is none."""
    value = row.get(field) if isinstance(row, dict) else None
    if not isinstance(value, datetime) or value.year <= 1:
        return None
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)


def text(row: Any, field: str) -> str:
    """Return a text of a row, empty when there is none."""
    value = row.get(field) if isinstance(row, dict) else None
    return value.strip() if isinstance(value, str) else ""


def _ref(row: Any) -> RemoteRef:
    ettn = ettn_of(row)
    if ettn is None:
        raise _missing("InvoiceId")
    return RemoteRef(
        kind=RefKind.E_DOCUMENT,
        external_id=ettn,
        our_reference=ettn,
        number=text(row, "DocumentId"),
        total=_amount(row, "PayableAmount"),
        currency=text(row, "DocumentCurrencyCode"),
        at=moment(row, "ExecutionDate", dates.ISTANBUL) or moment(row, "CreateDateUtc", UTC),
        cancelled=is_cancelled(row),
    )


def _incoming(row: Any, content: bytes) -> IncomingInvoice:
    header = einvoice.read_header(content)
    if header.ettn != text(row, "InvoiceId").lower():
        code = "uyumsoft.incoming.other_document"
        raise Rejected(code, TEXTS.text(code, ettn=header.ettn[:60]), field="InvoiceId")
    received = moment(row, "CreateDateUtc", UTC)
    if received is None:
        raise _missing("CreateDateUtc")
    return IncomingInvoice(
        id=UUID(header.ettn),
        number=header.number,
        kind=header.kind,
        profile=header.profile,
        issue_date=header.issue_date,
        sender_tax_number=header.sender_tax_number,
        sender_name=header.sender_name,
        currency=header.currency,
        payable=header.payable,
        received_at=received,
        state=status_of(row),
    )


def _is(content: bytes, form: DocumentFormat) -> bool:
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if form is DocumentFormat.PDF:
        return start.startswith(b"%PDF-")
    return start.startswith(b"<") or content.startswith(_UTF16_BOMS)


def _in_use(row: Any) -> bool:
    return not isinstance(row, dict) or row.get("Enabled") is not False


def _items(data: Any) -> Iterator[Any]:
    """Yield the entries of a list; a single entry may come without one."""
    if isinstance(data, list):
        yield from (each for each in data if each is not None)
    elif isinstance(data, dict):
        yield data


def _part(data: Any, name: str) -> Any:
    return data.get(name) if isinstance(data, dict) else None


def _row_id(row: Any) -> str:
    return text(row, "InvoiceId")[:60]


def _raw(row: Any) -> Raw:
    return Raw(json.dumps(row, default=str, ensure_ascii=False, sort_keys=True).encode(errors="replace"))


def _missing(field: str) -> Rejected:
    code = "uyumsoft.record.field"
    return Rejected(code, TEXTS.text(code, field=field), field=field)


def _amount(row: Any, field: str) -> Decimal | None:
    value = row.get(field) if isinstance(row, dict) else None
    return value if isinstance(value, Decimal) and value.is_finite() else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
