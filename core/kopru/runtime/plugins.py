"""The plugins of a process: those that passed the probe on this machine."""

import os
from pathlib import Path

import structlog

from kopru.registry import Limits, Memory, Prober, Registry, Status
from kopru.settings import Settings

FOLDER = "plugins"
"""Where in the data directory it is remembered which plugins passed; it may be deleted at any time."""


def find_plugins(settings: Settings, *, afresh: str = "") -> Registry:
    """Return the registry of what is installed; ``afresh`` names a plugin to try whatever is remembered."""
    limits = Limits(settings.plugin_seconds, settings.plugin_memory << 20)
    prober = Prober(Memory(_folder(settings)), limits, afresh=[afresh])
    return Registry.installed(settings.plugins_disabled, prober)


def _folder(settings: Settings) -> Path | None:
    """Return where to remember: in a data directory that exists and is this user's; a look makes none."""
    try:
        ours = settings.home.stat().st_uid == os.geteuid()
    except OSError:
        return None
    return settings.home / FOLDER if ours else None


def tell_skipped(registry: Registry) -> None:
    """Log which plugins this process does without, and why."""
    for entry in registry.report:
        if entry.status not in (Status.LOADED, Status.SWITCHED_OFF):
            structlog.get_logger().warning(
                "plugin.skipped", plugin=entry.name, status=entry.status.value, reason=entry.reason.en
            )
