"""Invoices written into ETA's tables. Experimental, and off unless the settings say so twice.

Every row is a copy of one that was entered by hand in ETA, with the known columns replaced: columns nobody
described keep what ETA itself wrote, and none is NULL. The account and ledger vouchers, whose columns are not
known, are left to ETA's own transfer.
"""

from decimal import Decimal

from kopru.model import Invoice, InvoiceKind, InvoiceLine, LineKind
from kopru.sdk import ConfigError, Direction, IdempotencyKey, LedgerInvoice, Rejected, SqlRow, SqlValue
from kopru.toolkit import rows
from kopru_eta import errors
from kopru_eta.client import Work
from kopru_eta.codes import EMPTY, ITEM_LINE, LOCAL, SERVICE_LINE
from kopru_eta.config import EtaConfig
from kopru_eta.mapping import invoice as invoices
from kopru_eta.mapping import stored
from kopru_eta.mapping.stored import Stored
from kopru_eta.texts import TEXTS

_SMALLEST = Decimal("0.000001")


def write(work: Work, key: IdempotencyKey, ledger: LedgerInvoice) -> None:
    """Write an invoice with its stock voucher.

    Raises:
        ConfigError: ``eta.template`` or ``eta.counter``.
    """
    invoice = ledger.invoice
    template = _template(work, ledger)
    goods = [line for line in invoice.lines if line.kind is LineKind.GOODS]
    moves = bool(goods) and template.stock_ref > 0
    ref = _next(work, "next_invoice")
    stock_ref = _next(work, "next_stock") if moves else 0
    work.run("copy_invoice", _header(ledger, template.ref, ref, stock_ref))
    for number, line in enumerate(invoice.lines, start=1):
        values = _line(work.client.config, invoice, line, number)
        kind = ITEM_LINE if line.kind is LineKind.GOODS else SERVICE_LINE
        own: dict[str, SqlValue] = {
            "template": template.ref,
            "ref": ref,
            "line_kind": kind,
            "write_key": key.short,
        }
        work.run("copy_line", {**values, **own}, {"key_column": work.client.config.key_column})
        if moves and line.kind is LineKind.GOODS:
            work.run("copy_stock_line", {**values, "template": template.stock_ref, "ref": stock_ref})
    for rate, base, amount in invoices.vat_totals(invoice):
        work.run("copy_total", _total(invoice, template.ref, ref, (rate, base, amount)))
    if moves:
        work.run("copy_stock_voucher", _voucher(invoice, goods, template.stock_ref, stock_ref))


def template_number(config: EtaConfig, ledger: LedgerInvoice) -> str:
    """Return the number of the invoice that is copied for a kind.

    Raises:
        ConfigError: ``eta.template``.
    """
    sold, returned = ledger.direction is Direction.SALES, ledger.invoice.kind is InvoiceKind.RETURN
    name = {
        (True, False): "sale",
        (True, True): "sales_return",
        (False, False): "purchase",
        (False, True): "purchase_return",
    }[sold, returned]
    number = str(getattr(config.templates, name))
    if not number:
        raise ConfigError("eta.template", TEXTS.text("eta.template", name=name), field=f"templates.{name}")
    return number


def _template(work: Work, ledger: LedgerInvoice) -> Stored:
    number, year = template_number(work.client.config, ledger), ledger.invoice.issue_date.year
    found = [read(year, row) for row in work.run("invoices_by_number", {"number": number})]
    if len(found) != 1 or not found[0].lines:
        raise ConfigError("eta.template", TEXTS.text("eta.template", name=number), field="templates")
    return found[0]


def read(year: int, row: SqlRow) -> Stored:
    """Read an invoice's row; one of another shape is trouble of the answer, not of the record."""
    try:
        return stored.from_row(year, row)
    except (ValueError, ArithmeticError, Rejected) as error:
        raise errors.unreadable(str(error)) from error


def _next(work: Work, statement: str) -> int:
    found = work.run(statement, {})
    try:
        return rows.integer(found[0], "ref")
    except IndexError as error:
        raise ConfigError("eta.counter", TEXTS["eta.counter"]) from error
    except ValueError as error:
        raise errors.unreadable(str(error), write=True) from error


def _header(ledger: LedgerInvoice, template: int, ref: int, stock_ref: int) -> dict[str, SqlValue]:
    invoice, totals = ledger.invoice, ledger.invoice.totals
    local = invoice.currency == LOCAL
    return {
        **_sums(invoice),
        "template": template,
        "ref": ref,
        "stock_ref": stock_ref,
        "clock": f"{invoice.issue_time:%H:%M}",
        "party_code": ledger.party_code,
        "customer_name": invoices.partner_name(ledger),
        "currency": EMPTY if local else invoice.currency,
        "exchange_rate": Decimal(0) if local else round(invoice.exchange_rate or Decimal(1), 6),
        "currency_total": Decimal(0) if local else totals.payable,
    }


def _sums(invoice: Invoice) -> dict[str, SqlValue]:
    totals = invoice.totals
    return {
        "day": invoice.issue_date,
        "number": invoice.number,
        "gross": totals.gross,
        "discount": totals.allowance,
        "net": totals.tax_exclusive,
        "vat": totals.tax,
        "payable": totals.payable,
    }


def _line(config: EtaConfig, invoice: Invoice, line: InvoiceLine, number: int) -> dict[str, SqlValue]:
    return {
        "day": invoice.issue_date,
        "line_number": number,
        "item_code": invoices.item_code(config, line),
        "item_name": invoices.line_name(line),
        "unit": config.units[line.unit],
        "barcode": line.barcode[:50] or EMPTY,
        "quantity": line.quantity,
        "price": round(line.unit_price, 6),
        "gross": line.gross,
        "discount": line.allowance,
        "net": line.net,
        "vat_rate": line.vat.rate,
        "vat": line.vat.amount,
        "net_price": (line.net / line.quantity).quantize(_SMALLEST),
    }


def _total(
    invoice: Invoice, template: int, ref: int, sums: tuple[Decimal, Decimal, Decimal]
) -> dict[str, SqlValue]:
    rate, base, amount = sums
    title = f"KDV(%{rate.normalize():f})"
    own: dict[str, SqlValue] = {"template": template, "ref": ref, "day": invoice.issue_date, "title": title}
    return {**own, "vat_rate": rate, "base": base, "vat": amount}


def _voucher(invoice: Invoice, goods: list[InvoiceLine], template: int, ref: int) -> dict[str, SqlValue]:
    net = sum((line.net for line in goods), Decimal(0))
    vat = sum((line.vat.amount for line in goods), Decimal(0))
    return {
        "template": template,
        "ref": ref,
        "day": invoice.issue_date,
        "number": invoice.number,
        "gross": sum((line.gross for line in goods), Decimal(0)),
        "discount": sum((line.allowance for line in goods), Decimal(0)),
        "net": net,
        "vat": vat,
        "payable": net + vat,
    }
