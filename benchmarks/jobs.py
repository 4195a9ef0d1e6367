"""Figures of the job engine: ``python benchmarks/jobs.py`` (some minutes; ``--only NAME`` for one of them).

``overhead``   jobs a second and processor time a job, and the same of bare Dramatiq in the same run
``webhook``    from a shop's call to our request at the shop, at 50 calls a second
``recovery``   from kill -9 of a worker, FLUSHALL and a restart of Valkey to the work going on
``neighbour``  how long one tenant's jobs wait beside another tenant with a hundred times the work
``quota``      how much of a quota is used by many threads, and how often a window is over it

Real PostgreSQL, Valkey and processes, all on this machine, at most 2 workers with 8 threads.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import dramatiq
import httpx
import redis
import sqlalchemy as sa
from pydantic import BaseModel

from kopru.flows.env import Env, Work
from kopru.flows.records import ConnectionRow, ConnectionState, NewJob
from kopru.hooks.errors import RateLimited
from kopru.hooks.manifest import Manifest, PluginKind, Quota
from kopru.hooks.markers import hookimpl
from kopru.hooks.types import WebhookEvent
from kopru.jobs.broker import Doorbell, make_broker
from kopru.jobs.handlers import HANDLERS, Handler
from kopru.jobs.relay import Relay
from kopru.jobs.worker import JobWorker
from kopru.model import Text
from kopru.registry import Registry
from kopru.registry.discovery import examine
from kopru.runtime.compose import prepare_database
from kopru.runtime.processes import configure_log
from kopru.runtime.servers import Keeper
from kopru.runtime.servers.valkey import _program
from kopru.settings import Settings
from kopru.storage.circuits import Circuits
from kopru.storage.queue import Queue
from kopru.storage.secrets import KeyRing, MasterKey
from kopru.storage.store import Store, make_engine
from kopru.transport.limiter import NoLimiter
from kopru.transport.redis_limiter import RedisLimiter

sys.path.insert(0, str(Path(__file__).parent))
from machine import describe, percentiles, print_table

WORKERS, THREADS = 2, 8
COUNTER = "bench:count"


# The parts at work


@dataclass(frozen=True)
class Place:
    """Where the servers of this run are."""

    database: str
    redis: str
    key: str
    log: str

    def store(self) -> Store:
        """Return a store that wakes the relay."""
        bell = Doorbell(self.redis)
        keys = KeyRing(MasterKey.from_text(self.key))
        return Store(make_engine(self.database, pool_size=THREADS + 2), keys, bell.ring)

    def env(self, store: Store) -> Env:
        """Return an engine with the made-up shop and without quotas."""
        registry = Registry([examine("shop", "kopru-shop", Shop())])
        return Env(store=store, registry=registry, limiter=NoLimiter(), circuits=Circuits(store))


class Config(BaseModel):
    """Where the made-up shop is."""

    url: str = ""


class Shop:
    """A shop whose calls name an order, which is then asked for."""

    manifest = Manifest(
        "shop",
        PluginKind.SHOP,
        Text(tr="Dükkân", en="Shop"),
        "1",
        Config,
        base_url=lambda config: config.url,
        local_network=lambda config: True,
    )

    @hookimpl
    def parse_webhook(self, ctx: Any, request: Any) -> tuple[WebhookEvent, ...]:
        """Return the one event of a call."""
        order = request.body.decode()
        return (WebhookEvent(order, "order", order),)

    @hookimpl
    def fetch_order(self, ctx: Any, ref: Any) -> Any:
        """Ask for an order; the shop says that there is none, which ends the job."""
        ctx.http.request("GET", f"orders/{ref.id}")


def run_part(role: str, place: Place) -> None:
    """Run one process until SIGTERM."""
    configure_log(Settings.from_environment())
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    if role == "bare":
        run_bare(place, stopping)
        return
    store = place.store()
    if role == "web":
        from kopru.web.server import serve  # noqa: PLC0415 - only this process needs a web server

        serve(place.env(store), store.find_connection, "127.0.0.1", int(os.environ["BENCH_PORT"]), stopping)
        return
    if role == "relay":
        ahead = WORKERS * THREADS * 4
        Relay(Queue(store), make_broker(place.redis), Doorbell(place.redis), ahead=ahead).run(stopping)
        return
    client = redis.Redis.from_url(place.redis)
    log = os.open(place.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def note(work: Work) -> None:
        line = f"{work.job_id} {work.attempt_no} {os.getpid()} {time.time():.6f}\n"
        os.write(log, line.encode())
        time.sleep(work.args.get("seconds", 0.0))

    mine = {"count": Handler(lambda work: client.incr(COUNTER)), "note": Handler(note)}
    worker = JobWorker(
        place.env(store), Queue(store), make_broker(place.redis), THREADS, {**HANDLERS, **mine}
    )
    worker.start()
    stopping.wait()
    worker.stop(2.0)


def run_bare(place: Place, stopping: threading.Event) -> None:
    """Run a Dramatiq worker as it comes."""
    actor(place)
    worker = dramatiq.Worker(dramatiq.get_broker(), worker_threads=THREADS)
    worker.start()
    stopping.wait()
    worker.stop()


def actor(place: Place) -> Any:
    """Return the bare actor."""
    from dramatiq.brokers.redis import RedisBroker  # noqa: PLC0415 - only the bare worker needs it

    dramatiq.set_broker(RedisBroker(url=place.redis, namespace="bare"))
    client = redis.Redis.from_url(place.redis)

    @dramatiq.actor(actor_name="count", max_retries=0)
    def count() -> None:
        client.incr(COUNTER)

    return count


class Valkey:
    """A Valkey of this run that can be restarted."""

    def __init__(self, folder: Path) -> None:
        """Take a folder for its socket."""
        self.folder, self.url = folder, f"unix://{folder}/valkey.sock?db=0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
        words = ("--port", "0", "--unixsocket", f"{self.folder}/valkey.sock", "--appendonly", "yes")
        place = ("--dir", str(self.folder), "--save", "")
        self.process = subprocess.Popen([str(_program()), *words, *place], stdout=subprocess.DEVNULL)
        until(self.answers)

    def answers(self) -> bool:
        """Whether it is there."""
        try:
            with redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def kill(self) -> None:
        """Kill it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@contextmanager
def parts(place: Place, *roles: str, **environment: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run processes of some roles."""
    at = json.dumps(place.__dict__)
    words = (sys.executable, __file__, "--at", at, "--role")
    started = [subprocess.Popen([*words, role], env=os.environ | environment) for role in roles]
    try:
        time.sleep(4)
        yield started
    finally:
        for each in started:
            each.terminate()
        for each in started:
            each.wait()


def until(holds: Callable[[], Any], seconds: float = 120.0, every: float = 0.02) -> Any:
    """Wait until something holds and return it."""
    end = time.monotonic() + seconds
    while not (found := holds()):
        if time.monotonic() > end:
            raise TimeoutError("it did not come to that")
        time.sleep(every)
    return found


def notes(place: Place) -> list[tuple[int, int, int, float]]:
    """Return (job, attempt, process, time) of every start."""
    path = Path(place.log)
    lines = path.read_text().splitlines() if path.exists() else []
    return [(int(a), int(b), int(c), float(d)) for a, b, c, d in (line.split() for line in lines)]


def add(store: Store, tenant: UUID, amount: int, kind: str, seconds: float = 0.0) -> None:
    """Add jobs, a thousand to a transaction."""
    for start in range(0, amount, 1000):
        with store.tenant(tenant) as uow:
            uow.jobs.add(
                *(NewJob(kind, {"seconds": seconds}, uuid4().hex) for _ in range(min(1000, amount - start)))
            )


def processor(started: list[subprocess.Popen[bytes]]) -> float:
    """Return the processor seconds processes have used."""
    ticks = 0
    for each in started:
        fields = Path(f"/proc/{each.pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


# The figures


def overhead(place: Place, valkey: Valkey, jobs: int = 4000) -> dict[str, str]:
    """Return rates and processor time a job, ours and bare."""
    client = redis.Redis.from_url(place.redis)
    store = place.store()
    tenant = store.add_tenant(uuid4().hex)
    found = {}
    for name, roles in (
        ("bare Dramatiq", ("bare",) * WORKERS),
        ("Köprü", ("worker",) * WORKERS + ("relay",)),
    ):
        client.delete(COUNTER)
        with parts(place, *roles) as started:
            began, used = time.perf_counter(), processor(started)
            if name == "Köprü":
                add(store, tenant, jobs, "count")
            else:
                send = actor(place)
                for _ in range(jobs):
                    send.send()
            until(lambda: int(client.get(COUNTER) or 0) >= jobs, 600)
            seconds, used = time.perf_counter() - began, processor(started) - used
        found[f"{name}: jobs/s, adding them included"] = f"{jobs / seconds:.0f}"
        found[f"{name}: processor time of workers and relay per job"] = f"{used / jobs * 1000:.2f} ms"
    return found


def webhook(place: Place, valkey: Valkey, calls: int = 500, rate: float = 50.0) -> dict[str, str]:
    """Return the time from a call to the request it causes."""
    arrived: dict[str, float] = {}

    class Remote(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            arrived.setdefault(self.path.rsplit("/", 1)[1], time.perf_counter())
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    remote = ThreadingHTTPServer(("127.0.0.1", 0), Remote)
    threading.Thread(target=remote.serve_forever, daemon=True).start()
    store = place.store()
    tenant = store.add_tenant(uuid4().hex)
    row = ConnectionRow(
        *(uuid4(), "shop", "shop", ConnectionState.ACTIVE),
        *({"url": f"http://127.0.0.1:{remote.server_port}"}, 1, datetime.now(UTC), "secret"),
    )
    store.allow("shop")
    with store.tenant(tenant) as uow:
        uow.settings.enable("shop")
        uow.connections.save(row)
    sent: dict[str, float] = {}
    port = 18420
    with parts(place, *("worker",) * WORKERS, "relay", "web", BENCH_PORT=str(port)), httpx.Client() as client:
        address = f"http://127.0.0.1:{port}"
        until(lambda: _healthy(client, address))
        began = time.perf_counter()
        for number in range(calls):
            time.sleep(max(0.0, began + number / rate - time.perf_counter()))
            sent[str(number)] = time.perf_counter()
            client.post(f"{address}/in/{row.id}/secret", content=str(number)).raise_for_status()
        until(lambda: len(arrived) == calls)
    remote.shutdown()
    times = [(arrived[each] - sent[each]) * 1000 for each in sent]
    return {f"webhook to request, {rate:g}/s, ms (p50 / p99)": "{:.0f} / {:.0f}".format(*percentiles(times))}


def _healthy(client: httpx.Client, address: str) -> bool:
    try:
        return client.get(f"{address}/health").status_code == 200
    except httpx.TransportError:
        return False


def recovery(place: Place, valkey: Valkey, kills: int = 6) -> dict[str, str]:
    """Return the time from each fault to the work going on."""
    store = place.store()
    tenant = store.add_tenant(uuid4().hex)
    found = {}
    lost: list[float] = []
    with parts(place, "worker", "relay") as started:
        for _ in range(kills):
            already = len(notes(place))
            add(store, tenant, THREADS, "note", 600.0)
            until(lambda already=already: len(notes(place)) == already + THREADS)
            killed = time.time()
            started[0].kill()
            started[0].wait()
            words = (sys.executable, __file__, "--at", json.dumps(place.__dict__), "--role", "worker")
            started[0] = subprocess.Popen(words)
            until(lambda already=already: len(notes(place)) == already + 2 * THREADS)
            lost += [at - killed for *_, at in notes(place)[already + THREADS :]]
            started[0].kill()
            started[0].wait()
            _forget(store)
            started[0] = subprocess.Popen(words)
            time.sleep(3)
        found["killed worker to its jobs' next start, s (p50 / p99)"] = "{:.1f} / {:.1f}".format(
            *percentiles(lost)
        )
        for name, fault in (("FLUSHALL", _flush), ("restart of Valkey", _restart)):
            already, jobs = len(notes(place)), 400
            add(store, tenant, jobs, "note", 0.05)
            until(lambda already=already: len(notes(place)) > already + 50)
            at = fault(valkey)
            until(lambda already=already, jobs=jobs: len(notes(place)) >= already + jobs)
            rows = notes(place)[already:]
            after = sorted(each for *_, each in rows if each > at)
            gap = max(later - earlier for earlier, later in zip([at, *after], after, strict=False))
            found[f"{name}: longest pause, s"] = f"{gap:.1f}"
            found[f"{name}: jobs run"] = f"{len({job for job, *_ in rows})} of {jobs}"
    return found


def _forget(store: Store) -> None:
    with store.engine() as db:
        db.execute(sa.text("delete from job where kind = 'note'"))


def _flush(valkey: Valkey) -> float:
    with redis.from_url(valkey.url) as client:
        client.flushall()
    return time.time()


def _restart(valkey: Valkey) -> float:
    valkey.kill()
    at = time.time()
    valkey.start()
    return at


def neighbour(place: Place, valkey: Valkey, jobs: int = 60) -> dict[str, str]:
    """Return how long one tenant's jobs wait, alone and beside a noisy one."""
    store = place.store()
    quiet, noisy = store.add_tenant(uuid4().hex), store.add_tenant(uuid4().hex)
    found = {}
    for seconds in (0.02, 0.5):
        waits = {}
        with parts(place, *("worker",) * WORKERS, "relay"):
            for name in ("alone", "beside 100 times the work"):
                if name != "alone":
                    add(store, noisy, jobs * 100, "note", seconds)
                    time.sleep(2)
                waits[name] = _waits(place, store, quiet, jobs, seconds)
        with store.engine() as db:
            db.execute(sa.text("delete from job where tenant_id = :noisy"), {"noisy": noisy})
        for name, values in waits.items():
            label = f"jobs of {seconds * 1000:g} ms, {name}: wait + run, ms (p50 / p99)"
            found[label] = "{:.0f} / {:.0f}".format(
                *percentiles([value * 1000 + seconds * 1000 for value in values])
            )
    return found


def _waits(place: Place, store: Store, tenant: UUID, jobs: int, seconds: float) -> list[float]:
    asked: dict[int, float] = {}
    for _ in range(jobs):
        key = uuid4().hex
        at = time.time()
        with store.tenant(tenant) as uow:
            uow.jobs.add(NewJob("note", {"seconds": seconds}, key))
        with store.tenant(tenant) as uow:
            asked[uow.jobs.recent(limit=1)[0].id] = at
        time.sleep(0.1)
    until(lambda: set(asked) <= {job for job, *_ in notes(place)})
    return [at - asked[job] for job, attempt, _, at in notes(place) if job in asked and attempt == 1]


def quota(place: Place, valkey: Valkey, seconds: float = 40.0) -> dict[str, str]:
    """Return how much of 50 calls in 10 seconds sixteen threads use, and how often they use more."""
    limit = Quota(uuid4().hex, 50, timedelta(seconds=10))
    limiter = RedisLimiter(redis.Redis.from_url(place.redis))
    calls: list[float] = []
    guard = threading.Lock()
    end = time.monotonic() + seconds

    def greedy() -> None:
        while time.monotonic() < end:
            try:
                limiter.acquire("bench", limit)
            except RateLimited as refused:
                time.sleep(min(refused.retry_after or 0.1, 0.2))
                continue
            with guard:
                calls.append(time.monotonic())

    threads = [threading.Thread(target=greedy) for _ in range(WORKERS * THREADS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    calls.sort()
    over = sum(sum(start <= other < start + 10 for other in calls) > limit.calls for start in calls)
    steady = [at for at in calls if at >= calls[0] + 10]
    use = len(steady) / (steady[-1] - steady[0]) / (limit.calls / 10)
    return {"50 calls in 10 s: used": f"{use:.0%}", "50 calls in 10 s: windows over it": str(over)}


FIGURES = {each.__name__: each for each in (overhead, webhook, recovery, neighbour, quota)}


def main() -> None:
    """Measure, or run one of the processes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", choices=FIGURES, action="append")
    parser.add_argument("--role", choices=("worker", "relay", "web", "bare"), help=argparse.SUPPRESS)
    parser.add_argument("--at", default="", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.role:
        run_part(arguments.role, Place(**json.loads(arguments.at)))
        return
    for name in arguments.only or FIGURES:
        with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as (place, valkey):
            figures = FIGURES[name](place, valkey)
        print(f"\n{name}", flush=True)
        print_table(figures)
    print()
    describe()


@contextmanager
def serving(folder: Path) -> Iterator[tuple[Place, Valkey]]:
    """Run servers of this run."""
    folder.chmod(0o711)
    os.environ |= {"KOPRU_HOME": f"{folder}/home", "KOPRU_LOG_LEVEL": "error"}
    settings = Settings.from_environment()
    run = folder / "valkey"
    run.mkdir()
    valkey = Valkey(run)
    valkey.start()
    try:
        with Keeper(settings) as keeper:
            prepare_database(settings, keeper.endpoints.database_url)
            key = MasterKey.generate().to_text()
            yield Place(keeper.endpoints.database_url, valkey.url, key, f"{folder}/notes"), valkey
    finally:
        valkey.kill()


if __name__ == "__main__":
    main()
