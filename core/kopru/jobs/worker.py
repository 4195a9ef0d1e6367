"""One worker process: an in-process Dramatiq worker, and one thread that renews all its leases."""

import os
import socket
import threading
import time
from collections.abc import Callable
from uuid import UUID, uuid4

import dramatiq
import structlog
from dramatiq.brokers.redis import RedisBroker
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from kopru.flows.env import Env, Lease, Work
from kopru.flows.records import Reason
from kopru.hooks.errors import RateLimited
from kopru.jobs.broker import declare
from kopru.jobs.handlers import HANDLERS, Handler
from kopru.jobs.policy import PutOff, SetAside, decide
from kopru.storage.queue import LEASE_SECONDS, Claim, Queue
from kopru.transport.errors import LeaseLost

RENEW_EVERY = 3.0
LONGEST_RUN = 900.0
"""A job that runs longer is not renewed any more: another worker takes it, and fencing keeps them apart."""

SERIAL_STRETCH = 2.0
"""Seconds a worker stays on one serial slot before others get their turn."""

log = structlog.get_logger()


class JobWorker:
    """Runs jobs of all tenants in threads of this process."""

    def __init__(self, env: Env, queue: Queue, broker: RedisBroker, threads: int) -> None:
        """Take the engine's parts and the number of jobs to run at a time."""
        self.id: UUID = uuid4()
        self._env = env
        self._queue = queue
        self._held: dict[int, tuple[Lease, float]] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        declare(broker, self.run)
        self._worker = dramatiq.Worker(broker, worker_threads=threads, worker_timeout=100)
        self._renewer = threading.Thread(target=self._renew_for_ever, name="leases", daemon=True)

    def start(self) -> None:
        """Begin to take jobs."""
        self._queue.enlist(self.id, socket.gethostname(), os.getpid(), "worker")
        self._renewer.start()
        self._worker.start()

    def stop(self, seconds: float = 25.0) -> None:
        """Finish what runs within some seconds and hand the rest back."""
        self._worker.stop(timeout=int(seconds * 1000))
        self._stopping.set()
        self._queue.leave(self.id)

    def run(self, job_id: int) -> None:
        """Run the job of a bell, and then the next ones of its serial slot for a moment."""
        try:
            claim = self._queue.claim(job_id, self.id)
            until = time.monotonic() + SERIAL_STRETCH
            while claim is not None:
                follower = self._run(claim)
                if follower is not None and (time.monotonic() > until or self._stopping.is_set()):
                    self._queue.put_off(follower, 0.0, error=None, counted=False)
                    self._env.store.wake()
                    return
                claim = follower
        except SQLAlchemyError as error:
            log.warning("job.database", job=job_id, error=str(error)[:300])

    def _run(self, claim: Claim) -> Claim | None:
        lease = Lease(LEASE_SECONDS)
        with self._lock:
            self._held[claim.id] = (lease, time.monotonic())
        work = Work(self._env, claim.tenant_id, claim.args, lease, claim.id, claim.attempt_no)
        handler = HANDLERS.get(claim.kind)
        try:
            if handler is None:
                raise LookupError(f"no handler for {claim.kind}")
            handler.run(work)
        except LeaseLost:
            log.warning("job.lease_lost", job=claim.id, kind=claim.kind)
            return None
        except OperationalError as error:
            log.warning("job.database", job=claim.id, kind=claim.kind, error=str(error)[:300])
            self._calmly(lambda: self._queue.put_off(claim, 1.0, error=None, counted=False))
            return None
        except Exception as error:  # noqa: BLE001 - whatever a job raises has a row in the policy
            self._failed(claim, work, handler, error)
            return None
        finally:
            with self._lock:
                self._held.pop(claim.id, None)
        return self._queue.finish(claim, self.id)

    def _failed(self, claim: Claim, work: Work, handler: Handler | None, error: Exception) -> None:
        outcome = decide(error, claim.tries)
        if isinstance(outcome, PutOff):
            if outcome.reason is not None:
                self._log(claim, outcome.reason, error)
            data = outcome.reason.to_json() if outcome.reason else None
            self._queue.put_off(claim, outcome.seconds, error=data, counted=outcome.counted)
            return
        self._log(claim, outcome.reason, error)
        self._tell(work, handler, outcome)
        self._queue.set_aside(claim, outcome.state, outcome.reason.to_json())

    def _tell(self, work: Work, handler: Handler | None, outcome: SetAside) -> None:
        if handler is not None:
            try:
                handler.tell(work, outcome.reason)
            except LeaseLost:
                return

    def _log(self, claim: Claim, reason: Reason, error: Exception) -> None:
        unexpected = reason.code == "engine.unexpected"
        say = log.debug if isinstance(error, RateLimited) else log.warning
        say(
            "job.failed",
            job=claim.id,
            kind=claim.kind,
            code=reason.code,
            detail=reason.detail[:300],
            exc_info=error if unexpected else None,
        )

    def _renew_for_ever(self) -> None:
        while not self._stopping.wait(RENEW_EVERY):
            self._calmly(self._renew)

    def _renew(self) -> None:
        now = time.monotonic()
        with self._lock:
            held = {id: lease for id, (lease, since) in self._held.items() if now - since < LONGEST_RUN}
        for id in self._queue.renew(self.id, list(held)):
            held[id].renew(LEASE_SECONDS - (time.monotonic() - now))

    def _calmly(self, act: Callable[[], object]) -> None:
        try:
            act()
        except SQLAlchemyError as error:
            log.warning("lease.renewal_failed", error=str(error)[:300])
