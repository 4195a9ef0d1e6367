"""``kopru items`` and ``kopru stock``: own items, their links to channel products, and stock pushes."""

from pathlib import Path
from typing import Annotated

import typer

from kopru.cli.common import DryRun, Json, Limit, Tenant, session
from kopru.cli.output import Exit, say, show, tell_findings
from kopru.flows import catalogue, itemcards
from kopru.flows.connections import find_by_kind
from kopru.flows.itemfile import read_items
from kopru.flows.stock import push_job
from kopru.hooks.errors import ConfigError
from kopru.hooks.manifest import PluginKind
from kopru.matching.exact import LinkKey
from kopru.model import Text

app = typer.Typer(no_args_is_help=True)
stock = typer.Typer(no_args_is_help=True)


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, help="CSV: code, name, barcode, vat_rate, unit, price, list_price."
        ),
    ],
    tenant: Tenant,
    dry_run: DryRun = False,
) -> None:
    """Read own items from a CSV file; orders that waited for one go on."""
    items, findings = read_items(file.read_bytes())
    with session(context, tenant, dry_run=dry_run) as at:
        if not dry_run:
            with at.work.write() as uow:
                catalogue.save_items(at.work, uow, items, None)
        say(Text(tr=f"{len(items)} ürün okundu.", en=f"{len(items)} items were read."), at.language)
        tell_findings(findings, at.language)
        if findings:
            raise typer.Exit(Exit.PARTLY if items else Exit.FAILED)


@app.command()
def pull(context: typer.Context, tenant: Tenant, dry_run: DryRun = False) -> None:
    """Read item cards from the ledger now."""
    with session(context, tenant, dry_run=dry_run) as at:
        ledger = find_by_kind(at.work, PluginKind.ACCOUNTING)
        if ledger is None:
            raise ConfigError(
                "items.no_ledger",
                Text(
                    tr="Muhasebe bağlantısı yok. Dosyadan alın: kopru items import DOSYA",
                    en="There is no ledger connection. Use a file: kopru items import FILE",
                ),
            )
        if dry_run:
            say(Text(tr=f"{ledger.name}: okunacak.", en=f"{ledger.name}: would be read."), at.language)
            return
        progress = catalogue.pull_items(at.work, ledger.id)
        say(
            Text(tr=f"{progress.records} kart okundu.", en=f"{progress.records} cards were read."),
            at.language,
        )


@app.command("list")
def list_(
    context: typer.Context,
    tenant: Tenant,
    search: Annotated[str, typer.Option("--search", help="Part of the name or code.")] = "",
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """List own items."""
    with session(context, tenant) as at, at.work.read() as uow:
        rows = [
            {
                "code": item.code,
                "name": item.name,
                "barcodes": ", ".join(item.barcodes),
                "vat_rate": item.vat_rate,
                "unit": item.unit,
            }
            for item in uow.items.recent(search=search, limit=limit)
        ]
        show(rows, as_json=json)


@app.command()
def link(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="Code of your own item.")],
    tenant: Tenant,
    connection: Annotated[str, typer.Option("--connection", help="The channel's connection.")],
    sku: Annotated[str, typer.Option("--sku", help="The channel's SKU.")] = "",
    barcode: Annotated[str, typer.Option("--barcode", help="The channel's barcode.")] = "",
    product: Annotated[str, typer.Option("--product", help="The channel's product id.")] = "",
    dry_run: DryRun = False,
) -> None:
    """Confirm that a channel's product is one of your items; waiting orders go on."""
    given = [
        (kind, value) for kind, value in (("sku", sku), ("barcode", barcode), ("product", product)) if value
    ]
    with session(context, tenant, dry_run=dry_run) as at:
        if len(given) != 1:
            raise ConfigError(
                "items.link_key",
                Text(
                    tr="--sku, --barcode ve --product seçeneklerinden tam birini verin.",
                    en="Give exactly one of --sku, --barcode and --product.",
                ),
            )
        waiting = 0
        if not dry_run:
            waiting = catalogue.link_item(at.work, at.connection(connection).id, LinkKey(*given[0]), code)
        say(
            Text(
                tr=f"Bağlandı; bekleyen {waiting} sipariş yeniden deneniyor.",
                en=f"Linked; {waiting} waiting orders are tried again.",
            ),
            at.language,
        )


@app.command()
def create(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="Code of your own item.")],
    tenant: Tenant,
    dry_run: DryRun = False,
) -> None:
    """Make the card of one of your items in the ledger; one that is there already is found."""
    with session(context, tenant, dry_run=dry_run) as at:
        itemcards.create(at.work, code)
        say(
            Text(tr="Açılacak.", en="It would be made.")
            if dry_run
            else Text(tr="Sıraya alındı.", en="Queued."),
            at.language,
        )


@stock.callback()
def start() -> None:
    """Stock to the channels."""


@stock.command()
def push(
    context: typer.Context,
    tenant: Tenant,
    connection: Annotated[str | None, typer.Option("--connection", help="Only this channel.")] = None,
    dry_run: DryRun = False,
) -> None:
    """Read the ledger's stock, work out what channels should show, and push what differs."""
    from kopru.flows.stock import sync  # noqa: PLC0415 - a name that would shadow nothing else here

    with session(context, tenant, dry_run=dry_run) as at:
        if dry_run:
            with at.work.read() as uow:
                rows = [
                    {"connection": row.name, "product": due.external_id, "stock": due.desired}
                    for row in uow.connections.every()
                    for due in uow.stock.due(row.id, 10_000)
                    if connection in (None, row.name)
                ]
            show(rows, as_json=False)
            return
        sync(at.work)
        if connection:
            with at.work.write() as uow:
                uow.jobs.add(push_job(at.connection(connection)))
        say(
            Text(
                tr="Değişen stoklar sıraya alındı; çalışan süreçler gönderir (kopru up).",
                en="Changed stock is queued; running processes send it (kopru up).",
            ),
            at.language,
        )
