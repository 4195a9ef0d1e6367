"""``kopru tenant``: companies and their settings."""

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from kopru.cli.common import DryRun, Json, Tenant, desk, session
from kopru.cli.host import host
from kopru.cli.output import Exit, out, say, show, telling
from kopru.documents import EXAMPLE_TENANT, Series, istanbul_date, load_tenant, preview
from kopru.flows import tenants
from kopru.flows.ports import Uow
from kopru.flows.texts import TEXTS
from kopru.hooks.errors import ConfigError
from kopru.model import Text

app = typer.Typer(no_args_is_help=True)

Slug = Annotated[str, typer.Argument(help="Short name of the company, such as “acme”.")]


@app.command()
def add(context: typer.Context, name: Slug, dry_run: DryRun = False) -> None:
    """Make a company. Its settings follow with `tenant apply`."""
    with desk(context) as (owner, opened):
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name):
            raise ConfigError(
                "tenant.bad_name",
                Text(
                    tr="Kısa ad yalnız a-z, 0-9 ve - içerir, en çok 40 karakterdir.",
                    en="A short name has only a-z, 0-9 and -, at most 40 characters.",
                ),
            )
        taken = {slug for _, slug in opened.store.tenants()}
        if dry_run and name not in taken:
            say(Text(tr="Ad kullanılabilir.", en="The name can be used."), owner.language)
            return
        opened.store.add_tenant(name)
        say(
            Text(
                tr=f"“{name}” eklendi. Sıradaki: kopru tenant example > {name}.toml, düzenleyin, "
                f"kopru tenant apply {name}.toml --tenant {name}",
                en=f"“{name}” was added. Next: kopru tenant example > {name}.toml, edit it, "
                f"kopru tenant apply {name}.toml --tenant {name}",
            ),
            owner.language,
        )


@app.command("list")
def list_(context: typer.Context, json: Json = False) -> None:
    """List the companies of this installation."""
    with desk(context) as (_, opened):
        show([{"name": slug, "id": id} for id, slug in opened.store.tenants()], as_json=json)


@app.command()
def example() -> None:
    """Print a tenant file to start from."""
    out.print(EXAMPLE_TENANT, markup=False, highlight=False)


@app.command()
def apply(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="A TOML file, or - for standard input.")],
    tenant: Tenant,
    dry_run: DryRun = False,
) -> None:
    """Check a tenant file and put it in force."""
    text = _text(context, file)
    with session(context, tenant, dry_run=dry_run) as at:
        if dry_run:
            settings = load_tenant(text, tenants.capabilities_of(at.work))
            done = Text(
                tr="Dosya geçerli; hiçbir şey değiştirilmedi.", en="The file is valid; nothing was changed."
            )
        else:
            settings, version = tenants.apply_settings(at.work, text)
            done = Text(
                tr=f"Ayarlar yürürlükte (sürüm {version}).",
                en=f"The settings are in force (version {version}).",
            )
        say(done, at.language)
        with at.work.read() as uow:
            year = istanbul_date(uow.now).year
            rows = [
                {"series": each.key, "next_numbers": ", ".join(_next(uow, each, year))}
                for each in settings.series
            ]
        show(rows, as_json=False)


def _next(uow: Uow, series: Series, year: int) -> tuple[str, ...]:
    return preview(series.pattern, year, uow.documents.last_number(series.prefix, year)).numbers


@app.command()
def export(context: typer.Context, tenant: Tenant) -> None:
    """Print the settings in force, ready for `tenant apply`."""
    with session(context, tenant) as at, at.work.read() as uow:
        version, text = uow.settings.text()
        if not version:
            raise ConfigError("tenant.no_settings", TEXTS["tenant.no_settings"])
        out.print(text, markup=False, highlight=False, end="")


def _text(context: typer.Context, file: str) -> str:
    if file == "-":
        return sys.stdin.read()
    try:
        return Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        with telling(host(context).language):
            say(
                Text(tr=f"“{file}” okunamıyor: {error}", en=f"“{file}” cannot be read: {error}"),
                host(context).language,
            )
        raise typer.Exit(Exit.USAGE) from error
