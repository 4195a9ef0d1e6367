"""What the connector states about itself."""

from datetime import timedelta

from kopru.model import Text
from kopru.sdk import Manifest, Operation, PluginKind, Quota, Repeat, Serial, Stream, Write
from kopru_hepsiburada.catalogue import LARGEST_PAGE, UPLOAD_ROWS
from kopru_hepsiburada.client import CLAIM_PAGE, LINE_PAGE
from kopru_hepsiburada.config import CONFIG_VERSION, Environment, HepsiburadaConfig
from kopru_hepsiburada.orders import OVERLAP

REACH = timedelta(days=30)
"""Lists by status go back a month; whether the package list goes further is not documented."""

SECOND = timedelta(seconds=1)
LISTS, SINGLE_ORDERS = 200, 800
"""Calls a second. The order server grants 1000 for reading in all (November 2025), shared out here."""

_PUSH = Write(
    repeat=Repeat.ABSOLUTE,
    batch=UPLOAD_ROWS,
    asynchronous=True,
    serial=Serial.CONNECTION,
    timeout=timedelta(seconds=60),
)

MANIFEST = Manifest(
    name="hepsiburada",
    kind=PluginKind.MARKETPLACE,
    title=Text(tr="Hepsiburada", en="Hepsiburada"),
    version="0.1.0",
    config=HepsiburadaConfig,
    config_version=CONFIG_VERSION,
    streams={
        "fetch_orders": Stream(
            largest_page=LINE_PAGE, overlap=OVERLAP, reach=REACH, poll_every=timedelta(minutes=2)
        ),
        "fetch_returns": Stream(largest_page=CLAIM_PAGE),
        "fetch_products": Stream(largest_page=LARGEST_PAGE, poll_every=timedelta(days=1)),
        "fetch_refs": Stream(largest_page=LINE_PAGE, reach=REACH),
    },
    writes={
        Operation.UPDATE_ORDER_STATUS: Write(repeat=Repeat.ABSOLUTE, serial=Serial.ENTITY),
        Operation.PUSH_STOCK: _PUSH,
        Operation.PUSH_PRICES: _PUSH,
    },
    quotas=(
        Quota("lists", LISTS, SECOND, "GET", r"^/(orders|packages|claims)/merchant[iI]d/[^/]+(/[a-z]+)?$"),
        Quota("single-orders", SINGLE_ORDERS, SECOND, "GET", r"/(ordernumber|packagenumber|lineitemid)/"),
    ),
    base_url=lambda config: config.oms,
    hosts=lambda config: (config.listing,),
    local_network=lambda config: config.environment is Environment.SIMULATOR,
)
