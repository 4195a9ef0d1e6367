"""Invoice lines: items, services and their discounts, on the VAT basis the settings ask for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from kopru.model import Invoice, InvoiceKind, InvoiceLine, LineKind, Withholding
from kopru.model.money import HUNDRED, ZERO, cents, unit_price
from kopru.sdk import Direction, MappingMissing
from kopru.toolkit.text import truncate
from kopru_logo.codes import (
    BY_AMOUNT,
    EXEMPTION_CODE_LENGTH,
    EXEMPTION_REASON_LENGTH,
    NEXT_NUMBER,
    OF_LINE,
    LineType,
)
from kopru_logo.config import Amounts, LogoConfig
from kopru_logo.texts import TEXTS

Line = dict[str, Any]
_UNIT_PRICE = Decimal("0.00000001")
_RETURNS = frozenset({InvoiceKind.RETURN, InvoiceKind.WITHHOLDING_RETURN})


@dataclass(frozen=True, slots=True)
class Frame:
    """What all lines of one invoice share. ``sources`` gives the original line's reference per item code."""

    config: LogoConfig
    invoice: Invoice
    salesman: str
    dispatched: bool
    sources: Mapping[str, int]
    direction: Direction

    @property
    def rate(self) -> Decimal:
        """Return TRY per unit of the invoice's currency."""
        return self.invoice.exchange_rate or Decimal(1)

    @property
    def foreign(self) -> bool:
        """Whether the invoice is in another currency than the firm's."""
        return self.invoice.currency != "TRY"

    def local(self, amount: Decimal) -> Decimal:
        """Return an amount in the firm's currency; Logo keeps all amounts in it."""
        return cents(amount * self.rate) if self.foreign else amount


@dataclass(frozen=True, slots=True)
class Price:
    """What is written for one line, in document currency."""

    total: Decimal
    discount: Decimal
    with_vat: bool


def price_of(line: InvoiceLine, amounts: Amounts) -> Price:
    """Return a line's total before discount, and the discount.

    With VAT, total − discount is net + VAT to the kuruş: taking the VAT out of it once gives back the
    invoice's own net and VAT, which adding VAT to the rounded net does not (one line in six at 20 %).
    """
    if amounts is not Amounts.VAT_INCLUDED:
        return Price(line.gross, line.allowance, with_vat=False)
    payable = line.net + line.vat.amount
    if line.allowance == ZERO:
        return Price(payable, ZERO, with_vat=True)
    total = max(payable, cents(line.gross * (HUNDRED + line.vat.rate) / HUNDRED))
    return Price(total, total - payable, with_vat=True)


def transactions(frame: Frame) -> list[Line]:
    """Return all lines of an invoice, each discount below its line."""
    return [made for line in frame.invoice.lines for made in _with_discount(frame, line)]


def rounding_line(frame: Frame) -> list[Line]:
    """Return the line that carries a positive rounding, booked on a service card without VAT."""
    config, rounding = frame.config, frame.invoice.rounding
    if rounding <= ZERO or config.amounts is Amounts.GIVEN:
        return []
    return [
        {
            "TYPE": LineType.SERVICE.value,
            "MASTER_CODE": config.rounding_service,
            "QUANTITY": 1,
            "PRICE": frame.local(rounding),
            "VAT_RATE": 0,
            "VAT_INCLUDED": 0,
            "UNIT_CODE": unit_code(config, "C62"),
            **_common(frame),
        }
    ]


def unit_code(config: LogoConfig, unit: str) -> str:
    """Return Logo's unit code.

    Raises:
        MappingMissing: ``logo.unit``.
    """
    return unit_codes(config, [unit])[unit]


def unit_codes(config: LogoConfig, units: Iterable[str]) -> Mapping[str, str]:
    """Return Logo's unit codes of several units.

    Raises:
        MappingMissing: ``logo.unit`` with every unit the settings do not name.
    """
    missing = sorted({unit for unit in units if not config.units.get(unit)})
    if missing:
        raise MappingMissing("logo.unit", missing, TEXTS.text("logo.unit", units=", ".join(missing)))
    return config.units


def master_code(config: LogoConfig, kind: LineKind, code: str) -> str:
    """Return the card a line is booked on: shipping and fees may have a service card of their own."""
    own = {LineKind.SHIPPING: config.shipping_service, LineKind.FEE: config.fee_service}
    return own.get(kind, "") or code


def _with_discount(frame: Frame, line: InvoiceLine) -> Iterator[Line]:
    price = price_of(line, frame.config.amounts)
    yield {
        **_what(frame, line),
        **_money(frame, line, price),
        **_tax(line),
        **_common(frame),
        **_place(frame, line),
        **_origin(frame, line),
    }
    if price.discount:
        yield {
            "TYPE": LineType.DISCOUNT.value,
            "QUANTITY": 0,
            "TOTAL": frame.local(price.discount),
            "DISCEXP_CALC": BY_AMOUNT,
            "DETAIL_LEVEL": OF_LINE,
            **_billed(frame),
        }


def _what(frame: Frame, line: InvoiceLine) -> Line:
    config, bought = frame.config, frame.direction is Direction.PURCHASE
    return {
        "TYPE": (LineType.ITEM if line.kind is LineKind.GOODS else LineType.SERVICE).value,
        "MASTER_CODE": line.item_code if bought else master_code(config, line.kind, line.item_code),
        "QUANTITY": line.quantity,
        "UNIT_CODE": unit_code(config, line.unit),
        "UNIT_CONV1": 1,
        "UNIT_CONV2": 1,
        "DESCRIPTION": truncate(line.description or line.name, config.line_text_length),
    }


def _money(frame: Frame, line: InvoiceLine, price: Price) -> Line:
    per_unit = unit_price(price.total, line.quantity)
    local = (per_unit * frame.rate).quantize(_UNIT_PRICE, rounding=ROUND_HALF_UP)
    made: Line = {
        "PRICE": local if frame.foreign else per_unit,
        "VAT_RATE": line.vat.rate,
        "VAT_INCLUDED": int(price.with_vat),
    }
    if frame.foreign:
        number = frame.config.currencies[frame.invoice.currency]
        made |= {"CURR_TRANSACTION": number, "EXCHLINE_PRICE": per_unit}
    if frame.config.amounts is Amounts.GIVEN:
        made |= {
            "TOTAL": frame.local(line.gross),
            "VAT_BASE": frame.local(line.net),
            "VAT_AMOUNT": frame.local(line.vat.amount),
            "TOTAL_NET": frame.local(line.net),
        }
    return made


def _tax(line: InvoiceLine) -> Line:
    made: Line = {}
    if line.vat.exemption_code:
        made["VATEXCEPT_CODE"] = truncate(line.vat.exemption_code, EXEMPTION_CODE_LENGTH)
        made["VATEXCEPT_REASON"] = truncate(line.vat.exemption_reason, EXEMPTION_REASON_LENGTH)
    for held in line.withholdings:
        part, whole = _parts(held)
        made |= {"CANDEDUCT": 1, "DEDUCT_CODE": held.code, "DEDUCTION_PART1": part, "DEDUCTION_PART2": whole}
    return made


def _parts(held: Withholding) -> tuple[int, int]:
    """Return a withholding rate as the fraction Logo keeps: 90 % as 9/10, in tenths wherever possible."""
    tenths = held.rate / 10
    if tenths == tenths.to_integral_value():
        return int(tenths), 10
    exact = Fraction(held.rate) / 100
    return exact.numerator, exact.denominator


def _common(frame: Frame) -> Line:
    day = frame.invoice.issue_date
    salesman = {"SALEMANCODE": frame.salesman} if frame.salesman else {}
    return {**_billed(frame), **salesman, "MONTH": day.month, "YEAR": day.year, "AFFECT_RISK": 1}


def _billed(frame: Frame) -> Line:
    return {"BILLED": 1, **({"DISPATCH_NUMBER": NEXT_NUMBER} if frame.dispatched else {})}


def _place(frame: Frame, line: InvoiceLine) -> Line:
    if line.kind is not LineKind.GOODS:
        return {}
    return {"SOURCEINDEX": frame.config.warehouse, "SOURCECOSTGRP": frame.config.cost_group}


def _origin(frame: Frame, line: InvoiceLine) -> Line:
    if frame.invoice.kind not in _RETURNS or line.kind is not LineKind.GOODS:
        return {}
    source = frame.sources.get(line.item_code)
    return {"RET_COST_TYPE": 1, **({"SOURCE_REFERENCE": source} if source else {})}
