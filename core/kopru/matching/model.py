"""The learned constants: two small models, a calibration and a threshold, with their version.

Made by ``benchmarks/line_matching/train.py``; no training data is in them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Self

from kopru.matching.features import CONFIDENCE, RANK
from kopru.matching.forest import Calibration, Forest

ALGORITHM = 2
"""Raised when parsing, retrieval or gates change what is suggested."""


@dataclass(frozen=True, slots=True)
class Model:
    """What the matcher learned."""

    rank: Forest
    confidence: Forest
    calibration: Calibration
    threshold: float
    """Least probability at which a line is resolved alone."""
    version: str

    @classmethod
    def of(cls, constants: Mapping[str, Any]) -> Self:
        """Take the constants as the file has them.

        Raises:
            ValueError: they were learned from other features.
        """
        if constants["rank_features"] != list(RANK) or constants["confidence_features"] != list(CONFIDENCE):
            raise ValueError("The constants were learned from other features; train again.")
        return cls(
            rank=Forest(constants["rank"]),
            confidence=Forest(constants["confidence"]),
            calibration=Calibration(constants["calibration"]["scores"], constants["calibration"]["shares"]),
            threshold=float(constants["threshold"]),
            version=f"{ALGORITHM}.{constants['version']}",
        )


@cache
def shipped() -> Model:
    """Return the model that comes with the package."""
    text = files("kopru.matching").joinpath("constants.json").read_text("utf-8")
    return Model.of(json.loads(text))
