"""A job queue on real servers, with jobs of no other test in it, and time that can be moved."""

import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import redis
import sqlalchemy as sa
from dramatiq.brokers.stub import StubBroker

from kopru.flows.env import Env
from kopru.flows.records import JobRow, NewJob
from kopru.jobs.worker import JobWorker
from kopru.registry import Registry
from kopru.runtime.servers.valkey import _program
from kopru.storage.queue import Claim, Queue
from kopru.storage.secrets import KeyRing, MasterKey
from kopru.storage.store import Store, make_engine
from kopru.transport.limiter import NoLimiter

NAME = "kopru-jobs"
CLOCKS = ("run_at", "rung_at", "lease_until", "finished_at")


@dataclass
class Bench:
    """One tenant's jobs, seen from all sides."""

    admin: sa.Engine
    store: Store
    queue: Queue
    tenant: UUID
    worker: UUID

    def add(self, *jobs: NewJob | str) -> list[int]:
        """Add jobs, by name or as they are, and return their ids in order."""
        new = [NewJob("some.kind", {}, each) if isinstance(each, str) else each for each in jobs]
        with self.store.tenant(self.tenant) as uow:
            uow.jobs.add(*new)
        by_key = {row.key: row.id for row in reversed(self.rows())}
        return [by_key[each.key] for each in new]

    def rows(self) -> list[JobRow]:
        with self.store.tenant(self.tenant) as uow:
            return uow.jobs.recent(limit=10_000)

    def row(self, job_id: int) -> JobRow:
        with self.store.tenant(self.tenant) as uow:
            found = uow.jobs.get(job_id)
        assert found is not None
        return found

    def state(self, job_id: int) -> str:
        return self.row(job_id).state

    def column(self, job_id: int, name: str) -> Any:
        return self.sql(f"select {name} from job where id = :id", id=job_id)[0][0]

    def sql(self, statement: str, **values: Any) -> list[Any]:
        """Run a statement as the owner of the cluster."""
        with self.admin.begin() as db:
            result = db.execute(sa.text(statement), values)
            return list(result) if result.returns_rows else []

    def pass_time(self, seconds: float, job_id: int | None = None) -> None:
        """Let jobs be older: what lies ahead comes nearer, what happened lies further back."""
        moved = ", ".join(f"{name} = {name} - make_interval(secs => :seconds)" for name in CLOCKS)
        chosen = "true" if job_id is None else "id = :id"
        self.sql(f"update job set {moved} where {chosen}", seconds=seconds, id=job_id)

    def claim(self, job_id: int, worker: UUID | None = None) -> Claim:
        """Take a job that can be taken."""
        claim = self.queue.claim(job_id, worker or self.worker)
        assert claim is not None
        return claim

    def another_tenant(self) -> "Bench":
        return Bench(self.admin, self.store, self.queue, new_tenant(self.store), uuid.uuid4())

    def drop_connections(self) -> None:
        """End every connection of the engine, as a restart of the server does."""
        self.sql(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and application_name = :name",
            name=NAME,
        )


def call_by_name(connection, record: object) -> None:
    """Let the engine's connections be told from those of other tests on the same database."""
    connection.execute(f"set application_name = '{NAME}'")
    connection.commit()


def new_tenant(store: Store) -> UUID:
    return store.add_tenant(uuid.uuid4().hex)


@pytest.fixture(scope="session")
def engine(database_url: str) -> Iterator[sa.Engine]:
    engine = make_engine(database_url)
    sa.event.listen(engine, "connect", call_by_name)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def master_key() -> MasterKey:
    return MasterKey.generate()


@pytest.fixture(scope="session")
def store(engine: sa.Engine, master_key: MasterKey) -> Store:
    return Store(engine, KeyRing(master_key))


@pytest.fixture
def bench(database_url: str, store: Store) -> Bench:
    admin = sa.create_engine(database_url, poolclass=sa.NullPool)
    bench = Bench(admin, store, Queue(store), new_tenant(store), uuid.uuid4())
    bench.sql("truncate job, schedule, schedule_fire, worker restart identity")
    return bench


@pytest.fixture(scope="session")
def env(store: Store) -> Env:
    return Env(store=store, registry=Registry([]), limiter=NoLimiter())


@pytest.fixture
def new_worker(env: Env, bench: Bench) -> Callable[..., JobWorker]:
    """Make a worker without threads and messages: a test runs its jobs one by one."""
    return lambda handlers, queue=None: JobWorker(env, queue or bench.queue, StubBroker(), 1, handlers)


def _eventually(holds: Callable[[], Any], seconds: float = 20.0, every: float = 0.05) -> Any:
    until = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < until, "it did not come to that"
        time.sleep(every)
    return found


@pytest.fixture(scope="session")
def eventually() -> Callable[..., Any]:
    """Wait until something holds, and return it."""
    return _eventually


class OwnRedis:
    """A Valkey of one test, which can be killed, stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"unix://{folder}/valkey.sock?db=0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        arguments = ("--port", "0", "--unixsocket", f"{self.folder}/valkey.sock", "--save", "")
        self.process = subprocess.Popen(
            [str(_program()), *arguments, "--dir", str(self.folder)], stdout=subprocess.DEVNULL
        )
        _eventually(self._answers)

    def _answers(self) -> bool:
        try:
            with redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def signal(self, sign: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(sign)


@pytest.fixture
def own_redis() -> Iterator[OwnRedis]:
    with tempfile.TemporaryDirectory(prefix="kj-", dir="/tmp") as folder:
        server = OwnRedis(Path(folder))
        server.start()
        yield server
        server.kill()
