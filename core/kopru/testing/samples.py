"""Canonical documents made from the world, for tests of writes: orders, parties, invoices, stock and prices.

An invoice here has the amounts the engine would compute: the buyer's payment is fixed, the VAT is what is
left when it is taken out once.
"""

import uuid
from collections.abc import Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from xml.sax.saxutils import escape

from kopru.hooks.types import IdempotencyKey
from kopru.model import (
    Address,
    Discount,
    DocumentRef,
    ExternalRef,
    InternetSale,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    LineKind,
    Order,
    OrderLine,
    OrderStatus,
    Party,
    PartyKind,
    Payment,
    PaymentMethod,
    PriceTarget,
    Product,
    Profile,
    Rendered,
    Shipping,
    StockTarget,
    Tax,
    TaxId,
    TaxScheme,
)
from kopru.model.money import ZERO, unit_price, without_vat
from kopru.testing.world import World, WorldBuyer, WorldItem, WorldLine, WorldOrder
from kopru.toolkit import dates

SAMPLE_KINDS = (InvoiceKind.SALE, InvoiceKind.RETURN)
"""Invoice kinds ``sample_invoice`` can make."""

NAMESPACE = uuid.UUID("1d1f4f0c-3c55-5a5e-8f0f-0d8f2f0c9a11")
SHIPPING_VAT = Decimal(20)
_PROFILE_IDS = {
    Profile.BASIC: "TEMELFATURA",
    Profile.COMMERCIAL: "TICARIFATURA",
    Profile.ARCHIVE: "EARSIVFATURA",
    Profile.EXPORT: "IHRACAT",
    Profile.TRAVELLER: "YOLCUBERABERFATURA",
    Profile.PUBLIC: "KAMU",
}
_TYPE_CODES = {InvoiceKind.SALE: "SATIS", InvoiceKind.RETURN: "IADE"}
_UBL = "urn:oasis:names:specification:ubl:schema:xsd"


def sample_key(*parts: object) -> IdempotencyKey:
    """Return the identity of a write; the same parts always give the same key."""
    value = "/".join(map(str, parts))
    return IdempotencyKey(value, sample_id("effect", value))


def sample_id(*parts: object) -> uuid.UUID:
    """Return a UUID that depends on the parts only."""
    return uuid.uuid5(NAMESPACE, "/".join(map(str, parts)))


def sample_address(buyer: WorldBuyer) -> Address:
    """Return a buyer's address."""
    return Address(
        street=buyer.street,
        neighbourhood=buyer.neighbourhood,
        district=buyer.district,
        city=buyer.city,
        postal_code=buyer.postal_code,
    )


def sample_party(buyer: WorldBuyer) -> Party:
    """Return a buyer as it stands on a document."""
    scheme = TaxScheme.VKN if buyer.company else TaxScheme.TCKN
    return Party(
        kind=PartyKind.COMPANY if buyer.company else PartyKind.PERSON,
        name=buyer.name if buyer.company else "",
        first_name="" if buyer.company else buyer.first_name,
        last_name="" if buyer.company else buyer.last_name,
        tax_id=TaxId(scheme=scheme, value=buyer.tax_number),
        tax_office=buyer.tax_office,
        email=buyer.email,
        address=sample_address(buyer),
        einvoice_registered=bool(buyer.aliases),
    )


def sample_product(item: WorldItem) -> Product:
    """Return an item as a product; its reference is its code."""
    return Product(
        ref=ExternalRef(kind="item", id=item.code),
        revision="1",
        code=item.code,
        name=item.name,
        barcodes=(item.barcode,),
        unit=item.unit,
        vat_rate=item.vat_rate,
        price=item.price,
        stock=Decimal(item.stock),
    )


def sample_order(order: WorldOrder) -> Order:
    """Return an order as a shop would hold it."""
    return Order(
        ref=ExternalRef(kind="order", id=str(order.id)),
        number=order.number,
        revision=str(int(order.modified_at.timestamp())),
        status=OrderStatus.NEW,
        placed_at=order.placed_at,
        modified_at=order.modified_at,
        buyer=sample_party(order.buyer),
        shipping=Shipping(
            recipient=f"{order.buyer.first_name} {order.buyer.last_name}",
            address=sample_address(order.buyer),
            tracking_number=order.tracking_number,
            due_at=order.placed_at + timedelta(days=2),
        ),
        payment=Payment(method=PaymentMethod.CARD, paid_at=order.placed_at),
        lines=(*map(_order_line, order.lines), *_shipping_lines(order)),
        total=order.total,
    )


def _order_line(line: WorldLine) -> OrderLine:
    funders = {"seller": line.seller_discount, "marketplace": line.marketplace_discount}
    return OrderLine(
        id=str(line.id),
        name=line.item.name,
        quantity=Decimal(line.quantity),
        unit=line.item.unit,
        sku=line.item.code,
        barcode=line.item.barcode,
        amount=line.amount,
        discounts=tuple(Discount(amount=each, funded_by=name) for name, each in funders.items() if each),
        vat_rate=line.item.vat_rate,
    )


def _shipping_lines(order: WorldOrder) -> Sequence[OrderLine]:
    if not order.shipping_fee:
        return ()
    fee = OrderLine(
        id=f"{order.id}-shipping",
        kind=LineKind.SHIPPING,
        name="Kargo",
        quantity=Decimal(1),
        amount=order.shipping_fee,
        vat_rate=SHIPPING_VAT,
    )
    return (fee,)


def sample_invoice(
    world: World,
    order: WorldOrder,
    profile: Profile,
    number: str,
    ettn: uuid.UUID,
    *,
    kind: InvoiceKind = InvoiceKind.SALE,
    issued: date | None = None,
) -> Invoice:
    """Return the invoice of an order.

    Args:
        world: where the seller comes from.
        order: what was sold; for an e-Fatura its buyer should be registered.
        profile: the scenario.
        number: sixteen characters whose year is the year of issue.
        ettn: the identity.
        kind: one of ``SAMPLE_KINDS``.
        issued: day of issue; the Istanbul day of the order when absent.
    """
    day = issued or dates.local_date(order.placed_at)
    corrected = DocumentRef(number=f"{number[:7]}{int(number[7:]) + 1:09d}", date=day)
    return Invoice(
        id=ettn,
        number=number,
        kind=kind,
        profile=profile,
        issue_date=day,
        issue_time=time(9, 30),
        seller=sample_party(world.seller),
        seller_alias="" if profile.is_archive else next(iter(world.seller.aliases), ""),
        buyer=sample_party(order.buyer),
        buyer_alias="" if profile.is_archive else next(iter(order.buyer.aliases), ""),
        delivery_address=sample_address(order.buyer),
        lines=tuple(_invoice_line(n, line) for n, line in enumerate(order.lines, start=1)),
        order_ref=DocumentRef(number=order.number, date=day),
        billing_refs=(corrected,) if kind is InvoiceKind.RETURN else (),
        internet_sale=_internet_sale(day) if profile.is_archive and kind is InvoiceKind.SALE else None,
        paid=True,
    )


def _invoice_line(n: int, line: WorldLine) -> InvoiceLine:
    rate, quantity = line.item.vat_rate, Decimal(line.quantity)
    net = without_vat(line.payable, rate)
    gross = max(without_vat(line.amount, rate), net)
    return InvoiceLine(
        id=str(n),
        order_line_id=str(line.id),
        item_code=line.item.code,
        name=line.item.name,
        barcode=line.item.barcode,
        quantity=quantity,
        unit=line.item.unit,
        unit_price=unit_price(gross, quantity),
        gross=gross,
        allowance=gross - net,
        taxes=(Tax(rate=rate, base=net, amount=line.payable - net),),
    )


def _internet_sale(day: date) -> InternetSale:
    return InternetSale(
        website="https://www.ornek.example",
        payment_method=PaymentMethod.CARD,
        payment_agent="Örnek Ödeme A.Ş.",
        payment_date=day,
        carrier_name="Örnek Kargo A.Ş.",
        carrier_tax_id="9900000011",
        shipped_on=day,
    )


def sample_number(series: str, day: date, n: int) -> str:
    """Return a document number of a series of three letters."""
    return f"{series}{day.year}{n:09d}"


def sample_document(invoice: Invoice) -> Rendered:
    """Return an invoice as a short UBL-TR document.

    It has the parts a channel looks at: identity, parties, totals, lines. It would not pass GİB's schema.
    """
    currency = invoice.currency
    content = f"""<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="{_UBL}:Invoice-2"
 xmlns:cac="{_UBL}:CommonAggregateComponents-2" xmlns:cbc="{_UBL}:CommonBasicComponents-2">
<cbc:UBLVersionID>2.1</cbc:UBLVersionID><cbc:CustomizationID>TR1.2</cbc:CustomizationID>
<cbc:ProfileID>{_PROFILE_IDS[invoice.profile]}</cbc:ProfileID><cbc:ID>{invoice.number}</cbc:ID>
<cbc:CopyIndicator>false</cbc:CopyIndicator><cbc:UUID>{invoice.id}</cbc:UUID>
<cbc:IssueDate>{invoice.issue_date}</cbc:IssueDate><cbc:IssueTime>{invoice.issue_time}</cbc:IssueTime>
<cbc:InvoiceTypeCode>{_TYPE_CODES[invoice.kind]}</cbc:InvoiceTypeCode>
<cbc:DocumentCurrencyCode>{currency}</cbc:DocumentCurrencyCode>
<cbc:LineCountNumeric>{len(invoice.lines)}</cbc:LineCountNumeric>
{_ubl_party("Supplier", invoice.seller)}
{_ubl_party("Customer", invoice.buyer)}
<cac:TaxTotal><cbc:TaxAmount currencyID="{currency}">{invoice.totals.tax}</cbc:TaxAmount></cac:TaxTotal>
<cac:LegalMonetaryTotal>
<cbc:LineExtensionAmount currencyID="{currency}">{invoice.totals.tax_exclusive}</cbc:LineExtensionAmount>
<cbc:TaxExclusiveAmount currencyID="{currency}">{invoice.totals.tax_exclusive}</cbc:TaxExclusiveAmount>
<cbc:TaxInclusiveAmount currencyID="{currency}">{invoice.totals.tax_inclusive}</cbc:TaxInclusiveAmount>
<cbc:PayableAmount currencyID="{currency}">{invoice.totals.payable}</cbc:PayableAmount>
</cac:LegalMonetaryTotal>
{"".join(_ubl_line(line, currency) for line in invoice.lines)}</Invoice>
"""
    return Rendered(content=content.encode(), filename=f"{invoice.number}.xml")


def _ubl_party(role: str, party: Party) -> str:
    assert party.tax_id is not None
    scheme = party.tax_id.scheme.value.upper()
    name = (
        f"<cac:PartyName><cbc:Name>{escape(party.name)}</cbc:Name></cac:PartyName>"
        if party.kind is PartyKind.COMPANY
        else f"<cac:Person><cbc:FirstName>{escape(party.first_name)}</cbc:FirstName>"
        f"<cbc:FamilyName>{escape(party.last_name)}</cbc:FamilyName></cac:Person>"
    )
    return (
        f"<cac:Accounting{role}Party><cac:Party><cac:PartyIdentification>"
        f'<cbc:ID schemeID="{scheme}">{party.tax_id.value}</cbc:ID></cac:PartyIdentification>'
        f"{name}</cac:Party></cac:Accounting{role}Party>"
    )


def _ubl_line(line: InvoiceLine, currency: str) -> str:
    return (
        f"<cac:InvoiceLine><cbc:ID>{line.id}</cbc:ID>"
        f'<cbc:InvoicedQuantity unitCode="{line.unit}">{line.quantity}</cbc:InvoicedQuantity>'
        f'<cbc:LineExtensionAmount currencyID="{currency}">{line.net}</cbc:LineExtensionAmount>'
        f"<cac:Item><cbc:Name>{escape(line.name)}</cbc:Name></cac:Item>"
        f'<cac:Price><cbc:PriceAmount currencyID="{currency}">{line.unit_price}</cbc:PriceAmount></cac:Price>'
        "</cac:InvoiceLine>\n"
    )


def stock_targets(items: Sequence[WorldItem], *, quantity: int, version: int = 1) -> tuple[StockTarget, ...]:
    """Return what a channel should show for some items; each item gets one piece more than the one before."""
    return tuple(
        StockTarget(sku=item.code, barcode=item.barcode, quantity=quantity + n, version=version)
        for n, item in enumerate(items)
    )


def price_targets(
    items: Sequence[WorldItem], *, raised: Decimal = ZERO, version: int = 1
) -> tuple[PriceTarget, ...]:
    """Return prices for some items: the world's, raised by an amount."""
    return tuple(
        PriceTarget(
            sku=item.code,
            barcode=item.barcode,
            price=item.price + raised,
            list_price=item.price + raised,
            version=version,
        )
        for item in items
    )
