"""Looking after the servers for as long as ``up`` or ``demo`` runs."""

import os
import threading
import time
from types import TracebackType
from typing import Self

import structlog

from kopru.runtime.problems import RuntimeProblem
from kopru.runtime.servers.locks import FileLock
from kopru.runtime.servers.session import Endpoints, Session, home_of, keeper_lock
from kopru.settings import Settings

RETRY_FOR = 30.0
"""Seconds during which a start that fails is tried again before it is called a failure."""

_LOOK_EVERY = 0.25
_SLOWEST_RETRY = 5.0

_log = structlog.get_logger("kopru.runtime")


class Keeper:
    """Starts the servers, starts them again when they die, and stops them at the end.

    One per data directory. Addresses stay the same over restarts. While a server cannot be started, tries go
    on for ever (a full disk gets free again); after 30 s of it ``trouble`` says so.
    """

    def __init__(self, settings: Settings) -> None:
        """Take the settings; nothing is started before the block is entered."""
        self._home = home_of(settings)
        self._session = Session(settings)
        self._lock: FileLock | None = None
        self._stopping = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="server-keeper", daemon=True)
        self.endpoints: Endpoints
        self.trouble: RuntimeProblem | None = None
        """Why a server has been down for more than 30 s; None while all is well."""

    def __enter__(self) -> Self:
        """Start the servers, trying for 30 s.

        Raises:
            RuntimeProblem: another keeper is at work, or a server cannot be started.
        """
        self._home.create()
        self._claim()
        try:
            self.endpoints = self._open()
        except BaseException:
            self._release()
            raise
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop watching, and stop the servers that nobody else uses."""
        self._stopping.set()
        self._watcher.join()
        try:
            self._session.close()
        finally:
            self._release()

    def _claim(self) -> None:
        lock = keeper_lock(self._home)
        if not lock.exclusive(wait=1.0):
            raise RuntimeProblem("runtime.up.running", pid=lock.holder(), lasting=True)
        lock.write(os.getpid())
        self._lock = lock

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()

    def _open(self) -> Endpoints:
        end = time.monotonic() + RETRY_FOR
        pause = _LOOK_EVERY
        while True:
            try:
                return self._session.open()
            except RuntimeProblem as problem:
                if problem.lasting or time.monotonic() + pause > end:
                    raise
                _log.warning("server_start_failed", code=problem.code, detail=problem.detail)
            time.sleep(pause)
            pause = min(pause * 2, _SLOWEST_RETRY)

    def _watch(self) -> None:
        failing_since: float | None = None
        pause = _LOOK_EVERY
        while not self._stopping.wait(pause):
            try:
                restarted = self._session.ensure(self._stopping)
            except RuntimeProblem as problem:
                failing_since = failing_since or time.monotonic()
                pause = min(pause * 2, _SLOWEST_RETRY)
                self._report(problem, time.monotonic() - failing_since)
                continue
            failing_since, pause, self.trouble = None, _LOOK_EVERY, None
            for title in restarted:
                _log.warning("server_restarted", server=title)

    def _report(self, problem: RuntimeProblem, seconds: float) -> None:
        if self._stopping.is_set():
            return
        if seconds < RETRY_FOR:
            _log.warning("server_start_failed", code=problem.code, detail=problem.detail)
            return
        self.trouble = problem
        _log.error("server_stays_down", code=problem.code, seconds=round(seconds), detail=problem.detail)
