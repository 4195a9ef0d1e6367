"""The fixtures that pytest offers to plugin authors."""

from collections.abc import Callable
from typing import Any

from kopru.testing.broken.bazaar import BazaarSimulator
from kopru.testing.broken.shop import shop
from kopru.testing.world import World


def test_a_world_is_ready(kopru_world: World) -> None:
    assert len(kopru_world.orders) == 10


def test_a_context_talks_to_a_simulator(kopru_ctx: Callable[..., Any], kopru_world: World) -> None:
    with BazaarSimulator() as simulator:
        simulator.load(kopru_world)
        result = shop.check_connection(kopru_ctx(shop, simulator.config()))
    assert result.ok


def test_keys_are_stable(kopru_key: Callable[..., Any]) -> None:
    assert kopru_key("invoice", 1) == kopru_key("invoice", 1)
    assert kopru_key("invoice", 1) != kopru_key("invoice", 2)
