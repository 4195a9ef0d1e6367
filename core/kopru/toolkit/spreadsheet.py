"""Cells that a spreadsheet program shows and never computes.

Excel, LibreOffice Calc and Google Sheets take a text as a formula when it begins with ``=``, ``+``, ``-`` or
``@``, some also when a tab or a line end stands before it (OWASP, "CSV Injection"). Names and notes of orders
are written by strangers, so such texts get an apostrophe in front, which says "this is text". Numbers stay
numbers.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

Cell = str | int | Decimal | date | None

_MARK = "'"
_BLANK = " \t\r\n\v\f\u00a0\ufeff"
_STARTS = tuple("=+-@＝＋－＠\t\r\n")
_UNWRITABLE = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127, *range(0xD800, 0xE000)))


def safe(value: Cell) -> Cell:
    """Return a value to put into a cell of any format; a text that would be computed is marked as text.

    Characters that no spreadsheet format can hold are left out of texts.
    """
    if not isinstance(value, str):
        return value
    text = value.translate(_UNWRITABLE)
    return _MARK + text if _would_be_computed(text) else text


def unmarked(text: str) -> str:
    """Return what ``safe`` was given, for a text that is read back."""
    return text[1:] if text.startswith(_MARK) and _would_be_computed(text[1:]) else text


def to_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a CSV file as spreadsheet programs with Turkish settings open it.

    Semicolons between cells, every text in quotes, decimal commas, UTF-8 with a byte order mark.
    """
    lines = (";".join(map(_written, row)) for row in (header, *rows))
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8-sig")


def _would_be_computed(text: str) -> bool:
    # A text that begins with a mark of its own is marked once more, so that it comes back as it was.
    bare = text.lstrip(_MARK)
    return bare.startswith(_STARTS) or bare.lstrip(_BLANK).startswith(_STARTS)


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, int | Decimal):
        return format(cell, "f").replace(".", ",") if isinstance(cell, Decimal) else str(int(cell))
    text = cell.isoformat() if isinstance(cell, date) else str(safe(cell))
    return '"' + text.replace('"', '""') + '"'
