"""Hepsiburada's code lists and what they mean here. Words are compared in lower case."""

from kopru.model import OrderStatus, ReturnStatus
from kopru.sdk import Operation, OrderAction

ORDER = "order"
"""Kind of the reference to an order; its id is the order number.

One package may hold lines of several orders and one order may need several packages, so that the order is
what gets one invoice.
"""

CLAIM = "claim"
LISTING = "listing"
"""Kind of the reference to a listing; its id is ``hepsiburadaSku:merchantSku``, as writes take both."""

UPLOAD = "batch"
"""Kind of the reference to an upload of stock or prices."""

UPLOADS = {Operation.PUSH_STOCK: "stock-uploads", Operation.PUSH_PRICES: "price-uploads"}
"""Paths of uploads."""

LINE_STATUS = {
    "open": OrderStatus.NEW,
    "unpacked": OrderStatus.NEW,
    "packaged": OrderStatus.PREPARING,
    "packed": OrderStatus.PREPARING,
    "intransit": OrderStatus.SHIPPED,
    "undelivered": OrderStatus.UNDELIVERED,
    "delivered": OrderStatus.DELIVERED,
    "claimcreated": OrderStatus.DELIVERED,
    "cancelledbymerchant": OrderStatus.CANCELLED,
    "cancelledbycustomer": OrderStatus.CANCELLED,
    "cancelledbysap": OrderStatus.CANCELLED,
}

PROGRESS = (
    OrderStatus.UNKNOWN,
    OrderStatus.NEW,
    OrderStatus.PREPARING,
    OrderStatus.SHIPPED,
    OrderStatus.UNDELIVERED,
    OrderStatus.DELIVERED,
)
"""An order is as far as the first of these that one of its lines is in."""

PACKED = frozenset(PROGRESS[PROGRESS.index(OrderStatus.PREPARING) :])
SHIPPED = frozenset(PROGRESS[PROGRESS.index(OrderStatus.SHIPPED) :])

REPLACEMENTS = frozenset({"orderlineresend", "claimchangeaccepted"})
"""Reasons for a line that goes out without being sold: a second parcel, or the new piece of an exchange."""

CLAIM_STATUS = {
    "newrequest": ReturnStatus.REQUESTED,
    "awaitingaction": ReturnStatus.DECIDING,
    "awaitingpreapproval": ReturnStatus.DECIDING,
    "indispute": ReturnStatus.DECIDING,
    "accepted": ReturnStatus.ACCEPTED,
    "refunded": ReturnStatus.ACCEPTED,
    "rejected": ReturnStatus.REJECTED,
    "cancelled": ReturnStatus.CANCELLED,
}
EXCHANGE = "renewproduct"
"""Claim type of an exchange. Its other end, ``finalizedWith``, is a word of its own."""
CHANGED = "change"

UNDER_WAY = frozenset({"", "processing", "inprogress", "in_progress", "waiting", "pending", "queued"})
"""Upload states that go on by themselves; only ``PROCESSING`` is documented."""

LABELLED = ("hepsijet", "aras")
"""Carriers whose labels Hepsiburada makes, as their names begin in lower case."""

ACTIONS = {action.value: action for action in OrderAction}
