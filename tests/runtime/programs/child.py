"""A child of a supervisor: works until it is told to end, and says in a file how it ended."""

import os
import signal
import sys
import time
from pathlib import Path

from kopru.runtime import lifeline

kind, folder = sys.argv[1], Path(sys.argv[2])
name = sys.argv[3]


def note(text: str) -> None:
    with (folder / f"{name}.txt").open("a") as file:
        file.write(f"{text} {os.getpid()}\n")


def on_term(*_: object) -> None:
    note("told to end")
    sys.exit(0)


if kind == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
else:
    signal.signal(signal.SIGTERM, on_term)
if kind == "graceful":
    lifeline.hold(lambda: note("lifeline lost"), grace=0.5)
elif kind != "loner":
    lifeline.hold()
note("started")
if kind == "failing":
    sys.exit(3)
while True:
    time.sleep(0.05)
