"""The world's orders and items in ikas's shape."""

from typing import Any

from kopru.model.money import ZERO
from kopru.testing.world import WorldBuyer, WorldItem, WorldLine, WorldOrder

Json = dict[str, Any]

LOCATION = "depo-1"
CHANNEL = {"id": "kanal-1", "name": "Mağaza", "type": 1}


def order(source: WorldOrder) -> Json:
    """Return an order as the shop's web front makes it: paid by card, nothing packed yet."""
    placed, changed = (int(moment.timestamp() * 1000) for moment in (source.placed_at, source.modified_at))
    address = _address(source.buyer)
    fee = source.shipping_fee
    return {
        "id": str(source.id),
        "orderNumber": source.number,
        "orderSequence": source.id % 1_000_000,
        "status": "CREATED",
        "orderPaymentStatus": "PAID",
        "orderPackageStatus": "UNFULFILLED",
        "orderedAt": placed,
        "createdAt": placed,
        "updatedAt": changed,
        "currencyCode": "TRY",
        "currencyRates": [],
        "totalPrice": sum((line.payable for line in source.lines), ZERO),
        "totalFinalPrice": source.total,
        "shippingMethod": "SHIPMENT",
        "deleted": False,
        "archived": False,
        "customer": {
            "id": f"m-{source.buyer.tax_number}",
            "email": source.buyer.email,
            "firstName": source.buyer.first_name,
            "lastName": source.buyer.last_name,
            "isGuestCheckout": False,
        },
        "billingAddress": address,
        "shippingAddress": {**address, "company": None, "taxNumber": None, "taxOffice": None},
        "orderLineItems": [_line(line) for line in source.lines],
        "orderAdjustments": _adjustments(source),
        "shippingLines": [
            {"title": "Standart Kargo", "price": fee, "finalPrice": fee, "taxValue": 20, "isRefunded": False}
        ],
        "isGiftPackage": False,
        "giftPackageLines": [],
        "giftCardLines": [],
        "taxLines": [],
        "paymentMethods": [
            {"type": "CREDIT_CARD", "price": source.total, "paymentGatewayName": "Örnek Ödeme"}
        ],
        "orderPackages": [],
        "invoices": [],
        "salesChannel": CHANNEL,
    }


def product(item: WorldItem, made_at: int) -> Json:
    """Return an item as a product with one variant."""
    return {
        "id": f"p-{item.code}",
        "name": item.name,
        "type": "PHYSICAL",
        "createdAt": made_at,
        "updatedAt": made_at,
        "deleted": False,
        "brand": {"id": "marka-1", "name": "Örnek"},
        "categories": [{"id": "kategori-1", "name": "Genel"}],
        "variants": [
            {
                "id": f"v-{item.code}",
                "sku": item.code,
                "barcodeList": [item.barcode],
                "isActive": True,
                "deleted": False,
                "prices": [{"sellPrice": item.price, "currency": "TRY"}],
                "stocks": [{"stockLocationId": LOCATION, "stockCount": item.stock}],
            }
        ],
    }


def split(row: Json, identity: str, quantity: int, status: str) -> tuple[Json, Json]:
    """Return a line less some of its units, and these units as a line that names where they came from."""
    rest = {**row, "quantity": row["quantity"] - quantity}
    original = row.get("originalOrderLineItemId") or row["id"]
    part = {**row, "id": identity, "quantity": quantity, "status": status}
    return rest, {**part, "originalOrderLineItemId": original}


def _line(line: WorldLine) -> Json:
    item = line.item
    return {
        "id": str(line.id),
        "quantity": line.quantity,
        "price": item.price,
        "finalPrice": line.payable / line.quantity,
        "taxValue": item.vat_rate,
        "currencyCode": "TRY",
        "status": "UNFULFILLED",
        "deleted": False,
        "stockLocationId": LOCATION,
        "originalOrderLineItemId": str(line.id),
        "options": [],
        "variant": {
            "id": f"v-{item.code}",
            "productId": f"p-{item.code}",
            "name": item.name,
            "sku": item.code,
            "barcodeList": [item.barcode],
            "variantValues": [],
        },
    }


def _adjustments(source: WorldOrder) -> list[Json]:
    parts = [(line, line.amount - line.payable) for line in source.lines if line.amount > line.payable]
    if not parts:
        return []
    applied = [
        {"orderLineId": str(line.id), "amount": amount, "appliedQuantity": line.quantity}
        for line, amount in parts
    ]
    total = sum((amount for _, amount in parts), ZERO)
    return [
        {
            "name": "KAMPANYA",
            "order": 1,
            "type": "DECREMENT",
            "amount": total,
            "amountType": "AMOUNT",
            "appliedOrderLines": applied,
        }
    ]


def _address(buyer: WorldBuyer) -> Json:
    return {
        "firstName": buyer.first_name,
        "lastName": buyer.last_name,
        "company": buyer.name or None,
        "identityNumber": None if buyer.company else buyer.tax_number,
        "taxNumber": buyer.tax_number if buyer.company else None,
        "taxOffice": buyer.tax_office or None,
        "addressLine1": buyer.street,
        "addressLine2": buyer.neighbourhood,
        "postalCode": buyer.postal_code,
        "phone": "+905550000000",
        "isDefault": False,
        "city": {"id": f"il-{buyer.plate}", "name": buyer.city},
        "district": {"id": "ilce-1", "name": buyer.district},
        "state": {"id": "s-1", "name": "Default"},
        "country": {"id": "tr", "code": "TUR", "iso2": "TR", "iso3": "TUR", "name": "Turkey"},
    }
