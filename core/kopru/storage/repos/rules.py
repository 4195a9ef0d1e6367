"""What people taught about lines: rules, rejections and abbreviations."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kopru.flows.linerows import RuleKind, RuleRow, Taught
from kopru.storage.repos.base import Repo, any_of, mine
from kopru.storage.tables import catalogue, item, line, partner_word, rejection, rule

SEEN_ENOUGH = 2
"""Confirmed lines after which an abbreviation is believed."""

LATEST = 50
"""Lines decided alone that tell whether a partner may be trusted."""

RULES = sa.select(rule, item.c.code.label("item_code")).select_from(
    rule.outerjoin(item, sa.and_(item.c.tenant_id == rule.c.tenant_id, item.c.id == rule.c.item_id))
)
IN_FORCE = RULES.where(mine(rule), rule.c.disabled_at.is_(None))
FOR_LINES = IN_FORCE.where(
    rule.c.partner == any_of("at_partners", sa.Text()),
    sa.or_(
        rule.c.key == any_of("at_keys", sa.Text()),
        rule.c.kind == RuleKind.PATTERN.value,
    ),
)
WORDS = sa.select(partner_word.c.word, partner_word.c.meaning, partner_word.c.seen).where(
    mine(partner_word),
    partner_word.c.partner == sa.bindparam("at_partner"),
    partner_word.c.seen >= SEEN_ENOUGH,
)
REJECTED = sa.select(rejection.c.text_key, rejection.c.item_id).where(
    mine(rejection), rejection.c.partner == sa.bindparam("at_partner"), rejection.c.active
)
_ALONE = (
    sa.select(line.c.corrected)
    .where(
        mine(line),
        line.c.partner == sa.bindparam("at_partner"),
        sa.or_(line.c.alone, line.c.corrected),
    )
    .order_by(line.c.decided_at.desc())
    .limit(LATEST)
    .subquery()
)
TRUST = sa.select(
    sa.select(catalogue.c.threshold).where(mine(catalogue)).scalar_subquery().label("threshold"),
    sa.func.count().label("alone"),
    sa.func.count().filter(_ALONE.c.corrected).label("corrected"),
).select_from(_ALONE)


class Rules(Repo):
    """What people taught about lines: rules, rejections and abbreviations."""

    def get(self, rule_id: UUID) -> RuleRow | None:
        """Return one rule."""
        row = self.one(RULES.where(self.of(rule), rule.c.id == rule_id))
        return rule_row(row) if row else None

    def find(self, text: str) -> list[RuleRow]:
        """Return the rules whose id begins with a text of at least four characters."""
        if len(text) < 4:
            return []
        begins = sa.cast(rule.c.id, sa.Text()).startswith(text, autoescape=True)
        return [rule_row(row) for row in self.all(RULES.where(self.of(rule), begins).limit(10))]

    def recent(
        self, *, partner: str | None = None, disabled: bool = False, limit: int = 1000
    ) -> list[RuleRow]:
        """Return rules: those corrected most first, then those with most hits."""
        statement = (
            RULES.where(self.of(rule))
            .order_by(rule.c.corrections.desc(), rule.c.hits.desc(), rule.c.made_at.desc())
            .limit(limit)
        )
        if partner is not None:
            statement = statement.where(rule.c.partner == partner)
        if not disabled:
            statement = statement.where(rule.c.disabled_at.is_(None))
        return [rule_row(row) for row in self.all(statement)]

    def for_lines(self, partners: Sequence[str], keys: Sequence[str]) -> list[RuleRow]:
        """Return the rules in force that have one of the keys, and every pattern."""
        rows = self.run(FOR_LINES, at_partners=list(partners), at_keys=list(keys)).all()
        return [rule_row(row) for row in rows]

    def same(self, rule_: RuleRow) -> RuleRow | None:
        """Return the rule in force for the same partner, key and unit."""
        row = self.one(
            RULES.where(
                self.of(rule),
                rule.c.disabled_at.is_(None),
                rule.c.partner == rule_.partner,
                rule.c.kind == rule_.kind,
                rule.c.key == rule_.key,
                rule.c.unit == rule_.unit,
            )
        )
        return rule_row(row) if row else None

    def add(self, row: RuleRow) -> None:
        """Store a rule; another one in force for the same key must be disabled before."""
        self.db.execute(
            insert(rule).values(
                tenant_id=self.tenant_id,
                id=row.id,
                partner=row.partner,
                kind=row.kind,
                key=row.key,
                text=row.text,
                item_id=row.item_id,
                service=row.service,
                unit=row.unit,
                factor=row.factor,
                made_by=row.made_by,
            )
        )

    def switch(self, rule_ids: Sequence[UUID], *, on: bool, actor: str) -> int:
        """Put rules in or out of force; return how many that changed."""
        values = {
            "disabled_at": None if on else sa.func.clock_timestamp(),
            "disabled_by": "" if on else actor,
        }
        off = rule.c.disabled_at.is_not(None)
        return self.db.execute(
            sa.update(rule)
            .where(self.of(rule), rule.c.id.in_(rule_ids), off if on else sa.not_(off))
            .values(values)
        ).rowcount

    def hit(self, hits: Mapping[UUID, int]) -> None:
        """Count lines that rules decided, in one order so that two transactions never wait for each other."""
        for rule_id, count in sorted(hits.items()):
            self.db.execute(
                sa.update(rule)
                .where(self.of(rule), rule.c.id == rule_id)
                .values(hits=rule.c.hits + count, last_hit_at=sa.func.clock_timestamp())
            )

    def corrected(self, rule_id: UUID, by: int = 1) -> None:
        """Count a line that a rule decided and a person corrected."""
        self.db.execute(
            sa.update(rule)
            .where(self.of(rule), rule.c.id == rule_id)
            .values(corrections=rule.c.corrections + by)
        )

    def taught(self, partner: str) -> Taught:
        """Return what a partner and the tenant taught."""
        words: dict[str, str] = {}
        for row in sorted(self.run(WORDS, at_partner=partner).all(), key=lambda each: each.seen):
            words[row.word] = row.meaning
        rejected = frozenset(
            (row.text_key, str(row.item_id)) for row in self.run(REJECTED, at_partner=partner)
        )
        trust = self.run(TRUST, at_partner=partner).one()
        return Taught(words, rejected, trust.threshold, trust.alone, trust.corrected)

    def reject(
        self, partner: str, key: str, item_ids: Sequence[UUID], actor: str, *, on: bool = True
    ) -> None:
        """Remember that a text never means these items, or forget it."""
        values = {"active": on, "made_by": actor, "made_at": sa.func.clock_timestamp()}
        for item_id in item_ids:
            self.db.execute(
                insert(rejection)
                .values(tenant_id=self.tenant_id, partner=partner, text_key=key, item_id=item_id, **values)
                .on_conflict_do_update(
                    index_elements=["tenant_id", "partner", "text_key", "item_id"], set_=values
                )
            )

    def saw_words(self, partner: str, words: Mapping[str, str], by: int = 1) -> None:
        """Count abbreviations that a confirmed line showed."""
        for word, meaning in sorted(words.items()):
            self.db.execute(
                insert(partner_word)
                .values(
                    tenant_id=self.tenant_id, partner=partner, word=word, meaning=meaning, seen=max(by, 0)
                )
                .on_conflict_do_update(
                    index_elements=["tenant_id", "partner", "word", "meaning"],
                    set_={"seen": sa.func.greatest(partner_word.c.seen + by, 0)},
                )
            )


def rule_row(row: sa.Row[Any]) -> RuleRow:
    """Return a rule as the flows see it."""
    return RuleRow(
        id=row.id,
        partner=row.partner,
        kind=RuleKind(row.kind),
        key=row.key,
        text=row.text,
        item_id=row.item_id,
        item_code=getattr(row, "item_code", None) or "",
        service=row.service,
        unit=row.unit,
        factor=row.factor,
        hits=row.hits,
        last_hit_at=row.last_hit_at,
        corrections=row.corrections,
        made_by=row.made_by,
        made_at=row.made_at,
        disabled_at=row.disabled_at,
        disabled_by=row.disabled_by,
    )
