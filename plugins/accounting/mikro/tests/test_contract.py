"""The standard tests of an accounting connector, run against the simulated Mikro."""

from kopru.testing.contract import ConnectorContract
from kopru_mikro import plugin
from kopru_mikro.simulator import MikroSimulator


class TestMikro(ConnectorContract):
    """Items, stock, partners, orders and invoices of one firm."""

    plugin = plugin
    simulator = MikroSimulator
