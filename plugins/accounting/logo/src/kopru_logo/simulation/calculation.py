"""How the simulated Logo comes to its totals: from prices, discount lines and VAT rates, in kuruş."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

ZERO = Decimal(0)
HUNDRED = Decimal(100)
_CENT = Decimal("0.01")
_GOODS, _DISCOUNT, _SERVICE = 0, 2, 4


def amount(value: Any) -> Decimal:
    """Return a request's number; what is missing counts as zero."""
    return ZERO if value in (None, "") else Decimal(str(value))


def cents(value: Decimal) -> Decimal:
    """Round half-up to kuruş."""
    return value.quantize(_CENT, rounding=ROUND_HALF_UP)


@dataclass
class _Sold:
    """One item or service line with what is taken off it."""

    line: dict[str, Any]
    total: Decimal
    discount: Decimal = ZERO
    gross: Decimal = ZERO
    net: Decimal = ZERO
    vat: Decimal = ZERO
    withheld: Decimal = ZERO

    @property
    def rate(self) -> Decimal:
        """Return the VAT percentage."""
        return amount(self.line.get("VAT_RATE"))

    @property
    def with_vat(self) -> bool:
        """Whether price and discounts contain VAT."""
        return amount(self.line.get("VAT_INCLUDED")) == 1


@dataclass
class Calculator:
    """The server's arithmetic.

    ``vat_by_rate`` adds VAT up per rate before rounding instead of line by line. ``campaign`` is a percentage
    an automatic campaign takes off when the request lets campaigns run.
    """

    vat_by_rate: bool = False
    campaign: Decimal = ZERO
    sold: list[_Sold] = field(default_factory=list)

    def totals(self, lines: Sequence[dict[str, Any]], *, campaigns: bool) -> dict[str, Decimal]:
        """Return the header totals and write each line's own amounts into it."""
        self.sold = []
        whole_document = [line for line in lines if not self._take(line)]
        for line in whole_document:
            self._spread(self._discount(line, sum((each.total - each.discount for each in self.sold), ZERO)))
        if campaigns and self.campaign:
            for each in self.sold:
                each.discount += cents((each.total - each.discount) * self.campaign / HUNDRED)
        for each in self.sold:
            _settle(each)
        if self.vat_by_rate:
            self._round_by_rate()
        return self._sums()

    def _take(self, line: dict[str, Any]) -> bool:
        kind = int(amount(line.get("TYPE")))
        if kind in (_GOODS, _SERVICE):
            total = cents(amount(line.get("QUANTITY")) * amount(line.get("PRICE")))
            self.sold.append(_Sold(line, total))
        elif kind == _DISCOUNT and amount(line.get("DETAIL_LEVEL")) == 0 and self.sold:
            above = self.sold[-1]
            above.discount += self._discount(line, above.total - above.discount)
        elif kind == _DISCOUNT:
            return False
        return True

    def _discount(self, line: Mapping[str, Any], base: Decimal) -> Decimal:
        by_amount = amount(line.get("DISCEXP_CALC") or line.get("CALC_TYPE")) == 1
        return (
            amount(line.get("TOTAL"))
            if by_amount
            else cents(base * amount(line.get("DISCOUNT_RATE")) / HUNDRED)
        )

    def _spread(self, discount: Decimal) -> None:
        base = sum((each.total - each.discount for each in self.sold), ZERO)
        left, weight = discount, base
        for each in self.sold:
            own = each.total - each.discount
            part = cents(left * own / weight) if weight else ZERO
            each.discount += part
            left, weight = left - part, weight - own

    def _round_by_rate(self) -> None:
        """Put the difference between VAT by rate and VAT by line on the last line of the rate."""
        for rate in {each.rate for each in self.sold if not each.with_vat}:
            group = [each for each in self.sold if each.rate == rate and not each.with_vat]
            together = cents(sum((each.net for each in group), ZERO) * rate / HUNDRED)
            group[-1].vat += together - sum((each.vat for each in group), ZERO)

    def _sums(self) -> dict[str, Decimal]:
        gross = sum((each.gross for each in self.sold), ZERO)
        net = sum((each.net for each in self.sold), ZERO)
        vat = sum((each.vat for each in self.sold), ZERO)
        withheld = sum((each.withheld for each in self.sold), ZERO)
        return {
            "TOTAL_GROSS": gross,
            "TOTAL_DISCOUNTS": gross - net,
            "TOTAL_DISCOUNTED": net,
            "TOTAL_VAT": vat,
            "TOTAL_NET": net + vat - withheld,
        }


def _settle(sold: _Sold) -> None:
    left = sold.total - sold.discount
    if sold.with_vat:
        sold.net = cents(left * HUNDRED / (HUNDRED + sold.rate))
        sold.vat = left - sold.net
        sold.gross = max(sold.net, cents(sold.total * HUNDRED / (HUNDRED + sold.rate)))
    else:
        sold.gross, sold.net = sold.total, left
        sold.vat = cents(left * sold.rate / HUNDRED)
    if amount(sold.line.get("CANDEDUCT")) == 1:
        part, whole = amount(sold.line.get("DEDUCTION_PART1")), amount(sold.line.get("DEDUCTION_PART2"))
        sold.withheld = cents(sold.vat * part / whole) if whole else ZERO
    sold.line |= {"TOTAL": sold.gross, "TOTAL_NET": sold.net, "VAT_BASE": sold.net, "VAT_AMOUNT": sold.vat}
