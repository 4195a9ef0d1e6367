"""The header of a UBL-TR invoice, and GİB's envelope codes."""

from datetime import date
from decimal import Decimal

import pytest

from kopru.hooks.errors import Rejected
from kopru.hooks.types import RemoteState
from kopru.toolkit import einvoice
from kopru.toolkit.einvoice import GIB_FAULTS, GibGroup

OASIS = "urn:oasis:names:specification:ubl:schema:xsd"
INVOICE = f"""<Invoice xmlns="{OASIS}:Invoice-2" xmlns:cac="{OASIS}:CommonAggregateComponents-2"
 xmlns:cbc="{OASIS}:CommonBasicComponents-2">
<cbc:ProfileID>TEMELFATURA</cbc:ProfileID><cbc:ID>ABC2026000000001</cbc:ID>
<cbc:UUID>11111111-2222-4333-8444-55555555AAAA</cbc:UUID><cbc:IssueDate>2026-03-02+03:00</cbc:IssueDate>
<cbc:InvoiceTypeCode>SATIS</cbc:InvoiceTypeCode><cbc:DocumentCurrencyCode>TRY</cbc:DocumentCurrencyCode>
<cac:AccountingSupplierParty><cac:Party>
<cac:PartyIdentification><cbc:ID schemeID="MERSISNO">1</cbc:ID></cac:PartyIdentification>
<cac:PartyIdentification><cbc:ID schemeID="VKN">9911111111</cbc:ID></cac:PartyIdentification>
<cac:PartyName><cbc:Name>Deneme A.Ş.</cbc:Name></cac:PartyName></cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party>
<cac:PartyIdentification><cbc:ID schemeID="TCKN">90000000346</cbc:ID></cac:PartyIdentification>
</cac:Party></cac:AccountingCustomerParty>
<cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="TRY">120.50</cbc:PayableAmount></cac:LegalMonetaryTotal>
</Invoice>"""


def test_a_header_is_read() -> None:
    header = einvoice.read_header(INVOICE.encode())
    assert header == einvoice.Header(
        ettn="11111111-2222-4333-8444-55555555aaaa",
        number="ABC2026000000001",
        profile="TEMELFATURA",
        kind="SATIS",
        issue_date=date(2026, 3, 2),
        currency="TRY",
        payable=Decimal("120.50"),
        sender_tax_number="9911111111",
        sender_name="Deneme A.Ş.",
        buyer_tax_number="90000000346",
    )


def test_an_invoice_inside_its_envelope_is_found() -> None:
    wrapped = f"<Envelope><Package>{INVOICE}</Package></Envelope>".encode()
    assert einvoice.read_header(wrapped) == einvoice.read_header(INVOICE.encode())


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("120.50", "1e3", "einvoice.field"),
        ("2026-03-02", "2026-13-02", "einvoice.field"),
        ("<cbc:ID>ABC2026000000001</cbc:ID>", "", "xml.missing"),
        ("Invoice ", "Order ", "xml.malformed"),
    ],
)
def test_a_wrong_header_is_refused(old: str, new: str, code: str) -> None:
    with pytest.raises(Rejected) as caught:
        einvoice.read_header(INVOICE.replace(old, new, 1).encode())
    assert caught.value.code == code


def test_what_holds_no_invoice_is_refused() -> None:
    with pytest.raises(Rejected, match="Invoice"):
        einvoice.read_header(b"<Order/>")
    with pytest.raises(Rejected, match=r"xml\.doctype"):
        einvoice.read_header(b"<!DOCTYPE a><a/>")


def test_only_a_registered_document_must_not_be_sent_again() -> None:
    lost = {code for code, group in GIB_FAULTS.items() if group.state is RemoteState.FAILED}
    assert lost == {1163}
    assert GIB_FAULTS[1163] is GibGroup.DUPLICATE
    assert {group.state for code, group in GIB_FAULTS.items() if code != 1163} == {RemoteState.RETRYABLE}
    assert not {1000, 1100, 1200, 1210, 1220, 1300} & set(GIB_FAULTS)
