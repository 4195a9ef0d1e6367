"""The arithmetic of one line and of one order, from whichever price columns a file has."""

from dataclasses import dataclass
from decimal import Decimal

from kopru.model.money import CENT, HUNDRED, ZERO, cents, vat_of
from kopru_orderfile.codes import VAT_RATES

_HALF_CENT = Decimal("0.005")
_VAT_SLACK = Decimal("0.02")


class Disagreement(ValueError):
    """Amounts that contradict each other; ``code`` is the last part of a finding code."""

    def __init__(self, code: str, field: str, **values: object) -> None:
        """Take the code, the field to blame, and what the message shows."""
        self.code = code
        self.field = field
        self.values = values
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of one row, as far as the file has them."""

    quantity: Decimal
    unit_price: Decimal | None = None
    line_amount: Decimal | None = None
    line_payable: Decimal | None = None
    discount: Decimal | None = None
    discount_rate: Decimal | None = None
    marketplace_discount: Decimal | None = None


FIGURES = ("unit_price", "line_amount", "line_payable", "discount", "discount_rate", "marketplace_discount")
"""The fields that make up ``Figures`` besides the quantity."""


@dataclass(frozen=True, slots=True)
class LineMoney:
    """What one line costs: the price of the whole quantity and what is taken off it."""

    amount: Decimal
    discount: Decimal
    marketplace_discount: Decimal

    @property
    def payable(self) -> Decimal:
        """Return what is left to pay."""
        return self.amount - self.discount - self.marketplace_discount


def tolerance(quantity: Decimal) -> Decimal:
    """Return by how much a line may be off because its unit price was rounded to the kuruş."""
    return CENT + abs(quantity) * _HALF_CENT


def line_money(figures: Figures) -> LineMoney:
    """Work out one line.

    The unit price times quantity and the line's amount must agree. The amount to be invoiced has the last
    word: it says whether the marketplace's discount is taken off, and it is the discount when the file has
    no discount columns.

    Raises:
        Disagreement: ``no_price``, ``negative``, ``line_sum`` or ``discount_too_large``.
    """
    slack = tolerance(figures.quantity)
    gross = _gross(figures, slack)
    discount = _discount(figures, gross)
    platform = cents(abs(figures.marketplace_discount or ZERO))
    due = figures.line_payable
    if gross is None:
        if due is None:
            raise Disagreement("no_price", "unit_price")
        gross = cents(due) + discount + platform
    elif due is not None:
        gross, discount, platform = _settled(figures, LineMoney(gross, discount, platform), cents(due), slack)
    if gross < ZERO or (due is not None and due < ZERO):
        raise Disagreement("negative", "line_payable" if due is not None else "unit_price")
    if discount + platform > gross:
        raise Disagreement("discount_too_large", "discount", discount=discount + platform, amount=gross)
    return LineMoney(gross, discount, platform)


def _gross(figures: Figures, slack: Decimal) -> Decimal | None:
    amount = None if figures.line_amount is None else cents(figures.line_amount)
    if figures.unit_price is None:
        return amount
    product = cents(figures.unit_price * figures.quantity)
    if amount is None:
        return product
    if abs(amount - product) > slack:
        raise Disagreement("line_sum", "line_amount", found=amount, expected=product)
    return amount


def _discount(figures: Figures, gross: Decimal | None) -> Decimal:
    if figures.discount:
        return cents(abs(figures.discount))
    if not figures.discount_rate:
        return ZERO
    if gross is not None:
        return cents(gross * figures.discount_rate / HUNDRED)
    if figures.line_payable is None or figures.discount_rate >= HUNDRED:
        return ZERO
    return cents(figures.line_payable * figures.discount_rate / (HUNDRED - figures.discount_rate))


def _settled(
    figures: Figures, money: LineMoney, due: Decimal, slack: Decimal
) -> tuple[Decimal, Decimal, Decimal]:
    without_platform = money.amount - money.discount
    for left, platform in ((money.payable, money.marketplace_discount), (without_platform, ZERO)):
        if abs(left - due) <= slack:
            # Only a rounded unit price is off here: the amount to be invoiced is exact.
            return due + money.discount + platform, money.discount, platform
    told = (figures.discount, figures.discount_rate, figures.marketplace_discount)
    if all(part is None for part in told) and ZERO <= due < money.amount:
        return money.amount, money.amount - due, ZERO
    raise Disagreement("line_sum", "line_payable", found=due, expected=money.payable)


def with_vat(amount: Decimal, rate: Decimal) -> Decimal:
    """Return an amount without VAT plus its VAT."""
    return amount + vat_of(amount, rate)


def rates_of(vat: Decimal, payable: Decimal, *, included: bool) -> tuple[Decimal, ...]:
    """Return the Turkish VAT rates that give this VAT on what is paid for a line."""
    found = []
    for rate in map(Decimal, VAT_RATES):
        exact = payable * rate / (HUNDRED + rate) if included else payable * rate / HUNDRED
        if abs(exact - vat) <= _VAT_SLACK:
            found.append(rate)
    return tuple(found)


def order_slack(lines: int) -> Decimal:
    """Return by how much an order's total may differ from the sum of that many lines through rounding."""
    return CENT * max(1, lines)
