"""Files that are damaged, disguised or made to hurt: one finding with a code, the neighbours untouched."""

import io
import struct
import zipfile

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kopru.sdk import Raw, Rejected
from kopru_orderfile import plugin
from kopru_orderfile.cells import MAX_ROWS
from kopru_orderfile.config import OrderFileConfig


def refused(content, **config):
    with pytest.raises(Rejected) as caught:
        plugin.parse_orders(OrderFileConfig(folder="unused", **config), Raw(content))
    assert caught.value.findings
    assert caught.value.message.tr and caught.value.message.en
    return caught.value.code


class TestCells:
    def test_a_huge_cell_holds_its_order_only(self, parse_rows, row):
        records = parse_rows(row(), row(Sipariş_No="S-2", Ürün_Adı="x" * 5_000_000), row(Sipariş_No="S-3"))
        assert [record.value is not None for record in records.values()] == [True, False, True]
        assert records["S-2"].findings[0].code == "orderfile.row.too_long"
        assert len(records["S-2"].raw.content) < 10_000

    def test_a_huge_quoted_cell_holds_its_order_only(self, parse_rows, row):
        bad = row(Sipariş_No="S-2", Ürün_Adı='x;"' * 50_000)
        records = parse_rows(row(), bad, row(Sipariş_No="S-3"))
        assert records["S-1"].value and records["S-3"].value
        assert all(record.value is None for key, record in records.items() if key not in ("S-1", "S-3"))

    def test_a_text_longer_than_a_document_takes_holds_its_order(self, codes, row):
        assert codes(row(Adres="x" * 4_001)) == ["row.too_long"]
        assert codes(row(Stok_Kodu="x" * 201)) == ["row.too_long"]

    def test_a_nul_holds_its_order_only(self, parse_rows, row):
        records = parse_rows(row(Ürün_Adı="Ku\x00pa"), row(Sipariş_No="S-2"))
        assert [finding.code for finding in records["S-1"].findings] == ["orderfile.row.nul"]
        assert records["S-2"].value

    def test_undecodable_letters_hold_their_order_only(self, csv_of, parse, row):
        content = csv_of([row(), row(Sipariş_No="S-2"), row(Sipariş_No="S-3")])
        records = parse(content.replace(b"Kupa", b"Ku\xfepa", 1))
        assert [finding.code for finding in records["S-1"].findings] == ["orderfile.row.undecodable"]
        assert records["S-2"].value and records["S-3"].value

    def test_a_nul_in_a_column_nobody_needs_is_no_matter(self, parse_rows, row):
        assert parse_rows(row(Etiket="a\x00b"))["S-1"].value

    def test_a_bom_in_the_middle_of_a_file_is_dropped(self, csv_of, parse, row):
        content = csv_of([row()]) + csv_of([row(Sipariş_No="S-2")])
        records = parse(content)
        assert list(records) == ["S-1", "S-2"]
        assert all(record.findings == () for record in records.values())

    def test_a_formula_text_in_csv_stays_a_text(self, order, row):
        assert order(row(Ürün_Adı="=HYPERLINK(1)")).lines[0].name == "=HYPERLINK(1)"

    def test_excels_text_formula_is_its_text(self, order, row):
        made = row(Barkod='="0012345678905"')
        assert order(made).lines[0].barcode == "0012345678905"

    def test_a_row_with_more_cells_than_headings_is_not_trusted(self, csv_of, parse, row):
        content = csv_of([row(), row(Sipariş_No="S-2")], ",").replace(b'"120,00"', b"120,00", 1)
        records = parse(content)
        assert [finding.code for finding in records["S-1"].findings] == ["orderfile.row.shifted"]
        assert records["S-2"].value

    def test_an_unclosed_quote_holds_its_order_only(self, csv_of, parse, row):
        content = csv_of([row(), row(Sipariş_No="S-2"), row(Sipariş_No="S-3", Ürün_Adı="Kupa; mavi")])
        records = parse(content.replace(b"Seramik Kupa", b'"Seramik Kupa', 1))
        assert [finding.code for finding in records["S-1"].findings] == ["orderfile.row.quotes"]
        assert records["S-2"].value and records["S-3"].value

    def test_brackets_in_cells_do_not_upset_messages(self, codes, row):
        assert codes(row(Adet="{0.__class__}")) == ["row.bad_number"]

    @pytest.mark.parametrize("quantity", ["9" * 40, "1e400", "NaN", "Infinity", "-0"])
    def test_absurd_numbers_hold_their_order(self, codes, row, quantity):
        assert codes(row(Adet=quantity))[0] in {"row.bad_number", "row.bad_quantity"}

    def test_absurd_amounts_hold_their_order(self, codes, row):
        assert codes(row(Birim_Fiyat="9" * 55))


class TestHeadings:
    def test_a_heading_twice_with_different_content_is_named(self, csv_of, parse):
        text = "Sipariş No;Tarih;Alıcı;Ürün;Adet;Adet;Birim Fiyat\n1;02.03.2026;Ayşe Ö;Kupa;1;2;5\n"
        with pytest.raises(Rejected) as caught:
            parse(text.encode())
        (finding,) = caught.value.findings
        assert (finding.code, finding.field) == ("orderfile.heading.repeated", "columns.quantity")
        assert "E, F" in finding.message.tr and "Adet#2" in finding.message.tr
        (record,) = parse(text.encode(), columns={"quantity": "Adet#2"}).values()
        assert record.value.lines[0].quantity == 2

    def test_a_heading_twice_with_equal_content_is_one_column(self, parse):
        text = "Sipariş No;Tarih;Alıcı;Ürün;Adet;Adet;Birim Fiyat\n1;02.03.2026;Ayşe Ö;Kupa;2;2;5\n"
        assert parse(text.encode())["1"].value.lines[0].quantity == 2

    def test_a_minor_heading_twice_is_left_out(self, parse):
        text = "Sipariş No;Tarih;Alıcı;Ürün;Adet;Birim Fiyat;Not;Not\n1;02.03.2026;Ayşe Ö;Kupa;2;5;a;b\n"
        assert parse(text.encode())["1"].value.note == ""

    def test_missing_columns_are_named_with_the_headings_that_are_there(self, parse):
        with pytest.raises(Rejected) as caught:
            parse("Sipariş No;Ürün Adı;Adet\n1;Kupa;2\n".encode())
        fields = [finding.field for finding in caught.value.findings]
        assert fields == ["columns.placed_at", "columns.buyer_name", "columns.unit_price"]
        assert "Sipariş No, Ürün Adı, Adet" in caught.value.findings[0].message.tr

    def test_a_configured_heading_that_is_missing_is_named(self, csv_of, parse, row):
        with pytest.raises(Rejected) as caught:
            parse(csv_of([row()]), columns={"sku": "Kod"})
        assert caught.value.code == "orderfile.heading.absent"

    def test_a_file_without_known_headings_is_told_so(self):
        assert refused(b"a;b;c\n1;2;3\n") == "orderfile.file.no_headings"

    def test_headings_with_lost_letters_are_told_so(self):
        assert refused(b"Sipari? Numaras?;M??teri;Fiyat?\n1;2;3\n") == "orderfile.file.lost_letters"


class TestFiles:
    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "empty"), (b" \r\n\t", "empty"), (b"\x00" * 5_000, "empty"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "old_excel"),
            (b"<html><table><tr><td>1</td></tr></table></html>", "html"),
            (b"\xef\xbb\xbf  <TABLE><tr></tr></TABLE>", "html"), (b"%PDF-1.7 ...", "not_a_table"),
            (b"<?xml version='1.0'?><a/>", "not_a_table"), (b"\xff\xfe\x00\x01garbage", "no_headings"),
            (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "no_headings"),
        ],
    )  # fmt: skip
    def test_what_is_no_order_file_is_named(self, content, code):
        assert refused(content) == f"orderfile.file.{code}"

    def test_a_file_above_the_limit_is_refused_before_it_is_read(self):
        assert refused(b"x" * 20_000_001) == "orderfile.file.too_large"

    def test_more_rows_than_the_limit_are_refused(self, csv_of, row):
        content = csv_of([row()])
        line = content.splitlines(keepends=True)[1]
        assert len(line) * MAX_ROWS < 20_000_000
        assert refused(content + line * MAX_ROWS) == "orderfile.file.too_many_rows"


class TestArchives:
    def workbook(self, *rows):
        book = openpyxl.Workbook()
        for row in rows or (["Sipariş No", "Ürün"], ["1", "Kupa"]):
            book.active.append(row)
        stream = io.BytesIO()
        book.save(stream)
        return stream.getvalue()

    def changed(self, change, *rows):
        source = zipfile.ZipFile(io.BytesIO(self.workbook(*rows)))
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
            for name in source.namelist():
                for new_name, data in change(name, source.read(name)):
                    target.writestr(new_name, data)
        return stream.getvalue()

    @pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
    def test_a_truncated_workbook(self, part):
        content = self.workbook()
        assert refused(content[: int(len(content) * part)]) == "archive.malformed"

    def test_a_zip_that_is_no_workbook(self):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as target:
            target.writestr("a.txt", "merhaba")
        assert refused(stream.getvalue()) == "orderfile.file.unreadable"

    def test_a_zip_bomb_is_refused_by_what_it_unpacks_to(self):
        def bomb(name, data):
            return [(name, data + b" " * 100_000_000 if name.endswith("sheet1.xml") else data)]

        assert refused(self.changed(bomb)) == "archive.ratio"

    def test_a_forged_size_does_not_help_a_bomb(self):
        content = bytearray(
            self.changed(
                lambda name, data: [(name, data + b" " * 50_000_000)] if "sheet1" in name else [(name, data)]
            )
        )
        entry = content.rfind(b"PK\x01\x02", 0, content.rfind(b"xl/worksheets/sheet1.xml"))
        content[entry + 24 : entry + 28] = struct.pack("<I", 100)
        assert refused(bytes(content)).startswith("archive.")

    def test_entities_are_refused(self):
        def with_doctype(name, data):
            bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
            return [(name, data.replace(b"<worksheet", bomb + b"<worksheet", 1))]

        assert refused(self.changed(with_doctype)) == "orderfile.file.doctype"

    def test_a_part_in_another_encoding_cannot_hide_entities(self):
        def wide(name, data):
            return [(name, data.decode().encode("utf-16") if name.endswith("sheet1.xml") else data)]

        assert refused(self.changed(wide)) == "orderfile.file.doctype"

    def test_broken_xml_inside(self):
        def broken(name, data):
            return [(name, data[: len(data) // 2] if name.endswith("sheet1.xml") else data)]

        assert refused(self.changed(broken)) == "orderfile.file.unreadable"

    def test_a_sheet_that_claims_to_be_endless_is_read_by_its_cells(self):
        def endless(name, data):
            return [(name, data.replace(b'<dimension ref="A1:B2"', b'<dimension ref="A1:XFD1048576"'))]

        content = self.changed(endless)
        with pytest.raises(Rejected) as caught:
            plugin.parse_orders(OrderFileConfig(folder="unused"), Raw(content))
        assert caught.value.code == "orderfile.heading.missing"

    def test_a_row_number_beyond_any_spreadsheet(self):
        def beyond(name, data):
            return [
                (
                    name,
                    data.replace(b'<row r="2"', b'<row r="2000000000"').replace(
                        b'r="A2"', b'r="A2000000000"'
                    ),
                )
            ]

        assert refused(self.changed(beyond)) in {"orderfile.file.too_many_rows", "orderfile.file.unreadable"}

    def test_merges_of_everything_are_no_work(self, parse):
        headings = ["Sipariş No", "Tarih", "Alıcı", "Ürün", "Adet", "Birim Fiyat"]

        def merged(name, data):
            merges = b"<mergeCells>" + b'<mergeCell ref="A1:XFD1048576"/>' * 5_000 + b"</mergeCells>"
            return [(name, data.replace(b"</sheetData>", b"</sheetData>" + merges))]

        content = self.changed(merged, headings, ["1", "02.03.2026", "Ayşe Ö", "Kupa", 1, 5])
        assert parse(content)["1"].value

    @pytest.mark.filterwarnings("ignore:Cell .* is marked as a date:UserWarning")
    def test_a_date_outside_the_calendar_holds_its_order_only(self, parse):
        from datetime import datetime

        book = openpyxl.Workbook()
        at = datetime.fromisoformat("2026-03-02")
        for row in (["Sipariş No", "Tarih", "Alıcı", "Ürün", "Adet", "Birim Fiyat"],
                    ["1", at, "Ayşe Ö", "Kupa", 1, 5], ["2", at, "Ayşe Ö", "Kupa", 1, 5]):  # fmt: skip
            book.active.append(row)
        book.active["B2"] = 99_999_999
        book.active["B2"].number_format = "dd.mm.yyyy"
        stream = io.BytesIO()
        book.save(stream)
        records = parse(stream.getvalue())
        assert [finding.code for finding in records["1"].findings] == ["orderfile.row.cell_error"]
        assert records["2"].value

    def test_the_name_does_not_decide_what_a_file_is(self, ctx_of, tmp_path, csv_of, xlsx_of, rows_of, row):
        (tmp_path / "a.xlsx").write_bytes(csv_of([row()]))
        (tmp_path / "b.csv").write_bytes(xlsx_of(rows_of([row(Sipariş_No="S-2")])))
        from kopru_orderfile.folder import fetch_page

        assert [record.external_id for record in fetch_page(ctx_of(), None, 10).records] == ["S-1", "S-2"]


GARBAGE = st.one_of(
    st.binary(max_size=400),
    st.binary(max_size=200).map(lambda tail: b"PK\x03\x04" + tail),
    st.text(alphabet='Sipariş No;,"\n\t12.,/-%=\x00\ufeff', max_size=400).map(
        lambda text: text.encode("utf-8")
    ),
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(GARBAGE)
def test_any_bytes_are_mapped_or_refused(content):
    try:
        records = plugin.parse_orders(OrderFileConfig(folder="unused"), Raw(content))
    except Rejected as error:
        assert error.findings or "." in error.code
        return
    for record in records:
        assert record.value is not None or any(finding.blocks for finding in record.findings)


HOSTILE_CELL = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "",
            "-",
            "0",
            "1.234",
            "1e9",
            "NULL",
            "#N/A",
            "=1+1",
            "'1",
            '"',
            ";",
            "\n",
            "31/31/2026",
            "%",
            "₺",
            "{}",
            "\u202e",
        ]
    ),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_hostile_row_never_touches_its_neighbours(data, parse_rows, row):
    good = row(Sipariş_No="İYİ-1", Durum="Yeni", İndirim="0,50", Sipariş_Toplamı="119,50", KDV_Tutarı="19,92")
    changes = data.draw(
        st.dictionaries(st.sampled_from([name for name in good if name != "Sipariş No"]), HOSTILE_CELL)
    )
    records = parse_rows(good, {**good, "Sipariş No": "KÖTÜ", **changes}, {**good, "Sipariş No": "İYİ-2"})
    assert records["İYİ-1"].value is not None, records["İYİ-1"].findings
    assert records["İYİ-2"].value is not None, records["İYİ-2"].findings
    for record in records.values():
        assert record.value is not None or any(finding.blocks for finding in record.findings)
