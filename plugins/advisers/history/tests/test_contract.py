"""The standard tests of an adviser. It talks to nobody, so it needs no simulator."""

from kopru.testing.contract import ConnectorContract
from kopru_history import plugin


class TestHistory(ConnectorContract):
    """Advice from a partner's past."""

    plugin = plugin
