"""Orders to canonical orders."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from kopru.model import ExternalRef, Finding, LineKind, Order, OrderLine, OrderStatus, Severity
from kopru.model.money import CENT, ZERO, cents
from kopru.sdk import Raw, Record, Rejected
from kopru.toolkit import records, text, validation
from kopru.toolkit.mapping import extras, revision, text_faults
from kopru.toolkit.records import Item
from kopru_ikas import codes
from kopru_ikas.config import Handling, IkasConfig
from kopru_ikas.mapping.common import NAMESPACE, error, identity, note
from kopru_ikas.mapping.lines import fee_lines, product_line, surcharges
from kopru_ikas.mapping.parties import buyer, payment, shipping
from kopru_ikas.mapping.remote import RemoteOrder
from kopru_ikas.texts import TEXTS

PREFIX = "ikas.order"

_EXTRAS = (
    *("cancelReason", "cancelledAt", "couponCode", "currencyRates", "giftCardLines", "giftPackageNote"),
    *("invoices", "isGiftPackage", "orderAdjustments", "orderPackages", "salesChannel", "shippingMethod"),
    *("sourceId", "taxLines"),
)
_LINE_EXTRAS = ("options", "originalOrderLineItemId", "stockLocationId")

Notes = list[Finding]


def read_payload(content: bytes) -> tuple[Item, ...]:
    """Return the orders in a text: an answer page, a list of orders, or one order.

    Raises:
        Rejected: it is not JSON.
    """
    answer = records.read(content, ("data", "listOrder", "data"))
    if answer.items is None and isinstance(answer.data, list):
        answer = records.read(content)
    return (Item(answer.data, Raw(content)),) if answer.items is None else answer.items


def is_wanted(data: object, config: IkasConfig) -> bool:
    """Whether a listed order is read at all; what is no order at all is, so that it shows."""
    if not isinstance(data, dict):
        return True
    if data.get("status") in codes.UNFINISHED:
        return False
    channel = data.get("salesChannel")
    names = {channel.get("id"), channel.get("name")} if isinstance(channel, dict) else set()
    if config.sales_channels and not any(name in names for name in config.sales_channels):
        return False
    return not any(handling is Handling.SKIP for _, _, handling in _claims(data, config))


def order_record(data: object, raw: Raw, index: int, config: IkasConfig) -> Record[Order]:
    """Map one order; whatever is wrong with it becomes findings of this record alone."""
    if not isinstance(data, dict):
        return Record(f"row#{index}", raw, None, (error("ikas.order.not_an_object", ""),))
    notes: Notes = []
    record = validation.record(
        identity(data, index), raw, lambda: _order(data, raw, config, notes), prefix=PREFIX
    )
    return replace(record, findings=(*record.findings, *notes))


def status_of(order: RemoteOrder, notes: Notes) -> OrderStatus:
    """Return the one state that order, payment and parcels come to."""
    if order.deleted or order.status == codes.CANCELLED:
        return OrderStatus.CANCELLED
    if order.status == codes.REFUNDED:
        return OrderStatus.RETURNED
    goods = codes.PACKAGE_STATUS.get(order.order_package_status or "UNFULFILLED")
    if goods is None or order.status not in codes.ORDER_STATUS:
        notes.append(note("ikas.order.unknown_status", "status", status=raw_status(order)))
        return OrderStatus.UNKNOWN
    on_delivery = any(each.type in codes.ON_DELIVERY for each in order.payment_methods)
    if goods is OrderStatus.NEW and order.order_payment_status in codes.UNPAID and not on_delivery:
        return OrderStatus.AWAITING_PAYMENT
    return goods


def raw_status(order: RemoteOrder) -> str:
    """Return ikas's own words: of the order, of its payment and of its parcels."""
    words = (order.status, order.order_payment_status, order.order_package_status)
    return "/".join(word or "-" for word in words)


def _order(data: Mapping[str, Any], raw: Raw, config: IkasConfig, notes: Notes) -> Order:
    faults = list(text_faults(data, raw, PREFIX))
    remote = RemoteOrder.model_validate(data)
    placed = remote.ordered_at or remote.created_at
    modified = remote.updated_at or placed
    if not remote.order_number.strip():
        faults.append(error("ikas.order.number_missing", "orderNumber"))
    if placed is None:
        faults.append(error("ikas.order.date_missing", "orderedAt"))
    faults += _held(data, config)
    lines = _lines(remote, data, config, notes)
    if not any(line.kind is LineKind.GOODS for line in lines):
        faults.append(error("ikas.order.empty", "orderLineItems"))
    if faults or placed is None or modified is None:
        raise Rejected("ikas.order.unreadable", TEXTS["ikas.order.unreadable"], findings=faults)
    delivery = shipping(remote)
    order = Order(
        ref=ExternalRef(kind=codes.ORDER, id=remote.id),
        number=remote.order_number,
        revision="-",
        status=status_of(remote, notes),
        raw_status=raw_status(remote),
        placed_at=placed,
        modified_at=modified,
        currency=remote.currency_code,
        tax_included=not config.prices_exclude_vat,
        buyer=buyer(remote, notes),
        shipping=delivery,
        payment=payment(remote, placed),
        lines=lines,
        total=_total(remote, lines),
        export=delivery.address.country != "TR",
        note=text.clean(remote.note),
        extras={NAMESPACE: extras(data, _EXTRAS)},
    )
    return order.model_copy(update={"revision": revision(order, modified)})


def _claims(data: Mapping[str, Any], config: IkasConfig) -> Iterator[tuple[str, str, Handling]]:
    """Yield why somebody else may have invoiced an order, and what is to be done then."""
    if data.get("sourceId"):
        yield "ikas.order.imported", "sourceId", config.imported_orders
    if data.get("customer") is None:
        yield "ikas.order.register", "customer", config.register_orders


def _held(data: Mapping[str, Any], config: IkasConfig) -> list[Finding]:
    return [
        error(code, field) for code, field, handling in _claims(data, config) if handling is not Handling.READ
    ]


def _lines(
    remote: RemoteOrder, data: Mapping[str, Any], config: IkasConfig, notes: Notes
) -> tuple[OrderLine, ...]:
    rows = data.get("orderLineItems") or ()
    labels = tuple(text.clean(each.name) for each in remote.order_adjustments if each.type == "DECREMENT")
    lines = [
        product_line(line, labels, config).model_copy(update={"extras": _line_extras(row)})
        for line, row in zip(remote.order_line_items, rows, strict=True)
        if not line.deleted
    ]
    lines += fee_lines(remote, config)
    gap = remote.total_final_price - _sum(lines)
    extra = surcharges(remote, config)
    if lines and extra and abs(gap - _sum(extra)) < CENT:
        # Nobody documents where a surcharge stands; it counts as a line only if the sums say so.
        notes.append(note("ikas.order.surcharge", "orderAdjustments", Severity.INFO, amount=_sum(extra)))
        lines += extra
    if any(line.kind is LineKind.GOODS and line.vat_rate is None for line in lines):
        notes.append(note("ikas.order.vat_unknown", "orderLineItems.taxValue", Severity.INFO))
    return tuple(lines)


def _line_extras(row: Mapping[str, Any]) -> dict[str, Any]:
    found = extras(row, _LINE_EXTRAS)
    return {NAMESPACE: found} if found else {}


def _total(remote: RemoteOrder, lines: tuple[OrderLine, ...]) -> Decimal:
    """Return what is to be paid: of the totals before and after refunds the one the lines add up to."""
    candidates = [remote.total_final_price]
    if remote.net_total_final_price is not None:
        candidates.append(remote.net_total_final_price)
    live, tolerance = _sum(lines), CENT * max(len(lines), 1)
    fitting = [each for each in candidates if abs(each - live) <= tolerance]
    return cents(fitting[0] if fitting else candidates[-1])


def _sum(lines: list[OrderLine] | tuple[OrderLine, ...]) -> Decimal:
    return sum((line.payable for line in lines if not line.cancelled), ZERO)
