"""``kopru buyers``: what buyers call our items, and how much of what they buy has their code."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kopru.cli.common import DryRun, Json, Session, Tenant, session
from kopru.cli.output import Exit, say, show, show_one, tell_findings
from kopru.documents import Gaps
from kopru.model import Text

if TYPE_CHECKING:
    from kopru.flows.buyers import Coverage, Plan

app = typer.Typer(no_args_is_help=True)

Buyer = Annotated[str, typer.Option("--buyer", "-b", help="The buyer's tax number (VKN or TCKN).")]
AnyBuyer = Annotated[str | None, typer.Option("--buyer", "-b", help="Only this buyer (tax number).")]
Name = Annotated[str | None, typer.Option("--name", help="What the buyer is called in lists.")]
Days = Annotated[int, typer.Option("--days", min=1, max=3650, help="Sales of how many days count.")]


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, help="CSV or XLSX: code or barcode, buyer code, buyer name."
        ),
    ],
    tenant: Tenant,
    buyer: Buyer,
    name: Name = None,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="Withdraw what the list does not have; only if every row can be used."
        ),
    ] = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Read a buyer's list of its codes and names; with --dry-run show what would change.

    Orders that waited for a code of this buyer go on.
    """
    from kopru.flows import buyers  # noqa: PLC0415 - help must not wait for the matcher
    from kopru.flows.buyerfile import read_list  # noqa: PLC0415 - help must not wait for the matcher

    with session(context, tenant, dry_run=dry_run) as at:
        number = buyers.checked_number(buyer)
        listed, findings = read_list(file.read_bytes())
        plan = buyers.plan_import(at.work, number, listed, whole=replace and not findings)
        found = buyers.coverage(at.work, number, plan=plan)
        if not dry_run and listed:
            buyers.apply_import(at.work, number, plan, name=name)
        if not json:
            show(_changes(plan), as_json=False)
        show_one(_summary(plan, found), as_json=json)
        tell_findings((*findings, *plan.findings), at.language)
        refused = [each for each in (*findings, *plan.findings) if each.blocks]
        if refused:
            raise typer.Exit(Exit.PARTLY if plan.rows or plan.same else Exit.FAILED)


@app.command("list")
def list_(context: typer.Context, tenant: Tenant, buyer: AnyBuyer = None, json: Json = False) -> None:
    """List the buyers with codes of their own, or the codes of one."""
    with session(context, tenant) as at, at.work.read() as uow:
        rows: list[dict[str, Any]]
        if buyer is None:
            rows = [
                {
                    "tax_number": row.tax_number,
                    "name": row.name,
                    "gaps": row.gaps,
                    "items": row.items,
                    "updated_at": row.updated_at,
                }
                for row in uow.buyers.every()
            ]
        else:
            rows = [
                {"code": row.item_code, "buyer_code": row.code, "buyer_name": row.name}
                for row in uow.buyers.items("".join(buyer.split()))
            ]
        show(rows, as_json=json)


@app.command()
def coverage(
    context: typer.Context, tenant: Tenant, buyer: AnyBuyer = None, days: Days = 90, json: Json = False
) -> None:
    """Show how much of recent sales has the buyer's code; of one buyer with every gap named.

    Orders that wait for their invoice count too, so gaps show before the first invoice.
    """
    from kopru.flows import buyers  # noqa: PLC0415 - help must not wait for the matcher

    with session(context, tenant) as at:
        if buyer is None:
            with at.work.read() as uow:
                numbers = [row.tax_number for row in uow.buyers.every()]
            show([_covered(buyers.coverage(at.work, each, days)) for each in numbers], as_json=json)
            return
        found = buyers.coverage(at.work, buyers.checked_number(buyer), days)
        gaps = [
            {
                "code": gap.item_code,
                "name": gap.name,
                "amount": gap.amount,
                "invoices": gap.documents,
                "waiting_orders": gap.waiting,
            }
            for gap in found.gaps
        ]
        if json:
            show_one({**_covered(found), "gap_list": gaps}, as_json=True)
            return
        show_one(_covered(found), as_json=False)
        if gaps:
            show(gaps, as_json=False)


@app.command("set")
def set_(
    context: typer.Context,
    tenant: Tenant,
    buyer: Buyer,
    gaps: Annotated[
        Gaps | None, typer.Option("--gaps", help="An item without the buyer's code: say so, or stop.")
    ] = None,
    name: Name = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Choose whether invoices to a buyer wait for a missing code (block), warn, or go (ignore)."""
    from kopru.flows import buyers  # noqa: PLC0415 - help must not wait for the matcher

    with session(context, tenant, dry_run=dry_run) as at:
        number = buyers.checked_number(buyer)
        with at.work.read() as uow:
            row = buyers.changed(uow, number, name, gaps)
        if not dry_run:
            row = buyers.set_buyer(at.work, number, name=name, gaps=gaps)
        show_one({"tax_number": row.tax_number, "name": row.name, "gaps": row.gaps}, as_json=json)
        _hint(at, row.items, number, tenant)


def _hint(at: Session, items: int, number: str, tenant: str) -> None:
    if not items:
        text = Text(
            tr=f"Sıradaki: kopru buyers import DOSYA --buyer {number} --tenant {tenant}",
            en=f"Next: kopru buyers import FILE --buyer {number} --tenant {tenant}",
        )
        say(text, at.language)


def _changes(plan: "Plan") -> list[dict[str, Any]]:
    rows: list[tuple[str, Any, str]] = [("+", row, "") for row in plan.added]
    rows += [("~", new, f"{old.code} {old.name}".strip()) for old, new in plan.changed]
    rows += [("-", row, "") for row in plan.withdrawn]
    return [
        {"": sign, "code": row.item_code, "buyer_code": row.code, "buyer_name": row.name, "was": was}
        for sign, row, was in rows
    ]


def _summary(plan: "Plan", found: "Coverage") -> dict[str, Any]:
    return {
        "added": len(plan.added),
        "changed": len(plan.changed),
        "same": plan.same,
        "withdrawn": len(plan.withdrawn),
        "refused": sum(each.blocks for each in plan.findings),
        "coverage_percent": found.percent,
        "gaps": len(found.gaps),
    }


def _covered(found: "Coverage") -> dict[str, Any]:
    return {
        "tax_number": found.buyer.tax_number,
        "name": found.buyer.name,
        "on_gaps": found.buyer.gaps,
        "coverage_percent": found.percent,
        "items": found.items,
        "covered": found.covered,
        "gaps": len(found.gaps),
        "amount": found.amount,
        "covered_amount": found.covered_amount,
    }
