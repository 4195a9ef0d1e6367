"""Exchange rates, taxes and document totals as UBL elements."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from kopru.model import Invoice, Tax, TaxSubtotal
from kopru.model.money import ZERO
from kopru_ubltr.nodes import Part, cac, cbc
from kopru_ubltr.text import amount, plain

_RATE = Decimal("0.000001")
"""GİB's rules allow at most six decimals in an exchange rate."""


def rate(invoice: Invoice) -> Decimal:
    """Return the exchange rate as the document states it."""
    return (invoice.exchange_rate or Decimal(1)).quantize(_RATE, rounding=ROUND_HALF_UP)


def in_lira(invoice: Invoice, value: Decimal) -> Decimal:
    """Return an amount of the document in Turkish lira at the document's rate."""
    return value * rate(invoice)


def exchange_rate(invoice: Invoice) -> Part:
    """Return the pricing exchange rate of a document in a foreign currency."""
    if invoice.currency == "TRY":
        return None
    return cac(
        "PricingExchangeRate",
        cbc("SourceCurrencyCode", invoice.currency),
        cbc("TargetCurrencyCode", "TRY"),
        cbc("CalculationRate", plain(rate(invoice), decimals=2)),
        cbc("Date", invoice.issue_date.isoformat()),
    )


def tax_total(taxes: Sequence[Tax | TaxSubtotal], currency: str) -> Part:
    """Return the taxes of a line or of the document; taxes of several kinds are numbered in order."""
    order = list(dict.fromkeys(tax.code for tax in taxes))
    return cac(
        "TaxTotal",
        money("TaxAmount", sum((tax.amount for tax in taxes), ZERO), currency),
        *(_subtotal(tax, currency, order.index(tax.code) + 1 if len(order) > 1 else 0) for tax in taxes),
    )


def monetary_total(invoice: Invoice) -> Part:
    """Return the document totals in the net convention: line discounts are inside the line amounts."""
    totals, currency = invoice.totals, invoice.currency
    return cac(
        "LegalMonetaryTotal",
        money("LineExtensionAmount", totals.tax_exclusive, currency),
        money("TaxExclusiveAmount", totals.tax_exclusive, currency),
        money("TaxInclusiveAmount", totals.tax_inclusive, currency),
        money("PayableRoundingAmount", totals.rounding, currency) if totals.rounding else None,
        money("PayableAmount", totals.payable, currency),
    )


def money(name: str, value: Decimal, currency: str) -> Part:
    """Return an amount element with two decimals."""
    return cbc(name, amount(value), currencyID=currency)


def _subtotal(tax: Tax | TaxSubtotal, currency: str, place: int) -> Part:
    return cac(
        "TaxSubtotal",
        money("TaxableAmount", tax.base, currency),
        money("TaxAmount", tax.amount, currency),
        cbc("CalculationSequenceNumeric", str(place)) if place else None,
        cbc("Percent", plain(tax.rate)),
        cac(
            "TaxCategory",
            cbc("TaxExemptionReasonCode", tax.exemption_code),
            cbc("TaxExemptionReason", tax.exemption_reason),
            cac("TaxScheme", cbc("Name", tax.name), cbc("TaxTypeCode", tax.code)),
        ),
    )
