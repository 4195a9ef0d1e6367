"""``kopru connection``: accounts at shops, marketplaces, ledgers and integrators."""

import json as jsonlib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from kopru.cli.common import DryRun, Json, Limit, Session, Tenant, session
from kopru.cli.days import moment
from kopru.cli.host import host
from kopru.cli.output import Exit, err, out, say, show, show_one, telling
from kopru.cli.privacy import covered
from kopru.flows import connections as flow
from kopru.flows import forms, lookups, writetest
from kopru.flows.gates import GateRow
from kopru.flows.proofs import OrderCheck
from kopru.flows.records import ConnectionRow
from kopru.hooks.errors import ConfigError
from kopru.hooks.types import CheckResult
from kopru.model import Language, Text

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The connection's name.")]
Sets = Annotated[
    list[str] | None,
    typer.Option(
        "--set", "-s", help="A setting as name=value; repeat it. @file reads the value from a file."
    ),
]


@app.command()
def add(
    context: typer.Context,
    plugin: Annotated[str, typer.Argument(help="Which connector; see `plugin list`.")],
    tenant: Tenant,
    name: Annotated[
        str | None, typer.Option("--name", help="A name of your own; the plugin's by default.")
    ] = None,
    sets: Sets = None,
    since: Annotated[
        str | None,
        typer.Option("--since", help="First day to read orders from (2026-11-01); default: 7 days back."),
    ] = None,
    ask: Annotated[bool, typer.Option("--ask/--no-ask", help="Ask for missing settings.")] = True,
    dry_run: DryRun = False,
) -> None:
    """Add a connection, or change settings of one: what is not given stays, `--set name=` takes it back.

    It is used only after `connection check`.
    """
    with session(context, tenant, dry_run=dry_run) as at:
        manifest = at.desk.env.registry.manifest(plugin)
        values = _values(sets or [])
        with at.work.read() as uow:
            is_new = uow.connections.by_name(name or plugin) is None
        if ask and is_new and err.is_terminal:
            _ask(forms.form_of(manifest), values, at.language)
        start = moment(since) if since else None
        if dry_run:
            flow.check_values(at.work, name or plugin, plugin, values)
            say(
                Text(tr="Ayarlar geçerli; kaydedilmedi.", en="The settings are valid; nothing was saved."),
                at.language,
            )
            return
        row = flow.add_connection(at.work, name or plugin, plugin, values, since=start)
        say(
            Text(
                tr=f"“{row.name}” kaydedildi. Deneyin: kopru connection check {row.name} --tenant {tenant}",
                en=f"“{row.name}” is saved. Try it: kopru connection check {row.name} --tenant {tenant}",
            ),
            at.language,
        )


@app.command()
def check(
    context: typer.Context,
    name: Name,
    tenant: Tenant,
    write_test: Annotated[
        bool,
        typer.Option("--write-test", help="Also write a marked order, look it up and remove it again."),
    ] = False,
    party: Annotated[str, typer.Option("--party", help="Partner card for the write test.")] = "",
    item: Annotated[str, typer.Option("--item", help="Item card for the write test.")] = "",
    json: Json = False,
) -> None:
    """Try a connection. When everything works it becomes active and its waiting jobs go on.

    Nothing is written, unless a write test is asked for.
    """
    with session(context, tenant) as at:
        found = at.connection(name)
        if write_test:
            registry = at.desk.env.registry
            writetest.require_testable(registry.manifest(found.plugin), registry.hooks(found.plugin))
        result = flow.check_connection(at.work, found.id)
        if write_test and result.ok:
            tested = writetest.run(at.work, found.id, party=party, item=item)
            result = CheckResult((*result.items, *tested.items))
        rows = [
            {
                "check": item.name,
                "ok": item.ok,
                "message": covered(item.message.of(at.language)),
                "fix": covered(item.fix.of(at.language)) if item.fix and not item.ok else "",
            }
            for item in result.items
        ]
        show(rows, as_json=json)
        if not result.ok:
            raise typer.Exit(Exit.FAILED)


@app.command("list")
def list_(context: typer.Context, tenant: Tenant, json: Json = False) -> None:
    """List the connections of a company and their state."""
    with session(context, tenant) as at, at.work.read() as uow:
        proofs, gates = uow.proofs.latest(), uow.gates.every()
        rows = [
            {
                "name": row.name,
                "plugin": row.plugin,
                "state": row.state.value,
                "circuit": _circuit(gates.get(row.id)),
                "proof": _proof(proofs.get(row.id)),
                "reason": covered(row.reason.text.of(at.language)) if row.reason else "",
            }
            for row in uow.connections.every()
        ]
        show(rows, as_json=json)


@app.command("show")
def show_(context: typer.Context, name: Name, tenant: Tenant, json: Json = False) -> None:
    """Show a connection's settings (secrets masked) and its webhook address."""
    with session(context, tenant) as at:
        row = at.connection(name)
        manifest = at.desk.env.registry.manifest(row.plugin)
        with at.work.read() as uow:
            proofs = [_proof(check) for check in uow.proofs.recent(row.id, 7)]
            gate = uow.gates.every().get(row.id)
        show_one(
            {
                "name": row.name,
                "plugin": row.plugin,
                "state": row.state,
                "since": row.start_at,
                "circuit": _circuit(gate),
                "jobs_at_once": gate.at_once if gate and gate.at_once else "",
                "webhook_path": f"/in/{row.id}/{row.webhook_secret}",
                "proofs": proofs,
                "settings": flow.shown_config(manifest, row),
            },
            as_json=json,
        )


@app.command()
def limit(
    context: typer.Context,
    name: Name,
    tenant: Tenant,
    jobs: Annotated[
        int, typer.Option("--jobs", min=0, max=1000, help="How many jobs at a time; 0 is the usual number.")
    ],
    dry_run: DryRun = False,
) -> None:
    """Let only so many jobs of a connection run at a time."""
    with session(context, tenant, dry_run=dry_run) as at:
        connection_id = at.connection(name).id
        if not dry_run:
            with at.work.write() as uow:
                uow.gates.limit(connection_id, jobs or None)
                uow.events.add(at.work.actor, "connection", connection_id, "connection.limited", jobs=jobs)
        say(
            Text(
                tr=f"“{name}”: aynı anda {jobs} iş." if jobs else f"“{name}”: alışılmış sınır geçerli.",
                en=f"“{name}”: {jobs} jobs at a time." if jobs else f"“{name}”: the usual limit holds.",
            ),
            at.language,
        )


@app.command()
def log(context: typer.Context, name: Name, tenant: Tenant, limit: Limit = 20, json: Json = False) -> None:
    """Show what was last said to the remote: writes, and whatever failed; secrets are masked."""
    with session(context, tenant) as at:
        connection_id = at.connection(name).id
        with at.work.read() as uow:
            rows = uow.events.exchanges(connection_id, limit)
        show(rows, as_json=json, columns=("at", "method", "url", "status", "milliseconds", "error"))


@app.command()
def pause(context: typer.Context, name: Name, tenant: Tenant, dry_run: DryRun = False) -> None:
    """Stop using a connection for now; its jobs wait."""
    with session(context, tenant, dry_run=dry_run) as at:
        _set_paused(at, at.connection(name), paused=True, dry_run=dry_run)
        say(
            Text(
                tr=f"“{name}” durduruldu. Sürdürmek için: kopru connection resume {name} --tenant {tenant}",
                en=f"“{name}” is paused. To go on: kopru connection resume {name} --tenant {tenant}",
            ),
            at.language,
        )


@app.command()
def resume(context: typer.Context, name: Name, tenant: Tenant, dry_run: DryRun = False) -> None:
    """Use a paused connection again; its waiting jobs go on."""
    with session(context, tenant, dry_run=dry_run) as at:
        _set_paused(at, at.connection(name), paused=False, dry_run=dry_run)
        say(Text(tr=f"“{name}” yeniden kullanılıyor.", en=f"“{name}” is in use again."), at.language)


@app.command()
def settings(
    context: typer.Context,
    plugin: Annotated[str, typer.Argument(help="Which connector.")],
    json: Json = False,
) -> None:
    """List the settings a connector wants."""
    owner = host(context)
    with telling(owner.language):
        schema = owner.installed().manifest(plugin).config.model_json_schema()
    required = set(schema.get("required", ()))
    rows = [
        {
            "setting": name,
            "required": name in required,
            "default": "" if name in required else jsonlib.dumps(field.get("default"), ensure_ascii=False),
            "meaning": field.get("description") or field.get("title", ""),
        }
        for name, field in schema.get("properties", {}).items()
    ]
    show(rows, as_json=json)


@app.command()
def form(
    context: typer.Context,
    plugin: Annotated[str, typer.Argument(help="Which connector.")],
    json: Json = False,
) -> None:
    """Describe the settings of a connector as a form: order, title, type, choices, limits, what is secret.

    With `--json` in both languages, for a page or a program that asks for them.
    """
    owner = host(context)
    with telling(owner.language):
        manifest = owner.installed().manifest(plugin)
    if json:
        show_one(forms.form_json(manifest), as_json=True)
        return
    rows = [
        {
            "field": field.name,
            "title": field.title.of(owner.language),
            "type": "secret" if field.secret else field.type,
            "required": field.required,
            "choices": ", ".join(map(str, field.choices)),
            "description": field.description.of(owner.language),
        }
        for field in forms.form_of(manifest)
    ]
    show(rows, as_json=False)


@app.command()
def definitions(
    context: typer.Context,
    name: Name,
    tenant: Tenant,
    kind: Annotated[str, typer.Option("--kind", help="Only this list, such as warehouse.")] = "",
    json: Json = False,
) -> None:
    """Show the other side's own lists that settings refer to: warehouses, units, series and the like."""
    with session(context, tenant, dry_run=True) as at:
        rows = [
            {"kind": each.kind, "code": each.code, "name": each.name, "extra": dict(each.extra)}
            for each in lookups.definitions(at.work, at.connection(name).id)
            if kind in ("", each.kind)
        ]
        show(rows, as_json=json, columns=("kind", "code", "name"))


def _circuit(gate: GateRow | None) -> str:
    """Return in short since when the other side has not answered, and why."""
    if gate is None or not gate.is_open:
        return ""
    since = f"{gate.opened_at:%Y-%m-%d %H:%M}Z" if gate.opened_at else ""
    return f"open since {since} ({gate.code})"


def _proof(check: OrderCheck | None) -> str:
    """Return in short what counting a day's orders twice came to: ours of theirs, and what is open."""
    if check is None:
        return ""
    told = f"{check.day}: {check.ours}/{check.remote}"
    return f"{told} ({check.open})" if check.open else told


def _set_paused(at: Session, row: ConnectionRow, *, paused: bool, dry_run: bool) -> None:
    if not dry_run:
        flow.set_paused(at.work, row.id, paused)


def _values(sets: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for entry in sets:
        name, equals, value = entry.partition("=")
        if not equals or not name:
            raise ConfigError(
                "cli.bad_setting",
                Text(
                    tr=f"“{entry}” anlaşılmadı; ad=değer biçiminde yazın.",
                    en=f"“{entry}” is not understood; write name=value.",
                ),
            )
        values[name] = _value(value)
    return values


def _value(text: str) -> Any:
    try:
        if text.startswith("@"):
            return Path(text[1:]).read_text("utf-8").strip()
        return jsonlib.loads(text) if text[:1] in ("[", "{") else text
    except (OSError, ValueError) as error:
        raise ConfigError(
            "cli.bad_value",
            Text(tr=f"“{text}” okunamıyor.", en=f"“{text}” cannot be read."),
            detail=str(error)[:200],
        ) from error


def _ask(fields: Sequence[forms.FormField], values: dict[str, Any], language: Language) -> None:
    for field in fields:
        if not field.required or field.name in values:
            continue
        if field.description.of(language):
            out.print(field.description.of(language), style="dim", markup=False)
        values[field.name] = typer.prompt(field.title.of(language), hide_input=field.secret, err=True)
