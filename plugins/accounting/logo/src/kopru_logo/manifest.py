"""Facts about Logo Objects REST that the engine, the docs and the contract kit read."""

from datetime import timedelta

from kopru.model import Text
from kopru.sdk import Manifest, Operation, PluginKind, Repeat, Serial, Stream, Write
from kopru_logo.codes import PAGE_CAP
from kopru_logo.config import LogoConfig
from kopru_logo.mapping.invoice import SUPPORTED

_SLOW = timedelta(seconds=120)
"""Posting a document takes 10 to 60 seconds in everyday use."""

_QUIET = timedelta(seconds=180)
"""How long a post whose answer was lost may still be committed."""

_ROWS = 5000

MANIFEST = Manifest(
    name="logo",
    kind=PluginKind.ACCOUNTING,
    title=Text(tr="Logo (Tiger, Wings)", en="Logo (Tiger, Wings)"),
    version="0.1.0",
    config=LogoConfig,
    streams={
        "fetch_products": Stream(largest_page=PAGE_CAP, poll_every=timedelta(days=1)),
        "fetch_parties": Stream(largest_page=_ROWS, poll_every=timedelta(days=1)),
        "fetch_stock": Stream(largest_page=_ROWS),
        "fetch_refs": Stream(largest_page=_ROWS, overlap=timedelta(days=1), poll_every=timedelta(hours=1)),
    },
    writes={
        Operation.UPSERT_PARTY: Write(
            Repeat.NATURAL_UNIQUE, serial=Serial.ENTITY, quiet=_QUIET, timeout=_SLOW
        ),
        Operation.UPSERT_PRODUCT: Write(
            Repeat.NATURAL_UNIQUE, serial=Serial.ENTITY, quiet=_QUIET, timeout=_SLOW
        ),
        Operation.POST_ORDER: Write(
            Repeat.QUERY_BY_REF, serial=Serial.CONNECTION, quiet=_QUIET, timeout=_SLOW
        ),
        Operation.POST_INVOICE: Write(
            Repeat.QUERY_BY_REF, serial=Serial.CONNECTION, quiet=_QUIET, timeout=_SLOW
        ),
        Operation.CANCEL_DOCUMENT: Write(
            Repeat.ABSOLUTE, serial=Serial.CONNECTION, quiet=_QUIET, timeout=_SLOW
        ),
    },
    base_url=lambda config: config.url,
    local_network=lambda config: config.local,
    verify_tls=lambda config: config.verify_tls,
    documents=SUPPORTED,
    removable=(Operation.POST_ORDER,),  # invoices may be set to be marked only
)
