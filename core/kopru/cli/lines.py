"""``kopru lines``: which own item an incoming text is; confirm, reject, and take back."""

from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from kopru.cli.common import DryRun, Json, Limit, Tenant, Yes, session
from kopru.cli.desk import (
    COLUMNS,
    accept_above,
    choice_of,
    find_item,
    find_line,
    line_cells,
    suggestion_cells,
    tell_count,
    tell_outcome,
    tell_reach,
)
from kopru.cli.output import Exit, say, show, show_one, tell_findings
from kopru.flows import linework, settling, undoing
from kopru.flows.linerows import OPEN, Chosen, DraftItem, LineSource
from kopru.flows.rulemaking import Reach, Scope
from kopru.matching.api import State
from kopru.model import Text

app = typer.Typer(no_args_is_help=True)

Line = Annotated[str, typer.Argument(help="The line: the beginning of its id, as `lines list` shows it.")]
Lines = Annotated[list[str] | None, typer.Argument(help="Lines: the beginnings of their ids.")]
Partner = Annotated[
    str | None, typer.Option("--partner", help="Only this partner: tax number, or name of the connection.")
]


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="CSV, XLSX, or an e-invoice (UBL XML)."),
    ],
    tenant: Tenant,
    partner: Annotated[
        str, typer.Option("--partner", help="Who the lines come from, where the file does not say.")
    ] = "",
    dry_run: DryRun = False,
) -> None:
    """Take lines of a file in and say which own items they are."""
    from kopru.flows.linefile import read_lines  # noqa: PLC0415 - the XML library is slow to import

    with session(context, tenant, dry_run=dry_run) as at:
        found = read_lines(at.work, file.read_bytes(), file.name, partner)
        taken = linework.Taken(len(found.lines)) if dry_run else linework.take_in(at.work, found.lines)
        text = Text(
            tr="{new} yeni satır, {known} bilinen; {settled} satır çözümlendi.",
            en="{new} new lines, {known} known; {settled} resolved.",
        )
        say(text.fill(new=taken.new, known=taken.known, settled=taken.settled), at.language)
        tell_findings(found.findings, at.language)
        if found.findings:
            raise typer.Exit(Exit.PARTLY if found.lines else Exit.FAILED)


@app.command("list")
def list_(
    context: typer.Context,
    tenant: Tenant,
    state: Annotated[
        list[State] | None, typer.Option("--state", help="Only lines in this state; may be repeated.")
    ] = None,
    partner: Partner = None,
    source: Annotated[LineSource | None, typer.Option("--source", help="Only lines from there.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Settled lines too.")] = False,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """List lines that wait for somebody, those with most money behind them first."""
    states = tuple(state or (() if all_ else OPEN))
    with session(context, tenant) as at:
        with at.work.read() as uow:
            rows = uow.lines.chosen(Chosen(states=states, partner=partner, source=source, limit=limit))
        show([line_cells(row, at.language) for row in rows], as_json=json, columns=COLUMNS)


@app.command("show")
def show_line(context: typer.Context, line: Line, tenant: Tenant, json: Json = False) -> None:
    """Show one line with every suggestion and why."""
    with session(context, tenant) as at:
        row = find_line(at, line)
        shown = line_cells(row, at.language) | {"quantity": row.quantity, "price": row.price}
        show_one(shown, as_json=json)
        if not json:
            show(suggestion_cells(row, at.language), as_json=False)


@app.command()
def suggest(context: typer.Context, tenant: Tenant, partner: Partner = None, dry_run: DryRun = False) -> None:
    """Look at the waiting lines again, with the items and rules there are now."""
    what = Chosen(states=OPEN, partner=partner, limit=100_000)
    with session(context, tenant, dry_run=dry_run) as at:
        if dry_run:
            with at.work.read() as uow:
                tell_count(at, len(uow.lines.chosen(what)))
            return
        outcome = linework.suggest(at.work, what)
        tell_count(at, outcome.decided)
        tell_outcome(at, outcome)


@app.command()
def review(context: typer.Context, tenant: Tenant, partner: Partner = None) -> None:
    """Go through the waiting lines with one key each; `?` shows the keys.

    Without a terminal, keys are read from standard input, one a line: `a`, `2`, `u 12`, `/ defter`.
    """
    from kopru.cli.review import run  # noqa: PLC0415 - only this command needs it

    with session(context, tenant) as at:
        run(at, partner)


@app.command()
def confirm(
    context: typer.Context,
    tenant: Tenant,
    lines: Lines = None,
    item: Annotated[str, typer.Option("--item", help="Code of the own item; else the suggestion.")] = "",
    service: Annotated[str, typer.Option("--service", help="Code of the service or expense.")] = "",
    factor: Annotated[str, typer.Option("--factor", help="How many one unit is (koli: 12).")] = "",
    scope: Annotated[Scope, typer.Option("--for", help="How far the decision reaches.")] = Scope.USUAL,
    everyone: Annotated[bool, typer.Option("--everyone", help="For all partners.")] = False,
    pattern: Annotated[str, typer.Option("--pattern", help="The words of a pattern.")] = "",
    above: Annotated[
        float | None, typer.Option("--above", min=0, max=1, help="Accept all suggestions from this score on.")
    ] = None,
    partner: Partner = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Confirm what lines are; waiting lines that this explains are settled, and their orders go on."""
    with session(context, tenant, dry_run=dry_run) as at:
        if above is not None:
            accept_above(at, partner, above, yes=yes)
            return
        if not lines:
            say(Text(tr="Satır ya da --above verin.", en="Name lines, or give --above."), at.language)
            raise typer.Exit(Exit.USAGE)
        rows = [find_line(at, each) for each in lines]
        choice = choice_of(at, item, service, factor)
        reach = Reach(Scope.PATTERN if pattern else scope, everyone, pattern)
        if dry_run:
            for row in rows:
                tell_reach(at, row, choice, reach)
            return
        tell_outcome(at, settling.confirm(at.work, [row.id for row in rows], choice, reach))


@app.command()
def reject(
    context: typer.Context,
    line: Line,
    tenant: Tenant,
    item: Annotated[str, typer.Option("--item", help="The item it is not; else the suggestion.")] = "",
    dry_run: DryRun = False,
) -> None:
    """Say that a line is not the suggested item; that is remembered."""
    with session(context, tenant, dry_run=dry_run) as at:
        row = find_line(at, line)
        wrong = find_item(at, item).id if item else None
        if not dry_run:
            settling.reject(at.work, row.id, wrong)
        say(Text(tr="Reddedildi ve unutulmayacak.", en="Rejected, and remembered."), at.language)


@app.command()
def park(
    context: typer.Context,
    line: Line,
    tenant: Tenant,
    reason: Annotated[str, typer.Option("--reason", help="Why it is put off.")],
    dry_run: DryRun = False,
) -> None:
    """Put a line off with a reason; the review passes it over."""
    with session(context, tenant, dry_run=dry_run) as at:
        row = find_line(at, line)
        if not dry_run:
            settling.put_off(at.work, row.id, reason)
        say(Text(tr="Bekletiliyor.", en="Put off."), at.language)


@app.command()
def undo(
    context: typer.Context,
    tenant: Tenant,
    step: Annotated[str, typer.Argument(help="The decision; the latest one by default.")] = "",
    list_steps: Annotated[bool, typer.Option("--list", help="Only list what can be taken back.")] = False,
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Take a decision back as a whole, bulk ones too; lines already invoiced stay."""
    with session(context, tenant, dry_run=dry_run) as at:
        with at.work.read() as uow:
            steps = uow.lines.steps(limit=1000)
        if list_steps or dry_run:
            rows = [
                {"step": str(each.id)[:8], "kind": each.kind, "by": each.made_by, "at": each.made_at}
                | {"lines": len(each.data["lines"]), "rules": len(each.data["rules_made"])}
                for each in (steps if list_steps else steps[:1])
            ]
            show(rows, as_json=json)
            return
        found = [each.id for each in steps if str(each.id).startswith(step)] if step else [None]
        undone = undoing.undo(at.work, found[0] if found else UUID(int=0))
        text = Text(
            tr="Geri alındı: {lines} satır eski hâlinde, {kept} satır faturalandığı için kaldı.",
            en="Taken back: {lines} lines are as they were, {kept} stay because they were invoiced.",
        )
        say(text.fill(lines=undone.lines, kept=undone.kept), at.language)


@app.command()
def new(
    context: typer.Context,
    line: Line,
    tenant: Tenant,
    code: Annotated[str, typer.Option("--code", help="Code of the new item.")] = "",
    name: Annotated[str, typer.Option("--name", help="Its name; else the line's text.")] = "",
    kind: Annotated[str, typer.Option("--kind", help="goods or service.")] = "goods",
    dry_run: DryRun = False,
) -> None:
    """Propose a new item from a line; it exists only once someone approves it."""
    with session(context, tenant, dry_run=dry_run) as at:
        row = find_line(at, line)
        if not dry_run:
            linework.propose(at.work, row, code=code, name=name, kind=kind)
        say(
            Text(tr="Önerildi. Onaylayın: kopru lines approve", en="Proposed. Approve: kopru lines approve"),
            at.language,
        )


@app.command()
def drafts(context: typer.Context, tenant: Tenant, json: Json = False) -> None:
    """List proposed items that wait for approval."""
    with session(context, tenant) as at:
        with at.work.read() as uow:
            rows = [draft_cells(each) for each in uow.lines.drafts()]
        show(rows, as_json=json)


@app.command()
def approve(
    context: typer.Context,
    draft: Annotated[str, typer.Argument(help="The proposal, as `lines drafts` shows it.")],
    tenant: Tenant,
    code: Annotated[str, typer.Option("--code", help="Another code for the item.")] = "",
    refuse: Annotated[bool, typer.Option("--refuse", help="Turn it down.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Make a proposed item and let its line be it, or turn it down."""
    with session(context, tenant, dry_run=dry_run) as at:
        with at.work.read() as uow:
            found = [each.id for each in uow.lines.drafts() if str(each.id).startswith(draft)]
        draft_id = found[0] if len(found) == 1 else UUID(int=0)
        if dry_run:
            tell_count(at, len(found))
        elif refuse:
            linework.refuse(at.work, draft_id)
            say(Text(tr="Geri çevrildi.", en="Turned down."), at.language)
        else:
            tell_outcome(at, linework.approve(at.work, draft_id, code=code))


def draft_cells(draft: DraftItem) -> dict[str, Any]:
    """Return a proposed item as lists show it."""
    return {
        "draft": str(draft.id)[:8],
        "line": str(draft.line_id)[:8],
        "code": draft.code,
        "name": draft.name,
        "barcode": draft.barcode,
        "unit": draft.unit,
        "kind": draft.kind,
        "vat_rate": draft.vat_rate,
        "by": draft.made_by,
    }
