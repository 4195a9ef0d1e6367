"""Units of work: one transaction with the right role, one tenant, one clock."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kopru.hooks.errors import ConfigError
from kopru.model import Text
from kopru.storage.access import ENGINE, TENANT
from kopru.storage.repos.backfills import Backfills
from kopru.storage.repos.buyers import Buyers
from kopru.storage.repos.catalogue import Catalogue
from kopru.storage.repos.documents import Documents
from kopru.storage.repos.drifts import Drifts
from kopru.storage.repos.effects import Effects
from kopru.storage.repos.gates import Gates
from kopru.storage.repos.items import Items
from kopru.storage.repos.lines import Lines
from kopru.storage.repos.orders import Orders, Returns
from kopru.storage.repos.partners import Partners
from kopru.storage.repos.payloads import Payloads
from kopru.storage.repos.prices import Prices
from kopru.storage.repos.proofs import OrderProofs
from kopru.storage.repos.rules import Rules
from kopru.storage.repos.setup import Connections, Settings, Streams
from kopru.storage.repos.stock import Stock
from kopru.storage.repos.story import Archive, Events
from kopru.storage.repos.work import Jobs
from kopru.storage.secrets import Envelope, KeyRing
from kopru.storage.storable import dump_json
from kopru.storage.tables import allowed_plugin, connection, instance, tenant

Database = sa.Engine

UNAVAILABLE = (sa.exc.OperationalError, sa.exc.InterfaceError)
"""Errors that say that the database is away for now, not that something is wrong."""

LONGEST_PAUSE = "15s"
"""A transaction that does nothing for so long belongs to a stopped process: the server ends it."""

ALIVE = {"keepalives_idle": 5, "keepalives_interval": 3, "keepalives_count": 3, "tcp_user_timeout": 15_000}
"""A server that vanished without a word is noticed within 15 seconds, not not by the system's hours."""

ENTER = sa.text(
    "select clock_timestamp(), set_config('role', :role, true), set_config('kopru.tenant', :tenant, true),"
    " set_config('idle_in_transaction_session_timeout', :pause, true)"
)


class Uow:
    """One transaction of one tenant. ``now`` is the database's clock at its start."""

    def __init__(
        self, db: sa.Connection, tenant_id: UUID, now: datetime, envelope: Callable[[], Envelope]
    ) -> None:
        """Take the open connection; use ``Store.tenant`` instead of this."""
        self.db = db
        self.tenant_id = tenant_id
        self.now = now
        self._envelope = envelope
        self.jobs = Jobs(db, tenant_id)
        self.payloads = Payloads(db, tenant_id)
        self.orders = Orders(db, tenant_id)
        self.returns = Returns(db, tenant_id)
        self.items = Items(db, tenant_id)
        self.partners = Partners(db, tenant_id)
        self.stock = Stock(db, tenant_id)
        self.prices = Prices(db, tenant_id)
        self.gates = Gates(db, tenant_id)
        self.streams = Streams(db, tenant_id)
        self.settings = Settings(db, tenant_id)
        self.documents = Documents(db, tenant_id)
        self.effects = Effects(db, tenant_id)
        self.archive = Archive(db, tenant_id)
        self.events = Events(db, tenant_id)
        self.proofs = OrderProofs(db, tenant_id)
        self.drifts = Drifts(db, tenant_id)
        self.backfills = Backfills(db, tenant_id)
        self.buyers = Buyers(db, tenant_id)
        self.catalogue = Catalogue(db, tenant_id)
        self.lines = Lines(db, tenant_id)
        self.rules = Rules(db, tenant_id)

    @cached_property
    def connections(self) -> Connections:
        """Return the connections; the tenant's key is unwrapped on first use."""
        return Connections(self.db, self.tenant_id, self._envelope())

    def flush(self) -> None:
        """Write what repositories kept back; jobs last, because others wait for their rows."""
        self.events.flush()
        self.jobs.flush()


class Store:
    """Opens units of work on one database."""

    def __init__(self, engine: sa.Engine, keys: KeyRing, wake: Callable[[], None] = lambda: None) -> None:
        """Take the database, the master keys and what is called after a commit that added jobs."""
        self._engine = engine
        self._keys = keys
        self._wake = wake
        self._envelopes: dict[UUID, Envelope] = {}
        self._lock = threading.Lock()

    @contextmanager
    def tenant(self, tenant_id: UUID) -> Iterator[Uow]:
        """Open a transaction that sees one tenant; it commits at the end and rolls back on an error."""
        with self._engine.begin() as db:
            now = _enter(db, TENANT, str(tenant_id))
            uow = Uow(db, tenant_id, now, lambda: self._envelope(db, tenant_id))
            yield uow
            uow.flush()
        if uow.jobs.added:
            self._wake()

    @contextmanager
    def engine(self) -> Iterator[sa.Connection]:
        """Open a transaction that sees jobs, schedules and leases of all tenants, and nothing else."""
        with self._engine.begin() as db:
            _enter(db, ENGINE)
            yield db

    def wake(self) -> None:
        """Tell the relay that there may be work."""
        self._wake()

    def tenants(self) -> list[tuple[UUID, str]]:
        """Return (id, slug) of every tenant."""
        with self.engine() as db:
            return [
                (row.id, row.slug)
                for row in db.execute(sa.select(tenant.c.id, tenant.c.slug).order_by(tenant.c.slug))
            ]

    def tenant_id(self, slug: str) -> UUID:
        """Return the tenant of a slug.

        Raises:
            ConfigError: there is none.
        """
        with self.engine() as db:
            found: UUID | None = db.execute(
                sa.select(tenant.c.id).where(tenant.c.slug == slug)
            ).scalar_one_or_none()
        if found is None:
            raise ConfigError(
                "tenant.unknown",
                Text(
                    tr="“{slug}” adlı firma yok. Firmalar: kopru tenant list",
                    en="There is no tenant “{slug}”. See: kopru tenant list",
                ).fill(slug=slug),
            )
        return found

    def find_connection(self, connection_id: UUID) -> tuple[UUID, str] | None:
        """Return (tenant, webhook secret) of a connection of any tenant."""
        with self.engine() as db:
            row = db.execute(
                sa.select(connection.c.tenant_id, connection.c.webhook_secret).where(
                    connection.c.id == connection_id
                )
            ).one_or_none()
        return (row.tenant_id, row.webhook_secret) if row else None

    def add_tenant(self, slug: str) -> UUID:
        """Make a tenant with a key of its own.

        Raises:
            ConfigError: the slug is taken.
        """
        tenant_id = uuid4()
        key_id, wrapped = self._keys.new_tenant_key(tenant_id)
        row = {"id": tenant_id, "slug": slug, "key_id": key_id, "wrapped_key": wrapped}
        with self.engine() as db:
            statement = insert(tenant).values(row).on_conflict_do_nothing(index_elements=["slug"])
            made = db.execute(statement.returning(tenant.c.id)).one_or_none()
        if made is None:
            raise ConfigError(
                "tenant.exists",
                Text(tr="“{slug}” adlı firma zaten var.", en="A tenant “{slug}” already exists.").fill(
                    slug=slug
                ),
            )
        return tenant_id

    def rotate_master_key(self, *, dry_run: bool = False) -> int:
        """Wrap every tenant's key under the current master key; return how many were under an older one.

        The tenants' keys stay the same, so that work goes on meanwhile and no secret is touched.

        Raises:
            ConfigError: a master key still in use is not known here; nothing was changed.
        """
        old = sa.select(tenant.c.id, tenant.c.key_id, tenant.c.wrapped_key)
        with self.engine() as db:
            rows = db.execute(old.where(tenant.c.key_id != self._keys.current).with_for_update()).all()
            for row in rows:
                key_id, wrapped = self._keys.rewrap(row.id, row.key_id, row.wrapped_key)
                if dry_run:
                    continue
                values = {"key_id": key_id, "wrapped_key": wrapped}
                db.execute(sa.update(tenant).where(tenant.c.id == row.id).values(values))
        return len(rows)

    def restored_at(self) -> datetime | None:
        """Return when it was last seen that a backup had been restored."""
        with self.engine() as db:
            found: datetime | None = db.execute(sa.select(instance.c.restored_at)).scalar_one_or_none()
        return found

    def allowed(self) -> frozenset[str]:
        """Return the plugins the operator of this installation allows."""
        with self.engine() as db:
            return frozenset(db.execute(sa.select(allowed_plugin.c.plugin)).scalars())

    def allow(self, plugin: str) -> None:
        """Allow a plugin on this installation."""
        with self.engine() as db:
            db.execute(insert(allowed_plugin).values(plugin=plugin).on_conflict_do_nothing())

    def _envelope(self, db: sa.Connection, tenant_id: UUID) -> Envelope:
        with self._lock:
            if tenant_id in self._envelopes:
                return self._envelopes[tenant_id]
        wrapped = sa.select(tenant.c.key_id, tenant.c.wrapped_key).where(tenant.c.id == tenant_id)
        envelope = self._keys.envelope(tenant_id, *db.execute(wrapped).one())
        with self._lock:
            self._envelopes[tenant_id] = envelope
        return envelope


def _enter(db: sa.Connection, role: str, tenant_id: str = "") -> datetime:
    """Take a role on for the present transaction, and return the database's clock."""
    values = {"role": role, "tenant": tenant_id, "pause": LONGEST_PAUSE}
    now: datetime = db.execute(ENTER, values).one()[0]
    return now


def has_tenants(database: Database) -> bool:
    """Whether any tenant was made in a database."""
    with database.begin() as db:
        _enter(db, ENGINE)
        return bool(db.execute(sa.select(sa.exists().select_from(tenant))).scalar_one())


def make_engine(url: str, *, pool_size: int = 20, max_overflow: int = 10) -> sa.Engine:
    """Return an SQLAlchemy engine for the PostgreSQL at that address."""
    return sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=max_overflow,
        json_serializer=dump_json,
        hide_parameters=True,
        connect_args={"prepare_threshold": 2, "application_name": "kopru", **ALIVE},
    )
