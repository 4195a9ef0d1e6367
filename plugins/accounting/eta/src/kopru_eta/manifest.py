"""Facts about ETA that the engine, the docs and the contract kit read."""

from datetime import timedelta

from kopru.model import Text
from kopru.sdk import Manifest, Operation, PluginKind, Repeat, Serial, SqlServer, Stream, Write
from kopru_eta.config import EtaConfig
from kopru_eta.mapping.invoice import SUPPORTED
from kopru_eta.streams import LARGEST

_SLOW = timedelta(seconds=90)
_QUIET = timedelta(seconds=120)
"""How long a commit whose answer was lost may still come through."""

_CARD = Write(Repeat.NATIVE_KEY, serial=Serial.ENTITY, quiet=_QUIET, timeout=_SLOW)
"""A card's code is its key: unique, chosen by us, and looked up before a card is made."""

_DAILY = Stream(largest_page=LARGEST, poll_every=timedelta(days=1))
"""Cards carry no time of change: every run reads all."""


def _server(config: EtaConfig) -> SqlServer:
    return SqlServer(
        host=config.server,
        port=config.port,
        username=config.username,
        password=config.password,
        local=config.local,
        encrypt=config.encrypt or not config.local,
    )


MANIFEST = Manifest(
    name="eta",
    kind=PluginKind.ACCOUNTING,
    title=Text(tr="ETA (ETA:SQL, V.8-SQL)", en="ETA (ETA:SQL, V.8-SQL)"),
    version="0.1.0",
    config=EtaConfig,
    streams={
        "fetch_products": _DAILY,
        "fetch_parties": _DAILY,
        "fetch_stock": Stream(largest_page=LARGEST),
        "fetch_refs": Stream(largest_page=LARGEST, overlap=timedelta(days=1), poll_every=timedelta(hours=1)),
    },
    writes={
        Operation.UPSERT_PARTY: _CARD,
        Operation.UPSERT_PRODUCT: _CARD,
        Operation.POST_INVOICE: Write(
            Repeat.QUERY_BY_REF, serial=Serial.CONNECTION, quiet=_QUIET, timeout=_SLOW
        ),
        Operation.CANCEL_DOCUMENT: Write(
            Repeat.ABSOLUTE, serial=Serial.CONNECTION, quiet=_QUIET, timeout=_SLOW
        ),
    },
    sql_server=_server,
    statements="kopru_eta",
    local_network=lambda config: config.local,
    folder=lambda config: config.folder,
    documents=SUPPORTED,
)
