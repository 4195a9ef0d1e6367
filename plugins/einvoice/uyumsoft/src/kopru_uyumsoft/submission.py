"""From our invoice to Uyumsoft's ``InvoiceInfo``. Pure."""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from kopru.model import InternetSale, Invoice
from kopru.sdk import Submission
from kopru.toolkit import soap
from kopru_uyumsoft.codes import PAYMENT_FORMS, SCENARIOS, Side
from kopru_uyumsoft.config import UyumsoftConfig


def to_invoice_info(
    config: UyumsoftConfig, side: Side, submission: Submission, now: datetime
) -> dict[str, Any]:
    """Return the document and what goes beside it; the document's content is not changed.

    ``LocalDocumentId`` is the ETTN: Uyumsoft can be asked to keep it unique.
    """
    invoice = submission.invoice
    archive = side is Side.E_ARCHIVE
    return {
        "Invoice": soap.Verbatim(submission.document.content),
        "TargetCustomer": None if archive else _customer(invoice),
        "EArchiveInvoiceInfo": _archive(config, invoice) if archive else None,
        "Scenario": SCENARIOS[side],
        "CreateDateUtc": now,
        "LocalDocumentId": str(invoice.id),
    }


def _customer(invoice: Invoice) -> dict[str, Any]:
    buyer = invoice.buyer
    return {
        "VknTckn": buyer.tax_id.value if buyer.tax_id else None,
        "Alias": invoice.buyer_alias,
        "Title": buyer.name or f"{buyer.first_name} {buyer.last_name}".strip() or None,
    }


def _archive(config: UyumsoftConfig, invoice: Invoice) -> dict[str, Any]:
    sale = invoice.internet_sale
    # An internet sale is always delivered electronically (VUK general communiqué 509).
    electronic = sale is not None or config.archive_delivery == "electronic"
    return {
        "DeliveryType": "Electronic" if electronic else "Paper",
        "InternetSalesInfo": _internet_sale(sale) if sale else None,
        "WithHoldings": list(_withholdings(invoice)),
    }


def _withholdings(invoice: Invoice) -> Iterator[dict[str, Any]]:
    for each in invoice.withholding_subtotals:
        yield {"Code": each.code, "Rate": each.rate, "Total": each.amount}


def _internet_sale(sale: InternetSale) -> dict[str, Any]:
    carrier = {"SenderTcknVkn": sale.carrier_tax_id or None, "SenderName": sale.carrier_name or None}
    shipment = {
        "SendDate": _midnight(sale.shipped_on) if sale.shipped_on else None,
        "Carier": carrier if any(carrier.values()) else None,
    }
    return {
        "WebAddress": sale.website,
        "PaymentMidierName": sale.payment_agent or None,
        "PaymentType": PAYMENT_FORMS[sale.payment_method],
        "PaymentDate": _midnight(sale.payment_date),
        "ShipmentInfo": shipment if any(shipment.values()) else None,
    }


def _midnight(day: date) -> datetime:
    # A calendar day in a field for moments: without an offset no server can shift it to the day before.
    return datetime.combine(day, time())
