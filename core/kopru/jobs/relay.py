"""The relay turns due rows into bells, and the scheduler turns schedules into rows. Any number may run."""

import threading
import time
from datetime import timedelta

import redis
import structlog
from dramatiq.brokers.redis import RedisBroker
from dramatiq.errors import BrokerConnectionError

from kopru.jobs.broker import Doorbell, message, waiting_bells
from kopru.storage.audit import Sealer
from kopru.storage.faults import DatabaseError
from kopru.storage.queue import Queue
from kopru.storage.store import Store

SWEEP = 1.0
"""Seconds between sweeps when nobody rings."""

BUSY = 0.02
"""Seconds to wait while enough bells are on their way."""

GRACE = 4.0
"""Seconds after a fault of the database in which living workers may renew their leases first."""

KEEP = timedelta(days=3)
"""How long what is done stays to be looked at."""

TIDY_EVERY = 3600.0
"""Seconds between tidying."""

log = structlog.get_logger()


class Relay:
    """Rings for due jobs, a limited number at a time so that priorities still count."""

    def __init__(self, queue: Queue, broker: RedisBroker, bell: Doorbell, *, ahead: int) -> None:
        """Take how many bells may be on their way at once."""
        self._queue = queue
        self._broker = broker
        self._bell = bell
        self._ahead = ahead
        self._recover_at = 0.0

    def run(self, stopping: threading.Event) -> None:
        """Ring until told to stop; faults of database or Redis are waited out."""
        while not stopping.is_set():
            try:
                if not self.turn():
                    self._bell.wait(SWEEP)
            except DatabaseError as error:
                log.warning("relay.fault", error=str(error)[:300])
                self._recover_at = time.monotonic() + GRACE
                stopping.wait(SWEEP)
            except (redis.RedisError, BrokerConnectionError) as error:
                log.warning("relay.fault", error=str(error)[:300])
                stopping.wait(SWEEP)

    def turn(self) -> int:
        """Recover dead leases once a second and ring for due jobs; return how many bells were rung."""
        if time.monotonic() > self._recover_at:
            recovered = self._queue.recover()
            self._recover_at = time.monotonic() + SWEEP
            if recovered:
                log.info("relay.recovered", jobs=recovered)
        room = self._ahead - waiting_bells(self._broker)
        if room <= self._ahead // 2:
            time.sleep(BUSY)
            return 1
        due = self._queue.due(room)
        for job_id in due:
            self._broker.enqueue(message(job_id))
        return len(due)


class Scheduler:
    """Fires due schedules, seals the audit chains and tidies up."""

    def __init__(self, queue: Queue, store: Store) -> None:
        """Take the queue and the store whose chains are sealed."""
        self._queue = queue
        self._sealer = Sealer(store)
        self._tidy_at = 0.0

    def run(self, stopping: threading.Event) -> None:
        """Fire until told to stop."""
        while not stopping.is_set():
            try:
                self.turn()
            except DatabaseError as error:
                log.warning("scheduler.fault", error=str(error)[:300])
            stopping.wait(SWEEP)

    def turn(self) -> int:
        """Fire what is due; return how many schedules fired."""
        if time.monotonic() > self._tidy_at:
            self._queue.tidy(KEEP)
            self._tidy_at = time.monotonic() + TIDY_EVERY
        fired = self._queue.fire()
        if fired:
            log.info("scheduler.fired", schedules=fired)
        self._sealer.turn()
        return fired
