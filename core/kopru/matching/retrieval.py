"""From a line to the few names worth a closer look."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from kopru.matching.index import Index, Shelf
from kopru.matching.likeness import likeness, stems
from kopru.matching.parse import Parsed, Word
from kopru.matching.segment import Segment

LIMIT = 30
"""Names that are compared word by word."""

_LEAST_LIKE = 0.5
_SHORT = 4
_SHORTEST_HALF = 3
_INFLECTED = 0.9
_GLUED = 0.9
_MOST_CACHED = 1 << 15


class LineWord(NamedTuple):
    """A word of a line with what the catalogue knows about it."""

    text: str
    dotted: bool
    glued: bool
    known: bool
    weight: float


class Found(NamedTuple):
    """A name worth a closer look, and the share of weight it has in common with the line."""

    shelf: Shelf
    doc: int
    score: float


class Retriever:
    """Finds names in an index. Safe to share: its cache only saves work."""

    def __init__(self, index: Index) -> None:
        """Take the index."""
        self.index = index
        self._meanings: dict[tuple[int, Word, bool], tuple[tuple[int, float], ...]] = {}

    def words(self, parsed: Parsed) -> tuple[LineWord, ...]:
        """Return a line's words, each once, with their weights."""
        distinct = {word.text: word for word in reversed(parsed.words)}
        words = [distinct[text] for text in dict.fromkeys(word.text for word in parsed.words)]
        found = [(False, self.index.heaviest)] * len(words)
        for shelf, _ in reversed(self.index.shelves):
            numbers = shelf.segment.numbers(word.text for word in words)
            for place, number in enumerate(numbers):
                if number >= 0:
                    found[place] = (True, shelf.segment.weight(number))
        return tuple(LineWord(*word, *facts) for word, facts in zip(words, found, strict=True))

    def search(self, parsed: Parsed, words: tuple[LineWord, ...], limit: int = LIMIT) -> list[Found]:
        """Return the names that share most with a line, best first."""
        found: list[Found] = []
        for shelf, dead in self.index.shelves:
            wanted = self._wanted(shelf.segment, parsed, words)
            mass = sum(word.weight for word in words)
            mass += sum(wanted.get(number, 0.0) for number in shelf.segment.numbers(_marks(parsed)))
            docs, scores = shelf.segment.search(wanted, mass, limit, dead)
            found += map(Found, [shelf] * docs.size, docs.tolist(), scores.tolist())
        if len(self.index.shelves) > 1:
            found.sort(key=lambda each: -each.score)
        return found[:limit]

    def _wanted(self, segment: Segment, parsed: Parsed, words: tuple[LineWord, ...]) -> dict[int, float]:
        """Return the vocabulary words that speak for a name, with how much they do."""
        wanted: dict[int, float] = {}
        for word in words:
            for number, weight in self._meaning(segment, word):
                if weight > wanted.get(number, 0.0):
                    wanted[number] = weight
        joined = [one.text + other.text for one, other in pairwise(words)]
        marks = _marks(parsed)
        numbers = segment.numbers([*marks, *joined])
        for place, number in enumerate(numbers):
            if number >= 0:
                wanted.setdefault(number, segment.weight(number) * (1.0 if place < len(marks) else _GLUED))
        return wanted

    def _meaning(self, segment: Segment, word: LineWord) -> tuple[tuple[int, float], ...]:
        key = (id(segment), Word(word.text, word.dotted), word.known)
        meaning = self._meanings.get(key)
        if meaning is None:
            if len(self._meanings) >= _MOST_CACHED:
                self._meanings = {}
            meaning = self._meanings[key] = tuple(_meanings(segment, word))
        return meaning


def _marks(parsed: Parsed) -> list[str]:
    """Return the index tokens of a line's numbers and model numbers."""
    found: dict[str, None] = {}
    for number in (*parsed.numbers, *((parsed.case,) if parsed.case else ())):
        if number.kind == "long":
            found[f"!{number.raw}"] = None
            continue
        found[f"#{number.raw}"] = None
        if number.kind and number.kind != "count":
            found[f"={number.kind}{number.value}"] = None
    found |= dict.fromkeys(f"!{model}" for model in parsed.models)
    return list(found)


def _meanings(segment: Segment, word: LineWord) -> Iterator[tuple[int, float]]:
    """Yield vocabulary words a line's word may stand for, with the weight each speaks with."""
    near = stems(word.text)
    own, *inflected = segment.numbers((word.text, *near))
    if own >= 0:
        yield own, segment.weight(own)
    for number in inflected:
        if number >= 0:
            yield number, segment.weight(number) * _INFLECTED
    if word.known and not word.dotted and len(word.text) > _SHORT:
        return
    for number in segment.like(word.text):
        degree = likeness(
            word.text, segment.word(number), dotted=word.dotted or word.known, known=word.known
        ).degree
        if degree >= _LEAST_LIKE and number != own:
            yield number, segment.weight(number) * degree * (0.5 if word.known and not word.dotted else 1.0)
    if not word.known:
        yield from _halves(segment, word.text)


def _halves(segment: Segment, text: str) -> Iterator[tuple[int, float]]:
    """Yield both halves of a word that was glued together (``indomie`` for *indo mie*)."""
    cuts = range(_SHORTEST_HALF, len(text) - _SHORTEST_HALF + 1)
    numbers = segment.numbers([half for cut in cuts for half in (text[:cut], text[cut:])])
    for first, second in zip(numbers[::2], numbers[1::2], strict=True):
        if first >= 0 and second >= 0:
            yield first, segment.weight(first) * _GLUED
            yield second, segment.weight(second) * _GLUED
