"""The money of one invoice line, from what the shop shows to what an invoice shows.

Shops state VAT-included amounts. The buyer's payment is the fixed point: the taxable amount is what is left
when the VAT inside it is taken out once, and the VAT is the difference, so net + VAT is the payment exactly.
VAT is never computed from the rounded net amount again, which would drift by a kuruş.
"""

from dataclasses import dataclass
from decimal import Decimal

from kopru.model.money import ZERO, cents, vat_of, without_vat

NOT_AN_EXEMPTION = "351"
"""GİB's code for a VAT of zero that is no exemption: gifts, samples, full discounts."""
NOT_AN_EXEMPTION_TEXT = "KDV - İstisna Olmayan Diğer"


@dataclass(frozen=True, slots=True)
class LineMoney:
    """Amounts of a line without VAT, and its VAT, all in kuruş."""

    gross: Decimal
    net: Decimal
    vat: Decimal

    @property
    def allowance(self) -> Decimal:
        """Return the discount without VAT."""
        return self.gross - self.net

    @property
    def payable(self) -> Decimal:
        """Return what the buyer pays for the line."""
        return self.net + self.vat


def line_money(amount: Decimal, deduction: Decimal, rate: Decimal, *, tax_included: bool) -> LineMoney:
    """Return a line's amounts.

    Args:
        amount: price of the whole quantity before discounts.
        deduction: discounts taken off, on the same VAT basis, not more than ``amount``.
        rate: VAT percentage.
        tax_included: whether amount and deduction contain VAT.

    Raises:
        ValueError: a negative amount or deduction, or a deduction larger than the amount.
    """
    if not ZERO <= deduction <= amount:
        raise ValueError("the discount must lie between zero and the amount")
    if tax_included:
        payable = cents(amount - deduction)
        net = without_vat(payable, rate)
        gross = max(without_vat(cents(amount), rate), net)
        return LineMoney(gross, net, payable - net)
    net = cents(amount - deduction)
    return LineMoney(max(cents(amount), net), net, vat_of(net, rate))


def running_share(total: Decimal, done: Decimal, whole: Decimal) -> Decimal:
    """Return how much of an amount belongs to the first ``done`` of a quantity, in kuruş.

    The shares of successive parts are differences of this value; they add up to ``total`` exactly once
    ``done`` is ``whole``, so the last part takes the remainder.
    """
    return total if done == whole else cents(total * done / whole)
