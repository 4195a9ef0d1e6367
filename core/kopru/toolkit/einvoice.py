"""What every Turkish e-invoice channel needs: the header of a UBL-TR invoice, and GİB's envelope codes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from kopru.hooks.errors import Rejected
from kopru.hooks.types import RemoteState
from kopru.toolkit import xml
from kopru.toolkit.texts import TEXTS

_AMOUNT = re.compile(r"^-?\d{1,20}(\.\d{1,20})?$")
_REGISTERS = ("VKN", "TCKN")


@dataclass(frozen=True, slots=True)
class Header:
    """Identity, parties and total of an invoice; ``ettn`` is in lower case."""

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
    """Read the header of an invoice, which may come inside its envelope.

    Raises:
        Rejected: ``xml.*`` when the document cannot be read, ``einvoice.field`` with the field's path when a
            value has the wrong form.
    """
    document = xml.parse(content)
    root = document if xml.local_name(document) == "Invoice" else document.find(".//{*}Invoice")
    if root is None:
        raise _bad("Invoice")
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


class GibGroup(StrEnum):
    """What kind of fault a GİB envelope code stands for, and so who has to do what."""

    PACKAGE = "package"
    DOCUMENT = "document"
    SEAL = "seal"
    DUPLICATE = "duplicate"
    ALIAS = "alias"
    GIB = "gib"
    RECIPIENT = "recipient"

    @property
    def state(self) -> RemoteState:
        """Return whether the document may be sent again with the same ETTN and number."""
        return RemoteState.FAILED if self is GibGroup.DUPLICATE else RemoteState.RETRYABLE


GIB_FAULTS: Mapping[int, GibGroup] = {
    **dict.fromkeys((1110, 1111, 1120, 1130, 1131, 1132, 1133, 1140, 1141, 1142, 1143), GibGroup.PACKAGE),
    **dict.fromkeys((1150, 1160), GibGroup.DOCUMENT),
    **dict.fromkeys((1161, 1162, 1175, 1176, 1177), GibGroup.SEAL),
    1163: GibGroup.DUPLICATE,
    **dict.fromkeys((1170, 1171, 1172, 1180, 1181), GibGroup.ALIAS),
    **dict.fromkeys((1190, 1195), GibGroup.GIB),
    **dict.fromkeys((1215, 1230), GibGroup.RECIPIENT),
}
"""GİB envelope codes that end a try, the same at every integrator (GİB, list of envelope states).

1182 and 1183 belong to user envelopes and never to an invoice.
"""


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
    return Rejected("einvoice.field", TEXTS.text("einvoice.field", field=field), field=field)
