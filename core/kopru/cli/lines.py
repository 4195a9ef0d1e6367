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
from kopru.flows import itemcards, linework, settling, undoing
from kopru.flows.linerows import OPEN, Chosen, DraftItem, LineSource, StepRow
from kopru.flows.rulemaking import Reach, Scope
from kopru.flows.texts_lines import TEXTS
from kopru.hooks.errors import ConfigError
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
    """Take lines of a file in and say which own items they are; with --dry-run only the latter."""
    from kopru.flows.linefile import read_lines  # noqa: PLC0415 - the XML library is slow to import

    with session(context, tenant, dry_run=dry_run) as at:
        found = read_lines(at.work, file.read_bytes(), file.name, partner)
        taken = linework.take_in(at.work, found.lines)
        text = Text(
            tr="{new} yeni satır, {known} bilinen; {settled} satır çözümlendi.",
            en="{new} new lines, {known} known; {settled} resolved.",
        )
        say(text.fill(new=taken.new, known=taken.known, settled=taken.settled), at.language)
        tell_findings(found.findings, at.language)
        if found.findings:
            raise typer.Exit(Exit.PARTLY if found.lines else Exit.FAILED)


@app.command()
def pull(
    context: typer.Context,
    channel: Annotated[str, typer.Argument(help="The connection of the e-invoice channel.")],
    tenant: Tenant,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Read the e-invoices that suppliers sent now, and say which own items their lines are.

    The engine does this by itself every half hour; a document is never taken in twice.
    """
    from kopru.flows import incoming  # noqa: PLC0415 - the XML library is slow to import

    with session(context, tenant, dry_run=dry_run) as at:
        connection = at.connection(channel)
        if dry_run:
            text = Text(
                tr="“{name}” okunacak; hiçbir şey okunmadı.", en="“{name}” would be read; nothing was."
            )
            say(text.fill(name=connection.name), at.language)
            return
        progress = incoming.pull_inbox(at.work, connection.id)
        looked_at = incoming.look(at.work)
        if json:
            show_one({"documents": progress.changed, "lines": looked_at}, as_json=True)
            return
        text = Text(
            tr="{new} yeni belge, {lines} satıra bakıldı. Bekleyenler: kopru lines list",
            en="{new} new documents, {lines} lines looked at. Those that wait: kopru lines list",
        )
        say(text.fill(new=progress.changed, lines=looked_at), at.language)


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
        suggestions = suggestion_cells(row, at.language)
        shown = line_cells(row, at.language) | {"rule": str(row.rule_id or "")[:8], "matcher": row.version}
        show_one(shown | ({"suggestions": suggestions} if json else {}), as_json=json)
        if not json:
            show(suggestions, as_json=False)


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
def review(context: typer.Context, tenant: Tenant, partner: Partner = None, dry_run: DryRun = False) -> None:
    """Go through the waiting lines with one key each; `?` shows the keys.

    With --dry-run, keys that decide something store nothing.

    Without a terminal, keys are read from standard input, one a line: `a`, `2`, `u 12`, `/ defter`.
    """
    from kopru.cli.review import run  # noqa: PLC0415 - only this command needs it

    with session(context, tenant, dry_run=dry_run) as at:
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
        if list_steps:
            show([step_cells(each) for each in steps], as_json=json)
            return
        found = [each for each in steps if str(each.id).startswith(step)] if step else steps[:1]
        if len(found) > 1:
            raise ConfigError("lines.several_steps", TEXTS.text("lines.several_steps", step=step))
        if dry_run:
            show([step_cells(each) for each in found], as_json=json)
            return
        undone = undoing.undo(at.work, found[0].id if found else UUID(int=0))
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
    ledger: Annotated[bool, typer.Option("--ledger", help="Make its card in the ledger too.")] = False,
    refuse: Annotated[bool, typer.Option("--refuse", help="Turn it down.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Make a proposed item and let its line be it, or turn it down."""
    with session(context, tenant, dry_run=dry_run) as at:
        with at.work.read() as uow:
            found = [each for each in uow.lines.drafts() if str(each.id).startswith(draft)]
        if len(found) != 1:
            raise ConfigError("lines.no_draft", TEXTS["lines.no_draft"])
        draft_id = found[0].id
        if dry_run:
            tell_count(at, 1)
        elif refuse:
            linework.refuse(at.work, draft_id)
            say(Text(tr="Geri çevrildi.", en="Turned down."), at.language)
        else:
            tell_outcome(at, linework.approve(at.work, draft_id, code=code))
            if ledger:
                itemcards.create(at.work, code or found[0].code)


def step_cells(step: StepRow) -> dict[str, Any]:
    """Return a decision as lists show it."""
    return {
        "step": str(step.id)[:8],
        "kind": step.kind,
        "by": step.made_by,
        "at": step.made_at,
        "lines": len(step.data["lines"]),
        "rules": len(step.data["rules_made"]),
    }


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
