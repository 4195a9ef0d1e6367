"""Facts about the Mikro API that the engine, the docs and the contract kit read."""

from datetime import timedelta

from kopru.model import Text
from kopru.sdk import Manifest, Operation, PluginKind, Repeat, Serial, Stream, Write
from kopru_mikro.config import MikroConfig
from kopru_mikro.mapping.invoice import SUPPORTED

_SLOW = timedelta(seconds=120)
"""How long a write may take; the service states no limit of its own."""

_QUIET = timedelta(seconds=180)
"""How long a write whose answer was lost may still be committed."""

_ROWS = 500
_LEVELS = 5000

_CARD = Write(Repeat.NATIVE_KEY, serial=Serial.ENTITY, quiet=_QUIET, timeout=_SLOW)
"""A card's code is its key: it is unique, chosen by us, and looked up before a card is made."""

_DOCUMENT = Write(Repeat.QUERY_BY_REF, serial=Serial.CONNECTION, quiet=_QUIET, timeout=_SLOW)

MANIFEST = Manifest(
    name="mikro",
    kind=PluginKind.ACCOUNTING,
    title=Text(tr="Mikro (Jump, Run, Fly)", en="Mikro (Jump, Run, Fly)"),
    version="0.1.0",
    config=MikroConfig,
    streams={
        "fetch_products": Stream(largest_page=_ROWS, poll_every=timedelta(days=1)),
        "fetch_parties": Stream(largest_page=_ROWS, poll_every=timedelta(days=1)),
        "fetch_stock": Stream(largest_page=_LEVELS),
        "fetch_refs": Stream(largest_page=_ROWS, overlap=timedelta(days=1), poll_every=timedelta(hours=1)),
    },
    writes={
        Operation.UPSERT_PARTY: _CARD,
        Operation.UPSERT_PRODUCT: _CARD,
        Operation.POST_ORDER: _DOCUMENT,
        Operation.POST_INVOICE: _DOCUMENT,
        Operation.CANCEL_DOCUMENT: Write(
            Repeat.ABSOLUTE, serial=Serial.CONNECTION, quiet=_QUIET, timeout=_SLOW
        ),
    },
    base_url=lambda config: config.address,
    local_network=lambda config: config.local,
    verify_tls=lambda config: config.verify_tls,
    documents=SUPPORTED,
    removable=(Operation.POST_ORDER, Operation.POST_INVOICE),
)
