"""``kopru documents``: invoices to list, look at and bring forward."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from kopru.cli.common import DryRun, Json, Limit, Order, Session, Tenant, Yes, session
from kopru.cli.output import confirmed, say, show, show_one, write_file
from kopru.cli.privacy import covered, people_of_document
from kopru.documents import Stage
from kopru.flows import documents as flow
from kopru.flows import withdrawing
from kopru.flows.answers import Answer, settle
from kopru.flows.answers import find as find_write
from kopru.flows.booking import book_again
from kopru.flows.records import DocumentRow, DocumentState, NewJob, advance_job
from kopru.flows.returning import issue_return, plan_return
from kopru.flows.waiting import questions
from kopru.hooks.errors import ConfigError
from kopru.hooks.types import Operation
from kopru.model import Text

app = typer.Typer(no_args_is_help=True)

Document = Annotated[str, typer.Argument(help="Invoice number or ETTN.")]
Into = Annotated[
    Path | None, typer.Option("--output", "-o", help="File or folder; standard output by default.")
]


@app.command("list")
def list_(
    context: typer.Context,
    tenant: Tenant,
    state: Annotated[DocumentState | None, typer.Option("--state", help="Only these.")] = None,
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
                "reason": covered(each.reason.text.of(at.language), people_of_document(row))
                if each.reason
                else "",
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
        write_file(flow.fetch_xml(at.work, _find(at, document)).content, output, document, "xml")


@app.command()
def pdf(context: typer.Context, document: Document, tenant: Tenant, output: Into = None) -> None:
    """Write the PDF the channel made of the document."""
    with session(context, tenant) as at:
        write_file(flow.fetch_pdf(at.work, _find(at, document)).content, output, document, "pdf")


@app.command()
def advance(
    context: typer.Context,
    order: Order,
    tenant: Tenant,
    through: Annotated[Stage, typer.Option("--through", help="The last manual stage to do.")] = Stage.LINK,
    dry_run: DryRun = False,
) -> None:
    """Bring an order's document through stages that the settings leave to a person."""
    with session(context, tenant, dry_run=dry_run) as at:
        order_id = at.order(order).id
        job = advance_job(order_id)
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
                uow.events.add(at.work.actor, "order", order_id, "order.advanced", through=through.value)
        say(Text(tr="Sıraya alındı.", en="Queued."), at.language)


@app.command("return")
def return_(
    context: typer.Context,
    order: Order,
    tenant: Tenant,
    lines: Annotated[
        list[str] | None,
        typer.Option("--line", help="Order line id=quantity that comes back; repeat it."),
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Issue a return document (IADE) for what an order no longer holds, or for the lines named."""
    with session(context, tenant, dry_run=dry_run) as at:
        order_id = at.order(order).id
        quantities = dict(_quantity(each) for each in lines or [])
        _, planned = plan_return(at.work, order_id, quantities)
        show(
            [
                {"item": line.item_code, "name": line.name, "quantity": line.quantity, "net": line.net}
                for line in planned.invoice.lines
            ],
            as_json=False,
        )
        question = Text(
            tr=f"{planned.total} {planned.currency} tutarında iade belgesi düzenlensin mi?",
            en=f"Issue a return document over {planned.total} {planned.currency}?",
        )
        if dry_run or not confirmed(question, at.language, yes=yes):
            return
        issue_return(at.work, order_id, quantities)
        say(Text(tr="Sıraya alındı.", en="Queued."), at.language)


@app.command()
def book(
    context: typer.Context,
    document: Document,
    tenant: Tenant,
    deleted: Annotated[
        bool, typer.Option("--deleted", help="You looked: the ledger's record is gone, whatever it says.")
    ] = False,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Book a document again whose record was deleted in the ledger; the ledger is asked first."""
    with session(context, tenant, dry_run=dry_run) as at:
        row = _find(at, document)
        question = Text(
            tr=f"{row.number or row.id} muhasebeye yeniden işlensin mi?",
            en=f"Book {row.number or row.id} in the ledger again?",
        )
        if dry_run or not confirmed(question, at.language, yes=yes):
            return
        book_again(at.work, row, sure=deleted)
        say(Text(tr="Sıraya alındı.", en="Queued."), at.language)


@app.command()
def cancelled(
    context: typer.Context,
    document: Document,
    tenant: Tenant,
    note: Annotated[
        str, typer.Option("--note", help="What the story should say, such as the request's number.")
    ] = "",
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Record that an invoice was cancelled on GİB's portal: it becomes void and leaves the ledger."""
    with session(context, tenant, dry_run=dry_run) as at:
        row = _find(at, document)
        question = Text(
            tr=f"{row.number} GİB'de iptal edildi; burada ve muhasebede de iptal edilsin mi?",
            en=f"{row.number} was cancelled at GİB; cancel it here and in the ledger too?",
        )
        if dry_run or not confirmed(question, at.language, yes=yes):
            return
        withdrawing.record(at.work, row, note)
        say(Text(tr="Sıraya alındı.", en="Queued."), at.language)


@app.command()
def writes(context: typer.Context, tenant: Tenant, limit: Limit = 50, json: Json = False) -> None:
    """List the writes that were refused, or whose outcome only you can tell, of documents or not."""
    with session(context, tenant) as at:
        with at.work.read() as uow:
            names = {each.id: each.name for each in uow.connections.every()}
            found = questions(uow, limit)
        rows = [
            {
                "write": str(each.id)[:8],
                "operation": each.operation.value,
                "connection": names.get(each.connection_id, ""),
                "state": each.state.value,
                "document": each.document_id or "",
                "order": each.order_id or "",
                "code": each.reason.code if each.reason else "",
                "reason": covered(each.reason.text.of(at.language)) if each.reason else "",
            }
            for each in found
        ]
        show(rows, as_json=json, columns=("write", "operation", "connection", "state", "reason"))


@app.command()
def answer(
    context: typer.Context,
    about: Annotated[
        str, typer.Argument(help="Invoice number, ETTN, order, or a write as `documents writes` shows it.")
    ],
    tenant: Tenant,
    there: Annotated[
        Answer, typer.Option("--there", help="Is the record at the remote? yes, no or give-up.")
    ],
    operation: Annotated[
        Operation | None, typer.Option("--operation", help="Which write, when several wait.")
    ] = None,
    reference: Annotated[
        str, typer.Option("--reference", help="Its id there (of a card its code), if you know it.")
    ] = "",
    dry_run: DryRun = False,
) -> None:
    """Say whether a record is at the remote, when nothing else can tell."""
    with session(context, tenant, dry_run=dry_run) as at:
        effect = find_write(at.work, about, operation)
        if not dry_run:
            settle(at.work, effect.id, there, reference)
        say(Text(tr="Yanıt kaydedildi.", en="The answer is stored."), at.language)


def _quantity(entry: str) -> tuple[str, Decimal]:
    line, _, number = entry.partition("=")
    try:
        quantity = Decimal(number)
    except InvalidOperation:
        quantity = Decimal(0)
    if not line or not quantity > 0:
        raise ConfigError(
            "documents.bad_line",
            Text(
                tr=f"“{entry}” anlaşılmadı; satır=adet biçiminde yazın, örneğin 4790000001=2.",
                en=f"“{entry}” is not understood; write line=quantity, such as 4790000001=2.",
            ),
        )
    return line, quantity


def _find(at: Session, text: str) -> DocumentRow:
    with at.work.read() as uow:
        found = uow.documents.find(text)
    if not found:
        raise ConfigError(
            "documents.unknown",
            Text(
                tr=f"“{text}” belgesi yok. Bakın: kopru documents list",
                en=f"There is no document “{text}”. See: kopru documents list",
            ),
        )
    return found[0]


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
        "remote_text": covered(row.remote_text or "", people_of_document(row)),
        "issued_at": row.issued_at,
    }
