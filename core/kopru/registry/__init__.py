"""Plugins: discovery, compatibility and per-tenant calls. The only module that touches pluggy."""

from kopru.registry.discovery import Loaded, Status
from kopru.registry.fates import Limits, Memory
from kopru.registry.plugins import Registry, TenantPlugins
from kopru.registry.probing import Prober

__all__ = ["Limits", "Loaded", "Memory", "Prober", "Registry", "Status", "TenantPlugins"]
