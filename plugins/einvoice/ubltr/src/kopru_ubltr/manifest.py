"""What the UBL-TR format states about itself."""

from kopru.sdk import Manifest, PluginKind
from kopru_ubltr.config import UblTrConfig
from kopru_ubltr.kinds import FORMATS
from kopru_ubltr.texts import TEXTS

MANIFEST = Manifest(
    name="ubltr",
    kind=PluginKind.EINVOICE_FORMAT,
    title=TEXTS["ubltr.title"],
    version="0.1.0",
    config=UblTrConfig,
    formats=FORMATS,
)
