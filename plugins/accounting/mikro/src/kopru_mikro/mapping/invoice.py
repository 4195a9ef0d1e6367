"""An invoice as ``FaturaKaydetV2`` and ``FaturaKaydetV3`` take it.

Amounts are those of the invoice: line totals without VAT before discount, discount and VAT beside them, so
that Mikro adds up and computes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kopru.model import VAT, Invoice, InvoiceKind, InvoiceLine, LineKind, Party, PartyKind
from kopru.model.money import ZERO
from kopru.sdk import Direction, IdempotencyKey, LedgerInvoice, Unsupported
from kopru.toolkit.text import clean, split_phone, truncate
from kopru_mikro.codes import (
    CODE_LENGTH,
    CUSTOMER,
    LINE_CLASS,
    LINE_TEXT_LENGTH,
    SERVICE_CARD,
    InvoiceClass,
    due_day,
    written_day,
)
from kopru_mikro.config import (
    PURCHASE,
    SALE,
    Codes,
    DocumentNumber,
    MikroConfig,
    Numbers,
    SaleClass,
    SecondKey,
    ServiceInvoices,
)
from kopru_mikro.mapping.lines import Faults, card_code, unit_pointers
from kopru_mikro.mapping.party import country_name
from kopru_mikro.texts import TEXTS
from kopru_mikro.vat import Pointers

SUPPORTED = (InvoiceKind.SALE, InvoiceKind.RETURN, InvoiceKind.EXEMPTION)
"""Invoice kinds whose fields are documented; withholding and the others are not."""

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Booking:
    """One invoice on its way into the ledger, with everything its lines need."""

    config: MikroConfig
    key: IdempotencyKey
    ledger: LedgerInvoice
    pointers: Pointers

    @property
    def invoice(self) -> Invoice:
        """Return the invoice."""
        return self.ledger.invoice

    @property
    def codes(self) -> Codes:
        """Return the codes of the invoice's sales channel."""
        return self.config.codes_for(self.ledger.channel)

    @property
    def numbers(self) -> Numbers:
        """Return by which numbers Mikro knows this kind of invoice."""
        returned = self.invoice.kind is InvoiceKind.RETURN
        if self.ledger.direction is Direction.PURCHASE:
            return self.config.purchase_return if returned else PURCHASE
        return self.config.sales_return if returned else SALE

    @property
    def invoice_class(self) -> InvoiceClass:
        """Return wholesale or retail."""
        if self.ledger.direction is Direction.PURCHASE:
            return InvoiceClass.WHOLESALE
        company = self.invoice.buyer.kind is PartyKind.COMPANY
        chosen = self.config.company_sale if company else self.config.person_sale
        return InvoiceClass.RETAIL if chosen is SaleClass.RETAIL else InvoiceClass.WHOLESALE

    @property
    def series(self) -> str:
        """Return the series Mikro numbers the document in."""
        codes, returned = self.codes, self.invoice.kind is InvoiceKind.RETURN
        if self.ledger.direction is Direction.PURCHASE:
            return codes.purchase_series or codes.series
        return (codes.return_series if returned else "") or codes.series


def check(config: MikroConfig, ledger: LedgerInvoice) -> None:
    """Refuse an invoice that cannot be booked as it is, before anything is sent.

    Raises:
        Unsupported: ``mikro.invoice.kind``.
        Rejected: all faults as findings.
        MappingMissing: ``mikro.unit``.
    """
    invoice = ledger.invoice
    if invoice.kind not in SUPPORTED:
        text = TEXTS.text("mikro.invoice.kind", kind=invoice.kind.value)
        raise Unsupported("mikro.invoice.kind", text, field="kind")
    faults = Faults()
    if not 0 < len(ledger.party_code) <= CODE_LENGTH:
        faults.add("mikro.invoice.party", "party_code", limit=CODE_LENGTH)
    if invoice.currency != "TRY" and invoice.currency not in config.currencies:
        faults.add("mikro.currency", "currency", currency=invoice.currency)
    if invoice.rounding < ZERO or (invoice.rounding and not config.rounding_item):
        faults.add("mikro.invoice.rounding", "rounding", rounding=invoice.rounding)
    if len({tax.exemption_code for tax in invoice.tax_subtotals if tax.exemption_code}) > 1:
        faults.add("mikro.invoice.exemption", "lines")
    for index, line in enumerate(invoice.lines):
        _check_line(faults, config, line, f"lines[{index}]")
    if is_service(config, invoice) and (len(invoice.lines) > 1 or invoice.rounding):
        faults.add("mikro.invoice.service", "lines")
    faults.refuse()
    unit_pointers(config, (line.unit for line in invoice.lines))


def is_service(config: MikroConfig, invoice: Invoice) -> bool:
    """Whether an invoice goes to the method for services instead of that for goods."""
    services = all(line.kind is not LineKind.GOODS for line in invoice.lines)
    return services and config.service_invoices is ServiceInvoices.SERVICE_CARD


def rates(invoice: Invoice) -> set[Decimal]:
    """Return the VAT rates the lines of an invoice need pointers for."""
    return {line.vat.rate for line in invoice.lines} | ({ZERO} if invoice.rounding else set())


def invoice_body(booking: Booking) -> tuple[str, Body]:
    """Return the method and the ``evraklar`` entry of a checked invoice."""
    header = {**_identity(booking), **_place(booking), **_money(booking), **_texts(booking)}
    if is_service(booking.config, booking.invoice):
        return "FaturaKaydetV3", {**header, **_service(booking), **_edocument(booking)}
    lines = [*_lines(booking), *_rounding(booking)]
    return "FaturaKaydetV2", {**header, "detay": lines, **_edocument(booking), "odemeler": []}


def line_count(booking: Booking) -> int:
    """Return how many stock movements the invoice leaves."""
    return (
        0
        if is_service(booking.config, booking.invoice)
        else len(booking.invoice.lines) + len(_rounding(booking))
    )


def _check_line(faults: Faults, config: MikroConfig, line: InvoiceLine, place: str) -> None:
    taxes = [tax.code for tax in line.taxes]
    if taxes != [VAT]:
        faults.add("mikro.invoice.tax", f"{place}.taxes", taxes=", ".join(taxes))
    if line.withholdings:
        faults.add("mikro.invoice.withholding", f"{place}.withholdings")
    if not 0 < len(card_code(config, line.kind, line.item_code)) <= CODE_LENGTH:
        faults.add("mikro.line.code", f"{place}.item_code", given=line.item_code[:60], limit=CODE_LENGTH)


def _identity(booking: Booking) -> Body:
    numbers, day = booking.numbers, written_day(booking.invoice.issue_date)
    written = {
        DocumentNumber.INVOICE: booking.invoice.number,
        DocumentNumber.ORDER: _order_number(booking),
        DocumentNumber.NONE: "",
    }[booking.config.document_number]
    return {
        "cha_tip": numbers.cha_tip,
        "cha_cinsi": booking.invoice_class.value,
        "cha_normal_Iade": numbers.returned,
        "cha_evrak_tip": numbers.cha_evrak_tip,
        "cha_tarihi": day,
        "cha_evrakno_seri": booking.series,
        **({"cha_belge_no": written, "cha_belge_tarih": day} if written else {}),
        "cha_cari_cins": CUSTOMER,
        "cha_kod": booking.ledger.party_code,
    }


def _place(booking: Booking) -> Body:
    codes = booking.codes
    return {
        "cha_projekodu": codes.project,
        "cha_srmrkkodu": codes.cost_centre,
        "cha_subeno": booking.config.branch,
        **({"cha_satici_kodu": codes.salesman} if codes.salesman else {}),
    }


def _money(booking: Booking) -> Body:
    invoice = booking.invoice
    due = due_day(invoice.payment_due) if invoice.payment_due else booking.config.payment_plan
    return {
        "cha_d_cins": currency_number(booking.config, invoice.currency),
        "cha_d_kur": invoice.exchange_rate or 1,
        "cha_vade": due,
    }


def currency_number(config: MikroConfig, currency: str) -> int:
    """Return Mikro's number of a currency the settings name; the lira is always 0."""
    return 0 if currency == "TRY" else config.currencies[currency]


def _texts(booking: Booking) -> Body:
    config, key = booking.config, booking.key.short
    exemption = next((tax.exemption_code for tax in booking.invoice.tax_subtotals if tax.exemption_code), "")
    return {
        "cha_aciklama": truncate(f"{key} {booking.invoice.number}", config.description_length),
        "kdv_istisna_kodu": exemption,
        **({"cha_disyazilimid": key} if config.second_key is SecondKey.EXTERNAL_ID else {}),
        "user_tablo": config.own_column(key),
    }


def _service(booking: Booking) -> Body:
    line = booking.invoice.lines[0]
    vat = {f"cha_vergi{booking.pointers[line.vat.rate]}": line.vat.amount} if line.vat.amount else {}
    discount = {"cha_ft_iskonto1": line.allowance} if line.allowance else {}
    return {
        "cha_kasa_hizmet": SERVICE_CARD,
        "cha_kasa_hizkod": card_code(booking.config, line.kind, line.item_code),
        "cha_miktari": line.quantity,
        "cha_aratoplam": line.gross,
        **discount,
        **vat,
        "cha_meblag": booking.invoice.totals.payable,
    }


def _lines(booking: Booking) -> Iterator[Body]:
    config, order = booking.config, _order_number(booking)
    for number, line in enumerate(booking.invoice.lines, start=1):
        text = f"{order}/{number} {line.name}" if order else line.name
        yield {
            **_movement(booking),
            "sth_stok_kod": card_code(config, line.kind, line.item_code),
            "sth_miktar": line.quantity,
            "sth_birim_pntr": config.unit_pointers[line.unit],
            "sth_tutar": line.gross,
            "sth_iskonto1": line.allowance,
            "sth_vergi_pntr": booking.pointers[line.vat.rate],
            "sth_vergi": line.vat.amount,
            "sth_aciklama": truncate(clean(text), LINE_TEXT_LENGTH),
        }


def _rounding(booking: Booking) -> list[Body]:
    """Return the line that carries a positive rounding, booked on a card without VAT."""
    if not booking.invoice.rounding:
        return []
    line = {
        **_movement(booking),
        "sth_stok_kod": booking.config.rounding_item,
        "sth_miktar": 1,
        "sth_birim_pntr": 1,
        "sth_tutar": booking.invoice.rounding,
        "sth_vergi_pntr": booking.pointers[ZERO],
        "sth_vergi": ZERO,
        "sth_aciklama": "Yuvarlama",
    }
    return [line]


def _movement(booking: Booking) -> Body:
    """Return what all lines of an invoice share."""
    config, codes, numbers = booking.config, booking.codes, booking.numbers
    warehouse = config.warehouse_for(booking.ledger.channel)
    extra = {"sth_plasiyer_kodu": codes.salesman, "sth_proje_kodu": codes.project}
    return {
        "sth_tarih": written_day(booking.invoice.issue_date),
        "sth_tip": numbers.sth_tip,
        "sth_cins": LINE_CLASS[booking.invoice_class],
        "sth_normal_iade": numbers.returned,
        "sth_evraktip": numbers.sth_evraktip,
        "sth_evrakno_seri": booking.series,
        "sth_cari_cinsi": CUSTOMER,
        "sth_cari_kodu": booking.ledger.party_code,
        "sth_vergisiz_fl": False,
        "sth_cari_srm_merkezi": codes.cost_centre,
        "sth_stok_srm_merkezi": codes.cost_centre,
        "sth_subeno": config.branch,
        "sth_giris_depo_no": warehouse,
        "sth_cikis_depo_no": warehouse,
        **{name: code for name, code in extra.items() if code},
    }


def _edocument(booking: Booking) -> Body:
    """Return what an e-Arşiv invoice shows about its buyer and the internet sale."""
    invoice = booking.invoice
    sale, archive = invoice.internet_sale, invoice.profile.is_archive
    if not (booking.config.edocument_fields and archive) or booking.ledger.direction is Direction.PURCHASE:
        return {}
    made = _buyer(booking.config, invoice.buyer)
    if sale:
        number = booking.config.payment_types.get(sale.payment_method)
        paid = {} if number is None else {"ebh_odeme_sekli": number}
        made["ebelge_detay"] = [{**paid, "ebh_satisin_webadresi": sale.website}]
    return made


def _buyer(config: MikroConfig, buyer: Party) -> Body:
    phone, length = split_phone(buyer.phone), config.address_length
    company = buyer.kind is PartyKind.COMPANY
    fields = {
        "unvani_ad": truncate(buyer.display_name if company else buyer.first_name, length),
        "unvani_soyad": "" if company else truncate(buyer.last_name, length),
        "daire_adi": truncate(buyer.tax_office, length),
        "Vkn": buyer.tax_id.value if buyer.tax_id else "",
        "ulke": country_name(buyer.address),
        "Il": truncate(buyer.address.city, length),
        "tel_ulke_kod": phone.country if phone else "",
        "tel_bolge_kod": phone.area if phone else "",
        "tel_no": phone.number if phone else "",
        "mail": buyer.email,
    }
    return {f"cha_EArsiv_{name}": value for name, value in fields.items()}


def _order_number(booking: Booking) -> str:
    reference = booking.invoice.order_ref
    return booking.ledger.order_number or (reference.number if reference else "")
