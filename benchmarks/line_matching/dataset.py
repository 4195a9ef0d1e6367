"""Practice lines from the data folder, and what the models see of them."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from adapter import fold_of, items_of
from corruptions import Mix, Names

from kopru.matching.compare import LineView
from kopru.matching.features import Matrix
from kopru.matching.gates import gates_of, left_out
from kopru.matching.index import Index, build
from kopru.matching.normalise import code_chars
from kopru.matching.parse import parse_line
from kopru.matching.ranking import Candidate, candidates, features, worthwhile
from kopru.matching.retrieval import LIMIT, Retriever

Row = dict[str, Any]


def read(path: Path) -> list[Row]:
    """Return the rows of a JSON-lines file."""
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@dataclass
class Sample:
    """A line with its candidates."""

    set: str
    text: str
    fold: int
    matrix: Matrix
    right: np.ndarray
    found: list[Candidate]
    """Those the matcher compares, the first of the matrix; the others only teach the ranking."""
    heaviest: float
    gated: list[bool] = field(default_factory=list)

    @property
    def answerable(self) -> bool:
        """Whether the right item is among the candidates the matcher compares."""
        return bool(self.right[: len(self.found)].any())


def sample(name: str, line: Row, retriever: Retriever, golds: dict[str, str]) -> Sample | None:
    """Return what the models see of a line; nothing when there are no candidates."""
    parsed = parse_line(line["text"], line.get("unit", ""))
    view = LineView(parsed, retriever.words(parsed), code_chars(line.get("seller_code", "")))
    every = candidates(retriever, view, LIMIT, hopeless=0.0)
    if not every:
        return None
    found = worthwhile(every)
    heaviest = retriever.index.heaviest
    codes = [each.found.shelf.segment.text("code", each.row) for each in every]
    family = golds[line["gold"][0]] if line["gold"] else line["text"]
    return Sample(
        set=name,
        text=line["text"],
        fold=fold_of(family),
        matrix=features(every, heaviest),
        right=np.array([code in line["gold"] for code in codes]),
        found=found,
        heaviest=heaviest,
        gated=[bool(gates_of(each.facts) | left_out(each.facts, heaviest)) for each in found],
    )


def samples(name: str, catalogue: Sequence[Row], lines: Sequence[Row]) -> list[Sample]:
    """Return the samples of a set."""
    retriever = Retriever(Index.of(build(items_of(catalogue))))
    golds = {row["code"]: row["name"] for row in catalogue}
    found = (sample(name, line, retriever, golds) for line in lines)
    return [each for each in found if each is not None]


def made(catalogue: Sequence[Row], mix: Mix, count: int, seed: int) -> tuple[list[Row], list[Row]]:
    """Return a catalogue with 13 % of the asked items taken out, and made lines with their answers."""
    rnd = random.Random(seed)
    names = [row["name"] for row in catalogue]
    guard = Names(names)
    chosen = rnd.sample(range(len(names)), min(count, len(names)))
    chosen = [number for number in chosen if guard.only(names[number].split(), number)]
    gone = {number for number in chosen if rnd.random() < 0.13}
    lines = []
    for number in chosen:
        line = mix.make(names[number], number, guard, rnd)
        gold = [] if number in gone else [catalogue[number]["code"]]
        lines.append({"text": line.text, "unit": line.unit, "seller_code": "", "barcode": "", "gold": gold})
    return [row for number, row in enumerate(catalogue) if number not in gone], lines
