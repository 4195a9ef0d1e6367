"""One worker process: an in-process Dramatiq worker, and one thread that renews all its leases."""

import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from uuid import UUID, uuid4

import dramatiq
import structlog
from dramatiq.brokers.redis import RedisBroker

from kopru.flows.env import Env, Lease, Work
from kopru.flows.records import Reason
from kopru.hooks.errors import RateLimited
from kopru.jobs.broker import declare
from kopru.jobs.handlers import HANDLERS, Handler
from kopru.jobs.policy import PutOff, decide
from kopru.storage.faults import DatabaseError, passes
from kopru.storage.queue import BURY, LEASE_SECONDS, QUARANTINED, Claim, Queue
from kopru.transport.errors import CircuitOpen, LeaseLost

RENEW_EVERY = 3.0
LONGEST_RUN = 900.0
"""A job that runs longer is not renewed any more: another worker takes it, and fencing keeps them apart."""

SERIAL_STRETCH = 2.0
"""Seconds a worker stays on one serial slot before others get their turn."""

log = structlog.get_logger()


class JobWorker:
    """Runs jobs of all tenants in threads of this process."""

    def __init__(
        self,
        env: Env,
        queue: Queue,
        broker: RedisBroker,
        threads: int,
        handlers: Mapping[str, Handler] = HANDLERS,
    ) -> None:
        """Take the engine's parts, the number of jobs to run at a time and what runs each kind."""
        self.id: UUID = uuid4()
        self._env = env
        self._queue = queue
        self._handlers = {**handlers, BURY: Handler(self._bury)}
        self._held: dict[tuple[int, int], tuple[Lease, float]] = {}
        self._owed: deque[Claim] = deque()
        self._lock = threading.Lock()
        self._draining = threading.Event()
        self._stopped = threading.Event()
        declare(broker, self.run)
        self._threads = threads
        self._worker = dramatiq.Worker(broker, worker_threads=threads, worker_timeout=100)
        # No bell lies in a busy process while another one has a thread to spare.
        self._worker.queue_prefetch = threads
        self._renewer = threading.Thread(target=self._renew_for_ever, name="leases", daemon=True)

    def start(self) -> None:
        """Begin to take jobs."""
        self._queue.enlist(self.id, socket.gethostname(), os.getpid(), "worker", self._threads)
        self._renewer.start()
        self._worker.start()

    def stop(self, seconds: float = 25.0) -> None:
        """Finish what runs within some seconds and hand the rest back; of that nothing is sent any more."""
        self._draining.set()
        try:
            self._worker.stop(timeout=int(seconds * 1000))
        finally:
            self._stopped.set()
            with self._lock:
                for lease, _ in self._held.values():
                    lease.renew(0.0)
            self._calmly(lambda: self._queue.leave(self.id))

    def run(self, job_id: int) -> None:
        """Run the job of a bell, and then the next ones of its serial slot for a moment."""
        asked = time.monotonic()
        until = asked + SERIAL_STRETCH
        claim: Claim | None = None
        try:
            claim = self._queue.claim(job_id, self.id)
            while claim is not None:
                done = self._run(claim, asked)
                asked = time.monotonic()
                stays = asked < until and not self._draining.is_set()
                claim = self._queue.finish(claim, self.id, follow=stays) if done else None
                if not stays:
                    self._env.store.wake()
        except DatabaseError as error:
            log.warning("job.database", job=claim.id if claim else job_id, error=str(error)[:300])
            if claim is not None:
                self._owed.append(claim)

    def _run(self, claim: Claim, asked: float) -> bool:
        """Run a claimed job; return whether it is done. The lease counts from when it was asked for."""
        lease = Lease(LEASE_SECONDS - (time.monotonic() - asked))
        hold = (claim.id, claim.attempt_no)
        with self._lock:
            self._held[hold] = (lease, asked)
        work = Work(self._env, claim.tenant_id, claim.args, lease, claim.id, claim.attempt_no)
        handler = self._handlers.get(claim.kind)
        try:
            if handler is None:
                raise LookupError(f"no handler for {claim.kind}")
            handler.run(work)
            return True
        except LeaseLost:
            log.warning("job.lease_lost", job=claim.id, kind=claim.kind)
        except Exception as error:  # noqa: BLE001 - whatever a job raises has a row in the policy
            self._failed(claim, work, handler, error)
        finally:
            with self._lock:
                del self._held[hold]
        return False

    def _failed(self, claim: Claim, work: Work, handler: Handler | None, error: Exception) -> None:
        if passes(error):
            log.warning("job.database", job=claim.id, kind=claim.kind, error=str(error)[:300])
            self._queue.put_off(claim, 1.0, error=None, counted=False)
            return
        outcome = decide(error, claim.tries, max(work.rests, default=0.0))
        if isinstance(outcome, PutOff):
            if outcome.reason is not None:
                self._log(claim, outcome.reason, error)
            data = outcome.reason.to_json() if outcome.reason else None
            self._queue.put_off(claim, outcome.seconds, error=data, counted=outcome.counted)
            return
        self._log(claim, outcome.reason, error)
        self._tell(claim, work, handler, outcome.reason)
        self._queue.set_aside(claim, outcome.state, outcome.reason.to_json())

    def _tell(self, claim: Claim, work: Work, handler: Handler | None, reason: Reason) -> None:
        """Tell the subject; if that fails the job is set aside all the same, where it can be seen."""
        if handler is None:
            return
        try:
            handler.tell(work, reason)
        except LeaseLost:
            return
        except Exception as error:
            log.error("job.untold", job=claim.id, kind=claim.kind, exc_info=error)

    def _bury(self, work: Work) -> None:
        """Job ``job.bury``: tell the subject of a job that killed its worker too often."""
        handler = self._handlers.get(work.args["kind"])
        if handler is not None:
            handler.tell(replace(work, args=work.args["args"]), QUARANTINED)

    def _log(self, claim: Claim, reason: Reason, error: Exception) -> None:
        unexpected = reason.code == "engine.unexpected"
        say = log.debug if isinstance(error, RateLimited | CircuitOpen) else log.warning
        say(
            "job.failed",
            job=claim.id,
            kind=claim.kind,
            code=reason.code,
            detail=reason.detail[:300],
            exc_info=error if unexpected else None,
        )

    def _renew_for_ever(self) -> None:
        while not self._stopped.wait(RENEW_EVERY):
            self._calmly(self._renew)
            self._calmly(self._hand_back)

    def _renew(self) -> None:
        now = time.monotonic()
        with self._lock:
            held = {hold: lease for hold, (lease, since) in self._held.items() if now - since < LONGEST_RUN}
        for hold in self._queue.renew(self.id, held.keys()):
            held[hold].renew(LEASE_SECONDS - (time.monotonic() - now))

    def _hand_back(self) -> None:
        """Hand back what could not be settled while the database was away, so that it counts as no death."""
        while self._owed:
            self._queue.put_off(self._owed[0], 0.0, error=None, counted=False)
            self._owed.popleft()

    def _calmly(self, act: Callable[[], object]) -> None:
        try:
            act()
        except DatabaseError as error:
            log.warning("worker.database", error=str(error)[:300])
