"""What was posted of a partner, arranged by what a new line can be compared by. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from statistics import median
from typing import TypeGuard

from kopru.sdk import AskedLine, PastLine
from kopru.toolkit import fold

_MONTH = timedelta(days=30.4375)
_NEWEST = 12
"""Prices of an item that its usual price is made of, the newest."""

_CONFIRMED = 2
"""How much more a posting counts that a person confirmed."""


@dataclass(frozen=True, slots=True)
class Postings:
    """How often lines with something in common were posted to each item."""

    times: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """As ``times``, with confirmed ones counted more."""

    def add(self, line: PastLine) -> None:
        """Count a line."""
        self.times[line.item_id] += 1
        self.counts[line.item_id] += _CONFIRMED if line.confirmed else 1

    def trust(self, item_id: str) -> float:
        """Return 0 to 1: how constantly, and how often, these lines were posted to an item."""
        mine = self.counts.get(item_id, 0)
        return mine / sum(self.counts.values()) * mine / (mine + 1) if mine else 0.0


class Past:
    """A partner's earlier lines, ready to be asked."""

    def __init__(self, lines: Sequence[PastLine], months: int) -> None:
        """Take the lines; those too long before the newest one do not count."""
        self._by_code: dict[str, Postings] = defaultdict(Postings)
        self._by_text: dict[str, Postings] = defaultdict(Postings)
        self._prices: dict[tuple[str, str], list[tuple[str, Decimal]]] = defaultdict(list)
        newest = max((line.at for line in lines), default=None)
        for line in sorted(lines, key=lambda each: each.at, reverse=True):
            if newest is not None and newest - line.at <= months * _MONTH:
                self._take(line)

    def by_code(self, line: AskedLine) -> Postings:
        """Return where lines with the same code of the partner were posted."""
        return self._by_code.get(_code(line.seller_code), Postings())

    def by_text(self, line: AskedLine) -> Postings:
        """Return where lines with the same text, letter case and signs aside, were posted."""
        return self._by_text.get(fold.key(line.text), Postings())

    def usual_price(self, line: AskedLine, item_id: str, least: int) -> Decimal | None:
        """Return the usual price of an item in the line's currency and unit, or nothing below ``least``."""
        unit = fold.key(line.unit)
        known = self._prices.get((item_id, line.currency), ())
        prices = [price for other, price in known if not unit or not other or unit == other][:_NEWEST]
        return median(prices) if len(prices) >= least else None

    def _take(self, line: PastLine) -> None:
        if code := _code(line.seller_code):
            self._by_code[code].add(line)
        if text := fold.key(line.text):
            self._by_text[text].add(line)
        if is_price(line.price):
            self._prices[line.item_id, line.currency].append((fold.key(line.unit), line.price))


def is_price(value: Decimal | None) -> TypeGuard[Decimal]:
    """Whether an amount can be compared with others."""
    return value is not None and value.is_finite() and value > 0


def known_items(*postings: Postings) -> Iterable[str]:
    """Return the items that any of these name, each once."""
    return dict.fromkeys(item for each in postings for item in each.times)


def _code(text: str) -> str:
    return "".join(fold.key(text).split())
