"""What the flows need from storage. Storage implements these; the flows import none of it."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol, TypeVar
from uuid import UUID

from kopru.flows.buyerrows import Buyers
from kopru.flows.gates import Gates
from kopru.flows.lineports import Catalogues, Lines, Rules
from kopru.flows.linerows import RuleRow
from kopru.flows.proofs import Backfills, Drifts, OrderProofs
from kopru.flows.records import (
    CardRow,
    ConnectionRow,
    ConnectionState,
    DocumentRow,
    EffectRow,
    EffectState,
    EnteredRow,
    EventRow,
    ItemRow,
    JobRow,
    NewJob,
    OrderRow,
    OrderState,
    Price,
    PushRow,
    Reason,
    ScheduleRow,
    SeenOrder,
    StreamRow,
)
from kopru.hooks.types import Echo, Raw, Record
from kopru.model import (
    ExternalRef,
    Finding,
    IncomingInvoice,
    Invoice,
    Order,
    PartyCard,
    Product,
    Recipient,
    Rendered,
    Return,
    StockLevel,
)
from kopru.transport.ports import Exchange

V = TypeVar("V")


class Connections(Protocol):
    """Connections and what is secret about them."""

    def every(self) -> list[ConnectionRow]:
        """Return all connections by name."""
        ...

    def get(self, connection_id: UUID) -> ConnectionRow | None:
        """Return one connection."""
        ...

    def by_name(self, name: str) -> ConnectionRow | None:
        """Return the connection of that name."""
        ...

    def save(self, row: ConnectionRow) -> None:
        """Insert a connection, or replace its settings and state."""
        ...

    def set_state(self, connection_id: UUID, state: ConnectionState, reason: Reason | None = None) -> bool:
        """Change the state; return whether it was another one before."""
        ...

    def secrets(self, connection_id: UUID) -> dict[str, str]:
        """Return the decrypted secrets by name."""
        ...

    def put_secrets(self, connection_id: UUID, values: Mapping[str, str]) -> None:
        """Encrypt and store secrets; other names stay as they are."""
        ...

    def claim_refresh(self, connection_id: UUID, seconds: int) -> bool:
        """Take the right to renew credentials for some seconds; only one caller gets it."""
        ...

    def release_refresh(self, connection_id: UUID) -> None:
        """Give the right to renew back."""
        ...

    def seen_webhook(self, connection_id: UUID, event_id: str, kind: str, external_id: str) -> bool:
        """Store a webhook event; return whether it is new."""
        ...


class Streams(Protocol):
    """How far each stream was read."""

    def get(self, connection_id: UUID, name: str) -> StreamRow:
        """Return the position of a stream; an unread one has none."""
        ...

    def save(self, connection_id: UUID, name: str, at: StreamRow) -> None:
        """Store the position, in the transaction that stores the records."""
        ...


class Settings(Protocol):
    """The tenant's own configuration text and the plugins it enabled."""

    def text(self) -> tuple[int, str]:
        """Return version and TOML text."""
        ...

    def store(self, toml: str) -> int:
        """Store a new text and return its version."""
        ...

    def restored_at(self) -> datetime | None:
        """Return since when nothing may leave because a backup was restored, if so."""
        ...

    def settle_restore(self) -> None:
        """Let work leave again."""
        ...

    def enabled(self) -> frozenset[str]:
        """Return the plugins the tenant enabled."""
        ...

    def enable(self, plugin: str) -> None:
        """Enable a plugin."""
        ...

    def disable(self, plugin: str) -> None:
        """Disable a plugin; its jobs stay parked."""
        ...


class Payloads(Protocol):
    """Raw remote records, kept as they came."""

    def put(self, connection_id: UUID, kind: str, records: Sequence[tuple[str, Raw]]) -> list[UUID]:
        """Store records once per content and return their ids in order."""
        ...

    def get(self, payload_id: UUID) -> Raw:
        """Return a stored record."""
        ...


class Orders(Protocol):
    """Orders as versioned aggregates."""

    def get(self, order_id: UUID, *, lock: bool = False) -> OrderRow | None:
        """Return one order; ``lock`` keeps others from changing it until the transaction ends."""
        ...

    def find(self, text: str) -> list[OrderRow]:
        """Return the orders with that number, external id or id."""
        ...

    def recent(
        self, *, state: str | None = None, connection_id: UUID | None = None, limit: int = 100
    ) -> list[OrderRow]:
        """Return orders, newest first."""
        ...

    def counts(self) -> dict[str, int]:
        """Return how many orders are in each state."""
        ...

    def take(
        self,
        connection_id: UUID,
        records: Sequence[Record[Order]],
        payload_ids: Sequence[UUID],
        now: datetime,
    ) -> list[SeenOrder]:
        """Store fetched orders: a new revision makes a new version, the same or an older one changes nothing.

        Records that could not be mapped are kept as parked orders. Returns one result per record.
        """
        ...

    def set_state(
        self,
        order_id: UUID,
        state: OrderState,
        reason: Reason | None = None,
        findings: Sequence[Finding] | None = None,
    ) -> None:
        """Change where an order stands."""
        ...

    def version(self, order_id: UUID, version: int) -> Order | None:
        """Return an order as it was in one version."""
        ...

    def waiting_for_lines(self) -> list[UUID]:
        """Return the orders parked because of an unknown line."""
        ...

    def entered(self, ledger_id: UUID, order_id: UUID | None = None) -> list[EnteredRow]:
        """Return the orders a ledger should or may hold a copy of, once per write that enters it."""
        ...

    def undecided(self) -> list[UUID]:
        """Return the readable orders that are held or wait for someone."""
        ...


class Returns(Protocol):
    """Customer returns."""

    def take(
        self, connection_id: UUID, records: Sequence[Record[Return]], payload_ids: Sequence[UUID]
    ) -> list[UUID]:
        """Store fetched returns and return the ids of those that are new or changed."""
        ...


class Items(Protocol):
    """Own items, their barcodes and the confirmed links of channel products to them."""

    def upsert(self, rows: Iterable[ItemRow], connection_id: UUID | None = None) -> int:
        """Insert items or replace their data by code; return how many were given."""
        ...

    def recent(self, *, search: str = "", limit: int = 100) -> list[ItemRow]:
        """Return items by code, or those whose name or code contains a text."""
        ...

    def by_code(self, code: str) -> ItemRow | None:
        """Return the item of that code."""
        ...

    def candidates(
        self,
        connection_id: UUID,
        *,
        codes: Iterable[str],
        barcodes: Iterable[str],
        links: Iterable[str],
        partners: Iterable[str] = (),
        rules: Iterable[str] = (),
    ) -> tuple[list[ItemRow], dict[str, UUID], list[RuleRow]]:
        """Return the items any of the keys may mean, the confirmed links by key, and the rules in force."""
        ...

    def link(self, connection_id: UUID, key: str, item_id: UUID, actor: str) -> None:
        """Store a confirmed link; the newest word of a person wins."""
        ...


class Partners(Protocol):
    """What is known about buyers elsewhere: ledger cards and e-invoice mailboxes."""

    def binding(self, connection_id: UUID, kind: str, key: str) -> str | None:
        """Return the remote code bound to a key."""
        ...

    def bind(self, connection_id: UUID, kind: str, key: str, external_id: str) -> None:
        """Bind a key to a remote code; the first binding stays."""
        ...

    def unbind(self, connection_id: UUID, kind: str, external_id: str) -> int:
        """Forget every key bound to a remote code; return how many there were."""
        ...

    def drop_card(self, connection_id: UUID, code: str) -> None:
        """Bind nobody to a ledger's card any more, until it is read again."""
        ...

    def see_cards(self, connection_id: UUID, records: Sequence[Record[PartyCard]]) -> int:
        """Store a ledger's cards as they are now; return how many could be read."""
        ...

    def cards(self, connection_id: UUID, *, search: str = "", limit: int = 100) -> list[CardRow]:
        """Return a ledger's cards by code, or those whose code, name or tax number contains a text."""
        ...

    def bind_cards(self, connection_id: UUID) -> int:
        """Bind each tax number that exactly one active card has to that card; return how many are new."""
        ...

    def shared_numbers(self, connection_id: UUID) -> dict[str, list[str]]:
        """Return the codes of active cards that share a tax number, by that number."""
        ...

    def recipient(self, tax_number: str, max_age: timedelta) -> Recipient | None:
        """Return a cached registration answer that is young enough."""
        ...

    def remember(self, answer: Recipient) -> None:
        """Cache a registration answer."""
        ...

    def receive(
        self, connection_id: UUID, records: Sequence[Record[IncomingInvoice]], payload_ids: Sequence[UUID]
    ) -> int:
        """Store incoming invoices once; return how many are new."""
        ...


class Pushes(Protocol[V]):
    """Values that channels should show, each with a version that only rises."""

    def want(self, connection_id: UUID, desired: Mapping[str, V]) -> int:
        """Set what a channel should show; only differences raise a version. Return how many changed."""
        ...

    def due(self, connection_id: UUID, limit: int) -> list[PushRow[V]]:
        """Return what is to be sent: newer than what is confirmed or on its way."""
        ...

    def sent(self, connection_id: UUID, rows: Sequence[PushRow[V]], batch: str | None) -> None:
        """Note that versions are on their way, before they leave."""
        ...

    def name_batch(self, connection_id: UUID, rows: Sequence[PushRow[V]], batch: str) -> None:
        """Note which remote batch carries the versions just sent."""
        ...

    def pushed(self, connection_id: UUID, external_id: str, version: int) -> None:
        """Note that the channel shows a version; a late answer never lowers it."""
        ...

    def refused(self, connection_id: UUID, external_id: str, reason: Reason) -> None:
        """Note that the channel refused the value; it is sent again when it changes."""
        ...

    def unsend(self, connection_id: UUID, external_ids: Sequence[str]) -> None:
        """Let versions be sent again, after a fault or a lost batch."""
        ...

    def in_doubt(self, connection_id: UUID) -> bool:
        """Whether a value is on its way without a batch, perhaps because its worker died."""
        ...

    def batches(self, connection_id: UUID) -> dict[str, list[PushRow[V]]]:
        """Return what is on its way, by remote batch."""
        ...


class Prices(Pushes[Price], Protocol):
    """Prices of own items by code, VAT included, and what each channel should show of them."""

    def know(self, prices: Mapping[str, Price]) -> int:
        """Store the prices of items by code; return how many are new or changed."""
        ...

    def known(self) -> dict[str, Price]:
        """Return every price by item code."""
        ...

    def offered(self, connection_id: UUID) -> list[tuple[str, str, Decimal | None]]:
        """Return (external id, SKU, price shown when it was last read) of what a channel offers."""
        ...

    def wanted(self, connection_id: UUID) -> dict[str, Price]:
        """Return the price each product of a channel should show, as far as it was ever told one."""
        ...


class Stock(Pushes[int], Protocol):
    """Ledger quantities, channel products and what each channel should show."""

    def set_levels(self, connection_id: UUID, levels: Sequence[StockLevel]) -> None:
        """Store quantities; an older answer never replaces a newer one."""
        ...

    def on_hand(self, connection_id: UUID, warehouses: Sequence[str]) -> dict[str, Decimal]:
        """Return the sum over warehouses by item code; no warehouses means all."""
        ...

    def see_products(self, connection_id: UUID, records: Sequence[Record[Product]]) -> int:
        """Store what a channel offers; return how many records could be read."""
        ...

    def products(self, connection_id: UUID) -> list[tuple[str, str, str, UUID | None]]:
        """Return (external id, SKU, barcode, linked item) of every product a channel offers."""
        ...

    def reserved(self) -> dict[str, Decimal]:
        """Return quantities of open orders by item key (SKU), not yet booked in the ledger."""
        ...


class Documents(Protocol):
    """Documents and their numbers."""

    def get(self, document_id: UUID, *, lock: bool = False) -> DocumentRow | None:
        """Return one document by ETTN."""
        ...

    def of_order(self, order_id: UUID) -> list[DocumentRow]:
        """Return every document of an order, oldest first."""
        ...

    def find(self, text: str) -> list[DocumentRow]:
        """Return the documents with that number or ETTN."""
        ...

    def recent(self, *, state: str | None = None, limit: int = 100) -> list[DocumentRow]:
        """Return documents, newest first."""
        ...

    def left_by_hand(self, limit: int = 1000) -> list[DocumentRow]:
        """Return issued invoices with a manual booking or link, newest first, done or not."""
        ...

    def add(self, row: DocumentRow) -> None:
        """Insert a document; its key makes a second one impossible.

        Raises:
            sqlalchemy.exc.IntegrityError: a document of that key exists.
        """
        ...

    def allot(self, document_id: UUID, prefix: str, year: int, issue_date: date) -> tuple[int, date]:
        """Take the next number of a series for a document and return it with the date to issue on.

        The row lock lasts until the short transaction ends. Numbers follow dates: the returned date is never
        before that of an earlier number of the series. Asking again for the same document gives the same
        number.
        """
        ...

    def adopt(self, document_id: UUID, prefix: str, year: int, sequence: int, issue_date: date) -> bool:
        """Reserve a number that a channel holds for the document of that ETTN; return whether it was unknown.

        No other document gets it, and the series goes on behind it.
        """
        ...

    def is_adopted(self, document_id: UUID) -> bool:
        """Whether a number was reserved for the document of that ETTN."""
        ...

    def last_number(self, prefix: str, year: int) -> int:
        """Return the last number taken of a series in a year; 0 before the first."""
        ...

    def set_number(self, document_id: UUID, full: str, invoice: Invoice) -> None:
        """Give a document its number and final content."""
        ...

    def replace_content(self, row: DocumentRow) -> None:
        """Store a document's corrected content under the same identity and number."""
        ...

    def accept_version(self, document_id: UUID, version: int) -> None:
        """Note that an order's version is dealt with."""
        ...

    def set_xml(self, document_id: UUID, digest: str) -> None:
        """Bind the archived XML to a document."""
        ...

    def set_pdf(self, document_id: UUID, digest: str) -> None:
        """Bind the archived PDF to a document."""
        ...

    def set_remote(
        self, document_id: UUID, state: str, code: str, text: str, *, follow_at: datetime | None, issued: bool
    ) -> None:
        """Store the channel's word; ``issued`` makes the document legally out."""
        ...

    def follow_at(self, document_id: UUID, at: datetime | None) -> None:
        """Set when the channel is asked again."""
        ...

    def to_follow(self, channel_id: UUID, now: datetime, limit: int) -> list[DocumentRow]:
        """Return the documents of a channel whose state is to be asked now."""
        ...

    def next_follow(self, channel_id: UUID) -> datetime | None:
        """Return when the channel is to be asked next."""
        ...

    def set_reason(self, document_id: UUID, reason: Reason | None) -> None:
        """Store why a document waits, or that it no longer does."""
        ...

    def void(self, document_id: UUID, reason: Reason) -> None:
        """Make a document void; a number it holds is kept with the reason."""
        ...

    def numbers(self) -> list[tuple[str, int, int, UUID, str | None]]:
        """Return (prefix, year, sequence, document, void reason) of every number ever allotted."""
        ...


class Effects(Protocol):
    """Writes to other systems, one row for ever per operation, subject and connection."""

    def plan(self, row: EffectRow) -> EffectRow:
        """Return the effect of that key, made if it is new."""
        ...

    def get(self, effect_id: UUID, *, lock: bool = False) -> EffectRow | None:
        """Return one effect."""
        ...

    def by_key(self, key: str, *, lock: bool = False) -> EffectRow | None:
        """Return the effect of a key."""
        ...

    def of_document(self, document_id: UUID) -> list[EffectRow]:
        """Return every write made for a document."""
        ...

    def of_order(self, order_id: UUID) -> list[EffectRow]:
        """Return every write made for an order itself: its card, its copy in the ledger."""
        ...

    def unanswered(self, limit: int = 1000) -> list[EffectRow]:
        """Return the writes that were refused or whose outcome is not known, the oldest first."""
        ...

    def open(self) -> list[EffectRow]:
        """Return the writes whose outcome is not known."""
        ...

    def sending(self, effect_id: UUID, request_hash: str) -> int:
        """Commit to send: returns the attempt. Only a planned effect may go out."""
        ...

    def settle(
        self,
        effect_id: UUID,
        state: EffectState,
        ref: ExternalRef | None,
        remote_number: str | None,
        echo: Echo,
    ) -> None:
        """Store that the remote has it."""
        ...

    def turn(self, effect_id: UUID, state: EffectState, reason: Reason | None = None) -> None:
        """Change the state for a reason; ``sent_at`` becomes now if it was ``sending`` until now."""
        ...

    def looked_up(self, effect_id: UUID) -> None:
        """Count a look-up that did not settle it; it is uncertain then. ``sent_at`` as with ``turn``."""
        ...


class Archive(Protocol):
    """Rendered documents by content hash; what is stored never changes."""

    def put(self, rendered: Rendered) -> str:
        """Store bytes once and return their SHA-256."""
        ...

    def get(self, digest: str) -> Rendered | None:
        """Return stored bytes.

        Raises:
            ValueError: the stored bytes are not those that were put there.
        """
        ...


class Events(Protocol):
    """The append-only story that the audit chain seals."""

    def latest(self) -> datetime | None:
        """Return when the last thing happened."""
        ...

    def add(self, actor: str, subject: str, subject_id: UUID | str, action: str, **data: Any) -> None:
        """Append one event."""
        ...

    def add_many(
        self, actor: str, subject: str, action: str, rows: Sequence[tuple[UUID | str, Mapping[str, Any]]]
    ) -> None:
        """Append the same kind of event for many subjects."""
        ...

    def of_subjects(self, subject_ids: Sequence[UUID | str], limit: int = 1000) -> list[EventRow]:
        """Return the story of some subjects in order."""
        ...

    def exchange(self, exchange: Exchange) -> None:
        """Store a redacted exchange with a remote."""
        ...

    def exchanges(self, connection_id: UUID, limit: int) -> list[dict[str, Any]]:
        """Return the latest exchanges of a connection, newest first."""
        ...


class Jobs(Protocol):
    """Jobs of one tenant."""

    def add(self, *jobs: NewJob) -> None:
        """Write work; an open job of the same key is woken instead and runs once more."""
        ...

    def hold(self, job_id: int, attempt_no: int) -> None:
        """Prove that this try still owns the job; keeps the row until the transaction ends.

        Raises:
            LeaseLost: it does not.
        """
        ...

    def recent(self, *, state: str | None = None, limit: int = 100) -> list[JobRow]:
        """Return jobs, newest first."""
        ...

    def get(self, job_id: int) -> JobRow | None:
        """Return one job."""
        ...

    def counts(self) -> dict[str, int]:
        """Return how many jobs are in each state."""
        ...

    def retry(self, job_id: int) -> bool:
        """Let a job that waits, is parked or gave up run now."""
        ...

    def unpark(self) -> int:
        """Let every parked job of the tenant try again, because something it may wait for has changed."""
        ...

    def hurry(self, connection_ids: Iterable[UUID]) -> int:
        """Let the waiting jobs of some connections run now; return how many there are."""
        ...

    def set_schedules(
        self, connection_id: UUID | None, rows: Sequence[tuple[str, dict[str, Any], int, str | None]]
    ) -> None:
        """Make the schedules of a connection: (kind, args, every seconds, local time of day or none).

        One that a person changed stays as it is.
        """
        ...

    def schedules(self) -> list[ScheduleRow]:
        """Return all schedules by kind, with the time that fired last."""
        ...

    def change_schedule(self, row: ScheduleRow) -> None:
        """Store times, catch-up policy and whether it is on; it fires next by the new times."""
        ...


class Uow(Protocol):
    """One transaction of one tenant."""

    @property
    def tenant_id(self) -> UUID:
        """Return the tenant."""
        ...

    @property
    def now(self) -> datetime:
        """Return the database's clock at the start."""
        ...

    @property
    def jobs(self) -> Jobs:
        """Return jobs."""
        ...

    @property
    def gates(self) -> Gates:
        """Return what lets jobs of connections through."""
        ...

    @property
    def payloads(self) -> Payloads:
        """Return raw payloads."""
        ...

    @property
    def orders(self) -> Orders:
        """Return orders."""
        ...

    @property
    def returns(self) -> Returns:
        """Return customer returns."""
        ...

    @property
    def items(self) -> Items:
        """Return own items."""
        ...

    @property
    def partners(self) -> Partners:
        """Return buyers elsewhere."""
        ...

    @property
    def stock(self) -> Stock:
        """Return stock."""
        ...

    @property
    def prices(self) -> Prices:
        """Return prices."""
        ...

    @property
    def streams(self) -> Streams:
        """Return stream positions."""
        ...

    @property
    def settings(self) -> Settings:
        """Return settings."""
        ...

    @property
    def documents(self) -> Documents:
        """Return documents."""
        ...

    @property
    def effects(self) -> Effects:
        """Return effects."""
        ...

    @property
    def archive(self) -> Archive:
        """Return the archive."""
        ...

    @property
    def events(self) -> Events:
        """Return events."""
        ...

    @property
    def connections(self) -> Connections:
        """Return connections."""
        ...

    @property
    def proofs(self) -> OrderProofs:
        """Return orders counted twice."""
        ...

    @property
    def drifts(self) -> Drifts:
        """Return differences between us and other systems."""
        ...

    @property
    def backfills(self) -> Backfills:
        """Return ranges of the past that are read besides."""
        ...

    @property
    def buyers(self) -> Buyers:
        """Return what buyers call our items."""
        ...

    @property
    def catalogue(self) -> Catalogues:
        """Return own items as line matching indexes them."""
        ...

    @property
    def lines(self) -> Lines:
        """Return lines to be mapped."""
        ...

    @property
    def rules(self) -> Rules:
        """Return what people taught about lines."""
        ...


class Store(Protocol):
    """Opens transactions."""

    def tenant(self, tenant_id: UUID) -> AbstractContextManager[Uow]:
        """Open a transaction that sees one tenant; it commits at the end and rolls back on an error."""
        ...

    def wake(self) -> None:
        """Tell the relay that there may be work."""
        ...

    def allowed(self) -> frozenset[str]:
        """Return the plugins the operator of this installation allows."""
        ...

    def restored_at(self) -> datetime | None:
        """Return when it was last seen that a backup had been restored."""
        ...
