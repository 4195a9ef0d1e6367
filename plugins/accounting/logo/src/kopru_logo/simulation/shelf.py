"""Records of one kind, found by reference, by position and by the fields that are indexed."""

import heapq
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Body = dict[str, Any]


@dataclass(slots=True)
class Entry:
    """One record and the time it was committed at (``time.time()``); zero for what was always there."""

    body: Body
    committed_at: float


class Shelf:
    """Records in the order of their references, which only rise."""

    def __init__(self, *indexed: str) -> None:
        """Take the names of the fields that are looked up often."""
        self._refs: list[int] = []
        self._entries: dict[int, Entry] = {}
        self._indexes: dict[str, dict[str, list[int]]] = {name: {} for name in indexed}
        self._next = 1

    def __len__(self) -> int:
        return len(self._refs)

    def add(self, body: Body, committed_at: float = 0.0) -> int:
        """Keep a record under the next reference and return it."""
        ref = self._next
        self._next += 1
        body["INTERNAL_REFERENCE"] = ref
        self._refs.append(ref)
        self._entries[ref] = Entry(body, committed_at)
        for name, index in self._indexes.items():
            index.setdefault(_key(body.get(name)), []).append(ref)
        return ref

    def put(self, ref: int, body: Body) -> None:
        """Replace a record."""
        entry = self._entries[ref]
        for name, index in self._indexes.items():
            index[_key(entry.body.get(name))].remove(ref)
            insort(index.setdefault(_key(body.get(name)), []), ref)
        entry.body = body

    def remove(self, ref: int) -> None:
        """Forget a record."""
        body = self._entries.pop(ref).body
        del self._refs[bisect_left(self._refs, ref)]
        for name, index in self._indexes.items():
            index[_key(body.get(name))].remove(ref)

    def get(self, ref: int) -> Entry | None:
        """Return a record's entry."""
        return self._entries.get(ref)

    def has_index(self, name: str) -> bool:
        """Whether a field can be looked up without reading every record."""
        return name in self._indexes

    def find(self, name: str, value: Any) -> list[Entry]:
        """Return the records with a value in an indexed field; letter case does not count."""
        return [self._entries[ref] for ref in self._indexes[name].get(_key(value), ())]

    def after(self, ref: int, keep: Callable[[Entry], bool], top: int) -> list[Entry]:
        """Return the next records behind a reference that may be seen."""
        return _first(map(self._entries.__getitem__, self._from(ref)), keep, top)

    def among(
        self, name: str, values: Iterable[str], ref: int, keep: Callable[[Entry], bool], top: int
    ) -> list[Entry]:
        """Return the next records behind a reference whose indexed field has one of some values."""
        index = self._indexes[name]
        parts = [
            index[value][bisect_right(index[value], ref) :] for value in map(_key, values) if value in index
        ]
        return _first(map(self._entries.__getitem__, heapq.merge(*parts)), keep, top)

    def part(self, offset: int, limit: int, keep: Callable[[Entry], bool]) -> list[Entry]:
        """Return the records from a position on that may be seen."""
        return [e for e in map(self._entries.__getitem__, self._refs[offset : offset + limit]) if keep(e)]

    def __iter__(self) -> Iterator[Entry]:
        return iter([self._entries[ref] for ref in self._refs])

    def _from(self, ref: int) -> Iterator[int]:
        for place in range(bisect_right(self._refs, ref), len(self._refs)):
            yield self._refs[place]


def _first(entries: Iterable[Entry], keep: Callable[[Entry], bool], top: int) -> list[Entry]:
    found: list[Entry] = []
    for entry in entries:
        if len(found) >= top:
            break
        if keep(entry):
            found.append(entry)
    return found


def _key(value: Any) -> str:
    return str(value or "").strip().upper()
