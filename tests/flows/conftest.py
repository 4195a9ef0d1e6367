"""A trading world in one thread: real database, simulated remotes over HTTP, jobs run when a test says so."""

import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import sqlalchemy as sa
from dramatiq.brokers.stub import StubBroker

from kopru.documents import ISTANBUL
from kopru.flows import retrying, tenants
from kopru.flows.connections import add_connection, check_connection, pull_job
from kopru.flows.env import Lease, Work
from kopru.flows.records import EffectState, NewJob
from kopru.hooks.types import Operation
from kopru.jobs.worker import JobWorker
from kopru.runtime.compose import compose
from kopru.runtime.rehearsal import set_up, simulators, tenant_file
from kopru.runtime.servers import Endpoints
from kopru.settings import Settings
from kopru.storage.secrets import MasterKey
from kopru.testing.faults import Fault, FaultKind
from kopru.testing.world import WorldLine, WorldOrder, make_world
from kopru.toolkit.taxnumbers import tckn_check_digits
from kopru.transport.limiter import NoLimiter

CLOCKS = {
    "job": ("run_at", "lease_until", "finished_at"),
    "document": ("follow_at", "issued_at"),
    "effect": ("sent_at",),
    "recipient": ("checked_at",),
    "connection": ("refreshing_until",),
    "stock_push": ("sent_at",),
}
"""Every stored time that the engine compares with now; the tests let time pass by moving these back."""

OPEN = (EffectState.SENDING, EffectState.UNCERTAIN)


@dataclass(repr=False)
class Trade:
    """One tenant at work. Nothing moves unless ``run`` is called."""

    engine: object
    tenant_id: object
    world: object
    remotes: dict
    admin: sa.Engine
    worker: JobWorker
    placed: int = 0
    lines: int = 0

    @property
    def shop(self):
        return self.remotes["trendyol"]

    @property
    def channel(self):
        return self.remotes["nilvera"]

    @property
    def ledger(self):
        return self.remotes["logo"]

    @property
    def store(self):
        return self.engine.store

    # Acting

    def work(self, actor="test", *, dry_run=False, **args):
        """A person's command."""
        return Work(self.engine.env, self.tenant_id, args, Lease(None), actor=actor, dry_run=dry_run)

    def place(self, *lines, buyer=None, **fields):
        """Let a buyer order at Trendyol. A line is an item, (item, quantity) or a ``WorldLine``."""
        self.placed += 1
        n = self.placed
        now = datetime.now(UTC)
        status = fields.pop("status", "Created")
        order = WorldOrder(
            id=3_400_000_000 + n,
            number=str(10_900_000_000 + n),
            placed_at=now - timedelta(minutes=5),
            modified_at=now - timedelta(seconds=1),
            buyer=buyer or self.consumer,
            lines=tuple(self._line(line) for line in lines or (self.world.items[0],)),
            tracking_number=f"733{n:013d}",
            **fields,
        )
        self.shop.add_order(order, status=status)
        return order

    def line(self, item, quantity=1, *, seller="0", marketplace="0"):
        """One line for ``place``; ids are unique over all orders."""
        self.lines += 1
        return WorldLine(4_800_000_000 + self.lines, item, quantity, Decimal(seller), Decimal(marketplace))

    def _line(self, line):
        if isinstance(line, WorldLine):
            return line
        return self.line(*(line if isinstance(line, tuple) else (line,)))

    def connection(self, name):
        with self.work().read() as uow:
            return uow.connections.by_name(name)

    def connect(self, plugin, config):
        """Add and check one more connection, named as its plugin."""
        self.store.allow(plugin)
        with self.work().write() as uow:
            uow.settings.enable(plugin)
        self.engine.env.cache._held.clear()
        row = add_connection(self.work(), plugin, plugin, config)
        result = check_connection(self.work(), row.id)
        assert result.ok, [item for item in result.items if not item.ok]
        return row

    def add(self, *jobs: NewJob):
        with self.work().write() as uow:
            uow.jobs.add(*jobs)

    def pull(self, kind="orders.pull", name="trendyol", *, seconds=30.0):
        """Queue one read and run what comes of it."""
        self.add(pull_job(kind, self.connection(name)))
        return self.run(seconds)

    def run_beside(self, seconds):
        """Be one of several workers for a while, in real time."""
        worker = JobWorker(self.engine.env, self.engine.queue, StubBroker(middleware=[]), 1)
        until = time.monotonic() + seconds
        while time.monotonic() < until and self._waits():
            for job_id in self._due():
                worker.run(job_id)
            time.sleep(0.02)

    def _waits(self):
        """Whether an order is not through yet."""
        with self.work().read() as uow:
            counts = uow.orders.counts()
        return not counts or set(counts) != {"done"}

    def run(self, seconds=30.0, *, most=400):
        """Let some seconds pass and run what is due in them, one job after the other; return how many ran.

        Time jumps from one job to the next.
        """
        ran = 0
        while ran < most:
            due = self._due()
            for job_id in due:
                self.worker.run(job_id)
                ran += 1
            if not due:
                gap = self._next_in()
                if gap is None or gap > seconds:
                    self.pass_time(seconds)
                    return ran
                self.pass_time(gap + 0.05)
                seconds -= gap
        raise AssertionError(f"jobs go round in circles: {self.jobs('queued')}")

    def recover(self):
        """Hand jobs back whose worker died, as the relay does once the lease is over."""
        with self.admin.begin() as db:
            db.execute(
                sa.text(
                    "update job set lease_until = clock_timestamp() - interval '1 second'"
                    " where tenant_id = :t and state = 'running'"
                ),
                {"t": self.tenant_id},
            )
        self.engine.queue.recover()

    def pass_time(self, seconds):
        """Let seconds pass for everything the engine remembers; the remotes' clocks stay."""
        with self.admin.begin() as db:
            for table, columns in CLOCKS.items():
                moved = ", ".join(f"{name} = {name} - make_interval(secs => :s)" for name in columns)
                db.execute(
                    sa.text(f'update "{table}" set {moved} where tenant_id = :t'),
                    {"s": seconds, "t": self.tenant_id},
                )
        self.engine.env.cache._held.clear()

    def _due(self):
        return self._ask(
            "select id from job where tenant_id = :t and state = 'queued' and run_at <= clock_timestamp()"
            " order by lane, run_at, id"
        )

    def _next_in(self):
        (gap,) = self._ask(
            "select extract(epoch from min(run_at) - clock_timestamp())::float8 from job"
            " where tenant_id = :t and state = 'queued'"
        )
        return None if gap is None else max(gap, 0.0)

    def _ask(self, statement):
        with self.admin.begin() as db:
            return list(db.execute(sa.text(statement), {"t": self.tenant_id}).scalars())

    def settings(self, *changes, add=""):
        """Put the tenant file in force with replacements (old, new) and an addition."""
        text = tenant_file(self.world.seller)
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        tenants.apply_settings(self.work(), text + add)

    # Looking

    def order(self, order):
        number = order if isinstance(order, str) else order.number
        with self.work().read() as uow:
            found = uow.orders.find(number)
        assert len(found) == 1, (number, found)
        return found[0]

    def documents(self, order):
        with self.work().read() as uow:
            return uow.documents.of_order(self.order(order).id)

    def all_documents(self):
        with self.work().read() as uow:
            return uow.documents.recent(limit=1000)

    def document(self, order):
        (found,) = self.documents(order)
        return found

    def effects(self, document):
        with self.work().read() as uow:
            return {each.operation: each for each in uow.effects.of_document(document.id)}

    def effect(self, order, operation=Operation.SUBMIT_INVOICE):
        return self.effects(self.documents(order)[-1])[operation]

    def open_effects(self):
        with self.work().read() as uow:
            return uow.effects.open()

    def jobs(self, state=None):
        with self.work().read() as uow:
            return uow.jobs.recent(state=state, limit=1000)

    def story(self, *subjects):
        with self.work().read() as uow:
            return uow.events.of_subjects([getattr(each, "id", each) for each in subjects])

    def actions(self, *subjects):
        return [event.action for event in self.story(*subjects)]

    def held(self, operation=Operation.SUBMIT_INVOICE):
        """What a write left at the remote it goes to, cancelled records included."""
        name = {
            Operation.SUBMIT_INVOICE: "nilvera",
            Operation.UPDATE_ORDER_STATUS: "trendyol",
            Operation.PUSH_STOCK: "trendyol",
        }.get(operation, "logo")
        return self.remotes[name].held(operation)

    def posts(self, name, path):
        """How many requests that change something were carried out or refused by a remote at a path."""
        served = self.remotes[name].served
        return sum(each.method != "GET" and path in each.path for each in served)

    def taken(self, name, path):
        """How many of these changed something."""
        served = self.remotes[name].served
        return sum(each.method != "GET" and path in each.path and each.facts > 0 for each in served)

    def fault(self, name, kind, path, *, method="POST", times=1, **more):
        """Let a remote fail."""
        self.remotes[name].faults.add(Fault(FaultKind(kind), method=method, path=path, times=times, **more))

    # Buyers by what they are

    @property
    def consumer(self):
        return next(buyer for buyer in self.world.buyers if not buyer.company)

    @property
    def registered(self):
        return next(buyer for buyer in self.world.buyers if buyer.company and buyer.aliases)

    @property
    def unregistered(self):
        return next(buyer for buyer in self.world.buyers if buyer.company and not buyer.aliases)

    def item(self, rate):
        """An item of a VAT rate."""
        return next(item for item in self.world.items if item.vat_rate == Decimal(rate))


def real_tckn(first_nine):
    return first_nine + tckn_check_digits(first_nine)


@pytest.fixture(scope="session")
def engine(servers, database_url, tmp_path_factory):
    """An engine on the session's servers that keeps no quotas."""
    home = tmp_path_factory.mktemp("engine")
    key = {"KOPRU_MASTER_KEY": MasterKey.generate().to_text()}
    settings = Settings.from_environment({"KOPRU_HOME": str(home), "HOME": str(home), **key})
    endpoints = Endpoints(database_url=database_url, redis_url=servers.redis_url)
    with compose(settings, endpoints) as made:
        yield replace(made, env=replace(made.env, limiter=NoLimiter()))


@pytest.fixture(scope="session")
def admin(database_url):
    """The database as its owner sees it, past every guard."""
    made = sa.create_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def trade(engine, admin):
    """A tenant with Trendyol, Nilvera and Logo, set up and checked, without any order."""
    with trading(engine, admin) as made:
        yield made


@pytest.fixture
def neighbour(engine, admin):
    """A second tenant with the same plugins, beside ``trade``."""
    with trading(engine, admin) as made:
        yield made


def define_series(channel):
    """An account in use has its number series; a missing one costs one more request."""
    for side, known in channel.account.series.items():
        for name in ("KPF", "KPA", "KPI"):
            channel.account.add_series(side, name, active=True)
        assert len(known) == 4


@contextmanager
def trading(engine, admin, **options):
    world = make_world(0)
    world = replace(world, items=world.items[:9])
    with simulators(world, **options) as remotes:
        engine.env.cache._held.clear()
        define_series(remotes["nilvera"])
        configs = {name: remote.config() for name, remote in remotes.items()}
        since = datetime.now(UTC) - timedelta(hours=2)
        tenant_id = set_up(engine, f"t-{uuid4().hex[:12]}", world, configs, since)
        worker = JobWorker(engine.env, engine.queue, StubBroker(middleware=[]), 1)
        yield Trade(engine, tenant_id, world, remotes, admin, worker)
        assert [bug for remote in remotes.values() for bug in remote.bugs] == []


@pytest.fixture
def file_order(trade, tmp_path):
    """Makes an order that arrives as a file in a folder; returns its number."""
    folder = tmp_path / "orders"
    folder.mkdir()

    def place(price, *, currency="TRY", rate="", shipping="", number="F-1001", quantity="1", **cells):
        row = {
            "Sipariş No": number,
            "Sipariş Tarihi": datetime.now(ISTANBUL).strftime("%d.%m.%Y %H:%M"),
            "Durum": "Kargoya Verildi",
            "Ad": "Ayşe",
            "Soyad": "Örnekoğlu",
            "E-posta": "ayse@example.com",
            "TC Kimlik No": real_tckn("912345678"),
            "Adres": "Deneme Cad. No:1",
            "İlçe": "Kadıköy",
            "İl": "İstanbul",
            "Stok Kodu": trade.item("20").code,
            "Ürün Adı": trade.item("20").name,
            "Adet": quantity,
            "Birim Fiyat": price,
            "KDV Oranı": "20",
            "Para Birimi": currency,
            "Döviz Kuru": rate,
            "Kargo Ücreti": shipping,
            "Ödeme Yöntemi": "Kredi Kartı",
            "Kargo Firması": "Trendyol Express",
        } | cells
        text = ";".join(row) + "\n" + ";".join(row.values()) + "\n"
        (folder / f"{number}.csv").write_text(text, encoding="utf-8")
        if trade.connection("orderfile") is None:
            trade.connect("orderfile", {"folder": str(folder), "numbers": "international"})
        trade.add(pull_job("orders.pull", trade.connection("orderfile")))
        return number

    return place


@pytest.fixture
def retry(trade):
    """Tries an order again as ``kopru orders retry`` does, and runs what comes of it."""

    def again(order, *, fresh=False, seconds=3600.0):
        retrying.retry(trade.work("operator"), trade.order(order), fresh=fresh)
        return trade.run(seconds)

    return again
