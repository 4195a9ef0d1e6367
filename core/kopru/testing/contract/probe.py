"""Looks at a plugin in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from kopru.testing.contract.failure import Failure

_TRIES = 4
_TIMEOUT = 60

_IMPORT = """
import importlib, json, sys, threading, time
import kopru.sdk
found = []
watched = {"socket.__new__": "socket", "socket.connect": "connection", "subprocess.Popen": "process",
           "os.fork": "process", "os.posix_spawn": "process"}
sys.addaudithook(lambda event, args: found.append(watched[event]) if event in watched else None)
started = time.perf_counter()
importlib.import_module(sys.argv[1])
seconds = time.perf_counter() - started
print(json.dumps({"seconds": seconds, "opened": sorted(set(found)), "threads": threading.active_count() - 1}))
"""

_RENDER = """
import hashlib, importlib, json, sys
from kopru.model import Invoice
order = json.load(sys.stdin)
plugin = getattr(importlib.import_module(order["module"]), order["name"])
config = plugin.manifest.config.model_validate(order["config"])
digests = [
    hashlib.sha256(plugin.render_invoice(config, Invoice.model_validate(invoice)).content).hexdigest()
    for invoice in order["invoices"]
]
print(json.dumps(digests))
"""


@dataclass(frozen=True, slots=True)
class Imported:
    """What importing a module came to: seconds on top of ``kopru.sdk``, and what it opened or started."""

    seconds: float
    opened: tuple[str, ...]
    threads: int


@cache
def probe_import(module: str, enough: float) -> Imported:
    """Import a module in new processes and return the fastest try; stops at the first below ``enough``.

    A busy machine makes imports slow now and then, a slow import is slow every time.
    """
    best = _imported(module)
    for _ in range(_TRIES - 1):
        if best.seconds < enough:
            break
        best = min(best, _imported(module), key=lambda each: each.seconds)
    return best


def probe_render(module: str, name: str, config: Mapping[str, object], invoices: list[object]) -> list[str]:
    """Render invoices (as JSON data) in another process with other hash seeds; return their SHA-256."""
    order = {"module": module, "name": name, "config": dict(config), "invoices": invoices}
    found: list[str] = json.loads(_run(_RENDER, (), json.dumps(order)))
    return found


def _imported(module: str) -> Imported:
    data = json.loads(_run(_IMPORT, (module,)))
    return Imported(data["seconds"], tuple(data["opened"]), data["threads"])


def _run(program: str, arguments: tuple[str, ...], stdin: str = "") -> str:
    command = [sys.executable, "-c", program, *arguments]
    try:
        done = subprocess.run(
            command, input=stdin, capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Failure(f"A new process did not finish within {_TIMEOUT} seconds.") from error
    if done.returncode:
        raise Failure(f"A new process failed:\n{done.stderr[-2000:]}")
    return done.stdout.strip().splitlines()[-1]
