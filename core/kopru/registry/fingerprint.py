"""What a plugin's import depends on, as one short text that changes when any of it does.

Nothing is imported and no file of the plugin is opened. A wheel's RECORD, which the installer writes, holds
the hash of every file; what is edited after that, or installed editable and never listed, shows in names,
sizes and times of change. Both together cost one small read and one ``stat`` a file.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path

from kopru.hooks.manifest import HOOK_API


def surroundings() -> str:
    """Return a digest of what all plugins are imported into: Python, the contract, and who else is installed.

    A library that is added or upgraded may mend a plugin or break it, without a change to the plugin's files.
    """
    installed = sorted(
        path.name
        for folder in sys.path
        for path in _inside(Path(folder))
        if path.suffix in (".dist-info", ".egg-info")
    )
    return _digest([sys.version, str(HOOK_API), *installed])


def fingerprint(point: EntryPoint) -> str:
    """Return a digest of a plugin: name, distribution, version, and its files."""
    dist = point.dist
    record = dist.read_text("RECORD") if dist else None
    about = [dist.name, dist.version] if dist else []
    return _digest([point.name, point.value, *about, record or "", *_files(point)])


def _files(point: EntryPoint) -> Iterator[str]:
    for place in _places(point):
        for path in sorted(_below(Path(place))):
            try:
                found = path.stat()
            except OSError:
                continue
            yield f"{path} {found.st_size} {found.st_mtime_ns}"


def _places(point: EntryPoint) -> Iterable[str]:
    """Return where the top package of a plugin lies; looking for a top package imports nothing."""
    try:
        spec = find_spec(point.module.partition(".")[0])
    except Exception:  # noqa: BLE001 - a broken name or finder; trying the plugin will tell of it
        return ()
    if spec is None:
        return ()
    return spec.submodule_search_locations or [spec.origin or ""]


def _below(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
    for folder, folders, names in os.walk(place):
        folders[:] = [name for name in folders if name != "__pycache__"]
        yield from (Path(folder, name) for name in names)


def _inside(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _digest(parts: list[str]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
