"""What the simulated Nilvera makes of a document: a PDF, a page, and invoices that others send."""

from datetime import datetime
from decimal import Decimal
from xml.sax.saxutils import escape

from kopru.toolkit import dates
from kopru_nilvera.simulation.documents import Kept


def pdf(words: str) -> bytes:
    """Return a one-page PDF that shows a line of Latin text."""
    text = words.encode("latin-1", errors="replace").replace(b"\\", b"").replace(b"(", b"").replace(b")", b"")
    stream = b"BT /F1 14 Tf 60 760 Td (" + text + b") Tj ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Font << /F1 5 0 R >> >>",
    )
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start, size = len(out), len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start)
    return bytes(out)


def html(document: Kept) -> bytes:
    """Return a page that names a document."""
    title = escape(f"{document.number} {document.header.payable} {document.header.currency}")
    return f"<!DOCTYPE html>\n<html><body><h1>{title}</h1></body></html>".encode()


def incoming_ubl(
    *,
    ettn: str,
    number: str,
    profile: str,
    issued: datetime,
    sender: tuple[str, str],
    buyer: str,
    payable: Decimal,
) -> bytes:
    """Return an invoice somebody sent to the company, with just the parts a reader needs."""
    day = issued.astimezone(dates.ISTANBUL).date()
    tax_number, name = sender
    cac = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
    cbc = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
    root = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="{root}" xmlns:cac="{cac}" xmlns:cbc="{cbc}">
<cbc:UBLVersionID>2.1</cbc:UBLVersionID><cbc:CustomizationID>TR1.2</cbc:CustomizationID>
<cbc:ProfileID>{profile}</cbc:ProfileID><cbc:ID>{number}</cbc:ID><cbc:CopyIndicator>false</cbc:CopyIndicator>
<cbc:UUID>{ettn}</cbc:UUID><cbc:IssueDate>{day}</cbc:IssueDate>
<cbc:InvoiceTypeCode>SATIS</cbc:InvoiceTypeCode><cbc:DocumentCurrencyCode>TRY</cbc:DocumentCurrencyCode>
<cac:AccountingSupplierParty><cac:Party>
<cac:PartyIdentification><cbc:ID schemeID="VKN">{tax_number}</cbc:ID></cac:PartyIdentification>
<cac:PartyName><cbc:Name>{escape(name)}</cbc:Name></cac:PartyName></cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party>
<cac:PartyIdentification><cbc:ID schemeID="VKN">{buyer}</cbc:ID></cac:PartyIdentification>
</cac:Party></cac:AccountingCustomerParty>
<cac:LegalMonetaryTotal>
<cbc:PayableAmount currencyID="TRY">{payable}</cbc:PayableAmount></cac:LegalMonetaryTotal>
</Invoice>
""".encode()
