"""The connector's hooks: thin, each one hands over to the module that does the work."""

from collections.abc import Sequence

from kopru.model import ExternalRef, PartyCard, Product, StockLevel
from kopru.sdk import (
    Cancellation,
    CheckResult,
    Definition,
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
    hookimpl,
)
from kopru_mikro import checks, definitions, lookup, streams, writing
from kopru_mikro.client import Client, Context
from kopru_mikro.manifest import MANIFEST


class MikroPlugin:
    """Accounting target Mikro API. Holds no state of any tenant; every call carries its own login."""

    manifest = MANIFEST

    @hookimpl
    def check_connection(self, ctx: Context) -> CheckResult:
        """Try service, login, SELECT, columns, VAT pointers, warehouse and cards; see ``checks``."""
        return checks.check(Client(ctx))

    @hookimpl
    def fetch_definitions(self, ctx: Context) -> tuple[Definition, ...]:
        """Return Mikro's warehouses, VAT pointers, payment plans and the like."""
        return definitions.definitions(Client(ctx))

    @hookimpl
    def fetch_products(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Product]:
        """Return one page of item cards. A card's time says nothing of its barcodes: every run reads all."""
        return streams.products(Client(ctx), cursor, limit)

    @hookimpl
    def fetch_stock(
        self, ctx: Context, cursor: str | None, codes: Sequence[str], limit: int
    ) -> Page[StockLevel]:
        """Return one page of on-hand quantities."""
        return streams.stock(Client(ctx), cursor, codes, limit, ctx.now())

    @hookimpl
    def fetch_parties(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[PartyCard]:
        """Return one page of partner cards. Every run reads all."""
        return streams.parties(Client(ctx), cursor, limit)

    @hookimpl
    def upsert_party(self, ctx: Context, key: IdempotencyKey, request: PartyRequest) -> Receipt:
        """Find a card by code, then by tax number, or make one."""
        return writing.upsert_party(Client(ctx), request)

    @hookimpl
    def upsert_product(self, ctx: Context, key: IdempotencyKey, product: Product) -> Receipt:
        """Find an item card by code, or make one."""
        return writing.upsert_product(Client(ctx), product)

    @hookimpl
    def post_order(self, ctx: Context, key: IdempotencyKey, order: LedgerOrder) -> Receipt:
        """Enter a sales order."""
        return writing.post_order(Client(ctx), key, order)

    @hookimpl
    def post_invoice(self, ctx: Context, key: IdempotencyKey, invoice: LedgerInvoice) -> Receipt:
        """Book a sales, return or purchase invoice."""
        return writing.post_invoice(Client(ctx), key, invoice)

    @hookimpl
    def cancel_document(self, ctx: Context, key: IdempotencyKey, cancellation: Cancellation) -> Receipt:
        """Delete an invoice or an order."""
        return writing.delete(Client(ctx), cancellation)

    @hookimpl
    def locate(
        self, ctx: Context, operation: Operation, key: IdempotencyKey, hint: ExternalRef | None
    ) -> Located:
        """Look a write up by SELECT: documents by the key they carry, cards by code."""
        return lookup.locate(Client(ctx), operation, key, hint)

    @hookimpl
    def fetch_refs(
        self, ctx: Context, kind: RefKind, cursor: str | None, window: Window, limit: int
    ) -> Page[RemoteRef]:
        """List invoices and orders dated inside the window."""
        return streams.documents(Client(ctx), kind, cursor, window, limit)
