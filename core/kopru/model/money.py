"""Money arithmetic: half-up kuruş rounding, VAT split and exact sharing.

Rounding to two decimals half-up follows Turkish invoicing practice (UBL-TR allows at most two
decimals in totals).
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0")
HUNDRED = Decimal("100")
UNIT_PRICE = Decimal("0.00000001")


def cents(amount: Decimal) -> Decimal:
    """Round an amount half-up to two decimals."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def unit_price(total: Decimal, quantity: Decimal) -> Decimal:
    """Return ``total / quantity`` with eight decimals.

    Raises:
        ValueError: the quantity is not positive.
    """
    if quantity <= ZERO:
        raise ValueError("quantity must be positive")
    return (total / quantity).quantize(UNIT_PRICE, rounding=ROUND_HALF_UP)


def without_vat(gross: Decimal, rate: Decimal) -> Decimal:
    """Return the net part of a VAT-inclusive amount; ``rate`` is a percentage such as 20."""
    return cents(gross * HUNDRED / (HUNDRED + rate))


def vat_of(net: Decimal, rate: Decimal) -> Decimal:
    """Return the VAT on a net amount; ``rate`` is a percentage such as 20."""
    return cents(net * rate / HUNDRED)


def share(amount: Decimal, weights: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Split an amount by weights so that the parts add up exactly (largest remainder).

    Args:
        amount: two-decimal amount, may be negative.
        weights: non-negative, at least one; when all are zero the split is even.

    Raises:
        ValueError: no weights, or a negative one.
    """
    if not weights or any(weight < ZERO for weight in weights):
        raise ValueError("weights must be present and not negative")
    total = sum(weights, ZERO)
    if total == ZERO:
        return share(amount, [Decimal(1)] * len(weights))
    sign = -1 if amount < ZERO else 1
    pot = int((abs(amount) / CENT).to_integral_value(rounding=ROUND_HALF_UP))
    exact = [pot * weight / total for weight in weights]
    parts = [int(value) for value in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: pot - sum(parts)]:
        parts[i] += 1
    return tuple(sign * part * CENT for part in parts)
