"""``kopru payload``: try a raw payload without storing or sending anything."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from kopru.cli.common import Json, session
from kopru.cli.host import host
from kopru.cli.output import Exit, out, say, show, show_one, tell_findings, telling
from kopru.documents import EXAMPLE_TENANT, TenantSettings, load_tenant
from kopru.flows import tenants
from kopru.flows.preparing import item_index
from kopru.flows.preview import Preview, preview
from kopru.hooks.types import Raw
from kopru.model import Language, Text
from kopru.registry import Registry

app = typer.Typer(no_args_is_help=True)
_TYPES = {
    ".json": "application/json",
    ".csv": "text/csv",
    ".tsv": "text/csv",
    ".txt": "text/plain",
    ".xml": "application/xml",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@app.callback()
def start() -> None:
    """Try a raw payload: nothing stored, nothing sent."""


@app.command("preview")
def preview_(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The raw payload.")
    ],
    plugin: Annotated[str, typer.Option("--plugin", "-p", help="Which connector it comes from.")],
    tenant: Annotated[
        str | None, typer.Option("--tenant", "-t", help="Use this company's settings and items.")
    ] = None,
    connection: Annotated[
        str | None, typer.Option("--connection", help="Use this connection's confirmed links.")
    ] = None,
    json: Json = False,
) -> None:
    """Show the orders in a file from disk and the invoices they would become, with every finding."""
    raw = Raw(file.read_bytes(), _TYPES.get(file.suffix.lower(), "application/octet-stream"))
    owner = host(context)
    if tenant is None:
        registry: Registry = owner.installed()
        everything = registry.for_tenant(registry.manifests, registry.manifests)
        settings = load_tenant(EXAMPLE_TENANT)
        with telling(owner.language):
            found = preview(everything, plugin, raw, settings, datetime.now(UTC))
    else:
        with session(context, tenant, dry_run=True) as at:
            settings = tenants.settings_of(at.work)
            source = at.connection(connection).id if connection else at.work.tenant_id
            registry = at.desk.env.registry
            found = preview(
                registry.for_tenant(registry.manifests, registry.manifests),
                plugin,
                raw,
                settings,
                datetime.now(UTC),
                lambda lines: item_index(at.work, source, lines),
            )
    _print(found, settings, owner.language, as_json=json)
    blocked = any(finding.blocks for each in found for finding in each.findings)
    raise typer.Exit(Exit.PARTLY if blocked else Exit.DONE)


def _print(found: list[Preview], settings: TenantSettings, language: Language, *, as_json: bool) -> None:
    if as_json:
        show([_data(each) for each in found], as_json=True)
        return
    for each in found:
        invoice = each.invoice
        show_one(
            {
                "order": each.order.number if each.order else each.external_id,
                "buyer": each.order.buyer.display_name if each.order else "",
                "order_total": each.order.total if each.order else None,
                "decision": each.decision.of(language),
                "invoice_total": invoice.totals.payable if invoice else None,
                "without_tax": invoice.totals.tax_exclusive if invoice else None,
                "tax": invoice.totals.tax if invoice else None,
            },
            as_json=False,
        )
        if invoice:
            show(
                [
                    {
                        "item": line.item_code,
                        "name": line.name,
                        "quantity": line.quantity,
                        "net": line.net,
                        "vat": f"{line.vat.rate} %",
                    }
                    for line in invoice.lines
                ],
                as_json=False,
            )
        tell_findings(each.findings, language)
        out.print()
    say(Text(tr="Hiçbir şey kaydedilmedi, gönderilmedi.", en="Nothing was stored or sent."), language)


def _data(each: Preview) -> dict[str, object]:
    return {
        "external_id": each.external_id,
        "order": each.order.model_dump(mode="json") if each.order else None,
        "decision": each.decision.model_dump(),
        "invoice": each.invoice.model_dump(mode="json") if each.invoice else None,
        "totals": each.invoice.totals.model_dump(mode="json") if each.invoice else None,
        "findings": [finding.model_dump(mode="json") for finding in each.findings],
    }
