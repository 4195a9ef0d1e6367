"""Finding what is already there: invoices by the key on their lines, cards by code and tax number."""

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
    SqlRow,
)
from kopru.toolkit import rows
from kopru_eta import errors, handover
from kopru_eta.client import Client
from kopru_eta.codes import ITEM, PARTY, RECEIPT
from kopru_eta.config import SalesMode
from kopru_eta.mapping import stored
from kopru_eta.mapping.stored import Stored
from kopru_eta.tables import read
from kopru_eta.texts import TEXTS


def locate(client: Client, operation: Operation, key: IdempotencyKey, hint: ExternalRef | None) -> Located:
    """Look a write up: invoices by their key, cards by the code in the hint, a deletion by what it meant."""
    if operation is Operation.POST_INVOICE:
        return _located_invoice(client, key)
    if operation is Operation.UPSERT_PARTY and hint is not None:
        return _located(party_by_code(client, hint.id))
    if operation is Operation.UPSERT_PRODUCT and hint is not None:
        return _located(item_by_code(client, hint.id))
    if operation is Operation.CANCEL_DOCUMENT and hint is not None and hint.kind != RECEIPT:
        return _located_deletion(client, hint)
    return CannotTell(TEXTS["eta.locate.unsupported"])


def by_key(client: Client, key: str) -> list[Stored]:
    """Return the invoices of all years that carry a key."""
    return [
        read(year, row)
        for year, database in client.config.latest_first()
        for row in client.read("invoices_by_key", {"write_key": key}, database=database)
    ]


def by_ref(client: Client, year: int, ref: int) -> Stored | None:
    """Return one invoice as it stands now."""
    database = client.config.databases.get(year)
    found = client.read("invoice_by_ref", {"ref": ref}, database=database) if database else []
    return read(year, found[0]) if found else None


def party_by_code(client: Client, code: str) -> Receipt | None:
    """Return the partner card with a code."""
    return _card(PARTY, client.read("party_by_code", {"party_code": code}), "party_code")


def party_by_tax_number(client: Client, number: str) -> Receipt | None:
    """Return the one partner card with a tax number.

    Raises:
        MappingMissing: ``eta.party.ambiguous`` when several cards carry it.
    """
    found = client.read("parties_by_tax_number", {"tax_number": number})
    codes = sorted({_code(row, "party_code") for row in found})
    if len(codes) > 1:
        text = TEXTS.text("eta.party.ambiguous", codes=", ".join(codes))
        raise MappingMissing("eta.party.ambiguous", codes, text)
    return _card(PARTY, found, "party_code")


def item_by_code(client: Client, code: str) -> Receipt | None:
    """Return the item card with a code."""
    return _card(ITEM, client.read("item_by_code", {"item_code": code}), "item_code")


def card_receipt(kind: str, code: str) -> Receipt:
    """Return the receipt of a card; a card is known by its code."""
    echo = Echo(party=code) if kind == PARTY else Echo()
    return Receipt(ReceiptState.DONE, ExternalRef(kind=kind, id=code), code, echo)


def _located(receipt: Receipt | None) -> Located:
    return Absent() if receipt is None else Found(receipt)


def _located_invoice(client: Client, key: IdempotencyKey) -> Located:
    found = by_key(client, key.short)
    if len(found) > 1:
        numbers = ", ".join(f"{each.year}/{each.ref}" for each in found)
        return CannotTell(TEXTS.text("eta.locate.twice", numbers=numbers))
    if found:
        return Found(found[0].receipt)
    return handover.locate(client, key) if client.config.sales is SalesMode.FILE else Absent()


def _located_deletion(client: Client, hint: ExternalRef) -> Located:
    try:
        year, ref = stored.parse_ref(hint)
    except Rejected as error:
        return CannotTell(error.message)
    now = by_ref(client, year, ref)
    return Found(Receipt(ReceiptState.DONE, hint)) if now is None else Absent()


def _card(kind: str, found: list[SqlRow], column: str) -> Receipt | None:
    return card_receipt(kind, _code(found[0], column)) if found else None


def _code(row: SqlRow, column: str) -> str:
    try:
        code = rows.text(row, column)
    except ValueError as error:
        raise errors.unreadable(str(error)) from error
    if not code:
        raise errors.unreadable(f"{column} is missing")
    return code
