"""The hooks: read what the engine gives, call the client, call the mapping."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from kopru.model import ExternalRef, IncomingInvoice, Recipient, Rendered, TaxId, TaxScheme
from kopru.sdk import (
    Absent,
    Cancellation,
    CannotTell,
    CheckResult,
    Conflict,
    ConnectorError,
    Ctx,
    Definition,
    DocumentFormat,
    Found,
    IdempotencyKey,
    Located,
    Operation,
    Page,
    PendingReceipt,
    Receipt,
    ReceiptState,
    ReceiptUpdate,
    Record,
    RefKind,
    Rejected,
    RemoteRef,
    Submission,
    TransientError,
    Unsupported,
    Window,
    hookimpl,
)
from kopru.toolkit import taxnumbers
from kopru_uyumsoft import checks, follow, lists, mapping, submission
from kopru_uyumsoft.client import Client
from kopru_uyumsoft.codes import MEDIA_TYPES, PROFILES, Side
from kopru_uyumsoft.config import UyumsoftConfig
from kopru_uyumsoft.errors import REFUSALS, malformed
from kopru_uyumsoft.manifest import INBOX_PAGE, MANIFEST
from kopru_uyumsoft.texts import TEXTS

Context = Ctx[UyumsoftConfig]


class UyumsoftPlugin:
    """The Uyumsoft channel. It holds no state; everything of a tenant comes in ``ctx``."""

    manifest = MANIFEST

    @hookimpl
    def check_connection(self, ctx: Context) -> CheckResult:
        """Look at service description, login, company and the services the company has."""
        client = Client(ctx)
        try:
            client.test_connection()
            identity = client.who_am_i()
        except ConnectorError as error:
            return CheckResult((checks.of_error("login", error),))
        return CheckResult(
            (checks.of_login(), checks.of_company(ctx.config, identity), checks.of_services(identity))
        )

    @hookimpl
    def fetch_definitions(self, ctx: Context) -> tuple[Definition, ...]:
        """Return the company's own sender mailboxes."""
        client = Client(ctx)
        own = mapping.tax_number_of(client.who_am_i())
        return mapping.to_sender_aliases(client.aliases(own)) if own else ()

    @hookimpl
    def lookup_recipient(self, ctx: Context, tax_id: TaxId) -> Recipient:
        """Ask the register; a number that cannot stand in it is answered without a call."""
        number = tax_id.value
        listed = tax_id.scheme is not TaxScheme.FOREIGN and number.isascii() and number.isdigit()
        if not listed or taxnumbers.is_placeholder(number):
            return Recipient(tax_id=tax_id)
        client = Client(ctx)
        registered = client.is_user(number)
        if not isinstance(registered, bool):
            raise malformed("IsEInvoiceUser")
        # The mailboxes of somebody unknown may be refused like a failed question, so they are asked second.
        return (
            mapping.to_recipient(tax_id, client.aliases(number)) if registered else Recipient(tax_id=tax_id)
        )

    @hookimpl
    def submit_invoice(self, ctx: Context, key: IdempotencyKey, submission: Submission) -> Receipt:
        """Send the UBL as the kind its profile says; the ETTN is the identity at Uyumsoft."""
        invoice = submission.invoice
        if invoice.profile not in PROFILES:
            code = "uyumsoft.profile_unsupported"
            raise Unsupported(code, TEXTS.text(code, profile=invoice.profile.value))
        side = Side.E_ARCHIVE if invoice.profile.is_archive else Side.E_INVOICE
        if side is Side.E_INVOICE and not invoice.buyer_alias:
            code = "uyumsoft.alias_missing"
            raise Rejected(code, TEXTS[code], field="buyer_alias")
        client, ref = Client(ctx), ExternalRef(kind=side.value, id=str(invoice.id))
        try:
            answer = client.send(_invoice_info(ctx, side, submission))
        except Rejected as error:
            if error.code in REFUSALS and follow.is_held(client, ref.id):
                raise _exists(ref, error.detail) from error
            raise
        return mapping.to_receipt(ref, answer)

    @hookimpl
    def locate(
        self, ctx: Context, operation: Operation, key: IdempotencyKey, hint: ExternalRef | None
    ) -> Located:
        """Look a document up by the ETTN in ``hint``; ``key`` is the effect's and unknown to Uyumsoft."""
        if operation not in MANIFEST.writes:
            return CannotTell(TEXTS["uyumsoft.locate.unknown_operation"])
        side = _side(hint) if hint else None
        if hint is None or side is None or side is Side.INCOMING:
            return CannotTell(TEXTS["uyumsoft.locate.no_hint"])
        client, ettn = Client(ctx), _ettn(hint)
        if operation is Operation.CANCEL_DOCUMENT:
            cancelled = mapping.is_cancelled(follow.row_of(client, ettn))
            return Found(Receipt(ReceiptState.DONE, ref=hint)) if cancelled else Absent()
        listed = lists.rows_of(client, side, (ettn,)).get(ettn)
        if listed is not None or follow.row_of(client, ettn) is not None:
            return Found(mapping.to_found(hint, listed))
        return Absent()

    @hookimpl
    def fetch_receipts(self, ctx: Context, pending: Sequence[PendingReceipt]) -> tuple[ReceiptUpdate, ...]:
        """Return the state of each document, asked for many at a time."""
        places = [(entry, _side(entry.ref) or _outgoing(entry.archive)) for entry in pending]
        return follow.updates(Client(ctx), places)

    @hookimpl
    def fetch_document(
        self, ctx: Context, ref: ExternalRef, format: DocumentFormat, archive: bool
    ) -> Rendered:
        """Download a sent or received document as XML, PDF or HTML."""
        side, ettn, client = _side(ref) or _outgoing(archive), _ettn(ref), Client(ctx)
        try:
            content = mapping.document_in(client.download(side, ettn, format), format)
        except Rejected as error:
            if error.code not in REFUSALS:
                raise
            content = None
        if content is None:
            raise _unavailable(client, side, ettn)
        return Rendered(content=content, media_type=MEDIA_TYPES[format], filename=f"{ettn}.{format.value}")

    @hookimpl
    def cancel_document(self, ctx: Context, key: IdempotencyKey, cancellation: Cancellation) -> Receipt:
        """Cancel an e-Arşiv invoice; an e-Fatura has other, legal ways that the refusal names."""
        ref = cancellation.ref
        side = _side(ref) or _outgoing(cancellation.archive)
        if side is not Side.E_ARCHIVE:
            name = "incoming" if side is Side.INCOMING else "e_invoice"
            code = f"uyumsoft.{name}_not_cancellable"
            raise Unsupported(code, TEXTS[code])
        client, ettn = Client(ctx), _ettn(ref)
        try:
            taken = client.cancel(ettn, ctx.now())
        except Rejected as error:
            # "Already cancelled" is told in words only, so the document's state decides.
            if error.code in REFUSALS and mapping.is_cancelled(follow.row_of(client, ettn)):
                return Receipt(ReceiptState.DONE, ref=ref)
            raise
        if taken is False and not mapping.is_cancelled(follow.row_of(client, ettn)):
            code = "uyumsoft.not_cancelled"
            raise Rejected(code, TEXTS[code])
        return Receipt(ReceiptState.ACCEPTED, ref=ref)

    @hookimpl
    def fetch_inbox(
        self, ctx: Context, cursor: str | None, window: Window, limit: int
    ) -> Page[IncomingInvoice]:
        """Return a page of incoming invoices with their XML, oldest first; none is marked as taken."""
        client, config = Client(ctx), ctx.config
        place = lists.Place.of(cursor, min(limit, INBOX_PAGE, config.page_size))
        listing = lists.page(client, Side.INCOMING, place, window, config.inbox_date_filter)
        by_arrival = config.inbox_date_filter == "Create"
        rows = [row for row in listing.rows if not by_arrival or lists.arrived_within(row, window)]
        return Page(tuple(_incoming(client, row) for row in rows), next_cursor=place.after(listing))

    @hookimpl
    def fetch_refs(
        self, ctx: Context, kind: RefKind, cursor: str | None, window: Window, limit: int
    ) -> Page[RemoteRef]:
        """List what Uyumsoft holds of ours by date of issue, e-Fatura and e-Arşiv invoices together."""
        if kind is not RefKind.E_DOCUMENT:
            code = "uyumsoft.refs_unsupported"
            raise Unsupported(code, TEXTS[code])
        place = lists.Place.of(cursor, min(limit, ctx.config.page_size))
        listing = lists.page(Client(ctx), Side.E_INVOICE, place, window, "Execution")
        records = tuple(mapping.to_ref(row) for row in listing.rows)
        return Page(records, next_cursor=place.after(listing), total=listing.total)


def _side(ref: ExternalRef) -> Side | None:
    try:
        return Side(ref.kind)
    except ValueError:
        return None


def _outgoing(archive: bool) -> Side:
    return Side.E_ARCHIVE if archive else Side.E_INVOICE


def _ettn(ref: ExternalRef) -> str:
    try:
        return str(UUID(ref.id))
    except ValueError as error:
        raise _unknown_document(f"not an ETTN: {ref.id[:60]}") from error


def _unknown_document(detail: str) -> Rejected:
    code = "uyumsoft.document.not_found"
    return Rejected(code, TEXTS[code], detail=detail)


def _invoice_info(ctx: Context, side: Side, sent: Submission) -> dict[str, Any]:
    return submission.to_invoice_info(ctx.config, side, sent, ctx.now())


def _exists(ref: ExternalRef, detail: str) -> Conflict:
    code = "uyumsoft.ettn_exists"
    return Conflict(code, TEXTS[code], existing=ref, detail=detail)


def _unavailable(client: Client, side: Side, ettn: str) -> ConnectorError:
    """Return why a document cannot be had: nobody knows it, or it is still being made."""
    if ettn not in lists.rows_of(client, side, (ettn,)):
        return _unknown_document(ettn)
    code = "uyumsoft.document.unreadable"
    return TransientError(code, TEXTS[code], detail=ettn)


def _incoming(client: Client, row: Any) -> Record[IncomingInvoice]:
    ettn = mapping.ettn_of(row)
    if ettn is None:
        return mapping.without_document(row, "InvoiceId")
    try:
        data = client.download(Side.INCOMING, ettn, DocumentFormat.XML)
    except Rejected as error:
        return mapping.without_document(row, str(error))
    content = mapping.document_in(data, DocumentFormat.XML)
    return mapping.to_incoming(row, content) if content else mapping.without_document(row, "Data")
