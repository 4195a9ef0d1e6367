"""How far decisions made alone can be trusted, measured on what people decided. Pure."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from math import sqrt
from statistics import median

from kopru.flows.linerows import Decision, Taught

ENOUGH = 300
"""Decisions from which a tenant's own threshold is worth more than the one that came with the matcher."""

WANTED = 0.995
"""Least precision of lines decided alone, by the lower bound of its 95 % interval."""

NEVER = 1.01
"""A threshold no score reaches."""

_Z = 1.96
_FEW_PRICES = 3
_NEAR = Decimal("1.8")
"""Prices within this factor of the usual one may be the same unit; a pack of two is not."""

_CORRECTED = 2
_SHARE = 0.04


def is_trusted(taught: Taught) -> bool:
    """Whether lines of a partner may be decided alone: few of the latest ones were corrected."""
    return taught.corrected < _CORRECTED or taught.corrected <= _SHARE * taught.decided_alone


def lower_bound(right: int, total: int) -> float:
    """Return the lower end of the 95 % interval of a share (Wilson score interval)."""
    if not total:
        return 0.0
    share, z = right / total, _Z
    middle = share + z * z / (2 * total)
    margin = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return max(0.0, (middle - margin) / (1 + z * z / total))


def own_threshold(decisions: Iterable[Decision]) -> float | None:
    """Return the lowest score from which decisions were right often enough, by the lower bound.

    ``None`` before enough lines were decided; ``NEVER`` when no score is good enough.
    """
    ordered = sorted(decisions, key=lambda each: -each.score)
    if len(ordered) < ENOUGH:
        return None
    right, found = 0, NEVER
    for total, each in enumerate(ordered, 1):
        right += each.right
        last_of_score = total == len(ordered) or ordered[total].score < each.score
        if last_of_score and total >= ENOUGH and lower_bound(right, total) >= WANTED:
            found = each.score
    return found


def safe_score(decisions: Sequence[Decision]) -> float:
    """Return the lowest score above every wrong decision: what bulk acceptance is proposed from."""
    wrong = [each.score for each in decisions if not each.right]
    above = [each.score for each in decisions if not wrong or each.score > max(wrong)]
    return min(above, default=0.95)


def fits_price(price: Decimal, known: Sequence[Decimal]) -> Decimal | None:
    """Return the usual price of a piece when this one is far from it; ``None`` when nothing says so."""
    if len(known) < _FEW_PRICES or price <= 0:
        return None
    usual = Decimal(median(known))
    ratio = max(price, usual) / min(price, usual)
    return usual if ratio > _NEAR else None
