"""Every figure the project quotes, one after the other: ``python benchmarks/all.py`` (about ten minutes)."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
RUNS = (
    ("startup.py", "--demo"),
    ("pipeline.py", "--orders", "1000"),
    ("pipeline.py", "--orders", "1000", "--latency", "50"),
    ("audit.py",),
)

if __name__ == "__main__":
    for script, *arguments in RUNS:
        print(f"\n$ python benchmarks/{script} {' '.join(arguments)}", flush=True)
        subprocess.run([sys.executable, str(HERE / script), *arguments], check=True)
