"""How much a word of a line stands for a word of an item: equal, inflected, shortened or mistyped.

A word the catalogue knows is no misspelling of another: *tarçınlı* is not *tahinli*, *siyah* is not *sarı*.
Without that rule the confident errors begin.
"""

from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA, JaroWinkler


class Kind(IntEnum):
    """In which way two words are alike, best first."""

    EQUAL = 0
    INFLECTED = 1
    SHORTENED = 2
    MISTYPED = 3
    NONE = 4


class Likeness(NamedTuple):
    """Degree from 0 to 1, and in which way."""

    degree: float
    kind: Kind


UNLIKE = Likeness(0.0, Kind.NONE)
EQUAL = Likeness(1.0, Kind.EQUAL)

INFLECTIONS = ("i", "u", "si", "su", "lar", "ler", "lari", "leri", "e", "a", "in", "nin", "s")
"""Endings that leave the meaning of a noun: possessive, plural, case; English plural."""

_DERIVATIONS = frozenset({"li", "lu", "siz", "suz", "lik", "luk", "ci", "cu", "ca", "ce", "sa"})
"""Endings that make another word: *sütlü* is not *süt*."""

_WITH = frozenset({"li", "lu"})
"""*Limon* on a till is *limonlu* on a shelf."""

_VOWELS = str.maketrans("", "", "aeiou")
_SHORTEST_STEM = 3
_SHORTEST_TYPO = 4
_LEAST_JARO = 0.88
_SHORT = 5
"""Letters up to which one slip makes a misspelling, and two make another word."""


def skeleton(word: str) -> str:
    """Return the first letter and the consonants behind it; suppliers leave vowels out first."""
    return word[:1] + word[1:].translate(_VOWELS)


def stems(word: str) -> tuple[str, ...]:
    """Return the words this one may be an inflection of, and those that inflect it."""
    shorter = (
        word[: -len(end)]
        for end in INFLECTIONS
        if word.endswith(end) and len(word) - len(end) >= _SHORTEST_STEM
    )
    if len(word) < _SHORTEST_STEM:
        return ()
    ends = (*INFLECTIONS, *_WITH) if len(word) > _SHORTEST_STEM else INFLECTIONS
    return (*shorter, *(word + end for end in ends))


@lru_cache(maxsize=1 << 18)
def likeness(line: str, item: str, *, dotted: bool, known: bool, rarer: bool = False) -> Likeness:
    """Compare a word of a line with a word of an item.

    Args:
        line: the line's word, folded.
        item: the item's word, folded.
        dotted: a dot marks the line's word as shortened.
        known: the catalogue has the line's word itself.
        rarer: it has it far less often than the item's word, so that it may be a shortening some names use.
    """
    if line == item:
        return EQUAL
    if line[0] != item[0]:
        return _typo(line, item) if not known else UNLIKE
    if item.startswith(line):
        return _prefix(line, item[len(line) :], dotted=dotted, known=known and not rarer)
    if line.startswith(item):
        return _longer(item, line[len(item) :], known=known)
    if dotted or rarer or not known:
        found = _subsequence(line, item, dotted=dotted)
        return found if found.degree or known else _typo(line, item)
    return UNLIKE


def _prefix(line: str, rest: str, *, dotted: bool, known: bool) -> Likeness:
    """Compare a word with one that starts with it and goes on with ``rest``."""
    if dotted:
        return Likeness(0.9 if len(line) > 1 else 0.6, Kind.SHORTENED)
    if len(line) >= _SHORTEST_STEM and rest in INFLECTIONS:
        return Likeness(0.95, Kind.INFLECTED)
    if rest in _DERIVATIONS:
        if rest in _WITH and len(line) > _SHORTEST_STEM:
            return Likeness(0.9, Kind.INFLECTED)
        return Likeness(0.5, Kind.SHORTENED)
    if known:
        return UNLIKE
    return Likeness(0.85 if len(line) >= _SHORTEST_STEM else 0.6, Kind.SHORTENED)


def _longer(item: str, rest: str, *, known: bool) -> Likeness:
    """Compare an item's word with a line's word that goes on with ``rest``."""
    if len(item) < _SHORTEST_STEM:
        return UNLIKE
    if rest in INFLECTIONS:
        return Likeness(0.95, Kind.INFLECTED)
    if rest in _DERIVATIONS:
        return Likeness(0.4, Kind.SHORTENED)
    if known:
        return UNLIKE
    return Likeness(0.6, Kind.SHORTENED) if len(item) > _SHORTEST_TYPO else UNLIKE


def _subsequence(line: str, item: str, *, dotted: bool) -> Likeness:
    letters = iter(item)
    if len(line) >= len(item) or not all(letter in letters for letter in line):
        return UNLIKE
    if len(line) == 1:
        return UNLIKE
    if len(line) == 2:
        return Likeness(0.6 if dotted else 0.5, Kind.SHORTENED)
    if len(item) - len(line) == 1 and len(item) > _SHORTEST_TYPO:
        return Likeness(0.9, Kind.MISTYPED)
    bony = skeleton(line) == line or skeleton(item).startswith(skeleton(line))
    return Likeness(0.8 if bony else 0.6, Kind.SHORTENED)


def _typo(line: str, item: str) -> Likeness:
    if len(line) < _SHORTEST_TYPO or len(item) < _SHORTEST_TYPO or abs(len(line) - len(item)) > 3:
        return UNLIKE
    most = 1 if len(line) <= _SHORT else 2
    if OSA.distance(line, item, score_cutoff=most) > most:
        return UNLIKE
    degree = JaroWinkler.similarity(line, item, score_cutoff=_LEAST_JARO)
    return Likeness(0.95 * degree, Kind.MISTYPED) if degree else UNLIKE
