"""One order, whatever shop it comes from and whatever ledger it goes to: the money is the same to the kuruş.

Sources and ledgers are those that are installed; a new connector is tried without a change here. A connector
without a simulator brings the levers of its own contract test.
"""

import importlib.util
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib.metadata import entry_points
from pathlib import Path
from uuid import uuid4

import pytest
from dramatiq.brokers.stub import StubBroker

from kopru.documents.identity import stored_key
from kopru.flows.connections import add_connection, call, check_connection, pull_job
from kopru.flows.env import Lease, Work
from kopru.flows.records import OrderState
from kopru.hooks import ports
from kopru.hooks.manifest import PluginKind
from kopru.hooks.types import Found, Operation
from kopru.jobs.worker import JobWorker
from kopru.model import Profile
from kopru.model.money import ZERO
from kopru.registry import Registry
from kopru.runtime.rehearsal import set_up, simulators
from kopru.testing.contract import ConnectorContract, contract_of
from kopru.testing.samples import sample_invoice
from kopru.testing.world import WorldLine, WorldOrder, make_world
from kopru.toolkit.dates import local_date

ROOT = Path(__file__).parents[2]
REGISTRY = Registry.installed()
SIMULATORS = {point.name: point for point in entry_points(group="kopru.simulators")}
SHOPS = (PluginKind.SHOP, PluginKind.MARKETPLACE)
SOURCES = [name for name in sorted(REGISTRY.of_kind(*SHOPS)) if REGISTRY.implements(name, "fetch_orders")]
LEDGERS = [
    name
    for name in sorted(REGISTRY.of_kind(PluginKind.ACCOUNTING))
    if REGISTRY.implements(name, "post_invoice")
]
CHANNEL = "nilvera"


def kit_of(name):
    """The levers of a connector: its own contract test's where it has one, else the simulator's."""
    (point,) = entry_points(group="kopru.plugins", name=name)
    plugin = point.load()
    simulator = SIMULATORS[name].load() if name in SIMULATORS else None
    for path in ROOT.glob(f"plugins/*/{name}/tests/test_contract.py"):
        spec = importlib.util.spec_from_file_location(f"contract_of_{name}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        own = [
            each
            for each in vars(module).values()
            if isinstance(each, type) and issubclass(each, ConnectorContract) and each.plugin is plugin
        ]
        if own:
            return own[0]()
    return contract_of(plugin, simulator)()


def one_order(world):
    """Three VAT rates, discounts of both kinds, several pieces; bought by a company."""
    now = datetime.now(UTC).replace(microsecond=0)
    buyer = next(each for each in world.buyers if each.company and each.aliases)
    item = {
        rate: next(each for each in world.items if each.vat_rate == rate)
        for rate in map(Decimal, (20, 10, 1))
    }
    lines = (
        WorldLine(4_800_000_001, item[Decimal(20)], 2, Decimal("11.37"), Decimal("5.00")),
        WorldLine(4_800_000_002, item[Decimal(10)], 3, Decimal("0.01")),
        WorldLine(4_800_000_003, item[Decimal(1)], 1),
    )
    placed, changed = now - timedelta(minutes=5), now - timedelta(seconds=1)
    return WorldOrder(
        3_400_000_001, "10900000001", placed, changed, buyer, lines, tracking_number="7330000000000001"
    )


@dataclass
class Pair:
    """A tenant with one source, one channel and one ledger."""

    engine: object
    tenant_id: object
    remotes: dict
    worker: JobWorker
    source: str
    ledger: str

    def work(self):
        return Work(self.engine.env, self.tenant_id, {}, Lease(None), actor="test")

    def settle(self, admin):
        """Read the source and run everything that comes of it."""
        with self.work().write() as uow:
            uow.jobs.add(pull_job("orders.pull", uow.connections.by_name(self.source)))
        for _ in range(60):
            with admin.begin() as db:
                due = db.exec_driver_sql(
                    "update job set run_at = least(run_at, clock_timestamp()) where tenant_id = %s"
                    " and state = 'queued' and kind <> 'stock.sync' returning id",
                    (self.tenant_id,),
                ).scalars()
                jobs = sorted(due)
            for job_id in jobs:
                self.worker.run(job_id)
            with self.work().read() as uow:
                rows = uow.orders.recent()
            if not jobs or [row.state for row in rows] == [OrderState.DONE]:
                return

    def outcome(self):
        with self.work().read() as uow:
            (order,) = uow.orders.recent()
            documents = uow.documents.of_order(order.id)
            effects = {each.operation: each for row in documents for each in uow.effects.of_document(row.id)}
        return order, documents, effects


@pytest.fixture
def connect(engine, tmp_path, monkeypatch):
    """Make a tenant that sells through a source and books in a ledger; the order is placed there."""
    stack = ExitStack()

    def make(source, ledger, channel=CHANNEL):
        world = replace(make_world(0), items=make_world(0).items[:9])
        order = one_order(world)
        kit = kit_of(source)
        names = [name for name in (source, channel, ledger) if name in SIMULATORS]
        remotes = stack.enter_context(simulators(world, names))
        drivers = [remote.driver for remote in remotes.values() if getattr(remote, "driver", None)]
        if drivers:
            monkeypatch.setattr("kopru.transport.context.shared_driver", lambda: drivers[0])
        engine.env.cache._held.clear()
        configs = {name: remote.config() for name, remote in remotes.items()}
        tenant_id = set_up(
            engine, f"t-{uuid4().hex[:12]}", world, configs, order.placed_at - timedelta(hours=1)
        )
        worker = JobWorker(engine.env, engine.queue, StubBroker(middleware=[]), 1)
        pair = Pair(engine, tenant_id, remotes, worker, source, ledger)
        if source in remotes:
            kit.add_order(remotes[source], order)
        else:
            folder = tmp_path / "orders"
            folder.mkdir()
            kit.write_orders(folder, (order,))
            add_folder(pair, kit.make_connection(folder), order.placed_at)
        return pair, world, order

    with stack:
        yield make


def add_folder(pair, config, since):
    """Connect a source that reads files."""
    pair.engine.store.allow(pair.source)
    with pair.work().write() as uow:
        uow.settings.enable(pair.source)
    pair.engine.env.cache._held.clear()
    row = add_connection(pair.work(), pair.source, pair.source, config, since=since - timedelta(hours=1))
    assert check_connection(pair.work(), row.id).ok


def money(invoice):
    """What an invoice says of money: what is paid, net and VAT of each rate, and each line."""
    rates = {}
    for tax in (tax for line in invoice.lines for tax in line.taxes):
        base, amount = rates.get(tax.rate, (ZERO, ZERO))
        rates[tax.rate] = (base + tax.base, amount + tax.amount)
    return {
        "currency": invoice.currency,
        "payable": invoice.totals.payable,
        "net": invoice.totals.tax_exclusive,
        "VAT": rates,
        "lines": sorted((line.item_code, line.quantity, line.net) for line in invoice.lines),
    }


@pytest.mark.parametrize("ledger", LEDGERS)
@pytest.mark.parametrize("source", SOURCES)
def test_the_same_order_means_the_same_money_everywhere(connect, admin, source, ledger):
    pair, world, sold = connect(source, ledger)
    pair.settle(admin)
    order, documents, effects = pair.outcome()
    assert order.state is OrderState.DONE, (order.state, order.reason, order.findings)
    (document,) = documents
    expected = sample_invoice(
        world, sold, Profile.BASIC, "KPF2026000000001", document.id, issued=local_date(sold.placed_at)
    )
    assert order.body.total == sold.total
    assert money(document.invoice) == money(expected)

    booked = effects[Operation.POST_INVOICE]
    (held,) = [each for each in pair.remotes[ledger].held(Operation.POST_INVOICE) if each.live]
    assert held.total == sold.total, "what stands in the ledger"
    assert found_total(pair, booked) in (sold.total, None), "what the ledger says when it is asked again"
    (sent,) = [each for each in pair.remotes[CHANNEL].held(Operation.SUBMIT_INVOICE) if each.live]
    assert sent.total in (sold.total, None)


def found_total(pair, effect):
    key = stored_key(effect.key)
    located = call(
        pair.work(),
        effect.connection_id,
        lambda opened: opened.use(ports.Locates).locate(opened.ctx, effect.operation, key, None),
    )
    return located.receipt.echo.total if isinstance(located, Found) else None
