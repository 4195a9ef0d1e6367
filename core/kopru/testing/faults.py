"""Faults a simulator can be told to show, chosen by request and by seed."""

import json
import random
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any


class FaultKind(StrEnum):
    """What goes wrong.

    ``latency``: the answer comes ``seconds`` late. ``drop_before``: the connection closes, nothing was done.
    ``drop_after``: everything was done, the answer is lost. ``late_commit``: the connection closes at once
    and the work is done ``seconds`` later. ``status``: an error status instead of doing anything, with
    ``Retry-After: seconds`` when ``seconds`` is set, and with ``body``. ``malformed``: done, but the body is
    cut and garbled. ``twisted``: done, but every value of the JSON body has another type. ``replaced``: done,
    but the body is ``body``. ``slow_drip``: the body arrives byte by byte over ``seconds``. ``duplicate``: a
    read is answered with the last answer that path gave, as a page shown twice. ``shift``: the world moves on
    right before the answer (``Simulator.shift``), so that pages shift.
    """

    LATENCY = "latency"
    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    LATE_COMMIT = "late_commit"
    STATUS = "status"
    MALFORMED = "malformed"
    TWISTED = "twisted"
    REPLACED = "replaced"
    SLOW_DRIP = "slow_drip"
    DUPLICATE = "duplicate"
    SHIFT = "shift"


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule: what happens to requests that match, how often, with which probability."""

    kind: FaultKind
    method: str = "*"
    path: str = ".*"
    times: int | None = None
    """How often it strikes at most; ``None`` is without end."""
    probability: float = 1.0
    seconds: float | None = None
    status: int = 503
    skip: int = 0
    """How many matching requests pass before the first is struck."""
    body: str = ""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Fault":
        """Build a fault from JSON data, as the control address receives it.

        Raises:
            ValueError: the kind is unknown, a field is unknown or the path is no regular expression.
        """
        try:
            fault = cls(**{**data, "kind": FaultKind(data["kind"])})
            re.compile(fault.path)
        except (KeyError, TypeError, re.error) as error:
            raise ValueError(f"not a fault: {error}") from error
        return fault


@dataclass(slots=True)
class _Rule:
    fault: Fault
    left: int | None
    skip: int


class FaultPlan:
    """The faults in force. Thread-safe; the same seed and requests give the same faults."""

    def __init__(self, seed: int = 0) -> None:
        """Take the seed of the dice."""
        self._dice = random.Random(seed)
        self._lock = threading.Lock()
        self._rules: list[_Rule] = []
        self.struck: dict[FaultKind, int] = {}
        """How often each kind has struck so far."""

    def add(self, *faults: Fault) -> None:
        """Put faults in force."""
        with self._lock:
            self._rules += [_Rule(fault, fault.times, fault.skip) for fault in faults]

    def clear(self) -> None:
        """Take all faults out of force."""
        with self._lock:
            self._rules.clear()

    def knows(self, kind: FaultKind) -> bool:
        """Whether a fault of a kind is in force."""
        return any(rule.fault.kind is kind for rule in self._rules)

    def strike(self, method: str, path: str) -> Fault | None:
        """Return the fault that hits this request, if any, and count it."""
        if not self._rules:
            return None
        with self._lock:
            for rule in self._rules:
                if self._hits(rule, method, path):
                    self.struck[rule.fault.kind] = self.struck.get(rule.fault.kind, 0) + 1
                    return rule.fault
        return None

    def _hits(self, rule: _Rule, method: str, path: str) -> bool:
        if rule.left == 0 or not _matches(rule.fault, method, path):
            return False
        if rule.skip:
            rule.skip -= 1
            return False
        if rule.fault.probability < 1 and self._dice.random() >= rule.fault.probability:
            return False
        if rule.left is not None:
            rule.left -= 1
        return True


def twisted(body: bytes) -> bytes:
    """Return a JSON body of the same shape in which every value has another type; others as they are."""
    try:
        data = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return body
    return json.dumps(_twist(data), ensure_ascii=False).encode()


def _twist(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _twist(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_twist(each) for each in value]
    if isinstance(value, str):
        return {"value": 7}
    if value is None:
        return []
    return "?"


@lru_cache(maxsize=256)
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(path)


def _matches(fault: Fault, method: str, path: str) -> bool:
    return fault.method in ("*", method) and _pattern(fault.path).search(path) is not None
