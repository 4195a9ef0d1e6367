"""The probe process: imports each plugin in a child of its own, which may hang, swell or die without harm.

Run as ``python -m kopru.registry.nursery``. The request comes as JSON on standard input; a plugin's fate is
answered as one line of JSON. The contract's modules are imported once, and a child is forked off for each
plugin: that costs a tenth of a fresh interpreter. What a child prints is thrown away.

The limits protect against accidents. They are not a cage: who means harm can do it while being imported.
"""

import json
import math
import os
import resource
import select
import signal
import sys
import time
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import EntryPoint
from typing import Any, NoReturn

import kopru.sdk  # noqa: F401 - what every plugin imports is shared by all children
from kopru.model import Text
from kopru.registry.discovery import Loaded, Status, attempt, failure
from kopru.registry.fates import Limits, from_json, to_json
from kopru.registry.texts import TEXTS

LONGEST_REPORT = 1 << 20
"""Bytes."""

GRACE = 5
"""Seconds after which a child that nobody watches any more ends itself."""


def main() -> None:
    """Answer one request."""
    request = json.load(sys.stdin)
    sys.path[:] = request["path"]
    limits = Limits(request["seconds"], request["memory"])
    for name, value, group, distribution in request["points"]:
        fate = _try(EntryPoint(name, value, group), distribution, limits)
        os.write(sys.stdout.fileno(), json.dumps(fate).encode() + b"\n")


def _try(point: EntryPoint, distribution: str, limits: Limits) -> dict[str, Any]:
    """Import one plugin in a child and return its fate."""
    reader, writer = os.pipe()
    deadline = time.monotonic() + limits.seconds
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            _child(point, distribution, limits, writer)
        finally:
            os._exit(1)
    os.close(writer)
    told = _told(_read(reader, deadline))
    os.close(reader)
    code = _end(child, 0.0 if told else deadline)
    fate = told or Loaded(point.name, distribution, Status.FAILED, _no_report(code, limits))
    return to_json(replace(fate, name=point.name))


def _child(point: EntryPoint, distribution: str, limits: Limits, writer: int) -> NoReturn:
    os.setsid()
    signal.alarm(math.ceil(limits.seconds) + GRACE)
    null = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(null, standard)
    lowered, usual = _memory_limits(limits.memory)
    resource.setrlimit(resource.RLIMIT_DATA, lowered)
    try:
        found = attempt(point, distribution)
    except BaseException as error:  # noqa: BLE001 - SystemExit and KeyboardInterrupt are raised by plugins too
        # Telling needs memory as well.
        resource.setrlimit(resource.RLIMIT_DATA, usual)
        reason = _too_large(limits) if isinstance(error, MemoryError) else None
        found = failure(point.name, distribution, error, reason)
    _write(writer, json.dumps(to_json(found)).encode() + b"\n")
    os._exit(0)


def _memory_limits(memory: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the limits of a probe, and the usual ones.

    ``RLIMIT_DATA`` counts what a process may write to. ``RLIMIT_AS`` would also count address space that is
    only reserved, of which some honest libraries take many gigabytes.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    bounds = [limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY]
    return (min(memory, *bounds) if bounds else memory, hard), (soft, hard)


def _read(reader: int, deadline: float) -> bytes:
    """Return the child's report, a line; less of it when the child died or is late."""
    report = b""
    while not report.endswith(b"\n") and len(report) < LONGEST_REPORT:
        ready, _, _ = select.select([reader], [], [], max(0.0, deadline - time.monotonic()))
        chunk = os.read(reader, 1 << 16) if ready else b""
        if not chunk:
            break
        report += chunk
    return report


def _told(report: bytes) -> Loaded | None:
    with suppress(KeyError, TypeError, ValueError):
        return from_json(json.loads(report))
    return None


def _end(child: int, deadline: float) -> int | None:
    """Wait for a child's end and kill what it started; return its exit code, ``None`` if it was killed."""
    code = None
    while True:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            code = os.waitstatus_to_exitcode(status)
            break
        if time.monotonic() >= deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            break
        time.sleep(0.01)
    with suppress(OSError):
        os.killpg(child, signal.SIGKILL)
    return code


def _write(writer: int, data: bytes) -> None:
    while data:
        data = data[os.write(writer, data) :]


def _no_report(code: int | None, limits: Limits) -> Text:
    if code is None:
        return TEXTS.text("plugin.too_slow", seconds=limits.seconds)
    if code >= 0:
        return TEXTS.text("plugin.ended", code=code)
    named = {number.value: number.name for number in signal.Signals}
    return TEXTS.text("plugin.crashed", signal=named.get(-code, f"signal {-code}"))


def _too_large(limits: Limits) -> Text:
    return TEXTS.text("plugin.too_large", megabytes=limits.memory >> 20)


if __name__ == "__main__":
    main()
