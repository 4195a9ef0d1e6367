"""When an order is done."""

from kopru.documents import DocumentType, Stage
from kopru.flows.cases import Case, stages_of
from kopru.flows.effects import TROUBLE, is_given_up
from kopru.flows.env import Work
from kopru.flows.ports import Uow
from kopru.flows.records import DocumentRow, DocumentState, OrderRow, OrderState
from kopru.hooks.types import Operation


def finish(uow: Uow, work: Work, case: Case, *, links: bool) -> None:
    """Mark the order done once everything its documents' stages ask for is confirmed and nothing is open."""
    order = uow.orders.get(case.order.id, lock=True)
    if order is None or order.state not in (OrderState.INVOICING, OrderState.PARKED):
        return
    documents = [each for each in uow.documents.of_order(order.id) if each.state is not DocumentState.VOID]
    if documents and all(_is_through(uow, order, each, links=links) for each in documents):
        uow.orders.set_state(order.id, OrderState.DONE)
        uow.events.add(work.actor, "order", order.id, "order.done", document=str(documents[-1].id))


def _is_through(uow: Uow, order: OrderRow, document: DocumentRow, *, links: bool) -> bool:
    effects = uow.effects.of_document(document.id)
    is_invoice = document.type == DocumentType.INVOICE.value
    behind = is_invoice and document.order_version < order.version
    if behind or document.reason is not None or any(each.state in TROUBLE for each in effects):
        return False
    wanted = {
        Operation.SUBMIT_INVOICE: document.channel_id is not None,
        Operation.POST_INVOICE: document.ledger_id is not None and stages_of(document).automatic(Stage.BOOK),
        Operation.UPDATE_ORDER_STATUS: links and is_invoice,
    }
    done = {each.operation for each in effects if each.settled or is_given_up(each)}
    return all(operation in done for operation, needed in wanted.items() if needed)
