"""What hooks take and return besides canonical documents."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, SecretStr

from kopru.hooks.io import Files, Http, Log, Sql
from kopru.model import ExternalRef, Finding, Invoice, Order, Party, Rendered, Text

T = TypeVar("T")
C = TypeVar("C", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, both ends aware UTC; ``since`` is included, ``until`` is not necessarily."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Raw:
    """A remote record exactly as it came, kept so that a better mapping can be replayed."""

    content: bytes
    media_type: str = "application/json"

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the content in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Record(Generic[T]):
    """One record of a page: the canonical value or the findings that prevented it, and the raw bytes.

    A record that cannot be mapped has ``value=None`` and at least one blocking finding; its neighbours
    are not affected.
    """

    external_id: str
    raw: Raw
    value: T | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a stream.

    ``next_cursor`` is opaque and ``None`` on the last page. ``watermark`` is the time up to which the
    stream is certainly complete, when the source can say better than the window's end.
    ``total`` is the source's own count of the window, when it tells.
    """

    records: tuple[Record[T], ...]
    next_cursor: str | None = None
    watermark: datetime | None = None
    total: int | None = None

    @property
    def values(self) -> tuple[T, ...]:
        """Return the records that could be mapped."""
        return tuple(record.value for record in self.records if record.value is not None)


class Operation(StrEnum):
    """A write the engine makes, at most once per key unless its repeat mode says otherwise."""

    SUBMIT_INVOICE = "submit_invoice"
    CANCEL_DOCUMENT = "cancel_document"
    UPSERT_PARTY = "upsert_party"
    UPSERT_PRODUCT = "upsert_product"
    POST_ORDER = "post_order"
    POST_INVOICE = "post_invoice"
    UPDATE_ORDER_STATUS = "update_order_status"
    PUSH_STOCK = "push_stock"
    PUSH_PRICES = "push_prices"


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """The identity of one write, the same over retries, processes and restores.

    ``uuid`` is derived from ``value``; ``short`` is 16 lower-case hexadecimal characters that fit into a
    searchable reference field of the target.
    """

    value: str
    uuid: UUID

    @property
    def short(self) -> str:
        """Return the short external reference."""
        return self.uuid.hex[:16]


@dataclass(frozen=True, slots=True)
class Echo:
    """What the target says it stored, for comparison with what was sent."""

    total: Decimal | None = None
    currency: str | None = None
    party: str | None = None
    date: str | None = None
    number: str | None = None


class ReceiptState(StrEnum):
    """``done``: stored. ``accepted``: final word follows by ``fetch_receipts``. ``planned``: dry run."""

    DONE = "done"
    ACCEPTED = "accepted"
    PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to a write."""

    state: ReceiptState
    ref: ExternalRef | None = None
    number: str | None = None
    echo: Echo = field(default_factory=Echo)


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """The outcome of one item of a batch; ``index`` is its place in the request."""

    index: int
    state: ReceiptState | None
    """``None`` when the item was refused; then ``findings`` says why."""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class BatchResult:
    """One outcome per item; ``batch`` names the remote batch when the final word comes later."""

    items: tuple[ItemOutcome, ...]
    batch: ExternalRef | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The look-up found the record."""

    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Absent:
    """The look-up ran and the record is not there. It counts only after the quiet period."""


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The target offers no way to look this up; a person decides."""

    reason: Text


Located = Found | Absent | CannotTell


class RemoteState(StrEnum):
    """The common states of a document or batch at the remote.

    ``pending`` goes on by itself; ``delivered``, ``accepted`` and ``done`` are successes;
    ``retryable`` may be sent again with the same number and identity; ``failed`` may not.
    """

    PENDING = "pending"
    DELIVERED = "delivered"
    AWAITING_ANSWER = "awaiting_answer"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    RETRYABLE = "retryable"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class PendingReceipt:
    """A write whose final word is asked for."""

    operation: Operation
    ref: ExternalRef
    archive: bool = False
    """For e-documents: whether it is an e-Arşiv invoice."""


@dataclass(frozen=True, slots=True)
class ReceiptUpdate:
    """The remote's present word about one write; ``remote_code`` and ``remote_text`` are its own."""

    ref: ExternalRef
    state: RemoteState
    remote_code: str = ""
    remote_text: str = ""
    findings: tuple[Finding, ...] = ()
    items: tuple[ItemOutcome, ...] = ()


class RefKind(StrEnum):
    """What an independent listing counts."""

    ORDER = "order"
    LEDGER_DOCUMENT = "ledger_document"
    E_DOCUMENT = "e_document"


@dataclass(frozen=True, slots=True)
class RemoteRef:
    """One record the remote holds, seen from outside the ordinary stream.

    ``at`` is the time by which the window was chosen: of an order its last change, of a document its date.
    ``record_kind`` is the kind under which ``fetch_order`` knows a listed order.
    """

    kind: RefKind
    external_id: str
    our_reference: str = ""
    number: str = ""
    total: Decimal | None = None
    currency: str = ""
    at: datetime | None = None
    cancelled: bool = False
    record_kind: str = "order"


class OrderAction(StrEnum):
    """What is written back to a shop."""

    PREPARING = "preparing"
    INVOICED = "invoiced"
    """Tell the invoice number."""
    INVOICE_LINK = "invoice_link"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class OrderUpdate:
    """A write-back to one order. Which fields matter follows from ``action``."""

    order: ExternalRef
    action: OrderAction
    lines: tuple[tuple[str, Decimal], ...] = ()
    """(line id, quantity) of the lines meant; empty means all."""
    invoice_number: str = ""
    invoice_url: str = ""
    invoice_at: datetime | None = None
    tracking_number: str = ""
    carrier: str = ""
    reason: str = ""


class LabelFormat(StrEnum):
    """Format of a shipping label."""

    ZPL = "zpl"
    PDF = "pdf"


@dataclass(frozen=True, slots=True)
class Label:
    """A shipping label as the channel made it."""

    format: LabelFormat
    content: bytes


class DocumentFormat(StrEnum):
    """A form in which a channel hands out a document."""

    XML = "xml"
    PDF = "pdf"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class Definition:
    """One entry of a ledger's own lists: a warehouse, series, account, tax code or unit."""

    kind: str
    code: str
    name: str
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One thing ``check_connection`` looked at. ``fix`` tells the operator what to do when not ``ok``."""

    name: str
    ok: bool
    message: Text
    fix: Text | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The outcome of a connection check."""

    items: tuple[CheckItem, ...]

    @property
    def ok(self) -> bool:
        """Whether every item passed."""
        return all(item.ok for item in self.items)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Short-lived login data the engine keeps encrypted and renews one caller at a time."""

    access_token: SecretStr
    expires_at: datetime | None = None
    refresh_token: SecretStr | None = None


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """An incoming call as it arrived; header names are lower-case.

    ``path`` is what the sender put behind the connection's own address (``/orders``), empty with most.
    """

    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"
    path: str = ""


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """A hint that a record changed. The engine reads the record again before it acts."""

    event_id: str
    kind: str
    external_id: str


@dataclass(frozen=True, slots=True)
class PartyRequest:
    """A business partner to find or make in a ledger.

    ``code`` is the code the card gets if it must be made. ``match_tax_id`` says whether an existing card
    with the same tax number is taken instead.
    """

    code: str
    party: Party
    channel: str = ""
    match_tax_id: bool = True


class Direction(StrEnum):
    """Whose invoice is booked: the tenant's own, or a supplier's."""

    SALES = "sales"
    PURCHASE = "purchase"


@dataclass(frozen=True, slots=True)
class LedgerInvoice:
    """An invoice to book, with the ledger's own codes resolved.

    Of a supplier's invoice the seller is the partner ``party_code`` names.
    """

    invoice: Invoice
    party_code: str
    direction: Direction = Direction.SALES
    channel: str = ""
    order_number: str = ""
    original: ExternalRef | None = None
    """The ledger document that a return corrects."""


@dataclass(frozen=True, slots=True)
class LedgerOrder:
    """A sales order to enter in a ledger so that it reserves stock.

    ``items`` gives the ledger's item code for each order line id.
    """

    order: Order
    party_code: str
    items: Mapping[str, str]
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """An e-document to send through a channel."""

    invoice: Invoice
    document: Rendered


@dataclass(frozen=True, slots=True)
class Cancellation:
    """A document to cancel at the remote."""

    ref: ExternalRef
    reason: str
    archive: bool = False


@dataclass(frozen=True, slots=True)
class ConnectionInfo:
    """Which connection a hook works for. Remote ids are unique only within it."""

    id: UUID
    name: str
    plugin: str


@dataclass(frozen=True, slots=True)
class Ctx(Generic[C]):
    """Everything a hook may use besides its arguments.

    ``config`` is the validated settings object with secrets. ``credentials`` is what
    ``refresh_credentials`` last returned. ``now`` is the engine's clock, aware UTC. ``remaining`` returns the
    seconds left before the hook must be done. In a ``dry_run`` no write leaves the machine.
    """

    connection: ConnectionInfo
    config: C
    http: Http
    files: Files
    sql: Sql
    log: Log
    now: Callable[[], datetime]
    remaining: Callable[[], float]
    credentials: Credentials | None = None
    dry_run: bool = False
