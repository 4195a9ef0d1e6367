"""What a person answers when no machine can tell whether a write arrived."""

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

from kopru.documents import DocumentType
from kopru.flows.booking import book_job
from kopru.flows.effects import CONFLICT, GIVEN_UP, PERSONAL, THERE
from kopru.flows.env import Work
from kopru.flows.itemcards import code_of
from kopru.flows.itemcards import ensure_job as ensure_item
from kopru.flows.ledgerorders import enter_job
from kopru.flows.partnering import ensure_job as ensure_card
from kopru.flows.ports import Uow
from kopru.flows.records import DocumentRow, EffectRow, EffectState, NewJob, Reason, advance_job
from kopru.flows.retrying import again_job
from kopru.flows.returning import forward_job
from kopru.flows.texts import TEXTS
from kopru.hooks.errors import ConfigError
from kopru.hooks.types import Operation


class Answer(StrEnum):
    """Is the record there? ``yes``: it counts as done. ``no``: it is sent again. ``give-up``: it never is."""

    YES = "yes"
    NO = "no"
    GIVE_UP = "give-up"


_ANSWERABLE = (EffectState.UNCERTAIN, EffectState.REJECTED)
_QUESTIONS = PERSONAL | {CONFLICT}


def answer(
    work: Work, document: DocumentRow, operation: Operation, given: Answer, reference: str = ""
) -> EffectRow:
    """Take a person's word on an uncertain or refused write of a document, and let the order go on.

    Raises:
        ConfigError: the document has no such write waiting for an answer.
    """
    with work.read() as uow:
        waiting = _waiting(uow.effects.of_document(document.id), operation)
    if len(waiting) == 0:
        raise ConfigError("answer.nothing_open", TEXTS["answer.nothing_open"])
    return settle(work, waiting[0].id, given, reference)


def find(work: Work, text: str, operation: Operation | None = None) -> EffectRow:
    """Return the write that a person means: by its own id or the beginning of it, by document, or by order.

    Raises:
        ConfigError: nothing of it waits for an answer, or several writes do.
    """
    with work.read() as uow:
        found = [each for each in uow.effects.unanswered() if str(each.id).startswith(text.lower())]
        if not found:
            documents = uow.documents.find(text)
            orders = uow.orders.find(text)
            for order in orders:
                documents += uow.documents.of_order(order.id)
                found += _waiting(uow.effects.of_order(order.id), operation)
            for document in {each.id: each for each in documents}.values():
                found += _waiting(uow.effects.of_document(document.id), operation)
    if not found:
        raise ConfigError("answer.nothing_open", TEXTS["answer.nothing_open"])
    if len(found) > 1:
        listed = ", ".join(f"{str(each.id)[:8]} ({each.operation.value})" for each in found)
        raise ConfigError("answer.several", TEXTS.text("answer.several", writes=listed))
    return found[0]


def settle(work: Work, effect_id: UUID, given: Answer, reference: str = "") -> EffectRow:
    """Take a person's word on one write, and let go on what waited for it.

    A write that is on its way right now cannot be answered: its own outcome comes first.

    Raises:
        ConfigError: it does not wait for this answer.
    """
    with work.write() as uow:
        effect = uow.effects.get(effect_id, lock=True)
        if effect is None or not _is_answerable(effect, given):
            raise ConfigError("answer.nothing_open", TEXTS["answer.nothing_open"])
        _take(uow, effect, given, reference)
        uow.events.add(
            work.actor,
            "effect",
            effect.id,
            "effect.answered",
            answer=given.value,
            operation=effect.operation.value,
        )
        uow.jobs.add(*_next_jobs(uow, effect, given))
    return effect


def _waiting(effects: Sequence[EffectRow], operation: Operation | None) -> list[EffectRow]:
    return [each for each in effects if operation in (None, each.operation) and each.state in _ANSWERABLE]


def _is_answerable(effect: EffectRow, given: Answer) -> bool:
    """Whether the answer can be taken: *no* to an unknown outcome only when the engine asked for it.

    Until then the target may still be at it, and what is not there now may come.
    """
    if given is Answer.NO and effect.state is EffectState.UNCERTAIN:
        return effect.reason is not None and effect.reason.code in _QUESTIONS
    return effect.state in _ANSWERABLE


def _take(uow: Uow, effect: EffectRow, given: Answer, reference: str) -> None:
    if given is Answer.YES:
        there = Reason(THERE, TEXTS[THERE], detail=reference)
        uow.effects.turn(effect.id, EffectState.UNCERTAIN, there)
    elif given is Answer.NO:
        uow.effects.turn(effect.id, EffectState.PLANNED)
    else:
        uow.effects.turn(effect.id, EffectState.ABANDONED, Reason(GIVEN_UP, TEXTS[GIVEN_UP]))


def _next_jobs(uow: Uow, effect: EffectRow, given: Answer) -> list[NewJob]:
    """Return the jobs that go on where the write left them."""
    if effect.document_id is not None:
        document = uow.documents.get(effect.document_id)
        return [_next_job(document, effect.operation)] if document is not None else []
    if effect.operation is Operation.UPSERT_PRODUCT:
        return [ensure_item(effect.connection_id, code_of(effect))]
    if effect.operation is Operation.UPSERT_PARTY and given is Answer.GIVE_UP:
        return [advance_job(order_id) for order_id in uow.orders.undecided()]
    if effect.operation is Operation.UPSERT_PARTY and effect.order_id is not None:
        return [ensure_card(effect.connection_id, effect.order_id, str(effect.id))]
    if effect.operation is Operation.UPSERT_PARTY:
        return [again_job(order_id) for order_id in uow.orders.undecided()]
    return [enter_job(effect.connection_id, effect.order_id)] if effect.order_id is not None else []


def _next_job(document: DocumentRow, operation: Operation) -> NewJob:
    if operation is Operation.POST_INVOICE:
        return book_job(document)
    if document.type == DocumentType.INVOICE.value:
        return advance_job(document.order_id)
    return forward_job(document)
