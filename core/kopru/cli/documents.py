"""``kopru documents``: invoices to list, look at and bring forward."""

from pathlib import Path
from typing import Annotated

import typer

from kopru.cli.common import DryRun, Json, Limit, Session, Tenant, session
from kopru.cli.output import say, show, show_one
from kopru.documents import Stage
from kopru.flows import documents as flow
from kopru.flows.orders import advance_job
from kopru.flows.records import DocumentRow, NewJob
from kopru.hooks.errors import ConfigError
from kopru.model import Rendered, Text

app = typer.Typer(no_args_is_help=True)

Document = Annotated[str, typer.Argument(help="Invoice number or ETTN.")]
Into = Annotated[
    Path | None, typer.Option("--output", "-o", help="File or folder; standard output by default.")
]


@app.command("list")
def list_(
    context: typer.Context,
    tenant: Tenant,
    state: Annotated[str | None, typer.Option("--state", help="validated, numbered, issued or void.")] = None,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """List documents with their own state and the channel's word side by side."""
    with session(context, tenant) as at, at.work.read() as uow:
        rows = [_row(row) for row in uow.documents.recent(state=state, limit=limit)]
        show(
            rows,
            as_json=json,
            columns=("number", "type", "profile", "issue_date", "total", "currency", "state", "remote_state"),
        )


@app.command("show")
def show_(context: typer.Context, document: Document, tenant: Tenant, json: Json = False) -> None:
    """Show one document, the writes made for it and its story."""
    with session(context, tenant) as at:
        row = _find(at, document)
        with at.work.read() as uow:
            effects = uow.effects.of_document(row.id)
            story = uow.events.of_subjects([row.id, *(each.id for each in effects)])
        writes = [
            {
                "operation": each.operation.value,
                "state": each.state.value,
                "attempt": each.attempt,
                "reference": each.ref.id if each.ref else "",
                "number": each.number or "",
                "reason": each.reason.text.of(at.language) if each.reason else "",
            }
            for each in effects
        ]
        events = [{"at": event.at, "actor": event.actor, "what": event.action} for event in story]
        if json:
            show_one({**_row(row), "writes": writes, "story": events}, as_json=True)
            return
        show_one(_row(row), as_json=False)
        show(writes, as_json=False)
        show(events, as_json=False)


@app.command()
def xml(context: typer.Context, document: Document, tenant: Tenant, output: Into = None) -> None:
    """Write the document's XML as it was sent."""
    with session(context, tenant) as at:
        _write(flow.fetch_xml(at.work, _find(at, document)), output, document, "xml")


@app.command()
def pdf(context: typer.Context, document: Document, tenant: Tenant, output: Into = None) -> None:
    """Write the PDF the channel made of the document."""
    with session(context, tenant) as at:
        _write(flow.fetch_pdf(at.work, _find(at, document)), output, document, "pdf")


@app.command()
def advance(
    context: typer.Context,
    order: Annotated[str, typer.Argument(help="Order number, the channel's id, or our id.")],
    tenant: Tenant,
    through: Annotated[Stage, typer.Option("--through", help="The last manual stage to do.")] = Stage.LINK,
    dry_run: DryRun = False,
) -> None:
    """Bring an order's document through stages that the settings leave to a person."""
    with session(context, tenant, dry_run=dry_run) as at:
        with at.work.read() as uow:
            found = uow.orders.find(order)
        if len(found) != 1:
            raise ConfigError(
                "orders.unknown", Text(tr=f"“{order}” siparişi yok.", en=f"There is no order “{order}”.")
            )
        job = advance_job(found[0].id)
        if not dry_run:
            with at.work.write() as uow:
                uow.jobs.add(
                    NewJob(
                        job.kind,
                        {**job.args, "through": through.value},
                        f"{job.key}:{through.value}",
                        job.lane,
                        serial_key=job.key,
                    )
                )
                uow.events.add(at.work.actor, "order", found[0].id, "order.advanced", through=through.value)
        say(Text(tr="Sıraya alındı.", en="Queued."), at.language)


def _find(at: Session, text: str) -> DocumentRow:
    with at.work.read() as uow:
        found = uow.documents.find(text)
    if not found:
        raise ConfigError(
            "documents.unknown", Text(tr=f"“{text}” belgesi yok.", en=f"There is no document “{text}”.")
        )
    return found[0]


def _write(rendered: Rendered, output: Path | None, name: str, ending: str) -> None:
    if output is None:
        typer.get_binary_stream("stdout").write(rendered.content)
        return
    target = output / f"{name}.{ending}" if output.is_dir() else output
    target.write_bytes(rendered.content)
    typer.echo(str(target), err=True)


def _row(row: DocumentRow) -> dict[str, object]:
    return {
        "number": row.number or "",
        "ettn": row.id,
        "type": row.type,
        "profile": row.profile.value,
        "issue_date": row.issue_date.isoformat(),
        "total": row.total,
        "currency": row.currency,
        "state": row.state.value,
        "remote_state": row.remote_state or "",
        "remote_code": row.remote_code or "",
        "remote_text": row.remote_text or "",
        "issued_at": row.issued_at,
    }
