"""From a file's bytes to its tables: what kind of file it is, where its headings are, which sheets count."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kopru.model import Text
from kopru.sdk import Rejected
from kopru_orderfile import columns, csvtext, profiles
from kopru_orderfile.cells import MAX_FILE, MAX_ROWS, Row, Sheet, Table
from kopru_orderfile.config import AUTO, OrderFileConfig
from kopru_orderfile.texts import TEXTS

_HEADING_DEPTH = 30
"""Headings are looked for in this many rows: exports often start with a title and a few notes."""
_FEWEST_HEADINGS = 2
_ZIP = b"PK\x03\x04"
_NO_TABLE: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0", "orderfile.file.old_excel"),
    (b"%pdf", "orderfile.file.not_a_table"),
    (b"<html", "orderfile.file.html"),
    (b"<!doctype html", "orderfile.file.html"),
    (b"<table", "orderfile.file.html"),
    (b"<?xml", "orderfile.file.not_a_table"),
)
_LOOK_LIKE_LOST_LETTERS = ("?", "\ufffd", "Ã", "Ä", "Å")


def read(name: str, content: bytes, config: OrderFileConfig) -> tuple[Table, ...]:
    """Return the order tables of a file: one for CSV, one per sheet with order headings for a workbook.

    What the file is follows from its content, never from its name.

    Raises:
        Rejected: with an ``orderfile.file.*`` or ``archive.*`` code when nothing in it can be read.
    """
    if len(content) > MAX_FILE:
        raise _refused("too_large", size=len(content), limit=MAX_FILE)
    start = content[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for mark, code in _NO_TABLE:
        if start.startswith(mark):
            raise Rejected(code, TEXTS[code])
    if not content.strip(b"\x00 \t\r\n"):
        raise _refused("empty")
    sheets = _workbook(content, config.sheet) if content.startswith(_ZIP) else (_csv(content, config),)
    tables = [table for sheet in sheets if (table := _table(_place(name, sheet, sheets), sheet, config))]
    if not tables:
        raise _no_headings(sheets)
    # Beside sheets of orders a workbook may hold overviews that share some headings.
    return tuple(table for table in tables if table.columns.has("number")) or tuple(tables)


def _workbook(content: bytes, wanted: str) -> tuple[Sheet, ...]:
    from kopru_orderfile import workbook  # noqa: PLC0415 - openpyxl alone takes 150 ms to import

    sheets = workbook.sheets(content)
    chosen = tuple(sheet for sheet in sheets if sheet.name.strip() == wanted.strip()) if wanted else sheets
    if not chosen:
        names = ", ".join(sheet.name for sheet in sheets)
        raise _refused("no_sheet", wanted=wanted, names=names[:300])
    return chosen


def _csv(content: bytes, config: OrderFileConfig) -> Sheet:
    said, text = csvtext.separator_line(csvtext.decode(content, config.encoding))
    first = 2 if said else 1
    delimiter = config.delimiter if config.delimiter != AUTO else said or _delimiter(text, config.columns)
    rows: list[Row] = []
    for row in csvtext.rows(text, delimiter, first=first):
        if row.blank:
            continue
        if len(rows) >= MAX_ROWS:
            raise _refused("too_many_rows", limit=MAX_ROWS)
        rows.append(row)
    return Sheet("", rows, delimited=True)


def _delimiter(text: str, own: Mapping[str, str]) -> str:
    """Return the delimiter that shows the most known headings; on a tie the one with more columns."""
    start = "\n".join(text.split("\n", _HEADING_DEPTH)[:_HEADING_DEPTH])
    best = (-1, -1)
    chosen = csvtext.DELIMITERS[0]
    for delimiter in csvtext.DELIMITERS:
        rows = list(csvtext.rows(start, delimiter))
        found = max((columns.score(_headings(row), own) for row in rows), default=0)
        width = max((len(row.cells) for row in rows), default=0)
        if (found, width) > best:
            best, chosen = (found, width), delimiter
    return chosen


def _table(place: str, sheet: Sheet, config: OrderFileConfig) -> Table | None:
    scored = [columns.score(_headings(row), config.columns) for row in sheet.rows[:_HEADING_DEPTH]]
    if not scored or max(scored) < _FEWEST_HEADINGS:
        return None
    index = scored.index(max(scored))
    headings = _headings(sheet.rows[index])
    profile = profiles.chosen(config.profile, headings)
    prices = "" if config.prices == AUTO else config.prices
    found = columns.match(headings, profile, config.columns, prices)
    # Exports pasted together repeat their headings in the middle.
    first = sheet.rows[index].cells[0]
    rows = [row for row in sheet.rows[index + 1 :] if row.cell(0) != first or _headings(row) != headings]
    return Table(place, found, [_unshifted(row, len(headings)) for row in rows] if sheet.delimited else rows)


def _unshifted(row: Row, width: int) -> Row:
    """Return the row, flawed when it has more cells than there are headings."""
    return replace(row, flaw="shifted") if not row.flaw and any(row.cells[width:]) else row


def _headings(row: Row) -> tuple[str, ...]:
    texts = [" ".join(cell.split()) if isinstance(cell, str) else "" for cell in row.cells]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


def _place(name: str, sheet: Sheet, sheets: Sequence[Sheet]) -> str:
    return f"{name} [{sheet.name}]" if len(sheets) > 1 else name


def _no_headings(sheets: Sequence[Sheet]) -> Rejected:
    seen = [text for sheet in sheets for row in sheet.rows[:1] for text in _headings(row) if text]
    headings = ", ".join(seen)[:300]
    lost = any(mark in headings for mark in _LOOK_LIKE_LOST_LETTERS)
    return _refused("lost_letters" if lost else "no_headings", headings=headings)


def _refused(code: str, **values: object) -> Rejected:
    code = f"orderfile.file.{code}"
    text: Text = TEXTS.text(code, **values)
    return Rejected(code, text)
