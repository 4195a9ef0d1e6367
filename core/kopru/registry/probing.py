"""Trying plugins before they are imported: what has not passed in a process of its own stays outside."""

import json
import os
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from importlib.metadata import EntryPoint

from kopru.registry.discovery import Loaded, Status, distribution_of
from kopru.registry.fates import Limits, Memory, from_json
from kopru.registry.fingerprint import fingerprint, surroundings
from kopru.registry.texts import TEXTS

GRACE = 30.0
"""Seconds that the probe process may take beyond its children's limits."""

_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""Number libraries set memory aside for each processor of the machine; that says nothing about a plugin."""


class Prober:
    """Tells which plugins must not be imported. One that did not change since it passed costs a few stats."""

    def __init__(self, memory: Memory, limits: Limits, *, afresh: Collection[str] = ()) -> None:
        """Take what is remembered and the limits; what is remembered of ``afresh`` is not believed."""
        self._memory = memory
        self._limits = limits
        self._afresh = frozenset(afresh)

    def __call__(self, points: Sequence[EntryPoint]) -> Mapping[str, Loaded]:
        """Return the refused ones among plugins of different names, with the reason."""
        around = f"{surroundings()} {self._limits}"
        keys = {point.name: f"{fingerprint(point)} {around}" for point in points}
        fates = self._recalled({name: key for name, key in keys.items() if name not in self._afresh})
        if len(fates) < len(keys):
            with self._memory.alone():
                open_ = [point for point in points if point.name not in fates]
                # Another process may have tried them while this one waited.
                fates |= self._recalled(
                    {point.name: keys[point.name] for point in open_ if point.name not in self._afresh}
                )
                fates |= self._tried([point for point in open_ if point.name not in fates], keys)
        return {name: fate for name, fate in fates.items() if fate.status is not Status.LOADED}

    def _recalled(self, keys: Mapping[str, str]) -> dict[str, Loaded]:
        found = {name: self._memory.recall(name, key) for name, key in keys.items()}
        return {name: fate for name, fate in found.items() if fate is not None}

    def _tried(self, points: Sequence[EntryPoint], keys: Mapping[str, str]) -> dict[str, Loaded]:
        if not points:
            return {}
        answered, trouble = _ask(points, self._limits)
        for name, fate in answered.items():
            self._memory.keep(fate, keys[name])
        return {point.name: answered.get(point.name) or _untried(point, trouble) for point in points}


def _ask(points: Sequence[EntryPoint], limits: Limits) -> tuple[dict[str, Loaded], str]:
    """Let the probe process try some plugins; return its answers, and what went wrong with itself."""
    request = {
        "path": sys.path,
        "seconds": limits.seconds,
        "memory": limits.memory,
        "points": [(each.name, each.value, each.group, distribution_of(each)) for each in points],
    }
    # Keys and passwords of the installation are none of a stranger's business.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KOPRU_")}
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "kopru.registry.nursery"],
            input=json.dumps(request).encode(),
            capture_output=True,
            timeout=len(points) * limits.seconds + GRACE,
            env=environment | _ONE_THREAD,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        return _answers(late.stdout or b""), str(late)
    except OSError as error:
        return {}, str(error)
    return _answers(done.stdout), done.stderr.decode("utf-8", "replace")


def _answers(lines: bytes) -> dict[str, Loaded]:
    fates = (from_json(json.loads(line)) for line in lines.splitlines(keepends=True) if line.endswith(b"\n"))
    return {fate.name: fate for fate in fates}


def _untried(point: EntryPoint, trouble: str) -> Loaded:
    text = TEXTS.text("plugin.not_tried", name=point.name)
    return Loaded(point.name, distribution_of(point), Status.FAILED, text, trace=trouble)
