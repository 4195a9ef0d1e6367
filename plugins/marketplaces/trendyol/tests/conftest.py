"""What the tests of the Trendyol connector share: a simulator, contexts, and a package to spoil."""

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
from kopru_trendyol import plugin
from kopru_trendyol.config import TrendyolConfig
from kopru_trendyol.simulator import TrendyolSimulator

PAYLOADS = Path(__file__).parent / "payloads"


@pytest.fixture(scope="session")
def world() -> World:
    return make_world(30)


@pytest.fixture
def sim(world: World) -> Iterator[TrendyolSimulator]:
    simulator = TrendyolSimulator()
    simulator.load(world)
    with simulator:
        yield simulator


@pytest.fixture
def make_ctx() -> Callable[..., Ctx[TrendyolConfig]]:
    """A context for a simulator, at the simulator's time; keyword arguments are settings."""

    def make(sim: TrendyolSimulator, *, dry_run: bool = False, **settings: Any) -> Ctx[TrendyolConfig]:
        def now() -> datetime:
            return datetime.fromtimestamp(sim.clock.now(), UTC)

        return test_ctx(plugin, {**sim.config(), **settings}, now=now, dry_run=dry_run)

    return make


@pytest.fixture
def ctx(sim: TrendyolSimulator, make_ctx: Callable[..., Ctx[TrendyolConfig]]) -> Ctx[TrendyolConfig]:
    return make_ctx(sim)


@pytest.fixture
def window(sim: TrendyolSimulator) -> Window:
    """A window around everything the simulator holds and everything it will hold in this test."""
    now = datetime.fromtimestamp(sim.clock.now(), UTC)
    return Window(now - timedelta(days=1), now + timedelta(minutes=10))


@pytest.fixture
def key() -> Callable[[str], IdempotencyKey]:
    """An idempotency key from a text."""
    return lambda value: IdempotencyKey(value, uuid5(UUID(int=0), value))


@pytest.fixture
def config() -> TrendyolConfig:
    return TrendyolConfig(seller_id="123456", api_key="key", api_secret="secret")


@pytest.fixture
def package() -> dict[str, Any]:
    """A package made up from the documented shape, free to be changed."""
    return copy.deepcopy(json.loads((PAYLOADS / "package.json").read_text("utf-8")))
