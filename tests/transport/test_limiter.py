"""No window ever holds more calls than the quota."""

import threading
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kopru.hooks.errors import RateLimited
from kopru.hooks.manifest import Quota
from kopru.transport.limiter import (
    SLOWEST,
    Bucket,
    LocalLimiter,
    MemoryWindow,
    NoLimiter,
    SplitLimiter,
    WindowLimiter,
    pace,
)

TRENDYOL_LIKE = Quota("all", 50, timedelta(seconds=10))


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def wait_of(limiter, quota: Quota, scope: str = "s") -> float:
    try:
        limiter.acquire(scope, quota)
    except RateLimited as refusal:
        assert refusal.retry_after is not None
        assert refusal.scope == quota.name
        return refusal.retry_after
    return 0.0


def most_in_a_window(calls: list[float], period: float) -> int:
    """Return the most calls in any window [t, t + period)."""
    most, first = 0, 0
    for last, at in enumerate(calls):
        while at - calls[first] >= period - 1e-9:
            first += 1
        most = max(most, last - first + 1)
    return most


def greedy(limiter, clock: Clock, quota: Quota, calls: int, pauses=()) -> list[float]:
    """Call as soon as allowed, now and then later, and return when the calls were given."""
    given_at: list[float] = []
    pauses = list(pauses)
    while len(given_at) < calls:
        wait = wait_of(limiter, quota)
        if wait:
            clock.now += wait
            continue
        given_at.append(clock.now)
        if pauses:
            clock.now += pauses.pop()
    return given_at


@given(calls=st.integers(1, 2_000), seconds=st.floats(0.1, 86_400))
def test_burst_and_rate_fill_the_quota_exactly(calls: int, seconds: float) -> None:
    found = pace(Quota("q", calls, timedelta(seconds=seconds)))
    assert found.burst >= 1
    if calls > 1:
        assert found.burst + found.period / found.interval == pytest.approx(calls)


@pytest.mark.parametrize("quota", [Quota("q", 0, timedelta(seconds=1)), Quota("q", 1, timedelta(0))])
def test_a_quota_without_calls_is_a_mistake(quota: Quota) -> None:
    with pytest.raises(ValueError):
        pace(quota)


@settings(max_examples=60, deadline=None)
@given(
    calls=st.integers(1, 60),
    seconds=st.integers(1, 59),
    pauses=st.lists(st.floats(0, 30), max_size=60),
)
def test_no_window_is_over_the_quota(calls: int, seconds: int, pauses: list[float]) -> None:
    clock = Clock()
    quota = Quota("q", calls, timedelta(seconds=seconds))
    given_at = greedy(LocalLimiter(clock), clock, quota, 3 * calls + 5, pauses)
    assert most_in_a_window(given_at, seconds) <= calls


def test_most_of_the_quota_can_be_used() -> None:
    clock = Clock()
    given_at = greedy(LocalLimiter(clock), clock, TRENDYOL_LIKE, 1_000)
    assert 1_000 / (given_at[-1] - given_at[0]) >= 0.9 * 5


def test_scopes_and_quotas_are_apart() -> None:
    limiter = LocalLimiter(Clock())
    one = Quota("one", 1, timedelta(seconds=10))
    other = Quota("other", 1, timedelta(seconds=10))
    assert wait_of(limiter, one, "a") == 0
    assert wait_of(limiter, one, "a") > 0
    assert wait_of(limiter, one, "b") == 0
    assert wait_of(limiter, other, "a") == 0


def test_a_429_empties_slows_and_blocks() -> None:
    clock = Clock()
    limiter = LocalLimiter(clock)
    steady = pace(TRENDYOL_LIKE).interval
    limiter.penalize("s", TRENDYOL_LIKE, 3.0)
    assert wait_of(limiter, TRENDYOL_LIKE) == pytest.approx(3.0)
    clock.now += 3.0
    greedy(limiter, clock, TRENDYOL_LIKE, 5)
    assert wait_of(limiter, TRENDYOL_LIKE) == pytest.approx(2 * steady)


def test_a_storm_counts_once_per_period_and_ends_at_the_floor() -> None:
    steady = pace(TRENDYOL_LIKE)
    bucket = Bucket(next_at=0.0)
    for _ in range(20):
        bucket = bucket.penalized(steady, 100.0, None)
    assert bucket.share == 0.5
    for storm in range(20):
        bucket = bucket.penalized(steady, 111.0 + 10 * storm, None)
    assert bucket.share == pytest.approx(SLOWEST)


def test_the_rate_comes_back_slowly() -> None:
    steady = pace(TRENDYOL_LIKE)
    bucket = Bucket(next_at=0.0).penalized(steady, 100.0, None)
    shares = [bucket.share_at(steady, 100.0 + 10 * periods) for periods in range(12)]
    assert shares[0] == 0.5
    assert all(0 < later - earlier < 0.051 for earlier, later in pairwise(shares[:10]))
    assert shares[-1] == 1.0


@settings(max_examples=60, deadline=None)
@given(
    calls=st.integers(1, 40),
    seconds=st.integers(60, 600),
    pauses=st.lists(st.floats(0, 300), max_size=60),
)
def test_long_windows_are_exact_and_used_fully(calls: int, seconds: int, pauses: list[float]) -> None:
    clock = Clock()
    quota = Quota("q", calls, timedelta(seconds=seconds))
    given_at = greedy(WindowLimiter(MemoryWindow(clock)), clock, quota, 3 * calls + 5, pauses)
    assert most_in_a_window(given_at, seconds) <= calls
    if not pauses:
        assert given_at[calls - 1] == given_at[0]


@pytest.mark.parametrize(("asked", "wait"), [(30.0, 30.0), (0.0, 0.0), (None, 6.0)])
def test_a_429_blocks_a_long_window(asked: float | None, wait: float) -> None:
    limiter = WindowLimiter(MemoryWindow(Clock()))
    quota = Quota("q", 100, timedelta(seconds=60))
    limiter.penalize("s", quota, asked)
    assert wait_of(limiter, quota) == pytest.approx(wait)


def test_a_429_halves_a_long_window_and_the_rest_comes_back_slowly() -> None:
    clock = Clock()
    limiter = WindowLimiter(MemoryWindow(clock))
    quota = Quota("q", 100, timedelta(seconds=60))
    limiter.penalize("s", quota, 0.0)
    limiter.penalize("s", quota, 0.0)
    counts = []
    for _ in range(13):
        counts.append(sum(wait_of(limiter, quota) == 0 for _ in range(101)))
        clock.now += 60.0
    assert counts == [50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 100, 100, 100]


def test_refusals_in_every_period_slow_a_long_window_down_to_its_floor() -> None:
    clock = Clock()
    limiter = WindowLimiter(MemoryWindow(clock))
    quota = Quota("q", 100, timedelta(seconds=60))
    for _ in range(10):
        limiter.penalize("s", quota, 0.0)
        clock.now += 60.0
    assert sum(wait_of(limiter, quota) == 0 for _ in range(101)) in range(10, 16)


def test_long_and_short_quotas_go_apart() -> None:
    clock = Clock()
    short, long = LocalLimiter(clock), WindowLimiter(MemoryWindow(clock))
    limiter = SplitLimiter(short=short, long=long)
    minute, second = Quota("m", 1, timedelta(seconds=60)), Quota("s", 1, timedelta(seconds=1))
    limiter.acquire("x", minute)
    limiter.acquire("x", second)
    assert wait_of(long, minute, "x") == pytest.approx(60)
    assert wait_of(short, second, "x") == pytest.approx(1)
    limiter.penalize("x", minute, 500)
    assert wait_of(long, minute, "x") == pytest.approx(500)


def test_threads_share_a_local_limiter() -> None:
    limiter = LocalLimiter(Clock())
    taken: list[int] = []

    def work() -> None:
        taken.extend(1 for _ in range(50) if wait_of(limiter, TRENDYOL_LIKE) == 0)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(taken) == pace(TRENDYOL_LIKE).burst


def test_no_limiter_limits_nothing() -> None:
    limiter = NoLimiter()
    limiter.penalize("s", TRENDYOL_LIKE, 10)
    assert all(wait_of(limiter, TRENDYOL_LIKE) == 0 for _ in range(200))


def test_the_refusal_speaks_plainly() -> None:
    limiter = WindowLimiter(MemoryWindow(Clock()))
    quota = Quota("siparişler", 1, timedelta(seconds=60))
    limiter.acquire("s", quota)
    with pytest.raises(RateLimited) as caught:
        limiter.acquire("s", quota)
    assert "siparişler" in caught.value.message.tr
    assert "60" in caught.value.message.en
    assert not caught.value.counts
