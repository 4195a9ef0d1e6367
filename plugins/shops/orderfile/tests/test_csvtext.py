"""CSV text: encodings, separators, quotes that are right and quotes that are not."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru_orderfile import csvtext

TURKISH = "Sipariş No;Alıcı\n1;İĞÜŞÖÇ ığüşöç\n"


def cells(text, delimiter=";"):
    return [list(row.cells) for row in csvtext.rows(text, delimiter)]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "windows-1254", "iso-8859-9", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_are_recognised(encoding, ending):
    content = TURKISH.replace("\n", ending).encode(encoding)
    assert csvtext.decode(content, "auto") == TURKISH


def test_a_given_encoding_is_taken_as_given():
    assert csvtext.decode("ş".encode("windows-1254"), "iso-8859-9") == "ş"
    assert csvtext.decode("ş".encode("windows-1254"), "utf-8") == "\ufffd"


def test_a_few_stray_bytes_do_not_turn_a_utf8_file_into_another():
    content = (TURKISH * 5).encode() + b"2;Ay\xfee\n"
    text = csvtext.decode(content, "auto")
    assert "İĞÜŞÖÇ" in text and text.endswith("Ay\ufffde\n")


def test_excels_separator_line():
    assert csvtext.separator_line("sep=;\nA;B\n") == (";", "A;B\n")
    assert csvtext.separator_line("A;B\n") == ("", "A;B\n")


def test_quoted_cells_may_hold_anything():
    text = 'A;"b;c";"d\ne";"f ""g"" h";""\n1;2;3;4;5\n'
    assert cells(text) == [["A", "b;c", "d\ne", 'f "g" h', ""], ["1", "2", "3", "4", "5"]]


def test_a_quote_inside_a_plain_cell_is_a_quote():
    assert cells('15" ekran;1\n') == [['15" ekran', "1"]]


def test_an_undoubled_quote_inside_a_quoted_cell_is_kept():
    assert cells('"Defter "A5" boy";1\n') == [['Defter "A5" boy', "1"]]


@pytest.mark.parametrize("broken", ['1;"açık', '1;"açık;2', '"1;açık'])
def test_a_quote_that_never_closes_costs_its_own_row_only(broken):
    rows = list(csvtext.rows(f'A;B\n{broken}\n2;"iki"\n3;üç\n', ";"))
    assert [row.flaw for row in rows] == ["", "quotes", "", ""]
    assert [row.number for row in rows] == [1, 2, 3, 4]
    assert rows[2].cells == ("2", "iki")
    assert "1" in rows[1].cells


def test_rows_are_numbered_as_a_spreadsheet_shows_them():
    rows = list(csvtext.rows('A\n"b\nc"\n\nd\n', ";"))
    assert [(row.number, row.cells[0]) for row in rows] == [(1, "A"), (2, "b\nc"), (3, ""), (4, "d")]


CELL = st.text(alphabet='aş1 ,;"\n.|\t', max_size=12).map(str.strip)


@given(
    st.lists(st.lists(CELL, min_size=2, max_size=5), min_size=1, max_size=6),
    st.sampled_from(csvtext.DELIMITERS),
)
def test_what_a_csv_writer_quotes_is_read_back(table, delimiter):
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(table)
    rows = list(csvtext.rows(stream.getvalue(), delimiter))
    assert [[*row.cells] for row in rows] == table
    assert not any(row.flaw for row in rows)


@given(st.text(max_size=300), st.sampled_from(csvtext.DELIMITERS))
def test_any_text_gives_rows_and_ends(text, delimiter):
    text = text.replace("\r", "\n")
    rows = list(csvtext.rows(text, delimiter))
    assert len(rows) <= text.count("\n") + 1
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
