"""What the plugin states about itself."""

from datetime import timedelta

from kopru.sdk import Manifest, PluginKind, Stream
from kopru_orderfile.config import OrderFileConfig
from kopru_orderfile.texts import TEXTS


def _folder(config: OrderFileConfig) -> str:
    return config.folder


MANIFEST = Manifest(
    name="orderfile",
    kind=PluginKind.SHOP,
    title=TEXTS["orderfile.title"],
    version="0.1.0",
    config=OrderFileConfig,
    streams={
        # A folder is small and local: every poll reads all of it, whatever the window.
        "fetch_orders": Stream(largest_page=2_000, overlap=timedelta(0), poll_every=timedelta(minutes=5)),
    },
    folder=_folder,
)
