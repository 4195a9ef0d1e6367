"""The completeness lint: everything an invoice must be before it may take a number.

It holds what law and practice want and GİB's own rules do not check; the format plugin then runs the
official schema and rules. A finding that blocks keeps the document a draft.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from kopru.documents.clock import istanbul
from kopru.documents.lint_lines import lint_lines
from kopru.documents.parties import tidy
from kopru.documents.texts import finding, warning
from kopru.model import (
    Finding,
    Invoice,
    InvoiceKind,
    Party,
    PartyKind,
    Profile,
    TaxScheme,
)
from kopru.model.money import ZERO
from kopru.toolkit import taxnumbers

FIRST_DAY = date(2005, 1, 1)
"""GİB accepts no earlier issue date."""

ISSUE_WITHIN = timedelta(days=7)
"""An invoice is issued within seven days of delivery (VUK 231/5)."""

_NO_RETURN = frozenset({Profile.COMMERCIAL, Profile.EXPORT})
_EINVOICE = frozenset({Profile.BASIC, Profile.COMMERCIAL})
_RETURNS = frozenset({InvoiceKind.RETURN, InvoiceKind.WITHHOLDING_RETURN})


@dataclass(frozen=True, slots=True)
class LintFacts:
    """What the lint must know besides the invoice.

    ``now`` is an aware moment. ``registered`` is the answer to the recipient look-up (``None``: nobody could
    be asked). ``expected_total`` is what the document must come to. ``last_issue_date`` is the date of the
    latest number of its series; ``delivered_on`` the day the goods were delivered, if known.
    """

    now: datetime
    registered: bool | None = None
    expected_total: Decimal | None = None
    last_issue_date: date | None = None
    delivered_on: date | None = None


def lint(invoice: Invoice, facts: LintFacts) -> tuple[Finding, ...]:
    """Return everything that is missing or wrong; blocking findings keep the invoice from being numbered."""
    return (
        *_seller(invoice),
        *_buyer(invoice),
        *_profile(invoice, facts),
        *lint_lines(invoice),
        *_totals(invoice, facts),
        *_dates(invoice, facts),
        *_internet_sale(invoice),
        *_references(invoice),
        *_texts(invoice),
    )


def _seller(invoice: Invoice) -> Iterator[Finding]:
    seller = invoice.seller
    if seller.tax_id is None or taxnumbers.is_placeholder(seller.tax_id.value):
        yield finding("document.seller.tax_id_missing", "seller.tax_id")
    elif wrong := taxnumbers.finding(seller.tax_id, field="seller.tax_id"):
        yield wrong
    yield from _name(seller, "seller")
    yield from _address(seller, "seller")
    if not seller.tax_office:
        yield finding("document.seller.tax_office_missing", "seller.tax_office")


def _buyer(invoice: Invoice) -> Iterator[Finding]:
    buyer = invoice.buyer
    yield from _name(buyer, "buyer")
    yield from _address(buyer, "buyer")
    if buyer.tax_id is None:
        code = "company" if buyer.kind is PartyKind.COMPANY else "person"
        yield finding(f"document.buyer.tax_id_missing_{code}", "buyer.tax_id", name=buyer.display_name)
        return
    if taxnumbers.is_placeholder(buyer.tax_id.value):
        yield from _placeholder(invoice, buyer.tax_id.value)
    elif wrong := taxnumbers.finding(buyer.tax_id, field="buyer.tax_id"):
        yield wrong
    if buyer.kind is PartyKind.COMPANY and not buyer.tax_office and buyer.address.country == "TR":
        yield finding("document.buyer.tax_office_missing", "buyer.tax_office", name=buyer.display_name)


def _placeholder(invoice: Invoice, value: str) -> Iterator[Finding]:
    """A conventional number stands only on e-Arşiv invoices: for a consumer at home, for anybody abroad."""
    buyer = invoice.buyer
    abroad = buyer.address.country != "TR"
    consumer = buyer.kind is PartyKind.PERSON
    fits = abroad if value == taxnumbers.FOREIGN_BUYER_VKN else consumer
    if not (fits and invoice.profile.is_archive):
        yield finding("document.buyer.placeholder", "buyer.tax_id", value=value, name=buyer.display_name)


def _name(party: Party, where: str) -> Iterator[Finding]:
    natural = party.tax_id is not None and party.tax_id.scheme is TaxScheme.TCKN
    if natural or party.kind is PartyKind.PERSON:
        for name in ("first_name", "last_name"):
            if not getattr(party, name):
                yield finding(f"document.party.{name}_missing", f"{where}.{name}")
    elif not party.name:
        yield finding("document.party.name_missing", f"{where}.name")


def _address(party: Party, where: str) -> Iterator[Finding]:
    for name in ("city", "district"):
        if not getattr(party.address, name):
            yield finding(f"document.address.{name}_missing", f"{where}.address.{name}")
    if not party.address.street:
        yield warning(
            "document.address.street_missing",
            f"{where}.address.street",
        )


def _profile(invoice: Invoice, facts: LintFacts) -> Iterator[Finding]:
    if invoice.profile.is_archive:
        if facts.registered:
            yield finding("document.profile.registered_buyer", "profile", name=invoice.buyer.display_name)
    elif invoice.profile in _EINVOICE:
        if facts.registered is False:
            yield finding("document.profile.unregistered_buyer", "profile", name=invoice.buyer.display_name)
        elif not invoice.buyer_alias:
            yield finding("document.buyer.alias_missing", "buyer_alias", name=invoice.buyer.display_name)
    if invoice.kind in _RETURNS and invoice.profile in _NO_RETURN:
        yield finding("document.profile.return", "profile")


def _totals(invoice: Invoice, facts: LintFacts) -> Iterator[Finding]:
    totals = invoice.totals
    expected = facts.expected_total
    if expected is not None and totals.payable != expected:
        yield finding("document.total.wrong", "lines", payable=totals.payable, expected=expected)
    for name in ("gross", "allowance", "tax_exclusive", "tax", "tax_inclusive", "payable"):
        amount: Decimal = getattr(totals, name)
        if amount < ZERO:
            yield finding("document.total.negative", f"totals.{name}", amount=amount)
        if amount != amount.quantize(Decimal("0.01")):
            yield finding("document.total.decimals", f"totals.{name}", amount=amount)


def _dates(invoice: Invoice, facts: LintFacts) -> Iterator[Finding]:
    now = istanbul(facts.now)
    issued = datetime.combine(invoice.issue_date, invoice.issue_time, now.tzinfo)
    if issued > now:
        yield finding("document.date.future", "issue_date", date=invoice.issue_date)
    if invoice.issue_date < FIRST_DAY:
        yield finding("document.date.too_old", "issue_date", date=invoice.issue_date)
    if int(invoice.number[3:7]) != invoice.issue_date.year:
        yield finding("document.number.year", "number", number=invoice.number, year=invoice.issue_date.year)
    if facts.last_issue_date is not None and invoice.issue_date < facts.last_issue_date:
        yield finding(
            "document.date.before_series",
            "issue_date",
            date=invoice.issue_date,
            last=facts.last_issue_date,
            series=invoice.number[:3],
        )
    delivered = facts.delivered_on
    if delivered is not None and invoice.issue_date - delivered > ISSUE_WITHIN:
        yield warning("document.date.late", "issue_date", delivered=delivered)
    if invoice.currency == "TRY" and invoice.exchange_rate is not None:
        yield finding("document.currency.rate_on_try", "exchange_rate")
    if invoice.exchange_rate is not None and invoice.exchange_rate.as_tuple().exponent < -6:  # type: ignore[operator]
        yield finding("document.currency.rate_decimals", "exchange_rate", rate=invoice.exchange_rate)


def _internet_sale(invoice: Invoice) -> Iterator[Finding]:
    """Content of an e-Arşiv invoice of an internet sale (VUK general communiqué 509, IV.2.4.5)."""
    sale = invoice.internet_sale
    if sale is None or not invoice.profile.is_archive:
        return
    if not sale.website:
        yield finding("document.internet.website_missing", "internet_sale.website")
    if sale.payment_method == "platform" and not sale.payment_agent:
        yield finding("document.internet.agent_missing", "internet_sale.payment_agent")
    if not sale.carrier_name or not sale.carrier_tax_id:
        yield warning(
            "document.internet.carrier_missing",
            "internet_sale.carrier_tax_id",
        )
    elif carrier := taxnumbers.tax_id(sale.carrier_tax_id):
        if wrong := taxnumbers.finding(carrier, field="internet_sale.carrier_tax_id"):
            yield wrong
    else:
        yield finding(
            "document.internet.carrier_number", "internet_sale.carrier_tax_id", value=sale.carrier_tax_id
        )


def _references(invoice: Invoice) -> Iterator[Finding]:
    if invoice.kind not in _RETURNS:
        return
    if not invoice.billing_refs:
        yield finding("document.return.no_reference", "billing_refs")
    for index, ref in enumerate(invoice.billing_refs):
        if ref.date > invoice.issue_date:
            yield finding("document.return.before_original", f"billing_refs[{index}].date", date=ref.date)


def _texts(invoice: Invoice) -> Iterator[Finding]:
    named = [
        ("seller.name", invoice.seller.name),
        ("buyer.name", invoice.buyer.name),
        *((f"lines[{index}].name", line.name) for index, line in enumerate(invoice.lines)),
        *((f"notes[{index}]", note) for index, note in enumerate(invoice.notes)),
    ]
    for where, text in named:
        if "".join(tidy(text).split()) != "".join(text.split()):
            yield finding("document.text.characters", where)
