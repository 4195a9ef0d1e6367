"""Lines to be mapped, the decisions on them, and items proposed from them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kopru.flows.linerows import (
    OPEN,
    Chosen,
    Decision,
    DraftItem,
    LineRow,
    LineSource,
    RuleKind,
    RuleRow,
    StepRow,
    suggestion_from_json,
    suggestion_to_json,
)
from kopru.flows.records import Reason
from kopru.hooks.advice import PastLine
from kopru.matching.api import State
from kopru.storage.repos.base import Repo, mine
from kopru.storage.tables import item, item_draft, line, line_step

LATEST_PRICES = 20

_OPEN = line.c.state.in_([each.value for each in OPEN])
LINES = sa.select(line, item.c.code.label("item_code")).select_from(
    line.outerjoin(item, sa.and_(item.c.tenant_id == line.c.tenant_id, item.c.id == line.c.item_id))
)
OF_SOURCE = LINES.where(
    mine(line),
    line.c.source == sa.bindparam("at_source"),
    line.c.source_ref == sa.bindparam("at_ref"),
)
PAST = (
    sa.select(line, item.c.code.label("item_code"), item.c.name.label("item_name"))
    .select_from(line.join(item, sa.and_(item.c.tenant_id == line.c.tenant_id, item.c.id == line.c.item_id)))
    .where(mine(line), line.c.partner == sa.bindparam("at_partner"))
    .order_by(line.c.decided_at.desc().nulls_last())
    .limit(sa.bindparam("at_most", type_=sa.Integer()))
)
_WORDS_OF_LINE = sa.func.string_to_array(line.c.text_key, " ")


class Lines(Repo):
    """Lines to be mapped, the decisions on them, and items proposed from them."""

    def see(self, rows: Sequence[LineRow], order_id: UUID | None = None) -> set[UUID]:
        """Store lines, or what is now known of them; what a person decided stays while the text is the same.

        Returns those that are new.
        """
        new: set[UUID] = set()
        for row in rows:
            values = self._given(row) | _found(row) | {"order_id": order_id or row.order_id}
            statement = insert(line).values(tenant_id=self.tenant_id, id=row.id, **values)
            kept = sa.and_(line.c.state == State.USER, line.c.text_key == statement.excluded.text_key)
            inserted = self.db.execute(
                statement.on_conflict_do_update(
                    index_elements=["tenant_id", "source", "source_ref", "source_line"],
                    set_=values,
                    where=sa.not_(kept),
                ).returning(sa.literal_column("xmax = 0"))
            ).scalar_one_or_none()
            if inserted:
                new.add(row.id)
        return new

    def _given(self, row: LineRow) -> dict[str, Any]:
        return {
            "source": row.source,
            "source_ref": row.source_ref,
            "source_line": row.source_line,
            "partner": row.partner,
            "partner_name": row.partner_name,
            "text": row.text,
            "text_key": row.text_key,
            "seller_code": row.seller_code,
            "own_code": row.own_code,
            "code_key": row.code_key,
            "barcode": row.barcode,
            "barcode_key": row.barcode_key,
            "unit": row.unit,
            "quantity": row.quantity,
            "price": row.price,
            "currency": row.currency,
            "vat_rate": row.vat_rate,
        }

    def get(self, line_id: UUID, *, lock: bool = False) -> LineRow | None:
        """Return one line."""
        statement = LINES.where(self.of(line), line.c.id == line_id)
        if lock:
            statement = statement.with_for_update(of=line)
        row = self.one(statement)
        return _line(row) if row else None

    def find(self, text: str) -> list[LineRow]:
        """Return the lines whose id begins with a text of at least four characters."""
        if len(text) < 4:
            return []
        begins = sa.cast(line.c.id, sa.Text()).startswith(text, autoescape=True)
        return [_line(row) for row in self.all(LINES.where(self.of(line), begins).limit(10))]

    def of_source(self, source: LineSource, ref: str) -> list[LineRow]:
        """Return the lines of one document."""
        return [_line(row) for row in self.run(OF_SOURCE, at_source=source, at_ref=ref)]

    def chosen(self, what: Chosen) -> list[LineRow]:
        """Return lines: open ones first by partner and money, then by time."""
        money = sa.func.coalesce(line.c.price * line.c.quantity, line.c.price, 0)
        statement = (
            LINES.where(self.of(line))
            .order_by(
                _OPEN.desc(),
                sa.func.sum(money).over(partition_by=line.c.partner).desc(),
                line.c.partner,
                money.desc(),
                line.c.created_at.desc(),
                line.c.id,
            )
            .limit(what.limit)
        )
        conditions = {
            line.c.partner: what.partner,
            line.c.source: what.source,
            line.c.text_key: what.text_key or None,
            line.c.order_id: what.order_id,
        }
        for column, value in conditions.items():
            if value is not None:
                statement = statement.where(column == value)
        if what.states:
            statement = statement.where(line.c.state.in_([each.value for each in what.states]))
        if what.parked is not None:
            statement = statement.where((line.c.parked != "") == what.parked)
        return [_line(row) for row in self.all(statement)]

    def counts(self) -> list[tuple[str, State, int]]:
        """Return how many lines each partner has in each state."""
        statement = (
            sa.select(line.c.partner, line.c.state, sa.func.count().label("count"))
            .where(self.of(line))
            .group_by(line.c.partner, line.c.state)
            .order_by(line.c.partner, line.c.state)
        )
        return [(partner, State(state), count) for partner, state, count in self.db.execute(statement)]

    def reached(self, rule: RuleRow, *, limit: int = 1000) -> list[LineRow]:
        """Return the lines a rule recognises, open ones first."""
        if rule.kind is RuleKind.PATTERN:
            fits: sa.ColumnElement[bool] = _WORDS_OF_LINE.op("@>")(sa.func.string_to_array(rule.key, " "))
        else:
            column = {
                RuleKind.CODE: line.c.code_key,
                RuleKind.BARCODE: line.c.barcode_key,
                RuleKind.TEXT: line.c.text_key,
            }[rule.kind]
            fits = column == rule.key
        statement = LINES.where(self.of(line), fits).order_by(_OPEN.desc(), line.c.created_at).limit(limit)
        if rule.partner:
            statement = statement.where(line.c.partner == rule.partner)
        return [_line(row) for row in self.all(statement)]

    def update(self, rows: Sequence[LineRow]) -> None:
        """Store state, suggestions and decision of lines as given."""
        for row in rows:
            self.db.execute(sa.update(line).where(self.of(line), line.c.id == row.id).values(**_found(row)))

    def correct(self, line_id: UUID, *, on: bool = True) -> None:
        """Note that a line decided alone was wrong, or that it was not."""
        self.db.execute(sa.update(line).where(self.of(line), line.c.id == line_id).values(corrected=on))

    def past(self, partner: str, limit: int) -> list[PastLine]:
        """Return the lines of a partner that mean an own item, newest first."""
        return [
            PastLine(
                text=row.text,
                item_id=str(row.item_id),
                item_code=row.item_code,
                item_name=row.item_name,
                at=row.decided_at or row.created_at,
                seller_code=row.seller_code,
                barcode=row.barcode,
                unit=row.unit,
                price=row.price,
                currency=row.currency,
                confirmed=row.state == State.USER,
            )
            for row in self.run(PAST, at_partner=partner, at_most=limit)
        ]

    def unit_prices(self, item_id: UUID, partner: str, currency: str) -> list[Decimal]:
        """Return what one piece of an item cost on the latest decided lines of a partner."""
        rows = self.all(
            sa.select((line.c.price / line.c.factor).label("price"))
            .where(
                self.of(line),
                line.c.item_id == item_id,
                line.c.partner == partner,
                line.c.currency == currency,
                line.c.price > 0,
            )
            .order_by(line.c.decided_at.desc())
            .limit(LATEST_PRICES)
        )
        return [row.price for row in rows]

    def decisions(self, partner: str | None = None, *, limit: int = 5000) -> list[Decision]:
        """Return past decisions on lines whose first suggestion nothing spoke against, newest first."""
        first = line.c.suggestions[0]["item_id"].astext
        right = sa.and_(first == sa.cast(line.c.item_id, sa.Text()), sa.not_(line.c.corrected))
        statement = (
            sa.select(line.c.score, right.label("right"))
            .where(
                self.of(line),
                line.c.clean,
                line.c.score.is_not(None),
                line.c.item_id.is_not(None),
                line.c.rule_id.is_(None) | (line.c.state == State.USER),
            )
            .order_by(line.c.decided_at.desc())
            .limit(limit)
        )
        if partner is not None:
            statement = statement.where(line.c.partner == partner)
        return [Decision(row.score, bool(row.right)) for row in self.all(statement)]

    def draft(self, row: DraftItem) -> bool:
        """Store a proposed item; a line has at most one. Returns whether it is new."""
        made = self.db.execute(
            insert(item_draft)
            .values(
                tenant_id=self.tenant_id,
                id=row.id,
                line_id=row.line_id,
                code=row.code,
                name=row.name,
                barcode=row.barcode,
                unit=row.unit,
                kind=row.kind,
                vat_rate=row.vat_rate,
                state=row.state,
                made_by=row.made_by,
            )
            .on_conflict_do_nothing()
            .returning(item_draft.c.id)
        ).one_or_none()
        return made is not None

    def drafts(self, *, state: str = "waiting") -> list[DraftItem]:
        """Return proposed items, oldest first."""
        rows = self.all(
            sa.select(item_draft)
            .where(self.of(item_draft), item_draft.c.state == state)
            .order_by(item_draft.c.made_at)
        )
        return [
            DraftItem(
                row.id,
                row.line_id,
                row.code,
                row.name,
                row.barcode,
                row.unit,
                row.kind,
                row.vat_rate,
                row.state,
                row.made_by,
                row.made_at,
            )
            for row in rows
        ]

    def decide_draft(self, draft_id: UUID, state: str, actor: str) -> None:
        """Store what became of a proposed item."""
        self.db.execute(
            sa.update(item_draft)
            .where(self.of(item_draft), item_draft.c.id == draft_id)
            .values(state=state, decided_by=actor, decided_at=sa.func.clock_timestamp())
        )

    def step(self, row: StepRow) -> None:
        """Store what a decision changed."""
        self.db.execute(
            insert(line_step).values(
                tenant_id=self.tenant_id,
                id=row.id,
                kind=row.kind,
                made_by=row.made_by,
                data=dict(row.data),
            )
        )

    def steps(self, *, limit: int = 20) -> list[StepRow]:
        """Return decisions that were not taken back, newest first."""
        rows = self.all(
            sa.select(line_step)
            .where(self.of(line_step), line_step.c.undone_at.is_(None))
            .order_by(line_step.c.made_at.desc())
            .limit(limit)
        )
        return [StepRow(row.id, row.kind, row.made_by, row.data, row.made_at) for row in rows]

    def undone(self, step_id: UUID, actor: str) -> bool:
        """Note that a decision was taken back; return whether it still stood."""
        changed = self.db.execute(
            sa.update(line_step)
            .where(self.of(line_step), line_step.c.id == step_id, line_step.c.undone_at.is_(None))
            .values(undone_at=sa.func.clock_timestamp(), undone_by=actor)
        )
        return changed.rowcount == 1


def _found(row: LineRow) -> dict[str, Any]:
    """Return the columns that hold what is known of a line and what was decided."""
    best = row.best
    kept = {} if row.state is State.USER else {"clean": row.clean}  # as it was before a person decided
    return kept | {
        "state": row.state,
        "reason": row.reason.to_json() if row.reason else None,
        "suggestions": [suggestion_to_json(each) for each in row.suggestions],
        "score": best.score if best else None,
        "version": row.version,
        "item_id": row.item_id,
        "service": row.service,
        "factor": row.factor,
        "rule_id": row.rule_id,
        "made_by": row.made_by,
        "alone": row.alone,
        "parked": row.parked,
        "decided_at": (row.decided_at or sa.func.clock_timestamp()) if row.settled else None,
    }


def _line(row: sa.Row[Any]) -> LineRow:
    return LineRow(
        id=row.id,
        source=LineSource(row.source),
        source_ref=row.source_ref,
        source_line=row.source_line,
        partner=row.partner,
        text=row.text,
        partner_name=row.partner_name,
        seller_code=row.seller_code,
        own_code=row.own_code,
        barcode=row.barcode,
        unit=row.unit,
        quantity=row.quantity,
        price=row.price,
        currency=row.currency,
        vat_rate=row.vat_rate,
        state=State(row.state),
        reason=Reason.from_json(row.reason),
        suggestions=tuple(suggestion_from_json(each) for each in row.suggestions),
        version=row.version,
        item_id=row.item_id,
        item_code=row.item_code or "",
        service=row.service,
        factor=row.factor,
        rule_id=row.rule_id,
        order_id=row.order_id,
        made_by=row.made_by,
        alone=row.alone,
        corrected=row.corrected,
        parked=row.parked,
        created_at=row.created_at,
        decided_at=row.decided_at,
    )
