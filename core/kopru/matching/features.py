"""The numbers both models see. Their order is part of the learned constants: append, never reorder."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from kopru.matching.compare import Facts
from kopru.matching.likeness import Kind
from kopru.matching.strengths import weighs_as
from kopru.matching.units import COUNT

Matrix = npt.NDArray[np.float32]

RANK = (
    "retrieval",
    "retrieval_behind_best",
    "line_cover",
    "item_cover",
    "least_cover",
    "line_cover_exact",
    "item_cover_exact",
    "line_known_left",
    "line_known_left_heaviest",
    "line_known_left_words",
    "line_unknown_left_words",
    "item_left",
    "item_left_heaviest",
    "item_left_words",
    "both_left",
    "item_first",
    "line_first",
    "shortened_words",
    "mistyped_words",
    "numbers_shared",
    "line_numbers_left",
    "item_numbers_left",
    "numbers_differ",
    "sizes_differ",
    "packs_differ",
    "units_differ",
    "order_differs",
    "strays",
    "line_numbers_cover",
    "item_numbers_cover",
    "models_shared",
    "line_models_left",
    "item_models_left",
    "models_differ",
    "seller_code",
    "by_case",
    "variants_differ",
)
"""Features of one candidate."""

CONFIDENCE = (
    *RANK,
    "rank_score",
    "ahead_of_second",
    "rivals_near",
    "rivals_far",
    "second_least_cover",
    "second_differs",
    "second_item_left",
    "second_numbers_left",
    "candidates_same_cover",
    "line_words",
    "line_numbers",
    "line_weight",
    "item_words",
    "weight_matched",
    "rivals_unstated",
)
"""Features of the winner among its rivals."""

_NEAR, _FAR = 1.0, 3.0
_PLACE = {name: place for place, name in enumerate(RANK)}


def rank_row(facts: Facts, retrieval: float, best: float, heaviest: float) -> list[float]:
    """Return the features of one candidate; see ``RANK``.

    Args:
        facts: line against name.
        retrieval: the candidate's share of common weight.
        best: the largest such share among the candidates.
        heaviest: weight of the rarest words of the catalogue.
    """
    line_cover = line_exact = known_left = known_heaviest = 0.0
    known_words = unknown_words = shortened = mistyped = 0
    for (_, _, _, known, weight), (degree, kind) in zip(facts.line.words, facts.line_words, strict=True):
        if degree:
            line_cover += weight * degree
            if kind <= Kind.INFLECTED:
                line_exact += weight
            elif kind is Kind.SHORTENED:
                shortened += 1
            else:
                mistyped += 1
        elif known:
            known_left += weight
            known_words += 1
            known_heaviest = max(known_heaviest, weight)
        else:
            unknown_words += 1
    item_cover = item_exact = item_heaviest = 0.0
    item_left_words = 0
    for weight, (degree, kind) in zip(facts.item.weights, facts.item_words, strict=True):
        if degree:
            item_cover += weight * degree
            if kind <= Kind.INFLECTED:
                item_exact += weight
        else:
            item_left_words += 1
            item_heaviest = max(item_heaviest, weight)
    line_total, item_total = facts.line.total or 1.0, facts.item.total or 1.0
    item_left = item_total - item_cover
    return [
        retrieval,
        best - retrieval,
        line_cover / line_total,
        item_cover / item_total,
        min(line_cover / line_total, item_cover / item_total),
        line_exact / line_total,
        item_exact / item_total,
        known_left / heaviest,
        known_heaviest / heaviest,
        known_words,
        unknown_words,
        item_left / heaviest,
        item_heaviest / heaviest,
        item_left_words,
        min(known_words + unknown_words, item_left_words),
        facts.item_words[0].degree if facts.item_words else 0.0,
        facts.line_words[0].degree if facts.line_words else 0.0,
        shortened,
        mistyped,
        *_number_row(facts),
        len(facts.models),
        len(facts.line_models),
        len(facts.item_models),
        min(len(facts.line_models), len(facts.item_models)),
        float(facts.seller_code),
        float(facts.line.parsed.case is not None),
        facts.variants,
    ]


_NO_NUMBERS = (0, 0, 0, 0, 0, 0, 0, 0.0, 0, 1.0, 1.0)


def _number_row(facts: Facts) -> tuple[float, ...]:
    ours, theirs = facts.line.parsed.numbers, facts.item.parsed.numbers
    if not ours and not theirs:
        return _NO_NUMBERS
    line_left, item_left = facts.line_numbers, facts.item_numbers
    if not line_left and not item_left:
        return (len(facts.shared), 0, 0, 0, 0, 0, 0, float(facts.order_differs), 0, 1.0, 1.0)
    strays = sum(number.kind == "long" for number in line_left)
    line_counts = sum(number.kind == COUNT for number in line_left)
    item_counts = sum(number.kind == COUNT for number in item_left)
    line_sizes, item_sizes = len(line_left) - strays - line_counts, len(item_left) - item_counts
    left = line_sizes + line_counts
    alike = sum(weighs_as(number, item_left) for number in line_left) if facts.unit_differs else 0
    line_all = len(ours) - strays
    return (
        len(facts.shared),
        left,
        len(item_left),
        max(0, min(left, len(item_left)) - alike),
        max(0, min(line_sizes, item_sizes) - alike),
        min(line_counts, item_counts),
        facts.unit_differs,
        float(facts.order_differs),
        strays,
        (line_all - left) / line_all if line_all else 1.0,
        (len(theirs) - len(item_left)) / len(theirs) if theirs else 1.0,
    )


def confidence_row(
    rows: Matrix, scores: npt.NDArray[np.float64], order: Sequence[int], facts: Facts
) -> list[float]:
    """Return the features of the winner; see ``CONFIDENCE``.

    Args:
        rows: features of all candidates, at most one name per item.
        scores: their rank scores.
        order: their places, best first.
        facts: the winner's.
    """
    first = order[0]
    own = rows[first]
    gaps = scores[first] - scores[list(order[1:])]
    if len(order) > 1:
        rival = rows[order[1]]
        second = [float(rival[_PLACE[name]]) for name in ("least_cover", "numbers_differ", "item_left")]
        second.append(float(rival[_PLACE["line_numbers_left"]] + rival[_PLACE["item_numbers_left"]]))
    else:
        second = [0.0, 3.0, 5.0, 6.0]
    cover = _PLACE["least_cover"]
    return [
        *own.tolist(),
        float(scores[first]),
        float(gaps[0]) if gaps.size else 12.0,
        int((gaps < _NEAR).sum()),
        int((gaps < _FAR).sum()),
        *second,
        int((rows[:, cover] >= own[cover] - 0.02).sum()) - 1,
        len(facts.line.words),
        len(facts.line.parsed.numbers) + len(facts.line.parsed.models),
        facts.line.total,
        len(facts.item.words),
        float(own[_PLACE["line_cover"]]) * facts.line.total,
        _unstated(rows, own),
    ]


def _unstated(rows: Matrix, own: npt.NDArray[np.float32]) -> int:
    """Return how many rivals say all that the winner says and differ in what the line leaves open."""
    line, item = _PLACE["line_cover"], _PLACE["item_cover"]
    alike = (rows[:, line] >= own[line] - 0.02) & (rows[:, item] >= own[item] - 0.1)
    for name in ("line_numbers_left", "line_models_left", "packs_differ", "order_differs"):
        alike &= rows[:, _PLACE[name]] <= own[_PLACE[name]]
    return int(alike.sum()) - 1
