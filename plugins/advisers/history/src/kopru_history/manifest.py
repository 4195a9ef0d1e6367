"""What the adviser states about itself."""

from kopru.sdk import Manifest, PluginKind
from kopru_history.config import HistoryConfig
from kopru_history.texts import TEXTS

MANIFEST = Manifest(
    name="history",
    kind=PluginKind.ADVISER,
    title=TEXTS["history.title"],
    version="0.1.0",
    config=HistoryConfig,
)
