"""XLSX sheets as rows. Imported only when a workbook is read: the library is slower to load than the plugin.

The archive is checked before the library sees it: real unpacked size, compression ratio, overlapping members,
and no DOCTYPE in any part, since the library's streaming parser would expand its entities.
"""

import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.cell import column_index_from_string

from kopru.sdk import Rejected
from kopru.toolkit import archive
from kopru_orderfile.cells import BLANK, MAX_COLUMNS, MAX_ROWS, Cell, Flaw, Row, Sheet, checked
from kopru_orderfile.texts import TEXTS

MAX_SHEETS = 20
_RULES = archive.Rules(size=300_000_000, members=2_000, ratio=200)
_MERGED = re.compile(
    rb'<(?:\w+:)?mergeCell\s[^>]*?ref="(?P<left>[A-Z]{1,3})(?P<top>\d{1,7}):[A-Z]{1,3}(?P<bottom>\d{1,7})"'
)
_MOST_MERGES = 20_000
_LAST_ROW = 1_048_576
_EXACT_DIGITS = 15
"""Spreadsheets keep 15 significant digits; a longer number has lost its end."""


def sheets(content: bytes) -> tuple[Sheet, ...]:
    """Return the visible sheets of a workbook.

    Cells merged downwards repeat their value. A formula gives its stored result; a percent cell gives a text
    such as ``%20``.

    Raises:
        Rejected: an ``archive.*`` code, ``orderfile.file.unreadable``, ``orderfile.file.doctype`` or
            ``orderfile.file.too_many_rows``.
    """
    parts = {member.name: member.content for member in archive.read_zip(content, _RULES)}
    if any(b"<!DOCTYPE" in part or part[:2] in (b"\xff\xfe", b"\xfe\xff") for part in parts.values()):
        raise Rejected("orderfile.file.doctype", TEXTS["orderfile.file.doctype"])
    try:
        return tuple(_sheets(content, parts))
    except Rejected:
        raise
    except Exception as error:  # the library fails in any way on a damaged workbook
        detail = f"{type(error).__name__}: {error}"[:300]
        raise Rejected(
            "orderfile.file.unreadable", TEXTS["orderfile.file.unreadable"], detail=detail
        ) from error


def _sheets(content: bytes, parts: dict[str, bytes]) -> Iterator[Sheet]:
    book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    for sheet in book.worksheets[:MAX_SHEETS]:
        if sheet.sheet_state != "visible":
            continue
        rows = _rows(sheet)
        if any(Flaw("formula") in row.cells for row in rows):
            results = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            rows = _with_results(rows, _rows(results[sheet.title]))
        path = str(getattr(sheet, "_worksheet_path", "")).lstrip("/")
        yield Sheet(sheet.title, _filled(rows, parts.get(path, b"")))


def _rows(sheet: Any) -> list[Row]:
    sheet.reset_dimensions()
    rows: list[Row] = []
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if len(rows) >= MAX_ROWS or number > _LAST_ROW:
            text = TEXTS.text("orderfile.file.too_many_rows", limit=MAX_ROWS)
            raise Rejected("orderfile.file.too_many_rows", text)
        values = tuple(_cell(cell) for cell in cells[:MAX_COLUMNS])
        row = Row(number, values if len(cells) <= MAX_COLUMNS else (*values, Flaw("too_wide")))
        if not row.blank:
            rows.append(row)
    return rows


def _cell(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return BLANK
    if cell.data_type == "f":
        return Flaw("formula")
    if cell.data_type == "e":
        return Flaw("cell_error")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, percent="%" in (cell.number_format or ""))
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a cell has no zone
    if isinstance(value, time):
        return value.isoformat("seconds")
    return checked(str(value))


def _number(value: int | float, *, percent: bool) -> Cell:
    number = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.{_EXACT_DIGITS}g}")
    if not number.is_finite() or abs(number.adjusted()) > 30:
        return Flaw("cell_error")
    return f"%{(number * 100).normalize():f}" if percent else number


def _with_results(rows: Sequence[Row], results: Sequence[Row]) -> list[Row]:
    # A formula that was never calculated has no result and stays a flaw.
    stored = {row.number: row for row in results}
    return [
        Row(
            row.number,
            tuple(_result(cell, stored.get(row.number), place) for place, cell in enumerate(row.cells)),
        )
        for row in rows
    ]


def _result(cell: Cell, stored: Row | None, place: int) -> Cell:
    if cell != Flaw("formula") or stored is None or stored.cell(place) == BLANK:
        return cell
    return stored.cell(place)


def _filled(rows: Sequence[Row], part: bytes) -> Sequence[Row]:
    merged = _merged_down(part)
    if not merged:
        return rows
    by_number = {row.number: row for row in rows}
    filled = []
    for row in rows:
        cells = list(row.cells)
        for place, top in merged.get(row.number, ()):
            cells += [BLANK] * (place + 1 - len(cells))
            if cells[place] == BLANK and top in by_number:
                cells[place] = by_number[top].cell(place)
        filled.append(Row(row.number, tuple(cells), row.flaw))
    return filled


def _merged_down(part: bytes) -> dict[int, list[tuple[int, int]]]:
    """Return for each row the (column, top row) of the merged areas that reach down into it."""
    below: dict[int, list[tuple[int, int]]] = {}
    cells = 0
    for match in _MERGED.finditer(part):
        left = column_index_from_string(match["left"].decode())
        top, bottom = int(match["top"]), int(match["bottom"])
        if left > MAX_COLUMNS:
            continue
        cells += max(0, bottom - top)
        if cells > _MOST_MERGES:
            break
        for number in range(top + 1, bottom + 1):
            below.setdefault(number, []).append((left - 1, top))
    return below
