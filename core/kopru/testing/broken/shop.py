"""An honest shop: orders, returns and products, with stock, prices and status going back."""

import hmac
from collections.abc import Sequence
from datetime import timedelta

from kopru.hooks.errors import AuthError, OutcomeUnknown, Rejected, Unsupported
from kopru.hooks.manifest import Manifest, PluginKind, Quota, Repeat, Write
from kopru.hooks.markers import hookimpl
from kopru.hooks.types import (
    Absent,
    BatchResult,
    CannotTell,
    CheckResult,
    Found,
    IdempotencyKey,
    ItemOutcome,
    Located,
    Operation,
    OrderUpdate,
    Page,
    PendingReceipt,
    Raw,
    Receipt,
    ReceiptState,
    ReceiptUpdate,
    Record,
    RefKind,
    RemoteRef,
    RemoteState,
    WebhookEvent,
    WebhookRequest,
    Window,
)
from kopru.model import (
    ExternalRef,
    Finding,
    Order,
    PriceTarget,
    Product,
    Return,
    StockTarget,
)
from kopru.testing.broken.common import (
    PAGE,
    STREAM,
    TEXTS,
    TITLE,
    BazaarConfig,
    Context,
    Json,
    bare,
    check,
    get,
    record_of,
    ref_of,
    send,
    stream,
)
from kopru.toolkit import validation

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


shop = Shop()
