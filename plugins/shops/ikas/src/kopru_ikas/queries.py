"""The documents sent to ikas. Versions 1 and 2 read alike and write by other names.

Fields are those of the vendor's published schema of version 1 that clients use with version 2 as well.
``OPTIONAL_FIELDS`` may be left out by a setting, should a shop's schema not know them: a document with an
unknown field is refused as a whole, and every refusal counts towards a ban.
"""

OPTIONAL_FIELDS = frozenset(
    {
        *("cancelReason", "couponCode", "currencyRates", "discount", "giftCardLines"),
        *("giftPackageLines", "giftPackageNote", "invoices", "isGiftPackage", "netTotalFinalPrice"),
        *("options", "orderAdjustments", "originalOrderLineItemId", "paymentGatewayName", "postalCode"),
        *("salesChannel", "shippingMethod", "sourceId", "state", "stockLocationId", "taxLines"),
    }
)

_ADDRESS = """
firstName lastName company identityNumber taxNumber taxOffice addressLine1 addressLine2 postalCode phone
city { id code name } district { id code name } state { id code name } country { id code iso2 iso3 name }
"""

_PACKAGES = """
orderPackages { id orderPackageNumber orderPackageFulfillStatus orderLineItemIds stockLocationId
  trackingInfo { barcode cargoCompany trackingLink trackingNumber } }
invoices { id appId invoiceNumber type createdAt }
"""

ORDER = f"""
id orderNumber status orderPaymentStatus orderPackageStatus orderedAt createdAt updatedAt cancelledAt
cancelReason currencyCode currencyRates {{ code originalRate rate }} totalPrice totalFinalPrice
netTotalFinalPrice couponCode note shippingMethod deleted
customer {{ id email firstName lastName phone isGuestCheckout }}
billingAddress {{ {_ADDRESS} }}
shippingAddress {{ {_ADDRESS} }}
orderLineItems {{ id quantity price discountPrice finalPrice taxValue currencyCode status deleted
  stockLocationId originalOrderLineItemId discount {{ amount amountType reason }}
  options {{ name values {{ name value price }} }}
  variant {{ id productId name sku barcodeList
    variantValues {{ order variantTypeName variantValueName }} }} }}
orderAdjustments {{ name order type amount amountType campaignId couponId
  appliedOrderLines {{ orderLineId amount appliedQuantity }} }}
shippingLines {{ title price finalPrice taxValue isRefunded }}
isGiftPackage giftPackageNote giftPackageLines {{ price taxValue }}
giftCardLines {{ amount code }} taxLines {{ rate price }}
paymentMethods {{ type price paymentGatewayName }}
{_PACKAGES}
salesChannel {{ id name type }} sourceId
"""

ORDER_ROW = """
id orderNumber status orderPaymentStatus currencyCode totalFinalPrice netTotalFinalPrice updatedAt deleted
customer { id } salesChannel { id name type } sourceId
"""
"""What the second listing reads of an order."""

ORDER_STATE = f"""
id orderNumber status orderPackageStatus updatedAt billingAddress {{ company taxNumber }}
orderLineItems {{ id quantity price discountPrice finalPrice status deleted }}
{_PACKAGES}
"""
"""What writing to an order has to know of it."""

_LIST_ORDER = """
query Orders($id: StringFilterInput, $updatedAt: DateFilterInput, $pagination: PaginationInput,
    $sort: String) {
  listOrder(id: $id, updatedAt: $updatedAt, pagination: $pagination, sort: $sort) {
    count hasNext limit page data { %s }
  }
}
"""

PRODUCTS = """
query Products($sku: StringFilterInput, $barcodeList: StringFilterInput, $pagination: PaginationInput,
    $sort: String) {
  listProduct(sku: $sku, barcodeList: $barcodeList, pagination: $pagination, sort: $sort) {
    count hasNext limit page data { id name type updatedAt deleted brand { id name } categories { id name }
      variants { id sku barcodeList isActive deleted
        prices { sellPrice discountPrice currency priceListId } stocks { stockLocationId stockCount } } }
  }
}
"""

STOCK_LOCATIONS = "query StockLocations { listStockLocation { id name type } }"
CARRIERS = "query Carriers { listCargoCompany { id name } }"
MERCHANT = "query Merchant { getMerchant { id storeName merchantName } }"
AUTHORIZED_APP = "query App { getAuthorizedApp { id salesChannelId } }"
TAX_SETTINGS = """
query Taxes { listGlobalTaxSettings { isTaxExcludedOnPrices isTaxExcludedOnShippingPrices storefrontId } }
"""

FULFILL = "mutation Fulfill($input: FulFillOrderInput!) { fulfillOrder(input: $input) { id } }"
PACKAGE_STATUS = """
mutation PackageStatus($input: UpdateOrderPackageStatusInput!) {
  updateOrderPackageStatus(input: $input) { id }
}
"""
CANCEL = "mutation Cancel($input: CancelOrderLineInput!) { cancelOrderLine(input: $input) { id } }"
ADD_INVOICE = "mutation Invoice($input: AddOrderInvoiceInput!) { addOrderInvoice(input: $input) { id } }"

_STOCK_V1 = "mutation Stock($input: SaveStockLocationsInput!) { saveProductStockLocations(input: $input) }"
_PRICES_V1 = "mutation Prices($input: SaveVariantPricesInput!) { saveVariantPrices(input: $input) }"
_STOCK_V2 = "mutation Stock($input: SaveVariantStocksInput!) { saveVariantStocks(input: $input) { %s } }"
_PRICES_V2 = (
    "mutation Prices($input: UpdateVariantPricesInput!) { updateVariantPrices(input: $input) { %s } }"
)
_ANSWERS = {
    "errors": "errors { errorCode inputArrayIndex }",
    "error_inputs": "isSuccess errorInputs { productId variantId }",
}


def list_order(selection: str) -> str:
    """Return the query that lists orders with some fields of each."""
    return _LIST_ORDER % selection


def save_stock(version: str, answer: str) -> tuple[str, str, str]:
    """Return the mutation that sets stock, its name, and the name of the rows in its input."""
    if version == "v1":
        return _STOCK_V1, "saveProductStockLocations", "productStockLocationInputs"
    return _STOCK_V2 % _ANSWERS[answer], "saveVariantStocks", "stockInputs"


def save_prices(version: str, answer: str) -> tuple[str, str, str]:
    """Return the mutation that sets prices, its name, and the name of the rows in its input."""
    if version == "v1":
        return _PRICES_V1, "saveVariantPrices", "variantPriceInputs"
    return _PRICES_V2 % _ANSWERS[answer], "updateVariantPrices", "variantPriceInputs"
