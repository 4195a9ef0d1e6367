"""The ports a plugin does its I/O through. The engine hands them in ``ctx``; nothing else leads out."""

import json as _json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO, Protocol

from pydantic import SecretStr

from kopru.hooks.errors import ConnectorError


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    url: str = ""

    @property
    def text(self) -> str:
        """Return the body as UTF-8 text; undecodable bytes are replaced."""
        return self.content.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """Return the body as JSON with decimals kept exact.

        Raises:
            ValueError: the body is not JSON.
        """
        return _json.loads(self.content, parse_float=Decimal)


Explain = Callable[[Response], ConnectorError | None]
"""Reads a vendor's error body; ``None`` leaves the status code's own meaning."""


class Http(Protocol):
    """HTTP through the engine: base address, limits, redaction, recording, dry run and lease guard.

    Statuses of 400 and above raise, unless listed in ``accept``: 401/403 ``AuthError``, 408/425/429
    ``RateLimited`` or ``TransientError``, 409 ``Conflict``, other 4xx ``Rejected``, 5xx ``TransientError``
    on reads and ``OutcomeUnknown`` on writes. Safe methods are retried shortly by the engine; writes never.
    """

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int | list[str]] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        accept: Collection[int] = (),
        explain: Explain | None = None,
        safe: bool | None = None,
        timeout: float | None = None,
    ) -> Response:
        """Send one request and return its answer.

        Args:
            method: HTTP method.
            path: path below the connection's base address, or an absolute address on the same host or on
                one of ``Manifest.hosts``.
            params: query; a list repeats the key.
            headers: further headers; authentication belongs here.
            json: body as JSON (``Decimal`` is written as a number).
            form: body as ``application/x-www-form-urlencoded``.
            content: raw body.
            files: multipart parts ``{field: (filename, bytes, media type)}``.
            accept: error statuses the caller handles itself.
            explain: turns a vendor's error body into one of our errors.
            safe: whether repeating is harmless; ``None`` means GET, HEAD and OPTIONS only. ``True`` also
                lets a POST that only reads (a token, a query) run in a dry run.
            timeout: seconds; never more than the hook's deadline.

        Raises:
            AuthError, RateLimited, TransientError, OutcomeUnknown, Rejected, Conflict: see the class.
        """
        ...


class Files(Protocol):
    """Files of a connection's folder. Names are relative; leaving the folder is refused."""

    def list(self, pattern: str = "*") -> tuple[str, ...]:
        """Return the names that match, sorted."""
        ...

    def read(self, name: str, *, limit: int = 50_000_000) -> bytes:
        """Return a file's bytes.

        Raises:
            Rejected: the file is larger than ``limit`` bytes.
            ConfigError: there is no such file or folder.
        """
        ...

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading in binary mode."""
        ...

    def write(self, name: str, content: bytes) -> None:
        """Write a file completely or not at all; an existing name is never overwritten with other bytes.

        Raises:
            Conflict: the name exists with other content.
        """
        ...

    def iter_sizes(self) -> Iterator[tuple[str, int]]:
        """Yield each file with its size in bytes."""
        ...


@dataclass(frozen=True, slots=True)
class SqlServer:
    """Where a connection's SQL Server is and who logs in.

    ``local`` says that it stands in the tenant's own network; others are called with encryption only.
    """

    host: str
    username: str
    password: SecretStr
    port: int = 1433
    local: bool = False
    encrypt: bool = True


SqlValue = str | int | Decimal | date
"""What a statement may be given. Money is ``Decimal``, a moment a ``datetime`` of the server's own clock."""

SqlRow = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SqlRefusal:
    """An error the server answered: its number and its words."""

    number: int
    message: str


ExplainSql = Callable[[SqlRefusal], ConnectorError | None]
"""Reads a server's or a procedure's error; ``None`` leaves the number's own meaning."""


class SqlRun(Protocol):
    """Runs the plugin's statements on one connection."""

    def run(
        self,
        statement: str,
        values: Mapping[str, SqlValue] | None = None,
        *,
        names: Mapping[str, str] | None = None,
        explain: ExplainSql | None = None,
    ) -> list[SqlRow]:
        """Run one statement and return the rows of its last result, by column name.

        Args:
            statement: name of a file in the package's ``statements`` folder, without ``.sql``.
            values: one for each ``@name`` the file declares; checked against the declared type.
            names: names of procedures, tables or columns for the ``$(name)`` places the file declares.
            explain: turns a server's error into one of our errors.

        Raises:
            AuthError: the login was refused.
            ConfigError: database, table or procedure is unknown, or a permission is missing.
            RateLimited: the server asks for a pause.
            TransientError: nothing stays of it: not sent, rolled back as a deadlock victim, or only read.
            OutcomeUnknown: time ran out or the connection broke after a write was sent.
            Conflict: a unique key is taken.
            Rejected: a value does not fit, or the server or a procedure refused it.
        """
        ...


class Sql(Protocol):
    """SQL Server through the engine: named statements, limits, redaction, recording, dry run and lease guard.

    Statements are files, so that no text is put together at run time. Each file declares whether it reads or
    writes; a write runs in a transaction and is refused in a dry run. Connections do not outlive the call.
    """

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
        """Run one statement on a connection of its own; a write is committed. See ``SqlRun.run``."""
        ...

    def transaction(self, database: str, *, timeout: float | None = None) -> AbstractContextManager[SqlRun]:
        """Return a serializable transaction: committed at the end of the block, rolled back on any error.

        ``timeout`` is in seconds and for each statement; never more than the hook's deadline.
        """
        ...


class Log(Protocol):
    """Structured log with the connection bound in. Secrets and personal data are masked by the engine."""

    def debug(self, event: str, **fields: object) -> None:
        """Log for developers."""
        ...

    def info(self, event: str, **fields: object) -> None:
        """Log what happened."""
        ...

    def warning(self, event: str, **fields: object) -> None:
        """Log what an operator may want to know."""
        ...
