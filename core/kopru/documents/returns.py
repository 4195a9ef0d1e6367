"""Return documents: what is given back of an invoice, never more than what is left of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from kopru.documents.clock import istanbul
from kopru.documents.compose import Composed
from kopru.documents.lines import running_share
from kopru.documents.numbering import placeholder
from kopru.documents.settings import Series
from kopru.documents.texts import finding
from kopru.model import (
    DocumentRef,
    Finding,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    Profile,
    Return,
    ReturnStatus,
)
from kopru.model.money import ZERO, unit_price

_RETURNABLE = frozenset({InvoiceKind.SALE, InvoiceKind.EXEMPTION})


def compose_return(
    original: Invoice,
    returned: Mapping[str, Decimal],
    *,
    series: Series,
    ettn: UUID,
    issued_at: datetime,
    credited: Sequence[Invoice] = (),
    number: str = "",
) -> Composed:
    """Make the return document (IADE) of an invoice, whole or in part.

    Amounts follow the quantities; over any number of returns they add up to the original exactly, the last
    one taking the remainder. VAT rates are those of the original sale. A returned e-Fatura travels as
    TEMELFATURA, because a commercial one cannot carry this type. Parties stay as on the original; who may
    issue it is for ``changes.plan_change`` to say.

    Args:
        original: the invoice, under its real number.
        returned: quantity per invoice line id that comes back now.
        series: where the number comes from.
        ettn: the return document's own identity.
        issued_at: moment of issue, aware.
        credited: the live return documents of this invoice; void and cancelled ones are left out.
        number: the allotted number; empty puts a placeholder.
    """
    before = credited_quantities(credited)
    local = istanbul(issued_at)
    findings = _check(original, returned, before)
    if local.date() < original.issue_date:
        findings.append(finding("document.return.before_original", "issue_date", date=original.issue_date))
    if findings:
        return Composed(None, tuple(findings))
    lines = tuple(
        _line(
            line, returned[line.id], [part for each in credited for part in each.lines if part.id == line.id]
        )
        for line in original.lines
        if returned.get(line.id, ZERO) > ZERO
    )
    complete = all(
        before.get(line.id, ZERO) + returned.get(line.id, ZERO) == line.quantity for line in original.lines
    )
    invoice = Invoice(
        id=ettn,
        number=number or placeholder(series.pattern, local.year),
        kind=InvoiceKind.RETURN,
        profile=return_profile(original.profile),
        issue_date=local.date(),
        issue_time=local.time().replace(microsecond=0, tzinfo=None),
        currency=original.currency,
        exchange_rate=original.exchange_rate,
        seller=original.seller,
        seller_alias=original.seller_alias,
        buyer=original.buyer,
        buyer_alias=original.buyer_alias,
        lines=lines,
        rounding=original.rounding - _sum(each.rounding for each in credited) if complete else ZERO,
        order_ref=original.order_ref,
        billing_refs=(DocumentRef(number=original.number, date=original.issue_date, kind="invoice"),),
        paid=original.paid,
    )
    return Composed(invoice, expected_total=invoice.totals.payable)


def return_profile(profile: Profile) -> Profile:
    """Return the profile a return document of this sale travels in."""
    return Profile.ARCHIVE if profile.is_archive else Profile.BASIC


def returned_quantities(original: Invoice, claim: Return) -> dict[str, Decimal]:
    """Return the quantity per invoice line id that an accepted customer return gives back.

    Lines that are not accepted, or that the invoice does not hold, do not count.
    """
    by_order_line = {line.order_line_id: line.id for line in original.lines if line.order_line_id}
    quantities: dict[str, Decimal] = {}
    for line in claim.lines:
        id = by_order_line.get(line.order_line_id)
        if id is not None and line.status is ReturnStatus.ACCEPTED:
            quantities[id] = quantities.get(id, ZERO) + line.quantity
    return quantities


def credited_quantities(credited: Sequence[Invoice]) -> dict[str, Decimal]:
    """Return the quantity per invoice line id that return documents gave back so far."""
    quantities: dict[str, Decimal] = {}
    for document in credited:
        for line in document.lines:
            quantities[line.id] = quantities.get(line.id, ZERO) + line.quantity
    return quantities


def _check(
    original: Invoice, returned: Mapping[str, Decimal], before: Mapping[str, Decimal]
) -> list[Finding]:
    findings = []
    if original.kind not in _RETURNABLE or any(line.withholdings for line in original.lines):
        findings.append(finding("document.return.kind", "kind", kind=original.kind.value))
    lines = {line.id: line for line in original.lines}
    for id, quantity in returned.items():
        where = f"lines[{id}].quantity"
        line = lines.get(id)
        if line is None:
            findings.append(finding("document.return.unknown_line", where, line=id, number=original.number))
        elif quantity < ZERO:
            findings.append(finding("document.return.negative", where, name=line.name))
        elif before.get(id, ZERO) + quantity > line.quantity:
            left = line.quantity - before.get(id, ZERO)
            findings.append(
                finding("document.return.too_much", where, name=line.name, asked=quantity, left=left)
            )
    if not any(quantity > ZERO for quantity in returned.values()):
        findings.append(finding("document.return.empty", "lines"))
    return findings


def _line(line: InvoiceLine, quantity: Decimal, credited: Sequence[InvoiceLine]) -> InvoiceLine:
    done = _sum(part.quantity for part in credited) + quantity

    def part(total: Decimal, given: Decimal) -> Decimal:
        return max(running_share(total, done, line.quantity) - given, ZERO)

    # Net and discount are shared separately: their sum can then never be less than the net amount.
    net = part(line.net, _sum(each.net for each in credited))
    allowance = part(line.allowance, _sum(each.allowance for each in credited))
    taxes = tuple(
        tax.model_copy(
            update={
                "base": part(tax.base, _sum(each.taxes[index].base for each in credited)),
                "amount": part(tax.amount, _sum(each.taxes[index].amount for each in credited)),
            }
        )
        for index, tax in enumerate(line.taxes)
    )
    return line.model_copy(
        update={
            "quantity": quantity,
            "unit_price": unit_price(net + allowance, quantity),
            "gross": net + allowance,
            "allowance": allowance,
            "taxes": taxes,
        }
    )


def _sum(values: Iterable[Decimal]) -> Decimal:
    return sum(values, ZERO)
