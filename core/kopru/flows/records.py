"""Rows as the flows see them: frozen, with canonical documents inside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from kopru.hooks.errors import Actor, ConnectorError
from kopru.hooks.types import Echo, Operation
from kopru.model import ExternalRef, Finding, Invoice, Order, Profile, Text


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is in the state it is in: stable code, text for people, who must act."""

    code: str
    text: Text
    actor: Actor = Actor.OPERATOR
    detail: str = ""

    @classmethod
    def of(cls, error: ConnectorError) -> "Reason":
        """Return the reason an error gives."""
        return cls(error.code, error.message, error.actor, error.detail)

    def to_json(self) -> dict[str, Any]:
        """Return JSON data."""
        return {
            "code": self.code,
            "tr": self.text.tr,
            "en": self.text.en,
            "actor": self.actor.value,
            "detail": self.detail,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> "Reason | None":
        """Return the reason JSON data holds."""
        if not data:
            return None
        text = Text(tr=data["tr"], en=data["en"])
        return cls(data["code"], text, Actor(data["actor"]), data.get("detail", ""))


class ConnectionState(StrEnum):
    """Whether a connection is used. Jobs of a connection that is not active wait and are never deleted."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    NEEDS_REAUTH = "needs_reauth"


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """One connection of a tenant, without its secrets."""

    id: UUID
    name: str
    plugin: str
    state: ConnectionState
    config: Mapping[str, Any]
    config_version: int
    start_at: datetime
    webhook_secret: str
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class StreamRow:
    """How far a stream was read. An open window and cursor belong to a run that was cut short."""

    watermark: datetime | None = None
    since: datetime | None = None
    until: datetime | None = None
    cursor: str | None = None


class OrderState(StrEnum):
    """Where an order stands in the engine.

    ``received``: to be looked at. ``held``: waits for a condition. ``excluded``: a named rule leaves it out.
    ``parked``: someone must act. ``invoicing``: has a live document on its way. ``done``: everything
    asked for is confirmed. ``cancelled``: called off before a document was issued.
    """

    RECEIVED = "received"
    HELD = "held"
    EXCLUDED = "excluded"
    PARKED = "parked"
    INVOICING = "invoicing"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order as the engine holds it; ``body`` is missing when the payload could not be mapped."""

    id: UUID
    connection_id: UUID
    external_id: str
    number: str
    version: int
    revision: str
    status: str
    state: OrderState
    body: Order | None
    payload_id: UUID
    placed_at: datetime
    modified_at: datetime
    total: Decimal | None
    currency: str | None
    buyer: str
    reason: Reason | None = None
    findings: tuple[Finding, ...] = ()


class DocumentState(StrEnum):
    """Where a document stands: validated drafts have no number yet; issued ones were accepted."""

    VALIDATED = "validated"
    NUMBERED = "numbered"
    ISSUED = "issued"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One document. ``id`` is its ETTN."""

    id: UUID
    key: str
    order_id: UUID
    type: str
    revision: int
    order_version: int
    profile: Profile
    state: DocumentState
    number: str | None
    issue_date: date
    total: Decimal
    currency: str
    invoice: Invoice
    channel_id: UUID | None
    ledger_id: UUID | None
    remote_state: str | None = None
    remote_code: str | None = None
    remote_text: str | None = None
    follow_count: int = 0
    xml: str | None = None
    pdf: str | None = None
    original_id: UUID | None = None
    stages: Mapping[str, str] = field(default_factory=dict)
    partner_code: str = ""
    reason: Reason | None = None
    created_at: datetime | None = None
    issued_at: datetime | None = None


class EffectState(StrEnum):
    """State of one write. ``sending`` is committed before the first byte leaves."""

    PLANNED = "planned"
    SENDING = "sending"
    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    UNCERTAIN = "uncertain"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class EffectRow:
    """One write: operation × subject × connection, at most one row for ever."""

    id: UUID
    key: str
    operation: Operation
    connection_id: UUID
    document_id: UUID | None
    order_id: UUID | None
    state: EffectState
    attempt: int = 0
    request_hash: str | None = None
    sent_at: datetime | None = None
    """When it was last on its way for certain: committed to ``sending``, or seen to have left it."""
    lookups: int = 0
    ref: ExternalRef | None = None
    number: str | None = None
    echo: Echo = field(default_factory=Echo)
    reason: Reason | None = None

    @property
    def settled(self) -> bool:
        """Whether the remote has it, as far as the answer said."""
        return self.state in (EffectState.ACCEPTED, EffectState.CONFIRMED)


def new_effect(
    key: str,
    operation: Operation,
    connection_id: UUID,
    *,
    document_id: UUID | None = None,
    order_id: UUID | None = None,
) -> EffectRow:
    """Return a planned effect."""
    return EffectRow(uuid4(), key, operation, connection_id, document_id, order_id, EffectState.PLANNED)


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One own item."""

    id: UUID
    code: str
    name: str
    kind: str
    unit: str
    vat_rate: Decimal | None
    barcodes: tuple[str, ...] = ()
    active: bool = True


@dataclass(frozen=True, slots=True)
class EventRow:
    """One line of the story: when, who, what, about what."""

    id: int
    at: datetime
    actor: str
    subject: str
    subject_id: str
    action: str
    data: Mapping[str, Any]


class Lane(StrEnum):
    """Priority lanes; a lane never starves because waiting work ages."""

    INTERACTIVE = "interactive"
    FISCAL = "fiscal"
    ORDERS = "orders"
    STOCK = "stock"
    BACKFILL = "backfill"

    @property
    def rank(self) -> int:
        """Return the lane's order, smaller first."""
        return list(Lane).index(self)


@dataclass(frozen=True, slots=True)
class NewJob:
    """Work to be done, written in the transaction that makes it necessary.

    ``key`` makes it single while it waits: adding it again wakes the waiting one; while it runs, one more may
    wait. ``serial_key`` names what it must not share with another running job, by default its own key.
    """

    kind: str
    args: Mapping[str, Any]
    key: str
    lane: Lane = Lane.ORDERS
    serial_key: str | None = None
    connection_id: UUID | None = None
    plugin: str | None = None
    delay: float = 0.0


def advance_job(order_id: UUID, *, delay: float = 0.0) -> NewJob:
    """Return the job that brings an order forward; it is single per order."""
    return NewJob(
        "order.advance",
        {"order": str(order_id)},
        f"order.advance:{order_id}",
        Lane.ORDERS,
        delay=delay,
    )


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job."""

    id: int
    tenant_id: UUID
    kind: str
    args: Mapping[str, Any]
    key: str
    state: str
    run_at: datetime
    attempt_no: int
    tries: int
    deaths: int
    connection_id: UUID | None
    plugin: str | None
    error: Reason | None
    created_at: datetime
    finished_at: datetime | None


class CatchUp(StrEnum):
    """What becomes of a schedule's times at which nobody was there.

    ``once``: one run makes good for all of them. ``skip``: none; the next time comes. ``each``: one run for
    every time, in order.
    """

    ONCE = "once"
    SKIP = "skip"
    EACH = "each"


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """One schedule: every so many seconds, or daily at a time of day in Istanbul (``at_local``).

    ``custom`` says that a person changed it, so that the usual times do not replace it.
    """

    id: int
    connection_id: UUID | None
    kind: str
    args: Mapping[str, Any]
    every_seconds: int
    at_local: str | None
    next_at: datetime
    enabled: bool = True
    lane: Lane = Lane.ORDERS
    catch_up: CatchUp = CatchUp.ONCE
    custom: bool = False
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SeenOrder:
    """What storing a fetched order came to."""

    id: UUID
    new: bool
    changed: bool
    previous: OrderState | None


V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class PushRow(Generic[V]):
    """What one channel should show for one product (units, or a price), and what it was last told."""

    external_id: str
    sku: str
    barcode: str
    desired: V
    version: int
    pushed_version: int
    sent_version: int
    batch: str | None


@dataclass(frozen=True, slots=True)
class Price:
    """A price per unit, VAT included. ``list_price`` is the one that is crossed out, if there is one."""

    price: Decimal
    list_price: Decimal | None = None
    currency: str = "TRY"


@dataclass(frozen=True, slots=True)
class CardRow:
    """A ledger's business partner card as it was last read."""

    code: str
    name: str
    tax_number: str
    active: bool
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class EnteredRow:
    """An order that is open or has a copy in the ledger: its version, and a write that entered it."""

    order_id: UUID
    version: int
    open: bool
    """Whether the ledger should hold it: neither booked nor called off."""
    key: str | None = None
    state: EffectState | None = None
