"""How ``ctx.sql`` reaches a simulated database: each statement is one HTTP request.

So every fault strikes a statement as it would strike a request. Error statuses become the error numbers SQL
Server has for them, an answer that cannot be read a data stream out of step.
"""

import base64
import http.client
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from kopru.hooks.io import SqlRow, SqlServer, SqlValue
from kopru.transport.body import to_json
from kopru.transport.sqldriver import Broken, Connection, Refused, Unreachable
from kopru.transport.statements import Batch

COMMIT = "commit"
PREFIX = "/sql/"

_STATUSES = {
    401: (18456, "Login failed for user."),
    403: (18456, "Login failed for user."),
    404: (208, "Invalid object name."),
    409: (2627, "Violation of PRIMARY KEY constraint."),
    429: (10928, "The limit for the database has been reached."),
}
_OTHER = (50000, "Refused.")
Step = dict[str, Any]
"""A statement on the wire: its text, the types and values, and what it answered when it was run before."""


class SimulatedDriver:
    """Reaches a ``SqlSimulator`` at the address of the settings."""

    def connect(
        self, server: SqlServer, address: str, database: str, *, transaction: bool, timeout: float
    ) -> Connection:
        """Connect; the login travels with each statement."""
        line = http.client.HTTPConnection(address, server.port, timeout=timeout)
        try:
            line.connect()
        except OSError as error:
            raise Unreachable(str(error)) from error
        login = f"{server.username}:{server.password.get_secret_value()}".encode()
        headers = {"authorization": f"Basic {base64.b64encode(login).decode()}"}
        return _Line(line, headers, database, transaction)


@dataclass
class _Line:
    line: http.client.HTTPConnection
    headers: Mapping[str, str]
    database: str
    transaction: bool
    steps: list[Step] = field(default_factory=list)

    def run(self, batch: Batch, *, timeout: float, rows: int) -> list[SqlRow]:
        values = {name: encoded(value) for name, value in batch.values.items()}
        step: Step = {"text": batch.text, "types": dict(batch.types), "values": values}
        answer = self._asked(batch.name, [*self.steps, step], timeout)
        if self.transaction:
            self.steps.append({**step, "answer": answer})
        return [_row(each) for each in answer][:rows]

    def commit(self, *, timeout: float) -> None:
        self._asked(COMMIT, self.steps, timeout)

    def close(self) -> None:
        self.line.close()

    def _asked(self, name: str, steps: Sequence[Step], timeout: float) -> list[Any]:
        body = to_json({"database": self.database, "steps": list(steps)})
        try:
            if self.line.sock is not None:
                self.line.sock.settimeout(timeout)
            self.line.request("POST", f"{PREFIX}{name}", body=body, headers=dict(self.headers))
            response = self.line.getresponse()
            content = response.read()
        except TimeoutError as error:
            raise Broken(str(error), late=True) from error
        except (OSError, http.client.HTTPException) as error:
            raise Broken(str(error)) from error
        if response.status >= 400:
            raise _failure(response.status, response.headers.get("retry-after"), content)
        try:
            found = json.loads(content, parse_float=Decimal)
        except (ValueError, RecursionError) as error:
            raise Broken("the data stream is out of step") from error
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise Broken("the data stream is out of step")
        return found


def _failure(status: int, wait: str | None, content: bytes) -> Broken | Refused:
    if status >= 500:
        return Broken(f"the server failed ({status})", late=status == 503)
    if status == 429 and wait is not None:
        return Refused(40501, f"The service is currently busy. Retry the request after {wait} seconds.")
    try:
        told = json.loads(content)
        return Refused(int(told["number"]), str(told["message"]))
    except (ValueError, TypeError, KeyError):
        return Refused(*_STATUSES.get(status, _OTHER))


def encoded(value: SqlValue) -> Any:
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return {"number": str(value)} if isinstance(value, Decimal) else value


def decoded(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, text),) = value.items()
    readers: dict[str, Callable[[str], Any]] = {
        "moment": datetime.fromisoformat,
        "day": date.fromisoformat,
        "number": Decimal,
    }
    return readers[kind](text)


def _row(row: Mapping[str, Any]) -> SqlRow:
    return {name: _received(value) for name, value in row.items()}


def _received(value: Any) -> Any:
    """Return a value as a driver would: of a type a database has, whatever a fault has made of it."""
    if isinstance(value, dict):
        inner = next(iter(value.values()), None)
        if not isinstance(inner, str):
            return inner if isinstance(inner, int) else None
        try:
            return decoded(value)
        except (ValueError, KeyError, ArithmeticError):
            return inner
    return None if isinstance(value, list) else value
