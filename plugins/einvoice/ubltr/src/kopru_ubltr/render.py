"""An invoice as UBL-TR bytes. Pure: the same invoice and settings always give the same bytes."""

from datetime import date

from kopru.model import DocumentRef, Invoice, PaymentMethod, Rendered
from kopru.sdk import Rejected
from kopru_ubltr import karekod, parties, totals
from kopru_ubltr.codes import BANK_TRANSFER, PAYMENT_FORMS, PAYMENT_MEANS, RETURNED, UNSPECIFIED_MEANS
from kopru_ubltr.config import UblTrConfig
from kopru_ubltr.dialects import Reference, element, references
from kopru_ubltr.expressible import findings
from kopru_ubltr.identity import Identity, of_buyer, of_seller
from kopru_ubltr.kinds import KINDS, PROFILE_CODES
from kopru_ubltr.lines import line
from kopru_ubltr.nodes import Part, cac, cbc, document, extensions
from kopru_ubltr.notes import notes
from kopru_ubltr.texts import TEXTS


def render(config: UblTrConfig, invoice: Invoice) -> Rendered:
    """Return the invoice as a UBL-TR document without signature.

    Raises:
        Rejected: ``ubltr.render.rejected`` with one finding per reason why it cannot be written.
    """
    seller = of_seller(invoice.seller)
    buyer = of_buyer(invoice.buyer, invoice.profile, config)
    problems = tuple(findings(config, invoice, seller, buyer))
    if problems:
        code = "ubltr.render.rejected"
        raise Rejected(code, TEXTS[code], findings=problems, field=problems[0].field)
    return Rendered(
        content=document(*_parts(config, invoice, seller, buyer)), filename=f"{invoice.number}.xml"
    )


def _parts(config: UblTrConfig, invoice: Invoice, seller: Identity, buyer: Identity) -> tuple[Part, ...]:
    return (
        *_header(config, invoice),
        *_references(config, invoice, seller, buyer),
        parties.signature(invoice.seller, seller, str(invoice.id), config),
        parties.party("AccountingSupplierParty", invoice.seller, seller, config, website=_website(invoice)),
        parties.party("AccountingCustomerParty", invoice.buyer, buyer, config),
        _delivery(config, invoice),
        _payment(config, invoice),
        totals.exchange_rate(invoice),
        totals.tax_total(invoice.tax_subtotals, invoice.currency),
        totals.monetary_total(invoice),
        *(line(value, position, invoice.currency) for position, value in enumerate(invoice.lines, start=1)),
    )


def _header(config: UblTrConfig, invoice: Invoice) -> tuple[Part, ...]:
    return (
        extensions(),
        cbc("UBLVersionID", "2.1"),
        cbc("CustomizationID", config.customization_id),
        cbc("ProfileID", PROFILE_CODES[invoice.profile]),
        cbc("ID", invoice.number),
        cbc("CopyIndicator", "false"),
        cbc("UUID", str(invoice.id)),
        cbc("IssueDate", invoice.issue_date.isoformat()),
        cbc("IssueTime", invoice.issue_time.strftime("%H:%M:%S")),
        cbc("InvoiceTypeCode", KINDS[invoice.kind].code),
        *(cbc("Note", note) for note in notes(config, invoice)),
        cbc("DocumentCurrencyCode", invoice.currency),
        cbc("PricingCurrencyCode", invoice.currency) if invoice.currency != "TRY" else None,
        cbc("LineCountNumeric", str(len(invoice.lines))),
    )


def _references(config: UblTrConfig, invoice: Invoice, seller: Identity, buyer: Identity) -> tuple[Part, ...]:
    attached = list(references(config, invoice))
    if config.karekod:
        data = karekod.of_invoice(invoice, seller, buyer)
        attached.append(Reference(invoice.number, karekod.REFERENCE_TYPE, description=data))
    return (
        _reference("OrderReference", invoice.order_ref) if invoice.order_ref else None,
        *(
            cac("BillingReference", _reference("InvoiceDocumentReference", ref, RETURNED, "FATURA"))
            for ref in invoice.billing_refs
        ),
        *(_reference("DespatchDocumentReference", ref) for ref in invoice.despatch_refs),
        *(element(reference, invoice.issue_date) for reference in attached),
    )


def _reference(name: str, ref: DocumentRef, type_code: str = "", type_name: str = "") -> Part:
    return cac(
        name,
        cbc("ID", ref.number),
        cbc("IssueDate", ref.date.isoformat()),
        cbc("DocumentTypeCode", type_code),
        cbc("DocumentType", type_name),
    )


def _delivery(config: UblTrConfig, invoice: Invoice) -> Part:
    place, sale = invoice.delivery_address, invoice.internet_sale
    # An address without town is of no use to the carrier and not writable; the rest of the delivery is.
    writable = place is not None and place.city and parties.district(place, config)
    return cac(
        "Delivery",
        cbc("TrackingID", invoice.tracking_number),
        parties.address("DeliveryAddress", place, config) if place is not None and writable else None,
        parties.carrier(sale.carrier_name, sale.carrier_tax_id) if sale else None,
        cac("Despatch", cbc("ActualDespatchDate", sale.shipped_on.isoformat()))
        if sale and sale.shipped_on
        else None,
    )


def _payment(config: UblTrConfig, invoice: Invoice) -> Part:
    sale = invoice.internet_sale
    if sale is None:
        means = BANK_TRANSFER if config.iban else UNSPECIFIED_MEANS
        wanted = bool(config.iban or invoice.payment_due)
        return _payment_means(means, invoice.payment_due, "", config.iban, invoice) if wanted else None
    form = PAYMENT_FORMS[sale.payment_method]
    note = f"{form}: {sale.payment_agent}" if sale.payment_agent else form
    iban = config.iban if sale.payment_method is PaymentMethod.TRANSFER else ""
    due = invoice.payment_due or sale.payment_date
    return _payment_means(PAYMENT_MEANS[sale.payment_method], due, note, iban, invoice)


def _payment_means(means: str, due: date | None, note: str, iban: str, invoice: Invoice) -> Part:
    account = cac("PayeeFinancialAccount", cbc("ID", iban), cbc("CurrencyCode", invoice.currency))
    return cac(
        "PaymentMeans",
        cbc("PaymentMeansCode", means),
        cbc("PaymentDueDate", due.isoformat() if due else ""),
        cbc("InstructionNote", note),
        account if iban else None,
    )


def _website(invoice: Invoice) -> str:
    return invoice.internet_sale.website if invoice.internet_sale else ""
