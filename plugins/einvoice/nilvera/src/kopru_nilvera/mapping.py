"""Pure mapping between Nilvera's lists and answers and the engine's documents."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from kopru.model import ExternalRef, Finding, IncomingInvoice, Mailbox, Recipient, TaxId
from kopru.model.money import cents
from kopru.sdk import (
    Definition,
    Echo,
    OutcomeUnknown,
    Raw,
    Receipt,
    ReceiptState,
    Record,
    RefKind,
    Rejected,
    RemoteRef,
    TransientError,
)
from kopru.toolkit import dates, validation
from kopru.toolkit.einvoice import Header, read_header
from kopru_nilvera.codes import Side
from kopru_nilvera.texts import TEXTS

Row = dict[str, Any]

_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a Nilvera list. ``pages`` and ``total`` are ``None`` when Nilvera did not say."""

    rows: tuple[Any, ...]
    pages: int | None
    total: int | None


def to_listing(data: Any) -> Listing:
    """Read a page ``{Page, PageSize, TotalCount, TotalPages, Content}``.

    Raises:
        TransientError: the answer has another shape.
    """
    content = data.get("Content") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(content, list | None):
        raise malformed("Content")
    rows = tuple(content or ())
    pages = _count(data.get("TotalPages"))
    # A page without rows ends the list, whatever number of pages it claims.
    return Listing(rows, pages if rows else 0, _count(data.get("TotalCount")))


def to_receipt(ref: ExternalRef, data: Any) -> Receipt:
    """Read the answer ``{UUID, InvoiceNumber}`` to a document that was sent.

    Raises:
        OutcomeUnknown: the answer names another document or none; what happened must be looked up.
    """
    answered = _text(data.get("UUID")) if isinstance(data, dict) else ""
    if answered.lower() != ref.id.lower():
        code = "nilvera.answer.other_document" if answered else "nilvera.answer.malformed"
        raise OutcomeUnknown(code, TEXTS[code], detail=answered[:100])
    number = _text(data.get("InvoiceNumber")) or None
    return Receipt(ReceiptState.ACCEPTED, ref=ref, number=number, echo=Echo(number=number))


def to_found(ref: ExternalRef, header: Header) -> Receipt:
    """Return the receipt of a document that Nilvera turned out to hold, with all it says about it."""
    echo = Echo(
        total=header.payable,
        currency=header.currency,
        party=header.buyer_tax_number or None,
        date=header.issue_date.isoformat(),
        number=header.number,
    )
    return Receipt(ReceiptState.ACCEPTED, ref=ref, number=header.number, echo=echo)


def to_found_by_details(ref: ExternalRef, data: Any) -> Receipt:
    """Return such a receipt from the shorter details, when the document's XML is not there yet."""
    row = data if isinstance(data, dict) else {}
    number = _text(row.get("InvoiceNumber")) or None
    echo = Echo(
        currency=_text(row.get("CurrencyCode")) or None,
        date=_text(row.get("IssueDate"))[:10] or None,
        number=number,
    )
    return Receipt(ReceiptState.ACCEPTED, ref=ref, number=number, echo=echo)


def to_recipient(tax_id: TaxId, data: Any) -> Recipient:
    """Read the register's entries of one tax number; no entry means not registered.

    Raises:
        TransientError: the answer has another shape; taking it for "not registered" would be wrong.
    """
    if not isinstance(data, list):
        raise malformed("GlobalCompany")
    if not all(isinstance(row, dict) and _text(row.get("Name")) for row in data):
        raise malformed("GlobalCompany")
    rows = [row for row in data if _receives_invoices(row, tax_id)]
    aliases = {_text(row["Name"]): row for row in rows}
    return Recipient(
        tax_id=tax_id,
        title=next((title for row in rows if (title := _text(row.get("Title")))), ""),
        mailboxes=tuple(
            Mailbox(alias=alias, title=_text(row.get("Title")), created_at=_text(row.get("CreationTime")))
            for alias, row in aliases.items()
        ),
    )


def to_ref(row: Any, side: Side, zone: ZoneInfo) -> Record[RemoteRef]:
    """Map one row of an outgoing list."""
    return validation.record(
        _row_id(row), _raw(row), lambda: _ref(_row(row), side, zone), prefix="nilvera.document"
    )


def to_incoming(row: Any, content: bytes, zone: ZoneInfo) -> Record[IncomingInvoice]:
    """Map one row of the inbox and its XML; the XML is what counts, the row tells when it arrived."""
    raw = Raw(content, "application/xml")
    return validation.record(
        _row_id(row), raw, lambda: _incoming(_row(row), content, zone), prefix="nilvera.incoming"
    )


def without_document(row: Any, detail: str) -> Record[IncomingInvoice]:
    """Return the record of an incoming invoice whose XML Nilvera does not hand out."""
    code = "nilvera.incoming.not_available"
    finding = Finding(code=code, message=TEXTS[code], detail=detail[:1000])
    return Record(_row_id(row), _raw(row), None, (finding,))


def ettn_of(row: Any) -> str | None:
    """Return the ETTN of a listed document, ``None`` when the row has none that can be asked for."""
    try:
        return str(UUID(_required(_row(row), "UUID")))
    except (Rejected, ValueError):
        return None


def to_series(row: Any, side: Side) -> Definition | None:
    """Map one number series; ``extra`` says whether it is active and the last number of each year."""
    if not isinstance(row, dict) or not (name := _text(row.get("Name"))):
        return None
    details = row.get("Details")
    years = {
        _text(detail.get("Year")): str(detail.get("OrdinalNumber", ""))[:20]
        for detail in (details if isinstance(details, list) else ())
        if isinstance(detail, dict)
    }
    extra = {"active": _flag(row.get("IsActive")), "default": _flag(row.get("IsDefault"))}
    return Definition(f"{side}_series", name, name, {**extra, **{y: last for y, last in years.items() if y}})


def to_template(row: Any, side: Side) -> Definition | None:
    """Map one view template; its code is the UUID that the settings take."""
    if not isinstance(row, dict) or not (code := _text(row.get("UUID"))):
        return None
    extra = {"active": _flag(row.get("IsActive")), "default": _flag(row.get("IsDefault"))}
    return Definition(f"{side}_template", code, _text(row.get("Name")) or code, extra)


def to_aliases(company: Any) -> tuple[Definition, ...]:
    """Map the mailboxes of the company itself, from which a seller's alias is chosen."""
    rows = company.get("Aliases") if isinstance(company, dict) else None
    names = [_text(row.get("Alias")) for row in rows or () if isinstance(row, dict)]
    return tuple(Definition("alias", name, name) for name in dict.fromkeys(names) if name)


def zone_of(name: str) -> ZoneInfo:
    """Return the zone meant by the setting for times without one."""
    return _UTC if name == "utc" else dates.ISTANBUL


def malformed(what: str) -> TransientError:
    """Return the error for an answer of another shape than documented."""
    return TransientError("nilvera.answer.malformed", TEXTS["nilvera.answer.malformed"], detail=what)


def _receives_invoices(row: Row, tax_id: TaxId) -> bool:
    same = _text(row.get("TaxNumber")) in ("", tax_id.value)
    return same and _text(row.get("DocumentType")).lower() != "despatchadvice"


def _ref(row: Row, side: Side, zone: ZoneInfo) -> RemoteRef:
    ettn = str(UUID(_required(row, "UUID")))
    return RemoteRef(
        kind=RefKind.E_DOCUMENT,
        external_id=ettn,
        our_reference=ettn,
        number=_text(row.get("InvoiceNumber")),
        total=_amount(row.get("PayableAmount")),
        currency=_text(row.get("CurrencyCode")),
        at=_moment(row, "CreatedDate", zone) or _moment(row, "IssueDate", zone),
        cancelled=side is Side.E_ARCHIVE and row.get("IsCancel") is True,
    )


def _incoming(row: Row, content: bytes, zone: ZoneInfo) -> IncomingInvoice:
    header = read_header(content)
    if header.ettn != _required(row, "UUID").lower():
        code = "nilvera.incoming.other_document"
        raise Rejected(code, TEXTS.text(code, ettn=header.ettn[:60]), field="UUID")
    received = _moment(row, "CreatedDate", zone) or _moment(row, "EnvelopeDate", zone)
    if received is None:
        raise _missing("CreatedDate")
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
        state=_incoming_state(row),
    )


def _incoming_state(row: Row) -> str:
    answer = _text(row.get("AnswerCode"))
    return answer if answer not in ("", "unknown") else _text(row.get("StatusCode"))


def _row(row: Any) -> Row:
    if not isinstance(row, dict):
        raise _missing("UUID")
    return row


def _row_id(row: Any) -> str:
    return _text(row.get("UUID"))[:60] if isinstance(row, dict) else ""


def _raw(row: Any) -> Raw:
    return Raw(json.dumps(row, default=str, ensure_ascii=False).encode("utf-8", errors="replace"))


def _required(row: Row, field: str) -> str:
    if not (value := _text(row.get(field))):
        raise _missing(field)
    return value


def _missing(field: str) -> Rejected:
    return Rejected("nilvera.record.field", TEXTS.text("nilvera.record.field", field=field), field=field)


def _moment(row: Row, field: str, zone: ZoneInfo) -> datetime | None:
    # The framework behind the API writes an unset time as the year 1.
    value = _text(row.get(field))
    if not value or value.startswith("0001-"):
        return None
    try:
        return dates.parse(value, zone=zone)
    except Rejected as error:
        raise Rejected(error.code, error.message, field=field) from error


def _amount(value: Any) -> Decimal | None:
    # Amounts come as binary doubles and may carry their noise.
    return cents(Decimal(value)) if isinstance(value, Decimal | int) and not isinstance(value, bool) else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _flag(value: Any) -> str:
    return "true" if value is True else "false"


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
