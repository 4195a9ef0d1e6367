"""A simulated firm with the world's items, contexts for it, and invoices to book."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kopru.model import Profile
from kopru.sdk import Ctx, Direction, IdempotencyKey, LedgerInvoice
from kopru.testing import samples
from kopru.testing.context import test_ctx as ctx_for
from kopru.testing.world import World, make_world
from kopru.toolkit import dates
from kopru_eta import plugin
from kopru_eta.simulator import EtaSimulator


@pytest.fixture(scope="session")
def world() -> World:
    return make_world(3, start=datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
def sim(world: World) -> Iterator[EtaSimulator]:
    with EtaSimulator() as simulator:
        simulator.load(world)
        simulator.add_party("120.001", "ÖRNEK ALICI", "1234567890")
        yield simulator
        assert not simulator.bugs, simulator.bugs[0]


@pytest.fixture
def make_ctx(sim: EtaSimulator) -> Callable[..., Ctx[Any]]:
    def make(*, dry_run: bool = False, **settings: Any) -> Ctx[Any]:
        return ctx_for(plugin, {**sim.config(), **settings}, driver=sim.driver, dry_run=dry_run)

    return make


@pytest.fixture
def ctx(make_ctx: Callable[..., Ctx[Any]]) -> Ctx[Any]:
    return make_ctx()


@pytest.fixture
def ledger(world: World) -> Callable[..., LedgerInvoice]:
    """Return a function that makes the n-th order's invoice, of a supplier if asked."""

    def make(n: int = 0, *, purchase: bool = False, **changes: Any) -> LedgerInvoice:
        order = world.orders[n]
        buyer = next(each for each in world.buyers if each.company)
        day = dates.local_date(order.placed_at)
        number = samples.sample_number("ETA", day, n + 1)
        ettn = samples.sample_id("eta", n)
        invoice = samples.sample_invoice(
            world, replace(order, buyer=buyer), Profile.BASIC, number, ettn, issued=day
        )
        if purchase:
            invoice = invoice.model_copy(update={"seller": invoice.buyer, "buyer": invoice.seller})
        direction = Direction.PURCHASE if purchase else Direction.SALES
        return LedgerInvoice(invoice.model_copy(update=changes), "120.001", direction)

    return make


@pytest.fixture
def key() -> Callable[[int], IdempotencyKey]:
    return lambda n: samples.sample_key("eta", n)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
