"""The connector's hooks: thin, each one hands over to the module that does the work."""

from collections.abc import Sequence

from kopru.model import ExternalRef, PartyCard, Product, StockLevel
from kopru.sdk import (
    Cancellation,
    CheckResult,
    Definition,
    IdempotencyKey,
    LedgerInvoice,
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
from kopru_eta import checks, definitions, lookup, streams, writing
from kopru_eta.client import Client, Context
from kopru_eta.manifest import MANIFEST


class EtaPlugin:
    """Accounting target ETA, reached through its SQL Server database. Holds no state of any tenant."""

    manifest = MANIFEST

    @hookimpl
    def check_connection(self, ctx: Context) -> CheckResult:
        """Try login, databases, columns, lists, cards, procedures and templates; see ``checks``."""
        return checks.check(Client(ctx))

    @hookimpl
    def fetch_definitions(self, ctx: Context) -> tuple[Definition, ...]:
        """Return ETA's invoice types and warehouses."""
        return definitions.definitions(Client(ctx))

    @hookimpl
    def fetch_products(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Product]:
        """Return one page of item cards. Every run reads all."""
        return streams.products(Client(ctx), cursor, limit)

    @hookimpl
    def fetch_stock(
        self, ctx: Context, cursor: str | None, codes: Sequence[str], limit: int
    ) -> Page[StockLevel]:
        """Return one page of on-hand quantities, over all warehouses."""
        return streams.stock(Client(ctx), cursor, codes, limit, ctx.now())

    @hookimpl
    def fetch_parties(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[PartyCard]:
        """Return one page of partner cards. Every run reads all."""
        return streams.parties(Client(ctx), cursor, limit)

    @hookimpl
    def upsert_party(self, ctx: Context, key: IdempotencyKey, request: PartyRequest) -> Receipt:
        """Find a card by code, then by tax number, or copy the template."""
        return writing.upsert_party(Client(ctx), request)

    @hookimpl
    def upsert_product(self, ctx: Context, key: IdempotencyKey, product: Product) -> Receipt:
        """Find an item card by code, or copy the template."""
        return writing.upsert_product(Client(ctx), product)

    @hookimpl
    def post_invoice(self, ctx: Context, key: IdempotencyKey, invoice: LedgerInvoice) -> Receipt:
        """Write an invoice by procedures, as a file or into the tables."""
        return writing.post_invoice(Client(ctx), key, invoice)

    @hookimpl
    def cancel_document(self, ctx: Context, key: IdempotencyKey, cancellation: Cancellation) -> Receipt:
        """Take an invoice away that was written into the tables."""
        return writing.delete(Client(ctx), cancellation)

    @hookimpl
    def locate(
        self, ctx: Context, operation: Operation, key: IdempotencyKey, hint: ExternalRef | None
    ) -> Located:
        """Look a write up: invoices by the key on their lines, cards by code."""
        return lookup.locate(Client(ctx), operation, key, hint)

    @hookimpl
    def fetch_refs(
        self, ctx: Context, kind: RefKind, cursor: str | None, window: Window, limit: int
    ) -> Page[RemoteRef]:
        """List invoices dated inside the window."""
        return streams.documents(Client(ctx), kind, cursor, window, limit)
