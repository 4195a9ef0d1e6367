"""Products, the push of stock and prices, and ikas's own lists."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any, TypeVar

from kopru.model import Finding, PriceTarget, Product, StockTarget
from kopru.sdk import (
    BatchResult,
    ConfigError,
    Ctx,
    CursorExpired,
    Definition,
    ItemOutcome,
    OutcomeUnknown,
    Page,
    ReceiptState,
    Window,
)
from kopru.toolkit import dates, paging
from kopru_ikas import queries
from kopru_ikas.client import LARGEST_PAGE, Client, Json, Listing, malformed
from kopru_ikas.config import IkasConfig
from kopru_ikas.mapping.common import error
from kopru_ikas.mapping.products import product_records
from kopru_ikas.texts import TEXTS

Target = TypeVar("Target", StockTarget, PriceTarget)
Variant = tuple[str, str]
"""Ids of a product and of one of its variants."""
Judged = tuple[Json | None, tuple[Finding, ...]]

OLDEST_FIRST = "createdAt"
NEWEST_CHANGE_FIRST = "-updatedAt"


@dataclass(frozen=True, slots=True)
class Place:
    """A position: a page of products, the variants of it given out already, and the count at that time."""

    page: int
    size: int
    skip: int = 0
    total: int = 0

    @property
    def cursor(self) -> str:
        """Return the place as a cursor."""
        return paging.encode_cursor({name: getattr(self, name) for name in self.__slots__})

    @classmethod
    def of(cls, cursor: str | None, limit: int) -> "Place":
        """Return the place a cursor means.

        Raises:
            CursorExpired: it was not made here.
        """
        if cursor is None:
            return cls(1, max(1, min(limit, LARGEST_PAGE)))
        fields = paging.decode_cursor(cursor)
        try:
            place = cls(**{name: int(fields[name] or 0) for name in cls.__slots__})
        except (KeyError, TypeError, ValueError) as fault:
            raise CursorExpired("ikas.stream.expired", TEXTS["ikas.stream.expired"]) from fault
        if place.page < 1 or not 1 <= place.size <= LARGEST_PAGE or place.skip < 0:
            raise CursorExpired("ikas.stream.expired", TEXTS["ikas.stream.expired"])
        return place


def fetch_products(ctx: Ctx[IkasConfig], cursor: str | None, window: Window, limit: int) -> Page[Product]:
    """Return one page of variants; all of them, unless the setting asks for those of changed products.

    Products come in the order they were made, which no change disturbs; when some have gone the pages they
    pulled back are read again. Changed ones come newest first, where a change only shifts what was read.
    """
    place = Place.of(cursor, limit)
    changed = ctx.config.changed_products_only
    sort = NEWEST_CHANGE_FIRST if changed else OLDEST_FIRST
    listing = Client(ctx).products(page=place.page, limit=place.size, sort=sort)
    since = dates.epoch_ms(window.since) if changed else None
    kept = [item for item in listing.items if since is None or _changed(item.data) >= since]
    found = [
        record
        for n, item in enumerate(kept)
        for record in product_records(item.data, item.raw, n, ctx.config)
    ]
    rows = tuple(islice(found, place.skip, place.skip + place.size))
    if place.skip + place.size < len(found):
        return Page(rows, Place(place.page, place.size, place.skip + place.size, place.total).cursor)
    following = None if len(kept) < len(listing.items) else _after(place, listing)
    return Page(rows, following.cursor if following else None)


def fetch_definitions(ctx: Ctx[IkasConfig]) -> tuple[Definition, ...]:
    """Return the shop's stock locations and ikas's carriers."""
    client = Client(ctx)
    lists = (
        ("stock_location", queries.STOCK_LOCATIONS, "listStockLocation"),
        ("carrier", queries.CARRIERS, "listCargoCompany"),
    )
    return tuple(
        Definition(kind, *_named(row, name))
        for kind, document, name in lists
        for row in client.rows(document, name)
    )


def stock_location(client: Client) -> str:
    """Return the id of the location that stock is written to.

    Raises:
        ConfigError: none is chosen and there are several, or none.
    """
    if client.config.stock_location_id:
        return client.config.stock_location_id
    found = [
        _named(row, "listStockLocation") for row in client.rows(queries.STOCK_LOCATIONS, "listStockLocation")
    ]
    if len(found) != 1:
        names = "; ".join(f"{name}: {identity}" for identity, name in found)[:1000]
        text = TEXTS.text("ikas.stock.location", locations=names or "-")
        raise ConfigError("ikas.stock.location", text, field="stock_location_id")
    return found[0][0]


def push_stock(ctx: Ctx[IkasConfig], items: Sequence[StockTarget]) -> BatchResult:
    """Set the stock of variants at one location."""
    client = Client(ctx)
    location = stock_location(client)
    mutation = queries.save_stock(ctx.config.api_version.value, ctx.config.batch_answer.value)

    def judge(item: StockTarget, variant: Variant) -> Judged:
        return {**_names(variant), "stockLocationId": location, "stockCount": item.quantity}, ()

    return _push(client, items, judge, mutation, {})


def push_prices(ctx: Ctx[IkasConfig], items: Sequence[PriceTarget]) -> BatchResult:
    """Set the prices of variants: the list price, and below it the price asked for now."""
    mutation = queries.save_prices(ctx.config.api_version.value, ctx.config.batch_answer.value)
    price_list = {"priceListId": ctx.config.price_list_id} if ctx.config.price_list_id else {}
    return _push(Client(ctx), items, _price_row, mutation, price_list)


def _price_row(item: PriceTarget, variant: Variant) -> Judged:
    full = item.price if item.list_price is None else item.list_price
    if full < item.price:
        return None, (error("ikas.item.list_price_low", "list_price", full=full, sale=item.price),)
    lowered = item.price if item.price < full else None
    price = {"sellPrice": full, "discountPrice": lowered, "currency": item.currency}
    return {**_names(variant), "price": price}, ()


def _push(
    client: Client,
    items: Sequence[Target],
    judge: Callable[[Target, Variant], Judged],
    mutation: tuple[str, str, str],
    shared: Json,
) -> BatchResult:
    """Send what can be sent, in as many calls as the settings ask for; refuse the rest item by item."""
    document, name, rows_name = mutation
    variants = _variants(client, items)
    judged: list[Judged] = [
        (None, (error("ikas.item.unknown", "ref", item=item.sku or item.barcode or "?"),))
        if variant is None
        else judge(item, variant)
        for item, variant in zip(items, variants, strict=True)
    ]
    rows = [(index, row) for index, (row, _) in enumerate(judged) if row is not None]
    refused: dict[int, str] = {}
    size = client.config.batch_rows
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        answer = client.write(document, name, {rows_name: [row for _, row in part], **shared})
        codes = _refusals(answer, [row for _, row in part])
        refused |= {part[place][0]: code for place, code in codes.items()}
    return BatchResult(tuple(_outcome(n, *each, refused.get(n)) for n, each in enumerate(judged)))


def _outcome(index: int, row: Json | None, findings: tuple[Finding, ...], refusal: str | None) -> ItemOutcome:
    if row is None:
        return ItemOutcome(index, None, findings)
    if refusal is None:
        return ItemOutcome(index, ReceiptState.DONE, findings)
    return ItemOutcome(index, None, (error("ikas.item.refused", f"items[{index}]", reason=refusal),))


def _refusals(answer: Any, rows: Sequence[Json]) -> dict[int, str]:
    """Return which rows ikas refused and why; version 1 answers yes or no to all of them at once.

    Raises:
        OutcomeUnknown: the answer has another shape than documented.
    """
    if isinstance(answer, bool):
        return {} if answer else dict.fromkeys(range(len(rows)), "false")
    try:
        if "errors" in answer:
            return dict(_by_index(answer["errors"] or (), len(rows)))
        refused = {(each["productId"], each["variantId"]) for each in answer["errorInputs"] or ()}
        if not isinstance(answer["isSuccess"], bool):
            raise TypeError("isSuccess")
    except (LookupError, TypeError, ValueError) as fault:
        raise OutcomeUnknown("ikas.answer", TEXTS["ikas.answer"], detail=str(fault)[:200]) from fault
    if not refused and not answer["isSuccess"]:
        return dict.fromkeys(range(len(rows)), "isSuccess: false")
    return {n: "errorInputs" for n, row in enumerate(rows) if (row["productId"], row["variantId"]) in refused}


def _by_index(errors: Any, rows: int) -> Iterator[tuple[int, str]]:
    for each in errors:
        index = each["inputArrayIndex"]
        if type(index) is not int or not 0 <= index < rows:
            raise ValueError("inputArrayIndex")
        yield index, str(each.get("errorCode"))[:100]


def _variants(client: Client, items: Sequence[StockTarget | PriceTarget]) -> list[Variant | None]:
    """Return each item's variant: from its reference, else looked up by its code or barcode."""
    known = [_of_ref(item) for item in items]
    missing = [item for item, variant in zip(items, known, strict=True) if variant is None]
    by_sku = _looked_up(client, "sku", [item.sku for item in missing if item.sku])
    unknown = [item.barcode for item in missing if item.barcode and item.sku not in by_sku]
    by_barcode = _looked_up(client, "barcodeList", unknown)
    return [
        variant or by_sku.get(item.sku) or by_barcode.get(item.barcode)
        for item, variant in zip(items, known, strict=True)
    ]


def _of_ref(item: StockTarget | PriceTarget) -> Variant | None:
    product, _, variant = (item.ref.id if item.ref else "").partition(":")
    return (product, variant) if product and variant else None


def _looked_up(client: Client, name: str, values: Sequence[str]) -> dict[str, Variant]:
    """Return the variants that carry some codes; a code that stands on several is nobody's."""
    found: dict[str, set[Variant]] = {}
    wanted = set(values)
    for start in range(0, len(values), LARGEST_PAGE):
        part = values[start : start + LARGEST_PAGE]
        for item in client.products(page=1, limit=LARGEST_PAGE, filters={name: part}).items:
            for code, variant in _codes(item.data, name):
                if code in wanted:
                    found.setdefault(code, set()).add(variant)
    return {code: variants.pop() for code, variants in found.items() if len(variants) == 1}


def _codes(data: Any, name: str) -> Iterator[tuple[str, Variant]]:
    variants = data.get("variants") if isinstance(data, dict) else None
    for each in variants if isinstance(variants, list) else ():
        ids = (data.get("id"), each.get("id")) if isinstance(each, dict) else (None, None)
        if not all(isinstance(identity, str) for identity in ids):
            continue
        values = each.get(name)
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, str):
                yield value.strip(), (str(ids[0]), str(ids[1]))


def _after(place: Place, listing: Listing) -> Place | None:
    count = place.total if listing.count is None else listing.count
    gone = max(place.total - count, 0) if place.page > 1 else 0
    if gone:
        return Place(max(place.page - -(-gone // place.size), 1), place.size, 0, count)
    return Place(place.page + 1, place.size, 0, count) if listing.more else None


def _changed(data: Any) -> int:
    """Return a product's time of change; one that does not tell is read, lest the stream ends there."""
    value = data.get("updatedAt") if isinstance(data, dict) else None
    return int(value) if isinstance(value, int | Decimal) else 1 << 62


def _names(variant: Variant) -> Json:
    return {"productId": variant[0], "variantId": variant[1]}


def _named(row: Json, name: str) -> tuple[str, str]:
    identity, title = row.get("id"), row.get("name")
    if not isinstance(identity, str) or not identity.strip() or not isinstance(title, str):
        raise malformed(name)
    return identity, title
