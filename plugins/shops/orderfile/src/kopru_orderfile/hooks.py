"""The hooks of the plugin. It reads files only: there is nothing to write back to."""

from kopru.model import Order
from kopru.sdk import (
    CheckResult,
    Ctx,
    Page,
    Raw,
    Record,
    RefKind,
    Rejected,
    RemoteRef,
    Unsupported,
    Window,
    hookimpl,
    ports,
)
from kopru_orderfile import check, folder, mapping, payload, refs
from kopru_orderfile.config import OrderFileConfig
from kopru_orderfile.manifest import MANIFEST
from kopru_orderfile.texts import TEXTS


class OrderFile:
    """Orders from CSV and XLSX exports in a folder."""

    manifest = MANIFEST

    @hookimpl
    def check_connection(self, ctx: Ctx[OrderFileConfig]) -> CheckResult:
        """Open the files and say what would be imported, what would be held and why."""
        return check.check(ctx)

    @hookimpl
    def fetch_orders(
        self, ctx: Ctx[OrderFileConfig], cursor: str | None, window: Window, limit: int
    ) -> Page[Order]:
        """Return one page of all orders in the folder.

        Files carry no time of change, so the window is not looked at: each run offers the whole folder, an
        unchanged order with the revision it had before.
        """
        return folder.fetch_page(ctx, cursor, limit)

    @hookimpl
    def parse_orders(self, config: OrderFileConfig, raw: Raw) -> tuple[Record[Order], ...]:
        """Map a whole file, or one order as ``fetch_orders`` keeps it."""
        if payload.is_packed(raw.content):
            table, decisions = payload.unpack(raw.content, config)
            return tuple(
                mapping.to_record(entry, config) for entry in mapping.entries(table, config, decisions)
            )
        book = folder.read_book("", raw.content, config)
        if book.faults and not book.orders:
            first = book.faults[0]
            raise Rejected(first.code, first.message, findings=book.faults, detail=first.detail)
        return tuple(book.record(key, config) for key in book.orders)

    @hookimpl
    def fetch_refs(
        self, ctx: Ctx[OrderFileConfig], kind: RefKind, cursor: str | None, window: Window, limit: int
    ) -> Page[RemoteRef]:
        """List the order numbers in the files, counted row by row."""
        if kind is not RefKind.ORDER:
            raise Unsupported("orderfile.refs.unsupported", TEXTS["orderfile.refs.unsupported"])
        return refs.fetch_page(ctx, cursor, limit)


plugin = OrderFile()

_checks: ports.ChecksConnection = plugin
_orders: ports.FetchesOrders = plugin
_parses: ports.ParsesOrders = plugin
_refs: ports.FetchesRefs = plugin
