"""Lines of an order: what was bought, what it costs, and what became of it."""

from decimal import Decimal
from typing import NamedTuple

from kopru.model import Discount, Finding, OrderLine, OrderStatus
from kopru.model.money import CENT
from kopru.toolkit import mapping, text
from kopru_hepsiburada import codes
from kopru_hepsiburada.config import HepsiburadaConfig, PriceBase
from kopru_hepsiburada.mapping.common import NAMESPACE, error, note
from kopru_hepsiburada.mapping.remote import ZERO, RemoteLine

Notes = list[Finding]

_HUNDRED = Decimal(100)
_LINE_EXTRAS = (
    *("sku", "listingid", "commission", "commissionrate", "commissiontype", "discounttobebilledtohb"),
    *("discountpricetobeinvoicedhb", "purchaseprice", "deliverytype", "deliveryoptionid", "dispatchtime"),
    *("paymentterminday", "unitlaborcost", "gtip", "sapnumber", "packagenumber", "barcode", "duedate"),
    *("customizedtext01", "customizedtext02", "customizedtext03", "customizedtext04", "creationreason"),
    *("iscancellable", "cancreatepackage", "warehouse", "properties", "hasinvoice"),
)


class Price(NamedTuple):
    """What a line costs before discounts, and the discounts taken off: the merchant's and Hepsiburada's."""

    amount: Decimal
    merchant: Decimal
    hepsiburada: Decimal

    @property
    def payable(self) -> Decimal:
        """Return what the buyer owes."""
        return self.amount - self.merchant - self.hepsiburada


def order_line(line: RemoteLine, data: dict[str, object], path: str, notes: Notes) -> OrderLine:
    """Return a canonical line without its price."""
    status = status_of(line, path, notes)
    replacement = is_replacement(line)
    if replacement:
        notes.append(note("hepsiburada.line.replacement", f"{path}.creationReason", line=line.id))
    return OrderLine(
        id=line.id,
        name=text.clean(line.name) or line.merchant_sku or line.sku or "?",
        quantity=mapping.plain(line.quantity),
        sku=text.clean(line.merchant_sku),
        barcode=text.clean(line.product_barcode),
        product_id=text.clean(line.sku),
        amount=ZERO,
        vat_rate=None if line.vat_rate is None else mapping.plain(line.vat_rate),
        raw_status=line.status,
        cancelled=replacement or status is OrderStatus.CANCELLED,
        extras={NAMESPACE: mapping.extras(data, _LINE_EXTRAS)},
    )


def priced(
    line: OrderLine, remote: RemoteLine, path: str, config: HepsiburadaConfig, faults: Notes, notes: Notes
) -> OrderLine:
    """Return a line with what the settings take for its price."""
    price = price_of(remote, config.invoice_price_base)
    if price is None:
        code = "hepsiburada.line.price_missing"
        faults.append(error(code, f"{path}.totalPrice", wanted=config.invoice_price_base.value))
        return line
    if price.payable < ZERO:
        faults.append(error("hepsiburada.line.negative", f"{path}.totalPrice"))
        return line
    if _vat_differs(remote, price.payable) and not line.cancelled:
        notes.append(
            note("hepsiburada.line.vat_differs", f"{path}.vat", found=remote.vat, payable=price.payable)
        )
    discounts = (
        Discount(amount=price.merchant, funded_by="seller"),
        Discount(amount=price.hepsiburada, funded_by="marketplace"),
    )
    kept = tuple(discount for discount in discounts if discount.amount)
    return line.model_copy(update={"amount": price.amount, "discounts": kept})


def price_of(line: RemoteLine, base: PriceBase) -> Price | None:
    """Return the price of a line, or ``None`` when the field meant is not there.

    Totals come before unit prices, which may be rounded.
    """
    merchant = mapping.money(line.merchant_discount.total_price.amount)
    hepsiburada = mapping.money(line.hb_discount.total_price.amount)
    if base is PriceBase.MERCHANT_PRICE:
        total = _total(line.merchant_total_price, line.merchant_unit_price, line.quantity)
        return None if total is None else Price(total, ZERO, ZERO)
    total = _total(line.total_price, line.unit_price, line.quantity)
    if total is None:
        return None
    if base is PriceBase.UNIT_PRICE:
        return Price(total + merchant + hepsiburada, merchant, hepsiburada)
    if base is PriceBase.LESS_HB_DISCOUNT:
        return Price(total + merchant, merchant, hepsiburada)
    return Price(total, merchant, hepsiburada)


def status_of(line: RemoteLine, path: str, notes: Notes) -> OrderStatus:
    """Return a line's state; an unknown one is noted."""
    status = codes.LINE_STATUS.get(line.status.strip().lower())
    if status is None:
        notes.append(note("hepsiburada.order.unknown_status", f"{path}.status", status=line.status or "?"))
        return OrderStatus.UNKNOWN
    return status


def is_replacement(line: RemoteLine) -> bool:
    """Whether a line goes out without being sold."""
    return line.creation_reason.strip().lower() in codes.REPLACEMENTS


def _total(total: object, unit: object, quantity: Decimal) -> Decimal | None:
    amount = getattr(total, "amount", None)
    if amount is None and unit is not None:
        each: Decimal = getattr(unit, "amount", ZERO)
        amount = each * quantity
    return None if amount is None else mapping.money(amount)


def _vat_differs(line: RemoteLine, payable: Decimal) -> bool:
    """Whether Hepsiburada's own VAT amount belongs to another price, of the line or of one unit."""
    if line.vat is None or line.vat_rate is None:
        return False
    whole = payable * line.vat_rate / (_HUNDRED + line.vat_rate)
    tolerance = CENT * (line.quantity + 1)
    return min(abs(line.vat - whole), abs(line.vat * line.quantity - whole)) > tolerance
