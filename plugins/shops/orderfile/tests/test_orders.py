"""One order from its rows: status, payment, delivery, codes, and what makes it wait."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kopru.model import LineKind, OrderStatus, PaymentMethod

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
