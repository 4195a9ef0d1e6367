"""The standard tests of an e-invoice channel, run against the simulated Nilvera."""

from kopru.testing.contract import ConnectorContract
from kopru_nilvera import plugin
from kopru_nilvera.simulator import NilveraSimulator


class TestNilvera(ConnectorContract):
    """Register, outgoing documents and inbox of one account."""

    plugin = plugin
    simulator = NilveraSimulator
