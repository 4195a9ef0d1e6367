"""What the commands on lines and rules share: finding lines, choosing items, showing both."""

from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from kopru.cli.common import Session
from kopru.cli.output import confirmed, out, say, show, tell_findings
from kopru.flows import linework, rulebook, settling
from kopru.flows.linerows import LineRow, LineSource
from kopru.flows.records import ItemRow
from kopru.flows.rulemaking import Choice, Reach, rule_of
from kopru.flows.texts_lines import TEXTS
from kopru.hooks.errors import ConfigError
from kopru.model import Language, Text

COLUMNS = ("line", "state", "partner", "text", "code", "unit", "item", "score", "suggestion", "reason")


def find_line(at: Session, text: str) -> LineRow:
    """Return the line whose id begins so.

    Raises:
        ConfigError: there is none, or several.
    """
    with at.work.read() as uow:
        found = uow.lines.find(text.lower())
    if len(found) == 1:
        return found[0]
    code = "lines.several" if found else "lines.unknown"
    raise ConfigError(code, TEXTS.text(code, line=text))


def find_item(at: Session, code: str) -> ItemRow:
    """Return the own item of a code.

    Raises:
        ConfigError: there is none.
    """
    with at.work.read() as uow:
        item = uow.items.by_code(code)
    if item is None:
        text = Text(
            tr="“{code}” kodlu ürün yok. Arayın: kopru items list --search",
            en="There is no item “{code}”. Search: kopru items list --search",
        )
        raise ConfigError("item.unknown", text.fill(code=code))
    return item


def choice_of(at: Session, item: str, service: str, factor: str) -> Choice | None:
    """Return what the options choose; nothing when the suggestion is meant.

    Raises:
        ConfigError: there is no such item, or the factor is no number above zero.
    """
    try:
        number = Decimal(factor.replace(",", ".") or "1")
    except InvalidOperation:
        number = Decimal(0)
    if not number.is_finite() or number <= 0:
        raise ConfigError("lines.factor", TEXTS.text("lines.factor", factor=factor))
    if service:
        return Choice(service=service, factor=number)
    return Choice(find_item(at, item), factor=number) if item else None


def tell_reach(at: Session, row: LineRow, choice: Choice | None, reach: Reach) -> None:
    """Say beforehand what confirming a line will do."""
    chosen = choice or first_choice(at, row)
    if chosen is None:
        raise ConfigError("lines.no_suggestion", TEXTS["lines.no_suggestion"])
    say(consequence(at, row, chosen, reach), at.language)


def first_choice(at: Session, row: LineRow) -> Choice | None:
    """Return the first suggestion as a choice."""
    if row.best is None:
        return None
    with at.work.read() as uow:
        item = uow.catalogue.items([UUID(row.best.item_id)]).get(UUID(row.best.item_id))
    sold = row.source is LineSource.ORDER
    return Choice(item, factor=Decimal(1) if sold else row.best.case_size or Decimal(1)) if item else None


def consequence(at: Session, row: LineRow, choice: Choice, reach: Reach) -> Text:
    """Return what a decision would do: the rule, the waiting lines it reaches, what speaks against it."""
    rule = rule_of(row, choice, reach, at.work.actor)
    target = choice.item.code if choice.item else choice.service
    if rule is None:
        return Text(tr=f"{target}: yalnız bu satır.", en=f"{target}: this line alone.")
    past = rulebook.history(at.work, rule)
    text = Text(
        tr="{target}: kural ({kind} “{key}”, {whom}); bekleyen {waiting} satır, geçmişte {otherwise} farklı, "
        "{against} çelişki.",
        en="{target}: rule ({kind} “{key}”, {whom}); {waiting} waiting lines, "
        "{otherwise} past ones otherwise, {against} contradictions.",
    )
    return text.fill(
        target=target,
        kind=rule.kind.value,
        key=rule.key,
        whom=rule.partner or "*",
        waiting=past.waiting,
        otherwise=len(past.otherwise),
        against=past.contradicted,
    )


def accept_above(at: Session, partner: str | None, above: float | None, *, yes: bool) -> None:
    """Show what accepting every suggestion above a score means, and do it once agreed."""
    bulk = linework.plan_bulk(at.work, partner, above)
    show_bulk(at, bulk)
    if at.work.dry_run or not bulk.lines:
        return
    question = Text(tr=f"{len(bulk.lines)} satır kabul edilsin mi?", en=f"Accept {len(bulk.lines)} lines?")
    if confirmed(question, at.language, yes=yes):
        tell_outcome(at, linework.accept_bulk(at.work, bulk))


def show_bulk(at: Session, bulk: linework.Bulk) -> None:
    """Show a bulk plan: what is left out first, samples from just above the score, measured precision."""
    for row in bulk.excluded[:20]:
        out.print(
            f"! {row.text[:60]}: {(row.reason.text.of(at.language) if row.reason else '')}", markup=False
        )
    show([line_cells(row, at.language) for row in bulk.samples], as_json=False, columns=COLUMNS)
    text = Text(
        tr="Puan ≥ {score}: {lines} satır, {left} satır dışarıda. Geçmiş kararlarda {right}/{measured} doğru "
        "(%95 alt sınır {lower}).",
        en="Score ≥ {score}: {lines} lines, {left} left out. Right in {right} of {measured} past decisions "
        "(95% lower bound {lower}).",
    )
    values = {"score": round(bulk.threshold, 3), "lines": len(bulk.lines), "left": len(bulk.excluded)}
    say(
        text.fill(**values, right=bulk.right, measured=bulk.measured, lower=round(bulk.lower, 3)), at.language
    )
    spread = "  ".join(f"{step}%: {count}" for step, count in bulk.histogram) or "–"
    say(Text(tr=f"Dağılım: {spread}", en=f"Spread: {spread}"), at.language)


def tell_count(at: Session, count: int) -> None:
    """Say how many are meant."""
    say(Text(tr=f"{count} satır.", en=f"{count} lines."), at.language)


def tell_outcome(at: Session, outcome: settling.Outcome) -> None:
    """Say what a decision did."""
    text = Text(
        tr="{decided} satır onaylandı, {settled} satır onunla çözüldü, {orders} sipariş sürüyor.",
        en="{decided} lines confirmed, {settled} settled with them, {orders} orders go on.",
    )
    values = {"decided": outcome.decided, "settled": outcome.settled, "orders": outcome.orders}
    say(text.fill(**values), at.language)
    tell_findings(outcome.findings, at.language)


def line_cells(row: LineRow, language: Language) -> dict[str, Any]:
    """Return a line as lists show it."""
    best = row.best
    return {
        "line": str(row.id)[:8],
        "id": row.id,
        "state": row.state,
        "source": row.source,
        "source_ref": row.source_ref,
        "partner": row.partner_name or row.partner,
        "text": row.text[:200],
        "code": row.seller_code,
        "barcode": row.barcode,
        "unit": row.unit,
        "quantity": row.quantity,
        "price": row.price,
        "currency": row.currency,
        "vat_rate": row.vat_rate,
        "item": row.item_code or row.service,
        "factor": row.factor,
        "score": round(best.score, 3) if best else None,
        "suggestion": f"{best.item_code} {best.name[:80]}" if best and not row.settled else "",
        "reason": row.parked or (row.reason.text.of(language) if row.reason else ""),
        "code_of_reason": row.reason.code if row.reason else "",
        "decided_by": row.made_by or ("engine" if row.alone else ""),
        "decided_at": row.decided_at,
        "corrected": row.corrected,
    }


def suggestion_cells(row: LineRow, language: Language) -> list[dict[str, Any]]:
    """Return the suggestions of a line, best first, with what speaks for and against them."""
    return [
        {
            "n": place,
            "item": each.item_code,
            "name": each.name,
            "score": round(each.score, 3),
            "by": each.via,
            "against": ", ".join(sorted(gate.value for gate in each.gates)),
            "why": each.reasons.text.of(language),
        }
        for place, each in enumerate(row.suggestions[:5], 1)
    ]
