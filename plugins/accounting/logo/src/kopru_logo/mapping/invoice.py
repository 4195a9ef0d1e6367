"""An invoice as Logo's ``salesInvoices`` and ``purchaseInvoices`` take it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from kopru.model import VAT, Finding, Invoice, InvoiceKind, LineKind, PartyKind
from kopru.model.money import ZERO
from kopru.sdk import Direction, IdempotencyKey, LedgerInvoice, Rejected, Unsupported
from kopru.toolkit.text import clean, truncate
from kopru_logo.codes import (
    DOC_NUMBER_LENGTH,
    MODULE_INVOICE,
    NEXT_NUMBER,
    NOTE_COUNT,
    NOTE_LENGTH,
    POST_FLAGS,
    REPORTING_TOTALS,
    TRACKING_LENGTH,
    TRANSACTION_TOTALS,
    InvoiceType,
    packed_time,
)
from kopru_logo.config import Amounts, Codes, GuidHolds, LogoConfig, SaleType
from kopru_logo.mapping import edocument
from kopru_logo.mapping.lines import Frame, rounding_line, transactions, unit_codes
from kopru_logo.texts import TEXTS

SUPPORTED = (InvoiceKind.SALE, InvoiceKind.RETURN, InvoiceKind.WITHHOLDING, InvoiceKind.EXEMPTION)
"""Invoice kinds whose numbers and fields are known; the others need fields nobody has documented."""

Body = dict[str, Any]
_NO_SOURCES: Mapping[str, int] = MappingProxyType({})


def invoice_body(
    config: LogoConfig,
    key: IdempotencyKey,
    ledger: LedgerInvoice,
    *,
    sources: Mapping[str, int] = _NO_SOURCES,
) -> Body:
    """Return the request body of an invoice.

    Args:
        config: the connection's settings.
        key: identity of the write; goes into ``GUID`` and, shortened, into ``DOC_TRACK_NR``.
        ledger: the invoice with the ledger's own codes.
        sources: for returns, the original line's reference per item code.

    Raises:
        Unsupported: ``logo.invoice.kind``.
        Rejected: ``logo.invoice.*`` with a finding per fault.
        MappingMissing: ``logo.unit``.
    """
    invoice, direction = ledger.invoice, ledger.direction
    check(config, invoice, ledger.party_code)
    unit_codes(config, [line.unit for line in invoice.lines])
    codes = config.codes_for(ledger.channel)
    kind = invoice_type(config, invoice, direction)
    goods = any(line.kind is LineKind.GOODS for line in invoice.lines)
    frame = Frame(config, invoice, codes.salesman_code, config.with_dispatch and goods, sources, direction)
    body: Body = {
        **_identity(config, key, ledger, kind),
        **_place(config),
        **header_codes(codes),
        **_texts(ledger, direction),
        **_currency(frame),
        "POST_FLAGS": POST_FLAGS,
        "AFFECT_RISK": 1,
        "DEDUCTIONPART1": 2,
        "DEDUCTIONPART2": 3,
        "TRANSACTIONS": {"items": transactions(frame) + rounding_line(frame)},
        "DataObjectParameter": parameters(config),
    }
    if direction is Direction.SALES:
        body |= edocument.block(config, invoice)
    if config.amounts is Amounts.GIVEN:
        body |= _given_totals(frame)
    if frame.dispatched:
        body["DISPATCHES"] = {"items": [_dispatch(invoice, ledger.party_code, kind)]}
    if invoice.payment_due:
        body["PAYMENT_LIST"] = {"items": [_payment(frame, kind)]}
    return body


def parameters(config: LogoConfig) -> dict[str, bool]:
    """Return what Logo may do by itself: fill account codes; never campaigns and conditions."""
    return {
        "FillAccCodesOnPreSave": config.fill_account_codes,
        "ApplyCampaignOnPreSave": False,
        "ApplyConditionOnPreSave": False,
    }


def invoice_type(config: LogoConfig, invoice: Invoice, direction: Direction) -> InvoiceType:
    """Return Logo's invoice type (TRCODE)."""
    services_only = all(line.kind is not LineKind.GOODS for line in invoice.lines)
    if direction is Direction.PURCHASE:
        if invoice.kind is InvoiceKind.RETURN:
            return InvoiceType.PURCHASE_RETURN
        return InvoiceType.SERVICE_RECEIVED if services_only else InvoiceType.GOODS_PURCHASE
    chosen = config.company_sale if invoice.buyer.kind is PartyKind.COMPANY else config.person_sale
    retail = chosen is SaleType.RETAIL
    if invoice.kind is InvoiceKind.RETURN:
        return InvoiceType.RETAIL_RETURN if retail else InvoiceType.WHOLESALE_RETURN
    if services_only:
        return InvoiceType.SERVICE_SOLD
    return InvoiceType.RETAIL_SALE if retail else InvoiceType.WHOLESALE_SALE


def check(config: LogoConfig, invoice: Invoice, party_code: str) -> None:
    """Refuse an invoice that cannot be booked as it is, before anything is sent.

    Raises:
        Unsupported: ``logo.invoice.kind``.
        Rejected: all faults as findings.
    """
    if invoice.kind not in SUPPORTED:
        text = TEXTS.text("logo.invoice.kind", kind=invoice.kind.value)
        raise Unsupported("logo.invoice.kind", text, field="kind")
    found: list[Finding] = []

    def fault(code: str, field: str, **values: object) -> None:
        found.append(Finding(code=code, message=TEXTS.text(code, **values), field=field))

    if not party_code:
        fault("logo.invoice.party", "party_code")
    if not config.in_period(invoice.issue_date):
        fault("logo.invoice.period", "issue_date", day=invoice.issue_date, period=config.period)
    if invoice.currency != "TRY" and invoice.currency not in config.currencies:
        fault("logo.invoice.currency", "currency", currency=invoice.currency)
    bookable = invoice.rounding > ZERO and config.rounding_service
    if invoice.rounding and config.amounts is not Amounts.GIVEN and not bookable:
        fault("logo.invoice.rounding", "rounding", rounding=invoice.rounding)
    for index, line in enumerate(invoice.lines):
        codes = [tax.code for tax in line.taxes]
        if codes != [VAT]:
            fault("logo.invoice.tax", f"lines[{index}].taxes", taxes=", ".join(codes))
        if len(line.withholdings) > 1:
            fault("logo.invoice.withholding", f"lines[{index}].withholdings")
    if found:
        first = found[0]
        raise Rejected(first.code, first.message, findings=found, field=first.field)


def _identity(config: LogoConfig, key: IdempotencyKey, ledger: LedgerInvoice, kind: InvoiceType) -> Body:
    invoice = ledger.invoice
    guid = invoice.id if config.guid_holds is GuidHolds.ETTN else key.uuid
    order = ledger.order_number or (invoice.order_ref.number if invoice.order_ref else "")
    return {
        "TYPE": kind.value,
        "NUMBER": invoice.number,
        "GUID": str(guid).upper(),
        "DOC_TRACK_NR": key.short,
        "DOC_NUMBER": truncate(order, DOC_NUMBER_LENGTH),
        "DATE": invoice.issue_date.isoformat(),
        "TIME": packed_time(invoice.issue_time),
        "DOC_DATE": invoice.issue_date.isoformat(),
        "ARP_CODE": ledger.party_code,
    }


def _place(config: LogoConfig) -> Body:
    return {
        "SOURCE_WH": config.warehouse,
        "SOURCE_COST_GRP": config.cost_group,
        "DIVISION": config.division,
        "DEPARTMENT": config.department,
        "FACTORY": config.factory,
    }


def header_codes(codes: Codes) -> Body:
    """Return the configured codes of a document's header; empty ones are left out."""
    named = {
        "AUXIL_CODE": codes.auxil_code,
        "AUTH_CODE": codes.auth_code,
        "TRADING_GRP": codes.trading_group,
        "PAYMENT_CODE": codes.payment_code,
        "PROJECT_CODE": codes.project_code,
        "SALESMAN_CODE": codes.salesman_code,
        "OHP_CODE": codes.overhead_code,
        "SHIPMENT_TYPE": codes.shipment_type,
        "SHIPPING_AGENT": codes.shipping_agent,
    }
    return {name: code for name, code in named.items() if code}


def _texts(ledger: LedgerInvoice, direction: Direction) -> Body:
    invoice = ledger.invoice
    whose = invoice.seller.display_name if direction is Direction.PURCHASE else ledger.channel
    made = notes(f"{whose} {ledger.order_number}", *invoice.notes)
    if 0 < len(invoice.tracking_number) <= TRACKING_LENGTH:
        made["TRACK_NR"] = invoice.tracking_number
    return made


def notes(*texts: str) -> dict[str, str]:
    """Return texts in Logo's six note fields of fifty characters; what does not fit is dropped."""
    pieces = [
        bare[start : start + NOTE_LENGTH].strip()
        for bare in map(clean, texts)
        for start in range(0, len(bare), NOTE_LENGTH)
    ]
    return {f"NOTES{place}": piece for place, piece in enumerate(pieces[:NOTE_COUNT], start=1) if piece}


def _currency(frame: Frame) -> Body:
    made: Body = {"CURRSEL_TOTALS": REPORTING_TOTALS}
    if frame.config.reporting_rate is not None:
        made["RC_XRATE"] = frame.config.reporting_rate
    if frame.foreign:
        made |= {
            "CURRSEL_TOTALS": TRANSACTION_TOTALS,
            "CURRSEL_DETAILS": TRANSACTION_TOTALS,
            "CURR_INVOICE": frame.config.currencies[frame.invoice.currency],
            "TC_XRATE": frame.rate,
        }
    return made


def _given_totals(frame: Frame) -> Body:
    totals = frame.invoice.totals
    made: Body = {
        "NO_CALCULATE": 1,
        "TOTAL_GROSS": frame.local(totals.gross),
        "TOTAL_DISCOUNTS": frame.local(totals.allowance),
        "TOTAL_DISCOUNTED": frame.local(totals.tax_exclusive),
        "TOTAL_VAT": frame.local(totals.tax),
        "TOTAL_NET": frame.local(totals.payable),
    }
    return {**made, "TC_NET": totals.payable} if frame.foreign else made


def _dispatch(invoice: Invoice, party_code: str, kind: InvoiceType) -> Body:
    day = invoice.issue_date.isoformat()
    return {
        "TYPE": kind.value,
        "NUMBER": NEXT_NUMBER,
        "DATE": day,
        "ARP_CODE": party_code,
        "INVOICED": 1,
        "DEDUCTIONPART1": 2,
        "DEDUCTIONPART2": 3,
        "AFFECT_RISK": 1,
        "DISP_STATUS": 1,
        "SHIP_DATE": day,
        "DOC_DATE": day,
        "ORIG_NUMBER": NEXT_NUMBER,
    }


def _payment(frame: Frame, kind: InvoiceType) -> Body:
    invoice = frame.invoice
    due = invoice.payment_due or invoice.issue_date
    made: Body = {
        "DATE": due.isoformat(),
        "MODULENR": MODULE_INVOICE,
        "TRCODE": kind.value,
        "TOTAL": frame.local(invoice.totals.payable),
        "DAYS": (due - invoice.issue_date).days,
        "PROCDATE": invoice.issue_date.isoformat(),
        "REPORTRATE": 1,
        "PAY_NO": 1,
    }
    returned = kind in (InvoiceType.RETAIL_RETURN, InvoiceType.WHOLESALE_RETURN, InvoiceType.PURCHASE_RETURN)
    return {**made, "SIGN": 1} if returned else made
