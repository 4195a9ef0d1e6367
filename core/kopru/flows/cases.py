"""One order with everything that belongs to it, and what the steps of invoicing share."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from kopru.documents import DocumentType, Mode, Stage, Stages, with_number
from kopru.flows.effects import Refused
from kopru.flows.env import Work
from kopru.flows.orderlines import remember
from kopru.flows.ports import Uow
from kopru.flows.preparing import Source, Stopped, prepare, validate
from kopru.flows.records import DocumentRow, DocumentState, OrderRow, OrderState, Reason
from kopru.flows.texts import TEXTS
from kopru.model import ExternalRef, Finding, Order

AGAIN = "again"
"""Argument of ``order.advance``: a person asks for refused writes to be tried again."""


@dataclass(frozen=True)
class Case:
    """One order with what belongs to it, as read at the start of a step."""

    order: OrderRow
    body: Order
    source: Source
    documents: tuple[DocumentRow, ...]
    now: datetime

    @property
    def live(self) -> DocumentRow | None:
        """Return the order's invoice that is not void."""
        invoices = [each for each in self.documents if each.type == DocumentType.INVOICE.value]
        return next((each for each in reversed(invoices) if each.state is not DocumentState.VOID), None)

    @property
    def notes(self) -> tuple[Finding, ...]:
        """Return what the source's own plugin noted about the order; it stays whatever else is found."""
        prefix = f"{self.source.plugin}."
        return tuple(each for each in self.order.findings if each.code.startswith(prefix))

    @property
    def waited_for_lines(self) -> bool:
        """Whether the order was parked because of a line nobody knew."""
        reason = self.order.reason
        return reason is not None and reason.code.startswith("matching.")

    @property
    def revision(self) -> int:
        """Return the revision the next invoice gets: one more per void predecessor."""
        return sum(each.type == DocumentType.INVOICE.value for each in self.documents)


def read_case(work: Work, order_id: UUID) -> Case | None:
    """Return an order with its documents; ``None`` when it cannot be worked on."""
    with work.read() as uow:
        return _case(uow, order_id)


def _case(uow: Uow, order_id: UUID) -> Case | None:
    order = uow.orders.get(order_id)
    if order is None or order.body is None:
        return None
    row = uow.connections.get(order.connection_id)
    if row is None:
        return None
    source = Source(row.id, row.name, row.plugin, row.start_at)
    return Case(order, order.body, source, tuple(uow.documents.of_order(order_id)), uow.now)


def read_document(uow: Uow, document_id: UUID) -> tuple[Case, DocumentRow] | None:
    """Return a document with its order; ``None`` when it cannot be worked on."""
    document = uow.documents.get(document_id)
    case = _case(uow, document.order_id) if document is not None else None
    return (case, document) if case is not None and document is not None else None


def park(
    work: Work, case: Case, state: OrderState, reason: Reason, why: Stopped | Refused | None = None
) -> None:
    """Store that an order does not go on, with the reason and what was found."""
    findings = why.findings if why is not None else ()
    with work.write() as uow:
        if isinstance(why, Stopped):
            remember(uow, why.lines, case.order.id)
        uow.orders.set_state(case.order.id, state, reason, (*case.notes, *findings))
        uow.events.add(
            work.actor, "order", case.order.id, f"order.{state.value}", code=reason.code, text=reason.text.en
        )


def renew_draft(work: Work, case: Case, document: DocumentRow) -> DocumentRow:
    """Compose and check a document again under the same identity, with today's date and settings."""
    draft = prepare(work, case.body, case.source, document.id, case.now)
    validate(work, draft.invoice, case.now)
    invoice = draft.invoice
    if document.number:
        same_day = invoice.model_copy(update={"issue_date": document.issue_date})
        invoice = with_number(same_day, document.number)
    row = replace(
        document,
        invoice=invoice,
        issue_date=invoice.issue_date,
        total=invoice.totals.payable,
        order_version=case.order.version,
    )
    with work.write() as uow:
        remember(uow, draft.lines, case.order.id)
        uow.documents.replace_content(row)
        uow.events.add(work.actor, "document", row.id, "document.corrected", total=str(row.total))
    return row


def document_ref(document: DocumentRow) -> ExternalRef:
    """Return a document's identity at its channel."""
    kind = "e_archive" if document.profile.is_archive else "e_invoice"
    return ExternalRef(kind=kind, id=str(document.id))


def stages_of(document: DocumentRow) -> Stages:
    """Return which stages of a document run by themselves, as its rule said."""
    values: Mapping[str, Any] = {stage.value: document.stages.get(stage.value, "auto") for stage in Stage}
    return Stages(**{name: Mode(value) for name, value in values.items()})


def goes(stages: Stages, stage: Stage, through: str | None) -> bool:
    """Whether a stage runs now: by itself, or because a person asked for it or a later one."""
    if stages.automatic(stage):
        return True
    order = list(Stage)
    return through is not None and order.index(stage) <= order.index(Stage(through))


def require_stage(stages: Stages, stage: Stage, through: str | None, case: Case) -> None:
    if goes(stages, stage, through):
        return
    text = TEXTS.text("document.manual", stage=stage.value, order=case.order.number)
    state = OrderState.HELD if stage is Stage.DRAFT else OrderState.INVOICING
    raise Stopped(state, Reason("document.manual", text))
