"""What became of plugins that were tried: how it is told between processes, and how it is remembered."""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kopru.model import Text
from kopru.registry.discovery import Loaded, Status

REFUSED_FOR = 600.0
"""Seconds a refusal is believed. A pass holds until something changes; a refusal may be a busy machine's."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one import may take: seconds on the clock, and bytes of memory that it can write to."""

    seconds: float
    memory: int


def to_json(fate: Loaded) -> dict[str, Any]:
    """Return a fate as JSON data; the plugin object stays where it is."""
    return {
        "name": fate.name,
        "distribution": fate.distribution,
        "status": fate.status.value,
        "tr": fate.reason.tr,
        "en": fate.reason.en,
        "seconds": fate.seconds,
        "trace": fate.trace,
    }


def from_json(data: Mapping[str, Any]) -> Loaded:
    """Return the fate that JSON data tells.

    Raises:
        KeyError, TypeError, ValueError: it tells none.
    """
    return Loaded(
        name=str(data["name"]),
        distribution=str(data["distribution"]),
        status=Status(data["status"]),
        reason=Text(tr=data["tr"], en=data["en"]),
        seconds=float(data["seconds"]),
        trace=str(data["trace"]),
    )


class Memory:
    """Fates on this machine: a folder with one small file a plugin, each valid under one key."""

    def __init__(self, folder: Path | None, now: Callable[[], float] = time.time) -> None:
        """Take the folder, made when needed (``None`` remembers nothing), and the clock in seconds."""
        self._folder = folder
        self._now = now

    def recall(self, name: str, key: str) -> Loaded | None:
        """Return what became of a plugin under this key, if that is known and still believed."""
        if self._folder is None:
            return None
        try:
            data = json.loads(_path(self._folder, name).read_text("utf-8"))
            fate, age = from_json(data), self._now() - float(data["at"])
            matches = data["key"] == key
        except (OSError, KeyError, TypeError, ValueError):
            return None
        fresh = fate.status is Status.LOADED or 0 <= age < REFUSED_FOR
        return fate if matches and fresh else None

    def keep(self, fate: Loaded, key: str) -> None:
        """Remember a fate; a folder that cannot be written only means that the plugin is tried again."""
        if self._folder is None:
            return
        path = _path(self._folder, fate.name)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        with suppress(OSError):
            draft.write_text(json.dumps({**to_json(fate), "key": key, "at": self._now()}), "utf-8")
            draft.replace(path)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let one process at a time try plugins, so that those that start together try them once."""
        with ExitStack() as held:
            if self._folder is not None:
                with suppress(OSError):
                    self._folder.mkdir(mode=0o700, exist_ok=True)
                    flock(held.enter_context((self._folder / ".lock").open("w")), LOCK_EX)
            yield


def _path(folder: Path, name: str) -> Path:
    return folder / f"{quote(name, safe='')}.json"
