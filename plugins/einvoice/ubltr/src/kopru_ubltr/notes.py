"""The notes of an invoice, in the order in which a reader expects them."""

from collections.abc import Iterator
from datetime import date

from kopru.model import InternetSale, Invoice, LineKind
from kopru.model.money import cents
from kopru_ubltr import words
from kopru_ubltr.codes import PAYMENT_NAMES
from kopru_ubltr.config import UblTrConfig, WordsStyle
from kopru_ubltr.kinds import KINDS
from kopru_ubltr.text import turkish
from kopru_ubltr.totals import in_lira, rate

INTERNET_STATEMENT = "Bu satış internet üzerinden yapılmıştır."
"""Wording that VUK general communiqué 509 (IV.2.4.5) demands on an e-Arşiv invoice of an internet sale."""

DESPATCH_STATEMENT = "İrsaliye yerine geçer."


def notes(config: UblTrConfig, invoice: Invoice) -> Iterator[str]:
    """Yield the notes.

    Amount in words, exchange rate, statements by law, the invoice's own, the fixed ones.
    """
    if config.amount_in_words is not WordsStyle.NONE:
        joined = config.amount_in_words is WordsStyle.JOINED
        yield words.amount(invoice.totals.payable, invoice.currency, joined=joined)
    if config.currency_note and invoice.exchange_rate is not None and invoice.currency != "TRY":
        yield _currency(invoice)
    if config.internet_note and invoice.profile.is_archive and invoice.internet_sale is not None:
        yield INTERNET_STATEMENT
        yield " | ".join(_internet(invoice.internet_sale))
    if config.despatch_note and _replaces_despatch(invoice):
        yield DESPATCH_STATEMENT
    yield from invoice.notes
    yield from config.extra_notes


def _currency(invoice: Invoice) -> str:
    base, tax, payable = (
        turkish(cents(in_lira(invoice, value)))
        for value in (invoice.totals.tax_exclusive, invoice.totals.tax, invoice.totals.payable)
    )
    return (
        f"Döviz kuru: 1 {invoice.currency} = {turkish(rate(invoice))} TL. "
        f"TL karşılığı: matrah {base}, vergi {tax}, ödenecek {payable} TL."
    )


def _internet(sale: InternetSale) -> Iterator[str]:
    if sale.website:
        yield f"Web adresi: {sale.website}"
    yield f"Ödeme şekli: {PAYMENT_NAMES[sale.payment_method]}"
    if sale.payment_agent:
        yield f"Ödeme aracısı: {sale.payment_agent}"
    yield f"Ödeme tarihi: {_day(sale.payment_date)}"
    if sale.carrier_name:
        number = f" (VKN/TCKN {sale.carrier_tax_id})" if sale.carrier_tax_id else ""
        yield f"Taşıyıcı: {sale.carrier_name}{number}"
    if sale.shipped_on:
        yield f"Gönderim tarihi: {_day(sale.shipped_on)}"


def _replaces_despatch(invoice: Invoice) -> bool:
    sells_goods = any(line.kind is LineKind.GOODS for line in invoice.lines)
    return sells_goods and not invoice.despatch_refs and not KINDS[invoice.kind].corrects


def _day(value: date) -> str:
    return value.strftime("%d.%m.%Y")
