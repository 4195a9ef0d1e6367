"""Paged reads: items, partners, stock and invoices, each behind the last record of the page before."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from kopru.model import PartyCard, Product, StockLevel
from kopru.sdk import CursorExpired, Page, Record, RefKind, RemoteRef, SqlRow, SqlValue, Unsupported, Window
from kopru.toolkit import dates, paging, rows, validation
from kopru_eta import errors
from kopru_eta.client import Client
from kopru_eta.mapping import stored
from kopru_eta.mapping.cards import (
    barcodes_of,
    card_record,
    name_of,
    prices_of,
    product_record,
    stock_record,
)
from kopru_eta.texts import TEXTS

LARGEST = 500
_SEPARATOR = "|"


def products(client: Client, cursor: str | None, limit: int) -> Page[Product]:
    """Return the next item cards with barcodes and, if a list is chosen, prices."""
    after = _after(cursor)
    found = client.read("items", {"after": after, "top": _top(limit)})
    if not found:
        return Page(())
    last = _last(found, "item_code", after)
    span: dict[str, SqlValue] = {"after": after, "last": last}
    barcodes = barcodes_of(client.read("barcodes", span))
    listed = client.config.price_list
    prices = prices_of(client.read("prices", {**span, "price_list": listed})) if listed else {}
    records = tuple(product_record(client.config, row, barcodes, prices) for row in found)
    return Page(records, paging.encode_cursor({"after": last}))


def parties(client: Client, cursor: str | None, limit: int) -> Page[PartyCard]:
    """Return the next partner cards."""
    after = _after(cursor)
    found = client.read("parties", {"after": after, "top": _top(limit)})
    return Page(tuple(map(card_record, found)), _behind(found, "party_code", after))


def stock(
    client: Client, cursor: str | None, codes: Sequence[str], limit: int, as_of: datetime
) -> Page[StockLevel]:
    """Return the next balances; of the codes asked for only, where there are any."""
    after = _after(cursor)
    values: dict[str, SqlValue] = {"after": after, "top": _top(limit)}
    if codes:
        known = [code.strip() for code in codes if _SEPARATOR not in code and code.strip()]
        wanted = f"{_SEPARATOR}{_SEPARATOR.join(known)}{_SEPARATOR}"
        found = client.read("stock_of", {**values, "codes": wanted})
    else:
        found = client.read("stock", values)
    return Page(tuple(stock_record(row, as_of) for row in found), _behind(found, "item_code", after))


def documents(
    client: Client, kind: RefKind, cursor: str | None, window: Window, limit: int
) -> Page[RemoteRef]:
    """Return the next invoices dated inside the window, year by year; ETA keeps days.

    Raises:
        Unsupported: another kind than ledger documents is asked for.
    """
    if kind is not RefKind.LEDGER_DOCUMENT:
        raise Unsupported("eta.refs.kind", TEXTS["eta.refs.kind"])
    since, until = dates.local_date(window.since), dates.local_date(window.until)
    years = sorted(year for year in client.config.databases if since.year <= year <= until.year)
    place = paging.decode_cursor(cursor) if cursor else {}
    year, after = place.get("year", years[0] if years else 0), place.get("after", 0)
    if not isinstance(year, int) or not isinstance(after, int):
        raise CursorExpired("paging.cursor", detail=str(place)[:200])
    if year not in years:
        return Page(())
    values: dict[str, SqlValue] = {"since": since, "until": until, "after": after, "top": _top(limit)}
    found = client.read("invoices_between", values, database=client.config.databases[year])
    records = tuple(_ref_record(year, row) for row in found)
    return Page(records, _next(years, year, after, found))


def _next(years: list[int], year: int, after: int, found: list[SqlRow]) -> str | None:
    if found:
        refs = [ref for row in found if (ref := _integer(row, "ref")) > after]
        if not refs:
            raise errors.unreadable(f"no references in a page of {len(found)} invoices")
        return paging.encode_cursor({"year": year, "after": max(refs)})
    later = [each for each in years if each > year]
    return paging.encode_cursor({"year": later[0], "after": 0}) if later else None


def _ref_record(year: int, row: SqlRow) -> Record[RemoteRef]:
    def build() -> RemoteRef:
        found = stored.from_row(year, row)
        return RemoteRef(
            kind=RefKind.LEDGER_DOCUMENT,
            external_id=found.external.id,
            our_reference=found.key,
            number=found.number,
            total=found.total,
            currency=found.currency,
            at=_midnight(found.day),
        )

    return validation.record(f"{year}/{_integer(row, 'ref')}", rows.raw(row), build, prefix="eta.document")


def _top(limit: int) -> int:
    return max(1, min(limit, LARGEST))


def _after(cursor: str | None) -> str:
    return str(paging.decode_cursor(cursor).get("after") or "")[:255] if cursor else ""


def _behind(found: list[SqlRow], column: str, after: str) -> str | None:
    return paging.encode_cursor({"after": _last(found, column, after)}) if found else None


def _last(found: list[SqlRow], column: str, after: str) -> str:
    """Return the code of a page's last record that has one; the stream must neither stop nor repeat."""
    last = next((name for row in reversed(found) if (name := name_of(row, column))), "")
    if not last or last == after:
        raise errors.unreadable(f"no {column} in a page of {len(found)} records")
    return last


def _integer(row: SqlRow, name: str) -> int:
    try:
        return rows.integer(row, name)
    except ValueError:
        return 0


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), dates.ISTANBUL).astimezone(UTC)
