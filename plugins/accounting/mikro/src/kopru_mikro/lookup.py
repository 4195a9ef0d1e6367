"""Finding what is already there: documents by the key of their write, cards by code and tax number."""

from collections.abc import Sequence
from typing import Any

from kopru.model import ExternalRef
from kopru.sdk import (
    Absent,
    CannotTell,
    ConnectorError,
    Echo,
    Found,
    IdempotencyKey,
    Located,
    MappingMissing,
    Operation,
    Receipt,
    ReceiptState,
    Rejected,
)
from kopru.toolkit import rows
from kopru.toolkit.rows import Row
from kopru_mikro import cardlist, errors, sql
from kopru_mikro.client import Client
from kopru_mikro.codes import ITEM, PARTY, Document
from kopru_mikro.mapping import stored
from kopru_mikro.mapping.stored import Stored
from kopru_mikro.texts import TEXTS

_DOCUMENT_OF = {Operation.POST_INVOICE: Document.INVOICE, Operation.POST_ORDER: Document.ORDER}


def locate(client: Client, operation: Operation, key: IdempotencyKey, hint: ExternalRef | None) -> Located:
    """Look a write up: documents by their key, cards by the code in the hint, a deletion by what it meant."""
    if operation in _DOCUMENT_OF and client.config.has_sql:
        return _located_document(client, _DOCUMENT_OF[operation], key)
    if operation is Operation.UPSERT_PARTY and hint is not None:
        return _located(party_by_code(client, hint.id))
    if operation is Operation.UPSERT_PRODUCT and hint is not None:
        return _located(item_by_code(client, hint.id))
    if operation is Operation.CANCEL_DOCUMENT and hint is not None and client.config.has_sql:
        return _located_deletion(client, hint)
    return CannotTell(TEXTS["mikro.locate.unsupported"])


def by_key(client: Client, document: Document, key: str) -> list[Stored]:
    """Return the documents that carry a key; "none" is said only when a count says so, too."""
    config = client.config
    found = [_read(client, document, row) for row in client.query(sql.by_key(config, document, key))]
    if not found and client.count(sql.count_by_key(config, document, key)):
        raise errors.unreadable("counted, but not listed")
    return found


def by_guid(client: Client, document: Document, guid: str) -> Stored | None:
    """Return one document as it stands now, or ``None`` when there is none."""
    found = client.query(sql.by_guid(client.config, document, guid))
    return _read(client, document, found[0]) if found else None


def party_by_code(client: Client, code: str) -> Receipt | None:
    """Return the partner card with a code."""
    if client.config.has_sql:
        return _first(PARTY, client.query(sql.party_by_code(client.config, code)), "cari_kod")
    return _first(PARTY, cardlist.parties_with(client, "cari_kod", code), "cari_kod")


def party_by_tax_number(client: Client, number: str) -> Receipt | None:
    """Return the one partner card with a tax number.

    Raises:
        MappingMissing: ``mikro.party.ambiguous`` when several cards carry it.
    """
    if client.config.has_sql:
        found = client.query(sql.party_by_tax_number(client.config, number))
    else:
        found = cardlist.parties_with(client, "cari_vdaire_no", number)
    codes = sorted({_code(row, "cari_kod") for row in found})
    if len(codes) > 1:
        text = TEXTS.text("mikro.party.ambiguous", codes=", ".join(codes))
        raise MappingMissing("mikro.party.ambiguous", codes, text)
    return _first(PARTY, found, "cari_kod")


def item_by_code(client: Client, code: str) -> Receipt | None:
    """Return the item card with a code."""
    if client.config.has_sql:
        return _first(ITEM, client.query(sql.items_by_code(client.config, (code,))), "sto_kod")
    return _first(ITEM, cardlist.items_with(client, code), "sto_kod")


def card_receipt(kind: str, code: str) -> Receipt:
    """Return the receipt of a card; a card is known by its code."""
    echo = Echo(party=code) if kind == PARTY else Echo()
    return Receipt(ReceiptState.DONE, ExternalRef(kind=kind, id=code), code, echo)


def _located(receipt: Receipt | None) -> Located:
    return Absent() if receipt is None else Found(receipt)


def _located_document(client: Client, document: Document, key: IdempotencyKey) -> Located:
    found = by_key(client, document, key.short)
    live = [each for each in found if not each.cancelled]
    if len(live) > 1:
        numbers = ", ".join(sorted(each.own_number for each in live))
        return CannotTell(TEXTS.text("mikro.locate.twice", numbers=numbers))
    return Found((live or found)[0].receipt) if found else Absent()


def _located_deletion(client: Client, hint: ExternalRef) -> Located:
    try:
        document, guid = stored.parse_ref(hint)
    except Rejected as error:
        return CannotTell(error.message)
    now = by_guid(client, document, guid)
    if now is not None and not now.cancelled:
        return Absent()
    return Found(now.receipt if now else Receipt(ReceiptState.DONE, hint))


def _first(kind: str, found: Sequence[Row], column: str) -> Receipt | None:
    return card_receipt(kind, _code(found[0], column)) if found else None


def _code(row: Any, column: str) -> str:
    try:
        code = rows.text(row, column)
    except ValueError as error:
        raise errors.unreadable(str(error)) from error
    if not code:
        raise errors.unreadable(f"{column} is missing")
    return code


def _read(client: Client, document: Document, row: Row) -> Stored:
    try:
        return stored.from_row(client.config, document, row)
    except (ValueError, ConnectorError) as error:
        raise errors.unreadable(str(error)) from error
