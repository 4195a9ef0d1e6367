"""The second way of counting: which orders the files name, row by row, without mapping any of them."""

from collections.abc import Iterator
from decimal import Decimal

from kopru.sdk import Ctx, CursorExpired, Page, Raw, Record, RefKind, Rejected, RemoteRef
from kopru.toolkit import fold, paging
from kopru_orderfile import tables
from kopru_orderfile.cells import MAX_FILE, Row, Table, blank
from kopru_orderfile.codes import SUMMARY_WORDS
from kopru_orderfile.config import OrderFileConfig
from kopru_orderfile.fields import BUYERS
from kopru_orderfile.folder import order_files
from kopru_orderfile.reading import Decisions, decide, number_in
from kopru_orderfile.texts import TEXTS
from kopru_orderfile.values import Unreadable, identifier

_SOLD = ("product", "sku", "barcode", *BUYERS)


def fetch_page(ctx: Ctx[OrderFileConfig], cursor: str | None, limit: int) -> Page[RemoteRef]:
    """Return one page of the orders the folder names, each once; of several files the last one's total.

    Raises:
        CursorExpired: the position is gone.
    """
    refs = {ref.external_id: ref for name in order_files(ctx) for ref in _refs_of(ctx, name)}
    keys = list(refs)
    start = 0
    if cursor is not None:
        after = paging.decode_cursor(cursor).get("after")
        if after not in refs:
            raise CursorExpired("orderfile.cursor", TEXTS["orderfile.cursor"])
        start = keys.index(str(after)) + 1
    shown = keys[start : start + max(1, limit)]
    more = start + len(shown) < len(keys)
    return Page(
        tuple(Record(key, Raw(b""), refs[key]) for key in shown),
        paging.encode_cursor({"after": shown[-1]}) if more else None,
        total=len(keys),
    )


def _refs_of(ctx: Ctx[OrderFileConfig], name: str) -> Iterator[RemoteRef]:
    try:
        found = tables.read(name, ctx.files.read(name, limit=MAX_FILE), ctx.config)
    except Rejected:
        return
    for table in found:
        settled, decisions = decide(table, ctx.config)
        yield from _refs_in(settled, decisions, ctx.config)


def _refs_in(table: Table, decisions: Decisions, config: OrderFileConfig) -> Iterator[RemoteRef]:
    place = table.columns.places.get("package" if config.group_by == "package" else "number")
    above = ""
    for row in table.rows:
        key = _key(row, place) or (above if config.fill_down else "")
        named = row.flaw or any(not blank(row.cell(table.columns.places.get(name))) for name in _SOLD)
        if not named and fold.key(key) in {"", *SUMMARY_WORDS}:
            continue
        above = key or above
        total = _total(row, table, decisions, config)
        identity = key or f"{table.place}#row {row.number}"
        yield RemoteRef(RefKind.ORDER, identity, number=key, total=total)


def _key(row: Row, place: int | None) -> str:
    try:
        return "" if blank(row.cell(place)) else identifier(row.cell(place))[:200]
    except Unreadable:
        return ""


def _total(row: Row, table: Table, decisions: Decisions, config: OrderFileConfig) -> Decimal | None:
    try:
        return number_in(row, "order_total", table, decisions, config)
    except Unreadable:
        return None
