"""What lets a connection's jobs through: how many run at once, and the circuit that rests a dead remote."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from kopru.transport.ports import Circuit, NoCircuit


@dataclass(frozen=True, slots=True)
class GateRow:
    """One connection's gate. The circuit is open while ``until`` is set; after that time one call tries."""

    connection_id: UUID
    at_once: int | None = None
    failures: int = 0
    code: str | None = None
    opened_at: datetime | None = None
    until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether jobs of the connection wait for the remote to come back."""
        return self.until is not None


class Gates(Protocol):
    """The gates of one tenant's connections."""

    def every(self) -> dict[UUID, GateRow]:
        """Return the gates that differ from the usual, by connection."""
        ...

    def limit(self, connection_id: UUID, at_once: int | None) -> None:
        """Set how many jobs of a connection run at once; ``None`` is the engine's own limit."""
        ...


class Circuits(Protocol):
    """The circuits of all connections, shared by all processes."""

    def of(
        self, tenant_id: UUID, connection_id: UUID, *, held: bool, note: Callable[[float], None]
    ) -> Circuit:
        """Return the circuit of a connection for one piece of work.

        ``held`` says that an open circuit holds the work up; a person's own try goes through. ``note`` is
        told the seconds that an open circuit rests after a call of this work failed.
        """
        ...


class NoCircuits:
    """Circuits that are always closed; for tools and tests of other things."""

    def of(
        self, tenant_id: UUID, connection_id: UUID, *, held: bool, note: Callable[[float], None]
    ) -> Circuit:
        """Return a circuit that lets everything through."""
        return NoCircuit()
