"""Each rule of our own, broken once in an otherwise right document; and how GİB's findings are told."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from kopru.model import DocumentRef, InvoiceKind, Profile, Rendered, Severity
from kopru_ubltr import gib, plugin
from kopru_ubltr.config import UblTrConfig

CONFIG = UblTrConfig()
NIGHT = datetime(2025, 3, 2, 21, 30, tzinfo=UTC)
"""Half past midnight of 3 March in Istanbul, still 2 March in UTC."""


def check(content, today):
    return plugin.validate_invoice(CONFIG, Rendered(content=content, filename="x.xml"), today)


def codes(findings, severity=None):
    return {each.code for each in findings if severity in (None, each.severity)}


@pytest.fixture(scope="module")
def sale(make) -> str:
    """Return a sale of two lines, 20 % and 10 %: base 200.00, VAT 30.00, payable 230.00."""
    lines = (make.line(quantity="2"), make.line("2", price="121", discount="11", rate="10"))
    return plugin.render_invoice(CONFIG, make.invoice(lines=lines)).content.decode()


@pytest.fixture(scope="module")
def internet(make) -> str:
    """Return an e-Arşiv invoice of an internet sale."""
    invoice = make.invoice(profile=Profile.ARCHIVE, internet_sale=make.internet)
    return plugin.render_invoice(CONFIG, invoice).content.decode()


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        (">ABC2025000000001<", ">ABC2024000000001<", "ubltr.number.year", "number"),
        ("<cbc:LineCountNumeric>2<", "<cbc:LineCountNumeric>3<", "ubltr.line_count", "line_count"),
        (">9900000003<", ">9900000013<", "tax_number.vkn_check_digit", "seller.tax_id"),
        (">9900000003<", ">2222222222<", "ubltr.seller.placeholder", "seller.tax_id"),
        (">TEMELFATURA<", ">KAMU<", "ubltr.gib.KamuFaturaCheck", "Invoice/ProfileID"),
        (">SATIS<", ">KONAKLAMAVERGISI<", "ubltr.combination", "kind"),
        (">SATIS<", ">YTBSATIS<", "ubltr.combination", "kind"),
        (
            "<cbc:Name>Beyoğlu</cbc:Name>",
            "<cbc:Name/>",
            "ubltr.seller.tax_office_missing",
            "seller.tax_office",
        ),
        ("<cbc:Name>Çankaya</cbc:Name>", "<cbc:Name/>", "ubltr.buyer.tax_office_missing", "buyer.tax_office"),
        (
            '<cbc:PriceAmount currencyID="TRY">50.00<',
            '<cbc:PriceAmount currencyID="USD">50.00<',
            "ubltr.currency.mixed",
            "currency",
        ),
        (
            '<cbc:PriceAmount currencyID="TRY">50.00<',
            '<cbc:PriceAmount currencyID="TRY">50.10<',
            "ubltr.line.amount",
            "lines[0].net",
        ),
        (">2</cbc:InvoicedQuantity>", ">-2</cbc:InvoicedQuantity>", "ubltr.line.not_positive", "lines[0]"),
        (
            '<cbc:Amount currencyID="TRY">10.00<',
            '<cbc:Amount currencyID="TRY">9.00<',
            "ubltr.line.amount",
            "lines[1].net",
        ),
    ],
)
def test_a_broken_rule_is_found_with_its_field(sale, make, old, new, code, field):
    assert old in sale
    found = check(sale.replace(old, new).encode(), make.today)
    assert (code, field) in {(each.code, each.field) for each in found}
    assert all(each.message.tr and each.message.en for each in found)
    assert any(each.blocks for each in found)


def replace_at(document: str, marker: str, old: str, new: str) -> str:
    """Replace the first ``old`` after ``marker``."""
    start = document.index(marker)
    at = document.index(old, start)
    return document[:at] + new + document[at + len(old) :]


LINE = "<cac:InvoiceLine>"
DOCUMENT_TAX = "  <cac:TaxTotal>\n    <cbc:TaxAmount"
TOTALS = "<cac:LegalMonetaryTotal>"


@pytest.mark.parametrize(
    ("marker", "old", "new", "code"),
    [
        (LINE, ">20.00</cbc:TaxAmount>", ">21.00</cbc:TaxAmount>", "ubltr.line.tax_total"),
        (LINE, ">100.00</cbc:TaxableAmount>", ">105.00</cbc:TaxableAmount>", "ubltr.line.tax_base"),
        (LINE, ">100.00</cbc:TaxableAmount>", ">105.00</cbc:TaxableAmount>", "ubltr.line.tax_amount"),
        (DOCUMENT_TAX, ">30.00</cbc:TaxAmount>", ">30.02</cbc:TaxAmount>", "ubltr.tax.total"),
        (DOCUMENT_TAX, ">20.00</cbc:TaxAmount>", ">20.02</cbc:TaxAmount>", "ubltr.tax.amount"),
        (DOCUMENT_TAX, ">100.00</cbc:TaxableAmount>", ">100.02</cbc:TaxableAmount>", "ubltr.tax.base"),
        (
            TOTALS,
            ">200.00</cbc:LineExtensionAmount>",
            ">200.02</cbc:LineExtensionAmount>",
            "ubltr.totals.base",
        ),
        (TOTALS, ">200.00</cbc:TaxExclusiveAmount>", ">199.98</cbc:TaxExclusiveAmount>", "ubltr.totals.base"),
        (
            TOTALS,
            ">230.00</cbc:TaxInclusiveAmount>",
            ">230.02</cbc:TaxInclusiveAmount>",
            "ubltr.totals.tax_inclusive",
        ),
        (TOTALS, ">230.00</cbc:PayableAmount>", ">229.98</cbc:PayableAmount>", "ubltr.totals.payable"),
    ],
)
def test_sums_that_do_not_add_up_block(sale, make, marker, old, new, code):
    found = check(replace_at(sale, marker, old, new).encode(), make.today)
    assert code in codes(found, Severity.ERROR)
    assert not any(each.code.startswith("ubltr.hesap") for each in found), "told twice"


@pytest.mark.parametrize(("old", "new"), [(">230.00</cbc:PayableAmount>", ">230.01</cbc:PayableAmount>")])
def test_one_kurus_is_tolerated(sale, make, old, new):
    assert check(replace_at(sale, TOTALS, old, new).encode(), make.today) == ()


def test_the_gross_convention_is_a_warning_not_an_error(sale, make):
    allowance = '<cbc:AllowanceTotalAmount currencyID="TRY">10.00</cbc:AllowanceTotalAmount>'
    document = replace_at(sale, TOTALS, ">200.00</cbc:LineExt", ">210.00</cbc:LineExt")
    document = document.replace("</cbc:TaxInclusiveAmount>", f"</cbc:TaxInclusiveAmount>{allowance}")
    found = check(document.encode(), make.today)
    assert codes(found, Severity.ERROR) == set()
    assert codes(found, Severity.WARNING) == {"ubltr.hesap.dip_satir", "ubltr.hesap.dip_indirim"}


def test_a_buyer_placeholder_is_for_archive_invoices_only(make, sale):
    buyer = make.company.tax_id.value
    found = check(sale.replace(f">{buyer}<", ">2222222222<").encode(), make.today)
    assert "ubltr.buyer.placeholder" in codes(found, Severity.ERROR)
    invoice = make.invoice(profile=Profile.ARCHIVE, buyer=make.person.model_copy(update={"tax_id": None}))
    assert plugin.validate_invoice(CONFIG, plugin.render_invoice(CONFIG, invoice), make.today) == ()


def test_a_wrong_tckn_is_found(make, internet):
    wrong = str(int(make.person.tax_id.value) + 1)
    found = check(internet.replace(make.person.tax_id.value, wrong).encode(), make.today)
    assert [(each.code, each.field) for each in found] == [("tax_number.tckn_check_digit", "buyer.tax_id")]


def test_the_day_of_issue_is_istanbuls(sale):
    assert check(sale.encode(), NIGHT) == ()
    found = check(sale.encode(), NIGHT.replace(hour=20))
    assert {(each.code, each.field) for each in found} == {("ubltr.issue_date.future", "issue_date")}


def test_the_machines_clock_has_no_say(sale):
    # GİB's schematron asks the machine; a document of a far day is fine on that day.
    document = sale.replace("2025-03-03", "2095-03-03").replace("ABC2025", "ABC2095")
    assert check(document.encode(), datetime(2095, 3, 3, 9, tzinfo=UTC)) == ()


def test_dates_of_references_may_not_lie_ahead(make):
    order = DocumentRef(number="1", date=date(2025, 3, 4))
    document = plugin.render_invoice(CONFIG, make.invoice(order_ref=order))
    found = plugin.validate_invoice(CONFIG, document, make.today)
    assert codes(found) == {"ubltr.reference_date.future"}


def test_an_invoice_long_after_dispatch_is_warned_about(make, internet):
    document = internet.replace("<cbc:ActualDespatchDate>2025-03-03<", "<cbc:ActualDespatchDate>2025-02-23<")
    found = check(document.encode(), make.today)
    assert [(each.code, each.severity) for each in found] == [("ubltr.issue_date.late", Severity.WARNING)]


def test_vat_rates_of_another_time(make):
    old = make.line(price="118", rate="18")
    sold = plugin.render_invoice(CONFIG, make.invoice(lines=(old,)))
    found = plugin.validate_invoice(CONFIG, sold, make.today)
    assert [(each.code, each.severity) for each in found] == [
        ("ubltr.tax.rate_not_in_force", Severity.WARNING)
    ]
    ref = DocumentRef(number="ABC2023000000001", date=date(2023, 3, 3))
    returned = make.invoice(kind=InvoiceKind.RETURN, billing_refs=(ref,), lines=(old,))
    assert plugin.validate_invoice(CONFIG, plugin.render_invoice(CONFIG, returned), make.today) == ()


def test_invisible_characters_are_warned_about(sale, make):
    found = check(sale.replace("Çizgili", "Çiz\u200bgili").encode(), make.today)
    assert [(each.code, each.severity) for each in found] == [("ubltr.text.unclean", Severity.WARNING)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"carrier_name": ""}, "ubltr.internet.shipment_missing"),
        ({"carrier_tax_id": ""}, "ubltr.internet.shipment_missing"),
        ({"shipped_on": None}, "ubltr.internet.shipment_missing"),
        ({"payment_agent": ""}, "ubltr.internet.agent_missing"),
    ],
)
@pytest.mark.parametrize("dialect", ["nilvera", "izibiz", "general"])
def test_incomplete_internet_sales_are_warned_about(make, dialect, changes, code):
    config = UblTrConfig(internet_dialect=dialect)
    sale = make.internet.model_copy(update=changes)
    document = plugin.render_invoice(config, make.invoice(profile=Profile.ARCHIVE, internet_sale=sale))
    found = plugin.validate_invoice(config, document, make.today)
    assert [(each.code, each.severity) for each in found] == [(code, Severity.WARNING)]


def test_an_internet_sale_without_web_address_or_payment_is_warned_about(make, internet):
    document = internet.replace("<cbc:WebsiteURI>https://www.ornek.example</cbc:WebsiteURI>", "").replace(
        "<cbc:InstructionNote>ODEMEARACISI", "<cbc:InstructionNote>Nakit"
    )
    found = check(document.encode(), make.today)
    assert codes(found) == {"ubltr.internet.website_missing", "ubltr.internet.payment_missing"}


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        (">ABC2025000000001<", ">abc1<", "ubltr.gib.InvoiceIDCheck", "Invoice"),
        (
            'unitCode="C62"',
            'unitCode="ADET"',
            "ubltr.gib.GeneralUnitCodeCheck",
            "Invoice/InvoiceLine/InvoicedQuantity/@unitCode",
        ),
        ("<cbc:TaxTypeCode>0015<", "<cbc:TaxTypeCode>0016<", "ubltr.gib.TaxTypeCheck", None),
        ("<cbc:UBLVersionID>2.1<", "<cbc:UBLVersionID>2.0<", "ubltr.gib.UBLVersionIDCheck", "Invoice"),
        ("<cbc:CopyIndicator>false</cbc:CopyIndicator>", "", "ubltr.xsd.element_content", None),
        (">2025-03-03<", ">2025-02-30<", "ubltr.gib.TarihBicimi", None),
    ],
)
def test_gibs_findings_block_under_stable_codes(sale, make, old, new, code, field):
    assert old in sale
    found = [each for each in check(sale.replace(old, new).encode(), make.today) if each.code == code]
    assert found
    assert all(each.severity is Severity.ERROR and each.detail for each in found)
    if field is not None:
        assert found[0].field == field


def test_a_return_needs_its_original_for_gib_too(sale, make):
    found = check(sale.replace(">SATIS<", ">IADE<").encode(), make.today)
    assert codes(found) == {"ubltr.gib.IADEInvioceCheck"}


def test_a_broken_signature_is_found(sale, make):
    place = '<ns0:SignaturePlace xmlns:ns0="urn:kopru:signature-place"/>'
    assert place in sale
    signed = sale.replace(place, '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>')
    found = check(signed.encode(), make.today)
    assert {"ubltr.imza.yapi", "ubltr.gib.XadesSignatureCheckForInvoice"} <= codes(found, Severity.ERROR)


def bulgu(kod, seviye="hata", **more):
    return SimpleNamespace(
        **{"kod": kod, "seviye": seviye, "mesaj": "söz", "konum": None, "satir": None, **more}
    )


@pytest.fixture
def report(monkeypatch):
    """Let the rule engine answer with the given findings."""

    def answer(*found):
        monkeypatch.setattr(gib, "_check", lambda: lambda content, arithmetic: list(found))

    return answer


@pytest.mark.parametrize(
    ("level", "severity"),
    [("hata", Severity.ERROR), ("uyari", Severity.WARNING), ("bilgi", Severity.INFO), ("?", Severity.ERROR)],
)
def test_levels_become_severities(report, level, severity):
    report(bulgu("sch-NeuCheck-3", level, satir=7))
    (found,) = gib.findings(b"", arithmetic=True)
    assert (found.code, found.severity) == ("ubltr.gib.NeuCheck", severity)
    assert found.message.en == "GİB's rule NeuCheck, in its words: söz (satır 7)"


def test_the_number_behind_a_rule_does_not_change_its_code(report):
    report(bulgu("sch-InvoiceIDCheck-1"), bulgu("sch-InvoiceIDCheck-9"), bulgu("sch-kural"))
    found = [each.code for each in gib.findings(b"", arithmetic=True)]
    assert found == ["ubltr.gib.InvoiceIDCheck", "ubltr.gib.InvoiceIDCheck", "ubltr.gib.kural"]


def test_an_unsigned_draft_is_fine(report):
    report(bulgu("imza-yok", "bilgi"))
    assert list(gib.findings(b"", arithmetic=True)) == []


def test_a_flood_of_findings_is_cut_and_said(report):
    report(*(bulgu("sch-X-1") for _ in range(gib.MOST + 7)))
    found = list(gib.findings(b"", arithmetic=True))
    assert len(found) == gib.MOST + 1
    assert (found[-1].code, found[-1].severity) == ("ubltr.gib.more", Severity.INFO)
    assert "7" in found[-1].message.en


def test_a_crash_of_the_engine_is_a_finding(monkeypatch, sale, make):
    def crash(content, arithmetic):
        raise RuntimeError("engine gone")

    monkeypatch.setattr(gib, "_check", lambda: crash)
    (found,) = check(sale.encode(), make.today)
    assert (found.code, found.blocks, found.detail) == ("ubltr.gib.failed", True, "RuntimeError: engine gone")
