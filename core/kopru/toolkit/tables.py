"""Tables people upload, as rows of text: CSV as Turkish programs write it, the first sheet of an XLSX file.

Numbers of a workbook have a decimal point, whatever its language.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import NamedTuple

from kopru.hooks.errors import Rejected
from kopru.toolkit.fold import header
from kopru.toolkit.spreadsheet import unmarked
from kopru.toolkit.texts import TEXTS

MOST_ROWS = 200_000
MOST_COLUMNS = 200
_ZIP = b"PK\x03\x04"
_DELIMITERS = ";\t,"


class Row(NamedTuple):
    """One row that is not empty."""

    number: int
    """Its place in the file, from 1."""
    cells: tuple[str, ...] | None
    """Stripped texts; ``None`` when a cell is beyond all measure."""


def read(content: bytes) -> list[Row]:
    """Return the rows of a table that are not empty.

    Raises:
        Rejected: ``table.unreadable``, ``table.too_large``, or a code of the archive or XML reader.
    """
    rows: list[Row] = []
    for row in _workbook(content) if is_workbook(content) else _csv(content):
        if len(rows) >= MOST_ROWS:
            raise Rejected("table.too_large", TEXTS.text("table.too_large", limit=MOST_ROWS))
        rows.append(row)
    return rows


def is_workbook(content: bytes) -> bool:
    """Whether a file is a workbook and no text."""
    return content.startswith(_ZIP)


def columns(row: Row, names: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return where the columns of a heading row stand.

    Args:
        row: the headings; letter case, blanks and signs do not count.
        names: the headings each column may have, the best first.
    """
    found = [header(cell) for cell in row.cells or ()]
    places: dict[str, int] = {}
    for name, headings in names.items():
        known = (found.index(word) for word in map(header, headings) if word in found)
        place = next(known, None)
        if place is not None and place not in places.values():
            places[name] = place
    return places


def decoded(content: bytes) -> str:
    """Return a text file's text; what is no Unicode was written by a Turkish Windows program."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("windows-1254", errors="replace")


def _csv(content: bytes) -> Iterator[Row]:
    text = decoded(content).replace("\x00", "")
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(_DELIMITERS, key=first.count))
    for number in count(1):
        try:
            cells = tuple(unmarked(cell).strip() for cell in next(reader)[:MOST_COLUMNS])
        except StopIteration:
            return
        except csv.Error:
            yield Row(number, None)
        else:
            if any(cells):
                yield Row(number, cells)


def _workbook(content: bytes) -> Iterator[Row]:
    from kopru.toolkit import workbook  # noqa: PLC0415 - the XML library is slow to import

    for number, cells in workbook.rows(content, MOST_COLUMNS):
        if any(cells):
            yield Row(number, cells)
