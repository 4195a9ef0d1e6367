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
    invoice_link,
    istanbul_date,
    partner_for,
    subject_key,
    with_number,
)
from kopru.flows import changing
from kopru.flows.cases import (
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
from kopru.flows.connections import Opened, tenant_plugins
from kopru.flows.effects import Post, Refused, begin, fingerprint, post
from kopru.flows.env import Later, Work
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
    advance_job,
    new_effect,
)
from kopru.flows.tenants import format_of, settings_of
from kopru.flows.texts import TEXTS
from kopru.hooks import ports
from kopru.hooks.manifest import PluginKind
from kopru.hooks.types import (
    Echo,
    IdempotencyKey,
    LedgerInvoice,
    Operation,
    OrderAction,
    OrderUpdate,
    Receipt,
    RemoteState,
    Submission,
)
from kopru.model import ExternalRef, Invoice, Rendered

FIRST_FOLLOW = timedelta(seconds=1)


def advance(work: Work) -> None:
    """Job ``order.advance``: bring one order forward as far as it goes now."""
    case = read_case(work, UUID(work.args["order"]))
    if case is None:
        return
    through = work.args.get("through")
    try:
        document = case.live
        if document is not None and document.order_version < case.order.version:
            document = changing.apply(work, case, document)
            if document is None:
                return
        if document is None:
            document = _draft(work, case, through)
        _forward(work, case, document, through)
    except Stopped as stop:
        park(work, case, stop.state, stop.reason, stop)
    except Refused as refusal:
        park(work, case, OrderState.PARKED, refusal.reason, refusal)


def _draft(work: Work, case: Case, through: str | None) -> DocumentRow:
    key = document_key(
        work.tenant_id, case.order.connection_id, case.order.external_id, DocumentType.INVOICE, case.revision
    )
    draft = prepare(work, case.body, case.source, ettn(key), case.now)
    require_stage(draft.issue.stages, Stage.DRAFT, through, case)
    if draft.channel is None:
        kind = PluginKind.EINVOICE_CHANNEL.value
        raise Stopped(OrderState.PARKED, Reason("connection.none", TEXTS.text("connection.none", kind=kind)))
    partner_code = _partner_code(work, case, draft)
    warnings = validate(work, draft.invoice, case.now)
    row = _document(case, key, draft, partner_code)
    with work.write() as uow:
        order = uow.orders.get(case.order.id, lock=True)
        if order is None or order.version != case.order.version:
            raise Later(0.0)
        uow.documents.add(row)
        uow.orders.set_state(case.order.id, OrderState.INVOICING, findings=(*draft.findings, *warnings))
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
    """Allot the document's number in this short transaction; nothing remote happens while it is open."""
    prefix = row.stages["series"]
    sequence, issue_date = uow.documents.allot(row.id, prefix, row.issue_date.year, row.issue_date)
    full = format_number(gib(prefix), row.issue_date.year, sequence)
    dated = row.invoice.model_copy(update={"issue_date": issue_date})
    invoice = with_number(Invoice.model_validate(dated.model_dump(exclude_computed_fields=True)), full)
    uow.documents.set_number(row.id, full, invoice)
    uow.events.add(work.actor, "document", row.id, "document.numbered", number=full)
    return replace(
        row, state=DocumentState.NUMBERED, number=full, invoice=invoice, issue_date=invoice.issue_date
    )


def _partner_code(work: Work, case: Case, draft: Draft) -> str:
    """Return the buyer's code in the ledger; an unknown one is found or made by a job of its own first."""
    if draft.partner is None or draft.ledger is None:
        return ""
    key = subject_key("partner", draft.ledger.id, draft.partner.key)
    effect = effect_key(key, Operation.UPSERT_PARTY, draft.ledger.id)
    with work.read() as uow:
        code = uow.partners.binding(draft.ledger.id, "party", draft.partner.key)
        tried = None if code else uow.effects.by_key(effect.value)
    if code is not None:
        return code
    if tried is not None and tried.state in (EffectState.REJECTED, EffectState.ABANDONED) and tried.reason:
        raise Refused(tried, tried.reason)
    job = NewJob(
        "partner.ensure",
        {"order": str(case.order.id), "ledger": str(draft.ledger.id)},
        f"partner.ensure:{draft.ledger.id}:{draft.partner.key}",
        Lane.FISCAL,
        serial_key=f"party:{draft.ledger.id}",
        connection_id=draft.ledger.id,
        plugin=draft.ledger.plugin,
    )
    with work.write() as uow:
        uow.jobs.add(job)
    raise Later(0.5)


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
        effect = uow.effects.plan(new_effect(key.value, Operation.UPSERT_PARTY, ledger_id))

    def send(opened: Opened, key: IdempotencyKey) -> Receipt:
        return opened.use(ports.UpsertsParty).upsert_party(opened.ctx, key, partner.request)

    def then(uow: Uow, settled: EffectRow) -> None:
        uow.partners.bind(ledger_id, "party", partner.key, settled.number or partner.request.code)
        uow.jobs.add(advance_job(case.order.id))

    content = partner.request.party.model_dump_json().encode()
    hint = ExternalRef(kind="party", id=partner.request.code)
    write = Post(key, send, fingerprint(content), hint=hint, then=then)
    try:
        post(work, effect, write)
    except Refused as refusal:
        park(work, case, OrderState.PARKED, refusal.reason, refusal)


def forward(work: Work) -> None:
    """Job ``document.forward``: bring a return document forward, as ``advance`` does with an invoice."""
    found = read_document(work, UUID(work.args["document"]))
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
    is_invoice = document.type == DocumentType.INVOICE.value
    if is_invoice and goes(stages, Stage.LINK, through) and _link(work, case, document):
        return
    with work.write() as uow:
        finish(uow, work, document)


def _submit(work: Work, document: DocumentRow) -> DocumentRow:
    """Hand the document to the channel: bytes and intent are committed before the first byte leaves."""
    assert document.channel_id is not None
    key = effect_key(document.key, Operation.SUBMIT_INVOICE, document.channel_id)
    rendered = format_of(work).render(document.invoice)
    with work.write() as uow:
        digest = uow.archive.put(rendered)
        uow.documents.set_xml(document.id, digest)
        planned = new_effect(
            key.value, Operation.SUBMIT_INVOICE, document.channel_id, document_id=document.id
        )
        effect, begun = begin(uow, work, planned, digest)
    post(work, effect, _submission(work, document, key, rendered), begun=begun)
    return replace(document, state=DocumentState.ISSUED, xml=digest)


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
    found = read_document(work, UUID(work.args["document"]))
    if found is None:
        return
    case, document = found
    if document.ledger_id is None or document.state is not DocumentState.ISSUED:
        return
    key = effect_key(document.key, Operation.POST_INVOICE, document.ledger_id)
    write = _booking(work, case, document, key)
    planned = new_effect(key.value, Operation.POST_INVOICE, document.ledger_id, document_id=document.id)
    with work.write() as uow:
        effect, begun = begin(uow, work, planned, write.request_hash)
    try:
        post(work, effect, write, begun=begun)
    except Refused as refusal:
        park(work, case, OrderState.PARKED, refusal.reason, refusal)


def _booking(work: Work, case: Case, document: DocumentRow, key: IdempotencyKey) -> Post:
    booked = LedgerInvoice(
        invoice=document.invoice,
        party_code=document.partner_code,
        channel=case.source.name,
        order_number=case.order.number,
        original=_original_booking(work, document),
    )

    def send(opened: Opened, key: IdempotencyKey) -> Receipt:
        return opened.use(ports.PostsInvoice).post_invoice(opened.ctx, key, booked)

    def then(uow: Uow, effect: EffectRow) -> None:
        uow.events.add(work.actor, "document", document.id, "document.booked", number=effect.number or "")
        uow.jobs.add(stock_job())
        finish(uow, work, document)

    content = document.invoice.model_dump_json().encode()
    return Post(key, send, fingerprint(content), expected=Echo(total=document.total), then=then)


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


def _link(work: Work, case: Case, document: DocumentRow) -> bool:
    """Give the invoice back to the source: its address if there is one, else its number.

    Returns whether a write was made (and with it the order finished, if nothing else is open).
    """
    key = _link_key(case, document)
    plugins = tenant_plugins(work)
    if not plugins.can(case.source.plugin, "update_order_status"):
        return False
    url = invoice_link(settings_of(work), document.invoice)
    if url and case.body.invoice_url == url:
        return False
    update = OrderUpdate(
        order=case.body.ref,
        action=OrderAction.INVOICE_LINK if url else OrderAction.INVOICED,
        invoice_number=document.number or "",
        invoice_url=url,
        invoice_at=case.now,
    )
    with work.write() as uow:
        planned = new_effect(
            key.value, Operation.UPDATE_ORDER_STATUS, case.source.connection_id, document_id=document.id
        )
        effect, begun = begin(uow, work, planned, fingerprint(url.encode()))

    def send(opened: Opened, key: IdempotencyKey) -> Receipt:
        return opened.use(ports.UpdatesOrderStatus).update_order_status(opened.ctx, key, update)

    def then(uow: Uow, effect: EffectRow) -> None:
        finish(uow, work, document)

    write = Post(key, send, fingerprint(url.encode()), hint=case.body.ref, then=then)
    post(work, effect, write, begun=begun)
    return begun


def _link_key(case: Case, document: DocumentRow) -> IdempotencyKey:
    return effect_key(
        document.key, Operation.UPDATE_ORDER_STATUS, case.source.connection_id, OrderAction.INVOICE_LINK.value
    )


def finish(uow: Uow, work: Work, document: DocumentRow) -> None:
    """Mark the order done once everything its stages ask for is confirmed."""
    order = uow.orders.get(document.order_id, lock=True)
    if order is None or order.state is not OrderState.INVOICING:
        return
    stages = stages_of(document)
    settled = {effect.operation for effect in uow.effects.of_document(document.id) if effect.settled}
    wanted = {
        Operation.SUBMIT_INVOICE: document.channel_id is not None,
        Operation.POST_INVOICE: document.ledger_id is not None and stages.automatic(Stage.BOOK),
    }
    if all(operation in settled for operation, needed in wanted.items() if needed):
        uow.orders.set_state(order.id, OrderState.DONE)
        uow.events.add(work.actor, "order", order.id, "order.done", document=str(document.id))
