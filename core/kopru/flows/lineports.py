"""What line mapping needs from storage."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from kopru.flows.linerows import Chosen, Decision, DraftItem, LineRow, LineSource, RuleRow, StepRow, Taught
from kopru.flows.records import ItemRow
from kopru.hooks.advice import PastLine
from kopru.matching.api import CatalogueItem, State


class Lines(Protocol):
    """Lines and what was decided on them."""

    def see(self, rows: Sequence[LineRow], order_id: UUID | None = None) -> set[UUID]:
        """Store lines, or what is now known of them; what a person decided stays while the text is the same.

        Returns those that are new.
        """
        ...

    def get(self, line_id: UUID, *, lock: bool = False) -> LineRow | None:
        """Return one line."""
        ...

    def find(self, text: str) -> list[LineRow]:
        """Return the lines whose id begins with a text of at least four characters."""
        ...

    def of_source(self, source: LineSource, ref: str) -> list[LineRow]:
        """Return the lines of one document."""
        ...

    def chosen(self, what: Chosen) -> list[LineRow]:
        """Return lines: open ones first by partner and money, then by time."""
        ...

    def counts(self) -> list[tuple[str, State, int]]:
        """Return how many lines each partner has in each state."""
        ...

    def reached(self, rule: RuleRow, *, limit: int = 1000) -> list[LineRow]:
        """Return the lines a rule recognises, open ones first."""
        ...

    def update(self, rows: Sequence[LineRow]) -> None:
        """Store state, suggestions and decision of lines as given."""
        ...

    def correct(self, line_id: UUID, *, on: bool = True) -> None:
        """Note that a line decided alone was wrong, or that it was not."""
        ...

    def past(self, partner: str, limit: int) -> list[PastLine]:
        """Return the lines of a partner that mean an own item, newest first."""
        ...

    def unit_prices(self, item_id: UUID, partner: str, currency: str) -> list[Decimal]:
        """Return what one piece of an item cost on the latest decided lines of a partner."""
        ...

    def decisions(self, partner: str | None = None, *, limit: int = 5000) -> list[Decision]:
        """Return past decisions on lines whose first suggestion nothing spoke against, newest first."""
        ...

    def draft(self, row: DraftItem) -> bool:
        """Store a proposed item; a line has at most one. Returns whether it is new."""
        ...

    def drafts(self, *, state: str = "waiting") -> list[DraftItem]:
        """Return proposed items, oldest first."""
        ...

    def decide_draft(self, draft_id: UUID, state: str, actor: str) -> None:
        """Store what became of a proposed item."""
        ...

    def step(self, row: StepRow) -> None:
        """Store what a decision changed."""
        ...

    def steps(self, *, limit: int = 20) -> list[StepRow]:
        """Return decisions that were not taken back, newest first."""
        ...

    def undone(self, step_id: UUID, actor: str) -> bool:
        """Note that a decision was taken back; return whether it still stood."""
        ...


class Rules(Protocol):
    """What people taught: rules, rejections and abbreviations."""

    def get(self, rule_id: UUID) -> RuleRow | None:
        """Return one rule."""
        ...

    def find(self, text: str) -> list[RuleRow]:
        """Return the rules whose id begins with a text of at least four characters."""
        ...

    def recent(
        self, *, partner: str | None = None, disabled: bool = False, limit: int = 1000
    ) -> list[RuleRow]:
        """Return rules: those corrected most first, then those with most hits."""
        ...

    def for_lines(self, partners: Sequence[str], keys: Sequence[str]) -> list[RuleRow]:
        """Return the rules in force that have one of the keys, and every pattern."""
        ...

    def same(self, rule: RuleRow) -> RuleRow | None:
        """Return the rule in force for the same partner, key and unit."""
        ...

    def add(self, row: RuleRow) -> None:
        """Store a rule; another one in force for the same key must be disabled before."""
        ...

    def switch(self, rule_ids: Sequence[UUID], *, on: bool, actor: str) -> int:
        """Put rules in or out of force; return how many that changed."""
        ...

    def hit(self, hits: Mapping[UUID, int]) -> None:
        """Count lines that rules decided."""
        ...

    def corrected(self, rule_id: UUID, by: int = 1) -> None:
        """Count a line that a rule decided and a person corrected."""
        ...

    def taught(self, partner: str) -> Taught:
        """Return what a partner and the tenant taught."""
        ...

    def reject(
        self, partner: str, key: str, item_ids: Sequence[UUID], actor: str, *, on: bool = True
    ) -> None:
        """Remember that a text never means these items, or forget it."""
        ...

    def saw_words(self, partner: str, words: Mapping[str, str], by: int = 1) -> None:
        """Count abbreviations that a confirmed line showed."""
        ...


class Catalogues(Protocol):
    """The tenant's items as the index of line matching takes them, with a version that only rises."""

    def version(self) -> int:
        """Return the version of the latest committed change; 0 before the first."""
        ...

    def size(self) -> int:
        """Return how many active items there are."""
        ...

    def page(self, after: UUID | None, limit: int) -> list[CatalogueItem]:
        """Return active items by id, behind one."""
        ...

    def since(self, version: int) -> tuple[list[CatalogueItem], list[str]]:
        """Return the items changed after a version, and the ids of those that are gone."""
        ...

    def set_alias(self, item_id: UUID, text: str, actor: str, *, on: bool = True) -> bool:
        """Give an item a further name, or take it away; return whether that changed anything."""
        ...

    def items(self, item_ids: Sequence[UUID]) -> dict[UUID, ItemRow]:
        """Return items by id."""
        ...

    def set_threshold(self, threshold: float | None) -> None:
        """Store the tenant's own threshold."""
        ...
