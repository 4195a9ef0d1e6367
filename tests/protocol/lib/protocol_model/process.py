"""Worker processes that can be stopped at any point: paused like SIGSTOP does, or killed.

A run that is to be stopped goes on in a thread of its own, which hands the baton back at the stop. Only one
thread runs at a time, so a run with the same stops is always the same run.
"""

import threading
from dataclasses import dataclass

from dramatiq.brokers.stub import StubBroker

from kopru.flows.env import Cache, Env
from kopru.jobs.worker import JobWorker
from kopru.storage.queue import BURY
from kopru.transport.limiter import NoLimiter
from protocol_model.remotes import registry

HANDLED = ("order.advance", "document.book", BURY)
ONLY_KILLED = ("commit",)
"""Points inside a transaction: a paused process would hold its locks there, which memory cannot show."""


class Killed(BaseException):
    """The process dies here; nothing after it runs."""


@dataclass
class Stop:
    """Where a run stops: after so many points (of that name, if one is given), and whether it dies there."""

    after: int
    dies: bool
    name: str = ""


class Process:
    """One worker process."""

    def __init__(self, store, queue):
        self._store, self._queue = store, queue
        self._main, self._go = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = None
        self._stop = None
        self._error = None
        self.restart()

    def restart(self):
        """Begin anew, with nothing remembered."""
        env = Env(self._store, registry(), NoLimiter(), cache=Cache(seconds=1e9))
        self.worker = JobWorker(env, self._queue, StubBroker(middleware=[]), 1)

    @property
    def paused(self):
        """Whether it stands in the middle of a run."""
        return self._thread is not None

    @property
    def lease(self):
        """The lease of the job it is at."""
        ((lease, _),) = self.worker._held.values()
        return lease

    def run(self, job_id, stop=None):
        """Take a job and run it to the stop, or to its end."""
        assert not self.paused
        self._stop = stop
        if stop is None:
            self.worker.run(job_id)
            return
        self._thread = threading.Thread(target=self._in_thread, args=(job_id,), daemon=True)
        self._thread.start()
        self._wait()

    def resume(self, stop=None):
        """Go on from a pause, to the next stop or to the end."""
        self._stop = stop
        self._go.release()
        self._wait()

    def kill(self):
        """End a paused process."""
        if self.paused:
            self.resume(Stop(0, dies=True))
        self.restart()

    def pass_point(self, name):
        """Stop here, if it is here."""
        if self._stop is None or self._stop.name not in ("", name):
            return
        self._stop.after -= 1
        if self._stop.after > 0 or (name in ONLY_KILLED and not self._stop.dies):
            return
        if not self._stop.dies:
            self._main.release()
            self._go.acquire()
        if self._stop is not None and self._stop.dies and self._stop.after <= 0:
            raise Killed

    def _in_thread(self, job_id):
        try:
            self.worker.run(job_id)
        except Killed:
            self.restart()
        except BaseException as error:  # noqa: BLE001 - told to the test's own thread
            self._error = error
        self._thread = None
        self._main.release()

    def _wait(self):
        self._main.acquire()
        error, self._error = self._error, None
        if error is not None:
            raise error
