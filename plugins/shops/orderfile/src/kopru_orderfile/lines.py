"""One row as one order line."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kopru.model import Discount, LineKind, OrderLine, OrderStatus, Severity
from kopru.model.money import HUNDRED, ZERO
from kopru.toolkit import fold, numbers
from kopru.toolkit.mapping import plain
from kopru_orderfile import codes
from kopru_orderfile.amounts import FIGURES, Disagreement, Figures, LineMoney, line_money, rates_of
from kopru_orderfile.cells import Row
from kopru_orderfile.columns import EXCLUDED, INCLUDED
from kopru_orderfile.reader import Reader
from kopru_orderfile.reading import percentage

CONTENT = ("product", "sku", "barcode", "quantity", *FIGURES, "price")
"""A row that fills none of these is no line; exports add such rows to orders."""
_LEGAL_RATES = frozenset(map(Decimal, codes.VAT_RATES))
_ID_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Item:
    """A row read as a line, before it has an id and its part of the order's discount."""

    row: Row
    identity: tuple[str, ...]
    """What is sold: survives a corrected price or quantity."""
    content: tuple[str, ...]
    """All of the row that matters; orders equal identities without looking at row numbers."""
    own_id: str
    status: OrderStatus
    line: OrderLine
    money: LineMoney


def read_items(reader: Reader) -> list[Item]:
    """Return the lines of an order; a row that cannot be read is noted and left out."""
    rows = [row for row in reader.rows if row.flaw or reader.filled(row, *CONTENT)]
    items = [item for row in rows if (item := _item(reader, row))]
    return _without_copies(reader, items)


def with_ids(items: Sequence[Item]) -> list[OrderLine]:
    """Return the lines with ids that stay the same when the file is sorted, extended or exported again.

    The source's own line number where the file has one; else a hash of what is sold and a counter for equal
    ones, which follows their content and not their place.
    """
    ranks: dict[tuple[str, ...], list[tuple[tuple[str, ...], int]]] = defaultdict(list)
    for index, item in enumerate(items):
        ranks[item.identity].append((item.content, index))
    ids: dict[int, str] = {}
    for identity, group in ranks.items():
        digest = hashlib.sha256("\x1f".join(identity).encode()).hexdigest()[:_ID_LENGTH]
        for occurrence, (_, index) in enumerate(sorted(group), start=1):
            ids[index] = f"{digest}-{occurrence}"
    return [
        item.line.model_copy(update={"id": item.own_id or ids[index]}) for index, item in enumerate(items)
    ]


def _item(reader: Reader, row: Row) -> Item | None:
    if row.flaw:
        reader.fault(row.flaw, row, "number")
        return None
    name, sku, barcode = reader.text(row, "product"), reader.code(row, "sku"), reader.code(row, "barcode")
    if not (name or sku or barcode):
        reader.fault("missing", row, "product")
    quantity = _quantity(reader, row)
    money = _money(reader, row, quantity)
    unit = _unit(reader, row)
    status = _status(reader, row)
    if money is None or quantity is None or not (name or sku or barcode):
        return None
    variant = reader.text(row, "variant")
    product_id = reader.code(row, "product_id")
    title = f"{name} - {variant}" if name and variant else name or sku or barcode
    line = OrderLine(
        id="-",
        name=title,
        quantity=quantity,
        unit=unit,
        sku=sku,
        barcode=barcode,
        product_id=product_id,
        amount=money.amount,
        discounts=_discounts(money),
        vat_rate=_vat_rate(reader, row, money),
        raw_status=reader.text(row, "status"),
        cancelled=status is OrderStatus.CANCELLED,
    )
    content = (f"{quantity:f}", f"{money.amount:f}", f"{money.payable:f}", line.raw_status)
    identity = (sku, barcode, product_id, fold.fold(title))
    return Item(row, identity, content, reader.code(row, "line_id"), status, line, money)


def _quantity(reader: Reader, row: Row) -> Decimal | None:
    quantity = reader.number(row, "quantity")
    if quantity is None:
        if not reader.filled(row, "quantity"):
            reader.fault("missing", row, "quantity")
        return None
    if quantity <= ZERO or quantity.adjusted() > 9:
        reader.fault("bad_quantity", row, "quantity", value=f"{quantity:f}"[:60])
        return None
    return plain(quantity)


def _money(reader: Reader, row: Row, quantity: Decimal | None) -> LineMoney | None:
    before = reader.errors
    figures: dict[str, Decimal | None] = {name: reader.number(row, name) for name in FIGURES}
    if reader.has("price") and quantity is not None:
        figures["unit_price"] = _open_price(reader, row, quantity, figures["unit_price"])
    if all(figures[name] is None for name in FIGURES[:3]) and reader.filled(row, "total"):
        figures["line_payable"] = _open_total(reader, row)
    if quantity is None or reader.errors > before:
        return None
    try:
        return line_money(Figures(quantity=quantity, **figures))
    except Disagreement as error:
        shown = {key: f"{value:f}" for key, value in error.values.items() if isinstance(value, Decimal)}
        named = error.field if reader.has(error.field) else _price_field(reader)
        reader.fault(error.code, row, named, severity=Severity.ERROR, **shown)
        return None


def _open_price(reader: Reader, row: Row, quantity: Decimal, known: Decimal | None) -> Decimal | None:
    """Return the price of a column that may hold unit prices or line amounts: for one piece both are one."""
    price = reader.number(row, "price")
    if price is None or known is not None:
        return known
    if quantity != 1 and price:
        reader.fault("doubtful_price", row, "price", value=f"{price:f}")
    return price


def _open_total(reader: Reader, row: Row) -> Decimal | None:
    """Return the price from a column of line amounts or order totals: for a lone line both are one."""
    total = reader.number(row, "total")
    if total is not None and open_total_matters(reader):
        reader.fault("doubtful_total", row, "total", value=f"{total:f}")
    return total


def open_total_matters(reader: Reader) -> bool:
    """Whether a line's amount and the order's total are two different things in this order."""
    return len(reader.rows) > 1 or _has_extras(reader)


def _has_extras(reader: Reader) -> bool:
    return any(reader.filled(row, "shipping_fee", "fee", "order_discount") for row in reader.rows)


def _price_field(reader: Reader) -> str:
    return next((name for name in (*FIGURES[:3], "price", "total") if reader.has(name)), "unit_price")


def _discounts(money: LineMoney) -> tuple[Discount, ...]:
    parts = ((money.discount, "seller"), (money.marketplace_discount, "marketplace"))
    return tuple(Discount(amount=amount, funded_by=by) for amount, by in parts if amount)


def _vat_rate(reader: Reader, row: Row, money: LineMoney) -> Decimal | None:
    if reader.has("vat") and reader.filled(row, "vat"):
        return _open_vat(reader, row, money)
    rate = reader.number(row, "vat_rate")
    if rate is not None:
        return _checked_rate(reader, row, "vat_rate", rate)
    vat = reader.number(row, "vat_amount")
    if vat is not None:
        return _rate_of_amount(reader, row, abs(vat), money)
    if reader.config.default_vat is None and reader.decisions.vat == EXCLUDED:
        reader.fault("vat_missing", row, "vat_rate")
    return reader.config.default_vat


def _open_vat(reader: Reader, row: Row, money: LineMoney) -> Decimal | None:
    """Return the rate from a column that may hold rates or amounts, when both say the same."""
    value = reader.number(row, "vat")
    if value is None:
        return None
    found = rates_of(value, money.payable, included=reader.decisions.vat == INCLUDED)
    if percentage(value) in found:
        return plain(percentage(value))
    reader.fault("doubtful_vat", row, "vat", value=f"{value:f}")
    return None


def _checked_rate(reader: Reader, row: Row, name: str, rate: Decimal) -> Decimal | None:
    rate = plain(percentage(rate))
    if not ZERO <= rate <= HUNDRED:
        reader.fault("bad_rate", row, name, value=f"{rate:f}"[:60])
        return None
    if rate not in _LEGAL_RATES:
        reader.fault("unusual_vat", row, name, severity=Severity.WARNING, value=f"{rate:f}")
    return rate


def _rate_of_amount(reader: Reader, row: Row, vat: Decimal, money: LineMoney) -> Decimal | None:
    found = rates_of(vat, money.payable, included=reader.decisions.vat == INCLUDED)
    if len(found) == 1:
        return found[0]
    if not money.payable or reader.config.default_vat in found:
        return reader.config.default_vat
    reader.fault("vat_unclear", row, "vat_amount", value=f"{vat:f}")
    return None


def _unit(reader: Reader, row: Row) -> str:
    word = reader.text(row, "unit")
    if not word:
        return "C62"
    code = codes.UNITS.get(fold.key(word))
    if code is None:
        reader.fault("unknown_unit", row, "unit", value=word[:60])
    return code or "C62"


def _status(reader: Reader, row: Row) -> OrderStatus:
    word = reader.text(row, "status")
    if not word:
        return reader.config.default_status
    key = fold.key(word)
    status = _own_words(reader).get(key) or codes.STATUSES.get(key)
    if status is None:
        reader.fault("unknown_status", row, "status", value=word[:60])
    return status or OrderStatus.UNKNOWN


def _own_words(reader: Reader) -> Mapping[str, OrderStatus]:
    return reader.config.status_words if reader.config.statuses else {}


def _without_copies(reader: Reader, items: list[Item]) -> list[Item]:
    """Drop rows that repeat a line number with equal content; note doubtful copies."""
    kept: list[Item] = []
    by_id: dict[str, Item] = {}
    seen: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for item in items:
        twin = by_id.get(item.own_id) if item.own_id else None
        if twin and (twin.identity, twin.content) == (item.identity, item.content):
            continue
        if twin:
            reader.order_fault("repeated_line", "line_id", value=item.own_id)
        if item.own_id:
            by_id[item.own_id] = item
        else:
            seen[item.row.cells].append(item.row.number)
        kept.append(item)
    for places in seen.values():
        if len(places) > 1:
            rows = ", ".join(map(str, places[:5]))
            reader.order_fault("identical_rows", "product", severity=Severity.WARNING, rows=rows)
    return kept


def currency_in(reader: Reader) -> set[tuple[str, int, str]]:
    """Return the currencies written beside amounts, each with a row and field that says so."""
    found: dict[str, tuple[str, int, str]] = {}
    for row in reader.rows:
        for name in (*FIGURES[:3], "price", "total", "order_total"):
            cell = reader.cell(row, name)
            if isinstance(cell, str) and (code := numbers.currency(cell)):
                found.setdefault(code, (code, row.number, name))
    return set(found.values())


def extra_line(kind: LineKind, amount: Decimal, vat: Decimal) -> OrderLine:
    """Return the line for a shipping or other fee of the order."""
    name = "Kargo Ücreti" if kind is LineKind.SHIPPING else "Kapıda Ödeme Ücreti"
    return OrderLine(id=kind.value, kind=kind, name=name, quantity=Decimal(1), amount=amount, vat_rate=vat)
