"""Issued documents into the ledger, each once."""

from uuid import UUID

from kopru.documents import effect_key, stored_key
from kopru.flows.cases import Case, park, read_document
from kopru.flows.changing import TAKEN_BACK
from kopru.flows.connections import Opened, call
from kopru.flows.effects import Post, Refused, begin, fingerprint, is_given_up, post
from kopru.flows.env import Work
from kopru.flows.finishing import finish
from kopru.flows.linking import wants_link
from kopru.flows.ports import Uow
from kopru.flows.records import (
    DocumentRow,
    DocumentState,
    EffectRow,
    EffectState,
    Lane,
    NewJob,
    OrderState,
    Reason,
    new_effect,
)
from kopru.flows.texts import TEXTS
from kopru.hooks import ports
from kopru.hooks.errors import ConfigError
from kopru.hooks.types import (
    CannotTell,
    Echo,
    Found,
    IdempotencyKey,
    LedgerInvoice,
    Operation,
    Receipt,
)
from kopru.model import ExternalRef


def book_job(document: DocumentRow) -> NewJob:
    """Return the job that books a document; one at a time per ledger."""
    return NewJob(
        "document.book",
        {"document": str(document.id)},
        f"document.book:{document.id}",
        Lane.FISCAL,
        serial_key=f"ledger:{document.ledger_id}",
        connection_id=document.ledger_id,
    )


def book(work: Work) -> None:
    """Job ``document.book``: post one issued document to the ledger."""
    with work.write() as uow:
        found = read_document(uow, UUID(work.args["document"]))
        if found is None:
            return
        case, document = found
        if document.ledger_id is None or document.state is not DocumentState.ISSUED:
            return
        digest = fingerprint(document.invoice.model_dump_json().encode())
        key = _booking_key(uow, document, document.ledger_id)
        planned = new_effect(key.value, Operation.POST_INVOICE, document.ledger_id, document_id=document.id)
        effect, begun = begin(uow, work, planned, digest)
    try:
        effect = post(work, effect, _booking(work, case, document, key, digest), begun=begun)
    except Refused as refusal:
        park(work, case, OrderState.PARKED, refusal.reason, refusal)
        return
    if is_given_up(effect):
        links = wants_link(work, case, document)
        with work.write() as uow:
            finish(uow, work, case, links=links)


def book_again(work: Work, document: DocumentRow, *, sure: bool = False) -> None:
    """Book a document once more whose record was deleted in the ledger.

    The ledger is asked first. ``sure`` is a person's word that the record is gone, for a ledger that cannot
    tell or still lists a cancelled one.

    Raises:
        ConfigError: it was never booked, or the record is there, or the ledger cannot tell.
        ConnectorError: the ledger cannot be asked.
    """
    with work.read() as uow:
        effects = uow.effects.of_document(document.id)
    booked = next((e for e in effects if e.operation is Operation.POST_INVOICE and e.settled), None)
    if booked is None or document.state is not DocumentState.ISSUED:
        raise ConfigError("booking.never", TEXTS["booking.never"])
    if not sure:
        _require_gone(work, booked)
    with work.write() as uow:
        now = uow.effects.get(booked.id, lock=True)
        if now is None or not now.settled:
            raise ConfigError("booking.never", TEXTS["booking.never"])
        uow.effects.turn(booked.id, EffectState.ABANDONED, Reason(TAKEN_BACK, TEXTS["booking.deleted"]))
        uow.events.add(work.actor, "document", document.id, "document.booked_again", was=booked.number or "")
        uow.jobs.add(book_job(document))


def _require_gone(work: Work, booked: EffectRow) -> None:
    key = stored_key(booked.key)
    located = call(
        work,
        booked.connection_id,
        lambda opened: opened.use(ports.Locates).locate(opened.ctx, Operation.POST_INVOICE, key, booked.ref),
    )
    if isinstance(located, Found):
        number = located.receipt.number or (located.receipt.ref.id if located.receipt.ref else "")
        raise ConfigError("booking.there", TEXTS.text("booking.there", number=number))
    if isinstance(located, CannotTell):
        raise ConfigError("booking.cannot_tell", TEXTS["booking.cannot_tell"], detail=located.reason.en)


def _booking_key(uow: Uow, document: DocumentRow, ledger_id: UUID) -> IdempotencyKey:
    """Return the key of the booking; one that was taken back for a correction is followed by another."""
    effects = uow.effects.of_document(document.id)
    taken_back = sum(bool(each.reason and each.reason.code == TAKEN_BACK) for each in effects)
    detail = str(taken_back) if taken_back else ""
    return effect_key(document.key, Operation.POST_INVOICE, ledger_id, detail)


def _booking(work: Work, case: Case, document: DocumentRow, key: IdempotencyKey, digest: str) -> Post:
    booked = LedgerInvoice(
        invoice=document.invoice,
        party_code=document.partner_code,
        channel=case.source.name,
        order_number=case.order.number,
        original=_original_booking(work, document),
    )
    links = wants_link(work, case, document)

    def send(opened: Opened, key: IdempotencyKey) -> Receipt:
        return opened.use(ports.PostsInvoice).post_invoice(opened.ctx, key, booked)

    def then(uow: Uow, effect: EffectRow) -> None:
        uow.events.add(work.actor, "document", document.id, "document.booked", number=effect.number or "")
        uow.jobs.add(stock_job())
        finish(uow, work, case, links=links)

    return Post(key, send, digest, expected=Echo(total=document.total), then=then, alone=True)


def _original_booking(work: Work, document: DocumentRow) -> ExternalRef | None:
    """Return the ledger document that a return corrects."""
    if document.original_id is None:
        return None
    with work.read() as uow:
        effects = uow.effects.of_document(document.original_id)
    return next((each.ref for each in effects if each.operation is Operation.POST_INVOICE), None)


def stock_job() -> NewJob:
    """Return the job that brings stock to the channels; many reasons within two seconds make one run."""
    return NewJob("stock.sync", {}, "stock.sync", Lane.STOCK, serial_key="stock.sync", delay=2.0)
