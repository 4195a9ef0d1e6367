"""The rows of the decision table, as the tenant writes them."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from kopru.model import Currency, Id, InvoiceKind, Line, OrderStatus, PartyKind, PaymentMethod, Profile

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


class Setting(BaseModel):
    """Base of all settings: frozen, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Stage(StrEnum):
    """The steps from an order to a booked invoice that may run by themselves or wait for a person."""

    DRAFT = "draft"
    NUMBER = "number"
    SEND = "send"
    BOOK = "book"
    LINK = "link"
    STOCK = "stock"


class Mode(StrEnum):
    """Whether a stage runs by itself."""

    AUTO = "auto"
    MANUAL = "manual"


class Stages(Setting):
    """Which stages are automatic."""

    draft: Mode = Mode.AUTO
    number: Mode = Mode.AUTO
    send: Mode = Mode.AUTO
    book: Mode = Mode.AUTO
    link: Mode = Mode.AUTO
    stock: Mode = Mode.AUTO

    def automatic(self, stage: Stage) -> bool:
        """Whether a stage runs by itself."""
        return getattr(self, stage.value) is Mode.AUTO

    def overridden(self, changes: Mapping[Stage, Mode]) -> Self:
        """Return the stages with a rule's own wishes applied."""
        return self.model_copy(update={stage.value: mode for stage, mode in changes.items()})


class ProfileChoice(StrEnum):
    """The scenario a rule asks for. ``einvoice`` is the issuer's own default, basic or commercial."""

    EINVOICE = "einvoice"
    BASIC = "basic"
    COMMERCIAL = "commercial"
    ARCHIVE = "archive"

    def profile(self, default: Profile) -> Profile:
        """Return the profile meant."""
        return default if self is ProfileChoice.EINVOICE else Profile(self.value)


class When(Setting):
    """Conditions of a row; all that are given must hold, and a list holds when one entry fits.

    ``channels`` are connection names. ``raw_status``, ``raw_payment`` and ``carriers`` are the source's own
    words, compared without letter case and accents. ``registered``: the buyer has an e-Fatura mailbox.
    Amounts are the order's total, both ends included.
    """

    channels: tuple[Id, ...] = ()
    plugins: tuple[Id, ...] = ()
    status: tuple[OrderStatus, ...] = ()
    raw_status: tuple[Id, ...] = ()
    payment: tuple[PaymentMethod, ...] = ()
    raw_payment: tuple[Id, ...] = ()
    carriers: tuple[Id, ...] = ()
    buyer: PartyKind | None = None
    registered: bool | None = None
    countries: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")], ...] = ()
    currencies: tuple[Currency, ...] = ()
    min_total: Decimal | None = Field(default=None, ge=0)
    max_total: Decimal | None = Field(default=None, ge=0)
    export: bool | None = None

    @model_validator(mode="after")
    def _range_is_not_empty(self) -> Self:
        if self.min_total is not None and self.max_total is not None and self.min_total > self.max_total:
            raise PydanticCustomError("tenant.rules.range", "the range is empty")
        return self

    @property
    def empty(self) -> bool:
        """Whether the row matches every order."""
        return self == When()


COMPOSABLE = frozenset({InvoiceKind.SALE})
"""Invoice kinds an order can become today; the model has room for the others."""


class MakeDocument(Setting):
    """Outcome: the order becomes this document. An empty ``series`` takes the first series that fits."""

    kind: InvoiceKind = InvoiceKind.SALE
    profile: ProfileChoice
    series: Key | None = None
    stages: dict[Stage, Mode] = {}


class HoldOrder(Setting):
    """Outcome: the order waits until it reaches one of these states, or until a person acts."""

    until: tuple[OrderStatus, ...] = ()
    reason: Line = Field(min_length=1)


class ExcludeOrder(Setting):
    """Outcome: the order never becomes a document; ``reason`` names why."""

    reason: Line = Field(min_length=1)


class Rule(Setting):
    """One row of the decision table. Exactly one outcome is given."""

    name: Line = Field(min_length=1, max_length=80)
    when: When = When()
    document: MakeDocument | None = None
    hold: HoldOrder | None = None
    exclude: ExcludeOrder | None = None

    @model_validator(mode="after")
    def _has_one_outcome(self) -> Self:
        if sum(outcome is not None for outcome in (self.document, self.hold, self.exclude)) != 1:
            raise PydanticCustomError("tenant.rules.outcome", "one outcome is needed")
        return self


READY = (OrderStatus.PREPARING, OrderStatus.INVOICED, OrderStatus.SHIPPED, OrderStatus.DELIVERED)
"""States in which the first decision table issues."""


def default_rules(ready: tuple[OrderStatus, ...] = READY) -> tuple[Rule, ...]:
    """Return the first decision table: wait until the order is ready, then e-Fatura or e-Arşiv.

    Args:
        ready: the states in which an invoice is made; every other state waits.
    """
    never = {OrderStatus.CANCELLED, OrderStatus.REPLACED, OrderStatus.AWAITING_PAYMENT}
    waiting = tuple(status for status in OrderStatus if status not in {*ready, *never})
    return (
        _hold("unpaid", (OrderStatus.AWAITING_PAYMENT,), ready, "Ödeme bekleniyor / Waiting for payment"),
        _hold("not-ready", waiting, ready, "Sipariş henüz hazır değil / The order is not ready yet"),
        Rule(
            name="e-fatura",
            when=When(registered=True),
            document=MakeDocument(profile=ProfileChoice.EINVOICE),
        ),
        Rule(name="e-arsiv", document=MakeDocument(profile=ProfileChoice.ARCHIVE)),
    )


def _hold(name: str, status: tuple[OrderStatus, ...], until: tuple[OrderStatus, ...], reason: str) -> Rule:
    return Rule(name=name, when=When(status=status), hold=HoldOrder(until=until, reason=reason))
