"""Logo's numbers, names and lengths, as its REST description, schema texts and working clients show them."""

from dataclasses import dataclass
from datetime import time
from enum import IntEnum
from typing import Final

from kopru.sdk import Direction


@dataclass(frozen=True, slots=True)
class Document:
    """One kind of ledger document: our name for it, its REST resource, its table, the prefix of its ids."""

    kind: str
    resource: str
    table: str
    prefix: str


SALES_INVOICE: Final = Document("sales_invoice", "salesInvoices", "INVOICE", "inv")
PURCHASE_INVOICE: Final = Document("purchase_invoice", "purchaseInvoices", "INVOICE", "inv")
SALES_ORDER: Final = Document("sales_order", "salesOrders", "ORFICHE", "ord")
DOCUMENTS: Final = (SALES_INVOICE, PURCHASE_INVOICE, SALES_ORDER)

INVOICE_OF: Final = {Direction.SALES: SALES_INVOICE, Direction.PURCHASE: PURCHASE_INVOICE}


@dataclass(frozen=True, slots=True)
class Card:
    """One kind of card: our name for it, its REST resource and its table."""

    kind: str
    resource: str
    table: str


PARTY: Final = Card("party", "Arps", "CLCARD")
ITEM: Final = Card("item", "items", "ITEMS")


class InvoiceType(IntEnum):
    """INVOICE.TRCODE."""

    GOODS_PURCHASE = 1
    RETAIL_RETURN = 2
    WHOLESALE_RETURN = 3
    SERVICE_RECEIVED = 4
    PURCHASE_RETURN = 6
    RETAIL_SALE = 7
    WHOLESALE_SALE = 8
    SERVICE_SOLD = 9


PURCHASE_GROUP: Final = 1
SALES_GROUP: Final = 2


class LineType(IntEnum):
    """STLINE.LINETYPE, as far as it is written here."""

    ITEM = 0
    DISCOUNT = 2
    SERVICE = 4


class EDocument(IntEnum):
    """What ``EINVOICE`` says about an invoice."""

    PAPER = 0
    EINVOICE = 1
    EARCHIVE = 2
    EARCHIVE_INTERNET = 3


BY_AMOUNT: Final = 1
"""Discount lines: the amount is given, not a rate."""

OF_LINE: Final = 0
"""Discount lines: belongs to the line above, not to the whole document."""

NEXT_NUMBER: Final = "~"
"""Asks Logo for the next number of its own template."""

POST_FLAGS: Final = 247
MODULE_INVOICE: Final = 4
LOCAL_CURRENCY: Final = 0
REPORTING_TOTALS: Final = 1
TRANSACTION_TOTALS: Final = 2
ALL_WAREHOUSES: Final = -1

PAGE_CAP: Final = 25
"""Largest page of a REST list, whatever ``limit`` asks for."""

NUMBER_LENGTH: Final = 16
DOC_NUMBER_LENGTH: Final = 32
PARTY_CODE_LENGTH: Final = 16
TRACKING_LENGTH: Final = 16
EXEMPTION_CODE_LENGTH: Final = 10
EXEMPTION_REASON_LENGTH: Final = 200
NOTE_LENGTH: Final = 50
NOTE_COUNT: Final = 6

_LATIN1_READINGS = str.maketrans("ÝýÞþÐð", "İıŞşĞğ")


def packed_time(at: time) -> int:
    """Return a time of day as Logo packs it into one number, to the second.

    Milliseconds would stand in the lowest byte and do not fit there.
    """
    return 256 * at.second + 65536 * at.minute + 16777216 * at.hour


def repaired(text: str) -> str:
    """Return a text with the Turkish letters that a latin-1 database connection turned into others."""
    return text.translate(_LATIN1_READINGS)
