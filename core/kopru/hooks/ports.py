"""The hooks as protocols, one each, so that a type checker reads a plugin's signatures.

A plugin states ``_: ports.FetchesOrders = plugin``; pluggy itself checks names, not types.
``ctx`` and ``config`` are ``Any`` here because each plugin narrows them to its own settings.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from kopru.hooks.advice import LineAdvice, LineBatch
from kopru.hooks.manifest import Manifest
from kopru.hooks.types import (
    BatchResult,
    Cancellation,
    CheckResult,
    Credentials,
    Definition,
    DocumentFormat,
    IdempotencyKey,
    Label,
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
    ReceiptUpdate,
    Record,
    RefKind,
    RemoteRef,
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
    Order,
    PartyCard,
    PriceTarget,
    Product,
    Recipient,
    Rendered,
    Return,
    StockLevel,
    StockTarget,
    TaxId,
)


class Plugin(Protocol):
    """What every plugin object has."""

    manifest: Manifest


class ChecksConnection(Protocol):
    """Implements ``check_connection``."""

    def check_connection(self, ctx: Any) -> CheckResult:
        """Try the connection and say in plain words what works and what to fix."""
        ...


class RefreshesCredentials(Protocol):
    """Implements ``refresh_credentials``."""

    def refresh_credentials(self, ctx: Any) -> Credentials:
        """Log in and return short-lived credentials."""
        ...


class FetchesDefinitions(Protocol):
    """Implements ``fetch_definitions``."""

    def fetch_definitions(self, ctx: Any) -> tuple[Definition, ...]:
        """Return the remote's own lists that settings refer to: warehouses, units, divisions and the like."""
        ...


class ParsesWebhook(Protocol):
    """Implements ``parse_webhook``."""

    def parse_webhook(self, ctx: Any, request: WebhookRequest) -> tuple[WebhookEvent, ...]:
        """Verify an incoming call and return which records changed."""
        ...


class FetchesOrders(Protocol):
    """Implements ``fetch_orders``."""

    def fetch_orders(self, ctx: Any, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders changed inside the window."""
        ...


class FetchesOrder(Protocol):
    """Implements ``fetch_order``."""

    def fetch_order(self, ctx: Any, ref: ExternalRef) -> Record[Order]:
        """Return one order as the source holds it now."""
        ...


class ParsesOrders(Protocol):
    """Implements ``parse_orders``."""

    def parse_orders(self, config: Any, raw: Raw) -> tuple[Record[Order], ...]:
        """Map a stored or downloaded payload to orders."""
        ...


class FetchesReturns(Protocol):
    """Implements ``fetch_returns``."""

    def fetch_returns(self, ctx: Any, cursor: str | None, window: Window, limit: int) -> Page[Return]:
        """Return one page of customer returns of the window."""
        ...


class FetchesProducts(Protocol):
    """Implements ``fetch_products``."""

    def fetch_products(self, ctx: Any, cursor: str | None, window: Window, limit: int) -> Page[Product]:
        """Return one page of products (shops) or item cards (ledgers) changed inside the window."""
        ...


class FetchesStock(Protocol):
    """Implements ``fetch_stock``."""

    def fetch_stock(self, ctx: Any, cursor: str | None, codes: Sequence[str], limit: int) -> Page[StockLevel]:
        """Return one page of on-hand quantities; an empty ``codes`` means every item."""
        ...


class FetchesParties(Protocol):
    """Implements ``fetch_parties``."""

    def fetch_parties(self, ctx: Any, cursor: str | None, window: Window, limit: int) -> Page[PartyCard]:
        """Return one page of business partner cards."""
        ...


class FetchesInbox(Protocol):
    """Implements ``fetch_inbox``."""

    def fetch_inbox(self, ctx: Any, cursor: str | None, window: Window, limit: int) -> Page[IncomingInvoice]:
        """Return one page of e-documents that others sent to the tenant; ``raw`` is the document's XML."""
        ...


class PushesStock(Protocol):
    """Implements ``push_stock``."""

    def push_stock(self, ctx: Any, key: IdempotencyKey, items: Sequence[StockTarget]) -> BatchResult:
        """Set the stock of products on the channel."""
        ...


class PushesPrices(Protocol):
    """Implements ``push_prices``."""

    def push_prices(self, ctx: Any, key: IdempotencyKey, items: Sequence[PriceTarget]) -> BatchResult:
        """Set the prices of products on the channel. Same rules as ``push_stock``."""
        ...


class UpdatesOrderStatus(Protocol):
    """Implements ``update_order_status``."""

    def update_order_status(self, ctx: Any, key: IdempotencyKey, update: OrderUpdate) -> Receipt:
        """Tell the source what happened to an order: prepared, invoiced, invoice link, shipped, cancelled."""
        ...


class FetchesLabel(Protocol):
    """Implements ``fetch_label``."""

    def fetch_label(self, ctx: Any, order: Order) -> Label:
        """Return the channel's shipping label of an order."""
        ...


class UpsertsParty(Protocol):
    """Implements ``upsert_party``."""

    def upsert_party(self, ctx: Any, key: IdempotencyKey, request: PartyRequest) -> Receipt:
        """Find or make a business partner; ``Receipt.number`` is its code in the ledger."""
        ...


class UpsertsProduct(Protocol):
    """Implements ``upsert_product``."""

    def upsert_product(self, ctx: Any, key: IdempotencyKey, product: Product) -> Receipt:
        """Find or make an item card; ``Receipt.number`` is its code in the ledger."""
        ...


class PostsOrder(Protocol):
    """Implements ``post_order``."""

    def post_order(self, ctx: Any, key: IdempotencyKey, order: LedgerOrder) -> Receipt:
        """Enter a sales order in the ledger so that it reserves stock."""
        ...


class PostsInvoice(Protocol):
    """Implements ``post_invoice``."""

    def post_invoice(self, ctx: Any, key: IdempotencyKey, invoice: LedgerInvoice) -> Receipt:
        """Book an invoice in the ledger."""
        ...


class CancelsDocument(Protocol):
    """Implements ``cancel_document``."""

    def cancel_document(self, ctx: Any, key: IdempotencyKey, cancellation: Cancellation) -> Receipt:
        """Cancel a document at a ledger or channel."""
        ...


class Locates(Protocol):
    """Implements ``locate``."""

    def locate(
        self, ctx: Any, operation: Operation, key: IdempotencyKey, hint: ExternalRef | None
    ) -> Located:
        """Look up whether an earlier write arrived."""
        ...


class FetchesReceipts(Protocol):
    """Implements ``fetch_receipts``."""

    def fetch_receipts(self, ctx: Any, pending: Sequence[PendingReceipt]) -> tuple[ReceiptUpdate, ...]:
        """Return the remote's present word on earlier writes: batches, e-document states."""
        ...


class FetchesRefs(Protocol):
    """Implements ``fetch_refs``."""

    def fetch_refs(
        self, ctx: Any, kind: RefKind, cursor: str | None, window: Window, limit: int
    ) -> Page[RemoteRef]:
        """List what the remote holds in a window, by another way than the stream where possible."""
        ...


class RendersInvoice(Protocol):
    """Implements ``render_invoice``."""

    def render_invoice(self, config: Any, invoice: Invoice) -> Rendered:
        """Turn an invoice into an e-document."""
        ...


class ValidatesInvoice(Protocol):
    """Implements ``validate_invoice``."""

    def validate_invoice(self, config: Any, document: Rendered, today: datetime) -> tuple[Finding, ...]:
        """Check a rendered e-document by every rule that can be checked offline."""
        ...


class LooksUpRecipient(Protocol):
    """Implements ``lookup_recipient``."""

    def lookup_recipient(self, ctx: Any, tax_id: TaxId) -> Recipient:
        """Ask whether a tax number is registered for e-invoices, and under which mailboxes."""
        ...


class SubmitsInvoice(Protocol):
    """Implements ``submit_invoice``."""

    def submit_invoice(self, ctx: Any, key: IdempotencyKey, submission: Submission) -> Receipt:
        """Hand an e-document to the channel."""
        ...


class FetchesDocument(Protocol):
    """Implements ``fetch_document``."""

    def fetch_document(self, ctx: Any, ref: ExternalRef, format: DocumentFormat, archive: bool) -> Rendered:
        """Download a document the channel holds, in the form asked for."""
        ...


class MapsLines(Protocol):
    """Implements ``map_line``."""

    def map_line(self, ctx: Any, batch: LineBatch) -> tuple[LineAdvice, ...]:
        """Say what speaks for or against own items of lines that the built-in matcher has looked at."""
        ...
