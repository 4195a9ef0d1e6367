"""The standard tests of an e-invoice channel, run against the simulated Uyumsoft."""

from kopru.testing.contract import ConnectorContract
from kopru_uyumsoft import plugin
from kopru_uyumsoft.simulator import UyumsoftSimulator


class TestUyumsoft(ConnectorContract):
    """Register, outgoing documents and inbox of one account."""

    plugin = plugin
    simulator = UyumsoftSimulator
