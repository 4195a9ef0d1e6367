"""The data of GİB's QR code (karekod) for e-Fatura and e-Arşiv invoices.

The karekod standard wants a flat JSON object with these keys, all values texts, and one pair of base and tax
per VAT rate. Viewers draw it from the document; it is offered here for the own PDF and for embedding.
"""

import json
from collections.abc import Iterable
from decimal import Decimal

from kopru.model import VAT, Invoice
from kopru_ubltr.identity import Identity
from kopru_ubltr.kinds import KINDS, PROFILE_CODES
from kopru_ubltr.summary import Summary
from kopru_ubltr.text import amount, plain

REFERENCE_TYPE = "KAREKOD"


def of_invoice(invoice: Invoice, seller: Identity, buyer: Identity) -> str:
    """Return the QR code data of an invoice that is being rendered."""
    totals = invoice.totals
    return _json(
        seller=seller.number,
        buyer=buyer.number,
        profile=PROFILE_CODES[invoice.profile],
        kind=KINDS[invoice.kind].code,
        day=invoice.issue_date.isoformat(),
        number=invoice.number,
        ettn=str(invoice.id),
        currency=invoice.currency,
        lines=totals.tax_exclusive,
        vat=((each.rate, each.base, each.amount) for each in invoice.tax_subtotals if each.code == VAT),
        inclusive=totals.tax_inclusive,
        payable=totals.payable,
    )


def of_document(document: Summary) -> str:
    """Return the QR code data of a document that was read; what it lacks is left empty."""
    totals = document.totals
    return _json(
        seller=document.seller.number,
        buyer=document.buyer.number,
        profile=document.profile,
        kind=document.kind,
        day=document.issue_date.isoformat() if document.issue_date else "",
        number=document.number,
        ettn=document.ettn,
        currency=document.currency,
        lines=totals.line_extension,
        vat=((each.rate, each.base, each.amount) for each in document.taxes if each.code == VAT),
        inclusive=totals.tax_inclusive,
        payable=totals.payable,
    )


def _json(
    *,
    seller: str,
    buyer: str,
    profile: str,
    kind: str,
    day: str,
    number: str,
    ettn: str,
    currency: str,
    lines: Decimal | None,
    vat: Iterable[tuple[Decimal | None, Decimal | None, Decimal | None]],
    inclusive: Decimal | None,
    payable: Decimal | None,
) -> str:
    data = {
        "vkntckn": seller,
        "avkntckn": buyer,
        "senaryo": profile,
        "tip": kind,
        "tarih": day,
        "no": number,
        "ettn": ettn,
        "parabirimi": currency,
        "malhizmettoplam": _money(lines),
        **_vat(vat),
        "vergidahil": _money(inclusive),
        "odenecek": _money(payable),
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _vat(vat: Iterable[tuple[Decimal | None, Decimal | None, Decimal | None]]) -> dict[str, str]:
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for rate, base, tax in vat:
        key = plain(rate or Decimal(0))
        known_base, known_tax = sums.get(key, (Decimal(0), Decimal(0)))
        sums[key] = (known_base + (base or Decimal(0)), known_tax + (tax or Decimal(0)))
    pairs: dict[str, str] = {}
    for key, (base, tax) in sums.items():
        pairs[f"kdvmatrah({key})"] = amount(base)
        pairs[f"hesaplanankdv({key})"] = amount(tax)
    return pairs


def _money(value: Decimal | None) -> str:
    return "" if value is None else amount(value)
