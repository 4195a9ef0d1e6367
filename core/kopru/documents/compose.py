"""From an order to the invoice it becomes, with every kuruş accounted for. Pure: no numbers are allotted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from kopru.documents.buyers import NO_BUYER_ITEMS, OURS, BuyerItem, BuyerItems, Gaps
from kopru.documents.clock import istanbul, istanbul_date
from kopru.documents.decide import Issue
from kopru.documents.lines import NOT_AN_EXEMPTION, NOT_AN_EXEMPTION_TEXT, LineMoney, line_money
from kopru.documents.numbering import placeholder
from kopru.documents.parties import invoice_buyer, invoice_delivery, tidy
from kopru.documents.rules import COMPOSABLE
from kopru.documents.settings import (
    MarketplaceDiscounts,
    Service,
    TenantSettings,
    ZeroPrice,
)
from kopru.documents.texts import finding, info, warning
from kopru.model import (
    DocumentRef,
    Finding,
    InternetSale,
    Invoice,
    InvoiceLine,
    InvoiceNumber,
    LineKind,
    Mailbox,
    Order,
    OrderLine,
    PaymentMethod,
    Recipient,
    Tax,
)
from kopru.model.money import ZERO, cents, unit_price
from kopru.toolkit.fold import fold

_OPTIONAL = frozenset({LineKind.SHIPPING, LineKind.FEE})
"""Lines that are left out when they cost nothing: free shipping is no sale."""

_NUMBER: TypeAdapter[str] = TypeAdapter(InvoiceNumber)


class Item(Protocol):
    """The own item a line was resolved to. ``kopru.model.Product`` and a matching item both fit."""

    @property
    def code(self) -> str:
        """The ledger's item code."""
        ...

    @property
    def vat_rate(self) -> Decimal | None:
        """VAT percentage of the item card."""
        ...


@dataclass(frozen=True, slots=True)
class Composed:
    """The invoice an order became, or why it could not; warnings may stand beside an invoice.

    ``expected_total`` is what the document must come to: the source's total under the tenant's policy.
    """

    invoice: Invoice | None
    findings: tuple[Finding, ...] = ()
    expected_total: Decimal | None = None


@dataclass(slots=True)
class _Draft:
    """What one composition gathers."""

    settings: TenantSettings
    order: Order
    items: Mapping[str, Item]
    theirs: BuyerItems = NO_BUYER_ITEMS
    findings: list[Finding] = field(default_factory=list)

    @property
    def blocked(self) -> bool:
        return any(found.blocks for found in self.findings)

    def refuse(self, code: str, where: str, /, **values: object) -> None:
        self.findings.append(finding(code, where, **values))


@dataclass(frozen=True, slots=True)
class _Issuing:
    """When, under which identity and to whom a document is issued; ``at`` is Istanbul time."""

    ettn: UUID
    at: datetime
    channel: str
    number: str
    recipient: Recipient | None
    exchange_rate: Decimal | None


def compose_invoice(
    settings: TenantSettings,
    order: Order,
    issue: Issue,
    items: Mapping[str, Item],
    *,
    ettn: UUID,
    issued_at: datetime,
    channel: str = "",
    number: str = "",
    recipient: Recipient | None = None,
    exchange_rate: Decimal | None = None,
    theirs: BuyerItems = NO_BUYER_ITEMS,
) -> Composed:
    """Make the invoice of an order.

    Args:
        settings: the tenant's settings.
        order: the order; cancelled lines are left out.
        issue: what the decision table chose.
        items: own item per order line id; lines for shipping and fees may be absent.
        ettn: the document's identity (``identity.ettn``).
        issued_at: moment of issue, aware; the document shows Istanbul date and time.
        channel: name of the source connection.
        number: the allotted number; empty puts a placeholder of the same shape.
        recipient: answer of the recipient look-up, whose mailbox an e-Fatura is sent to.
        exchange_rate: TRY per unit of a foreign currency when the order states none.
        theirs: what the buyer calls the items, by our item code.

    Returns:
        The invoice with its warnings, or no invoice and the findings that prevent it. Never raises for what
        an order contains.
    """
    draft = _Draft(settings, order, items, theirs)
    try:
        return _compose(
            draft, issue, _Issuing(ettn, istanbul(issued_at), channel, number, recipient, exchange_rate)
        )
    except ValidationError as error:
        problem = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
    except ArithmeticError:
        problem = "an amount or quantity is too large or too small"
    draft.refuse("document.invalid", "", problem=problem[:500])
    return Composed(None, tuple(draft.findings))


def with_number(invoice: Invoice, number: str) -> Invoice:
    """Return the invoice under its allotted number; nothing else changes.

    Raises:
        ValueError: the number has not GİB's form, or its year is not the issue date's.
    """
    _NUMBER.validate_python(number)
    if int(number[3:7]) != invoice.issue_date.year:
        raise ValueError("the number's year is not the year of issue")
    return invoice.model_copy(update={"number": number})


def choose_mailbox(recipient: Recipient | None) -> str:
    """Return the mailbox an e-Fatura goes to: the recipient's default one, else the first it lists."""
    boxes: tuple[Mailbox, ...] = recipient.mailboxes if recipient else ()
    default = next((box.alias for box in boxes if "defaultpk" in box.alias.lower()), "")
    return default or (boxes[0].alias if boxes else "")


def is_paid(order: Order) -> bool:
    """Whether the buyer has paid: platform or card took the money, or the source names a payment time."""
    return order.payment.paid_at is not None or order.payment.method in {
        PaymentMethod.PLATFORM,
        PaymentMethod.CARD,
    }


def invoice_link(settings: TenantSettings, invoice: Invoice) -> str:
    """Return the tenant's own invoice address, or nothing when the channel's is used."""
    order = invoice.order_ref.number if invoice.order_ref else ""
    return settings.invoice.link.format(ettn=invoice.id, number=invoice.number, order=order)


def _compose(draft: _Draft, issue: Issue, issuing: _Issuing) -> Composed:
    settings, order = draft.settings, draft.order
    rate = _exchange_rate(draft, issuing)
    if issue.kind not in COMPOSABLE:
        draft.refuse("document.kind.unsupported", "kind", kind=issue.kind.value)
    if order.export:
        draft.refuse("document.export.unsupported", "export")
    lines = _lines(draft)
    expected = _expected_total(draft, lines)
    rounding = _rounding(draft, lines, expected)
    if draft.blocked:
        return Composed(None, tuple(draft.findings), expected)
    archive, local = issue.profile.is_archive, issuing.at
    invoice = Invoice(
        id=issuing.ettn,
        number=issuing.number or placeholder(issue.series.pattern, local.year),
        kind=issue.kind,
        profile=issue.profile,
        issue_date=local.date(),
        issue_time=local.time().replace(microsecond=0, tzinfo=None),
        currency=order.currency,
        exchange_rate=rate,
        seller=settings.issuer.party(),
        seller_alias="" if archive else settings.issuer.sender_alias,
        buyer=invoice_buyer(settings.invoice.missing_district, order),
        buyer_alias="" if archive else choose_mailbox(issuing.recipient),
        delivery_address=invoice_delivery(settings.invoice.missing_district, order),
        lines=tuple(line for line, _ in lines),
        rounding=rounding,
        notes=settings.invoice.notes,
        order_ref=DocumentRef(number=order.number, date=istanbul_date(order.placed_at), kind="order"),
        internet_sale=_internet_sale(settings, order, issuing) if archive else None,
        payment_due=_payment_due(settings, local),
        paid=is_paid(order),
        tracking_number=order.shipping.tracking_number,
    )
    return Composed(invoice, tuple(draft.findings), expected)


def _exchange_rate(draft: _Draft, issuing: _Issuing) -> Decimal | None:
    if draft.order.currency == "TRY":
        return None
    rate = draft.order.exchange_rate or issuing.exchange_rate
    if rate is None:
        draft.refuse("document.currency.rate_missing", "exchange_rate", currency=draft.order.currency)
    return rate


def _lines(draft: _Draft) -> list[tuple[InvoiceLine, LineMoney]]:
    lines: list[tuple[InvoiceLine, LineMoney]] = []
    for index, line in enumerate(draft.order.lines):
        if line.cancelled:
            continue
        made = _line(draft, line, f"lines[{index}]", str(len(lines) + 1))
        if made is not None:
            lines.append(made)
    if not lines and not draft.blocked:
        draft.refuse("document.lines.none", "lines")
    return lines


def _line(draft: _Draft, line: OrderLine, where: str, id: str) -> tuple[InvoiceLine, LineMoney] | None:
    name = tidy(line.name)
    code, rate = _item(draft, line, where)
    deduction = _deduction(draft.settings, line)
    if deduction > line.amount:
        draft.refuse("document.line.discount_too_large", f"{where}.discounts", name=name)
        return None
    if not code or rate is None:
        return None
    money = line_money(line.amount, deduction, rate, tax_included=draft.order.tax_included)
    if money.payable == ZERO and line.kind in _OPTIONAL:
        return None
    if money.payable == ZERO and draft.settings.invoice.zero_price is ZeroPrice.REFUSE:
        draft.refuse("document.line.zero_price", f"{where}.amount", name=name)
        return None
    if money.payable != ZERO and rate == ZERO:
        draft.refuse("document.line.exemption_missing", f"{where}.vat_rate", name=name)
        return None
    theirs = _as_the_buyer_calls_it(draft, line, code, where)
    made = InvoiceLine(
        id=id,
        order_line_id=line.id,
        kind=line.kind,
        item_code=code,
        name=name,
        buyer_code=theirs.code,
        buyer_name=theirs.name,
        barcode=line.barcode,
        quantity=line.quantity,
        unit=line.unit,
        unit_price=unit_price(money.gross, line.quantity),
        gross=money.gross,
        allowance=money.allowance,
        taxes=(_vat(money, rate),),
    )
    return made, money


def _vat(money: LineMoney, rate: Decimal) -> Tax:
    if money.payable == ZERO:
        return Tax(
            rate=ZERO,
            base=ZERO,
            amount=ZERO,
            exemption_code=NOT_AN_EXEMPTION,
            exemption_reason=NOT_AN_EXEMPTION_TEXT,
        )
    return Tax(rate=rate, base=money.net, amount=money.vat)


def _item(draft: _Draft, line: OrderLine, where: str) -> tuple[str, Decimal | None]:
    """Return item code and VAT rate of a line, noting what is missing."""
    item = draft.items.get(line.id)
    service = _service(draft.settings, line.kind) if item is None else None
    code = item.code if item is not None else service.code if service is not None else ""
    name = tidy(line.name)
    if not code:
        missing = "service" if line.kind in _OPTIONAL else "item"
        draft.refuse(f"document.line.{missing}_missing", where, name=name, kind=line.kind.value)
    known = (line.vat_rate, item.vat_rate if item else None, service.vat_rate if service else None)
    rate = next((each for each in known if each is not None), None)
    if rate is None:
        draft.refuse("document.line.vat_missing", f"{where}.vat_rate", name=name)
    return code, rate


def _as_the_buyer_calls_it(draft: _Draft, line: OrderLine, code: str, where: str) -> BuyerItem:
    """Return the buyer's code and name of a line's item, noting where they are missing."""
    found = draft.theirs.items.get(code)
    if found is None and draft.theirs.gaps is not Gaps.IGNORE and line.kind not in _OPTIONAL:
        note = finding if draft.theirs.gaps is Gaps.BLOCK else warning
        missing = "document.line.buyer_code_missing"
        draft.findings.append(note(missing, where, name=tidy(line.name), code=code))
    return found or OURS


def _service(settings: TenantSettings, kind: LineKind) -> Service | None:
    if kind is LineKind.SHIPPING:
        return settings.services.shipping
    return settings.services.fee if kind is LineKind.FEE else None


def _deduction(settings: TenantSettings, line: OrderLine) -> Decimal:
    if settings.invoice.marketplace_discounts is MarketplaceDiscounts.DEDUCT:
        return line.discount_total
    return line.discount_total - _funded_elsewhere(line)


def _funded_elsewhere(line: OrderLine) -> Decimal:
    return sum((each.amount for each in line.discounts if each.funded_by == "marketplace"), ZERO)


def _expected_total(draft: _Draft, lines: list[tuple[InvoiceLine, LineMoney]]) -> Decimal:
    """Return what the document must come to: the source's total, plus discounts the tenant leaves in."""
    order, expected = draft.order, draft.order.total
    if draft.settings.invoice.marketplace_discounts is MarketplaceDiscounts.DEDUCT:
        return cents(expected)
    rates = {made.order_line_id: made.vat.rate for made, _ in lines}
    for line in order.live_lines:
        kept = _funded_elsewhere(line)
        if not order.tax_included:
            kept += kept * rates.get(line.id, ZERO) / 100
        expected += kept
    return cents(expected)


def _rounding(draft: _Draft, lines: list[tuple[InvoiceLine, LineMoney]], expected: Decimal) -> Decimal:
    """Return the explicit rounding that makes the document come to the expected total, within the limit."""
    if draft.blocked:
        return ZERO
    computed = sum((money.payable for _, money in lines), ZERO)
    gap = expected - computed
    if gap == ZERO:
        return ZERO
    limit = draft.settings.invoice.rounding_limit
    values = {"expected": expected, "computed": computed, "gap": gap, "limit": limit}
    if abs(gap) > limit:
        draft.refuse("document.total.mismatch", "total", **values)
    else:
        draft.findings.append(info("document.total.rounded", "total", **values))
    return gap


def _internet_sale(settings: TenantSettings, order: Order, issuing: _Issuing) -> InternetSale | None:
    """Return the internet-sale data. A parcel without a dispatch time is taken to leave with its invoice."""
    own = settings.channel(issuing.channel)
    if not own.internet_sale:
        return None
    shipping, payment = order.shipping, order.payment
    name, tax_number = shipping.carrier, shipping.carrier_tax_id
    for carrier in settings.carriers:
        if fold(shipping.carrier) in {fold(known) for known in (*carrier.names, carrier.legal_name)}:
            name, tax_number = carrier.legal_name, tax_number or carrier.tax_number
    return InternetSale(
        website=own.website or settings.issuer.website,
        payment_method=payment.method,
        payment_agent=payment.agent or own.payment_agent,
        payment_date=istanbul_date(payment.paid_at or order.placed_at),
        carrier_name=name,
        carrier_tax_id=tax_number,
        shipped_on=istanbul_date(shipping.shipped_at) if shipping.shipped_at else issuing.at.date(),
    )


def _payment_due(settings: TenantSettings, issued: datetime) -> date | None:
    days = settings.invoice.payment_days
    return None if days is None else issued.date() + timedelta(days=days)
