"""What the renderer makes of the odd invoices."""

import json
from datetime import date
from decimal import Decimal

import pytest

from kopru.model import Address, DocumentRef, LineKind, Party, PartyKind, PaymentMethod, Profile, Tax
from kopru_ubltr import karekod, plugin
from kopru_ubltr.config import UblTrConfig
from kopru_ubltr.identity import of_buyer, of_seller
from kopru_ubltr.reader import read

PLAIN = UblTrConfig(amount_in_words="none")


def rendered(invoice, **settings):
    return plugin.render_invoice(UblTrConfig(**{"amount_in_words": "none", **settings}), invoice)


def summary(invoice, **settings):
    return read(rendered(invoice, **settings).content)


def archive(make, **changes):
    return make.invoice(profile=Profile.ARCHIVE, **changes)


def test_texts_are_cleaned_and_escaped(make):
    line = make.line(name="  Kupa\u200b \u202e<b> & \x07“Çift\tduvar”  ")
    assert summary(make.invoice(lines=(line,))).lines[0].name == "Kupa <b> & “Çift duvar”"


def test_a_buyer_reads_its_own_code_and_name_beside_our_code(make):
    line = make.line(buyer_code="700123", buyer_name="DEFTER CZG A5")
    read_line = summary(make.invoice(lines=(line,))).lines[0]
    assert (read_line.buyer_code, read_line.name, read_line.item_code) == ("700123", "DEFTER CZG A5", "STK-1")


def test_without_a_code_of_the_buyer_there_is_no_empty_element(make):
    content = rendered(make.invoice(lines=(make.line(buyer_name="DEFTER CZG A5"),))).content
    assert b"BuyersItemIdentification" not in content


def test_decomposed_letters_are_composed(make):
    line = make.line(name="S\u0327eker")
    assert summary(make.invoice(lines=(line,))).lines[0].name == "Şeker"


def test_turkish_letters_keep_their_dots(make):
    line = make.line(name="IŞIK ılık İNCİ i")
    assert summary(make.invoice(lines=(line,))).lines[0].name == "IŞIK ılık İNCİ i"


def test_the_file_is_named_after_the_invoice(make):
    document = rendered(make.invoice())
    assert (document.filename, document.media_type) == ("ABC2025000000001.xml", "application/xml")


def test_a_sole_trader_is_a_person_with_a_trade_name(make):
    trader = make.company.model_copy(
        update={"name": "Işıl Örnekoğlu Kırtasiye", "tax_id": make.person.tax_id}
    )
    buyer = summary(make.invoice(buyer=trader)).buyer
    assert (buyer.scheme, buyer.name) == ("TCKN", "Işıl Örnekoğlu Kırtasiye")
    assert (buyer.first_name, buyer.last_name) == ("Işıl Örnekoğlu", "Kırtasiye")


def test_a_consumer_without_number_gets_the_conventional_one(make):
    buyer = make.person.model_copy(update={"tax_id": None})
    assert summary(archive(make, buyer=buyer)).buyer.number == "11111111111"


def test_a_foreign_buyer_keeps_the_own_number_beside_the_conventional_one(make):
    buyer = summary(archive(make, buyer=make.foreigner)).buyer
    assert (buyer.scheme, buyer.number, buyer.others) == ("VKN", "2222222222", (("PASAPORTNO", "X1234567"),))
    assert (buyer.name, buyer.district, buyer.country) == ("Ana Primer", "Madrid", "ES")


def test_a_foreign_buyer_without_any_number_is_possible(make):
    buyer = make.foreigner.model_copy(update={"tax_id": None})
    assert summary(archive(make, buyer=buyer)).buyer.others == ()


@pytest.mark.parametrize(("setting", "district"), [("city", "Ankara"), ("centre", "Merkez")])
def test_a_missing_district_is_replaced_only_by_setting(make, setting, district):
    buyer = make.company.model_copy(update={"address": Address(city="Ankara")})
    assert summary(make.invoice(buyer=buyer), missing_district=setting).buyer.district == district


def test_an_unusable_delivery_address_is_left_out(make):
    document = rendered(make.invoice(delivery_address=Address(street="Bir yer"), tracking_number="73300"))
    assert b"DeliveryAddress" not in document.content
    assert read(document.content).delivery.tracking_number == "73300"


def test_a_discount_shows_its_base_and_a_short_exact_factor(make):
    content = rendered(make.invoice(lines=(make.line(price="120", discount="12"),))).content
    assert b"<cbc:MultiplierFactorNumeric>0.10<" in content
    assert b'<cbc:BaseAmount currencyID="TRY">100.00<' in content


def test_a_discount_that_is_no_short_fraction_shows_the_amount_only(make):
    content = rendered(make.invoice(lines=(make.line(price="12000", discount="0.01"),))).content
    assert b"MultiplierFactorNumeric" not in content
    assert b"<cac:AllowanceCharge>" in content


def test_several_taxes_of_a_line_are_numbered(make):
    taxes = (
        Tax(code="0077", name="ÖTV", rate=Decimal(10), base=Decimal(100), amount=Decimal(10)),
        Tax(rate=Decimal(20), base=Decimal(110), amount=Decimal(22)),
    )
    content = rendered(make.invoice(lines=(make.line(taxes=taxes),))).content
    assert content.count(b"<cbc:CalculationSequenceNumeric>1<") == 2
    assert content.count(b"<cbc:CalculationSequenceNumeric>2<") == 2
    assert b"CalculationSequenceNumeric" not in rendered(make.invoice()).content


def test_numbers_are_plain(make):
    line = make.line(quantity="3E+2", price="1200")
    read_line = summary(make.invoice(lines=(line,))).lines[0]
    assert (read_line.quantity, read_line.unit_price) == (Decimal(300), line.unit_price)
    assert b'<cbc:InvoicedQuantity unitCode="C62">300<' in rendered(make.invoice(lines=(line,))).content


def test_rounding_is_shown_and_paid(make):
    totals = summary(make.invoice(rounding=Decimal("0.05"))).totals
    assert (totals.rounding, totals.payable) == (Decimal("0.05"), Decimal("120.05"))


def test_a_foreign_currency_has_its_rate_in_lira_and_says_so(make):
    document = summary(make.invoice(currency="USD", exchange_rate=Decimal("36.12345678")))
    assert (document.exchange_rate, document.currency) == (Decimal("36.123457"), "USD")
    assert document.currencies == {"USD"}
    assert document.notes == (
        "Döviz kuru: 1 USD = 36,123457 TL. TL karşılığı: matrah 3.612,35, vergi 722,47, ödenecek 4.334,81 TL.",
    )


def test_the_currency_note_can_be_switched_off(make):
    invoice = make.invoice(currency="USD", exchange_rate=Decimal("36.5"))
    assert summary(invoice, currency_note=False).notes == ()


def test_notes_stand_in_order(make):
    sale = archive(make, notes=("Kapıya bırakın.",), internet_sale=make.internet)
    notes = summary(sale, amount_in_words="joined", extra_notes=("Son not.",), despatch_note=True).notes
    assert [note.split(":")[0] for note in notes] == [
        "Yalnız yüzyirmi Türk lirası",
        "Bu satış internet üzerinden yapılmıştır.",
        "Web adresi",
        "İrsaliye yerine geçer.",
        "Kapıya bırakın.",
        "Son not.",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"despatch_refs": (DocumentRef(number="IRS2025000000001", date=date(2025, 3, 2)),)},
        {"services": True},
    ],
)
def test_no_despatch_statement_where_it_would_be_wrong(make, changes):
    if changes.pop("services", False):
        changes["lines"] = (make.line(kind=LineKind.SERVICE),)
    assert summary(make.invoice(**changes), despatch_note=True).notes == ()


def test_nilvera_gets_its_references(make):
    references = summary(archive(make, internet_sale=make.internet)).references
    assert {each.type_code: each.id for each in references} == {
        "SEND_TYPE": "ELEKTRONIK",
        "IS_INTERNET": ".",
        "INT_WEBSITE": "https://www.pazar.example",
        "INT_PAYMENT_METHOD": "ODEMEARACISI",
        "INT_PAYMENTDATE": "2025-03-01",
        "INT_TRANSPORTER": "Örnek Kargo A.Ş.",
        "INT_TRANSPORTER_REGISTER_NUMBER": make.internet.carrier_tax_id,
        "INT_TRANSPORT_DATE": "2025-03-03",
    }


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        ("izibiz", [("1", "SendingType", "ELEKTRONIK"), ("1", "EArchiveType", "INTERNET")]),
        ("general", [("ELEKTRONIK", "", "GONDERIM_SEKLI")]),
    ],
)
def test_the_other_dialects(make, dialect, expected):
    document = summary(archive(make, internet_sale=make.internet), internet_dialect=dialect)
    assert [(each.id, each.type_code, each.type) for each in document.references] == expected


@pytest.mark.parametrize("dialect", ["nilvera", "izibiz", "general"])
def test_every_dialect_also_writes_the_plain_ubl_elements(make, dialect):
    document = summary(archive(make, internet_sale=make.internet), internet_dialect=dialect)
    assert (document.delivery.carrier_name, document.delivery.carrier_number) == (
        make.internet.carrier_name,
        make.internet.carrier_tax_id,
    )
    assert document.delivery.shipped_on == make.internet.shipped_on
    assert document.payment.note == "ODEMEARACISI: Deneme Pazaryeri A.Ş."
    assert document.payment.due == make.internet.payment_date


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        ("nilvera", [("KAGIT", "SEND_TYPE")]),
        ("izibiz", [("1", "SendingType"), ("1", "EArchiveType")]),
        ("general", [("KAGIT", "")]),
    ],
)
def test_an_archive_invoice_of_a_shop_counter_tells_only_its_delivery(make, dialect, expected):
    document = summary(archive(make), internet_dialect=dialect, archive_delivery="paper")
    assert [(each.id, each.type_code) for each in document.references] == expected


def test_an_internet_sale_is_always_delivered_electronically(make):
    document = summary(archive(make, internet_sale=make.internet), archive_delivery="paper")
    assert document.references[0].id == "ELEKTRONIK"


def test_an_einvoice_of_an_internet_sale_has_no_archive_references(make):
    document = summary(make.invoice(internet_sale=make.internet))
    assert document.references == ()
    assert document.notes == ()
    assert document.payment.note.startswith("ODEMEARACISI")


def test_a_carrier_without_number_is_named_in_the_note_only(make):
    sale = make.internet.model_copy(update={"carrier_tax_id": ""})
    document = summary(archive(make, internet_sale=sale))
    assert document.delivery.carrier_name == ""
    assert "Taşıyıcı: Örnek Kargo A.Ş. |" in document.notes[1]


@pytest.mark.parametrize(
    ("method", "code", "account"),
    [
        (PaymentMethod.TRANSFER, "42", True),
        (PaymentMethod.CARD, "48", False),
        (PaymentMethod.CASH_ON_DELIVERY, "10", False),
    ],
)
def test_the_iban_is_told_where_it_can_be_paid_to(make, method, code, account):
    iban = "TR000000000000000000000000"
    sale = make.internet.model_copy(update={"payment_method": method})
    payment = summary(archive(make, internet_sale=sale), iban=iban).payment
    assert (payment.code, payment.account) == (code, iban if account else "")


def test_no_payment_means_without_anything_to_say(make):
    assert b"PaymentMeans" not in rendered(make.invoice()).content
    assert summary(make.invoice(payment_due=date(2025, 4, 2))).payment.due == date(2025, 4, 2)


def test_a_return_names_what_it_returns(make):
    refs = tuple(DocumentRef(number=f"ABC202500000000{n}", date=date(2025, 2, n)) for n in (1, 2))
    billing = summary(make.invoice(kind="return", billing_refs=refs)).billing
    assert [(each.id, each.date, each.type_code) for each in billing] == [
        ("ABC2025000000001", date(2025, 2, 1), "IADE"),
        ("ABC2025000000002", date(2025, 2, 2), "IADE"),
    ]


def test_the_karekod_says_the_same_from_invoice_and_document(case):
    _, config, invoice = case
    seller, buyer = of_seller(invoice.seller), of_buyer(invoice.buyer, invoice.profile, config)
    document = read(plugin.render_invoice(config, invoice).content)
    assert karekod.of_invoice(invoice, seller, buyer) == karekod.of_document(document)


def test_the_karekod_has_the_standard_keys(make):
    lines = (make.line("1"), make.line("2", rate="10", price="110"), make.line("3"))
    document = summary(archive(make, lines=lines), karekod=True)
    embedded = next(each for each in document.references if each.type_code == "KAREKOD")
    assert json.loads(embedded.description) == {
        "vkntckn": make.seller.tax_id.value,
        "avkntckn": make.person.tax_id.value,
        "senaryo": "EARSIVFATURA",
        "tip": "SATIS",
        "tarih": "2025-03-03",
        "no": "ABC2025000000001",
        "ettn": "6f1d3a10-0000-4000-8000-000000000001",
        "parabirimi": "TRY",
        "malhizmettoplam": "300.00",
        "kdvmatrah(20)": "200.00",
        "hesaplanankdv(20)": "40.00",
        "kdvmatrah(10)": "100.00",
        "hesaplanankdv(10)": "10.00",
        "vergidahil": "350.00",
        "odenecek": "350.00",
    }


def test_the_karekod_has_one_pair_per_rate(make):
    def line(id, code):
        tax = Tax(rate=0, base=100, amount=0, exemption_code=code, exemption_reason="Sebep")
        return make.line(id, price="100", rate="0", taxes=(tax,))

    ref = DocumentRef(number="ABC2025000000007", date=date(2025, 2, 20))
    lines = (line("1", "301"), line("2", "335"))
    document = summary(make.invoice(kind="return", billing_refs=(ref,), lines=lines))
    assert json.loads(karekod.of_document(document))["kdvmatrah(0)"] == "200.00"


def test_parties_without_optional_data_have_no_empty_elements(make):
    bare = Party(
        kind=PartyKind.COMPANY,
        name="Yalın A.Ş.",
        tax_id=make.company.tax_id,
        tax_office="Çankaya",
        address=Address(district="Çankaya", city="Ankara"),
    )
    content = rendered(make.invoice(buyer=bare)).content.decode()
    customer = content.partition("<cac:AccountingCustomerParty>")[2].partition(
        "</cac:AccountingCustomerParty>"
    )[0]
    assert "/>" not in customer
    assert "Contact" not in customer
