"""From items to the arrays of one index segment.

Words are indexed once, as a sorted vocabulary; what makes a word findable when it is shortened or mistyped
(prefix, skeleton, three-letter pieces) is kept per vocabulary word instead of per item, so the arrays stay
small and a million items need no million parsed objects.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import numpy.typing as npt

from kopru.matching.api import CatalogueItem
from kopru.matching.atoms import tokens
from kopru.matching.buffers import Array
from kopru.matching.exact import code_key
from kopru.matching.identifiers import barcode_number, hashed
from kopru.matching.likeness import skeleton

WIDTH = 32
"""Bytes of a vocabulary word that are kept."""

Weigh = Callable[[npt.NDArray[np.bytes_], npt.NDArray[np.int32]], npt.NDArray[np.float32]]
"""Weights of a sorted vocabulary, given how many names have each word."""


class _Strings:
    """Texts one behind the other, with where each ends."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("q", [0])

    def add(self, text: str) -> None:
        self._bytes += text.encode("utf-8", "replace")
        self._ends.append(len(self._bytes))

    def arrays(self, name: str) -> dict[str, Array]:
        return {
            f"{name}.bytes": np.frombuffer(bytes(self._bytes), np.uint8),
            f"{name}.ends": np.array(self._ends, np.int64),
        }


class _Names:
    """The words of every name, by number of the word in order of appearance."""

    def __init__(self) -> None:
        self.vocabulary: dict[str, int] = {}
        self.words = array("i")
        self.ends = array("q", [0])
        self.rows = array("i")

    def add(self, row: int, name: str) -> None:
        known = self.vocabulary
        self.words.extend([known.setdefault(token, len(known)) for token in tokens(name)])
        self.ends.append(len(self.words))
        self.rows.append(row)


def build_segment(items: Iterable[CatalogueItem], weigh: Weigh | None = None) -> dict[str, Array]:
    """Return the arrays of a segment.

    Args:
        items: read once, one at a time.
        weigh: how rare words are; by default as they are in these items.
    """
    ids, codes, units, written, texts, names = *(_Strings() for _ in range(5)), _Names()
    id_keys, code_keys, code_rows = array("Q"), array("Q"), array("i")
    barcodes, barcode_rows = array("Q"), array("i")
    for row, item in enumerate(items):
        ids.add(item.id)
        codes.add(item.code)
        units.add(item.unit)
        written.add(" ".join("".join(barcode.split()) for barcode in item.barcodes))
        id_keys.append(hashed(item.id))
        code = code_key(item.code)
        if code:
            code_keys.append(hashed(code))
            code_rows.append(row)
        for number in dict.fromkeys(map(barcode_number, item.barcodes)):
            if number:
                barcodes.append(number)
                barcode_rows.append(row)
        for name in dict.fromkeys((item.name, *item.aliases)):
            texts.add(name)
            names.add(row, name)
    return {
        **ids.arrays("id"),
        **codes.arrays("code"),
        **units.arrays("unit"),
        **written.arrays("barcodes"),
        **texts.arrays("name"),
        **_lookup("id_key", id_keys, np.arange(len(id_keys), dtype=np.int32)),
        **_lookup("code_key", code_keys, np.array(code_rows, np.int32)),
        **_lookup("barcode", barcodes, np.array(barcode_rows, np.int32)),
        "doc_row": np.array(names.rows, np.int32),
        **_words(names, weigh or own_weights(len(names.rows))),
    }


def own_weights(names: int) -> Weigh:
    """Weigh words by how rare they are in these names."""

    def weigh(_: npt.NDArray[np.bytes_], frequency: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
        return rarity(frequency, names)

    return weigh


def rarity(frequency: npt.NDArray[np.int32], names: int) -> npt.NDArray[np.float32]:
    """Return the weight of words that so many of all names have (inverse document frequency)."""
    weights: npt.NDArray[np.float32] = np.log((names + 1.0) / (frequency + 0.5)).clip(0.1).astype(np.float32)
    return weights


def _lookup(name: str, keys: "array[int]", rows: npt.NDArray[np.int32]) -> dict[str, Array]:
    plain = np.array(keys, np.uint64)
    order = np.argsort(plain, kind="stable")
    return {f"{name}.keys": plain[order], f"{name}.rows": rows[order]}


def _words(names: _Names, weigh: Weigh) -> dict[str, Array]:
    vocabulary, place = _sorted(names.vocabulary)
    forward = place[np.frombuffer(names.words, np.int32)] if len(names.words) else np.empty(0, np.int32)
    ends = np.array(names.ends, np.int64)
    frequency = np.bincount(forward, minlength=vocabulary.size).astype(np.int32)
    weights = weigh(vocabulary, frequency)
    docs = np.repeat(np.arange(ends.size - 1, dtype=np.int32), np.diff(ends))
    order = np.argsort(forward, kind="stable")
    mass = np.bincount(docs, weights=weights[forward], minlength=ends.size - 1).astype(np.float32)
    return {
        "vocabulary": vocabulary,
        "frequency": frequency,
        "weight": weights,
        "forward.words": forward,
        "forward.ends": ends,
        "posting.docs": docs[order],
        "posting.ends": np.concatenate([[0], np.cumsum(frequency, dtype=np.int64)]),
        "mass": mass,
        **_approximate(vocabulary),
    }


def _sorted(vocabulary: dict[str, int]) -> tuple[npt.NDArray[np.bytes_], npt.NDArray[np.int32]]:
    """Return the sorted vocabulary, and where each word by order of appearance went.

    Words that are one in their first bytes share a place.
    """
    plain = np.array([word.encode()[:WIDTH] for word in vocabulary], f"S{WIDTH}")
    sorted_, place = np.unique(plain, return_inverse=True)
    return sorted_, place.astype(np.int32)


def _approximate(vocabulary: npt.NDArray[np.bytes_]) -> dict[str, Array]:
    """Return what finds words without knowing them exactly: by skeleton and by three-letter pieces."""
    found = [(number, word.decode("utf-8", "ignore")) for number, word in enumerate(vocabulary.tolist())]
    words = [(number, word) for number, word in found if word[:1].isalpha()]
    numbers = np.array([number for number, _ in words], np.int32)
    bones = np.array([skeleton(word).encode() for _, word in words], f"S{WIDTH}")
    order = np.argsort(bones, kind="stable")
    pieces = [(piece, number) for number, word in words for piece in trigrams(word)]
    keys = np.array([piece for piece, _ in pieces], np.uint32)
    owners = np.array([number for _, number in pieces], np.int32)
    by_piece = np.argsort(keys, kind="stable")
    return {
        "skeleton.keys": bones[order],
        "skeleton.words": numbers[order],
        "piece.keys": keys[by_piece],
        "piece.words": owners[by_piece],
    }


def trigrams(word: str) -> Iterator[int]:
    """Yield three-letter pieces of a word with its ends marked, each as a number."""
    marked = f"^{word}$".encode()
    return (marked[at] << 16 | marked[at + 1] << 8 | marked[at + 2] for at in range(len(marked) - 2))
