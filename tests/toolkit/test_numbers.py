"""Numbers are read exactly or refused, never guessed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.hooks.errors import Rejected
from kopru.toolkit import numbers
from kopru.toolkit.numbers import Style

AMOUNTS = st.decimals(min_value=-(10**12), max_value=10**12, places=2, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,56", "1234.56"),
        ("1234,56", "1234.56"),
        ("₺ 1.234,56", "1234.56"),
        ("1.234,56 TL", "1234.56"),
        ("1.234,56 ₺", "1234.56"),
        ("TRY 12", "12"),
        ("-1.234,56", "-1234.56"),
        ("−12,5", "-12.5"),
        ("12,5-", "-12.5"),
        ("(12,50)", "-12.50"),
        ("-₺5", "-5"),
        ("₺-5", "-5"),
        ("+7", "7"),
        ("1.234.567", "1234567"),
        ("1 234 567,8", "1234567.8"),
        ("1\u00a0234,5", "1234.5"),
        ("1'234,5", "1234.5"),
        ("%18", "18"),
        ("18 %", "18"),
        (",5", "0.5"),
        ("12,", "12"),
        (" 0 ", "0"),
        ("0,10", "0.10"),
    ],
)
def test_turkish(text: str, value: str) -> None:
    number = numbers.parse(text, Style.TURKISH)
    assert number == Decimal(value)
    assert str(number) == str(Decimal(value))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.56", "1234.56"),
        ("$1,234.56", "1234.56"),
        ("1234.5", "1234.5"),
        ("1,234,567", "1234567"),
        (".5", "0.5"),
    ],
)
def test_international(text: str, value: str) -> None:
    assert numbers.parse(text, Style.INTERNATIONAL) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "abc", "1.23,4", "12.34.567", "1,2,3", "1..234", "1.234,56,7", "12 TL 5", "1e5", "NaN", "Infinity",
        "--5", "-5-", "(-5)", "5 kg", "1\x00", "½", "١٫٥", "9" * 100, "1.2345", "-", ",", "1 23", "=1+1",
    ],
)  # fmt: skip
def test_unreadable(text: str) -> None:
    with pytest.raises(Rejected) as caught:
        numbers.parse(text, Style.TURKISH)
    assert caught.value.code == "number.unreadable"


@given(AMOUNTS, st.sampled_from(Style))
def test_what_is_written_reads_back(value: Decimal, style: Style) -> None:
    assert numbers.parse(numbers.write(value, style), style) == value


def test_writing() -> None:
    assert numbers.write(Decimal("1234567.5")) == "1.234.567,50"
    assert numbers.write(Decimal("-0.5"), Style.INTERNATIONAL) == "-0.50"
    assert numbers.write(Decimal("1.23456"), decimals=None) == "1,23456"
    with pytest.raises(ValueError):
        numbers.write(Decimal("1.234"))


@pytest.mark.parametrize(
    ("column", "style"),
    [
        (["1.234", "12,5"], Style.TURKISH),
        (["1,234", "12.5"], Style.INTERNATIONAL),
        (["1.234,56"], Style.TURKISH),
        (["1,234.56"], Style.INTERNATIONAL),
        (["1.234.567"], Style.TURKISH),
        (["0,99", "", "  "], Style.TURKISH),
        (["0.99", "5"], Style.INTERNATIONAL),
        (["5", "17"], Style.TURKISH),
        ([], Style.TURKISH),
    ],
)
def test_detection_by_proof(column: list[str], style: Style) -> None:
    assert numbers.detect(column) is style


@pytest.mark.parametrize("column", [["1.234"], ["5", "1,234"], ["1,5", "1.5"], ["1.234,5", "1,234.5"]])
def test_a_column_that_proves_nothing_or_both_is_refused(column: list[str]) -> None:
    with pytest.raises(Rejected) as caught:
        numbers.detect(column)
    assert caught.value.code == "number.ambiguous"
    assert column[-1] in caught.value.message.tr


def test_detection_names_what_is_no_number() -> None:
    with pytest.raises(Rejected) as caught:
        numbers.detect(["1,5", "yok"])
    assert (caught.value.code, "yok" in caught.value.message.en) == ("number.unreadable", True)


@given(st.lists(AMOUNTS, min_size=1), st.sampled_from(Style))
def test_detection_never_misreads(values: list[Decimal], style: Style) -> None:
    """Whatever style a column was written in, it is read back exactly or refused."""
    column = [numbers.write(value, style) for value in values]
    found = numbers.detect(column)
    assert [numbers.parse(text, found) for text in column] == values


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (5, "5"),
        (19.9, "19.9"),
        (0.1 + 0.2, "0.3"),
        (1e15, "1e15"),
        (Decimal("1.50"), "1.50"),
        ("1.234,5", "1234.5"),
    ],
)
def test_cells(cell: object, value: str) -> None:
    assert numbers.from_cell(cell, Style.TURKISH) == Decimal(value)


@pytest.mark.parametrize("cell", [None, True, float("nan"), float("inf"), Decimal("NaN"), "", [1]])
def test_cells_without_a_number(cell: object) -> None:
    with pytest.raises(Rejected):
        numbers.from_cell(cell, Style.TURKISH)


@pytest.mark.parametrize(
    ("text", "code"),
    [("₺ 5", "TRY"), ("5 TL", "TRY"), ("5 eur", "EUR"), ("$5", "USD"), ("5", ""), ("5 kg", ""), ("", "")],
)
def test_currency(text: str, code: str) -> None:
    assert numbers.currency(text) == code
