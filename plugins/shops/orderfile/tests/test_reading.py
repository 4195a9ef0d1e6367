"""What a file proves about its own columns, and what it leaves open."""

from decimal import Decimal

import pytest

D = Decimal


def without(row, *headings, **more):
    return {**{name: value for name, value in row.items() if name not in headings}, **more}


class TestNumberStyle:
    def test_another_number_of_the_column_proves_the_style(self, parse_rows, row):
        records = parse_rows(row(Birim_Fiyat="1.250"), row(Sipariş_No="S-2", Birim_Fiyat="12,50"))
        assert records["S-1"].value.total == D("1250.00")
        records = parse_rows(row(Birim_Fiyat="1.250"), row(Sipariş_No="S-2", Birim_Fiyat="12.50"))
        assert records["S-1"].value.total == D("1.25")

    def test_another_column_of_the_file_proves_it_where_the_own_column_does_not(self, order, row):
        assert order(row(Birim_Fiyat="1.250", İndirim="50,00")).total == D("1200.00")

    def test_without_proof_only_the_doubtful_orders_are_held(self, parse_rows, row):
        records = parse_rows(row(Birim_Fiyat="1.250"), row(Sipariş_No="S-2", Birim_Fiyat="85"))
        (finding,) = records["S-1"].findings
        assert records["S-1"].value is None
        assert finding.code == "orderfile.row.doubtful_number"
        assert "1250 " in finding.message.tr and "1.250" in finding.message.en
        assert records["S-2"].value.total == D("85.00")

    def test_a_column_that_contradicts_itself_proves_nothing(self, parse_rows, row):
        prices = ["1.250", "12,50", "12.50"]
        records = parse_rows(*(row(Sipariş_No=f"S-{n}", Birim_Fiyat=price) for n, price in enumerate(prices)))
        assert records["S-0"].value is None
        assert records["S-1"].value.total == records["S-2"].value.total == D("12.50")

    def test_the_settings_decide(self, order, row):
        assert order(row(Birim_Fiyat="1.250"), numbers="turkish").total == D("1250.00")
        assert order(row(Birim_Fiyat="1.250"), numbers="international").total == D("1.25")

    def test_a_style_that_is_set_refuses_the_other_as_a_mistake(self, codes, row):
        assert codes(row(Birim_Fiyat="12.50"), numbers="turkish") == ["row.bad_number"]

    def test_the_turkish_template_fixes_the_style(self, parse_rows, row):
        made = without(row(), "Adres", **{"Fatura Adresi": "Deneme Cad. 1", "Birim Fiyat": "1.250"})
        (record,) = parse_rows(made, profile="generic-tr").values()
        assert record.value.total == D("1250.00")


class TestDateOrder:
    def test_another_date_of_the_column_proves_the_order(self, parse_rows, row):
        heading = "Order Date"
        rows = [
            without(row(Sipariş_No="S-1"), "Sipariş Tarihi", **{heading: "03/05/2026"}),
            without(row(Sipariş_No="S-2"), "Sipariş Tarihi", **{heading: "03/25/2026"}),
        ]
        assert parse_rows(*rows)["S-1"].value.placed_at.month == 3
        rows[1][heading] = "25/03/2026"
        assert parse_rows(*rows)["S-1"].value.placed_at.month == 5

    def test_a_turkish_heading_means_day_first(self, order, row):
        assert order(row(Sipariş_Tarihi="03/05/2026 12:00")).placed_at.month == 5

    def test_an_english_heading_without_proof_holds_the_order(self, codes, row):
        made = without(row(), "Sipariş Tarihi", **{"Order Date": "03/05/2026"})
        assert codes(made) == ["row.doubtful_date"]

    def test_the_settings_decide(self, order, row):
        made = without(row(), "Sipariş Tarihi", **{"Order Date": "03/05/2026 12:00"})
        assert order(made, dates="month_first").placed_at.month == 3
        assert order(made, dates="day_first").placed_at.month == 5

    def test_dates_with_points_are_never_doubtful(self, order, row):
        made = without(row(), "Sipariş Tarihi", **{"Order Date": "03.05.2026 12:00"})
        assert order(made).placed_at.month == 5


class TestPriceColumn:
    def priced(self, row, price, quantity, **more):
        return without(row(Adet=quantity), "Birim Fiyat", Fiyat=price, **more)

    def test_for_one_piece_both_readings_are_one(self, order, row):
        assert order(self.priced(row, "120,00", "1")).total == D("120.00")

    def test_for_more_pieces_nothing_tells_and_only_those_orders_are_held(self, parse_rows, row):
        records = parse_rows(
            self.priced(row, "120,00", "2"), {**self.priced(row, "50,00", "1"), "Sipariş No": "S-2"}
        )
        assert [finding.code for finding in records["S-1"].findings] == ["orderfile.row.doubtful_price"]
        assert records["S-2"].value.total == D("50.00")

    @pytest.mark.parametrize(("total", "amount"), [("240,00", "240.00"), ("120,00", "120.00")])
    def test_the_orders_total_tells(self, order, row, total, amount):
        made = order(self.priced(row, "120,00", "2", **{"Genel Toplam": total}))
        assert made.lines[0].amount == D(amount)

    def test_the_total_with_shipping_tells(self, order, row):
        more = {"Kargo Ücreti": "30,00", "Genel Toplam": "270,00"}
        assert order(self.priced(row, "120,00", "2", **more)).lines[0].amount == D("240.00")

    @pytest.mark.parametrize(("payable", "amount"), [("240,00", "240.00"), ("120,00", "120.00")])
    def test_the_amount_to_invoice_tells(self, order, row, payable, amount):
        made = order(self.priced(row, "120,00", "2", **{"Faturalanacak Tutar": payable}))
        assert (made.lines[0].amount, made.lines[0].discounts) == (D(amount), ())

    def test_one_wrong_order_does_not_turn_the_reading_of_all(self, parse_rows, row):
        rows = [
            {**self.priced(row, "10,00", "3", **{"Genel Toplam": total}), "Sipariş No": f"S-{n}"}
            for n, total in enumerate(["30,00", "30,00", "10,00"])
        ]
        records = parse_rows(*rows)
        assert [record.value is not None for record in records.values()] == [True, True, False]
        assert records["S-2"].findings[0].code == "orderfile.order.total_mismatch"

    def test_the_settings_decide(self, order, row):
        made = self.priced(row, "120,00", "2")
        assert order(made, price_means="unit").total == D("240.00")
        assert order(made, price_means="line").total == D("120.00")


class TestTotalColumn:
    def test_different_totals_within_an_order_are_line_amounts(self, order, row):
        rows = (row(Toplam="120,00"), row(Stok_Kodu="STK-2", Adet="2", Toplam="240,00"))
        assert order(*rows).total == D("360.00")

    def test_equal_totals_that_are_the_sum_are_the_orders(self, order, row):
        rows = (row(Toplam="360,00"), row(Stok_Kodu="STK-2", Adet="2", Toplam="360,00"))
        assert order(*rows).total == D("360.00")

    def test_a_wrong_order_total_is_found(self, parse_rows, row):
        rows = [row(Sipariş_No=n, Stok_Kodu=code, Toplam=total)
                for n, total in (("S-1", "240,00"), ("S-2", "240,00"), ("S-3", "999,00")) for code in "ab"]  # fmt: skip
        records = parse_rows(*rows)
        assert [record.value is not None for record in records.values()] == [True, True, False]
        assert records["S-3"].findings[0].code == "orderfile.order.total_mismatch"

    def test_a_total_alone_is_the_price_of_a_single_line(self, order, row):
        assert order(without(row(), "Birim Fiyat", Toplam="120,00")).lines[0].amount == D("120.00")

    def test_equal_totals_alone_are_doubtful_for_several_lines(self, codes, row):
        rows = (without(row(Stok_Kodu=code), "Birim Fiyat", Toplam="120,00") for code in "ab")
        assert set(codes(*rows)) == {"row.doubtful_total"}

    def test_the_settings_decide(self, order, row):
        rows = [without(row(Stok_Kodu=code), "Birim Fiyat", Toplam="120,00") for code in "ab"]
        assert order(*rows, total_means="line").total == D("240.00")


class TestVatColumn:
    def with_vat(self, row, *values, price="120,00"):
        return [
            without(row(Sipariş_No=f"S-{n}", Birim_Fiyat=price), "KDV Oranı", KDV=value)
            for n, value in enumerate(values)
        ]

    def rates(self, records):
        return [record.value.lines[0].vat_rate if record.value else None for record in records.values()]

    def test_legal_rates_are_rates(self, parse_rows, row):
        assert self.rates(parse_rows(*self.with_vat(row, "20", "10", "1"))) == [D(20), D(10), D(1)]

    def test_a_percent_sign_makes_rates(self, parse_rows, row):
        assert self.rates(parse_rows(*self.with_vat(row, "%18"))) == [D(18)]

    def test_other_numbers_are_amounts(self, parse_rows, row):
        assert self.rates(parse_rows(*self.with_vat(row, "20,00", "10,91"))) == [D(20), D(10)]

    def test_a_number_that_gives_one_rate_either_way_is_no_doubt(self, parse_rows, row):
        assert self.rates(parse_rows(*self.with_vat(row, "20"))) == [D(20)]

    def test_a_number_that_gives_two_rates_holds_the_order(self, parse_rows, row):
        # 20 is a rate, and the VAT of 10 % in 220
        (record,) = parse_rows(*self.with_vat(row, "20", price="220,00")).values()
        assert [finding.code for finding in record.findings] == ["orderfile.row.doubtful_vat"]

    def test_the_settings_decide(self, parse_rows, row):
        rows = self.with_vat(row, "20", price="220,00")
        assert self.rates(parse_rows(*rows, vat_means="rate")) == [D(20)]
        assert self.rates(parse_rows(*rows, vat_means="amount")) == [D(10)]


class TestCargoColumn:
    def test_words_are_the_carrier(self, order, row):
        assert order(row(Kargo="Örnek Kargo")).shipping.carrier == "Örnek Kargo"

    def test_numbers_are_the_shipping_fee(self, order, row):
        assert order(row(Kargo="30,00")).total == D("150.00")


class TestReplay:
    """A part of a file must be read as the whole file was."""

    @pytest.mark.parametrize(
        "more",
        [
            {"Birim Fiyat": "12,50"}, {"Birim Fiyat": "12.50"}, {"Kargo": "Örnek Kargo"}, {"Kargo": "30,00"},
            {"Fiyat": "10,00", "Birim Fiyat": "", "Adet": "2", "Genel Toplam": "20,00"}, {"KDV": "%10"},
            {"Toplam": "12,50", "Birim Fiyat": "12,50"},
        ],
    )  # fmt: skip
    def test_each_record_replayed_alone_gives_the_same(self, parse_rows, parse, row, more):
        doubtful = row(Sipariş_No="S-1", Birim_Fiyat="1.250", Kargo="", Fiyat="", Toplam="")
        proof = {**row(Sipariş_No="S-2", Kargo="", Fiyat="", Toplam=""), **more}
        for key, record in parse_rows(doubtful, proof).items():
            ((again_key, again),) = parse(record.raw.content).items()
            assert (again_key, again.value, again.findings) == (key, record.value, record.findings)
            assert again.raw == record.raw
