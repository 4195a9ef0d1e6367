"""Finding plugins: each entry point on its own, so that one that fails is skipped and told, not fatal."""

import time
import traceback
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import EntryPoint, entry_points

from kopru.hooks.manifest import HOOK_API, Manifest
from kopru.hooks.markers import PROJECT
from kopru.hooks.ports import Plugin
from kopru.hooks.specs import KopruSpecs
from kopru.model import Text
from kopru.registry.texts import TEXTS

GROUP = "kopru.plugins"
SPEC_NAMES = frozenset(name for name in vars(KopruSpecs) if not name.startswith("_"))


class Status(StrEnum):
    """Whether a plugin can be used."""

    LOADED = "loaded"
    SWITCHED_OFF = "switched_off"
    FAILED = "failed"
    INCOMPATIBLE = "incompatible"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Loaded:
    """One entry point and what became of it; ``plugin`` is set when it can be used."""

    name: str
    distribution: str
    status: Status
    reason: Text
    plugin: Plugin | None = None
    hooks: frozenset[str] = frozenset()
    seconds: float = 0.0
    trace: str = ""


Probe = Callable[[Sequence[EntryPoint]], Mapping[str, Loaded]]
"""Tries plugins without importing them here, and returns those that must not be, by name."""


def discover(switched_off: Collection[str] = (), probe: Probe = lambda points: {}) -> Iterator[Loaded]:
    """Load every installed plugin by name order.

    Not imported are those named in ``switched_off``, those the ``probe`` refuses, and those that share a
    name: which of two packages gets a connector's passwords is not for the order of folders to say.
    """
    points = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    uses = Counter(point.name for point in points)
    refused = probe([each for each in points if each.name not in switched_off and uses[each.name] == 1])
    for point in points:
        if point.name in switched_off:
            yield Loaded(
                point.name, distribution_of(point), Status.SWITCHED_OFF, TEXTS["plugin.switched_off"]
            )
        elif uses[point.name] > 1:
            yield _doubled(point, points)
        else:
            yield refused.get(point.name) or load(point)


def load(point: EntryPoint) -> Loaded:
    """Load one entry point; whatever it raises becomes the reason why it is skipped."""
    distribution = distribution_of(point)
    try:
        return attempt(point, distribution)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever a stranger's package does on import
        return failure(point.name, distribution, error)


def attempt(point: EntryPoint, distribution: str) -> Loaded:
    """Import a plugin and check it against the contract; may raise anything."""
    started = time.perf_counter()
    plugin = point.load()
    return examine(point.name, distribution, plugin, time.perf_counter() - started)


def failure(name: str, distribution: str, error: BaseException, reason: Text | None = None) -> Loaded:
    """Return what an exception during the import means, told by another ``reason`` if there is one."""
    text = reason or TEXTS.text("plugin.failed", error=repr(error))
    trace = "".join(traceback.format_exception(error))
    return Loaded(name, distribution, Status.FAILED, text, trace=trace)


def distribution_of(point: EntryPoint) -> str:
    """Return the name of the package that brings an entry point."""
    return (point.dist.name or "") if point.dist else ""


def _doubled(point: EntryPoint, points: Sequence[EntryPoint]) -> Loaded:
    packages = sorted({distribution_of(each) for each in points if each.name == point.name})
    text = TEXTS.text("plugin.doubled", packages=", ".join(packages))
    return Loaded(point.name, distribution_of(point), Status.INVALID, text)


def examine(name: str, distribution: str, plugin: object, seconds: float = 0.0) -> Loaded:
    """Check a plugin object against the contract."""
    manifest = getattr(plugin, "manifest", None)
    if not isinstance(manifest, Manifest):
        return _invalid(name, distribution, "manifest eksik", "it has no manifest")
    if manifest.name != name:
        return _invalid(name, distribution, f"adı {manifest.name}", f"its manifest is named {manifest.name}")
    low, high = manifest.hook_api
    if not low <= HOOK_API <= high:
        text = TEXTS.text("plugin.incompatible", low=low, high=high, api=HOOK_API)
        return Loaded(name, distribution, Status.INCOMPATIBLE, text)
    marked = _marked(plugin)
    if unknown := sorted(marked - SPEC_NAMES):
        return _invalid(name, distribution, f"bilinmeyen kancalar: {unknown}", f"unknown hooks: {unknown}")
    if gaps := sorted(_gaps(manifest, marked)):
        return _invalid(name, distribution, f"manifestte eksik: {gaps}", f"its manifest lacks: {gaps}")
    text = TEXTS["plugin.loaded"]
    return Loaded(name, distribution, Status.LOADED, text, plugin, marked, seconds)  # type: ignore[arg-type]


def _marked(plugin: object) -> frozenset[str]:
    names = (name for name in dir(plugin) if not name.startswith("__"))
    mark = f"{PROJECT}_impl"
    return frozenset(name for name in names if getattr(getattr(plugin, name), mark, None) is not None)


_STREAMS = frozenset(
    {"fetch_orders", "fetch_returns", "fetch_products", "fetch_stock", "fetch_parties", "fetch_inbox"}
)
_WRITES = frozenset(
    {
        "push_stock",
        "push_prices",
        "update_order_status",
        "upsert_party",
        "upsert_product",
        "post_order",
        "post_invoice",
        "cancel_document",
        "submit_invoice",
    }
)


def _gaps(manifest: Manifest, hooks: frozenset[str]) -> Iterator[str]:
    for hook in hooks & _STREAMS - set(manifest.streams):
        yield f"streams[{hook}]"
    for hook in hooks & _WRITES - {operation.value for operation in manifest.writes}:
        yield f"writes[{hook}]"
    if "render_invoice" in hooks and not manifest.formats:
        yield "formats"
    if "submit_invoice" in hooks and not manifest.profiles:
        yield "profiles"
    if "post_invoice" in hooks and not manifest.documents:
        yield "documents"


def _invalid(name: str, distribution: str, tr: str, en: str) -> Loaded:
    return Loaded(name, distribution, Status.INVALID, TEXTS.text("plugin.invalid", tr=tr, en=en))
