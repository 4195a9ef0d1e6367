"""What a person answers when no machine can tell whether a write arrived."""

from enum import StrEnum

from kopru.documents import DocumentType
from kopru.flows.booking import book_job
from kopru.flows.effects import CONFLICT, GIVEN_UP, PERSONAL, THERE
from kopru.flows.env import Work
from kopru.flows.ports import Uow
from kopru.flows.records import DocumentRow, EffectRow, EffectState, NewJob, Reason, advance_job
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

    A write that is on its way right now cannot be answered: its own outcome comes first.

    Raises:
        ConfigError: the document has no such write waiting for an answer.
    """
    with work.write() as uow:
        found = [each for each in uow.effects.of_document(document.id) if each.operation is operation]
        waiting = next((each for each in found if each.state in _ANSWERABLE), None)
        effect = uow.effects.get(waiting.id, lock=True) if waiting is not None else None
        if effect is None or not _is_answerable(effect, given):
            raise ConfigError("answer.nothing_open", TEXTS["answer.nothing_open"])
        _take(uow, effect, given, reference)
        uow.events.add(
            work.actor, "effect", effect.id, "effect.answered", answer=given.value, operation=operation.value
        )
        uow.jobs.add(_next_job(document, operation))
    return effect


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


def _next_job(document: DocumentRow, operation: Operation) -> NewJob:
    if operation is Operation.POST_INVOICE:
        return book_job(document)
    if document.type == DocumentType.INVOICE.value:
        return advance_job(document.order_id)
    return forward_job(document)
