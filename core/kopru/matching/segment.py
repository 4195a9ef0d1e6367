"""A read-only view of one segment: looking items up, and finding the names that share rare words with a
line."""

from collections.abc import Iterable, Mapping
from functools import cached_property

import numpy as np
import numpy.typing as npt

from kopru.matching.api import CatalogueItem
from kopru.matching.buffers import Array, Arrays
from kopru.matching.building import WIDTH, trigrams
from kopru.matching.exact import code_key
from kopru.matching.identifiers import hashed
from kopru.matching.likeness import skeleton

POSTINGS = 20_000
"""Postings read for a line, rarest words first; more cost time and change nothing among the best."""

_SHORTLIST = 400
"""Names whose full score is computed when the postings did not cover every word."""

_MOST_KNOWN = 1 << 16
"""Words whose numbers are remembered."""

_MOST_WORDS = 150
"""Vocabulary words a shortened word may stand for."""

_FEW_NAMES = 1 << 16
_FEW_WORDS = 3
"""Words read, however frequent, when even the rarest is found in more names than the limit above."""

Scored = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]
_NOTHING: Scored = (np.empty(0, np.int64), np.empty(0, np.float64))


class Segment:
    """Items and names by row and number. Safe to share between threads: its cache only saves work."""

    def __init__(self, arrays: Arrays) -> None:
        """Take the arrays ``build_segment`` made."""
        self.arrays = arrays
        self._frequency = arrays["frequency"]
        self._posting_ends = arrays["posting.ends"]
        self._postings = arrays["posting.docs"]
        self._weight = arrays["weight"]
        self._mass = arrays["mass"]
        self._vocabulary = arrays["vocabulary"]
        self.doc_rows = arrays["doc_row"]
        self._known: dict[str, int] = {}
        self._texts = {
            kind: (arrays[f"{kind}.ends"], arrays[f"{kind}.bytes"].data)
            for kind in ("id", "code", "unit", "barcodes", "name")
        }

    @property
    def names(self) -> int:
        """How many names there are; an item has one or more."""
        return int(self.doc_rows.size)

    @cached_property
    def items(self) -> int:
        """How many items there are."""
        return int(self.arrays["id.ends"].size) - 1

    def text(self, kind: str, place: int) -> str:
        """Return the ``id``, ``code``, ``unit`` or ``barcodes`` of a row, or the ``name`` of a name's
        number."""
        ends, raw = self._texts[kind]
        return str(raw[ends[place] : ends[place + 1]], "utf-8")

    def row_of(self, id: str) -> int | None:
        """Return the row of an item's id."""
        rows = self._found("id_key", hashed(id))
        return next((row for row in rows if self.text("id", row) == id), None)

    def rows_of_code(self, code: str) -> list[int]:
        """Return the rows of items with this code."""
        key = code_key(code)
        rows = self._found("code_key", hashed(key)) if key else []
        return [row for row in rows if code_key(self.text("code", row)) == key]

    def rows_of_barcode(self, number: int) -> list[int]:
        """Return the rows of items with a barcode of this number."""
        return self._found("barcode", number) if number else []

    def _found(self, name: str, key: int) -> list[int]:
        keys = self.arrays[f"{name}.keys"]
        wanted = np.uint64(key)
        start, end = np.searchsorted(keys, wanted), np.searchsorted(keys, wanted, side="right")
        found: list[int] = self.arrays[f"{name}.rows"][start:end].tolist()
        return found

    def numbers(self, words: Iterable[str]) -> list[int]:
        """Return the vocabulary numbers of words, -1 for unknown ones."""
        wanted = list(words)
        known = self._known
        unseen = [word for word in dict.fromkeys(wanted) if word not in known]
        if unseen:
            if len(known) + len(unseen) > _MOST_KNOWN:
                known = self._known = {word: known[word] for word in wanted if word in known}
            known.update(zip(unseen, self._looked_up(unseen), strict=True))
        return [known[word] for word in wanted]

    def _looked_up(self, words: list[str]) -> list[int]:
        if not self._vocabulary.size:
            return [-1] * len(words)
        wanted = np.array([_encoded(word) for word in words], f"S{WIDTH}")
        places = np.searchsorted(self._vocabulary, wanted)
        places[places == self._vocabulary.size] = 0
        found: list[int] = np.where(self._vocabulary[places] == wanted, places, -1).tolist()
        return found

    def word(self, number: int) -> str:
        """Return a vocabulary word."""
        raw: bytes = self._vocabulary[number]
        return raw.decode("utf-8", "ignore")

    def weight(self, number: int) -> float:
        """Return how telling a vocabulary word is."""
        return float(self._weight[number])

    def frequency(self, number: int) -> int:
        """Return how many names have a vocabulary word."""
        return int(self._frequency[number])

    def like(self, word: str) -> list[int]:
        """Return vocabulary words that may be meant by a shortened or mistyped one."""
        found = dict.fromkeys(self._starting_with(self._vocabulary, None, word))
        bones = skeleton(word)
        if len(bones) > 1:
            keys, words = self.arrays["skeleton.keys"], self.arrays["skeleton.words"]
            found |= dict.fromkeys(self._starting_with(keys, words, bones))
        if len(word) > 3:
            found |= dict.fromkeys(self._sharing_pieces(word))
        return list(found)

    def _starting_with(self, keys: Array, words: Array | None, start: str) -> list[int]:
        raw = _encoded(start)
        low = int(np.searchsorted(keys, np.array(raw, f"S{WIDTH}")))
        high = int(np.searchsorted(keys, np.array((raw + b"\xff")[:WIDTH], f"S{WIDTH}")))
        found = np.arange(low, high) if words is None else words[low:high]
        if found.size > _MOST_WORDS:
            found = found[np.argpartition(-self._frequency[found], _MOST_WORDS)[:_MOST_WORDS]]
        numbers: list[int] = found.tolist()
        return numbers

    def _sharing_pieces(self, word: str) -> list[int]:
        keys, words = self.arrays["piece.keys"], self.arrays["piece.words"]
        wanted = np.array(list(dict.fromkeys(trigrams(word))), np.uint32)
        starts, ends = np.searchsorted(keys, wanted), np.searchsorted(keys, wanted, side="right")
        runs = [words[start:end] for start, end in zip(starts, ends, strict=True) if end > start]
        if not runs:
            return []
        numbers, shared = np.unique(np.concatenate(runs), return_counts=True)
        best = numbers[shared >= max(2, shared.max() - 2)]
        found: list[int] = best[:_MOST_WORDS].tolist()
        return found

    def search(
        self, wanted: Mapping[int, float], mass: float, limit: int, dead: npt.NDArray[np.bool_] | None
    ) -> Scored:
        """Return the names that share the most weight with a line, best first, and how much of both they
        share.

        Args:
            wanted: vocabulary numbers with their weight for this line.
            mass: weight of the whole line.
            limit: how many names.
            dead: per row, whether the item is gone or replaced.
        """
        if not wanted:
            return _NOTHING
        chosen, complete = self._affordable(wanted)
        docs, sums = self._accumulated(chosen)
        if dead is not None:
            alive = ~dead[self.doc_rows[docs]]
            docs, sums = docs[alive], sums[alive]
        if not complete and docs.size:
            docs = _largest(docs, sums, _SHORTLIST)
            sums = self._full(docs, wanted)
        scores = 2.0 * sums / (mass + self._mass[docs])
        order = np.argsort(-scores, kind="stable") if docs.size <= limit else _top(scores, limit)
        return docs[order], scores[order]

    def _affordable(self, wanted: Mapping[int, float]) -> tuple[dict[int, float], bool]:
        """Return the rarest words whose postings are worth reading, and whether these are all."""
        read = 0
        chosen: dict[int, float] = {}
        numbers = np.fromiter(wanted, np.int64, len(wanted))
        costs = self._frequency[numbers]
        for place in np.argsort(costs, kind="stable").tolist():
            cost = int(costs[place])
            if chosen and read + cost > POSTINGS and (read <= POSTINGS or len(chosen) >= _FEW_WORDS):
                return chosen, False
            read += cost
            number = int(numbers[place])
            chosen[number] = wanted[number]
        return chosen, True

    def _accumulated(self, chosen: Mapping[int, float]) -> Scored:
        ends = self._posting_ends
        runs = [self._postings[ends[number] : ends[number + 1]] for number in chosen]
        docs = np.concatenate(runs)
        weights = np.repeat(np.fromiter(chosen.values(), np.float64, len(chosen)), [run.size for run in runs])
        if self.names <= _FEW_NAMES or docs.size > self.names:
            sums = np.bincount(docs, weights, self.names).astype(np.float64, copy=False)
            found = np.flatnonzero(sums).astype(np.int64)
            return found, sums[found]
        order = np.argsort(docs, kind="stable")
        docs = docs[order]
        starts = np.flatnonzero(np.concatenate(([True], docs[1:] != docs[:-1])))
        return docs[starts].astype(np.int64), np.add.reduceat(weights[order], starts)

    def _full(self, docs: npt.NDArray[np.int64], wanted: Mapping[int, float]) -> npt.NDArray[np.float64]:
        """Return the weight these names share with a line over all of their words."""
        of_word = np.zeros(self._vocabulary.size)
        of_word[list(wanted)] = list(wanted.values())
        ends = self.arrays["forward.ends"]
        starts, sizes = ends[docs], ends[docs + 1] - ends[docs]
        firsts = np.cumsum(sizes) - sizes
        places = np.arange(int(sizes.sum())) + np.repeat(starts - firsts, sizes)
        return np.add.reduceat(of_word[self.arrays["forward.words"][places]], firsts)

    def names_of(self, row: int) -> range:
        """Return the numbers of a row's names; the first is the item's own, the others are aliases."""
        if self.names == self.items:
            return range(row, row + 1)
        wanted = np.array((row, row + 1), self.doc_rows.dtype)  # another type would convert all rows
        start, end = np.searchsorted(self.doc_rows, wanted).tolist()
        return range(start, end)

    def item(self, row: int) -> CatalogueItem:
        """Return the item of a row as it was indexed."""
        name, *aliases = (self.text("name", doc) for doc in self.names_of(row))
        return CatalogueItem(
            id=self.text("id", row),
            code=self.text("code", row),
            name=name,
            barcodes=tuple(self.text("barcodes", row).split()),
            aliases=tuple(aliases),
            unit=self.text("unit", row),
        )


def _encoded(word: str) -> bytes:
    return word.encode("utf-8", "replace")[:WIDTH]


def _largest(docs: npt.NDArray[np.int64], sums: npt.NDArray[np.float64], limit: int) -> npt.NDArray[np.int64]:
    return docs if docs.size <= limit else docs[np.argpartition(-sums, limit)[:limit]]


def _top(scores: npt.NDArray[np.float64], limit: int) -> npt.NDArray[np.int64]:
    best = np.argpartition(-scores, limit)[:limit]
    return best[np.argsort(-scores[best], kind="stable")]
