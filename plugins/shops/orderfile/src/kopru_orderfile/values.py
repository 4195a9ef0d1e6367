"""One cell as a number, a moment or an identifier. What can be read in two ways is refused, not guessed."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from kopru.sdk import Rejected
from kopru.toolkit import dates, numbers
from kopru.toolkit.numbers import Style
from kopru_orderfile.cells import Cell, Flaw

DAY_FIRST = "day_first"
MONTH_FIRST = "month_first"

_PLAIN = re.compile(r"\d{1,15}")
_ONE_POINT = re.compile(r"\d{1,15}([.,])(?:\d{1,2}|\d{4,8})")
_ZERO_LED = re.compile(r"[-+]?0[.,]\d{3}")
_SLASHED = re.compile(r"(?P<one>\d{1,2})/(?P<two>\d{1,2})/(?P<rest>\d{4}\b.*)", re.DOTALL)
_HALF_DAY = re.compile(
    r"(?P<hour>\d{1,2}):(?P<rest>\d{2}(?::\d{2})?)\s*(?P<half>[AP])\.?M\.?$", re.IGNORECASE
)
_COMPACT = re.compile(r"(?P<year>20\d{2})(?P<month>\d{2})(?P<day>\d{2})")
_SERIAL = re.compile(r"\d{5}(?:[.,]\d{1,12})?")
_SERIALS = (Decimal(36_526), Decimal(73_051))
"""Spreadsheet dates from 2000 to 2099; numbers outside are no order dates."""
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E\+?\d{1,3}", re.IGNORECASE)
_EXACT = Decimal(10) ** 15


class Unreadable(ValueError):
    """A cell that cannot be read as what its column holds; ``code`` is the last part of a finding code."""

    def __init__(self, code: str) -> None:
        """Take the code."""
        self.code = code
        super().__init__(code)


def number(cell: Cell, style: str = "", *, only: bool = False) -> Decimal:
    """Return a cell as a number below ten to the fifteenth.

    Args:
        cell: a number, or a text that is not blank.
        style: what the column proves: ``turkish``, ``international`` or nothing.
        only: whether a text must be written in that style; else a text that has one reading only is read so.

    Raises:
        Unreadable: ``bad_number``, ``doubtful_number``, ``number_is_date`` or a flaw's code.
    """
    value = _number(cell, style, only=only)
    if abs(value) >= _EXACT:
        raise Unreadable("bad_number")
    return value


def _number(cell: Cell, style: str, *, only: bool) -> Decimal:
    if isinstance(cell, Decimal):
        return cell
    if isinstance(cell, datetime):
        raise Unreadable("number_is_date")
    if isinstance(cell, Flaw):
        raise Unreadable(cell.code)
    if _PLAIN.fullmatch(cell):
        return Decimal(cell)
    if only:
        value = _parsed(cell, Style(style))
        if value is None:
            raise Unreadable("bad_number")
        return value
    if _ONE_POINT.fullmatch(cell):
        return Decimal(cell.replace(",", "."))
    turkish, international = _parsed(cell, Style.TURKISH), _parsed(cell, Style.INTERNATIONAL)
    if turkish is None or international is None or turkish == international:
        value = international if turkish is None else turkish
        if value is None:
            raise Unreadable("bad_number")
        return value
    if _ZERO_LED.fullmatch(cell):
        return min(turkish, international, key=abs)
    if not style:
        raise Unreadable("doubtful_number")
    return turkish if style == Style.TURKISH else international


def proved_style(cell: Cell) -> str:
    """Return the only style a text can be read in, or nothing."""
    if not isinstance(cell, str) or not cell or _PLAIN.fullmatch(cell):
        return ""
    if match := _ONE_POINT.fullmatch(cell):
        return str(Style.TURKISH if match[1] == "," else Style.INTERNATIONAL)
    if _ZERO_LED.fullmatch(cell):
        return str(Style.TURKISH if "," in cell else Style.INTERNATIONAL)
    readable = [style for style in Style if _parsed(cell, style) is not None]
    return str(readable[0]) if len(readable) == 1 else ""


def moment(cell: Cell, order: str, zone: ZoneInfo) -> datetime:
    """Return a cell as a moment in UTC.

    Args:
        cell: a spreadsheet date or serial, or a text.
        order: what the column proves about ``03/05/2026``: ``day_first``, ``month_first`` or nothing.
        zone: zone of clocks without an offset.

    Raises:
        Unreadable: ``bad_date``, ``doubtful_date`` or a flaw's code.
    """
    if isinstance(cell, Flaw):
        raise Unreadable(cell.code)
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=zone).astimezone(UTC)
    try:
        if isinstance(cell, Decimal):
            return _serial(cell, zone)
        if _SERIAL.fullmatch(cell):
            return _serial(Decimal(cell.replace(",", ".")), zone)
        return dates.parse(_day_first(_full_day(cell), order), zone=zone)
    except Rejected as error:
        raise Unreadable("bad_date") from error


def proved_order(cell: Cell) -> str:
    """Return the only order of day and month a text can have, or nothing."""
    match = _SLASHED.fullmatch(cell) if isinstance(cell, str) else None
    if not match:
        return ""
    if int(match["one"]) > 12:
        return DAY_FIRST
    if int(match["two"]) > 12 or _HALF_DAY.search(match["rest"]):
        return MONTH_FIRST
    return ""


def identifier(cell: Cell) -> str:
    """Return a cell as an identifier.

    Raises:
        Unreadable: ``mangled`` when a spreadsheet has rounded it or written it as ``8,69E+12``; ``bad_code``
            when it is a date; a flaw's code.
    """
    if isinstance(cell, Flaw):
        raise Unreadable(cell.code)
    if isinstance(cell, datetime):
        raise Unreadable("bad_code")
    if isinstance(cell, Decimal):
        if abs(cell) >= _EXACT:
            raise Unreadable("mangled")
        return f"{cell.normalize():f}"
    if _SCIENTIFIC.fullmatch(cell):
        raise Unreadable("mangled")
    return cell


def _parsed(text: str, style: Style) -> Decimal | None:
    try:
        return numbers.parse(text, style)
    except Rejected:
        return None


def _serial(value: Decimal, zone: ZoneInfo) -> datetime:
    if not _SERIALS[0] <= value < _SERIALS[1]:
        raise Unreadable("bad_date")
    return dates.from_excel(value, zone=zone)


def _full_day(text: str) -> str:
    bare = " ".join(text.split())
    if match := _COMPACT.fullmatch(bare):
        return f"{match['year']}-{match['month']}-{match['day']}"
    if match := _HALF_DAY.search(bare):
        hour = int(match["hour"]) % 12 + (12 if match["half"].upper() == "P" else 0)
        return f"{bare[: match.start()]}{hour:02d}:{match['rest']}"
    return bare


def _day_first(text: str, order: str) -> str:
    match = _SLASHED.fullmatch(text)
    if not match:
        return text
    one, two = int(match["one"]), int(match["two"])
    own = proved_order(text) or (DAY_FIRST if one == two else order)
    if not own:
        raise Unreadable("doubtful_date")
    day, month = (one, two) if own == DAY_FIRST else (two, one)
    return f"{day}/{month}/{match['rest']}"
