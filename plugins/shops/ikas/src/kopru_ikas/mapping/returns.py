"""Refunds to canonical returns. ikas has no record of them: they show in the state of an order's lines."""

from typing import Any

from kopru.model import ExternalRef, Finding, Return, ReturnLine, ReturnStatus
from kopru.sdk import Raw, Record, Rejected
from kopru.toolkit import text, validation
from kopru.toolkit.mapping import plain, revision, text_faults
from kopru_ikas import codes
from kopru_ikas.mapping.common import error, identity, note
from kopru_ikas.mapping.remote import RemoteLine, RemoteOrder
from kopru_ikas.texts import TEXTS

PREFIX = "ikas.return"


def is_return(data: object) -> bool:
    """Whether some line of a listed order is coming back or has come back."""
    rows = data.get("orderLineItems") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        return False
    return any(_is_returned(row.get("status")) for row in rows if isinstance(row, dict))


def return_record(data: object, raw: Raw, index: int) -> Record[Return]:
    """Map what comes back of one order; faults become findings of this record alone."""
    notes: list[Finding] = []
    record = validation.record(identity(data, index), raw, lambda: _return(data, raw, notes), prefix=PREFIX)
    return Record(record.external_id, raw, record.value, (*record.findings, *notes))


def _return(data: Any, raw: Raw, notes: list[Finding]) -> Return:
    faults = list(text_faults(data, raw, PREFIX))
    order = RemoteOrder.model_validate(data)
    modified = order.updated_at or order.ordered_at
    if modified is None:
        faults.append(error("ikas.order.date_missing", "updatedAt"))
    if faults or modified is None:
        raise Rejected("ikas.return.unreadable", TEXTS["ikas.return.unreadable"], findings=faults)
    returned = [line for line in order.order_line_items if _is_returned(line.status) and not line.deleted]
    document = Return(
        ref=ExternalRef(kind=codes.REFUND, id=order.id),
        revision="-",
        order_number=order.order_number,
        order_ref=ExternalRef(kind=codes.ORDER, id=order.id),
        created_at=modified,
        modified_at=modified,
        lines=tuple(_line(line, notes) for line in returned),
        tracking_number=_tracking(order, {line.id for line in returned}),
    )
    return document.model_copy(update={"revision": revision(document, modified)})


def _line(line: RemoteLine, notes: list[Finding]) -> ReturnLine:
    """Map a line. A part that comes back is split off: it names the line it was part of."""
    status = codes.RETURN_STATUS.get(line.status)
    if status is None:
        notes.append(note("ikas.return.unknown_status", "orderLineItems.status", status=line.status))
    return ReturnLine(
        id=line.id,
        order_line_id=line.original_order_line_item_id or line.id,
        quantity=plain(line.quantity),
        status=status or ReturnStatus.UNKNOWN,
        raw_status=line.status,
    )


def _tracking(order: RemoteOrder, lines: set[str]) -> str:
    parcels = (
        each.tracking_info
        for each in order.order_packages
        if _is_returned(each.order_package_fulfill_status) and lines & set(each.order_line_item_ids)
    )
    return next((text.clean(each.tracking_number or each.barcode) for each in parcels), "")


def _is_returned(status: object) -> bool:
    return isinstance(status, str) and status.startswith(codes.RETURN_PREFIXES)
