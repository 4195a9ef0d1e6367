"""Runs the processes of one installation and starts again whatever dies.

It knows nothing of what its children do. A child that dies is started again: at once the first time, then
with growing pauses, and for ever, because what it needs may come back. Children end with their supervisor
(see ``lifeline``).
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType, TracebackType
from typing import Self

import structlog

from kopru.runtime import lifeline

GRACE = 30.0
"""Seconds the children have to finish or hand back their work."""

_LOOK_EVERY = 0.1
_STEADY_AFTER = 10.0
"""Seconds after which a child counts as well again."""
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0
_FAILURE_AFTER = 30.0
"""Seconds of failing starts after which it is an error and no longer a warning."""

_log = structlog.get_logger("kopru.supervisor")


@dataclass(frozen=True)
class Child:
    """A process to keep alive."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables on top of the supervisor's own."""


@dataclass(frozen=True)
class ChildState:
    """A child as it is now."""

    name: str
    pid: int | None
    """None while it waits to be started again."""
    restarts: int


class Supervisor:
    """Keeps children alive from ``start`` to ``stop``, or while the block lasts."""

    def __init__(self, children: Sequence[Child], *, grace: float = GRACE) -> None:
        """Take the children and the seconds they get to end."""
        inherited, own = os.pipe()
        self._pipe = [inherited, own]
        self._watched = [_Watched(child, inherited) for child in children]
        self._grace = grace
        self._stopping = threading.Event()
        self._hurry = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="supervisor", daemon=True)

    def start(self) -> None:
        """Start the children and look after them in a thread of its own."""
        for watched in self._watched:
            watched.start()
        self._thread.start()

    def stop(self) -> None:
        """End the children and wait for it: ``SIGTERM`` to all, ``SIGKILL`` to those left after the grace."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        self._end_children()
        while self._pipe:
            os.close(self._pipe.pop())

    def run(self) -> None:
        """Keep the children alive until ``SIGTERM`` or ``SIGINT``, then end them. Main thread only.

        A second signal ends them without grace.
        """
        with _signals(self._on_signal), self:
            self._stopping.wait()

    def states(self) -> list[ChildState]:
        """Return each child as it is now."""
        return [watched.state() for watched in self._watched]

    def __enter__(self) -> Self:
        """Start the children."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the children."""
        self.stop()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._stopping.is_set():
            self._hurry.set()
        self._stopping.set()

    def _keep(self) -> None:
        while not self._stopping.wait(_LOOK_EVERY):
            for watched in self._watched:
                watched.look()

    def _end_children(self) -> None:
        for watched in self._watched:
            watched.signal(signal.SIGTERM)
        end = time.monotonic() + self._grace
        while any(watched.is_alive() for watched in self._watched):
            if time.monotonic() > end or self._hurry.is_set():
                break
            time.sleep(_LOOK_EVERY)
        for watched in self._watched:
            watched.finish()


class _Watched:
    """One child and its history."""

    def __init__(self, child: Child, inherited: int) -> None:
        self._child = child
        self._inherited = inherited
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._next_start = 0.0
        self._pause = 0.0
        self._failing_since: float | None = None
        self._restarts = -1

    def start(self) -> None:
        self._started = time.monotonic()
        self._restarts += 1
        environment = {**os.environ, **self._child.environment, lifeline.VARIABLE: str(self._inherited)}
        try:
            self._process = subprocess.Popen(
                self._child.argv,
                stdin=subprocess.DEVNULL,
                env=environment,
                pass_fds=(self._inherited,),
                # Ctrl-C reaches the supervisor alone, which then ends the children in order.
                process_group=0,
            )
        except OSError as error:
            self._plan_restart(str(error))
            return
        _log.info("child_started", child=self._child.name, pid=self._process.pid, restarts=self._restarts)

    def look(self) -> None:
        """Notice a death, and start again once the pause is over."""
        if self._process is not None:
            status = self._process.poll()
            if status is None:
                self._note_health()
                return
            self._plan_restart(_ending(status))
        if time.monotonic() >= self._next_start:
            self.start()

    def signal(self, sign: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(sign)

    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def finish(self) -> None:
        """Kill the child if it still lives, and reap it."""
        if self._process is None:
            return
        if self.is_alive():
            _log.warning("child_killed", child=self._child.name, pid=self._process.pid)
            self._process.kill()
        status = self._process.wait()
        _log.info("child_ended", child=self._child.name, pid=self._process.pid, ending=_ending(status))
        self._process = None

    def state(self) -> ChildState:
        process = self._process
        pid = process.pid if process is not None and process.returncode is None else None
        return ChildState(self._child.name, pid, max(self._restarts, 0))

    def _note_health(self) -> None:
        if self._failing_since is not None and time.monotonic() - self._started > _STEADY_AFTER:
            self._pause, self._failing_since = 0.0, None

    def _plan_restart(self, ending: str) -> None:
        now = time.monotonic()
        since = self._failing_since = self._failing_since or now
        report = _log.error if now - since > _FAILURE_AFTER else _log.warning
        report("child_died", child=self._child.name, ending=ending, restart_in=self._pause)
        self._process = None
        self._next_start = now + self._pause
        self._pause = min(max(self._pause * 2, _FIRST_PAUSE), _LONGEST_PAUSE)


def _ending(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit code {status}"


@contextmanager
def _signals(handler: "signal._HANDLER") -> Iterator[None]:
    before = {sign: signal.signal(sign, handler) for sign in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for sign, earlier in before.items():
            signal.signal(sign, earlier)
