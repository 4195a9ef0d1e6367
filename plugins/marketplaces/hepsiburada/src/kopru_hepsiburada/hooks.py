"""The hooks: read ``ctx``, call the module that knows."""

from collections.abc import Sequence

from kopru.model import ExternalRef, Order, PriceTarget, Product, Return, StockTarget
from kopru.sdk import (
    BatchResult,
    CheckResult,
    Ctx,
    IdempotencyKey,
    Label,
    Located,
    Operation,
    OrderUpdate,
    Page,
    PendingReceipt,
    Raw,
    Receipt,
    ReceiptUpdate,
    Record,
    RefKind,
    RemoteRef,
    WebhookEvent,
    WebhookRequest,
    Window,
    hookimpl,
    ports,
)
from kopru_hepsiburada import catalogue, check, claims, labels, orders, status, webhook
from kopru_hepsiburada.config import HepsiburadaConfig
from kopru_hepsiburada.manifest import MANIFEST

Context = Ctx[HepsiburadaConfig]


class Hepsiburada:
    """The Hepsiburada connector."""

    manifest = MANIFEST

    @hookimpl
    def check_connection(self, ctx: Context) -> CheckResult:
        """Try both servers, every list, and the user name."""
        return check.check_connection(ctx)

    @hookimpl
    def parse_webhook(self, ctx: Context, request: WebhookRequest) -> tuple[WebhookEvent, ...]:
        """Verify an incoming call and name the orders that changed."""
        return webhook.parse_webhook(ctx, request)

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders changed inside the window."""
        return orders.fetch_orders(ctx, cursor, window, limit)

    @hookimpl
    def fetch_order(self, ctx: Context, ref: ExternalRef) -> Record[Order]:
        """Return one order as it stands now."""
        return orders.fetch_order(ctx, ref)

    @hookimpl
    def parse_orders(self, config: HepsiburadaConfig, raw: Raw) -> tuple[Record[Order], ...]:
        """Map a stored payload: an order, a page of lines, or a list of either."""
        return orders.parse_orders(config, raw)

    @hookimpl
    def fetch_returns(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Return]:
        """Return one page of claims."""
        return claims.fetch_returns(ctx, cursor, window, limit)

    @hookimpl
    def fetch_products(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Product]:
        """Return one page of listings."""
        return catalogue.fetch_products(ctx, cursor, window, limit)

    @hookimpl
    def push_stock(self, ctx: Context, key: IdempotencyKey, items: Sequence[StockTarget]) -> BatchResult:
        """Upload stock."""
        return catalogue.push_stock(ctx, items)

    @hookimpl
    def push_prices(self, ctx: Context, key: IdempotencyKey, items: Sequence[PriceTarget]) -> BatchResult:
        """Upload prices."""
        return catalogue.push_prices(ctx, items)

    @hookimpl
    def update_order_status(self, ctx: Context, key: IdempotencyKey, update: OrderUpdate) -> Receipt:
        """Write a package, an invoice link, a shipment or a cancellation back to an order."""
        return status.update_order_status(ctx, update)

    @hookimpl
    def fetch_label(self, ctx: Context, order: Order) -> Label:
        """Return the labels of an order's packages."""
        return labels.fetch_label(ctx, order)

    @hookimpl
    def locate(
        self, ctx: Context, operation: Operation, key: IdempotencyKey, hint: ExternalRef | None
    ) -> Located:
        """Tell from the order whether a status write arrived."""
        return status.locate(ctx, operation, key, hint)

    @hookimpl
    def fetch_receipts(self, ctx: Context, pending: Sequence[PendingReceipt]) -> tuple[ReceiptUpdate, ...]:
        """Return what became of uploads."""
        return catalogue.fetch_receipts(ctx, pending)

    @hookimpl
    def fetch_refs(
        self, ctx: Context, kind: RefKind, cursor: str | None, window: Window, limit: int
    ) -> Page[RemoteRef]:
        """List the orders of a window by the rows of every list."""
        return orders.fetch_refs(ctx, kind, cursor, window, limit)


plugin = Hepsiburada()

_plugin: ports.Plugin = plugin
_check: ports.ChecksConnection = plugin
_webhook: ports.ParsesWebhook = plugin
_orders: ports.FetchesOrders = plugin
_order: ports.FetchesOrder = plugin
_parse: ports.ParsesOrders = plugin
_returns: ports.FetchesReturns = plugin
_products: ports.FetchesProducts = plugin
_stock: ports.PushesStock = plugin
_prices: ports.PushesPrices = plugin
_status: ports.UpdatesOrderStatus = plugin
_label: ports.FetchesLabel = plugin
_locate: ports.Locates = plugin
_receipts: ports.FetchesReceipts = plugin
_refs: ports.FetchesRefs = plugin
