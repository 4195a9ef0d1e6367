"""The index of a catalogue: an immutable base and a small overlay of what changed since.

An index is a value. A change gives a new index that shares the base; readers of the old one are not
disturbed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from kopru.matching.api import CatalogueItem
from kopru.matching.buffers import Array, Arrays
from kopru.matching.building import build_segment, rarity
from kopru.matching.parse import NumberSet, Parsed, parse_item
from kopru.matching.segment import Segment

_MOST_PARSED = 1 << 16
_Dead = npt.NDArray[np.bool_]


def build(items: Iterable[CatalogueItem]) -> dict[str, Array]:
    """Return the arrays of a catalogue's base; the items are read once, one at a time."""
    return build_segment(items)


class ItemView(NamedTuple):
    """A name as it is compared with lines."""

    parsed: Parsed
    words: tuple[str, ...]
    weights: tuple[float, ...]
    total: float
    places: Mapping[str, int]
    """Place of each word."""
    joined: tuple[tuple[str, int], ...]
    """Neighbouring words written as one, with the place of the first."""
    numbers: NumberSet


class Shelf:
    """One segment with the names parsed so far. Safe to share: a lost race only parses a name twice."""

    def __init__(self, segment: Segment) -> None:
        """Take the segment."""
        self.segment = segment
        self._views: dict[int, ItemView] = {}

    def view(self, doc: int) -> ItemView:
        """Return a name parsed and weighed."""
        view = self._views.get(doc)
        if view is None:
            if len(self._views) >= _MOST_PARSED:
                self._views = {}
            view = self._views[doc] = self._made(doc)
        return view

    def _made(self, doc: int) -> ItemView:
        parsed = parse_item(self.segment.text("name", doc))
        words = tuple(dict.fromkeys(word.text for word in parsed.words))
        numbers = self.segment.numbers(words)
        weights = tuple(self.segment.weight(number) if number >= 0 else 1.0 for number in numbers)
        return ItemView(
            parsed=parsed,
            words=words,
            weights=weights,
            total=sum(weights),
            places={word: place for place, word in enumerate(words)},
            joined=tuple((one + other, place) for place, (one, other) in enumerate(pairwise(words))),
            numbers=NumberSet.of(parsed.numbers),
        )


class Index:
    """What lines are looked up in."""

    def __init__(self, base: Shelf, overlay: Mapping[str, CatalogueItem], dead: _Dead) -> None:
        """Take a base, the items that replace or extend it by id, and which of its rows are gone."""
        self.base = base
        self._overlay = dict(overlay)
        self._dead = dead
        self.shelves: tuple[tuple[Shelf, _Dead | None], ...] = ((base, dead if dead.any() else None),)
        if overlay:
            arrays = build_segment(overlay.values(), self._weigh)
            self.shelves += ((Shelf(Segment(arrays)), None),)
        self.heaviest = float(rarity(np.ones(1, np.int32), max(base.segment.names, 1))[0])
        """Weight of a word that only one name has."""

    @classmethod
    def of(cls, arrays: Arrays) -> Self:
        """Return the index over the arrays of ``build``, which may be mapped into memory."""
        segment = Segment(arrays)
        return cls(Shelf(segment), {}, np.zeros(segment.items, np.bool_))

    @property
    def items(self) -> int:
        """How many items can be found."""
        return self.base.segment.items - int(self._dead.sum()) + len(self._overlay)

    @property
    def changes(self) -> int:
        """How many items are in the overlay or gone from the base: when many, it is time to merge."""
        return max(len(self._overlay), int(self._dead.sum()))

    def changed(self, items: Iterable[CatalogueItem] = (), gone: Iterable[str] = ()) -> Self:
        """Return an index in which these items are new or as given, and those ids are gone."""
        overlay, dead = dict(self._overlay), self._dead.copy()
        for item in items:
            overlay[item.id] = item
            self._bury(dead, item.id)
        for id in gone:
            overlay.pop(id, None)
            self._bury(dead, id)
        return type(self)(self.base, overlay, dead)

    def with_alias(self, id: str, text: str) -> Self:
        """Return an index in which an item has a further name; the same index if there is no such item."""
        item = self.item(id)
        if item is None or text in (item.name, *item.aliases):
            return self
        return self.changed([replace(item, aliases=(*item.aliases, text))])

    def item(self, id: str) -> CatalogueItem | None:
        """Return an item as it can be found now."""
        if id in self._overlay:
            return self._overlay[id]
        row = self.base.segment.row_of(id)
        return None if row is None or self._dead[row] else self.base.segment.item(row)

    def all_items(self) -> Iterator[CatalogueItem]:
        """Yield every item that can be found."""
        segment = self.base.segment
        for row in np.flatnonzero(~self._dead).tolist():
            yield segment.item(row)
        yield from self._overlay.values()

    def merged(self) -> dict[str, Array]:
        """Return the arrays of a new base with every change in it."""
        return build_segment(self.all_items())

    def alive(self, rows: Iterable[int], dead: _Dead | None) -> list[int]:
        """Return those rows of a shelf that are not gone."""
        return [row for row in rows if dead is None or not dead[row]]

    def _bury(self, dead: _Dead, id: str) -> None:
        row = self.base.segment.row_of(id)
        if row is not None:
            dead[row] = True

    def _weigh(
        self, vocabulary: npt.NDArray[np.bytes_], frequency: npt.NDArray[np.int32]
    ) -> npt.NDArray[np.float32]:
        """Weigh the overlay's words as the base does; words it lacks are rare."""
        segment = self.base.segment
        numbers = np.array(
            segment.numbers(word.decode("utf-8", "ignore") for word in vocabulary.tolist()), int
        )
        known = numbers >= 0
        weights = rarity(frequency, max(segment.names, 1))
        weights[known] = [segment.weight(number) for number in numbers[known].tolist()]
        return weights
