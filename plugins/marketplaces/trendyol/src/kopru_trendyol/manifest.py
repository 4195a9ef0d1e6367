"""What the connector states about itself."""

from datetime import timedelta

from kopru.model import Text
from kopru.sdk import Manifest, Operation, PluginKind, Repeat, Serial, Stream, Write
from kopru_trendyol.client import CLAIM_PAGE, ORDER_PAGE, PRODUCT_PAGE
from kopru_trendyol.config import CONFIG_VERSION, Environment, TrendyolConfig
from kopru_trendyol.orders import SPAN
from kopru_trendyol.quotas import Tier, quotas_for, tier_of

IDENTICAL_BAN = timedelta(minutes=15)
"""Span in which Trendyol refuses a stock or price request with the same content."""

_PUSH = Write(
    repeat=Repeat.ABSOLUTE,
    batch=1000,
    asynchronous=True,
    serial=Serial.CONNECTION,
    repeat_after=IDENTICAL_BAN,
)

MANIFEST = Manifest(
    name="trendyol",
    kind=PluginKind.MARKETPLACE,
    title=Text(tr="Trendyol", en="Trendyol"),
    version="0.1.0",
    config=TrendyolConfig,
    config_version=CONFIG_VERSION,
    streams={
        "fetch_orders": Stream(
            largest_page=ORDER_PAGE, span=SPAN, reach=timedelta(days=90), poll_every=timedelta(minutes=2)
        ),
        "fetch_returns": Stream(largest_page=CLAIM_PAGE),
        "fetch_products": Stream(largest_page=PRODUCT_PAGE, poll_every=timedelta(days=1)),
        "fetch_refs": Stream(largest_page=ORDER_PAGE, span=SPAN, reach=timedelta(days=90)),
    },
    writes={
        Operation.UPDATE_ORDER_STATUS: Write(repeat=Repeat.ABSOLUTE, serial=Serial.ENTITY),
        Operation.PUSH_STOCK: _PUSH,
        Operation.PUSH_PRICES: _PUSH,
    },
    quotas=quotas_for(Tier.UP_TO_50K),
    quotas_for=lambda config: quotas_for(tier_of(config.listings)),
    base_url=lambda config: config.address,
    local_network=lambda config: config.environment is Environment.SIMULATOR,
)
