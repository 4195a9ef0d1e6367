"""From the rows of a table to orders, each by itself: what is wrong with one leaves its neighbours alone."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pydantic import ValidationError

from kopru.model import (
    Currency,
    Discount,
    ExternalRef,
    Finding,
    LineKind,
    Order,
    OrderLine,
    OrderStatus,
    Payment,
)
from kopru.model.money import ZERO, cents, share
from kopru.sdk import Raw, Record
from kopru.toolkit import dates, fold, validation
from kopru.toolkit.mapping import plain
from kopru_orderfile import buyers, codes, payload
from kopru_orderfile.amounts import order_slack, with_vat
from kopru_orderfile.cells import Row, Table, column_letters
from kopru_orderfile.columns import INCLUDED
from kopru_orderfile.config import OrderFileConfig
from kopru_orderfile.fields import FIELDS
from kopru_orderfile.grouping import grouped
from kopru_orderfile.lines import (
    Item,
    currency_in,
    extra_line,
    open_total_matters,
    read_items,
    with_ids,
)
from kopru_orderfile.reader import Reader
from kopru_orderfile.reading import Decisions, decide
from kopru_orderfile.texts import TEXTS

KIND = "order"
UNDATED = dates.EPOCH
"""``modified_at`` of every order. Files do not tell when an order changed; with one time for all, what a file
says now is never older than what it said before, a corrected date included."""
_BEFORE_INVOICE = frozenset({OrderStatus.AWAITING_PAYMENT, OrderStatus.NEW, OrderStatus.PREPARING})


@dataclass(frozen=True, slots=True)
class Entry:
    """One order of a table, not yet mapped: its identity and its rows."""

    key: str
    table: Table
    decisions: Decisions
    rows: Sequence[Row]
    flaw: str = ""
    """Why the rows are no order: a stray row."""


def entries(table: Table, config: OrderFileConfig, known: Decisions | None = None) -> list[Entry]:
    """Return the orders of a table and its stray rows, in the order of the file."""
    table, decisions = decide(table, config, known)
    groups = grouped(table, config)
    found = [Entry(key, table, decisions, rows) for key, rows in groups.orders.items()]
    for row, flaw in groups.strays:
        key = f"{table.place}#row {row.number}"
        found.append(Entry(key, table, decisions, (row,), row.flaw or flaw))
    return sorted(found, key=lambda entry: entry.rows[0].number)


def heading_findings(table: Table) -> tuple[Finding, ...]:
    """Return what is wrong with a table's headings; with any of it no order of the table can be read."""
    columns = table.columns
    place = f"{table.place}: " if table.place else ""
    headings = ", ".join(filter(None, columns.headings))[:400]
    found = []
    for group in columns.missing():
        wanted = " / ".join(FIELDS[name].headings[0] for name in group)
        found.append(
            _heading("missing", group[0], place=place, wanted=wanted, headings=headings, field=group[0])
        )
    for name, heading in columns.absent:
        found.append(_heading("absent", name, place=place, heading=heading, headings=headings, field=name))
    for name, places in columns.repeated.items():
        letters = ", ".join(column_letters(index) for index in places)
        heading = columns.headings[places[0]]
        found.append(_heading("repeated", name, place=place, heading=heading, columns=letters, field=name))
    return tuple(found)


def _heading(code: str, name: str, **shown: object) -> Finding:
    code = f"orderfile.heading.{code}"
    return Finding(code=code, message=TEXTS.text(code, **shown), field=f"columns.{name}")


def to_record(entry: Entry, config: OrderFileConfig) -> Record[Order]:
    """Map one order."""
    raw = Raw(payload.pack(entry.table, entry.decisions, entry.rows), payload.MEDIA_TYPE)
    reader = Reader(entry.rows, entry.table, entry.decisions, config)
    if entry.flaw:
        reader.fault(entry.flaw, entry.rows[0], "number", value=str(entry.rows[0].cell(0))[:60], limit=0)
        return Record(entry.key, raw, None, tuple(reader.findings))
    try:
        order = _order(entry, reader)
    except ValidationError as error:
        return Record(
            entry.key, raw, None, (*reader.findings, *validation.findings(error, prefix="orderfile.order"))
        )
    return Record(entry.key, raw, None if reader.blocked else order, tuple(reader.findings))


def _order(entry: Entry, reader: Reader) -> Order | None:
    config = reader.config
    items = read_items(reader)
    if not items and not reader.blocked:
        reader.order_fault("no_lines", "product")
    placed_at = _placed_at(reader)
    shipping = buyers.delivery(reader)
    buyer = buyers.buyer(reader, shipping)
    payment = _payment(reader)
    currency = _currency(reader)
    invoice = reader.order_text("invoice_number")
    if invoice and config.invoiced_orders == "hold":
        reader.order_fault("already_invoiced", "invoice_number", value=invoice)
    number = reader.order_text("number")
    export = _flag(reader, "export")
    lines = _with_order_discount(reader, items, with_ids(items)) + _extras(reader)
    total = _total(reader, lines)
    rate = reader.order_number("exchange_rate")
    if reader.blocked or buyer is None or placed_at is None or not items:
        return None
    extras = {"package": reader.order_text("package"), "invoice_number": invoice}
    order = Order(
        ref=ExternalRef(kind=KIND, id=entry.key),
        number=number or entry.key,
        revision="-",
        status=_status(items, invoice),
        raw_status=items[0].line.raw_status,
        placed_at=placed_at,
        modified_at=UNDATED,
        currency=currency,
        exchange_rate=plain(rate) if rate and currency != "TRY" else None,
        tax_included=reader.decisions.vat == INCLUDED,
        buyer=buyer,
        shipping=shipping,
        payment=payment,
        lines=tuple(lines),
        total=total,
        export=export,
        note=reader.order_text("note"),
        extras={"orderfile": told}
        if (told := {key: value for key, value in extras.items() if value})
        else {},
    )
    return order.model_copy(update={"revision": revision(order)})


def revision(order: Order) -> str:
    """Return a hash of what an order says.

    The name of its file, its place in it, the columns' order and the file's format do not count, so a file
    that is renamed, sorted or exported again in another format changes nothing.
    """
    data = order.model_dump(mode="json", exclude={"revision"}, exclude_defaults=True)
    data["lines"] = sorted(data["lines"], key=lambda line: str(line["id"]))
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _placed_at(reader: Reader) -> datetime | None:
    placed_at = reader.order_moment("placed_at")
    if placed_at is None and not any(reader.filled(row, "placed_at") for row in reader.rows):
        reader.fault("missing", reader.rows[0], "placed_at")
    return placed_at


def _payment(reader: Reader) -> Payment:
    word = reader.order_text("payment")
    return Payment(
        method=codes.payment_method(word),
        raw=word,
        agent=reader.order_text("payment_agent") or reader.config.payment_agent,
        paid_at=reader.order_moment("paid_at"),
    )


def _currency(reader: Reader) -> Currency:
    """Return the order's currency: its column, else the sign beside the amounts, else the setting."""
    row = reader.speaker("currency")
    word = reader.text(row, "currency")
    beside = sorted(currency_in(reader))
    currency = (
        _currency_code(word) if word else (beside[0][0] if len(beside) == 1 else reader.config.currency)
    )
    if not currency:
        reader.fault("unknown_currency", row, "currency", value=word[:60])
        return reader.config.currency
    for other, number, name in beside:
        if other != currency:
            said = next(row for row in reader.rows if row.number == number)
            reader.fault("other_currency", said, name, value=other, currency=currency)
    return currency


def _currency_code(word: str) -> str:
    code = codes.CURRENCY_SIGNS.get(word) or codes.CURRENCIES.get(fold.key(word)) or word.upper()
    return code if len(code) == 3 and code.isascii() and code.isalpha() else ""


def _flag(reader: Reader, name: str) -> bool:
    row = reader.speaker(name)
    word = fold.key(reader.text(row, name))
    if word not in codes.YES and word not in codes.NO:
        reader.fault("unclear_answer", row, name, value=word[:60])
    return word in codes.YES


def _status(items: Sequence[Item], invoice: str) -> OrderStatus:
    """Return the status of the slowest line that is still to be delivered."""
    live = [item.status for item in items if item.status is not OrderStatus.CANCELLED]
    status = min(live, key=codes.PROGRESS.index, default=OrderStatus.CANCELLED)
    return OrderStatus.INVOICED if invoice and status in _BEFORE_INVOICE else status


def _with_order_discount(reader: Reader, items: Sequence[Item], lines: list[OrderLine]) -> list[OrderLine]:
    """Share a discount of the whole order over its live lines by what they cost."""
    discount = cents(reader.order_amount("order_discount"))
    live = [index for index, line in enumerate(lines) if not line.cancelled]
    if not discount or not items:
        return lines
    weights = [lines[index].payable for index in live]
    if discount > sum(weights, ZERO):
        reader.order_fault(
            "discount_too_large", "order_discount", discount=f"{discount:f}", amount=f"{sum(weights, ZERO):f}"
        )
        return lines
    shared = list(lines)
    for index, part in zip(live, share(discount, weights), strict=True):
        if part:
            line = lines[index]
            shared[index] = line.model_copy(update={"discounts": (*line.discounts, Discount(amount=part))})
    return shared


def _extras(reader: Reader) -> list[OrderLine]:
    vat = reader.config.shipping_vat
    fees = (
        (LineKind.SHIPPING, cents(reader.order_amount("shipping_fee"))),
        (LineKind.FEE, cents(reader.order_amount("fee"))),
    )
    return [extra_line(kind, amount, vat) for kind, amount in fees if amount]


def _total(reader: Reader, lines: Sequence[OrderLine]) -> Decimal:
    """Return what the buyer pays; noted when the file's own total is not the sum of the lines.

    A gap of a kuruş per line is rounding and stays in the total. A total may still count cancelled lines.
    """
    live = [line for line in lines if not line.cancelled] if _has_live_goods(lines) else lines
    computed = sum((_due(line, reader) for line in live), ZERO)
    if reader.has("total") and open_total_matters(reader):
        if not reader.blocked:
            reader.fault(
                "doubtful_total", reader.rows[0], "total", value=reader.text(reader.rows[0], "total")
            )
        return computed
    name = "total" if reader.has("total") else "order_total"
    total = reader.order_number(name)
    if total is None or reader.blocked:
        return computed
    slack = order_slack(len(lines))
    if abs(total - computed) <= slack:
        return cents(total)
    if abs(total - sum((_due(line, reader) for line in lines), ZERO)) > slack:
        reader.order_fault("total_mismatch", name, total=f"{total:f}", sum=f"{computed:f}")
    return computed


def _has_live_goods(lines: Sequence[OrderLine]) -> bool:
    return any(line.kind is LineKind.GOODS and not line.cancelled for line in lines)


def _due(line: OrderLine, reader: Reader) -> Decimal:
    return line.payable if reader.decisions.vat == INCLUDED else with_vat(line.payable, line.vat_rate or ZERO)
