"""Rows of the proofs as the flows see them, and what the flows need from storage for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from kopru.flows.records import DocumentState, EffectState, OrderRow, OrderState, Reason
from kopru.flows.windows import Place
from kopru.hooks.types import Operation


@dataclass(frozen=True, slots=True)
class HeldOrder:
    """What is compared of an order that we hold."""

    id: UUID
    external_id: str
    number: str
    modified_at: datetime
    total: Decimal | None
    readable: bool
    placed_at: datetime

    @property
    def at(self) -> datetime:
        """Return when the order last changed; of a source that does not tell, when it was placed."""
        return max(self.modified_at, self.placed_at)


class Gap(StrEnum):
    """How two listings of orders differ.

    ``missing``: the source lists it and we do not hold it. ``behind``: we hold an older version.
    ``differing``: the same version has another total. ``extra``: we hold it, the source does not list it.
    """

    MISSING = "missing"
    BEHIND = "behind"
    DIFFERING = "differing"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True)
class Difference:
    """One order on which the two listings differ; ``theirs`` and ``ours`` are times or totals."""

    gap: Gap
    external_id: str
    kind: str = "order"
    number: str = ""
    theirs: str = ""
    ours: str = ""

    def to_json(self) -> dict[str, str]:
        """Return JSON data."""
        return {
            "gap": self.gap.value,
            "external_id": self.external_id,
            "kind": self.kind,
            "number": self.number,
            "theirs": self.theirs,
            "ours": self.ours,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, str]) -> "Difference":
        """Return the difference JSON data holds."""
        return cls(**{**data, "gap": Gap(data["gap"])})  # type: ignore[arg-type]  # the gap is replaced


class CheckState(StrEnum):
    """Whether the second listing of a day is under way or through."""

    LISTING = "listing"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class OrderCheck:
    """What counting one connection's orders of one day twice came to.

    ``remote`` is what the source lists as last changed on that day, ``ours`` what we hold of it in that very
    version, or hold without the source listing it: ``ours = remote - missing - behind + extra``. ``unread``
    are orders that changed after the position of the stream and are not held yet; they are not counted.
    ``recovered`` tells how many of the differences were fetched, or found to be all right, since.
    """

    connection_id: UUID
    day: date
    state: CheckState
    place: Place
    since: datetime
    remote: int = 0
    ours: int = 0
    missing: int = 0
    behind: int = 0
    differing: int = 0
    extra: int = 0
    unread: int = 0
    recovered: int = 0
    differences: tuple[Difference, ...] = ()
    started_at: datetime | None = None
    checked_at: datetime | None = None

    @property
    def complete(self) -> bool:
        """Whether the day was counted and both sides hold the same, now or after what was recovered."""
        return self.state is CheckState.DONE and self.open == 0 and self.differing == 0

    @property
    def open(self) -> int:
        """Return how many orders are still to be fetched or looked at."""
        return max(self.missing + self.behind + self.extra - self.recovered, 0)


class OrderProofs(Protocol):
    """Orders counted twice, per connection and day."""

    def get(self, connection_id: UUID, day: date) -> OrderCheck | None:
        """Return the check of a day."""
        ...

    def save(self, row: OrderCheck) -> None:
        """Store a check under way or its result."""
        ...

    def recent(self, connection_id: UUID | None = None, limit: int = 100) -> list[OrderCheck]:
        """Return checks, newest day first."""
        ...

    def latest(self) -> dict[UUID, OrderCheck]:
        """Return the newest finished check of each connection."""
        ...

    def recovered(self, connection_id: UUID, day: date) -> None:
        """Count one order of a day that was fetched and stored after its check."""
        ...

    def note(self, connection_id: UUID, day: date, external_ids: Sequence[str]) -> set[str]:
        """Note what a listing names; return the ids it had not named before."""
        ...

    def forget(self, connection_id: UUID, day: date) -> None:
        """Drop the notes of a listing."""
        ...

    def held(self, connection_id: UUID, external_ids: Sequence[str]) -> dict[str, HeldOrder]:
        """Return those of the named orders that we hold, by the id they were asked for."""
        ...

    def unlisted(
        self, connection_id: UUID, day: date, since: datetime, until: datetime, limit: int
    ) -> tuple[int, list[HeldOrder]]:
        """Return how many readable orders of a span a listing did not name, and the first of them."""
        ...

    def excluded_before(self, connection_id: UUID, code: str, since: datetime) -> list[UUID]:
        """Return the orders left out for a reason that were placed since a moment."""
        ...

    def chosen(
        self,
        *,
        connection_id: UUID | None,
        state: OrderState | None,
        since: datetime | None,
        until: datetime | None,
        limit: int,
    ) -> list[OrderRow]:
        """Return orders by connection, state and the time they were placed, oldest first."""
        ...


class Area(StrEnum):
    """What is compared with the other side."""

    DOCUMENTS = "documents"
    STOCK = "stock"


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference between us and another system, open until a later comparison no longer finds it."""

    connection_id: UUID
    area: Area
    subject: str
    day: date
    reason: Reason
    command: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    document_id: UUID | None = None
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DriftCheck:
    """What one comparison with another system came to."""

    connection_id: UUID
    area: Area
    day: date
    ours: int
    remote: int
    differences: int
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class OurWrite:
    """A document as we say that another system holds it."""

    effect_id: UUID
    key: str
    operation: Operation
    state: EffectState
    ref_kind: str | None
    ref_id: str | None
    settled_at: datetime
    document_id: UUID
    order_id: UUID
    document_state: DocumentState
    number: str
    total: Decimal
    currency: str
    issue_date: date
    cancelled: bool
    """Whether we had it cancelled there."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """A stock value that a channel took from us."""

    external_id: str
    sku: str
    quantity: int
    sent_at: datetime | None


class Drifts(Protocol):
    """Differences between us and other systems, and what is compared to find them."""

    def writes(
        self, connection_id: UUID, operations: Sequence[Operation], since: date, until: date
    ) -> list[OurWrite]:
        """Return the writes of documents issued in a span of days, both ends included."""
        ...

    def series(self) -> frozenset[str]:
        """Return the prefixes our numbers have."""
        ...

    def pushed(self, connection_id: UUID) -> list[Pushed]:
        """Return the values a channel took as they are wanted now; what is on its way is left out."""
        ...

    def push_again(self, connection_id: UUID, external_ids: Sequence[str]) -> int:
        """Let values be sent once more although the channel took them."""
        ...

    def find(self, row: Drift) -> bool:
        """Store a difference; return whether it is new, or was resolved before."""
        ...

    def resolve(self, connection_id: UUID, area: Area, day: date | None, seen: Sequence[str]) -> int:
        """Close the open differences of a comparison that it did not find again; return how many."""
        ...

    def open(self, area: Area, connection_id: UUID | None = None) -> list[Drift]:
        """Return the open differences, oldest first."""
        ...

    def checked(self, row: DriftCheck) -> None:
        """Store that a comparison was made."""
        ...

    def checks(self, area: Area, connection_id: UUID | None = None, limit: int = 100) -> list[DriftCheck]:
        """Return comparisons, newest day first."""
        ...


class BackfillState(StrEnum):
    """Where reading a range of the past stands."""

    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"

    @property
    def open(self) -> bool:
        """Whether it may still read."""
        return self in (BackfillState.RUNNING, BackfillState.PAUSED)


@dataclass(frozen=True, slots=True)
class Backfill:
    """Reading a range of the past besides the live stream.

    ``percent`` is the share of each quota it may use, ``invoices`` whether its orders may be invoiced,
    ``expected`` the forecast number of records.
    """

    id: UUID
    connection_id: UUID
    state: BackfillState
    since: datetime
    place: Place
    percent: int
    invoices: bool
    expected: int | None
    started_by: str
    pages: int = 0
    records: int = 0
    changed: int = 0
    started_at: datetime | None = None
    updated_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def until(self) -> datetime:
        """Return the end of the range."""
        return self.place.until


class Backfills(Protocol):
    """Ranges of the past that are, or were, read besides the live stream."""

    def add(self, row: Backfill) -> None:
        """Insert one.

        Raises:
            sqlalchemy.exc.IntegrityError: another one of the connection is under way.
        """
        ...

    def under_way(self, connection_id: UUID, *, lock: bool = False) -> Backfill | None:
        """Return the one that is running or paused."""
        ...

    def get(self, backfill_id: UUID, *, lock: bool = False) -> Backfill | None:
        """Return one."""
        ...

    def save(self, row: Backfill) -> None:
        """Store state, place and counts."""
        ...

    def recent(self, connection_id: UUID | None = None, limit: int = 20) -> list[Backfill]:
        """Return them, newest first."""
        ...

    def covered_since(self, connection_id: UUID) -> datetime | None:
        """Return the earliest moment from which one was read to its end."""
        ...

    def move_start(self, connection_id: UUID, start_at: datetime) -> None:
        """Set the first moment from which a connection's orders are invoiced."""
        ...
