"""Giving an invoice back to the shop its order came from."""

from kopru.documents import DocumentType, Stage, effect_key, invoice_link
from kopru.flows.cases import Case, stages_of
from kopru.flows.connections import Opened, tenant_plugins
from kopru.flows.effects import OPEN, Post, begin, find_out, fingerprint, post
from kopru.flows.env import Work
from kopru.flows.finishing import finish
from kopru.flows.ports import Uow
from kopru.flows.records import DocumentRow, EffectRow, new_effect
from kopru.flows.tenants import settings_of
from kopru.hooks import ports
from kopru.hooks.types import Echo, IdempotencyKey, Operation, OrderAction, OrderUpdate, Receipt


def wants_link(work: Work, case: Case, document: DocumentRow) -> bool:
    """Whether the invoice is to be given back to its source without being asked."""
    return stages_of(document).automatic(Stage.LINK) and _linkable(work, case, document)


def _linkable(work: Work, case: Case, document: DocumentRow) -> bool:
    is_invoice = document.type == DocumentType.INVOICE.value
    return is_invoice and tenant_plugins(work).can(case.source.plugin, "update_order_status")


def link(work: Work, case: Case, document: DocumentRow) -> bool:
    """Give the invoice back to the source: its address if there is one, else its number.

    Returns whether a write was made (and with it the order finished, if nothing else is open).
    """
    if not _linkable(work, case, document):
        return False
    write = _write(work, case, document)
    with work.write() as uow:
        planned = new_effect(
            write.key.value, Operation.UPDATE_ORDER_STATUS, case.source.connection_id, document_id=document.id
        )
        effect, begun = begin(uow, work, planned, write.request_hash)
    post(work, effect, write, begun=begun)
    return begun


def learn(work: Work, case: Case, document: DocumentRow) -> None:
    """Find out about a link that may be on its way, without sending, before its document is taken back.

    Raises:
        Later: the source may still be at it.
    """
    with work.read() as uow:
        effect = uow.effects.by_key(_link_key(case, document).value)
    if effect is not None and effect.state in OPEN:
        find_out(work, effect, _write(work, case, document))


def _write(work: Work, case: Case, document: DocumentRow) -> Post:
    url = invoice_link(settings_of(work), document.invoice)
    update = OrderUpdate(
        order=case.body.ref,
        action=OrderAction.INVOICE_LINK if url else OrderAction.INVOICED,
        invoice_number=document.number or "",
        invoice_url=url,
        invoice_at=case.now,
    )

    def send(opened: Opened, key: IdempotencyKey) -> Receipt:
        return opened.use(ports.UpdatesOrderStatus).update_order_status(opened.ctx, key, update)

    def then(uow: Uow, effect: EffectRow) -> None:
        finish(uow, work, case, links=True)

    return Post(
        _link_key(case, document),
        send,
        fingerprint(url.encode()),
        Echo(number=document.number),
        hint=case.body.ref,
        then=then,
    )


def _link_key(case: Case, document: DocumentRow) -> IdempotencyKey:
    return effect_key(
        document.key, Operation.UPDATE_ORDER_STATUS, case.source.connection_id, OrderAction.INVOICE_LINK.value
    )
