"""What a buyer calls our items: its own codes and names, on invoices to it (output rules).

Large buyers book by their own codes and send back what they cannot assign. UBL has a place for these beside
the seller's code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Gaps(StrEnum):
    """What becomes of an invoice when the buyer's code of an item is not known."""

    IGNORE = "ignore"
    WARN = "warn"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class BuyerItem:
    """One of our items as a buyer calls it; without a name it reads ours."""

    code: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class BuyerItems:
    """The items of one invoice as the buyer calls them, by our item code."""

    gaps: Gaps = Gaps.IGNORE
    items: Mapping[str, BuyerItem] = field(default_factory=dict)


OURS = BuyerItem()
NO_BUYER_ITEMS = BuyerItems()
"""Of buyers that want nothing of the kind: nearly all."""
