"""Lines of an order: goods, carriage, gift wrap, surcharges. ikas's prices are of one unit, VAT included."""

from decimal import Decimal

from kopru.model import Discount, LineKind, OrderLine
from kopru.model.money import ZERO, cents
from kopru.toolkit import text
from kopru.toolkit.mapping import plain
from kopru_ikas import codes
from kopru_ikas.config import IkasConfig
from kopru_ikas.mapping.remote import RemoteLine, RemoteOrder, RemoteOrderVariant

GIFT_WRAP = "Hediye paketi"
SHIPPING = "Kargo"
SURCHARGE = "Ek ücret"


def product_line(line: RemoteLine, labels: tuple[str, ...], config: IkasConfig) -> OrderLine:
    """Map a line of goods. ``labels`` name the campaigns of the order.

    Ratio discounts leave prices with many decimals; what is paid for the line is rounded once, here.
    """
    paid = cents(line.paid * line.quantity)
    amount = max(cents(line.price * line.quantity), paid)
    discount = Discount(amount=amount - paid, label=text.truncate(", ".join(filter(None, labels)), 200))
    variant = line.variant
    return OrderLine(
        id=line.id,
        name=line_name(variant) or variant.sku or line.id,
        quantity=plain(line.quantity),
        sku=variant.sku,
        barcode=next((code for code in variant.barcode_list if code.strip()), ""),
        product_id=variant_id(variant.product_id, variant.id),
        amount=amount,
        discounts=(discount,) if discount.amount else (),
        vat_rate=_rate(line.tax_value, config.default_vat_rate),
        raw_status=line.status,
        cancelled=line.status in codes.GONE,
    )


def fee_lines(order: RemoteOrder, config: IkasConfig) -> list[OrderLine]:
    """Map the fees for carriage and gift wrap; what is free makes no line."""
    fees = [
        _fee(
            f"shipping-{n}",
            LineKind.SHIPPING,
            text.clean(line.title) or SHIPPING,
            max(line.price, line.paid),
            line.paid,
            _rate(line.tax_value, config.shipping_vat_rate),
            refunded=line.is_refunded,
        )
        for n, line in enumerate(order.shipping_lines, start=1)
        if line.paid
    ]
    fees += [
        _fee(
            f"gift-{n}",
            LineKind.FEE,
            GIFT_WRAP,
            gift.price,
            gift.price,
            _rate(gift.tax_value, config.shipping_vat_rate),
            refunded=gift.is_refunded,
        )
        for n, gift in enumerate(order.gift_package_lines, start=1)
        if gift.price
    ]
    return fees


def surcharges(order: RemoteOrder, config: IkasConfig) -> list[OrderLine]:
    """Map surcharges that fell on no line, such as for instalments or cash on delivery."""
    return [
        _fee(
            f"surcharge-{n}",
            LineKind.FEE,
            text.clean(each.name) or SURCHARGE,
            each.amount,
            each.amount,
            _rate(None, config.default_vat_rate),
            refunded=False,
        )
        for n, each in enumerate(order.order_adjustments, start=1)
        if each.type == "INCREMENT"
        and each.amount_type == "AMOUNT"
        and each.amount
        and not each.applied_order_lines
    ]


def line_name(variant: RemoteOrderVariant) -> str:
    """Return a variant's name with its properties: ``Keten Gömlek (M, Bej)``."""
    values = ", ".join(filter(None, (text.clean(each.variant_value_name) for each in variant.variant_values)))
    name = text.clean(variant.name)
    return f"{name} ({values})" if name and values else name


def variant_id(product: str, variant: str) -> str:
    """Return the id under which a variant is known here; every write needs both parts."""
    return f"{product}:{variant}" if product and variant else ""


def _fee(
    identity: str,
    kind: LineKind,
    name: str,
    price: Decimal,
    paid: Decimal,
    rate: Decimal | None,
    *,
    refunded: bool,
) -> OrderLine:
    amount, net = cents(price), cents(paid)
    return OrderLine(
        id=identity,
        kind=kind,
        name=name,
        quantity=Decimal(1),
        amount=amount,
        discounts=(Discount(amount=amount - net),) if amount > net else (),
        vat_rate=rate,
        cancelled=refunded,
    )


def _rate(given: Decimal | None, default: Decimal | None) -> Decimal | None:
    """Return a VAT rate; one that is missing is unknown, never zero."""
    rate = default if given is None else given
    return None if rate is None else (plain(rate) if rate else ZERO)
