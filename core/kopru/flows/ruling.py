"""What rules say of a line. Pure.

A partner's own rule stands above one for everyone. Of equal ones, those that name the line's whole text, or
its code together with the text the rule was made of, decide for themselves. A code under another text, and a
pattern, only name an item: the text keeps its veto. Rules that disagree decide nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from kopru.flows.linerows import EVERYONE, LineRow, RuleKind, RuleRow
from kopru.matching.normalise import text_key
from kopru.toolkit.fold import fold

_UNITS = {
    "": "",
    **dict.fromkeys(("adet", "ad", "niu", "c62", "ea", "pc", "pce", "h87", "piece"), "C62"),
    **dict.fromkeys(("koli", "ct", "carton", "case", "cs"), "CT"),
    **dict.fromkeys(("kutu", "box", "bx"), "BX"),
    **dict.fromkeys(("paket", "pa", "pk", "packet"), "PA"),
    **dict.fromkeys(("kg", "kilo", "kgm", "kilogram"), "KGM"),
    **dict.fromkeys(("gr", "g", "grm", "gram"), "GRM"),
    **dict.fromkeys(("lt", "l", "ltr", "litre"), "LTR"),
    **dict.fromkeys(("mt", "m", "mtr", "metre"), "MTR"),
    **dict.fromkeys(("duzine", "dzn", "dozen"), "DZN"),
    **dict.fromkeys(("gun", "day"), "DAY"),
    **dict.fromkeys(("saat", "hur", "hour"), "HUR"),
}

_MEASURES = frozenset({"CT", "DZN", "KGM", "GRM", "LTR", "MTR"})


@dataclass(frozen=True, slots=True)
class Ruled:
    """What the rules say: one of them decides, names an item, or they disagree."""

    rule: RuleRow | None = None
    sure: bool = False
    """The rule decides; otherwise the text may contradict it."""
    fits_unit: bool = True
    disagreeing: tuple[RuleRow, ...] = ()


def unit_key(unit: str) -> str:
    """Return a unit as rules compare it: UN/ECE code, or the folded word where none is known."""
    word = fold(unit)
    return _UNITS.get(word, word.upper())


def needs_factor(unit: str, of_item: str) -> bool:
    """Whether a line's unit says nothing about pieces of an item until a person tells how many it holds.

    A box or packet is taken for a piece as most invoices mean it; a case, a dozen or a weight is not.
    """
    ours, theirs = unit_key(unit), unit_key(of_item)
    return bool(ours and theirs) and ours != theirs and not _MEASURES.isdisjoint((ours, theirs))


def rule_keys(line: LineRow) -> list[str]:
    """Return the keys a rule of this line may have."""
    return [key for key in (line.code_key, line.barcode_key, line.text_key) if key]


def partners_of(partner: str) -> list[str]:
    """Return under which partners rules of a line may stand."""
    return [partner, EVERYONE] if partner else [EVERYONE]


def said_of(line: LineRow, rules: Iterable[RuleRow]) -> Ruled | None:
    """Return what the rules in force say of a line, or nothing."""
    fitting = [rule for rule in rules if recognises(rule, line)]
    for partner in partners_of(line.partner):
        own = [rule for rule in fitting if rule.partner == partner]
        for sure, level in ((True, _sure(own, line)), (False, own)):
            if level:
                return _agreed(level, line, sure=sure)
    return None


def recognises(rule: RuleRow, line: LineRow) -> bool:
    """Whether a rule knows a line by what it is made for; its unit is another matter."""
    if rule.partner not in ("", line.partner):
        return False
    if rule.kind is RuleKind.PATTERN:
        return words_of(rule.key) <= words_of(line.text_key)
    return bool(rule.key) and rule.key == key_of(line, rule.kind)


def key_of(line: LineRow, kind: RuleKind) -> str:
    """Return what a rule of a kind knows this line by; empty where the line does not say."""
    if kind is RuleKind.CODE:
        return line.code_key
    return line.barcode_key if kind is RuleKind.BARCODE else line.text_key


def words_of(key: str) -> frozenset[str]:
    """Return the words of a folded text."""
    return frozenset(key.split())


def pattern_key(text: str) -> str:
    """Return a pattern as it is kept: folded words, each once, in order of the alphabet."""
    return " ".join(sorted(words_of(text_key(text))))


def _sure(rules: Sequence[RuleRow], line: LineRow) -> list[RuleRow]:
    key = line.text_key
    return [
        rule
        for rule in rules
        if rule.kind is RuleKind.TEXT or (rule.kind is not RuleKind.PATTERN and text_key(rule.text) == key)
    ]


def _agreed(rules: Sequence[RuleRow], line: LineRow, *, sure: bool) -> Ruled:
    unit = unit_key(line.unit)
    of_unit = [rule for rule in rules if not rule.unit or not unit or rule.unit == unit]
    chosen = of_unit or rules
    if len({rule.target for rule in chosen}) > 1:
        return Ruled(disagreeing=tuple(chosen))
    return Ruled(max(chosen, key=_made), sure, bool(of_unit))


def _made(rule: RuleRow) -> tuple[float, UUID]:
    return (rule.made_at.timestamp() if rule.made_at else 0.0, rule.id)
