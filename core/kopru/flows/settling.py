"""What a person decides on lines: confirm, reject, put off. Each decision is one step that can be taken back.

Confirming a line teaches: a rule of the partner, a further name of the item, an abbreviation. Every waiting
line that this explains is settled with it, and the orders that waited for them go on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from kopru.flows.abbreviations import abbreviations
from kopru.flows.env import Work
from kopru.flows.linerows import ONE, OPEN, Chosen, LineRow, LineSource, RuleKind, RuleRow, StepRow
from kopru.flows.mapping import by_rule, mapped
from kopru.flows.orderlines import count_hits
from kopru.flows.ports import Uow
from kopru.flows.records import ItemRow, advance_job
from kopru.flows.rulemaking import USUAL, Choice, Reach, Scope, contradictions, rule_of
from kopru.flows.ruling import partners_of, rule_keys, said_of
from kopru.flows.texts_lines import TEXTS
from kopru.flows.trust import fits_price, own_threshold
from kopru.hooks.errors import ConfigError
from kopru.matching.api import State
from kopru.matching.normalise import text_key
from kopru.model import Finding, Severity

MOST_AGAIN = 2_000
"""Waiting lines looked at again after a decision."""

_EXAMPLES = 5


@dataclass(frozen=True)
class Outcome:
    """What a decision did."""

    step_id: UUID
    decided: int = 0
    """Lines a person decided."""
    settled: int = 0
    """Other waiting lines that were settled with them."""
    orders: int = 0
    """Orders that go on."""
    rules: int = 0
    """Rules made."""
    findings: tuple[Finding, ...] = ()


@dataclass
class _Step:
    """What a decision changes, gathered so that it can be taken back."""

    before: list[LineRow] = field(default_factory=list)
    rules_made: list[RuleRow] = field(default_factory=list)
    rules_off: list[UUID] = field(default_factory=list)
    names: list[tuple[UUID, str]] = field(default_factory=list)
    rejected: list[tuple[str, str, UUID]] = field(default_factory=list)
    words: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    blamed: list[UUID] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    orders: set[UUID] = field(default_factory=set)
    decided: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return JSON data, as ``undoing`` reads it."""
        return {
            "lines": [_before(line) for line in self.before],
            "rules_made": [str(rule.id) for rule in self.rules_made],
            "rules_off": [str(id) for id in self.rules_off],
            "names": [[str(id), text] for id, text in self.names],
            "rejected": [[partner, key, str(id)] for partner, key, id in self.rejected],
            "words": [[partner, words] for partner, words in self.words],
            "blamed": [str(id) for id in self.blamed],
        }


def _before(line: LineRow) -> dict[str, Any]:
    return {
        "id": str(line.id),
        "state": line.state.value,
        "reason": line.reason.to_json() if line.reason else None,
        "item_id": str(line.item_id) if line.item_id else None,
        "service": line.service,
        "factor": str(line.factor),
        "rule_id": str(line.rule_id) if line.rule_id else None,
        "made_by": line.made_by,
        "alone": line.alone,
        "corrected": line.corrected,
        "parked": line.parked,
    }


def confirm(
    work: Work,
    line_ids: Sequence[UUID],
    choice: Choice | None = None,
    reach: Reach = USUAL,
    *,
    kind: str = "confirm",
) -> Outcome:
    """Store what lines are; without a choice each is its first suggestion.

    Raises:
        ConfigError: a line is unknown or has no suggestion, the reach does not fit it, or wider than the
            usual it would contradict what people decided.
    """
    step = _Step()
    with work.write() as uow:
        for line_id in line_ids:
            _confirm(work, uow, step, _locked(uow, line_id), choice, reach)
        settled = _settle_others(uow, step, set(line_ids))
        outcome = _close(work, uow, step, kind, settled)
        _recalibrate(uow)
    again = look_again(work, _explained(work, step))
    return replace(outcome, settled=outcome.settled + again.settled, orders=outcome.orders + again.orders)


def reject(work: Work, line_id: UUID, item_id: UUID | None = None) -> Outcome:
    """Remember that a line's text never means an item, by default the suggested one, and look again.

    Raises:
        ConfigError: the line is unknown, or has no suggestion.
    """
    step = _Step()
    with work.write() as uow:
        line = _locked(uow, line_id)
        wrong = item_id or line.item_id or _suggested(line)
        step.before.append(line)
        step.rejected.append((line.partner, line.text_key, wrong))
        uow.rules.reject(line.partner, line.text_key, [wrong], work.actor)
        if line.alone and line.item_id == wrong:
            _blame(uow, step, line)
        uow.lines.update([reopened(line)])
        outcome = _close(work, uow, step, "reject", 0)
    look_again(work, [line_id])
    return outcome


def put_off(work: Work, line_id: UUID, reason: str) -> Outcome:
    """Park a line with a reason; it no longer comes up in the review."""
    step = _Step()
    with work.write() as uow:
        line = _locked(uow, line_id)
        step.before.append(line)
        uow.lines.update([replace(line, parked=reason)])
        return _close(work, uow, step, "park", 0)


def look_again(work: Work, line_ids: Iterable[UUID]) -> Outcome:
    """Look at waiting lines again and let the orders of those that are settled now go on."""
    with work.read() as uow:
        rows = [row for id in line_ids if (row := uow.lines.get(id)) is not None and row.state in OPEN]
    if not rows:
        return Outcome(UUID(int=0))
    found = mapped(work, rows)
    settled = [row for row in found if row.settled]
    orders = {row.order_id for row in settled if row.order_id is not None}
    with work.write() as uow:
        uow.lines.see(found)
        count_hits(uow, settled)
        uow.jobs.add(*(advance_job(order_id) for order_id in sorted(orders)))
    return Outcome(UUID(int=0), settled=len(settled), orders=len(orders))


def _locked(uow: Uow, line_id: UUID) -> LineRow:
    line = uow.lines.get(line_id, lock=True)
    if line is None:
        raise ConfigError("lines.unknown", TEXTS.text("lines.unknown", line=line_id))
    return line


def _suggested(line: LineRow) -> UUID:
    if line.best is None:
        raise ConfigError("lines.no_suggestion", TEXTS["lines.no_suggestion"])
    return UUID(line.best.item_id)


def _first_suggestion(uow: Uow, line: LineRow) -> Choice:
    item_id = _suggested(line)
    item = uow.catalogue.items([item_id]).get(item_id)
    if item is None or line.best is None:
        raise ConfigError("lines.no_suggestion", TEXTS["lines.no_suggestion"])
    sold = line.source is LineSource.ORDER
    return Choice(item, factor=ONE if sold else line.best.case_size or ONE)


def _confirm(work: Work, uow: Uow, step: _Step, line: LineRow, choice: Choice | None, reach: Reach) -> None:
    chosen = choice or _first_suggestion(uow, line)
    if chosen.factor <= 0:
        raise ConfigError("lines.factor", TEXTS.text("lines.factor", factor=chosen.factor))
    if line.source is LineSource.ORDER and chosen.factor != 1:
        raise ConfigError("lines.sold_by_piece", TEXTS["lines.sold_by_piece"])
    item_id, service, factor = chosen.target
    if line.alone and (line.item_id, line.service) != (item_id, service):
        _blame(uow, step, line)
    _check_price(uow, step, line, chosen)
    rule = rule_of(line, chosen, reach, work.actor)
    rule = _stored(work, uow, step, line, rule, reach) if rule is not None else None
    if reach.scope is not Scope.ONCE and chosen.item is not None:
        _teach(work, uow, step, line, chosen.item, factor)
    step.before.append(line)
    step.decided += 1
    decided = replace(
        line,
        state=State.USER,
        reason=None,
        item_id=item_id,
        service=service,
        factor=factor,
        rule_id=rule.id if rule else None,
        made_by=work.actor,
        alone=False,
        parked="",
        decided_at=None,
    )
    uow.lines.update([decided])
    if line.order_id is not None:
        step.orders.add(line.order_id)


def _blame(uow: Uow, step: _Step, line: LineRow) -> None:
    """Count a line that was decided alone and wrongly, for its partner and its rule."""
    uow.lines.correct(line.id)
    if line.rule_id is not None:
        uow.rules.corrected(line.rule_id)
        step.blamed.append(line.rule_id)


def _check_price(uow: Uow, step: _Step, line: LineRow, choice: Choice) -> None:
    """Warn when the price of a piece is far from the usual one: unit or factor may be wrong."""
    if choice.item is None or not line.price:
        return
    price = line.price / choice.factor
    usual = fits_price(price, uow.lines.unit_prices(choice.item.id, line.partner, line.currency))
    if usual is not None:
        text = TEXTS.text("lines.price_ratio", price=round(price, 2), usual=round(usual, 2))
        step.findings.append(
            Finding(code="lines.price_ratio", message=text, field=line.text[:80], severity=Severity.WARNING)
        )


def _stored(work: Work, uow: Uow, step: _Step, line: LineRow, rule: RuleRow, reach: Reach) -> RuleRow | None:
    """Store a rule in place of the one that stood for the same key, and return it."""
    against = [each for each in contradictions(uow, rule) if each.text_key != line.text_key]
    if against and reach.scope is Scope.USUAL and not reach.everyone:
        narrow = rule_of(line, _choice_of(rule), Reach(Scope.TEXT), work.actor) if line.text_key else None
        return _put(work, uow, step, narrow) if narrow is not None else None
    wide = rule.kind in (RuleKind.CODE, RuleKind.BARCODE, RuleKind.PATTERN)
    if reach.everyone:
        wide, against = True, contradictions(uow, rule)
    if against and wide:
        examples = ", ".join(dict.fromkeys(each.text[:40] for each in against[:_EXAMPLES]))
        text = TEXTS.text("lines.contradictions", count=len(against), examples=examples)
        raise ConfigError("lines.contradictions", text)
    return _put(work, uow, step, rule)


def _choice_of(rule: RuleRow) -> Choice:
    item = ItemRow(rule.item_id, rule.item_code, "", "goods", "", None) if rule.item_id else None
    return Choice(item, rule.service, rule.factor)


def _put(work: Work, uow: Uow, step: _Step, rule: RuleRow) -> RuleRow:
    standing = uow.rules.same(rule)
    if standing is not None and standing.target == rule.target:
        return standing
    if standing is not None:
        uow.rules.switch([standing.id], on=False, actor=work.actor)
        step.rules_off.append(standing.id)
    uow.rules.add(rule)
    step.rules_made.append(rule)
    return rule


def _teach(work: Work, uow: Uow, step: _Step, line: LineRow, item: ItemRow, factor: Decimal) -> None:
    """Let the text be a further name of the item for everyone, and note the partner's abbreviations.

    A text that names a whole pack is no name of the piece.
    """
    if (
        factor == 1
        and line.text_key != text_key(item.name)
        and uow.catalogue.set_alias(item.id, line.text, work.actor)
    ):
        step.names.append((item.id, line.text))
    words = dict(abbreviations(line.text_key, text_key(item.name)))
    if words:
        uow.rules.saw_words(line.partner, words)
        step.words.append((line.partner, words))


def _settle_others(uow: Uow, step: _Step, decided: set[UUID]) -> int:
    """Settle the waiting lines that the new rules decide; return how many."""
    done: dict[UUID, LineRow] = {}
    for rule in step.rules_made:
        for line in uow.lines.reached(rule):
            if line.id in decided or line.id in done or line.state not in OPEN:
                continue
            ruled = said_of(line, uow.rules.for_lines(partners_of(line.partner), rule_keys(line)))
            if ruled is not None and ruled.rule is not None and ruled.sure and ruled.fits_unit:
                step.before.append(line)
                done[line.id] = by_rule(line, ruled)
    uow.lines.update(list(done.values()))
    count_hits(uow, done.values())
    step.orders |= {line.order_id for line in done.values() if line.order_id is not None}
    return len(done)


def _close(work: Work, uow: Uow, step: _Step, kind: str, settled: int) -> Outcome:
    """Store the step and let the orders go on."""
    row = StepRow(uuid4(), kind, work.actor, step.to_json())
    uow.lines.step(row)
    uow.events.add(
        work.actor,
        "lines",
        row.id,
        f"lines.{kind}",
        lines=[str(line.id) for line in step.before[:1000]],
        rules=[str(rule.id) for rule in step.rules_made],
        settled=settled,
    )
    uow.jobs.add(*(advance_job(order_id) for order_id in sorted(step.orders)))
    return Outcome(
        row.id, step.decided, settled, len(step.orders), len(step.rules_made), tuple(step.findings)
    )


def _explained(work: Work, step: _Step) -> list[UUID]:
    """Return the waiting lines that the decision may explain beyond its rules' own words."""
    with work.read() as uow:
        found = {
            line.id for rule in step.rules_made for line in uow.lines.reached(rule) if line.state in OPEN
        }
        for _, text in step.names:
            same = Chosen(states=OPEN, text_key=text_key(text), limit=MOST_AGAIN)
            found |= {line.id for line in uow.lines.chosen(same)}
    return sorted(found)[:MOST_AGAIN]


def reopened(line: LineRow) -> LineRow:
    """Return a line as one that nobody looked at."""
    return replace(
        line,
        state=State.NOT_TRIED,
        reason=None,
        item_id=None,
        service="",
        factor=ONE,
        rule_id=None,
        made_by="",
        alone=False,
        decided_at=None,
    )


def _recalibrate(uow: Uow) -> None:
    """Let the tenant's own decisions say from which score the text alone may decide."""
    threshold = own_threshold(uow.lines.decisions())
    if threshold is not None:
        uow.catalogue.set_threshold(threshold)
