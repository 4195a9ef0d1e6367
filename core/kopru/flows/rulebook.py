"""Rules as people look after them: what one would do, what it would have done, files of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID, uuid4

from kopru.flows.env import Work
from kopru.flows.linerows import EVERYONE, ONE, OPEN, LineRow, LineSource, RuleKind, RuleRow, StepRow
from kopru.flows.mapping import mapped
from kopru.flows.ports import Uow
from kopru.flows.rulemaking import contradictions
from kopru.flows.ruling import pattern_key, unit_key
from kopru.flows.texts_lines import TEXTS
from kopru.hooks.errors import ConfigError, Rejected
from kopru.matching.exact import barcode_key, code_key
from kopru.matching.normalise import text_key
from kopru.model import Finding, Severity
from kopru.toolkit import numbers, spreadsheet, tables

HEADER = ("partner", "kind", "key", "item_code", "service", "unit", "factor", "text")
FACTS = ("hits", "last_hit_at", "corrections", "made_by", "made_at", "disabled_at")
_NAMES = {
    "partner": ("partner", "cari"),
    "kind": ("kind", "tür"),
    "key": ("key", "anahtar"),
    "item_code": ("item_code", "ürün kodu", "stok kodu"),
    "service": ("service", "hizmet"),
    "unit": ("unit", "birim"),
    "factor": ("factor", "çarpan"),
    "text": ("text", "metin"),
    "disabled_at": ("disabled_at",),
}
_NEEDED = {"kind", "key", "item_code"}


@dataclass(frozen=True)
class History:
    """What a rule reaches: waiting lines, past ones, and past ones it would have decided otherwise."""

    rule: RuleRow
    waiting: int
    agreeing: int
    otherwise: tuple[LineRow, ...]
    contradicted: int
    """Of those, how many a person decided."""


def history(work: Work, rule: RuleRow) -> History:
    """Hold a rule, which need not be stored, against every line in its reach."""
    with work.read() as uow:
        reached = uow.lines.reached(rule, limit=100_000)
        against = contradictions(uow, rule)
    past = [line for line in reached if line.state not in OPEN]
    otherwise = [
        line
        for line in past
        if (line.item_id, line.service, line.factor) != rule.target and unit_key(line.unit) == rule.unit
    ]
    waiting = len(reached) - len(past)
    return History(rule, waiting, len(past) - len(otherwise), tuple(otherwise), len(against))


def try_line(
    work: Work, text: str, *, partner: str = "", code: str = "", barcode: str = "", unit: str = ""
) -> LineRow:
    """Return what would become of a line now; nothing is stored."""
    line = LineRow(
        id=uuid4(),
        source=LineSource.FILE,
        source_ref="test",
        source_line="1",
        partner=partner,
        text=text,
        seller_code=code,
        barcode=barcode,
        unit=unit,
    )
    return mapped(work, [line])[0]


def find_rule(work: Work, text: str) -> RuleRow:
    """Return the rule whose id begins so.

    Raises:
        ConfigError: there is none, or several.
    """
    with work.read() as uow:
        found = uow.rules.find(text)
    if len(found) != 1:
        raise ConfigError("rules.unknown", TEXTS.text("rules.unknown", rule=text))
    return found[0]


def disable(work: Work, rule_ids: Sequence[UUID]) -> int:
    """Put rules out of force as one step; they stay on the list. Returns how many were in force."""
    with work.write() as uow:
        standing = [id for id in rule_ids if (rule := uow.rules.get(id)) and rule.disabled_at is None]
        changed = uow.rules.switch(standing, on=False, actor=work.actor)
        _store_step(work, uow, "disable", [], standing)
    return changed


def export(rules: Sequence[RuleRow]) -> bytes:
    """Return rules as a CSV file, with what is known of their use behind what they say."""
    rows = [
        (
            *(rule.partner, rule.kind.value, rule.key, rule.item_code, rule.service, rule.unit),
            *(rule.factor.normalize(), rule.text, rule.hits),
            rule.last_hit_at.isoformat() if rule.last_hit_at else "",
            *(rule.corrections, rule.made_by),
            rule.made_at.isoformat() if rule.made_at else "",
            rule.disabled_at.isoformat() if rule.disabled_at else "",
        )
        for rule in rules
    ]
    return spreadsheet.to_csv((*HEADER, *FACTS), rows)


@dataclass(frozen=True)
class Imported:
    """What reading rules from a file came to."""

    new: int = 0
    changed: int = 0
    same: int = 0
    findings: tuple[Finding, ...] = ()


def import_rules(work: Work, content: bytes) -> Imported:
    """Read rules from a CSV or XLSX file as one step; those marked as disabled are passed over.

    Raises:
        Rejected: the file cannot be read, or lacks columns.
    """
    rows = tables.read(content)
    columns = tables.columns(rows[0], _NAMES) if rows else {}
    if not columns.keys() >= _NEEDED:
        raise Rejected("rules.file_header", TEXTS["rules.file_header"])
    made: list[UUID] = []
    off: list[UUID] = []
    same, findings = 0, []
    with work.write() as uow:
        for row in rows[1:]:
            cells = row.cells or ()
            given = {name: cells[at] for name, at in columns.items() if at < len(cells)}
            if given.get("disabled_at"):
                continue
            rule = _rule(work, uow, given)
            if isinstance(rule, str):
                findings.append(_finding(row.number, rule))
                continue
            standing = uow.rules.same(rule)
            if standing is not None and standing.target == rule.target:
                same += 1
                continue
            if standing is not None:
                off.append(standing.id)
            made.append(rule.id)
            if not work.dry_run:
                uow.rules.switch(off[-1:] if standing else [], on=False, actor=work.actor)
                uow.rules.add(rule)
        if not work.dry_run and made:
            _store_step(work, uow, "import", made, off)
    return Imported(len(made) - len(off), len(off), same, tuple(findings))


def _rule(work: Work, uow: Uow, given: dict[str, str]) -> RuleRow | str:
    """Return the rule of a row, or what is wrong with it."""
    try:
        kind = RuleKind(given.get("kind", "").lower())
    except ValueError:
        return f"kind “{given.get('kind', '')}”"
    key = _key(kind, given.get("key", ""))
    if not key:
        return "key"
    service, item_code = given.get("service", ""), given.get("item_code", "")
    item = uow.items.by_code(item_code) if item_code else None
    if (item is None) == (not service):
        return f"item_code “{item_code}”"
    try:
        factor = numbers.parse(given.get("factor") or "1", numbers.Style.TURKISH)
    except Rejected:
        factor = Decimal(0)
    if factor <= 0:
        return f"factor “{given.get('factor', '')}”"
    return RuleRow(
        id=uuid4(),
        partner=given.get("partner", EVERYONE),
        kind=kind,
        key=key,
        text=given.get("text", ""),
        item_id=item.id if item else None,
        item_code=item.code if item else "",
        service=service,
        unit=unit_key(given.get("unit", "")),
        factor=factor or ONE,
        made_by=work.actor,
    )


def _key(kind: RuleKind, written: str) -> str:
    keys = {RuleKind.CODE: code_key, RuleKind.TEXT: text_key, RuleKind.PATTERN: pattern_key}
    if kind is RuleKind.BARCODE:
        return barcode_key(written) or code_key(written)
    return keys[kind](written)


def _store_step(work: Work, uow: Uow, kind: str, made: Sequence[UUID], off: Sequence[UUID]) -> None:
    """Store what changed in the form that taking a step back reads."""
    data = {
        "lines": [],
        "rules_made": [str(id) for id in made],
        "rules_off": [str(id) for id in off],
        "names": [],
        "rejected": [],
        "words": [],
        "blamed": [],
    }
    step = StepRow(uuid4(), f"rules.{kind}", work.actor, data)
    uow.lines.step(step)
    uow.events.add(work.actor, "rules", step.id, f"rules.{kind}", made=len(made), off=len(off))


def _finding(row: int, problem: str) -> Finding:
    message = TEXTS.text("rules.file_row", problem=problem)
    return Finding(code="rules.file_row", message=message, field=f"row {row}", severity=Severity.ERROR)
