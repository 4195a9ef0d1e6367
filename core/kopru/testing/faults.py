"""Faults a simulator can be told to show, chosen by request and by seed."""

import random
import re
import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class FaultKind(StrEnum):
    """What goes wrong.

    ``latency``: the answer comes ``seconds`` late. ``drop_before``: the connection closes, nothing was done.
    ``drop_after``: everything was done, the answer is lost. ``late_commit``: the connection closes at once
    and the work is done ``seconds`` later. ``status``: an error status instead of doing anything, with
    ``Retry-After: seconds`` when ``seconds`` is set. ``malformed``: done, but the body is cut and garbled.
    ``slow_drip``: the body arrives byte by byte over ``seconds``.
    """

    LATENCY = "latency"
    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    LATE_COMMIT = "late_commit"
    STATUS = "status"
    MALFORMED = "malformed"
    SLOW_DRIP = "slow_drip"


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

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Fault":
        """Build a fault from JSON data, as the control address receives it."""
        return cls(**{**data, "kind": FaultKind(data["kind"])})


class FaultPlan:
    """The faults in force. Thread-safe; the same seed and requests give the same faults."""

    def __init__(self, seed: int = 0) -> None:
        """Take the seed of the dice."""
        self._dice = random.Random(seed)
        self._lock = threading.Lock()
        self._rules: list[tuple[Fault, list[int]]] = []
        self.struck: dict[FaultKind, int] = {}

    def add(self, *faults: Fault) -> None:
        """Put faults in force."""
        with self._lock:
            self._rules += [(fault, [fault.times if fault.times is not None else -1]) for fault in faults]

    def clear(self) -> None:
        """Take all faults out of force."""
        with self._lock:
            self._rules.clear()

    def strike(self, method: str, path: str) -> Fault | None:
        """Return the fault that hits this request, if any, and count it."""
        with self._lock:
            for fault, left in self._rules:
                if left[0] == 0 or not _matches(fault, method, path):
                    continue
                if fault.probability < 1 and self._dice.random() >= fault.probability:
                    continue
                left[0] -= 1
                self.struck[fault.kind] = self.struck.get(fault.kind, 0) + 1
                return fault
        return None


def _matches(fault: Fault, method: str, path: str) -> bool:
    return fault.method in ("*", method) and re.search(fault.path, path) is not None
