"""The composition root: settings and servers in, a working engine out. Nothing else wires parts together."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import redis
from dramatiq.brokers.redis import RedisBroker

from kopru.flows.env import Env
from kopru.flows.indexing import Indexes
from kopru.flows.restoring import reconcile_job
from kopru.hooks.errors import ConfigError
from kopru.jobs.broker import Doorbell, make_broker
from kopru.model import Text
from kopru.registry import Registry
from kopru.runtime.plugins import find_plugins
from kopru.runtime.servers import Endpoints
from kopru.settings import Settings
from kopru.storage import migrate
from kopru.storage.circuits import Circuits
from kopru.storage.health import openings
from kopru.storage.indexfiles import IndexFiles
from kopru.storage.instance import observe
from kopru.storage.queue import Queue
from kopru.storage.rates import RateWindow
from kopru.storage.secrets import KeyRing, MasterKey
from kopru.storage.store import Database, Store, has_tenants, make_engine
from kopru.transport.limiter import SplitLimiter, WindowLimiter
from kopru.transport.redis_limiter import RedisLimiter

KEY_FILE = "master.key"


@dataclass(frozen=True)
class Engine:
    """One process's engine."""

    settings: Settings
    endpoints: Endpoints
    registry: Registry
    store: Store
    env: Env
    queue: Queue
    bell: Doorbell

    @cached_property
    def broker(self) -> RedisBroker:
        """Return the message broker; made when a process needs it."""
        return make_broker(self.endpoints.redis_url)


@contextmanager
def compose(settings: Settings, endpoints: Endpoints, *, threads: int = 4) -> Iterator[Engine]:
    """Build an engine on running servers; its database connections are closed at the end.

    Raises:
        ConfigError: the database schema is not the one of this version, or the master key is unusable.
    """
    bell = Doorbell(endpoints.redis_url)
    database = make_engine(endpoints.database_url, pool_size=threads + 2)
    try:
        store = Store(database, _key_ring(settings, database), bell.ring)
        _require_walls(store)
        _notice_restore(store)
        registry = find_plugins(settings)
        quick = RedisLimiter(redis.Redis.from_url(endpoints.redis_url, socket_timeout=5))
        limiter = SplitLimiter(short=quick, long=WindowLimiter(RateWindow(store)))
        indexes = Indexes(IndexFiles(settings.home / "index"))
        env = Env(store=store, registry=registry, limiter=limiter, circuits=Circuits(store), indexes=indexes)
        yield Engine(settings, endpoints, registry, store, env, Queue(store), bell)
    finally:
        database.dispose()


def prepare_database(settings: Settings, url: str) -> None:
    """Bring a private database to the present schema; a given one must be upgraded by its operator.

    Raises:
        ConfigError: a given database is behind this version.
    """
    if migrate.current(url) == migrate.latest():
        return
    if settings.database_url is None:
        migrate.upgrade(url)
        return
    raise ConfigError(
        "storage.schema_behind",
        Text(
            tr="Veritabanı şeması bu sürümün gerisinde. Çalıştırın: kopru db upgrade",
            en="The database schema is behind this version. Run: kopru db upgrade",
        ),
    )


def _notice_restore(store: Store) -> None:
    """Let nothing leave after a backup was restored before every channel was asked what it holds."""
    if not observe(store):
        return
    for tenant_id, _ in store.tenants():
        with store.tenant(tenant_id) as uow:
            uow.jobs.add(reconcile_job())
            uow.events.add("engine", "tenant", tenant_id, "restore.noticed")


def _require_walls(store: Store) -> None:
    """Refuse to work on a database in which row-level security was taken down."""
    if open_tables := openings(store):
        raise ConfigError(
            "storage.wall_down",
            Text(
                tr="Şu tablolarda satır güvenliği kapalı ya da değiştirilmiş: {tables}. Firmalar birbirini "
                "görebilir; politikaları geri koymadan Köprü çalışmaz.",
                en="Row-level security is off or altered on: {tables}. Companies could see each other's "
                "rows; Köprü does not run before the policies are restored.",
            ).fill(tables=", ".join(open_tables)),
        )


def _key_ring(settings: Settings, database: Database) -> KeyRing:
    older = (MasterKey.from_text(each.get_secret_value()) for each in settings.old_master_keys)
    return KeyRing(master_key(settings) or _first_key(settings.home / KEY_FILE, database), *older)


def master_key(settings: Settings) -> MasterKey | None:
    """Return the master key from the settings or the one kept beside the data; ``None`` before the first.

    Raises:
        ConfigError: the key or its file cannot be used.
    """
    if settings.master_key is not None:
        return MasterKey.from_text(settings.master_key.get_secret_value())
    path = settings.master_key_file or settings.home / KEY_FILE
    try:
        return MasterKey.from_text(path.read_text("ascii"))
    except FileNotFoundError as error:
        if settings.master_key_file is None:
            return None
        raise ConfigError(
            "secrets.no_key_file",
            Text(
                tr="Anahtar dosyası yok: {path}. KOPRU_MASTER_KEY_FILE değerini düzeltin.",
                en="There is no key file {path}. Correct KOPRU_MASTER_KEY_FILE.",
            ).fill(path=path),
        ) from error


def _first_key(path: Path, database: Database) -> MasterKey:
    """Make the key of a new installation; a key that was lost is not replaced, because nothing would open."""
    if has_tenants(database):
        raise ConfigError(
            "secrets.key_lost",
            Text(
                tr="Ana anahtar dosyası yok: {path}. Firmaların gizli bilgileri onunla şifreli; dosyayı "
                "yedekten geri koyun ya da anahtarı KOPRU_MASTER_KEY ile verin.",
                en="The master key file {path} is gone, and the companies' secrets are encrypted under it. "
                "Restore it from a backup, or give the key in KOPRU_MASTER_KEY.",
            ).fill(path=path),
        )
    return _make_key(path)


def _make_key(path: Path) -> MasterKey:
    """Write a new key so that several starting processes end up with the same one."""
    key = MasterKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    draft.write_text(key.to_text(), "ascii")
    draft.chmod(0o600)
    try:
        os.link(draft, path)
    except FileExistsError:
        return MasterKey.from_text(path.read_text("ascii"))
    finally:
        draft.unlink()
    return key
