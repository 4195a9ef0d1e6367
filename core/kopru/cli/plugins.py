"""``kopru plugin``: what is installed, what was skipped and why, who may use it."""

from typing import Annotated

import typer

from kopru.cli.common import DryRun, Json, Tenant, desk, session
from kopru.cli.host import host
from kopru.cli.output import say, show, show_one, telling
from kopru.flows import enabling
from kopru.hooks.errors import ConfigError
from kopru.model import Text
from kopru.registry import Loaded, Registry

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The plugin's name, as `plugin list` shows it.")]


@app.command("list")
def list_(
    context: typer.Context,
    tenant: Annotated[
        str | None,
        typer.Option("--tenant", "-t", help="Also say what is allowed here and enabled for this company."),
    ] = None,
    json: Json = False,
) -> None:
    """List installed plugins, also those that were skipped, with the reason."""
    owner = host(context)
    columns = ("name", "kind", "version", "status", "reason")
    if tenant is None:
        rows = [_row(entry, owner.language) for entry in owner.installed().report]
        show(rows, as_json=json, columns=columns)
        return
    with session(context, tenant) as at:
        with at.work.read() as uow:
            enabled = uow.settings.enabled()
        allowed = at.desk.store.allowed()
        rows = [
            {**_row(entry, at.language), "allowed": entry.name in allowed, "enabled": entry.name in enabled}
            for entry in at.desk.env.registry.report
        ]
        show(rows, as_json=json, columns=(*columns[:4], "allowed", "enabled", "reason"))


@app.command("show")
def show_(context: typer.Context, name: Name, json: Json = False) -> None:
    """Show what a plugin can do: hooks, how its writes repeat, quotas, settings."""
    owner = host(context)
    with telling(owner.language):
        found = require_loaded(owner.installed(), name)
    assert found.plugin is not None
    manifest = found.plugin.manifest
    schema = manifest.config.model_json_schema()
    required = set(schema.get("required", ()))
    show_one(
        {
            **_row(found, owner.language),
            "hooks": sorted(found.hooks),
            "writes": {operation.value: write.repeat.value for operation, write in manifest.writes.items()},
            "quotas": [f"{quota.name}: {quota.calls} / {quota.period}" for quota in manifest.quotas],
            "settings": {
                field: f"{'* ' if field in required else ''}{data.get('title', '')}"
                for field, data in schema.get("properties", {}).items()
            },
        },
        as_json=json,
    )


@app.command()
def allow(context: typer.Context, name: Name, dry_run: DryRun = False) -> None:
    """Allow a plugin on this installation; tenants may then enable it."""
    with desk(context) as (owner, opened):
        opened.env.registry.manifest(name)
        if not dry_run:
            opened.store.allow(name)
        say(
            Text(
                tr=f"“{name}” izinli. Sıradaki: kopru plugin enable {name} --tenant FIRMA",
                en=f"“{name}” is allowed. Next: kopru plugin enable {name} --tenant TENANT",
            ),
            owner.language,
        )


@app.command()
def enable(context: typer.Context, name: Name, tenant: Tenant, dry_run: DryRun = False) -> None:
    """Let a tenant use a plugin; its parked jobs go on."""
    with session(context, tenant, dry_run=dry_run) as at:
        enabling.check_enable(at.work, name)
        if not dry_run:
            enabling.enable(at.work, name)
        say(
            Text(
                tr=f"“{name}” açıldı. Sıradaki: kopru connection add {name} --tenant {tenant}",
                en=f"“{name}” is enabled. Next: kopru connection add {name} --tenant {tenant}",
            ),
            at.language,
        )


@app.command()
def disable(context: typer.Context, name: Name, tenant: Tenant, dry_run: DryRun = False) -> None:
    """Stop a tenant from using a plugin; its open jobs wait and are never deleted."""
    with session(context, tenant, dry_run=dry_run) as at:
        enabling.check_disable(at.work, name)
        waiting = 0 if dry_run else enabling.disable(at.work, name)
        say(
            Text(
                tr=f"“{name}” kapatıldı; {waiting} işi bekleyecek.",
                en=f"“{name}” is disabled; {waiting} of its jobs will wait.",
            ),
            at.language,
        )


def _row(entry: Loaded, language: str) -> dict[str, object]:
    manifest = entry.plugin.manifest if entry.plugin else None
    return {
        "name": entry.name,
        "kind": manifest.kind.value if manifest else "",
        "title": manifest.title.of("tr" if language == "tr" else "en") if manifest else "",
        "version": manifest.version if manifest else "",
        "distribution": entry.distribution,
        "status": entry.status.value,
        "reason": entry.reason.of("tr" if language == "tr" else "en"),
    }


def require_loaded(registry: Registry, name: str) -> Loaded:
    """Return a plugin that can be used.

    Raises:
        ConfigError: it is not installed, or was skipped; the message says why.
    """
    found = next((entry for entry in registry.report if entry.name == name), None)
    if found is None:
        text = Text(
            tr=f"“{name}” kurulu değil. Bakın: kopru plugin why {name}",
            en=f"“{name}” is not installed. See: kopru plugin why {name}",
        )
        raise ConfigError("plugin.not_installed", text)
    if found.plugin is None:
        raise ConfigError("plugin.skipped", found.reason)
    return found
