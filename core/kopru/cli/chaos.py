"""``kopru chaos``: break an installation of its own in every way, and count what came of it."""

from pathlib import Path
from typing import Annotated

import typer

from kopru.cli.host import host
from kopru.cli.output import Exit, out, telling

app = typer.Typer(no_args_is_help=True)

Seed = Annotated[int, typer.Option("--seed", help="The same seed gives the same faults and orders.")]
Minutes = Annotated[float, typer.Option("--minutes", min=0.1, max=1440, help="How long faults strike.")]
Tenants = Annotated[int, typer.Option("--tenants", min=1, max=200, help="How many companies.")]
Orders = Annotated[int, typer.Option("--orders", min=0, max=1_000_000, help="How many orders come in.")]
PerMinute = Annotated[float, typer.Option("--per-minute", min=0, max=600, help="How many faults a minute.")]
Workers = Annotated[int, typer.Option("--workers", min=1, max=16, help="How many worker processes.")]
Skew = Annotated[float, typer.Option("--skew", help="Seconds the last worker's clock is wrong by.")]
Faults = Annotated[str, typer.Option("--faults", help="Only these families, e.g. process,postgres,point.")]
Only = Annotated[str, typer.Option("--only", help="Only these numbers of the schedule, e.g. 3,7-9.")]
Folder = Annotated[Path | None, typer.Option("--folder", help="Where logs and data of the run go; emptied.")]
ReportFile = Annotated[Path | None, typer.Option("--report", help="Append the report to this file.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only print the schedule of faults.")]


@app.callback()
def start() -> None:
    """Break everything on purpose, and count what came of it."""


@app.command()
def run(
    context: typer.Context,
    seed: Seed = 1,
    minutes: Minutes = 1.0,
    tenants: Tenants = 3,
    orders: Orders = 300,
    per_minute: PerMinute = 24.0,
    workers: Workers = 2,
    skew: Skew = 0.0,
    faults: Faults = "",
    only: Only = "",
    folder: Folder = None,
    report: ReportFile = None,
    dry_run: DryRun = False,
) -> None:
    """Send orders through a real installation that keeps being broken, heal it, and check every promise."""
    owner = host(context)
    size = {
        "seed": seed,
        "minutes": minutes,
        "tenants": tenants,
        "orders": orders,
        "per_minute": per_minute,
        "workers": workers,
        "skew": skew,
        "only": only,
    }
    if faults:
        size["families"] = tuple(name.strip() for name in faults.split(","))
    try:
        with telling(owner.language):
            found = owner.chaos(_say, folder, show=dry_run, **size)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    if found is None:
        return
    _say(found.text())
    if report is not None:
        with report.open("a", encoding="utf-8") as file:
            file.write(found.markdown())
    raise typer.Exit(Exit.DONE if found.holds else Exit.FAILED)


def _say(text: str) -> None:
    out.print(text, markup=False, highlight=False)
