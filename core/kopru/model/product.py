"""Products, stock and prices."""

from pydantic import Field

from kopru.model.base import Canonical, Currency, ExternalRef, Extras, Id, Line, Number, UtcDatetime
from kopru.model.money import ZERO
from kopru.model.order import LineKind


class Product(Canonical):
    """One sellable variant in a shop, or one item card in a ledger.

    ``code`` is the seller's own code (SKU, stock code). Prices are VAT included in shops; a ledger says
    so by ``tax_included``.
    """

    ref: ExternalRef
    revision: Id
    code: Line = ""
    name: Line
    kind: LineKind = LineKind.GOODS
    barcodes: tuple[Id, ...] = ()
    unit: str = Field(default="C62", pattern=r"^[A-Z0-9]{1,3}$")
    raw_unit: Line = ""
    brand: Line = ""
    group: Line = ""
    vat_rate: Number | None = Field(default=None, ge=0, le=100)
    price: Number | None = Field(default=None, ge=0)
    list_price: Number | None = Field(default=None, ge=0)
    currency: Currency = "TRY"
    tax_included: bool = True
    stock: Number | None = None
    active: bool = True
    modified_at: UtcDatetime | None = None
    extras: Extras = {}


class StockLevel(Canonical):
    """On-hand quantity of one item in one warehouse, as the ledger counts it."""

    item_code: Id
    warehouse: Id
    on_hand: Number
    reserved: Number = ZERO
    as_of: UtcDatetime


class StockTarget(Canonical):
    """The stock a channel should show for one product. ``version`` only rises; newest wins."""

    ref: ExternalRef | None = None
    sku: Line = ""
    barcode: Line = ""
    quantity: int = Field(ge=0)
    version: int = Field(ge=1)


class PriceTarget(Canonical):
    """The price a channel should show for one product, VAT included."""

    ref: ExternalRef | None = None
    sku: Line = ""
    barcode: Line = ""
    price: Number = Field(gt=0)
    list_price: Number | None = Field(default=None, gt=0)
    currency: Currency = "TRY"
    version: int = Field(ge=1)


class PartyCard(Canonical):
    """A business partner as a ledger holds it (cari hesap)."""

    ref: ExternalRef
    revision: Id
    code: Id
    name: Line
    tax_number: Line = ""
    tax_office: Line = ""
    email: Line = ""
    active: bool = True
    modified_at: UtcDatetime | None = None
    extras: Extras = {}
