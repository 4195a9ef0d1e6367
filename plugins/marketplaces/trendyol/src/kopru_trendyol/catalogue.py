"""Products, and the push of stock and prices with its batches."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from kopru.model import ExternalRef, Finding, PriceTarget, Product, Severity, StockTarget
from kopru.sdk import (
    BatchResult,
    Ctx,
    CursorExpired,
    ItemOutcome,
    Operation,
    Page,
    PendingReceipt,
    ReceiptState,
    ReceiptUpdate,
    RemoteState,
    TransientError,
    Unsupported,
    Window,
)
from kopru.toolkit import dates, paging
from kopru_trendyol import codes
from kopru_trendyol.client import CAP, PRODUCT_PAGE, Client
from kopru_trendyol.config import TrendyolConfig
from kopru_trendyol.mapping.common import error, note
from kopru_trendyol.mapping.products import product_records
from kopru_trendyol.texts import TEXTS

Target = TypeVar("Target", StockTarget, PriceTarget)
Line = dict[str, Any]
Judged = tuple[Line | None, tuple[Finding, ...]]

MOST_STOCK = 20_000
LONGEST_BARCODE = 40


def fetch_products(ctx: Ctx[TrendyolConfig], cursor: str | None, window: Window, limit: int) -> Page[Product]:
    """Return one page of approved products; all of them, unless the setting asks for changed ones only.

    The first ten thousand are read by page number, the rest by the token each answer carries.
    """
    page, size, token = _place(cursor, limit)
    params: dict[str, str | int] = {"size": size}
    params |= {"nextPageToken": token} if token else {"page": page}
    if ctx.config.products_by_change:
        since, until = dates.epoch_ms(window.since), dates.epoch_ms(window.until) + 1
        params |= {"dateQueryType": "VARIANT_MODIFIED_DATE", "startDate": since, "endDate": until}
    payload = Client(ctx).products(params)
    total = payload.count("totalElements")
    more = bool(payload.items) and (total is None or (page + 1) * size < total)
    currency = ctx.config.price_currency
    return Page(
        records=tuple(
            record
            for n, item in enumerate(payload.items)
            for record in product_records(item.data, item.raw, n, currency)
        ),
        next_cursor=_next_cursor(page + 1, size, payload.fields.get("nextPageToken"), token)
        if more
        else None,
    )


def push_stock(ctx: Ctx[TrendyolConfig], items: Sequence[StockTarget]) -> BatchResult:
    """Set stock by barcode; what cannot be said to Trendyol is refused here, item by item."""
    return _push(ctx, items, _stock_line)


def push_prices(ctx: Ctx[TrendyolConfig], items: Sequence[PriceTarget]) -> BatchResult:
    """Set sale and list prices by barcode."""
    return _push(ctx, items, lambda item: _price_line(item, ctx.config.price_currency))


def fetch_receipts(ctx: Ctx[TrendyolConfig], pending: Sequence[PendingReceipt]) -> tuple[ReceiptUpdate, ...]:
    """Return what became of stock and price batches."""
    return tuple(_receipt(Client(ctx), each) for each in pending)


def _place(cursor: str | None, limit: int) -> tuple[int, int, str]:
    if cursor is None:
        return 0, max(1, min(limit, PRODUCT_PAGE)), ""
    fields = paging.decode_cursor(cursor)
    try:
        return int(fields["page"] or 0), int(fields["size"] or 1), str(fields["token"] or "")
    except (KeyError, TypeError, ValueError) as fault:
        raise CursorExpired("trendyol.stream.expired", TEXTS["trendyol.stream.expired"]) from fault


def _next_cursor(page: int, size: int, token: object, last_token: str) -> str:
    """Return the place of the next page: by number up to the cap, by token beyond it."""
    if (page + 1) * size <= CAP:
        return paging.encode_cursor({"page": page, "size": size, "token": ""})
    if not isinstance(token, str) or not token or token == last_token:
        text = TEXTS.text("trendyol.products.cap", cap=CAP)
        raise TransientError("trendyol.products.cap", text)
    return paging.encode_cursor({"page": page, "size": size, "token": token})


def _push(
    ctx: Ctx[TrendyolConfig], items: Sequence[Target], judge: Callable[[Target], Judged]
) -> BatchResult:
    judged = [judge(item) for item in items]
    lines = [line for line, _ in judged if line is not None]
    batch = ExternalRef(kind=codes.BATCH, id=Client(ctx).push(lines)) if lines else None
    outcomes = (
        ItemOutcome(index, None if line is None else ReceiptState.ACCEPTED, findings)
        for index, (line, findings) in enumerate(judged)
    )
    return BatchResult(tuple(outcomes), batch)


def _stock_line(item: StockTarget) -> Judged:
    barcode, fault = _barcode(item)
    if fault:
        return None, (fault,)
    if item.quantity <= MOST_STOCK:
        return {"barcode": barcode, "quantity": item.quantity}, ()
    values = {"quantity": item.quantity, "cap": MOST_STOCK}
    capped = note("trendyol.item.quantity_capped", "quantity", Severity.INFO, **values)
    return {"barcode": barcode, "quantity": MOST_STOCK}, (capped,)


def _price_line(item: PriceTarget, currency: str) -> Judged:
    barcode, fault = _barcode(item)
    full = item.price if item.list_price is None else item.list_price
    if fault is None and item.currency != currency:
        fault = error("trendyol.item.currency", "currency", found=item.currency, expected=currency)
    if fault is None and full < item.price:
        fault = error("trendyol.item.list_price_low", "list_price", full=full, sale=item.price)
    if fault:
        return None, (fault,)
    return {"barcode": barcode, "salePrice": item.price, "listPrice": full}, ()


def _barcode(item: StockTarget | PriceTarget) -> tuple[str, Finding | None]:
    """Return the barcode as Trendyol keeps it, without blanks; a product's reference is its barcode."""
    given = item.barcode or (item.ref.id if item.ref and item.ref.kind == codes.PRODUCT else "")
    barcode = "".join(given.split())
    if not barcode:
        return "", error("trendyol.item.barcode_missing", "barcode")
    if len(barcode) > LONGEST_BARCODE:
        return "", error("trendyol.item.barcode_long", "barcode", length=len(barcode))
    return barcode, None


def _receipt(client: Client, pending: PendingReceipt) -> ReceiptUpdate:
    if pending.operation not in (Operation.PUSH_STOCK, Operation.PUSH_PRICES):
        raise Unsupported("trendyol.unsupported", TEXTS["trendyol.unsupported"])
    answer = client.batch(pending.ref.id)
    if answer is None:
        expired = note("trendyol.batch.expired", "")
        return ReceiptUpdate(pending.ref, RemoteState.RETRYABLE, remote_code="404", findings=(expired,))
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise TransientError("trendyol.answer.malformed", TEXTS["trendyol.answer.malformed"], detail="items")
    if not items or any(item.get("status") not in ("SUCCESS", "FAILED") for item in items):
        return ReceiptUpdate(pending.ref, RemoteState.PENDING, remote_code="IN_PROGRESS")
    outcomes = tuple(_outcome(index, item) for index, item in enumerate(items))
    failed = all(outcome.state is None for outcome in outcomes)
    return ReceiptUpdate(
        pending.ref,
        RemoteState.FAILED if failed else RemoteState.DONE,
        remote_code="FAILED" if failed else "COMPLETED",
        findings=tuple(finding for outcome in outcomes for finding in outcome.findings),
        items=outcomes,
    )


def _outcome(index: int, item: Line) -> ItemOutcome:
    """Return one item's outcome; ``index`` counts the items that were sent."""
    if item["status"] == "SUCCESS":
        return ItemOutcome(index, ReceiptState.DONE)
    request = item.get("requestItem")
    barcode = str(request.get("barcode", ""))[:100] if isinstance(request, dict) else ""
    reasons = item.get("failureReasons")
    words = "; ".join(str(reason) for reason in reasons)[:500] if isinstance(reasons, list) else ""
    finding = error("trendyol.batch.failed", f"items[{index}]", barcode=barcode or "?", reason=words or "?")
    return ItemOutcome(index, None, (finding,))
