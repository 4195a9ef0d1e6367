"""Suppliers' invoices by the installed procedures: header, each line, totals, all in one transaction."""

from datetime import datetime, time
from decimal import Decimal

from kopru.model import InvoiceKind, InvoiceLine, LineKind
from kopru.model.money import ZERO
from kopru.sdk import ConfigError, IdempotencyKey, LedgerInvoice, SqlValue
from kopru.toolkit import rows
from kopru.toolkit.text import truncate
from kopru_eta import errors
from kopru_eta.client import Work
from kopru_eta.codes import EMPTY, EMPTY_DAY, PROFILES
from kopru_eta.config import EtaConfig
from kopru_eta.mapping import invoice as invoices
from kopru_eta.mapping.stored import Stored
from kopru_eta.texts import TEXTS

_KINDS = {InvoiceKind.RETURN: "IADE", InvoiceKind.EXEMPTION: "ISTISNA"}


def write(work: Work, key: IdempotencyKey, ledger: LedgerInvoice, torn: Stored | None) -> None:
    """Write an invoice; ``torn`` is a header without lines that an earlier try left, which is completed.

    Raises:
        ConfigError: ``eta.type.missing``.
    """
    config = work.client.config
    kind = invoice_type(config, ledger)
    ref, stock_ref = (torn.ref, torn.stock_ref) if torn else _header(work, ledger, kind)
    for number, line in enumerate(ledger.invoice.lines, start=1):
        values = _line(config, ledger, line)
        place: dict[str, SqlValue] = {"ref": ref, "stock_ref": stock_ref, "line_number": number, "type": kind}
        work.run("call_line", {**values, **place}, {"procedure": config.procedures.line})
    work.run("call_totals", {"ref": ref}, {"procedure": config.procedures.totals})
    work.run("mark_invoice", _marks(key, ledger, ref), {"key_column": config.key_column})


def invoice_type(config: EtaConfig, ledger: LedgerInvoice) -> str:
    """Return the firm's number for a kind of invoice.

    Raises:
        ConfigError: ``eta.type.missing``.
    """
    types, invoice = config.invoice_types, ledger.invoice
    if invoice.kind is InvoiceKind.RETURN:
        name, number = "purchase_return", types.purchase_return
    elif all(line.kind is not LineKind.GOODS for line in invoice.lines) and types.expense is not None:
        name, number = "expense", types.expense
    else:
        name, number = "purchase", types.purchase
    if number is None:
        text = TEXTS.text("eta.type.missing", kind=name)
        raise ConfigError("eta.type.missing", text, field=f"invoice_types.{name}")
    return str(number)


def _header(work: Work, ledger: LedgerInvoice, kind: str) -> tuple[int, int]:
    names = {"procedure": work.client.config.procedures.header}
    found = work.run("call_header", _header_values(work.client.config, ledger, kind), names)
    try:
        refs = rows.integer(found[0], "ref"), rows.integer(found[0], "stock_ref")
    except (ValueError, IndexError) as error:
        raise errors.unreadable("no references from the header's procedure", write=True) from error
    if refs[0] <= 0:
        # MAX + 1 over an empty table is NULL: the first invoice of a year must be entered by hand.
        raise ConfigError("eta.first", TEXTS["eta.first"])
    return refs


def _header_values(config: EtaConfig, ledger: LedgerInvoice, kind: str) -> dict[str, SqlValue]:
    invoice = ledger.invoice
    totals, day = invoice.totals, datetime.combine(invoice.issue_date, time())
    due = datetime.combine(invoice.payment_due or invoice.issue_date, time())
    rates = [rate for rate, _, _ in invoices.vat_totals(invoice)]
    tax_id = invoice.seller.tax_id
    exemption = next((tax.exemption_reason for tax in invoice.tax_subtotals if tax.exemption_code), "")
    return {
        "party_code": ledger.party_code,
        "warehouse": config.warehouse,
        "user_code": config.user_code,
        "tax_number": tax_id.value[:11] if tax_id else "",
        "profile": PROFILES.get(invoice.profile.value, PROFILES["basic"]),
        "kind": _KINDS.get(invoice.kind, "SATIS"),
        "type": kind,
        "number": invoice.number,
        "day": day,
        "despatches": truncate(",".join(each.number for each in invoice.despatch_refs), 510),
        "due": due,
        "gross": totals.gross,
        "discount": totals.allowance,
        "vat_rate": max(rates, default=ZERO),
        "vat": totals.tax,
        "payable": totals.payable,
        "currency": invoice.currency,
        "exchange_rate": round(invoice.exchange_rate or Decimal(1), 4),
        "note": truncate(" ".join(invoice.notes), 255),
        "exemption": truncate(exemption, 255),
        "net": totals.tax_exclusive,
    }


def _line(config: EtaConfig, ledger: LedgerInvoice, line: InvoiceLine) -> dict[str, SqlValue]:
    return {
        "day": datetime.combine(ledger.invoice.issue_date, time()),
        "party_code": ledger.party_code,
        "warehouse": config.warehouse,
        "user_code": config.user_code,
        "item_code": invoices.item_code(config, line),
        "quantity": line.quantity,
        "unit": config.units[line.unit],
        "price": round(line.unit_price, 6),
        "discount": line.allowance,
        "vat_rate": line.vat.rate,
        "vat": line.vat.amount,
        "description": truncate(line.name, 255),
    }


def _marks(key: IdempotencyKey, ledger: LedgerInvoice, ref: int) -> dict[str, SqlValue]:
    despatches = ledger.invoice.despatch_refs
    return {
        "ref": ref,
        "write_key": key.short,
        "despatch_number": despatches[0].number[:30] if despatches else EMPTY,
        "despatch_day": despatches[0].date if despatches else EMPTY_DAY,
    }
