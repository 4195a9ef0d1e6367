"""UBL-TR, the e-invoice format of the Turkish Revenue Administration (GİB), for Köprü."""

from kopru.sdk import ports
from kopru_ubltr.hooks import UblTr

plugin = UblTr()

_plugin: ports.Plugin = plugin
_renders: ports.RendersInvoice = plugin
_validates: ports.ValidatesInvoice = plugin

__all__ = ["plugin"]
