"""An invoice on its way into ETA: what is refused beforehand, and the values of its lines and totals."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from kopru.model import VAT, Finding, Invoice, InvoiceKind, InvoiceLine, LineKind
from kopru.model.money import ZERO
from kopru.sdk import Direction, LedgerInvoice, MappingMissing, Rejected, Unsupported
from kopru.toolkit.text import clean, truncate
from kopru_eta.codes import EMPTY, NUMBER_LENGTH
from kopru_eta.config import EtaConfig
from kopru_eta.texts import TEXTS

SUPPORTED = (InvoiceKind.SALE, InvoiceKind.RETURN, InvoiceKind.EXEMPTION)
"""Invoice kinds whose columns and parameters are described well enough."""


@dataclass(slots=True)
class _Faults:
    found: list[Finding] = field(default_factory=list)

    def add(self, code: str, place: str, **values: object) -> None:
        self.found.append(Finding(code=code, message=TEXTS.text(code, **values), field=place))

    def refuse(self) -> None:
        if self.found:
            first = self.found[0]
            raise Rejected(first.code, first.message, findings=self.found, field=first.field)


def check(config: EtaConfig, ledger: LedgerInvoice) -> None:
    """Refuse an invoice that cannot be written as it is.

    Raises:
        Unsupported: ``eta.invoice.kind``.
        Rejected: all faults as findings.
        MappingMissing: ``eta.unit``.
    """
    invoice = ledger.invoice
    if invoice.kind not in SUPPORTED:
        raise Unsupported(
            "eta.invoice.kind", TEXTS.text("eta.invoice.kind", kind=invoice.kind.value), field="kind"
        )
    faults = _Faults()
    if not ledger.party_code.strip():
        faults.add("eta.invoice.party", "party_code")
    if not 0 < len(invoice.number) <= NUMBER_LENGTH:
        faults.add("eta.invoice.number", "number", limit=NUMBER_LENGTH)
    if invoice.rounding:
        faults.add("eta.invoice.rounding", "rounding", rounding=invoice.rounding)
    for index, line in enumerate(invoice.lines):
        if [tax.code for tax in line.taxes] != [VAT]:
            faults.add("eta.invoice.tax", f"lines[{index}].taxes")
        if line.withholdings:
            faults.add("eta.invoice.withholding", f"lines[{index}].withholdings")
        if not item_code(config, line).strip():
            faults.add("eta.line.code", f"lines[{index}].item_code")
    faults.refuse()
    missing = sorted({line.unit for line in invoice.lines} - set(config.units))
    if missing:
        raise MappingMissing("eta.unit", missing, TEXTS.text("eta.unit", units=", ".join(missing)))


def item_code(config: EtaConfig, line: InvoiceLine) -> str:
    """Return the card a line is booked on: shipping and fees may have one of their own."""
    own = {LineKind.SHIPPING: config.shipping_item, LineKind.FEE: config.fee_item}
    return own.get(line.kind, "") or line.item_code


def partner_name(ledger: LedgerInvoice) -> str:
    """Return the partner's name; the column must not be empty."""
    invoice = ledger.invoice
    party = invoice.seller if ledger.direction is Direction.PURCHASE else invoice.buyer
    return truncate(clean(party.display_name), 100) or ledger.party_code


def vat_totals(invoice: Invoice) -> Iterator[tuple[Decimal, Decimal, Decimal]]:
    """Yield each VAT rate with its base and amount; rates of several exemptions come together."""
    found: dict[Decimal, tuple[Decimal, Decimal]] = {}
    for subtotal in invoice.tax_subtotals:
        base, amount = found.get(subtotal.rate, (ZERO, ZERO))
        found[subtotal.rate] = base + subtotal.base, amount + subtotal.amount
    for rate, (base, amount) in found.items():
        yield rate, base, amount


def line_name(line: InvoiceLine) -> str:
    """Return a line's text."""
    return truncate(clean(line.name), 100) or EMPTY
