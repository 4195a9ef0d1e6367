"""``kopru prices``: prices to the channels."""

from typing import Annotated

import typer

from kopru.cli.common import DryRun, Json, Tenant, session
from kopru.cli.output import say, show
from kopru.flows import prices as flow
from kopru.model import Text

app = typer.Typer(no_args_is_help=True)


@app.callback()
def start() -> None:
    """Prices to the channels."""


@app.command()
def push(
    context: typer.Context,
    tenant: Tenant,
    connection: Annotated[str | None, typer.Option("--connection", help="Only this channel.")] = None,
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Push the prices that differ from what channels show; with --dry-run only list them."""
    with session(context, tenant, dry_run=dry_run) as at:
        chosen = at.connection(connection).id if connection else None
        if dry_run:
            rows = []
            for shop in flow.shops(at.work, connection):
                with at.work.read() as uow:
                    rows += [
                        {
                            "connection": shop.name,
                            "product": each.external_id,
                            "sku": each.sku,
                            "shown": each.shown,
                            "price": each.price.price,
                            "list_price": each.price.list_price,
                            "currency": each.price.currency,
                        }
                        for each in flow.changes_of(at.work, uow, shop)
                    ]
            show(rows, as_json=json)
            return
        count = flow.push_now(at.work, chosen)
        say(
            Text(
                tr=f"{count} kanal sıraya alındı; çalışan süreçler gönderir (kopru up).",
                en=f"{count} channels are queued; running processes send it (kopru up).",
            ),
            at.language,
        )
