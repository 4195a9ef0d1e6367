"""Starting, sharing and stopping one private server.

A server lives under a guard process (see ``guard.py``) and belongs to a folder, not to the process that
started it. Everybody who uses it holds ``users.lock``; the guard stops the server when the last one lets go,
also when that one was killed. Starting and stopping is done under the lock of the data directory.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import IO, Any, Protocol

from kopru.runtime.problems import RuntimeProblem
from kopru.runtime.servers import guard
from kopru.runtime.servers.accounts import Account
from kopru.runtime.servers.home import Home
from kopru.runtime.servers.locks import FileLock, wait_until

_STARTING_LIMIT = 600.0
"""Seconds a server may take while it says that it is reading its data (recovery after a crash)."""
_SILENT_LIMIT = 60
"""Seconds it may say nothing at all."""
_STOP_LIMIT = 90.0
_REMAINS_LIMIT = 3.0
"""Seconds that the children of a killed server usually need at most to notice it."""
_LOG_TAIL = 4000

_guards: set[subprocess.Popen[bytes]] = set()
"""Guards started by this process, kept until they are reaped."""


class Answer(Enum):
    """What a server says when asked."""

    SILENT = "silent"
    STARTING = "starting"
    READY = "ready"


@dataclass(frozen=True)
class Launch:
    """How to run a server in the foreground."""

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    stop: tuple[tuple[str, float], ...]
    """Signals that end it, gentlest first, each with the seconds to wait for it."""
    account: Account | None = None


class Engine(Protocol):
    """What differs between PostgreSQL and Valkey."""

    name: str
    title: str
    program: str
    """The file name of the server's program."""
    directory: Path
    """The folder of locks and data. It exists."""
    data: Path
    """Where the server works; the current directory of its processes."""
    sockets: Path

    @property
    def url(self) -> str:
        """Return the address for the clients."""
        ...

    def prepare(self) -> Launch:
        """Make the data ready and say how to start. Called while no process of the server is left.

        Raises:
            RuntimeProblem: the data or the program cannot be used.
        """
        ...

    def ask(self) -> Answer:
        """Ask the server for life, and that it serves our data and nobody else's.

        Raises:
            RuntimeProblem: something else answers at our address.
        """
        ...

    def mend(self, log: str) -> bool:
        """Repair what the log of a failed start complains about; return whether another start is worth it."""
        ...


class PrivateServer:
    """One server of a data directory, seen by one process."""

    def __init__(self, engine: Engine, home: Home) -> None:
        """Take what kind of server it is and the data directory it belongs to."""
        self.engine = engine
        self._home = home
        self._users = FileLock(engine.directory / "users.lock")
        self._guard = FileLock(engine.directory / "guard.lock")
        self._processes = FileLock(engine.directory / "server.lock")

    @property
    def is_running(self) -> bool:
        """Whether the server is under guard."""
        return self._guard.is_held()

    @property
    def pid(self) -> int | None:
        """The server's own process."""
        return self._processes.holder()

    def join(self, give_up: threading.Event | None = None) -> None:
        """Become a user of the server, starting it if it does not run. Call under the lock of the home.

        Raises:
            RuntimeProblem: it cannot be started.
        """
        if not self._users.shared(wait=_STOP_LIMIT):
            raise RuntimeProblem("runtime.home.busy", home=self.engine.directory)
        try:
            self.ensure(give_up)
        except BaseException:
            self._users.release()
            raise

    def ensure(self, give_up: threading.Event | None = None) -> None:
        """Start the server if it does not run, as a user of it. Call under the lock of the home.

        Raises:
            RuntimeProblem: it cannot be started.
        """
        if not (self.is_running and self._becomes_ready(None, give_up)):
            self._clear_remains()
            self._launch(give_up)
        self._home.publish(self.engine.name, self._entry())

    def leave(self) -> None:
        """Stop using the server; the last user stops it. Call under the lock of the home."""
        if self._users.exclusive():
            self.stop()
        elif not self._users.shared():
            # The guard was quicker to see that nobody is left.
            self._wait_stopped()
        self._users.release()

    def stop(self) -> bool:
        """Stop the server, whoever uses it; return whether there was something to stop.

        Call under the lock of the home.

        Raises:
            RuntimeProblem: some process of it does not end.
        """
        pid = self._guard.holder()
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            self._wait_stopped()
        elif self._processes.is_held():
            self._clear_remains()
        else:
            self._forget()
            return False
        self._forget()
        return True

    def _entry(self) -> dict[str, Any]:
        engine = self.engine
        return {
            "url": engine.url,
            "data": str(engine.data),
            "sockets": str(engine.sockets),
            "log": str(self._home.log(engine.name)),
            "pid": self.pid,
            "guard": self._guard.holder(),
        }

    def _forget(self) -> None:
        self._home.withdraw(self.engine.name)
        if self.engine.directory not in self.engine.sockets.parents:
            shutil.rmtree(self.engine.sockets, ignore_errors=True)
        _reap()

    def _launch(self, give_up: threading.Event | None) -> None:
        log = self._home.log(self.engine.name)
        while True:
            launch = self.engine.prepare()
            read_from = log.stat().st_size if log.exists() else 0
            if self._becomes_ready(self._start_guard(launch, log), give_up):
                return
            said = _tail(log, read_from)
            if not self.engine.mend(said):
                raise RuntimeProblem("runtime.server.failed", server=self.engine.title, log=log, detail=said)

    def _start_guard(self, launch: Launch, log: Path) -> subprocess.Popen[bytes]:
        _reap()
        order = {
            "argv": launch.argv,
            "environment": dict(launch.environment),
            "stop": launch.stop,
            "identity": launch.account.identity() if launch.account else {},
            "log": str(log),
        }
        with _open_private(log) as errors:
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", guard.__file__, str(self.engine.directory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                cwd="/",
                env={
                    name: value for name, value in os.environ.items() if not name.startswith(("KOPRU_", "PG"))
                },
                start_new_session=True,
            )
        _guards.add(process)
        assert process.stdin is not None
        with suppress(BrokenPipeError), process.stdin as stdin:
            stdin.write(json.dumps(order).encode())
        return process

    def _becomes_ready(
        self, process: subprocess.Popen[bytes] | None, give_up: threading.Event | None
    ) -> bool:
        """Wait until the server answers; return False when it ended instead.

        Raises:
            RuntimeProblem: it runs and says nothing, or somebody else answers.
        """
        answer = Answer.SILENT

        def settled() -> bool:
            nonlocal answer
            answer = self.engine.ask()
            return answer is Answer.READY or self._has_ended(process)

        wait_until(lambda: settled() or answer is Answer.STARTING, _SILENT_LIMIT, give_up=give_up)
        if answer is Answer.STARTING:
            wait_until(settled, _STARTING_LIMIT, give_up=give_up)
        if answer is Answer.READY or self._has_ended(process):
            return answer is Answer.READY
        self.stop()
        raise RuntimeProblem(
            "runtime.server.silent",
            server=self.engine.title, seconds=_SILENT_LIMIT, log=self._home.log(self.engine.name),
        )  # fmt: skip

    def _has_ended(self, process: subprocess.Popen[bytes] | None) -> bool:
        return not self.is_running if process is None else process.poll() is not None

    def _wait_stopped(self) -> None:
        ended = wait_until(lambda: not self._guard.is_held() and not self._processes.is_held(), _STOP_LIMIT)
        if not ended:
            raise self._stuck()

    def _clear_remains(self) -> None:
        """End what is left of a server whose guard is gone; a new one cannot work on the data before."""
        if self._is_gone(_REMAINS_LIMIT):
            return
        answer, pid = self.engine.ask(), self._processes.holder()
        if answer is Answer.READY and pid is not None:
            os.kill(pid, signal.SIGINT)
        if answer is not Answer.SILENT and self._is_gone(_STOP_LIMIT / 2):
            return
        # Without their server, children that are busy computing do not notice that it is gone.
        for stray in _processes_in(self.engine.data, self.engine.program):
            with suppress(ProcessLookupError):
                os.kill(stray, signal.SIGKILL)
        if not self._is_gone(_REMAINS_LIMIT):
            raise self._stuck()

    def _is_gone(self, seconds: float) -> bool:
        return wait_until(lambda: not self._processes.is_held(), seconds)

    def _stuck(self) -> RuntimeProblem:
        return RuntimeProblem("runtime.server.stuck", server=self.engine.title, directory=self.engine.data)


def _open_private(log: Path) -> IO[bytes]:
    return os.fdopen(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")


def _tail(log: Path, read_from: int = 0) -> str:
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(read_from, log.stat().st_size - _LOG_TAIL))
        return file.read().decode("utf-8", "replace")


def _reap() -> None:
    for process in list(_guards):
        if process.poll() is not None:
            _guards.discard(process)


def _processes_in(folder: Path, program: str) -> list[int]:
    """Return the processes of a program that work in a folder. Linux only; empty elsewhere."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (entry / "cwd").readlink() == folder and (entry / "exe").readlink().name == program:
                found.append(int(entry.name))
    return found
