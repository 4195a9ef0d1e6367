"""The cash register file: a sale as lines of fixed width, and such lines read back.

Positions come from the settings; the first two characters say what a line is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kopru.model import InvoiceLine
from kopru.sdk import LedgerInvoice, Rejected
from kopru_eta.config import EtaConfig, Place, Receipts
from kopru_eta.mapping import invoice as invoices
from kopru_eta.texts import TEXTS

HEADER = "01"
LINE = "02"
_CANCELLED = "1"


@dataclass(frozen=True, slots=True)
class SoldLine:
    """One item of a receipt; a cancelled one does not count."""

    item: str
    quantity: Decimal
    price: Decimal
    total: Decimal
    vat: Decimal
    discount: Decimal
    barcode: str = ""
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class SoldReceipt:
    """One receipt of the file; amounts contain VAT."""

    number: str
    total: Decimal
    vat: Decimal
    discount: Decimal
    party: str
    lines: tuple[SoldLine, ...]


def file_of(config: EtaConfig, ledger: LedgerInvoice) -> bytes:
    """Return the file that hands one invoice over.

    Raises:
        Rejected: ``eta.receipt.field`` for a value that does not fit its place, ``eta.receipt.letter`` for
            letters the file's encoding does not have.
    """
    layout, invoice = config.receipts, ledger.invoice
    made = [layout.signature] if layout.signature else []
    made.append(_laid(HEADER, layout.header, _header(config, ledger)))
    made += [_laid(LINE, layout.line, _line(config, line)) for line in invoice.lines]
    try:
        return ("\r\n".join(made) + "\r\n").encode(layout.encoding)
    except UnicodeEncodeError as error:
        raise Rejected(
            "eta.receipt.letter", TEXTS.text("eta.receipt.letter", encoding=layout.encoding)
        ) from error


def read(layout: Receipts, content: bytes) -> tuple[SoldReceipt, ...]:
    """Return the receipts of a file; lines of other kinds are passed over.

    Raises:
        Rejected: ``eta.receipt.line`` for a line that cannot be read.
    """
    found: list[SoldReceipt] = []
    text = content.decode(layout.encoding, errors="replace")
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            if line[:2] == HEADER:
                found.append(_receipt(layout, line))
            elif line[:2] == LINE:
                last = found.pop()
                found.append(_with(last, _sold(layout, line)))
        except (ValueError, ArithmeticError, LookupError) as error:
            raise Rejected("eta.receipt.line", TEXTS.text("eta.receipt.line", number=number)) from error
    return tuple(found)


def receipt_number(number: str) -> str:
    """Return the last twelve characters of an invoice's number, which is what the file has room for."""
    return number[-12:]


def _header(config: EtaConfig, ledger: LedgerInvoice) -> dict[str, str]:
    layout, invoice = config.receipts, ledger.invoice
    totals = invoice.totals
    at = datetime.combine(invoice.issue_date, invoice.issue_time)
    return {
        "at": f"{at:%Y%m%d%H%M%S}",
        "number": receipt_number(invoice.number),
        "clock": f"{at:%H:%M}",
        "store": layout.store,
        "document_type": layout.document_type,
        "status": "0",
        "total": _amount(layout, totals.payable),
        "vat": _amount(layout, totals.tax),
        "discount": _amount(layout, totals.allowance),
        "party": ledger.party_code,
    }


def _line(config: EtaConfig, line: InvoiceLine) -> dict[str, str]:
    layout, total = config.receipts, line.net + line.vat.amount
    price = (total + line.allowance) / line.quantity
    return {
        "item": invoices.item_code(config, line),
        "movement": "0",
        "vat_rate": f"{line.vat.rate.normalize():f}",
        "quantity": _amount(layout, line.quantity),
        "unit": "0",
        "price": _amount(layout, round(price, layout.decimals)),
        "total": _amount(layout, total),
        "vat": _amount(layout, line.vat.amount),
        "discount": _amount(layout, line.allowance),
        "barcode": line.barcode,
    }


def _amount(layout: Receipts, value: Decimal) -> str:
    shown = round(value, layout.decimals)
    if shown != value:
        raise Rejected(
            "eta.receipt.field", TEXTS.text("eta.receipt.field", field="amount", value=str(value)[:40])
        )
    return f"{shown:f}".replace(".", layout.point)


def _laid(kind: str, places: Mapping[str, Place], values: Mapping[str, str]) -> str:
    width = max((start + length for start, length in places.values()), default=2)
    line = list(kind.ljust(width))
    for name, value in values.items():
        if name not in places:
            continue
        start, length = places[name]
        if len(value) > length or not value.isprintable():
            raise Rejected("eta.receipt.field", TEXTS.text("eta.receipt.field", field=name, value=value[:40]))
        line[start : start + length] = value.ljust(length)
    return "".join(line)


def _receipt(layout: Receipts, line: str) -> SoldReceipt:
    def at(name: str) -> str:
        return _cut(line, layout.header, name)

    total, vat, discount = (_number(layout, at(name)) for name in ("total", "vat", "discount"))
    return SoldReceipt(at("number"), total, vat, discount, at("party"), ())


def _sold(layout: Receipts, line: str) -> SoldLine:
    def at(name: str) -> str:
        return _cut(line, layout.line, name)

    quantity, price, total, vat, discount = (
        _number(layout, at(name)) for name in ("quantity", "price", "total", "vat", "discount")
    )
    cancelled = at("movement") == _CANCELLED
    return SoldLine(at("item"), quantity, price, total, vat, discount, at("barcode"), cancelled)


def _with(receipt: SoldReceipt, line: SoldLine) -> SoldReceipt:
    lines = (*receipt.lines, line)
    return SoldReceipt(receipt.number, receipt.total, receipt.vat, receipt.discount, receipt.party, lines)


def _cut(line: str, places: Mapping[str, Place], name: str) -> str:
    start, length = places.get(name, (0, 0))
    return line[start : start + length].strip()


def _number(layout: Receipts, text: str) -> Decimal:
    if not text:
        return Decimal(0)
    if layout.point:
        return Decimal(text.replace(layout.point, "."))
    return Decimal(int(text)).scaleb(-layout.decimals)
