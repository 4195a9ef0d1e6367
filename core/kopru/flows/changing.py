"""What happens to a document when its order changes after the document was made (``documents.changes``)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from kopru.documents import (
    ANSWER_DAYS,
    CANCEL_DAYS,
    DocumentFacts,
    Plan,
    Step,
    classify_change,
    effect_key,
    plan_change,
)
from kopru.documents import DocumentState as PlannedState
from kopru.documents import EffectState as PlannedEffect
from kopru.flows.cases import Case, document_ref, renew_draft
from kopru.flows.connections import Opened
from kopru.flows.effects import Post, begin, fingerprint, post
from kopru.flows.env import Later, Work
from kopru.flows.ports import Uow
from kopru.flows.preparing import Stopped
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
from kopru.model import ExternalRef

RECHECK = 5.0


def apply(work: Work, case: Case, document: DocumentRow) -> DocumentRow | None:
    """Do what an order's change means for its document.

    Returns the document to go on with, or ``None`` when the order is through with (for now). The order's
    version is marked as dealt with only when the whole plan was carried out.

    Raises:
        Later: an open write must come to an end first.
        Stopped: a person must act; the reason names the legal ways.
    """
    with work.read() as uow:
        old = uow.orders.version(case.order.id, document.order_version)
        effects = {effect.operation: effect for effect in uow.effects.of_document(document.id)}
    if old is None:
        raise LookupError(f"order version {document.order_version} is missing")
    change = classify_change(old, case.body)
    plan = plan_change(change, _facts(case, document, effects))
    after: DocumentRow | None = document
    for step in plan.steps:
        after = _do(work, case, document, effects, plan, step)
    with work.write() as uow:
        uow.documents.accept_version(document.id, case.order.version)
        uow.events.add(
            work.actor, "document", document.id, "document.order_changed", change=change.value, plan=plan.code
        )
        if after is not None:
            uow.orders.set_state(case.order.id, OrderState.INVOICING)
        elif change.value == "cancelled":
            uow.orders.set_state(case.order.id, OrderState.CANCELLED, Reason(plan.code, plan.reason))
    if after is None and Step.REPLAN in plan.steps:
        raise Later(0.0)
    return replace(after, order_version=case.order.version) if after is not None else None


def _facts(case: Case, document: DocumentRow, effects: dict[Operation, EffectRow]) -> DocumentFacts:
    age = case.now - document.issued_at if document.issued_at else timedelta()
    return DocumentFacts(
        state=PlannedState(document.state.value),
        profile=document.profile,
        submit=_state(effects.get(Operation.SUBMIT_INVOICE)),
        book=_state(effects.get(Operation.POST_INVOICE)),
        remote=RemoteState(document.remote_state) if document.remote_state else None,
        cancellable=age <= timedelta(days=CANCEL_DAYS),
        answer_open=age <= timedelta(days=ANSWER_DAYS),
    )


def _state(effect: EffectRow | None) -> PlannedEffect:
    return PlannedEffect(effect.state.value) if effect is not None else PlannedEffect.NONE


def _do(
    work: Work,
    case: Case,
    document: DocumentRow,
    effects: dict[Operation, EffectRow],
    plan: Plan,
    step: Step,
) -> DocumentRow | None:
    if step is Step.WAIT:
        raise Later(RECHECK)
    if step in (Step.VOID, Step.DROP):
        void(work, document, Reason(plan.code, plan.reason))
    elif step is Step.REPLAN:
        if document.number is None:
            void(work, document, Reason(plan.code, plan.reason))
    elif step is Step.CORRECT:
        return _correct(work, case, document, effects)
    elif step is Step.CANCEL_AT_CHANNEL:
        cancel(work, document, document.channel_id, plan)
        void(work, document, Reason(plan.code, plan.reason))
    elif step is Step.CANCEL_IN_LEDGER:
        booked = effects.get(Operation.POST_INVOICE)
        cancel(work, document, document.ledger_id, plan, booked.ref if booked else None)
    elif step in (Step.RETURN_WHOLE, Step.RETURN_DIFFERENCE):
        text = TEXTS.text("change.return_needed", order=case.order.number)
        raise Stopped(OrderState.PARKED, Reason("change.return_needed", text))
    else:
        raise Stopped(OrderState.PARKED, Reason(plan.code, plan.reason))
    return None


def void(work: Work, document: DocumentRow, reason: Reason) -> None:
    """Make a document void; its number, if it has one, stays with it."""
    with work.write() as uow:
        uow.documents.void(document.id, reason)
        uow.events.add(work.actor, "document", document.id, "document.void", code=reason.code)


def cancel(
    work: Work, document: DocumentRow, connection_id: UUID | None, plan: Plan, ref: ExternalRef | None = None
) -> None:
    """Cancel a document at its channel or in the ledger, once."""
    if connection_id is None:
        return
    target = ref or document_ref(document)
    key = effect_key(document.key, Operation.CANCEL_DOCUMENT, connection_id)
    cancellation = Cancellation(target, plan.reason.tr, archive=document.profile.is_archive)
    with work.write() as uow:
        planned = new_effect(key.value, Operation.CANCEL_DOCUMENT, connection_id, document_id=document.id)
        effect, begun = begin(uow, work, planned, fingerprint(target.id.encode()))

    def send(opened: Opened, key: IdempotencyKey) -> Receipt:
        return opened.use(ports.CancelsDocument).cancel_document(opened.ctx, key, cancellation)

    post(work, effect, Post(key, send, fingerprint(target.id.encode()), hint=target), begun=begun)


def _correct(
    work: Work, case: Case, document: DocumentRow, effects: dict[Operation, EffectRow]
) -> DocumentRow:
    """Compose a refused document again under its number and identity, and let it go out once more."""
    renewed = renew_draft(work, case, document)
    with work.write() as uow:
        reopen(uow, effects.values())
    return renewed


def reopen(uow: Uow, effects: Iterable[EffectRow]) -> None:
    """Let refused writes be tried again after their subject was corrected."""
    for effect in effects:
        if effect.state is EffectState.REJECTED:
            uow.effects.turn(effect.id, EffectState.PLANNED)
