"""Parties and addresses as UBL elements."""

from kopru.model import Address, Party
from kopru_ubltr.codes import country_name
from kopru_ubltr.config import MissingDistrict, UblTrConfig
from kopru_ubltr.identity import TCKN, VKN, Identity
from kopru_ubltr.nodes import Part, blank, cac, cbc
from kopru_ubltr.text import clean

_CENTRE = "Merkez"


def district(address: Address, config: UblTrConfig) -> str:
    """Return what is written as district, empty when the settings want the invoice stopped.

    Foreign addresses have none, so the city is repeated there.
    """
    given = clean(address.district)
    if given:
        return given
    if address.country != "TR" or config.missing_district is MissingDistrict.CITY:
        return clean(address.city)
    return _CENTRE if config.missing_district is MissingDistrict.CENTRE else ""


def address(name: str, value: Address, config: UblTrConfig) -> Part:
    """Return an address element."""
    return cac(
        name,
        cbc("StreetName", f"{value.neighbourhood} {value.street}"),
        cbc("CitySubdivisionName", district(value, config)),
        cbc("CityName", value.city),
        cbc("PostalZone", value.postal_code),
        _country(value.country),
    )


def party(name: str, value: Party, identity: Identity, config: UblTrConfig, *, website: str = "") -> Part:
    """Return a party under the given element name, such as ``AccountingSupplierParty``."""
    return cac(
        name,
        cac(
            "Party",
            cbc("WebsiteURI", value.website or website),
            _number(identity.scheme, identity.number),
            *(_number(scheme, number) for scheme, number in identity.others),
            cac("PartyName", cbc("Name", identity.name)),
            address("PostalAddress", value.address, config),
            cac("PartyTaxScheme", cac("TaxScheme", cbc("Name", value.tax_office))),
            cac("Contact", cbc("Telephone", value.phone), cbc("ElectronicMail", value.email)),
            _person(identity),
        ),
    )


def signature(seller: Party, identity: Identity, reference: str, config: UblTrConfig) -> Part:
    """Return the signature block of an unsigned document; it names the seller as signer."""
    return cac(
        "Signature",
        cbc("ID", identity.number, schemeID="VKN_TCKN"),
        cac(
            "SignatoryParty",
            _number(identity.scheme, identity.number),
            address("PostalAddress", seller.address, config),
        ),
        cac("DigitalSignatureAttachment", cac("ExternalReference", cbc("URI", f"#Signature_{reference}"))),
    )


def carrier(name: str, number: str) -> Part:
    """Return the carrier, or nothing without a tax number: the schema knows no carrier without an id.

    Its address is required by the schema and known to nobody, so it stays empty.
    """
    scheme = {10: VKN, 11: TCKN}.get(len(number))
    if not name or scheme is None:
        return None
    nowhere = cac("PostalAddress", blank("CitySubdivisionName"), blank("CityName"), _country("TR"))
    return cac("CarrierParty", _number(scheme, number), cac("PartyName", cbc("Name", name)), nowhere)


def _number(scheme: str, number: str) -> Part:
    return cac("PartyIdentification", cbc("ID", number, schemeID=scheme))


def _person(identity: Identity) -> Part:
    if identity.scheme != TCKN:
        return None
    return cac("Person", cbc("FirstName", identity.first_name), cbc("FamilyName", identity.last_name))


def _country(code: str) -> Part:
    return cac("Country", cbc("IdentificationCode", code), cbc("Name", country_name(code)))
