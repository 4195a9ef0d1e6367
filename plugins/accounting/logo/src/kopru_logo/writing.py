"""Writing documents and cards: one request, its answer read back completely, refusals told apart."""

from collections.abc import Mapping
from dataclasses import replace

from kopru.model import ExternalRef
from kopru.sdk import (
    Cancellation,
    Conflict,
    ConnectorError,
    IdempotencyKey,
    LedgerInvoice,
    OutcomeUnknown,
    PartyRequest,
    Receipt,
    ReceiptState,
    Rejected,
)
from kopru.toolkit.rows import integer, text
from kopru_logo import lookup
from kopru_logo.client import NOT_FOUND, Body, Client
from kopru_logo.codes import INVOICE_OF, PARTY, SALES_ORDER, Card, Document, LineType
from kopru_logo.config import CancelBy
from kopru_logo.mapping import party, stored
from kopru_logo.mapping.invoice import invoice_body
from kopru_logo.mapping.stored import Stored
from kopru_logo.reading import children, reference
from kopru_logo.texts import TEXTS

_CANCELLED_PARTS = ("DISPATCHES", "TRANSACTIONS", "PAYMENT_LIST")


def post_invoice(client: Client, key: IdempotencyKey, ledger: LedgerInvoice) -> Receipt:
    """Book an invoice and return what Logo stored.

    Raises:
        Conflict: a document with this key is there already.
        Rejected: Logo refused it, or the invoice cannot be booked as it is.
    """
    sources = _sources(client, ledger.original)
    body = invoice_body(client.config, key, ledger, sources=sources)
    return post(client, INVOICE_OF[ledger.direction], key, body)


def post(client: Client, document: Document, key: IdempotencyKey, body: Body) -> Receipt:
    """Store a document and return its receipt with the total Logo came to.

    Raises:
        Conflict: Logo refused it because a document with this key is there already.
        OutcomeUnknown: stored or not cannot be told from the answer.
    """
    try:
        answer = client.create(document.resource, body)
    except Rejected as refusal:
        existing = _already_there(client, document, key)
        if existing is None:
            raise
        text = TEXTS.text("logo.document.exists", number=existing.number)
        raise Conflict("logo.document.exists", text, existing=existing.external_ref) from refusal
    kept = _complete(client, document, answer)
    if kept.guid != body["GUID"] and kept.track != body["DOC_TRACK_NR"]:
        client.ctx.log.warning("logo.reference_not_kept", document=kept.external_id)
    return kept.receipt


def upsert_party(client: Client, key: IdempotencyKey, request: PartyRequest) -> Receipt:
    """Return the card with the code, else the one with the tax number if asked, else a new one."""
    found = lookup.party_by_code(client, request.code) if request.code else None
    number = party.tax_number(request.party) if request.match_tax_id else ""
    if found is None and number:
        found = lookup.party_by_tax_number(client, number)
    if found is not None:
        return found
    return create_card(client, PARTY, request.code, party.party_body(client.config, key, request))


def create_card(client: Client, card: Card, code: str, body: Body) -> Receipt:
    """Make a card; a card that somebody else made in the meantime under this code is taken."""
    try:
        answer = client.create(card.resource, body)
        return lookup.card_receipt(
            card, reference(answer, "INTERNAL_REFERENCE"), text(answer, "CODE") or code
        )
    except Rejected:
        find = lookup.party_by_code if card is PARTY else lookup.item_by_code
        found = find(client, code)
        if found is None:
            raise
        return found
    except ValueError as error:
        raise OutcomeUnknown("logo.answer", TEXTS["logo.answer"], detail=str(error)) from error


def cancel(client: Client, cancellation: Cancellation) -> Receipt:
    """Cancel a document: orders are deleted, invoices marked or deleted as the settings say.

    Raises:
        Rejected: Logo does not allow it, or did not carry it out.
    """
    document, ref = stored.parse_ref(client.config, cancellation.ref)
    done = Receipt(ReceiptState.DONE, cancellation.ref)
    try:
        if document is SALES_ORDER or client.config.cancel_by is CancelBy.DELETE:
            client.delete(document.resource, ref)
            return done
        current = client.read(document.resource, ref)
    except Rejected as error:
        if error.code == NOT_FOUND:
            return done
        raise
    if not _is_cancelled(current):
        _mark(client, document, ref, current)
    return done


def cancelled(current: Body) -> Body:
    """Return a read invoice with itself, its despatches, lines and payments marked as cancelled."""
    made = {**current, "CANCELLED": 1}
    for name in _CANCELLED_PARTS:
        parts = children(current, name)
        if parts:
            made[name] = {"items": [{**part, "CANCELLED": 1} for part in parts]}
    return made


def _mark(client: Client, document: Document, ref: int, current: Body) -> None:
    answer = client.replace(document.resource, ref, cancelled(current))
    if not _is_cancelled(answer):
        now = lookup.document(client, document, ref)
        if now is not None and not now.cancelled:
            raise Rejected("logo.cancel.ignored", TEXTS["logo.cancel.ignored"])


def _is_cancelled(body: Body) -> bool:
    return text(body, "CANCELLED") not in ("", "0")


def _already_there(client: Client, document: Document, key: IdempotencyKey) -> Stored | None:
    try:
        found = lookup.documents(client, document, key)
    except ConnectorError:
        return None
    return found[0] if found else None


def _complete(client: Client, document: Document, answer: Body) -> Stored:
    """Return the stored document; an answer that names only the reference is read back.

    A failing read-back must not look like a failed write, so everything that goes wrong here is an unknown
    outcome, and the look-up by key tells the rest.
    """
    try:
        if "TOTAL_NET" in answer:
            return stored.from_object(client.config, document, answer)
        ref = reference(answer, "INTERNAL_REFERENCE")
        kept = stored.from_object(client.config, document, client.read(document.resource, ref))
        return replace(kept, ref=ref)
    except (ConnectorError, ValueError) as error:
        raise OutcomeUnknown("logo.answer", TEXTS["logo.answer"], detail=str(error)[:300]) from error


def _sources(client: Client, original: ExternalRef | None) -> Mapping[str, int]:
    """Return the original invoice's line references by item code; a return may stand without them."""
    if original is None or not client.config.link_returns:
        return {}
    try:
        document, ref = stored.parse_ref(client.config, original)
        return line_references(client.read(document.resource, ref))
    except (Rejected, ValueError) as error:
        client.ctx.log.warning("logo.original_not_found", original=original.id, detail=str(error)[:200])
        return {}


def line_references(invoice: Body) -> Mapping[str, int]:
    """Return the reference of the first line of each item of a read invoice."""
    found: dict[str, int] = {}
    for line in children(invoice, "TRANSACTIONS"):
        if integer(line, "TYPE") == LineType.ITEM and integer(line, "INTERNAL_REFERENCE"):
            found.setdefault(text(line, "MASTER_CODE"), integer(line, "INTERNAL_REFERENCE"))
    return found
