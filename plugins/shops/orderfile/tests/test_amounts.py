"""What an order costs: prices, discounts, fees, totals and VAT."""

from decimal import Decimal

import pytest

from kopru.model import LineKind, Severity

D = Decimal


class TestAmounts:
    def test_a_line_amount_with_more_digits_than_the_rounded_unit_price_counts(self, order, row):
        made = order(row(Adet="3", Birim_Fiyat="33,33", Satış_Tutarı="100,00"))
        assert made.lines[0].amount == D("100.00")

    def test_the_amount_to_invoice_is_exact_where_the_unit_price_was_rounded(self, order, row):
        made = order(row(Adet="3", Birim_Fiyat="33,33", İndirim="10,00", Faturalanacak_Tutar="90,00"))
        assert (made.lines[0].amount, made.total) == (D("100.00"), D("90.00"))

    def test_unit_price_and_line_amount_that_contradict_each_other_hold_the_order(self, codes, row):
        assert codes(row(Adet="3", Satış_Tutarı="300,00")) == ["row.line_sum"]

    def test_discounts_of_seller_and_marketplace_are_kept_apart(self, order, row):
        made = order(row(İndirim="10,00", Trendyol_İndirim_Tutarı="5,00", Faturalanacak_Tutar="105,00"))
        parts = [(each.amount, each.funded_by) for each in made.lines[0].discounts]
        assert parts == [(D("10.00"), "seller"), (D("5.00"), "marketplace")]
        assert made.total == D("105.00")

    def test_the_amount_to_invoice_says_that_the_marketplace_bears_its_discount(self, order, row):
        made = order(row(İndirim="10,00", Trendyol_İndirim_Tutarı="5,00", Faturalanacak_Tutar="110,00"))
        assert [each.funded_by for each in made.lines[0].discounts] == ["seller"]
        assert made.total == D("110.00")

    def test_without_discount_columns_the_amount_to_invoice_gives_the_discount(self, order, row):
        made = order(row(Faturalanacak_Tutar="99,90"))
        assert made.lines[0].discount_total == D("20.10")

    def test_a_negative_discount_is_a_discount(self, order, row):
        assert order(row(İndirim="-20,00")).total == D("100.00")

    def test_a_discount_rate_is_taken_off_the_line(self, order, row):
        row = row(Adet="2")
        row["İndirim %"] = "10"
        assert order(row).total == D("216.00")

    @pytest.mark.parametrize("written", ["%10", "10 %", "10,0%"])
    def test_a_percentage_in_the_discount_column_is_a_rate(self, order, row, written):
        assert order(row(İndirim=written)).total == D("108.00")

    @pytest.mark.parametrize(
        "name", ["Birim Fiyat", "Kargo Ücreti", "Sipariş Toplamı", "Faturalanacak Tutar"]
    )
    def test_a_percentage_is_no_other_amount(self, codes, row, name):
        assert codes({**row(), name: "%10"}) == ["row.bad_number"]

    def test_a_discount_larger_than_the_line_holds_the_order(self, codes, row):
        assert codes(row(İndirim="130,00")) == ["row.discount_too_large"]

    def test_an_order_discount_is_shared_to_the_kurus(self, order, row):
        rows = [row(Stok_Kodu=f"STK-{n}", Birim_Fiyat="10,00", Sepet_İndirimi="10,00") for n in range(3)]
        made = order(*rows)
        assert [line.discount_total for line in made.lines] == [D("3.34"), D("3.33"), D("3.33")]
        assert made.total == D("20.00")

    def test_an_order_discount_above_the_lines_holds_the_order(self, codes, row):
        assert codes(row(Sepet_İndirimi="500,00")) == ["order.discount_too_large"]

    def test_a_shipping_fee_repeated_on_every_row_is_one_line(self, order, row):
        made = order(row(Kargo_Ücreti="49,90"), row(Stok_Kodu="STK-2", Kargo_Ücreti="49,90"))
        shipping = [line for line in made.lines if line.kind is LineKind.SHIPPING]
        assert [(line.amount, line.vat_rate) for line in shipping] == [(D("49.90"), D(20))]
        assert made.total == D("289.90")

    def test_shipping_fees_per_row_are_added_when_the_settings_say_so(self, order, row):
        rows = row(Kargo_Ücreti="10,00"), row(Stok_Kodu="STK-2", Kargo_Ücreti="15,00")
        made = order(*rows, order_amounts="sum", shipping_vat=10)
        (shipping,) = (line for line in made.lines if line.kind is LineKind.SHIPPING)
        assert (shipping.amount, shipping.vat_rate) == (D("25.00"), D(10))

    def test_different_shipping_fees_hold_the_order_otherwise(self, codes, row):
        rows = row(Kargo_Ücreti="10,00"), row(Stok_Kodu="STK-2", Kargo_Ücreti="15,00")
        assert codes(*rows) == ["order.rows_disagree"]

    def test_a_cash_on_delivery_fee_is_a_line_of_its_own(self, order, row):
        made = order(row(Kapıda_Ödeme_Ücreti="15,00"))
        assert [(line.kind, line.amount) for line in made.lines[1:]] == [(LineKind.FEE, D("15.00"))]

    def test_a_total_that_is_not_the_sum_of_the_lines_holds_the_order(self, parse_rows, row):
        (record,) = parse_rows(row(Sipariş_Toplamı="150,00")).values()
        (finding,) = record.findings
        assert finding.code == "orderfile.order.total_mismatch"
        assert "150" in finding.message.tr and "120.00" in finding.message.en

    def test_a_total_off_by_rounding_is_kept_as_the_buyer_pays_it(self, order, row):
        made = order(row(Sipariş_Toplamı="120,01"))
        assert (made.total, made.sum_gap()) == (D("120.01"), D("0.01"))

    def test_a_negative_price_holds_the_order(self, codes, row):
        assert codes(row(Birim_Fiyat="-120,00")) == ["row.negative"]

    def test_a_return_row_holds_the_order(self, codes, row):
        assert codes(row(Adet="-1")) == ["row.bad_quantity"]

    def test_a_quantity_may_be_a_fraction_with_a_unit(self, order, row):
        (line,) = order(row(Adet="1,5", Birim="Kg", Birim_Fiyat="100,00")).lines
        assert (line.quantity, line.unit, line.amount) == (D("1.5"), "KGM", D("150.00"))

    def test_an_unknown_unit_holds_the_order(self, codes, row):
        assert codes(row(Birim="Tutam")) == ["row.unknown_unit"]

    @pytest.mark.parametrize("name", ["Birim Fiyat", "Adet", "Ürün Adı"])
    def test_a_missing_cell_names_row_and_column(self, parse_rows, row, name):
        bad = {**row(), name: ""} | ({"Stok Kodu": ""} if name == "Ürün Adı" else {})
        (record,) = parse_rows(bad).values()
        (finding,) = record.findings
        assert finding.code in {"orderfile.row.missing", "orderfile.row.no_price"}
        assert finding.message.tr.startswith("2. satır") and f"“{name}”" in finding.message.tr
        assert finding.message.en.startswith("row 2") and f"“{name}”" in finding.message.en

    def test_a_cell_that_is_no_number_is_quoted_with_its_place(self, parse_rows, row):
        records = parse_rows(row(), row(Sipariş_No="S-2", Birim_Fiyat="sorunuz"), row(Sipariş_No="S-3"))
        (finding,) = records["S-2"].findings
        assert finding.code == "orderfile.row.bad_number"
        assert finding.field == "lines[0].amount"
        assert finding.message.tr.startswith("3. satır, “Birim Fiyat” sütunu (J3): “sorunuz”")
        assert finding.message.en.startswith("row 3, column “Birim Fiyat” (J3): “sorunuz”")
        assert records["S-1"].value and records["S-3"].value

    def test_one_bad_line_holds_the_whole_order_and_names_the_line(self, parse_rows, row):
        (record,) = parse_rows(row(), row(Stok_Kodu="STK-2", Adet="çok")).values()
        assert record.value is None
        assert [finding.field for finding in record.findings] == ["lines[1].quantity"]

    def test_every_fault_of_an_order_is_told_at_once(self, codes, row):
        found = codes(row(Adet="çok", Birim_Fiyat="?", Sipariş_Tarihi="dün", Durum="Garip"))
        assert sorted(found) == [
            "row.bad_date", "row.bad_number", "row.bad_number", "row.unknown_status",
        ]  # fmt: skip


class TestVat:
    @pytest.mark.parametrize("written", ["20", "%20", "20,00", "0,2", "20 %"])
    def test_a_rate_is_read_however_it_is_written(self, order, row, written):
        assert order(row(KDV_Oranı=written)).lines[0].vat_rate == D(20)

    def test_without_a_rate_the_source_does_not_tell(self, order, row):
        assert order(row(KDV_Oranı="")).lines[0].vat_rate is None

    def test_a_default_rate_can_be_set(self, order, row):
        assert order(row(KDV_Oranı=""), default_vat=10).lines[0].vat_rate == D(10)

    def test_the_rate_follows_from_the_vat_amount(self, order, row):
        made = row(KDV_Tutarı="10,91")
        del made["KDV Oranı"]
        assert order(made).lines[0].vat_rate == D(10)

    def test_a_vat_amount_that_fits_no_rate_holds_the_order(self, codes, row):
        made = row(KDV_Tutarı="13,37")
        del made["KDV Oranı"]
        assert codes(made) == ["row.vat_unclear"]

    def test_a_rate_above_one_hundred_holds_the_order(self, codes, row):
        assert codes(row(KDV_Oranı="200")) == ["row.bad_rate"]

    def test_a_rate_turkey_does_not_have_is_pointed_out(self, parse_rows, row):
        (record,) = parse_rows(row(KDV_Oranı="19")).values()
        assert record.value.lines[0].vat_rate == D(19)
        assert [(each.code, each.severity) for each in record.findings] == [
            ("orderfile.row.unusual_vat", Severity.WARNING)
        ]

    def test_prices_without_vat_are_told_by_the_heading(self, order, row):
        made = row()
        made["Birim Fiyat (KDV Hariç)"] = made.pop("Birim Fiyat")
        made["Sipariş Toplamı"] = "144,00"
        result = order(made)
        assert not result.tax_included
        assert (result.lines[0].amount, result.total) == (D("120.00"), D("144.00"))

    def test_prices_without_vat_are_told_by_the_settings(self, order, row):
        result = order(row(Adet="3", Birim_Fiyat="33,35", Kargo_Ücreti="10,00"), prices="excluded")
        assert not result.tax_included
        # 100.05 + 20.01, and 10.00 + 2.00 of the shipping line
        assert result.total == D("132.06")

    def test_prices_without_vat_need_a_rate(self, codes, row):
        assert codes(row(KDV_Oranı=""), prices="excluded") == ["row.vat_missing"]

    def test_the_wrong_vat_setting_is_found_by_the_total(self, codes, row):
        assert codes(row(Sipariş_Toplamı="144,00")) == ["order.total_mismatch"]

    def test_of_two_price_columns_the_one_with_vat_counts(self, order, row):
        made = row()
        del made["Birim Fiyat"]
        made |= {"Birim Fiyat (KDV Hariç)": "100,00", "Birim Fiyat (KDV Dahil)": "120,00"}
        assert order(made).lines[0].amount == D("120.00")
        assert order(made, prices="excluded").lines[0].amount == D("100.00")
