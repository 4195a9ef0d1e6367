"""What a person answers when no machine can tell whether a write arrived."""

from enum import StrEnum

from kopru.flows.env import Work
from kopru.flows.invoicing import book_job
from kopru.flows.records import DocumentRow, EffectRow, EffectState, Reason, advance_job
from kopru.hooks.errors import ConfigError
from kopru.hooks.types import Echo, Operation
from kopru.model import ExternalRef, Text


class Answer(StrEnum):
    """Is the record there? ``yes``: it counts as done. ``no``: it is sent again. ``give-up``: it never is."""

    YES = "yes"
    NO = "no"
    GIVE_UP = "give-up"


def answer(
    work: Work, document: DocumentRow, operation: Operation, given: Answer, reference: str = ""
) -> EffectRow:
    """Settle an uncertain or refused write of a document by a person's word, and let the order go on.

    Raises:
        ConfigError: the document has no such open write.
    """
    with work.write() as uow:
        found = [each for each in uow.effects.of_document(document.id) if each.operation is operation]
        effect = next((each for each in found if not each.settled), None)
        if effect is None:
            raise ConfigError(
                "answer.nothing_open",
                Text(
                    tr="Bu belgede yanıt bekleyen böyle bir gönderim yok. Bakın: kopru documents show",
                    en="This document has no such write waiting for an answer. See: kopru documents show",
                ),
            )
        if given is Answer.YES:
            ref = ExternalRef(kind=operation.value, id=reference) if reference else None
            uow.effects.settle(effect.id, EffectState.CONFIRMED, ref, None, Echo())
        elif given is Answer.NO:
            uow.effects.turn(effect.id, EffectState.PLANNED)
        else:
            text = Text(tr="Bir kişi vazgeçti.", en="A person gave it up.")
            uow.effects.turn(effect.id, EffectState.ABANDONED, Reason("answer.given_up", text))
        uow.events.add(
            work.actor, "effect", effect.id, "effect.answered", answer=given.value, operation=operation.value
        )
        uow.jobs.add(advance_job(document.order_id))
        if operation is Operation.POST_INVOICE:
            uow.jobs.add(book_job(document))
    return effect
