"""What is known about a plugin without calling it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kopru.hooks.manifest import Manifest, Write
from kopru.hooks.markers import PROJECT
from kopru.hooks.ports import Plugin
from kopru.hooks.specs import KopruSpecs
from kopru.hooks.types import Operation
from kopru.testing.simulator import Simulator

SPEC_NAMES = frozenset(name for name in vars(KopruSpecs) if not name.startswith("_"))
STREAMS = (
    "fetch_orders",
    "fetch_returns",
    "fetch_products",
    "fetch_stock",
    "fetch_parties",
    "fetch_inbox",
)
"""Hooks whose facts stand in ``Manifest.streams``; ``fetch_refs`` may stand there as well."""
PURE = frozenset({"parse_orders", "render_invoice", "validate_invoice"})
"""Hooks that take the settings instead of a context."""


@dataclass(frozen=True)
class Subject:
    """A plugin and what it can be connected to: a simulator, a folder, or nothing."""

    plugin: Plugin
    simulator: type[Simulator] | None = None
    in_folder: bool = False

    @property
    def manifest(self) -> Manifest:
        """Return the plugin's statement about itself."""
        return self.plugin.manifest

    @cached_property
    def marked(self) -> frozenset[str]:
        """Return the names of all methods marked as hooks, known or not."""
        return frozenset(marked_names(self.plugin))

    @property
    def hooks(self) -> frozenset[str]:
        """Return the hooks it implements."""
        return self.marked & SPEC_NAMES

    @property
    def connects(self) -> bool:
        """Whether it can be called with a context in this test run."""
        return self.simulator is not None or self.in_folder

    def has(self, *hooks: str) -> bool:
        """Whether it implements all these hooks."""
        return self.hooks.issuperset(hooks)

    @property
    def operations(self) -> dict[Operation, Write]:
        """Return the writes it states and implements."""
        return {
            operation: facts
            for operation, facts in self.manifest.writes.items()
            if operation.value in self.hooks
        }


def marked_names(plugin: Any) -> Iterator[str]:
    """Yield the names of the methods marked with ``@hookimpl``."""
    mark = f"{PROJECT}_impl"
    for name in dir(plugin):
        if not name.startswith("__") and getattr(getattr(plugin, name, None), mark, None) is not None:
            yield name
