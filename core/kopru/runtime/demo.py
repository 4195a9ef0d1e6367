"""The main job to watch: made-up orders become numbered, sent and booked invoices on real parts."""

import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.live import Live
from rich.table import Table

from kopru.flows.connections import pull_job
from kopru.flows.documents import fetch_pdf
from kopru.flows.env import Lease, Work
from kopru.flows.records import DocumentRow
from kopru.hooks.types import Operation
from kopru.runtime.compose import Engine, compose
from kopru.runtime.rehearsal import set_up, simulators
from kopru.runtime.servers import down
from kopru.runtime.supervisor import Supervisor
from kopru.runtime.up import installation
from kopru.settings import Settings
from kopru.storage.store import UNAVAILABLE
from kopru.testing.simulator import Simulator
from kopru.testing.world import World, make_order, make_world

TENANT = "demo"
LIMIT = 300.0
"""Seconds after which the demo tells what is still open instead of waiting on."""

TRICKLE = 1.5
"""Seconds between orders that arrive while the demo runs."""


@dataclass(frozen=True)
class Outcome:
    """What the demo came to, counted at the remotes themselves."""

    ordered: int
    invoiced: int
    booked: int
    linked: int
    doubled: int
    gaps: int
    seconds: float
    folder: Path

    @property
    def complete(self) -> bool:
        """Whether every order has exactly one invoice, booked once, without a gap in the numbers."""
        counts = {self.ordered, self.invoiced, self.booked, self.linked}
        return len(counts) == 1 and not self.doubled and not self.gaps


def demo(settings: Settings, console: Console, *, orders: int = 60) -> Outcome:
    """Run the demo in a data directory of its own, beside the real one, and return what came of it."""
    settings = settings.model_copy(
        update={"home": settings.home / "demo", "database_url": None, "redis_url": None}
    )
    _clear(settings)
    console.print("[bold]Köprü demo[/bold]: one seller on Trendyol, e-documents by Nilvera, books in Logo.")
    console.print("Every remote is a simulator on this machine; database, queue and workers are real.\n")
    started = time.monotonic()
    early = orders * 2 // 3
    world = make_world(early, start=datetime.now(UTC) - timedelta(hours=1), every=timedelta(seconds=30))
    with (
        simulators(world) as remotes,
        installation(settings, web=False) as (endpoints, supervisor),
        compose(settings, endpoints) as engine,
    ):
        configs = {name: remote.config() for name, remote in remotes.items()}
        tenant_id = set_up(engine, TENANT, world, configs, world.orders[0].placed_at - timedelta(hours=1))
        console.print(f"Tenant [bold]{TENANT}[/bold] is set up, its connections are checked.")
        console.print(_hint(supervisor))
        with _arrivals(remotes, world, orders - early):
            _watch(engine, tenant_id, supervisor, console, orders, time.monotonic() + LIMIT)
        folder = _export(engine, tenant_id, settings.home / "documents")
        return _count(engine, tenant_id, remotes, orders, time.monotonic() - started, folder)


def _clear(settings: Settings) -> None:
    down(settings)
    if settings.home.exists():
        shutil.rmtree(settings.home, ignore_errors=True)


def _hint(supervisor: Supervisor) -> str:
    pids = ", ".join(f"{state.name} {state.pid}" for state in supervisor.states())
    return (
        f"Processes: {pids}\n[dim]Try kill -9 on any of them: nothing is lost, nothing is done twice.[/dim]\n"
    )


@contextmanager
def _arrivals(remotes: Mapping[str, Simulator], world: World, count: int) -> Iterator[None]:
    """Let further orders come in while the demo runs."""
    stopping = threading.Event()

    def arrive() -> None:
        for n in range(len(world.orders), len(world.orders) + count):
            if stopping.wait(TRICKLE / 4):
                return
            order = make_order(world, n, datetime.now(UTC))
            remotes["trendyol"].load(World(world.seller, world.items, world.buyers, (order,)))

    thread = threading.Thread(target=arrive, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def _watch(
    engine: Engine, tenant_id: UUID, supervisor: Supervisor, console: Console, orders: int, until: float
) -> None:
    work = Work(engine.env, tenant_id, {}, Lease(None), actor="demo")
    pulled = 0.0
    with Live(console=console, refresh_per_second=4, transient=not console.is_terminal) as live:
        while time.monotonic() < until:
            try:
                with work.write() as uow:
                    if time.monotonic() - pulled > TRICKLE:
                        source = uow.connections.by_name("trendyol")
                        if source is not None:
                            uow.jobs.add(pull_job("orders.pull", source))
                        pulled = time.monotonic()
                    counts, stages = uow.orders.counts(), _stages(uow.documents.recent(limit=2000))
            except UNAVAILABLE:
                time.sleep(0.5)
                continue
            live.update(_table(counts, stages, supervisor, orders))
            if counts.get("done", 0) >= orders and stages["delivered"] >= orders:
                return
            time.sleep(0.25)


def _stages(documents: list[DocumentRow]) -> dict[str, int]:
    return {
        "numbered": sum(each.number is not None for each in documents),
        "issued": sum(each.issued_at is not None for each in documents),
        "delivered": sum(each.remote_state in ("delivered", "accepted", "done") for each in documents),
    }


def _table(
    counts: Mapping[str, int], stages: Mapping[str, int], supervisor: Supervisor, orders: int
) -> Table:
    table = Table(title="The main job", title_justify="left")
    table.add_column("Step")
    table.add_column("Orders", justify="right")
    table.add_row("expected", str(orders))
    table.add_row("pulled from Trendyol", str(sum(counts.values())))
    table.add_row("numbered", str(stages["numbered"]))
    table.add_row("accepted by Nilvera", str(stages["issued"]))
    table.add_row("delivered / reported", str(stages["delivered"]))
    table.add_row("booked in Logo and linked back", str(counts.get("done", 0)))
    table.add_row("needs you", str(counts.get("parked", 0)))
    restarts = sum(state.restarts for state in supervisor.states())
    table.caption = f"{restarts} process restarts" if restarts else None
    return table


def _export(engine: Engine, tenant_id: UUID, folder: Path) -> Path:
    """Write every document's XML, and the first PDFs, to a folder to look at."""
    folder.mkdir(parents=True, exist_ok=True)
    work = Work(engine.env, tenant_id, {}, Lease(None), actor="demo")
    with work.read() as uow:
        documents = uow.documents.recent(limit=1000)
        for document in documents:
            xml = uow.archive.get(document.xml) if document.xml else None
            if xml is not None:
                (folder / f"{document.number}.xml").write_bytes(xml.content)
    for document in documents[:5]:
        (folder / f"{document.number}.pdf").write_bytes(fetch_pdf(work, document).content)
    return folder


def _count(
    engine: Engine,
    tenant_id: UUID,
    remotes: Mapping[str, Simulator],
    orders: int,
    seconds: float,
    folder: Path,
) -> Outcome:
    """Count at the remotes, not in our own books."""
    invoices = [held.reference for held in remotes["nilvera"].held(Operation.SUBMIT_INVOICE) if held.live]
    booked = [held.number for held in remotes["logo"].held(Operation.POST_INVOICE) if held.live]
    links = {held.reference for held in remotes["trendyol"].held(Operation.UPDATE_ORDER_STATUS)}
    with engine.store.tenant(tenant_id) as uow:
        numbers = uow.documents.numbers()
    by_series: dict[tuple[str, int], list[int]] = {}
    for prefix, year, sequence, _, _ in numbers:
        by_series.setdefault((prefix, year), []).append(sequence)
    gaps = sum(sorted(found) != list(range(1, len(found) + 1)) for found in by_series.values())
    return Outcome(
        ordered=orders,
        invoiced=len(set(invoices)),
        booked=len(set(booked)),
        linked=len(links),
        doubled=len(invoices) - len(set(invoices)) + len(booked) - len(set(booked)),
        gaps=gaps,
        seconds=seconds,
        folder=folder,
    )
