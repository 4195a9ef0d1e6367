"""Turkish dates become moments in UTC; days are Istanbul days."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.hooks.errors import Rejected
from kopru.toolkit import dates

NEW_YEAR = datetime(2026, 12, 31, 11, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "31.12.2026 14:05",
        "31/12/2026 14:05:00",
        "31-12-2026 14:05",
        " 31.12.2026   14:05 ",
        "31.12.2026, 14:05",
        "31 Aralık 2026 14:05",
        "31 ARALIK 2026 14:05",
        "31 Ara 2026 14:05",
        "2026-12-31 14:05",
        "2026-12-31T14:05:00",
        "2026-12-31T11:05:00Z",
        "2026-12-31t11:05:00z",
        "2026-12-31T14:05:00+03:00",
        "2026-12-31T06:05:00-0500",
        "2026-12-31T11:05:00.000Z",
    ],
)
def test_one_moment_in_many_spellings(text: str) -> None:
    moment = dates.parse(text)
    assert moment == NEW_YEAR
    assert moment.tzinfo is UTC


def test_fractions_are_kept_to_the_microsecond() -> None:
    assert dates.parse("2026-12-31T11:05:00.1234567Z") == NEW_YEAR + timedelta(microseconds=123456)
    assert dates.parse("2026-12-31T11:05:00.5Z") == NEW_YEAR + timedelta(milliseconds=500)


@pytest.mark.parametrize(
    "text",
    [
        "", "31.02.2026", "31.13.2026", "12/31/2026", "31.12.26", "31.12.2026 25:00", "31.12.2026 14:60", "20261231",
        "bugün", "31 Foo 2026", "31.12.2026 14", "0001-01-01T00:00:00+14:00", "2026-12-31" + " " * 90,
        "31.12.2026 14:05\x00", "9999-12-31T23:59:59-12:00",
    ],
)  # fmt: skip
def test_unreadable(text: str) -> None:
    with pytest.raises(Rejected) as caught:
        dates.parse(text)
    assert caught.value.code == "date.unreadable"


def test_turkey_had_summer_time_until_2016() -> None:
    assert dates.parse("15.01.2015 12:00") == datetime(2015, 1, 15, 10, tzinfo=UTC)
    assert dates.parse("15.07.2015 12:00") == datetime(2015, 7, 15, 9, tzinfo=UTC)
    assert dates.parse("15.01.2026 12:00") == datetime(2026, 1, 15, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["31.12.2026", "2026-12-31", "31.12.2026 00:30", "2026-12-31T23:30:00Z", "31 Aralık 2026"]
)
def test_a_date_is_the_day_written(text: str) -> None:
    assert dates.parse_date(text) == date(2026, 12, 31)


def test_every_month_has_a_name() -> None:
    names = [
        "Ocak",
        "Şubat",
        "Mart",
        "Nisan",
        "Mayıs",
        "Haziran",
        "Temmuz",
        "Ağustos",
        "Eylül",
        "Ekim",
        "Kasım",
        "Aralık",
    ]
    assert [dates.parse_date(f"1 {name} 2026").month for name in names] == list(range(1, 13))
    assert [dates.parse_date(f"1 {name[:3]} 2026").month for name in names] == list(range(1, 13))


@pytest.mark.parametrize(
    ("serial", "moment"),
    [
        (46387, datetime(2026, 12, 30, 21, tzinfo=UTC)),
        (46387.5, datetime(2026, 12, 31, 9, tzinfo=UTC)),
        (Decimal("46387.586805555555"), NEW_YEAR),
        (61, datetime(1900, 2, 28, 22, 4, tzinfo=UTC)),
    ],
)
def test_excel_serials(serial: float, moment: datetime) -> None:
    assert abs(dates.from_excel(serial) - moment) < timedelta(seconds=1 if serial != 61 else 3600)


def test_excel_of_old_macs_starts_in_1904() -> None:
    assert dates.from_excel(46387 - 1462, from_1904=True) == dates.from_excel(46387)
    assert dates.local_date(dates.from_excel(0, from_1904=True)) == date(1904, 1, 1)


@pytest.mark.parametrize("serial", [-1, 0, 60, 2_958_466, float("nan"), float("inf")])
def test_serials_outside_the_calendar(serial: float) -> None:
    with pytest.raises(Rejected):
        dates.from_excel(serial)


@given(st.integers(-(10**13), 10**14))
def test_epoch_milliseconds_round_trip(milliseconds: int) -> None:
    assert dates.epoch_ms(dates.from_epoch_ms(milliseconds)) == milliseconds


def test_local_clock_written_as_utc() -> None:
    """14:05 in Istanbul sent as if 14:05 were UTC."""
    sent = dates.epoch_ms(datetime(2026, 12, 31, 14, 5, tzinfo=UTC))
    assert dates.from_local_epoch_ms(sent) == NEW_YEAR
    assert dates.local_epoch_ms(NEW_YEAR) == sent


@pytest.mark.parametrize("milliseconds", [10**18, -(10**18), Decimal("1e30")])
def test_epoch_outside_the_calendar(milliseconds: int) -> None:
    with pytest.raises(Rejected):
        dates.from_epoch_ms(milliseconds)


def test_naive_moments_are_refused() -> None:
    with pytest.raises(ValueError):
        dates.epoch_ms(datetime(2026, 1, 1))  # noqa: DTZ001


def test_days_are_istanbul_days() -> None:
    late = datetime(2026, 12, 31, 21, 30, tzinfo=UTC)
    assert dates.local_date(late) == date(2027, 1, 1)
    assert dates.local_time(late) == time(0, 30)
    window = dates.day_window(date(2027, 1, 1))
    assert window.since == datetime(2026, 12, 31, 21, tzinfo=UTC)
    assert window.until - window.since == timedelta(days=1)
    assert window.since <= late < window.until
