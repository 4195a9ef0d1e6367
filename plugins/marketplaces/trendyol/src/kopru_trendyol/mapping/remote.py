"""The fields of Trendyol's answers that we read, each under its new name and, where there was one, its old.

Names changed in April 2026; stored and replayed payloads may hold either set, or both at once. ``null``
counts as absent, so that the filled name wins.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from kopru.sdk import Rejected
from kopru.toolkit import dates


def _moment(value: object) -> datetime | None:
    number = int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 20 else value
    if isinstance(number, Decimal) and number == number.to_integral_value():
        number = int(number)
    if not isinstance(number, int) or isinstance(number, bool):
        raise ValueError("not a time in milliseconds")
    try:
        return dates.from_epoch_ms(number) if number else None
    except Rejected as error:
        raise ValueError("not a time of the calendar") from error


def _number(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("not a number")
    return value


RemoteId = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$")]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]
Amount = Annotated[Decimal, BeforeValidator(_number), Field(ge=0, le=10**12, max_digits=40)]
Rate = Annotated[Decimal, BeforeValidator(_number), Field(ge=0, le=100, max_digits=40)]
Units = Annotated[int, BeforeValidator(_number), Field(ge=1, le=100_000)]


def either(*names: str) -> Any:
    """Return a required field known under several names, the newest first."""
    return Field(validation_alias=AliasChoices(*names))


def optional(*names: str, default: Any = None) -> Any:
    """Return an optional field known under several names, the newest first."""
    return Field(default=default, validation_alias=AliasChoices(*names))


class Remote(BaseModel):
    """Base of what is read: unknown fields are ignored, numbers may stand where texts are expected."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True, loc_by_alias=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {name: value for name, value in data.items() if value is not None}
        return data


class RemoteHistory(Remote):
    """One step in a package's life; times are true UTC."""

    at: Moment = optional("createdDate")
    status: str = optional("status", default="")


class RemoteAddressLines(Remote):
    """The street in two lines, where the address has them apart."""

    first: str = optional("addressLine1", default="")
    second: str = optional("addressLine2", default="")


class RemoteAddress(Remote):
    """An invoice or delivery address. Tax fields come with company orders only."""

    first_name: str = optional("firstName", default="")
    last_name: str = optional("lastName", default="")
    full_name: str = optional("fullName", default="")
    company: str = optional("company", default="")
    tax_number: str = optional("taxNumber", default="")
    tax_office: str = optional("taxOffice", default="")
    einvoice: bool | None = optional("eInvoiceAvailable", "isEInvoiceAvailable")
    line1: str = optional("address1", default="")
    line2: str = optional("address2", default="")
    lines: RemoteAddressLines = optional("addressLines", default=RemoteAddressLines())
    full: str = optional("fullAddress", default="")
    neighbourhood: str = optional("neighborhood", default="")
    district: str = optional("district", "countyName", default="")
    city: str = optional("city", "stateName", default="")
    postal_code: str = optional("postalCode", default="")
    country: str = optional("countryCode", default="")
    phone: str = optional("phone", default="")


class RemoteUnit(Remote):
    """One unit of a line: its net price and the discounts that were taken off, all VAT included."""

    price: Amount = either("lineItemPrice")
    seller_discount: Amount = optional("lineItemSellerDiscount", "lineItemDiscount", default=Decimal(0))
    marketplace_discount: Amount = optional("lineItemTyDiscount", default=Decimal(0))


class RemoteLine(Remote):
    """One line of a package. Prices and discounts of the line itself are averages of one unit."""

    id: RemoteId = either("lineId", "id")
    quantity: Units = either("quantity")
    barcode: str = optional("barcode", default="")
    stock_code: str = optional("stockCode", "merchantSku", default="")
    content_id: str = optional("contentId", "productCode", default="")
    name: str = optional("productName", default="")
    gross: Amount = either("lineGrossAmount", "amount")
    seller_discount: Amount = optional("lineSellerDiscount", "discount", default=Decimal(0))
    marketplace_discount: Amount = optional("lineTyDiscount", "tyDiscount", default=Decimal(0))
    units: tuple[RemoteUnit, ...] = optional("discountDetails", default=())
    vat_rate: Rate | None = optional("vatRate", "vatBaseAmount")
    status: str = optional("orderLineItemStatusName", default="")


class RemotePackage(Remote):
    """A shipment package. ``ordered_at`` is a clock that runs ahead of UTC by the setting's hours."""

    id: RemoteId = either("shipmentPackageId", "id")
    order_number: Annotated[str, StringConstraints(min_length=1)] = either("orderNumber")
    status: str = optional("shipmentPackageStatus", "status", default="")
    ordered_at: Moment = optional("orderDate")
    modified_at: Moment = optional("lastModifiedDate")
    ship_before: Moment = optional("agreedDeliveryDate")
    history: tuple[RemoteHistory, ...] = optional("packageHistories", default=())
    currency: str = optional("currencyCode", default="TRY")
    total: Amount = either("packageTotalPrice", "totalPrice")
    commercial: bool = optional("commercial", default=False)
    tax_number: str = optional("taxNumber", default="")
    identity_number: str = optional("identityNumber", default="")
    first_name: str = optional("customerFirstName", default="")
    last_name: str = optional("customerLastName", default="")
    email: str = optional("customerEmail", default="")
    invoice_address: RemoteAddress = optional("invoiceAddress", default=RemoteAddress())
    delivery_address: RemoteAddress = optional("shipmentAddress", default=RemoteAddress())
    tracking_number: str = optional("cargoTrackingNumber", default="")
    tracking_url: str = optional("cargoTrackingLink", default="")
    carrier: str = optional("cargoProviderName", default="")
    export: bool = optional("micro", default=False)
    agency_sale: bool = optional("is4P", default=False)
    trendyol_buyer: bool = optional("3pByTrendyol", default=False)
    on_delivery: bool = optional("isCod", default=False)
    payment_method: str = optional("paymentMethod", default="")
    invoice_url: str = optional("invoiceLink", default="")
    parents: tuple[RemoteId, ...] = optional("originPackageIds", default=())
    country: str = optional("orderCountryCode", default="")
    lines: tuple[RemoteLine, ...] = either("lines")


class RemoteStateLine(Remote):
    """Id and quantity of a line."""

    id: RemoteId = either("lineId", "id")
    quantity: Units = either("quantity")


class RemoteState(Remote):
    """What a write has to know about a package before it acts."""

    id: RemoteId = either("shipmentPackageId", "id")
    order_number: str = optional("orderNumber", default="")
    status: str = optional("shipmentPackageStatus", "status", default="")
    invoice_url: str = optional("invoiceLink", default="")
    invoice_number: str = optional("invoiceNumber", default="")
    tracking_number: str = optional("cargoTrackingNumber", default="")
    created_by: str = optional("createdBy", default="")
    parents: tuple[RemoteId, ...] = optional("originPackageIds", default=())
    lines: tuple[RemoteStateLine, ...] = optional("lines", default=())


class RemoteRow(Remote):
    """The few fields an independent listing needs."""

    id: RemoteId = either("shipmentPackageId", "id")
    order_number: str = optional("orderNumber", default="")
    status: str = optional("shipmentPackageStatus", "status", default="")
    modified_at: Moment = optional("lastModifiedDate")
    total: Amount | None = optional("packageTotalPrice", "totalPrice")
    currency: str = optional("currencyCode", default="TRY")


class RemoteReason(Remote):
    """Why a unit comes back."""

    name: str = optional("name", default="")


class RemoteClaimStatus(Remote):
    """State of one unit of a claim."""

    name: str = optional("name", default="")


class RemoteOrderLine(Remote):
    """The order line a claim is about; ``id`` is the order's line id."""

    id: RemoteId = either("id")


class RemoteClaimUnit(Remote):
    """One unit that comes back. ``orderLineItemId`` is a unit number and joins to nothing we hold."""

    id: Annotated[str, StringConstraints(min_length=1)] = either("id")
    status: RemoteClaimStatus = optional("claimItemStatus", default=RemoteClaimStatus())
    reason: RemoteReason = optional("customerClaimItemReason", default=RemoteReason())
    note: str = optional("note", default="")
    customer_note: str = optional("customerNote", default="")
    order_line: RemoteOrderLine | None = optional("orderLine")


class RemoteClaimItem(Remote):
    """An order line of a claim with its units."""

    order_line: RemoteOrderLine = either("orderLine")
    units: tuple[RemoteClaimUnit, ...] = optional("claimItems", default=())


class RemoteClaim(Remote):
    """A customer's return."""

    id: Annotated[str, StringConstraints(min_length=1)] = either("claimId", "id")
    order_number: Annotated[str, StringConstraints(min_length=1)] = either("orderNumber")
    claimed_at: Moment = optional("claimDate")
    modified_at: Moment = optional("lastModifiedDate")
    package_id: RemoteId | None = optional("orderShipmentPackageId")
    tracking_number: str = optional("cargoTrackingNumber", default="")
    items: tuple[dict[str, Any], ...] = either("items")


class RemotePrice(Remote):
    """Prices of a product, VAT included."""

    sale: Amount | None = optional("salePrice")
    full: Amount | None = optional("listPrice")


class RemoteStock(Remote):
    """Stock of a product."""

    quantity: Decimal | None = optional("quantity")


class RemoteVariant(Remote):
    """One sellable variant of a product."""

    barcode: Annotated[str, StringConstraints(min_length=1)] = either("barcode")
    stock_code: str = optional("stockCode", default="")
    vat_rate: Rate | None = optional("vatRate")
    price: RemotePrice = optional("price", default=RemotePrice())
    stock: RemoteStock = optional("stock", default=RemoteStock())
    modified_at: Moment = optional("sellerModifiedDate")
    archived: bool = optional("archived", default=False)
    locked: bool = optional("locked", default=False)
    blacklisted: bool = optional("blacklisted", default=False)


class RemoteNamed(Remote):
    """Something with a name: a brand, a category."""

    name: str = optional("name", default="")


class RemoteContent(Remote):
    """What the variants of a product share."""

    title: str = optional("title", default="")
    brand: RemoteNamed = optional("brand", default=RemoteNamed())
    category: RemoteNamed = optional("category", default=RemoteNamed())
