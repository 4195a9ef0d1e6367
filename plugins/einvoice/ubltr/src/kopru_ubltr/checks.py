"""Rules about a finished document that GİB's schema and schematron leave out."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from kopru.model import VAT, Finding, Profile, Severity, TaxId, TaxScheme
from kopru.toolkit import dates, taxnumbers
from kopru_ubltr.codes import PAYMENT_FORMS, past_vat_rates, vat_rates
from kopru_ubltr.identity import TCKN, VKN
from kopru_ubltr.kinds import ALLOWED, BY_CODE, PROFILE_CODES
from kopru_ubltr.notes import INTERNET_STATEMENT
from kopru_ubltr.summary import PartySummary, Summary
from kopru_ubltr.text import is_clean
from kopru_ubltr.texts import finding

_ARCHIVE = PROFILE_CODES[Profile.ARCHIVE]
_ISSUE_WITHIN = timedelta(days=7)
_SCHEMES = {VKN: TaxScheme.VKN, TCKN: TaxScheme.TCKN}


def findings(document: Summary, content: bytes, today: datetime) -> Iterator[Finding]:
    """Yield what is wrong with the document besides its sums.

    Args:
        document: what was read.
        content: its bytes, in UTF-8.
        today: any moment of the day of issue.
    """
    day = dates.local_date(today)
    yield from document.problems
    yield from _identity(document)
    yield from _dates(document, day)
    yield from _party("seller", document.seller, document.profile)
    yield from _party("buyer", document.buyer, document.profile)
    yield from _currency(document)
    yield from _rates(document)
    yield from _internet(document)
    if not is_clean(content.decode("utf-8-sig")):
        yield finding("ubltr.text.unclean", severity=Severity.WARNING)


def _identity(document: Summary) -> Iterator[Finding]:
    if (document.kind, document.profile) not in ALLOWED:
        yield finding("ubltr.combination", "kind", kind=document.kind[:60], profile=document.profile[:60])
    number, issued = document.number, document.issue_date
    if len(number) == 16 and issued and number[3:7] != f"{issued.year:04d}":
        yield finding("ubltr.number.year", "number", number=number, year=issued.year)
    if document.line_count is not None and document.line_count != len(document.lines):
        counted = len(document.lines)
        yield finding("ubltr.line_count", "line_count", stated=document.line_count, counted=counted)


def _dates(document: Summary, today: date) -> Iterator[Finding]:
    issued = document.issue_date
    if issued and issued > today:
        yield finding("ubltr.issue_date.future", "issue_date", day=issued, today=today)
    latest = max((day for day in document.dates if day != issued), default=today)
    if latest > today:
        yield finding("ubltr.reference_date.future", "references", day=latest, today=today)
    shipped = document.delivery.shipped_on
    if issued and shipped and issued - shipped > _ISSUE_WITHIN:
        code, severity = "ubltr.issue_date.late", Severity.WARNING
        yield finding(code, "issue_date", severity=severity, day=issued, shipped=shipped)


def _party(who: str, party: PartySummary, profile: str) -> Iterator[Finding]:
    if party.scheme not in _SCHEMES:
        return
    placeholder = taxnumbers.is_placeholder(party.number)
    if placeholder and (who == "seller" or profile != _ARCHIVE):
        yield finding(f"ubltr.{who}.placeholder", f"{who}.tax_id", value=party.number)
    elif party.number:
        wrong = taxnumbers.finding(
            TaxId(scheme=_SCHEMES[party.scheme], value=party.number[:60]), field=f"{who}.tax_id"
        )
        if wrong:
            yield wrong
    taxpayer = who == "seller" or party.scheme == VKN
    if taxpayer and not placeholder and not party.tax_office:
        yield finding(f"ubltr.{who}.tax_office_missing", f"{who}.tax_office")


def _currency(document: Summary) -> Iterator[Finding]:
    others = sorted(document.currencies - {document.currency})
    if others and document.currency:
        yield finding(
            "ubltr.currency.mixed", "currency", found=others[0][:60], currency=document.currency[:60]
        )


def _rates(document: Summary) -> Iterator[Finding]:
    """Warn about VAT rates not in force; a returned sale keeps the rate it was made with."""
    day, rules = document.issue_date, BY_CODE.get(document.kind)
    if day is None or rules is None or not rules.states_rate:
        return
    known = (past_vat_rates if rules.corrects else vat_rates)(day) | {Decimal(0)}
    used = {tax.rate for tax in document.taxes if tax.code == VAT and tax.rate is not None}
    for rate in sorted(used - known):
        yield finding(
            "ubltr.tax.rate_not_in_force", "taxes.rate", severity=Severity.WARNING, rate=rate, day=day
        )


def _internet(document: Summary) -> Iterator[Finding]:
    """Warn about what VUK communiqué 509 wants on the e-Arşiv invoice of an internet sale."""
    if document.profile != _ARCHIVE or not _is_internet_sale(document):
        return
    payment, delivery = document.payment, document.delivery
    form, _, agent = payment.note.partition(":")
    missing: Sequence[tuple[str, bool]] = (
        ("website", not document.seller.website),
        ("payment", form.strip() not in PAYMENT_FORMS.values() or payment.due is None),
        ("agent", form.strip() == "ODEMEARACISI" and not agent.strip()),
        ("shipment", not (delivery.carrier_name and delivery.carrier_number and delivery.shipped_on)),
    )
    for what, absent in missing:
        if absent:
            yield finding(
                f"ubltr.internet.{what}_missing", f"internet_sale.{what}", severity=Severity.WARNING
            )


def _is_internet_sale(document: Summary) -> bool:
    marked = any(
        reference.type_code == "IS_INTERNET"
        or (reference.type_code == "EArchiveType" and reference.type == "INTERNET")
        for reference in document.references
    )
    return marked or INTERNET_STATEMENT in document.notes
