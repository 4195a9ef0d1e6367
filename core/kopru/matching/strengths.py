"""One strength written in two ways: as a total, as a percentage, as weight instead of volume."""

from collections.abc import Iterable, Sequence

from kopru.matching.parse import Number, Parsed

_GRAM, _MILLILITRE = 10**9, 10**3
_PERCENT_OF = 100
"""Nanograms per (a millionth of a percent times a thousandth of a millilitre), inverted: 1 % is 10 mg/ml."""


def equivalent(
    line: Parsed, item: Parsed, line_left: Sequence[Number], item_left: Sequence[Number]
) -> frozenset[Number]:
    """Return those numbers of both sides that say the same strength in other words.

    A total stands for its parts (625 mg for 500 mg/125 mg), a percentage for the weight in a volume that
    either side states (%22.5 in 10 ml is 2250 mg).
    """
    found: set[Number] = set()
    for ours, theirs, whole, other in (
        (line_left, item_left, line, item),
        (item_left, line_left, item, line),
    ):
        for number in ours:
            parts = _parts(number, other, theirs) or _weight(number, theirs, (*whole.numbers, *other.numbers))
            if parts:
                found |= {number, *parts}
    return frozenset(found)


def unit_differs(number: Number, others: Iterable[Number]) -> bool:
    """Whether a number is one of the others but for its unit: 500 g and 500 ml, 1000 g and 1 l."""
    grams = _grams(number)
    return any(number.raw == other.raw or (grams and grams == _grams(other)) for other in others)


def weighs_as(number: Number, others: Iterable[Number]) -> bool:
    """Whether a weight is one of the volumes of others, or the other way, taking a millilitre for a gram."""
    grams = _grams(number)
    return bool(grams) and any(grams == _grams(other) and number.kind != other.kind for other in others)


def _parts(number: Number, other: Parsed, left: Sequence[Number]) -> list[Number]:
    for ratio in other.ratios:
        parts = [each for each in left if (each.kind, each.value) in ratio]
        if parts and number.kind == ratio[0][0] and number.value == sum(value for _, value in ratio):
            return parts
    return []


def _weight(number: Number, left: Sequence[Number], stated: Iterable[Number]) -> list[Number]:
    if number.kind != "percent":
        return []
    volumes = {each.value for each in stated if each.kind == "volume"}
    weights = {number.value * volume // _PERCENT_OF for volume in volumes}
    return [each for each in left if each.kind == "mass" and each.value in weights]


def _grams(number: Number) -> float:
    """Return grams, taking a millilitre for a gram; 0 for what is neither."""
    if number.kind == "mass":
        return number.value / _GRAM
    return number.value / _MILLILITRE if number.kind == "volume" else 0.0
