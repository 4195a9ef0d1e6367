"""A tenant's settings and which of its connections play which part."""

from dataclasses import dataclass
from typing import Any

from kopru.documents import Capabilities, TenantSettings, load_tenant
from kopru.flows.connections import find_by_kind, tenant_plugins
from kopru.flows.env import Work
from kopru.flows.records import ConnectionRow, advance_job
from kopru.flows.texts import TEXTS
from kopru.hooks import ports
from kopru.hooks.errors import ConfigError
from kopru.hooks.manifest import PluginKind
from kopru.model import Finding, Invoice, Rendered


def settings_of(work: Work) -> TenantSettings:
    """Return the tenant's settings.

    Raises:
        ConfigError: none were loaded yet.
    """

    def read() -> TenantSettings:
        with work.read() as uow:
            version, text = uow.settings.text()
        if not version:
            raise ConfigError("tenant.no_settings", TEXTS["tenant.no_settings"])
        return load_tenant(text)

    found: TenantSettings = work.env.cache.get(("settings", work.tenant_id), read)
    return found


def apply_settings(work: Work, text: str) -> tuple[TenantSettings, int]:
    """Check and store a tenant file; return the settings and their version.

    Orders that are held or wait for someone are looked at again under the new settings.

    Raises:
        Rejected: the file is wrong; the findings name every field.
    """
    settings = load_tenant(text, capabilities_of(work))
    with work.write() as uow:
        version = uow.settings.store(text)
        uow.jobs.unpark()
        uow.jobs.add(*(advance_job(order_id) for order_id in uow.orders.undecided()))
        uow.events.add(work.actor, "tenant", work.tenant_id, "tenant.settings", version=version)
    work.env.cache.forget(("settings", work.tenant_id))
    return settings, version


def capabilities_of(work: Work) -> Capabilities:
    """Return what the tenant's enabled plugins can do together."""
    plugins = tenant_plugins(work)
    return Capabilities.of(plugins.registry.manifest(name) for name in sorted(plugins.names))


def ledger_of(work: Work) -> ConnectionRow | None:
    """Return the connection that books, if there is one."""
    return find_by_kind(work, PluginKind.ACCOUNTING)


def channel_of(work: Work) -> ConnectionRow | None:
    """Return the connection that issues e-documents, if there is one."""
    return find_by_kind(work, PluginKind.EINVOICE_CHANNEL)


@dataclass(frozen=True)
class Format:
    """The tenant's e-document format, ready to render."""

    work: Work
    plugin: str
    config: Any

    def render(self, invoice: Invoice) -> Rendered:
        """Render an invoice.

        Raises:
            Rejected: it cannot be expressed.
        """
        return (
            tenant_plugins(self.work)
            .use(self.plugin, ports.RendersInvoice)
            .render_invoice(self.config, invoice)
        )

    def validate(self, document: Rendered, today: Any) -> tuple[Finding, ...]:
        """Check a rendered document."""
        return (
            tenant_plugins(self.work)
            .use(self.plugin, ports.ValidatesInvoice)
            .validate_invoice(self.config, document, today)
        )


def format_of(work: Work) -> Format:
    """Return the tenant's only enabled format, with the settings of its connection if it has one.

    Raises:
        ConfigError: none is enabled, or several are and none is chosen by a connection.
    """
    plugins = tenant_plugins(work)
    names = [name for name in plugins.registry.of_kind(PluginKind.EINVOICE_FORMAT) if name in plugins.names]
    chosen = find_by_kind(work, PluginKind.EINVOICE_FORMAT)
    if chosen is not None:
        config = plugins.registry.manifest(chosen.plugin).config.model_validate(dict(chosen.config))
        return Format(work, chosen.plugin, config)
    if len(names) != 1:
        code = "connection.ambiguous" if names else "connection.none"
        kind = PluginKind.EINVOICE_FORMAT.value
        raise ConfigError(code, TEXTS.text(code, kind=kind, names=", ".join(names)))
    return Format(work, names[0], plugins.registry.manifest(names[0]).config())
