"""Taking decisions on lines back, each as a whole, as long as that does no harm.

What went out already stays: a line whose order has an invoice keeps its item.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from kopru.flows.env import Work
from kopru.flows.linerows import Chosen, LineRow, StepRow
from kopru.flows.ports import Uow
from kopru.flows.records import DocumentState, Reason
from kopru.flows.settling import look_again, reopened
from kopru.flows.texts_lines import TEXTS
from kopru.hooks.errors import ConfigError
from kopru.matching.api import State
from kopru.matching.normalise import text_key


@dataclass(frozen=True)
class Undone:
    """What taking a step back came to."""

    step: StepRow
    lines: int = 0
    """Lines that are as they were."""
    kept: int = 0
    """Lines whose order was invoiced meanwhile."""


def undo(work: Work, step_id: UUID | None = None) -> Undone:
    """Take a decision back, by default the latest one that still stands.

    Raises:
        ConfigError: there is none.
    """
    with work.write() as uow:
        step = _step(uow, step_id)
        if step is None or not uow.lines.undone(step.id, work.actor):
            raise ConfigError("lines.nothing_to_undo", TEXTS["lines.nothing_to_undo"])
        _forget(work, uow, step.data)
        restored, kept = _restore(uow, step.data)
        again = _explained(uow, step.data) - {line.id for line in restored}
        uow.events.add(work.actor, "lines", step.id, "lines.undone", lines=len(restored), kept=kept)
    look_again(work, sorted(again))
    return Undone(step, len(restored), kept)


def _step(uow: Uow, step_id: UUID | None) -> StepRow | None:
    standing = uow.lines.steps(limit=1 if step_id is None else 1000)
    return next((each for each in standing if step_id in (None, each.id)), None)


def _forget(work: Work, uow: Uow, data: Mapping[str, Any]) -> None:
    """Take back what the decision taught."""
    uow.rules.switch([UUID(id) for id in data["rules_made"]], on=False, actor=work.actor)
    for id in map(UUID, data["rules_off"]):
        rule = uow.rules.get(id)
        if rule is not None and uow.rules.same(rule) is None:
            uow.rules.switch([id], on=True, actor=work.actor)
    for item_id, text in data["names"]:
        uow.catalogue.set_alias(UUID(item_id), text, work.actor, on=False)
    for partner, key, item_id in data["rejected"]:
        uow.rules.reject(partner, key, [UUID(item_id)], work.actor, on=False)
    for partner, words in data["words"]:
        uow.rules.saw_words(partner, words, by=-1)
    for rule_id in data["blamed"]:
        uow.rules.corrected(UUID(rule_id), by=-1)


def _restore(uow: Uow, data: Mapping[str, Any]) -> tuple[list[LineRow], int]:
    """Put lines back as they were; return them, and how many stay because their order was invoiced."""
    restored, kept = [], 0
    for before in data["lines"]:
        line = uow.lines.get(UUID(before["id"]), lock=True)
        if line is None:
            continue
        if _is_out(uow, line):
            kept += 1
        else:
            restored.append(_as_before(line, before))
            uow.lines.correct(line.id, on=before["corrected"])
    uow.lines.update(restored)
    return restored, kept


def _is_out(uow: Uow, line: LineRow) -> bool:
    """Whether the line's order has an invoice already."""
    if line.order_id is None:
        return False
    return any(each.state is not DocumentState.VOID for each in uow.documents.of_order(line.order_id))


def _as_before(line: LineRow, before: Mapping[str, Any]) -> LineRow:
    return replace(
        line,
        state=State(before["state"]),
        reason=Reason.from_json(before["reason"]),
        item_id=UUID(before["item_id"]) if before["item_id"] else None,
        service=before["service"],
        factor=Decimal(before["factor"]),
        rule_id=UUID(before["rule_id"]) if before["rule_id"] else None,
        made_by=before["made_by"],
        alone=before["alone"],
        parked=before["parked"],
    )


def _explained(uow: Uow, data: Mapping[str, Any]) -> set[UUID]:
    """Reopen the lines that were settled by what is forgotten now, and return them."""
    found: dict[UUID, LineRow] = {}
    for rule_id in map(UUID, data["rules_made"]):
        rule = uow.rules.get(rule_id)
        reached = uow.lines.reached(rule) if rule is not None else []
        found |= {line.id: line for line in reached if line.rule_id == rule_id and line.alone}
    for item_id, text in data["names"]:
        same = uow.lines.chosen(Chosen(states=(State.RESOLVED,), text_key=text_key(text), limit=1000))
        found |= {line.id: line for line in same if line.alone and line.item_id == UUID(item_id)}
    open_ = [reopened(line) for line in found.values() if not _is_out(uow, line)]
    uow.lines.update(open_)
    return {line.id for line in open_}
