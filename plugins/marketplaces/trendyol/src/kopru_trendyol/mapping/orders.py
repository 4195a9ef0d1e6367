"""Shipment packages to canonical orders."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from kopru.model import (
    Address,
    Discount,
    ExternalRef,
    Finding,
    Order,
    OrderLine,
    OrderStatus,
    Party,
    PartyKind,
    Payment,
    PaymentMethod,
    Shipping,
    TaxId,
    TaxScheme,
)
from kopru.model.money import CENT, ZERO
from kopru.sdk import Raw, Record, Rejected
from kopru.toolkit import taxnumbers, text, validation
from kopru.toolkit.mapping import extras, money, plain, revision, text_faults
from kopru_trendyol import codes
from kopru_trendyol.config import TrendyolConfig
from kopru_trendyol.mapping.common import NAMESPACE, error, note, readable
from kopru_trendyol.mapping.remote import RemoteAddress, RemoteLine, RemotePackage, RemoteUnit
from kopru_trendyol.texts import TEXTS

PREFIX = "trendyol.order"
CLOCK_TOLERANCE = timedelta(minutes=5)

_PACKAGE_EXTRAS = (
    *("status", "createdBy", "is4P", "3pByTrendyol", "invoiceStatus", "invoiceRejectedReasonKeys"),
    *("invoiceNumber", "isCod", "whoPays", "cargoDeci", "cargoSenderNumber", "customerId", "channelId"),
    *("deliveryType", "deliveryAddressType", "deliveredByService", "fastDelivery", "fastDeliveryType"),
    *("warehouseId", "shipmentNumber", "timeSlotId", "giftBoxRequested", "containsDangerousProduct"),
    *("orderCountryCode", "etgbNo", "etgbDate", "hsCode", "orderDate", "originShipmentDate"),
    *("estimatedDeliveryStartDate", "estimatedDeliveryEndDate", "discountDisplays"),
)
_LINE_EXTRAS = (
    *("productColor", "productSize", "productOrigin", "productCategoryId", "salesCampaignId", "commission"),
    *("laborCost", "businessUnit", "fastDeliveryOptions", "cancelledBy", "cancelReason", "cancelReasonCode"),
)

Notes = list[Finding]


def order_record(data: object, raw: Raw, index: int, config: TrendyolConfig) -> Record[Order]:
    """Map one package; whatever is wrong with it becomes findings of this record alone.

    ``index`` is the row's place in its answer. It names rows that carry no package id, which have been seen
    with id 0: they are findings, never orders under another id.
    """
    if not isinstance(data, dict):
        return Record(f"row#{index}", raw, None, (error("trendyol.order.not_an_object", ""),))
    identity = package_id(data)
    if identity is None:
        name = f"{_label(data.get('orderNumber'))}#{index}"
        return Record(name, raw, None, (error("trendyol.order.package_id_missing", "shipmentPackageId"),))
    notes: Notes = []
    record = validation.record(identity, raw, lambda: _order(data, raw, config, notes), prefix=PREFIX)
    return replace(record, findings=(*record.findings, *notes))


def package_id(data: Mapping[str, Any]) -> str | None:
    """Return the package's id as text, or ``None`` when it is absent, zero or no number."""
    value = data.get("shipmentPackageId")
    value = data.get("id") if value is None else value
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    digits = str(value)
    return (
        digits if digits.isascii() and digits.isdigit() and digits.strip("0") and len(digits) <= 20 else None
    )


def placed_at(package: RemotePackage, config: TrendyolConfig) -> datetime | None:
    """Return when the order was placed; the package's own start when the order date is absent.

    Trendyol's ``orderDate`` is a Turkish wall clock written as if it were UTC, unlike its other times.
    """
    if package.ordered_at:
        return package.ordered_at - timedelta(hours=config.order_date_offset_hours)
    return min((step.at for step in package.history if step.at), default=None)


def clock_is_late(package: RemotePackage, config: TrendyolConfig) -> bool:
    """Whether the corrected order date lies after the package's creation: the offset setting is wrong."""
    created = [step.at for step in package.history if step.at and step.status == "Created"]
    placed = placed_at(package, config)
    return bool(created and placed and placed > min(created) + CLOCK_TOLERANCE)


def _order(data: Mapping[str, Any], raw: Raw, config: TrendyolConfig, notes: Notes) -> Order:
    faults = list(text_faults(data, raw, PREFIX))
    package = RemotePackage.model_validate(data)
    placed = placed_at(package, config)
    modified = package.modified_at or max((step.at for step in package.history if step.at), default=placed)
    if package.order_number.strip("0") == "":
        faults.append(error("trendyol.order.number_missing", "orderNumber"))
    if placed is None or modified is None:
        faults.append(error("trendyol.order.date_missing", "orderDate" if modified else "lastModifiedDate"))
    lines = [_line(line, f"lines[{n}]", faults, notes) for n, line in enumerate(package.lines)]
    if faults or placed is None or modified is None:
        raise Rejected("trendyol.order.unreadable", TEXTS["trendyol.order.unreadable"], findings=faults)
    status = _status(package, notes)
    _warn(package, config, notes)
    order = Order(
        ref=ExternalRef(kind=codes.PACKAGE, id=package.id),
        number=package.order_number,
        revision="-",
        status=status,
        raw_status=package.status,
        placed_at=placed,
        modified_at=modified,
        currency=package.currency,
        buyer=_buyer(package, notes),
        shipping=_shipping(package),
        payment=_payment(package, placed, status, config),
        lines=tuple(
            line.model_copy(update={"extras": _line_extras(data, n)}) for n, line in enumerate(lines)
        ),
        total=money(package.total),
        parents=tuple(parent for parent in package.parents if parent.strip("0")),
        export=package.export,
        invoice_url=package.invoice_url,
        extras={NAMESPACE: extras(data, _PACKAGE_EXTRAS)},
    )
    return order.model_copy(update={"revision": revision(order, modified)})


def _label(value: object) -> str:
    words = str(value)[:40] if isinstance(value, str | int) else ""
    return words if words.isascii() and words.isalnum() else "row"


def _line_extras(data: Mapping[str, Any], index: int) -> dict[str, Any]:
    found = extras(data["lines"][index], _LINE_EXTRAS)
    return {NAMESPACE: found} if found else {}


def _status(package: RemotePackage, notes: Notes) -> OrderStatus:
    status = codes.PACKAGE_STATUS.get(package.status)
    if status is None:
        notes.append(note("trendyol.order.unknown_status", "status", status=package.status or "?"))
        return OrderStatus.UNKNOWN
    return status


def _warn(package: RemotePackage, config: TrendyolConfig, notes: Notes) -> None:
    if package.agency_sale:
        notes.append(note("trendyol.order.agency_sale", "is4P"))
    if package.trendyol_buyer:
        notes.append(note("trendyol.order.trendyol_buyer", "3pByTrendyol"))
    if clock_is_late(package, config):
        notes.append(note("trendyol.order.clock", "orderDate", hours=config.order_date_offset_hours))


def _line(line: RemoteLine, path: str, faults: Notes, notes: Notes) -> OrderLine:
    units = _units(line, path, faults)
    gross = sum((unit.price + unit.seller_discount + unit.marketplace_discount for unit in units), ZERO)
    if units and abs(gross - line.gross * line.quantity) > CENT * line.quantity:
        notes.append(note("trendyol.line.gross_differs", f"{path}.lineGrossAmount", found=gross))
    seller = money(sum((unit.seller_discount for unit in units), ZERO))
    marketplace = money(sum((unit.marketplace_discount for unit in units), ZERO))
    discounts = (
        Discount(amount=seller, funded_by="seller"),
        Discount(amount=marketplace, funded_by="marketplace"),
    )
    return OrderLine(
        id=line.id,
        name=text.clean(line.name) or line.stock_code or line.barcode,
        quantity=Decimal(line.quantity),
        sku=line.stock_code,
        barcode=line.barcode,
        product_id=line.content_id,
        amount=money(gross),
        discounts=tuple(discount for discount in discounts if discount.amount),
        vat_rate=None if line.vat_rate is None else plain(line.vat_rate),
        raw_status=line.status,
        cancelled=line.status in codes.CANCELLED,
    )


def _units(line: RemoteLine, path: str, faults: Notes) -> tuple[RemoteUnit, ...]:
    """Return one entry per unit.

    The line's own discounts are rounded averages; times the quantity they miss the invoice by a kuruş or
    more. So they stand in only where an average cannot differ from the unit.
    """
    if len(line.units) == line.quantity:
        return line.units
    if line.units:
        code = "trendyol.line.unit_count"
        faults.append(error(code, f"{path}.discountDetails", found=len(line.units), quantity=line.quantity))
        return ()
    if line.quantity > 1 and (line.seller_discount or line.marketplace_discount):
        faults.append(error("trendyol.line.units_missing", f"{path}.discountDetails"))
        return ()
    net = line.gross - line.seller_discount - line.marketplace_discount
    if net < ZERO:
        faults.append(error("trendyol.line.negative", f"{path}.lineGrossAmount"))
        return ()
    discounts = {
        "lineItemSellerDiscount": line.seller_discount,
        "lineItemTyDiscount": line.marketplace_discount,
    }
    return (RemoteUnit.model_validate({"lineItemPrice": net, **discounts}),) * line.quantity


def _buyer(package: RemotePackage, notes: Notes) -> Party:
    address = package.invoice_address
    first = readable(address.first_name) or readable(package.first_name)
    last = readable(address.last_name) or readable(package.last_name)
    if not (first or last):
        first, last = text.split_name(readable(address.full_name))
    party = Party(
        kind=PartyKind.PERSON,
        first_name=first,
        last_name=last,
        email=readable(package.email),
        phone=readable(address.phone),
        address=_address(address, package.country),
    )
    if package.commercial:
        return _company(party, package, notes)
    if not party.display_name:
        notes.append(note("trendyol.order.name_masked", "invoiceAddress.firstName"))
    return party.model_copy(update={"tax_id": _tax_id(package.identity_number, party.address.country)})


def _company(person: Party, package: RemotePackage, notes: Notes) -> Party:
    address = package.invoice_address
    name = readable(address.company) or readable(address.full_name) or person.display_name
    number = readable(address.tax_number) or readable(package.tax_number)
    tax_id = _tax_id(number, person.address.country)
    if not readable(address.company):
        notes.append(note("trendyol.order.company_name_missing", "invoiceAddress.company"))
    if tax_id is None:
        notes.append(note("trendyol.order.tax_number_missing", "invoiceAddress.taxNumber"))
    company = {
        "kind": PartyKind.COMPANY,
        "name": text.clean(name),
        "tax_id": tax_id,
        "tax_office": readable(address.tax_office),
        "einvoice_registered": address.einvoice,
    }
    return Party.model_validate({**dict(person), **company})


def _tax_id(number: str, country: str) -> TaxId | None:
    digits = readable(number).strip()
    if digits == taxnumbers.UNKNOWN_CONSUMER_TCKN:
        return TaxId(scheme=TaxScheme.TCKN, value=digits)
    return taxnumbers.tax_id(digits, country=country)


def _address(address: RemoteAddress, order_country: str) -> Address:
    street = text.join(
        readable(address.line1) or readable(address.lines.first),
        readable(address.line2) or readable(address.lines.second),
    )
    return Address(
        street=street or text.clean(readable(address.full)),
        neighbourhood=text.clean(readable(address.neighbourhood)),
        district=text.clean(readable(address.district)),
        city=text.clean(readable(address.city)),
        postal_code=text.clean(readable(address.postal_code)),
        country=(address.country or order_country or "TR").strip().upper(),
    )


def _shipping(package: RemotePackage) -> Shipping:
    address = package.delivery_address
    shipped = (step.at for step in package.history if step.at and step.status == "Shipped")
    return Shipping(
        recipient=text.clean(readable(address.full_name)) or text.join(address.first_name, address.last_name),
        phone=readable(address.phone),
        address=_address(address, package.country),
        carrier=package.carrier or codes.carrier_of(package.tracking_number),
        tracking_number=package.tracking_number,
        tracking_url=package.tracking_url,
        shipped_at=min(shipped, default=None),
        due_at=package.ship_before,
    )


def _payment(
    package: RemotePackage, placed: datetime, status: OrderStatus, config: TrendyolConfig
) -> Payment:
    on_delivery = package.on_delivery
    waiting = on_delivery or status is OrderStatus.AWAITING_PAYMENT
    return Payment(
        method=PaymentMethod.CASH_ON_DELIVERY if on_delivery else PaymentMethod.PLATFORM,
        raw=package.payment_method,
        agent=config.payment_agent,
        paid_at=None if waiting else placed,
    )
