"""Numbers, dates and identifiers in a cell, and what is refused instead of guessed."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from kopru_orderfile.cells import Flaw, checked
from kopru_orderfile.values import Unreadable, identifier, moment, number, proved_order, proved_style

ISTANBUL = ZoneInfo("Europe/Istanbul")
D = Decimal


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,56", "1234.56"), ("1,234.56", "1234.56"), ("1234", "1234"), ("12,5", "12.5"), ("12.5", "12.5"),
        ("1.234.567", "1234567"), ("1,234,567", "1234567"), ("49,90 TL", "49.90"), ("₺49,90", "49.90"),
        ("%20", "20"), ("-5,00", "-5.00"), ("0,500", "0.5"), ("0.500", "0.5"), ("1 234,50", "1234.50"),
        ("123456789012,12", "123456789012.12"), ("5", "5"), ("0", "0"), ("1,2345", "1.2345"),
    ],
)  # fmt: skip
def test_a_number_with_one_reading_needs_no_column(text, value):
    assert number(text) == D(value)


@pytest.mark.parametrize("text", ["1.234", "1,234", "123.456", "-1.234", "1.234 TL"])
def test_a_number_with_two_readings_is_read_by_what_the_column_proves(text):
    with pytest.raises(Unreadable, match="doubtful_number"):
        number(text)
    readings = {number(text, "turkish"), number(text, "international")}
    assert len(readings) == 2


def test_a_fixed_style_refuses_the_other():
    assert number("12,50", "turkish", only=True) == D("12.50")
    with pytest.raises(Unreadable, match="bad_number"):
        number("12.50", "turkish", only=True)
    with pytest.raises(Unreadable, match="bad_number"):
        number("12,50", "international", only=True)


@pytest.mark.parametrize(
    "text", ["abc", "12,5,0", "1.23.4", "--5", "1e5", "12 adet", "9" * 100, "9" * 16, D("1e20"), "1.2.3,4.5"]
)
def test_what_is_no_number_is_refused(text):
    with pytest.raises(Unreadable, match="bad_number"):
        number(text)


def test_cells_that_are_no_text():
    assert number(D("12.5")) == D("12.5")
    with pytest.raises(Unreadable, match="number_is_date"):
        number(datetime.fromisoformat("2026-05-01"))
    with pytest.raises(Unreadable, match="formula"):
        number(Flaw("formula"))


@pytest.mark.parametrize(
    ("text", "style"),
    [("12,50", "turkish"), ("12.50", "international"), ("1.234", ""), ("1234", ""), ("1.234,5", "turkish"),
     ("0.500", "international"), ("abc", ""), ("1.234.567", "turkish"), ("", "")],
)  # fmt: skip
def test_what_a_number_proves(text, style):
    assert proved_style(text) == style


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("02.03.2026", (2026, 3, 1, 21, 0)), ("02.03.2026 09:30", (2026, 3, 2, 6, 30)),
        ("2-3-2026 09:30:15", (2026, 3, 2, 6, 30, 15)), ("13/03/2026", (2026, 3, 12, 21, 0)),
        ("03/13/2026", (2026, 3, 12, 21, 0)), ("3/13/2026 2:05 PM", (2026, 3, 13, 11, 5)),
        ("12/31/2026 12:05 AM", (2026, 12, 30, 21, 5)), ("05/05/2026", (2026, 5, 4, 21, 0)),
        ("2026-03-02T09:30:00+03:00", (2026, 3, 2, 6, 30)), ("2026-03-02 09:30:00 +0000", (2026, 3, 2, 9, 30)),
        ("2 Mart 2026 09:30", (2026, 3, 2, 6, 30)), ("20260302", (2026, 3, 1, 21, 0)), ("46083", (2026, 3, 1, 21, 0)),
        ("46083,5", (2026, 3, 2, 9, 0)),
    ],
)  # fmt: skip
def test_dates_as_they_come(text, value):
    assert moment(text, "", ISTANBUL) == datetime(*value, tzinfo=UTC)


def test_a_spreadsheet_date_is_local_time():
    assert moment(datetime.fromisoformat("2026-03-02 09:30"), "", ISTANBUL) == datetime(
        2026, 3, 2, 6, 30, tzinfo=UTC
    )
    assert moment(D("46083.25"), "", ISTANBUL) == datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


def test_a_date_with_two_readings_is_read_by_what_the_column_proves():
    with pytest.raises(Unreadable, match="doubtful_date"):
        moment("03/05/2026", "", ISTANBUL)
    assert moment("03/05/2026", "day_first", ISTANBUL).astimezone(ISTANBUL).month == 5
    assert moment("03/05/2026", "month_first", ISTANBUL).astimezone(ISTANBUL).month == 3


@pytest.mark.parametrize(
    "cell", ["dün", "32.01.2026", "29.02.2026", "99999", "12", D(12), D("1e9"), "31/31/2026"]
)
def test_what_is_no_date_is_refused(cell):
    with pytest.raises(Unreadable, match="bad_date"):
        moment(cell, "day_first", ISTANBUL)


@pytest.mark.parametrize(
    ("text", "order"),
    [("13/03/2026", "day_first"), ("03/13/2026", "month_first"), ("03/05/2026", ""), ("03/05/2026 2:05 PM", "month_first"),
     ("13.03.2026", "")],
)  # fmt: skip
def test_what_a_date_proves(text, order):
    assert proved_order(text) == order


@pytest.mark.parametrize(
    ("cell", "value"),
    [("0012", "0012"), (D("8699000000015"), "8699000000015"), (D("12.50"), "12.5"), (D(100), "100"), ("A-1", "A-1"),
     ("1E5X", "1E5X")],
)  # fmt: skip
def test_identifiers(cell, value):
    assert identifier(cell) == value


@pytest.mark.parametrize("cell", ["8,69903E+12", "1E+10", "1,2e15", D("7330000000000123")])
def test_identifiers_that_a_spreadsheet_shortened(cell):
    with pytest.raises(Unreadable, match="mangled"):
        identifier(cell)


@pytest.mark.parametrize(
    ("text", "cell"),
    [('="0012"', "0012"), ("'0012", "0012"), ("\ufeffA", "A"), (" A ", "A"), ("'tis", "'tis"), ("a\x00b", Flaw("nul")),
     ("\ufffd", Flaw("undecodable")), ("x" * 40_000, Flaw("too_long"))],
)  # fmt: skip
def test_file_artefacts_are_taken_off_a_cell(text, cell):
    assert checked(text) == cell
