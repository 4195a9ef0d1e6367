"""Who buys: names, companies, tax numbers and addresses."""

from decimal import Decimal

import pytest

from kopru.model import PartyKind, TaxScheme

D = Decimal


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
