"""Every figure the project quotes, one after the other: ``python benchmarks/all.py`` (about half an hour).

The line matcher needs labelled data; it is left out unless ``KOPRU_MATCHING_DATA`` names its folder.
"""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
RUNS = (
    ("startup.py", "--demo"),
    ("pipeline.py", "--orders", "1000"),
    ("pipeline.py", "--orders", "1000", "--latency", "50"),
    ("audit.py",),
    ("jobs.py",),
    ("connectors.py",),
    *([("matching.py",)] if os.environ.get("KOPRU_MATCHING_DATA") else []),
)

if __name__ == "__main__":
    if "KOPRU_MATCHING_DATA" not in os.environ:
        print("KOPRU_MATCHING_DATA is not set: the line matcher is NOT measured.", flush=True)
    for script, *arguments in RUNS:
        print(f"\n$ python benchmarks/{script} {' '.join(arguments)}", flush=True)
        subprocess.run([sys.executable, str(HERE / script), *arguments], check=True)
