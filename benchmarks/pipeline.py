"""Orders per second through the whole pipeline: pull, decide, number, render, validate, submit, book, link.

    python benchmarks/pipeline.py --orders 1000 --latency 0

Real PostgreSQL, Valkey, workers and relay; simulators in a process of their own, without quotas (a real
Trendyol account takes five invoice links a second, which is a limit of the account, not of the engine). All
share this machine.
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
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from kopru.flows import invoicing, preparing
from kopru.flows.connections import pull_job
from kopru.flows.env import Lease, Work
from kopru.jobs.relay import Relay
from kopru.jobs.worker import JobWorker
from kopru.runtime.compose import Engine, compose, prepare_database
from kopru.runtime.rehearsal import set_up, simulators
from kopru.runtime.servers import Endpoints, Keeper
from kopru.settings import Settings
from kopru.testing.faults import Fault, FaultKind
from kopru.testing.world import World, make_world
from kopru.transport.limiter import NoLimiter

sys.path.insert(0, str(Path(__file__).parent))
from machine import describe, percentiles, print_table

THREADS = 8
STAGES = (
    ("decide, resolve, compose, lint", preparing, "_decide"),
    ("decide, resolve, compose, lint", preparing, "_items"),
    ("decide, resolve, compose, lint", preparing, "compose_invoice"),
    ("decide, resolve, compose, lint", preparing, "lint"),
    ("render and validate the draft", invoicing, "validate"),
    ("number", invoicing, "number"),
    ("render, archive, submit", invoicing, "_submit"),
    ("give the link back", invoicing, "link"),
)
WORKERS = 2


def main() -> None:
    """Run one measurement, or one of its processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=1000)
    parser.add_argument("--latency", type=float, default=0.0, help="milliseconds a remote takes to answer")
    parser.add_argument("--role", choices=("worker", "relay", "remotes"))
    parser.add_argument("--at", default="")
    arguments = parser.parse_args()
    if arguments.role == "remotes":
        run_remotes(arguments.orders, arguments.latency)
    elif arguments.role:
        run_part(arguments.role, json.loads(arguments.at))
    else:
        measure(arguments.orders, arguments.latency)


def world_of(orders: int) -> World:
    """Return the same world in every process."""
    start = datetime.fromtimestamp(int(time.time()) // 86400 * 86400 - 86400, UTC)
    return make_world(orders, start=start, every=timedelta(seconds=80_000 / orders))


def run_remotes(orders: int, latency: float) -> None:
    """Serve the simulators until standard input closes."""
    with simulators(world_of(orders), quotas=()) as remotes:
        if latency:
            for remote in remotes.values():
                remote.faults.add(Fault(FaultKind.LATENCY, seconds=latency / 1000))
        print(json.dumps({name: remote.config() for name, remote in remotes.items()}), flush=True)
        sys.stdin.read()


def run_part(role: str, at: dict[str, str]) -> None:
    """Run a worker or the relay until SIGTERM."""
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    settings = Settings.from_environment()
    with compose(settings, Endpoints(**at), threads=THREADS) as engine:
        unlimited = replace(engine, env=replace(engine.env, limiter=NoLimiter()))
        if role == "relay":
            ahead = WORKERS * THREADS * 4
            Relay(unlimited.queue, unlimited.broker, unlimited.bell, ahead=ahead).run(stopping)
            return
        spent = watch_stages()
        worker = JobWorker(unlimited.env, unlimited.queue, unlimited.broker, THREADS)
        worker.start()
        stopping.wait()
        worker.stop()
        print(json.dumps(spent), flush=True)


def watch_stages() -> dict[str, float]:
    """Time each stage in this process by the clock, waits for database and remotes included."""
    spent: dict[str, float] = {}
    for name, owner, function in STAGES:
        setattr(owner, function, timed(name, getattr(owner, function), spent))
    return spent


def timed(name: str, function: Callable[..., Any], spent: dict[str, float]) -> Callable[..., Any]:
    """Return the function with its time added up under a name."""

    def run(*arguments: Any, **named: Any) -> Any:
        started = time.perf_counter()
        try:
            return function(*arguments, **named)
        finally:
            spent[name] = spent.get(name, 0.0) + time.perf_counter() - started

    return run


def measure(orders: int, latency: float) -> None:
    """Run the pipeline once and print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"KOPRU_HOME": f"{folder}/home", "KOPRU_LOG_LEVEL": "error"}
        settings = Settings.from_environment()
        with Keeper(settings) as keeper:
            prepare_database(settings, keeper.endpoints.database_url)
            with compose(settings, keeper.endpoints) as engine:
                _run(engine, orders, latency)


def _run(engine: Engine, orders: int, latency: float) -> None:
    script = (sys.executable, __file__)
    size = ("--orders", str(orders), "--latency", str(latency))
    remotes = subprocess.Popen(
        [*script, "--role", "remotes", *size], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert remotes.stdout is not None
    configs = json.loads(remotes.stdout.readline())
    world = world_of(orders)
    engine = replace(engine, env=replace(engine.env, limiter=NoLimiter()))
    tenant_id = set_up(engine, "bench", world, configs, world.orders[0].placed_at - timedelta(minutes=1))
    at = json.dumps({"database_url": engine.endpoints.database_url, "redis_url": engine.endpoints.redis_url})
    parts = [
        subprocess.Popen([*script, "--role", role, "--at", at], stdout=subprocess.PIPE, text=True)
        for role in ("worker",) * WORKERS + ("relay",)
    ]
    time.sleep(3)
    work = Work(engine.env, tenant_id, {}, Lease(None), actor="bench")
    before = {part.pid: _cpu(part.pid) for part in [*parts, remotes]}
    started = time.perf_counter()
    with work.write() as uow:
        uow.jobs.add(pull_job("orders.pull", uow.connections.by_name("trendyol")))
    done = 0
    while done < orders and time.perf_counter() - started < 600:
        time.sleep(0.2)
        with work.read() as uow:
            done = uow.orders.counts().get("done", 0)
    seconds = time.perf_counter() - started
    after = {part.pid: _cpu(part.pid) for part in [*parts, remotes]}
    memory = [_memory(part.pid) for part in parts[:WORKERS]]
    figures = _figures(engine, tenant_id)
    for part in parts:
        part.terminate()
    remotes.stdin.close()
    spent: dict[str, float] = {}
    for part in parts[:WORKERS]:
        for name, time_spent in json.loads(part.communicate()[0] or "{}").items():
            spent[name] = spent.get(name, 0.0) + time_spent
    for part in [*parts, remotes]:
        part.wait()
    figures["stages"] = spent
    _print(
        orders,
        done,
        latency,
        seconds,
        {k: after[k] - before[k] for k in after},
        parts,
        remotes,
        memory,
        figures,
    )


def _figures(engine: Engine, tenant_id: Any) -> dict[str, Any]:
    """Return when orders were done, and how long each step took, from the events."""
    with engine.store.tenant(tenant_id) as uow:
        rows = uow.db.execute(
            sa.text(
                "select at, action, subject_id from event where action in ('order.seen', 'effect.sending',"
                " 'effect.accepted', 'effect.confirmed', 'order.done') order by id"
            )
        ).all()
    finished = [row.at.timestamp() for row in rows if row.action == "order.done"]
    sending: dict[str, float] = {}
    remote: list[float] = []
    for row in rows:
        if row.action == "effect.sending":
            sending[row.subject_id] = row.at.timestamp()
        elif row.action in ("effect.accepted", "effect.confirmed") and row.subject_id in sending:
            remote.append((row.at.timestamp() - sending[row.subject_id]) * 1000)
    seen = {row.subject_id: row.at.timestamp() for row in rows if row.action == "order.seen"}
    whole = [row.at.timestamp() - seen[row.subject_id] for row in rows if row.action == "order.done"]
    finished.sort()
    tenth = len(finished) // 10
    steady = finished[tenth:-tenth] if tenth else finished
    rate = (len(steady) - 1) / (steady[-1] - steady[0]) if len(steady) > 1 else 0.0
    return {"rate": rate, "write_ms": percentiles(remote), "order_s": percentiles(whole)}


def _print(
    orders: int,
    done: int,
    latency: float,
    seconds: float,
    cpu: dict[int, float],
    parts: list[subprocess.Popen[str]],
    remotes: subprocess.Popen[str],
    memory: list[float],
    figures: dict[str, Any],
) -> None:
    workers = sum(cpu[part.pid] for part in parts[:WORKERS])
    describe()
    print_table(
        {
            "orders done": f"{done} of {orders}",
            "remote latency": f"{latency:g} ms",
            "orders/s, whole run": f"{done / seconds:.1f}",
            "orders/s, middle 80 %": f"{figures['rate']:.1f}",
            "order seen to done, s (p50 / p99)": "{:.1f} / {:.1f}".format(*figures["order_s"]),
            "one write incl. its commits, ms (p50 / p99)": "{:.1f} / {:.1f}".format(*figures["write_ms"]),
            "worker CPU per order": f"{workers / max(done, 1) * 1000:.1f} ms",
            "relay CPU per order": f"{cpu[parts[-1].pid] / max(done, 1) * 1000:.2f} ms",
            "simulator CPU per order": f"{cpu[remotes.pid] / max(done, 1) * 1000:.1f} ms",
            "memory per worker": f"{sum(memory) / len(memory):.0f} MB",
        }
    )
    whole = sum(figures["stages"].values())
    print("share of each stage (of the time threads spend in them):")
    print_table({name: f"{part / whole:.0%}" for name, part in figures["stages"].items()})


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1000
    return 0.0


if __name__ == "__main__":
    main()
