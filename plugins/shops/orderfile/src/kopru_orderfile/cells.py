"""Cells, rows and tables as they come out of a file, before anything is read into them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kopru_orderfile.columns import Columns

MAX_FILE = 20_000_000
"""Largest file in bytes."""
MAX_ROWS = 100_000
MAX_COLUMNS = 400
MAX_CELL = 32_767
"""Longest cell in characters; the limit of spreadsheets themselves."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """A cell whose content cannot be used. ``code`` is the last part of a finding code."""

    code: str


Cell = str | Decimal | datetime | Flaw
"""Text, a spreadsheet's own number or (naive local) date, or a flaw. An empty cell is an empty text."""

BLANK: Cell = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row with its number as a spreadsheet shows it, from 1. ``flaw`` concerns the row as a whole."""

    number: int
    cells: tuple[Cell, ...]
    flaw: str = ""

    def cell(self, place: int | None) -> Cell:
        """Return the cell in a column; blank where the row is shorter or there is no such column."""
        return self.cells[place] if place is not None and place < len(self.cells) else BLANK

    @property
    def blank(self) -> bool:
        """Whether nothing stands in the row."""
        return not self.flaw and all(isinstance(cell, str) and not cell for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Sheet:
    """All rows of a CSV file or of one sheet of a workbook."""

    name: str
    rows: Sequence[Row]
    delimited: bool = False
    """Whether a separator too many can move cells into the wrong column."""


@dataclass(frozen=True, slots=True)
class Table:
    """The part of a sheet below its headings. ``place`` says where it is, for messages."""

    place: str
    columns: Columns
    rows: Sequence[Row]


def checked(text: str) -> Cell:
    """Return a text as a cell: cleaned of file artefacts, or a flaw when no document may carry it."""
    if len(text) > MAX_CELL:
        return Flaw("too_long")
    if "\x00" in text:
        return Flaw("nul")
    if "\ufffd" in text:
        return Flaw("undecodable")
    bare = text.strip().lstrip("\ufeff")
    if bare.startswith('="') and bare.endswith('"'):
        return bare[2:-1].strip()
    return bare.removeprefix("'") if bare[1:].isdigit() else bare


def blank(cell: Cell) -> bool:
    """Whether a cell says nothing: empty, or only the dash that exports put for "none"."""
    return isinstance(cell, str) and not cell.strip("-–— \u00a0")


def column_letters(place: int) -> str:
    """Return a column's name in a spreadsheet: 0 → ``A``, 27 → ``AB``."""
    letters = ""
    number = place + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
