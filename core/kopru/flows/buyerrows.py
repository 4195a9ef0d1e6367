"""What buyers call our items, as the flows see it, and what the flows need from storage for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from kopru.documents import Gaps
from kopru.flows.records import OrderRow


@dataclass(frozen=True, slots=True)
class BuyerRow:
    """A buyer that wants its own codes or names on its invoices."""

    tax_number: str
    name: str = ""
    gaps: Gaps = Gaps.WARN
    items: int = 0
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BuyerItemRow:
    """One of our items as a buyer calls it."""

    item_code: str
    code: str
    name: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class SoldRow:
    """What one of our items came to on recent invoices to a buyer, without VAT."""

    item_code: str
    name: str
    documents: int
    amount: Decimal


class Buyers(Protocol):
    """What buyers call our items."""

    def settings(self) -> dict[str, Gaps]:
        """Return what becomes of gaps for every buyer that wants its own codes, by tax number."""
        ...

    def every(self) -> list[BuyerRow]:
        """Return these buyers by name, with how many items each has a code for."""
        ...

    def get(self, tax_number: str) -> BuyerRow | None:
        """Return one of these buyers."""
        ...

    def save(self, row: BuyerRow, actor: str) -> None:
        """Store a buyer or change its name and what becomes of gaps."""
        ...

    def named(self, tax_number: str, item_codes: Sequence[str]) -> Mapping[str, BuyerItemRow]:
        """Return what a buyer calls some items, by our code as it was asked for."""
        ...

    def items(self, tax_number: str, *, withdrawn: bool = False) -> list[BuyerItemRow]:
        """Return what a buyer calls our items, by our code."""
        ...

    def put(self, tax_number: str, rows: Iterable[BuyerItemRow], actor: str) -> None:
        """Store what a buyer calls items, by our code; inactive rows are withdrawn."""
        ...

    def own_codes(self, codes: Sequence[str]) -> dict[str, list[str]]:
        """Return the codes of our items by code as codes are compared."""
        ...

    def barcoded(self, barcodes: Sequence[str]) -> dict[str, list[str]]:
        """Return the codes of our items by barcode as barcodes are compared."""
        ...

    def sold(self, tax_number: str, since: datetime) -> list[SoldRow]:
        """Return what was invoiced to a buyer, the largest amount first; shipping and fees are left out."""
        ...

    def waiting(self, tax_number: str) -> list[OrderRow]:
        """Return the readable orders of a buyer that have no invoice yet."""
        ...
