"""The plugins of a process, and the allow-list through which one job may call them.

This is the only place that calls through pluggy. A plain ``pm.hook.x()`` would reach every tenant's plugins.
"""

from collections.abc import Collection, Iterable
from types import MappingProxyType
from typing import Any, TypeVar, cast

import pluggy

from kopru.hooks.dry_run import PlannedRequest
from kopru.hooks.errors import ConnectorError, PluginBug, Unsupported
from kopru.hooks.manifest import Manifest, PluginKind
from kopru.hooks.markers import PROJECT
from kopru.hooks.specs import KopruSpecs
from kopru.model import Text
from kopru.registry.discovery import Loaded, Probe, Status, discover

P = TypeVar("P")


class Registry:
    """Every plugin that could be loaded, frozen after start."""

    def __init__(self, found: Iterable[Loaded]) -> None:
        """Register the usable ones of what was found."""
        self.report = tuple(found)
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(KopruSpecs)
        self._loaded: dict[str, Loaded] = {}
        for entry in self.report:
            if entry.status is Status.LOADED and entry.plugin is not None:
                self._manager.register(entry.plugin, entry.name)
                self._loaded[entry.name] = entry

    @classmethod
    def installed(cls, switched_off: Collection[str] = (), probe: Probe = lambda points: {}) -> "Registry":
        """Return the registry of everything that is installed, except for what a ``probe`` refuses."""
        return cls(discover(switched_off, probe))

    @property
    def manifests(self) -> MappingProxyType[str, Manifest]:
        """Return the manifests of the usable plugins by name."""
        found = ((name, entry.plugin) for name, entry in self._loaded.items())
        return MappingProxyType({name: plugin.manifest for name, plugin in found if plugin is not None})

    def manifest(self, name: str) -> Manifest:
        """Return a plugin's manifest.

        Raises:
            Unsupported: it is not installed or was skipped.
        """
        entry = self._loaded.get(name)
        if entry is None or entry.plugin is None:
            raise Unsupported(
                "plugin.missing",
                Text(
                    tr="“{name}” eklentisi kurulu değil ya da yüklenemedi. Bakın: kopru plugin list",
                    en="The plugin “{name}” is not installed or was skipped. See: kopru plugin list",
                ).fill(name=name),
            )
        return entry.plugin.manifest

    def implements(self, name: str, hook: str) -> bool:
        """Whether a usable plugin implements a hook."""
        entry = self._loaded.get(name)
        return entry is not None and hook in entry.hooks

    def hooks(self, name: str) -> frozenset[str]:
        """Return the hooks a plugin implements."""
        entry = self._loaded.get(name)
        return entry.hooks if entry else frozenset()

    def of_kind(self, *kinds: PluginKind) -> list[str]:
        """Return the names of usable plugins of some kinds."""
        return [name for name, manifest in self.manifests.items() if manifest.kind in kinds]

    def for_tenant(self, allowed: Collection[str], enabled: Collection[str]) -> "TenantPlugins":
        """Return what one tenant may call: installed, allowed by the operator and enabled by the tenant."""
        return TenantPlugins(self, frozenset(self._loaded) & frozenset(allowed) & frozenset(enabled))

    def call(self, name: str, hook: str, arguments: dict[str, Any]) -> Any:
        """Call one hook of one plugin; anything but the contract's errors becomes ``PluginBug``."""
        others = [entry.plugin for other, entry in self._loaded.items() if other != name]
        caller = self._manager.subset_hook_caller(hook, others)
        try:
            answer = caller(**arguments)
        except (ConnectorError, PlannedRequest):
            raise
        except Exception as error:
            raise PluginBug(f"{name}.bug", detail=f"{hook}: {error!r}") from error
        if answer is None:
            raise PluginBug(f"{name}.none", detail=f"{hook} returned None")
        return answer


class TenantPlugins:
    """What one job or one request may call; fails closed."""

    def __init__(self, registry: Registry, names: frozenset[str]) -> None:
        """Take the names that passed every gate."""
        self.registry = registry
        self.names = names

    def use(self, name: str, port: type[P]) -> P:
        """Return one plugin seen through one port; its hooks are called through pluggy.

        Raises:
            Unsupported: the tenant may not call it, or it does not implement the port.
        """
        hook = _hook_of(port)
        self.require(name)
        if not self.registry.implements(name, hook):
            raise Unsupported(
                "plugin.unsupported",
                Text(
                    tr="“{name}” eklentisi bu işlemi yapamıyor ({hook}).",
                    en="The plugin “{name}” cannot do this ({hook}).",
                ).fill(name=name, hook=hook),
            )
        return cast("P", _Addressed(self.registry, name, hook))

    def require(self, name: str) -> None:
        """Check that the tenant may use a plugin.

        Raises:
            Unsupported: it may not.
        """
        if name in self.names:
            return
        self.registry.manifest(name)
        raise Unsupported(
            "plugin.not_enabled",
            Text(
                tr="“{name}” bu firma için açık değil. Önce: kopru plugin allow {name}; "
                "sonra: kopru plugin enable {name} --tenant FIRMA",
                en="“{name}” is not enabled for this tenant. First: kopru plugin allow {name}; "
                "then: kopru plugin enable {name} --tenant TENANT",
            ).fill(name=name),
        )

    def can(self, name: str, hook: str) -> bool:
        """Whether the tenant may call a hook of a plugin."""
        return name in self.names and self.registry.implements(name, hook)


class _Addressed:
    """One hook of one plugin, callable under the hook's name."""

    def __init__(self, registry: Registry, name: str, hook: str) -> None:
        self._registry = registry
        self._name = name
        self._hook = hook

    def __getattr__(self, hook: str) -> Any:
        if hook != self._hook:
            raise AttributeError(hook)
        parameters = _parameters(hook)

        def call(*positional: Any, **named: Any) -> Any:
            arguments = dict(zip(parameters, positional, strict=False)) | named
            return self._registry.call(self._name, hook, arguments)

        return call


def _hook_of(port: type[Any]) -> str:
    names = [name for name in vars(port) if not name.startswith("_")]
    if len(names) != 1:
        raise TypeError(f"{port.__name__} is not the port of one hook")
    return str(names[0])


def _parameters(hook: str) -> tuple[str, ...]:
    function = getattr(KopruSpecs, hook)
    code = function.__code__
    return tuple(code.co_varnames[1 : code.co_argcount])
