"""Orders and customer returns as shops and marketplaces hold them."""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from kopru.model.base import Canonical, Currency, ExternalRef, Extras, Id, Line, Number, UtcDatetime
from kopru.model.money import CENT, ZERO, cents
from kopru.model.party import Address, Party


class OrderStatus(StrEnum):
    """Order states with one meaning for every source; the source's own word stays in ``raw_status``."""

    AWAITING_PAYMENT = "awaiting_payment"
    NEW = "new"
    PREPARING = "preparing"
    INVOICED = "invoiced"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    REPLACED = "replaced"
    """Closed because other packages took its lines over (split)."""
    UNKNOWN = "unknown"


class LineKind(StrEnum):
    """What a line sells."""

    GOODS = "goods"
    SERVICE = "service"
    SHIPPING = "shipping"
    FEE = "fee"


class PaymentMethod(StrEnum):
    """How the buyer paid; the source's own word stays in ``raw``."""

    CARD = "card"
    TRANSFER = "transfer"
    CASH_ON_DELIVERY = "cash_on_delivery"
    PLATFORM = "platform"
    """The marketplace collected the money."""
    OTHER = "other"


class Payment(Canonical):
    """Payment data that an internet-sale invoice must show."""

    method: PaymentMethod = PaymentMethod.OTHER
    raw: Line = ""
    agent: Line = ""
    """Name of the payment intermediary."""
    paid_at: UtcDatetime | None = None


class Shipping(Canonical):
    """Where the parcel goes and who carries it. Tracking numbers are text, never numbers."""

    recipient: Line = ""
    phone: Line = ""
    address: Address = Address()
    carrier: Line = ""
    carrier_tax_id: Line = ""
    tracking_number: Line = ""
    tracking_url: Line = ""
    shipped_at: UtcDatetime | None = None
    due_at: UtcDatetime | None = None


class Discount(Canonical):
    """An amount taken off a line, on the same VAT basis as the order. ``funded_by`` says who bears it."""

    amount: Number = Field(ge=0)
    funded_by: str = Field(default="seller", pattern="^(seller|marketplace)$")
    label: Line = ""


class OrderLine(Canonical):
    """One line of an order.

    ``amount`` is the line's price for the whole quantity before discounts. Whether it contains VAT is
    said by the order's ``tax_included``. ``vat_rate`` is a percentage; ``None``: the source does not tell.
    """

    id: Id
    kind: LineKind = LineKind.GOODS
    name: Line
    quantity: Number = Field(gt=0)
    unit: str = Field(default="C62", pattern=r"^[A-Z0-9]{1,3}$", description="UN/ECE Rec 20 unit code")
    sku: Line = ""
    barcode: Line = ""
    product_id: Line = ""
    amount: Number = Field(ge=0)
    discounts: tuple[Discount, ...] = ()
    vat_rate: Number | None = Field(default=None, ge=0, le=100)
    raw_status: Line = ""
    cancelled: bool = False
    extras: Extras = {}

    @property
    def discount_total(self) -> Number:
        """Return the sum of all discounts of the line."""
        return sum((discount.amount for discount in self.discounts), ZERO)

    @property
    def payable(self) -> Number:
        """Return what the buyer pays for the line, on the order's VAT basis."""
        return self.amount - self.discount_total


class Order(Canonical):
    """One invoiceable unit of a source: the thing the channel wants one invoice for.

    For Trendyol that is the shipment package. ``number`` is the order number people talk about and may
    be shared by several units. ``revision`` changes whenever the source's record changes and orders
    revisions of one record by string comparison of ``modified_at``, then by itself.
    ``total`` is the amount the source says the buyer pays, VAT included.
    """

    ref: ExternalRef
    number: Id
    revision: Id
    status: OrderStatus
    raw_status: Line = ""
    placed_at: UtcDatetime
    modified_at: UtcDatetime
    currency: Currency = "TRY"
    exchange_rate: Number | None = Field(default=None, gt=0)
    tax_included: bool = True
    buyer: Party
    shipping: Shipping = Shipping()
    payment: Payment = Payment()
    lines: tuple[OrderLine, ...] = Field(min_length=1)
    total: Number = Field(ge=0)
    parents: tuple[Id, ...] = ()
    """Ids of the units this one was split from."""
    export: bool = False
    note: Line = ""
    invoice_url: Line = ""
    """The invoice link the source already holds."""
    extras: Extras = {}

    @model_validator(mode="after")
    def _lines_are_distinct(self) -> Self:
        ids = [line.id for line in self.lines]
        if len(set(ids)) != len(ids):
            raise ValueError("line ids must be unique within an order")
        return self

    @property
    def live_lines(self) -> tuple[OrderLine, ...]:
        """Return the lines that are still to be delivered."""
        return tuple(line for line in self.lines if not line.cancelled)

    def sum_gap(self) -> Number:
        """Return ``total`` minus the sum of the live lines; zero when VAT is not included in the lines."""
        if not self.tax_included:
            return ZERO
        gap = self.total - sum((line.payable for line in self.live_lines), ZERO)
        return ZERO if abs(gap) < CENT else cents(gap)


class ReturnStatus(StrEnum):
    """State of a customer's return, or of one line of it."""

    REQUESTED = "requested"
    IN_TRANSIT = "in_transit"
    DECIDING = "deciding"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class ReturnLine(Canonical):
    """Units of one order line that come back. ``order_line_id`` joins to ``OrderLine.id``."""

    id: Id
    order_line_id: Id
    quantity: Number = Field(gt=0)
    status: ReturnStatus
    raw_status: Line = ""
    reason: Line = ""
    note: Line = ""


class Return(Canonical):
    """A customer's return of delivered goods (Trendyol: claim)."""

    ref: ExternalRef
    revision: Id
    order_number: Id
    order_ref: ExternalRef | None = None
    created_at: UtcDatetime
    modified_at: UtcDatetime
    lines: tuple[ReturnLine, ...] = Field(min_length=1)
    tracking_number: Line = ""
    extras: Extras = {}
