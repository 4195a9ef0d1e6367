"""Small ensembles of trees, evaluated with plain arrays.

Every level of a tree asks one question (oblivious trees), so a tree is a few comparisons and a table: the
answers, read as a binary number, are the place of the leaf.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]


class Forest:
    """Trees as constants; see ``constants.json``."""

    def __init__(self, constants: Mapping[str, Any]) -> None:
        """Take ``features``, ``borders`` (tree by level) and ``leaves`` (tree by leaf), and the ``bias``."""
        features = np.array(constants["features"], np.intp)
        self._trees, self._levels = features.shape
        self._features = features.T.ravel()
        self._borders = np.array(constants["borders"], np.float32).T.ravel()
        self._leaves = np.array(constants["leaves"], np.float64).ravel()
        self._firsts = np.arange(self._trees) * (1 << self._levels)
        self._places = (1 << np.arange(self._levels)).astype(np.float32)
        self._bias = float(constants["bias"])

    def score(self, rows: npt.NDArray[np.float32]) -> Values:
        """Return the score of each row of features."""
        answers = rows.take(self._features, axis=1) > self._borders
        answers = answers.reshape(len(rows), self._levels, self._trees)
        leaf = (self._places @ answers.astype(np.float32)).astype(np.intp) + self._firsts
        total: Values = self._leaves.take(leaf).sum(axis=1) + self._bias
        return total


class Calibration:
    """Turns a score into a probability, as measured (isotonic regression)."""

    def __init__(self, scores: Sequence[float], shares: Sequence[float]) -> None:
        """Take scores in rising order and the share that was right at each."""
        self._scores = np.array(scores, np.float64)
        self._shares = np.array(shares, np.float64)

    def probability(self, score: float) -> float:
        """Return the probability a score stands for."""
        return float(np.interp(score, self._scores, self._shares))
