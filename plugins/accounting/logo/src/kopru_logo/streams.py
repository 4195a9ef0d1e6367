"""Paged reads: items and partners from their lists, stock and documents through the query door."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from kopru.model import PartyCard, Product, StockLevel
from kopru.sdk import CursorExpired, Page, Record, RefKind, RemoteRef, Unsupported, Window
from kopru.toolkit import dates, paging, validation
from kopru.toolkit.rows import Row, integer, raw
from kopru_logo import sql
from kopru_logo.client import Client
from kopru_logo.codes import ITEM, PARTY, SALES_INVOICE, SALES_ORDER, Document
from kopru_logo.mapping import stored
from kopru_logo.mapping.item import product_record, stock_record
from kopru_logo.mapping.party import card_of_object, card_record
from kopru_logo.texts import TEXTS

CODES_AT_ONCE = 50
"""Item codes in one stock statement; it travels in the address of a GET."""

_LISTED: tuple[Document, ...] = (SALES_INVOICE, SALES_ORDER)


def products(client: Client, cursor: str | None, limit: int) -> Page[Product]:
    """Return the next item cards; the list ends with the first empty page."""
    start = paging.offset(cursor)
    items = client.page(ITEM.resource, offset=start, limit=limit, full=True)
    records = tuple(product_record(client.config, item) for item in items)
    return Page(records, str(start + len(items)) if items else None)


def parties(client: Client, cursor: str | None, limit: int) -> Page[PartyCard]:
    """Return the next partner cards."""
    if not client.config.sql_door:
        start = paging.offset(cursor)
        found = client.page(PARTY.resource, offset=start, limit=limit)
        cards = tuple(card_record(client.config, card_of_object(each)) for each in found)
        return Page(cards, str(start + len(found)) if found else None)
    after = paging.offset(cursor)
    rows = client.query(sql.parties(client.config, after, _top(client, limit)))
    records = tuple(card_record(client.config, row) for row in rows)
    return Page(records, str(_last(rows, after)) if rows else None)


def stock(
    client: Client, cursor: str | None, codes: Sequence[str], limit: int, as_of: datetime
) -> Page[StockLevel]:
    """Return the next stock levels: warehouse by warehouse, and within one in the order of the items.

    The position is the last item read, so rows that a server leaves out of a long answer come with the next.
    """
    place = _StockPlace.of(cursor)
    wanted = sql.warehouses(client.config)
    if place.warehouse >= len(wanted):
        raise CursorExpired("paging.cursor", detail=str(cursor)[:200])
    warehouse = wanted[place.warehouse]
    chunk = tuple(codes[place.chunk : place.chunk + CODES_AT_ONCE])
    rows = client.query(sql.stock(client.config, warehouse, place.after, chunk, _top(client, limit)))
    records = tuple(stock_record(warehouse, row, as_of) for row in rows)
    complete = not rows or (bool(chunk) and len(rows) == len(chunk))
    following = place.next(rows, complete=complete, codes=len(codes), warehouses=len(wanted))
    return Page(records, following)


def documents(
    client: Client, kind: RefKind, cursor: str | None, window: Window, limit: int
) -> Page[RemoteRef]:
    """Return the next invoices, then orders, dated inside the window; Logo keeps days, not moments.

    Raises:
        Unsupported: another kind than ledger documents is asked for, or the query door is closed.
    """
    if kind is not RefKind.LEDGER_DOCUMENT:
        raise Unsupported("logo.refs.kind", TEXTS["logo.refs.kind"])
    fields = paging.decode_cursor(cursor) if cursor else {}
    table, after = _whole(fields, "table"), _whole(fields, "after")
    if table >= len(_LISTED):
        raise CursorExpired("paging.cursor", detail=str(cursor)[:200])
    since, until = dates.local_date(window.since), dates.local_date(window.until)
    top = _top(client, limit)
    rows = client.query(sql.documents_between(client.config, _LISTED[table], since, until, after, top))
    records = tuple(_ref_record(client, _LISTED[table], row) for row in rows)
    if rows:
        return Page(records, paging.encode_cursor({"table": table, "after": _last(rows, after)}))
    if table + 1 < len(_LISTED):
        return Page(records, paging.encode_cursor({"table": table + 1, "after": 0}))
    return Page(records)


def _top(client: Client, limit: int) -> int:
    return max(1, min(limit, client.config.sql_page))


def _ref_record(client: Client, document: Document, row: Row) -> Record[RemoteRef]:
    kept = raw(row)

    def build() -> RemoteRef:
        found = stored.from_row(client.config, document, row)
        return RemoteRef(
            kind=RefKind.LEDGER_DOCUMENT,
            external_id=found.external_id,
            our_reference=found.track,
            number=found.number,
            total=found.total,
            currency=found.currency,
            at=_midnight(found.day),
            cancelled=found.cancelled,
        )

    own = str(row.get("LOGICALREF"))[:50] if isinstance(row, dict) else "?"
    return validation.record(f"{document.prefix}-{own}", kept, build, prefix="logo.document")


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), dates.ISTANBUL).astimezone(UTC) if day else None


def _last(rows: Sequence[Row], after: int) -> int:
    """Return the highest reference of a page; a row without one must not stop or repeat the stream."""
    found = [after + 1]
    for row in rows:
        try:
            found.append(integer(row, "LOGICALREF"))
        except (ValueError, AttributeError):
            continue
    return max(found)


def _whole(fields: dict[str, str | int | None], name: str) -> int:
    value = fields.get(name, 0)
    if not isinstance(value, int) or value < 0:
        raise CursorExpired("paging.cursor", detail=str(fields)[:200])
    return value


class _StockPlace:
    """Which warehouse, which chunk of the codes asked for, and after which item."""

    def __init__(self, warehouse: int, chunk: int, after: int) -> None:
        self.warehouse, self.chunk, self.after = warehouse, chunk, after

    @classmethod
    def of(cls, cursor: str | None) -> "_StockPlace":
        if cursor is None:
            return cls(0, 0, 0)
        fields = paging.decode_cursor(cursor)
        return cls(_whole(fields, "warehouse"), _whole(fields, "chunk"), _whole(fields, "after"))

    def next(self, rows: Sequence[Row], *, complete: bool, codes: int, warehouses: int) -> str | None:
        if not complete:
            return self._cursor(self.warehouse, self.chunk, _last(rows, self.after))
        if self.chunk + CODES_AT_ONCE < codes:
            return self._cursor(self.warehouse, self.chunk + CODES_AT_ONCE, 0)
        if self.warehouse + 1 < warehouses:
            return self._cursor(self.warehouse + 1, 0, 0)
        return None

    def _cursor(self, warehouse: int, chunk: int, after: int) -> str:
        return paging.encode_cursor({"warehouse": warehouse, "chunk": chunk, "after": after})
