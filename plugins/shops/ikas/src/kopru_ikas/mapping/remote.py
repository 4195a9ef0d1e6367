"""The fields of ikas's answers that we read. ``null`` counts as absent."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic.alias_generators import to_camel

from kopru.sdk import Rejected
from kopru.toolkit import dates


def _moment(value: object) -> datetime | None:
    number = int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else value
    if not isinstance(number, int) or isinstance(number, bool):
        raise ValueError("not a time in milliseconds")
    try:
        return dates.from_epoch_ms(number) if number else None
    except Rejected as error:
        raise ValueError("not a time of the calendar") from error


def _number(value: object) -> object:
    if isinstance(value, bool | str):
        raise ValueError("not a number")
    return value


def _texts(value: object) -> object:
    return [each for each in value if each is not None] if isinstance(value, list) else value


RemoteId = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[\w.-]+$")]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]
Amount = Annotated[Decimal, BeforeValidator(_number), Field(ge=0, le=10**12, max_digits=40)]
Quantity = Annotated[Decimal, BeforeValidator(_number), Field(gt=0, le=10**9, max_digits=40)]
Count = Annotated[Decimal, BeforeValidator(_number), Field(ge=-(10**12), le=10**12, max_digits=40)]
Rate = Annotated[Decimal, BeforeValidator(_number), Field(ge=0, le=100, max_digits=40)]


class Remote(BaseModel):
    """Base of what is read: unknown fields are ignored."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        coerce_numbers_to_str=True,
        alias_generator=to_camel,
        loc_by_alias=True,
        defer_build=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {name: value for name, value in data.items() if value is not None}
        return data


class RemoteNamed(Remote):
    """Something with a name: a city, a brand, a category."""

    id: str = ""
    name: str = ""


class RemoteCountry(RemoteNamed):
    """A country; ``iso2`` is what documents take, ``code`` has three letters."""

    iso2: str = ""
    iso3: str = ""


class RemoteAddress(Remote):
    """A billing or shipping address. City is the il, district the ilçe; state means nothing in Turkey."""

    first_name: str = ""
    last_name: str = ""
    company: str = ""
    identity_number: str = ""
    tax_number: str = ""
    tax_office: str = ""
    address_line1: str = ""
    address_line2: str = ""
    postal_code: str = ""
    phone: str = ""
    city: RemoteNamed = RemoteNamed()
    district: RemoteNamed = RemoteNamed()
    country: RemoteCountry = RemoteCountry()


class RemoteCustomer(Remote):
    """The account an order was placed with."""

    email: str = ""
    first_name: str = ""
    last_name: str = ""
    phone: str = ""


class RemoteValue(Remote):
    """One property of a variant, such as the size."""

    variant_type_name: str = ""
    variant_value_name: str = ""


class RemoteOrderVariant(Remote):
    """What was sold, as it stood when the order was placed."""

    id: str = ""
    product_id: str = ""
    name: str = ""
    sku: str = ""
    barcode_list: Annotated[tuple[str, ...], BeforeValidator(_texts)] = ()
    variant_values: tuple[RemoteValue, ...] = ()


class RemoteLine(Remote):
    """One line. All prices are of one unit; ``finalPrice`` is what was paid for it, discounts taken off."""

    id: RemoteId
    quantity: Quantity
    price: Amount
    discount_price: Amount | None = None
    final_price: Amount | None = None
    tax_value: Rate | None = None
    status: str = ""
    deleted: bool = False
    original_order_line_item_id: str = ""
    variant: RemoteOrderVariant = RemoteOrderVariant()

    @property
    def paid(self) -> Decimal:
        """Return what one unit costs the buyer."""
        if self.final_price is not None:
            return self.final_price
        return self.price if self.discount_price is None else self.discount_price


class RemoteShippingLine(Remote):
    """A fee for carriage."""

    title: str = ""
    price: Amount = Decimal(0)
    final_price: Amount | None = None
    tax_value: Rate | None = None
    is_refunded: bool = False

    @property
    def paid(self) -> Decimal:
        """Return the fee after discounts."""
        return self.price if self.final_price is None else self.final_price


class RemoteGiftLine(Remote):
    """A fee for gift wrap."""

    price: Amount = Decimal(0)
    tax_value: Rate | None = None
    is_refunded: bool = False


class RemoteAdjustedLine(Remote):
    """The part of an adjustment that fell on one line."""

    order_line_id: str = ""


class RemoteAdjustment(Remote):
    """What raised or lowered prices; already inside ``finalPrice`` where it fell on lines."""

    name: str = ""
    type: str = ""
    amount: Amount = Decimal(0)
    amount_type: str = ""
    applied_order_lines: tuple[RemoteAdjustedLine, ...] = ()


class RemotePayment(Remote):
    """A way of payment used."""

    type: str = ""
    price: Amount = Decimal(0)
    payment_gateway_name: str = ""


class RemoteTracking(Remote):
    """How a parcel travels. Some carriers put the number into ``barcode``."""

    barcode: str = ""
    cargo_company: str = ""
    tracking_link: str = ""
    tracking_number: str = ""


class RemotePackage(Remote):
    """One parcel of an order."""

    id: str = ""
    order_package_fulfill_status: str = ""
    order_line_item_ids: tuple[str, ...] = ()
    tracking_info: RemoteTracking = RemoteTracking()


class RemoteInvoice(Remote):
    """An invoice some app has attached to an order."""

    id: str = ""
    app_id: str = ""
    invoice_number: str = ""


class RemoteCurrencyRate(Remote):
    """What one unit of a currency costs."""

    code: str = ""
    rate: Annotated[Decimal, BeforeValidator(_number), Field(gt=0, max_digits=40)]


class RemoteChannel(Remote):
    """Where an order was placed."""

    id: str = ""
    name: str = ""


class RemoteOrder(Remote):
    """One order."""

    id: RemoteId
    order_number: str = ""
    status: str = ""
    order_payment_status: str = ""
    order_package_status: str = ""
    ordered_at: Moment = None
    created_at: Moment = None
    updated_at: Moment = None
    currency_code: str = "TRY"
    currency_rates: tuple[RemoteCurrencyRate, ...] = ()
    total_final_price: Amount
    net_total_final_price: Amount | None = None
    note: str = ""
    deleted: bool = False
    customer: RemoteCustomer | None = None
    billing_address: RemoteAddress = RemoteAddress()
    shipping_address: RemoteAddress = RemoteAddress()
    order_line_items: tuple[RemoteLine, ...] = ()
    shipping_lines: tuple[RemoteShippingLine, ...] = ()
    gift_package_lines: tuple[RemoteGiftLine, ...] = ()
    order_adjustments: tuple[RemoteAdjustment, ...] = ()
    payment_methods: tuple[RemotePayment, ...] = ()
    order_packages: tuple[RemotePackage, ...] = ()
    sales_channel: RemoteChannel = RemoteChannel()
    source_id: str = ""


class RemoteRow(Remote):
    """What the second listing needs of an order."""

    id: RemoteId
    order_number: str = ""
    status: str = ""
    currency_code: str = ""
    total_final_price: Amount | None = None
    net_total_final_price: Amount | None = None
    updated_at: Moment = None
    deleted: bool = False


class RemoteState(Remote):
    """What writing to an order has to know of it."""

    id: RemoteId
    status: str = ""
    updated_at: Moment = None
    billing_address: RemoteAddress = RemoteAddress()
    order_line_items: tuple[RemoteLine, ...] = ()
    order_packages: tuple[RemotePackage, ...] = ()
    invoices: tuple[RemoteInvoice, ...] = ()


class RemotePrice(Remote):
    """One price of a variant; the shop's own prices belong to no price list."""

    sell_price: Amount | None = None
    discount_price: Amount | None = None
    currency: str = "TRY"
    price_list_id: str = ""


class RemoteStock(Remote):
    """What lies at one location."""

    stock_location_id: str = ""
    stock_count: Count = Decimal(0)


class RemoteVariant(Remote):
    """One sellable variant of a product."""

    id: RemoteId
    sku: str = ""
    barcode_list: Annotated[tuple[str, ...], BeforeValidator(_texts)] = ()
    is_active: bool = True
    deleted: bool = False
    prices: tuple[RemotePrice, ...] = ()
    stocks: tuple[RemoteStock, ...] = ()


class RemoteProduct(Remote):
    """What the variants of a product share."""

    id: RemoteId
    name: str = ""
    type: str = ""
    updated_at: Moment = None
    deleted: bool = False
    brand: RemoteNamed = RemoteNamed()
    categories: tuple[RemoteNamed, ...] = ()
