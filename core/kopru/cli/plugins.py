"""``kopru plugin``: what is installed, what was skipped and why, who may use it."""

from typing import Annotated

import typer

from kopru.cli.common import DryRun, Json, Tenant, desk, session
from kopru.cli.host import host
from kopru.cli.output import Exit, say, show, show_one
from kopru.hooks.errors import ConfigError
from kopru.model import Text
from kopru.registry import Loaded, Registry, Status

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
    registry: Registry = host(context).installed()
    found = next((entry for entry in registry.report if entry.name == name), None)
    if found is None or found.plugin is None:
        _unknown(context, name, found)
        raise typer.Exit(Exit.FAILED)
    manifest = found.plugin.manifest
    schema = manifest.config.model_json_schema()
    required = set(schema.get("required", ()))
    show_one(
        {
            **_row(found, host(context).language),
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
def check(context: typer.Context, name: Name, json: Json = False) -> None:
    """Run the contract kit over a plugin, against its own simulator."""
    registry: Registry = host(context).installed()
    found = next((entry for entry in registry.report if entry.name == name), None)
    if found is None or found.plugin is None:
        _unknown(context, name, found)
        raise typer.Exit(Exit.FAILED)
    from kopru.testing.contract import run_contract  # noqa: PLC0415 - the kit is an extra

    report = run_contract(name)
    rows = [
        {"check": each.name, "verdict": each.verdict.value, "note": each.note or each.help}
        for each in report.checks
        if json or each.verdict.value != "passed"
    ]
    show(rows, as_json=json)
    counts = report.to_json()["counts"]
    say(
        Text(
            tr=f"{name}: {counts['passed']} geçti, {counts['failed']} kaldı, {counts['left_out']} atlandı.",
            en=f"{name}: {counts['passed']} passed, {counts['failed']} failed, {counts['left_out']} not run.",
        ),
        host(context).language,
    )
    raise typer.Exit(Exit.DONE if report.ok else Exit.FAILED)


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
        at.desk.env.registry.manifest(name)
        if name not in at.desk.store.allowed():
            raise ConfigError(
                "plugin.not_allowed",
                Text(
                    tr=f"“{name}” bu kurulumda izinli değil. Önce: kopru plugin allow {name}",
                    en=f"“{name}” is not allowed on this installation. First: kopru plugin allow {name}",
                ),
            )
        if not dry_run:
            with at.work.write() as uow:
                uow.settings.enable(name)
                uow.jobs.unpark()
                uow.events.add(at.work.actor, "plugin", name, "plugin.enabled")
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
        with at.work.read() as uow:
            enabled = uow.settings.enabled()
        if name not in enabled:
            listed = ", ".join(sorted(enabled)) or "—"
            raise ConfigError(
                "plugin.not_enabled",
                Text(
                    tr=f"“{name}” bu firma için zaten açık değil. Açık olanlar: {listed}.",
                    en=f"“{name}” is not enabled for this company. Enabled are: {listed}.",
                ),
            )
        if not dry_run:
            with at.work.write() as uow:
                uow.settings.disable(name)
                uow.events.add(at.work.actor, "plugin", name, "plugin.disabled")
        say(Text(tr=f"“{name}” kapatıldı.", en=f"“{name}” is disabled."), at.language)


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


def _unknown(context: typer.Context, name: str, found: Loaded | None) -> None:
    language = host(context).language
    if found is None:
        say(
            Text(
                tr=f"“{name}” kurulu değil. Kurun: pip install kopru-{name}",
                en=f"“{name}” is not installed. Install it: pip install kopru-{name}",
            ),
            language,
            style="red",
        )
    elif found.status is not Status.LOADED:
        say(found.reason, language, style="red")
