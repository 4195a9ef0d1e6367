"""One chaos run from start to verdict."""

import json
import shutil
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import psycopg

from kopru.hooks.manifest import Quota
from kopru.runtime.chaos import process, rows
from kopru.runtime.chaos.ending import Ending
from kopru.runtime.chaos.fleet import LOG, Fleet
from kopru.runtime.chaos.gather import gather
from kopru.runtime.chaos.plan import Plan
from kopru.runtime.chaos.samples import Sampler
from kopru.runtime.chaos.strikes import Field, Nemesis
from kopru.runtime.compose import Engine, compose, prepare_database
from kopru.runtime.rehearsal import set_up
from kopru.runtime.servers import Keeper
from kopru.settings import Settings
from kopru.testing.chaos.proxy import Proxy, ProxyLoop
from kopru.testing.chaos.remotes import Remotes
from kopru.testing.chaos.report import Report
from kopru.testing.chaos.traffic import Traffic, plan_traffic, world_of
from kopru.testing.chaos.verdict import Case, judge
from kopru.testing.truth import Truth


def run(plan: Plan, settings: Settings, folder: Path, say: Callable[[str], None]) -> tuple[Report, Case]:
    """Run everything in a folder of the run's own and judge it.

    Raises:
        RuntimeProblem: the servers cannot be started.
        ConfigError: a company cannot be set up.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    folder.chmod(0o711)
    settings = settings.model_copy(
        update={"home": folder / "home", "database_url": None, "redis_url": None, "workers": plan.workers}
    )
    history = Truth(folder / "history.jsonl")
    loop = ProxyLoop()
    try:
        with Keeper(settings) as keeper:
            prepare_database(settings, keeper.endpoints.database_url)
            with compose(settings, keeper.endpoints) as engine, _sockets() as sockets:
                return _Run(plan, settings, folder, engine, history, loop, sockets, say).go()
    finally:
        loop.close()
        history.close()


class _Run:
    def __init__(
        self,
        plan: Plan,
        settings: Settings,
        folder: Path,
        engine: Engine,
        history: Truth,
        loop: ProxyLoop,
        sockets: Path,
        say: Callable[[str], None],
    ) -> None:
        self.plan, self.settings, self.folder = plan, settings, folder
        self.engine, self.history, self.say = engine, history, say
        self.sockets = sockets
        self.loop = loop
        self.world = world_of(plan.seed)
        late = 0.3 * 180 * plan.patience
        quotas = {"trendyol": engine.registry.manifest("trendyol").quotas}
        self.quotas: dict[str, tuple[Quota, ...]] = {name: tuple(each) for name, each in quotas.items()}
        (folder / "truth").mkdir()
        self.remotes = [
            Remotes(slug, place, self.world, folder / "truth", loop, late=late, quotas=self.quotas)
            for place, slug in enumerate(plan.slugs)
        ]
        self.tenants: dict[str, UUID] = {}
        self.hooks: dict[str, str] = {}
        self.port = _free_port()
        self.dsn = engine.endpoints.database_url.replace("postgresql+psycopg://", "postgresql://")

    def go(self) -> tuple[Report, Case]:
        plan = self.plan
        self._set_up()
        self.postgres, self.valkey, environment = self._ways()
        fleet = Fleet(self.folder, plan.workers, environment, plan.skew, self.history)
        moves = plan_traffic(plan.seed, plan.seconds, plan.tenants, plan.orders)
        traffic = Traffic(plan.seed, moves, self.remotes, self.history)
        target = Field(
            self.folder,
            self.settings,
            self.engine.endpoints,
            self.dsn,
            fleet,
            self.postgres,
            self.valkey,
            self.remotes,
            self.hooks,
            traffic,
            self.history,
            plan.seed,
        )
        strikes = plan.strikes()
        (self.folder / "schedule.txt").write_text("\n".join(map(str, strikes)) + "\n", "utf-8")
        nemesis_ = Nemesis(strikes, target)
        fleet.start()
        sampler = Sampler(fleet)
        try:
            self._wait_for_web()
            self.say(f"{len(strikes)} faults and {plan.orders} orders in {plan.minutes:g} minutes …")
            for each in self.remotes:
                for remote in each.each.values():
                    remote.begin()
            started = time.monotonic()
            traffic.start()
            nemesis_.start()
            sampler.start()
            self._wait(started + plan.seconds)
            nemesis_.stop()
            traffic.stop()
            self._heal()
            self.say("Healed; waiting until everything has come to its end …")
            ending = Ending(self.engine, self.dsn, self.tenants, self.remotes, self.history)
            drained, left = ending.wait(plan.drain_limit)
            if left:
                self.say(f"Not everything came to an end: {left}")
                fleet.stop()
            time.sleep(plan.quiet)
            sampler.stop()
            case = gather(plan, self.engine, target, self.tenants, self.quotas, sampler)
            report = self._report(case, nemesis_, traffic, drained)
        finally:
            stopped = time.monotonic()
            code = fleet.stop()
            self.history.note("fleet.stopped", code=code, seconds=round(time.monotonic() - stopped, 1))
            for each in self.remotes:
                for remote in each.each.values():
                    remote.close()
        self._keep(report, case)
        return report, case

    # Before

    def _set_up(self) -> None:
        since = datetime.now(UTC) - timedelta(hours=1)
        for each in self.remotes:
            tenant_id = set_up(self.engine, each.tenant, self.world, each.configs(), since)
            self.tenants[each.tenant] = tenant_id
            with self.engine.store.tenant(tenant_id) as uow:
                row = uow.connections.by_name("trendyol")
                assert row is not None
            self.hooks[each.tenant] = f"http://127.0.0.1:{self.port}/in/{row.id}/{row.webhook_secret}"
            each.shop.push.retry_seconds = 2.0
            each.shop.push.subscribe(
                {
                    "url": self.hooks[each.tenant],
                    "authenticationType": "API_KEY",
                    "apiKey": each.shop.webhook_key,
                    "subscribedStatuses": ["CANCELLED", "UNPACKED"],
                }
            )
        with psycopg.connect(self.dsn) as db:
            every = max(8, self.plan.tenants)
            db.execute(
                "update schedule set every_seconds = %s where kind in ('orders.pull', 'channel.follow')",
                (every,),
            )
            rows.watch(db)

    def _ways(self) -> tuple[Proxy, Proxy, dict[str, str]]:
        """Put proxies before database and queue, and return the variables that lead through them."""
        info = psycopg.conninfo.conninfo_to_dict(self.dsn)
        there, name = Path(str(info["host"])), ".s.PGSQL.5432"
        postgres = Proxy(self.loop, there / name, self.sockets / name)
        home = self.engine.endpoints.redis_url.removeprefix("unix://").partition("?")[0]
        valkey = Proxy(self.loop, Path(home), self.sockets / "valkey.sock")
        place = quote(str(self.sockets), safe="")
        return (
            postgres,
            valkey,
            {
                "KOPRU_HOME": str(self.settings.home),
                "KOPRU_DATABASE_URL": f"postgresql://{info['user']}@/{info['dbname']}?host={place}",
                "KOPRU_REDIS_URL": f"unix://{quote(str(self.sockets / 'valkey.sock'))}?db=0",
                "KOPRU_WORKERS": str(self.plan.workers),
                "KOPRU_WEB_PORT": str(self.port),
                "KOPRU_LOG_LEVEL": "warning",
                process.PATIENCE: str(self.plan.patience),
            },
        )

    def _wait_for_web(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            time.sleep(0.2)
        raise TimeoutError(f"the fleet does not start; see {self.folder / LOG}")

    def _wait(self, until: float) -> None:
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 1.0))

    def _heal(self) -> None:
        for each in self.remotes:
            for remote in each.each.values():
                remote.heal()
        for way in (self.postgres, self.valkey):
            way.heal()
        self.history.note("healed")
        for each in self.remotes:
            each.settle()

    def _report(self, case: Case, nemesis_: Nemesis, traffic: Traffic, drained: float) -> Report:
        faults: Counter[str] = Counter()
        for each in self.remotes:
            for remote in each.each.values():
                faults.update({kind.value: n for kind, n in remote.simulator.faults.struck.items()})
        states = Counter(order.state for order in case.ends.orders)
        reasons = Counter(order.reason for order in case.ends.orders if order.state in ("parked", "held"))
        return Report(
            command=self.plan.command,
            seed=self.plan.seed,
            minutes=self.plan.minutes,
            tenants=self.plan.tenants,
            rows=judge(case),
            strikes=nemesis_.counts,
            faults=faults,
            traffic=traffic.counts,
            orders=states,
            reasons=reasons,
            figures={
                "companies": str(self.plan.tenants),
                "all at its end after healing": f"{drained:.0f} s",
                "targets' waiting times": f"× {self.plan.patience:g}",
            },
        )

    def _keep(self, report: Report, case: Case) -> None:
        (self.folder / "report.txt").write_text(report.text(), "utf-8")
        content = {"plan": asdict(self.plan), "rows": [_plain(row) for row in report.rows]}
        (self.folder / "verdict.json").write_text(json.dumps(content, indent=1), "utf-8")


def _plain(row: Any) -> dict[str, Any]:
    return {
        "invariant": row.invariant,
        "looked_at": row.looked_at,
        "violations": [str(violation) for violation in row.violations],
    }


@contextmanager
def _sockets() -> Iterator[Path]:
    """Make a folder with a path short enough for sockets."""
    folder = Path(tempfile.mkdtemp(prefix="kopru-chaos-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
