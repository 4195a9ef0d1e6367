"""Open orders in the ledger, where they reserve their goods until the invoice is booked.

Off unless ``ledger.orders`` says so. The ledger holds one copy of an order, of its present version: a changed
order is taken out and entered anew, one that is booked or called off is taken out.
"""

from collections.abc import Iterable
from uuid import UUID

from kopru.documents import Mode, effect_key, partner_for, stored_key, subject_key
from kopru.flows.cases import Case, read_case
from kopru.flows.changing import TAKEN_BACK
from kopru.flows.connections import Opened, tenant_plugins
from kopru.flows.effects import OPEN, Post, Refused, find_out, fingerprint, post, refused_job
from kopru.flows.env import Work
from kopru.flows.orderlines import order_items
from kopru.flows.partnering import card_code
from kopru.flows.ports import Uow
from kopru.flows.records import (
    ConnectionRow,
    EffectRow,
    EffectState,
    EnteredRow,
    Lane,
    NewJob,
    Reason,
    new_effect,
)
from kopru.flows.tenants import ledger_of, settings_of
from kopru.flows.texts import TEXTS
from kopru.hooks import ports
from kopru.hooks.errors import Rejected
from kopru.hooks.types import Cancellation, Echo, IdempotencyKey, LedgerOrder, Operation, Receipt
from kopru.matching.exact import ItemKey

ENTER, TAKE_OUT = Operation.POST_ORDER, Operation.CANCEL_DOCUMENT


def follow(work: Work) -> None:
    """Enter what is open and take out what is not, if the tenant wants its orders in the ledger."""
    if settings_of(work).ledger.orders is Mode.AUTO:
        plan(work)


def plan(work: Work) -> int:
    """Add a job for each order of which the ledger holds no copy, an old one, or one too many."""
    ledger = ledger_of(work)
    if ledger is None or not tenant_plugins(work).can(ledger.plugin, "post_order"):
        return 0
    with work.write() as uow:
        jobs = [enter_job(ledger.id, each) for each in _differing(uow.orders.entered(ledger.id), ledger.id)]
        if not work.dry_run:
            uow.jobs.add(*jobs)
    return len(jobs)


def enter_job(ledger_id: UUID, order_id: UUID) -> NewJob:
    """Return the job that brings one order and its copy in the ledger together."""
    args = {"order": str(order_id), "ledger": str(ledger_id)}
    key = f"order.enter:{ledger_id}:{order_id}"
    return NewJob("order.enter", args, key, Lane.STOCK, f"ledger:{ledger_id}", ledger_id)


def _differing(rows: Iterable[EnteredRow], ledger_id: UUID) -> list[UUID]:
    """Return the orders whose copy is missing, outdated or left over; what was refused is not tried again."""
    wanted = {row.order_id: _key(row.order_id, row.version, ledger_id).value for row in rows if row.open}
    held = {(row.order_id, row.key) for row in rows if row.key is not None}
    missing = [order_id for order_id, key in wanted.items() if (order_id, key) not in held]
    settled = (EffectState.ACCEPTED, EffectState.CONFIRMED)
    surplus = [row.order_id for row in rows if row.state in settled and row.key != wanted.get(row.order_id)]
    return list(dict.fromkeys((*missing, *surplus)))


def enter(work: Work) -> None:
    """Job ``order.enter``: bring one order and its copy in the ledger together.

    Raises:
        Later: its buyer's card is made first, or a write is not known to have arrived.
        ConfigError: the ledger refused it.
    """
    case, ledger = read_case(work, UUID(work.args["order"])), ledger_of(work)
    if case is None or ledger is None or str(ledger.id) != work.args["ledger"]:
        return
    with work.read() as uow:
        is_open = any(row.open for row in uow.orders.entered(ledger.id, case.order.id))
        effects = uow.effects.of_order(case.order.id)
    key = _key(case.order.id, case.order.version, ledger.id)
    try:
        for effect in effects:
            old = effect.key != key.value or not is_open
            if effect.operation is ENTER and effect.connection_id == ledger.id and old:
                _take_out(work, case, effect)
        if is_open:
            _enter(work, case, ledger, key)
    except Refused as refusal:
        raise refused_job(refusal) from refusal


def _enter(work: Work, case: Case, ledger: ConnectionRow, key: IdempotencyKey) -> None:
    settings = settings_of(work)
    keys = [ItemKey(each.value) for each in settings.items.keys]
    items = order_items(work, case.body, case.source.connection_id, case.source.name, keys)
    if items.findings:
        # The order itself is parked for its line; it comes here again when it goes on.
        return
    try:
        partner = partner_for(settings.partners, case.body.buyer, case.source.name)
    except Rejected:
        return
    booked = LedgerOrder(
        order=case.body,
        party_code=card_code(work, case, partner, ledger),
        items={line_id: item.code for line_id, item in items.found.items()},
        channel=case.source.name,
    )
    digest = fingerprint(case.body.model_dump_json().encode())
    with work.write() as uow:
        effect = uow.effects.plan(new_effect(key.value, ENTER, ledger.id, order_id=case.order.id))

    def send(opened: Opened, key: IdempotencyKey) -> Receipt:
        return opened.use(ports.PostsOrder).post_order(opened.ctx, key, booked)

    def then(uow: Uow, settled: EffectRow) -> None:
        uow.events.add(work.actor, "order", case.order.id, "order.entered", number=settled.number or "")

    post(work, effect, Post(key, send, digest, expected=Echo(total=case.body.total), then=then))


def _take_out(work: Work, case: Case, effect: EffectRow) -> None:
    """Take an outdated copy out of the ledger, after finding out whether it is there."""
    if effect.state in OPEN:
        effect = find_out(work, effect, _unsent(effect))
    if effect.settled and effect.ref is not None:
        _cancel(work, case, effect)
    if effect.state is not EffectState.ABANDONED:
        with work.write() as uow:
            reason = Reason(TAKEN_BACK, TEXTS[TAKEN_BACK])
            uow.effects.turn(effect.id, EffectState.ABANDONED, reason)
            uow.events.add(work.actor, "order", case.order.id, "order.taken_out", number=effect.number or "")


def _cancel(work: Work, case: Case, entered: EffectRow) -> None:
    assert entered.ref is not None
    target = entered.ref
    subject = subject_key("order", case.order.id)
    key = effect_key(subject, TAKE_OUT, entered.connection_id, target.id)
    cancellation = Cancellation(target, TEXTS[TAKEN_BACK].tr)
    with work.write() as uow:
        planned = new_effect(key.value, TAKE_OUT, entered.connection_id, order_id=case.order.id)
        effect = uow.effects.plan(planned)

    def send(opened: Opened, key: IdempotencyKey) -> Receipt:
        return opened.use(ports.CancelsDocument).cancel_document(opened.ctx, key, cancellation)

    post(work, effect, Post(key, send, fingerprint(target.id.encode()), hint=target))


def _unsent(effect: EffectRow) -> Post:
    """Return an earlier write to be looked up and never sent."""

    def send(opened: Opened, key: IdempotencyKey) -> Receipt:
        raise AssertionError("an outdated order is not entered")

    return Post(stored_key(effect.key), send, effect.request_hash or "")


def _key(order_id: UUID, version: int, ledger_id: UUID) -> IdempotencyKey:
    return effect_key(subject_key("order", order_id), ENTER, ledger_id, f"v{version}")
