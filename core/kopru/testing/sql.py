"""A base for simulators of programs that are reached through their SQL Server database, by ``ctx.sql``.

No SQL Server is needed: the plugin's own statements run on PostgreSQL, translated by sqlglot, and stored
procedures are Python functions. ``SimulatedDriver`` (``sqlwire``) takes the place of the driver. What only
SQL Server itself could prove (its locks, hints, collations, types and the driver) is not proven here.

A transaction is kept by the driver: each request carries the statements before it with what they answered,
and the simulator carries them out again unless nobody else came in between, so that nothing depends on a
connection that may be lost. When somebody has changed what the transaction has read, the answers differ and
it ends as a deadlock's victim.
"""

import base64
import json
import re
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import count
from typing import Any, ClassVar, LiteralString

import psycopg
from psycopg import sql as pgsql
from psycopg.rows import dict_row

from kopru.testing.postgres import database_url
from kopru.testing.simulator import Simulator, reply
from kopru.testing.sqlwire import COMMIT, PREFIX, SimulatedDriver, Step, decoded, encoded
from kopru.testing.wire import SimRequest, SimResponse
from kopru.transport.body import to_json
from kopru.transport.sqldriver import Refused

_DEADLOCK = (1205, "The transaction was deadlocked and has been chosen as the deadlock victim.")
_STATES = {"23505": 2627, "23502": 515, "42P01": 208, "42703": 207, "22001": 8152, "40001": 1205}
"""SQL Server's numbers for PostgreSQL's states."""
_CALL = re.compile(r"\bEXEC\s+\[?(\w+)\]?(?:\.\[?(\w+)\]?)?", re.IGNORECASE)
_ARGUMENT = re.compile(r"@(\w+)\s*=\s*(@\w+|-?[\d.]+|N?'[^']*')(\s+OUTPUT)?", re.IGNORECASE)
_SELECTED = re.compile(r"@(\w+)\s+AS\s+(\w+)", re.IGNORECASE)

_numbers = count(1)
_spare: dict[type, list[str]] = {}
"""Schemas that simulators of a kind have left."""
_shapes: dict[str, list[dict[str, Any]]] = {}
"""The tables and columns each schema was made with."""
_EMPTY = """
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
END $$
"""

Procedure = Callable[["Session", Mapping[str, Any]], Mapping[str, Any]]
"""Takes the arguments by name and returns the output parameters."""


class SqlSimulator(Simulator):
    """A program's databases. A subclass gives their tables and what its procedures do."""

    driver = SimulatedDriver()
    username: ClassVar[str] = "kopru"
    password: ClassVar[str] = "parola-Şifre-1433"
    tables: ClassVar[str] = ""
    """The tables of one database, in PostgreSQL's words and empty; texts are ``char`` as in old programs."""

    def __init__(self, **options: Any) -> None:
        """Take what ``Simulator`` takes."""
        super().__init__(**options)
        self.databases: dict[str, str] = {}
        """The schema that stands for each database."""
        self.procedures: dict[str, Procedure] = {}
        # What is simulated need not survive the machine.
        self._connection = psycopg.connect(
            database_url(), autocommit=True, row_factory=dict_row, options="-c synchronous_commit=off"
        )
        self._under_way: tuple[str, list[Ran]] = ("", [])
        """The transaction that is open: its database and what it has run."""

    def stop(self) -> None:
        """Stop answering and let the next simulator of this kind have the schemas."""
        super().stop()
        if not self._connection.closed:
            with self.lock:
                self._end("ROLLBACK")
                self._connection.close()
            _spare.setdefault(type(self), []).extend(self.databases.values())

    def add_database(self, name: str) -> "Session":
        """Make a database with empty tables and return a session on it."""
        schema = self._emptied() or self._created()
        self.databases[name] = schema
        return self.session(name)

    def _created(self) -> str:
        schema = f"sim_{next(_numbers)}"
        self._use(schema, create=True)
        self._connection.execute(self.tables + _CATALOGUE.replace("<schema>", schema))
        _shapes[schema] = self._shape()
        return schema

    def _emptied(self) -> str:
        """Return a schema that another simulator left with its tables unchanged; making one is slow."""
        spare = _spare.get(type(self), [])
        while spare:
            schema = spare.pop()
            self._use(schema)
            if self._shape() == _shapes[schema]:
                self._connection.execute(_EMPTY)
                return schema
        return ""

    def _shape(self) -> list[dict[str, Any]]:
        return self._connection.execute("SELECT * FROM columns ORDER BY 1, 2").fetchall()

    def _use(self, schema: str, *, create: bool = False) -> None:
        name = pgsql.Identifier(schema)
        if create:
            self._connection.execute(pgsql.SQL("CREATE SCHEMA {}").format(name))
        self._connection.execute(pgsql.SQL("SET search_path TO {}").format(name))

    def session(self, database: str) -> "Session":
        """Return a session on a database; what it runs is committed at once. Hold ``lock`` meanwhile."""
        self._end("ROLLBACK")
        self._use(self.databases[database])
        return Session(database, self._connection)

    @abstractmethod
    def committed(self, session: "Session", steps: Sequence["Ran"]) -> None:
        """Note the facts of what is being committed."""

    def guard(self, request: SimRequest) -> SimResponse | None:
        """Check the login."""
        login = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {login}":
            return _told(18456, f"Login failed for user '{self.username}'.")
        return None

    def handle(self, request: SimRequest) -> SimResponse:
        """Carry a statement, or the end of a transaction, out."""
        if not request.path.startswith(PREFIX):
            return super().handle(request)
        refusal = self.guard(request)
        if refusal is not None:
            return refusal
        body = request.json()
        if body["database"] not in self.databases:
            return _told(4060, f'Cannot open database "{body["database"]}" requested by the login.')
        with self.lock:
            try:
                return SimResponse(200, to_json(self._carried(body, request.path == f"{PREFIX}{COMMIT}")))
            except Refused as refused:
                return _told(refused.number, refused.message)
            except psycopg.Error as error:
                number = _STATES.get(error.sqlstate or "", 0)
                if not number:
                    raise
                return _told(number, str(error))

    def _carried(self, body: Step, commit: bool) -> list[Any]:
        database, steps = body["database"], body["steps"]
        known = len(steps) if commit else len(steps) - 1
        session = self._resumed(database, [_key(step) for step in steps[:known]])
        try:
            done = self._under_way[1]
            for step in steps[len(done) :]:
                values = {name: decoded(value) for name, value in step["values"].items()}
                rows = self._ran(session, step["text"], step["types"], values)
                answer = json.loads(to_json(rows), parse_float=Decimal)
                if "answer" in step and answer != step["answer"]:
                    raise Refused(*_DEADLOCK)
                done.append(Ran(step["text"], values, rows, _key(step)))
        except BaseException:
            self._end("ROLLBACK")
            raise
        if not commit:
            return done[-1].rows
        self.committed(session, done)
        self._end("COMMIT")
        return []

    def _resumed(self, database: str, wanted: list[str]) -> "Session":
        """Return a session in which exactly the wanted statements, or none, have been run."""
        name, done = self._under_way
        if name != database or [each.key for each in done] != wanted:
            session = self.session(database)
            self._connection.execute("BEGIN")
            self._under_way = (database, [])
            return session
        return Session(database, self._connection)

    def _end(self, how: LiteralString) -> None:
        if self._under_way[0]:
            self._under_way = ("", [])
            self._connection.execute(how)

    def _ran(
        self, session: "Session", text: str, types: Mapping[str, str], values: Mapping[str, Any]
    ) -> list[Any]:
        called = _CALL.search(text)
        if called is None:
            return [_encoded_row(row) for row in session.translated(text, types, values)]
        return [_encoded_row(row) for row in self._call(session, text, called, values)]

    def _call(
        self, session: "Session", text: str, called: re.Match[str], values: Mapping[str, Any]
    ) -> list[Mapping[str, Any]]:
        name = called[2] or called[1]
        procedure = self.procedures.get(name)
        if procedure is None:
            raise Refused(2812, f"Could not find stored procedure '{name}'.")
        given, outputs = {}, {}
        for argument, value, output in _ARGUMENT.findall(text[called.end() :]):
            if output:
                outputs[value[1:]] = argument
            elif value.startswith("@"):
                given[argument] = values[value[1:]]
            else:
                given[argument] = value.lstrip("N").strip("'") if "'" in value else Decimal(value)
        answered = procedure(session, given)
        row = {
            alias: answered[outputs[local]] for local, alias in _SELECTED.findall(text) if local in outputs
        }
        return [row] if row else []


@dataclass(frozen=True, slots=True)
class Ran:
    """One statement of a transaction: its text, values and rows, and what tells it from others."""

    text: str
    values: Mapping[str, Any]
    rows: list[Any]
    key: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """A database as simulators and their procedures use it: statements in PostgreSQL's words."""

    database: str
    connection: "psycopg.Connection[dict[str, Any]]"

    def script(self, text: str) -> None:
        """Run statements without values."""
        self.connection.execute(text)

    def rows(self, text: str, **values: Any) -> list[dict[str, Any]]:
        """Run one statement with ``%(name)s`` places and return its rows; text is stripped of its filling."""
        cursor = self.connection.execute(text, values)
        return [_stripped(row) for row in cursor.fetchall()] if cursor.description else []

    def insert(self, table: str, **values: Any) -> None:
        """Insert a row; columns not named keep their defaults."""
        columns, places = ", ".join(values), ", ".join(f"%({name})s" for name in values)
        self.rows(f"INSERT INTO {table} ({columns}) VALUES ({places})", **values)

    def translated(
        self, text: str, types: Mapping[str, str], values: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Run a T-SQL batch and return the rows of its last result, text filled up as it is stored."""
        found: list[dict[str, Any]] = []
        for statement in translate(text, tuple(types.items())):
            cursor = self.connection.execute(statement, values)
            if cursor.description:
                found = cursor.fetchall()
        return found


@lru_cache(maxsize=512)
def translate(text: str, types: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Return a T-SQL batch as PostgreSQL statements with ``%(name)s`` places."""
    import sqlglot  # noqa: PLC0415 - only simulated databases need it
    from sqlglot import exp  # noqa: PLC0415 - only simulated databases need it

    known = dict(types)

    def swap(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Parameter):
            return exp.Var(this=f"CAST(__place_{node.name}__ AS {_postgres_type(known[node.name])})")
        if isinstance(node, exp.Returning):
            for column in node.find_all(exp.Column):
                column.set("table", None)
        if isinstance(node, exp.Identifier):
            node.set("quoted", False)
        if isinstance(node, exp.Table) and node.db.upper() in ("INFORMATION_SCHEMA", "DBO"):
            node.set("db", None)
        return node

    made = []
    for statement in sqlglot.parse(text, read="tsql"):
        if statement is not None:
            written = statement.transform(swap).sql(dialect="postgres", comments=False)
            made.append(re.sub(r"__place_(\w+?)__", r"%(\1)s", written.replace("%", "%%")))
    return tuple(made)


_CATALOGUE = """
CREATE TABLE routines (routine_name text);
CREATE VIEW columns AS
    SELECT upper(table_name) AS table_name, upper(column_name) AS column_name
    FROM information_schema.columns WHERE table_schema = '<schema>';
"""


def _postgres_type(kind: str) -> str:
    if kind.startswith("nvarchar"):
        return "BPCHAR"
    return {"bit": "SMALLINT", "datetime": "TIMESTAMP"}.get(kind, kind)


def _key(step: Step) -> str:
    return json.dumps([step["text"], step["values"]], sort_keys=True, default=str)


def _told(number: int, message: str) -> SimResponse:
    return reply({"number": number, "message": message}, 422)


def _encoded_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: encoded(value) if isinstance(value, date) else value for name, value in row.items()}


def _stripped(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.rstrip() if isinstance(value, str) else value for name, value in row.items()}


__all__ = ["Procedure", "Ran", "Refused", "Session", "SimulatedDriver", "SqlSimulator", "translate"]
