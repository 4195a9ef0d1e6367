"""Orders, packages, claims and listings as Hepsiburada writes them, made from the shared world."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from kopru.testing.world import WorldBuyer, WorldItem, WorldLine, WorldOrder
from kopru.toolkit import dates

Json = dict[str, Any]

MERCHANT = "11111111-2222-4333-8444-555555555555"
CARRIER = "HepsiJet"
_CENT = Decimal("0.01")
_NAMES = uuid.UUID("6f1f6f0c-7a3e-5b0e-9d5c-3a1f0a7c0001")


def local(seconds: float) -> str:
    """Return a moment as the order server writes it: Turkish local time without an offset."""
    moment = datetime.fromtimestamp(seconds, dates.ISTANBUL)
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def seconds(written: str) -> float:
    """Return the moment that ``local`` wrote, in seconds since the epoch."""
    return datetime.fromisoformat(written).replace(tzinfo=dates.ISTANBUL).timestamp()


def guid(*parts: object) -> str:
    """Return a GUID that is the same for the same parts."""
    return str(uuid.uuid5(_NAMES, ":".join(map(str, parts))))


def line(order: WorldOrder, sold: WorldLine) -> Json:
    """Return an open line of an order, with the keys of the list of open lines."""
    payable = sold.payable
    rate = sold.item.vat_rate
    return {
        "id": guid("line", sold.id),
        "orderId": guid("order", order.id),
        "orderNumber": order.number,
        "orderDate": local(order.placed_at.timestamp()),
        "dueDate": local(order.placed_at.timestamp() + 2 * 86_400),
        "lastStatusUpdateDate": local(order.modified_at.timestamp()),
        "status": "Open",
        "creationReason": "OrderCreated",
        "merchantId": MERCHANT,
        "listingId": guid("listing", sold.item.code),
        "sku": hepsiburada_sku(sold.item),
        "merchantSKU": sold.item.code,
        "productBarcode": sold.item.barcode,
        "name": sold.item.name,
        "quantity": sold.quantity,
        "unitPrice": money((payable / sold.quantity).quantize(_CENT)),
        "totalPrice": money(payable),
        "purchasePrice": money(Decimal(0)),
        "hbDiscount": _discount(sold.marketplace_discount, sold.quantity),
        "merchantDiscount": _discount(sold.seller_discount, sold.quantity),
        "discountToBeBilledToHB": money(sold.marketplace_discount),
        "discountInfo": [],
        "vat": (payable * rate / (100 + rate)).quantize(_CENT),
        "vatRate": rate,
        "commission": money((payable * 13 / 100).quantize(_CENT)),
        "commissionRate": Decimal("13.0"),
        "commissionType": "ornek",
        "paymentTermInDays": 28,
        "customerId": guid("customer", order.buyer.email),
        "customerName": f"{order.buyer.first_name} {order.buyer.last_name}",
        "shippingAddress": _address(order.buyer, f"{order.buyer.first_name} {order.buyer.last_name}"),
        "invoice": _invoice(order.buyer),
        "cargoCompany": CARRIER,
        "cargoCompanyModel": {
            "id": 1,
            "name": CARRIER,
            "shortName": "HX",
            "logoUrl": "",
            "trackingUrl": None,
        },
        "sapNumber": "",
        "dispatchTime": 1,
        "deliveryType": "StandardDelivery",
        "deliveryOptionId": 1,
        "slot": None,
        "pickUpTime": None,
        "isCancellable": True,
        "canCreatePackage": True,
        "isMicroExport": False,
        "warehouse": {"shippingAddressLabel": "Ana Depo"},
        "properties": [],
        "packageNumber": None,
        "barcode": None,
        "hasInvoice": False,
    }


def package_row(package: Json, lines: list[Json]) -> Json:
    """Return a row of the package list; its items have other names for the same things."""
    first = lines[0]
    return {
        "id": guid("package", package["packageNumber"]),
        "status": package["status"],
        "packageNumber": package["packageNumber"],
        "barcode": package["barcode"],
        "customerId": first["customerId"],
        "customerName": first["customerName"],
        "orderDate": first["orderDate"],
        "dueDate": first["dueDate"],
        "cargoCompany": package["cargoCompany"],
        "companyName": first["invoice"]["address"]["name"],
        "totalPrice": money(sum((each["totalPrice"]["amount"] for each in lines), Decimal(0))),
        "items": [_package_item(each) for each in lines],
    }


def thin_row(package: Json, lines: list[Json], dated: str) -> Json:
    """Return a row of a list by status: few fields, each beginning with a capital."""
    row = {
        "Id": guid("package", package["packageNumber"]),
        "PackageNumber": package["packageNumber"],
        "Barcode": package["barcode"],
        "OrderNumber": lines[0]["orderNumber"],
        "OrderNumbers": sorted({each["orderNumber"] for each in lines}),
    }
    return row | ({dated: package["at"]} if dated else {})


def cancelled_row(cancelled: Json, *, dated: bool) -> Json:
    """Return a row of the list of cancelled lines."""
    row = {
        "LineItemId": cancelled["id"],
        "OrderNumber": cancelled["orderNumber"],
        "Quantity": cancelled["quantity"],
    }
    return row | ({"CancelDate": cancelled["lastStatusUpdateDate"]} if dated else {})


def claim(order: WorldOrder, number: int, quantity: int, status: str, now: float, *, with_line: bool) -> Json:
    """Return a claim about the first line of an order, in the mixed spelling it is seen in."""
    sold = order.lines[0]
    row = {
        "id": guid("claim", number),
        "number": f"C{number}",
        "orderNumber": order.number,
        "orderDate": local(order.placed_at.timestamp()),
        "status": status,
        "claimType": "Return",
        "claimDate": local(now),
        "quantity": quantity,
        "sku": hepsiburada_sku(sold.item),
        "MerchantSku": sold.item.code,
        "priceAmount": sold.item.price,
        "customerName": order.buyer.first_name,
        "explanation": "Beden olmadı",
        "finalizedWith": None,
        "Reason": "Vazgeçtim",
        "Deliveries": [
            {"TrackingNumber": f"77{number}", "CargoCompany": CARRIER, "Direction": "CustomerToMerchant"}
        ],
    }
    return row | ({"lineItemId": guid("line", sold.id)} if with_line else {})


def listing(item: WorldItem, now: float) -> Json:
    """Return a listing."""
    return {
        "listingId": guid("listing", item.code),
        "hepsiburadaSku": hepsiburada_sku(item),
        "merchantSku": item.code,
        "price": item.price,
        "availableStock": item.stock,
        "dispatchTime": 1,
        "isSalable": True,
        "isSuspended": False,
        "isLocked": False,
        "isFrozen": False,
        "isFulfilledByHB": False,
        "priceIncreaseDisabled": False,
        "priceDecreaseDisabled": False,
        "stockDecreaseDisabled": False,
        "hasVariant": False,
        "lastUpdateDate": local(now),
    }


def hepsiburada_sku(item: WorldItem) -> str:
    """Return Hepsiburada's own article number of an item."""
    return f"HBCV{item.barcode[-8:]}"


def money(amount: Decimal) -> Json:
    """Return an amount as the order server writes it."""
    return {"amount": amount, "currency": "TRY"}


def _discount(amount: Decimal, quantity: int) -> Json:
    return {"totalPrice": money(amount), "unitPrice": money((amount / quantity).quantize(_CENT))}


def _address(buyer: WorldBuyer, name: str) -> Json:
    return {
        "addressId": guid("address", buyer.email),
        "address": buyer.street,
        "name": name,
        "email": buyer.email,
        "countryCode": "TR",
        "phoneNumber": "5550000000",
        "alternatePhoneNumber": "",
        "district": buyer.neighbourhood,
        "town": buyer.district,
        "city": buyer.city,
        "postalCode": buyer.postal_code,
    }


def _invoice(buyer: WorldBuyer) -> Json:
    name = buyer.name or f"{buyer.first_name} {buyer.last_name}"
    return {
        "turkishIdentityNumber": "" if buyer.company else buyer.tax_number,
        "taxNumber": buyer.tax_number if buyer.company else "",
        "taxOffice": buyer.tax_office or None,
        "address": _address(buyer, name),
    }


def _package_item(each: Json) -> Json:
    return {
        "lineItemId": each["id"],
        "listingId": each["listingId"],
        "merchantId": each["merchantId"],
        "hbSku": each["sku"],
        "merchantSku": each["merchantSKU"],
        "productName": each["name"],
        "orderNumber": each["orderNumber"],
        "quantity": each["quantity"],
        "price": each["unitPrice"],
        "totalPrice": each["totalPrice"],
        "vat": each["vat"],
        "vatRate": each["vatRate"],
    }
