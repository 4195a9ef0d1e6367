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
    Rejected,
    RemoteRef,
    WebhookEvent,
    WebhookRequest,
    Window,
    hookimpl,
    ports,
)
from kopru_trendyol import catalogue, check, claims, labels, orders, payload, status, webhook
from kopru_trendyol.config import TrendyolConfig
from kopru_trendyol.manifest import MANIFEST
from kopru_trendyol.mapping.orders import order_record
from kopru_trendyol.texts import TEXTS

Context = Ctx[TrendyolConfig]


class Trendyol:
    """The Trendyol connector."""

    manifest = MANIFEST

    @hookimpl
    def check_connection(self, ctx: Context) -> CheckResult:
        """Try orders, products and claims, and the order date's offset."""
        return check.check_connection(ctx)

    @hookimpl
    def parse_webhook(self, ctx: Context, request: WebhookRequest) -> tuple[WebhookEvent, ...]:
        """Verify an incoming call and name the packages that changed."""
        return webhook.parse_webhook(ctx, request)

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of shipment packages changed inside the window."""
        return orders.fetch_orders(ctx, cursor, window, limit)

    @hookimpl
    def fetch_order(self, ctx: Context, ref: ExternalRef) -> Record[Order]:
        """Return one shipment package as it stands now."""
        return orders.fetch_order(ctx, ref)

    @hookimpl
    def parse_orders(self, config: TrendyolConfig, raw: Raw) -> tuple[Record[Order], ...]:
        """Map a stored payload: one package, a list of them, or an answer page."""
        try:
            items = payload.read(raw.content).items
        except ValueError as error:
            text = TEXTS["trendyol.payload.unreadable"]
            raise Rejected("trendyol.payload.unreadable", text, detail=str(error)[:200]) from error
        return tuple(order_record(item.data, item.raw, n, config) for n, item in enumerate(items))

    @hookimpl
    def fetch_returns(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Return]:
        """Return one page of claims."""
        return claims.fetch_returns(ctx, cursor, window, limit)

    @hookimpl
    def fetch_products(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Product]:
        """Return one page of approved products."""
        return catalogue.fetch_products(ctx, cursor, window, limit)

    @hookimpl
    def push_stock(self, ctx: Context, key: IdempotencyKey, items: Sequence[StockTarget]) -> BatchResult:
        """Send stock as one batch."""
        return catalogue.push_stock(ctx, items)

    @hookimpl
    def push_prices(self, ctx: Context, key: IdempotencyKey, items: Sequence[PriceTarget]) -> BatchResult:
        """Send prices as one batch."""
        return catalogue.push_prices(ctx, items)

    @hookimpl
    def update_order_status(self, ctx: Context, key: IdempotencyKey, update: OrderUpdate) -> Receipt:
        """Write a state, an invoice link or a shipment back to a package."""
        return status.update_order_status(ctx, update)

    @hookimpl
    def fetch_label(self, ctx: Context, order: Order) -> Label:
        """Return the common label of a package."""
        return labels.fetch_label(ctx, order)

    @hookimpl
    def locate(
        self, ctx: Context, operation: Operation, key: IdempotencyKey, hint: ExternalRef | None
    ) -> Located:
        """Tell from the package whether a status write arrived."""
        return status.locate(ctx, operation, key, hint)

    @hookimpl
    def fetch_receipts(self, ctx: Context, pending: Sequence[PendingReceipt]) -> tuple[ReceiptUpdate, ...]:
        """Return what became of stock and price batches."""
        return catalogue.fetch_receipts(ctx, pending)

    @hookimpl
    def fetch_refs(
        self, ctx: Context, kind: RefKind, cursor: str | None, window: Window, limit: int
    ) -> Page[RemoteRef]:
        """List the packages of a window by the other order endpoint."""
        return orders.fetch_refs(ctx, kind, cursor, window, limit)


plugin = Trendyol()

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
