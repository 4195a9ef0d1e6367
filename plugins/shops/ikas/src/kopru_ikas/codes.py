"""ikas's enumerations and what they mean here."""

from kopru.model import OrderStatus, PaymentMethod, ReturnStatus
from kopru.sdk import OrderAction

ORDER = "order"
PRODUCT = "product"
"""Kind of the reference to a variant; its id is ``productId:variantId``, which every write takes."""
REFUND = "refund"

UNFINISHED = frozenset({"DRAFT", "WAITING_UPSELL_ACTION"})
"""Orders that are not placed yet, although ikas lists them."""

CANCELLED = "CANCELLED"
REFUNDED = "REFUNDED"

ORDER_STATUS = frozenset(
    {
        *("CREATED", "PARTIALLY_CANCELLED", CANCELLED, "REFUND_REQUESTED", "REFUND_REJECTED"),
        *("PARTIALLY_REFUNDED", REFUNDED),
    }
)

PACKAGE_STATUS = {
    "UNFULFILLED": OrderStatus.NEW,
    "PLANNED": OrderStatus.NEW,
    "PARTIALLY_READY_FOR_SHIPMENT": OrderStatus.PREPARING,
    "READY_FOR_SHIPMENT": OrderStatus.PREPARING,
    "READY_FOR_PICK_UP": OrderStatus.PREPARING,
    "PARTIALLY_FULFILLED": OrderStatus.PREPARING,
    "FULFILLED": OrderStatus.SHIPPED,
    "PARTIALLY_DELIVERED": OrderStatus.SHIPPED,
    "DELIVERED": OrderStatus.DELIVERED,
    "UNABLE_TO_DELIVER": OrderStatus.UNDELIVERED,
    "CANCEL_REQUESTED": OrderStatus.NEW,
    "CANCEL_REJECTED": OrderStatus.NEW,
    "PARTIALLY_CANCELLED": OrderStatus.NEW,
    CANCELLED: OrderStatus.CANCELLED,
    "REFUND_REQUESTED": OrderStatus.DELIVERED,
    "REFUND_REQUEST_ACCEPTED": OrderStatus.DELIVERED,
    "REFUND_REJECTED": OrderStatus.DELIVERED,
    "PARTIALLY_REFUNDED": OrderStatus.DELIVERED,
    REFUNDED: OrderStatus.RETURNED,
    "RETURN_PARCEL_WAITING": OrderStatus.DELIVERED,
    "RETURN_IN_TRANSIT": OrderStatus.DELIVERED,
    "RETURN_DELIVERED": OrderStatus.DELIVERED,
    "RETURN_REJECTED": OrderStatus.DELIVERED,
}
"""What the goods are at. A return changes nothing about the sale until the refund is made."""

UNPAID = frozenset({"WAITING", "PARTIALLY_PAID", "FAILED"})
ON_DELIVERY = frozenset({"CASH_ON_DELIVERY", "CREDIT_CARD_ON_DELIVERY", "BUY_ONLINE_PAY_AT_STORE"})
"""Ways of payment that are not paid before the goods are handed over."""

PAYMENT = {
    "CREDIT_CARD": PaymentMethod.CARD,
    "MONEY_ORDER": PaymentMethod.TRANSFER,
    "CASH_ON_DELIVERY": PaymentMethod.CASH_ON_DELIVERY,
    "CREDIT_CARD_ON_DELIVERY": PaymentMethod.CASH_ON_DELIVERY,
}

RETURN_STATUS = {
    "REFUND_REQUESTED": ReturnStatus.REQUESTED,
    "REFUND_REQUEST_ACCEPTED": ReturnStatus.REQUESTED,
    "REFUND_REJECTED": ReturnStatus.REJECTED,
    "RETURN_PARCEL_WAITING": ReturnStatus.IN_TRANSIT,
    "RETURN_IN_TRANSIT": ReturnStatus.IN_TRANSIT,
    "RETURN_DELIVERED": ReturnStatus.DECIDING,
    "RETURN_REJECTED": ReturnStatus.REJECTED,
    REFUNDED: ReturnStatus.ACCEPTED,
}
RETURN_PREFIXES = ("REFUND", "RETURN")

GONE = frozenset({CANCELLED, REFUNDED})
"""States of a line that the buyer neither keeps nor pays for."""

SHIPPED_PACKAGE = frozenset(
    {
        *("FULFILLED", "DELIVERED", "UNABLE_TO_DELIVER", "REFUND_REQUESTED", "REFUND_REQUEST_ACCEPTED"),
        *("REFUND_REJECTED", REFUNDED, "RETURN_PARCEL_WAITING", "RETURN_IN_TRANSIT", "RETURN_DELIVERED"),
        "RETURN_REJECTED",
    }
)
READY_PACKAGE = SHIPPED_PACKAGE | {"READY_FOR_SHIPMENT", "READY_FOR_PICK_UP"}

ORDER_SCOPES = frozenset({"store/order/created", "store/order/updated"})
"""Webhook scopes that speak of an order."""

ACTIONS = {action.value: action for action in OrderAction}
