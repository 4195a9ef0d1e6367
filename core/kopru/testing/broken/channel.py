"""An honest e-invoice channel: the ETTN is the identity of a document."""

from dataclasses import replace

from kopru.hooks.errors import Rejected, Unsupported
from kopru.hooks.manifest import Manifest, PluginKind, Repeat, Write
from kopru.hooks.markers import hookimpl
from kopru.hooks.types import (
    Absent,
    Cancellation,
    CannotTell,
    CheckResult,
    DocumentFormat,
    Found,
    IdempotencyKey,
    Located,
    Operation,
    Page,
    Raw,
    Receipt,
    Record,
    RefKind,
    RemoteRef,
    Submission,
    Window,
)
from kopru.model import (
    ExternalRef,
    IncomingInvoice,
    Invoice,
    Mailbox,
    Profile,
    Recipient,
    Rendered,
    TaxId,
)
from kopru.testing.broken.common import (
    STREAM,
    TEXTS,
    TITLE,
    BazaarConfig,
    Context,
    bare,
    call,
    cancel,
    check,
    get,
    is_cancelled,
    receipt,
    ref_of,
    send,
    stream,
)
from kopru.toolkit import validation

CHANNEL = Manifest(
    name="bazaar_channel",
    kind=PluginKind.EINVOICE_CHANNEL,
    title=TITLE,
    version="1",
    config=BazaarConfig,
    streams={"fetch_inbox": STREAM},
    writes={
        Operation.SUBMIT_INVOICE: Write(Repeat.NATURAL_UNIQUE),
        Operation.CANCEL_DOCUMENT: Write(Repeat.ABSOLUTE),
    },
    base_url=lambda config: config.url,
    local_network=lambda config: True,
    profiles=(Profile.BASIC, Profile.ARCHIVE),
)


class Channel:
    """An e-invoice channel."""

    manifest = CHANNEL

    @hookimpl
    def check_connection(self, ctx: Context) -> CheckResult:
        """Try the account."""
        return check(ctx)

    @hookimpl
    def lookup_recipient(self, ctx: Context, tax_id: TaxId) -> Recipient:
        """Ask who is registered."""
        aliases = get(ctx, f"/recipients/{tax_id.value}").get("aliases")
        if not isinstance(aliases, list):
            raise Rejected("bazaar.answer", TEXTS["bazaar.answer"])
        return Recipient(tax_id=tax_id, mailboxes=tuple(Mailbox(alias=str(alias)) for alias in aliases))

    @hookimpl
    def submit_invoice(self, ctx: Context, key: IdempotencyKey, submission: Submission) -> Receipt:
        """Send a document; its ETTN is its identity."""
        invoice = submission.invoice
        body = {
            "id": str(invoice.id),
            "reference": str(invoice.id),
            "number": invoice.number,
            "total": str(invoice.totals.payable),
            "content": submission.document.content.decode(),
        }
        return receipt(kind_of(invoice), send(ctx, "POST", "/documents", body))

    @hookimpl
    def fetch_document(
        self, ctx: Context, ref: ExternalRef, format: DocumentFormat, archive: bool
    ) -> Rendered:
        """Download a document."""
        if format is not DocumentFormat.XML:
            raise Unsupported("bazaar.unsupported", TEXTS["bazaar.unsupported"])
        if "/" in ref.id:
            raise Rejected("bazaar.not_found", TEXTS["bazaar.not_found"])
        content = call(ctx, "GET", f"/documents/{ref.id}/xml").content
        return Rendered(content=content, filename=f"{ref.id}.xml")

    @hookimpl
    def cancel_document(self, ctx: Context, key: IdempotencyKey, cancellation: Cancellation) -> Receipt:
        """Cancel a document."""
        return cancel(ctx, ExternalRef(kind="documents", id=cancellation.ref.id))

    @hookimpl
    def fetch_inbox(
        self, ctx: Context, cursor: str | None, window: Window, limit: int
    ) -> Page[IncomingInvoice]:
        """Return one page of incoming invoices with their XML."""
        page = stream(
            ctx, "inbox", cursor, window, limit, lambda data: IncomingInvoice.model_validate(bare(data))
        )
        return replace(page, records=tuple(map(with_xml, page.records)))

    @hookimpl
    def locate(
        self, ctx: Context, operation: Operation, key: IdempotencyKey, hint: ExternalRef | None
    ) -> Located:
        """Look a document up by its ETTN."""
        if operation is Operation.CANCEL_DOCUMENT and hint is not None:
            return is_cancelled(ctx, ExternalRef(kind="documents", id=hint.id))
        if operation is not Operation.SUBMIT_INVOICE or hint is None:
            return CannotTell(TEXTS["bazaar.no_lookup"])
        try:
            return Found(receipt(hint.kind, get(ctx, f"/documents/{hint.id}")))
        except Rejected:
            return Absent()

    @hookimpl
    def fetch_refs(
        self, ctx: Context, kind: RefKind, cursor: str | None, window: Window, limit: int
    ) -> Page[RemoteRef]:
        """List the documents sent."""
        if kind is not RefKind.E_DOCUMENT:
            raise Unsupported("bazaar.unsupported", TEXTS["bazaar.unsupported"])
        return stream(ctx, "documents", cursor, window, limit, lambda data: ref_of(data, kind, "documents"))


def with_xml(record: Record[IncomingInvoice]) -> Record[IncomingInvoice]:
    """Return an incoming invoice with its XML as raw payload."""
    data = validation.read_json(record.raw.content)
    content = data.get("_xml") if isinstance(data, dict) else None
    return replace(record, raw=Raw(str(content).encode(), "application/xml"))


def kind_of(invoice: Invoice) -> str:
    """Return the kind under which a document is referred to."""
    return "e_archive" if invoice.profile.is_archive else "e_invoice"


channel = Channel()
