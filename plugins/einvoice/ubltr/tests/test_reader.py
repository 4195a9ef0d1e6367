"""Reading documents: our own, and the habits of other senders."""

from datetime import date, time
from decimal import Decimal

import pytest

from kopru.sdk import Rejected
from kopru_ubltr import plugin
from kopru_ubltr.config import UblTrConfig
from kopru_ubltr.reader import read
from kopru_ubltr.summary import Convention, PartySummary


@pytest.fixture(scope="module")
def document(make) -> str:
    """Return a plain sale: 2 × 50.00, discount 10.00, VAT 18.00, payable 108.00."""
    line = make.line(price="120", discount="12", quantity="2")
    return plugin.render_invoice(UblTrConfig(), make.invoice(lines=(line,))).content.decode()


def changed(document: str, *changes: tuple[str, str]) -> bytes:
    for old, new in changes:
        assert old in document, old
        document = document.replace(old, new)
    return document.encode()


def amount(name: str, value: str) -> str:
    return f'<cbc:{name} currencyID="TRY">{value}</cbc:{name}>'


def test_what_was_written_is_read(case):
    _, config, invoice = case
    document = read(plugin.render_invoice(config, invoice).content)
    assert document.problems == ()
    assert (document.number, document.ettn) == (invoice.number, str(invoice.id))
    assert (document.issue_date, document.issue_time) == (invoice.issue_date, invoice.issue_time)
    assert document.currency == invoice.currency
    assert document.exchange_rate == (invoice.exchange_rate if invoice.currency != "TRY" else None)
    assert document.seller.display_name == invoice.seller.display_name
    assert document.buyer.display_name == invoice.buyer.display_name
    assert document.buyer.email == invoice.buyer.email
    assert [each.id for each in document.billing] == [ref.number for ref in invoice.billing_refs]
    assert [each.id for each in document.despatches] == [ref.number for ref in invoice.despatch_refs]
    assert (document.order.id if document.order else None) == (invoice.order_ref and invoice.order_ref.number)
    assert document.delivery.tracking_number == invoice.tracking_number


def test_amounts_survive_the_round_trip(case):
    _, config, invoice = case
    document = read(plugin.render_invoice(config, invoice).content)
    totals = invoice.totals
    assert document.convention is Convention.NET
    assert document.tax == totals.tax
    assert document.totals.tax_exclusive == totals.tax_exclusive
    assert document.totals.tax_inclusive == totals.tax_inclusive
    assert document.totals.payable == totals.payable
    assert [(tax.code, tax.rate, tax.base, tax.amount) for tax in document.taxes] == [
        (tax.code, tax.rate, tax.base, tax.amount) for tax in invoice.tax_subtotals
    ]
    assert [
        (each.quantity, each.unit, each.unit_price, each.net, each.allowance) for each in document.lines
    ] == [(each.quantity, each.unit, each.unit_price, each.net, each.allowance) for each in invoice.lines]
    assert [(each.name, each.item_code, each.barcode) for each in document.lines] == [
        (each.buyer_name or each.name, each.item_code, each.barcode) for each in invoice.lines
    ]


def test_the_net_convention(document):
    assert read(document.encode()).convention is Convention.NET


def test_the_gross_convention(document):
    # The first total before discounts, all discounts in the discount total.
    content = changed(
        document,
        (
            f"{amount('LineExtensionAmount', '90.00')}\n    {amount('TaxExclusiveAmount', '90.00')}",
            f"{amount('LineExtensionAmount', '100.00')}\n    {amount('TaxExclusiveAmount', '90.00')}",
        ),
        (
            amount("TaxInclusiveAmount", "108.00"),
            amount("TaxInclusiveAmount", "108.00") + amount("AllowanceTotalAmount", "10.00"),
        ),
    )
    assert read(content).convention is Convention.GROSS


def test_the_mixed_convention(document):
    # The first total after discounts, the discount total repeating them for show.
    content = changed(
        document,
        (
            amount("TaxInclusiveAmount", "108.00"),
            amount("TaxInclusiveAmount", "108.00") + amount("AllowanceTotalAmount", "10.00"),
        ),
    )
    assert read(content).convention is Convention.MIXED


def test_totals_of_no_convention(document):
    content = changed(
        document, (amount("TaxExclusiveAmount", "90.00"), amount("TaxExclusiveAmount", "93.00"))
    )
    assert read(content).convention is Convention.UNKNOWN


def test_prefixes_and_the_default_namespace_do_not_matter(document):
    content = changed(
        document, ("cbc:", "b:"), ("xmlns:cbc=", "xmlns:b="), ("cac:", "a:"), ("xmlns:cac=", "xmlns:a=")
    )
    assert read(content) == read(document.encode())


def test_a_byte_order_mark_does_not_matter(document):
    assert read(b"\xef\xbb\xbf" + document.encode()) == read(document.encode())


def test_empty_elements_count_as_missing(document):
    summary = read(changed(document, ("<cbc:IssueTime>12:30:05</cbc:IssueTime>", "<cbc:IssueTime/>")))
    assert summary.issue_time is None
    assert summary.problems == ()


def test_dates_and_times_may_have_a_zone(document):
    summary = read(
        changed(document, (">2025-03-03<", ">2025-03-03+03:00<"), (">12:30:05<", ">12:30:05.0000000+03:00<"))
    )
    assert (summary.issue_date, summary.issue_time) == (date(2025, 3, 3), time(12, 30, 5))
    assert summary.problems == ()


def test_several_tax_totals_are_added_up(document):
    start, end = document.index("  <cac:TaxTotal>\n"), document.index("  <cac:LegalMonetaryTotal>")
    summary = read((document[:start] + document[start:end] * 2 + document[end:]).encode())
    assert summary.tax == Decimal("36.00")
    assert len(summary.taxes) == 2


@pytest.mark.parametrize("sign", ["", "-"])
def test_old_documents_carry_withheld_vat_as_a_subtotal(document, sign):
    subtotal = (
        f"<cac:TaxSubtotal>{amount('TaxAmount', sign + '9.00')}<cac:TaxCategory><cac:TaxScheme>"
        "<cbc:TaxTypeCode>9015</cbc:TaxTypeCode></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>\n"
        "  <cac:LegalMonetaryTotal>"
    )
    summary = read(changed(document, ("</cac:TaxTotal>\n  <cac:LegalMonetaryTotal>", subtotal)))
    assert summary.withheld == Decimal("9.00")
    assert [tax.code for tax in summary.added_taxes] == ["0015"]


@pytest.mark.parametrize("value", ["12,50", "1e3", "NaN", "Infinity", "0x10", "१२", "9" * 40, "--1", "1.2.3"])
def test_unreadable_numbers_are_reported_with_their_field(document, value):
    summary = read(changed(document, (amount("PayableAmount", "108.00"), amount("PayableAmount", value))))
    assert summary.totals.payable is None
    assert [(each.code, each.field) for each in summary.problems] == [("ubltr.read.number", "totals.payable")]


@pytest.mark.parametrize("value", ["03.03.2025", "2025-02-30", "2025-3-3", "today"])
def test_unreadable_dates_are_reported(document, value):
    summary = read(changed(document, ("<cbc:IssueDate>2025-03-03<", f"<cbc:IssueDate>{value}<")))
    assert summary.issue_date is None
    assert ("ubltr.read.date", "issue_date") in [(each.code, each.field) for each in summary.problems]


@pytest.mark.parametrize("value", ["25:00:00", "noon"])
def test_unreadable_times_are_reported(document, value):
    summary = read(changed(document, (">12:30:05<", f">{value}<")))
    assert [(each.code, each.field) for each in summary.problems] == [("ubltr.read.date", "issue_time")]


def test_a_document_without_anything_is_read_as_empty():
    summary = read(b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>')
    assert (summary.number, summary.lines, summary.seller) == ("", (), PartySummary())
    assert summary.convention is Convention.UNKNOWN
    assert summary.problems == ()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<Invoice/>", "ubltr.xml.root"),
        (b"<a xmlns='urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2'/>", "ubltr.xml.root"),
        ("<?xml version='1.0' encoding='iso-8859-9'?><ş/>".encode("iso-8859-9"), "ubltr.xml.encoding"),
        ("<Invoice/>".encode("utf-16"), "ubltr.xml.encoding"),
        (b"not xml", "xml.malformed"),
        (b"", "xml.malformed"),
    ],
)
def test_other_things_are_refused(content, code):
    with pytest.raises(Rejected) as caught:
        read(content)
    assert caught.value.code == code
