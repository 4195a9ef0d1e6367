"""Line against name: which words and numbers each explains of the other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod

from kopru.matching import strengths, variants
from kopru.matching.index import ItemView
from kopru.matching.likeness import UNLIKE, Kind, Likeness, likeness
from kopru.matching.parse import Number, NumberSet, Parsed
from kopru.matching.retrieval import LineWord
from kopru.matching.units import COUNT

_GLUED = Likeness(0.95, Kind.EQUAL)
_LEAST_JOINED = 0.75
_RARER = 1.0
"""By how much a word must weigh more than the one it may shorten: it is in less than a third of as many
names."""

_Alike = tuple[tuple[int, Likeness], ...]


class LineView:
    """A line as it is compared with names; remembers how its words compare, because siblings share theirs."""

    def __init__(self, parsed: Parsed, words: Sequence[LineWord], seller_code: str = "") -> None:
        """Take the parsed line, its weighed words and the partner's code as ``code_chars`` gives it."""
        self.parsed = parsed
        self.words = tuple(words)
        self.seller_code = seller_code
        self.total = sum(word.weight for word in words)
        case = (parsed.case,) if parsed.case else ()
        self.numbers = NumberSet.of((*parsed.numbers, *case))
        self.places = {word.text: place for place, word in enumerate(self.words)}
        self.joined = tuple(
            (one.text + other.text, place, one.glued and (one.dotted or other.dotted))
            for place, (one, other) in enumerate(pairwise(self.words))
        )
        self.known_alike: dict[str, _Alike] = {}
        """What ``alike`` found so far."""

    def alike(self, item_word: str, weight: float) -> _Alike:
        """Return the places of line words that stand for a word of a name, with how much they do."""
        found = self.known_alike[item_word] = tuple(self._compared(item_word, weight))
        return found

    def _compared(self, item_word: str, weight: float) -> Iterable[tuple[int, Likeness]]:
        for place, word in enumerate(self.words):
            if word.known and word.text[0] != item_word[0]:
                continue
            rarer = word.known and word.weight > weight + _RARER
            found = likeness(word.text, item_word, dotted=word.dotted, known=word.known, rarer=rarer)
            if found.degree:
                yield place, found


@dataclass(slots=True)
class Facts:
    """What a line and a name have in common and what not; words by their place."""

    line: LineView
    item: ItemView
    line_words: list[Likeness]
    item_words: list[Likeness]
    shared: list[Number]
    """Numbers of the line that the name has too."""
    line_numbers: list[Number]
    """Numbers of the line that the name lacks."""
    item_numbers: list[Number]
    """Numbers of the name that the line lacks."""
    variants: int
    """Colours, tastes and the like that line and name choose differently."""
    unit_differs: int
    """Numbers equal but for their unit (500 g, 500 ml)."""
    order_differs: bool
    """Joined strengths stand in another order."""
    models: list[str]
    line_models: list[str]
    item_models: list[str]
    seller_code: bool
    """The partner's code is a model number of the name."""


def compare(line: LineView, item: ItemView) -> Facts:
    """Compare a line with a name."""
    line_words = [UNLIKE] * len(line.words)
    item_words = [UNLIKE] * len(item.words)
    known = line.known_alike
    for place, word in enumerate(item.words):
        alike = known.get(word)
        for at, found in line.alike(word, item.weights[place]) if alike is None else alike:
            if found.degree > item_words[place].degree:
                item_words[place] = found
            if found.degree > line_words[at].degree:
                line_words[at] = found
    if UNLIKE in line_words or UNLIKE in item_words:
        _unglue(line, item, line_words, item_words)
    shared, line_left, item_left, unit_differs = _numbers(line, item)
    models, line_models, item_models = _models(line, item, line_words, item_words)
    return Facts(
        line=line,
        item=item,
        line_words=line_words,
        item_words=item_words,
        shared=shared,
        line_numbers=line_left,
        item_numbers=item_left,
        variants=_variants(line, item, line_words, item_words),
        unit_differs=unit_differs,
        order_differs=_order_differs(line.parsed.ratios, item.parsed.ratios),
        models=models,
        line_models=line_models,
        item_models=item_models,
        seller_code=len(line.seller_code) > 3
        and (
            line.seller_code in item.parsed.models
            or any(number.raw == line.seller_code for number in item.parsed.numbers)
        ),
    )


def _unglue(line: LineView, item: ItemView, line_words: list[Likeness], item_words: list[Likeness]) -> None:
    """Match words that are glued on one side only: ``sok.man``, ``indo mie``, ``z.yağı``."""
    for joined, at, short in line.joined:
        if line_words[at].degree and line_words[at + 1].degree:
            continue
        place = item.places.get(joined, -1)
        found = _GLUED
        if place < 0 and short:
            place, found = _shortened(joined, item, item_words)
        if place >= 0 and found.degree > item_words[place].degree:
            item_words[place] = line_words[at] = line_words[at + 1] = found
    for joined, place in item.joined:
        at = line.places.get(joined, -1)
        if at >= 0 and not line_words[at].degree:
            item_words[place] = item_words[place + 1] = line_words[at] = _GLUED


def _shortened(joined: str, item: ItemView, item_words: list[Likeness]) -> tuple[int, Likeness]:
    """Return the first word that a joined shortening such as ``z.yağı`` stands for, or -1."""
    for place, word in enumerate(item.words):
        if item_words[place].degree < _LEAST_JOINED:
            found = likeness(joined, word, dotted=True, known=False)
            if found.degree > item_words[place].degree:
                return place, found
    return -1, UNLIKE


def _variants(line: LineView, item: ItemView, line_words: list[Likeness], item_words: list[Likeness]) -> int:
    if UNLIKE not in line_words or UNLIKE not in item_words:
        return 0
    return variants.differ(
        [word.text for word, found in zip(line.words, line_words, strict=True) if not found.degree],
        [word for word, found in zip(item.words, item_words, strict=True) if not found.degree],
        [word for word, found in zip(item.words, item_words, strict=True) if found.degree],
    )


def _numbers(line: LineView, item: ItemView) -> tuple[list[Number], list[Number], list[Number], int]:
    """Return the shared numbers, those of either side alone, and how many differ in unit only."""
    ours, theirs = line.parsed.numbers, item.parsed.numbers
    if not ours and not theirs:
        return [], [], [], 0
    shared = [number for number in ours if item.numbers.has(number)]
    line_left = [number for number in ours if not item.numbers.has(number)]
    item_left = [number for number in theirs if not line.numbers.has(number)]
    if line_left and item_left:
        line_left, item_left, shared = _multiplied(line.parsed, item.parsed, line_left, item_left, shared)
        equal = strengths.equivalent(line.parsed, item.parsed, line_left, item_left)
        shared = [*shared, *(number for number in line_left if number in equal)]
        line_left = [number for number in line_left if number not in equal]
        item_left = [number for number in item_left if number not in equal]
    if not line_left or not item_left:
        return shared, line_left, item_left, 0
    differ = sum(strengths.unit_differs(number, item_left) for number in line_left)
    return shared, line_left, item_left, differ


def _multiplied(
    line: Parsed, item: Parsed, line_left: list[Number], item_left: list[Number], shared: list[Number]
) -> tuple[list[Number], list[Number], list[Number]]:
    """Take packs of packs as shared when they make as many pieces: 3 x 10 is 30."""
    ours = [number for number in line.numbers if number.kind == COUNT]
    theirs = [number for number in item.numbers if number.kind == COUNT]
    if not ours or not theirs or len(ours) == len(theirs):
        return line_left, item_left, shared
    if prod(number.value for number in ours) != prod(number.value for number in theirs):
        return line_left, item_left, shared
    return (
        [number for number in line_left if number.kind != COUNT],
        [number for number in item_left if number.kind != COUNT],
        [*shared, *(number for number in ours if number not in shared)],
    )


def _order_differs(
    ours: Sequence[tuple[tuple[str, int], ...]], theirs: Sequence[tuple[tuple[str, int], ...]]
) -> bool:
    return any(
        one != other and sorted(one) == sorted(other) and other not in ours and one not in theirs
        for one in ours
        for other in theirs
    )


def _models(
    line: LineView, item: ItemView, line_words: list[Likeness], item_words: list[Likeness]
) -> tuple[list[str], list[str], list[str]]:
    """Return the model numbers both have, and those of either side alone.

    One that the other text spells apart is shared, and uses up the words and numbers it is spelled with.
    """
    if not line.parsed.models and not item.parsed.models:
        return [], [], []
    ours, theirs = dict.fromkeys(line.parsed.models), dict.fromkeys(item.parsed.models)
    shared = [model for model in ours if model in theirs]
    line_left = [model for model in ours if model not in theirs]
    item_left = [model for model in theirs if model not in ours]
    if line_left:
        apart, used = _apart(line_left, item.parsed.sequence)
        shared += apart
        line_left = [model for model in line_left if model not in apart]
        item_left = [model for model in item_left if model not in used]
        _use_up(used, item.places, item_words)
    if item_left:
        apart, used = _apart(item_left, line.parsed.sequence)
        shared += apart
        item_left = [model for model in item_left if model not in apart]
        line_left = [model for model in line_left if model not in used]
        _use_up(used, line.places, line_words)
    return shared, line_left, item_left


def _apart(models: list[str], sequence: Sequence[str]) -> tuple[list[str], set[str]]:
    """Return the model numbers that a text spells apart, and what it spells them with."""
    found = {model: parts for model in models if (parts := _spelled_apart(model, sequence))}
    return list(found), {part for parts in found.values() for part in parts}


def _use_up(parts: Iterable[str], places: Mapping[str, int], words: list[Likeness]) -> None:
    for part in parts:
        place = places.get(part, -1)
        if place >= 0 and not words[place].degree:
            words[place] = _GLUED


def _spelled_apart(model: str, sequence: Sequence[str]) -> Sequence[str]:
    """Return the neighbours in a text that are a model number together (``omega 3``, ``n7-1000 e``), or
    nothing."""
    for start, first in enumerate(sequence):
        if first and model.startswith(first):
            joined = ""
            for end in range(start, min(start + 4, len(sequence))):
                joined += sequence[end]
                if joined == model:
                    return sequence[start : end + 1]
                if not model.startswith(joined):
                    break
    return ()


def described(facts: Facts) -> tuple[list[str], list[str], list[str]]:
    """Return what matched, what only the line has and what only the name has, as words for a person."""
    words = [word.text for word in facts.line.words]
    matched = [word for word, found in zip(words, facts.line_words, strict=True) if found.degree]
    line_only = [word for word, found in zip(words, facts.line_words, strict=True) if not found.degree]
    item_only = [
        word for word, found in zip(facts.item.words, facts.item_words, strict=True) if not found.degree
    ]
    return (
        matched + [number.shown for number in facts.shared] + facts.models,
        line_only + [number.shown for number in facts.line_numbers] + facts.line_models,
        item_only + [number.shown for number in facts.item_numbers] + facts.item_models,
    )
