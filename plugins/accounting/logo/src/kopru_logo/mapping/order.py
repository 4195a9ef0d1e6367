"""A sales order as Logo's ``salesOrders`` takes it. Its field names differ from those of invoices."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from kopru.model import Finding, LineKind, Order, OrderLine
from kopru.model.money import cents, unit_price
from kopru.sdk import IdempotencyKey, LedgerOrder, MappingMissing, Rejected
from kopru.toolkit import dates
from kopru.toolkit.text import truncate
from kopru_logo.codes import (
    BY_AMOUNT,
    DOC_NUMBER_LENGTH,
    NEXT_NUMBER,
    OF_LINE,
    REPORTING_TOTALS,
    TRANSACTION_TOTALS,
    LineType,
    packed_time,
)
from kopru_logo.config import LogoConfig
from kopru_logo.mapping.invoice import header_codes, notes, parameters
from kopru_logo.mapping.lines import master_code, unit_codes
from kopru_logo.texts import TEXTS

Body = dict[str, Any]
_UNIT_PRICE = Decimal("0.00000001")


def order_body(config: LogoConfig, key: IdempotencyKey, ledger: LedgerOrder) -> Body:
    """Return the request body of a sales order. Cancelled lines are left out.

    Raises:
        MappingMissing: ``logo.order.item`` with every line without an item code, or ``logo.unit``.
        Rejected: ``logo.order.*``.
    """
    order = ledger.order
    _check(config, ledger)
    codes = config.codes_for(ledger.channel)
    placed = order.placed_at.astimezone(dates.ISTANBUL)
    return {
        "NUMBER": NEXT_NUMBER,
        "DATE": placed.date().isoformat(),
        "TIME": packed_time(dates.local_time(order.placed_at)),
        "DOC_NUMBER": truncate(order.number, DOC_NUMBER_LENGTH),
        "CUST_ORD_NO": truncate(order.ref.id, DOC_NUMBER_LENGTH),
        "DOC_TRACK_NR": key.short,
        "GUID": str(key.uuid).upper(),
        "ARP_CODE": ledger.party_code,
        "SOURCE_WH": config.warehouse,
        "SOURCE_COST_GRP": config.cost_group,
        "DIVISION": config.division,
        "DEPARTMENT": config.department,
        "FACTORY": config.factory,
        **header_codes(codes),
        **notes(f"{ledger.channel} {order.number}", order.note),
        **_currency(config, order),
        "ORDER_STATUS": config.order_status,
        "AFFECT_RISK": 1,
        "TRANSACTIONS": {
            "items": [made for line in order.live_lines for made in _lines(config, ledger, line)]
        },
        "DataObjectParameter": parameters(config),
    }


def _check(config: LogoConfig, ledger: LedgerOrder) -> None:
    order = ledger.order
    found: list[Finding] = []

    def fault(code: str, field: str, **values: object) -> None:
        found.append(Finding(code=code, message=TEXTS.text(code, **values), field=field))

    if not order.live_lines:
        fault("logo.order.lines", "lines")
    if not ledger.party_code:
        fault("logo.invoice.party", "party_code")
    if order.currency != "TRY" and order.exchange_rate is None:
        fault("logo.order.rate", "exchange_rate", currency=order.currency)
    if order.currency != "TRY" and order.currency not in config.currencies:
        fault("logo.invoice.currency", "currency", currency=order.currency)
    if found:
        raise Rejected(found[0].code, found[0].message, findings=found, field=found[0].field)
    missing = [line.name or line.id for line in order.live_lines if not _code(config, ledger, line)]
    if missing:
        raise MappingMissing(
            "logo.order.item", missing, TEXTS.text("logo.order.item", lines="; ".join(missing)[:500])
        )
    unit_codes(config, [line.unit for line in order.live_lines])


def _code(config: LogoConfig, ledger: LedgerOrder, line: OrderLine) -> str:
    return master_code(config, line.kind, ledger.items.get(line.id, ""))


def _lines(config: LogoConfig, ledger: LedgerOrder, line: OrderLine) -> Iterator[Body]:
    order = ledger.order
    goods = line.kind is LineKind.GOODS
    made: Body = {
        "TYPE": (LineType.ITEM if goods else LineType.SERVICE).value,
        "MASTER_CODE": _code(config, ledger, line),
        "QUANTITY": line.quantity,
        **_price(config, order, line),
        "VAT_INCLUDED": int(order.tax_included),
        "UNIT_CODE": config.units[line.unit],
        "UNIT_CONV1": 1,
        "UNIT_CONV2": 1,
        "TRANS_DESCRIPTION": truncate(line.name, config.line_text_length),
        "AFFECT_RISK": 1,
    }
    if line.vat_rate is not None:
        made["VAT_RATE"] = line.vat_rate
    salesman = config.codes_for(ledger.channel).salesman_code
    if salesman:
        made["SALESMAN_CODE"] = salesman
    if order.shipping.due_at:
        made["DUE_DATE"] = dates.local_date(order.shipping.due_at).isoformat()
    if goods:
        made |= {"SOURCE_WH": config.warehouse, "SOURCE_COST_GRP": config.cost_group}
        made |= _reservation(config, order, line)
    yield made
    if line.discount_total:
        yield {
            "TYPE": LineType.DISCOUNT.value,
            "QUANTITY": 0,
            "TOTAL": _local(order, line.discount_total),
            "CALC_TYPE": BY_AMOUNT,
            "DETAIL_LEVEL": OF_LINE,
        }


def _price(config: LogoConfig, order: Order, line: OrderLine) -> Body:
    per_unit = unit_price(line.amount, line.quantity)
    if order.currency == "TRY":
        return {"PRICE": per_unit}
    rate = order.exchange_rate or Decimal(1)
    return {
        "PRICE": (per_unit * rate).quantize(_UNIT_PRICE, rounding=ROUND_HALF_UP),
        "EXCLINE_PRICE": per_unit,
        "CURR_TRANSACTIN": config.currencies[order.currency],
    }


def _reservation(config: LogoConfig, order: Order, line: OrderLine) -> Body:
    if not config.reserve_stock:
        return {}
    day = dates.local_date(order.placed_at).isoformat()
    return {"ORDER_RESERVE": 1, "RESERVE_DATE": day, "RESERVE_AMOUNT": line.quantity}


def _currency(config: LogoConfig, order: Order) -> Body:
    if order.currency == "TRY":
        return {"CURRSEL_TOTAL": REPORTING_TOTALS, "CURRSEL_DETAILS": 0}
    return {
        "CURRSEL_TOTAL": TRANSACTION_TOTALS,
        "CURRSEL_DETAILS": TRANSACTION_TOTALS,
        "CURR_TRANSACTIN": config.currencies[order.currency],
        "TC_RATE": order.exchange_rate,
    }


def _local(order: Order, amount: Decimal) -> Decimal:
    return amount if order.currency == "TRY" else cents(amount * (order.exchange_rate or Decimal(1)))
