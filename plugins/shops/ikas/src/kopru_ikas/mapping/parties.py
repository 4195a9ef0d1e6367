"""Who buys, where it goes, and how it was paid."""

from datetime import datetime

from kopru.model import (
    Address,
    Finding,
    Party,
    PartyKind,
    Payment,
    PaymentMethod,
    Shipping,
    TaxId,
)
from kopru.toolkit import taxnumbers, text
from kopru_ikas import codes
from kopru_ikas.mapping.common import note
from kopru_ikas.mapping.remote import RemoteAddress, RemoteCustomer, RemoteOrder

_TURKEY = frozenset({"TUR", "TR"})


def buyer(order: RemoteOrder, notes: list[Finding]) -> Party:
    """Return the buyer: a company when the billing address has a tax number and a company's name."""
    address, customer = order.billing_address, order.customer or RemoteCustomer()
    person = Party(
        kind=PartyKind.PERSON,
        first_name=text.clean(address.first_name) or text.clean(customer.first_name),
        last_name=text.clean(address.last_name) or text.clean(customer.last_name),
        email=text.clean(customer.email),
        phone=text.clean(address.phone) or text.clean(customer.phone),
        address=postal(address),
    )
    country = person.address.country
    number = taxnumbers.tax_id(address.tax_number, country=country)
    if address.tax_number.strip() and number is None:
        notes.append(note("ikas.order.tax_number", "billingAddress.taxNumber"))
    if _is_company(address, number):
        return _company(person, address, number, notes)
    if not person.display_name:
        notes.append(note("ikas.order.name_missing", "billingAddress.firstName"))
    tax_id = taxnumbers.tax_id(address.identity_number, country=country) or number
    return person.model_copy(update={"tax_id": tax_id})


def postal(address: RemoteAddress) -> Address:
    """Return an address. ikas's ``state`` says "Default" in Turkey and is not read."""
    return Address(
        street=text.join(address.address_line1, address.address_line2),
        district=text.clean(address.district.name),
        city=text.clean(address.city.name),
        postal_code=text.clean(address.postal_code),
        country=_country(address),
    )


def shipping(order: RemoteOrder) -> Shipping:
    """Return where the parcel goes, with the newest parcel's tracking."""
    address = order.shipping_address
    tracked = [each.tracking_info for each in order.order_packages]
    tracking = next((each for each in reversed(tracked) if each.tracking_number or each.barcode), None)
    return Shipping(
        recipient=text.join(address.first_name, address.last_name),
        phone=text.clean(address.phone),
        address=postal(address),
        carrier=text.clean(tracking.cargo_company) if tracking else "",
        tracking_number=text.clean(tracking.tracking_number or tracking.barcode) if tracking else "",
        tracking_url=text.clean(tracking.tracking_link) if tracking else "",
    )


def payment(order: RemoteOrder, placed: datetime) -> Payment:
    """Return how most of the money was paid; only a payment by card is known to be as old as the order."""
    methods = sorted(order.payment_methods, key=lambda each: each.price, reverse=True)
    if not methods:
        return Payment()
    method = codes.PAYMENT.get(methods[0].type, PaymentMethod.OTHER)
    paid = order.order_payment_status in ("PAID", "OVER_PAID")
    return Payment(
        method=method,
        raw=", ".join(each.type for each in methods),
        agent=text.clean(methods[0].payment_gateway_name),
        paid_at=placed if paid and method is PaymentMethod.CARD else None,
    )


def _is_company(address: RemoteAddress, number: TaxId | None) -> bool:
    if number is None:
        return False
    return bool(address.company.strip()) or len(number.value) == 10


def _company(person: Party, address: RemoteAddress, number: TaxId | None, notes: list[Finding]) -> Party:
    name = text.clean(address.company)
    if not name:
        notes.append(note("ikas.order.company_name_missing", "billingAddress.company"))
    return person.model_copy(
        update={
            "kind": PartyKind.COMPANY,
            "name": name or person.display_name,
            "tax_id": number,
            "tax_office": text.clean(address.tax_office),
        }
    )


def _country(address: RemoteAddress) -> str:
    country = address.country
    code = (country.iso2 or country.iso3 or "TR").strip().upper()
    return "TR" if code in _TURKEY else code
