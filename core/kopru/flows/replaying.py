"""Replay: an order made anew from its stored payload, from a fresh fetch, or by today's rules.

What would come of it is foreseen first: the fields of the order, the document it would become, and what that
means for a document there already. Doing it is a job of the order like any other and goes the ordinary way: a
new version of the order, and the decision about its document that any change would get.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

from kopru.documents import DocumentType, Stage, document_key, ettn
from kopru.flows import changing, orders
from kopru.flows.backfill import Wait, patiently
from kopru.flows.cases import Case, require_stage
from kopru.flows.connections import Opened, call
from kopru.flows.env import Later, Work
from kopru.flows.invoicing import leave_to_others
from kopru.flows.ports import Uow
from kopru.flows.preparing import Source, Stopped, prepare, validate
from kopru.flows.records import (
    DocumentRow,
    DocumentState,
    Lane,
    NewJob,
    OrderRow,
    OrderState,
    advance_job,
)
from kopru.flows.texts_proofs import TEXTS
from kopru.hooks import ports
from kopru.hooks.errors import ConfigError, ConnectorError, RateLimited
from kopru.hooks.types import Raw, Record
from kopru.model import ExternalRef, Finding, Order, Text

FAILED = "replay.failed"
LONGEST_REVISION = 180


class Basis(StrEnum):
    """What an order is made from again."""

    STORED = "stored"
    FRESH = "fresh"
    RULES = "rules"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of an order that would change; empty means that it is not there."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Sketch:
    """A document as it is, or would be."""

    profile: str
    total: Decimal
    currency: str
    series: str
    number: str = ""
    rule: str = ""


@dataclass(frozen=True)
class Prediction:
    """What a replay would come to.

    ``code`` names it: ``replay.…`` where no document stands in the way, otherwise the code of what is done
    about the order's document (``documents.changes``). ``steps`` are what would be done, in order.
    """

    order: OrderRow
    basis: Basis
    code: str
    reason: Text
    fields: tuple[FieldChange, ...] = ()
    before: Sketch | None = None
    after: Sketch | None = None
    steps: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether doing it would change anything."""
        return self.code not in ("replay.nothing", "replay.older", "replay.stays", FAILED)


def predict_many(
    work: Work, chosen: Sequence[OrderRow], basis: Basis, wait: Wait | None = None
) -> list[Prediction]:
    """Foresee the replay of many orders; one that cannot be foreseen is told and does not stop the others.

    Raises:
        RateLimited: a quota is spent, and nobody waits.
    """
    return [patiently(wait, partial(_predict_or_tell, work, order, basis)) for order in chosen]


def _predict_or_tell(work: Work, order: OrderRow, basis: Basis) -> Prediction:
    try:
        return predict(work, order, basis)
    except RateLimited:
        raise
    except ConnectorError as error:
        return Prediction(order, basis, FAILED, error.message)


def predict(work: Work, order: OrderRow, basis: Basis) -> Prediction:
    """Foresee a replay. Remotes are only read, nothing is stored.

    Raises:
        ConnectorError: the source cannot be asked, or no longer knows the order.
    """
    looking = replace(work, dry_run=True)
    if basis is Basis.RULES:
        return _by_rules(looking, order)
    record = _record(looking, order, basis)
    value = record.value
    if value is None:
        same = order.body is None
        code = "replay.nothing" if same else "replay.unreadable"
        return _prediction(order, basis, code, findings=record.findings)
    if order.body is not None and value.modified_at < order.modified_at:
        return _prediction(order, basis, "replay.older")
    fields = tuple(compare(order.body, value))
    if not fields:
        return _prediction(order, basis, "replay.nothing")
    with looking.read() as uow:
        case = _case(uow, order, value)
    live = case.live
    if live is None:
        return replace(_foreseen(looking, case, basis), fields=fields)
    plan = changing.foresee(looking, case, live)
    sketch = _sketch(live)
    if not plan.steps:
        return replace(_prediction(order, basis, "replay.order_only"), fields=fields, before=sketch)
    after = _foreseen(looking, case, basis).after
    steps = tuple(step.value for step in plan.steps)
    return Prediction(order, basis, plan.code, plan.reason, fields, sketch, after, steps)


def _by_rules(work: Work, order: OrderRow) -> Prediction:
    if order.body is None:
        return _prediction(order, Basis.RULES, "replay.nothing", findings=order.findings)
    with work.read() as uow:
        case = _case(uow, order, order.body)
    live = case.live
    if live is not None and live.state is not DocumentState.VALIDATED:
        return replace(_prediction(order, Basis.RULES, "replay.stays"), before=_sketch(live))
    foreseen = _foreseen(work, case, Basis.RULES)
    if live is None:
        same = foreseen.code == f"replay.{order.state.value}" and _same_reason(order, foreseen.reason)
        return _prediction(order, Basis.RULES, "replay.nothing") if same else foreseen
    before = _sketch(live)
    if foreseen.after is not None and _alike(foreseen.after, before):
        return replace(_prediction(order, Basis.RULES, "replay.nothing"), before=before)
    return replace(foreseen, before=before, steps=("replan",))


def _same_reason(order: OrderRow, reason: Text) -> bool:
    return order.reason is not None and order.reason.text == reason


def _alike(one: Sketch, other: Sketch) -> bool:
    return (one.profile, one.total, one.currency, one.series) == (
        other.profile,
        other.total,
        other.currency,
        other.series,
    )


def _prediction(
    order: OrderRow, basis: Basis, code: str, *, findings: tuple[Finding, ...] = ()
) -> Prediction:
    return Prediction(order, basis, code, TEXTS[code], findings=findings)


def _case(uow: Uow, order: OrderRow, body: Order) -> Case:
    row = uow.connections.get(order.connection_id)
    assert row is not None
    source = Source(row.id, row.name, row.plugin, row.start_at)
    return Case(order, body, source, tuple(uow.documents.of_order(order.id)), uow.now)


def _foreseen(work: Work, case: Case, basis: Basis) -> Prediction:
    """Return what an order would become if it were decided now."""
    order = case.order
    key = document_key(
        work.tenant_id, order.connection_id, order.external_id, DocumentType.INVOICE, case.revision
    )
    try:
        if case.revision == 0:
            placed = replace(case, order=replace(order, placed_at=case.body.placed_at))
            leave_to_others(work, placed, ettn(key))
        draft = prepare(work, case.body, case.source, ettn(key), case.now)
        require_stage(draft.issue.stages, Stage.DRAFT, None, case)
        validate(work, draft.invoice, case.now)
    except Stopped as stop:
        code = f"replay.{stop.state.value}"
        return Prediction(order, basis, code, stop.reason.text, findings=stop.findings)
    except ConnectorError as error:
        return Prediction(order, basis, "replay.unknown", error.message)
    invoice, issue = draft.invoice, draft.issue
    after = Sketch(
        invoice.profile.value,
        invoice.totals.payable,
        invoice.currency,
        issue.series.prefix,
        rule=issue.rule,
    )
    return replace(_prediction(order, basis, "replay.document"), after=after)


def _sketch(document: DocumentRow) -> Sketch:
    return Sketch(
        document.profile.value,
        document.total,
        document.currency,
        document.stages.get("series", ""),
        document.number or "",
    )


def compare(old: Order | None, new: Order) -> Iterator[FieldChange]:
    """Return the fields in which two versions of an order differ. Pure.

    The source's own mark of the version is left out: it says that something changed, not what.
    """
    before = dict(_flat(old.to_json() if old else {}))
    after = dict(_flat(new.to_json()))
    for name in sorted(before.keys() | after.keys()):
        if name != "revision" and before.get(name) != after.get(name):
            yield FieldChange(name, before.get(name, ""), after.get(name, ""))


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _flat(each, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for position, each in enumerate(value):
            yield from _flat(each, f"{path}[{position}]")
    else:
        yield path, "" if value is None else str(value)


def _record(work: Work, order: OrderRow, basis: Basis) -> Record[Order]:
    if basis is Basis.STORED:
        return _reparsed(work, order)
    kind = order.body.ref.kind if order.body else orders.ORDER
    ref = ExternalRef(kind=kind, id=order.external_id)

    def fetch(opened: Opened) -> Record[Order]:
        if not opened.can("fetch_order"):
            raise ConfigError("replay.no_fetch", TEXTS.text("replay.no_fetch", name=opened.row.name))
        return opened.use(ports.FetchesOrder).fetch_order(opened.ctx, ref)

    return call(work, order.connection_id, fetch)


def _reparsed(work: Work, order: OrderRow) -> Record[Order]:
    with work.read() as uow:
        raw: Raw = uow.payloads.get(order.payload_id)
    records = orders.parse(work, order.connection_id, raw)
    found = next((each for each in records if each.external_id == order.external_id), None)
    if found is None:
        raise ConfigError("replay.no_record", TEXTS.text("replay.no_record", order=order.number))
    return found


def replay_job(order: OrderRow, basis: Basis, lane: Lane = Lane.INTERACTIVE) -> NewJob:
    """Return the job that makes an order anew; it never runs beside the order's own job."""
    args = {"order": str(order.id), "from": basis.value}
    key = f"order.replay:{order.id}:{basis.value}"
    return NewJob("order.replay", args, key, lane, advance_job(order.id).key, order.connection_id)


def start(work: Work, chosen: Mapping[UUID, OrderRow], basis: Basis) -> None:
    """Make orders anew; many at once take the last lane."""
    lane = Lane.INTERACTIVE if len(chosen) == 1 else Lane.BACKFILL
    with work.write() as uow:
        uow.jobs.add(*(replay_job(order, basis, lane) for order in chosen.values()))
        rows = [(order_id, {"from": basis.value}) for order_id in chosen]
        uow.events.add_many(work.actor, "order", "order.replay_asked", rows)


def replay(work: Work) -> None:
    """Job ``order.replay``: make an order anew and let it go its way."""
    basis = Basis(work.args["from"])
    with work.read() as uow:
        order = uow.orders.get(UUID(work.args["order"]))
    if order is None:
        return
    if basis is Basis.RULES:
        _decide_again(work, order)
        return
    record = _marked(order, _record(work, order, basis))
    with work.write() as uow:
        changed = orders.take(work, uow, order.connection_id, [record])
        uow.events.add(work.actor, "order", order.id, "order.replayed", basis=basis.value, changed=changed)


def _marked(order: OrderRow, record: Record[Order]) -> Record[Order]:
    """Return the record so that another content is taken although the source calls it the same version.

    Equal content is not taken, whatever it is called.
    A better mapping changes what we hold of a version, not the version. The mark is gone with the next
    record that the source sends.
    """
    value = record.value
    if value is None or order.body is None:
        return record
    if not any(compare(order.body, value)):
        return replace(record, value=value.model_copy(update={"revision": order.revision}))
    if value.revision != order.revision:
        return record
    content = hashlib.sha256(json.dumps(value.to_json(), sort_keys=True).encode()).hexdigest()
    revision = f"{value.revision[:LONGEST_REVISION]}~{content[:8]}"
    return replace(record, value=value.model_copy(update={"revision": revision}))


def _decide_again(work: Work, order: OrderRow) -> None:
    if order.body is None:
        return
    with work.read() as uow:
        case = _case(uow, order, order.body)
    live = case.live
    if live is not None and live.state is DocumentState.VALIDATED:
        with suppress(Later):
            changing.redo_draft(work, case, live)
    with work.write() as uow:
        uow.events.add(work.actor, "order", order.id, "order.replayed", basis=Basis.RULES.value)
        if live is None or live.state is DocumentState.VALIDATED:
            uow.jobs.add(advance_job(order.id))


def choose(
    work: Work,
    *,
    connection_id: UUID | None = None,
    state: OrderState | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 1000,
) -> list[OrderRow]:
    """Return the orders of a connection, a state or a span of the days they were placed on, oldest first."""
    with work.read() as uow:
        return uow.proofs.chosen(
            connection_id=connection_id, state=state, since=since, until=until, limit=limit
        )
