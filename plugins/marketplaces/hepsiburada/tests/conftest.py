"""What the tests of the Hepsiburada connector share: a simulator, contexts, and an order to spoil."""

import copy
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest

from kopru.sdk import Ctx, IdempotencyKey, Window
from kopru.testing.context import test_ctx
from kopru.testing.world import World, make_world
from kopru_hepsiburada import plugin
from kopru_hepsiburada.config import HepsiburadaConfig
from kopru_hepsiburada.simulator import HepsiburadaSimulator

PAYLOADS = Path(__file__).parent / "payloads"


@pytest.fixture(scope="session")
def world() -> World:
    return make_world(12)


@pytest.fixture
def sim(world: World) -> Iterator[HepsiburadaSimulator]:
    simulator = HepsiburadaSimulator()
    simulator.load(world)
    with simulator:
        yield simulator
    assert not simulator.bugs


@pytest.fixture
def make_ctx() -> Callable[..., Ctx[HepsiburadaConfig]]:
    """A context for a simulator, at the simulator's time; keyword arguments are settings."""

    def make(sim: HepsiburadaSimulator, *, dry_run: bool = False, **settings: Any) -> Ctx[HepsiburadaConfig]:
        def now() -> datetime:
            return datetime.fromtimestamp(sim.clock.now(), UTC)

        return test_ctx(plugin, {**sim.config(), **settings}, now=now, dry_run=dry_run)

    return make


@pytest.fixture
def ctx(sim: HepsiburadaSimulator, make_ctx: Callable[..., Ctx[HepsiburadaConfig]]) -> Ctx[HepsiburadaConfig]:
    return make_ctx(sim)


@pytest.fixture
def window(sim: HepsiburadaSimulator) -> Window:
    """A window around everything the simulator holds and everything it will hold in this test."""
    now = datetime.fromtimestamp(sim.clock.now(), UTC)
    return Window(now - timedelta(days=1), now + timedelta(minutes=10))


@pytest.fixture
def key() -> Callable[[str], IdempotencyKey]:
    """An idempotency key from a text."""
    return lambda value: IdempotencyKey(value, uuid5(UUID(int=0), value))


@pytest.fixture
def config() -> HepsiburadaConfig:
    return HepsiburadaConfig(
        merchant_id="11111111-2222-4333-8444-555555555555", service_key="anahtar", user_agent="ornek"
    )


@pytest.fixture
def order() -> dict[str, Any]:
    """An order made up from the documented shape, free to be changed."""
    return copy.deepcopy(json.loads((PAYLOADS / "order.json").read_text("utf-8")))
