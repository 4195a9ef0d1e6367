"""What waits for a person: parked orders, manual stages that nobody did yet, writes that need an answer."""

from dataclasses import dataclass

from kopru.documents import DocumentType, Mode, Stage
from kopru.flows.cases import stages_of
from kopru.flows.connections import tenant_plugins
from kopru.flows.effects import CONFLICT, PERSONAL, is_given_up
from kopru.flows.env import Work
from kopru.flows.ports import Uow
from kopru.flows.records import DocumentRow, EffectRow, EffectState, OrderRow, OrderState
from kopru.flows.texts import TEXTS
from kopru.hooks.types import Operation
from kopru.model import Text

BY_HAND = "document.manual"
"""Reason of an order that stops at a manual stage."""

_DOES = {Stage.BOOK: Operation.POST_INVOICE, Stage.LINK: Operation.UPDATE_ORDER_STATUS}


@dataclass(frozen=True, slots=True)
class Waiting:
    """An order with what a person should do about it."""

    order: OrderRow
    what: str
    """``reason``: its reason says; else the manual stages to do."""
    text: Text


def waiting(work: Work, limit: int = 1000) -> list[Waiting]:
    """Return the orders that wait for a person, those that stopped first."""
    with work.read() as uow:
        stopped = uow.orders.recent(state=OrderState.PARKED.value, limit=limit)
        for state in (OrderState.HELD, OrderState.INVOICING):
            rows = uow.orders.recent(state=state.value, limit=limit)
            stopped += [row for row in rows if row.reason is not None and row.reason.code == BY_HAND]
        found = [Waiting(row, "reason", row.reason.text) for row in stopped if row.reason is not None]
        known = {each.order.id for each in found}
        for document in uow.documents.left_by_hand(limit):
            if document.order_id not in known and (todo := undone(work, uow, document)):
                order = uow.orders.get(document.order_id)
                if order is not None:
                    found.append(Waiting(order, ",".join(todo), told(order, todo)))
    return found[:limit]


def of_order(work: Work, order: OrderRow) -> tuple[Text, ...]:
    """Return what an order waits for from a person, in words."""
    with work.read() as uow:
        documents = uow.documents.of_order(order.id)
        todo = [stage for document in documents for stage in undone(work, uow, document)]
    texts = [told(order, list(dict.fromkeys(todo)))] if todo else []
    if order.reason is not None and (order.state is OrderState.PARKED or order.reason.code == BY_HAND):
        texts.insert(0, order.reason.text)
    return tuple(texts)


def undone(work: Work, uow: Uow, document: DocumentRow) -> list[str]:
    """Return the manual stages after sending that nobody did for an issued document."""
    if document.state.value != "issued":
        return []
    done = {
        each.operation for each in uow.effects.of_document(document.id) if each.settled or is_given_up(each)
    }
    stages = stages_of(document)
    return [
        stage.value
        for stage, operation in _DOES.items()
        if getattr(stages, stage.value) is Mode.MANUAL
        and operation not in done
        and _can(work, uow, document, stage)
    ]


def told(order: OrderRow, stages: list[str]) -> Text:
    """Return the command that does the stages."""
    return TEXTS.text("document.by_hand", stages=", ".join(stages), order=order.number, through=stages[-1])


def questions(uow: Uow, limit: int = 1000) -> list[EffectRow]:
    """Return the writes whose outcome only a person can tell, and those that were refused."""
    asked = PERSONAL | {CONFLICT}
    return [
        each
        for each in uow.effects.unanswered(limit)
        if each.state is EffectState.REJECTED or (each.reason is not None and each.reason.code in asked)
    ]


def _can(work: Work, uow: Uow, document: DocumentRow, stage: Stage) -> bool:
    if stage is Stage.BOOK:
        return document.ledger_id is not None
    if document.type != DocumentType.INVOICE.value:
        return False
    order = uow.orders.get(document.order_id)
    source = uow.connections.get(order.connection_id) if order is not None else None
    return source is not None and tenant_plugins(work).can(source.plugin, "update_order_status")
