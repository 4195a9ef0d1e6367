"""Locks on files that the kernel drops when their holder dies, however it dies.

They are BSD locks (``flock``): they belong to the open file, so a child that inherits it holds the lock too.
A lock file is never deleted; its content says who holds it and counts only while the lock is held.
"""

import fcntl
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

_PAUSE = 0.02


class FileLock:
    """One lock file. An instance holds at most one lock."""

    def __init__(self, path: Path) -> None:
        """Take the path of the lock file; its folder must exist."""
        self.path = path
        self._descriptor: int | None = None

    def exclusive(self, wait: float = 0.0) -> bool:
        """Take the lock alone, or turn a shared lock into one; return False after ``wait`` seconds.

        On False a shared lock held before is gone.
        """
        return self._take(fcntl.LOCK_EX, wait)

    def shared(self, wait: float = 0.0) -> bool:
        """Take the lock together with others; return False after ``wait`` seconds."""
        return self._take(fcntl.LOCK_SH, wait)

    def release(self) -> None:
        """Give the lock back. Harmless when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def write(self, pid: int) -> None:
        """Say in the file which process holds the lock."""
        if self._descriptor is None:
            raise RuntimeError("the lock is not held")
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, b"%d\n" % pid, 0)

    def is_held(self) -> bool:
        """Return whether any process holds the lock alone."""
        probe = FileLock(self.path)
        try:
            return self.path.exists() and not probe.shared()
        finally:
            probe.release()

    def holder(self) -> int | None:
        """Return the process that wrote its id under the lock, if the lock is held."""
        if not self.is_held():
            return None
        text = self.path.read_text("ascii").strip()
        return int(text) if text.isdigit() else None

    def _take(self, kind: int, wait: float) -> bool:
        if self._descriptor is None:
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        if wait_until(lambda: self._try(kind), wait, pause=_PAUSE):
            return True
        self.release()
        return False

    def _try(self, kind: int) -> bool:
        assert self._descriptor is not None
        try:
            fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def wait_until(
    condition: Callable[[], bool],
    seconds: float,
    *,
    pause: float = 0.05,
    give_up: threading.Event | None = None,
) -> bool:
    """Ask until the condition holds; return False after ``seconds`` or once ``give_up`` is set."""
    pausing = give_up or threading.Event()
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= end or pausing.wait(pause):
            return False
    return True
