"""The part of the lint that looks at lines and taxes."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from kopru.documents.texts import finding
from kopru.model import VAT, Finding, Invoice, InvoiceKind, InvoiceLine, TaxSubtotal
from kopru.model.money import CENT, ZERO, cents

RATE_CHANGE = date(2023, 7, 10)
"""Presidential decision of 7 July 2023: 8 became 10 and 18 became 20."""

_RATES = frozenset({Decimal(1), Decimal(10), Decimal(20)})
_RATES_BEFORE = frozenset({Decimal(1), Decimal(8), Decimal(18)})
_NO_REASON_NEEDED = frozenset(
    {
        InvoiceKind.RETURN,
        InvoiceKind.WITHHOLDING_RETURN,
        InvoiceKind.EXPORT_REGISTERED,
        InvoiceKind.SPECIAL_BASE,
        InvoiceKind.SOCIAL_SECURITY,
        InvoiceKind.ACCOMMODATION_TAX,
    }
)
_NOT_EXEMPTIONS = frozenset({"351", "555"})
_EXEMPTION_KINDS = frozenset(
    {InvoiceKind.EXEMPTION, InvoiceKind.RETURN, InvoiceKind.EXPORT_REGISTERED, InvoiceKind.SOCIAL_SECURITY}
)
_SPECIAL_BASE_KINDS = frozenset({InvoiceKind.SPECIAL_BASE, InvoiceKind.RETURN, InvoiceKind.SOCIAL_SECURITY})
_WITHHOLDING_KINDS = frozenset({InvoiceKind.WITHHOLDING, InvoiceKind.RETURN, InvoiceKind.SOCIAL_SECURITY})


def vat_rates(on: date) -> frozenset[Decimal]:
    """Return the VAT percentages in force on a day, without the zero of an exemption."""
    return _RATES if on >= RATE_CHANGE else _RATES_BEFORE


def lint_lines(invoice: Invoice) -> Iterator[Finding]:
    """Yield what is wrong with the lines, their taxes and the tax subtotals."""
    days = [ref.date for ref in invoice.billing_refs] or [invoice.issue_date]
    rates = frozenset(rate for day in days for rate in vat_rates(day))
    for index, line in enumerate(invoice.lines):
        where = f"lines[{index}]"
        if not line.name:
            yield finding("document.line.name_missing", f"{where}.name", line=line.id)
        yield from _vat(invoice.kind, line, where, rates)
        yield from _amounts(line, where, 3 * CENT if invoice.billing_refs else CENT)
        if line.withholdings and invoice.kind not in _WITHHOLDING_KINDS:
            yield finding("document.line.withholding", f"{where}.withholdings", name=line.name)
    for subtotal in invoice.tax_subtotals:
        yield from _subtotal(invoice.kind, subtotal)


def _vat(kind: InvoiceKind, line: InvoiceLine, where: str, rates: frozenset[Decimal]) -> Iterator[Finding]:
    vats = [tax for tax in line.taxes if tax.code == VAT]
    if len(vats) != 1:
        yield finding("document.line.one_vat", f"{where}.taxes", name=line.name)
        return
    tax = vats[0]
    if bool(tax.exemption_code) != bool(tax.exemption_reason):
        yield finding("document.line.exemption_text", f"{where}.taxes", name=line.name)
    if tax.rate != ZERO and tax.rate not in rates:
        allowed = ", ".join(str(rate) for rate in sorted(rates))
        yield finding(
            "document.line.vat_rate", f"{where}.taxes", name=line.name, rate=tax.rate, allowed=allowed
        )
    if tax.rate == ZERO and not tax.exemption_code and kind not in _NO_REASON_NEEDED:
        yield finding("document.line.exemption_missing", f"{where}.taxes", name=line.name)
    if not _exemption_fits(kind, tax.exemption_code):
        yield finding(
            "document.line.exemption_kind", f"{where}.taxes", name=line.name, code=tax.exemption_code
        )


def _exemption_fits(kind: InvoiceKind, code: str) -> bool:
    if not code or code in _NOT_EXEMPTIONS:
        return True
    if code.startswith("8"):
        return kind in _SPECIAL_BASE_KINDS
    return kind in _EXEMPTION_KINDS


def _amounts(line: InvoiceLine, where: str, tolerance: Decimal) -> Iterator[Finding]:
    """Check one line's amounts.

    VAT taken out of a VAT-included price may be a kuruş away from base × rate, and a part of such a line on
    a return document three; more is a mistake.
    """
    money = [("gross", line.gross), ("allowance", line.allowance)]
    for index, tax in enumerate(line.taxes):
        money += [(f"taxes[{index}].base", tax.base), (f"taxes[{index}].amount", tax.amount)]
        if tax.amount < ZERO or tax.base < ZERO:
            yield finding("document.line.negative", f"{where}.taxes[{index}]", name=line.name)
        if abs(cents(tax.base * tax.rate / 100) - tax.amount) > tolerance:
            yield finding("document.line.tax_amount", f"{where}.taxes[{index}].amount", name=line.name)
    for name, amount in money:
        if amount != cents(amount):
            yield finding("document.line.decimals", f"{where}.{name}", name=line.name, amount=amount)
    if line.gross == ZERO and not any(tax.exemption_code for tax in line.taxes):
        yield finding("document.line.zero_price", f"{where}.gross", name=line.name)


def _subtotal(kind: InvoiceKind, subtotal: TaxSubtotal) -> Iterator[Finding]:
    """GİB refuses a VAT sum of zero without a reason."""
    silent = subtotal.amount == ZERO and subtotal.rate != ZERO and not subtotal.exemption_code
    if subtotal.code == VAT and silent and kind not in _NO_REASON_NEEDED:
        yield finding("document.tax.zero_amount", "tax_subtotals", rate=subtotal.rate)
