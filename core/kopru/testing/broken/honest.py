"""Small plugins for the bazaar that keep the contract: a shop, a ledger, a channel and a format."""

import hmac
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict

from kopru.hooks.errors import AuthError, OutcomeUnknown, Rejected, Unsupported
from kopru.hooks.manifest import Manifest, PluginKind, Quota, Repeat, Stream, Write
from kopru.hooks.markers import hookimpl
from kopru.hooks.types import (
    Absent,
    BatchResult,
    Cancellation,
    CannotTell,
    CheckResult,
    DocumentFormat,
    Found,
    IdempotencyKey,
    ItemOutcome,
    LedgerInvoice,
    LedgerOrder,
    Located,
    Operation,
    OrderUpdate,
    Page,
    PartyRequest,
    PendingReceipt,
    Raw,
    Receipt,
    ReceiptState,
    ReceiptUpdate,
    Record,
    RefKind,
    RemoteRef,
    RemoteState,
    Submission,
    WebhookEvent,
    WebhookRequest,
    Window,
)
from kopru.model import (
    ExternalRef,
    Finding,
    IncomingInvoice,
    Invoice,
    InvoiceKind,
    Mailbox,
    Order,
    PartyCard,
    PriceTarget,
    Product,
    Profile,
    Recipient,
    Rendered,
    Return,
    StockLevel,
    StockTarget,
    TaxId,
    Text,
)
from kopru.testing import samples
from kopru.testing.broken.common import (
    PAGE,
    TEXTS,
    BazaarConfig,
    Context,
    Json,
    answer_of,
    bare,
    call,
    check,
    get,
    listing,
    receipt,
    record_of,
    ref_of,
    send,
    stream,
)
from kopru.toolkit import validation, xml

STREAM = Stream(largest_page=PAGE)
TITLE = Text(tr="Pazar", en="Bazaar")

SHOP = Manifest(
    name="bazaar_shop",
    kind=PluginKind.SHOP,
    title=TITLE,
    version="1",
    config=BazaarConfig,
    streams=dict.fromkeys(("fetch_orders", "fetch_returns", "fetch_products"), STREAM),
    writes={
        Operation.UPDATE_ORDER_STATUS: Write(Repeat.ABSOLUTE),
        Operation.PUSH_STOCK: Write(Repeat.ABSOLUTE, batch=100, asynchronous=True),
        Operation.PUSH_PRICES: Write(Repeat.ABSOLUTE, batch=100),
    },
    quotas=(Quota("orders", 100, timedelta(minutes=1), "GET", r"/orders$"),),
    base_url=lambda config: config.url,
    local_network=lambda config: True,
)


class Shop:
    """Orders, returns and products of a shop, with stock, prices and status going back."""

    manifest = SHOP

    @hookimpl
    def check_connection(self, ctx: Context) -> CheckResult:
        """Try the account."""
        return check(ctx)

    @hookimpl
    def parse_webhook(self, ctx: Context, request: WebhookRequest) -> tuple[WebhookEvent, ...]:
        """Verify a call by its secret and name the order it is about."""
        secret = ctx.config.hook_secret.get_secret_value()
        given = request.headers.get("x-hook-secret", "")
        if not secret or not hmac.compare_digest(secret.encode(), given.encode()):
            raise AuthError("bazaar.webhook", TEXTS["bazaar.webhook"])
        data = validation.read_json(request.body)
        if not isinstance(data, dict) or not isinstance(data.get("order"), str):
            raise Rejected("bazaar.answer", TEXTS["bazaar.answer"])
        return (WebhookEvent(str(data.get("event")), "order", data["order"]),)

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        return stream(ctx, "orders", cursor, window, limit, self.order)

    @hookimpl
    def fetch_order(self, ctx: Context, ref: ExternalRef) -> Record[Order]:
        """Return one order."""
        if not ref.id.isdigit():
            raise Rejected("bazaar.not_found", TEXTS["bazaar.not_found"])
        return record_of(get(ctx, f"/orders/{ref.id}"), self.order)

    @hookimpl
    def parse_orders(self, config: BazaarConfig, raw: Raw) -> tuple[Record[Order], ...]:
        """Map stored records."""
        data = validation.read_json(raw.content)
        return tuple(record_of(each, self.order) for each in (data if isinstance(data, list) else [data]))

    @hookimpl
    def fetch_returns(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Return]:
        """Return one page of returns."""
        return stream(ctx, "returns", cursor, window, limit, lambda data: Return.model_validate(bare(data)))

    @hookimpl
    def fetch_products(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Product]:
        """Return one page of products."""
        return stream(ctx, "items", cursor, None, limit, lambda data: Product.model_validate(bare(data)))

    @hookimpl
    def push_stock(self, ctx: Context, key: IdempotencyKey, items: Sequence[StockTarget]) -> BatchResult:
        """Send stock as one batch."""
        lines = [{"code": item.sku, "quantity": item.quantity} for item in items]
        batch = send(ctx, "POST", "/batches", lines).get("batch")
        if not isinstance(batch, str):
            raise OutcomeUnknown("bazaar.answer", TEXTS["bazaar.answer"])
        accepted = tuple(ItemOutcome(n, ReceiptState.ACCEPTED) for n in range(len(items)))
        return BatchResult(accepted, ExternalRef(kind="batch", id=batch))

    @hookimpl
    def push_prices(self, ctx: Context, key: IdempotencyKey, items: Sequence[PriceTarget]) -> BatchResult:
        """Send prices."""
        lines = [{"code": item.sku, "price": str(item.price)} for item in items]
        return BatchResult(outcomes_of(send(ctx, "PUT", "/prices", lines), len(items)))

    @hookimpl
    def update_order_status(self, ctx: Context, key: IdempotencyKey, update: OrderUpdate) -> Receipt:
        """Tell what happened to an order."""
        body = {"number": update.invoice_number, "url": update.invoice_url}
        send(ctx, "PUT", f"/orders/{update.order.id}/{update.action.value}", body)
        return Receipt(ReceiptState.DONE, update.order)

    @hookimpl
    def fetch_receipts(self, ctx: Context, pending: Sequence[PendingReceipt]) -> tuple[ReceiptUpdate, ...]:
        """Return what became of batches."""
        return tuple(batch_update(ctx, entry) for entry in pending)

    @hookimpl
    def locate(
        self, ctx: Context, operation: Operation, key: IdempotencyKey, hint: ExternalRef | None
    ) -> Located:
        """Tell from the order whether a status arrived; the key ends with the action's name."""
        if operation is not Operation.UPDATE_ORDER_STATUS or hint is None:
            return CannotTell(TEXTS["bazaar.no_lookup"])
        action = key.value.rsplit("/", 1)[-1]
        order = get(ctx, f"/orders/{hint.id}")
        return Found(Receipt(ReceiptState.DONE, hint)) if f"_{action}" in order else Absent()

    @hookimpl
    def fetch_refs(
        self, ctx: Context, kind: RefKind, cursor: str | None, window: Window, limit: int
    ) -> Page[RemoteRef]:
        """List the orders once more."""
        if kind is not RefKind.ORDER:
            raise Unsupported("bazaar.unsupported", TEXTS["bazaar.unsupported"])
        return stream(ctx, "orders", cursor, window, limit, lambda data: ref_of(data, kind, "orders"))

    def order(self, data: Json) -> Order:
        """Map an order."""
        return Order.model_validate(bare(data))


def outcomes_of(answer: Json, count: int) -> tuple[ItemOutcome, ...]:
    """Return one outcome per item of a batch."""
    outcomes = answer.get("outcomes")
    if not isinstance(outcomes, list) or not all(isinstance(each, bool) for each in outcomes):
        raise OutcomeUnknown("bazaar.answer", TEXTS["bazaar.answer"])
    unknown = Finding(code="bazaar.not_found", message=TEXTS["bazaar.not_found"])
    return tuple(
        ItemOutcome(n, ReceiptState.DONE) if done else ItemOutcome(n, None, (unknown,))
        for n, done in enumerate(outcomes[:count])
    )


def batch_update(ctx: Context, entry: PendingReceipt) -> ReceiptUpdate:
    """Return the present word on one batch."""
    try:
        answer = get(ctx, f"/batches/{entry.ref.id}")
    except Rejected:
        return ReceiptUpdate(entry.ref, RemoteState.RETRYABLE)
    items = outcomes_of(answer, PAGE)
    findings = tuple(finding for item in items for finding in item.findings)
    return ReceiptUpdate(entry.ref, RemoteState.DONE, items=items, findings=findings)


LEDGER = Manifest(
    name="bazaar_ledger",
    kind=PluginKind.ACCOUNTING,
    title=TITLE,
    version="1",
    config=BazaarConfig,
    streams=dict.fromkeys(("fetch_products", "fetch_stock", "fetch_parties"), STREAM),
    writes={
        Operation.UPSERT_PARTY: Write(Repeat.NATURAL_UNIQUE),
        Operation.UPSERT_PRODUCT: Write(Repeat.NATURAL_UNIQUE),
        Operation.POST_ORDER: Write(Repeat.QUERY_BY_REF),
        Operation.POST_INVOICE: Write(Repeat.NATIVE_KEY),
        Operation.CANCEL_DOCUMENT: Write(Repeat.ABSOLUTE),
    },
    base_url=lambda config: config.url,
    local_network=lambda config: True,
    documents=(InvoiceKind.SALE,),
    removable=(Operation.POST_ORDER, Operation.POST_INVOICE),
)
_COLLECTIONS = {
    Operation.UPSERT_PARTY: "parties",
    Operation.UPSERT_PRODUCT: "cards",
    Operation.POST_ORDER: "ledger-orders",
    Operation.POST_INVOICE: "invoices",
}
_BOOKED = ("invoices", "ledger-orders")


class Ledger:
    """Items, stock and partners of a ledger, with orders and invoices going in."""

    manifest = LEDGER

    @hookimpl
    def check_connection(self, ctx: Context) -> CheckResult:
        """Try the account."""
        return check(ctx)

    @hookimpl
    def fetch_products(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Product]:
        """Return one page of item cards."""
        return stream(ctx, "items", cursor, None, limit, lambda data: Product.model_validate(bare(data)))

    @hookimpl
    def fetch_stock(
        self, ctx: Context, cursor: str | None, codes: Sequence[str], limit: int
    ) -> Page[StockLevel]:
        """Return one page of stock levels."""

        def level(data: Json) -> StockLevel:
            amounts = {"item_code": data["code"], "on_hand": data["on_hand"]}
            return StockLevel(warehouse="0", as_of=ctx.now(), **amounts)

        page = stream(ctx, "stock", cursor, None, limit, level)
        if not codes:
            return page
        return replace(page, records=tuple(each for each in page.records if each.external_id in codes))

    @hookimpl
    def fetch_parties(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[PartyCard]:
        """Return one page of partner cards."""

        def card(data: Json) -> PartyCard:
            ref = ExternalRef(kind="parties", id=data["_id"])
            return PartyCard(
                ref=ref, revision="1", code=data["code"], name=data["name"], tax_number=data["tax_number"]
            )

        return stream(ctx, "parties", cursor, None, limit, card)

    @hookimpl
    def upsert_party(self, ctx: Context, key: IdempotencyKey, request: PartyRequest) -> Receipt:
        """Find a partner by code, or make it."""
        number = request.party.tax_id.value if request.party.tax_id else ""
        body = {"name": request.party.display_name, "tax_number": number}
        return self.card(ctx, key, "parties", request.code, body)

    @hookimpl
    def upsert_product(self, ctx: Context, key: IdempotencyKey, product: Product) -> Receipt:
        """Find an item by code, or make it."""
        return self.card(ctx, key, "cards", product.code, {"name": product.name})

    @hookimpl
    def post_order(self, ctx: Context, key: IdempotencyKey, order: LedgerOrder) -> Receipt:
        """Enter an order. The bazaar stores it as often as it comes."""
        body = {"total": str(order.order.total), "party": order.party_code}
        return self.book(ctx, key, "ledger-orders", body)

    @hookimpl
    def post_invoice(self, ctx: Context, key: IdempotencyKey, invoice: LedgerInvoice) -> Receipt:
        """Book an invoice. The bazaar knows our key."""
        total = str(invoice.invoice.totals.payable)
        body = {"number": invoice.invoice.number, "total": total, "party": invoice.party_code}
        return self.book(ctx, key, "invoices", body, native=True)

    @hookimpl
    def cancel_document(self, ctx: Context, key: IdempotencyKey, cancellation: Cancellation) -> Receipt:
        """Cancel an invoice or order."""
        return cancel(ctx, cancellation.ref)

    @hookimpl
    def locate(
        self, ctx: Context, operation: Operation, key: IdempotencyKey, hint: ExternalRef | None
    ) -> Located:
        """Look a write up by the reference that stands on it."""
        if operation is Operation.CANCEL_DOCUMENT:
            return is_cancelled(ctx, hint)
        found = self.search(ctx, _COLLECTIONS[operation], key)
        return Found(receipt(_COLLECTIONS[operation], found[0])) if found else Absent()

    @hookimpl
    def fetch_refs(
        self, ctx: Context, kind: RefKind, cursor: str | None, window: Window, limit: int
    ) -> Page[RemoteRef]:
        """List the invoices, then the orders."""
        if kind is not RefKind.LEDGER_DOCUMENT:
            raise Unsupported("bazaar.unsupported", TEXTS["bazaar.unsupported"])
        place, _, after = (cursor or "0|").partition("|")
        name = _BOOKED[int(place)]
        page = stream(ctx, name, after or None, window, limit, lambda data: ref_of(data, kind, name))
        if page.next_cursor:
            return replace(page, next_cursor=f"{place}|{page.next_cursor}")
        return replace(page, next_cursor="1|") if place == "0" else page

    def search(self, ctx: Context, collection: str, key: IdempotencyKey) -> list[Any]:
        """Return the records that carry a key."""
        return listing(ctx, collection, reference=key.short)

    def book(
        self, ctx: Context, key: IdempotencyKey, collection: str, body: Json, *, native: bool = False
    ) -> Receipt:
        """Store a document with our reference on it."""
        sent = {**body, "reference": key.short}
        return receipt(collection, send(ctx, "POST", f"/{collection}", sent, key=key.short if native else ""))

    def card(self, ctx: Context, key: IdempotencyKey, collection: str, code: str, body: Json) -> Receipt:
        """Return the card with a code, a new one if there is none."""
        known = listing(ctx, collection, code=code)
        data = (
            known[0]
            if known
            else send(
                ctx, "POST", f"/{collection}", {**body, "code": code, "number": code, "reference": key.short}
            )
        )
        return receipt(collection, data)


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


def cancel(ctx: Context, ref: ExternalRef) -> Receipt:
    """Cancel a record."""
    answer_of(call(ctx, "DELETE", f"/{ref.kind}/{ref.id}"), OutcomeUnknown)
    return Receipt(ReceiptState.DONE, ref)


def is_cancelled(ctx: Context, ref: ExternalRef | None) -> Located:
    """Tell whether a record is cancelled."""
    if ref is None:
        return CannotTell(TEXTS["bazaar.no_lookup"])
    record = get(ctx, f"/{ref.kind}/{ref.id}")
    return Found(Receipt(ReceiptState.DONE, ref)) if record.get("cancelled") else Absent()


class NoSettings(BaseModel):
    """The format has no settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")


FORMAT = Manifest(
    name="bazaar_format",
    kind=PluginKind.EINVOICE_FORMAT,
    title=TITLE,
    version="1",
    config=NoSettings,
    formats=((InvoiceKind.SALE, Profile.BASIC), (InvoiceKind.SALE, Profile.ARCHIVE)),
)


class Format:
    """A short UBL-TR."""

    manifest = FORMAT

    @hookimpl
    def render_invoice(self, config: NoSettings, invoice: Invoice) -> Rendered:
        """Write an invoice."""
        if (invoice.kind, invoice.profile) not in self.manifest.formats:
            raise Unsupported("bazaar.unsupported", TEXTS["bazaar.unsupported"])
        return samples.sample_document(invoice)

    @hookimpl
    def validate_invoice(
        self, config: NoSettings, document: Rendered, today: datetime
    ) -> tuple[Finding, ...]:
        """Check that the lines and the tax add up to the payable amount."""
        try:
            root = xml.parse(document.content)
            lines = xml.texts(root, "{*}InvoiceLine/{*}LineExtensionAmount")
            tax = xml.required_text(root, "{*}TaxTotal/{*}TaxAmount")
            payable = xml.required_text(root, "{*}LegalMonetaryTotal/{*}PayableAmount")
            wrong = sum(map(Decimal, (*lines, tax))) != Decimal(payable)
        except (Rejected, ArithmeticError):
            wrong = True
        unreadable = Finding(code="bazaar.answer", message=TEXTS["bazaar.answer"], field="PayableAmount")
        return (unreadable,) if wrong else ()


shop, ledger, channel, format_ = Shop(), Ledger(), Channel(), Format()
