"""From the made-up shop's JSON to canonical orders."""

from datetime import datetime
from decimal import Decimal

from kopru.model import Address, ExternalRef, Order, OrderLine, OrderStatus, Party, PartyKind
from kopru.toolkit import taxnumbers, validation


def order_record(item):
    """Map one record; whatever is wrong with it becomes findings of this record alone."""
    return validation.record(str(item.data["id"]), item.raw, lambda: _order(item.data), prefix="tezgah.order")


def _order(data):
    buyer = data["buyer"]
    at = datetime.fromisoformat(data["at"])
    return Order(
        ref=ExternalRef(kind="order", id=str(data["id"])),
        number=data["number"],
        revision=data["at"],
        status=OrderStatus.NEW,
        raw_status="paid",
        placed_at=at,
        modified_at=at,
        currency="TRY",
        buyer=Party(
            kind=PartyKind.COMPANY,
            name=buyer["name"],
            tax_id=taxnumbers.tax_id(buyer["tax_number"]),
            tax_office=buyer["tax_office"],
            email=buyer["email"],
            address=Address(street=buyer["street"], district=buyer["district"], city=buyer["city"]),
        ),
        lines=tuple(_line(line) for line in data["lines"]),
        total=Decimal(data["total"]),
        invoice_url=(data["invoice"] or {}).get("url", ""),
    )


def _line(data):
    return OrderLine(
        id=data["sku"],
        name=data["name"],
        sku=data["sku"],
        barcode=data["barcode"],
        quantity=Decimal(data["quantity"]),
        amount=Decimal(data["amount"]),
        vat_rate=Decimal(data["vat_rate"]),
    )
