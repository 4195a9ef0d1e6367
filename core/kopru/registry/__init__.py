"""Plugins: discovery, compatibility and per-tenant calls. The only module that touches pluggy."""

from kopru.registry.discovery import Loaded, Status
from kopru.registry.plugins import Registry, TenantPlugins

__all__ = ["Loaded", "Registry", "Status", "TenantPlugins"]
