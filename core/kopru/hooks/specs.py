"""Every hook of the engine. Names are verb_noun; each call is addressed to one plugin of one connection.

A hook is synchronous, holds no tenant state, uses only what is in ``ctx`` and never returns ``None``.
Any hook may raise ``ConfigError``, ``AuthError``, ``RateLimited``, ``TransientError`` and ``Unsupported``;
*Raises* lists what comes on top.
"""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from kopru.hooks.advice import LineAdvice, LineBatch
from kopru.hooks.markers import addressed
from kopru.hooks.types import (
    BatchResult,
    Cancellation,
    CheckResult,
    Credentials,
    Ctx,
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

Context = Ctx[BaseModel]


class KopruSpecs:
    """The hook specifications, grouped by what they do."""

    @addressed
    def check_connection(self, ctx: Context) -> CheckResult:
        """Try the connection and say in plain words what works and what to fix.

        Called by: ``connection check`` and before a connection becomes active.
        Must: be read-only; turn expected faults into items with a ``fix`` instead of raising.
        Must not: write a test record.
        Raises: nothing besides bugs.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def refresh_credentials(self, ctx: Context) -> Credentials:
        """Log in and return short-lived credentials.

        Called by: the engine, one caller at a time per connection, before the first call, shortly before
        expiry, and once after an ``AuthError``.
        Must: use ``safe=True`` on the token request; renew by ``ctx.credentials.refresh_token`` where there
        is one, and log in by the settings where ``ctx.credentials`` is ``None``.
        Must not: keep the token anywhere; return a refresh token that it does not use.
        Raises: AuthError when the login itself is refused.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def fetch_definitions(self, ctx: Context) -> tuple[Definition, ...]:
        """Return the remote's own lists that settings refer to: warehouses, units, divisions and the like.

        Called by: connection set-up and ``doctor``.
        Must: be read-only and complete; a list the remote does not have is left out.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def parse_webhook(self, ctx: Context, request: WebhookRequest) -> tuple[WebhookEvent, ...]:
        """Verify an incoming call and return which records changed.

        Called by: the webhook ingress, inside the request.
        Must: verify authenticity in constant time; do no network call; treat the content as a hint only.
        Raises: AuthError when it cannot be verified; Rejected when it cannot be read.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders changed inside the window.

        Called by: the order import, one run per connection at a time; pages share one window.
        Must: be read-only; include the window's lower bound; return each record's raw payload; return a
        record that cannot be mapped with findings instead of failing the page.
        Must not: repeat a cursor; skip records with equal timestamps at a page border.
        Raises: CursorExpired when ``cursor`` is no longer accepted.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def fetch_order(self, ctx: Context, ref: ExternalRef) -> Record[Order]:
        """Return one order as the source holds it now.

        Called by: webhooks, retries with fresh data, and before an irreversible step.
        Must: be read-only.
        Raises: Rejected with code ``*.not_found`` when the source does not know it.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def parse_orders(self, config: BaseModel, raw: Raw) -> tuple[Record[Order], ...]:
        """Map a stored or downloaded payload to orders.

        Called by: replay from stored payloads and ``payload preview``.
        Must: be pure; accept one record as well as a whole answer page or file of the source.
        Raises: Rejected when the payload cannot be read at all.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def fetch_returns(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Return]:
        """Return one page of customer returns of the window.

        Called by: the returns import. Same rules as ``fetch_orders``.
        Raises: CursorExpired.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def fetch_products(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Product]:
        """Return one page of products (shops) or item cards (ledgers) changed inside the window.

        Called by: the nightly catalogue import and ``items pull``. Same rules as ``fetch_orders``; a source
        that cannot filter by time returns everything.
        Raises: CursorExpired.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def fetch_stock(
        self, ctx: Context, cursor: str | None, codes: Sequence[str], limit: int
    ) -> Page[StockLevel]:
        """Return one page of on-hand quantities; an empty ``codes`` means every item.

        Called by: the stock flow after each order import and at least hourly.
        Must: be read-only; return zero for a known item without stock.
        Raises: CursorExpired.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def fetch_parties(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[PartyCard]:
        """Return one page of business partner cards.

        Called by: the partner import and the partner policy's dry run. Same rules as ``fetch_products``.
        Raises: CursorExpired.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def fetch_inbox(
        self, ctx: Context, cursor: str | None, window: Window, limit: int
    ) -> Page[IncomingInvoice]:
        """Return one page of e-documents that others sent to the tenant; ``raw`` is the document's XML.

        Called by: the inbox flow.
        Must: be read-only; leave read marks alone.
        Raises: CursorExpired.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def push_stock(self, ctx: Context, key: IdempotencyKey, items: Sequence[StockTarget]) -> BatchResult:
        """Set the stock of products on the channel.

        Called by: the stock flow with at most ``Write.batch`` items.
        Must: return one outcome per item, in order.
        Raises: OutcomeUnknown; Conflict when an identical request is banned for now.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def push_prices(self, ctx: Context, key: IdempotencyKey, items: Sequence[PriceTarget]) -> BatchResult:
        """Set the prices of products on the channel. Same rules as ``push_stock``.

        Called by: the catalogue flow.
        Must: return one outcome per item, in order.
        Raises: OutcomeUnknown, Conflict.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def update_order_status(self, ctx: Context, key: IdempotencyKey, update: OrderUpdate) -> Receipt:
        """Tell the source what happened to an order: prepared, invoiced, invoice link, shipped, cancelled.

        Called by: the order and invoicing flows.
        Must: treat "already so" as done.
        Raises: OutcomeUnknown; Conflict when another value stands there; Rejected.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def fetch_label(self, ctx: Context, order: Order) -> Label:
        """Return the channel's shipping label of an order.

        Called by: the shipping flow; asking twice gives the same label.
        Raises: Rejected when the channel offers none for this order.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def upsert_party(self, ctx: Context, key: IdempotencyKey, request: PartyRequest) -> Receipt:
        """Find or make a business partner; ``Receipt.number`` is its code in the ledger.

        Called by: the invoicing flow, serial per partner.
        Must: look for an existing card by code, then by tax number if asked, before making one.
        Raises: OutcomeUnknown, Conflict, Rejected.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def upsert_product(self, ctx: Context, key: IdempotencyKey, product: Product) -> Receipt:
        """Find or make an item card; ``Receipt.number`` is its code in the ledger.

        Called by: the catalogue flow after an operator's decision, never silently.
        Raises: OutcomeUnknown, Conflict, Rejected.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def post_order(self, ctx: Context, key: IdempotencyKey, order: LedgerOrder) -> Receipt:
        """Enter a sales order in the ledger so that it reserves stock.

        Called by: the order flow when the tenant wants ledger orders.
        Must: store ``key`` where ``locate`` finds it; echo the total.
        Raises: OutcomeUnknown, Conflict, Rejected.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def post_invoice(self, ctx: Context, key: IdempotencyKey, invoice: LedgerInvoice) -> Receipt:
        """Book an invoice in the ledger.

        Called by: the invoicing flow once the channel has accepted the document.
        Must: store ``key`` where ``locate`` finds it; keep the number given; echo the total stored.
        Must not: let the ledger's campaigns or rounding change the amounts.
        Raises: OutcomeUnknown, Conflict, Rejected, MappingMissing.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def cancel_document(self, ctx: Context, key: IdempotencyKey, cancellation: Cancellation) -> Receipt:
        """Cancel a document at a ledger or channel.

        Called by: the invoicing flow. A cancelled document reported again as cancelled is done.
        Raises: Unsupported when this kind can never be cancelled there; OutcomeUnknown, Rejected.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def locate(
        self, ctx: Context, operation: Operation, key: IdempotencyKey, hint: ExternalRef | None
    ) -> Located:
        """Look up whether an earlier write arrived.

        Called by: the posting protocol after an unknown outcome, and before a repeat.
        Must: be read-only and exact; say ``CannotTell`` rather than guess. ``hint`` is the record written to
        (the order of a status update), when there is one.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def fetch_receipts(self, ctx: Context, pending: Sequence[PendingReceipt]) -> tuple[ReceiptUpdate, ...]:
        """Return the remote's present word on earlier writes: batches, e-document states.

        Called by: the follow-up of asynchronous writes.
        Must: be read-only; return one update per entry, in order.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def fetch_refs(
        self, ctx: Context, kind: RefKind, cursor: str | None, window: Window, limit: int
    ) -> Page[RemoteRef]:
        """List what the remote holds in a window, by another way than the ordinary stream where one exists.

        Called by: the completeness proof (orders, day by day, by their last change), the drift check
        (documents, by their date) and the reconciliation after a restore.
        Must: be read-only; list every record of the kind; set ``RemoteRef.at`` where the remote has a time,
        and ``record_kind`` of orders that ``fetch_order`` can read.
        Raises: CursorExpired.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def render_invoice(self, config: BaseModel, invoice: Invoice) -> Rendered:
        """Turn an invoice into an e-document.

        Called by: the invoicing flow, first with a placeholder number, then with the real one.
        Must: be pure and byte-stable.
        Raises: Rejected with findings when the invoice cannot be expressed in this format.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def validate_invoice(self, config: BaseModel, document: Rendered, today: datetime) -> tuple[Finding, ...]:
        """Check a rendered e-document by every rule that can be checked offline.

        Called by: the invoicing flow before a number is taken. No blocking finding means valid.
        Must: be read-only and safe to call from several threads.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def lookup_recipient(self, ctx: Context, tax_id: TaxId) -> Recipient:
        """Ask whether a tax number is registered for e-invoices, and under which mailboxes.

        Called by: the invoicing flow; the answer is cached for hours.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def submit_invoice(self, ctx: Context, key: IdempotencyKey, submission: Submission) -> Receipt:
        """Hand an e-document to the channel.

        Called by: the invoicing flow, after number and bytes are committed.
        Must: use the invoice's id (ETTN) as identity; echo the number.
        Raises: OutcomeUnknown; Conflict when the channel holds the id already; Rejected.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def fetch_document(
        self, ctx: Context, ref: ExternalRef, format: DocumentFormat, archive: bool
    ) -> Rendered:
        """Download a document the channel holds, in the form asked for.

        Called by: the archive and ``documents pdf``.
        Raises: Rejected with code ``*.not_found``.
        Since: hook API 1.
        """
        raise NotImplementedError

    @addressed
    def map_line(self, ctx: Context, batch: LineBatch) -> tuple[LineAdvice, ...]:
        """Say what speaks for or against own items of lines that the built-in matcher has looked at.

        Called by: line matching, once per batch of lines of one partner, for every enabled adviser. The
        advice shifts the matcher's score; it never opens a closed candidate. Whoever answers late or fails
        loses the advice of this batch, and is left out for some minutes after three times in a row.
        Must: be read-only, keep to ``ctx.remaining()`` and give the same advice for the same batch; advise
        only on lines of the batch, and on items that are candidates of the line or stand in ``past``; give
        at most one advice per line and item, and none where nothing is known.
        Must not: remember anything between calls.
        Since: hook API 1.
        """
        raise NotImplementedError
