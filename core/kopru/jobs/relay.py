"""The relay turns due rows into bells, and the scheduler turns schedules into rows. Any number may run."""

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta

import redis
import structlog
from dramatiq.brokers.redis import RedisBroker
from dramatiq.errors import BrokerConnectionError

from kopru.jobs.broker import Doorbell, message, waiting_bells
from kopru.storage.audit import Sealer
from kopru.storage.dispatch import RING_AGAIN, RING_SOON
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

HEAD_START = 0.1
"""Seconds a bell should wait for a thread at most, so that whose turn it is is decided late."""

WINDOW = 0.25
"""Seconds over which the pace of the workers is measured."""

LEAST = 2
"""Bells on their way even when workers are slow."""

log = structlog.get_logger()


class Pace:
    """How many bells may be on their way: as many as the workers pick up within ``HEAD_START``.

    Bells are heard in the order they were rung, so that what is rung too early makes better work wait.
    """

    def __init__(self, most: int) -> None:
        """Take how many may be on their way at most."""
        self._most = most
        self._first = max(LEAST, most // 4)
        self._rung = 0
        self._since = (0.0, 0, 0)
        self._hungry = False
        self.target = self._first

    @property
    def ahead(self) -> int:
        """Return how many bells may wait because workers are known to be fast."""
        return self.target if self.target > self._first else 0

    def look(self, waiting: int, now: float) -> None:
        """Take note of how many bells wait at a moment."""
        began, rung, waited = self._since
        if waiting == 0:
            if self._hungry:
                self.target = min(self._most, max(self._first, self.target * 2))
        elif now - began < WINDOW:
            return
        elif waited:
            heard = self._rung - rung + waited - waiting
            self.target = min(self._most, max(LEAST, int(heard / (now - began) * HEAD_START)))
        self._since = (now, self._rung, waiting)

    def note(self, rung: int, room: int) -> None:
        """Take note of how many bells were rung where there was room for so many."""
        self._rung += rung
        self._hungry = rung == room


class Relay:
    """Rings for due jobs, a limited number at a time so that priorities still count."""

    def __init__(self, queue: Queue, broker: RedisBroker, bell: Doorbell, *, ahead: int) -> None:
        """Take how many bells may be on their way at once at most."""
        self._queue = queue
        self._broker = broker
        self._bell = bell
        self._pace = Pace(ahead)
        self._flying: deque[int] = deque(maxlen=2 * ahead)
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
        waiting = waiting_bells(self._broker)
        self._pace.look(waiting, time.monotonic())
        room = self._pace.target - waiting
        if room <= self._pace.target // 2:
            time.sleep(BUSY)
            return 1
        again = RING_AGAIN if waiting else RING_SOON
        due = self._queue.due(room, flying=self._flying, ahead=self._pace.ahead, again=again)
        for job_id in due:
            self._broker.enqueue(message(job_id))
        self._flying.extend(due)
        self._pace.note(len(due), room)
        return len(due)


class Scheduler:
    """Fires due schedules, seals the audit chains and tidies up."""

    def __init__(self, queue: Queue, store: Store, complete: Callable[[], object] = lambda: None) -> None:
        """Take the queue, the store whose chains are sealed, and what adds schedules of a new version."""
        self._queue = queue
        self._sealer = Sealer(store)
        self._tidy_at = 0.0
        self._complete: Callable[[], object] | None = complete

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
        if self._complete is not None:
            self._complete()
            self._complete = None
        if time.monotonic() > self._tidy_at:
            self._queue.tidy(KEEP)
            self._tidy_at = time.monotonic() + TIDY_EVERY
        fired = self._queue.fire()
        if fired:
            log.info("scheduler.fired", schedules=fired)
        self._sealer.turn()
        return fired
