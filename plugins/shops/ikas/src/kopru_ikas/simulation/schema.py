"""The parts of ikas's two schemas that the documentation and its published client name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Root:
    """A query or mutation: what it answers, its arguments, and the permission it needs."""

    type: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    scope: str = ""


def _fields(text: str) -> dict[str, str]:
    """Read ``name`` and ``name:Type``; a name alone is a scalar."""
    pairs = (each.partition(":") for each in text.split())
    return {name: kind or "Scalar" for name, _, kind in pairs}


def _list_of(kind: str) -> dict[str, str]:
    return _fields(f"count hasNext limit page data:{kind}")


TYPES: dict[str, dict[str, str]] = {
    "OrderPage": _list_of("Order"),
    "ProductPage": _list_of("Product"),
    "Order": _fields(
        "id orderNumber orderSequence status orderPaymentStatus orderPackageStatus orderedAt createdAt "
        "updatedAt cancelledAt cancelReason dueDate currencyCode currencySymbol currencyRates:CurrencyRate "
        "totalPrice totalFinalPrice netTotalFinalPrice couponCode note customer:Customer customerId "
        "billingAddress:Address shippingAddress:Address orderLineItems:Line shippingLines:ShippingLine "
        "giftPackageLines:GiftPackageLine isGiftPackage giftPackageNote giftCardLines:GiftCardLine "
        "orderAdjustments:Adjustment taxLines:TaxLine paymentMethods:PaymentMethod orderPackages:Package "
        "invoices:OrderInvoice salesChannel:SalesChannel salesChannelId stockLocationId sourceId "
        "shippingMethod deleted archived edited itemCount"
    ),
    "CurrencyRate": _fields("code originalRate rate"),
    "Customer": _fields("id email firstName lastName fullName phone isGuestCheckout preferredLanguage"),
    "Address": _fields(
        "firstName lastName company identityNumber taxNumber taxOffice addressLine1 addressLine2 postalCode "
        "phone isDefault city:Place district:Place state:Place region country:Country"
    ),
    "Place": _fields("id code name"),
    "Country": _fields("id code iso2 iso3 name"),
    "Line": _fields(
        "id quantity price discountPrice finalPrice unitPrice finalUnitPrice taxValue currencyCode "
        "discount:LineDiscount status statusUpdatedAt stockLocationId originalOrderLineItemId sourceId "
        "deleted edited options:LineOption variant:LineVariant"
    ),
    "LineDiscount": _fields("amount amountType reason maxApplicableQuantity"),
    "LineOption": _fields("name type values:OptionValue"),
    "OptionValue": _fields("name value price"),
    "LineVariant": _fields("id productId name sku barcodeList hsCode brand:Named variantValues:VariantValue"),
    "VariantValue": _fields("order variantTypeId variantTypeName variantValueId variantValueName"),
    "ShippingLine": _fields("title price finalPrice taxValue isRefunded cargoCompanyId paymentMethod"),
    "GiftPackageLine": _fields("price taxValue isRefunded"),
    "GiftCardLine": _fields("id amount code giftCardId type"),
    "Adjustment": _fields(
        "name order type amount amountType campaignId campaignType couponId transactionId "
        "appliedOrderLines:AppliedLine"
    ),
    "AppliedLine": _fields("orderLineId amount appliedQuantity isAutoCreated"),
    "TaxLine": _fields("rate price"),
    "PaymentMethod": _fields("type price paymentGatewayId paymentGatewayCode paymentGatewayName"),
    "Package": _fields(
        "id orderPackageNumber orderPackageFulfillStatus orderLineItemIds stockLocationId "
        "trackingInfo:Tracking errorMessage note"
    ),
    "Tracking": _fields("barcode cargoCompany cargoCompanyId isSendNotification trackingLink trackingNumber"),
    "OrderInvoice": _fields("id appId appName storeAppId invoiceNumber type createdAt hasPdf invoiceData"),
    "SalesChannel": _fields("id name type"),
    "Product": _fields(
        "id name type brand:Named categories:Named totalStock updatedAt createdAt deleted variants:Variant"
    ),
    "Named": _fields("id name"),
    "Variant": _fields(
        "id sku barcodeList isActive deleted sellIfOutOfStock weight hsCode prices:Price stocks:Stock"
    ),
    "Price": _fields("sellPrice discountPrice buyPrice currency currencyCode priceListId"),
    "Stock": _fields("productId variantId stockLocationId stockCount"),
    "StockLocation": _fields("id name type"),
    "CargoCompany": _fields("id name"),
    "Merchant": _fields("id email storeName merchantName"),
    "AuthorizedApp": _fields("id salesChannelId"),
    "TaxSettings": _fields("id isTaxExcludedOnPrices isTaxExcludedOnShippingPrices storefrontId"),
    "StockErrors": _fields("errors:RowError"),
    "StockErrorInputs": _fields("isSuccess errorInputs:RowName"),
    "RowError": _fields("errorCode inputArrayIndex inputData:RowName"),
    "RowName": _fields("productId variantId"),
}

ENUMS: dict[str, frozenset[str]] = {
    "OrderPackageFulfillStatusEnum": frozenset(
        {
            *("UNFULFILLED", "PLANNED", "READY_FOR_SHIPMENT", "READY_FOR_PICK_UP", "FULFILLED", "DELIVERED"),
            *("UNABLE_TO_DELIVER", "CANCELLED", "REFUNDED", "ERROR"),
        }
    ),
    "InvoiceTypeEnum": frozenset({"INDIVIDUAL", "COMPANY", "OTHER"}),
}

INPUTS: dict[str, dict[str, str]] = {
    "PaginationInput": {"page": "Int", "limit": "Int"},
    "StringFilterInput": {"eq": "String", "in": "[String!]", "ne": "String", "nin": "[String!]"},
    "DateFilterInput": {
        **dict.fromkeys(("eq", "gt", "gte", "lt", "lte", "ne"), "Timestamp"),
        **dict.fromkeys(("in", "nin"), "[Timestamp!]"),
    },
    "FulFillOrderInput": {
        "orderId": "String!",
        "lines": "[FulfillOrderLineInput!]!",
        "markAsReadyForShipment": "Boolean",
        "sendNotificationToCustomer": "Boolean",
        "sourcePackageId": "String",
        "trackingInfoDetail": "TrackingInfoDetailInput",
    },
    "FulfillOrderLineInput": {"orderLineItemId": "String!", "quantity": "Float!"},
    "TrackingInfoDetailInput": {
        **dict.fromkeys(("barcode", "cargoCompany", "cargoCompanyId"), "String"),
        "isSendNotification": "Boolean",
        **dict.fromkeys(("shippingLabelImageBase64", "trackingLink", "trackingNumber"), "String"),
    },
    "UpdateOrderPackageStatusInput": {
        "orderId": "String!",
        "packages": "[PackageStatusInput!]!",
        "sourceId": "String",
    },
    "PackageStatusInput": {
        "packageId": "String!",
        "status": "OrderPackageFulfillStatusEnum!",
        "errorMessage": "String",
        "sourceId": "String",
        "trackingInfo": "TrackingInfoDetailInput",
    },
    "CancelOrderLineInput": {"orderId": "String!", "orderLineItems": "[CancelOrderLineItemInput!]!"},
    "CancelOrderLineItemInput": {
        "orderLineItemId": "String!",
        "price": "Float!",
        "quantity": "Float!",
        "restockItems": "Boolean",
    },
    "AddOrderInvoiceInput": {
        "orderId": "String!",
        "invoiceNumber": "String!",
        "type": "InvoiceTypeEnum!",
        "appId": "String",
        "sendNotificationToCustomer": "Boolean!",
        "base64": "String",
        "invoiceData": "JSON",
        "createdAt": "Timestamp",
    },
    "SaveStockLocationsInput": {"productStockLocationInputs": "[StockRowInput!]"},
    "SaveVariantStocksInput": {"stockInputs": "[StockRowInput!]"},
    "StockRowInput": {
        **dict.fromkeys(("productId", "variantId", "stockLocationId"), "String!"),
        "stockCount": "Float!",
        "deleted": "Boolean",
    },
    "SaveVariantPricesInput": {"priceListId": "String", "variantPriceInputs": "[VariantPriceInput!]!"},
    "UpdateVariantPricesInput": {"priceListId": "String", "variantPriceInputs": "[VariantPriceInput!]!"},
    "VariantPriceInput": {
        "productId": "String!",
        "variantId": "String!",
        "price": "ProductPriceInput!",
        "deleted": "Boolean",
    },
    "ProductPriceInput": {
        "sellPrice": "Float!",
        **dict.fromkeys(("discountPrice", "buyPrice"), "Float"),
        **dict.fromkeys(("currency", "priceListId"), "String"),
    },
}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


SCALARS: dict[str, Callable[[Any], bool]] = {
    "String": lambda value: isinstance(value, str),
    "Float": _is_number,
    "Int": lambda value: type(value) is int,
    "Timestamp": lambda value: type(value) is int,
    "Boolean": lambda value: isinstance(value, bool),
    "JSON": lambda value: True,
}

_QUERIES = {
    "listOrder": Root(
        "OrderPage",
        {
            **dict.fromkeys(("id", "orderNumber", "customerId", "customerEmail"), "StringFilterInput"),
            **dict.fromkeys(("updatedAt", "orderedAt"), "DateFilterInput"),
            "pagination": "PaginationInput",
            "sort": "String",
        },
        "read_orders",
    ),
    "listProduct": Root(
        "ProductPage",
        {
            **dict.fromkeys(("id", "name", "sku", "barcodeList"), "StringFilterInput"),
            "pagination": "PaginationInput",
            "sort": "String",
        },
        "read_products",
    ),
    "listStockLocation": Root("StockLocation", {}, "read_inventories"),
    "listCargoCompany": Root("CargoCompany"),
    "listGlobalTaxSettings": Root("TaxSettings"),
    "getMerchant": Root("Merchant"),
    "getAuthorizedApp": Root("AuthorizedApp"),
}
_MUTATIONS = {
    "fulfillOrder": Root("Order", {"input": "FulFillOrderInput!"}, "write_orders"),
    "updateOrderPackageStatus": Root("Order", {"input": "UpdateOrderPackageStatusInput!"}, "write_orders"),
    "cancelOrderLine": Root("Order", {"input": "CancelOrderLineInput!"}, "write_orders"),
    "addOrderInvoice": Root("Order", {"input": "AddOrderInvoiceInput!"}, "write_orders"),
}
_V1 = {
    "saveProductStockLocations": Root("Scalar", {"input": "SaveStockLocationsInput!"}, "write_inventories"),
    "saveVariantPrices": Root("Scalar", {"input": "SaveVariantPricesInput!"}, "write_products"),
}


def _v2(answer: str) -> dict[str, Root]:
    return {
        "saveVariantStocks": Root(answer, {"input": "SaveVariantStocksInput!"}, "write_inventories"),
        "updateVariantPrices": Root(answer, {"input": "UpdateVariantPricesInput!"}, "write_products"),
    }


ROOTS: dict[str, dict[str, dict[str, Root]]] = {
    "v1": {"query": _QUERIES, "mutation": {**_MUTATIONS, **_V1}},
    "v2": {"query": _QUERIES, "mutation": {**_MUTATIONS, **_v2("StockErrors")}},
    "v2-error-inputs": {"query": _QUERIES, "mutation": {**_MUTATIONS, **_v2("StockErrorInputs")}},
}
"""Version 2 is documented with two answers to stock and price writes, so that it stands here twice."""
