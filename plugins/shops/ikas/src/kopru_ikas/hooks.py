"""The hooks: read ``ctx``, call the module that knows."""

from collections.abc import Sequence

from kopru.model import ExternalRef, Order, PriceTarget, Product, Return, StockTarget
from kopru.sdk import (
    BatchResult,
    CheckResult,
    Credentials,
    Ctx,
    Definition,
    IdempotencyKey,
    Located,
    Operation,
    OrderUpdate,
    Page,
    Raw,
    Receipt,
    Record,
    RefKind,
    RemoteRef,
    WebhookEvent,
    WebhookRequest,
    Window,
    hookimpl,
    ports,
)
from kopru_ikas import catalogue, check, orders, status, webhook
from kopru_ikas.client import Client
from kopru_ikas.config import IkasConfig
from kopru_ikas.manifest import MANIFEST

Context = Ctx[IkasConfig]


class Ikas:
    """The ikas connector."""

    manifest = MANIFEST

    @hookimpl
    def check_connection(self, ctx: Context) -> CheckResult:
        """Try the login and everything that is read."""
        return check.check_connection(ctx)

    @hookimpl
    def refresh_credentials(self, ctx: Context) -> Credentials:
        """Ask for an access token."""
        return Client(ctx).login()

    @hookimpl
    def fetch_definitions(self, ctx: Context) -> tuple[Definition, ...]:
        """Return stock locations and carriers."""
        return catalogue.fetch_definitions(ctx)

    @hookimpl
    def parse_webhook(self, ctx: Context, request: WebhookRequest) -> tuple[WebhookEvent, ...]:
        """Verify an incoming call and name the order that changed."""
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
    def parse_orders(self, config: IkasConfig, raw: Raw) -> tuple[Record[Order], ...]:
        """Map a stored payload: one order, a list of them, or an answer page."""
        return orders.parse_orders(config, raw)

    @hookimpl
    def fetch_returns(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Return]:
        """Return what comes back of the orders changed inside the window."""
        return orders.fetch_returns(ctx, cursor, window, limit)

    @hookimpl
    def fetch_products(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Product]:
        """Return one page of variants."""
        return catalogue.fetch_products(ctx, cursor, window, limit)

    @hookimpl
    def push_stock(self, ctx: Context, key: IdempotencyKey, items: Sequence[StockTarget]) -> BatchResult:
        """Set the stock of variants at one location."""
        return catalogue.push_stock(ctx, items)

    @hookimpl
    def push_prices(self, ctx: Context, key: IdempotencyKey, items: Sequence[PriceTarget]) -> BatchResult:
        """Set the prices of variants."""
        return catalogue.push_prices(ctx, items)

    @hookimpl
    def update_order_status(self, ctx: Context, key: IdempotencyKey, update: OrderUpdate) -> Receipt:
        """Write a state, an invoice or a shipment back to an order."""
        return status.update_order_status(ctx, update)

    @hookimpl
    def locate(
        self, ctx: Context, operation: Operation, key: IdempotencyKey, hint: ExternalRef | None
    ) -> Located:
        """Tell from the order whether a status write arrived."""
        return status.locate(ctx, operation, key, hint)

    @hookimpl
    def fetch_refs(
        self, ctx: Context, kind: RefKind, cursor: str | None, window: Window, limit: int
    ) -> Page[RemoteRef]:
        """List the orders changed inside the window by a query of its own."""
        return orders.fetch_refs(ctx, kind, cursor, window, limit)


plugin = Ikas()

_check: ports.ChecksConnection = plugin
_login: ports.RefreshesCredentials = plugin
_definitions: ports.FetchesDefinitions = plugin
_webhook: ports.ParsesWebhook = plugin
_orders: ports.FetchesOrders = plugin
_order: ports.FetchesOrder = plugin
_parse: ports.ParsesOrders = plugin
_returns: ports.FetchesReturns = plugin
_products: ports.FetchesProducts = plugin
_stock: ports.PushesStock = plugin
_prices: ports.PushesPrices = plugin
_status: ports.UpdatesOrderStatus = plugin
_locate: ports.Locates = plugin
_refs: ports.FetchesRefs = plugin
