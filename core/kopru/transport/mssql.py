"""The driver ``pymssql`` (FreeTDS), imported when the first connection is opened.

A statement goes out as a call of ``sp_executesql``: its text and the declaration of its parameters stay the
same from call to call, the values stand beside them and are quoted by the driver. Dates travel as ISO texts,
which every language setting of a server reads alike.
"""

import math
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from kopru.hooks.errors import ConfigError
from kopru.hooks.io import SqlRow, SqlServer, SqlValue
from kopru.transport.sqldriver import Broken, Connection, Refused, Unreachable
from kopru.transport.statements import Batch
from kopru.transport.texts import TEXTS

_SETTINGS = "SET NOCOUNT ON; SET XACT_ABORT ON; SET ANSI_NULLS ON; SET QUOTED_IDENTIFIER ON"
_BEGIN = "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; BEGIN TRANSACTION"
_TIMED_OUT = 20003
_DB_LIBRARY = range(20000, 21000)
"""Numbers of FreeTDS itself: the connection, not the server, speaks."""
_KILLED = (596, 3981, 6005)


def call_of(batch: Batch) -> tuple[str, tuple[Any, ...]]:
    """Return the text with places and the values that run a statement."""
    if not batch.types:
        return "EXEC sys.sp_executesql %s", (batch.text,)
    declared = ", ".join(f"@{name} {kind}" for name, kind in batch.types.items())
    places = ", ".join(f"@{name} = %s" for name in batch.types)
    values = tuple(_plain(batch.values[name]) for name in batch.types)
    return f"EXEC sys.sp_executesql %s, %s, {places}", (batch.text, declared, *values)


class MssqlDriver:
    """Opens connections by ``pymssql``."""

    def connect(
        self, server: SqlServer, address: str, database: str, *, transaction: bool, timeout: float
    ) -> Connection:
        """Connect and log in; see ``Driver.connect``.

        Raises:
            ConfigError: ``sql.no_driver``.
        """
        pymssql = _pymssql()
        try:
            opened = pymssql.connect(
                server=address,
                port=str(server.port),
                user=server.username,
                password=server.password.get_secret_value(),
                database=database,
                login_timeout=_whole(timeout),
                timeout=_whole(timeout),
                encryption="require" if server.encrypt else "request",
                conn_properties=f"{_SETTINGS}; {_BEGIN}" if transaction else _SETTINGS,
                appname="kopru",
                autocommit=True,
                use_datetime2=True,
                # Named, because FreeTDS would try one version after the other, each for the whole time.
                tds_version="7.4",
            )
        except pymssql.Error as error:
            trouble = _trouble(error)
            raise trouble if isinstance(trouble, Refused) else Unreachable(str(trouble)) from None
        return _Connection(pymssql, opened)


class _Connection:
    def __init__(self, pymssql: Any, opened: Any) -> None:
        self._pymssql = pymssql
        self._opened = opened

    def run(self, batch: Batch, *, timeout: float, rows: int) -> list[SqlRow]:
        text, values = call_of(batch)
        return self._executed(text, values, timeout, rows)

    def commit(self, *, timeout: float) -> None:
        self._executed("COMMIT TRANSACTION", None, timeout, 0)

    def close(self) -> None:
        with suppress(Exception):
            self._opened.close()

    def _executed(self, text: str, values: tuple[Any, ...] | None, timeout: float, rows: int) -> list[SqlRow]:
        try:
            # FreeTDS keeps one such time for the whole process: a neighbour's longer one may hold for us too.
            self._opened._conn.query_timeout = _whole(timeout)
            with self._opened.cursor() as cursor:
                cursor.execute(text, values)
                return list(_last_result(cursor, rows))
        except self._pymssql.Error as error:
            # The chain would carry the driver's own text of the statement, values and all.
            raise _trouble(error) from None


def _last_result(cursor: Any, rows: int) -> Iterator[SqlRow]:
    found: list[SqlRow] = []
    while True:
        if cursor.description:
            names = [column[0] for column in cursor.description]
            found = [dict(zip(names, row, strict=True)) for row in cursor.fetchmany(rows)]
        if not cursor.nextset():
            return iter(found)


def _trouble(error: Exception) -> Broken | Refused:
    """Read a driver's exception: ``(number, bytes)``, sometimes nested, sometimes a text alone."""
    number, text = 0, str(error)
    parts = error.args[0] if error.args and isinstance(error.args[0], tuple) else error.args
    if len(parts) >= 2 and isinstance(parts[0], int):
        number = parts[0]
        text = parts[1].decode("utf-8", errors="replace") if isinstance(parts[1], bytes) else str(parts[1])
    text = text.partition("DB-Lib error message")[0].strip() or text[:200]
    if number <= 0 or number in _DB_LIBRARY or number in _KILLED:
        return Broken(f"{number}: {text[:200]}", late=number == _TIMED_OUT)
    return Refused(number, text)


def _plain(value: SqlValue) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, date):
        return value.strftime("%Y%m%d")
    return value


def _whole(seconds: float) -> int:
    """Return whole seconds, at least one: zero would mean without limit."""
    return max(1, math.ceil(seconds))


def _pymssql() -> Any:
    try:
        import pymssql  # noqa: PLC0415 - only who connects to a SQL Server needs it
    except ImportError as error:
        raise ConfigError("sql.no_driver", TEXTS["sql.no_driver"]) from error
    return pymssql
