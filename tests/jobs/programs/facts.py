"""A worker process with Dramatiq's own defaults: ``facts.py REDIS_URL LOG HEARTBEAT_MS CLOCK_AHEAD_MS``.

``failing`` is tried again by Dramatiq's retries, ``slow`` takes some seconds; both note in the log what they do.
"""

import sys
import threading
import time
from pathlib import Path

import dramatiq
import redis
from dramatiq.brokers import redis as broker_module
from dramatiq.brokers.redis import RedisBroker
from redis.backoff import NoBackoff
from redis.retry import Retry


def main(redis_url, log, heartbeat, ahead):
    def note(*words):
        with Path(log).open("a", encoding="utf-8") as file:
            file.write(" ".join(words) + "\n")

    true_clock = broker_module.current_millis
    broker_module.current_millis = lambda: true_clock() + int(ahead)
    # Without this the client itself hides outages of some seconds.
    client = redis.Redis.from_url(redis_url, retry=Retry(NoBackoff(), 0))
    broker = RedisBroker(client=client, maintenance_chance=1_000_000, heartbeat_timeout=int(heartbeat))
    dramatiq.set_broker(broker)

    @dramatiq.actor(max_retries=3, min_backoff=300, max_backoff=300)
    def failing(name, seconds):
        note("try", name)
        time.sleep(seconds)
        note("fail", name)
        raise RuntimeError

    @dramatiq.actor
    def slow(name, seconds):
        note("start", name)
        time.sleep(seconds)
        note("end", name)

    dramatiq.Worker(broker, worker_threads=2, worker_timeout=100).start()
    note("ready")
    threading.Event().wait()


main(*sys.argv[1:])
