"""The candidates of a line, compared word by word and put in order."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from kopru.matching.compare import Facts, LineView, compare
from kopru.matching.features import Matrix, rank_row
from kopru.matching.forest import Forest, Values
from kopru.matching.retrieval import Found, Retriever

_HOPELESS = 0.6
"""Share of the best candidate's common weight below which a candidate is not compared."""

_FEWEST = 8


class Candidate(NamedTuple):
    """A name worth a closer look, compared with the line."""

    found: Found
    row: int
    facts: Facts


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates, their features and scores, and their places best first; one name per item."""

    candidates: list[Candidate]
    rows: Matrix
    scores: Values
    order: list[int]

    @property
    def best(self) -> Candidate:
        """The first candidate."""
        return self.candidates[self.order[0]]


def candidates(
    retriever: Retriever, line: LineView, limit: int, hopeless: float = _HOPELESS
) -> list[Candidate]:
    """Find the names that may be meant and compare each with the line, the hopeless ones aside."""
    found = retriever.search(line.parsed, line.words, limit)
    least = hopeless * found[0].score if found else 0.0
    return [
        Candidate(each, int(each.shelf.segment.doc_rows[each.doc]), compare(line, each.shelf.view(each.doc)))
        for place, each in enumerate(found)
        if place < _FEWEST or each.score >= least
    ]


def worthwhile(found: list[Candidate]) -> list[Candidate]:
    """Return those of all candidates that are not hopeless."""
    least = _HOPELESS * found[0].found.score if found else 0.0
    return [each for place, each in enumerate(found) if place < _FEWEST or each.found.score >= least]


def features(found: list[Candidate], heaviest: float) -> Matrix:
    """Return the features of candidates, row by row."""
    best = max(each.found.score for each in found)
    rows = [rank_row(each.facts, each.found.score, best, heaviest) for each in found]
    return np.array(rows, np.float32)


def ranked(found: list[Candidate], forest: Forest, heaviest: float) -> Ranking:
    """Put candidates in order, keeping the best name of each item."""
    rows = features(found, heaviest)
    scores = forest.score(rows)
    order: list[int] = np.argsort(-scores, kind="stable").tolist()
    seen: set[tuple[int, int]] = set()
    kept = []
    for place in order:
        item = (id(found[place].found.shelf), found[place].row)
        if item not in seen:
            seen.add(item)
            kept.append(place)
    if len(kept) == len(found):
        return Ranking(found, rows, scores, kept)
    chosen = [found[place] for place in kept]
    return Ranking(chosen, rows[kept], scores[kept], list(range(len(kept))))
