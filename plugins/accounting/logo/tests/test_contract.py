"""The standard tests of an accounting connector, run against the simulated Logo."""

from kopru.testing.contract import ConnectorContract
from kopru_logo import plugin
from kopru_logo.simulator import LogoSimulator


class TestLogo(ConnectorContract):
    """Items, stock, partners, orders and invoices of one firm."""

    plugin = plugin
    simulator = LogoSimulator
