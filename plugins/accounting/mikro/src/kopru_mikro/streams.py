"""Paged reads: items, partners, stock and documents, each in the order of its own identity.

Cards are read in the order of their codes and documents in that of their GUIDs, each page behind the last
record of the one before: what is added or deleted meanwhile moves no page border.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from kopru.model import PartyCard, Product, StockLevel
from kopru.sdk import CursorExpired, Page, Record, RefKind, RemoteRef, Unsupported, Window
from kopru.toolkit import dates, paging, rows, validation
from kopru.toolkit.rows import Row
from kopru_mikro import cardlist, errors, sql
from kopru_mikro.client import Client
from kopru_mikro.codes import NO_GUID, Document, guid
from kopru_mikro.mapping import stored
from kopru_mikro.mapping.item import barcodes_of, product_record, stock_record
from kopru_mikro.mapping.party import card_record, record_id
from kopru_mikro.texts import TEXTS

CODES_AT_ONCE = 500
"""Item codes in one stock statement."""

_LISTED = tuple(Document)


def products(client: Client, cursor: str | None, limit: int) -> Page[Product]:
    """Return the next item cards with their barcodes; the list ends with the first empty page."""
    config = client.config
    if not config.has_sql:
        listed, following = cardlist.items(client, cursor, limit)
        return Page(tuple(product_record(config, row, {}) for row in listed), following)
    found = client.query(sql.items_after(config, _after(cursor), _top(client, limit)))
    codes = [code for row in found if (code := _name(row, "sto_kod"))]
    barcodes = barcodes_of(client.query(sql.barcodes(config, codes))) if codes else {}
    records = tuple(product_record(config, row, barcodes) for row in found)
    return Page(records, _behind(found, "sto_kod", cursor))


def parties(client: Client, cursor: str | None, limit: int) -> Page[PartyCard]:
    """Return the next partner cards."""
    config = client.config
    if config.has_sql:
        found = client.query(sql.parties_after(config, _after(cursor), _top(client, limit)))
        following = _behind(found, "cari_kod", cursor)
    else:
        found, following = cardlist.parties(client, cursor, limit)
    return Page(tuple(card_record(config, row) for row in found), following)


def stock(
    client: Client, cursor: str | None, codes: Sequence[str], limit: int, as_of: datetime
) -> Page[StockLevel]:
    """Return the next stock levels: warehouse by warehouse, and within one in the order of the items."""
    place = _StockPlace.of(cursor)
    wanted: Sequence[int | None] = client.config.stock_warehouses or (None,)
    if place.warehouse >= len(wanted):
        raise CursorExpired("paging.cursor", detail=str(cursor)[:200])
    warehouse = wanted[place.warehouse]
    chunk = tuple(codes[place.chunk : place.chunk + CODES_AT_ONCE])
    top, day = _top(client, limit), dates.local_date(as_of)
    found = client.query(sql.stock(client.config, warehouse, chunk, place.after, top, day))
    records = tuple(stock_record(warehouse, row, as_of) for row in found)
    last = _last(found, "sto_kod", place.after) if found else ""
    return Page(records, place.next(last, codes=len(codes), warehouses=len(wanted)))


def documents(
    client: Client, kind: RefKind, cursor: str | None, window: Window, limit: int
) -> Page[RemoteRef]:
    """Return the next invoices, then orders, dated inside the window; Mikro keeps days, not moments.

    Raises:
        Unsupported: another kind than ledger documents is asked for, or rows cannot be read by SELECT.
    """
    if kind is not RefKind.LEDGER_DOCUMENT:
        raise Unsupported("mikro.refs.kind", TEXTS["mikro.refs.kind"])
    fields = paging.decode_cursor(cursor) if cursor else {}
    part, after = _whole(fields, "part"), str(fields.get("after") or NO_GUID)
    if part >= len(_LISTED):
        raise CursorExpired("paging.cursor", detail=str(cursor)[:200])
    document, column = _LISTED[part], ("cha_Guid", "sip_Guid")[part]
    since, until = dates.local_date(window.since), dates.local_date(window.until)
    statement = sql.between(client.config, document, since, until, after, _top(client, limit))
    found = client.query(statement)
    records = tuple(_ref_record(client, document, column, row) for row in found)
    if found:
        last = guid(_last(found, column, after))
        return Page(records, paging.encode_cursor({"part": part, "after": last}))
    if part + 1 < len(_LISTED):
        return Page(records, paging.encode_cursor({"part": part + 1, "after": NO_GUID}))
    return Page(records)


@dataclass(frozen=True, slots=True)
class _StockPlace:
    """Which warehouse, which chunk of the codes asked for, and after which item."""

    warehouse: int
    chunk: int
    after: str

    @classmethod
    def of(cls, cursor: str | None) -> "_StockPlace":
        fields = paging.decode_cursor(cursor) if cursor else {}
        return cls(_whole(fields, "warehouse"), _whole(fields, "chunk"), str(fields.get("after") or ""))

    def next(self, last: str, *, codes: int, warehouses: int) -> str | None:
        """Return the cursor behind a page that ended with an item; without one its part is read."""
        if last:
            return self._cursor(self.warehouse, self.chunk, last)
        if self.chunk + CODES_AT_ONCE < codes:
            return self._cursor(self.warehouse, self.chunk + CODES_AT_ONCE, "")
        if self.warehouse + 1 < warehouses:
            return self._cursor(self.warehouse + 1, 0, "")
        return None

    def _cursor(self, warehouse: int, chunk: int, after: str) -> str:
        return paging.encode_cursor({"warehouse": warehouse, "chunk": chunk, "after": after})


def _ref_record(client: Client, document: Document, column: str, row: Any) -> Record[RemoteRef]:
    def build() -> RemoteRef:
        found = stored.from_row(client.config, document, row)
        return RemoteRef(
            kind=RefKind.LEDGER_DOCUMENT,
            external_id=found.guid,
            our_reference=found.key,
            number=found.receipt.number or "",
            total=found.total,
            currency=found.currency,
            at=_midnight(found.day),
            cancelled=found.cancelled,
        )

    return validation.record(guid(record_id(row, column)), rows.raw(row), build, prefix="mikro.document")


def _top(client: Client, limit: int) -> int:
    return max(1, min(limit, client.config.sql_page))


def _after(cursor: str | None) -> str:
    return str(paging.decode_cursor(cursor).get("after") or "") if cursor else ""


def _behind(found: Sequence[Row], column: str, cursor: str | None) -> str | None:
    if not found:
        return None
    return paging.encode_cursor({"after": _last(found, column, _after(cursor))})


def _last(found: Sequence[Row], column: str, before: str) -> str:
    """Return the identity of a page's last record that has one; the stream must neither stop nor repeat."""
    last = next((name for row in reversed(found) if (name := _name(row, column))), "")
    if not last or last == before:
        raise errors.unreadable(f"no {column} in a page of {len(found)} records")
    return last


def _name(row: Row, column: str) -> str:
    try:
        return rows.text(row, column)
    except ValueError:
        return ""


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), dates.ISTANBUL).astimezone(UTC)


def _whole(fields: dict[str, str | int | None], name: str) -> int:
    value = fields.get(name, 0)
    if not isinstance(value, int) or value < 0:
        raise CursorExpired("paging.cursor", detail=str(fields)[:200])
    return value
