"""What the checkers read: what remotes really did, and the rows the engine ended with.

Plain data without behaviour, so that every suite can fill it from what it has: simulators' ground-truth logs
(``Truth``, ``Simulator.held``), the database, or a model in memory. Nothing here comes from what the engine
says about itself while it runs. A tenant is any text that tells companies apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from kopru.testing.simulator import Held

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach: of which invariant, what was found, and the ids it was found at."""

    invariant: str
    text: str
    ids: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.invariant} {self.text}: {', '.join(self.ids)}"


# Ground truth


@dataclass(frozen=True, slots=True)
class Placed:
    """One order a shop committed, as it stands there at the end."""

    tenant: str
    order: str
    """The shop's id of the unit that is invoiced; unique per tenant."""
    total: Decimal = ZERO
    refunded: Decimal = ZERO
    quantities: Mapping[str, Decimal] = field(default_factory=dict)
    """Ordered quantity by line id, at its largest."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One record a remote holds because of a write."""

    tenant: str
    """Whose account at the remote it lies in."""
    operation: str
    reference: str
    """Our identity on it: the ETTN at a channel, our short reference in a ledger."""
    id: str = ""
    number: str = ""
    total: Decimal | None = None
    live: bool = True
    credit: bool = False
    """Whether it gives money back: a return document."""

    @classmethod
    def of(cls, tenant: str, operation: str, held: Held, *, credit: bool = False) -> "Stored":
        """Return what a simulator holds."""
        return cls(tenant, operation, held.reference, held.id, held.number, held.total, held.live, credit)


class Action(StrEnum):
    """What a request was for, or what a person said about the write.

    ``cleared``: it is not there, so it may be sent. ``ended``: it is there, or is never to be made.
    """

    SEND = "send"
    LOCATE = "locate"
    CLEARED = "cleared"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as the remote saw it, or a person's word on a write, in the order of time."""

    at: float
    """Seconds, by the remote's clock."""
    tenant: str
    reference: str = ""
    """The write it is about; empty when it is about none."""
    action: Action | None = None
    harmless: bool = False
    """Of a send: the remote certainly did nothing and its answer, which arrived, said so."""
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A quantity a channel began to show for a product."""

    tenant: str
    channel: str
    product: str
    quantity: int


# What the engine ended with


@dataclass(frozen=True, slots=True)
class OrderEnd:
    """An order's row: ``order`` as in ``Placed``."""

    tenant: str
    order: str
    state: str
    reason: str = ""
    """Code of the reason it is where it is."""


@dataclass(frozen=True, slots=True)
class DocumentEnd:
    """A document's row."""

    tenant: str
    id: str
    """The ETTN."""
    key: str
    order: str
    state: str
    number: str = ""
    total: Decimal = ZERO
    credit: bool = False
    quantities: Mapping[str, Decimal] = field(default_factory=dict)
    """Quantity by order line id."""

    @property
    def live(self) -> bool:
        """Whether it stands."""
        return self.state != "void"


@dataclass(frozen=True, slots=True)
class WriteEnd:
    """The row of one write to another system."""

    tenant: str
    id: str
    operation: str
    state: str
    reference: str = ""
    """What stands on the record at the remote, as in ``Stored``."""
    changed_at: datetime | None = None
    personal: bool = False
    """Whether it waits for a person's answer."""

    @property
    def settled(self) -> bool:
        """Whether the engine believes that the remote has it."""
        return self.state in ("accepted", "confirmed")

    @property
    def open(self) -> bool:
        """Whether the engine does not know."""
        return self.state in ("sending", "uncertain")


@dataclass(frozen=True, slots=True)
class NumberEnd:
    """One number ever allotted."""

    tenant: str
    prefix: str
    year: int
    sequence: int
    document: str
    void_reason: str = ""


@dataclass(frozen=True, slots=True)
class JobEnd:
    """A job's row."""

    id: str
    state: str
    run_at: datetime | None = None
    lease_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the engine wanted a channel to show for a product, version after version."""

    tenant: str
    channel: str
    product: str
    quantities: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement of a resource."""

    seconds: float
    name: str
    value: float
