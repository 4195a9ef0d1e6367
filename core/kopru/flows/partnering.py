"""Ledger cards of buyers: found or made once, however many orders ask for them."""

from dataclasses import replace
from uuid import UUID

from kopru.documents import Partner, effect_key, partner_for, subject_key
from kopru.flows.cases import AGAIN, Case, park, read_case
from kopru.flows.connections import Opened, require_active
from kopru.flows.effects import Post, Refused, fingerprint, post
from kopru.flows.env import Later, Work
from kopru.flows.ports import Uow
from kopru.flows.preparing import Draft
from kopru.flows.records import (
    ConnectionRow,
    EffectRow,
    EffectState,
    Lane,
    NewJob,
    OrderState,
    advance_job,
    new_effect,
)
from kopru.flows.tenants import settings_of
from kopru.hooks import ports
from kopru.hooks.errors import Actor
from kopru.hooks.types import IdempotencyKey, Operation, Receipt
from kopru.model import ExternalRef

RECHECK = 30.0
"""Seconds after which an order looks again for a card that could not be made."""


def partner_code(work: Work, case: Case, draft: Draft) -> str:
    """Return the buyer's code in the ledger; an unknown one is found or made by a job of its own first."""
    if draft.partner is None or draft.ledger is None:
        return ""
    return card_code(work, case, draft.partner, draft.ledger)


def card_code(work: Work, case: Case, partner: Partner, ledger: ConnectionRow) -> str:
    """Return the code of a partner's card in the ledger.

    Raises:
        Later: it is not known, and a job finds or makes it.
        Refused: only a person can help.
    """
    key = subject_key("partner", ledger.id, partner.key)
    effect = effect_key(key, Operation.UPSERT_PARTY, ledger.id)
    with work.read() as uow:
        code = uow.partners.binding(ledger.id, "party", partner.key)
        tried = None if code else uow.effects.by_key(effect.value)
    if code is not None:
        return code
    failed = tried is not None and tried.reason is not None
    if tried and tried.reason and tried.reason.actor is Actor.OPERATOR and AGAIN not in work.args:
        raise Refused(tried, tried.reason)
    require_active(ledger)
    wait = RECHECK if failed and AGAIN not in work.args else 0.0
    job = replace(ensure_job(ledger.id, case.order.id, partner.key), plugin=ledger.plugin, delay=wait)
    with work.write() as uow:
        if tried is not None and tried.state in (EffectState.REJECTED, EffectState.ABANDONED):
            uow.effects.turn(tried.id, EffectState.PLANNED)
        uow.jobs.add(job)
    raise Later(RECHECK if failed else 0.5)


def ensure_job(ledger_id: UUID, order_id: UUID, name: str) -> NewJob:
    """Return the job that finds or makes the card of an order's buyer; ``name`` tells cards apart."""
    args = {"order": str(order_id), "ledger": str(ledger_id)}
    key = f"partner.ensure:{ledger_id}:{name}"
    return NewJob("partner.ensure", args, key, Lane.FISCAL, f"party:{ledger_id}", ledger_id)


def ensure_partner(work: Work) -> None:
    """Job ``partner.ensure``: find or make one ledger card; one such job at a time per ledger."""
    case = read_case(work, UUID(work.args["order"]))
    if case is None:
        return
    ledger_id = UUID(work.args["ledger"])
    partner = partner_for(settings_of(work).partners, case.body.buyer, case.source.name)
    subject = subject_key("partner", ledger_id, partner.key)
    key = effect_key(subject, Operation.UPSERT_PARTY, ledger_id)
    with work.write() as uow:
        if uow.partners.binding(ledger_id, "party", partner.key):
            return
        planned = new_effect(key.value, Operation.UPSERT_PARTY, ledger_id, order_id=case.order.id)
        effect = uow.effects.plan(planned)

    def send(opened: Opened, key: IdempotencyKey) -> Receipt:
        return opened.use(ports.UpsertsParty).upsert_party(opened.ctx, key, partner.request)

    def then(uow: Uow, settled: EffectRow) -> None:
        uow.partners.bind(ledger_id, "party", partner.key, settled.number or partner.request.code)
        others = uow.orders.undecided() if effect.reason else ()
        uow.jobs.add(*(advance_job(order_id) for order_id in {case.order.id, *others}))

    content = partner.request.party.model_dump_json().encode()
    hint = ExternalRef(kind="party", id=partner.request.code)
    write = Post(key, send, fingerprint(content), hint=hint, then=then)
    try:
        post(work, effect, write)
    except Refused as refusal:
        park(work, case, OrderState.PARKED, refusal.reason, refusal)
