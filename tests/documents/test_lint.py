"""The completeness lint: each thing an invoice lacks is named before it takes a number."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from kopru.documents import Issue, LintFacts, Stages, TenantSettings, compose_invoice, lint, vat_rates
from kopru.model import (
    VAT,
    Address,
    DocumentRef,
    Invoice,
    InvoiceKind,
    Mailbox,
    Order,
    PartyKind,
    PaymentMethod,
    Profile,
    Recipient,
    Severity,
    Tax,
    TaxId,
    TaxScheme,
    Withholding,
)

AT = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
NOW = LintFacts(now=AT, registered=False, expected_total=Decimal("120.00"))
CONSUMER_ID = TaxId(scheme=TaxScheme.TCKN, value="11111111111")
FOREIGN_ID = TaxId(scheme=TaxScheme.VKN, value="2222222222")


class Card:
    code = "GMLK-M"
    vat_rate = Decimal(20)


@pytest.fixture(scope="module")
def archive(tenant: TenantSettings, make_order: Callable[..., Order]) -> Invoice:
    series = tenant.series_by_key("earsiv")
    assert series is not None
    issue = Issue(InvoiceKind.SALE, Profile.ARCHIVE, series, Stages(), "r")
    composed = compose_invoice(
        tenant, make_order(), issue, {"1": Card()}, ettn=UUID(int=1), issued_at=AT, channel="trendyol"
    )
    assert composed.invoice is not None
    return composed.invoice


@pytest.fixture(scope="module")
def einvoice(tenant: TenantSettings, make_order: Callable[..., Order], company: Any) -> Invoice:
    series = tenant.series_by_key("efatura")
    assert series is not None
    issue = Issue(InvoiceKind.SALE, Profile.BASIC, series, Stages(), "r")
    composed = compose_invoice(
        tenant,
        make_order(buyer=company),
        issue,
        {"1": Card()},
        ettn=UUID(int=1),
        issued_at=AT,
        recipient=Recipient(tax_id=company.tax_id, mailboxes=(Mailbox(alias="urn:mail:pk@d.example"),)),
    )
    assert composed.invoice is not None
    return composed.invoice


def altered(document: Any, **changes: Any) -> Any:
    """Return a document with fields changed, unchecked and with nothing of the old totals cached."""
    fields = {name: getattr(document, name) for name in type(document).model_fields}
    return type(document).model_construct(**(fields | changes))


def change(invoice: Invoice, path: str, value: Any) -> Invoice:
    """Return the invoice with one field changed, however deep; unchecked, as a faulty caller might make it."""
    head, _, rest = path.partition(".")
    if not rest:
        return altered(invoice, **{head: value})
    inner = getattr(invoice, head)
    if isinstance(inner, tuple):
        changed: Any = (change(inner[0], rest, value), *inner[1:])
    else:
        changed = change(inner, rest, value)
    return altered(invoice, **{head: changed})


def problems(invoice: Invoice, facts: LintFacts = NOW) -> list[tuple[str, str]]:
    return [(found.code, found.field) for found in lint(invoice, facts)]


def test_complete_invoices_have_no_finding(archive: Invoice, einvoice: Invoice) -> None:
    assert problems(archive) == []
    assert problems(einvoice, LintFacts(now=AT, registered=True)) == []
    assert problems(einvoice, LintFacts(now=AT, registered=None)) == []


@pytest.mark.parametrize(
    ("path", "value", "code", "field"),
    [
        ("seller.tax_id", None, "document.seller.tax_id_missing", "seller.tax_id"),
        ("seller.tax_id", CONSUMER_ID, "document.seller.tax_id_missing", "seller.tax_id"),
        ("seller.tax_id.value", "1234567891", "tax_number.vkn_check_digit", "seller.tax_id"),
        ("seller.tax_office", "", "document.seller.tax_office_missing", "seller.tax_office"),
        ("seller.name", "", "document.party.name_missing", "seller.name"),
        ("seller.address.city", "", "document.address.city_missing", "seller.address.city"),
        ("seller.address.street", "", "document.address.street_missing", "seller.address.street"),
        ("buyer.first_name", "", "document.party.first_name_missing", "buyer.first_name"),
        ("buyer.last_name", "", "document.party.last_name_missing", "buyer.last_name"),
        ("buyer.address.district", "", "document.address.district_missing", "buyer.address.district"),
        ("buyer.tax_id", None, "document.buyer.tax_id_missing_person", "buyer.tax_id"),
        ("buyer.tax_id.value", "10000000147", "tax_number.tckn_check_digit", "buyer.tax_id"),
        ("buyer.tax_id", FOREIGN_ID, "document.buyer.placeholder", "buyer.tax_id"),
        ("buyer.kind", PartyKind.COMPANY, "document.buyer.placeholder", "buyer.tax_id"),
        ("lines.name", "", "document.line.name_missing", "lines[0].name"),
        ("lines.name", "a\u200bb", "document.text.characters", "lines[0].name"),
        ("notes", ("x\x01",), "document.text.characters", "notes[0]"),
        (
            "lines.taxes",
            (Tax(code="0059", name="k", rate=2, base=1, amount=0),),
            "document.line.one_vat",
            "lines[0].taxes",
        ),
        ("lines.taxes.rate", Decimal(18), "document.line.vat_rate", "lines[0].taxes"),
        ("lines.taxes.amount", Decimal("20.02"), "document.line.tax_amount", "lines[0].taxes[0].amount"),
        ("lines.taxes.amount", Decimal("19.999"), "document.line.decimals", "lines[0].taxes[0].amount"),
        ("lines.taxes.amount", Decimal(-20), "document.line.negative", "lines[0].taxes[0]"),
        ("lines.taxes.amount", Decimal(0), "document.tax.zero_amount", "tax_subtotals"),
        ("lines.taxes.exemption_code", "351", "document.line.exemption_text", "lines[0].taxes"),
        ("lines.taxes.exemption_code", "335", "document.line.exemption_kind", "lines[0].taxes"),
        ("lines.taxes.exemption_code", "805", "document.line.exemption_kind", "lines[0].taxes"),
        ("lines.gross", Decimal(0), "document.line.zero_price", "lines[0].gross"),
        ("lines.gross", Decimal("100.001"), "document.total.decimals", "totals.gross"),
        (
            "lines.withholdings",
            (Withholding(code="602", name="x", rate=90, base=1, amount=1),),
            "document.line.withholding",
            "lines[0].withholdings",
        ),
        ("rounding", Decimal("0.01"), "document.total.wrong", "lines"),
        ("rounding", Decimal(-200), "document.total.negative", "totals.payable"),
        ("issue_date", date(2026, 3, 11), "document.date.future", "issue_date"),
        ("issue_time", time(12, 0, 1), "document.date.future", "issue_date"),
        ("issue_date", date(2004, 12, 31), "document.date.too_old", "issue_date"),
        ("issue_date", date(2025, 12, 31), "document.number.year", "number"),
        ("exchange_rate", Decimal(1), "document.currency.rate_on_try", "exchange_rate"),
        ("exchange_rate", Decimal("1.1234567"), "document.currency.rate_decimals", "exchange_rate"),
        ("internet_sale.website", "", "document.internet.website_missing", "internet_sale.website"),
        ("internet_sale.payment_agent", "", "document.internet.agent_missing", "internet_sale.payment_agent"),
        (
            "internet_sale.carrier_name",
            "",
            "document.internet.carrier_missing",
            "internet_sale.carrier_tax_id",
        ),
        (
            "internet_sale.carrier_tax_id",
            "12",
            "document.internet.carrier_number",
            "internet_sale.carrier_tax_id",
        ),
        (
            "internet_sale.carrier_tax_id",
            "1111111112",
            "tax_number.vkn_check_digit",
            "internet_sale.carrier_tax_id",
        ),
    ],
)
def test_each_fault_is_named(archive: Invoice, path: str, value: Any, code: str, field: str) -> None:
    assert (code, field) in problems(change(archive, path, value))


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("buyer_alias", "", "document.buyer.alias_missing"),
        ("buyer.tax_office", "", "document.buyer.tax_office_missing"),
        ("buyer.name", "", "document.party.name_missing"),
        ("buyer.tax_id", None, "document.buyer.tax_id_missing_company"),
        ("buyer.tax_id", FOREIGN_ID, "document.buyer.placeholder"),
    ],
)
def test_an_e_fatura_needs_a_real_addressee(einvoice: Invoice, path: str, value: Any, code: str) -> None:
    assert code in [
        found for found, _ in problems(change(einvoice, path, value), LintFacts(now=AT, registered=True))
    ]


def test_the_profile_follows_the_registration(archive: Invoice, einvoice: Invoice) -> None:
    assert problems(archive, LintFacts(now=AT, registered=True)) == [
        ("document.profile.registered_buyer", "profile")
    ]
    assert problems(einvoice, LintFacts(now=AT, registered=False)) == [
        ("document.profile.unregistered_buyer", "profile")
    ]


def test_conventional_numbers_stand_only_on_e_arsiv(archive: Invoice, einvoice: Invoice) -> None:
    abroad = change(change(archive, "buyer.tax_id", FOREIGN_ID), "buyer.address.country", "DE")
    assert problems(abroad) == []
    consumer = altered(einvoice, buyer=archive.buyer)
    assert ("document.buyer.placeholder", "buyer.tax_id") in problems(
        consumer, LintFacts(now=AT, registered=True)
    )


def test_a_code_for_a_vat_of_zero_is_enough(archive: Invoice) -> None:
    free = Tax(
        rate=Decimal(0), base=Decimal(0), amount=Decimal(0), exemption_code="351", exemption_reason="Diğer"
    )
    gift = altered(archive.lines[0], gross=Decimal(0), unit_price=Decimal(0), taxes=(free,))
    assert problems(altered(archive, lines=(*archive.lines, gift))) == []
    bare = altered(gift, taxes=(Tax(rate=Decimal(0), base=Decimal(0), amount=Decimal(0)),))
    found = problems(altered(archive, lines=(*archive.lines, bare)))
    assert ("document.line.exemption_missing", "lines[1].taxes") in found
    assert ("document.line.zero_price", "lines[1].gross") in found


@pytest.mark.parametrize(
    ("day", "rates"),
    [(date(2023, 7, 9), {1, 8, 18}), (date(2023, 7, 10), {1, 10, 20}), (date(2026, 1, 1), {1, 10, 20})],
)
def test_the_rates_change_on_their_day(day: date, rates: set[int]) -> None:
    assert vat_rates(day) == {Decimal(rate) for rate in rates}


def test_a_return_of_an_old_sale_keeps_the_old_rate(archive: Invoice) -> None:
    tax = Tax(rate=Decimal(18), base=Decimal(100), amount=Decimal(18))
    line = altered(archive.lines[0], taxes=(tax,))
    back = altered(archive, kind=InvoiceKind.RETURN, lines=(line,))
    old = (DocumentRef(number="ORA2023000000001", date=date(2023, 7, 9)),)
    new = (DocumentRef(number="ORA2023000000002", date=date(2023, 7, 10)),)
    facts = LintFacts(now=AT, registered=False)
    assert problems(altered(back, billing_refs=old), facts) == []
    assert problems(altered(back, billing_refs=new), facts) == [("document.line.vat_rate", "lines[0].taxes")]
    assert ("document.return.no_reference", "billing_refs") in problems(back, facts)
    late = (DocumentRef(number="ORA2026000000002", date=date(2026, 3, 11)),)
    assert ("document.return.before_original", "billing_refs[0].date") in problems(
        altered(back, billing_refs=late), facts
    )


def test_a_return_does_not_travel_as_a_commercial_invoice(einvoice: Invoice) -> None:
    back = altered(einvoice, kind=InvoiceKind.RETURN, profile=Profile.COMMERCIAL)
    assert ("document.profile.return", "profile") in problems(back, LintFacts(now=AT, registered=True))


def test_dates_follow_the_numbers_of_the_series(archive: Invoice) -> None:
    ahead = LintFacts(now=AT, registered=False, last_issue_date=date(2026, 3, 11))
    assert problems(archive, ahead) == [("document.date.before_series", "issue_date")]
    same_day = LintFacts(now=AT, registered=False, last_issue_date=date(2026, 3, 10))
    assert problems(archive, same_day) == []


def test_an_invoice_later_than_seven_days_after_delivery_is_only_a_warning(archive: Invoice) -> None:
    late = lint(archive, LintFacts(now=AT, registered=False, delivered_on=date(2026, 3, 2)))
    assert [(found.code, found.severity) for found in late] == [("document.date.late", Severity.WARNING)]
    assert lint(archive, LintFacts(now=AT, registered=False, delivered_on=date(2026, 3, 3))) == ()


def test_today_is_a_day_in_istanbul(archive: Invoice) -> None:
    night = altered(archive, issue_date=date(2026, 3, 11), issue_time=time(0, 10))
    facts = LintFacts(now=datetime(2026, 3, 10, 21, 10, tzinfo=UTC), registered=False)
    assert problems(night, facts) == []
    assert problems(night, LintFacts(now=datetime(2026, 3, 10, 21, 9, tzinfo=UTC), registered=False)) == [
        ("document.date.future", "issue_date")
    ]


def test_sales_in_cash_need_no_agent(archive: Invoice) -> None:
    paid_at_door = change(archive, "internet_sale.payment_method", PaymentMethod.CASH_ON_DELIVERY)
    assert problems(change(paid_at_door, "internet_sale.payment_agent", "")) == []


def test_internet_sale_data_matter_only_on_e_arsiv(archive: Invoice, einvoice: Invoice) -> None:
    bare = change(archive, "internet_sale.website", "").internet_sale
    assert problems(altered(einvoice, internet_sale=bare), LintFacts(now=AT, registered=True)) == []


def test_vat_may_be_a_kurus_away_from_base_times_rate(archive: Invoice) -> None:
    facts = LintFacts(now=AT, registered=False)
    assert problems(change(archive, "lines.taxes.amount", Decimal("20.01")), facts) == []
    assert problems(change(archive, "lines.taxes.amount", Decimal("19.98")), facts) == [
        ("document.line.tax_amount", "lines[0].taxes[0].amount")
    ]


def test_several_faults_are_all_told(archive: Invoice) -> None:
    broken = altered(archive, buyer=archive.buyer.model_copy(update={"first_name": "", "address": Address()}))
    assert len(problems(broken)) == 4
    assert all(found.message.tr and found.message.en for found in lint(broken, NOW))


def test_the_tax_code_of_vat_is_gibs() -> None:
    assert VAT == "0015"
