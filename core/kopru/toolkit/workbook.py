"""The first sheet of an XLSX file, as rows of text.

Only what is stored is read: a formula gives its last result, formats and further sheets are left out
(ISO/IEC 29500-1, 18.3 and 18.4).
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation

from kopru.hooks.errors import Rejected
from kopru.toolkit import archive, xml
from kopru.toolkit.texts import TEXTS

_RULES = archive.Rules(size=300_000_000, members=2_000, ratio=200)
_DIGITS = 15
"""Spreadsheets keep 15 significant digits; further ones are noise."""


def rows(content: bytes, most_columns: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield each row's number and its stripped cells.

    Raises:
        Rejected: ``table.unreadable``, or a code of the archive or XML reader.
    """
    parts = {member.name: member.content for member in archive.read_zip(content, _RULES)}
    sheets = [name for name in parts if name.startswith("xl/worksheets/") and name.endswith(".xml")]
    if not sheets:
        raise Rejected("table.unreadable", TEXTS["table.unreadable"])
    strings = _strings(parts.get("xl/sharedStrings.xml"))
    first = min(sheets, key=lambda name: (len(name), name))
    sheet = xml.parse(parts[first], limit=_RULES.size)
    for place, row in enumerate(sheet.iterfind("{*}sheetData/{*}row"), 1):
        number = row.get("r", "")
        yield int(number) if number.isdigit() else place, _cells(row, strings, most_columns)


def _strings(part: bytes | None) -> list[str]:
    if part is None:
        return []
    return [_joined(each) for each in xml.parse(part, limit=_RULES.size).iterfind("{*}si")]


def _joined(element: xml.Element) -> str:
    """Return the text of a string; readings of its signs (``rPh``) are no part of it."""
    runs = [*element.iterfind("{*}t"), *element.iterfind("{*}r/{*}t")]
    return "".join(run.text or "" for run in runs)


def _cells(row: xml.Element, strings: Sequence[str], most: int) -> tuple[str, ...]:
    cells: list[str] = []
    for cell in row.iterfind("{*}c"):
        place = _column(cell.get("r", ""), len(cells))
        if place < most:
            cells += [""] * (place + 1 - len(cells))
            cells[place] = _value(cell, strings).strip()
    return tuple(cells)


def _column(reference: str, following: int) -> int:
    letters = "".join(each for each in reference if "A" <= each <= "Z")
    if not 1 <= len(letters) <= 3:
        return following
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def _value(cell: xml.Element, strings: Sequence[str]) -> str:
    kind, raw = cell.get("t", "n"), xml.text(cell, "{*}v")
    if kind == "inlineStr":
        inline = cell.find("{*}is")
        return _joined(inline) if inline is not None else ""
    if kind == "s":
        known = raw.isascii() and raw.isdigit() and int(raw) < len(strings)
        return strings[int(raw)] if known else ""
    if kind == "n":
        return _number(raw)
    return "" if kind == "e" else raw


def _number(raw: str) -> str:
    try:
        number = Decimal(raw)
    except InvalidOperation:
        return raw
    if not number.is_finite() or abs(number.adjusted()) > 30:
        return raw
    return f"{Decimal(f'{number:.{_DIGITS}g}').normalize():f}"
