"""Trendyol's code lists and what they mean here."""

from kopru.model import OrderStatus, ReturnStatus
from kopru.sdk import OrderAction

PACKAGE = "package"
"""Kind of the reference to a shipment package, the unit that gets one invoice."""

CLAIM = "claim"
PRODUCT = "product"
"""Kind of the reference to a product; its id is the barcode, which every write takes."""

BATCH = "batch"

PACKAGE_STATUS = {
    "Awaiting": OrderStatus.AWAITING_PAYMENT,
    "Created": OrderStatus.NEW,
    "Picking": OrderStatus.PREPARING,
    "Invoiced": OrderStatus.INVOICED,
    "Shipped": OrderStatus.SHIPPED,
    "AtCollectionPoint": OrderStatus.SHIPPED,
    "Delivered": OrderStatus.DELIVERED,
    "UnDelivered": OrderStatus.UNDELIVERED,
    "Returned": OrderStatus.RETURNED,
    "Cancelled": OrderStatus.CANCELLED,
    "UnSupplied": OrderStatus.CANCELLED,
    "UnPacked": OrderStatus.REPLACED,
}

WITH_CARRIER = frozenset({"Shipped", "AtCollectionPoint", "Delivered", "UnDelivered", "Returned"})
"""Statuses of a package that has left the seller."""

CANCELLED = frozenset({"Cancelled", "UnSupplied"})
CLOSED = CANCELLED | {"UnPacked"}

CLAIM_STATUS = {
    "Created": ReturnStatus.REQUESTED,
    "WaitingInAction": ReturnStatus.DECIDING,
    "WaitingFraudCheck": ReturnStatus.DECIDING,
    "InAnalysis": ReturnStatus.DECIDING,
    "Unresolved": ReturnStatus.DECIDING,
    "Accepted": ReturnStatus.ACCEPTED,
    "Rejected": ReturnStatus.REJECTED,
    "Cancelled": ReturnStatus.CANCELLED,
}

CARRIERS = {
    "733": "Trendyol Express",
    "725": "Yurtiçi Kargo",
    "726": "Aras Kargo",
    "727": "Sürat Kargo",
    "728": "DHL eCommerce (MNG)",
    "729": "UPS",
    "734": "PTT Kargo",
    "884": "Horoz Lojistik",
    "984": "Horoz Lojistik",
}
"""Carrier by the first three digits of the cargo number. 732, the seller's own delivery, names none."""

LABEL_PREFIXES = ("733", "726")
"""Carriers whose common label Trendyol makes: Trendyol Express and Aras."""

CANCEL_REASONS = {
    500: "stok tükendi",
    501: "kusurlu / defolu ürün",
    502: "hatalı fiyat",
    504: "entegrasyon hatası",
    505: "toplu alım",
    506: "mücbir sebep",
}

ACTIONS = {action.value: action for action in OrderAction}


def carrier_of(tracking_number: str) -> str:
    """Return the carrier a cargo number belongs to, or an empty text."""
    return CARRIERS.get(tracking_number[:3], "")
