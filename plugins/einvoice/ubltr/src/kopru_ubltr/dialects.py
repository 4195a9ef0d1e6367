"""The delivery and internet-sale data of an e-Arşiv invoice, in the words of different integrators.

GİB fixes these data in the e-Arşiv report only, so each integrator reads them from reference elements of its
own. Every dialect also gets the plain UBL elements (carrier, despatch date, payment means, web address).
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from kopru.model import InternetSale, Invoice
from kopru_ubltr.codes import PAYMENT_FORMS
from kopru_ubltr.config import Delivery, InternetDialect, UblTrConfig
from kopru_ubltr.nodes import Part, cac, cbc

_DELIVERY = {Delivery.ELECTRONIC: "ELEKTRONIK", Delivery.PAPER: "KAGIT"}


class Reference(NamedTuple):
    """One ``AdditionalDocumentReference``."""

    id: str
    type_code: str = ""
    type: str = ""
    description: str = ""


def references(config: UblTrConfig, invoice: Invoice) -> Iterator[Reference]:
    """Yield the references of one invoice; only e-Arşiv invoices have them."""
    if invoice.profile.is_archive:
        delivery = Delivery.ELECTRONIC if invoice.internet_sale else config.archive_delivery
        yield from _DIALECTS[config.internet_dialect](_DELIVERY[delivery], invoice.internet_sale)


def element(reference: Reference, day: date) -> Part:
    """Return a reference as a UBL element."""
    return cac(
        "AdditionalDocumentReference",
        cbc("ID", reference.id),
        cbc("IssueDate", day.isoformat()),
        cbc("DocumentTypeCode", reference.type_code),
        cbc("DocumentType", reference.type),
        cbc("DocumentDescription", reference.description),
    )


def _nilvera(delivery: str, sale: InternetSale | None) -> Iterator[Reference]:
    yield Reference(delivery, "SEND_TYPE")
    if sale is None:
        return
    yield Reference(".", "IS_INTERNET")
    values = {
        "INT_WEBSITE": sale.website,
        "INT_PAYMENT_METHOD": PAYMENT_FORMS[sale.payment_method],
        "INT_PAYMENTDATE": sale.payment_date.isoformat(),
        "INT_TRANSPORTER": sale.carrier_name,
        "INT_TRANSPORTER_REGISTER_NUMBER": sale.carrier_tax_id,
        "INT_TRANSPORT_DATE": sale.shipped_on.isoformat() if sale.shipped_on else "",
    }
    yield from (Reference(value, code) for code, value in values.items() if value)


def _izibiz(delivery: str, sale: InternetSale | None) -> Iterator[Reference]:
    yield Reference("1", "SendingType", delivery)
    yield Reference("1", "EArchiveType", "INTERNET" if sale else "NORMAL")


def _general(delivery: str, sale: InternetSale | None) -> Iterator[Reference]:
    del sale  # the UBL elements and the notes carry it
    yield Reference(delivery, type="GONDERIM_SEKLI")


_DIALECTS: Mapping[InternetDialect, Callable[[str, InternetSale | None], Iterator[Reference]]] = {
    InternetDialect.NILVERA: _nilvera,
    InternetDialect.IZIBIZ: _izibiz,
    InternetDialect.GENERAL: _general,
}
