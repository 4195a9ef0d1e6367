"""One order from its rows: amounts, VAT, buyer, status, and what makes it wait."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kopru.model import LineKind, OrderStatus, PartyKind, PaymentMethod, Severity, TaxScheme

D = Decimal


def test_a_plain_row_becomes_an_order_with_one_line(order, row):
    made = order(row())
    (line,) = made.lines
    assert (made.ref.kind, made.ref.id, made.number) == ("order", "S-1", "S-1")
    assert made.placed_at == datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
    assert (line.name, line.sku, line.quantity, line.amount, line.vat_rate) == (
        "Seramik Kupa", "STK-1", D(1), D("120.00"), D(20),
    )  # fmt: skip
    assert made.total == D("120.00")
    assert made.tax_included and made.currency == "TRY" and made.status is OrderStatus.NEW


def test_rows_of_one_number_are_lines_of_one_order_even_when_they_stand_apart(parse_rows, row):
    records = parse_rows(row(), row(Sipariş_No="S-2"), row(Stok_Kodu="STK-2", Adet="3"))
    assert [line.sku for line in records["S-1"].value.lines] == ["STK-1", "STK-2"]
    assert records["S-1"].value.total == D("480.00")
    assert len(records["S-2"].value.lines) == 1


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


class TestBuyer:
    def test_a_person_is_split_into_first_and_last_name(self, order, row):
        buyer = order(row(Alıcı="Ayşe Nur Örnekoğlu")).buyer
        assert (buyer.kind, buyer.first_name, buyer.last_name) == (PartyKind.PERSON, "Ayşe Nur", "Örnekoğlu")

    def test_first_and_last_name_in_columns_of_their_own(self, order, row):
        made = row(Ad="Ayşe", Soyad="De Örnek")
        del made["Alıcı"]
        buyer = order(made).buyer
        assert (buyer.first_name, buyer.last_name) == ("Ayşe", "De Örnek")

    def test_a_vkn_makes_a_company(self, order, row):
        made = row(Firma="Uydurma Ltd. Şti.", VKN="9900000052", Vergi_Dairesi="Kadıköy")
        buyer = order(made).buyer
        assert (buyer.kind, buyer.name, buyer.tax_office) == (
            PartyKind.COMPANY, "Uydurma Ltd. Şti.", "Kadıköy",
        )  # fmt: skip
        assert (buyer.tax_id.scheme, buyer.tax_id.value) == (TaxScheme.VKN, "9900000052")

    def test_a_tckn_makes_a_person_even_with_a_trade_name(self, order, row):
        made = row(Firma="Örnek Ticaret", Vergi_No="90000000100")
        buyer = order(made).buyer
        assert (buyer.kind, buyer.name, buyer.last_name) == (
            PartyKind.PERSON, "Örnek Ticaret", "Örnekoğlu",
        )  # fmt: skip
        assert buyer.tax_id.scheme is TaxScheme.TCKN

    def test_the_customer_type_has_the_last_word_over_a_company_column(self, order, row):
        buyer = order(row(Firma="Örnek Ticaret", Fatura_Tipi="Bireysel")).buyer
        assert (buyer.kind, buyer.last_name, buyer.name) == (PartyKind.PERSON, "Örnekoğlu", "Örnek Ticaret")

    @pytest.mark.parametrize("name", ["Uydurma Mobilya Ltd. Şti.", "Kurmaca Gıda A.Ş.", "Hayali Holding"])
    def test_a_name_alone_can_tell_a_company(self, order, row, name):
        assert order(row(Alıcı=name)).buyer.kind is PartyKind.COMPANY

    @pytest.mark.parametrize(
        ("word", "kind"), [("Kurumsal", "company"), ("Bireysel", "person"), ("Evet", "company")]
    )
    def test_the_customer_type_tells(self, order, row, word, kind):
        assert order(row(Müşteri_Tipi=word)).buyer.kind == kind

    @pytest.mark.parametrize("number", ["11111111111", "2222222222", "0", "-", ""])
    def test_placeholders_are_no_tax_number(self, order, row, number):
        made = row()
        made["VKN/TCKN"] = number
        assert order(made).buyer.tax_id is None

    def test_a_wrong_check_digit_holds_the_order(self, codes, row):
        assert codes(row(VKN="9900000053")) == ["row.tax_number_check"]

    @pytest.mark.parametrize("number", ["12345", "abc", "123456789012"])
    def test_a_number_of_another_length_holds_the_order(self, codes, row, number):
        assert codes(row(VKN=number)) == ["row.bad_tax_number"]

    def test_a_leading_zero_that_a_spreadsheet_dropped_comes_back(self, parse_rows, row):
        (record,) = parse_rows(row(VKN="123456789", Firma="Uydurma")).values()
        assert record.value.buyer.tax_id.value == "0123456789"
        assert [each.code for each in record.findings] == ["orderfile.row.zero_restored"]

    def test_a_foreign_buyer_keeps_the_number_as_given(self, order, row):
        buyer = order(row(Ülke="Almanya", VKN="DE 123 456", Firma="Beispiel GmbH")).buyer
        assert (buyer.address.country, buyer.tax_id.scheme) == ("DE", TaxScheme.FOREIGN)

    def test_an_unknown_country_holds_the_order(self, codes, row):
        assert codes(row(Ülke="Atlantis")) == ["row.unknown_country"]

    def test_an_order_without_buyer_is_held(self, codes, row):
        assert codes(row(Alıcı="")) == ["row.missing"]

    def test_rows_with_different_buyers_hold_the_order(self, codes, row):
        assert codes(row(), row(Alıcı="Başka Biri", Stok_Kodu="STK-2")) == ["order.rows_disagree"]

    def test_letter_case_is_no_different_buyer(self, order, row):
        order(row(), row(Alıcı="AYŞE ÖRNEKOĞLU", Stok_Kodu="STK-2"))

    def test_cells_that_only_the_first_row_fills_count_for_the_order(self, order, row):
        later = row(Alıcı="", Adres="", İl="", İlçe="", Sipariş_Tarihi="", Stok_Kodu="STK-2")
        assert order(row(), later).buyer.address.city == "İstanbul"

    def test_billing_and_delivery_addresses_are_told_apart(self, order, row):
        made = row(
            Fatura_Adresi="Fatura Sok. 1",
            Fatura_İl="Bursa",
            Fatura_İlçe="Nilüfer",
            Teslimat_Adresi="Ev Sok. 2",
        )
        result = order(made)
        assert (result.buyer.address.street, result.buyer.address.city) == ("Fatura Sok. 1", "Bursa")
        assert (result.shipping.address.street, result.shipping.address.city) == ("Ev Sok. 2", "İstanbul")

    def test_a_billing_city_that_only_the_delivery_tells_is_pointed_out(self, parse_rows, row):
        made = row(Fatura_Adresi="Fatura Sok. 1", Teslimat_Adresi="Ev Sok. 2")
        (record,) = parse_rows(made).values()
        assert record.value.buyer.address.city == "İstanbul"
        assert [each.code for each in record.findings] == ["orderfile.order.billing_city_assumed"]

    def test_a_city_inside_the_billing_address_needs_no_remark(self, order, row):
        order(row(Fatura_Adresi="Fatura Sok. 1 Kadıköy / ISTANBUL", Teslimat_Adresi="Ev Sok. 2"))

    def test_a_postal_code_gets_its_zero_back(self, order, row):
        assert order(row(Posta_Kodu="1010")).buyer.address.postal_code == "01010"


class TestStatus:
    @pytest.mark.parametrize(
        ("word", "status"),
        [
            ("Yeni", OrderStatus.NEW), ("HAZIRLANIYOR", OrderStatus.PREPARING), ("kargoda", OrderStatus.SHIPPED),
            ("Teslim Edildi", OrderStatus.DELIVERED), ("İptal", OrderStatus.CANCELLED), ("IPTAL", OrderStatus.CANCELLED),
            ("İade Edildi", OrderStatus.RETURNED), ("Ödeme Bekleniyor", OrderStatus.AWAITING_PAYMENT),
            ("Delivered", OrderStatus.DELIVERED), ("Teslim Edilemedi", OrderStatus.UNDELIVERED),
        ],
    )  # fmt: skip
    def test_common_words_are_known(self, order, row, word, status):
        assert order(row(Durum=word)).status is status

    def test_an_unknown_word_holds_the_order(self, codes, row):
        assert codes(row(Durum="Beklemede (özel)")) == ["row.unknown_status"]

    def test_the_sellers_own_words_come_first(self, order, row):
        settings = {"statuses": {"depo bekliyor": "preparing", "Yeni": "awaiting_payment"}}
        assert order(row(Durum="DEPO Bekliyor"), **settings).status is OrderStatus.PREPARING
        assert order(row(Durum="Yeni"), **settings).status is OrderStatus.AWAITING_PAYMENT

    def test_without_a_status_the_default_counts(self, order, row):
        assert order(row(Durum="")).status is OrderStatus.NEW
        assert order(row(), default_status="preparing").status is OrderStatus.PREPARING

    def test_a_cancelled_line_leaves_the_rest_of_the_order(self, order, row):
        made = order(row(Durum="Hazırlanıyor"), row(Durum="İptal", Stok_Kodu="STK-2"))
        assert made.status is OrderStatus.PREPARING
        assert [line.cancelled for line in made.lines] == [False, True]
        assert made.total == D("120.00")

    @pytest.mark.parametrize("total", ["120,00", "240,00"])
    def test_a_total_may_or_may_not_count_the_cancelled_line(self, order, row, total):
        rows = (
            row(Durum="Hazırlanıyor", Sipariş_Toplamı=total),
            row(Durum="İptal", Stok_Kodu="STK-2", Sipariş_Toplamı=total),
        )
        assert order(*rows).total == D("120.00")

    def test_an_order_is_as_far_as_its_slowest_line(self, order, row):
        made = order(row(Durum="Kargoda"), row(Durum="Hazırlanıyor", Stok_Kodu="STK-2"))
        assert made.status is OrderStatus.PREPARING

    def test_a_cancelled_order_keeps_its_total(self, order, row):
        made = order(row(Durum="İptal", Sipariş_Toplamı="120,00"))
        assert (made.status, made.total) == (OrderStatus.CANCELLED, D("120.00"))

    def test_an_order_with_an_invoice_number_is_held_against_a_second_invoice(self, codes, row):
        assert codes(row(Fatura_No="ABC2026000000001")) == ["order.already_invoiced"]

    def test_it_is_taken_as_invoiced_when_the_settings_say_so(self, order, row):
        made = order(row(Fatura_No="ABC2026000000001"), invoiced_orders="import")
        assert made.status is OrderStatus.INVOICED
        assert made.extras == {"orderfile": {"invoice_number": "ABC2026000000001"}}


class TestRest:
    @pytest.mark.parametrize(
        ("word", "method"),
        [
            ("Kredi Kartı", PaymentMethod.CARD), ("Havale/EFT", PaymentMethod.TRANSFER),
            ("Kapıda Ödeme - Kredi Kartı", PaymentMethod.CASH_ON_DELIVERY), ("Puan", PaymentMethod.OTHER),
            ("Trendyol", PaymentMethod.PLATFORM),
        ],
    )  # fmt: skip
    def test_payment_methods(self, order, row, word, method):
        payment = order(row(Ödeme_Yöntemi=word), payment_agent="Örnek Ödeme A.Ş.").payment
        assert (payment.method, payment.raw, payment.agent) == (method, word, "Örnek Ödeme A.Ş.")

    @pytest.mark.parametrize("written", ["USD", "$", "Dolar", "usd"])
    def test_a_currency_column(self, order, row, written):
        made = order(row(Para_Birimi=written, Kur="41,2500"))
        assert (made.currency, made.exchange_rate) == ("USD", D("41.25"))

    def test_the_sign_beside_the_amounts_tells_the_currency(self, order, row):
        assert order(row(Birim_Fiyat="120,00 €")).currency == "EUR"
        assert order(row(Birim_Fiyat="₺120,00")).currency == "TRY"

    def test_a_sign_that_contradicts_the_currency_column_holds_the_order(self, codes, row):
        assert codes(row(Birim_Fiyat="120,00 €", Para_Birimi="TRY")) == ["row.other_currency"]

    def test_an_unknown_currency_holds_the_order(self, codes, row):
        assert codes(row(Para_Birimi="Boncuk")) == ["row.unknown_currency"]

    def test_shipping_data(self, order, row):
        made = row(
            Kargo_Firması="Örnek Kargo", Takip_No="0073300000001", Kargoya_Teslim_Tarihi="03.03.2026",
            Teslimat_Alıcısı="Komşu Bey",
        )  # fmt: skip
        shipping = order(made).shipping
        assert (shipping.carrier, shipping.tracking_number, shipping.recipient) == (
            "Örnek Kargo", "0073300000001", "Komşu Bey",
        )  # fmt: skip
        assert shipping.shipped_at == datetime(2026, 3, 2, 21, 0, tzinfo=UTC)

    def test_a_clock_in_a_column_of_its_own(self, order, row):
        made = order(row(Sipariş_Tarihi="02.03.2026", Sipariş_Saati="14:05"))
        assert made.placed_at == datetime(2026, 3, 2, 11, 5, tzinfo=UTC)

    def test_clocks_may_be_of_another_zone(self, order, row):
        made = order(row(Sipariş_Tarihi="02.03.2026 09:30"), timezone="Europe/Berlin")
        assert made.placed_at == datetime(2026, 3, 2, 8, 30, tzinfo=UTC)

    def test_micro_export_is_a_flag(self, order, row):
        assert order(row(Mikro_İhracat="Evet")).export
        assert not order(row(Mikro_İhracat="Hayır")).export

    def test_an_unclear_flag_holds_the_order(self, codes, row):
        assert codes(row(Mikro_İhracat="belki")) == ["row.unclear_answer"]

    def test_a_variant_is_part_of_the_name(self, order, row):
        assert order(row(Varyant="Mavi / L")).lines[0].name == "Seramik Kupa - Mavi / L"

    def test_by_package_one_order_number_gives_several_records(self, parse_rows, row):
        rows = row(Paket_No="P-1"), row(Paket_No="P-2", Stok_Kodu="STK-2")
        records = parse_rows(*rows, group_by="package")
        assert list(records) == ["P-1", "P-2"]
        assert {record.value.number for record in records.values()} == {"S-1"}

    @pytest.mark.parametrize("mangled", ["8,69903E+12", "8.69903E+12", "1E+10"])
    def test_a_number_that_excel_shortened_is_refused(self, codes, row, mangled):
        assert codes(row(Barkod=mangled)) == ["row.mangled"]

    def test_a_shortened_tracking_number_is_left_out_with_a_remark(self, parse_rows, row):
        (record,) = parse_rows(row(Takip_No="7,33E+15")).values()
        assert record.value.shipping.tracking_number == ""
        assert [(each.code, each.blocks) for each in record.findings] == [("orderfile.row.mangled", False)]

    def test_a_shortened_order_number_never_merges_orders(self, parse_rows, row):
        records = parse_rows(row(Sipariş_No="1,09E+10"), row(Sipariş_No="1,09E+10", Alıcı="Başka Biri"))
        assert [record.value for record in records.values()] == [None, None]
        assert {finding.code for record in records.values() for finding in record.findings} == {
            "orderfile.row.mangled"
        }

    def test_texts_are_cleaned_of_invisible_marks(self, order, row):
        assert order(row(Ürün_Adı="Seramik\u200b  Kupa\u202e")).lines[0].name == "Seramik Kupa"

    def test_many_remarks_never_hide_what_holds_the_order(self, parse_rows, row):
        rows = [row(Stok_Kodu=f"STK-{n}", KDV_Oranı="19") for n in range(60)]
        (record,) = parse_rows(*rows, row(Adet="çok")).values()
        assert record.value is None
        assert [finding.code for finding in record.findings if finding.blocks] == ["orderfile.row.bad_number"]

    def test_a_row_that_only_repeats_the_number_is_no_line(self, order, row):
        made = order(row(), {"Sipariş No": "S-1", "Kargo Ücreti": "10,00"})
        assert [line.kind for line in made.lines] == [LineKind.GOODS, LineKind.SHIPPING]

    def test_an_order_without_any_line_is_held(self, codes, row):
        made = row(Stok_Kodu="", Ürün_Adı="", Adet="", Birim_Fiyat="")
        assert codes(made) == ["order.no_lines"]


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
