"""Learns the constants of the line matcher and measures them out of fold.

    python benchmarks/line_matching/train.py --data FOLDER

Needs catboost (``pip install catboost``), which the product does not. FOLDER holds sets as the benchmark
reads them (``tr_pharma``, ``tr_market``, ``tr_synth``: ``catalog.jsonl`` and ``lines.jsonl``); see
docs/matching.md. Writes ``core/kopru/matching/constants.json`` and, for the benchmark's honest figures,
``folds.json`` beside this script: the same constants learned five times, each time without a fifth of the
product families.
"""

import argparse
import json
import math
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from adapter import FOLDS
from catboost import CatBoost, Pool
from corruptions import HELD_BACK, LEARNED
from dataset import Sample, made, read, samples

from kopru.matching.features import CONFIDENCE, RANK, confidence_row
from kopru.matching.forest import Forest
from kopru.matching.ranking import Ranking, ranked

SEED = 20
SETS = ("tr_pharma", "tr_market", "tr_synth")
MADE_LINES = {"tr_pharma": 1_500, "tr_market": 2_000, "tr_synth": 1_500}
HERE = Path(__file__).parent
CONSTANTS = HERE.parents[1] / "core" / "kopru" / "matching" / "constants.json"
VERSION = 2
LEARNED_FROM = 30
"""Candidates of a line that the ranking learns from, beside the right one."""

GOAL_WRONG = 0.001
"""Share of wrong lines among those resolved alone at which the threshold is set: well below the 0.25 %
promised."""

_UP = {"line_cover", "item_cover", "least_cover", "line_cover_exact", "item_cover_exact", "ahead_of_second"}
_UP |= {"rank_score", "models_shared", "line_numbers_cover", "item_numbers_cover", "weight_matched"}
_DOWN = {"line_known_left", "line_known_left_heaviest", "line_known_left_words", "item_left_heaviest"}
_DOWN |= {
    "numbers_differ",
    "sizes_differ",
    "packs_differ",
    "order_differs",
    "models_differ",
    "item_numbers_left",
}
_DOWN |= {
    "rivals_near",
    "rivals_far",
    "shortened_words",
    "mistyped_words",
    "line_unknown_left_words",
    "both_left",
}

_RANK_OPTIONS = {"loss_function": "QuerySoftMax", "iterations": 120, "depth": 6, "learning_rate": 0.12}
_SURE_OPTIONS = {"loss_function": "Logloss", "iterations": 150, "depth": 5, "learning_rate": 0.08}


@dataclass
class Winner:
    """The first candidate of a line, as the confidence model sees it."""

    sample: Sample
    row: list[float]
    right: bool
    gated: bool
    weight: float


def fitted(options: dict[str, Any], pool: Pool, constraints: Sequence[int] | None = None) -> dict[str, Any]:
    """Train one ensemble and return its constants."""
    more = {"monotone_constraints": list(constraints)} if constraints else {}
    model = CatBoost(
        {
            **options,
            **more,
            "random_seed": SEED,
            "thread_count": 1,
            "verbose": False,
            "l2_leaf_reg": 6,
            "border_count": 64,
            "allow_writing_files": False,
        }
    )
    model.fit(pool)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json")
        return exported(json.loads(path.read_text("utf-8")), options["depth"])


def exported(model: dict[str, Any], depth: int) -> dict[str, Any]:
    """Return the constants ``Forest`` takes out of a saved model; shallow trees are filled up."""
    scale, bias = model["scale_and_bias"]
    features, borders, leaves = [], [], []
    for tree in model["oblivious_trees"]:
        splits = tree["splits"] or []
        values = [round(scale * value, 5) for value in tree["leaf_values"]]
        missing = depth - len(splits)
        features.append([split["float_feature_index"] for split in splits] + [0] * missing)
        borders.append([round(split["border"], 5) for split in splits] + [1e9] * missing)
        leaves.append(values + [0.0] * (2**depth - len(values)))
    return {"features": features, "borders": borders, "leaves": leaves, "bias": round(bias[0], 5)}


def learn_ranks(training: Iterable[Sample]) -> dict[str, Any]:
    """Learn to put the right candidate first; candidates far down the list teach nothing."""
    chosen = [each for each in training if each.answerable]
    used = [each.right | (np.arange(each.right.size) < LEARNED_FROM) for each in chosen]
    groups = np.concatenate([np.full(part.sum(), number) for number, part in enumerate(used)])
    weights = np.concatenate(
        [np.full(part.sum(), _weight(each)) for each, part in zip(chosen, used, strict=True)]
    )
    pool = Pool(
        np.concatenate([each.matrix[part] for each, part in zip(chosen, used, strict=True)]),
        np.concatenate([each.right[part] for each, part in zip(chosen, used, strict=True)]).astype(float),
        group_id=groups,
        group_weight=weights,
    )
    return fitted(_RANK_OPTIONS, pool)


def _weight(each: Sample) -> float:
    return 3.0 if each.set == "tr_market" else 1.0


def winners(each: Sample, forest: Forest) -> list[Winner]:
    """Return the line's winner and, where it has the right item, the winner of a catalogue without it."""
    found = [_winner(each, ranked(each.found, forest, each.heaviest), 1.0 if not each.answerable else 0.85)]
    rights = each.right[: len(each.found)]
    if each.answerable and not all(rights):
        left = [one for one, right in zip(each.found, rights, strict=True) if not right]
        found.append(_winner(each, ranked(left, forest, each.heaviest), 0.15, missing=True))
    return found


def _winner(each: Sample, ranking: Ranking, weight: float, *, missing: bool = False) -> Winner:
    place = next(at for at, one in enumerate(each.found) if one is ranking.best)
    row = confidence_row(ranking.rows, ranking.scores, ranking.order, ranking.best.facts)
    return Winner(
        each, row, bool(each.right[place]) and not missing, each.gated[place], weight * _weight(each)
    )


def learn_confidence(training: Sequence[Winner]) -> dict[str, Any]:
    """Learn how sure a winner is."""
    constraints = [1 if name in _UP else -1 if name in _DOWN else 0 for name in CONFIDENCE]
    pool = Pool(
        np.array([each.row for each in training], np.float32),
        [float(each.right) for each in training],
        weight=[each.weight * (1.0 if each.gated else 2.0) for each in training],
    )
    return fitted(_SURE_OPTIONS, pool, constraints)


def calibrated(scores: np.ndarray, rights: np.ndarray, weights: np.ndarray) -> dict[str, list[float]]:
    """Return the isotonic regression of right on score (pool adjacent violators), at most 60 steps."""
    order = np.argsort(scores)
    blocks: list[list[float]] = []
    for score, right, weight in zip(scores[order], rights[order], weights[order], strict=True):
        blocks.append([float(right * weight), float(weight), float(score), float(score)])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] >= blocks[-1][0] / blocks[-1][1]:
            last = blocks.pop()
            blocks[-1] = [blocks[-1][0] + last[0], blocks[-1][1] + last[1], blocks[-1][2], last[3]]
    points = []
    for right, weight, low, high in blocks:
        share = (right + 0.3) / (weight + 0.6)
        points += [(low, share)] if low == high else [(low, share), (high, share)]
    points = [(round(score, 4), round(share, 5)) for score, share in points]
    kept = [*points[:: max(1, len(points) // 60)], points[-1]]
    shares = np.maximum.accumulate([share for _, share in kept])
    return {"scores": [score for score, _ in kept], "shares": [round(float(share), 5) for share in shares]}


def threshold(scores: np.ndarray, rights: np.ndarray) -> float:
    """Return the least score above which the goal holds, over lines no gate holds back."""
    order = np.argsort(-scores)
    wrong = np.cumsum(~rights[order])
    share = (wrong + 0.5) / (np.arange(order.size) + 1)
    able = np.flatnonzero(share <= GOAL_WRONG)
    return float(scores[order][able[-1]]) if able.size else float(scores.max())


def lower_bound(right: int, total: int) -> float:
    """Return the one-sided 95 % Clopper-Pearson bound of a share."""
    if not total or not right:
        return 0.0
    if right == total:
        return float(0.05 ** (1 / total))
    low, high = 0.0, right / total
    logs = [
        math.lgamma(total + 1) - math.lgamma(n + 1) - math.lgamma(total - n + 1)
        for n in range(right, total + 1)
    ]
    for _ in range(60):
        p = (low + high) / 2
        tail = sum(
            math.exp(c + n * math.log(p) + (total - n) * math.log1p(-p)) for n, c in enumerate(logs, right)
        )
        low, high = (p, high) if tail < 0.05 else (low, p)
    return low


def report(name: str, chosen: Sequence[Winner], autos: Sequence[bool]) -> None:
    """Print one set's figures."""
    answerable = sum(each.sample.answerable for each in chosen)
    top = sum(each.right for each in chosen)
    resolved = [each for each, auto in zip(chosen, autos, strict=True) if auto]
    wrong = [each for each in resolved if not each.right]
    good = len(resolved) - len(wrong)
    print(
        f"{name:20} top-1 {top / max(1, answerable):.4f}  alone {len(resolved):5} of {len(chosen):5}"
        f" = {len(resolved) / len(chosen):.3f} (of answerable {len(resolved) / max(1, answerable):.3f})"
        f"  wrong {len(wrong)}  low95 {lower_bound(good, len(resolved)):.4f}",
        flush=True,
    )
    for each in wrong[:4]:
        print("      ", each.sample.text)


def main() -> None:
    """Train, measure, write."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--dry", action="store_true", help="measure only, write nothing")
    given = options.parse_args()
    everything, unseen = gather(given.data)
    folds = learn_folds(everything)
    constants, fold_constants = conclude(everything, unseen, folds)
    if not given.dry:
        CONSTANTS.write_text(compact(constants), "utf-8")
        (HERE / "folds.json").write_text(compact({"folds": fold_constants}), "utf-8")


def compact(constants: dict[str, Any]) -> str:
    """Return JSON with one tree a line, so that a change can be read."""
    return json.dumps(constants, indent=None, separators=(",", ":")).replace("]],", "]],\n") + "\n"


def gather(data: Path) -> tuple[list[Sample], list[Sample]]:
    """Return the samples to learn from, and those of the mix that is held back."""
    everything: list[Sample] = []
    unseen: list[Sample] = []
    for name in SETS:
        catalogue = read(data / name / "catalog.jsonl")
        everything += samples(name, catalogue, read(data / name / "lines.jsonl"))
        learned = made(catalogue, LEARNED, MADE_LINES[name], SEED)
        held = made(catalogue, HELD_BACK, MADE_LINES[name], SEED + 1)
        everything += samples(f"learned {name}", *learned)
        unseen += samples(f"held {name}", *held)
        print(name, len(everything), len(unseen), flush=True)
    return everything, unseen


@dataclass
class FoldModels:
    """What was learned without one fold."""

    rank: dict[str, Any]
    sure: dict[str, Any]


def learn_folds(everything: Sequence[Sample]) -> list[FoldModels]:
    """Learn both models once without each fold."""
    ranks = [learn_ranks(each for each in everything if each.fold != fold) for fold in range(FOLDS)]
    forests = [Forest(rank) for rank in ranks]
    seen = [winner for each in everything for winner in winners(each, forests[each.fold])]
    return [
        FoldModels(ranks[fold], learn_confidence([each for each in seen if each.sample.fold != fold]))
        for fold in range(FOLDS)
    ]


def conclude(
    everything: Sequence[Sample], unseen: Sequence[Sample], folds: Sequence[FoldModels]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Measure out of fold, learn the final models, and return all constants."""
    ranks, sures = [Forest(each.rank) for each in folds], [Forest(each.sure) for each in folds]
    pairs = [winner for each in everything for winner in winners(each, ranks[each.fold])]
    held = [winners(each, ranks[each.fold])[0] for each in unseen]

    def scored(chosen: Sequence[Winner]) -> np.ndarray:
        return np.array(
            [float(sures[each.sample.fold].score(np.array([each.row], np.float32))[0]) for each in chosen]
        )

    scores = scored(pairs)
    rights = np.array([each.right for each in pairs])
    weights = np.array([each.weight for each in pairs])
    whole = np.array([each.weight >= 0.8 for each in pairs])
    open_ = np.array([not each.gated for each in pairs]) & whole
    of_fold = np.array([each.sample.fold for each in pairs])
    limits = [
        threshold(scores[open_ & (of_fold != fold)], rights[open_ & (of_fold != fold)])
        for fold in range(FOLDS)
    ]
    print("thresholds", limits)
    autos = open_ & (scores >= np.array(limits)[of_fold])
    names = list(dict.fromkeys(each.sample.set for each in pairs))
    for name in names:
        part = [at for at, each in enumerate(pairs) if each.sample.set == name and whole[at]]
        report(name, [pairs[at] for at in part], autos[part].tolist())
    part = [at for at, each in enumerate(pairs) if each.sample.set in SETS and whole[at]]
    report("pooled", [pairs[at] for at in part], autos[part].tolist())
    held_scores = scored(held)
    held_autos = np.array([not each.gated for each in held]) & (
        held_scores >= np.array(limits)[[each.sample.fold for each in held]]
    )
    for name in dict.fromkeys(each.sample.set for each in held):
        part = [at for at, each in enumerate(held) if each.sample.set == name]
        report(name, [held[at] for at in part], held_autos[part].tolist())
    parts = []
    for fold in range(FOLDS):
        other = of_fold != fold
        calibration = calibrated(scores[other], rights[other], weights[other])
        parts.append(_constants(folds[fold].rank, folds[fold].sure, calibration, limits[fold]))
    rank = learn_ranks(everything)
    sure = learn_confidence(pairs)
    final = _constants(
        rank, sure, calibrated(scores, rights, weights), threshold(scores[open_], rights[open_])
    )
    return final, parts


def _share_from(limit: float, calibration: dict[str, list[float]]) -> float:
    """Return the least share that no score below the limit is given; a step may begin below it."""
    scores, shares = calibration["scores"], calibration["shares"]
    least = float(np.interp(limit, scores, shares))
    step = [score for score, share in zip(scores, shares, strict=True) if share == least]
    if step and step[0] < limit:
        return next((share for share in shares if share > least), least)
    return least


def _constants(
    rank: dict[str, Any], sure: dict[str, Any], calibration: dict[str, list[float]], limit: float
) -> dict[str, Any]:
    return {
        "version": VERSION,
        "seed": SEED,
        "rank_features": list(RANK),
        "confidence_features": list(CONFIDENCE),
        "rank": rank,
        "confidence": sure,
        "calibration": calibration,
        "threshold": round(_share_from(round(limit, 4), calibration), 5),
        "threshold_score": round(limit, 4),
    }


if __name__ == "__main__":
    main()
