"""The e-document block of an invoice: what Logo shows about the document another channel has sent."""

from typing import Any

from kopru.model import Invoice, InvoiceKind, Party, PartyKind, Profile, TaxScheme
from kopru.sdk import Rejected
from kopru.toolkit.text import truncate
from kopru_logo.codes import EXEMPTION_CODE_LENGTH, EXEMPTION_REASON_LENGTH, EDocument
from kopru_logo.config import LogoConfig
from kopru_logo.texts import TEXTS

_PROFILES = {Profile.BASIC: 1, Profile.COMMERCIAL: 2, Profile.TRAVELLER: 3}
_TYPES = {
    InvoiceKind.SALE: 0,
    InvoiceKind.RETURN: 0,
    InvoiceKind.EXEMPTION: 2,
    InvoiceKind.WITHHOLDING: 4,
}
COUNTRY_NAMES = {"TR": "TÜRKİYE"}


def block(config: LogoConfig, invoice: Invoice) -> dict[str, Any]:
    """Return the e-document fields of a sales invoice.

    Raises:
        Rejected: ``logo.invoice.profile`` for a scenario Logo's numbers are not known for.
    """
    if not config.edocument_fields:
        return {"EINVOICE": EDocument.PAPER.value}
    if not invoice.profile.is_archive and invoice.profile not in _PROFILES:
        raise Rejected(
            "logo.invoice.profile",
            TEXTS.text("logo.invoice.profile", profile=invoice.profile.value),
            field="profile",
        )
    made: dict[str, Any] = {
        "EINVOICE": _kind(invoice).value,
        "PROFILE_ID": _PROFILES.get(invoice.profile, 0),
        "EINVOICE_TYPE": _TYPES[invoice.kind],
        **_exemption(invoice),
    }
    replaces = int(config.instead_of_despatch and not invoice.despatch_refs)
    if not invoice.profile.is_archive:
        return {**made, "EINSTEAD_OF_DISPATCH": replaces}
    archive = {**_sending(config), **_internet(config, invoice), **_buyer(config, invoice.buyer)}
    archive["INSTEADOFDESP"] = replaces
    return {**made, **{f"EARCHIVEDETR_{name}": value for name, value in archive.items()}}


def _kind(invoice: Invoice) -> EDocument:
    if not invoice.profile.is_archive:
        return EDocument.EINVOICE
    return EDocument.EARCHIVE_INTERNET if invoice.internet_sale else EDocument.EARCHIVE


def _exemption(invoice: Invoice) -> dict[str, str]:
    """Return the document's exemption when all exempt lines share one."""
    found = {
        (subtotal.exemption_code, subtotal.exemption_reason)
        for subtotal in invoice.tax_subtotals
        if subtotal.exemption_code
    }
    if invoice.kind is not InvoiceKind.EXEMPTION or len(found) != 1:
        return {}
    code, reason = found.pop()
    return {
        "VATEXCEPT_CODE": truncate(code, EXEMPTION_CODE_LENGTH),
        "VATEXCEPT_REASON": truncate(reason, EXEMPTION_REASON_LENGTH),
    }


def _sending(config: LogoConfig) -> dict[str, Any]:
    return {} if config.send_mode is None else {"SENDMOD": config.send_mode}


def _internet(config: LogoConfig, invoice: Invoice) -> dict[str, Any]:
    sale = invoice.internet_sale
    if sale is None:
        return {}
    made: dict[str, Any] = {"INTSALESADDR": sale.website, "INTPAYMENTDATE": sale.payment_date.isoformat()}
    if sale.payment_agent:
        made["INTPAYMENTAGENT"] = sale.payment_agent
    if sale.payment_method in config.payment_types:
        made["INTPAYMENTTYPE"] = config.payment_types[sale.payment_method]
    return made


def _buyer(config: LogoConfig, buyer: Party) -> dict[str, Any]:
    made: dict[str, Any] = {"ISCOMP": int(buyer.kind is PartyKind.COMPANY)}
    if config.buyer_overrides_card:
        made["ISPERCURR"] = 1
    if buyer.tax_id:
        made["TCKNO" if buyer.tax_id.scheme is TaxScheme.TCKN else "TAXNR"] = buyer.tax_id.value
    address = buyer.address
    street, more = split(address.street, config.address_length)
    texts = {
        "DEFINITION": truncate(buyer.name, config.title_length),
        "NAME": buyer.first_name,
        "SURNAME": buyer.last_name,
        "TAXOFFICE": buyer.tax_office,
        "ADDR1": street,
        "ADDR2": more,
        "DISTRICT": address.neighbourhood,
        "TOWN": address.district,
        "CITY": address.city,
        "COUNTRYCODE": address.country,
        "COUNTRY": COUNTRY_NAMES.get(address.country, ""),
        "POSTCODE": address.postal_code,
        "EMAILADDR": buyer.email,
        "TELNRS1": buyer.phone,
    }
    return {**made, **{name: value for name, value in texts.items() if value}}


def split(value: str, length: int) -> tuple[str, str]:
    """Return a text in two fields of a length, cut between words where possible; what is left is dropped."""
    if len(value) <= length:
        return value, ""
    head = value[: length + 1].rpartition(" ")[0] or value[:length]
    return head, truncate(value[len(head) :].strip(), length)
