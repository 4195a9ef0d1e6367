"""What the tests of the ikas connector share: a simulator, contexts, and an order to spoil."""

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
from kopru_ikas import plugin
from kopru_ikas.config import IkasConfig
from kopru_ikas.simulator import IkasSimulator

PAYLOADS = Path(__file__).parent / "payloads"


@pytest.fixture(scope="session")
def world() -> World:
    return make_world(12)


@pytest.fixture
def sim(world: World) -> Iterator[IkasSimulator]:
    simulator = IkasSimulator()
    simulator.load(world)
    with simulator:
        yield simulator


@pytest.fixture
def make_ctx() -> Callable[..., Ctx[IkasConfig]]:
    """A logged in context for a simulator, at the simulator's time; keyword arguments are settings."""

    def make(
        sim: IkasSimulator, *, dry_run: bool = False, login: bool = True, **settings: Any
    ) -> Ctx[IkasConfig]:
        def now() -> datetime:
            return datetime.fromtimestamp(sim.clock.now(), UTC)

        values = {**sim.config(), **settings}
        first = test_ctx(plugin, values, now=now)
        credentials = plugin.refresh_credentials(first) if login else None
        return test_ctx(plugin, values, now=now, dry_run=dry_run, credentials=credentials)

    return make


@pytest.fixture
def ctx(sim: IkasSimulator, make_ctx: Callable[..., Ctx[IkasConfig]]) -> Ctx[IkasConfig]:
    return make_ctx(sim)


@pytest.fixture
def window(sim: IkasSimulator) -> Window:
    """A window around everything the simulator holds and everything it will hold in this test."""
    now = datetime.fromtimestamp(sim.clock.now(), UTC)
    return Window(now - timedelta(days=1), now + timedelta(minutes=10))


@pytest.fixture
def key() -> Callable[[str], IdempotencyKey]:
    """An idempotency key from a text."""
    return lambda value: IdempotencyKey(value, uuid5(UUID(int=0), value))


@pytest.fixture
def config() -> IkasConfig:
    return IkasConfig(client_id="id", client_secret="secret")


@pytest.fixture
def order() -> dict[str, Any]:
    """An order made up from the documented shape, free to be changed."""
    return copy.deepcopy(json.loads((PAYLOADS / "order.json").read_text("utf-8")))
