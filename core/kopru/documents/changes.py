"""What a change or cancellation of an order means for its document, at every point of the document's life.

Pure: the answer is a plan of steps. The rules follow Turkish practice: before the number nothing is lost;
a numbered document that nobody received is made void with a reason; while a send is open its outcome is
waited for; an e-Arşiv invoice can be cancelled at the channel for some days and is credited afterwards; an
e-Fatura that GİB took can never be cancelled by software.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from kopru.documents.texts import TEXTS
from kopru.hooks.types import RemoteState
from kopru.model import Order, OrderLine, OrderStatus, Profile, Text


class DocumentState(StrEnum):
    """Where a document stands. ``none``: the order has none."""

    NONE = "none"
    DRAFT = "draft"
    VALIDATED = "validated"
    NUMBERED = "numbered"
    ISSUED = "issued"
    VOID = "void"


class EffectState(StrEnum):
    """Where one write stands."""

    NONE = "none"
    PLANNED = "planned"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    ABANDONED = "abandoned"
    """Given up, and known not to have happened."""

    @property
    def open(self) -> bool:
        """Whether the other side may hold it although we do not know."""
        return self in {EffectState.SENDING, EffectState.UNCERTAIN}

    @property
    def happened(self) -> bool:
        """Whether the other side holds it."""
        return self in {EffectState.ACCEPTED, EffectState.CONFIRMED}


class Change(StrEnum):
    """How an order changed, as far as its document is concerned."""

    NONE = "none"
    CANCELLED = "cancelled"
    REDUCED = "reduced"
    """Fewer units or less money, the rest unchanged."""
    EXTENDED = "extended"
    """More units, more money, other goods, or a mixture."""
    BUYER = "buyer"
    """The same goods and money for another buyer, name, tax number or address."""


class Step(StrEnum):
    """One thing to do, in the order of the plan."""

    REPLAN = "replan"
    """Decide and compose again. After a void or cancelled document this is its next revision."""
    DROP = "drop"
    """Forget the draft; no number was taken."""
    CORRECT = "correct"
    """Compose again under the same number and ETTN, and send that."""
    VOID = "void"
    """Keep number and document as void, with the reason."""
    WAIT = "wait"
    """Do nothing until the open write has an outcome, then plan again."""
    AWAIT_ANSWER = "await_answer"
    """Ask the buyer to refuse the TİCARİ invoice, and plan again when he answered or the time is over."""
    CANCEL_AT_CHANNEL = "cancel_at_channel"
    CANCEL_IN_LEDGER = "cancel_in_ledger"
    """Take the booked invoice out of the ledger, before anything corrected is booked."""
    RETURN_WHOLE = "return_whole"
    """Issue a return document for everything the invoice still holds."""
    RETURN_DIFFERENCE = "return_difference"
    """Issue a return document for what the order no longer holds."""
    TASK = "task"
    """A person acts; the plan's reason names the legal ways."""


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What is known of a document when its order changes.

    ``submit`` and ``book`` are the states of those writes. ``remote`` is the channel's last word on the
    document. ``cancellable`` says that the channel can cancel an e-Arşiv invoice and its time is not over.
    ``answer_open`` says that the buyer of a TİCARİ invoice may still answer (8 days, TTK 21/2).
    """

    state: DocumentState
    profile: Profile = Profile.ARCHIVE
    submit: EffectState = EffectState.NONE
    book: EffectState = EffectState.NONE
    remote: RemoteState | None = None
    cancellable: bool = True
    answer_open: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do, in order, and why. No steps: nothing is to be done."""

    code: str
    steps: tuple[Step, ...]

    @property
    def reason(self) -> Text:
        """Return why, in words."""
        return TEXTS.text(self.code)


CANCEL_DAYS = 8
"""Days from issue in which an e-Arşiv invoice is cancelled in practice, the day of issue not counted."""

ANSWER_DAYS = 8
"""Days in which the buyer may refuse a TİCARİ invoice."""

_BEFORE_NUMBER = frozenset({DocumentState.DRAFT, DocumentState.VALIDATED})
_NEVER_ARRIVED = frozenset({RemoteState.FAILED, RemoteState.RETRYABLE})
_TAKEN_BACK = frozenset({RemoteState.REFUSED, RemoteState.CANCELLED})


def plan_change(change: Change, facts: DocumentFacts) -> Plan:
    """Return what a change of the order means for its document (each case is a row of the tests).

    Raises:
        ValueError: facts that cannot be together (a draft that was submitted).
    """
    _require_consistent(facts)
    if change is Change.NONE:
        return Plan("change.nothing", ())
    if facts.state in {DocumentState.NONE, DocumentState.VOID}:
        return _without_document(change)
    if facts.submit.open or facts.book.open:
        return Plan("change.wait", (Step.WAIT,))
    if facts.state in _BEFORE_NUMBER:
        step = Step.DROP if change is Change.CANCELLED else Step.REPLAN
        return Plan(f"change.before_number.{step.value}", (step,))
    return _numbered(change, facts)


def plan_withdrawal(facts: DocumentFacts) -> Plan:
    """Return what is left to do about a document that people cancelled outside the engine."""
    return Plan("change.withdrawn", (*_ledger(facts), Step.VOID))


def classify_change(old: Order, new: Order) -> Change:
    """Compare two revisions of an order as far as its document shows them."""
    if new.status in {OrderStatus.CANCELLED, OrderStatus.REPLACED} or not new.live_lines:
        return Change.CANCELLED
    before = {line.id: line for line in old.live_lines}
    after = {line.id: line for line in new.live_lines}
    if old.currency != new.currency or old.tax_included != new.tax_included or after.keys() - before.keys():
        return Change.EXTENDED
    pairs = [(before[id], line) for id, line in after.items()]
    if not all(_same_goods(one, other) for one, other in pairs):
        return Change.EXTENDED
    grown = any(other.quantity > one.quantity or other.payable > one.payable for one, other in pairs)
    if grown or new.total > old.total:
        return Change.EXTENDED
    shrunk = any(other.quantity < one.quantity or other.payable < one.payable for one, other in pairs)
    if shrunk or len(after) < len(before) or new.total < old.total:
        return Change.REDUCED if old.buyer == new.buyer else Change.EXTENDED
    return Change.NONE if old.buyer == new.buyer else Change.BUYER


def _same_goods(one: OrderLine, other: OrderLine) -> bool:
    return (one.sku, one.barcode, one.kind, one.unit, one.vat_rate) == (
        other.sku,
        other.barcode,
        other.kind,
        other.unit,
        other.vat_rate,
    )


def _require_consistent(facts: DocumentFacts) -> None:
    early = facts.state in {DocumentState.NONE, *_BEFORE_NUMBER}
    unsent = {EffectState.NONE, EffectState.PLANNED, EffectState.ABANDONED}
    touched = facts.submit not in unsent or facts.remote is not None
    if early and touched:
        raise ValueError("a document without a number cannot have been sent")


def _without_document(change: Change) -> Plan:
    if change is Change.CANCELLED:
        return Plan("change.nothing", ())
    return Plan("change.replan", (Step.REPLAN,))


def _again(change: Change) -> Sequence[Step]:
    return () if change is Change.CANCELLED else (Step.REPLAN,)


def _ledger(facts: DocumentFacts) -> Sequence[Step]:
    return (Step.CANCEL_IN_LEDGER,) if facts.book.happened else ()


def _numbered(change: Change, facts: DocumentFacts) -> Plan:
    if facts.remote in _TAKEN_BACK:
        return Plan("change.taken_back", (*_ledger(facts), Step.VOID, *_again(change)))
    if facts.submit is EffectState.REJECTED or facts.remote in _NEVER_ARRIVED:
        return _never_arrived(change, facts)
    if not facts.submit.happened:
        return Plan("change.void", (*_ledger(facts), Step.VOID, *_again(change)))
    return _archive(change, facts) if facts.profile.is_archive else _einvoice(change, facts)


def _never_arrived(change: Change, facts: DocumentFacts) -> Plan:
    """Refused by the channel or by GİB: the number stays with its document while that may be sent again."""
    if change is Change.CANCELLED or facts.remote is RemoteState.FAILED:
        return Plan("change.void", (*_ledger(facts), Step.VOID, *_again(change)))
    return Plan("change.correct", (*_ledger(facts), Step.CORRECT))


def _archive(change: Change, facts: DocumentFacts) -> Plan:
    if change is Change.REDUCED:
        return Plan("change.archive.difference", (Step.RETURN_DIFFERENCE,))
    if facts.cancellable:
        return Plan("change.archive.cancel", (Step.CANCEL_AT_CHANNEL, *_ledger(facts), *_again(change)))
    return Plan("change.archive.return", (Step.RETURN_WHOLE, *_again(change)))


def _einvoice(change: Change, facts: DocumentFacts) -> Plan:
    """An e-Fatura that GİB took: the buyer is a taxpayer, so a return document is his to issue."""
    kind = "commercial" if facts.profile is Profile.COMMERCIAL else "basic"
    if change is Change.REDUCED:
        return Plan(f"change.{kind}.difference", (Step.TASK,))
    if kind == "commercial" and facts.answer_open and facts.remote is not RemoteState.ACCEPTED:
        return Plan("change.commercial.await", (Step.AWAIT_ANSWER,))
    return Plan(f"change.{kind}.task", (Step.TASK,))
