"""Claims to canonical returns: one line per unit that comes back."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from kopru.model import ExternalRef, Finding, Return, ReturnLine, ReturnStatus
from kopru.sdk import Raw, Record, Rejected
from kopru.toolkit import text, validation
from kopru.toolkit.mapping import extras, revision, text_faults
from kopru_trendyol import codes
from kopru_trendyol.mapping.common import NAMESPACE, error, note
from kopru_trendyol.mapping.remote import RemoteClaim, RemoteClaimItem, RemoteClaimUnit, RemoteOrderLine
from kopru_trendyol.texts import TEXTS

PREFIX = "trendyol.claim"

_CLAIM_EXTRAS = ("orderOutboundPackageId", "cargoProviderName", "cargoTrackingLink", "cargoSenderNumber")
_UNIT_EXTRAS = ("resolved", "autoAccepted", "acceptedBySeller", "acceptDetail", "autoApproveDate")
_PACKAGE_EXTRAS = ("rejectedpackageinfo", "replacementoutboundpackageinfo")

Notes = list[Finding]


def claim_record(data: object, raw: Raw, index: int) -> Record[Return]:
    """Map one claim; whatever is wrong with it becomes findings of this record alone."""
    if not isinstance(data, dict):
        return Record(f"row#{index}", raw, None, (error("trendyol.claim.not_an_object", ""),))
    notes: Notes = []
    record = validation.record(_identity(data, index), raw, lambda: _return(data, raw, notes), prefix=PREFIX)
    return replace(record, findings=(*record.findings, *notes))


def _identity(data: Mapping[str, Any], index: int) -> str:
    value = data.get("claimId") or data.get("id")
    return value[:200] if isinstance(value, str) else f"row#{index}"


def _return(data: Mapping[str, Any], raw: Raw, notes: Notes) -> Return:
    faults = list(text_faults(data, raw, PREFIX))
    claim = RemoteClaim.model_validate(data)
    created = claim.claimed_at or claim.modified_at
    if created is None:
        faults.append(error("trendyol.claim.date_missing", "claimDate"))
    lines = tuple(_line(*each, notes) for each in _units(claim, faults))
    if not lines and not faults:
        faults.append(error("trendyol.claim.empty", "items"))
    if faults or created is None:
        raise Rejected("trendyol.claim.unreadable", TEXTS["trendyol.claim.unreadable"], findings=faults)
    modified = claim.modified_at or created
    package = claim.package_id
    document = Return(
        ref=ExternalRef(kind=codes.CLAIM, id=claim.id),
        revision="-",
        order_number=claim.order_number,
        order_ref=ExternalRef(kind=codes.PACKAGE, id=package) if package and package.strip("0") else None,
        created_at=created,
        modified_at=modified,
        lines=lines,
        tracking_number=claim.tracking_number,
        extras={NAMESPACE: _extras(data)},
    )
    return document.model_copy(update={"revision": revision(document, modified)})


def _units(claim: RemoteClaim, faults: Notes) -> Iterator[tuple[RemoteOrderLine, RemoteClaimUnit]]:
    """Yield each unit with its order line; in the older shape the units stand directly in ``items``."""
    for index, entry in enumerate(claim.items):
        if "claimItems" in entry:
            item = RemoteClaimItem.model_validate(entry)
            yield from ((item.order_line, unit) for unit in item.units)
            continue
        unit = RemoteClaimUnit.model_validate(entry)
        if unit.order_line is None:
            faults.append(error("trendyol.claim.order_line_missing", f"items[{index}].orderLine"))
        else:
            yield unit.order_line, unit


def _line(order_line: RemoteOrderLine, unit: RemoteClaimUnit, notes: Notes) -> ReturnLine:
    status = codes.CLAIM_STATUS.get(unit.status.name)
    if status is None:
        notes.append(note("trendyol.claim.unknown_status", "claimItemStatus", status=unit.status.name or "?"))
    return ReturnLine(
        id=unit.id,
        order_line_id=order_line.id,
        quantity=Decimal(1),
        status=status or ReturnStatus.UNKNOWN,
        raw_status=unit.status.name,
        reason=text.clean(unit.reason.name),
        note=text.join(unit.customer_note, unit.note, separator=" / "),
    )


def _extras(data: Mapping[str, Any]) -> dict[str, Any]:
    lower = {name.lower(): value for name, value in data.items()}
    units = {
        str(unit.get("id")): extras(unit, _UNIT_EXTRAS)
        for item in data["items"]
        for unit in item.get("claimItems", [item])
    }
    # The documentation and the live system differ in the case of these names.
    return extras(data, _CLAIM_EXTRAS) | extras(lower, _PACKAGE_EXTRAS) | {"units": units}
