"""``kopru plugin new``: starts a plugin."""

from pathlib import Path
from typing import Annotated

import typer

from kopru.cli.common import DryRun
from kopru.cli.host import host
from kopru.cli.output import out, say, telling
from kopru.cli.plugins import app
from kopru.hooks.manifest import PluginKind
from kopru.model import Text
from kopru.scaffold import Transport, make_plan, render, write

_KINDS = ", ".join(PluginKind)
_TRANSPORTS = ", ".join(Transport)


@app.command("new")
def new(
    context: typer.Context,
    kind: Annotated[str, typer.Option("--kind", help=f"What it connects to: {_KINDS}.")],
    name: Annotated[str, typer.Option("--name", help="Its name: a-z, 0-9 and _.")],
    capabilities: Annotated[
        str,
        typer.Option(
            "--capabilities", help="Hooks it begins with, with commas; the kind's usual ones if left out."
        ),
    ] = "",
    transport: Annotated[
        str,
        typer.Option("--transport", help=f"How it reaches the remote: {_TRANSPORTS}. HTTP if left out."),
    ] = "",
    title: Annotated[str, typer.Option("--title", help="What people call the remote.")] = "",
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Where it is written; kopru-NAME here if left out.")
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Write a new plugin: a package that loads at once, with failing tests that say what to write next.

    Every hook named in --capabilities is there with its signature and what it must do; a wrong name lists all
    of them. Files that exist are never touched.
    """
    owner = host(context)
    with telling(owner.language):
        hooks = [each.strip() for each in capabilities.split(",") if each.strip()]
        plan = make_plan(kind, name, hooks, transport, title=title)
        place = folder or Path(plan.distribution)
        if not dry_run:
            write(plan, place)
    for each in sorted(render(plan)):
        out.print(str(place / each), markup=False, highlight=False)
    if dry_run:
        return
    say(
        Text(
            tr=f"“{plan.name}” hazır. Sıradaki: cd {place}; pip install -e '.[test]'; pytest -x",
            en=f"“{plan.name}” is there. Next: cd {place}; pip install -e '.[test]'; pytest -x",
        ),
        owner.language,
    )
