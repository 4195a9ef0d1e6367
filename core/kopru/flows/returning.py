"""Return documents (IADE): issued when a person asks, on the same road as invoices."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from kopru.documents import (
    DocumentType,
    LintFacts,
    TenantSettings,
    compose_return,
    document_key,
    ettn,
    lint,
)
from kopru.documents.returns import return_profile
from kopru.flows.cases import Case, read_case
from kopru.flows.env import Work
from kopru.flows.records import DocumentRow, DocumentState, NewJob
from kopru.flows.tenants import format_of, settings_of
from kopru.hooks.errors import Rejected
from kopru.model import Finding, Invoice, InvoiceKind, Text
from kopru.model.money import ZERO


def plan_return(work: Work, order_id: UUID, quantities: Mapping[str, Decimal]) -> tuple[Case, DocumentRow]:
    """Compose and check the return document of an order's issued invoice; nothing is stored.

    Args:
        work: the piece of work.
        order_id: the order.
        quantities: quantity per order line id that comes back; empty means what the order no longer holds, or
            everything when it was cancelled.

    Raises:
        Rejected: there is no issued invoice, nothing comes back, or a check fails.
    """
    case = read_case(work, order_id)
    original = case.live if case is not None else None
    if case is None or original is None or original.state is not DocumentState.ISSUED:
        raise _refused("return.no_invoice", "Kesilmiş bir fatura yok.", "There is no issued invoice.")
    credited = [each.invoice for each in _live_returns(case)]
    returned = _quantities(case, original.invoice, credited, quantities)
    settings = settings_of(work)
    key = document_key(
        work.tenant_id,
        case.order.connection_id,
        case.order.external_id,
        DocumentType.RETURN,
        sum(each.type == DocumentType.RETURN.value for each in case.documents),
    )
    series = settings.series_for(InvoiceKind.RETURN, return_profile(original.profile), case.source.name)
    if series is None:
        raise _refused("return.no_series", "İade için seri tanımlayın.", "Define a series for returns.")
    composed = compose_return(
        original.invoice, returned, series=series, ettn=ettn(key), issued_at=case.now, credited=credited
    )
    if composed.invoice is None:
        raise _blocked(composed.findings)
    _check(work, case, composed.invoice, composed.expected_total)
    return case, _document(case, original, key, composed.invoice, series.prefix, settings)


def issue_return(work: Work, order_id: UUID, quantities: Mapping[str, Decimal]) -> DocumentRow:
    """Store the return document of an order and let it go its way: number, channel, ledger.

    Raises:
        Rejected: see ``plan_return``.
    """
    case, row = plan_return(work, order_id, quantities)
    with work.write() as uow:
        uow.documents.add(row)
        uow.documents.accept_version(row.original_id or row.id, case.order.version)
        uow.events.add(
            work.actor, "document", row.id, "document.validated", order=str(order_id), total=str(row.total)
        )
        uow.jobs.add(forward_job(row))
    return row


def forward_job(row: DocumentRow) -> NewJob:
    """Return the job that brings one document forward that is not its order's invoice."""
    return NewJob("document.forward", {"document": str(row.id)}, f"document.forward:{row.id}")


def _live_returns(case: Case) -> list[DocumentRow]:
    return [
        each
        for each in case.documents
        if each.type == DocumentType.RETURN.value and each.state is not DocumentState.VOID
    ]


def _quantities(
    case: Case, original: Invoice, credited: list[Invoice], wanted: Mapping[str, Decimal]
) -> dict[str, Decimal]:
    """Return quantities by invoice line: as asked, or what the order no longer holds."""
    held = {line.id: line.quantity for line in case.body.live_lines}
    cancelled = case.body.status.value in ("cancelled", "returned")
    back: dict[str, Decimal] = {}
    for line in original.lines:
        done = sum((each.quantity for part in credited for each in part.lines if each.id == line.id), ZERO)
        if wanted:
            quantity = wanted.get(line.order_line_id, ZERO)
        else:
            quantity = line.quantity - done - (ZERO if cancelled else held.get(line.order_line_id, ZERO))
        if quantity > ZERO:
            back[line.id] = quantity
    if not back:
        raise _refused(
            "return.nothing",
            "Dönen bir şey yok; --line verin.",
            "Nothing comes back; give --line.",
        )
    return back


def _check(work: Work, case: Case, invoice: Invoice, expected: Decimal | None) -> None:
    findings = lint(invoice, LintFacts(now=case.now, expected_total=expected))
    if any(found.blocks for found in findings):
        raise _blocked(findings)
    form = format_of(work)
    findings = form.validate(form.render(invoice), case.now)
    if any(found.blocks for found in findings):
        raise _blocked(findings)


def _document(
    case: Case, original: DocumentRow, key: str, invoice: Invoice, prefix: str, settings: TenantSettings
) -> DocumentRow:
    return DocumentRow(
        id=invoice.id,
        key=key,
        order_id=case.order.id,
        type=DocumentType.RETURN.value,
        revision=0,
        order_version=case.order.version,
        profile=invoice.profile,
        state=DocumentState.VALIDATED,
        number=None,
        issue_date=invoice.issue_date,
        total=invoice.totals.payable,
        currency=invoice.currency,
        invoice=invoice,
        channel_id=original.channel_id,
        ledger_id=original.ledger_id,
        original_id=original.id,
        stages={**settings.stages.model_dump(mode="json"), "series": prefix},
        partner_code=original.partner_code,
    )


def _blocked(findings: tuple[Finding, ...]) -> Rejected:
    first = next(found for found in findings if found.blocks)
    return Rejected(first.code, first.message, findings=findings, field=first.field)


def _refused(code: str, tr: str, en: str) -> Rejected:
    return Rejected(code, Text(tr=tr, en=en))
