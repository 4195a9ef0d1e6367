"""An honest ledger: every repeat mode of a write, and documents that can be cancelled."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kopru.hooks.errors import Unsupported
from kopru.hooks.manifest import Manifest, PluginKind, Repeat, Write
from kopru.hooks.markers import hookimpl
from kopru.hooks.types import (
    Absent,
    Cancellation,
    CheckResult,
    Found,
    IdempotencyKey,
    LedgerInvoice,
    LedgerOrder,
    Located,
    Operation,
    Page,
    PartyRequest,
    Receipt,
    RefKind,
    RemoteRef,
    Window,
)
from kopru.model import (
    ExternalRef,
    InvoiceKind,
    PartyCard,
    Product,
    StockLevel,
)
from kopru.testing.broken.common import (
    STREAM,
    TEXTS,
    TITLE,
    BazaarConfig,
    Context,
    Json,
    bare,
    cancel,
    check,
    is_cancelled,
    listing,
    receipt,
    ref_of,
    send,
    stream,
)

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
        found = [each for each in self.search(ctx, _COLLECTIONS[operation], key) if not each.get("cancelled")]
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


ledger = Ledger()
