"""Dates and times as Turkish sources write them. Everything returned is aware; moments are in UTC."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from kopru.hooks.errors import Rejected
from kopru.hooks.types import Window
from kopru.toolkit.fold import fold
from kopru.toolkit.texts import TEXTS

ISTANBUL = ZoneInfo("Europe/Istanbul")
"""Local time of Turkish law: the day of an invoice is the day here."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_MONTH_NAMES = (
    *("ocak", "subat", "mart", "nisan", "mayis", "haziran"),
    *("temmuz", "agustos", "eylul", "ekim", "kasim", "aralik"),
)
_MONTHS = {
    spelling: number for number, name in enumerate(_MONTH_NAMES, start=1) for spelling in (name, name[:3])
}
_CLOCK = r"(?:[T\s,-]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?)?"
_ZONE = r"(?P<zone>\s*(?:Z|[+-]\d{2}:?\d{2}))?"
_DAY_FIRST = re.compile(rf"^(?P<day>\d{{1,2}})[./-](?P<month>\d{{1,2}})[./-](?P<year>\d{{4}}){_CLOCK}$")
_YEAR_FIRST = re.compile(
    rf"^(?P<year>\d{{4}})[./-](?P<month>\d{{1,2}})[./-](?P<day>\d{{1,2}}){_CLOCK}{_ZONE}$", re.IGNORECASE
)
_NAMED = re.compile(
    rf"^(?P<day>\d{{1,2}})[\s.-]+(?P<name>[a-z]+)[\s.-]+(?P<year>\d{{4}}){_CLOCK}$", re.IGNORECASE
)
_EXCEL_START = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet cell has no zone until it is given one
_EXCEL_1904_START = datetime(1904, 1, 1)  # noqa: DTZ001
_EXCEL_LAST = 2_958_465
_MAX_LENGTH = 60
_HALF_MILLISECOND = timedelta(microseconds=500)


def parse(text: str, *, zone: ZoneInfo = ISTANBUL) -> datetime:
    """Return the moment a text means, in UTC.

    Reads ``31.12.2026``, ``31/12/2026 14:05``, ``31-12-2026 14:05:30``, ``31 Aralık 2026 14:05``, and ISO
    8601 with or without offset. The day always stands before the month unless the year comes first. Without
    an offset the clock is that of ``zone``; without a clock it is midnight.

    Raises:
        Rejected: ``date.unreadable``.
    """
    day, clock, offset = _parts(text)
    try:
        return datetime.combine(day, clock, offset or zone).astimezone(UTC)
    except OverflowError as error:
        raise _unreadable(text) from error


def parse_date(text: str) -> date:
    """Return the calendar day a text names; a clock is allowed and ignored.

    Raises:
        Rejected: ``date.unreadable``.
    """
    return _parts(text)[0]


def from_excel(
    serial: int | float | Decimal, *, zone: ZoneInfo = ISTANBUL, from_1904: bool = False
) -> datetime:
    """Return the moment of a spreadsheet date serial, in UTC, to the millisecond.

    Serials below 61 of the 1900 system are refused: there the format counts a 29 February 1900 that never
    was. ``from_1904`` is the system of workbooks made on old Macs.

    Raises:
        Rejected: ``date.unreadable``.
    """
    days = float(serial)
    if not (0 if from_1904 else 61) <= days < _EXCEL_LAST + 1:
        raise _unreadable(str(serial))
    start = _EXCEL_1904_START if from_1904 else _EXCEL_START
    moment = start + timedelta(days=days) + _HALF_MILLISECOND
    exact = moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=zone)
    return exact.astimezone(UTC)


def epoch_ms(moment: datetime) -> int:
    """Return the milliseconds since 1970 of an aware moment, rounded down.

    Raises:
        ValueError: the moment is naive.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment must be aware")
    return (moment - EPOCH) // timedelta(milliseconds=1)


def from_epoch_ms(milliseconds: int | Decimal) -> datetime:
    """Return the moment so many milliseconds after 1970, in UTC.

    Raises:
        Rejected: ``date.unreadable`` when it is no time of the calendar.
    """
    try:
        return EPOCH + timedelta(milliseconds=int(milliseconds))
    except (OverflowError, ValueError) as error:
        raise _unreadable(str(milliseconds)) from error


def from_local_epoch_ms(milliseconds: int | Decimal, *, zone: ZoneInfo = ISTANBUL) -> datetime:
    """Return the moment of a source that writes its local clock as if it were UTC.

    Raises:
        Rejected: ``date.unreadable`` when it is no time of the calendar.
    """
    return from_epoch_ms(milliseconds).replace(tzinfo=zone).astimezone(UTC)


def local_epoch_ms(moment: datetime, *, zone: ZoneInfo = ISTANBUL) -> int:
    """Return a moment the way such a source wants it; the opposite of ``from_local_epoch_ms``."""
    return epoch_ms(moment.astimezone(zone).replace(tzinfo=UTC))


def local_date(moment: datetime, *, zone: ZoneInfo = ISTANBUL) -> date:
    """Return the calendar day of an aware moment in a zone."""
    return moment.astimezone(zone).date()


def local_time(moment: datetime, *, zone: ZoneInfo = ISTANBUL) -> time:
    """Return the clock of an aware moment in a zone, to the second."""
    return moment.astimezone(zone).time().replace(microsecond=0)


def day_window(day: date, *, zone: ZoneInfo = ISTANBUL) -> Window:
    """Return the window of one calendar day in a zone, midnight to midnight."""
    start = datetime.combine(day, time(), zone)
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    return Window(start.astimezone(UTC), end.astimezone(UTC))


def _parts(text: str) -> tuple[date, time, tzinfo | None]:
    bare = " ".join(text.split()) if len(text) <= _MAX_LENGTH else ""
    match = _DAY_FIRST.match(bare) or _YEAR_FIRST.match(bare) or _NAMED.match(fold(bare))
    if not match:
        raise _unreadable(text)
    parts = match.groupdict()
    month = _MONTHS.get(parts["name"], 0) if "name" in parts else int(parts["month"])
    try:
        day = date(int(parts["year"]), month, int(parts["day"]))
        hour, minute, second = (int(parts[name] or 0) for name in ("hour", "minute", "second"))
        clock = time(hour, minute, second, int((parts["fraction"] or "0").ljust(6, "0")[:6]))
        return day, clock, _offset(parts.get("zone"))
    except ValueError as error:
        raise _unreadable(text) from error


def _offset(text: str | None) -> tzinfo | None:
    return datetime.strptime(text.strip().upper(), "%z").tzinfo if text else None


def _unreadable(text: str) -> Rejected:
    return Rejected("date.unreadable", TEXTS.text("date.unreadable", value=text[:_MAX_LENGTH]))
