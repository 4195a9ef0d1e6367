"""``kopru rules``: what was taught about lines; listed, tried out, exported, put out of force."""

from pathlib import Path
from typing import Annotated, Any

import typer

from kopru.cli.common import DryRun, Json, Limit, Tenant, session
from kopru.cli.desk import line_cells, suggestion_cells
from kopru.cli.lines import Partner
from kopru.cli.output import Exit, say, show, show_one, tell_findings
from kopru.flows import rulebook
from kopru.flows.linerows import RuleRow
from kopru.model import Text

app = typer.Typer(no_args_is_help=True)

MOST = 1_000_000

Rules = Annotated[list[str], typer.Argument(help="Rules: the beginnings of their ids.")]


@app.command("list")
def list_(
    context: typer.Context,
    tenant: Tenant,
    partner: Partner = None,
    disabled: Annotated[bool, typer.Option("--disabled", help="Those out of force too.")] = False,
    unused: Annotated[bool, typer.Option("--unused", help="Only those that never decided a line.")] = False,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """List rules: those that were corrected first, then those that decide most."""
    with session(context, tenant) as at:
        with at.work.read() as uow:
            rows = uow.rules.recent(partner=partner, disabled=disabled, limit=MOST if unused else limit)
        chosen = [row for row in rows if not (unused and row.hits)][:limit]
        show([cells(row) for row in chosen], as_json=json)


@app.command()
def test(
    context: typer.Context,
    tenant: Tenant,
    text: Annotated[str, typer.Argument(help="A text to try; or give --rule.")] = "",
    partner: Partner = None,
    code: Annotated[str, typer.Option("--code", help="The partner's code.")] = "",
    barcode: Annotated[str, typer.Option("--barcode", help="The barcode.")] = "",
    unit: Annotated[str, typer.Option("--unit", help="The unit.")] = "",
    rule: Annotated[
        str, typer.Option("--rule", help="Hold this rule against past lines instead of trying a text.")
    ] = "",
    json: Json = False,
) -> None:
    """Try a text, or see which past lines a rule would have decided otherwise. Nothing changes."""
    with session(context, tenant) as at:
        if rule:
            past = rulebook.history(at.work, rulebook.find_rule(at.work, rule))
            show([line_cells(row, at.language) for row in past.otherwise], as_json=json)
            told = Text(
                tr="{waiting} bekleyen, {agreeing} aynı, {otherwise} farklı ({against} kişi kararı).",
                en="{waiting} waiting, {agreeing} the same, {otherwise} otherwise ({against} by a person).",
            )
            values = {"waiting": past.waiting, "agreeing": past.agreeing, "against": past.contradicted}
            say(told.fill(otherwise=len(past.otherwise), **values), at.language)
            return
        found = rulebook.try_line(at.work, text, partner=partner or "", code=code, barcode=barcode, unit=unit)
        shown = line_cells(found, at.language)
        keep = ("state", "text", "item", "factor", "score", "reason", "code_of_reason")
        suggestions = suggestion_cells(found, at.language)
        one = {name: shown[name] for name in keep} | ({"suggestions": suggestions} if json else {})
        show_one(one, as_json=json)
        if not json:
            show(suggestions, as_json=False)


@app.command()
def export(
    context: typer.Context,
    tenant: Tenant,
    file: Annotated[Path, typer.Argument(dir_okay=False, help="The CSV file to write.")],
    partner: Partner = None,
    disabled: Annotated[bool, typer.Option("--disabled", help="Those out of force too.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Write rules into a CSV file."""
    with session(context, tenant, dry_run=dry_run) as at:
        with at.work.read() as uow:
            rows = uow.rules.recent(partner=partner, disabled=disabled, limit=MOST)
        if not dry_run:
            file.write_bytes(rulebook.export(rows))
        say(Text(tr=f"{len(rows)} kural yazıldı.", en=f"{len(rows)} rules were written."), at.language)


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV or XLSX, as exported.")],
    tenant: Tenant,
    dry_run: DryRun = False,
) -> None:
    """Read rules from a file; one for the same key replaces the old one. `lines undo` takes it back."""
    with session(context, tenant, dry_run=dry_run) as at:
        done = rulebook.import_rules(at.work, file.read_bytes())
        text = Text(
            tr="{new} yeni, {changed} değişen, {same} aynı kural.",
            en="{new} new, {changed} changed, {same} unchanged rules.",
        )
        say(text.fill(new=done.new, changed=done.changed, same=done.same), at.language)
        tell_findings(done.findings, at.language)
        if done.findings:
            raise typer.Exit(Exit.PARTLY if done.new + done.changed + done.same else Exit.FAILED)


@app.command()
def disable(context: typer.Context, rules: Rules, tenant: Tenant, dry_run: DryRun = False) -> None:
    """Put rules out of force; they stay on the list, and `lines undo` brings them back."""
    with session(context, tenant, dry_run=dry_run) as at:
        found = [rulebook.find_rule(at.work, each) for each in rules]
        count = len(found) if dry_run else rulebook.disable(at.work, [rule.id for rule in found])
        say(Text(tr=f"{count} kural kapatıldı.", en=f"{count} rules are out of force."), at.language)


def cells(rule: RuleRow) -> dict[str, Any]:
    """Return a rule as lists show it."""
    return {
        "rule": str(rule.id)[:8],
        "partner": rule.partner or "*",
        "kind": rule.kind,
        "key": rule.key,
        "item": rule.item_code or rule.service,
        "unit": rule.unit,
        "factor": rule.factor,
        "hits": rule.hits,
        "last_hit": rule.last_hit_at,
        "corrections": rule.corrections,
        "by": rule.made_by,
        "made_at": rule.made_at,
        "in_force": rule.disabled_at is None,
    }
