"""Which rule a decision on a line makes, and which earlier decisions speak against it."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID, uuid4

from kopru.flows.linerows import EVERYONE, ONE, LineRow, RuleKind, RuleRow
from kopru.flows.ports import Uow
from kopru.flows.records import ItemRow
from kopru.flows.ruling import key_of, pattern_key, unit_key, words_of
from kopru.flows.texts_lines import TEXTS
from kopru.hooks.errors import ConfigError
from kopru.matching.api import State

_FEWEST_WORDS = 2


class Scope(StrEnum):
    """How far a decision reaches."""

    USUAL = "usual"
    """The partner's code, else its barcode, else its exact text."""
    ONCE = "once"
    """This line alone; nothing is learned."""
    TEXT = "text"
    CODE = "code"
    BARCODE = "barcode"
    PATTERN = "pattern"


@dataclass(frozen=True)
class Choice:
    """What a line is: an own item or a service, and how many of it one unit of the line is."""

    item: ItemRow | None = None
    service: str = ""
    factor: Decimal = ONE

    @property
    def target(self) -> tuple[UUID | None, str, Decimal]:
        """Return what rules of this choice say."""
        return (self.item.id if self.item else None, self.service, self.factor)


@dataclass(frozen=True)
class Reach:
    """How far a decision reaches: by what lines are recognised, and whether of all partners."""

    scope: Scope = Scope.USUAL
    everyone: bool = False
    pattern: str = ""


USUAL = Reach()


def rule_of(line: LineRow, choice: Choice, reach: Reach, actor: str) -> RuleRow | None:
    """Return the rule a decision makes; nothing when only this line is meant.

    Raises:
        ConfigError: the line lacks what the rule would know lines by.
    """
    if reach.scope is Scope.ONCE:
        return None
    kind = _usual(line) if reach.scope is Scope.USUAL else RuleKind(reach.scope.value)
    if kind is None:
        return None
    key = pattern_key(reach.pattern) if kind is RuleKind.PATTERN else key_of(line, kind)
    if not key:
        raise ConfigError("lines.no_key", TEXTS.text("lines.no_key", kind=kind.value))
    if kind is RuleKind.PATTERN:
        words = words_of(key)
        if len(words) < _FEWEST_WORDS or not words <= words_of(line.text_key):
            raise ConfigError("lines.pattern", TEXTS.text("lines.pattern", pattern=key))
    item_id, service, factor = choice.target
    return RuleRow(
        id=uuid4(),
        partner=EVERYONE if reach.everyone else line.partner,
        kind=kind,
        key=key,
        text=line.text,
        item_id=item_id,
        item_code=choice.item.code if choice.item else "",
        service=service,
        unit=unit_key(line.unit),
        factor=factor,
        made_by=actor,
    )


def contradictions(uow: Uow, rule: RuleRow) -> list[LineRow]:
    """Return the lines in a rule's reach of which a person said something else."""
    return [
        line
        for line in uow.lines.reached(rule)
        if line.state is State.USER
        and (line.item_id, line.service) != (rule.item_id, rule.service)
        and unit_key(line.unit) == rule.unit
    ]


def _usual(line: LineRow) -> RuleKind | None:
    """Return by what a partner's lines are best recognised."""
    kinds = (RuleKind.CODE, RuleKind.BARCODE, RuleKind.TEXT)
    return next((kind for kind in kinds if key_of(line, kind)), None)
