"""The connector's hooks: thin, each one hands over to the module that does the work."""

from collections.abc import Sequence

from kopru.model import ExternalRef, PartyCard, Product, StockLevel
from kopru.sdk import (
    Cancellation,
    CheckResult,
    Credentials,
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
from kopru_logo import checks, definitions, lookup, streams, writing
from kopru_logo.client import Client, Context
from kopru_logo.codes import ITEM, SALES_ORDER
from kopru_logo.manifest import MANIFEST
from kopru_logo.mapping.item import item_body
from kopru_logo.mapping.order import order_body


class LogoPlugin:
    """Accounting target Logo Objects REST. Holds no state of any tenant."""

    manifest = MANIFEST

    @hookimpl
    def check_connection(self, ctx: Context) -> CheckResult:
        """Try login, firm, period, warehouse and a first read; see ``checks``."""
        return checks.check(Client(ctx))

    @hookimpl
    def refresh_credentials(self, ctx: Context) -> Credentials:
        """Open a session for the configured firm."""
        return Client(ctx).login()

    @hookimpl
    def fetch_definitions(self, ctx: Context) -> tuple[Definition, ...]:
        """Return Logo's warehouses, units, payment plans and the like."""
        return definitions.definitions(Client(ctx))

    @hookimpl
    def fetch_products(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Product]:
        """Return one page of item cards. Logo lists cannot be filtered by time: every run reads all."""
        return streams.products(Client(ctx), cursor, limit)

    @hookimpl
    def fetch_stock(
        self, ctx: Context, cursor: str | None, codes: Sequence[str], limit: int
    ) -> Page[StockLevel]:
        """Return one page of on-hand quantities through the query door."""
        return streams.stock(Client(ctx), cursor, codes, limit, ctx.now())

    @hookimpl
    def fetch_parties(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[PartyCard]:
        """Return one page of partner cards. Every run reads all."""
        return streams.parties(Client(ctx), cursor, limit)

    @hookimpl
    def upsert_party(self, ctx: Context, key: IdempotencyKey, request: PartyRequest) -> Receipt:
        """Find a card by code, then by tax number, or make one."""
        return writing.upsert_party(Client(ctx), key, request)

    @hookimpl
    def upsert_product(self, ctx: Context, key: IdempotencyKey, product: Product) -> Receipt:
        """Find an item card by code, or make one."""
        client = Client(ctx)
        found = lookup.item_by_code(client, product.code) if product.code else None
        return found or writing.create_card(client, ITEM, product.code, item_body(ctx.config, key, product))

    @hookimpl
    def post_order(self, ctx: Context, key: IdempotencyKey, order: LedgerOrder) -> Receipt:
        """Enter a sales order."""
        return writing.post(Client(ctx), SALES_ORDER, key, order_body(ctx.config, key, order))

    @hookimpl
    def post_invoice(self, ctx: Context, key: IdempotencyKey, invoice: LedgerInvoice) -> Receipt:
        """Book a sales, return or purchase invoice."""
        return writing.post_invoice(Client(ctx), key, invoice)

    @hookimpl
    def cancel_document(self, ctx: Context, key: IdempotencyKey, cancellation: Cancellation) -> Receipt:
        """Cancel an invoice, or delete an order."""
        return writing.cancel(Client(ctx), cancellation)

    @hookimpl
    def locate(
        self, ctx: Context, operation: Operation, key: IdempotencyKey, hint: ExternalRef | None
    ) -> Located:
        """Look a write up by GUID and short reference."""
        return lookup.locate(Client(ctx), operation, key, hint)

    @hookimpl
    def fetch_refs(
        self, ctx: Context, kind: RefKind, cursor: str | None, window: Window, limit: int
    ) -> Page[RemoteRef]:
        """List invoices and orders dated inside the window."""
        return streams.documents(Client(ctx), kind, cursor, window, limit)
