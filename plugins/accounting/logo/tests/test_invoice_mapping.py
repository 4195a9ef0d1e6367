"""Invoices as Logo takes them: made up from the documented shape, field by field."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from kopru.model import InvoiceKind, LineKind, Profile, Tax, Withholding
from kopru.sdk import Direction, MappingMissing, Rejected, Unsupported
from kopru_logo.codes import packed_time
from kopru_logo.config import Amounts
from kopru_logo.mapping.invoice import invoice_body
from kopru_logo.mapping.lines import price_of


def lines(body):
    return body["TRANSACTIONS"]["items"]


def archive(body):
    return {
        name.removeprefix("EARCHIVEDETR_"): value for name, value in body.items() if "EARCHIVEDETR" in name
    }


def test_a_consumer_invoice_field_by_field(make_config, make_key, book, make_line):
    key = make_key("invoice 1")
    body = invoice_body(
        make_config(shipping_service="KARGO", codes={"salesman_code": "WEB", "payment_code": "PESIN"}),
        key,
        book(make_line("400.00", before="440.00", rate="10", quantity="2"),
             make_line("59.90", kind=LineKind.SHIPPING, code="SHIP", id="2")),
    )  # fmt: skip
    assert body == {
        "TYPE": 7,
        "NUMBER": "ABC2026000000001",
        "GUID": str(key.uuid).upper(),
        "DOC_TRACK_NR": key.short,
        "DOC_NUMBER": "10900000001",
        "DATE": "2026-03-10",
        "TIME": 202116096,
        "DOC_DATE": "2026-03-10",
        "ARP_CODE": "120.WEB",
        "SOURCE_WH": 0,
        "SOURCE_COST_GRP": 0,
        "DIVISION": 0,
        "DEPARTMENT": 0,
        "FACTORY": 0,
        "PAYMENT_CODE": "PESIN",
        "SALESMAN_CODE": "WEB",
        "NOTES1": "trendyol 10900000001",
        "TRACK_NR": "7330000000000001",
        "CURRSEL_TOTALS": 1,
        "RC_XRATE": 1,
        "POST_FLAGS": 247,
        "AFFECT_RISK": 1,
        "DEDUCTIONPART1": 2,
        "DEDUCTIONPART2": 3,
        "EINVOICE": 3,
        "PROFILE_ID": 0,
        "EINVOICE_TYPE": 0,
        "EARCHIVEDETR_SENDMOD": 2,
        "EARCHIVEDETR_INTSALESADDR": "www.example.com",
        "EARCHIVEDETR_INTPAYMENTDATE": "2026-03-09",
        "EARCHIVEDETR_INTPAYMENTAGENT": "Örnek Pazaryeri",
        "EARCHIVEDETR_ISCOMP": 0,
        "EARCHIVEDETR_TCKNO": "90000000152",
        "EARCHIVEDETR_NAME": "Ayşe",
        "EARCHIVEDETR_SURNAME": "Örnekoğlu",
        "EARCHIVEDETR_ADDR1": "Deneme Cad. No:1",
        "EARCHIVEDETR_DISTRICT": "Örnek Mah.",
        "EARCHIVEDETR_TOWN": "Kadıköy",
        "EARCHIVEDETR_CITY": "İstanbul",
        "EARCHIVEDETR_COUNTRYCODE": "TR",
        "EARCHIVEDETR_COUNTRY": "TÜRKİYE",
        "EARCHIVEDETR_EMAILADDR": "ayse@example.com",
        "EARCHIVEDETR_TELNRS1": "0555 111 22 33",
        "EARCHIVEDETR_INSTEADOFDESP": 1,
        "TRANSACTIONS": {
            "items": [
                {
                    "TYPE": 0,
                    "MASTER_CODE": "STK-0001",
                    "QUANTITY": 2,
                    "PRICE": Decimal("220"),
                    "VAT_RATE": 10,
                    "VAT_INCLUDED": 1,
                    "UNIT_CODE": "ADET",
                    "UNIT_CONV1": 1,
                    "UNIT_CONV2": 1,
                    "SOURCEINDEX": 0,
                    "SOURCECOSTGRP": 0,
                    "BILLED": 1,
                    "DISPATCH_NUMBER": "~",
                    "SALEMANCODE": "WEB",
                    "MONTH": 3,
                    "YEAR": 2026,
                    "AFFECT_RISK": 1,
                    "DESCRIPTION": "Çizgili Defter A5",
                },
                {
                    "TYPE": 2,
                    "QUANTITY": 0,
                    "TOTAL": Decimal("40.00"),
                    "DISCEXP_CALC": 1,
                    "DETAIL_LEVEL": 0,
                    "BILLED": 1,
                    "DISPATCH_NUMBER": "~",
                },
                {
                    "TYPE": 4,
                    "MASTER_CODE": "KARGO",
                    "QUANTITY": 1,
                    "PRICE": Decimal("59.90"),
                    "VAT_RATE": 20,
                    "VAT_INCLUDED": 1,
                    "UNIT_CODE": "ADET",
                    "UNIT_CONV1": 1,
                    "UNIT_CONV2": 1,
                    "BILLED": 1,
                    "DISPATCH_NUMBER": "~",
                    "SALEMANCODE": "WEB",
                    "MONTH": 3,
                    "YEAR": 2026,
                    "AFFECT_RISK": 1,
                    "DESCRIPTION": "Çizgili Defter A5",
                },
            ]
        },
        "DISPATCHES": {
            "items": [
                {
                    "TYPE": 7,
                    "NUMBER": "~",
                    "DATE": "2026-03-10",
                    "ARP_CODE": "120.WEB",
                    "INVOICED": 1,
                    "DEDUCTIONPART1": 2,
                    "DEDUCTIONPART2": 3,
                    "AFFECT_RISK": 1,
                    "DISP_STATUS": 1,
                    "SHIP_DATE": "2026-03-10",
                    "DOC_DATE": "2026-03-10",
                    "ORIG_NUMBER": "~",
                }
            ]
        },
        "DataObjectParameter": {
            "FillAccCodesOnPreSave": True,
            "ApplyCampaignOnPreSave": False,
            "ApplyConditionOnPreSave": False,
        },
    }


def test_time_is_packed_as_logo_does(make_invoice):
    assert packed_time(make_invoice().issue_time) == 202116096


@pytest.mark.parametrize(
    ("settings", "who", "kind", "type"),
    [
        ({}, "person", "sale", 7),
        ({}, "company", "sale", 8),
        ({"person_sale": "wholesale"}, "person", "sale", 8),
        ({"company_sale": "retail"}, "company", "sale", 7),
        ({}, "person", "return", 2),
        ({}, "company", "return", 3),
    ],
)
def test_the_invoice_type_follows_buyer_and_kind(
    make_config, make_key, book, person, company, settings, who, kind, type
):
    buyer = {"person": person, "company": company}[who]
    body = invoice_body(make_config(**settings), make_key("k"), book(buyer=buyer, kind=InvoiceKind(kind)))
    assert body["TYPE"] == type
    assert body["DISPATCHES"]["items"][0]["TYPE"] == type


def test_services_alone_are_a_service_invoice_without_despatch(make_config, make_key, book, make_line):
    body = invoice_body(make_config(), make_key("k"), book(make_line("50.00", kind=LineKind.SERVICE)))
    assert body["TYPE"] == 9
    assert "DISPATCHES" not in body
    assert "DISPATCH_NUMBER" not in lines(body)[0]


def test_despatches_can_be_left_out(make_config, make_key, book):
    body = invoice_body(make_config(with_dispatch=False), make_key("k"), book())
    assert "DISPATCHES" not in body
    assert "DISPATCH_NUMBER" not in lines(body)[0]


@pytest.mark.parametrize(
    ("profile", "number"), [(Profile.BASIC, 1), (Profile.COMMERCIAL, 2), (Profile.TRAVELLER, 3)]
)
def test_an_e_invoice_carries_its_scenario(make_config, make_key, book, company, profile, number):
    body = invoice_body(
        make_config(), make_key("k"), book(profile=profile, buyer=company, internet_sale=None)
    )
    assert (body["EINVOICE"], body["PROFILE_ID"], body["EINSTEAD_OF_DISPATCH"]) == (1, number, 1)
    assert not archive(body)


def test_an_e_archive_invoice_that_is_no_internet_sale(make_config, make_key, book):
    body = invoice_body(make_config(), make_key("k"), book(internet_sale=None))
    assert body["EINVOICE"] == 2
    assert "INTSALESADDR" not in archive(body)


def test_a_company_in_e_archive_is_written_with_title_and_tax_office(make_config, make_key, book, company):
    made = archive(invoice_body(make_config(), make_key("k"), book(buyer=company)))
    assert made["ISCOMP"] == 1
    assert made["DEFINITION"] == "Kurmaca Kırtasiye Ltd. Şti."
    assert made["TAXNR"] == "9900000057"
    assert made["TAXOFFICE"] == "Çankaya"


def test_a_collective_card_shows_the_real_buyer(make_config, make_key, book):
    assert (
        archive(invoice_body(make_config(buyer_overrides_card=True), make_key("k"), book()))["ISPERCURR"] == 1
    )
    assert "ISPERCURR" not in archive(invoice_body(make_config(), make_key("k"), book()))


def test_payment_types_are_written_only_where_their_number_is_set(make_config, make_key, book):
    made = archive(invoice_body(make_config(payment_types={"platform": 4}), make_key("k"), book()))
    assert made["INTPAYMENTTYPE"] == 4
    assert "INTPAYMENTTYPE" not in archive(invoice_body(make_config(), make_key("k"), book()))


def test_e_document_fields_can_be_switched_off(make_config, make_key, book):
    body = invoice_body(make_config(edocument_fields=False), make_key("k"), book())
    assert body["EINVOICE"] == 0
    assert not archive(body)
    assert "PROFILE_ID" not in body


def test_a_despatch_of_its_own_is_not_replaced(make_config, make_key, book):
    body = invoice_body(
        make_config(),
        make_key("k"),
        book(despatch_refs=({"number": "IRS2026000000001", "date": "2026-03-10"},)),
    )
    assert archive(body)["INSTEADOFDESP"] == 0


def test_the_guid_can_hold_the_ettn(make_config, make_key, book):
    ledger = book()
    body = invoice_body(make_config(guid_holds="ettn"), make_key("k"), ledger)
    assert body["GUID"] == str(ledger.invoice.id).upper()
    assert body["DOC_TRACK_NR"] == make_key("k").short


def test_codes_of_the_channel_stand_over_the_general_ones(make_config, make_key, book):
    config = make_config(
        codes={
            "auxil_code": "GENEL",
            "project_code": "ETIC",
            "trading_group": "YI",
            "shipping_agent": "ARAS",
        },
        channels={"trendyol": {"auxil_code": "TY"}},
    )
    body = invoice_body(config, make_key("k"), book())
    assert (body["AUXIL_CODE"], body["PROJECT_CODE"]) == ("TY", "ETIC")
    assert (body["TRADING_GRP"], body["SHIPPING_AGENT"]) == ("YI", "ARAS")


def test_prices_without_vat(make_config, make_key, book, make_line):
    ledger = book(make_line("400.00", before="440.00", rate="10", quantity="2"))
    item, discount = lines(invoice_body(make_config(amounts="vat_excluded"), make_key("k"), ledger))
    assert (item["PRICE"], item["VAT_INCLUDED"]) == (Decimal("200"), 0)
    assert discount["TOTAL"] == Decimal("36.36")


def test_given_totals_forbid_logo_to_calculate(make_config, make_key, book, make_line):
    ledger = book(make_line("10.01"), rounding=Decimal("-0.01"))
    body = invoice_body(make_config(amounts="given"), make_key("k"), ledger)
    assert body["NO_CALCULATE"] == 1
    assert body["TOTAL_NET"] == Decimal("10.00")
    assert body["TOTAL_VAT"] == ledger.invoice.totals.tax
    assert lines(body)[0]["VAT_AMOUNT"] == ledger.invoice.lines[0].vat.amount


def test_a_full_discount_keeps_its_reason(make_config, make_key, book, make_line):
    free = make_line("0.00", before="59.90", rate="0").model_copy(
        update={"taxes": (Tax(rate=Decimal(0), base=Decimal(0), amount=Decimal(0), exemption_code="351",
                              exemption_reason="İstisna olmayan"),)}
    )  # fmt: skip
    body = invoice_body(make_config(), make_key("k"), book(free, make_line("10.00", id="2")))
    item, discount, _ = lines(body)
    assert item["VATEXCEPT_CODE"] == "351"
    assert discount["TOTAL"] == item["PRICE"] == Decimal("59.90")
    assert "VATEXCEPT_CODE" not in body


def test_an_exemption_stands_on_the_document_too(make_config, make_key, book, make_line):
    exempt = make_line("100.00", rate="0").model_copy(
        update={"taxes": (Tax(rate=Decimal(0), base=Decimal(100), amount=Decimal(0), exemption_code="301",
                              exemption_reason="Mal ihracatı"),)}
    )  # fmt: skip
    body = invoice_body(make_config(), make_key("k"), book(exempt, kind=InvoiceKind.EXEMPTION))
    assert (body["EINVOICE_TYPE"], body["VATEXCEPT_CODE"]) == (2, "301")
    assert body["VATEXCEPT_REASON"] == "Mal ihracatı"


@pytest.mark.parametrize(
    ("rate", "parts"), [("90", (9, 10)), ("50", (5, 10)), ("20", (2, 10)), ("12.5", (1, 8))]
)
def test_withholding_is_written_as_a_fraction(make_config, make_key, book, make_line, rate, parts):
    held = Withholding(
        code="624", name="Yük taşımacılığı", rate=Decimal(rate), base=Decimal(20), amount=Decimal(4)
    )
    line = make_line("120.00", withholdings=(held,))
    body = invoice_body(make_config(), make_key("k"), book(line, kind=InvoiceKind.WITHHOLDING))
    made = lines(body)[0]
    assert body["EINVOICE_TYPE"] == 4
    assert (made["CANDEDUCT"], made["DEDUCT_CODE"]) == (1, "624")
    assert (made["DEDUCTION_PART1"], made["DEDUCTION_PART2"]) == parts


def test_foreign_currency_keeps_both_prices(make_config, make_key, book, make_line):
    ledger = book(
        make_line("120.00", before="132.00"),
        currency="USD",
        exchange_rate=Decimal("34.5678"),
        internet_sale=None,
    )
    body = invoice_body(make_config(), make_key("k"), ledger)
    item, discount = lines(body)
    assert (body["CURRSEL_TOTALS"], body["CURRSEL_DETAILS"], body["CURR_INVOICE"]) == (2, 2, 1)
    assert body["TC_XRATE"] == Decimal("34.5678")
    assert (item["EXCHLINE_PRICE"], item["CURR_TRANSACTION"]) == (Decimal("132"), 1)
    assert item["PRICE"] == Decimal("4562.9496")
    assert discount["TOTAL"] == Decimal("414.81")


def test_a_due_date_makes_a_payment_line(make_config, make_key, book):
    body = invoice_body(make_config(), make_key("k"), book(payment_due=date(2026, 3, 24)))
    assert body["PAYMENT_LIST"]["items"] == [
        {
            "DATE": "2026-03-24",
            "MODULENR": 4,
            "TRCODE": 7,
            "TOTAL": Decimal("59.90"),
            "DAYS": 14,
            "PROCDATE": "2026-03-10",
            "REPORTRATE": 1,
            "PAY_NO": 1,
        }
    ]
    returned = invoice_body(
        make_config(), make_key("k"), book(payment_due=date(2026, 3, 24), kind=InvoiceKind.RETURN)
    )
    assert returned["PAYMENT_LIST"]["items"][0]["SIGN"] == 1


def test_return_lines_point_at_the_lines_they_take_back(make_config, make_key, book):
    body = invoice_body(
        make_config(), make_key("k"), book(kind=InvoiceKind.RETURN), sources={"STK-0001": 77, "OTHER": 1}
    )
    assert lines(body)[0]["RET_COST_TYPE"] == 1
    assert lines(body)[0]["SOURCE_REFERENCE"] == 77


def test_long_texts_are_cut_to_logos_fields(make_config, make_key, book):
    body = invoice_body(
        make_config(reporting_rate=None, line_text_length=30),
        make_key("k"),
        book(notes=("Ş" * 120, "b", "c", "d", "e"), tracking_number="1" * 20),
    )
    assert "TRACK_NR" not in body
    assert "RC_XRATE" not in body
    assert [len(body[f"NOTES{n}"]) for n in range(1, 7)] == [20, 50, 50, 20, 1, 1]
    assert len(lines(body)[0]["DESCRIPTION"]) <= 30


def test_a_rounding_up_is_a_service_line_without_vat(make_config, make_key, book):
    body = invoice_body(
        make_config(rounding_service="YUVARLAMA"), make_key("k"), book(rounding=Decimal("0.02"))
    )
    made = lines(body)[-1]
    assert (made["TYPE"], made["MASTER_CODE"], made["PRICE"], made["VAT_RATE"]) == (
        4,
        "YUVARLAMA",
        Decimal("0.02"),
        0,
    )


@pytest.mark.parametrize("rounding", ["0.02", "-0.02"])
def test_a_rounding_that_cannot_be_booked_is_refused(make_config, make_key, book, rounding):
    settings = {} if rounding == "0.02" else {"rounding_service": "YUVARLAMA"}
    with pytest.raises(Rejected) as error:
        invoice_body(make_config(**settings), make_key("k"), book(rounding=Decimal(rounding)))
    assert error.value.code == "logo.invoice.rounding"


def test_every_fault_is_found_before_anything_is_sent(make_config, make_key, book, make_line):
    other = Tax(code="0071", name="ÖTV", rate=Decimal(10), base=Decimal(10), amount=Decimal(1))
    line = make_line("59.90")
    line = line.model_copy(update={"taxes": (*line.taxes, other)})
    config = make_config(period_start="2027-01-01", period_end="2027-12-31")
    with pytest.raises(Rejected) as error:
        invoice_body(
            config, make_key("k"), book(line, party_code="", currency="SEK", exchange_rate=Decimal(3))
        )
    assert [finding.code for finding in error.value.findings] == [
        "logo.invoice.party",
        "logo.invoice.period",
        "logo.invoice.currency",
        "logo.invoice.tax",
    ]
    assert error.value.findings[3].field == "lines[0].taxes"


@pytest.mark.parametrize(
    "kind", ["export_registered", "social_security", "accommodation_tax", "withholding_return"]
)
def test_kinds_without_documented_fields_are_unsupported(make_config, make_key, book, kind):
    with pytest.raises(Unsupported) as error:
        invoice_body(make_config(), make_key("k"), book(kind=InvoiceKind(kind)))
    assert error.value.code == "logo.invoice.kind"


@pytest.mark.parametrize("profile", [Profile.EXPORT, Profile.PUBLIC])
def test_unknown_scenarios_are_refused_with_the_way_out(make_config, make_key, book, profile):
    with pytest.raises(Rejected) as error:
        invoice_body(make_config(), make_key("k"), book(profile=profile))
    assert error.value.code == "logo.invoice.profile"
    assert invoice_body(make_config(edocument_fields=False), make_key("k"), book(profile=profile))


def test_missing_units_are_named_all_at_once(make_config, make_key, book, make_line):
    with pytest.raises(MappingMissing) as error:
        invoice_body(
            make_config(), make_key("k"), book(make_line("1", unit="KGM"), make_line("1", unit="MTR", id="2"))
        )
    assert error.value.keys == ("KGM", "MTR")


@pytest.mark.parametrize(
    ("kind", "line_kind", "type"),
    [("sale", LineKind.GOODS, 1), ("sale", LineKind.SERVICE, 4), ("return", LineKind.GOODS, 6)],
)
def test_purchase_invoices_differ_in_type_and_partner_only(
    make_config, make_key, book, make_line, kind, line_kind, type
):
    ledger = book(make_line("120.00", kind=line_kind), kind=InvoiceKind(kind), party_code="320.01")
    body = invoice_body(make_config(), make_key("k"), replace(ledger, direction=Direction.PURCHASE))
    assert body["TYPE"] == type
    assert body["ARP_CODE"] == "320.01"
    assert body["NOTES1"].startswith("Kurmaca Kırtasiye")
    assert "EINVOICE" not in body
    assert not archive(body)
    assert lines(body)[0]["TYPE"] == (0 if line_kind is LineKind.GOODS else 4)


def test_a_suppliers_shipping_is_not_our_own_service(make_config, make_key, book, make_line):
    ledger = book(make_line("50.00", kind=LineKind.SHIPPING, code="NAKLIYE"), party_code="320.01")
    config = make_config(shipping_service="KARGO")
    bought = invoice_body(config, make_key("k"), replace(ledger, direction=Direction.PURCHASE))
    assert lines(bought)[0]["MASTER_CODE"] == "NAKLIYE"
    assert lines(invoice_body(config, make_key("k"), ledger))[0]["MASTER_CODE"] == "KARGO"


def test_a_discount_is_never_negative_even_where_the_vat_is_odd(make_line):
    line = make_line("120.00", before="121.00")
    odd = line.model_copy(update={"taxes": (line.taxes[0].model_copy(update={"amount": Decimal("25.00")}),)})
    price = price_of(odd, Amounts.VAT_INCLUDED)
    assert (price.total, price.discount) == (Decimal("125.00"), 0)
