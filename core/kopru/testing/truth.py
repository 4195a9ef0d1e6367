"""Ground truth of a simulator: what the remote really did, written before it answers."""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing the remote did: when (seconds since the epoch), what, and its particulars."""

    at: float
    kind: str
    data: Mapping[str, Any]


class Truth:
    """Append-only log of facts, in memory and optionally in a JSON-lines file."""

    def __init__(self, path: Path | None = None) -> None:
        """Take the file to append to, if any."""
        self._facts: list[Fact] = []
        self._lock = threading.Lock()
        self._file = path.open("a", encoding="utf-8") if path else None

    def note(self, kind: str, **data: Any) -> None:
        """Append one fact and flush it."""
        fact = Fact(time.time(), kind, data)
        with self._lock:
            self._facts.append(fact)
            if self._file:
                self._file.write(json.dumps({"at": fact.at, "kind": kind, **data}, default=str) + "\n")
                self._file.flush()

    def of(self, kind: str) -> list[Fact]:
        """Return the facts of one kind in order."""
        with self._lock:
            return [fact for fact in self._facts if fact.kind == kind]

    def __len__(self) -> int:
        return len(self._facts)

    def __iter__(self) -> Iterator[Fact]:
        with self._lock:
            return iter(tuple(self._facts))

    def close(self) -> None:
        """Close the file; later facts are kept in memory only."""
        with self._lock:
            if self._file:
                self._file.close()
                self._file = None


def read_facts(path: Path) -> Iterator[Fact]:
    """Yield the facts of a ground-truth file; a last line that was cut off is left out."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            try:
                data = json.loads(line)
            except ValueError:
                return
            yield Fact(data.pop("at"), data.pop("kind"), data)
