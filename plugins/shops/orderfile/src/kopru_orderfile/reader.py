"""Reads the cells of one order's rows and notes what is wrong, each with its file, row, heading and cell."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from kopru.model import Finding, Severity
from kopru.toolkit import fold, numbers, text
from kopru.toolkit.numbers import Style
from kopru_orderfile import values
from kopru_orderfile.cells import MAX_CELL, Cell, Row, Table, blank, column_letters
from kopru_orderfile.config import OrderFileConfig
from kopru_orderfile.fields import FIELDS, Agree, Kind
from kopru_orderfile.reading import Decisions, number_in
from kopru_orderfile.texts import TEXTS
from kopru_orderfile.values import Unreadable

_SHOWN = 60
_CODE_LENGTH = 200
_TEXT_LENGTH = 4_000
_MOST_FINDINGS = 50


class Reader:
    """The rows of one order under the decisions made for their table.

    Every method returns what could be read, or an empty value after noting a finding.
    """

    def __init__(
        self, rows: Sequence[Row], table: Table, decisions: Decisions, config: OrderFileConfig
    ) -> None:
        """Take the order's rows and how their table is read."""
        self.rows = rows
        self.table = table
        self.decisions = decisions
        self.config = config
        self.findings: list[Finding] = []
        self.errors = 0
        self._told: dict[str, str] = {}
        self._lines = {row.number: index for index, row in enumerate(rows)}

    @property
    def blocked(self) -> bool:
        """Whether something was found that stops the order."""
        return self.errors > 0

    def has(self, name: str) -> bool:
        """Whether a field has a column."""
        return name in self.table.columns.places

    def cell(self, row: Row, name: str) -> Cell:
        """Return a field's cell in a row; blank when it has no column."""
        return row.cell(self.table.columns.places.get(name))

    def filled(self, row: Row, *names: str) -> bool:
        """Whether one of the fields says something in a row."""
        return any(not blank(self.cell(row, name)) for name in names)

    def text(self, row: Row, name: str) -> str:
        """Return a cell as clean text."""
        cell = self.cell(row, name)
        if blank(cell):
            return ""
        try:
            found = text.clean(cell if isinstance(cell, str) else _plain(cell))
        except Unreadable as error:
            self.fault(error.code, row, name, limit=MAX_CELL)
            return ""
        if len(found) > _TEXT_LENGTH:
            self.fault("too_long", row, name, limit=_TEXT_LENGTH)
            return ""
        return found

    def code(self, row: Row, name: str) -> str:
        """Return a cell as an identifier; one that a spreadsheet has damaged is refused."""
        cell = self.cell(row, name)
        if blank(cell):
            return ""
        severity = Severity.WARNING if FIELDS[name].minor else Severity.ERROR
        try:
            found = text.clean(values.identifier(cell))
        except Unreadable as error:
            self.fault(error.code, row, name, severity=severity, value=_shown(cell), limit=MAX_CELL)
            return ""
        if len(found) > _CODE_LENGTH:
            self.fault("too_long", row, name, severity=severity, limit=_CODE_LENGTH)
            return ""
        return found

    def number(self, row: Row, name: str) -> Decimal | None:
        """Return a cell as a number, ``None`` when it is blank."""
        try:
            return number_in(row, name, self.table, self.decisions, self.config)
        except Unreadable as error:
            cell = self.cell(row, name)
            both = _both(cell, error.code)
            self.fault(
                error.code, row, name, severity=Severity.ERROR, value=_shown(cell), limit=MAX_CELL, **both
            )
            return None

    def moment(self, row: Row, name: str) -> datetime | None:
        """Return a cell as a moment, ``None`` when it is blank."""
        cell = self.cell(row, name)
        if blank(cell):
            return None
        place = self.table.columns.places[name]
        clock = self._clock(row) if name == "placed_at" else ""
        try:
            if clock and isinstance(cell, str) and ":" not in cell:
                cell = f"{cell} {clock}"
            return values.moment(cell, self.decisions.dates.get(place, ""), self.config.zone)
        except Unreadable as error:
            self.fault(error.code, row, name, value=_shown(cell), limit=MAX_CELL)
            return None

    def _clock(self, row: Row) -> str:
        cell = self.cell(row, "placed_time")
        return cell if isinstance(cell, str) and not blank(cell) else ""

    def speaker(self, name: str) -> Row:
        """Return the row that speaks for the order about a field; notes rows that contradict it."""
        if len(self.rows) == 1 or not self.has(name):
            return self.rows[0]
        said: dict[str, Row] = {}
        for row in self.rows:
            cell = self.cell(row, name)
            if not blank(cell):
                said.setdefault(_comparable(cell), row)
        if len(said) > 1:
            severity = Severity.ERROR if FIELDS[name].agree is Agree.STRICT else Severity.WARNING
            shown = " / ".join(_shown(self.cell(row, name)) for row in list(said.values())[:3])
            self.order_fault("rows_disagree", name, severity=severity, values=shown)
        return next(iter(said.values()), self.rows[0])

    def order_text(self, name: str) -> str:
        """Return what the order's rows say about a text or identifier."""
        if name not in self._told:
            row = self.speaker(name)
            is_code = FIELDS[name].kind is Kind.CODE
            self._told[name] = self.code(row, name) if is_code else self.text(row, name)
        return self._told[name]

    def order_moment(self, name: str) -> datetime | None:
        """Return what the order's rows say about a moment."""
        return self.moment(self.speaker(name), name)

    def order_number(self, name: str) -> Decimal | None:
        """Return a number of the order as a whole; rows that give different numbers are an error."""
        found = {value: row for row in self.rows if (value := self.number(row, name)) is not None}
        if len(found) > 1:
            self.order_fault("rows_disagree", name, values=" / ".join(f"{value:f}" for value in found))
        return next(iter(found), None)

    def order_amount(self, name: str) -> Decimal:
        """Return an order's amount that its rows may repeat, counted as ``order_amounts`` says."""
        if self.config.order_amounts == "sum":
            found = (self.number(row, name) for row in self.rows)
            return abs(sum((value for value in found if value is not None), Decimal(0)))
        return abs(self.order_number(name) or Decimal(0))

    def fault(
        self, code: str, row: Row, name: str, *, severity: Severity = Severity.ERROR, **shown: str | int
    ) -> None:
        """Note what is wrong with one cell."""
        columns = self.table.columns
        place = columns.places.get(name)
        self._note(
            f"orderfile.row.{code}",
            FIELDS[name].path.format(line=self._lines.get(row.number, 0)),
            severity,
            row=row.number,
            heading=columns.heading(name),
            cell=f"{column_letters(place or 0)}{row.number}",
            **shown,
        )

    def order_fault(
        self, code: str, name: str, *, severity: Severity = Severity.ERROR, **shown: str | int
    ) -> None:
        """Note what is wrong with the order as a whole."""
        path = FIELDS[name].path.partition("[")[0] if FIELDS[name].agree is Agree.LINE else FIELDS[name].path
        heading = self.table.columns.heading(name)
        self._note(
            f"orderfile.order.{code}", path, severity, row=self.rows[0].number, heading=heading, **shown
        )

    def _note(self, code: str, path: str, severity: Severity, **shown: str | int) -> None:
        place = f"{self.table.place}, " if self.table.place else ""
        message = TEXTS.text(code, place=place, **shown)
        finding = Finding(code=code, message=message, field=path, severity=severity)
        if finding in self.findings:
            return
        self.errors += finding.blocks
        if len(self.findings) < _MOST_FINDINGS or (finding.blocks and self.errors == 1):
            self.findings.append(finding)


def _plain(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.strftime("%d.%m.%Y %H:%M").removesuffix(" 00:00")
    if isinstance(cell, Decimal):
        return f"{cell.normalize():f}"
    if isinstance(cell, str):
        return cell
    raise Unreadable(cell.code)


def _shown(cell: Cell) -> str:
    try:
        return text.truncate(text.clean(_plain(cell)), _SHOWN, mark="…")
    except Unreadable:
        return ""


def _comparable(cell: Cell) -> str:
    return fold.fold(cell) if isinstance(cell, str) else repr(cell)


def _both(cell: Cell, code: str) -> dict[str, str]:
    """Return how a doubtful number reads in either style."""
    if code != "doubtful_number" or not isinstance(cell, str):
        return {}
    return {str(style): f"{numbers.parse(cell, style):f}" for style in Style}
