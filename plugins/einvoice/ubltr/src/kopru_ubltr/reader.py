"""Read a UBL-TR invoice of any sender into a summary.

Real documents vary: several tax totals, empty elements, prefixes of any name, three ways to build the totals.
What cannot be read is reported and left out; nothing is guessed or re-computed.
"""

import re
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from functools import cache
from typing import Any

from lxml import etree

from kopru.model import Finding
from kopru.model.money import CENT, ZERO
from kopru.sdk import Rejected
from kopru.toolkit import xml
from kopru_ubltr.nodes import CAC, CBC, INVOICE
from kopru_ubltr.summary import (
    Convention,
    DeliverySummary,
    LineSummary,
    PartySummary,
    PaymentSummary,
    ReferenceSummary,
    Summary,
    TaxSummary,
    TotalsSummary,
)
from kopru_ubltr.texts import TEXTS, finding

LIMIT = 10_000_000
"""Largest document in bytes; real ones with stylesheet and attachments stay below one megabyte."""

_NUMBER = re.compile(r"[+-]?(\d{1,18}(\.\d*)?|\.\d+)")
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(Z|[+-]\d\d:\d\d)?")
_TIME = re.compile(r"(\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_CLIP = 60
_PREFIX = re.compile(r"^(cbc|cac):")
_NAMESPACES = {"cbc": f"{{{CBC}}}", "cac": f"{{{CAC}}}"}
_CURRENCIES = etree.XPath("//@currencyID")
_DATES = etree.XPath("//cbc:IssueDate", namespaces={"cbc": CBC})
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"


def read(content: bytes) -> Summary:
    """Return the summary of an invoice.

    Raises:
        Rejected: ``xml.too_large``, ``xml.doctype``, ``xml.malformed``, ``ubltr.xml.encoding`` or
            ``ubltr.xml.root``.
    """
    root = xml.parse(content, limit=LIMIT)
    if not _is_utf8(content, root.getroottree().docinfo.encoding):
        raise _refused("ubltr.xml.encoding")
    if root.tag != f"{{{INVOICE}}}Invoice":
        raise _refused("ubltr.xml.root", name=str(root.tag)[:_CLIP])
    return _Reader().invoice(root)


def _refused(code: str, **values: str) -> Rejected:
    return Rejected(code, TEXTS.text(code, **values))


def _is_utf8(content: bytes, declared: str | None) -> bool:
    """Whether a document that could be parsed is UTF-8 by its declaration and by its bytes."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\x00" not in content and (declared or "UTF-8").upper() in ("UTF-8", "ASCII", "US-ASCII")


@cache
def _tags(path: str) -> tuple[str, ...]:
    """Return the steps of a path of ``cac:`` and ``cbc:`` names; the set of paths is small and fixed."""
    return tuple(_PREFIX.sub(lambda match: _NAMESPACES[match.group(1)], step) for step in path.split("/"))


class _Reader:
    """Reads one document and collects what cannot be read."""

    def __init__(self) -> None:
        self._problems: list[Finding] = []

    def invoice(self, root: xml.Element) -> Summary:
        lines = tuple(self._line(each, f"lines[{n}]") for n, each in enumerate(_all(root, "cac:InvoiceLine")))
        totals = self._totals(root)
        allowance, charge = self._allowances(root, "allowances")
        tax_totals = _all(root, "cac:TaxTotal")
        withholdings = _all(root, "cac:WithholdingTaxTotal")
        return Summary(
            number=_text(root, "cbc:ID"),
            ettn=_text(root, "cbc:UUID"),
            profile=_text(root, "cbc:ProfileID"),
            kind=_text(root, "cbc:InvoiceTypeCode"),
            issue_date=self._date(root, "cbc:IssueDate", "issue_date"),
            issue_time=self._time(root, "cbc:IssueTime", "issue_time"),
            currency=_text(root, "cbc:DocumentCurrencyCode"),
            currencies=frozenset(str(value) for value in _found(_CURRENCIES, root)),
            exchange_rate=self._number(root, "cac:PricingExchangeRate/cbc:CalculationRate", "exchange_rate"),
            line_count=self._number(root, "cbc:LineCountNumeric", "line_count"),
            notes=tuple((note.text or "").strip() for note in _all(root, "cbc:Note")),
            order=next(self._references(root, "cac:OrderReference"), None),
            billing=tuple(self._references(root, "cac:BillingReference/cac:InvoiceDocumentReference")),
            despatches=tuple(self._references(root, "cac:DespatchDocumentReference")),
            references=tuple(self._references(root, "cac:AdditionalDocumentReference")),
            dates=tuple(day for each in _found(_DATES, root) if (day := _parse_date(each.text or ""))),
            seller=_party(_find(root, "cac:AccountingSupplierParty/cac:Party")),
            buyer=_party(_find(root, "cac:AccountingCustomerParty/cac:Party")),
            delivery=self._delivery(root),
            payment=self._payment(root),
            allowance=allowance,
            charge=charge,
            tax=self._sum(tax_totals, "tax"),
            taxes=tuple(self._taxes(tax_totals, "taxes")),
            withholding_total=self._sum(withholdings, "withheld"),
            withholdings=tuple(self._taxes(withholdings, "withholdings")),
            totals=totals,
            convention=convention(totals, lines, allowance, charge),
            lines=lines,
            signed=any(True for _ in root.iter(_SIGNATURE)),
            problems=tuple(self._problems),
        )

    def _line(self, line: xml.Element, at: str) -> LineSummary:
        allowance, charge = self._allowances(line, at)
        tax_totals = _all(line, "cac:TaxTotal")
        quantity = _find(line, "cbc:InvoicedQuantity")
        return LineSummary(
            id=_text(line, "cbc:ID"),
            name=_text(line, "cac:Item/cbc:Name"),
            item_code=_text(line, "cac:Item/cac:SellersItemIdentification/cbc:ID"),
            barcode=_text(line, "cac:Item/cac:ManufacturersItemIdentification/cbc:ID"),
            buyer_code=_text(line, "cac:Item/cac:BuyersItemIdentification/cbc:ID"),
            quantity=self._number(line, "cbc:InvoicedQuantity", f"{at}.quantity"),
            unit=quantity.get("unitCode", "") if quantity is not None else "",
            unit_price=self._number(line, "cac:Price/cbc:PriceAmount", f"{at}.unit_price"),
            net=self._number(line, "cbc:LineExtensionAmount", f"{at}.net"),
            allowance=allowance,
            charge=charge,
            tax=self._sum(tax_totals, f"{at}.tax"),
            taxes=tuple(self._taxes(tax_totals, f"{at}.taxes")),
            withheld=self._sum(_all(line, "cac:WithholdingTaxTotal"), f"{at}.withheld") or ZERO,
        )

    def _allowances(self, parent: xml.Element, at: str) -> tuple[Decimal, Decimal]:
        allowance = charge = ZERO
        for each in _all(parent, "cac:AllowanceCharge"):
            value = self._number(each, "cbc:Amount", f"{at}.allowance") or ZERO
            if _text(each, "cbc:ChargeIndicator").lower() in ("true", "1"):
                charge += value
            else:
                allowance += value
        return allowance, charge

    def _taxes(self, totals: list[xml.Element], at: str) -> Iterator[TaxSummary]:
        subtotals = (subtotal for total in totals for subtotal in _all(total, "cac:TaxSubtotal"))
        for place, subtotal in enumerate(subtotals):
            category = "cac:TaxCategory"
            yield TaxSummary(
                code=_text(subtotal, f"{category}/cac:TaxScheme/cbc:TaxTypeCode"),
                name=_text(subtotal, f"{category}/cac:TaxScheme/cbc:Name"),
                rate=self._number(subtotal, "cbc:Percent", f"{at}[{place}].rate"),
                base=self._number(subtotal, "cbc:TaxableAmount", f"{at}[{place}].base"),
                amount=self._number(subtotal, "cbc:TaxAmount", f"{at}[{place}].amount"),
                exemption_code=_text(subtotal, f"{category}/cbc:TaxExemptionReasonCode"),
                exemption_reason=_text(subtotal, f"{category}/cbc:TaxExemptionReason"),
            )

    def _sum(self, totals: list[xml.Element], at: str) -> Decimal | None:
        amounts = [self._number(total, "cbc:TaxAmount", at) for total in totals]
        known = [value for value in amounts if value is not None]
        return sum(known, ZERO) if known else None

    def _totals(self, root: xml.Element) -> TotalsSummary:
        total = _find(root, "cac:LegalMonetaryTotal")
        if total is None:
            return TotalsSummary()
        return TotalsSummary(
            line_extension=self._number(total, "cbc:LineExtensionAmount", "totals.line_extension"),
            tax_exclusive=self._number(total, "cbc:TaxExclusiveAmount", "totals.tax_exclusive"),
            tax_inclusive=self._number(total, "cbc:TaxInclusiveAmount", "totals.tax_inclusive"),
            allowance=self._number(total, "cbc:AllowanceTotalAmount", "totals.allowance"),
            charge=self._number(total, "cbc:ChargeTotalAmount", "totals.charge"),
            rounding=self._number(total, "cbc:PayableRoundingAmount", "totals.rounding"),
            payable=self._number(total, "cbc:PayableAmount", "totals.payable"),
        )

    def _references(self, root: xml.Element, path: str) -> Iterator[ReferenceSummary]:
        for each in _all(root, path):
            yield ReferenceSummary(
                id=_text(each, "cbc:ID"),
                date=self._date(each, "cbc:IssueDate", path.rpartition(":")[2]),
                type_code=_text(each, "cbc:DocumentTypeCode"),
                type=_text(each, "cbc:DocumentType"),
                description=_text(each, "cbc:DocumentDescription"),
            )

    def _delivery(self, root: xml.Element) -> DeliverySummary:
        delivery = _find(root, "cac:Delivery")
        if delivery is None:
            return DeliverySummary()
        return DeliverySummary(
            tracking_number=_text(delivery, "cbc:TrackingID"),
            carrier_name=_text(delivery, "cac:CarrierParty/cac:PartyName/cbc:Name"),
            carrier_number=_text(delivery, "cac:CarrierParty/cac:PartyIdentification/cbc:ID"),
            shipped_on=self._date(delivery, "cac:Despatch/cbc:ActualDespatchDate", "delivery.shipped_on"),
        )

    def _payment(self, root: xml.Element) -> PaymentSummary:
        means = _find(root, "cac:PaymentMeans")
        if means is None:
            return PaymentSummary()
        return PaymentSummary(
            code=_text(means, "cbc:PaymentMeansCode"),
            due=self._date(means, "cbc:PaymentDueDate", "payment.due"),
            note=_text(means, "cbc:InstructionNote"),
            account=_text(means, "cac:PayeeFinancialAccount/cbc:ID"),
        )

    def _number(self, parent: xml.Element, path: str, at: str) -> Decimal | None:
        text = _text(parent, path)
        if not text:
            return None
        if _NUMBER.fullmatch(text) and text.isascii():
            return Decimal(text)
        self._problems.append(finding("ubltr.read.number", at, value=text[:_CLIP]))
        return None

    def _date(self, parent: xml.Element, path: str, at: str) -> date | None:
        text = _text(parent, path)
        value = _parse_date(text)
        if text and value is None:
            self._problems.append(finding("ubltr.read.date", at, value=text[:_CLIP]))
        return value

    def _time(self, parent: xml.Element, path: str, at: str) -> time | None:
        text = _text(parent, path)
        value = _parse_time(text)
        if text and value is None:
            self._problems.append(finding("ubltr.read.date", at, value=text[:_CLIP]))
        return value


def convention(
    totals: TotalsSummary, lines: tuple[LineSummary, ...], allowance: Decimal, charge: Decimal
) -> Convention:
    """Return which identity between lines, discounts and totals holds; the clean one wins when several do."""
    first, exclusive = totals.line_extension, totals.tax_exclusive
    if first is None or exclusive is None or any(line.net is None for line in lines):
        return Convention.UNKNOWN
    net = sum((line.net or ZERO for line in lines), ZERO)
    gross = sum(((line.quantity or ZERO) * (line.unit_price or ZERO) for line in lines), ZERO)
    discount = allowance if totals.allowance is None else totals.allowance
    surcharge = charge if totals.charge is None else totals.charge
    slack = CENT * max(1, len(lines))
    derived = abs(first - discount + surcharge - exclusive) <= CENT
    if derived and abs(first - net) <= CENT:
        return Convention.NET
    if derived and abs(first - gross) <= slack:
        return Convention.GROSS
    if abs(first - net) <= CENT and abs(first - exclusive) <= CENT:
        return Convention.MIXED
    return Convention.UNKNOWN


def _party(party: xml.Element | None) -> PartySummary:
    if party is None:
        return PartySummary()
    ids = [
        (each.get("schemeID", ""), (each.text or "").strip())
        for each in _all(party, "cac:PartyIdentification/cbc:ID")
    ]
    own = next((each for each in ids if each[0] in ("VKN", "TCKN")), ("", ""))
    address = "cac:PostalAddress"
    return PartySummary(
        scheme=own[0],
        number=own[1],
        others=tuple(each for each in ids if each is not own),
        name=_text(party, "cac:PartyName/cbc:Name"),
        first_name=_text(party, "cac:Person/cbc:FirstName"),
        last_name=_text(party, "cac:Person/cbc:FamilyName"),
        tax_office=_text(party, "cac:PartyTaxScheme/cac:TaxScheme/cbc:Name"),
        street=_text(party, f"{address}/cbc:StreetName"),
        district=_text(party, f"{address}/cbc:CitySubdivisionName"),
        city=_text(party, f"{address}/cbc:CityName"),
        postal_code=_text(party, f"{address}/cbc:PostalZone"),
        country=_text(party, f"{address}/cac:Country/cbc:IdentificationCode"),
        website=_text(party, "cbc:WebsiteURI"),
        phone=_text(party, "cac:Contact/cbc:Telephone"),
        email=_text(party, "cac:Contact/cbc:ElectronicMail"),
    )


def _find(parent: xml.Element, path: str) -> xml.Element | None:
    """Return the first element at a path, taking the first child of each name; quicker than ElementPath."""
    element: xml.Element | None = parent
    for tag in _tags(path):
        if element is None:
            return None
        element = next(element.iterchildren(tag), None)
    return element


def _all(parent: xml.Element, path: str) -> list[xml.Element]:
    found = [parent]
    for tag in _tags(path):
        found = [child for element in found for child in element.iterchildren(tag)]
    return found


def _text(parent: xml.Element, path: str) -> str:
    element = _find(parent, path)
    return (element.text or "").strip() if element is not None else ""


def _found(path: etree.XPath, root: xml.Element) -> list[Any]:
    found = path(root)
    return found if isinstance(found, list) else []


def _parse_date(text: str) -> date | None:
    match = _DATE.fullmatch(text.strip())
    try:
        return date.fromisoformat(match.group(1)) if match else None
    except ValueError:
        return None


def _parse_time(text: str) -> time | None:
    match = _TIME.fullmatch(text)
    try:
        return time.fromisoformat(match.group(1)) if match else None
    except ValueError:
        return None
