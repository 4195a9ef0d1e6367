"""The standard tests of an e-invoice format. It talks to nobody, so it needs no simulator."""

from kopru.testing.contract import ConnectorContract
from kopru_ubltr import plugin


class TestUblTr(ConnectorContract):
    """e-Fatura and e-Arşiv documents."""

    plugin = plugin
