"""The standard tests of a marketplace connector, run against the simulated Trendyol."""

from kopru.testing.contract import ConnectorContract
from kopru_trendyol import plugin
from kopru_trendyol.simulator import TrendyolSimulator


class TestTrendyol(ConnectorContract):
    """Orders, claims, products, stock, prices and status of one seller."""

    plugin = plugin
    simulator = TrendyolSimulator
