"""Finding plugins: each entry point on its own, so that one that fails is skipped and told, not fatal."""

import time
import traceback
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import EntryPoint, entry_points

from kopru.hooks.manifest import HOOK_API, Manifest
from kopru.hooks.markers import PROJECT
from kopru.hooks.ports import Plugin
from kopru.hooks.specs import KopruSpecs
from kopru.model import Text

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


def discover(switched_off: Collection[str] = ()) -> Iterator[Loaded]:
    """Load every installed plugin by name order; plugins named in ``switched_off`` are not imported."""
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        yield load(point, switched_off)


def load(point: EntryPoint, switched_off: Collection[str] = ()) -> Loaded:
    """Load one entry point."""
    distribution = point.dist.name if point.dist else ""
    if point.name in switched_off:
        text = Text(tr="Ayarla kapatılmış.", en="Switched off by setting.")
        return Loaded(point.name, distribution, Status.SWITCHED_OFF, text)
    started = time.perf_counter()
    try:
        plugin = point.load()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a stranger's package does on import
        text = Text(
            tr="İçe aktarılamadı: {error}. Paketi güncelleyin ya da kaldırın.",
            en="Could not be imported: {error}. Update or remove the package.",
        ).fill(error=repr(error))
        return Loaded(point.name, distribution, Status.FAILED, text, trace=traceback.format_exc())
    seconds = time.perf_counter() - started
    return examine(point.name, distribution, plugin, seconds)


def examine(name: str, distribution: str, plugin: object, seconds: float = 0.0) -> Loaded:
    """Check a plugin object against the contract."""
    manifest = getattr(plugin, "manifest", None)
    if not isinstance(manifest, Manifest):
        return _invalid(name, distribution, "manifest eksik", "it has no manifest")
    if manifest.name != name:
        return _invalid(name, distribution, f"adı {manifest.name}", f"its manifest is named {manifest.name}")
    low, high = manifest.hook_api
    if not low <= HOOK_API <= high:
        text = Text(
            tr="Sözleşme sürümü {low}–{high} ister, buradaki {api}. Uyan bir sürüm kurun.",
            en="It asks for hook API {low} to {high}, this is {api}. Install a version that fits.",
        ).fill(low=low, high=high, api=HOOK_API)
        return Loaded(name, distribution, Status.INCOMPATIBLE, text)
    marked = _marked(plugin)
    if unknown := sorted(marked - SPEC_NAMES):
        return _invalid(name, distribution, f"bilinmeyen kancalar: {unknown}", f"unknown hooks: {unknown}")
    if gaps := sorted(_gaps(manifest, marked)):
        return _invalid(name, distribution, f"manifestte eksik: {gaps}", f"its manifest lacks: {gaps}")
    text = Text(tr="Yüklü.", en="Loaded.")
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
    text = Text(tr=f"Sözleşmeye uymuyor ({tr}).", en=f"It breaks the contract ({en}).")
    return Loaded(name, distribution, Status.INVALID, text)
