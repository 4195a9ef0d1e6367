"""Invoices out: one job brings one order forward as far as it goes, step by step, each step a stored state.

draft → number → submit → book → link. A crash at any point leaves rows from which the next try goes on; a
write is never repeated blindly (``effects``).
"""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from kopru.documents import (
    DocumentType,
    LedgerTiming,
    Stage,
    document_key,
    effect_key,
    ettn,
    format_number,
    gib,
    istanbul_date,
    with_number,
)
from kopru.flows import changing
from kopru.flows.booking import book_job
from kopru.flows.cases import (
    AGAIN,
    Case,
    document_ref,
    goes,
    park,
    read_case,
    read_document,
    renew_draft,
    require_stage,
    stages_of,
)
from kopru.flows.connections import Opened
from kopru.flows.effects import (
    OPEN,
    Post,
    Refused,
    begin,
    find_out,
    fingerprint,
    post,
)
from kopru.flows.env import Later, Work
from kopru.flows.finishing import finish
from kopru.flows.linking import learn, link, wants_link
from kopru.flows.orderlines import close_lines, remember
from kopru.flows.partnering import partner_code
from kopru.flows.ports import Uow
from kopru.flows.preparing import Draft, Stopped, prepare, validate
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
from kopru.flows.restoring import is_adopted, require_settled
from kopru.flows.tenants import format_of, settings_of
from kopru.flows.texts import TEXTS
from kopru.hooks import ports
from kopru.hooks.manifest import PluginKind
from kopru.hooks.types import (
    Echo,
    IdempotencyKey,
    Operation,
    Receipt,
    RemoteState,
    Submission,
)
from kopru.model import Invoice, Rendered

FIRST_FOLLOW = timedelta(seconds=1)
RECHECK = 5.0


def advance(work: Work) -> None:
    """Job ``order.advance``: bring one order forward as far as it goes now."""
    case = read_case(work, UUID(work.args["order"]))
    if case is None:
        return
    through = work.args.get("through")
    try:
        document = case.live
        if document is None:
            document = _draft(work, case, through)
        elif document.order_version < case.order.version:
            learn(work, case, document)
            document = changing.apply(work, case, _learned(work, document))
        elif AGAIN in work.args:
            document = changing.again(work, case, document)
        if document is not None:
            _forward(work, case, document, through)
    except Stopped as stop:
        park(work, case, stop.state, stop.reason, stop)
    except Refused as refusal:
        park(work, case, OrderState.PARKED, refusal.reason, refusal)


def _learned(work: Work, document: DocumentRow) -> DocumentRow:
    """Find out about an open submission, without sending, before a change of the order is dealt with.

    Raises:
        Later: the channel may still be at it.
    """
    if document.channel_id is None or document.number is None:
        return document
    key = effect_key(document.key, Operation.SUBMIT_INVOICE, document.channel_id)
    with work.read() as uow:
        effect = uow.effects.by_key(key.value)
    if effect is None or effect.state not in OPEN:
        return document
    rendered = format_of(work).render(document.invoice)
    find_out(work, effect, _submission(work, document, key, rendered))
    with work.read() as uow:
        return uow.documents.get(document.id) or document


def leave_to_others(work: Work, case: Case, document_id: UUID) -> None:
    """Leave out orders that another program has invoiced, so that taking over a shop makes no second invoice.

    Raises:
        Stopped: the order is from before the connection's start, or holds an invoice that is not ours.
        Later: a backup was restored, and it is not known yet which invoices are ours.
    """
    code = ""
    if case.order.placed_at < case.source.start_at:
        code = "order.before_start"
    elif case.body.invoice_url and not is_adopted(work, document_id):
        code = "order.invoiced_elsewhere"
    if code:
        raise Stopped(OrderState.EXCLUDED, Reason(code, TEXTS[code]))


def _wait_for_the_whole(work: Work, case: Case) -> None:
    """Leave the parts of a split package alone as long as the whole one's invoice stands.

    Raises:
        Later: it is being taken back.
        Stopped: only a person can take it back.
    """
    for parent in case.body.parents:
        with work.read() as uow:
            found = [row for row in uow.orders.find(parent) if row.external_id == parent]
            wholes = [row for row in found if row.connection_id == case.order.connection_id]
            standing = [each for row in wholes for each in uow.documents.of_order(row.id) if _stands(each)]
        if not standing:
            continue
        if any(row.state is OrderState.PARKED for row in wholes):
            text = TEXTS.text("order.whole_invoiced", package=parent, number=standing[0].number or "")
            raise Stopped(OrderState.PARKED, Reason("order.whole_invoiced", text))
        raise Later(RECHECK)


def _stands(document: DocumentRow) -> bool:
    return document.type == DocumentType.INVOICE.value and document.state is not DocumentState.VOID


def _draft(work: Work, case: Case, through: str | None) -> DocumentRow:
    key = document_key(
        work.tenant_id, case.order.connection_id, case.order.external_id, DocumentType.INVOICE, case.revision
    )
    if case.revision == 0:
        leave_to_others(work, case, ettn(key))
        _wait_for_the_whole(work, case)
    draft = prepare(work, case.body, case.source, ettn(key), case.now)
    require_stage(draft.issue.stages, Stage.DRAFT, through, case)
    if draft.channel is None:
        kind = PluginKind.EINVOICE_CHANNEL.value
        raise Stopped(OrderState.PARKED, Reason("connection.none", TEXTS.text("connection.none", kind=kind)))
    partner = partner_code(work, case, draft)
    warnings = validate(work, draft.invoice, case.now)
    row = _document(case, key, draft, partner)
    with work.write() as uow:
        order = uow.orders.get(case.order.id, lock=True)
        if order is None or order.version != case.order.version:
            raise Later(0.0)
        uow.documents.add(row)
        remember(uow, draft.lines, case.order.id)
        if case.waited_for_lines:
            close_lines(uow, case.order.id, draft.items)
        findings = (*case.notes, *draft.findings, *warnings)
        uow.orders.set_state(case.order.id, OrderState.INVOICING, findings=findings)
        uow.events.add(
            work.actor,
            "document",
            row.id,
            "document.validated",
            order=str(case.order.id),
            rule=draft.issue.rule,
            total=str(row.total),
            profile=row.profile.value,
        )
        if goes(draft.issue.stages, Stage.NUMBER, through):
            row = number(work, uow, row)
    return row


def _document(case: Case, key: str, draft: Draft, partner_code: str) -> DocumentRow:
    invoice = draft.invoice
    return DocumentRow(
        id=invoice.id,
        key=key,
        order_id=case.order.id,
        type=DocumentType.INVOICE.value,
        revision=case.revision,
        order_version=case.order.version,
        profile=invoice.profile,
        state=DocumentState.VALIDATED,
        number=None,
        issue_date=invoice.issue_date,
        total=invoice.totals.payable,
        currency=invoice.currency,
        invoice=invoice,
        channel_id=draft.channel.id if draft.channel else None,
        ledger_id=draft.ledger.id if draft.ledger else None,
        stages={stage.value: getattr(draft.issue.stages, stage.value).value for stage in Stage}
        | {"series": draft.issue.series.prefix},
        partner_code=partner_code,
    )


def number(work: Work, uow: Uow, row: DocumentRow) -> DocumentRow:
    """Allot the document's number in this short transaction; nothing remote happens while it is open.

    Raises:
        Later: a backup was restored, and it is not known yet which numbers the channel holds.
    """
    require_settled(work)
    prefix = row.stages["series"]
    sequence, issue_date = uow.documents.allot(row.id, prefix, row.issue_date.year, row.issue_date)
    full = format_number(gib(prefix), issue_date.year, sequence)
    dated = row.invoice.model_copy(update={"issue_date": issue_date})
    invoice = with_number(Invoice.model_validate(dated.model_dump(exclude_computed_fields=True)), full)
    uow.documents.set_number(row.id, full, invoice)
    uow.events.add(work.actor, "document", row.id, "document.numbered", number=full)
    return replace(
        row, state=DocumentState.NUMBERED, number=full, invoice=invoice, issue_date=invoice.issue_date
    )


def forward(work: Work) -> None:
    """Job ``document.forward``: bring a return document forward, as ``advance`` does with an invoice."""
    with work.read() as uow:
        found = read_document(uow, UUID(work.args["document"]))
    if found is None or found[1].state is DocumentState.VOID:
        return
    case, document = found
    try:
        _forward(work, case, document, Stage.SEND.value)
    except Stopped as stop:
        park(work, case, stop.state, stop.reason, stop)
    except Refused as refusal:
        park(work, case, OrderState.PARKED, refusal.reason, refusal)


def _forward(work: Work, case: Case, document: DocumentRow, through: str | None) -> None:
    stages = stages_of(document)
    if document.state is DocumentState.VALIDATED:
        require_stage(stages, Stage.NUMBER, through, case)
        if document.type == DocumentType.INVOICE.value and document.issue_date != istanbul_date(case.now):
            document = renew_draft(work, case, document)
        with work.write() as uow:
            document = number(work, uow, document)
    require_stage(stages, Stage.SEND, through, case)
    if document.channel_id is not None:
        document = _submit(work, document)
    if through is not None and document.ledger_id is not None and goes(stages, Stage.BOOK, through):
        with work.write() as uow:
            uow.jobs.add(book_job(document))
    if goes(stages, Stage.LINK, through) and link(work, case, document):
        return
    links = wants_link(work, case, document)
    with work.write() as uow:
        finish(uow, work, case, links=links)


def _submit(work: Work, document: DocumentRow) -> DocumentRow:
    """Hand the document to the channel: bytes and intent are committed before the first byte leaves.

    The bytes of a document that arrived stay as they were sent.
    """
    assert document.channel_id is not None
    key = effect_key(document.key, Operation.SUBMIT_INVOICE, document.channel_id)
    if document.state is DocumentState.ISSUED and _is_settled(work, key):
        return document
    rendered = format_of(work).render(document.invoice)
    with work.write() as uow:
        digest = uow.archive.put(rendered)
        uow.documents.set_xml(document.id, digest)
        planned = new_effect(
            key.value, Operation.SUBMIT_INVOICE, document.channel_id, document_id=document.id
        )
        effect, begun = begin(uow, work, planned, digest)
    effect = post(work, effect, _submission(work, document, key, rendered), begun=begun)
    if effect.state is EffectState.ABANDONED and effect.reason is not None:
        raise Refused(effect, effect.reason)
    return replace(document, state=DocumentState.ISSUED, xml=digest)


def _is_settled(work: Work, key: IdempotencyKey) -> bool:
    with work.read() as uow:
        effect = uow.effects.by_key(key.value)
    return effect is not None and effect.settled


def _submission(work: Work, document: DocumentRow, key: IdempotencyKey, rendered: Rendered) -> Post:
    def send(opened: Opened, key: IdempotencyKey) -> Receipt:
        return opened.use(ports.SubmitsInvoice).submit_invoice(
            opened.ctx, key, Submission(document.invoice, rendered)
        )

    def then(uow: Uow, effect: EffectRow) -> None:
        uow.documents.set_remote(
            document.id, RemoteState.PENDING.value, "", "", follow_at=uow.now + FIRST_FOLLOW, issued=True
        )
        uow.events.add(work.actor, "document", document.id, "document.issued", number=document.number or "")
        assert document.channel_id is not None
        uow.jobs.add(follow_job(document.channel_id, FIRST_FOLLOW.total_seconds()))
        if document.ledger_id is not None and _books_now(work, document):
            uow.jobs.add(book_job(document))

    return Post(
        key,
        send,
        fingerprint(rendered.content),
        expected=Echo(number=document.number),
        hint=document_ref(document),
        then=then,
    )


def follow_job(channel_id: UUID, delay: float) -> NewJob:
    """Return the job that asks a channel for the state of its documents."""
    key = f"channel.follow:{channel_id}"
    return NewJob(
        "channel.follow",
        {"connection": str(channel_id)},
        key,
        Lane.FISCAL,
        serial_key=key,
        connection_id=channel_id,
        delay=delay,
    )


def _books_now(work: Work, document: DocumentRow) -> bool:
    """Whether an accepted document is booked at once; otherwise a person or the delivery decides."""
    at_once = settings_of(work).ledger.after is LedgerTiming.ACCEPTED
    return at_once and stages_of(document).automatic(Stage.BOOK)
