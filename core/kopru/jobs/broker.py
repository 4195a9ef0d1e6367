"""Dramatiq and Redis: a message carries a job id and nothing else; losing all of them loses no work."""

import time
from collections.abc import Callable

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker

ACTOR = "run_job"
QUEUE = "kopru"
WAKE = "kopru:wake"
WAKE_CAP = 8
"""More wake-up tokens than this say nothing more."""

SILENCE = 10.0
"""Seconds without a try after Redis could not be reached."""

ORPHANED_AFTER = 20.0
"""Seconds without a sign of life after which another worker takes a worker's messages over."""

_FAST_RECOVERY = 1_000_000
"""Orphaned messages are looked for at every poll instead of one in a thousand."""


def make_broker(url: str) -> RedisBroker:
    """Return a broker whose messages are never retried or kept by Dramatiq itself."""
    client = redis.Redis.from_url(url, socket_timeout=30, socket_connect_timeout=5)
    broker = RedisBroker(  # type: ignore[no-untyped-call]
        client=client,
        middleware=[],
        maintenance_chance=_FAST_RECOVERY,
        heartbeat_timeout=int(ORPHANED_AFTER * 1000),
    )
    dramatiq.set_broker(broker)
    broker.declare_queue(QUEUE)
    return broker


def declare(broker: RedisBroker, run: Callable[[int], None]) -> None:
    """Make the one actor: it runs the job of that id and never raises for an expected failure."""
    dramatiq.actor(actor_name=ACTOR, queue_name=QUEUE, broker=broker)(run)


def waiting_bells(broker: RedisBroker) -> int:
    """Return how many bells no worker has picked up yet."""
    return int(broker.client.llen(f"{broker.namespace}:{QUEUE}"))


def message(job_id: int) -> dramatiq.Message[None]:
    """Return the bell of a job."""
    return dramatiq.Message(queue_name=QUEUE, actor_name=ACTOR, args=(job_id,), kwargs={}, options={})


class Doorbell:
    """Wakes the relay after a commit that added work. A lost wake-up costs a second, never work."""

    def __init__(self, url: str) -> None:
        """Take the Redis address."""
        self._client = redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=2)
        self._silent_until = 0.0

    def ring(self) -> None:
        """Leave a token; without Redis the relay's own sweep finds the work.

        After a failure nothing is tried for some seconds, so that commits do not wait for a Redis that hangs.
        """
        if time.monotonic() < self._silent_until:
            return
        try:
            if self._client.llen(WAKE) < WAKE_CAP:
                self._client.lpush(WAKE, b"1")
        except redis.RedisError:
            self._silent_until = time.monotonic() + SILENCE

    def ping(self) -> None:
        """Ask Redis whether it is there.

        Raises:
            ConnectionError: it is not.
        """
        try:
            self._client.ping()
        except redis.RedisError as error:
            raise ConnectionError(str(error)) from error

    def wait(self, seconds: float) -> None:
        """Return when somebody rang, or after some seconds.

        Raises:
            redis.RedisError: Redis cannot be reached.
        """
        if self._client.brpop([WAKE], timeout=seconds) is not None:
            self._client.delete(WAKE)
