"""Whether an invoice can be written as UBL-TR, and if not, every reason why.

Only what would make the document impossible or change its meaning is asked here; rules about a finished
document are in ``checks`` and ``arithmetic``.
"""

from collections.abc import Iterator
from decimal import Decimal

from kopru.model import VAT, Address, Finding, Invoice, InvoiceLine, Tax
from kopru_ubltr.codes import ADDED_TAXES, SCHEMES
from kopru_ubltr.config import UblTrConfig
from kopru_ubltr.identity import Identity
from kopru_ubltr.kinds import FORMATS, KINDS
from kopru_ubltr.parties import district
from kopru_ubltr.text import clean, decimals
from kopru_ubltr.texts import finding

_LARGEST = Decimal(10) ** 15
_FINE = 8
"""Decimals of unit prices and quantities."""


def findings(config: UblTrConfig, invoice: Invoice, seller: Identity, buyer: Identity) -> Iterator[Finding]:
    """Yield everything that stops the invoice from being written."""
    if (invoice.kind, invoice.profile) not in FORMATS:
        yield finding("ubltr.kind.unsupported", "kind", kind=invoice.kind, profile=invoice.profile)
    yield from _route(invoice)
    yield from _party("seller", seller, invoice.seller.address, config)
    yield from _party("buyer", buyer, invoice.buyer.address, config)
    yield from _originals(invoice)
    for index, line in enumerate(invoice.lines):
        yield from _line(invoice, line, f"lines[{index}]")
    yield from _zero_vat(invoice)
    yield from _money("rounding", invoice.rounding)
    yield from _money("totals.tax_inclusive", invoice.totals.tax_inclusive)
    if invoice.totals.payable < 0:
        yield finding("ubltr.amount.negative", "rounding", value=invoice.totals.payable)


def _route(invoice: Invoice) -> Iterator[Finding]:
    if not invoice.profile.is_archive and not invoice.buyer_alias:
        yield finding("ubltr.buyer.alias_missing", "buyer_alias")


def _party(who: str, identity: Identity, address: Address, config: UblTrConfig) -> Iterator[Finding]:
    if not identity.number:
        yield finding(f"ubltr.{who}.tax_id_missing", f"{who}.tax_id")
    elif not identity.named:
        yield finding("ubltr.party.name_missing", f"{who}.name")
    if not clean(address.city):
        yield finding("ubltr.party.city_missing", f"{who}.address.city")
    elif not district(address, config):
        yield finding("ubltr.party.district_missing", f"{who}.address.district")
    for scheme, _ in identity.others:
        if scheme not in SCHEMES:
            yield finding("ubltr.party.registration_scheme", f"{who}.registrations", scheme=scheme)


def _originals(invoice: Invoice) -> Iterator[Finding]:
    corrects = KINDS[invoice.kind].corrects
    if corrects and not invoice.billing_refs:
        yield finding("ubltr.billing_refs.missing", "billing_refs")
    if not corrects and invoice.billing_refs:
        yield finding("ubltr.billing_refs.unexpected", "billing_refs")


def _line(invoice: Invoice, line: InvoiceLine, at: str) -> Iterator[Finding]:
    if not clean(line.name):
        yield finding("ubltr.line.name_missing", f"{at}.name")
    if line.withholdings:
        yield finding("ubltr.line.withholding_unsupported", f"{at}.withholdings", kind=invoice.kind)
    yield from _money(f"{at}.gross", line.gross)
    yield from _money(f"{at}.allowance", line.allowance)
    yield from _money(f"{at}.unit_price", line.unit_price, _FINE)
    yield from _money(f"{at}.quantity", line.quantity, _FINE)
    for place, tax in enumerate(line.taxes):
        yield from _tax(tax, f"{at}.taxes[{place}]")


def _tax(tax: Tax, at: str) -> Iterator[Finding]:
    if tax.code not in ADDED_TAXES:
        yield finding("ubltr.tax.unsupported", f"{at}.code", tax=tax.code)
    if bool(tax.exemption_code) != bool(tax.exemption_reason):
        yield finding("ubltr.tax.reason_incomplete", f"{at}.exemption_code", exemption=tax.exemption_code)
    yield from _money(f"{at}.base", tax.base)
    yield from _money(f"{at}.amount", tax.amount)


def _zero_vat(invoice: Invoice) -> Iterator[Finding]:
    if not KINDS[invoice.kind].zero_vat_needs_reason:
        return
    for subtotal in invoice.tax_subtotals:
        if subtotal.code == VAT and not subtotal.amount and not subtotal.exemption_reason:
            yield finding("ubltr.tax.reason_missing", "lines.taxes", rate=subtotal.rate)


def _money(at: str, value: Decimal, most: int = 2) -> Iterator[Finding]:
    if abs(value) >= _LARGEST:
        yield finding("ubltr.amount.too_large", at, value=value)
    elif decimals(value) > most:
        yield finding("ubltr.amount.precision", at, value=value, decimals=most)
