"""Trying an order again because a person asks: refused writes may go out once more."""

from uuid import UUID

from kopru.documents import DocumentType
from kopru.flows.booking import book_job
from kopru.flows.cases import AGAIN
from kopru.flows.env import Work
from kopru.flows.orders import refetch_job
from kopru.flows.ports import Uow
from kopru.flows.records import (
    DocumentRow,
    DocumentState,
    EffectState,
    NewJob,
    OrderRow,
    advance_job,
)
from kopru.flows.returning import forward_job
from kopru.hooks.types import Operation


def retry(work: Work, order: OrderRow, *, fresh: bool = False) -> None:
    """Try an order again with today's settings, items and rules; ``fresh`` reads it from its source first.

    A refused submission is left to the order's own job, which makes the document anew before it goes out.
    """
    with work.write() as uow:
        for document in uow.documents.of_order(order.id):
            if document.state is not DocumentState.VOID:
                _reopen(uow, document)
        if fresh:
            uow.jobs.add(refetch_job(order))
        uow.jobs.add(again_job(order.id))
        uow.events.add(work.actor, "order", order.id, "order.retried", fresh=fresh)


def again_job(order_id: UUID) -> NewJob:
    """Return the job that brings an order forward although something was refused."""
    job = advance_job(order_id)
    return NewJob(job.kind, {**job.args, AGAIN: "yes"}, f"{job.key}:{AGAIN}", job.lane, serial_key=job.key)


def _reopen(uow: Uow, document: DocumentRow) -> None:
    is_invoice = document.type == DocumentType.INVOICE.value
    for effect in uow.effects.of_document(document.id):
        remade = is_invoice and effect.operation is Operation.SUBMIT_INVOICE
        if effect.state is EffectState.REJECTED and not remade:
            uow.effects.turn(effect.id, EffectState.PLANNED)
        if effect.operation is Operation.POST_INVOICE and not effect.settled:
            uow.jobs.add(book_job(document))
    if not is_invoice:
        uow.jobs.add(forward_job(document))
