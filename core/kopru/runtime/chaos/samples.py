"""What the processes of a run use, measured from outside."""

import os
import threading
import time
from contextlib import suppress
from pathlib import Path

from kopru.runtime.chaos.fleet import Fleet
from kopru.testing.evidence import Sample

EVERY = 5.0
YOUNG = 60.0
"""Seconds after its start in which a process still grows by right."""


class Sampler:
    """Measures memory (megabytes) and open files of every process, every few seconds."""

    def __init__(self, fleet: Fleet) -> None:
        """Take whose processes are measured."""
        self._fleet = fleet
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)
        self._born: dict[int, float] = {}
        self.samples: list[Sample] = []

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Measure no more."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(EVERY):
            for name in self._fleet.names:
                with suppress(OSError, ValueError):
                    self._measure(name)

    def _measure(self, name: str) -> None:
        pid, now = self._fleet.pid(name), time.monotonic()
        if pid is None or now - self._born.setdefault(pid, now) < YOUNG:
            return
        pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
        files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        role = name.partition("-")[0]
        self.samples.append(Sample(now, f"{role} memory", pages * os.sysconf("SC_PAGE_SIZE") / 1e6))
        self.samples.append(Sample(now, f"{role} files", files))
