"""The fields of Hepsiburada's answers that we read, after their keys were put in lower case.

``null`` counts as absent. Money comes as ``{amount, currency}`` or as a plain number.
"""

from collections.abc import Mapping
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

ZERO = Decimal(0)


def _number(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("not a number")
    return value


def _money(value: object) -> object:
    return value if isinstance(value, Mapping) else {"amount": value}


def _compressed(name: str) -> str:
    return name.replace("_", "")


def known_as(*names: str, default: Any = ...) -> Any:
    """Return a field known under several names."""
    return Field(default=default, validation_alias=AliasChoices(*names))


Amount = Annotated[Decimal, BeforeValidator(_number), Field(ge=0, le=10**12, max_digits=40)]
Rate = Annotated[Decimal, BeforeValidator(_number), Field(ge=0, le=100, max_digits=40)]
Quantity = Annotated[Decimal, BeforeValidator(_number), Field(gt=0, le=100_000, max_digits=40)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Remote(BaseModel):
    """Base of what is read: unknown fields are ignored, numbers may stand where texts are expected."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        coerce_numbers_to_str=True,
        alias_generator=_compressed,
        loc_by_alias=True,
        defer_build=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {name: value for name, value in data.items() if value is not None}
        return data


class RemoteMoney(Remote):
    """An amount with its currency."""

    amount: Amount = ZERO
    currency: str = ""


Money = Annotated[RemoteMoney, BeforeValidator(_money)]
NOTHING = RemoteMoney()


class RemoteDiscount(Remote):
    """A discount of a line: in all, and of one unit."""

    total_price: Money = NOTHING


class RemoteAddress(Remote):
    """An address. ``district`` is the mahalle and ``town`` the ilçe, against everyday use."""

    address: str = ""
    name: str = ""
    email: str = ""
    country_code: str = ""
    phone_number: str = ""
    district: str = ""
    town: str = ""
    city: str = ""
    postal_code: str = ""


def _address(value: object) -> object:
    return {"address": value} if isinstance(value, str) else value


Address = Annotated[RemoteAddress, BeforeValidator(_address)]


class RemoteInvoice(Remote):
    """To whom the invoice goes; there is no word about e-invoice registration."""

    turkish_identity_number: str = ""
    tax_number: str = ""
    tax_office: str = ""
    address: Address = RemoteAddress()


class RemoteLine(Remote):
    """One line of an order."""

    id: Name = known_as("id", "lineitemid")
    order_number: str = ""
    order_date: str = ""
    due_date: str = ""
    last_status_update_date: str = ""
    status: str = ""
    creation_reason: str = ""
    sku: str = known_as("sku", "hbsku", default="")
    merchant_sku: str = ""
    product_barcode: str = ""
    listing_id: str = ""
    name: str = known_as("name", "productname", default="")
    quantity: Quantity
    unit_price: Money | None = known_as("unitprice", "price", default=None)
    total_price: Money | None = None
    merchant_unit_price: Money | None = None
    merchant_total_price: Money | None = None
    hb_discount: RemoteDiscount = RemoteDiscount()
    merchant_discount: RemoteDiscount = RemoteDiscount()
    vat: Amount | None = None
    vat_rate: Rate | None = None
    customer_name: str = ""
    shipping_address: Address = RemoteAddress()
    invoice: RemoteInvoice = RemoteInvoice()
    cargo_company: str = ""
    package_number: str = ""
    barcode: str = ""
    tracking_info_code: str = ""
    is_micro_export: bool = False
    has_invoice: bool | None = None


class RemoteClaim(Remote):
    """A return, exchange or complaint about one line of an order."""

    number: Name = known_as("number", "claimnumber")
    order_number: Name
    status: str = ""
    claim_type: str = ""
    claim_date: str = ""
    refund_date: str = ""
    last_status_update_date: str = known_as("laststatusupdatedate", "statusdate", default="")
    quantity: Quantity = Decimal(1)
    sku: str = known_as("sku", "hbsku", "hepsiburadasku", default="")
    merchant_sku: str = ""
    line_item_id: str = ""
    explanation: str = ""
    reason: Any = None
    finalized_with: str = ""
    deliveries: tuple[Mapping[str, Any], ...] = ()


class RemoteListing(Remote):
    """One offer of the merchant: two article numbers that only together are safe, price and stock."""

    listing_id: str = ""
    hepsiburada_sku: Annotated[str, StringConstraints(pattern=r"^[^:]{1,100}$")]
    merchant_sku: Annotated[str, StringConstraints(min_length=1, max_length=99)]
    product_name: str = ""
    price: Money | None = None
    available_stock: Decimal | None = None
    is_salable: bool = True
    is_suspended: bool = False
    is_locked: bool = False
    is_frozen: bool = False
    is_fulfilled_by_hb: bool = known_as("isfulfilledbyhb", default=False)
    price_increase_disabled: bool = False
    price_decrease_disabled: bool = False
    stock_decrease_disabled: bool = False
    last_update_date: str = ""
