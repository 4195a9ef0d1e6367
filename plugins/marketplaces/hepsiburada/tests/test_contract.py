"""The standard tests of a marketplace connector, run against the simulated Hepsiburada."""

from kopru.testing.contract import ConnectorContract
from kopru_hepsiburada import plugin
from kopru_hepsiburada.simulator import HepsiburadaSimulator


class TestHepsiburada(ConnectorContract):
    """Orders, claims, listings, stock, prices and status of one merchant."""

    plugin = plugin
    simulator = HepsiburadaSimulator
