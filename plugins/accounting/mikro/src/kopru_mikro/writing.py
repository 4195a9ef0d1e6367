"""Writing documents and cards: one request, read back completely, refusals told apart."""

from kopru.model import Product
from kopru.sdk import (
    Cancellation,
    Conflict,
    ConnectorError,
    IdempotencyKey,
    LedgerInvoice,
    LedgerOrder,
    OutcomeUnknown,
    PartyRequest,
    Receipt,
    ReceiptState,
    Rejected,
    Unsupported,
)
from kopru.toolkit import dates
from kopru_mikro import lookup, vat
from kopru_mikro.client import Body, Client
from kopru_mikro.codes import ITEM, NORMAL_ORDER, PARTY, RECEIVED_ORDER, Document
from kopru_mikro.config import ItemVat
from kopru_mikro.mapping import invoice as invoices
from kopru_mikro.mapping import item as items
from kopru_mikro.mapping import order as orders
from kopru_mikro.mapping import party, stored
from kopru_mikro.mapping.invoice import Booking
from kopru_mikro.mapping.stored import Stored
from kopru_mikro.texts import TEXTS


def post_invoice(client: Client, key: IdempotencyKey, ledger: LedgerInvoice) -> Receipt:
    """Book an invoice and return what Mikro stored.

    Raises:
        Conflict: a document with this key is there already.
        Rejected, MappingMissing, Unsupported: it cannot be booked as it is, or Mikro refused it.
        OutcomeUnknown: it could not be read back.
    """
    _needs_reading(client)
    invoices.check(client.config, ledger)
    pointers = vat.pointers(client, invoices.rates(ledger.invoice))
    booking = Booking(client.config, key, ledger, pointers)
    method, body = invoices.invoice_body(booking)
    try:
        client.write(method, {"evraklar": [body]}, ledger.invoice.issue_date)
    except Rejected as refusal:
        _tell_existing(client, Document.INVOICE, key, refusal)
        raise
    return _read_back(client, Document.INVOICE, key, invoices.line_count(booking))


def post_order(client: Client, key: IdempotencyKey, ledger: LedgerOrder) -> Receipt:
    """Enter a sales order and return what Mikro stored. Raises as ``post_invoice``."""
    _needs_reading(client)
    orders.check(client.config, ledger)
    pointers = vat.pointers(client, orders.rates(client.config, ledger.order))
    body = orders.order_body(client.config, key, ledger, pointers)
    day = dates.local_date(ledger.order.placed_at)
    try:
        client.write("SiparisKaydetV2", {"evraklar": [body]}, day)
    except Rejected as refusal:
        _tell_existing(client, Document.ORDER, key, refusal)
        raise
    return _read_back(client, Document.ORDER, key, len(body["satirlar"]))


def upsert_party(client: Client, request: PartyRequest) -> Receipt:
    """Return the card with the code, else the one with the tax number if asked, else a new one."""
    found = lookup.party_by_code(client, request.code) if request.code else None
    number = party.tax_number(request.party) if request.match_tax_id else ""
    if found is None and number:
        found = lookup.party_by_tax_number(client, number)
    if found is not None:
        return found
    body = party.party_body(client.config, request)
    return _card(client, "CariKaydetV2", {"cariler": [body]}, PARTY, request.code)


def upsert_product(client: Client, product: Product) -> Receipt:
    """Return the item card with the code, else a new one."""
    found = lookup.item_by_code(client, product.code) if product.code else None
    if found is not None:
        return found
    items.check(client.config, product)
    by_pointer = client.config.item_vat is ItemVat.POINTER and product.vat_rate is not None
    pointers = vat.pointers(client, [product.vat_rate] if by_pointer and product.vat_rate is not None else [])
    body = items.item_body(client.config, product, pointers)
    return _card(client, "StokKaydetV2", {"stoklar": [body]}, ITEM, product.code)


def delete(client: Client, cancellation: Cancellation) -> Receipt:
    """Delete an order or an invoice; Mikro's API cancels no other way. One that is gone already is done.

    Raises:
        Rejected: ``mikro.cancel.sent`` or ``mikro.cancel.delivered``, or Mikro does not allow it.
    """
    _needs_reading(client)
    document, guid = stored.parse_ref(cancellation.ref)
    done = Receipt(ReceiptState.DONE, cancellation.ref)
    now = lookup.by_guid(client, document, guid)
    if now is None or now.cancelled:
        return done
    if now.sent:
        raise Rejected("mikro.cancel.sent", TEXTS.text("mikro.cancel.sent", number=now.own_number))
    if now.delivered:
        raise Rejected("mikro.cancel.delivered", TEXTS.text("mikro.cancel.delivered", number=now.own_number))
    method, target = _deletion(now)
    client.write(method, {"evraklar": [target]}, now.day)
    _confirm_gone(client, now)
    return done


def _deletion(now: Stored) -> tuple[str, Body]:
    if now.document is Document.ORDER:
        return "SiparisSilV2", {
            "sip_tip": RECEIVED_ORDER,
            "sip_cins": NORMAL_ORDER,
            "sip_evrakno_seri": now.series,
            "sip_evrakno_sira": now.sequence,
        }
    return "AlimSatimEvragiSilV2", {
        "cha_evrak_tip": now.type,
        "cha_evrakno_seri": now.series,
        "cha_evrakno_sira": now.sequence,
    }


def _confirm_gone(client: Client, was: Stored) -> None:
    """Read back that a deletion came true: success is said by Mikro also where nothing matched."""
    try:
        now = lookup.by_guid(client, was.document, was.guid)
    except ConnectorError as error:
        raise OutcomeUnknown("mikro.answer", TEXTS["mikro.answer"], detail=str(error)[:300]) from error
    if now is not None and not now.cancelled:
        raise Rejected("mikro.cancel.ignored", TEXTS.text("mikro.cancel.ignored", number=was.own_number))


def _needs_reading(client: Client) -> None:
    """Refuse to write what could not be read back: a lost answer could never be resolved."""
    if not client.config.has_sql:
        raise Unsupported("mikro.no_read_back", TEXTS["mikro.no_read_back"])


def _card(client: Client, method: str, payload: dict[str, list[Body]], kind: str, code: str) -> Receipt:
    """Make a card and read it back; one that somebody else made in the meantime is taken."""
    find = lookup.party_by_code if kind == PARTY else lookup.item_by_code
    try:
        client.write(method, payload, client.today)
    except Rejected:
        existing = find(client, code)
        if existing is None:
            raise
        return existing
    try:
        made = find(client, code)
    except ConnectorError as error:
        raise OutcomeUnknown("mikro.answer", TEXTS["mikro.answer"], detail=str(error)[:300]) from error
    if made is None:
        raise OutcomeUnknown("mikro.not_read_back", TEXTS["mikro.not_read_back"], detail=code)
    return made


def _tell_existing(client: Client, document: Document, key: IdempotencyKey, refusal: Rejected) -> None:
    """Raise ``Conflict`` when a refused document is there nevertheless."""
    try:
        found = lookup.by_key(client, document, key.short)
    except ConnectorError:
        return
    if found:
        text = TEXTS.text("mikro.document.exists", number=found[0].own_number)
        raise Conflict("mikro.document.exists", text, existing=found[0].ref) from refusal


def _read_back(client: Client, document: Document, key: IdempotencyKey, lines: int) -> Receipt:
    """Return the receipt of a document just written, from the database.

    A failing read-back must not look like a failed write, so it is an unknown outcome, and the look-up by key
    tells the rest. A document that was taken but does not carry the key could never be found again: sending
    it once more would double it, so a person has to look.

    Raises:
        OutcomeUnknown: it could not be read back.
        Rejected: ``mikro.key_not_kept``.
    """
    try:
        found = lookup.by_key(client, document, key.short)
    except ConnectorError as error:
        raise OutcomeUnknown("mikro.answer", TEXTS["mikro.answer"], detail=str(error)[:300]) from error
    if not found:
        raise Rejected("mikro.key_not_kept", TEXTS["mikro.key_not_kept"], detail=key.short)
    kept = found[0]
    if kept.lines != lines:
        client.ctx.log.warning("mikro.lines_differ", document=kept.own_number, sent=lines, stored=kept.lines)
    return kept.receipt
