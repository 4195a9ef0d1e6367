"""Cold and warm start of ``./run demo``, the import time of each plugin, and the time to try them.

python benchmarks/startup.py            # imports only, seconds
python benchmarks/startup.py --demo     # also a fresh clone, some minutes
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from machine import describe, print_table

from kopru.registry import Limits, Memory, Prober

ROOT = Path(__file__).parents[1]
RUNS = 7
_IMPORT = "import time, kopru.sdk; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", action="store_true")
    arguments = parser.parse_args()
    figures = imports()
    if arguments.demo:
        figures |= demo_starts()
    describe()
    print_table(figures)


def imports() -> dict[str, str]:
    """Return how long each plugin takes to import on top of ``kopru.sdk``, median of some fresh processes."""
    points = sorted(entry_points(group="kopru.plugins"), key=lambda point: point.name)
    figures = {f"import {point.name}, median of {RUNS}": import_time(point) for point in points}
    return figures | probes()


def import_time(point: EntryPoint) -> str:
    """Return how long one plugin takes to import on top of ``kopru.sdk``, median of some fresh processes."""
    code = _IMPORT.format(module=point.module)
    times = [float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(RUNS)]
    return f"{statistics.median(times) * 1000:.0f} ms"


def probes() -> dict[str, str]:
    """Return what trying all plugins takes the first time, and what it takes when nothing changed."""
    points = tuple(entry_points(group="kopru.plugins"))
    with tempfile.TemporaryDirectory() as folder:
        prober = Prober(Memory(Path(folder)), Limits(seconds=20, memory=1 << 30))
        first, *again = [_seconds(lambda: prober(points)) for _ in range(1 + RUNS)]
    trying = f"try {len(points)} plugins"
    return {
        f"{trying}, first time": f"{first * 1000:.0f} ms",
        f"{trying}, unchanged, median of {RUNS}": f"{statistics.median(again) * 1000:.1f} ms",
    }


def demo_starts() -> dict[str, str]:
    """Return how long ``./run demo --orders 3`` takes in a fresh clone, and the second time."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.check_call(["git", "clone", "-q", str(ROOT), str(clone)])
        command = [str(clone / "run"), "demo", "--orders", "3"]
        return {f"./run demo --orders 3, {name}": f"{_timed(command):.0f} s" for name in ("cold", "warm")}


def _timed(command: list[str]) -> float:
    return _seconds(
        lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    )


def _seconds(do: Callable[[], object]) -> float:
    started = time.perf_counter()
    do()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
