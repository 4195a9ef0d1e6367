"""What the commands need from the process that runs them. The composition root supplies it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import typer
from rich.console import Console

from kopru.flows.env import Env
from kopru.model import Language

if TYPE_CHECKING:
    # Help must not wait for a database library.
    from kopru.storage.queue import Queue
    from kopru.storage.store import Store


class Desk(Protocol):
    """An engine at work for the length of one command."""

    @property
    def env(self) -> Env:
        """Return what flows use."""
        ...

    @property
    def store(self) -> "Store":
        """Return the storage."""
        ...

    @property
    def queue(self) -> "Queue":
        """Return the job queue."""
        ...


class Host(Protocol):
    """One installation as commands see it."""

    @property
    def language(self) -> Language:
        """Return the language of messages."""
        ...

    def open(self) -> AbstractContextManager[Desk]:
        """Use the installation's servers for one command; what it starts it stops."""
        ...

    def up(self, ready: Callable[[], None]) -> None:
        """Run everything until told to stop."""
        ...

    def down(self) -> list[str]:
        """Stop everything and return what was stopped."""
        ...

    def run(self, role: str) -> None:
        """Run one role in this process until told to stop."""
        ...

    def demo(self, console: Console, orders: int) -> Any:
        """Run the demo and return its outcome."""
        ...

    def chaos(self, say: Callable[[str], None], folder: Path | None, *, show: bool, **size: Any) -> Any:
        """Run chaos of a size and return the report; with ``show`` only print the schedule."""
        ...

    def upgrade(self, *, show_sql: bool) -> str:
        """Bring the database to the present schema, or return the SQL that prepares its roles."""
        ...

    def heads(self, tenant: str) -> list[str]:
        """Return the heads of a company's audit chain that were kept outside the database."""
        ...

    def diagnose(self) -> list[dict[str, Any]]:
        """Return one row per thing that ``doctor`` looks at: name, ok, message, fix."""
        ...

    def installed(self, *, afresh: str = "") -> Any:
        """Return the registry of installed plugins without any server; ``afresh`` names one to try again."""
        ...


def host(context: typer.Context) -> Host:
    """Return the host of a running command; it is made when the first command asks for it."""
    root = context.find_root()
    if callable(root.obj):
        root.obj = root.obj()
    found: Host = root.obj
    return found
