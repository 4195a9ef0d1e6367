"""Following issued documents at their channel until the last word, and what each word means here."""

from datetime import datetime, timedelta
from uuid import UUID

from kopru.flows.booking import book_job
from kopru.flows.cases import document_ref
from kopru.flows.connections import Opened, call
from kopru.flows.env import Work
from kopru.flows.invoicing import follow_job
from kopru.flows.ports import Uow
from kopru.flows.records import DocumentRow, DocumentState, EffectState, OrderState, Reason, advance_job
from kopru.flows.tenants import settings_of
from kopru.flows.texts import TEXTS
from kopru.flows.withdrawing import withdraw_job
from kopru.hooks import ports
from kopru.hooks.types import Operation, PendingReceipt, ReceiptUpdate, RemoteState

BATCH = 50
RESENDS = 5
"""How often a document that may be sent again is sent before a person is asked."""

BACKOFF = (2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 300.0, 900.0)
ANSWER_EVERY = timedelta(hours=1)
GOOD = frozenset({RemoteState.DELIVERED, RemoteState.ACCEPTED, RemoteState.DONE})


def follow(work: Work) -> None:
    """Job ``channel.follow``: ask a channel about every document that is due, then say when to ask again."""
    channel_id = UUID(work.args["connection"])
    with work.read() as uow:
        due = uow.documents.to_follow(channel_id, uow.now, BATCH)
    if due:
        updates = call(work, channel_id, lambda opened: _ask(opened, due), seconds=60.0)
        for document, update in zip(due, updates, strict=True):
            with work.write() as uow:
                _take(work, uow, document, update)
    with work.write() as uow:
        at = uow.documents.next_follow(channel_id)
        if at is not None:
            uow.jobs.add(follow_job(channel_id, max((at - uow.now).total_seconds(), 0.0)))


def _ask(opened: Opened, due: list[DocumentRow]) -> tuple[ReceiptUpdate, ...]:
    pending = [
        PendingReceipt(Operation.SUBMIT_INVOICE, document_ref(each), each.profile.is_archive) for each in due
    ]
    return opened.use(ports.FetchesReceipts).fetch_receipts(opened.ctx, pending)


def _take(work: Work, uow: Uow, asked: DocumentRow, update: ReceiptUpdate) -> None:
    document = uow.documents.get(asked.id, lock=True)
    if document is None or document.state is DocumentState.VOID:
        return
    state = update.state
    uow.documents.set_remote(
        document.id,
        state.value,
        update.remote_code,
        update.remote_text,
        follow_at=_next(uow.now, document, state),
        issued=state in GOOD or state is RemoteState.AWAITING_ANSWER,
    )
    if state.value != document.remote_state:
        uow.events.add(
            work.actor,
            "document",
            document.id,
            f"document.remote.{state.value}",
            code=update.remote_code,
            text=update.remote_text,
        )
    if state in GOOD or state is RemoteState.AWAITING_ANSWER:
        _book_if_waiting(work, uow, document)
    elif state is RemoteState.RETRYABLE:
        _send_again(uow, document, update)
    elif state is RemoteState.FAILED:
        _tell(uow, document, _failure(update))
    elif state is RemoteState.REFUSED:
        _tell(uow, document, Reason("document.refused_by_buyer", TEXTS["document.refused_by_buyer"]))
    elif state is RemoteState.CANCELLED and not _cancelled_by_us(uow, document):
        _withdraw(uow, document)


def _withdraw(uow: Uow, document: DocumentRow) -> None:
    """Clear away what was cancelled elsewhere: it leaves the ledger before the document is void."""
    reason = Reason("document.cancelled_remotely", TEXTS["document.cancelled_remotely"])
    _tell(uow, document, reason)
    if document.state is DocumentState.ISSUED:
        uow.jobs.add(withdraw_job(document))
    else:
        uow.documents.void(document.id, reason)


def _cancelled_by_us(uow: Uow, document: DocumentRow) -> bool:
    """Whether the order's own job is cancelling it; that job clears the ledger too and then makes it void."""
    effects = uow.effects.of_document(document.id)
    return any(each.operation is Operation.CANCEL_DOCUMENT for each in effects)


def _next(now: datetime, document: DocumentRow, state: RemoteState) -> datetime | None:
    if state is RemoteState.AWAITING_ANSWER:
        return now + ANSWER_EVERY
    if state is not RemoteState.PENDING:
        return None
    return now + timedelta(seconds=BACKOFF[min(document.follow_count, len(BACKOFF) - 1)])


def _book_if_waiting(work: Work, uow: Uow, document: DocumentRow) -> None:
    """With ``ledger.after = delivered`` the booking waited for this word."""
    if document.ledger_id is None or settings_of(work).ledger.after.value != "delivered":
        return
    if document.stages.get("book", "auto") == "auto":
        uow.jobs.add(book_job(document))


def _send_again(uow: Uow, document: DocumentRow, update: ReceiptUpdate) -> None:
    """Send once more under the same number and identity, as GİB allows for this code."""
    effects = uow.effects.of_document(document.id)
    submit = [each for each in effects if each.operation is Operation.SUBMIT_INVOICE]
    if not submit or submit[0].attempt >= RESENDS:
        _tell(uow, document, _failure(update))
        return
    uow.effects.turn(submit[0].id, EffectState.PLANNED, _failure(update))
    uow.jobs.add(advance_job(document.order_id, delay=60.0))


def _failure(update: ReceiptUpdate) -> Reason:
    first = next(iter(update.findings), None)
    text = TEXTS["document.remote_failed"].fill(code=update.remote_code, text=update.remote_text)
    return Reason("document.remote_failed", first.message if first else text, detail=update.remote_text)


def _tell(uow: Uow, document: DocumentRow, reason: Reason) -> None:
    """Park the order, and let its own job look at it when it changed in the meantime."""
    uow.documents.set_reason(document.id, reason)
    uow.orders.set_state(document.order_id, OrderState.PARKED, reason)
    uow.events.add("engine", "order", document.order_id, "order.parked", code=reason.code)
    order = uow.orders.get(document.order_id)
    if order is not None and document.order_version < order.version:
        uow.jobs.add(advance_job(order.id))
