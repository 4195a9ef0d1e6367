"""The standard tests of a marketplace connector, run against the simulated Trendyol."""

from kopru.testing.contract import ConnectorContract
from kopru.testing.simulator import Simulator
from kopru.testing.world import WorldOrder
from kopru_trendyol import plugin
from kopru_trendyol.simulator import TrendyolSimulator


class TestTrendyol(ConnectorContract):
    """Orders, claims, products, stock, prices and status of one seller."""

    plugin = plugin
    simulator = TrendyolSimulator

    def add_return(self, simulator: Simulator, order: WorldOrder) -> None:
        assert isinstance(simulator, TrendyolSimulator)
        simulator.open_claim(order.id, order.lines[0].id)
