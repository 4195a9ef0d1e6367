"""What ``ctx.sql`` needs of a driver, so that tests can put another database under the same statements."""

from typing import Protocol

from kopru.hooks.io import SqlRow, SqlServer
from kopru.transport.statements import Batch


class Unreachable(Exception):
    """There is no connection; nothing was sent."""


class Broken(Exception):
    """No complete answer came; what was sent may have been carried out."""

    def __init__(self, detail: str, *, late: bool = False) -> None:
        """Take what happened, and whether only time ran out."""
        super().__init__(detail)
        self.late = late


class Refused(Exception):
    """The server answered with an error and undid the statement."""

    def __init__(self, number: int, message: str) -> None:
        """Take the server's number and words."""
        super().__init__(f"{number}: {message}")
        self.number = number
        self.message = message


class Connection(Protocol):
    """One connection, logged in to one database. Times are seconds.

    Every method may raise ``Broken`` and ``Refused``.
    """

    def run(self, batch: Batch, *, timeout: float, rows: int) -> list[SqlRow]:
        """Send a statement and return the rows of its last result, ``rows`` at most."""
        ...

    def commit(self, *, timeout: float) -> None:
        """Commit."""
        ...

    def close(self) -> None:
        """Hang up; what was not committed is undone. Must not raise."""
        ...


class Driver(Protocol):
    """Opens connections."""

    def connect(
        self, server: SqlServer, address: str, database: str, *, transaction: bool, timeout: float
    ) -> Connection:
        """Connect to an address that was checked, and log in.

        Args:
            server: the server and the login.
            address: the server's resolved address.
            database: a checked name.
            transaction: begin a serializable transaction; without it every statement stands for itself.
            timeout: seconds.

        Raises:
            Unreachable, Broken, Refused: see the class.
        """
        ...
