"""Invoices as Mikro's save methods take them."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kopru.model import InvoiceKind, LineKind, PaymentMethod, Profile, Withholding
from kopru.model.money import ZERO
from kopru.sdk import Direction, MappingMissing, Rejected, Unsupported
from kopru_mikro.mapping import invoice as invoices
from kopru_mikro.mapping.invoice import Booking

POINTERS = {Decimal(0): 0, Decimal(1): 2, Decimal(10): 3, Decimal(20): 4}


@pytest.fixture
def write(make_config, make_key):
    """Return method and body of an invoice, checked and mapped."""

    def build(ledger, **changed):
        config = make_config(**changed)
        invoices.check(config, ledger)
        return invoices.invoice_body(Booking(config, make_key("a"), ledger, POINTERS))

    return build


def test_a_sale_is_written_as_in_the_vendors_sample(write, book, make_line, make_key):
    method, body = write(book(make_line("400.00", before="440.00", rate="10", quantity="2")))
    assert method == "FaturaKaydetV2"
    head = {name: body[name] for name in ("cha_tip", "cha_cinsi", "cha_normal_Iade", "cha_evrak_tip")}
    assert head == {"cha_tip": 0, "cha_cinsi": 6, "cha_normal_Iade": 0, "cha_evrak_tip": 63}
    assert (body["cha_tarihi"], body["cha_kod"]) == ("10.03.2026", "120.WEB")
    assert (body["cha_d_cins"], body["cha_d_kur"], body["cha_vade"]) == (0, 1, 0)
    assert body["cha_evrakno_seri"] == "KPR"
    assert "cha_evrakno_sira" not in body
    line = body["detay"][0]
    assert (line["sth_tip"], line["sth_cins"], line["sth_evraktip"], line["sth_normal_iade"]) == (1, 0, 4, 0)
    assert (line["sth_tutar"], line["sth_iskonto1"]) == (Decimal("400.00"), Decimal("36.36"))
    assert (line["sth_vergi"], line["sth_vergi_pntr"]) == (Decimal("36.36"), 3)
    assert (line["sth_miktar"], line["sth_birim_pntr"]) == (Decimal(2), 1)
    assert line["sth_giris_depo_no"] == line["sth_cikis_depo_no"] == 1
    assert line["sth_cari_kodu"] == "120.WEB"
    assert line["sth_aciklama"] == "10900000001/1 Çizgili Defter A5"
    assert line["sth_vergisiz_fl"] is False


def test_the_description_carries_key_and_number_within_its_length(write, book, make_key):
    _, body = write(book())
    assert body["cha_aciklama"] == f"{make_key('a').short} ABC2026000000001"
    assert len(body["cha_aciklama"]) <= 40


@pytest.mark.parametrize(
    ("holds", "written"), [("invoice", "ABC2026000000001"), ("order", "10900000001"), ("none", None)]
)
def test_the_document_number_is_chosen(write, book, holds, written):
    _, body = write(book(), document_number=holds)
    assert body.get("cha_belge_no") == written
    assert body.get("cha_belge_tarih") == (written and "10.03.2026")


@pytest.mark.parametrize(
    ("kind", "direction", "numbers"),
    [
        (InvoiceKind.SALE, Direction.SALES, (63, 0, 0, 4, 1)),
        (InvoiceKind.RETURN, Direction.SALES, (0, 1, 1, 3, 0)),
        (InvoiceKind.SALE, Direction.PURCHASE, (0, 1, 0, 3, 0)),
        (InvoiceKind.RETURN, Direction.PURCHASE, (63, 0, 1, 4, 1)),
    ],
)
def test_four_kinds_of_invoices_have_their_numbers(write, book, kind, direction, numbers):
    _, body = write(book(kind=kind, direction=direction))
    line = body["detay"][0]
    found = (body["cha_evrak_tip"], body["cha_tip"], body["cha_normal_Iade"])
    assert (*found, line["sth_evraktip"], line["sth_tip"]) == numbers
    assert line["sth_normal_iade"] == body["cha_normal_Iade"]


def test_the_numbers_of_a_return_are_settings(write, book):
    other = {"cha_evrak_tip": 63, "cha_tip": 1, "sth_evraktip": 4, "sth_tip": 1, "returned": 1}
    _, body = write(book(kind=InvoiceKind.RETURN), sales_return=other)
    assert (body["cha_evrak_tip"], body["detay"][0]["sth_evraktip"], body["detay"][0]["sth_tip"]) == (
        63,
        4,
        1,
    )


def test_series_and_codes_follow_kind_and_channel(write, book):
    codes = {"series": "KPR", "return_series": "IAD", "purchase_series": "ALI", "project": "ETIC"}
    own = {"trendyol": {"series": "TY", "salesman": "WEB"}}
    options = {"codes": codes, "channels": own, "channel_warehouses": {"trendyol": 7}, "branch": 2}
    _, sale = write(book(), **options)
    _, back = write(book(kind=InvoiceKind.RETURN), **options)
    _, bought = write(book(direction=Direction.PURCHASE), **options)
    _, other = write(book(channel="n11"), **options)
    assert [body["cha_evrakno_seri"] for body in (sale, back, bought, other)] == ["TY", "IAD", "ALI", "KPR"]
    assert (sale["cha_projekodu"], sale["cha_satici_kodu"], sale["cha_subeno"]) == ("ETIC", "WEB", 2)
    line = sale["detay"][0]
    assert (line["sth_proje_kodu"], line["sth_plasiyer_kodu"], line["sth_cikis_depo_no"]) == (
        "ETIC",
        "WEB",
        7,
    )
    assert line["sth_evrakno_seri"] == "TY"
    assert "cha_satici_kodu" not in other
    assert other["detay"][0]["sth_cikis_depo_no"] == 1


def test_retail_is_seven_and_its_lines_are_one(write, book):
    _, body = write(book(), person_sale="retail")
    assert (body["cha_cinsi"], body["detay"][0]["sth_cins"]) == (7, 1)


def test_a_company_may_be_booked_otherwise_than_a_person(write, book, company):
    _, body = write(book(buyer=company), person_sale="retail")
    assert body["cha_cinsi"] == 6


def test_the_due_day_is_one_number(write, book):
    assert write(book(payment_due=date(2026, 4, 9)))[1]["cha_vade"] == 20260409
    assert write(book(), payment_plan=2)[1]["cha_vade"] == 2


def test_a_foreign_invoice_stays_in_its_currency(write, book):
    _, body = write(book(currency="EUR", exchange_rate=Decimal("42.1234")))
    assert (body["cha_d_cins"], body["cha_d_kur"]) == (2, Decimal("42.1234"))
    assert body["detay"][0]["sth_tutar"] == Decimal("49.92")


def test_shipping_and_fees_have_cards_of_their_own(write, book, make_line):
    lines = (
        make_line("59.90", id="1", code="X", kind=LineKind.SHIPPING),
        make_line("12.00", id="2", code="Y", kind=LineKind.FEE),
        make_line("10.00", id="3", code="Z", kind=LineKind.SERVICE),
    )
    _, body = write(book(*lines), shipping_item="KARGO", fee_item="HIZMET")
    assert [line["sth_stok_kod"] for line in body["detay"]] == ["KARGO", "HIZMET", "Z"]


def test_a_rounding_is_a_line_without_vat(write, book):
    _, body = write(book(rounding=Decimal("0.10")), rounding_item="YUV")
    assert [line["sth_stok_kod"] for line in body["detay"]] == ["STK-0001", "YUV"]
    rounding = body["detay"][1]
    assert (rounding["sth_tutar"], rounding["sth_vergi"], rounding["sth_vergi_pntr"]) == (
        Decimal("0.10"),
        ZERO,
        0,
    )


def test_the_exemption_stands_in_the_header(write, book, make_line):
    line = make_line("100.00", rate="0", exemption="301")
    _, body = write(book(line, kind=InvoiceKind.EXEMPTION))
    assert body["kdv_istisna_kodu"] == "301"


def test_an_archive_invoice_shows_buyer_and_sale(write, book):
    _, body = write(book(), payment_types={"card": 1})
    assert body["ebelge_detay"] == [{"ebh_odeme_sekli": 1, "ebh_satisin_webadresi": "www.example.com"}]
    buyer = {name.removeprefix("cha_EArsiv_"): value for name, value in body.items() if "EArsiv" in name}
    assert (buyer["unvani_ad"], buyer["unvani_soyad"], buyer["Vkn"]) == ("Ayşe", "Örnekoğlu", "90000000152")
    assert (buyer["tel_ulke_kod"], buyer["tel_bolge_kod"], buyer["tel_no"]) == ("90", "555", "1112233")
    assert (buyer["Il"], buyer["ulke"]) == ("İstanbul", "TÜRKİYE")


def test_an_unmapped_payment_method_is_left_out(write, book):
    _, body = write(book(), payment_types={PaymentMethod.TRANSFER: 2})
    assert body["ebelge_detay"] == [{"ebh_satisin_webadresi": "www.example.com"}]


@pytest.mark.parametrize(
    ("changes", "options"),
    [
        ({"profile": Profile.COMMERCIAL}, {}),
        ({"direction": Direction.PURCHASE}, {}),
        ({}, {"edocument_fields": False}),
    ],
)
def test_others_do_not(write, book, changes, options):
    _, body = write(book(**changes), **options)
    assert not [name for name in body if "EArsiv" in name or name == "ebelge_detay"]


def test_the_key_may_have_a_second_place(write, book, make_key):
    key = make_key("a").short
    assert write(book(), second_key="external_id")[1]["cha_disyazilimid"] == key
    named = {"invoice_user_table": "A", "order_user_table": "B", "user_link": "c", "user_column": "no"}
    assert write(book(), second_key="user_column", **named)[1]["user_tablo"] == [{"no": key}]
    _, plain = write(book())
    assert plain["user_tablo"] == []
    assert "cha_disyazilimid" not in plain


def test_one_service_may_go_to_a_service_card(write, book, make_line):
    line = make_line("1200.00", kind=LineKind.FEE, code="KOMISYON")
    method, body = write(book(line, direction=Direction.PURCHASE), service_invoices="service_card")
    assert method == "FaturaKaydetV3"
    assert (body["cha_kasa_hizmet"], body["cha_kasa_hizkod"], body["cha_miktari"]) == (3, "KOMISYON", 1)
    assert (body["cha_aratoplam"], body["cha_vergi4"]) == (Decimal("1000.00"), Decimal("200.00"))
    assert body["cha_meblag"] == Decimal("1200.00")
    assert "detay" not in body


def test_goods_never_go_to_a_service_card(write, book):
    assert write(book(), service_invoices="service_card")[0] == "FaturaKaydetV2"


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for kind in InvoiceKind
        if kind not in (InvoiceKind.SALE, InvoiceKind.RETURN, InvoiceKind.EXEMPTION)
    ],
)
def test_kinds_nobody_documented_are_not_booked(write, book, kind):
    with pytest.raises(Unsupported):
        write(book(kind=kind))


def test_all_faults_are_told_at_once(write, book, make_line):
    held = Withholding(code="601", name="Tevkifat", rate=Decimal(50), base=Decimal(1), amount=Decimal(1))
    lines = (
        make_line("10.00", id="1", withholdings=(held,)),
        make_line("10.00", id="2", code="X" * 26),
        make_line("10.00", id="3", rate="0", exemption="301"),
        make_line("10.00", id="4", rate="0", exemption="302"),
    )
    ledger = book(*lines, party_code="", currency="JPY", exchange_rate=Decimal(1), rounding=Decimal("-0.01"))
    with pytest.raises(Rejected) as refused:
        write(ledger)
    assert {finding.code for finding in refused.value.findings} == {
        "mikro.invoice.party",
        "mikro.currency",
        "mikro.invoice.rounding",
        "mikro.invoice.exemption",
        "mikro.invoice.withholding",
        "mikro.line.code",
    }
    assert {finding.field for finding in refused.value.findings} >= {
        "lines[0].withholdings",
        "lines[1].item_code",
    }


def test_a_service_invoice_of_two_lines_is_refused(write, book, make_line):
    lines = [make_line("10.00", id=n, kind=LineKind.FEE) for n in ("1", "2")]
    with pytest.raises(Rejected) as refused:
        write(book(*lines), service_invoices="service_card")
    assert refused.value.code == "mikro.invoice.service"


def test_every_unknown_unit_is_named(write, book, make_line):
    lines = [make_line("10.00", id=unit, unit=unit) for unit in ("KGM", "C62", "BX")]
    with pytest.raises(MappingMissing) as missing:
        write(book(*lines))
    assert missing.value.keys == ("BX", "KGM")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_is_written_adds_up_to_the_invoice(write, book, make_line, data):
    lines = []
    for number in range(data.draw(st.integers(1, 5))):
        payable = data.draw(st.decimals("0.01", "99999.99", places=2))
        discount = data.draw(st.decimals("0.00", "500.00", places=2))
        rate = data.draw(st.sampled_from(["0", "1", "10", "20"]))
        quantity = data.draw(st.sampled_from(["1", "2", "3", "7"]))
        before = str(payable + discount)
        lines.append(make_line(str(payable), before=before, rate=rate, quantity=quantity, id=str(number)))
    ledger = book(*lines)
    _, body = write(ledger)
    total = sum((row["sth_tutar"] - row["sth_iskonto1"] + row["sth_vergi"] for row in body["detay"]), ZERO)
    assert total == ledger.invoice.totals.payable
