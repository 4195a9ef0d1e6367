"""What a flow works with: the engine's parts, and the piece of work it was called for."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from kopru.flows.bench import Bench
from kopru.flows.gates import Circuits, NoCircuits
from kopru.flows.indexing import Indexes
from kopru.flows.ports import Store, Uow
from kopru.hooks.types import Credentials
from kopru.registry import Registry
from kopru.transport.errors import LeaseLost
from kopru.transport.ports import Exchange, Limiter

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

SAFETY = 1.0
"""Seconds of lease that must be left when the first byte of a write leaves."""


class Later(Exception):
    """The work cannot go on now; it runs again after some seconds. The try is not counted."""

    def __init__(self, seconds: float) -> None:
        """Take the seconds to wait."""
        self.seconds = seconds
        super().__init__(f"later: {seconds:.1f} s")


class Lease:
    """The right to work on a job, seen from this process by its monotonic clock.

    ``writes`` counts the requests of the present hook call whose first byte was let go.
    """

    def __init__(self, seconds: float | None) -> None:
        """Take the seconds the lease lasts; ``None`` never ends, for tools without a job."""
        self._until = None if seconds is None else time.monotonic() + seconds
        self._deadline: float | None = None
        self.writes = 0

    def renew(self, seconds: float) -> None:
        """Extend the lease, after the database said so."""
        if self._until is not None:
            self._until = time.monotonic() + seconds

    def limit(self, seconds: float) -> None:
        """Give the present hook call a deadline and forget earlier writes."""
        self._deadline = time.monotonic() + seconds
        self.writes = 0

    def remaining(self) -> float:
        """Return the seconds the present hook call may still take."""
        if self._deadline is None:
            return 30.0
        return max(self._deadline - time.monotonic(), 0.0)

    def before_write(self) -> None:
        """Let a write go, if the lease still stands.

        Raises:
            LeaseLost: too little of it is left; nothing may be sent.
        """
        if self._until is not None and self._until - time.monotonic() < SAFETY:
            raise LeaseLost("the lease ran out before the request left")
        self.writes += 1


@dataclass
class Cache:
    """Short-lived copies of settings and connections, so that each job need not read them again."""

    seconds: float = 2.0
    _held: dict[Any, tuple[float, Any]] = field(default_factory=dict)

    def get(self, key: Any, make: Callable[[], Any]) -> Any:
        """Return the cached value, made anew when it is too old."""
        held = self._held.get(key)
        if held is not None and held[0] > time.monotonic():
            return held[1]
        value = make()
        self._held[key] = (time.monotonic() + self.seconds, value)
        return value

    def forget(self, key: Any) -> None:
        """Drop a value that is known to be outdated."""
        self._held.pop(key, None)


@dataclass(frozen=True)
class Env:
    """The parts of the engine that every flow uses."""

    store: Store
    registry: Registry
    limiter: Limiter
    circuits: Circuits = field(default_factory=NoCircuits)
    user_agent: str = "kopru"
    recipient_age: timedelta = timedelta(hours=6)
    cache: Cache = field(default_factory=Cache)
    memory: dict[UUID, Credentials] = field(default_factory=dict)
    bench: Bench = field(default_factory=Bench)
    indexes: Indexes = field(default_factory=Indexes)


@dataclass(frozen=True)
class Work:
    """One piece of work of one tenant: a job, or a person's command (then there is no job id)."""

    env: Env
    tenant_id: UUID
    args: Mapping[str, Any]
    lease: Lease
    job_id: int | None = None
    attempt_no: int = 0
    actor: str = "engine"
    dry_run: bool = False
    exchanges: list[Exchange] = field(default_factory=list)
    """What was said to remotes and is not stored yet: writes, and whatever failed."""
    rests: list[float] = field(default_factory=list)
    """Seconds that circuits rest which were found open when a call of this work failed."""

    @contextmanager
    def read(self) -> Iterator[Uow]:
        """Open a transaction that only reads."""
        with self.env.store.tenant(self.tenant_id) as uow:
            yield uow

    @contextmanager
    def write(self) -> Iterator[Uow]:
        """Open a transaction that may write: it fails when the job was handed to someone else.

        Raises:
            LeaseLost: this try no longer owns the job.
        """
        with self.env.store.tenant(self.tenant_id) as uow:
            if self.job_id is not None:
                uow.jobs.hold(self.job_id, self.attempt_no)
            yield uow
            self._store_exchanges(uow)

    def keep_exchanges(self) -> None:
        """Store what was said so far, for when no other transaction follows."""
        if self.exchanges:
            with self.read() as uow:
                self._store_exchanges(uow)

    def _store_exchanges(self, uow: Uow) -> None:
        while self.exchanges:
            uow.events.exchange(self.exchanges.pop(0))

    def record(self, exchange: Exchange) -> None:
        """Keep an exchange until the next transaction stores it; reads that went well are not kept."""
        if exchange.method not in SAFE or exchange.status is None or exchange.status >= 400:
            self.exchanges.append(exchange)
