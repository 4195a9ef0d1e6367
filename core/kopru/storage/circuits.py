"""Circuit breakers of connections, in PostgreSQL so that all processes see one state by one clock.

Closed: calls go. After ``FAILURES`` exchanges in a row that the remote did not answer: open until a time that
doubles with each trip. After that: half open, and one call tries; its answer closes the circuit.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
import structlog

from kopru.storage.faults import DatabaseError
from kopru.storage.store import Store
from kopru.transport.errors import CIRCUIT_OPEN, CircuitOpen

FAILURES = 8
"""Exchanges in a row without an answer, over all processes, that open a circuit."""

FIRST_REST = 5.0
LONGEST_REST = 60.0
"""Seconds a circuit rests at first, and at most."""

LOOK_EVERY = 1.0
"""Seconds a process trusts what it last saw of a circuit."""

PROBE_MARGIN = 10.0
"""Seconds beyond its own deadline after which a try counts as lost with its worker."""

SOON = 2.0
"""Seconds to wait while somebody else tries."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Seen:
    failures: int
    is_open: bool
    until: float


class Circuits:
    """The circuits of all connections as one process sees them."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the store whose engine role keeps the gates, and this process's clock in seconds."""
        self._store = store
        self._clock = clock
        self._seen: dict[UUID, _Seen] = {}
        self._lock = threading.Lock()

    def of(
        self, tenant_id: UUID, connection_id: UUID, *, held: bool, note: Callable[[float], None]
    ) -> "StoredCircuit":
        """Return the circuit of a connection for one piece of work."""
        return StoredCircuit(self, tenant_id, connection_id, held, note)

    def look(self, connection_id: UUID) -> _Seen:
        """Return the state of a circuit, at most ``LOOK_EVERY`` seconds old."""
        with self._lock:
            seen = self._seen.get(connection_id)
        if seen is not None and seen.until > self._clock():
            return seen
        with self._store.engine() as db:
            row = db.execute(_LOOK, {"connection": connection_id}).one_or_none()
        return self.keep(connection_id, row.failures if row else 0, bool(row and row.is_open))

    def keep(self, connection_id: UUID, failures: int, is_open: bool) -> _Seen:
        """Remember a state for a moment."""
        seen = _Seen(failures, is_open, self._clock() + LOOK_EVERY)
        with self._lock:
            self._seen[connection_id] = seen
        return seen

    def probe(self, connection_id: UUID, seconds: float) -> sa.Row[tuple[bool, bool, float]] | None:
        """Ask to be the one who tries: (whether it is us, whether the circuit is closed, seconds to wait)."""
        with self._store.engine() as db:
            values = {"connection": connection_id, "seconds": seconds + PROBE_MARGIN, "soon": SOON}
            return db.execute(_PROBE, values).one_or_none()

    def trip(self, tenant_id: UUID, connection_id: UUID, code: str) -> float:
        """Count a failure; return the seconds the circuit rests, 0 when it is closed."""
        values = {"tenant": tenant_id, "connection": connection_id, "code": code}
        limits = {"most": FAILURES, "first": FIRST_REST, "longest": LONGEST_REST}
        with self._store.tenant(tenant_id) as uow:
            row = uow.db.execute(_FAILED, {**values, **limits}).one()
            if row.opened:
                uow.events.add("engine", "connection", connection_id, "connection.circuit_opened", code=code)
        rest = float(row.rest or 0.0)
        self.keep(connection_id, row.failures, row.rest is not None)
        if row.opened:
            log.warning("circuit.open", connection=str(connection_id), code=code, seconds=round(rest))
        return max(rest, SOON) if row.rest is not None else 0.0

    def close(self, tenant_id: UUID, connection_id: UUID) -> None:
        """Forget failures; when the circuit was open, let what waited for it go on."""
        values = {"tenant": tenant_id, "connection": connection_id, "code": CIRCUIT_OPEN}
        with self._store.tenant(tenant_id) as uow:
            was_open = uow.db.execute(_ANSWERED, values).scalar_one_or_none()
            if was_open:
                uow.db.execute(_GO_ON, values)
                uow.events.add("engine", "connection", connection_id, "connection.circuit_closed")
        self.keep(connection_id, 0, False)
        if was_open:
            log.info("circuit.closed", connection=str(connection_id))
            self._store.wake()


def resting(store: Store) -> list[str]:
    """Return the connections whose circuit is open, as ``tenant/connection``."""
    with store.engine() as db:
        return list(db.execute(_RESTING).scalars())


class StoredCircuit:
    """One connection's circuit during one piece of work."""

    def __init__(
        self,
        circuits: Circuits,
        tenant_id: UUID,
        connection_id: UUID,
        held: bool,
        note: Callable[[float], None],
    ) -> None:
        """Take what ``Circuits.of`` was told."""
        self._circuits = circuits
        self._tenant_id = tenant_id
        self._connection_id = connection_id
        self._held = held
        self._note = note
        self._trying = False

    def admit(self, seconds: float) -> None:
        """Let a call of so many seconds go. A database that is away for now holds nothing up.

        Raises:
            CircuitOpen: the remote rests.
        """
        if not self._held or self._trying:
            return
        try:
            if not self._circuits.look(self._connection_id).is_open:
                return
            row = self._circuits.probe(self._connection_id, seconds)
        except DatabaseError:
            return
        if row is None or row.closed:
            self._circuits.keep(self._connection_id, 0, False)
            return
        if not row.mine:
            raise CircuitOpen(float(row.wait))
        self._trying = True

    def failed(self, code: str) -> None:
        """Note that no answer came."""
        self._trying = False
        rest = self._circuits.trip(self._tenant_id, self._connection_id, code)
        if rest:
            self._note(rest)

    def answered(self) -> None:
        """Note that the remote is there, whatever it said."""
        seen = self._circuits.look(self._connection_id)
        if self._trying or seen.failures or seen.is_open:
            self._trying = False
            self._circuits.close(self._tenant_id, self._connection_id)


_LOOK = sa.text("select failures, until is not null as is_open from gate where connection_id = :connection")

_RESTING = sa.text("""
    select tenant.slug || '/' || connection.name from gate
    join connection using (tenant_id) join tenant on tenant.id = gate.tenant_id
    where connection.id = gate.connection_id and gate.until is not null
    order by 1
""")

_PROBE = sa.text("""
    with ours as (
        update gate set probe_until = clock_timestamp() + make_interval(secs => :seconds)
        where connection_id = :connection and until <= clock_timestamp()
          and (probe_until is null or probe_until < clock_timestamp())
        returning connection_id
    )
    select exists (select from ours) as mine, until is null as closed,
        greatest(extract(epoch from until - clock_timestamp()), :soon) as wait
    from gate where connection_id = :connection
""")

_FAILED = sa.text("""
    insert into gate as g (tenant_id, connection_id, failures, code) values (:tenant, :connection, 1, :code)
    on conflict (tenant_id, connection_id) do update set
        failures = g.failures + 1,
        code = excluded.code,
        opened_at = case when g.failures + 1 >= :most then coalesce(g.opened_at, clock_timestamp()) end,
        trips = case when g.failures + 1 >= :most and coalesce(g.until <= clock_timestamp(), true)
                     then g.trips + 1 else g.trips end,
        until = case when g.failures + 1 < :most then null
                     when coalesce(g.until <= clock_timestamp(), true)
                     then clock_timestamp() + make_interval(secs => least(
                            :longest, :first * power(2, least(g.trips, 10))))
                     else g.until end,
        probe_until = null
    returning failures, extract(epoch from until - clock_timestamp()) as rest,
        until is not null and trips = 1 and failures = :most as opened
""")

_ANSWERED = sa.text("""
    with before as (
        select tenant_id, connection_id, until is not null as was_open from gate
        where tenant_id = :tenant and connection_id = :connection and failures > 0
        for update
    )
    update gate set failures = 0, trips = 0, code = null, opened_at = null, until = null, probe_until = null
    from before where gate.tenant_id = before.tenant_id and gate.connection_id = before.connection_id
    returning before.was_open
""")

_GO_ON = sa.text("""
    update job set run_at = clock_timestamp(), rung_at = null
    where id in (
        select id from job
        where tenant_id = :tenant and state = 'queued' and run_at > clock_timestamp()
          and error ->> 'code' = :code
        order by key for update skip locked
    )
""")
"""What waits for a circuit; that of another connection is told to wait again."""
