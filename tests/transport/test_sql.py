"""``ctx.sql``: what is sent, what is committed, what every kind of trouble becomes, and what is written down."""

import socket
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from kopru.hooks.errors import (
    AuthError,
    ConfigError,
    Conflict,
    ConnectorError,
    OutcomeUnknown,
    PluginBug,
    RateLimited,
    Rejected,
    TransientError,
)
from kopru.hooks.io import SqlRefusal, SqlServer
from kopru.hooks.types import Operation
from kopru.testing.faults import Fault, FaultKind
from kopru.testing.simulator import Held
from kopru.testing.sql import Ran, Session, SqlSimulator
from kopru.testing.world import World
from kopru.transport.errors import CircuitOpen, LeaseLost, PlannedRequest
from kopru.transport.mssql import MssqlDriver
from kopru.transport.ports import Exchange
from kopru.transport.redaction import Redactor, secrets_of
from kopru.transport.sql import SqlClient, SqlLimits
from kopru.transport.sqldriver import Refused
from kopru.transport.sqlerrors import refused

PACKAGE = "kopru_sql_under_test"
FILES = {
    "names": "-- kind: read\nSELECT code, customer_name, amount FROM item ORDER BY code",
    "add": (
        "-- kind: write\n-- value: code nvarchar(10)\n-- value: customer_name nvarchar(50)\n-- value: amount decimal(18,2)\n"
        "INSERT INTO item (code, customer_name, amount) VALUES (@code, @customer_name, @amount)"
    ),
    "next": "-- kind: write\nUPDATE counter SET last = last + 1 OUTPUT inserted.last AS ref",
    "missing_table": "-- kind: read\nSELECT 1 AS one FROM nowhere",
    "call": "-- kind: write\n-- name: procedure\n-- value: code nvarchar(10)\nEXEC $(procedure) @Kod = @code",
}


class Shelf(SqlSimulator):
    """A database with one table, a counter and a procedure that is never content."""

    name = "shelf"
    tables = (
        'CREATE TABLE item (code char(10) COLLATE "C" PRIMARY KEY, customer_name char(50) NOT NULL, amount numeric(18,2));'
        "CREATE TABLE counter (last int NOT NULL);"
    )

    def __init__(self) -> None:
        super().__init__()
        self.add_database("SHELF_2026").insert("counter", last=0)
        self.procedures["sp_Red"] = self._refuse

    def _refuse(self, session: Session, given: Any) -> Any:
        raise Refused(50000, f"Tanımsız: {given['Kod']}")

    def config(self) -> dict[str, Any]:
        return {}

    def load(self, world: World) -> None:
        """Hold nothing."""

    def held(self, operation: Operation) -> list[Held]:
        return []

    def committed(self, session: Session, steps: Sequence[Ran]) -> None:
        self.truth.note("committed", statements=len(steps))

    def codes(self) -> list[str]:
        with self.lock:
            return [
                row["code"] for row in self.session("SHELF_2026").rows("SELECT code FROM item ORDER BY code")
            ]


class Recorder:
    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def record(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)


@pytest.fixture(scope="module", autouse=True)
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    root = tmp_path_factory.mktemp("sql")
    folder: Path = root / PACKAGE / "statements"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    for name, text in FILES.items():
        (folder / f"{name}.sql").write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(root)
        yield


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with Shelf() as shelf:
        yield shelf


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def sql(shelf: Shelf, recorder: Recorder) -> Callable[..., SqlClient]:
    def make(password: str = Shelf.password, **options: Any) -> SqlClient:
        port = int(shelf.url.rpartition(":")[2])
        server = SqlServer("127.0.0.1", Shelf.username, SecretStr(password), port, local=True, encrypt=False)
        return SqlClient(
            **{
                "server": server,
                "package": PACKAGE,
                "recorder": recorder,
                "redactor": Redactor(secrets_of({"password": server.password})),
                "driver": shelf.driver,
                "connection": uuid.UUID(int=7),
                **options,
            }
        )

    return make


def add(run: Any, code: str = "A", **options: Any) -> Any:
    values = {"code": code, "customer_name": "Ayşe Örnekoğlu", "amount": Decimal("12.50")}
    return run.run("add", values, **options)


def failure(call: Callable[[], object]) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        call()
    return caught.value


def test_a_write_is_committed_and_read_back(sql, shelf: Shelf) -> None:
    add(sql(), database="SHELF_2026")
    (row,) = sql().run("names", database="SHELF_2026")
    assert (row["code"].strip(), row["customer_name"].strip(), row["amount"]) == (
        "A",
        "Ayşe Örnekoğlu",
        Decimal("12.50"),
    )
    assert len(shelf.truth.of("committed")) == 1


def test_a_transaction_holds_together(sql, shelf: Shelf) -> None:
    with sql().transaction("SHELF_2026") as work:
        add(work, "A")
        add(work, "B")
        assert shelf.codes() == [], "nobody else sees it yet"
        assert len(work.run("names")) == 2, "it sees what it wrote itself"
    assert shelf.codes() == ["A", "B"]


def test_any_error_inside_undoes_all(sql, shelf: Shelf) -> None:
    def write() -> None:
        with sql().transaction("SHELF_2026") as work:
            add(work, "A")
            add(work, "A")

    assert type(failure(write)) is Conflict
    with pytest.raises(RuntimeError), sql().transaction("SHELF_2026") as work:
        add(work, "B")
        raise RuntimeError
    assert shelf.codes() == []


def test_what_was_read_and_changed_meanwhile_makes_a_victim(sql, shelf: Shelf) -> None:
    """Two writers never take one number; the one that comes late is undone and may try again."""

    def late() -> None:
        with sql().transaction("SHELF_2026") as work:
            assert work.run("next") == [{"ref": 1}]
            assert sql().run("next", database="SHELF_2026") == [{"ref": 1}]
            add(work)

    error = failure(late)
    assert (type(error), error.code) == (TransientError, "sql.undone")
    assert sql().run("next", database="SHELF_2026") == [{"ref": 2}]
    assert shelf.codes() == []


@pytest.mark.parametrize("statement", ["names", "add"])
@pytest.mark.parametrize(
    ("fault", "late"),
    [
        (Fault(FaultKind.DROP_BEFORE), False),
        (Fault(FaultKind.STATUS, status=503), True),
        (Fault(FaultKind.MALFORMED), False),
    ],
)
def test_a_lost_answer_is_unknown_for_a_write_only(
    sql, shelf: Shelf, statement: str, fault: Fault, late: bool
) -> None:
    shelf.faults.add(fault)
    if statement == "add":
        error = failure(lambda: add(sql(), database="SHELF_2026"))
        assert (type(error), error.code) == (OutcomeUnknown, "sql.outcome_unknown")
    else:
        error = failure(lambda: sql().run("names", database="SHELF_2026"))
        assert (type(error), error.code) == (TransientError, "sql.timeout" if late else "sql.connection_lost")


def test_a_lost_commit_is_unknown_although_it_happened(sql, shelf: Shelf) -> None:
    shelf.faults.add(Fault(FaultKind.DROP_AFTER, path="commit"))
    assert type(failure(lambda: add(sql(), database="SHELF_2026"))) is OutcomeUnknown
    assert shelf.codes() == ["A"]


def test_nothing_listens(sql, shelf: Shelf) -> None:
    shelf.stop()
    error = failure(lambda: add(sql(), database="SHELF_2026"))
    assert (type(error), error.code) == (TransientError, "sql.unreachable"), "it was not sent"


def test_the_hook_s_time_is_kept(sql, shelf: Shelf) -> None:
    shelf.faults.add(Fault(FaultKind.LATENCY, seconds=1.0))
    end = time.monotonic() + 0.2
    client = sql(remaining=lambda: end - time.monotonic())
    assert type(failure(lambda: add(client, database="SHELF_2026"))) is OutcomeUnknown
    assert failure(lambda: add(client, database="SHELF_2026")).code == "sql.deadline"


@pytest.mark.parametrize(
    ("statement", "options", "kind", "code"),
    [
        ("names", {"database": "NOT_THERE"}, ConfigError, "sql.database"),
        ("names", {"database": "x]; DROP DATABASE y"}, ConfigError, "sql.name"),
        ("missing_table", {"database": "SHELF_2026"}, ConfigError, "sql.unknown_object"),
        ("not_a_file", {"database": "SHELF_2026"}, PluginBug, "sql.statement"),
        ("names", {"database": "SHELF_2026", "names": {"x": "y"}}, PluginBug, "sql.statement"),
    ],
)
def test_what_the_operator_or_the_author_must_put_right(sql, statement, options, kind, code) -> None:
    error = failure(lambda: sql().run(statement, **options))
    assert (type(error), error.code) == (kind, code)


def test_a_refused_login(sql) -> None:
    error = failure(lambda: sql(password="yanlış-parola").run("names", database="SHELF_2026"))
    assert (type(error), error.code) == (AuthError, "sql.login")


@pytest.mark.parametrize(
    ("number", "message", "kind"),
    [
        (1205, "", TransientError),
        (1222, "", TransientError),
        (2601, "", Conflict),
        (229, "", ConfigError),
        (2812, "", ConfigError),
        (102, "", PluginBug),
        (515, "", Rejected),
        (50001, "", Rejected),
        (18456, "", AuthError),
    ],
)
def test_the_server_s_numbers(number: int, message: str, kind: type[ConnectorError]) -> None:
    assert type(refused(Refused(number, message))) is kind


def test_a_busy_server_says_how_long() -> None:
    error = refused(Refused(40501, "The service is currently busy. Retry the request after 10 seconds."))
    assert isinstance(error, RateLimited)
    assert error.retry_after == 10.0
    unsaid = refused(Refused(10928, "limit"))
    assert isinstance(unsaid, RateLimited)
    assert unsaid.retry_after is None


def test_a_plugin_explains_what_a_procedure_says(sql) -> None:
    def explain(refusal: SqlRefusal) -> ConnectorError | None:
        return ConfigError("shelf.unknown") if "Tanımsız" in refusal.message else None

    def call(**options: Any) -> ConnectorError:
        names = {"procedure": "dbo.sp_Red"}
        return failure(
            lambda: sql().run("call", {"code": "X"}, database="SHELF_2026", names=names, **options)
        )

    assert (type(call()), call().code) == (Rejected, "sql.rejected")
    assert (type(call(explain=explain)), call(explain=explain).code) == (ConfigError, "shelf.unknown")


def test_a_dry_run_reads_and_shows_the_write(sql, shelf: Shelf) -> None:
    client = sql(dry_run=True)
    assert client.run("names", database="SHELF_2026") == []
    with pytest.raises(PlannedRequest) as planned:
        add(client, database="SHELF_2026")
    assert planned.value.call.method == "WRITE"
    assert planned.value.call.url.endswith("/SHELF_2026/add")
    assert "Örnekoğlu" not in str(planned.value.call)
    assert shelf.codes() == []


def test_a_lost_lease_stops_a_write_before_it_is_sent(sql, shelf: Shelf) -> None:
    class Lost:
        def before_write(self) -> None:
            raise LeaseLost

    client = sql(guard=Lost())
    assert client.run("names", database="SHELF_2026") == []
    assert type(failure(lambda: add(client, database="SHELF_2026"))) is LeaseLost
    assert shelf.codes() == []


def test_a_lease_lost_before_the_commit_undoes_all(sql, shelf: Shelf) -> None:
    class Once:
        asked = 0

        def before_write(self) -> None:
            self.asked += 1
            if self.asked > 1:
                raise LeaseLost

    assert type(failure(lambda: add(sql(guard=Once()), database="SHELF_2026"))) is LeaseLost
    assert shelf.codes() == []


def test_a_resting_server_is_left_alone(sql, shelf: Shelf) -> None:
    class Open:
        noted: list[str] = []

        def admit(self, seconds: float) -> None:
            raise CircuitOpen(5)

        def failed(self, code: str) -> None:
            self.noted.append(code)

        def answered(self) -> None:
            self.noted.append("answered")

    assert type(failure(lambda: sql(circuit=Open()).run("names", database="SHELF_2026"))) is CircuitOpen
    assert Open.noted == []
    assert not shelf.served


def test_the_circuit_hears_of_answers_and_of_silence(sql, shelf: Shelf) -> None:
    class Noting:
        def __init__(self) -> None:
            self.noted: list[str] = []

        def admit(self, seconds: float) -> None:
            pass

        def failed(self, code: str) -> None:
            self.noted.append(code)

        def answered(self) -> None:
            self.noted.append("answered")

    circuit = Noting()
    sql(circuit=circuit).run("names", database="SHELF_2026")
    failure(lambda: sql(circuit=circuit).run("missing_table", database="SHELF_2026"))
    shelf.stop()
    failure(lambda: sql(circuit=circuit).run("names", database="SHELF_2026"))
    assert circuit.noted == ["answered", "answered", "sql.unreachable"]


def test_exchanges_are_written_down_without_secrets_and_names(sql, shelf: Shelf, recorder: Recorder) -> None:
    add(sql(), database="SHELF_2026")
    sql().run("names", database="SHELF_2026")
    write, commit, read = recorder.exchanges
    assert [each.method for each in recorder.exchanges] == ["WRITE", "COMMIT", "READ"]
    assert write.url.endswith("/SHELF_2026/add")
    assert "12.50" in write.request_body
    assert (write.status, commit.status, read.sent) == (200, 200, True)
    kept = repr(recorder.exchanges)
    assert Shelf.password not in kept
    assert "Örnekoğlu" not in kept
    shelf.faults.add(Fault(FaultKind.DROP_BEFORE))
    failure(lambda: sql().run("names", database="SHELF_2026"))
    assert (recorder.exchanges[-1].status, recorder.exchanges[-1].error) == (None, "sql.connection_lost")


def test_too_many_rows_are_refused(sql, shelf: Shelf) -> None:
    for code in "ABC":
        add(sql(), code, database="SHELF_2026")
    few = sql(limits=SqlLimits(rows=2))
    assert failure(lambda: few.run("names", database="SHELF_2026")).code == "sql.too_many"


@pytest.mark.parametrize(
    ("server", "code"),
    [
        (None, "sql.server_missing"),
        (SqlServer("", "u", SecretStr("p")), "sql.server_missing"),
        (SqlServer("127.0.0.1", "u", SecretStr("p")), "http.address_refused"),
        (SqlServer("169.254.169.254", "u", SecretStr("p"), local=True), "http.address_refused"),
        (SqlServer("8.8.8.8", "u", SecretStr("p"), encrypt=False), "sql.plain_refused"),
    ],
)
def test_servers_that_may_not_be_called(server: SqlServer | None, code: str) -> None:
    client = SqlClient(server=server, package=PACKAGE)
    assert failure(lambda: client.run("names", database="SHELF_2026")).code == code


def driven(port: int, seconds: float) -> ConnectorError:
    """Return what the real driver's failure to connect becomes."""
    server = SqlServer("127.0.0.1", "kopru", SecretStr("gizli-parola"), port, local=True, encrypt=False)
    client = SqlClient(
        server=server, package=PACKAGE, driver=MssqlDriver(), limits=SqlLimits(connect_timeout=seconds)
    )
    return failure(lambda: add(client, database="SHELF_2026"))


def test_the_real_driver_finds_no_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    error = driven(port, 1.0)
    assert (type(error), error.code) == (TransientError, "sql.unreachable")
    assert "gizli" not in str(error)


def test_the_real_driver_gives_up_on_a_silent_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        error = driven(silent.getsockname()[1], 1.0)
    assert (type(error), error.code) == (TransientError, "sql.unreachable")
    assert time.monotonic() - started < 10, "one try, not one for each version of the protocol"
