"""Saying why: words and numbers that matched and those that did not, and what a person should do."""

from kopru.matching.api import Gate, Reasons, Via
from kopru.matching.compare import Facts, described
from kopru.matching.texts_lines import TEXTS
from kopru.model import Text

_GATE_CODES = {
    Gate.SIZE: "match.line.size",
    Gate.PACK: "match.line.pack",
    Gate.MODEL: "match.line.model",
    Gate.VARIANT: "match.line.variant",
    Gate.BARCODE: "match.line.barcode_other",
    Gate.CODE: "match.line.code_other",
    Gate.RIVAL: "match.line.rival",
    Gate.UNSTATED: "match.line.unstated",
    Gate.UNIT: "match.line.unit",
}
"""The gravest first: one is enough to tell a person what to look at."""

_KEYS = {Via.RULE: "match.key.rule", Via.CODE: "match.key.own_code", Via.BARCODE: "match.key.line_barcode"}


def reasons(facts: Facts) -> Reasons:
    """Return the evidence for and against an item."""
    matched, line_only, item_only = described(facts)
    return Reasons(tuple(matched), tuple(line_only), tuple(item_only))


def resolved_code(via: Via) -> str:
    """Return the code of the sentence that says by what a line was resolved."""
    return f"match.line.{via.value}"


def gate_code(gates: frozenset[Gate]) -> str:
    """Return the code of the sentence for the gravest gate; without one the likeness is too small."""
    return next((code for gate, code in _GATE_CODES.items() if gate in gates), "match.line.suggested")


def key_text(via: Via, code: str, **values: str) -> Text:
    """Return a sentence that names the key by which an item was found."""
    key, template = TEXTS[_KEYS[via]], TEXTS[code]
    return Text(tr=template.tr.format(key=key.tr, **values), en=template.en.format(key=key.en, **values))
