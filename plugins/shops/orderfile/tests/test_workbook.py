"""XLSX: typed cells, sheets, merged cells, formulas."""

import io
from datetime import UTC, date, datetime, time
from decimal import Decimal

import openpyxl
import pytest

from kopru.model import LineKind

D = Decimal
AT = datetime.fromisoformat("2026-03-02 09:30")
HEADINGS = ["Sipariş No", "Sipariş Tarihi", "Alıcı", "Ürün Adı", "Stok Kodu", "Adet", "Birim Fiyat"]


def line(number="S-1", at=AT, code="STK-1", quantity=1, price=120.0):
    return [number, at, "Ayşe Örnekoğlu", "Kupa", code, quantity, price]


def one(records):
    (record,) = records.values()
    assert record.findings == (), record.findings
    return record.value


def saved(book):
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def book_of(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    return book


def test_typed_cells(parse, xlsx_of):
    made = one(parse(xlsx_of([HEADINGS, line(number=1001, quantity=3, price=33.35)])))
    assert made.number == "1001"
    assert made.placed_at == datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
    assert (made.lines[0].quantity, made.lines[0].amount) == (D(3), D("100.05"))


def test_a_float_is_the_number_a_person_typed(parse, xlsx_of):
    made = one(parse(xlsx_of([HEADINGS, line(price=0.1 + 0.2, quantity=10)])))
    assert made.lines[0].amount == D("3.00")


def test_texts_dates_and_serials_in_one_column(parse, xlsx_of):
    rows = [HEADINGS, line("A", "02.03.2026"), line("B", date(2026, 3, 2)), line("C", 46083)]
    records = parse(xlsx_of(rows))
    assert {record.value.placed_at for record in records.values()} == {
        datetime(2026, 3, 1, 21, 0, tzinfo=UTC)
    }


def test_a_time_cell_completes_the_date(parse, xlsx_of):
    rows = [[*HEADINGS, "Sipariş Saati"], [*line(at="02.03.2026"), time(14, 5)]]
    assert one(parse(xlsx_of(rows))).placed_at == datetime(2026, 3, 2, 11, 5, tzinfo=UTC)


def test_a_percent_cell_is_a_percentage(parse):
    book = book_of([*HEADINGS, "KDV Oranı"], [*line(), 0.2])
    book.active["H2"].number_format = "0%"
    assert one(parse(saved(book))).lines[0].vat_rate == D(20)


def test_a_number_that_excel_took_for_a_date_is_refused(parse, xlsx_of):
    (record,) = parse(xlsx_of([HEADINGS, line(price=datetime.fromisoformat("2026-05-01"))])).values()
    assert [finding.code for finding in record.findings] == ["orderfile.row.number_is_date"]


def test_a_long_number_that_excel_rounded_is_refused(parse, xlsx_of):
    (record,) = parse(xlsx_of([HEADINGS, line(code=8699000000001512345)])).values()
    assert [finding.code for finding in record.findings] == ["orderfile.row.mangled"]


def test_title_rows_and_merged_group_headings_above_the_headings_are_skipped(parse):
    book = book_of(["Sipariş Raporu"], [], ["SİPARİŞ", None, "ALICI", "ÜRÜN"], HEADINGS, line())
    book.active.merge_cells("A1:G1")
    book.active.merge_cells("A3:B3")
    book.active.merge_cells("D3:G3")
    assert one(parse(saved(book))).number == "S-1"


def test_cells_merged_downwards_count_for_every_row(parse):
    book = book_of(HEADINGS, line(), line(None, None, "STK-2"), line("S-2"))
    for column in "ABC":
        book.active.merge_cells(f"{column}2:{column}3")
    records = parse(saved(book))
    assert {key: len(record.value.lines) for key, record in records.items()} == {"S-1": 2, "S-2": 1}


def test_blank_numbers_without_merging_are_strays_unless_filled_down(parse, xlsx_of):
    content = xlsx_of([HEADINGS, line(), line(None, None, "STK-2")])
    records = parse(content)
    assert [record.value is not None for record in records.values()] == [True, False]
    assert [finding.code for finding in records["#row 3"].findings] == ["orderfile.row.no_number"]
    assert len(one(parse(content, fill_down=True)).lines) == 2


def test_a_formula_gives_its_stored_result(parse):
    content = saved(book_of(HEADINGS, line(price="=100+20")))
    # openpyxl stores no results; Excel does.
    with_result = _with_result(content, "<f>100+20</f><v></v>", "<f>100+20</f><v>120</v>")
    assert one(parse(with_result)).total == D("120.00")


def test_a_formula_without_result_holds_its_order_only(parse, xlsx_of):
    records = parse(xlsx_of([HEADINGS, line(price="=1+1"), line("S-2")]))
    assert [finding.code for finding in records["S-1"].findings] == ["orderfile.row.formula"]
    assert records["S-2"].value


def test_an_error_value_holds_its_order_only(parse):
    book = book_of(HEADINGS, line(), line("S-2"))
    book.active["G2"] = "#N/A"
    book.active["G2"].data_type = "e"
    records = parse(saved(book))
    assert [finding.code for finding in records["S-1"].findings] == ["orderfile.row.cell_error"]
    assert records["S-2"].value


def test_every_sheet_with_order_headings_is_read(parse, xlsx_of):
    sheets = [HEADINGS, line("A")], [["Özet"], ["Toplam ciro", 500]], [HEADINGS, line("B")]
    assert list(parse(xlsx_of(*sheets))) == ["A", "B"]


def test_of_an_order_in_two_sheets_the_later_sheet_counts(parse, xlsx_of):
    content = xlsx_of([HEADINGS, line(price=1)], [HEADINGS, line(price=2)])
    assert one(parse(content)).total == D("2.00")


def test_one_sheet_can_be_chosen(parse, xlsx_of):
    content = xlsx_of([HEADINGS, line("A")], [HEADINGS, line("B")], titles=["Ocak", "Şubat"])
    assert list(parse(content, sheet="Şubat")) == ["B"]


def test_an_overview_sheet_that_shares_headings_is_no_order_table(parse, xlsx_of):
    content = xlsx_of([HEADINGS, line("A")], [["Ürün Adı", "Adet"], ["Kupa", 5]])
    assert list(parse(content)) == ["A"]


def test_notes_beside_the_table_are_no_matter(parse, xlsx_of):
    assert one(parse(xlsx_of([HEADINGS, [*line(), None, "aradım"]]))).number == "S-1"


def test_hidden_sheets_are_not_read(parse):
    book = book_of(HEADINGS, line("A"))
    hidden = book.create_sheet("eski")
    for row in (HEADINGS, line("B")):
        hidden.append(row)
    hidden.sheet_state = "hidden"
    assert list(parse(saved(book))) == ["A"]


@pytest.mark.parametrize("word", ["Toplam", "GENEL TOPLAM", None])
def test_summary_rows_and_empty_rows_are_no_orders(parse, xlsx_of, word):
    rows = [HEADINGS, [], line(), [None] * 7, [word, None, None, None, None, 1, 120.0]]
    assert list(parse(xlsx_of(rows))) == ["S-1"]


def test_a_workbook_and_a_csv_of_the_same_orders_have_one_revision(parse, parse_rows, xlsx_of, row):
    made = row(Kargo_Ücreti="49,90", Firma="-", Telefon="0500 000 00 01")
    typed = {
        **made, "Sipariş Tarihi": datetime.fromisoformat("2026-03-02 09:30"), "Adet": 1, "Birim Fiyat": 120.0, "KDV Oranı": 20,
        "Kargo Ücreti": 49.9,
    }  # fmt: skip
    ((_, from_csv),) = parse_rows(made).items()
    from_xlsx = one(parse(xlsx_of([list(typed), list(typed.values())])))
    assert from_xlsx == from_csv.value
    assert [each.kind for each in from_xlsx.lines] == [LineKind.GOODS, LineKind.SHIPPING]


def _with_result(content, old, new):
    import zipfile

    source = zipfile.ZipFile(io.BytesIO(content))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data.replace(old.encode(), new.encode()))
    assert any(old.encode() in source.read(name) for name in source.namelist())
    return stream.getvalue()
