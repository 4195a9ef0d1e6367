"""What the connector states about itself."""

from datetime import timedelta

from kopru.model import Text
from kopru.sdk import Manifest, Operation, PluginKind, Quota, Repeat, Serial, Stream, Write
from kopru_ikas.client import LARGEST_PAGE
from kopru_ikas.config import CONFIG_VERSION, Environment, IkasConfig

REQUESTS = 40
"""Calls in ten seconds, below the fifty that ikas grants an app in one shop."""

STOCK_ROWS = 100
PRICE_ROWS = 500


def _quota(calls: int) -> tuple[Quota, ...]:
    return (Quota("requests", calls, timedelta(seconds=10), "POST", r"graphql", scope="account"),)


MANIFEST = Manifest(
    name="ikas",
    kind=PluginKind.SHOP,
    title=Text(tr="ikas", en="ikas"),
    version="0.1.0",
    config=IkasConfig,
    config_version=CONFIG_VERSION,
    streams={
        "fetch_orders": Stream(
            largest_page=LARGEST_PAGE, sorted_by_time=True, poll_every=timedelta(minutes=5)
        ),
        "fetch_returns": Stream(largest_page=LARGEST_PAGE, sorted_by_time=True),
        "fetch_products": Stream(largest_page=LARGEST_PAGE, poll_every=timedelta(days=1)),
        "fetch_refs": Stream(largest_page=LARGEST_PAGE, sorted_by_time=True),
    },
    writes={
        Operation.UPDATE_ORDER_STATUS: Write(repeat=Repeat.ABSOLUTE, serial=Serial.ENTITY),
        Operation.PUSH_STOCK: Write(repeat=Repeat.ABSOLUTE, batch=STOCK_ROWS, serial=Serial.CONNECTION),
        Operation.PUSH_PRICES: Write(repeat=Repeat.ABSOLUTE, batch=PRICE_ROWS, serial=Serial.CONNECTION),
    },
    quotas=_quota(REQUESTS),
    quotas_for=lambda config: _quota(config.requests_per_10s),
    account_of=lambda config: f"{config.client_id} {config.client_secret.get_secret_value()}",
    base_url=lambda config: config.address,
    local_network=lambda config: config.environment is Environment.SIMULATOR,
)
