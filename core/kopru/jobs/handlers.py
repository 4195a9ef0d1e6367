"""Which flow does which kind of job, and what the subject is told when it does not succeed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from kopru.flows import (
    backfill,
    booking,
    catalogue,
    completeness,
    drift,
    following,
    incoming,
    invoicing,
    itemcards,
    ledgerorders,
    orders,
    partnering,
    prices,
    replaying,
    restoring,
    stock,
    stockdrift,
    withdrawing,
)
from kopru.flows.env import Work
from kopru.flows.records import OrderState, Reason

Run = Callable[[Work], None]
Tell = Callable[[Work, Reason], None]


@dataclass(frozen=True)
class Handler:
    """A job kind: what runs it, and what is told when it gave up or waits for a person."""

    run: Run
    tell: Tell = lambda work, reason: None


def _tell_order(work: Work, reason: Reason) -> None:
    _park(work, UUID(work.args["order"]), reason)


def _tell_document(work: Work, reason: Reason) -> None:
    with work.read() as uow:
        document = uow.documents.get(UUID(work.args["document"]))
    if document is not None:
        _park(work, document.order_id, reason)


def _park(work: Work, order_id: UUID, reason: Reason) -> None:
    with work.write() as uow:
        order = uow.orders.get(order_id, lock=True)
        if order is None or order.state in (OrderState.DONE, OrderState.CANCELLED, OrderState.EXCLUDED):
            return
        uow.orders.set_state(order_id, OrderState.PARKED, reason)
        uow.events.add(work.actor, "order", order_id, "order.parked", code=reason.code)


HANDLERS: Mapping[str, Handler] = {
    "orders.pull": Handler(orders.pull),
    "order.refetch": Handler(orders.refetch),
    "order.advance": Handler(invoicing.advance, _tell_order),
    "returns.pull": Handler(orders.pull_returns),
    "inbox.pull": Handler(incoming.pull),
    "partner.ensure": Handler(partnering.ensure_partner, _tell_order),
    "channel.follow": Handler(following.follow),
    "document.book": Handler(booking.book, _tell_document),
    "document.forward": Handler(invoicing.forward, _tell_document),
    "catalogue.pull": Handler(catalogue.pull),
    "document.withdraw": Handler(withdrawing.withdraw, _tell_document),
    "item.ensure": Handler(itemcards.ensure),
    "order.enter": Handler(ledgerorders.enter),
    "prices.sync": Handler(prices.sync),
    "prices.push": Handler(prices.push),
    "stock.pull": Handler(stock.pull),
    "stock.sync": Handler(stock.sync),
    "stock.push": Handler(stock.push),
    "restore.reconcile": Handler(restoring.reconcile),
    "orders.verify": Handler(completeness.nightly),
    "orders.verify_day": Handler(completeness.count_day),
    "orders.reread": Handler(completeness.reread),
    "order.recover": Handler(completeness.recover),
    "order.replay": Handler(replaying.replay),
    "orders.backfill": Handler(backfill.run),
    "documents.verify": Handler(drift.nightly),
    "documents.verify_day": Handler(drift.compare_day),
    "stock.verify": Handler(stockdrift.nightly),
    "stock.compare": Handler(stockdrift.compare_job),
}
