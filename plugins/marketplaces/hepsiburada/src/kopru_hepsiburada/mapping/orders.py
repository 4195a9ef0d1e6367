"""An order with all its lines to a canonical order. Packages come and go; the order number stays."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from kopru.model import (
    Address,
    ExternalRef,
    Order,
    OrderLine,
    OrderStatus,
    Party,
    PartyKind,
    Payment,
    PaymentMethod,
    Shipping,
    TaxScheme,
)
from kopru.sdk import Raw, Record, Rejected
from kopru.toolkit import mapping, records, taxnumbers, text, validation
from kopru_hepsiburada import codes
from kopru_hepsiburada.config import HepsiburadaConfig
from kopru_hepsiburada.mapping.common import NAMESPACE, error, moment, note, readable
from kopru_hepsiburada.mapping.lines import Notes, order_line, priced, status_of
from kopru_hepsiburada.mapping.remote import ZERO, RemoteAddress, RemoteLine
from kopru_hepsiburada.payload import folded, text_of
from kopru_hepsiburada.texts import TEXTS

PREFIX = "hepsiburada.order"

_ORDER_EXTRAS = ("customerid", "orderid", "deliverytype", "deliveryoptionid", "ismicroexport")


class Parts(NamedTuple):
    """The lines of one order as they were written, keys in lower case."""

    number: str
    lines: list[Any]


def orders_in(content: bytes) -> tuple[Parts, ...]:
    """Return the orders of a payload: an order with its ``items``, a page of lines, or a list of either.

    Raises:
        Rejected: it cannot be read at all.
    """
    bare = content.lstrip()[:1] == b"["
    answer = records.read(content)
    data = [item.data for item in answer.items or ()] if bare else [answer.data]
    found: dict[str, list[Any]] = {}
    for each in folded(data):
        if not isinstance(each, dict):
            raise Rejected("hepsiburada.payload.unreadable", TEXTS["hepsiburada.payload.unreadable"])
        rows = each.get("items", [each] if "ordernumber" in each else None)
        if not isinstance(rows, list):
            raise Rejected("hepsiburada.payload.unreadable", TEXTS["hepsiburada.payload.unreadable"])
        for row in rows:
            own = text_of(row.get("ordernumber")) if isinstance(row, dict) else ""
            found.setdefault(own or text_of(each.get("ordernumber")), []).append(row)
    return tuple(Parts(number, rows) for number, rows in found.items())


def order_record(parts: Parts, raw: Raw, config: HepsiburadaConfig) -> Record[Order]:
    """Map one order; whatever is wrong with it becomes findings of this record alone."""
    notes: Notes = []
    identity = parts.number or raw.digest[:16]
    record = validation.record(identity, raw, lambda: _order(parts, raw, config, notes), prefix=PREFIX)
    return replace(record, findings=(*record.findings, *notes))


def _order(parts: Parts, raw: Raw, config: HepsiburadaConfig, notes: Notes) -> Order:
    faults: Notes = list(mapping.text_faults(parts.lines, raw, PREFIX))
    if not parts.number.strip("0"):
        faults.append(error("hepsiburada.order.number_missing", "orderNumber"))
    rows = [RemoteLine.model_validate(row) for row in parts.lines]
    placed = min(filter(None, (moment(row.order_date, config) for row in rows)), default=None)
    if placed is None:
        faults.append(error("hepsiburada.order.date_missing", "items[0].orderDate"))
    currency = _currency(rows, faults)
    lines = _lines(parts, rows, config, faults, notes)
    if faults or placed is None:
        code = "hepsiburada.order.unreadable"
        raise Rejected(code, TEXTS[code], findings=faults)
    updates = (moment(row.last_status_update_date, config) for row in rows)
    modified = max(filter(None, updates), default=placed)
    live = [row for row, line in zip(rows, lines, strict=True) if not line.cancelled] or rows
    order = Order(
        ref=ExternalRef(kind=codes.ORDER, id=parts.number),
        number=parts.number,
        revision="-",
        status=order_status(rows),
        raw_status="+".join(dict.fromkeys(row.status for row in rows if row.status)),
        placed_at=placed,
        modified_at=modified,
        currency=currency,
        buyer=_buyer(live[0], notes),
        shipping=_shipping(live, config),
        payment=_payment(placed, config),
        lines=lines,
        total=sum((line.payable for line in lines if not line.cancelled), ZERO),
        export=any(row.is_micro_export for row in rows),
        extras={NAMESPACE: _extras(parts.lines[0], live)},
    )
    return order.model_copy(update={"revision": mapping.revision(order, modified)})


def order_status(rows: Sequence[RemoteLine]) -> OrderStatus:
    """Return how far an order is: as its line that is least far; cancelled when none is left to sell."""
    found = {status for row, status in _states(rows) if status is not OrderStatus.CANCELLED}
    return next((status for status in codes.PROGRESS if status in found), OrderStatus.CANCELLED)


def _states(rows: Sequence[RemoteLine]) -> list[tuple[RemoteLine, OrderStatus]]:
    sold = [row for row in rows if row.creation_reason.strip().lower() not in codes.REPLACEMENTS]
    return [(row, status_of(row, "", [])) for row in sold]


def _lines(
    parts: Parts, rows: Sequence[RemoteLine], config: HepsiburadaConfig, faults: Notes, notes: Notes
) -> tuple[OrderLine, ...]:
    found = []
    for n, (row, data) in enumerate(zip(rows, parts.lines, strict=True)):
        path = f"items[{n}]"
        line = order_line(row, data, path, notes)
        found.append(priced(line, row, path, config, faults, notes))
    return tuple(found)


def _currency(rows: Sequence[RemoteLine], faults: Notes) -> str:
    prices = (row.total_price or row.unit_price for row in rows)
    found = {price.currency.strip().upper() for price in prices if price and price.currency.strip()}
    if len(found) > 1:
        faults.append(error("hepsiburada.order.currencies", "items", found=", ".join(sorted(found))))
    return min(found, default="TRY")


def _buyer(line: RemoteLine, notes: Notes) -> Party:
    """Return whom to invoice: a company when a VKN is given."""
    invoice, address = line.invoice, line.invoice.address
    name = text.clean(readable(address.name) or readable(line.customer_name) or line.shipping_address.name)
    postal = _address(address if readable(address.address) else line.shipping_address)
    vkn = taxnumbers.tax_id(readable(invoice.tax_number), country=postal.country)
    tckn = taxnumbers.tax_id(readable(invoice.turkish_identity_number), country=postal.country)
    if readable(invoice.tax_number) and vkn is None:
        notes.append(note("hepsiburada.order.tax_number", "items[0].invoice.taxNumber"))
    if not readable(name):
        notes.append(note("hepsiburada.order.name_missing", "items[0].invoice.address.name"))
    contact = {
        "email": text.clean(readable(address.email) or readable(line.shipping_address.email)),
        "phone": text.clean(readable(address.phone_number) or readable(line.shipping_address.phone_number)),
        "address": postal,
        "tax_office": text.clean(readable(invoice.tax_office)),
    }
    if vkn is not None and vkn.scheme is not TaxScheme.TCKN:
        return Party(kind=PartyKind.COMPANY, name=name, tax_id=vkn, **contact)
    first, last = text.split_name(name)
    return Party(kind=PartyKind.PERSON, first_name=first, last_name=last, tax_id=vkn or tckn, **contact)


def _address(address: RemoteAddress) -> Address:
    return Address(
        street=text.clean(readable(address.address)),
        neighbourhood=text.clean(readable(address.district)),
        district=text.clean(readable(address.town)),
        city=text.clean(readable(address.city)),
        postal_code=text.clean(readable(address.postal_code)),
        country=address.country_code.strip().upper() or "TR",
    )


def _shipping(live: Sequence[RemoteLine], config: HepsiburadaConfig) -> Shipping:
    first = live[0]
    packed = next((line for line in live if line.tracking_info_code or line.barcode), first)
    due = filter(None, (moment(line.due_date, config) for line in live))
    return Shipping(
        recipient=text.clean(readable(first.shipping_address.name) or readable(first.customer_name)),
        phone=text.clean(readable(first.shipping_address.phone_number)),
        address=_address(first.shipping_address),
        carrier=text.clean(packed.cargo_company),
        tracking_number=text.clean(packed.tracking_info_code or packed.barcode),
        due_at=min(due, default=None),
    )


def _payment(placed: datetime, config: HepsiburadaConfig) -> Payment:
    """Return the payment: Hepsiburada collects it before it hands out an order."""
    return Payment(method=PaymentMethod.PLATFORM, agent=config.payment_agent, paid_at=placed)


def _extras(data: Mapping[str, Any], live: Sequence[RemoteLine]) -> dict[str, Any]:
    packages = sorted({line.package_number for line in live if line.package_number})
    found: dict[str, Any] = mapping.extras(data, _ORDER_EXTRAS)
    return {**found, "packages": packages} if packages else found
