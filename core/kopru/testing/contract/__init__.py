"""The contract kit: standard tests that every plugin must pass.

In a plugin's tests::

    class TestShop(ConnectorContract):
        plugin = plugin
        simulator = ShopSimulator

Or without pytest: ``run_contract("shop").ok``.
"""

from kopru.testing.contract.base import ConnectorContract
from kopru.testing.contract.report import Check, Report, Verdict
from kopru.testing.contract.runner import contract_of, run_class, run_contract

__all__ = ["Check", "ConnectorContract", "Report", "Verdict", "contract_of", "run_class", "run_contract"]
