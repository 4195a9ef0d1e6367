"""What each connector costs: lines, import, contract test, remote calls, and a call through the gates.

python benchmarks/connectors.py                 # some minutes; every connector that is installed
python benchmarks/connectors.py --only ikas     # one of them
python benchmarks/connectors.py --orders 1000   # fewer orders to import (default 10 000)
"""

import argparse
import ast
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from math import ceil
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from kopru.hooks import ports
from kopru.hooks.manifest import Manifest, Quota
from kopru.registry import Registry
from kopru.registry.discovery import examine
from kopru.sdk import PluginKind, Window, hookimpl
from kopru.testing.context import test_ctx
from kopru.testing.contract import run_contract
from kopru.testing.contract.report import Verdict
from kopru.testing.world import make_world

sys.path.insert(0, str(Path(__file__).parent))
from machine import describe, print_table
from startup import import_time

ROOT = Path(__file__).parents[1]
ORDERS = 10_000
CALLS = 100_000
ASIDE = ("simulator", "simulation", "texts")
"""Modules of a connector that are counted apart: the simulated remote, and what it says to people."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=ORDERS)
    parser.add_argument("--only", action="append", default=[], help="a connector; repeat it")
    arguments = parser.parse_args()
    points = sorted(entry_points(group="kopru.plugins"), key=lambda point: point.name)
    chosen = [point for point in points if not arguments.only or point.name in arguments.only]
    sections: tuple[tuple[str, Callable[[EntryPoint], str]], ...] = (
        ("lines of code (without blank lines, comments and docstrings)", lines),
        ("import on top of kopru.sdk", import_time),
        ("contract kit, faults on", kit),
        (
            f"remote calls while importing {arguments.orders} orders",
            lambda point: calls(point, arguments.orders),
        ),
    )
    for title, measure in sections:
        print(f"{title}:", flush=True)
        for point in chosen:
            print(f"  {point.name:<12} {measure(point)}", flush=True)
    print_table({"one hook call through the allow-list, besides the hook itself": f"{overhead():.1f} µs"})
    describe()


def lines(point: EntryPoint) -> str:
    """Return a connector's lines, those of its simulator and texts apart."""
    counted: Counter[str] = Counter()
    for path in _sources(point.module):
        parts = path.relative_to(_folder(point.module)).with_suffix("").parts
        counted[next((name for name in parts if name in ASIDE), "code")] += code_lines(path)
    simulator = counted["simulator"] + counted["simulation"]
    return f"{counted['code']:>5}   simulator {simulator:>5}   texts {counted['texts']:>4}"


def code_lines(path: Path) -> int:
    """Return how many lines of a module hold code."""
    text = path.read_text("utf-8")
    silent: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_text and isinstance(node.value.value, str):
            silent |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    numbered = enumerate(text.splitlines(), start=1)
    return sum(
        bool(line.strip()) and not line.strip().startswith("#") and number not in silent
        for number, line in numbered
    )


def kit(point: EntryPoint) -> str:
    """Run the contract kit once and return its time, with what it came to."""
    tests = next(iter(ROOT.glob(f"plugins/*/{point.name}/tests")), None)
    started = time.perf_counter()
    report = run_contract(point.name, tests=tests)
    seconds = time.perf_counter() - started
    verdicts = Counter(check.verdict for check in report.checks)
    told = ", ".join(f"{verdicts[each]} {each.value}" for each in Verdict if verdicts[each])
    return f"{seconds:>6.1f} s   {told}"


class Counting:
    """A limiter that lets every call go and counts it, by quota."""

    def __init__(self) -> None:
        """Start at zero."""
        self.counted: Counter[str] = Counter()

    def acquire(self, scope: str, quota: Quota) -> None:
        """Count one call."""
        self.counted[quota.name] += 1

    def penalize(self, scope: str, quota: Quota, retry_after: float | None) -> None:
        """Nobody is too fast here."""


def calls(point: EntryPoint, orders: int) -> str:
    """Import orders from a connector's simulator and compare its calls with the quotas it states."""
    simulator = next(iter(entry_points(group="kopru.simulators", name=point.name)), None)
    plugin = point.load()
    if simulator is None or not hasattr(plugin, "fetch_orders"):
        return "–" if not hasattr(plugin, "fetch_orders") else "no remote: it reads files"
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    world = make_world(orders, start=start, every=timedelta(seconds=80_000 / orders))
    with simulator.load()(quotas=()) as remote:
        remote.load(world)
        served = Tally()
        remote.watch = served
        limiter = Counting()
        began = time.perf_counter()
        read = sum(1 for _ in _orders(plugin, remote, limiter, start))
        seconds = time.perf_counter() - began
        quotas = _quotas(plugin, remote)
    used = [quota for quota in quotas if limiter.counted[quota.name]]
    shares = "; ".join(_share(quota, limiter.counted[quota.name]) for quota in used)
    return f"{read} orders, {served.calls} calls, {seconds:.0f} s without quotas; {shares or 'no quota'}"


class Tally:
    """Counts what a simulator answered."""

    def __init__(self) -> None:
        """Start at zero."""
        self.calls = 0

    def __call__(self, *_: Any) -> None:
        """Count one request."""
        self.calls += 1


def _orders(plugin: Any, remote: Any, limiter: Counting, start: datetime) -> Iterator[Any]:
    """Read every order, page by page, as the import does."""
    facts = plugin.manifest.streams["fetch_orders"]
    window = Window(start - timedelta(hours=1), datetime.now(UTC) + timedelta(minutes=5))
    credentials = None
    if hasattr(plugin, "refresh_credentials"):
        credentials = plugin.refresh_credentials(test_ctx(plugin, remote.config(), limiter=limiter))
    cursor: str | None = None
    while True:
        ctx = test_ctx(plugin, remote.config(), limiter=limiter, credentials=credentials)
        page = plugin.fetch_orders(ctx, cursor, window, facts.largest_page)
        yield from page.records
        cursor = page.next_cursor
        if cursor is None:
            return


def _quotas(plugin: Any, remote: Any) -> Iterable[Quota]:
    manifest: Manifest = plugin.manifest
    config = manifest.config.model_validate(remote.config())
    return manifest.quotas_for(config) if manifest.quotas_for else manifest.quotas


def _share(quota: Quota, used: int) -> str:
    """Return how much of a quota was used: how many of its periods the calls fill."""
    period = quota.period.total_seconds()
    fastest = (ceil(used / quota.calls) - 1) * period
    return (
        f"{quota.name} {used} of {quota.calls} per {period:g} s"
        f" ({used / quota.calls:.2g} periods, {fastest:.0f} s at the least)"
    )


def overhead() -> float:
    """Return the microseconds that one call costs beyond a direct call of the hook."""
    plugin = Nothing()
    registry = Registry([*Registry.installed().report, examine("nothing", "benchmark", plugin)])
    plugins = registry.for_tenant({*registry.manifests}, {*registry.manifests})

    def through() -> object:
        return plugins.use("nothing", ports.FetchesDefinitions).fetch_definitions(None)

    return max(_each(through) - _each(lambda: plugin.fetch_definitions(None)), 0.0)


class Nothing:
    """A plugin whose only hook does nothing."""

    manifest = Manifest(
        "nothing", PluginKind.SHOP, next(iter(Registry.installed().manifests.values())).title, "1", BaseModel
    )

    @hookimpl
    def fetch_definitions(self, ctx: Any) -> tuple[()]:
        """Return nothing."""
        return ()


def _each(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - started) / CALLS * 1e6


def _folder(module: str) -> Path:
    spec = find_spec(module.partition(".")[0])
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent


def _sources(module: str) -> Iterator[Path]:
    return _folder(module).rglob("*.py")


if __name__ == "__main__":
    main()
