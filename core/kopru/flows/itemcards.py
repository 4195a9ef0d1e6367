"""Cards of own items in the ledger, made because a person decided so, each once."""

from urllib.parse import unquote
from uuid import UUID

from kopru.documents import effect_key, subject_key
from kopru.flows.connections import Opened, require_active
from kopru.flows.effects import Post, Refused, fingerprint, post, refused_job
from kopru.flows.env import Work
from kopru.flows.ports import Uow
from kopru.flows.records import EffectRow, EffectState, ItemRow, Lane, NewJob, new_effect
from kopru.flows.tenants import ledger_of
from kopru.flows.texts import TEXTS
from kopru.hooks import ports
from kopru.hooks.errors import ConfigError
from kopru.hooks.types import IdempotencyKey, Operation, Receipt
from kopru.model import ExternalRef, LineKind, Product

CREATE = Operation.UPSERT_PRODUCT


def create(work: Work, code: str) -> NewJob:
    """Add the job that finds or makes the ledger's card of an own item; refused ones may go out again.

    Raises:
        ConfigError: there is no such item, or no ledger.
        AuthError: the ledger needs a new login.
    """
    ledger = ledger_of(work)
    if ledger is None:
        raise ConfigError("connection.none", TEXTS.text("connection.none", kind="accounting"))
    require_active(ledger)
    with work.write() as uow:
        item = uow.items.by_code(code)
        if item is None:
            raise ConfigError("item.unknown", TEXTS.text("item.unknown", code=code))
        job = ensure_job(ledger.id, item.code)
        if not work.dry_run:
            _reopen(uow, _key(ledger.id, item.code))
            uow.jobs.add(job)
            uow.events.add(work.actor, "item", item.id, "item.to_ledger", code=item.code)
    return job


def ensure_job(ledger_id: UUID, code: str) -> NewJob:
    """Return the job that finds or makes one card."""
    key = f"item.ensure:{ledger_id}:{code}"
    args = {"ledger": str(ledger_id), "code": code}
    return NewJob("item.ensure", args, key, Lane.INTERACTIVE, f"items:{ledger_id}", ledger_id)


def code_of(effect: EffectRow) -> str:
    """Return the code of the item that a write makes a card of."""
    subject = unquote(effect.key.partition("/")[0])
    return unquote(subject.split("/")[2])


def ensure(work: Work) -> None:
    """Job ``item.ensure``: find or make the ledger's card of one own item.

    Raises:
        ConfigError: the ledger refused it; correct the item, then ask again.
    """
    ledger_id, code = UUID(work.args["ledger"]), work.args["code"]
    key = _key(ledger_id, code)
    with work.write() as uow:
        item = uow.items.by_code(code)
        if item is None:
            return
        effect = uow.effects.plan(new_effect(key.value, CREATE, ledger_id))
    product = as_product(item)

    def send(opened: Opened, key: IdempotencyKey) -> Receipt:
        return opened.use(ports.UpsertsProduct).upsert_product(opened.ctx, key, product)

    def then(uow: Uow, settled: EffectRow) -> None:
        number = settled.number or code
        uow.events.add(work.actor, "item", item.id, "item.in_ledger", code=number)

    digest = fingerprint(product.model_dump_json().encode())
    hint = ExternalRef(kind="item", id=code)
    try:
        post(work, effect, Post(key, send, digest, hint=hint, then=then))
    except Refused as refusal:
        raise refused_job(refusal) from refusal


def as_product(item: ItemRow) -> Product:
    """Return an own item as a ledger is told of it."""
    return Product(
        ref=ExternalRef(kind="item", id=item.code),
        revision="1",
        code=item.code,
        name=item.name,
        kind=LineKind(item.kind),
        barcodes=item.barcodes,
        unit=item.unit,
        vat_rate=item.vat_rate,
        active=item.active,
    )


def _key(ledger_id: UUID, code: str) -> IdempotencyKey:
    return effect_key(subject_key("item", ledger_id, code), CREATE, ledger_id)


def _reopen(uow: Uow, key: IdempotencyKey) -> None:
    tried = uow.effects.by_key(key.value)
    if tried is not None and tried.state in (EffectState.REJECTED, EffectState.ABANDONED):
        uow.effects.turn(tried.id, EffectState.PLANNED)
