"""The outcome of a contract run, for people and for programs."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """What became of one standard test."""

    PASSED = "passed"
    FAILED = "failed"
    EXEMPT = "exempt"
    """It fails, for a reason its author has given."""
    LEFT_OUT = "left_out"
    """It could not run; the note says what it would need."""


@dataclass(frozen=True, slots=True)
class Check:
    """One standard test: its name, verdict, what was wrong, what to look at, and how long it took."""

    name: str
    verdict: Verdict
    note: str = ""
    help: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """All standard tests of one plugin."""

    plugin: str
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether the plugin keeps the contract."""
        return bool(self.checks) and not self.of(Verdict.FAILED)

    def of(self, verdict: Verdict) -> tuple[Check, ...]:
        """Return the checks with one verdict."""
        return tuple(check for check in self.checks if check.verdict is verdict)

    def names(self, verdict: Verdict) -> frozenset[str]:
        """Return the names of the checks with one verdict."""
        return frozenset(check.name for check in self.of(verdict))

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON data."""
        counts = {verdict.value: len(self.of(verdict)) for verdict in Verdict}
        checks = [asdict(check) | {"verdict": check.verdict.value} for check in self.checks]
        return {"plugin": self.plugin, "ok": self.ok, "counts": counts, "checks": checks}
