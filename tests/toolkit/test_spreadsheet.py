"""Nothing a stranger writes is computed by a spreadsheet program, and nothing is lost by that."""

import csv
import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.toolkit.spreadsheet import safe, to_csv, unmarked

FORMULAS = [
    '=HYPERLINK("https://evil.example","Fatura")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\u00a0=1+1",
    "\ufeff=1+1",
    "\x00=1+1",
    "＝1+1",
    "'=1+1",
    "''@x",
]
TEXTS = ["", "Ayşe", "'", "Kadıköy'de", "1=2", "a+b", "10 - 20", "e@posta.example", "' tırnak"]

lines = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="".join(map(chr, [*range(32), 127])))
)
hostile = st.builds(lambda start, rest: start + rest, st.sampled_from(["", *FORMULAS, *" '\t=+-@;\""]), lines)


def computed(text):
    """Whether a spreadsheet program computes a text, as the tables of OWASP and the programs' manuals say."""
    return text.lstrip(" \t\r\n\v\f\u00a0\ufeff").startswith(tuple("=+-@＝＋－＠"))


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_becomes_a_text(text):
    assert safe(text).startswith("'")


@pytest.mark.parametrize("text", TEXTS)
def test_other_texts_stay_as_they_are(text):
    assert safe(text) == text


@given(hostile)
def test_no_text_is_computed_and_each_comes_back(text):
    cell = safe(text)
    assert not computed(cell)
    assert unmarked(cell) == "".join(each for each in text if each in "\t\r\n" or each >= " ")


@pytest.mark.parametrize("value", [-5, 0, Decimal("-12.50"), Decimal("1E+3"), date(2026, 3, 2), None])
def test_numbers_and_days_keep_their_type(value):
    assert safe(value) is value


@given(st.lists(st.tuples(hostile, st.decimals(allow_nan=False, allow_infinity=False, places=2)), max_size=6))
def test_a_csv_file_has_the_cells_that_were_put_in(rows):
    content = to_csv(("=Ad", "Tutar"), rows).decode("utf-8-sig")
    header, *read = csv.reader(io.StringIO(content, newline=""), delimiter=";", strict=True)
    assert header == ["'=Ad", "Tutar"]
    assert len(read) == len(rows)
    for (name, amount), (text, number) in zip(rows, read, strict=True):
        assert text == safe(name)
        assert not computed(text)
        assert Decimal(number.replace(",", ".")) == amount


def test_numbers_stand_without_quotes_and_texts_within():
    assert to_csv(("a", "b"), [('x;"y"', Decimal("-1234.50")), (date(2026, 3, 2), None), ("-5", -5)]) == (
        b'\xef\xbb\xbf"a";"b"\r\n"x;""y""";-1234,50\r\n"2026-03-02";\r\n"\'-5";-5\r\n'
    )


@given(st.lists(hostile, min_size=1, max_size=6))
def test_a_workbook_holds_no_formula(texts):
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append([safe(text) for text in texts])
    kept = io.BytesIO()
    book.save(kept)
    (row,) = openpyxl.load_workbook(kept).active.iter_rows()
    assert {cell.data_type for cell in row} <= {"s", "n", "inlineStr"}
    assert not any(computed(str(cell.value or "")) for cell in row)
