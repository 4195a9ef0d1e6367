"""The few header fields of a UBL-TR invoice that this channel needs to compare and to list documents."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kopru.sdk import Rejected
from kopru.toolkit import xml
from kopru_nilvera.texts import TEXTS

_AMOUNT = re.compile(r"^-?\d{1,20}(\.\d{1,20})?$")
_REGISTERS = ("VKN", "TCKN")


@dataclass(frozen=True, slots=True)
class Header:
    """Identity, parties and total of an invoice. ``ettn`` is in lower case."""

    ettn: str
    number: str
    profile: str
    kind: str
    issue_date: date
    currency: str
    payable: Decimal
    sender_tax_number: str
    sender_name: str
    buyer_tax_number: str


def read_header(content: bytes) -> Header:
    """Read the header of an invoice.

    Raises:
        Rejected: ``xml.*`` when the document cannot be read, ``nilvera.record.field`` with the field's path
            when a value is missing or of the wrong form.
    """
    return header_of(xml.parse(content))


def header_of(document: xml.Element) -> Header:
    """Return the header of a parsed invoice; see ``read_header``."""
    root = _invoice(document)
    return Header(
        ettn=xml.required_text(root, "{*}UUID").lower(),
        number=xml.required_text(root, "{*}ID"),
        profile=xml.required_text(root, "{*}ProfileID"),
        kind=xml.required_text(root, "{*}InvoiceTypeCode"),
        issue_date=_date(root, "{*}IssueDate"),
        currency=xml.required_text(root, "{*}DocumentCurrencyCode"),
        payable=_amount(root, "{*}LegalMonetaryTotal/{*}PayableAmount"),
        sender_tax_number=_tax_number(root, "{*}AccountingSupplierParty/{*}Party"),
        sender_name=_name(root, "{*}AccountingSupplierParty/{*}Party"),
        buyer_tax_number=_tax_number(root, "{*}AccountingCustomerParty/{*}Party"),
    )


def _invoice(root: xml.Element) -> xml.Element:
    if xml.local_name(root) == "Invoice":
        return root
    # A document may come inside its envelope.
    inner = root.find(".//{*}Invoice")
    if inner is None:
        raise _bad("Invoice")
    return inner


def _tax_number(root: xml.Element, party: str) -> str:
    ids = root.findall(f"{party}/{{*}}PartyIdentification/{{*}}ID")
    for register in _REGISTERS:
        for each in ids:
            if each.get("schemeID") == register and each.text:
                return each.text.strip()
    return ""


def _name(root: xml.Element, party: str) -> str:
    company = xml.text(root, f"{party}/{{*}}PartyName/{{*}}Name")
    first = xml.text(root, f"{party}/{{*}}Person/{{*}}FirstName")
    last = xml.text(root, f"{party}/{{*}}Person/{{*}}FamilyName")
    return company or f"{first} {last}".strip()


def _amount(root: xml.Element, path: str) -> Decimal:
    text = xml.required_text(root, path)
    if not _AMOUNT.match(text):
        raise _bad(path)
    return Decimal(text)


def _date(root: xml.Element, path: str) -> date:
    try:
        # An XSD date may carry a zone; the calendar day is what counts.
        return date.fromisoformat(xml.required_text(root, path)[:10])
    except ValueError as error:
        raise _bad(path) from error


def _bad(path: str) -> Rejected:
    field = path.replace("{*}", "")
    text = TEXTS.text("nilvera.record.field", field=field)
    return Rejected("nilvera.record.field", text, field=field)
