"""The invoice: lines, taxes and totals, neutral of format and channel.

Totals are computed here and nowhere else. The layout of amounts is the *net* convention of UBL-TR:
line amounts are after line discounts, ``tax_exclusive`` is their sum, ``payable`` is what the buyer pays.
"""

from datetime import date, time
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from kopru.model.base import Canonical, Currency, Extras, Id, Line, Number, UtcDatetime
from kopru.model.money import CENT, UNIT_PRICE, ZERO
from kopru.model.order import LineKind, PaymentMethod
from kopru.model.party import Address, Party

InvoiceNumber = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{3}20\d{2}\d{9}$")]

VAT = "0015"
"""Tax type code of value added tax (KDV) in GİB's list."""


class InvoiceKind(StrEnum):
    """What an invoice does, in GİB's classes (SATIS, IADE, TEVKIFAT …)."""

    SALE = "sale"
    RETURN = "return"
    WITHHOLDING = "withholding"
    WITHHOLDING_RETURN = "withholding_return"
    EXEMPTION = "exemption"
    SPECIAL_BASE = "special_base"
    EXPORT_REGISTERED = "export_registered"
    SOCIAL_SECURITY = "social_security"
    COMMISSION_AGENT = "commission_agent"
    ACCOMMODATION_TAX = "accommodation_tax"


class Profile(StrEnum):
    """The scenario an e-document travels in (TEMELFATURA, TICARIFATURA, EARSIVFATURA …)."""

    BASIC = "basic"
    COMMERCIAL = "commercial"
    ARCHIVE = "archive"
    EXPORT = "export"
    TRAVELLER = "traveller"
    PUBLIC = "public"

    @property
    def is_archive(self) -> bool:
        """Whether the document is an e-Arşiv invoice (reported to GİB, not sent through it)."""
        return self is Profile.ARCHIVE


class Tax(Canonical):
    """One tax on one line. ``code`` is GİB's tax type code, ``rate`` a percentage."""

    code: Id = VAT
    name: Line = "KDV"
    rate: Number = Field(ge=0, le=100)
    base: Number
    amount: Number
    exemption_code: Line = ""
    exemption_reason: Line = ""


class Withholding(Canonical):
    """The part of a line's VAT that the buyer pays to the state (KDV tevkifatı)."""

    code: Id
    name: Line
    rate: Number = Field(gt=0, le=100)
    base: Number
    amount: Number


class InvoiceLine(Canonical):
    """One invoice line; every amount is without VAT and in document currency.

    ``gross = quantity × unit_price`` to the kuruş, ``net = gross − allowance``. ``item_code`` and ``name``
    are the seller's; ``buyer_code`` and ``buyer_name`` are what the buyer calls the same item, where it asked
    for that.
    """

    id: Id
    order_line_id: Line = ""
    kind: LineKind = LineKind.GOODS
    item_code: Id
    name: Line
    buyer_code: Line = ""
    buyer_name: Line = ""
    description: Line = ""
    barcode: Line = ""
    quantity: Number = Field(gt=0)
    unit: str = Field(default="C62", pattern=r"^[A-Z0-9]{1,3}$")
    unit_price: Number = Field(ge=0)
    gross: Number = Field(ge=0)
    allowance: Number = Field(default=ZERO, ge=0)
    taxes: tuple[Tax, ...] = Field(min_length=1)
    withholdings: tuple[Withholding, ...] = ()
    note: Line = ""

    @model_validator(mode="after")
    def _amounts_agree(self) -> Self:
        if self.allowance > self.gross:
            raise ValueError("the discount is larger than the line")
        tolerance = CENT + self.quantity * UNIT_PRICE
        if abs(self.quantity * self.unit_price - self.gross) > tolerance:
            raise ValueError("quantity times unit price is not the gross amount")
        return self

    @property
    def net(self) -> Number:
        """Return the taxable amount of the line."""
        return self.gross - self.allowance

    @property
    def vat(self) -> Tax:
        """Return the line's VAT.

        Raises:
            ValueError: the line carries none.
        """
        for tax in self.taxes:
            if tax.code == VAT:
                return tax
        raise ValueError(f"line {self.id} has no VAT")


class TaxSubtotal(Canonical):
    """Sum of one tax over all lines of one rate and exemption."""

    code: Id
    name: Line
    rate: Number
    base: Number
    amount: Number
    exemption_code: Line = ""
    exemption_reason: Line = ""


class WithholdingSubtotal(Canonical):
    """Sum of one withholding code over all lines."""

    code: Id
    name: Line
    rate: Number
    base: Number
    amount: Number


class InvoiceTotals(Canonical):
    """Document totals in document currency."""

    gross: Number
    allowance: Number
    tax_exclusive: Number
    tax: Number
    tax_inclusive: Number
    withheld: Number
    rounding: Number
    payable: Number


class DocumentRef(Canonical):
    """A reference to another document by number and date."""

    number: Id
    date: date
    kind: Line = ""


class InternetSale(Canonical):
    """What an e-Arşiv invoice of an internet sale must show (VUK general communiqué 509)."""

    website: Line
    payment_method: PaymentMethod
    payment_agent: Line = ""
    payment_date: date
    carrier_name: Line = ""
    carrier_tax_id: Line = ""
    shipped_on: date | None = None


class Invoice(Canonical):
    """An invoice ready to be rendered, sent and booked.

    ``id`` is the ETTN, created before the first send and never changed. ``issue_date`` and
    ``issue_time`` are Istanbul local. ``number`` is 16 characters: series, year, nine digits.
    ``exchange_rate`` is TRY per unit of ``currency`` and is required for other currencies.
    """

    id: UUID
    number: InvoiceNumber
    kind: InvoiceKind = InvoiceKind.SALE
    profile: Profile
    issue_date: date
    issue_time: time
    currency: Currency = "TRY"
    exchange_rate: Number | None = Field(default=None, gt=0)
    seller: Party
    buyer: Party
    buyer_alias: Line = ""
    """Mailbox (PK) the document is sent to; empty for e-Arşiv."""
    seller_alias: Line = ""
    delivery_address: Address | None = None
    lines: tuple[InvoiceLine, ...] = Field(min_length=1)
    rounding: Number = ZERO
    notes: tuple[Line, ...] = ()
    order_ref: DocumentRef | None = None
    billing_refs: tuple[DocumentRef, ...] = ()
    """The invoices a return invoice corrects."""
    despatch_refs: tuple[DocumentRef, ...] = ()
    internet_sale: InternetSale | None = None
    payment_due: date | None = None
    paid: bool = False
    tracking_number: Line = ""
    extras: Extras = {}

    @model_validator(mode="after")
    def _foreign_currency_has_a_rate(self) -> Self:
        if self.currency != "TRY" and self.exchange_rate is None:
            raise ValueError("a foreign currency needs an exchange rate")
        return self

    @cached_property
    def tax_subtotals(self) -> tuple[TaxSubtotal, ...]:
        """Return one subtotal per tax, rate and exemption, in order of first appearance."""
        groups: dict[tuple[str, Number, str], list[Tax]] = {}
        for line in self.lines:
            for tax in line.taxes:
                groups.setdefault((tax.code, tax.rate, tax.exemption_code), []).append(tax)
        return tuple(
            TaxSubtotal(
                code=code,
                name=taxes[0].name,
                rate=rate,
                base=sum((tax.base for tax in taxes), ZERO),
                amount=sum((tax.amount for tax in taxes), ZERO),
                exemption_code=exemption,
                exemption_reason=taxes[0].exemption_reason,
            )
            for (code, rate, exemption), taxes in groups.items()
        )

    @cached_property
    def withholding_subtotals(self) -> tuple[WithholdingSubtotal, ...]:
        """Return one subtotal per withholding code and rate."""
        groups: dict[tuple[str, Number], list[Withholding]] = {}
        for line in self.lines:
            for held in line.withholdings:
                groups.setdefault((held.code, held.rate), []).append(held)
        return tuple(
            WithholdingSubtotal(
                code=code,
                name=held[0].name,
                rate=rate,
                base=sum((each.base for each in held), ZERO),
                amount=sum((each.amount for each in held), ZERO),
            )
            for (code, rate), held in groups.items()
        )

    @cached_property
    def totals(self) -> InvoiceTotals:
        """Return the document totals; the only place where they are computed."""
        exclusive = sum((line.net for line in self.lines), ZERO)
        tax = sum((subtotal.amount for subtotal in self.tax_subtotals), ZERO)
        withheld = sum((subtotal.amount for subtotal in self.withholding_subtotals), ZERO)
        return InvoiceTotals(
            gross=sum((line.gross for line in self.lines), ZERO),
            allowance=sum((line.allowance for line in self.lines), ZERO),
            tax_exclusive=exclusive,
            tax=tax,
            tax_inclusive=exclusive + tax,
            withheld=withheld,
            rounding=self.rounding,
            payable=exclusive + tax - withheld + self.rounding,
        )


class IncomingInvoice(Canonical):
    """An e-document somebody sent to the tenant, as the channel lists it."""

    id: UUID
    number: Id
    kind: Line
    profile: Line
    issue_date: date
    sender_tax_number: Id
    sender_name: Line
    currency: Currency
    payable: Number
    received_at: UtcDatetime
    state: Line = ""


class Rendered(Canonical):
    """An e-document as bytes. Rendering the same invoice twice gives the same bytes."""

    content: bytes
    media_type: str = "application/xml"
    filename: Line
