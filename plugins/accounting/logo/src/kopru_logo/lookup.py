"""Finding what is already there: documents by the identity of their write, cards by code and tax number.

Through the query door where it is open, otherwise by the query language of the resource lists.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kopru.model import ExternalRef
from kopru.sdk import (
    Absent,
    CannotTell,
    Echo,
    Found,
    IdempotencyKey,
    Located,
    MappingMissing,
    Operation,
    Receipt,
    ReceiptState,
    Rejected,
    TransientError,
)
from kopru.toolkit.rows import Row, integer, text
from kopru_logo import sql
from kopru_logo.client import NOT_FOUND, Client, quoted
from kopru_logo.codes import ITEM, PARTY, SALES_INVOICE, SALES_ORDER, Card, Document
from kopru_logo.mapping import stored
from kopru_logo.mapping.stored import Stored
from kopru_logo.reading import reference
from kopru_logo.texts import TEXTS

_COLUMNS = {"TAX_ID": "TAXNR"}
"""Where a REST field and its column have different names."""

_DOCUMENT_OF = {Operation.POST_INVOICE: SALES_INVOICE, Operation.POST_ORDER: SALES_ORDER}
_CARD_OF = {Operation.UPSERT_PARTY: PARTY, Operation.UPSERT_PRODUCT: ITEM}


@dataclass(frozen=True, slots=True)
class _CardRow:
    """A card as a look-up returns it, from either door."""

    ref: int
    code: str
    in_use: bool

    @classmethod
    def of(cls, row: Row) -> "_CardRow":
        """Read a row of the query door or a REST object."""
        if "LOGICALREF" in row:
            return cls(reference(row, "LOGICALREF"), text(row, "CODE"), integer(row, "ACTIVE") == 0)
        in_use = integer(row, "RECORD_STATUS") == 0
        return cls(reference(row, "INTERNAL_REFERENCE"), text(row, "CODE"), in_use)


def locate(client: Client, operation: Operation, key: IdempotencyKey, hint: ExternalRef | None) -> Located:
    """Look a write up by its key; cancelling is looked up at the document it meant."""
    if operation in _DOCUMENT_OF:
        return _located_document(client, _DOCUMENT_OF[operation], key)
    if operation in _CARD_OF:
        return _located_card(client, _CARD_OF[operation], key)
    if operation is Operation.CANCEL_DOCUMENT and hint is not None:
        return _located_cancellation(client, hint)
    return CannotTell(TEXTS["logo.locate.unsupported"])


def documents(client: Client, document: Document, key: IdempotencyKey) -> tuple[Stored, ...]:
    """Return the documents that carry a write's key, in the GUID or as short reference."""
    config, guid = client.config, str(key.uuid).upper()
    if config.sql_door:
        rows = client.query(sql.documents_by_key(config, document, guid, key.short))
        return tuple(_read(client, document, row, stored.from_row) for row in rows)
    where = f"GUID eq {quoted(guid)} or DOC_TRACK_NR eq {quoted(key.short)}"
    found = client.page(document.resource, where=where)
    return tuple(_read(client, document, row, stored.from_object) for row in found)


def document(client: Client, document: Document, ref: int) -> Stored | None:
    """Return one document as it stands now, or ``None`` when there is none."""
    config = client.config
    if config.sql_door:
        rows = client.query(sql.document_by_ref(config, document, ref))
        return _read(client, document, rows[0], stored.from_row) if rows else None
    try:
        return _read(client, document, client.read(document.resource, ref), stored.from_object)
    except Rejected as error:
        if error.code == NOT_FOUND:
            return None
        raise


def party_by_code(client: Client, code: str) -> Receipt | None:
    """Return the card with a code."""
    return _first(PARTY, _cards(client, PARTY, ("CODE",), code))


def party_by_tax_number(client: Client, number: str) -> Receipt | None:
    """Return the one card in use with a tax number; TCKNs are also looked for where VKNs stand.

    Raises:
        MappingMissing: ``logo.party.ambiguous`` when several cards in use carry it.
    """
    fields = ("TAX_ID", "TCKNO") if len(number) == 11 else ("TAX_ID",)
    live = [card for card in _cards(client, PARTY, fields, number) if card.in_use]
    if len(live) > 1:
        codes = sorted(card.code for card in live)
        message = TEXTS.text("logo.party.ambiguous", codes=", ".join(codes))
        raise MappingMissing("logo.party.ambiguous", codes, message)
    return _first(PARTY, live)


def item_by_code(client: Client, code: str) -> Receipt | None:
    """Return the item card with a code."""
    return _first(ITEM, _cards(client, ITEM, ("CODE",), code))


def card_receipt(card: Card, ref: int, code: str) -> Receipt:
    """Return the receipt of a card."""
    echo = Echo(party=code) if card is PARTY else Echo()
    return Receipt(ReceiptState.DONE, ExternalRef(kind=card.kind, id=str(ref)), code, echo)


def _located_document(client: Client, kind: Document, key: IdempotencyKey) -> Located:
    found = documents(client, kind, key)
    live = [each for each in found if not each.cancelled]
    if len(live) > 1:
        numbers = ", ".join(each.number for each in live)
        return CannotTell(TEXTS.text("logo.locate.twice", numbers=numbers))
    if not found:
        return Absent()
    return Found((live or list(found))[0].receipt)


def _located_card(client: Client, card: Card, key: IdempotencyKey) -> Located:
    receipt = _first(card, _cards(client, card, ("GUID",), str(key.uuid).upper()))
    return Absent() if receipt is None else Found(receipt)


def _located_cancellation(client: Client, hint: ExternalRef) -> Located:
    try:
        kind, ref = stored.parse_ref(client.config, hint)
    except Rejected as error:
        return CannotTell(error.message)
    now = document(client, kind, ref)
    if now is not None and not now.cancelled:
        return Absent()
    receipt = now.receipt if now else Receipt(ReceiptState.DONE, hint)
    return Found(receipt)


def _cards(client: Client, card: Card, fields: Sequence[str], value: str) -> list[_CardRow]:
    config = client.config
    if config.sql_door:
        columns = [_COLUMNS.get(field, field) for field in fields]
        rows = client.query(sql.cards(config, card, columns, value))
    else:
        where = " or ".join(f"{field} eq {quoted(value)}" for field in fields)
        rows = client.page(card.resource, where=where)
    try:
        return [_CardRow.of(row) for row in rows]
    except (ValueError, AttributeError) as error:
        raise TransientError("logo.answer", TEXTS["logo.answer"], detail=str(error)[:300]) from error


def _first(card: Card, rows: Sequence[_CardRow]) -> Receipt | None:
    return card_receipt(card, rows[0].ref, rows[0].code) if rows else None


def _read(client: Client, document: Document, row: Any, reader: Any) -> Stored:
    try:
        found: Stored = reader(client.config, document, row)
    except (ValueError, AttributeError, Rejected) as error:
        raise TransientError("logo.answer", TEXTS["logo.answer"], detail=str(error)[:300]) from error
    return found
