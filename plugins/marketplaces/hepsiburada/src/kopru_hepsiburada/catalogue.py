"""Listings, and uploads of stock and prices with their results."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from pydantic import ValidationError

from kopru.model import ExternalRef, Finding, PriceTarget, Product, StockTarget
from kopru.sdk import (
    BatchResult,
    Ctx,
    ItemOutcome,
    Operation,
    Page,
    PendingReceipt,
    ReceiptState,
    ReceiptUpdate,
    RemoteState,
    Unsupported,
    Window,
)
from kopru_hepsiburada import codes
from kopru_hepsiburada.client import LISTING_SKUS, Client, malformed
from kopru_hepsiburada.config import HepsiburadaConfig
from kopru_hepsiburada.mapping.common import error, moment, note
from kopru_hepsiburada.mapping.products import product_record
from kopru_hepsiburada.mapping.remote import RemoteListing
from kopru_hepsiburada.payload import folded, text_of
from kopru_hepsiburada.shifting import Spot, turn
from kopru_hepsiburada.texts import TEXTS

Target = TypeVar("Target", StockTarget, PriceTarget)
Json = dict[str, Any]
Judged = tuple[Json | None, tuple[Finding, ...]]

LARGEST_PAGE = 1000
UPLOAD_ROWS = 500
"""Rows of one upload. Hepsiburada takes 4000; each fifty listings cost a call to look at before."""


def fetch_products(
    ctx: Ctx[HepsiburadaConfig], cursor: str | None, window: Window, limit: int
) -> Page[Product]:
    """Return one page of all listings; by what time the list could be filtered is not documented."""
    client, cap = Client(ctx), ctx.config.products_page
    spot = Spot.of(cursor, largest=LARGEST_PAGE) if cursor else Spot(max(1, min(limit, cap)))
    found = turn(spot, client.listings, cap=cap)
    return Page(
        records=tuple(
            product_record(item.data, item.raw, n, ctx.config) for n, item in enumerate(found.items)
        ),
        next_cursor=found.following.cursor if found.following else None,
    )


def push_stock(ctx: Ctx[HepsiburadaConfig], items: Sequence[StockTarget]) -> BatchResult:
    """Upload stock; what Hepsiburada itself stores or locks is refused here, item by item."""
    return _push(Client(ctx), Operation.PUSH_STOCK, items, _stock_row)


def push_prices(ctx: Ctx[HepsiburadaConfig], items: Sequence[PriceTarget]) -> BatchResult:
    """Upload prices."""
    return _push(Client(ctx), Operation.PUSH_PRICES, items, _price_row)


def fetch_receipts(
    ctx: Ctx[HepsiburadaConfig], pending: Sequence[PendingReceipt]
) -> tuple[ReceiptUpdate, ...]:
    """Return what became of uploads."""
    return tuple(_receipt(Client(ctx), each) for each in pending)


def _push(
    client: Client,
    operation: Operation,
    items: Sequence[Target],
    judge: Callable[[RemoteListing, Target], Judged],
) -> BatchResult:
    listings = _Listings.of(client, items)
    judged = []
    for item in items:
        listing = listings.find(item)
        judged.append((None, (_unknown(item),)) if listing is None else _open_row(listing, item, judge))
    rows = [row for row, _ in judged if row is not None]
    path = codes.UPLOADS[operation]
    batch = ExternalRef(kind=codes.UPLOAD, id=client.upload(path, rows)) if rows else None
    outcomes = (
        ItemOutcome(index, None if row is None else ReceiptState.ACCEPTED, findings)
        for index, (row, findings) in enumerate(judged)
    )
    return BatchResult(tuple(outcomes), batch)


def _open_row(
    listing: RemoteListing, item: Target, judge: Callable[[RemoteListing, Target], Judged]
) -> Judged:
    if listing.is_locked:
        return None, (error("hepsiburada.item.locked", "ref", sku=listing.merchant_sku),)
    row, findings = judge(listing, item)
    if row is None:
        return None, findings
    names = {"hepsiburadaSku": listing.hepsiburada_sku, "merchantSku": listing.merchant_sku}
    return {**names, **row}, findings


def _stock_row(listing: RemoteListing, item: StockTarget) -> Judged:
    if listing.is_fulfilled_by_hb:
        return None, (error("hepsiburada.item.fulfilled_by_hb", "ref", sku=listing.merchant_sku),)
    held = listing.available_stock
    if listing.stock_decrease_disabled and held is not None and item.quantity < held:
        return None, (error("hepsiburada.item.stock_kept", "quantity", sku=listing.merchant_sku),)
    return {"availableStock": item.quantity}, ()


def _price_row(listing: RemoteListing, item: PriceTarget) -> Judged:
    held = listing.price
    currency = (held.currency.strip().upper() if held else "") or "TRY"
    if item.currency != currency:
        return None, (error("hepsiburada.item.currency", "currency", found=item.currency, expected=currency),)
    raised = held is not None and item.price > held.amount and listing.price_increase_disabled
    lowered = held is not None and item.price < held.amount and listing.price_decrease_disabled
    if raised or lowered:
        return None, (error("hepsiburada.item.price_kept", "price", sku=listing.merchant_sku),)
    return {"price": item.price}, ()


@dataclass(frozen=True, slots=True)
class _Listings:
    """The listings that a push is about."""

    by_sku: Mapping[str, tuple[RemoteListing, ...]]

    @classmethod
    def of(cls, client: Client, items: Sequence[StockTarget | PriceTarget]) -> "_Listings":
        skus = list(dict.fromkeys(sku for item in items if (sku := _names(item)[1])))
        found: dict[str, tuple[RemoteListing, ...]] = {}
        for start in range(0, len(skus), LISTING_SKUS):
            for listing in _looked_up(client, skus[start : start + LISTING_SKUS]):
                found[listing.merchant_sku] = (*found.get(listing.merchant_sku, ()), listing)
        return cls(found)

    def find(self, item: StockTarget | PriceTarget) -> RemoteListing | None:
        """Return the item's listing; a merchant SKU on several listings names none by itself."""
        hepsiburada_sku, merchant_sku = _names(item)
        found = [
            listing
            for listing in self.by_sku.get(merchant_sku, ())
            if hepsiburada_sku in ("", listing.hepsiburada_sku)
        ]
        return found[0] if len(found) == 1 else None


def _looked_up(client: Client, skus: Sequence[str]) -> Iterator[RemoteListing]:
    offset = 0
    while True:
        page = client.listings(offset, client.config.products_page, skus)
        for item in page.items:
            try:
                yield RemoteListing.model_validate(folded(item.data))
            except ValidationError:
                continue
        offset += len(page.items)
        short = len(page.items) < client.config.products_page
        if not page.items or (short if page.total is None else offset >= page.total):
            return


def _names(item: StockTarget | PriceTarget) -> tuple[str, str]:
    """Return Hepsiburada's and the merchant's article number; the first may be unknown."""
    if item.ref is not None and item.ref.kind == codes.LISTING:
        hepsiburada_sku, _, merchant_sku = item.ref.id.partition(":")
        return hepsiburada_sku, merchant_sku
    return "", item.sku


def _unknown(item: StockTarget | PriceTarget) -> Finding:
    return error("hepsiburada.item.unknown", "sku", sku=item.sku or item.barcode or "?")


def _receipt(client: Client, pending: PendingReceipt) -> ReceiptUpdate:
    if pending.operation not in codes.UPLOADS:
        raise Unsupported("hepsiburada.unsupported", TEXTS["hepsiburada.unsupported"])
    answer = client.upload_result(codes.UPLOADS[pending.operation], pending.ref.id)
    if answer is None:
        return _again(pending, "404", "hepsiburada.upload.unknown")
    if not isinstance(answer, dict) or not isinstance(answer.get("errors") or [], list):
        raise malformed("errors")
    status = text_of(answer.get("status"))
    if status.strip().lower() in codes.UNDER_WAY:
        return _under_way(client, pending, answer, status)
    faults = list(_faults(client.config, answer))
    outcomes = _outcomes(faults, answer.get("total"))
    failed = bool(outcomes) and all(outcome.state is None for outcome in outcomes)
    return ReceiptUpdate(
        pending.ref,
        RemoteState.FAILED if failed else RemoteState.DONE,
        remote_code=status,
        findings=tuple(finding for _, finding in faults),
        items=outcomes,
    )


def _under_way(client: Client, pending: PendingReceipt, answer: Json, status: str) -> ReceiptUpdate:
    started = moment(text_of(answer.get("createdat")), client.config)
    patience = timedelta(minutes=client.config.upload_patience_minutes)
    if started is not None and client.ctx.now() - started > patience:
        return _again(pending, status, "hepsiburada.upload.stuck")
    return ReceiptUpdate(pending.ref, RemoteState.PENDING, remote_code=status)


def _again(pending: PendingReceipt, code: str, text: str) -> ReceiptUpdate:
    return ReceiptUpdate(pending.ref, RemoteState.RETRYABLE, remote_code=code, findings=(note(text, ""),))


def _faults(config: HepsiburadaConfig, answer: Json) -> Iterator[tuple[int, Finding]]:
    """Yield what went wrong with the rows sent, each with the row's place among them."""
    rows = [row for row in answer.get("errors") or [] if isinstance(row, dict)]
    first = 0 if any(row.get("elementno") == 0 for row in rows) else config.first_element
    for row in rows:
        number = row.get("elementno")
        place = number - first if type(number) is int else -1
        words = "; ".join(_words(row.get("errors"))) or "?"
        sku = text_of(row.get("merchantsku")) or text_of(row.get("hepsiburadasku")) or "?"
        limits = _limits(answer, row)
        code = "hepsiburada.upload.out_of_range" if "outofpricerange" in words.lower() else ""
        code = code or "hepsiburada.upload.failed"
        yield place, error(code, f"items[{max(place, 0)}]", sku=sku, reason=f"{words}{limits}")


def _words(errors: object) -> Iterator[str]:
    """Yield the words of inner errors, which are texts or objects with one text."""
    for each in errors if isinstance(errors, list) else [errors]:
        values = each.values() if isinstance(each, dict) else (each,)
        yield from filter(None, (text_of(value) for value in values))


def _limits(answer: Json, row: Json) -> str:
    """Return the price range that a price must keep, where the answer tells it."""
    ranges = answer.get("pricevalidations")
    for each in ranges if isinstance(ranges, list) else ():
        if isinstance(each, dict) and each.get("elementno") == row.get("elementno"):
            return f" ({each.get('minprice')} - {each.get('maxprice')})"
    return ""


def _outcomes(faults: Sequence[tuple[int, Finding]], total: object) -> tuple[ItemOutcome, ...]:
    """Return one outcome per row sent, as far as it is told how many there were; none if all went well."""
    refused: dict[int, tuple[Finding, ...]] = {}
    for place, finding in faults:
        if place >= 0:
            refused[place] = (*refused.get(place, ()), finding)
    rows = min(total, UPLOAD_ROWS) if refused and type(total) is int else 0
    places = sorted({*range(rows), *refused})
    return tuple(
        ItemOutcome(n, None if n in refused else ReceiptState.DONE, refused.get(n, ())) for n in places
    )
