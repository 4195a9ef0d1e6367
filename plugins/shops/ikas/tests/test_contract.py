"""The standard tests of a shop connector, run against the simulated ikas."""

from kopru.testing.contract import ConnectorContract
from kopru_ikas import plugin
from kopru_ikas.simulator import IkasSimulator


class TestIkas(ConnectorContract):
    """Orders, refunds, products, stock, prices and status of one shop, version 2."""

    plugin = plugin
    simulator = IkasSimulator
