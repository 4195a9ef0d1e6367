"""Invoice lines as UBL elements."""

from decimal import Decimal

from kopru.model import InvoiceLine
from kopru.model.money import cents
from kopru_ubltr.nodes import Part, cac, cbc
from kopru_ubltr.text import plain
from kopru_ubltr.totals import money, tax_total

_FACTOR = Decimal("0.0001")
_DISCOUNT = "İskonto"


def line(value: InvoiceLine, position: int, currency: str) -> Part:
    """Return one line; ``position`` counts from one and is the line's id, as viewers show it."""
    return cac(
        "InvoiceLine",
        cbc("ID", str(position)),
        cbc("Note", value.note),
        cbc("InvoicedQuantity", plain(value.quantity), unitCode=value.unit),
        money("LineExtensionAmount", value.net, currency),
        cac("OrderLineReference", cbc("LineID", value.order_line_id)),
        _allowance(value, currency),
        tax_total(value.taxes, currency),
        _item(value),
        cac("Price", cbc("PriceAmount", plain(value.unit_price, decimals=2), currencyID=currency)),
    )


def _allowance(value: InvoiceLine, currency: str) -> Part:
    if not value.allowance:
        return None
    return cac(
        "AllowanceCharge",
        cbc("ChargeIndicator", "false"),
        cbc("AllowanceChargeReason", _DISCOUNT),
        cbc("MultiplierFactorNumeric", _factor(value)),
        money("Amount", value.allowance, currency),
        money("BaseAmount", value.gross, currency),
    )


def _factor(value: InvoiceLine) -> str:
    """Return the discount as a fraction of the base, empty when no short fraction gives the exact amount."""
    factor = (value.allowance / value.gross).quantize(_FACTOR)
    return plain(factor, decimals=2) if cents(value.gross * factor) == value.allowance else ""


def _item(value: InvoiceLine) -> Part:
    """Return the item; a buyer that asked for its own name reads that one, and ours by our code."""
    return cac(
        "Item",
        cbc("Description", value.description),
        cbc("Name", value.buyer_name or value.name),
        cac("BuyersItemIdentification", cbc("ID", value.buyer_code)),
        cac("SellersItemIdentification", cbc("ID", value.item_code)),
        cac("ManufacturersItemIdentification", cbc("ID", value.barcode)),
    )
