"""What Dramatiq and Redis do with a bell: facts the engine is built on. An upgrade that changes one shows here."""

import threading
import time

import dramatiq
import pytest
import redis
from dramatiq.brokers.redis import RedisBroker

from kopru.jobs.broker import (
    ACTOR,
    QUEUE,
    SILENCE,
    WAKE,
    WAKE_CAP,
    Doorbell,
    declare,
    make_broker,
    message,
    waiting_bells,
)


@pytest.fixture
def broker(redis_url):
    broker = make_broker(redis_url)
    yield broker
    broker.close()


@pytest.fixture
def client(redis_url):
    with redis.from_url(redis_url) as client:
        yield client


def everything(client):
    """Return every key of Dramatiq that holds something, but for its heartbeats."""
    return {key.decode() for key in client.keys("dramatiq:*")} - {"dramatiq:__heartbeats__"}


class Listening:
    """A Dramatiq worker that runs a function for each bell."""

    def __init__(self, broker, does):
        declare(broker, does)
        self.worker = dramatiq.Worker(broker, worker_threads=2, worker_timeout=50)

    def __enter__(self):
        self.worker.start()
        return self.worker

    def __exit__(self, *error):
        self.worker.stop()


def test_a_bell_carries_an_id_and_nothing_else(broker, client):
    broker.enqueue(message(42))
    (stored,) = client.hvals(f"dramatiq:{QUEUE}.msgs")
    bell = dramatiq.Message.decode(stored)
    assert (bell.queue_name, bell.actor_name, bell.args, bell.kwargs) == (QUEUE, ACTOR, (42,), {})
    assert set(bell.options) <= {"redis_message_id"}


def test_bells_are_counted_until_somebody_hears_them(broker, eventually):
    assert waiting_bells(broker) == 0
    for number in range(5):
        broker.enqueue(message(number))
    assert waiting_bells(broker) == 5
    heard = []
    with Listening(broker, heard.append):
        eventually(lambda: len(heard) == 5)
        assert sorted(heard) == [0, 1, 2, 3, 4]
        assert waiting_bells(broker) == 0


def test_a_bell_whose_hearer_fails_is_not_kept_or_rung_again(broker, client, eventually, caplog):
    """Retries belong to the row: Dramatiq's own are off, and there is no dead letter to fill up."""
    caplog.set_level("CRITICAL", "dramatiq")
    heard = []

    def fail(job_id):
        heard.append(job_id)
        raise RuntimeError

    with Listening(broker, fail):
        broker.enqueue(message(1))
        eventually(lambda: heard)
        eventually(lambda: not everything(client))
        time.sleep(0.3)
    assert heard == [1]


def test_bells_in_hand_at_a_stop_are_rung_for_others(broker, redis_url, eventually):
    heard, go_on = [], threading.Event()

    def slow(job_id):
        heard.append(job_id)
        go_on.wait(20)

    with Listening(broker, slow):
        for number in range(8):
            broker.enqueue(message(number))
        eventually(lambda: len(heard) == 2)
        threading.Timer(0.2, go_on.set).start()
    assert waiting_bells(broker) == 8 - len(heard)


def test_a_bell_taken_by_a_process_that_died_comes_back(redis_url, eventually):
    """Only a convenience: the relay rings again after ten seconds anyway."""

    def fresh(heartbeat):
        broker = RedisBroker(
            url=redis_url, middleware=[], maintenance_chance=1_000_000, heartbeat_timeout=heartbeat
        )
        broker.declare_queue(QUEUE)
        return broker

    dead, alive = fresh(1000), fresh(1000)
    dead.enqueue(message(7))
    taken = next(iter(dead.consume(QUEUE, prefetch=1, timeout=100)))
    assert taken.args == (7,)
    consumer = alive.consume(QUEUE, prefetch=1, timeout=100)
    assert next(consumer) is None
    back = eventually(lambda: next(consumer), seconds=10)
    assert back.args == (7,)
    consumer.ack(back)
    for broker in (dead, alive):
        broker.close()


def test_a_bell_of_a_lost_redis_is_lost(broker, client, eventually):
    """Why the row is the truth: nobody is told, and nothing fails."""
    heard = []
    broker.enqueue(message(1))
    client.flushdb()
    with Listening(broker, heard.append):
        broker.enqueue(message(2))
        eventually(lambda: heard)
    assert heard == [2]


# The doorbell of the relay


def test_ringing_wakes_who_waits(redis_url):
    bell = Doorbell(redis_url)
    started = time.monotonic()
    threading.Timer(0.2, bell.ring).start()
    bell.wait(20)
    assert time.monotonic() - started < 10


def test_ringing_before_waiting_counts_once(redis_url, client):
    bell = Doorbell(redis_url)
    for _ in range(100):
        bell.ring()
    assert client.llen(WAKE) == WAKE_CAP
    bell.wait(20)
    assert client.llen(WAKE) == 0, "one turn of the relay answers all of them"


def test_nobody_rings(redis_url):
    started = time.monotonic()
    Doorbell(redis_url).wait(0.2)
    assert 0.1 < time.monotonic() - started < 10


def test_without_redis_a_commit_goes_on(own_redis):
    bell = Doorbell(own_redis.url)
    own_redis.kill()
    bell.ring()
    with pytest.raises(redis.RedisError):
        bell.wait(0.1)


def test_a_redis_that_hangs_holds_commits_up_once_and_not_each_time(monkeypatch):
    class Hanging:
        calls = 0

        def llen(self, name):
            self.calls += 1
            raise redis.TimeoutError

    bell = Doorbell("redis://127.0.0.1:1/0")
    bell._client = hanging = Hanging()
    now = [1000.0]
    monkeypatch.setattr("kopru.jobs.broker.time.monotonic", lambda: now[0])
    for _ in range(5):
        bell.ring()
    assert hanging.calls == 1
    now[0] += SILENCE + 0.1
    bell.ring()
    assert hanging.calls == 2
