"""The matcher as the scorer and the benchmark call it: ``adapter:build`` and, out of fold,
``adapter:build_folds``.

Both use the public interface alone.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from kopru.matching.api import CatalogueItem, Line, State, Verdict
from kopru.matching.index import Index
from kopru.matching.index import build as build_index
from kopru.matching.matcher import Matcher
from kopru.matching.model import Model
from kopru.matching.normalise import fold

FOLDS = 5
Row = Mapping[str, Any]
Answer = list[tuple[str, float, bool]]


def items_of(catalogue: Iterable[Row]) -> Iterator[CatalogueItem]:
    """Yield the items of a catalogue's rows."""
    for row in catalogue:
        barcodes = (row["barcode"],) if row.get("barcode") else ()
        yield CatalogueItem(row["code"], row["code"], row["name"], barcodes, unit=row.get("unit", ""))


def line_of(row: Row) -> Line:
    """Return a line's row as the matcher takes it."""
    return Line(
        id=str(row.get("id", "")),
        text=row["text"],
        seller_code=row.get("seller_code", ""),
        barcode=row.get("barcode", ""),
        unit=row.get("unit", ""),
    )


def fold_of(text: str) -> int:
    """Return the fold of a product family, by its first word: a family is learned from or tested, never
    both."""
    first = next((word for word in fold(text).split() if word[:1].isalpha()), "")
    return blake2b(first[:6].encode(), digest_size=4).digest()[0] % FOLDS


class Scored:
    """The shipped matcher over one catalogue."""

    def __init__(self, catalogue: Sequence[Row]) -> None:
        self._matcher = Matcher(Index.of(build_index(items_of(catalogue))))

    def suggest(self, lines: Sequence[Row], limit: int) -> list[Answer]:
        """Return (item code, score, resolved alone) per line, best first."""
        return [_answer(each) for each in self._matcher.match(map(line_of, lines), limit=limit)]


class ScoredByFold:
    """Five matchers, each learned without the product families it is asked about."""

    def __init__(self, catalogue: Sequence[Row], families: Mapping[str, str]) -> None:
        """Take the catalogue, and per line id the name or text that tells its family."""
        index = Index.of(build_index(items_of(catalogue)))
        self._matchers = [Matcher(index, model) for model in fold_models()]
        self._families = families

    def suggest(self, lines: Sequence[Row], limit: int) -> list[Answer]:
        """Return (item code, score, resolved alone) per line, best first."""
        found = []
        for line in lines:
            matcher = self._matchers[fold_of(self._families.get(line["id"], line["text"]))]
            found.append(_answer(matcher.match([line_of(line)], limit=limit)[0]))
        return found


@cache
def fold_models() -> tuple[Model, ...]:
    """Return the constants learned without one fold each."""
    text = (Path(__file__).parent / "folds.json").read_text("utf-8")
    return tuple(Model.of(constants) for constants in json.loads(text)["folds"])


def _answer(verdict: Verdict) -> Answer:
    resolved = verdict.state is State.RESOLVED
    return [
        (each.item_code, each.score, resolved and place == 0)
        for place, each in enumerate(verdict.suggestions)
    ]


def build(catalogue: Sequence[Row]) -> Scored:
    """Entry of the scorer."""
    return Scored(catalogue)
