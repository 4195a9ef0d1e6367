"""A store on a real database, tenants of its own for each test, and looking into the database from outside."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings

from kopru.storage.secrets import KeyRing, MasterKey
from kopru.storage.store import Store, make_engine

settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

MASTER_KEY = MasterKey.generate()
_numbers = count(1)


@pytest.fixture
def master_key() -> MasterKey:
    """The key that wraps the tenant keys of ``store``."""
    return MASTER_KEY


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: sa.Engine, master_key: MasterKey) -> Store:
    return Store(engine, KeyRing(master_key))


@pytest.fixture
def new_tenant(store: Store) -> Callable[[], UUID]:
    """Make a tenant that no other test uses."""
    return lambda: store.add_tenant(f"tenant-{next(_numbers)}")


@pytest.fixture
def tenant(new_tenant: Callable[[], UUID]) -> UUID:
    return new_tenant()


@pytest.fixture
def database(engine: sa.Engine) -> Callable[[], AbstractContextManager[Any]]:
    """Open a transaction as the superuser that owns the test cluster: no role, no row-level security."""

    @contextmanager
    def open_() -> Iterator[Any]:
        with engine.begin() as db:
            yield db

    return open_


@pytest.fixture
def empty_database_url(database_url: str) -> Iterator[str]:
    """A database of this test alone with nothing in it."""
    url = sa.make_url(database_url)
    name = f"{url.database}_empty_{next(_numbers)}"
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as db:
        db.execute(sa.text(f"create database {name} template template0"))
        yield url.set(database=name).render_as_string(hide_password=False)
        db.execute(sa.text(f"drop database {name} with (force)"))
    admin.dispose()


@pytest.fixture
def keys(master_key: MasterKey) -> KeyRing:
    return KeyRing(master_key)
