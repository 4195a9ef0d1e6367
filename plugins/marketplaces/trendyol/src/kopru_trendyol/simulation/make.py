"""Packages, products and claims as Trendyol writes them, made from the shared world."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from kopru.model.money import ZERO, share
from kopru.testing.world import WorldBuyer, WorldItem, WorldLine, WorldOrder
from kopru.toolkit import dates
from kopru.toolkit.taxnumbers import UNKNOWN_CONSUMER_TCKN

Json = dict[str, Any]

CLOCK_AHEAD_MS = 3 * 3_600_000
"""``orderDate`` is a Turkish wall clock written as if it were UTC."""

NAMED_FROM = Decimal(5000)
"""Above this total Trendyol hands out the consumer's real TCKN."""

_OLD_PACKAGE = {
    "shipmentPackageId": "id",
    "packageGrossAmount": "grossAmount",
    "packageSellerDiscount": "totalDiscount",
    "packageTyDiscount": "totalTyDiscount",
    "packageTotalPrice": "totalPrice",
}
_OLD_LINE = {
    "lineId": "id",
    "stockCode": "merchantSku",
    "sellerId": "merchantId",
    "contentId": "productCode",
    "lineGrossAmount": "amount",
    "lineSellerDiscount": "discount",
    "lineTyDiscount": "tyDiscount",
    "lineUnitPrice": "price",
    "vatRate": "vatBaseAmount",
}
_OLD_UNIT = {"lineItemSellerDiscount": "lineItemDiscount"}
_NEW_ONLY = {"packageTotalDiscount", "lineTotalDiscount"}


def package(order: WorldOrder, *, status: str, seller_id: str) -> Json:
    """Return the package of an order."""
    buyer = order.buyer
    lines = [
        line_of(line, commercial=buyer.company, status=status, seller_id=seller_id) for line in order.lines
    ]
    placed, modified = _ms(order.placed_at), _ms(order.modified_at)
    named = order.total >= NAMED_FROM and not buyer.company
    return {
        "shipmentPackageId": order.id,
        "orderNumber": order.number,
        "orderDate": placed + CLOCK_AHEAD_MS,
        "originShipmentDate": placed,
        "lastModifiedDate": modified,
        "agreedDeliveryDate": placed + 2 * 86_400_000,
        "status": status,
        "shipmentPackageStatus": status,
        "packageHistories": [{"createdDate": placed, "status": "Created"}],
        "createdBy": "order-creation",
        "originPackageIds": None,
        "supplierId": int(seller_id),
        "channelId": 1,
        "orderCountryCode": "TR",
        "currencyCode": "TRY",
        **totals(lines),
        "discountDisplays": [],
        "commercial": buyer.company,
        "taxNumber": None,
        "identityNumber": buyer.tax_number if named else UNKNOWN_CONSUMER_TCKN,
        "customerId": order.id % 1_000_000,
        "customerFirstName": buyer.first_name,
        "customerLastName": buyer.last_name,
        "customerEmail": buyer.email,
        "invoiceAddress": _address(buyer, taxes=buyer.company),
        "shipmentAddress": _address(buyer, taxes=False),
        "cargoTrackingNumber": int(order.tracking_number or "0"),
        "cargoTrackingLink": "https://tracking.example.com/?id=" + order.number,
        "cargoSenderNumber": order.tracking_number[:12],
        "cargoProviderName": "Trendyol Express",
        "cargoDeci": 2,
        "deliveryType": "normal",
        "deliveryAddressType": "Shipment",
        "timeSlotId": 0,
        "warehouseId": 372389,
        "fastDelivery": False,
        "fastDeliveryType": "",
        "deliveredByService": False,
        "micro": False,
        "is4P": False,
        "3pByTrendyol": False,
        "isCod": False,
        "giftBoxRequested": False,
        "containsDangerousProduct": False,
        "invoiceLink": None,
        "invoiceNumber": None,
        "lines": lines,
    }


def line_of(line: WorldLine, *, commercial: bool, status: str, seller_id: str) -> Json:
    """Return a package's line; averages are rounded as Trendyol rounds them, ``discountDetails`` is exact.

    The part Trendyol bears is shown on company orders only; elsewhere it stands in the seller's discount.
    """
    hidden = ZERO if commercial else line.marketplace_discount
    shown = line.marketplace_discount if commercial else ZERO
    units = unit_details(line.item.price, line.quantity, line.seller_discount + hidden, shown)
    return {
        "lineId": line.id,
        "quantity": line.quantity,
        "barcode": line.item.barcode,
        "stockCode": line.item.code,
        "contentId": content_id(line.item),
        "productName": line.item.name,
        "productColor": "Mavi",
        "productSize": "Tek Ebat",
        "productOrigin": "TR",
        "sellerId": int(seller_id),
        "productCategoryId": 2710,
        "currencyCode": "TRY",
        "lineGrossAmount": line.item.price,
        **averages(line.item.price, units),
        "discountDetails": units,
        "vatRate": line.item.vat_rate,
        "commission": 13,
        "orderLineItemStatusName": status,
        "fastDeliveryOptions": [],
    }


def unit_details(price: Decimal, quantity: int, seller: Decimal, marketplace: Decimal) -> list[Json]:
    """Spread a line's discounts over its units so that they add up exactly."""
    even = [Decimal(1)] * quantity
    shares = zip(share(seller, even), share(marketplace, even), strict=True)
    return [
        {"lineItemPrice": price - ours - theirs, "lineItemSellerDiscount": ours, "lineItemTyDiscount": theirs}
        for ours, theirs in shares
    ]


def averages(price: Decimal, units: Sequence[Mapping[str, Decimal]]) -> Json:
    """Return the rounded averages of one unit."""
    count = len(units)
    seller = _mean(sum((unit["lineItemSellerDiscount"] for unit in units), ZERO), count)
    marketplace = _mean(sum((unit["lineItemTyDiscount"] for unit in units), ZERO), count)
    return {
        "lineSellerDiscount": seller,
        "lineTyDiscount": marketplace,
        "lineTotalDiscount": seller + marketplace,
        "lineUnitPrice": price - seller - marketplace,
    }


def totals(lines: Sequence[Json]) -> Json:
    """Return a package's amounts."""
    units = [unit for line in lines for unit in line["discountDetails"]]
    seller = sum((unit["lineItemSellerDiscount"] for unit in units), ZERO)
    marketplace = sum((unit["lineItemTyDiscount"] for unit in units), ZERO)
    net = sum((unit["lineItemPrice"] for unit in units), ZERO)
    return {
        "packageGrossAmount": net + seller + marketplace,
        "packageSellerDiscount": seller,
        "packageTyDiscount": marketplace,
        "packageTotalDiscount": seller + marketplace,
        "packageTotalPrice": net,
    }


def part_of(line: Json, quantity: int, *, skip: int = 0) -> Json:
    """Return a line with some of its units only."""
    units = line["discountDetails"][skip : skip + quantity]
    return {
        **line,
        "quantity": quantity,
        "discountDetails": units,
        **averages(line["lineGrossAmount"], units),
    }


def content(item: WorldItem, modified: int) -> Json:
    """Return an approved product with its one variant."""
    identity = content_id(item)
    return {
        "contentId": identity,
        "productMainId": item.code,
        "title": item.name,
        "brand": {"id": 1, "name": "Örnek Marka"},
        "category": {"id": 2710, "name": "Kırtasiye"},
        "variants": [
            {
                "variantId": identity * 10,
                "barcode": item.barcode,
                "stockCode": item.code,
                "commission": 13,
                "vatRate": item.vat_rate,
                "price": {
                    "salePrice": item.price,
                    "listPrice": item.price,
                    "priceSeenByCustomer": item.price,
                },
                "stock": {"quantity": item.stock},
                "sellerCreatedDate": modified,
                "sellerModifiedDate": modified,
                "archived": False,
                "locked": False,
                "blacklisted": False,
                "onSale": True,
            }
        ],
    }


def content_id(item: WorldItem) -> int:
    """Return the product number an item has at Trendyol."""
    return 44_000_000 + int(item.barcode[4:12])


def with_old_names(package: Json, *, keep_new: bool = False) -> Json:
    """Return a package under the field names used until April 2026, or under both at once."""
    lines = [
        {**_renamed(line, _OLD_LINE, keep_new), "discountDetails": _old_units(line, keep_new)}
        for line in package["lines"]
    ]
    return {**_renamed(package, _OLD_PACKAGE, keep_new), "lines": lines}


def _old_units(line: Json, keep_new: bool) -> list[Json]:
    return [_renamed(unit, _OLD_UNIT, keep_new) for unit in line["discountDetails"]]


def _renamed(data: Json, names: Mapping[str, str], keep_new: bool) -> Json:
    old = {names.get(name, name): value for name, value in data.items() if name not in _NEW_ONLY}
    return {**data, **old} if keep_new else old


def _address(buyer: WorldBuyer, *, taxes: bool) -> Json:
    full_name = f"{buyer.first_name} {buyer.last_name}"
    address = {
        "id": 71,
        "firstName": buyer.first_name,
        "lastName": buyer.last_name,
        "fullName": full_name,
        "company": buyer.name if taxes else "",
        "address1": buyer.street,
        "address2": "",
        "fullAddress": f"{buyer.street} {buyer.district} {buyer.city}",
        "city": buyer.city,
        "cityCode": buyer.plate,
        "district": buyer.district,
        "neighborhood": buyer.neighbourhood,
        "postalCode": buyer.postal_code,
        "countryCode": "TR",
        "phone": None,
    }
    if taxes:
        address |= {
            "taxNumber": buyer.tax_number,
            "taxOffice": buyer.tax_office,
            "eInvoiceAvailable": bool(buyer.aliases),
        }
    return address


def _mean(total: Decimal, count: int) -> Decimal:
    return (total / count).quantize(Decimal("0.01"))


def _ms(moment: datetime) -> int:
    return dates.epoch_ms(moment)
