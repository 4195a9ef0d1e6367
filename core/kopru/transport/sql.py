"""SQL Server for a hook: ``kopru.hooks.io.Sql`` with every guard of the engine around it.

A connection is opened when its first statement is sent and closed at the end of the statement or transaction
it was opened for, so that none outlives the call.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from kopru.hooks.errors import ConfigError, ConnectorError, OutcomeUnknown, Rejected, TransientError
from kopru.hooks.io import ExplainSql, SqlRefusal, SqlRow, SqlServer, SqlValue
from kopru.transport import sqlerrors, statements
from kopru.transport.address import Resolver, resolve, system_resolver
from kopru.transport.errors import LeaseLost, PlannedCall, PlannedRequest
from kopru.transport.mssql import MssqlDriver
from kopru.transport.ports import Circuit, Exchange, Guard, NoCircuit, NoGuard, Recorder
from kopru.transport.redaction import Redactor
from kopru.transport.sqldriver import Broken, Connection, Driver, Refused, Unreachable
from kopru.transport.statements import Batch, Kind
from kopru.transport.texts import TEXTS

_COMMIT = "commit"
_shared = MssqlDriver()


def shared_driver() -> Driver:
    """Return the driver of the process."""
    return _shared


@dataclass(frozen=True, slots=True)
class SqlLimits:
    """Bounds of one client. Times are in seconds, sizes in characters."""

    timeout: float = 30.0
    connect_timeout: float = 10.0
    rows: int = 10_000
    recorded_body: int = 4_096


DEFAULT_SQL_LIMITS = SqlLimits()


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _unlimited() -> float:
    return float("inf")


@dataclass(frozen=True, kw_only=True)
class SqlClient:
    """Runs one plugin's statements on one connection's server.

    ``server`` says where it is, ``package`` where the statements are. ``remaining`` returns the seconds left
    for the hook, ``now`` the engine's time. ``driver`` replaces the process's own.
    """

    server: SqlServer | None = None
    package: str = ""
    recorder: Recorder | None = None
    guard: Guard = field(default_factory=NoGuard)
    circuit: Circuit = field(default_factory=NoCircuit)
    redactor: Redactor = field(default_factory=Redactor)
    dry_run: bool = False
    remaining: Callable[[], float] = _unlimited
    now: Callable[[], datetime] = _utc_now
    driver: Driver = field(default_factory=shared_driver)
    resolver: Resolver = system_resolver
    connection: UUID | None = None
    limits: SqlLimits = DEFAULT_SQL_LIMITS

    def run(
        self,
        statement: str,
        values: Mapping[str, SqlValue] | None = None,
        *,
        database: str,
        names: Mapping[str, str] | None = None,
        explain: ExplainSql | None = None,
        timeout: float | None = None,
    ) -> list[SqlRow]:
        """Run one statement on a connection of its own; see ``kopru.hooks.io.Sql.run``."""
        writes = statements.load(self.package, statement).kind is Kind.WRITE
        with self._connected(database, timeout, transaction=writes) as session:
            return session.run(statement, values, names=names, explain=explain)

    @contextmanager
    def transaction(self, database: str, *, timeout: float | None = None) -> Iterator["_Session"]:
        """Run statements in one transaction; see ``kopru.hooks.io.Sql.transaction``."""
        with self._connected(database, timeout, transaction=True) as session:
            yield session

    @contextmanager
    def _connected(self, database: str, timeout: float | None, *, transaction: bool) -> Iterator["_Session"]:
        name = statements.database_name(database)
        session = _Session(self, self._known_server(), name, timeout or self.limits.timeout, transaction)
        try:
            yield session
            session.commit()
        finally:
            session.close()

    def _known_server(self) -> SqlServer:
        if self.server is None or not self.server.host.strip():
            raise ConfigError("sql.server_missing", TEXTS["sql.server_missing"])
        if not self.server.local and not self.server.encrypt:
            raise ConfigError("sql.plain_refused", TEXTS["sql.plain_refused"])
        return self.server


@dataclass(slots=True)
class _Trip:
    """What is known about one exchange on its way."""

    method: str
    name: str
    asked: str = "{}"
    started: float = field(default_factory=time.monotonic)
    sent: bool = False
    status: int | None = None
    error: str = ""
    broken: bool = False
    answer: str = ""


@dataclass(slots=True)
class _Session:
    """One connection for one statement or transaction. ``written`` says that a write may have been sent."""

    client: SqlClient
    server: SqlServer
    database: str
    timeout: float
    transaction: bool
    opened: Connection | None = None
    written: bool = False

    def run(
        self,
        statement: str,
        values: Mapping[str, SqlValue] | None = None,
        *,
        names: Mapping[str, str] | None = None,
        explain: ExplainSql | None = None,
    ) -> list[SqlRow]:
        """Run one statement; see ``kopru.hooks.io.SqlRun.run``."""
        batch = statements.bind(statements.load(self.client.package, statement), values or {}, names or {})
        asked = _shown(batch)
        if batch.kind is Kind.WRITE and self.client.dry_run:
            raise PlannedRequest(self._planned(batch, asked))
        trip = _Trip(batch.kind.value.upper(), batch.name, asked)
        with self._exchange(trip, explain):
            found = self._sent(batch, trip)
            trip.answer = _text(found[:100])
        if len(found) > self.client.limits.rows:
            raise Rejected("sql.too_many", TEXTS.text("sql.too_many", limit=self.client.limits.rows))
        return found

    def commit(self) -> None:
        """Commit what was written."""
        if not self.written or self.opened is None:
            return
        trip = _Trip(_COMMIT.upper(), _COMMIT)
        with self._exchange(trip, None):
            budget = self._budget()
            self.client.guard.before_write()
            trip.sent = True
            self.opened.commit(timeout=budget)

    def close(self) -> None:
        """Hang up; what was not committed is undone."""
        if self.opened is not None:
            self.opened.close()

    def _sent(self, batch: Batch, trip: _Trip) -> list[SqlRow]:
        opened = self._connection()
        budget = self._budget()
        if batch.kind is Kind.WRITE:
            self.client.guard.before_write()
            self.written = True
        trip.sent = True
        return opened.run(batch, timeout=budget, rows=self.client.limits.rows + 1)

    def _connection(self) -> Connection:
        if self.opened is None:
            budget = min(self._budget(), self.client.limits.connect_timeout)
            address = resolve(
                self.server.host, self.server.port, local=self.server.local, resolver=self.client.resolver
            )[0]
            self.opened = self.client.driver.connect(
                self.server, address, self.database, transaction=self.transaction, timeout=budget
            )
        return self.opened

    def _budget(self) -> float:
        budget = min(self.timeout, self.client.remaining())
        if budget <= 0:
            raise TransientError("sql.deadline", TEXTS["sql.deadline"])
        return budget

    @contextmanager
    def _exchange(self, trip: _Trip, explain: ExplainSql | None) -> Iterator[None]:
        started_at = self.client.now()
        self.client.circuit.admit(self._budget())
        redactor = self.client.redactor.beside(trip.asked.encode())
        try:
            try:
                yield
                trip.status = 200
            except (Unreachable, Broken, Refused) as error:
                trip.broken = not isinstance(error, Refused)
                raise redactor.error(self._meaning(error, explain)) from None
        except ConnectorError as error:
            trip.error = error.code
            trip.broken |= isinstance(error, OutcomeUnknown) and not isinstance(error, LeaseLost)
            raise
        finally:
            self._record(trip, started_at, redactor)
            self._report(trip)

    def _meaning(self, error: Unreachable | Broken | Refused, explain: ExplainSql | None) -> ConnectorError:
        if isinstance(error, Unreachable):
            return sqlerrors.unreachable(error)
        if isinstance(error, Broken):
            return sqlerrors.broken(error, written=self.written)
        explained = explain(SqlRefusal(error.number, error.message)) if explain else None
        return explained or sqlerrors.refused(error)

    def _address(self, name: str) -> str:
        return f"mssql://{self.server.host}:{self.server.port}/{self.database}/{name}"

    def _planned(self, batch: Batch, asked: str) -> PlannedCall:
        redactor, limit = self.client.redactor, self.client.limits.recorded_body
        return PlannedCall(
            "WRITE", redactor.text(self._address(batch.name)), body=redactor.start(asked, limit=limit)
        )

    def _report(self, trip: _Trip) -> None:
        # As with recording: the outcome of the call stands.
        with suppress(Exception):
            if trip.broken:
                self.client.circuit.failed(trip.error)
            elif trip.sent:
                self.client.circuit.answered()

    def _record(self, trip: _Trip, started_at: datetime, redactor: Redactor) -> None:
        if self.client.recorder is None:
            return
        limit = self.client.limits.recorded_body
        with suppress(Exception):
            self.client.recorder.record(
                Exchange(
                    connection=self.client.connection,
                    method=trip.method,
                    url=redactor.text(self._address(trip.name)),
                    started_at=started_at,
                    seconds=time.monotonic() - trip.started,
                    sent=trip.sent,
                    status=trip.status,
                    error=trip.error,
                    request_size=len(trip.asked),
                    response_size=len(trip.answer),
                    request_body=redactor.start(trip.asked, limit=limit),
                    response_body=redactor.start(trip.answer, limit=limit),
                )
            )


def _shown(batch: Batch) -> str:
    return _text(dict(batch.values))


def _text(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, default=str)
