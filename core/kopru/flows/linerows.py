"""Rows of line mapping as the flows see them, and what the flows need from storage for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from kopru.flows.opinions import reasons_of, said_of
from kopru.flows.records import Reason
from kopru.matching.api import Gate, Reasons, State, Suggestion, Via
from kopru.matching.exact import barcode_key, code_key
from kopru.matching.normalise import text_key
from kopru.model import Text

ONE = Decimal(1)

OPEN = (State.NOT_TRIED, State.SUGGESTED, State.UNMATCHED, State.CONFLICT)
"""States in which a line waits for somebody."""

EVERYONE = ""
"""The partner of a rule that counts for all of them."""


class LineSource(StrEnum):
    """Where a line comes from."""

    ORDER = "order"
    INVOICE = "invoice"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class LineRow:
    """One incoming text to be mapped to an own item or service.

    ``source``, ``source_ref`` and ``source_line`` name it for good. ``own_code`` is our code, where the
    partner states it. ``price`` is for one ``unit``. ``factor`` says how many of the item one unit of the
    line is. ``alone``: decided without a person; ``corrected``: and a person said otherwise later.
    """

    id: UUID
    source: LineSource
    source_ref: str
    source_line: str
    partner: str
    text: str
    partner_name: str = ""
    seller_code: str = ""
    own_code: str = ""
    barcode: str = ""
    unit: str = ""
    quantity: Decimal | None = None
    price: Decimal | None = None
    currency: str = ""
    vat_rate: Decimal | None = None
    state: State = State.NOT_TRIED
    reason: Reason | None = None
    suggestions: tuple[Suggestion, ...] = ()
    version: str = ""
    item_id: UUID | None = None
    item_code: str = ""
    service: str = ""
    factor: Decimal = ONE
    rule_id: UUID | None = None
    order_id: UUID | None = None
    made_by: str = ""
    alone: bool = False
    corrected: bool = False
    parked: str = ""
    created_at: datetime | None = None
    decided_at: datetime | None = None

    @property
    def best(self) -> Suggestion | None:
        """Return the first suggestion."""
        return self.suggestions[0] if self.suggestions else None

    @property
    def clean(self) -> bool:
        """Whether nothing speaks against the first suggestion."""
        return self.best is not None and not self.best.gates and self.state is not State.CONFLICT

    @property
    def settled(self) -> bool:
        """Whether the line means something."""
        return self.item_id is not None or bool(self.service)

    @property
    def text_key(self) -> str:
        """Return the text as rules compare it."""
        return text_key(self.text)

    @property
    def code_key(self) -> str:
        """Return the partner's code as rules compare it."""
        return code_key(self.seller_code)

    @property
    def barcode_key(self) -> str:
        """Return the barcode as rules compare it."""
        return barcode_key(self.barcode) or code_key(self.barcode)


class RuleKind(StrEnum):
    """What a rule recognises a line by."""

    CODE = "code"
    """The partner's own code."""
    BARCODE = "barcode"
    """The barcode the partner states."""
    TEXT = "text"
    """The whole folded text."""
    PATTERN = "pattern"
    """Words that all stand in the text, in any order."""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """What a person said that a text, code or pattern means; ``text`` is the line it was said of."""

    id: UUID
    partner: str
    kind: RuleKind
    key: str
    text: str = ""
    item_id: UUID | None = None
    item_code: str = ""
    service: str = ""
    unit: str = ""
    factor: Decimal = ONE
    hits: int = 0
    last_hit_at: datetime | None = None
    corrections: int = 0
    made_by: str = ""
    made_at: datetime | None = None
    disabled_at: datetime | None = None
    disabled_by: str = ""

    @property
    def target(self) -> tuple[UUID | None, str, Decimal]:
        """Return what a line of this rule is."""
        return self.item_id, self.service, self.factor


@dataclass(frozen=True, slots=True)
class StepRow:
    """What one decision changed. ``data`` holds what is needed to take it back."""

    id: UUID
    kind: str
    made_by: str
    data: Mapping[str, Any]
    made_at: datetime | None = None
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DraftItem:
    """An item proposed from a line; it exists only once a person approves it."""

    id: UUID
    line_id: UUID
    code: str
    name: str
    barcode: str = ""
    unit: str = "C62"
    kind: str = "goods"
    vat_rate: Decimal | None = None
    state: str = "waiting"
    made_by: str = ""
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Taught:
    """What a partner and the tenant taught, for one batch of lines."""

    words: Mapping[str, str] = field(default_factory=dict)
    rejected: frozenset[tuple[str, str]] = frozenset()
    threshold: float | None = None
    decided_alone: int = 0
    corrected: int = 0
    """Of the latest lines decided alone: how many, and how many a person corrected."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One past decision on a line whose first suggestion nothing spoke against."""

    score: float
    right: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which lines to list; everything empty means all."""

    states: Sequence[State] = ()
    partner: str | None = None
    source: LineSource | None = None
    text_key: str = ""
    order_id: UUID | None = None
    parked: bool | None = None
    limit: int = 100


def suggestion_to_json(each: Suggestion) -> dict[str, Any]:
    """Return JSON data of a suggestion."""
    return {
        "item_id": each.item_id,
        "item_code": each.item_code,
        "name": each.name,
        "score": each.score,
        "via": each.via.value,
        "gates": sorted(gate.value for gate in each.gates),
        "case_size": None if each.case_size is None else str(each.case_size),
        "version": each.version,
        "matched": list(each.reasons.matched),
        "line_only": list(each.reasons.line_only),
        "item_only": list(each.reasons.item_only),
        "said": [text.model_dump() for text in said_of(each.reasons)],
    }


def suggestion_from_json(data: Mapping[str, Any]) -> Suggestion:
    """Return the suggestion that JSON data holds."""
    return Suggestion(
        item_id=data["item_id"],
        item_code=data["item_code"],
        name=data["name"],
        score=float(data["score"]),
        via=Via(data["via"]),
        reasons=reasons_of(
            Reasons(tuple(data["matched"]), tuple(data["line_only"]), tuple(data["item_only"])),
            tuple(Text.model_validate(text) for text in data.get("said", ())),
        ),
        gates=frozenset(Gate(each) for each in data["gates"]),
        case_size=None if data["case_size"] is None else Decimal(data["case_size"]),
        version=data["version"],
    )
