"""Tables that people upload: CSV in any dress, and the first sheet of a workbook."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from kopru.hooks.errors import Rejected
from kopru.toolkit import spreadsheet, tables


def workbook(*rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    other = book.create_sheet("Diğer")
    other.append(["not this one"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1254", "utf-16"])
def test_csv_in_any_dress(delimiter, encoding):
    text = delimiter.join(["Açıklama", "Kod"]) + "\n\n" + delimiter.join([" Çığ ", "Ş-1"]) + "\n"
    assert tables.read(text.encode(encoding)) == [(1, ("Açıklama", "Kod")), (3, ("Çığ", "Ş-1"))]


def test_a_workbook_gives_texts_and_numbers_of_its_first_sheet():
    content = workbook(
        ["Ürün", "Fiyat", None, "Adet"], [], ["Çay", 12.5, None, 3], ["Su", 0.1 + 0.2, "x", 1e6]
    )
    assert tables.read(content) == [
        (1, ("Ürün", "Fiyat", "", "Adet")),
        (3, ("Çay", "12.5", "", "3")),
        (4, ("Su", "0.3", "x", "1000000")),
    ]


def test_columns_are_found_by_any_of_their_headings_once():
    row = tables.Row(1, ("STOK KODU", "Ürün  Adı", "Kod"))
    names = {"code": ("kod", "stok kodu"), "name": ("ürün adı",), "other": ("kod",)}
    assert tables.columns(row, names) == {"code": 2, "name": 1}


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"PK\x03\x04" + b"x" * 100])
def test_a_damaged_workbook_is_refused(content):
    with pytest.raises(Rejected):
        tables.read(content)


def test_an_archive_without_a_sheet_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(Rejected) as refused:
        tables.read(out.getvalue())
    assert refused.value.code == "table.unreadable"


def test_a_doctype_in_a_sheet_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", '<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>')
    with pytest.raises(Rejected) as refused:
        tables.read(out.getvalue())
    assert refused.value.code == "xml.doctype"


def test_a_cell_beyond_all_measure_costs_its_own_row_alone():
    rows = tables.read(b"a;b\n" + b"x" * 300_000 + b";1\nc;d\n")
    assert [row.cells for row in rows] == [("a", "b"), None, ("c", "d")]


def test_a_table_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(tables, "MOST_ROWS", 2)
    with pytest.raises(Rejected) as refused:
        tables.read(b"a\nb\nc\n")
    assert refused.value.code == "table.too_large"


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])), min_size=1, max_size=4)
)
def test_what_we_write_is_read_back(texts):
    content = spreadsheet.to_csv(["h"] * len(texts), [texts])
    read = tables.read(content)[1:]
    assert [list(row.cells or ()) for row in read] == (
        [[each.strip() for each in texts]] if "".join(texts).strip() else []
    )


@given(st.binary(max_size=200))
def test_any_bytes_are_rows_or_refused(content):
    try:
        rows = tables.read(content)
    except Rejected as refusal:
        assert refusal.code
        return
    assert all(cell is None or isinstance(cell, str) for row in rows for cell in row.cells or ())
