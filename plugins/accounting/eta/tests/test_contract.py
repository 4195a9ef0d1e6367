"""The standard tests of an accounting connector, run against the simulated ETA."""

from kopru.testing.contract import ConnectorContract
from kopru_eta import plugin
from kopru_eta.simulator import EtaSimulator


class TestEta(ConnectorContract):
    """Items, stock, partners and invoices: suppliers' by procedures, own ones into the tables."""

    plugin = plugin
    simulator = EtaSimulator
