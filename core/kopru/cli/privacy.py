"""What screens show of the people in orders: masked, unless the operator asks to see them."""

import re
from collections.abc import Iterable
from uuid import UUID

from kopru.flows.ports import Uow
from kopru.flows.records import DocumentRow, JobRow, OrderRow
from kopru.model import Finding, Party, Text
from kopru.transport.redaction import mask, mask_text

_SHORTEST = 3
_TAX_NUMBER = re.compile(r"\b((?:VKN|TCKN)\D{0,3})(\d{4,})")


def initials(name: str) -> str:
    """Return a name of which only the first letters are left."""
    return " ".join(f"{part[0]}{'*' * (len(part) - 1)}" for part in name.split())


def covered(text: str, people: Iterable[str] = ()) -> str:
    """Return a text as it may be shown.

    What is known of the people it may speak of is masked, and so are tax numbers, even wrong ones.
    """
    known = sorted({value for value in people if len(value) >= _SHORTEST}, key=len, reverse=True)
    if known:
        pattern = rf"(?<!\w)(?:{'|'.join(map(re.escape, known))})(?!\w)"
        text = re.sub(pattern, lambda found: _cover(found[0]), text, flags=re.IGNORECASE)
    return _TAX_NUMBER.sub(
        lambda found: f"{found[1]}{found[2][:2]}{'*' * (len(found[2]) - 2)}", mask_text(text)
    )


def covered_text(text: Text, people: Iterable[str] = ()) -> Text:
    """Return a message as it may be shown."""
    known = tuple(people)
    return Text(tr=covered(text.tr, known), en=covered(text.en, known))


def covered_finding(finding: Finding, people: Iterable[str]) -> Finding:
    """Return a finding as it may be shown."""
    known = tuple(people)
    return finding.model_copy(
        update={
            "message": covered_text(finding.message, known),
            "field": covered(finding.field, known),
            "detail": covered(finding.detail, known),
        }
    )


def people_of_order(row: OrderRow | None) -> tuple[str, ...]:
    """Return what is known of an order's buyer and of who receives the parcel."""
    if row is None:
        return ()
    if row.body is None:
        return (row.buyer,)
    shipping = row.body.shipping
    return (
        row.buyer,
        *_people(row.body.buyer),
        *(shipping.recipient, *shipping.recipient.split(), shipping.phone, shipping.address.street),
    )


def people_of_document(row: DocumentRow) -> tuple[str, ...]:
    """Return what is known of a document's buyer."""
    return _people(row.invoice.buyer)


def people_of_job(uow: Uow, job: JobRow) -> tuple[str, ...]:
    """Return what is known of the people whose order or document a failed job is about."""
    if job.error is None:
        return ()
    if "order" in job.args:
        return people_of_order(uow.orders.get(UUID(job.args["order"])))
    document = uow.documents.get(UUID(job.args["document"])) if "document" in job.args else None
    return people_of_document(document) if document else ()


def _people(party: Party) -> tuple[str, ...]:
    tax_number = party.tax_id.value if party.tax_id else ""
    names = (party.display_name, party.name, party.first_name, party.last_name)
    return (*names, tax_number, party.email, party.phone, party.address.street)


def _cover(value: str) -> str:
    return mask(value) if any(each.isdigit() or each == "@" for each in value) else initials(value)
