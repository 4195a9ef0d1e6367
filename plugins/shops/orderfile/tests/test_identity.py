"""What an order, a line and a version are known by."""

from decimal import Decimal

import pytest

D = Decimal


class TestLineIds:
    def ids(self, order):
        return {(line.sku, line.quantity): line.id for line in order.lines}

    def test_sorting_extending_and_correcting_the_file_keeps_line_ids(self, order, row):
        first = order(row(), row(Stok_Kodu="STK-2", Adet="2"))
        turned = order(row(Stok_Kodu="STK-2", Adet="2"), row())
        cheaper = order(row(Birim_Fiyat="99,00"), row(Stok_Kodu="STK-2", Adet="2"))
        assert self.ids(first) == self.ids(turned) == self.ids(cheaper)

    def test_equal_products_get_ids_by_what_stands_beside_them(self, order, row):
        one = order(row(Adet="1"), row(Adet="2"))
        other = order(row(Adet="2"), row(Adet="1"))
        assert self.ids(one) == self.ids(other)
        assert len(set(self.ids(one).values())) == 2

    def test_the_files_own_line_number_is_the_id(self, order, row):
        assert [line.id for line in order(row(Kalem_No="L-77")).lines] == ["L-77"]

    def test_a_line_number_repeated_by_an_identical_row_counts_once(self, order, row):
        assert len(order(row(Kalem_No="L-77"), row(Kalem_No="L-77")).lines) == 1

    def test_a_line_number_on_two_different_rows_holds_the_order(self, codes, row):
        assert codes(row(Kalem_No="L-77"), row(Kalem_No="L-77", Adet="2")) == ["order.repeated_line"]

    def test_identical_rows_without_line_number_both_count_and_are_pointed_out(self, parse_rows, row):
        (record,) = parse_rows(row(), row()).values()
        assert record.value.total == D("240.00")
        assert [each.code for each in record.findings] == ["orderfile.order.identical_rows"]


class TestRevision:
    def test_it_follows_the_content_and_nothing_else(self, order, row):
        made = order(row(), row(Stok_Kodu="STK-2"))
        other_columns = [dict(reversed(each.items())) for each in (row(Stok_Kodu="STK-2"), row())]
        assert order(*other_columns).revision == made.revision
        assert order(row(), row(Stok_Kodu="STK-2", Birim_Fiyat="120,0")).revision == made.revision

    @pytest.mark.parametrize(
        "change", [{"Durum": "Kargoda"}, {"Adres": "Yeni Sok. 5"}, {"Adet": "2"}, {"VKN": "9900000052"}]
    )
    def test_every_change_of_content_changes_it(self, order, row, change):
        assert order({**row(), **change}).revision != order(row()).revision

    def test_no_reading_is_older_than_another_even_when_a_date_is_corrected(self, order, row):
        wrong, right = order(row(Sipariş_Tarihi="02.03.2027")), order(row(Sipariş_Tarihi="02.03.2026"))
        assert wrong.modified_at == right.modified_at
        assert wrong.revision != right.revision
