"""The standard tests, one module per capability."""

from kopru.testing.contract.base import Suite
from kopru.testing.contract.suites.advice import AdviceSuite
from kopru.testing.contract.suites.cards import CardSuite
from kopru.testing.contract.suites.channel import ChannelSuite
from kopru.testing.contract.suites.connection import ConnectionSuite, RemoteConnectionSuite
from kopru.testing.contract.suites.discretion import IsolationSuite, SecrecySuite
from kopru.testing.contract.suites.formats import FormatSuite
from kopru.testing.contract.suites.importing import ImportSuite
from kopru.testing.contract.suites.orders import OrderSuite, RemoteOrderSuite
from kopru.testing.contract.suites.quotas import QuotaSuite
from kopru.testing.contract.suites.reading import ReadingSuite, RemoteReadingSuite
from kopru.testing.contract.suites.receipts import ReceiptSuite
from kopru.testing.contract.suites.refs import RefsSuite
from kopru.testing.contract.suites.removal import RemovalSuite
from kopru.testing.contract.suites.settings import SettingsSuite
from kopru.testing.contract.suites.statement import StatementSuite
from kopru.testing.contract.suites.webhooks import WebhookSuite
from kopru.testing.contract.suites.writing import WritingSuite

SUITES: tuple[type[Suite], ...] = (
    StatementSuite,
    ImportSuite,
    SettingsSuite,
    ConnectionSuite,
    RemoteConnectionSuite,
    WebhookSuite,
    ReadingSuite,
    RemoteReadingSuite,
    OrderSuite,
    RemoteOrderSuite,
    CardSuite,
    RefsSuite,
    WritingSuite,
    RemovalSuite,
    ReceiptSuite,
    ChannelSuite,
    FormatSuite,
    AdviceSuite,
    QuotaSuite,
    SecrecySuite,
    IsolationSuite,
)
