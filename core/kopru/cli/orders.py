"""``kopru orders``: pull, list, look at, explain, try again."""

from pathlib import Path
from typing import Annotated

import typer

from kopru.cli.common import DryRun, Json, Limit, Order, Reveal, Session, Tenant, session
from kopru.cli.output import out, say, show, show_one, tell_findings, write_file
from kopru.cli.privacy import covered, covered_finding, initials, people_of_order
from kopru.flows import ledgerorders, lookups
from kopru.flows import orders as flow
from kopru.flows import waiting as waits
from kopru.flows.cases import Case, read_case
from kopru.flows.connections import pull_job
from kopru.flows.preparing import explain_order
from kopru.flows.records import ConnectionState, OrderRow, OrderState
from kopru.flows.retrying import retry as retry_order
from kopru.hooks.errors import ConfigError
from kopru.model import Finding, Text

app = typer.Typer(no_args_is_help=True)


@app.command()
def pull(
    context: typer.Context,
    tenant: Tenant,
    connection: Annotated[str | None, typer.Option("--connection", help="Only this one.")] = None,
    now: Annotated[bool, typer.Option("--now", help="Read here and wait, instead of queueing.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Read changed orders from every shop, or from one."""
    with session(context, tenant, dry_run=dry_run) as at:
        with at.work.read() as uow:
            rows = [row for row in uow.connections.every() if connection in (None, row.name)]
        sources = [
            row
            for row in rows
            if row.state is ConnectionState.ACTIVE
            and at.desk.env.registry.implements(row.plugin, "fetch_orders")
        ]
        if not sources:
            raise ConfigError(
                "orders.no_source",
                Text(
                    tr="Etkin bir mağaza bağlantısı yok. Bakın: kopru connection list",
                    en="There is no active shop connection. See: kopru connection list",
                ),
            )
        for row in sources:
            if dry_run:
                say(Text(tr=f"{row.name}: okunacak.", en=f"{row.name}: would be read."), at.language)
            elif now:
                progress = flow.pull_orders(at.work, row.id)
                say(
                    Text(
                        tr=f"{row.name}: {progress.records} kayıt okundu, {progress.changed} yeni/değişik.",
                        en=f"{row.name}: {progress.records} records read, {progress.changed} new or changed.",
                    ),
                    at.language,
                )
            else:
                with at.work.write() as uow:
                    uow.jobs.add(pull_job("orders.pull", row))
                say(Text(tr=f"{row.name}: sıraya alındı.", en=f"{row.name}: queued."), at.language)


@app.command("list")
def list_(
    context: typer.Context,
    tenant: Tenant,
    state: Annotated[OrderState | None, typer.Option("--state", help="Only these.")] = None,
    waiting: Annotated[
        bool, typer.Option("--waiting", help="Only what waits for a person, manual stages included.")
    ] = False,
    limit: Limit = 50,
    json: Json = False,
    reveal: Reveal = False,
) -> None:
    """List orders, newest first; `--waiting` is what needs you."""
    if waiting:
        _list_waiting(context, tenant, limit, json=json)
        return
    with session(context, tenant) as at, at.work.write() as uow:
        if reveal:
            uow.events.add(at.work.actor, "orders", at.work.tenant_id, "orders.revealed", state=state or "")
        rows = [_row(row, at, reveal=reveal) for row in uow.orders.recent(state=state, limit=limit)]
    show(rows, as_json=json, columns=("number", "state", "status", "total", "currency", "buyer", "reason"))


def _list_waiting(context: typer.Context, tenant: str, limit: int, *, json: bool) -> None:
    with session(context, tenant) as at:
        rows = [
            {
                "number": each.order.number,
                "id": each.order.id,
                "state": each.order.state.value,
                "stages": "" if each.what == "reason" else each.what,
                "code": each.order.reason.code if each.order.reason else "",
                "what": _shown(each.text.of(at.language), each.order, reveal=False),
            }
            for each in waits.waiting(at.work, limit)
        ]
        show(rows, as_json=json, columns=("number", "state", "stages", "what"))


@app.command("show")
def show_(
    context: typer.Context, order: Order, tenant: Tenant, json: Json = False, reveal: Reveal = False
) -> None:
    """Show an order with its documents and its whole story."""
    with session(context, tenant) as at:
        row = at.order(order)
        with at.work.write() as uow:
            if reveal:
                uow.events.add(at.work.actor, "order", row.id, "order.revealed")
            documents = uow.documents.of_order(row.id)
            effects = [each for document in documents for each in uow.effects.of_document(document.id)]
            ids = [row.id, *(each.id for each in documents), *(each.id for each in effects)]
            story = uow.events.of_subjects(ids)
        events = [
            {
                "at": event.at,
                "actor": event.actor,
                "what": event.action,
                "data": {name: _shown(str(value), row, reveal) for name, value in event.data.items()},
            }
            for event in story
        ]
        if json:
            show_one({**_row(row, at, reveal=reveal), "story": events}, as_json=True)
            return
        fields = _row(row, at, reveal=reveal)
        show_one({name: fields[name] for name in fields if name != "findings"}, as_json=False)
        tell_findings(_findings(row, reveal), at.language)
        out.print()
        show(events, as_json=False)


@app.command()
def explain(context: typer.Context, order: Order, tenant: Tenant) -> None:
    """Show, row by row of the decision table, why an order becomes what it becomes."""
    with session(context, tenant, dry_run=True) as at:
        case = _case(at, order)
        for line in explain_order(at.work, case.body, case.source):
            out.print(line.of(at.language), markup=False, highlight=False)
        for text in waits.of_order(at.work, case.order):
            told = _shown(text.of(at.language), case.order, reveal=False)
            out.print(f"→ {told}", markup=False, highlight=False)


@app.command()
def label(
    context: typer.Context,
    order: Order,
    tenant: Tenant,
    output: Annotated[
        Path | None, typer.Option("--out", "-o", help="File to write; standard output by default.")
    ] = None,
) -> None:
    """Fetch the channel's shipping label of an order."""
    with session(context, tenant) as at:
        found, before = lookups.label(at.work, at.order(order))
        write_file(found.content, output, order, found.format.value)
        if before:
            say(
                Text(
                    tr=f"Bu etiket daha önce {before} kez alındı.",
                    en=f"This label was fetched {before} times before.",
                ),
                at.language,
            )


@app.command()
def enter(context: typer.Context, tenant: Tenant, dry_run: DryRun = False) -> None:
    """Enter open orders in the ledger so that it reserves their goods, and take out what is through."""
    with session(context, tenant, dry_run=dry_run) as at:
        count = ledgerorders.plan(at.work)
        say(
            Text(tr=f"{count} sipariş.", en=f"{count} orders.")
            if dry_run
            else Text(tr=f"{count} sipariş sıraya alındı.", en=f"{count} orders are queued."),
            at.language,
        )


@app.command()
def retry(
    context: typer.Context,
    order: Order,
    tenant: Tenant,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Read the order again from its source first.")
    ] = False,
    dry_run: DryRun = False,
) -> None:
    """Try an order again with today's settings, items and rules; refused writes may go out again."""
    with session(context, tenant, dry_run=dry_run) as at:
        row = at.order(order)
        if dry_run:
            say(Text(tr="Yeniden denenecek.", en="It would be tried again."), at.language)
            return
        retry_order(at.work, row, fresh=fresh)
        say(Text(tr="Sıraya alındı.", en="Queued."), at.language)


def _case(at: Session, text: str) -> Case:
    case = read_case(at.work, at.order(text).id)
    if case is None:
        raise ConfigError(
            "order.unreadable",
            Text(tr="Sipariş okunamadığı için açıklanamaz.", en="The order could not be read."),
        )
    return case


def _row(row: OrderRow, at: Session, *, reveal: bool) -> dict[str, object]:
    return {
        "number": row.number,
        "id": row.id,
        "external_id": row.external_id,
        "state": row.state.value,
        "status": row.status,
        "total": row.total,
        "currency": row.currency,
        "buyer": row.buyer if reveal else initials(row.buyer),
        "placed_at": row.placed_at,
        "version": row.version,
        "reason": _shown(row.reason.text.of(at.language), row, reveal) if row.reason else "",
        "code": row.reason.code if row.reason else "",
        "findings": [finding.model_dump(mode="json") for finding in _findings(row, reveal)],
    }


def _findings(row: OrderRow, reveal: bool) -> list[Finding]:
    return [each if reveal else covered_finding(each, people_of_order(row)) for each in row.findings]


def _shown(text: str, row: OrderRow, reveal: bool) -> str:
    return text if reveal else covered(text, people_of_order(row))
