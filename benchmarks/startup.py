"""Cold and warm start of ``./run demo``, and the import time of each plugin.

python benchmarks/startup.py            # imports only, seconds
python benchmarks/startup.py --demo     # also a fresh clone, some minutes
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import entry_points
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from machine import describe, print_table

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
    figures = {}
    for point in sorted(entry_points(group="kopru.plugins"), key=lambda point: point.name):
        code = _IMPORT.format(module=point.module)
        times = [float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(RUNS)]
        figures[f"import {point.name}, median of {RUNS}"] = f"{statistics.median(times) * 1000:.0f} ms"
    return figures


def demo_starts() -> dict[str, str]:
    """Return how long ``./run demo --orders 3`` takes in a fresh clone, and the second time."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.check_call(["git", "clone", "-q", str(ROOT), str(clone)])
        command = [str(clone / "run"), "demo", "--orders", "3"]
        return {f"./run demo --orders 3, {name}": f"{_timed(command):.0f} s" for name in ("cold", "warm")}


def _timed(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
