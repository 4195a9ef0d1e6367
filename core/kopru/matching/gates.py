"""What forbids resolving a line alone, whatever the score.

Scores are learned and may be wrong on goods never seen; these rules are not learned. A size, pack, model
number or barcode that the line states and the item contradicts always goes to a person, and so does an item
that is told from its siblings by a number the line does not state.
"""

from kopru.matching.api import Gate
from kopru.matching.compare import Facts
from kopru.matching.parse import UNITLESS, Number
from kopru.matching.units import COUNT

_LONGEST_SIZE = 3
"""Digits of a number without unit that may be a size; longer ones are the stray codes of tills."""

_ROUTES = frozenset({"im", "iv", "sc"})

_RARE = 0.55
"""Share of the largest weight from which a word tells one item from another: few names have it."""

CONTRADICTIONS = frozenset({Gate.SIZE, Gate.PACK, Gate.MODEL, Gate.BARCODE, Gate.CODE})
"""Gates that speak against an item, as opposed to those that say too little for it."""


def gates_of(facts: Facts) -> frozenset[Gate]:
    """Return the gates that the words and numbers of line and name close."""
    found = set(contradictions(facts))
    if any(not number.kind and len(number.raw) <= _LONGEST_SIZE for number in facts.line_numbers):
        found.add(Gate.SIZE)
    if facts.item_numbers:
        found.add(Gate.UNSTATED)
    if _parts_differ(facts):
        found.add(Gate.SIZE)
    if any(_unit_is_guessed(number, facts) for number in facts.shared):
        found.add(Gate.UNIT)
    if _case_may_be_pack(facts):
        found.add(Gate.PACK)
    if (facts.line_models and (facts.item_models or not facts.models)) or facts.item_models:
        found.add(Gate.MODEL)
    if facts.variants or _routes_differ(facts):
        found.add(Gate.VARIANT)
    return frozenset(found)


def left_out(facts: Facts, heaviest: float) -> frozenset[Gate]:
    """Return the gate that a rare word of the catalogue closes when the line has it and the name does not.

    ``SALGAM SUYU GURME`` is not *Şalgam Suyu* where another item is called *gurme*.

    Args:
        facts: line against name.
        heaviest: weight of a word that only one name has.
    """
    words = zip(facts.line.words, facts.line_words, strict=True)
    rare = any(word.known and not found.degree and word.weight > _RARE * heaviest for word, found in words)
    return frozenset({Gate.VARIANT}) if rare else frozenset()


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


def _routes_differ(facts: Facts) -> bool:
    """Whether both name routes of injection, and not the same ones: IM is not IM/IV."""
    ours = _ROUTES.intersection(word.text for word in facts.line.words)
    theirs = _ROUTES.intersection(facts.item.words)
    return bool(ours) and bool(theirs) and ours != theirs


def _parts_differ(facts: Facts) -> bool:
    """Whether both state joined strengths, and none of the line's has as many parts as one of the item's."""
    ours = {len(ratio) for ratio in facts.line.parsed.ratios}
    theirs = {len(ratio) for ratio in facts.item.parsed.ratios}
    return bool(ours) and bool(theirs) and ours.isdisjoint(theirs)


def _unit_is_guessed(number: Number, facts: Facts) -> bool:
    """Whether only one side says that a shared number is a size: ``Termos 250`` may be 250 ml or a model.

    Pieces are no guess: ``20 TB`` and ``20 tablet`` were the same in each of 354 measured lines.
    """
    item = facts.item.parsed.numbers
    if number.kind in UNITLESS:
        kinds = {other.kind for other in item if other.raw == number.raw}
        return bool(kinds) and kinds.isdisjoint({*UNITLESS, COUNT})
    if number.kind == COUNT or (number.kind, number.value) in facts.item.numbers.exact:
        return False
    return any(other.kind in UNITLESS and other.raw == number.raw for other in item)


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
