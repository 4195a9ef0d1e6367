"""The servers that tests share: one PostgreSQL and one Valkey per session, started when the first test asks.

All test workers of a session find them in one data directory; the last one to finish stops them. Each worker has
a database of its own, copied from a migrated template, and a Redis database number of its own.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
import redis
from hypothesis import HealthCheck, settings
from sqlalchemy.engine import make_url

from kopru.runtime.servers import Endpoints, connect, down
from kopru.runtime.servers.locks import FileLock
from kopru.settings import Settings

settings.register_profile(
    "steady", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("steady")
# A busy machine is no failure, and a fixture that lives through a test's examples is meant to.

_FOLDER = "PYTEST_KOPRU_FOLDER"
"""The variable that tells the test workers of a session their common folder."""

_TEMPLATE = "kopru_template"


def pytest_configure(config: pytest.Config) -> None:
    if _is_worker(config) or _FOLDER in os.environ:
        return
    folder = _passable_folder()
    os.environ[_FOLDER] = str(folder)
    config.add_cleanup(lambda: _remove(folder))


def _passable_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="kopru-test-", dir="/tmp"))
    folder.chmod(0o711)
    return folder


def _remove(folder: Path) -> None:
    os.environ.pop(_FOLDER, None)
    shutil.rmtree(folder, ignore_errors=True)


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


@pytest.fixture(scope="session", autouse=True)
def _plugins_are_tried_once() -> Iterator[None]:
    """Let the installations of a session remember together which plugins passed the probe."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kopru.runtime.plugins.FOLDER", Path(os.environ[_FOLDER]) / "plugins")
        yield


@pytest.fixture
def home() -> Iterator[Path]:
    """A data directory for one test that starts an installation of its own. Whatever runs in it is stopped.

    Use it and not ``tmp_path``, which is closed to the account that PostgreSQL runs as under root.
    """
    folder = _passable_folder()
    yield folder / "home"
    down(Settings(home=folder / "home"))
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def servers() -> Iterator[Endpoints]:
    """The session's PostgreSQL and Valkey."""
    with connect(Settings(home=Path(os.environ[_FOLDER]) / "home")) as endpoints:
        yield endpoints


@pytest.fixture(scope="session")
def template(servers: Endpoints) -> str:
    """The name of a migrated database that nobody is connected to."""
    lock = FileLock(Path(os.environ[_FOLDER]) / "template.lock")
    assert lock.exclusive(wait=120), "another test worker does not finish the template database"
    try:
        with _administer(servers) as connection:
            found = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", (_TEMPLATE,)
            ).fetchone()
            if found is None:
                _make_template(servers, connection)
    finally:
        lock.release()
    return _TEMPLATE


@pytest.fixture(scope="session")
def database_url(servers: Endpoints, template: str) -> Iterator[str]:
    """A database of this test worker, for SQLAlchemy. It keeps what the tests leave in it."""
    yield from _database(servers, template, f"kopru_test_{_worker()}")


@pytest.fixture
def fresh_database_url(servers: Endpoints, template: str) -> Iterator[str]:
    """A database of this test alone, for SQLAlchemy."""
    yield from _database(servers, template, f"kopru_test_{_worker()}_{next(_numbers)}")


@pytest.fixture
def redis_url(servers: Endpoints) -> str:
    """An empty Redis database of this test worker."""
    number = int(_worker().removeprefix("gw")) + 1
    url = servers.redis_url.replace("?db=0", f"?db={number}")
    with redis.from_url(url) as client:
        client.flushdb()
    return url


_numbers = count(1)


def _worker() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "gw0")


def _administer(servers: Endpoints) -> psycopg.Connection:
    url = make_url(servers.database_url)
    return psycopg.connect(host=url.query["host"], user=url.username, dbname="postgres", autocommit=True)


def _database(servers: Endpoints, template: str, name: str) -> Iterator[str]:
    with _administer(servers) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _url(servers, name)
    with _administer(servers) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _make_template(servers: Endpoints, connection: psycopg.Connection) -> None:
    draft = f"{_TEMPLATE}_draft"
    connection.execute(f"DROP DATABASE IF EXISTS {draft} WITH (FORCE)")
    connection.execute(f"CREATE DATABASE {draft}")
    _migrate(_url(servers, draft))
    connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (draft,))
    connection.execute(f"ALTER DATABASE {draft} RENAME TO {_TEMPLATE}")


def _migrate(url: str) -> None:
    try:
        from kopru.storage.migrate import upgrade
    except ImportError:
        return
    upgrade(url)


def _url(servers: Endpoints, name: str) -> str:
    return make_url(servers.database_url).set(database=name).render_as_string(hide_password=False)
