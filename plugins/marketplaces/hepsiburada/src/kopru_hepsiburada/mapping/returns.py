"""Claims to canonical returns."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from kopru.model import ExternalRef, Finding, Return, ReturnLine, ReturnStatus, Severity
from kopru.sdk import Raw, Record, Rejected
from kopru.toolkit import mapping, text, validation
from kopru_hepsiburada import codes
from kopru_hepsiburada.config import HepsiburadaConfig
from kopru_hepsiburada.mapping.common import NAMESPACE, error, moment, note
from kopru_hepsiburada.mapping.remote import RemoteClaim
from kopru_hepsiburada.payload import folded, text_of
from kopru_hepsiburada.texts import TEXTS

PREFIX = "hepsiburada.claim"

_EXTRAS = (
    *("claimtype", "priceamount", "totalpriceamount", "refundamount", "finalizedwith", "tags"),
    *("awaitingactionexpiredate", "customername"),
)

Notes = list[Finding]
Lines = Mapping[str, Sequence[object]]


def needs_order(data: object) -> str:
    """Return the order a claim must be joined to by its article, or nothing when it names the line itself."""
    fields = folded(data, depth=1)
    if not isinstance(fields, dict) or text_of(fields.get("lineitemid")):
        return ""
    return text_of(fields.get("ordernumber"))


def claim_record(
    data: object, raw: Raw, index: int, lines: Lines, config: HepsiburadaConfig
) -> Record[Return]:
    """Map one claim; faults become findings of this record alone. ``lines`` are those of its order."""
    fields = folded(data)
    if not isinstance(fields, dict):
        return Record(f"row#{index}", raw, None, (error("hepsiburada.claim.not_an_object", ""),))
    identity = text_of(fields.get("number")) or text_of(fields.get("claimnumber")) or f"row#{index}"
    notes: Notes = []
    record = validation.record(
        identity, raw, lambda: _return(fields, raw, lines, config, notes), prefix=PREFIX
    )
    return replace(record, findings=(*record.findings, *notes))


def _return(
    fields: Mapping[str, Any], raw: Raw, lines: Lines, config: HepsiburadaConfig, notes: Notes
) -> Return:
    faults = list(mapping.text_faults(fields, raw, PREFIX))
    claim = RemoteClaim.model_validate(fields)
    created = moment(claim.claim_date, config)
    line_id = claim.line_item_id or _line_by_article(claim, lines.get(claim.order_number, ()))
    if created is None:
        faults.append(error("hepsiburada.claim.date_missing", "claimDate"))
    if not line_id:
        faults.append(error("hepsiburada.claim.line_unknown", "lineItemId", order=claim.order_number))
    if faults or created is None:
        code = "hepsiburada.claim.unreadable"
        raise Rejected(code, TEXTS[code], findings=faults)
    times = (moment(each, config) for each in (claim.refund_date, claim.last_status_update_date))
    modified = max(filter(None, times), default=created)
    line = ReturnLine(
        id=claim.number,
        order_line_id=line_id,
        quantity=mapping.plain(claim.quantity),
        status=_status(claim, notes),
        raw_status=claim.status,
        reason=text.clean(_words(claim.reason)),
        note=text.clean(claim.explanation),
    )
    document = Return(
        ref=ExternalRef(kind=codes.CLAIM, id=claim.number),
        revision="-",
        order_number=claim.order_number,
        order_ref=ExternalRef(kind=codes.ORDER, id=claim.order_number),
        created_at=created,
        modified_at=max(modified, created),
        lines=(line,),
        tracking_number=_tracking(claim),
        extras={NAMESPACE: mapping.extras(fields, _EXTRAS)},
    )
    return document.model_copy(update={"revision": mapping.revision(document, document.modified_at)})


def _status(claim: RemoteClaim, notes: Notes) -> ReturnStatus:
    """Return the state. An exchange that is accepted gives no money back: as a return it is off."""
    status = codes.CLAIM_STATUS.get(claim.status.strip().lower())
    if status is None:
        notes.append(note("hepsiburada.claim.unknown_status", "status", status=claim.status or "?"))
        return ReturnStatus.UNKNOWN
    end = claim.finalized_with.strip().lower()
    exchanged = end == codes.CHANGED or (not end and claim.claim_type.strip().lower() == codes.EXCHANGE)
    if status is ReturnStatus.ACCEPTED and exchanged:
        notes.append(note("hepsiburada.claim.exchange", "finalizedWith", Severity.INFO))
        return ReturnStatus.CANCELLED
    return status


def _line_by_article(claim: RemoteClaim, lines: Sequence[object]) -> str:
    """Return the one line of the order with the claim's article, or nothing when several could be meant."""
    wanted = {each.strip().lower() for each in (claim.sku, claim.merchant_sku) if each.strip()}
    found = [line for line in lines if isinstance(line, dict) and wanted & _articles(line)]
    return text_of(found[0].get("id")) if len(found) == 1 else ""


def _articles(line: Mapping[str, Any]) -> set[str]:
    return {text_of(line.get(name)).lower() for name in ("sku", "hbsku", "merchantsku")} - {""}


def _words(reason: object) -> str:
    """Return a reason, which is a text or an object with one."""
    if isinstance(reason, Mapping):
        return next(filter(None, (text_of(reason.get(name)) for name in ("name", "text", "reason"))), "")
    return text_of(reason)


def _tracking(claim: RemoteClaim) -> str:
    numbers = (text_of(each.get("trackingnumber")) for each in claim.deliveries)
    return next(filter(None, numbers), "")
