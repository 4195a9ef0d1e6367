"""Quotas: the simulator enforces what the manifest states, and the engine's limiter keeps it."""

import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from kopru.hooks.errors import RateLimited
from kopru.hooks.manifest import Quota
from kopru.hooks.types import Ctx
from kopru.testing.contract.base import Suite
from kopru.testing.contract.failure import LeftOut, expect, expect_same
from kopru.testing.contract.session import LIMITS, Session
from kopru.testing.contract.streams import stream_hooks, stream_of
from kopru.testing.contract.subject import Subject
from kopru.transport.limiter import LocalLimiter

_CALLS = 6
_WINDOW = timedelta(seconds=1.0)
_COUNTED = timedelta(seconds=0.6)
"""What the simulator counts in: shorter than what the limiter keeps, as requests travel unevenly."""
_RUN = 1.4

Call = Callable[[Ctx[Any] | None], object]


class QuotaSuite(Suite):
    """Tests of the quotas, with few calls and short periods in place of the stated ones."""

    @classmethod
    def applies(cls, subject: Subject) -> bool:
        """Whether the manifest states quotas and there is a simulator."""
        return subject.simulator is not None and bool(subject.manifest.quotas) and bool(_readers(subject))

    def test_simulator_enforces_quotas(self) -> None:
        """Fails when a call beyond a stated quota is carried out, or refused with another error.

        Look at the simulator's own limits and at the path patterns of the quotas: they are searched in the
        whole path of a request.
        """
        matched = 0
        for hook in _readers(self.subject()):
            path = _path_of(self, hook)
            quotas = [quota for quota in self.plugin.manifest.quotas if _matches(quota, path)]
            if not quotas:
                continue
            matched += 1
            strict = [replace(quota, calls=1, period=timedelta(minutes=1)) for quota in quotas]
            with self.connected(quotas=strict) as session:
                read = _reader(self, session, hook)
                read(None)
                expect(_is_limited(read), f"{hook} was answered a second time beyond {quotas[0].name}.")
                expect(session.simulator.quotas.violations >= 1, "The simulator counted no violation.")
        expect(matched, "No stated quota matches any read of the plugin.")

    def test_limiter_keeps_quotas(self) -> None:
        """Fails when the engine's limiter lets more calls through than a stated quota allows.

        Look at quotas whose scope or pattern differs from what the remote really counts.
        """
        hook = next(hook for hook in _readers(self.subject()))
        quotas = self.plugin.manifest.quotas
        counted = [replace(quota, calls=_CALLS, period=_COUNTED) for quota in quotas]
        stated = tuple(replace(quota, calls=_CALLS, period=_WINDOW) for quota in quotas)
        with self.connected(quotas=counted) as session:
            read, ctx = _reader(self, session, hook), session.ctx(limiter=LocalLimiter())
            http = replace(ctx.http, quotas=stated, limits=replace(LIMITS, patience=0.0))  # type: ignore[type-var]
            calls = _read_for(_RUN, read, replace(ctx, http=http))
            expect(calls > _CALLS // 3, f"Only {calls} calls got through in {_RUN} seconds.")
            expect_same(session.simulator.quotas.violations, 0, "Calls beyond a quota")


def _readers(subject: Subject) -> list[str]:
    return [
        hook for hook in stream_hooks(subject) if hook not in ("fetch_refs", "fetch_returns", "fetch_inbox")
    ]


def _reader(suite: Suite, session: Session, hook: str) -> Call:
    stream = stream_of(suite, hook)
    return lambda ctx: stream.page(session, None, 1, ctx=ctx)


def _path_of(suite: Suite, hook: str) -> tuple[str, str]:
    """Return method and path of the last request a read makes."""
    with suite.connected() as session:
        session.ctx()
        _reader(suite, session, hook)(None)
        if not session.simulator.served:
            raise LeftOut(f"{hook} makes no request.")
        last = session.simulator.served[-1]
        return last.method, last.path


def _matches(quota: Quota, request: tuple[str, str]) -> bool:
    method, path = request
    return quota.method in ("*", method) and re.search(quota.path, path) is not None


def _is_limited(read: Call) -> bool:
    try:
        read(None)
    except RateLimited:
        return True
    return False


def _read_for(seconds: float, read: Call, ctx: Ctx[Any]) -> int:
    end, calls = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        try:
            read(ctx)
            calls += 1
        except RateLimited as error:
            time.sleep(min(error.retry_after or 0.01, 0.1))
    return calls
