"""Call quotas: the arithmetic, and limiters that live in this process.

A quota of N calls in W seconds is kept by GCRA with burst *b* and rate *r* so that ``b + r·W = N``: no
window of W seconds, wherever it starts, can hold more than N calls.
"""

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from kopru.hooks.errors import RateLimited
from kopru.hooks.manifest import Quota
from kopru.transport.ports import Limiter
from kopru.transport.texts import TEXTS

LONG = timedelta(seconds=60)
"""Quotas of this period and longer are counted exactly in durable storage."""

_ROUNDING = 1e-9

SLOWEST = 0.1
"""Share of the rate that remains after any number of 429 answers."""
SLOW_DOWN = 0.5
SPEED_UP = 0.05
"""Share of the rate won back per period without a 429."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a quota is spent: ``burst`` calls at once, then one per ``interval`` seconds."""

    burst: int
    interval: float
    period: float

    def slowed(self, share: float) -> "Pace":
        """Return the pace at a share of the rate."""
        return replace(self, burst=max(1, math.floor(self.burst * share)), interval=self.interval / share)


def pace(quota: Quota) -> Pace:
    """Return the pace of a quota: a tenth of it as burst, the rest as steady rate.

    A quota of a single call has no room for a burst besides the rate; its calls keep a whole period apart.

    Raises:
        ValueError: the quota allows no call or has no period.
    """
    period = quota.period.total_seconds()
    if quota.calls < 1 or period <= 0:
        raise ValueError(f"quota {quota.name} allows no call")
    burst = max(1, quota.calls // 10)
    return Pace(burst, period / max(1, quota.calls - burst), period)


@dataclass(frozen=True, slots=True)
class Bucket:
    """The state of one quota; times are in seconds of one clock.

    ``next_at`` is GCRA's theoretical arrival time, ``blocked_until`` what a 429 asked for, ``share`` the part
    of the rate in force since ``slowed_at``.
    """

    next_at: float
    share: float = 1.0
    slowed_at: float = 0.0
    blocked_until: float = 0.0

    def take(self, pace: Pace, now: float) -> tuple["Bucket", float]:
        """Return the bucket after asking for one call, and the seconds to wait; 0 means it was given."""
        current = pace.slowed(self.share_at(pace, now))
        earliest = max(self.blocked_until, self.next_at - (current.burst - 1) * current.interval)
        if earliest - now > _ROUNDING:
            return self, earliest - now
        return replace(self, next_at=max(now, self.next_at) + current.interval), 0.0

    def penalized(self, pace: Pace, now: float, retry_after: float | None) -> "Bucket":
        """Return the bucket after a 429: emptied, slowed once per period, and blocked as long as asked."""
        share, slowed_at = self.share_at(pace, now), self.slowed_at
        if share == 1.0 or now - slowed_at >= pace.period:
            share, slowed_at = max(SLOWEST, share * SLOW_DOWN), now
        else:
            share = self.share
        current = pace.slowed(share)
        return Bucket(
            next_at=max(self.next_at, now + current.burst * current.interval),
            share=share,
            slowed_at=slowed_at,
            blocked_until=max(self.blocked_until, now + (retry_after or 0.0)),
        )

    def share_at(self, pace: Pace, now: float) -> float:
        """Return the share of the rate in force: a little is won back with each quiet period."""
        periods = max(0.0, math.floor((now - self.slowed_at) / pace.period))
        return min(1.0, self.share + SPEED_UP * periods)


def refusal(quota: Quota, wait: float) -> RateLimited:
    """Return the error of a call that must wait."""
    text = TEXTS.text("limit.quota", quota=quota.name, seconds=f"{math.ceil(wait * 10) / 10:g}")
    return RateLimited("limit.quota", text, retry_after=wait, scope=quota.name)


class NoLimiter:
    """Limits nothing; for tests of other things."""

    def acquire(self, scope: str, quota: Quota) -> None:
        """Let the call go."""

    def penalize(self, scope: str, quota: Quota, retry_after: float | None) -> None:
        """Do nothing."""


class LocalLimiter:
    """Counts within this process, from a full burst; for tests and one-off commands."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the clock, in seconds."""
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def acquire(self, scope: str, quota: Quota) -> None:
        """Take one call.

        Raises:
            RateLimited: no call is free now.
        """
        now = self._clock()
        with self._lock:
            bucket = self._buckets.get((scope, quota.name)) or Bucket(next_at=now)
            bucket, wait = bucket.take(pace(quota), now)
            self._buckets[scope, quota.name] = bucket
        if wait:
            raise refusal(quota, wait)

    def penalize(self, scope: str, quota: Quota, retry_after: float | None) -> None:
        """Slow down after a 429."""
        now = self._clock()
        with self._lock:
            bucket = self._buckets.get((scope, quota.name)) or Bucket(next_at=now)
            self._buckets[scope, quota.name] = bucket.penalized(pace(quota), now, retry_after)


class DurableWindow(Protocol):
    """Counts calls of long quotas exactly, in storage that outlives the message broker."""

    def take(self, scope: str, quota: Quota) -> float:
        """Count one call if fewer than ``quota.calls`` lie in the last ``quota.period``.

        Returns 0 when it was counted, else the seconds until one will be free.
        """
        ...

    def slow(self, scope: str, quota: Quota, seconds: float) -> None:
        """Give no call for so many seconds, and then fewer: half of what was in force, at most once a period.

        ``SPEED_UP`` of the quota is won back with each period after that.
        """
        ...


class MemoryWindow:
    """A durable window's behaviour without the durability."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the clock, in seconds."""
        self._clock = clock
        self._lock = threading.Lock()
        self._calls: dict[tuple[str, str], deque[float]] = {}
        self._blocked: dict[tuple[str, str], float] = {}
        self._shares: dict[tuple[str, str], tuple[float, float]] = {}

    def take(self, scope: str, quota: Quota) -> float:
        """Count one call or return the seconds to wait."""
        period = quota.period.total_seconds()
        with self._lock:
            now = self._clock()
            calls = self._calls.setdefault((scope, quota.name), deque())
            while calls and calls[0] <= now - period:
                calls.popleft()
            most = max(1, math.floor(quota.calls * self._share(scope, quota, now) + _ROUNDING))
            free_at = calls[-most] + period if len(calls) >= most else now
            wait = max(free_at, self._blocked.get((scope, quota.name), 0.0)) - now
            if wait <= 0:
                calls.append(now)
            return max(wait, 0.0)

    def slow(self, scope: str, quota: Quota, seconds: float) -> None:
        """Give no call for so many seconds, and then half of what was in force."""
        with self._lock:
            now = self._clock()
            self._blocked[scope, quota.name] = max(now + seconds, self._blocked.get((scope, quota.name), 0.0))
            share, since = (
                self._share(scope, quota, now),
                self._shares.get((scope, quota.name), (1.0, now))[1],
            )
            if share == 1.0 or now - since >= quota.period.total_seconds():
                self._shares[scope, quota.name] = (max(SLOWEST, share * SLOW_DOWN), now)

    def _share(self, scope: str, quota: Quota, now: float) -> float:
        share, since = self._shares.get((scope, quota.name), (1.0, now))
        return min(1.0, share + SPEED_UP * math.floor((now - since) / quota.period.total_seconds()))


class WindowLimiter:
    """Keeps quotas by an exact window."""

    def __init__(self, window: DurableWindow) -> None:
        """Take where calls are counted."""
        self._window = window

    def acquire(self, scope: str, quota: Quota) -> None:
        """Take one call.

        Raises:
            RateLimited: no call is free now.
        """
        if wait := self._window.take(scope, quota):
            raise refusal(quota, wait)

    def penalize(self, scope: str, quota: Quota, retry_after: float | None) -> None:
        """Wait as long as the 429 asked, or a tenth of the period when it did not say; then go slower."""
        seconds = retry_after if retry_after is not None else quota.period.total_seconds() / 10
        self._window.slow(scope, quota, seconds)


class SplitLimiter:
    """Sends quotas of ``LONG`` and more to one limiter, shorter ones to another."""

    def __init__(self, *, short: Limiter, long: Limiter) -> None:
        """Take the two limiters."""
        self._short = short
        self._long = long

    def acquire(self, scope: str, quota: Quota) -> None:
        """Take one call.

        Raises:
            RateLimited: no call is free now.
        """
        self._of(quota).acquire(scope, quota)

    def penalize(self, scope: str, quota: Quota, retry_after: float | None) -> None:
        """Pass the 429 on."""
        self._of(quota).penalize(scope, quota, retry_after)

    def _of(self, quota: Quota) -> Limiter:
        return self._long if quota.period >= LONG else self._short
