"""Limiters around a limiter: one that leaves room for others, one that notes what a call costs."""

from collections import Counter
from dataclasses import replace

from kopru.hooks.manifest import Quota
from kopru.transport.ports import Limiter

MARK = "~share"


class ShareLimiter:
    """Uses at most a percentage of each quota, in any window of its period and over all processes.

    The share is a quota of its own beside the real one, so that whoever uses the real one alone finds the
    rest of it free.
    """

    def __init__(self, inner: Limiter, percent: int) -> None:
        """Take the limiter that keeps the quotas, and the percentage of each."""
        self._inner = inner
        self._percent = percent

    def acquire(self, scope: str, quota: Quota) -> None:
        """Take one call.

        Raises:
            RateLimited: the share or the quota itself is spent for now.
        """
        self._inner.acquire(scope, share_of(quota, self._percent))
        self._inner.acquire(scope, quota)

    def penalize(self, scope: str, quota: Quota, retry_after: float | None) -> None:
        """Pass a 429 on."""
        self._inner.penalize(scope, quota, retry_after)


def share_of(quota: Quota, percent: int) -> Quota:
    """Return the part of a quota that a percentage is, at least one call."""
    calls = max(1, quota.calls * percent // 100)
    return replace(quota, name=f"{quota.name}{MARK}", calls=calls)


class CountingLimiter:
    """Notes which quotas a call uses, and passes it on."""

    def __init__(self, inner: Limiter) -> None:
        """Take the limiter that keeps the quotas."""
        self._inner = inner
        self.calls: Counter[str] = Counter()
        self.quotas: dict[str, Quota] = {}

    def acquire(self, scope: str, quota: Quota) -> None:
        """Take one call.

        Raises:
            RateLimited: the quota is spent for now.
        """
        self._inner.acquire(scope, quota)
        self.calls[quota.name] += 1
        self.quotas[quota.name] = quota

    def penalize(self, scope: str, quota: Quota, retry_after: float | None) -> None:
        """Pass a 429 on."""
        self._inner.penalize(scope, quota, retry_after)

    def seconds(self, pages: int, percent: int) -> float:
        """Return how long so many of the noted calls take within a percentage of each quota."""
        return max(
            (
                pages * calls * quota.period.total_seconds() / share_of(quota, percent).calls
                for name, calls in self.calls.items()
                for quota in [self.quotas[name]]
            ),
            default=0.0,
        )
