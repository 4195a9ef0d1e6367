"""What happens to a document when its order changes after the document was made (``documents.changes``)."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from kopru.documents import (
    ANSWER_DAYS,
    CANCEL_DAYS,
    Change,
    DocumentFacts,
    Plan,
    Step,
    classify_change,
    effect_key,
    plan_change,
    plan_withdrawal,
)
from kopru.documents import DocumentState as PlannedState
from kopru.documents import EffectState as PlannedEffect
from kopru.flows.cases import Case, document_ref, park, renew_draft
from kopru.flows.connections import Opened
from kopru.flows.effects import OPEN, PERSONAL, Post, Refused, begin, fingerprint, post
from kopru.flows.env import Later, Work
from kopru.flows.ports import Uow
from kopru.flows.preparing import Stopped, prepare
from kopru.flows.records import (
    DocumentRow,
    EffectRow,
    EffectState,
    OrderState,
    Reason,
    new_effect,
)
from kopru.flows.texts import TEXTS
from kopru.hooks import ports
from kopru.hooks.types import Cancellation, IdempotencyKey, Operation, Receipt, RemoteState
from kopru.model import ExternalRef, OrderStatus

RECHECK = 5.0
TAKEN_BACK = "effect.taken_back"
WITHDRAWN = "document.cancelled_at_gib"

_ENDS = frozenset({Step.VOID, Step.DROP, Step.CANCEL_AT_CHANNEL, Step.REPLAN})
"""Steps after which the document is void. That is stored last: until then the plan is carried on with."""

_UNDELIVERED = frozenset({RemoteState.FAILED, RemoteState.RETRYABLE, RemoteState.REFUSED})


@dataclass(frozen=True)
class _Writes:
    """The writes made for a document so far."""

    effects: tuple[EffectRow, ...]

    def of(self, operation: Operation) -> EffectRow | None:
        """Return the latest write of an operation."""
        return next((each for each in reversed(self.effects) if each.operation is operation), None)

    def state(self, operation: Operation) -> PlannedEffect:
        """Return where that write stands."""
        effect = self.of(operation)
        return PlannedEffect(effect.state.value) if effect is not None else PlannedEffect.NONE

    def cancelled(self, ref: ExternalRef | None) -> bool:
        """Whether a record at a remote was cancelled again."""
        cancelled = [each for each in self.effects if each.operation is Operation.CANCEL_DOCUMENT]
        return ref is not None and any(each.settled and each.ref == ref for each in cancelled)


def apply(work: Work, case: Case, document: DocumentRow) -> DocumentRow | None:
    """Do what an order's change means for its document.

    Returns the document to go on with, or ``None`` when the order is through with (for now). The order's
    version is marked as dealt with only when the whole plan was carried out.

    Raises:
        Later: an open write must come to an end first.
        Stopped, Refused: a person must act; the reason names the legal ways.
    """
    writes, change, plan = _planned(work, case, document)
    return _carry_out(work, case, document, writes, change, plan)


def foresee(work: Work, case: Case, document: DocumentRow) -> Plan:
    """Return what ``apply`` would do about a document; nothing is done."""
    return _planned(work, case, document)[2]


def redo_draft(work: Work, case: Case, document: DocumentRow) -> None:
    """Drop a draft without a number, so that its order is decided anew; its job goes on with that.

    Raises:
        Later: always; the draft is void now.
    """
    with work.read() as uow:
        writes = _Writes(tuple(uow.effects.of_document(document.id)))
    plan = plan_change(Change.EXTENDED, _facts(case, document, writes))
    _carry_out(work, case, document, writes, Change.EXTENDED, plan)


def withdraw(work: Work, case: Case, document: DocumentRow) -> None:
    """Clear away a document that was cancelled outside the engine: out of the ledger, then void.

    The order is cancelled with it, or waits for a person who decides whether another document is due.

    Raises:
        Later: an open write must come to an end first.
        Refused: the ledger refused to take it out, or only a person can tell.
    """
    with work.read() as uow:
        writes = _Writes(tuple(uow.effects.of_document(document.id)))
    facts = _facts(case, document, writes)
    if facts.submit.open or facts.book.open:
        _wait(writes)
    called_off = case.body.status in (OrderStatus.CANCELLED, OrderStatus.REPLACED) or not case.body.live_lines
    change = Change.CANCELLED if called_off else Change.NONE
    _carry_out(work, case, document, writes, change, plan_withdrawal(facts))
    if not called_off:
        reason = Reason(WITHDRAWN, TEXTS.text(WITHDRAWN, order=case.order.number))
        park(work, case, OrderState.PARKED, reason)


def _planned(work: Work, case: Case, document: DocumentRow) -> tuple[_Writes, Change, Plan]:
    with work.read() as uow:
        old = uow.orders.version(case.order.id, document.order_version)
        writes = _Writes(tuple(uow.effects.of_document(document.id)))
    if old is None:
        raise LookupError(f"order version {document.order_version} is missing")
    change = classify_change(old, case.body)
    return writes, change, plan_change(change, _facts(case, document, writes))


def again(work: Work, case: Case, document: DocumentRow) -> DocumentRow | None:
    """Let a document that its channel, GİB or its buyer refused go out once more, because a person asks.

    It is made anew with today's settings and items. What never arrived keeps its number, as long as it is
    still a document of the same profile. Returns the document to go on with.

    Raises:
        Later: it is void now, and another takes its place.
        Stopped, Refused: the document cannot be made or taken back.
    """
    with work.read() as uow:
        writes = _Writes(tuple(uow.effects.of_document(document.id)))
    facts = _facts(case, document, writes)
    if facts.submit is not PlannedEffect.REJECTED and facts.remote not in _UNDELIVERED:
        return document
    plan = plan_change(Change.EXTENDED, facts)
    if Step.CORRECT in plan.steps:
        invoice = prepare(work, case.body, case.source, document.id, case.now).invoice
        if invoice.profile is not document.profile:
            plan = Plan("change.void", (*plan.steps[:-1], Step.VOID, Step.REPLAN))
        elif (invoice.totals, invoice.buyer) == (document.invoice.totals, document.invoice.buyer):
            plan = Plan(plan.code, (Step.CORRECT,))
    return _carry_out(work, case, document, writes, Change.EXTENDED, plan)


def _carry_out(
    work: Work, case: Case, document: DocumentRow, writes: _Writes, change: Change, plan: Plan
) -> DocumentRow | None:
    after: DocumentRow | None = None if plan.steps else document
    for step in plan.steps:
        after = _do(work, case, document, writes, plan, step)
    if _ENDS.intersection(plan.steps):
        _finish_cancelling(work, document, writes, plan)
    with work.write() as uow:
        if _ENDS.intersection(plan.steps):
            _void(uow, work, document, Reason(plan.code, plan.reason))
        uow.documents.accept_version(document.id, case.order.version)
        uow.events.add(
            work.actor, "document", document.id, "document.order_changed", change=change.value, plan=plan.code
        )
        if after is not None:
            uow.orders.set_state(case.order.id, OrderState.INVOICING)
        elif change is Change.CANCELLED:
            uow.orders.set_state(case.order.id, OrderState.CANCELLED, Reason(plan.code, plan.reason))
    if after is None and Step.REPLAN in plan.steps:
        raise Later(0.0)
    return replace(after, order_version=case.order.version) if after is not None else None


def _facts(case: Case, document: DocumentRow, writes: _Writes) -> DocumentFacts:
    age = case.now - document.issued_at if document.issued_at else timedelta()
    remote = RemoteState(document.remote_state) if document.remote_state else None
    return DocumentFacts(
        state=PlannedState(document.state.value),
        profile=document.profile,
        submit=writes.state(Operation.SUBMIT_INVOICE),
        book=writes.state(Operation.POST_INVOICE),
        remote=RemoteState.CANCELLED if writes.cancelled(document_ref(document)) else remote,
        cancellable=age <= timedelta(days=CANCEL_DAYS),
        answer_open=age <= timedelta(days=ANSWER_DAYS),
    )


def _do(
    work: Work, case: Case, document: DocumentRow, writes: _Writes, plan: Plan, step: Step
) -> DocumentRow | None:
    if step is Step.WAIT:
        _wait(writes)
    elif step is Step.CORRECT:
        return _correct(work, case, document)
    elif step is Step.CANCEL_AT_CHANNEL:
        cancel(work, document, document.channel_id, plan)
    elif step is Step.CANCEL_IN_LEDGER:
        booked = writes.of(Operation.POST_INVOICE)
        cancel(work, document, document.ledger_id, plan, booked.ref if booked else None)
    elif step in (Step.RETURN_WHOLE, Step.RETURN_DIFFERENCE):
        text = TEXTS.text("change.return_needed", order=case.order.number)
        raise Stopped(OrderState.PARKED, Reason("change.return_needed", text))
    elif step not in _ENDS:
        raise Stopped(OrderState.PARKED, Reason(plan.code, plan.reason))
    return None


def _wait(writes: _Writes) -> None:
    """Wait for the job that finds an open write out, unless it waits for a person itself."""
    for effect in writes.effects:
        if effect.state in OPEN and effect.reason is not None and effect.reason.code in PERSONAL:
            raise Refused(effect, effect.reason)
    raise Later(RECHECK)


def _void(uow: Uow, work: Work, document: DocumentRow, reason: Reason) -> None:
    """Make a document void; its number, if it has one, stays with it."""
    uow.documents.void(document.id, reason)
    uow.events.add(work.actor, "document", document.id, "document.void", code=reason.code)


def cancel(
    work: Work, document: DocumentRow, connection_id: UUID | None, plan: Plan, ref: ExternalRef | None = None
) -> None:
    """Cancel a document at its channel or in the ledger, once."""
    if connection_id is None:
        return
    target = ref or document_ref(document)
    key = effect_key(document.key, Operation.CANCEL_DOCUMENT, connection_id, target.id)
    cancellation = Cancellation(target, plan.reason.tr, archive=document.profile.is_archive)
    with work.write() as uow:
        planned = new_effect(key.value, Operation.CANCEL_DOCUMENT, connection_id, document_id=document.id)
        effect, begun = begin(uow, work, planned, fingerprint(target.id.encode()))

    def send(opened: Opened, key: IdempotencyKey) -> Receipt:
        return opened.use(ports.CancelsDocument).cancel_document(opened.ctx, key, cancellation)

    post(work, effect, Post(key, send, fingerprint(target.id.encode()), hint=target), begun=begun)


def _finish_cancelling(work: Work, document: DocumentRow, writes: _Writes, plan: Plan) -> None:
    """Bring a cancellation to its end whose worker died, although the channel told of it first."""
    begun = any(
        each.operation is Operation.CANCEL_DOCUMENT
        and each.connection_id == document.channel_id
        and each.state in OPEN
        for each in writes.effects
    )
    if begun and Step.CANCEL_AT_CHANNEL not in plan.steps:
        cancel(work, document, document.channel_id, plan)


def _correct(work: Work, case: Case, document: DocumentRow) -> DocumentRow:
    """Compose a refused document again under its number and identity, and let it go out once more."""
    renewed = renew_draft(work, case, document)
    with work.write() as uow:
        now = _Writes(tuple(uow.effects.of_document(document.id)))
        for effect in now.effects:
            if effect.operation is Operation.POST_INVOICE and now.cancelled(effect.ref):
                uow.effects.turn(effect.id, EffectState.ABANDONED, Reason(TAKEN_BACK, TEXTS[TAKEN_BACK]))
            elif effect.operation is Operation.SUBMIT_INVOICE or effect.state is EffectState.REJECTED:
                uow.effects.turn(effect.id, EffectState.PLANNED)
    return renewed
