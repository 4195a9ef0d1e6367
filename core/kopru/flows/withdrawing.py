"""Invoices cancelled outside the engine: at the integrator, or on GİB's own portal, which tells nobody."""

from uuid import UUID

from kopru.documents import DocumentType
from kopru.flows import changing
from kopru.flows.cases import park, read_document
from kopru.flows.effects import Refused
from kopru.flows.env import Work
from kopru.flows.records import DocumentRow, DocumentState, Lane, NewJob, OrderState
from kopru.flows.texts import TEXTS
from kopru.hooks.errors import ConfigError


def record(work: Work, document: DocumentRow, note: str = "") -> None:
    """Take a person's word that an issued invoice was cancelled at GİB, and clear it away.

    Raises:
        ConfigError: it is no issued invoice.
    """
    is_invoice = document.type == DocumentType.INVOICE.value
    if not is_invoice or document.state is not DocumentState.ISSUED:
        raise ConfigError("document.not_issued", TEXTS["document.not_issued"])
    with work.write() as uow:
        uow.events.add(work.actor, "document", document.id, "document.cancelled_at_gib", note=note)
        uow.jobs.add(withdraw_job(document))


def withdraw(work: Work) -> None:
    """Job ``document.withdraw``: take the document out of the ledger and make it void."""
    with work.read() as uow:
        found = read_document(uow, UUID(work.args["document"]))
    if found is None or found[1].state is not DocumentState.ISSUED:
        return
    case, document = found
    try:
        changing.withdraw(work, case, document)
    except Refused as refusal:
        park(work, case, OrderState.PARKED, refusal.reason, refusal)


def withdraw_job(document: DocumentRow) -> NewJob:
    """Return the job; it shares its order's turn, so that nothing else moves the order meanwhile."""
    return NewJob(
        "document.withdraw",
        {"document": str(document.id)},
        f"document.withdraw:{document.id}",
        Lane.FISCAL,
        serial_key=f"order.advance:{document.order_id}",
    )
