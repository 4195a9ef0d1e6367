"""The command line: the same flows as everywhere, with help a newcomer can follow."""

from typing import Annotated

import typer

from kopru.cli import (
    backfilling,
    buyers,
    chaos,
    checking,
    connections,
    documents,
    explaining,
    items,
    jobs,
    lines,
    making,
    orders,
    parties,
    payloads,
    plugins,
    prices,
    replays,
    rules,
    system,
    tenants,
    verifying,
)

app = typer.Typer(
    name="kopru",
    help="Köprü: orders in, invoices out. Nothing lost, nothing done twice.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

system.register(app)
app.add_typer(system.db, name="db", help="The database schema.")
app.add_typer(system.audit, name="audit", help="The tamper-evident story of every effect.")
app.add_typer(tenants.app, name="tenant", help="Companies and their settings.")
app.add_typer(plugins.app, name="plugin", help="Installed connectors and who may use them.")
app.add_typer(connections.app, name="connection", help="Accounts at shops, ledgers and integrators.")
app.add_typer(items.app, name="items", help="Own items, and which channel product is which.")
app.add_typer(buyers.app, name="buyers", help="What buyers call your items, on invoices to them.")
app.add_typer(lines.app, name="lines", help="Incoming texts: which own item each of them is.")
app.add_typer(rules.app, name="rules", help="What was taught about lines.")
app.add_typer(orders.app, name="orders", help="Orders: pull, list, explain, retry.")
app.add_typer(documents.app, name="documents", help="Invoices: list, look at, bring forward.")
app.add_typer(items.stock, name="stock", help="Stock to the channels.")
app.add_typer(prices.app, name="prices", help="Prices to the channels.")
app.add_typer(parties.app, name="parties", help="The ledger's cards of business partners (cari).")
app.add_typer(jobs.app, name="jobs", help="The work itself: what waits, runs, failed.")
app.add_typer(chaos.app, name="chaos", help="Break everything on purpose, and count what came of it.")
app.add_typer(payloads.app, name="payload", help="Try a raw payload: nothing stored, nothing sent.")

EXTENDING = (verifying, backfilling, replays, making, checking, explaining)
"""Modules that add their commands to the groups above."""

Version = Annotated[bool, typer.Option("--version", help="Show the version.")]


@app.callback(invoke_without_command=True)
def start(context: typer.Context, version: Version = False) -> None:
    """Show the version, or go on to a command."""
    if version:
        from importlib.metadata import version as installed  # noqa: PLC0415 - only for this option

        typer.echo(f"kopru {installed('kopru')}")
        raise typer.Exit
