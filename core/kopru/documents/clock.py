"""Istanbul time, in which tax law counts days and years.

Turkey keeps UTC+3 all year since September 2016 (cabinet decision 2016/9154), so a fixed offset is exact
for every document an engine of today issues, and needs no time zone database on the machine.
"""

from datetime import date, datetime, timedelta, timezone

ISTANBUL = timezone(timedelta(hours=3), "Europe/Istanbul")


def istanbul(moment: datetime) -> datetime:
    """Return an aware moment as Istanbul local time.

    Raises:
        ValueError: the moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(ISTANBUL)


def istanbul_date(moment: datetime) -> date:
    """Return the Istanbul calendar day of an aware moment."""
    return istanbul(moment).date()
