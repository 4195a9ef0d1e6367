"""What the Uyumsoft plugin states about itself."""

from datetime import timedelta

from kopru.model import Text
from kopru.sdk import Manifest, Operation, PluginKind, Repeat, Stream, Write
from kopru_uyumsoft.codes import PROFILES
from kopru_uyumsoft.config import UyumsoftConfig

INBOX_PAGE = 25
"""Each incoming invoice costs one download, so a page must stay well within a hook's time."""

MANIFEST = Manifest(
    name="uyumsoft",
    kind=PluginKind.EINVOICE_CHANNEL,
    title=Text(tr="Uyumsoft e-Fatura / e-Arşiv", en="Uyumsoft e-invoice channel"),
    version="0.1.0",
    config=UyumsoftConfig,
    streams={
        "fetch_inbox": Stream(
            largest_page=INBOX_PAGE, overlap=timedelta(days=1), poll_every=timedelta(minutes=15)
        ),
        "fetch_refs": Stream(largest_page=100, overlap=timedelta(days=1), poll_every=timedelta(hours=24)),
    },
    writes={
        Operation.SUBMIT_INVOICE: Write(
            repeat=Repeat.NATURAL_UNIQUE, asynchronous=True, timeout=timedelta(seconds=30)
        ),
        Operation.CANCEL_DOCUMENT: Write(
            repeat=Repeat.ABSOLUTE, asynchronous=True, timeout=timedelta(seconds=30)
        ),
    },
    base_url=lambda config: config.base_url,
    local_network=lambda config: config.local_network,
    profiles=PROFILES,
)
