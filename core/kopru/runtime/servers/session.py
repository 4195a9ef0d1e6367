"""Using, stopping and looking at the servers of a data directory."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from kopru.runtime.problems import RuntimeProblem
from kopru.runtime.servers.accounts import LOCATION
from kopru.runtime.servers.home import Home
from kopru.runtime.servers.locks import FileLock, wait_until
from kopru.runtime.servers.postgres import Postgres
from kopru.runtime.servers.server import PrivateServer
from kopru.runtime.servers.valkey import Valkey
from kopru.settings import Settings

_KEEPER_STOP_LIMIT = 45.0
"""Seconds for ``up`` to end: 30 for its children, the rest for the servers."""


@dataclass(frozen=True)
class Endpoints:
    """Where the servers answer."""

    database_url: str = field(repr=False)
    """For SQLAlchemy: ``postgresql+psycopg://…``."""
    redis_url: str = field(repr=False)
    """For ``redis.from_url``."""


@dataclass(frozen=True)
class ServerStatus:
    """One server as it is now."""

    name: str
    private: bool
    """False: it is the operator's own and not looked after here."""
    running: bool
    pid: int | None = None
    data: Path | None = None
    log: Path | None = None


@dataclass(frozen=True)
class Status:
    """What runs on a data directory."""

    home: Path
    keeper: int | None
    """The process of ``up`` or ``demo``."""
    servers: tuple[ServerStatus, ...]


def home_of(settings: Settings) -> Home:
    """Return the data directory of the settings."""
    return Home(settings.home, settings.socket_base)


def keeper_lock(home: Home) -> FileLock:
    """Return the lock held by the one process that looks after the servers of a data directory."""
    return FileLock(home.path / "keeper.lock")


class Session:
    """The servers as one process uses them."""

    def __init__(self, settings: Settings) -> None:
        """Take the settings; nothing is started yet."""
        self._settings = settings
        self._home = home_of(settings)
        self.servers: list[PrivateServer] = []

    def open(self, give_up: threading.Event | None = None) -> Endpoints:
        """Use every server the settings do not name, starting what does not run.

        Raises:
            RuntimeProblem: one cannot be started; none is used then.
        """
        settings = self._settings
        database_url, redis_url = settings.database_url, settings.redis_url
        if database_url is not None and redis_url is not None:
            return Endpoints(database_url, redis_url)
        self._home.create()
        with _telling(self._home), self._home.lock():
            try:
                database_url = database_url or self._use(Postgres(self._home), give_up)
                redis_url = redis_url or self._use(Valkey(self._home), give_up)
            except BaseException:
                self._leave()
                raise
        return Endpoints(database_url, redis_url)

    def ensure(self, give_up: threading.Event | None = None) -> list[str]:
        """Start again what has died; return the titles of those servers.

        Raises:
            RuntimeProblem: one cannot be started.
        """
        dead = [server for server in self.servers if not server.is_running]
        if dead:
            with _telling(self._home), self._home.lock():
                for server in dead:
                    server.ensure(give_up)
        return [server.engine.title for server in dead]

    def close(self) -> None:
        """Stop using the servers; those that nobody else uses are stopped."""
        if self.servers:
            with self._home.lock():
                self._leave()

    def _use(self, engine: Postgres | Valkey, give_up: threading.Event | None) -> str:
        server = PrivateServer(engine, self._home)
        server.join(give_up)
        self.servers.append(server)
        return engine.url

    def _leave(self) -> None:
        while self.servers:
            self.servers.pop().leave()


@contextmanager
def connect(settings: Settings) -> Iterator[Endpoints]:
    """Use the servers for a while: start what does not run, and stop it if nobody else uses it at the end.

    Addresses given in the settings are used as they are, and nothing is started.

    Raises:
        RuntimeProblem: a server cannot be started.
    """
    session = Session(settings)
    endpoints = session.open()
    try:
        yield endpoints
    finally:
        session.close()


def down(settings: Settings) -> list[str]:
    """Stop everything that runs on the data directory; return what was stopped, in that order.

    Raises:
        RuntimeProblem: something does not end.
    """
    home = home_of(settings)
    if not home.path.exists():
        return []
    home.create()
    stopped = ["up"] if _stop_keeper(home) else []
    with home.lock():
        stopped += [server.engine.title for server in _existing(home) if server.stop()]
    return stopped


def status(settings: Settings) -> Status:
    """Look at what runs on the data directory, and change nothing."""
    home = home_of(settings)
    given = {"postgres": settings.database_url, "valkey": settings.redis_url}
    published = home.published()
    servers = []
    for name, url in given.items():
        entry = published.get(name)
        if url is not None or entry is None:
            servers.append(ServerStatus(name, private=url is None, running=False))
            continue
        folder = Path(entry["data"]).parent
        pid = FileLock(folder / "server.lock").holder()
        servers.append(
            ServerStatus(name, True, pid is not None, pid, Path(entry["data"]), Path(entry["log"]))
        )
    return Status(home.path, keeper_lock(home).holder(), tuple(servers))


@contextmanager
def _telling(home: Home) -> Iterator[None]:
    """Tell of a full disk or a lost folder as a problem of the data directory."""
    try:
        yield
    except OSError as error:
        raise RuntimeProblem("runtime.home.not_writable", home=home.path, detail=str(error)) from error


def _existing(home: Home) -> list[PrivateServer]:
    found = []
    if (home.path / "postgres").exists() or (home.path / LOCATION).exists():
        found.append(PrivateServer(Postgres(home), home))
    if (home.path / "valkey").exists():
        found.append(PrivateServer(Valkey(home), home))
    return found


def _stop_keeper(home: Home) -> bool:
    lock = keeper_lock(home)
    pid = lock.holder()
    if pid is None:
        return False
    for sign, patience in ((signal.SIGTERM, _KEEPER_STOP_LIMIT), (signal.SIGKILL, 5.0)):
        with suppress(ProcessLookupError):
            os.kill(pid, sign)
        if wait_until(lambda: lock.holder() != pid, patience):
            return True
    raise RuntimeProblem("runtime.server.stuck", server="kopru up", directory=home.path)
