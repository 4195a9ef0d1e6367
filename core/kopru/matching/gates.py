"""What forbids resolving a line alone, whatever the score.

Scores are learned and may be wrong on goods never seen; these rules are not learned. A size, pack, model
number or barcode that the line states and the item contradicts always goes to a person, and so does an item
that is told from its siblings by a number the line does not state.
"""

from kopru.matching.api import Gate
from kopru.matching.compare import Facts
from kopru.matching.parse import UNITLESS
from kopru.matching.units import COUNT

_LONGEST_SIZE = 3
"""Digits of a number without unit that may be a size; longer ones are the stray codes of tills."""

CONTRADICTIONS = frozenset({Gate.SIZE, Gate.PACK, Gate.MODEL, Gate.BARCODE, Gate.CODE})
"""Gates that speak against an item, as opposed to those that say too little for it."""


def gates_of(facts: Facts) -> frozenset[Gate]:
    """Return the gates that the words and numbers of line and name close."""
    found = set(contradictions(facts))
    if any(not number.kind and len(number.raw) <= _LONGEST_SIZE for number in facts.line_numbers):
        found.add(Gate.SIZE)
    if facts.item_numbers:
        found.add(Gate.UNSTATED)
    if _case_may_be_pack(facts):
        found.add(Gate.PACK)
    if (facts.line_models and (facts.item_models or not facts.models)) or facts.item_models:
        found.add(Gate.MODEL)
    if facts.variants:
        found.add(Gate.VARIANT)
    return frozenset(found)


def contradictions(facts: Facts) -> frozenset[Gate]:
    """Return the gates by which line and name exclude each other: both state something, and it differs."""
    found = set()
    stated = [number for number in facts.line_numbers if number.kind not in UNITLESS]
    if _sizes_differ(facts) or (stated and facts.item_numbers):
        found.add(Gate.SIZE)
    if _packs_differ(facts) or any(number.kind == COUNT for number in stated):
        found.add(Gate.PACK)
    if facts.line_models and facts.item_models:
        found.add(Gate.MODEL)
    return frozenset(found)


def _case_may_be_pack(facts: Facts) -> bool:
    """Whether the pieces of a line's case are those of the item's pack: ``80 g 1*6`` may be 6 x 80 g or a
    case of 80 g."""
    parsed = facts.line.parsed
    if parsed.case is None or any(number.value == parsed.case.value for number in parsed.numbers):
        return False
    return any(
        number.kind == COUNT and number.value == parsed.case.value for number in facts.item.parsed.numbers
    )


def _sizes_differ(facts: Facts) -> bool:
    """Whether both state a size that the other does not, or the same strengths in another order."""
    sizes = [number for number in facts.line_numbers if number.kind not in {"long", COUNT}]
    item_sizes = [number for number in facts.item_numbers if number.kind not in {"long", COUNT}]
    item_kinds = {number.kind for number in facts.item.parsed.numbers} - UNITLESS
    return (
        facts.order_differs
        or facts.unit_differs > 0
        or bool(sizes and item_sizes)
        or any(number.kind in item_kinds for number in sizes)
    )


def _packs_differ(facts: Facts) -> bool:
    """Whether both state a number of pieces that the other does not."""
    ours = [number for number in facts.line_numbers if number.kind in {COUNT, ""}]
    theirs = [number for number in facts.item_numbers if number.kind == COUNT]
    stated = any(number.kind == COUNT for number in facts.item.parsed.numbers)
    return bool(ours and theirs) or (stated and any(number.kind == COUNT for number in ours))
