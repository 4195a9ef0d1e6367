"""Köprü plugin: what earlier lines of a partner say about a new one."""

from kopru.sdk import ports
from kopru_history.hooks import History

plugin = History()

_plugin: ports.Plugin = plugin
_advises: ports.MapsLines = plugin

__all__ = ["plugin"]
