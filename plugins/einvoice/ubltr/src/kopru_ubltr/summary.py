"""What is read out of a UBL-TR invoice. Values the document lacks or misspells are ``None`` or empty."""

from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from enum import StrEnum

from kopru.model import Finding
from kopru.model.money import ZERO
from kopru_ubltr.codes import OLD_WITHHOLDING


class Convention(StrEnum):
    """How a document builds its first total and its discount total.

    ``net``: lines after their discounts, the discount total holds document discounts only. ``gross``: lines
    before any discount, the discount total holds all of them. ``mixed``: lines after their discounts, which
    the discount total repeats for show. The taxable amount is ``tax_exclusive`` in each.
    """

    NET = "net"
    GROSS = "gross"
    MIXED = "mixed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PartySummary:
    """A party; ``scheme`` is VKN or TCKN, ``others`` are its further ids."""

    scheme: str = ""
    number: str = ""
    others: tuple[tuple[str, str], ...] = ()
    name: str = ""
    first_name: str = ""
    last_name: str = ""
    tax_office: str = ""
    street: str = ""
    district: str = ""
    city: str = ""
    postal_code: str = ""
    country: str = ""
    website: str = ""
    phone: str = ""
    email: str = ""

    @property
    def display_name(self) -> str:
        """Return the title, or first and last name."""
        return self.name or f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class TaxSummary:
    """One tax subtotal, of a line or of the document."""

    code: str
    name: str
    rate: Decimal | None
    base: Decimal | None
    amount: Decimal | None
    exemption_code: str = ""
    exemption_reason: str = ""


@dataclass(frozen=True, slots=True)
class LineSummary:
    """One invoice line.

    ``allowance`` and ``charge`` are the sums of its discounts and surcharges, ``withheld`` its withheld VAT.
    """

    id: str
    name: str
    item_code: str
    barcode: str
    quantity: Decimal | None
    unit: str
    unit_price: Decimal | None
    net: Decimal | None
    allowance: Decimal
    charge: Decimal
    tax: Decimal | None
    taxes: tuple[TaxSummary, ...]
    withheld: Decimal = ZERO
    buyer_code: str = ""
    """The buyer's own code of the item."""


@dataclass(frozen=True, slots=True)
class TotalsSummary:
    """The monetary totals as the document states them."""

    line_extension: Decimal | None = None
    tax_exclusive: Decimal | None = None
    tax_inclusive: Decimal | None = None
    allowance: Decimal | None = None
    charge: Decimal | None = None
    rounding: Decimal | None = None
    payable: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ReferenceSummary:
    """A document reference."""

    id: str
    date: date | None
    type_code: str = ""
    type: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class DeliverySummary:
    """Carrier and dispatch."""

    tracking_number: str = ""
    carrier_name: str = ""
    carrier_number: str = ""
    shipped_on: date | None = None


@dataclass(frozen=True, slots=True)
class PaymentSummary:
    """The first payment means."""

    code: str = ""
    due: date | None = None
    note: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """A UBL-TR invoice. ``profile`` and ``kind`` are GİB's codes; ``problems`` are values that cannot be
    read.

    ``allowance`` and ``charge`` are the document's own discounts and surcharges, ``withheld`` the VAT the
    buyer pays to the state, in either of the two ways documents write it.
    """

    number: str
    ettn: str
    profile: str
    kind: str
    issue_date: date | None
    issue_time: time | None
    currency: str
    currencies: frozenset[str]
    exchange_rate: Decimal | None
    line_count: Decimal | None
    notes: tuple[str, ...]
    order: ReferenceSummary | None
    billing: tuple[ReferenceSummary, ...]
    despatches: tuple[ReferenceSummary, ...]
    references: tuple[ReferenceSummary, ...]
    dates: tuple[date, ...]
    seller: PartySummary
    buyer: PartySummary
    delivery: DeliverySummary
    payment: PaymentSummary
    allowance: Decimal
    charge: Decimal
    tax: Decimal | None
    taxes: tuple[TaxSummary, ...]
    withholding_total: Decimal | None
    withholdings: tuple[TaxSummary, ...]
    totals: TotalsSummary
    convention: Convention
    lines: tuple[LineSummary, ...]
    signed: bool
    problems: tuple[Finding, ...] = field(default=())

    @property
    def withheld(self) -> Decimal:
        """Return the withheld VAT, from the withholding total or from old-style subtotals of code 9015."""
        return sum((abs(tax.amount or ZERO) for tax in (*self.withholdings, *self.old_withholdings)), ZERO)

    @property
    def old_withholdings(self) -> tuple[TaxSummary, ...]:
        """Return the tax subtotals that are withheld VAT in the old style, whatever their sign."""
        return tuple(tax for tax in self.taxes if tax.code == OLD_WITHHOLDING)

    @property
    def added_taxes(self) -> tuple[TaxSummary, ...]:
        """Return the tax subtotals that are added to the price."""
        return tuple(tax for tax in self.taxes if tax.code != OLD_WITHHOLDING)
