"""Orders become invoices that come to the kuruş to what the buyer pays."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.documents import (
    Composed,
    Issue,
    LintFacts,
    Stages,
    TenantSettings,
    compose_invoice,
    invoice_link,
    lint,
    with_number,
)
from kopru.model import (
    Address,
    Discount,
    InvoiceKind,
    LineKind,
    Mailbox,
    Order,
    OrderLine,
    Party,
    PartyKind,
    Payment,
    PaymentMethod,
    Profile,
    Recipient,
    Shipping,
    TaxId,
    TaxScheme,
)
from kopru.model.money import CENT, ZERO, cents

MakeOrder = Callable[..., Order]
MakeLine = Callable[..., OrderLine]
AT = datetime(2026, 3, 1, 21, 30, 15, 999, tzinfo=UTC)
"""00:30 of 2 March in Istanbul."""


@dataclass(frozen=True)
class Card:
    code: str = "GMLK-M"
    vat_rate: Decimal | None = Decimal(10)


def compose(
    tenant: TenantSettings, order: Order, profile: Profile = Profile.ARCHIVE, **changes: Any
) -> Composed:
    kind = changes.pop("kind", InvoiceKind.SALE)
    series = tenant.series_for(InvoiceKind.SALE, profile, "trendyol")
    assert series is not None
    items = changes.pop("items", {line.id: Card() for line in order.lines if line.kind is LineKind.GOODS})
    return compose_invoice(
        tenant,
        order,
        Issue(kind, profile, series, Stages(), "test"),
        items,
        ettn=UUID(int=7),
        issued_at=AT,
        channel="trendyol",
        **changes,
    )


def with_policy(tenant: TenantSettings, **changes: Any) -> TenantSettings:
    policy = tenant.invoice.model_dump() | changes
    return tenant.model_copy(update={"invoice": type(tenant.invoice).model_validate(policy)})


def codes(composed: Composed) -> list[str]:
    return [found.code for found in composed.findings]


def test_a_marketplace_order_becomes_a_complete_invoice(
    tenant: TenantSettings, make_order: MakeOrder, make_line: MakeLine
) -> None:
    line = make_line("L1", "259.80", quantity=Decimal(2), discounts=(Discount(amount=Decimal("19.99")),))
    order = make_order(line)
    composed = compose(tenant, order)
    invoice = composed.invoice
    assert invoice is not None
    assert composed.findings == ()
    assert invoice.number == "ORA2026000000000"
    assert (invoice.issue_date, invoice.issue_time) == (date(2026, 3, 2), time(0, 30, 15))
    assert invoice.totals.payable == composed.expected_total == Decimal("239.81")
    made = invoice.lines[0]
    assert (made.net, made.vat.amount) == (Decimal("199.84"), Decimal("39.97"))
    assert (made.gross, made.unit_price) == (Decimal("216.50"), Decimal("108.25000000"))
    assert invoice.buyer.tax_id == TaxId(scheme=TaxScheme.TCKN, value="11111111111")
    assert invoice.order_ref is not None
    assert (invoice.order_ref.number, invoice.order_ref.date) == ("S-5001", date(2026, 3, 1))
    assert invoice.paid
    sale = invoice.internet_sale
    assert sale is not None
    assert (sale.website, sale.payment_agent) == (
        "https://www.trendyol.com",
        "Örnek Pazaryeri Anonim Şirketi",
    )
    assert (sale.carrier_name, sale.carrier_tax_id) == ("Örnek Kargo Anonim Şirketi", "1111111114")
    assert sale.shipped_on == date(2026, 3, 2)
    assert lint(invoice, LintFacts(now=AT, registered=False, expected_total=composed.expected_total)) == ()


def test_the_invoice_of_a_registered_buyer_is_addressed_to_its_mailbox(
    tenant: TenantSettings, make_order: MakeOrder, company: Party
) -> None:
    assert company.tax_id is not None
    boxes = (Mailbox(alias="urn:mail:depo@d.example"), Mailbox(alias="urn:mail:DefaultPK@d.example"))
    composed = compose(
        tenant,
        make_order(buyer=company),
        Profile.BASIC,
        recipient=Recipient(tax_id=company.tax_id, mailboxes=boxes),
    )
    invoice = composed.invoice
    assert invoice is not None
    assert invoice.buyer_alias == "urn:mail:DefaultPK@d.example"
    assert invoice.seller_alias == "urn:mail:defaultgb@ornektekstil.example"
    assert invoice.internet_sale is None
    assert lint(invoice, LintFacts(now=AT, registered=True)) == ()


amounts = st.decimals("0.10", 50_000, places=2)
shares = st.decimals(0, "0.95", places=3)
rates = st.sampled_from([Decimal(1), Decimal(10), Decimal(20)])
drawn_lines = st.lists(
    st.tuples(amounts, shares, shares, rates, st.integers(1, 60), st.booleans()), min_size=1, max_size=10
)


def order_of(make_order: MakeOrder, make_line: MakeLine, drawn: list[Any], shipping: Decimal) -> Order:
    lines = []
    for index, (amount, seller, marketplace, rate, quantity, cancelled) in enumerate(drawn):
        seller_part = cents(amount * seller)
        rest = amount - seller_part
        discounts = (
            Discount(amount=seller_part),
            Discount(amount=cents(rest * marketplace), funded_by="marketplace"),
        )
        lines.append(
            make_line(
                str(index),
                amount,
                discounts=discounts,
                vat_rate=rate,
                quantity=Decimal(quantity),
                cancelled=cancelled and index > 0,
            )
        )
    lines.append(make_line("shipping", shipping, kind=LineKind.SHIPPING, sku="", name="Kargo"))
    return make_order(*lines)


@given(drawn=drawn_lines, shipping=st.decimals(0, 500, places=2))
def test_any_mix_of_discounts_rates_and_shipping_comes_to_the_kurus(
    tenant: TenantSettings, make_order: MakeOrder, make_line: MakeLine, drawn: list[Any], shipping: Decimal
) -> None:
    order = order_of(make_order, make_line, drawn, shipping)
    composed = compose(with_policy(tenant, zero_price="exempt_351"), order)
    assert composed.invoice is not None, composed.findings
    totals = composed.invoice.totals
    assert totals.payable == order.total == composed.expected_total
    assert totals.rounding == ZERO
    for line in composed.invoice.lines:
        assert line.vat.base == line.net
        assert abs(cents(line.net * line.vat.rate / 100) - line.vat.amount) <= CENT


@given(drawn=drawn_lines)
def test_discounts_the_marketplace_pays_can_stay_in(
    tenant: TenantSettings, make_order: MakeOrder, make_line: MakeLine, drawn: list[Any]
) -> None:
    order = order_of(make_order, make_line, drawn, Decimal("29.99"))
    keep = with_policy(tenant, marketplace_discounts="keep", zero_price="exempt_351")
    composed = compose(keep, order)
    assert composed.invoice is not None
    kept = sum((line.discounts[1].amount for line in order.live_lines if line.discounts), ZERO)
    assert composed.invoice.totals.payable == order.total + kept == composed.expected_total


@given(drawn=drawn_lines, cent=st.integers(-5, 5))
def test_orders_without_vat_come_to_their_total_with_rounding_shown(
    tenant: TenantSettings, make_order: MakeOrder, make_line: MakeLine, drawn: list[Any], cent: int
) -> None:
    order = order_of(make_order, make_line, drawn, Decimal("29.99")).model_copy(
        update={"tax_included": False}
    )
    wide = with_policy(tenant, zero_price="exempt_351", rounding_limit=Decimal("0.05"))
    exact = sum(
        (cents(line.payable) + cents(line.payable * (line.vat_rate or 0) / 100) for line in order.live_lines),
        ZERO,
    )
    composed = compose(wide, order.model_copy(update={"total": max(exact + cent * CENT, ZERO)}))
    assert composed.invoice is not None
    assert composed.invoice.totals.payable == composed.expected_total
    assert composed.invoice.rounding == max(exact + cent * CENT, ZERO) - exact
    assert codes(composed) == (["document.total.rounded"] if composed.invoice.rounding else [])


@pytest.mark.parametrize("total", ["120.06", "119.94"])
def test_a_gap_beyond_the_limit_names_both_totals(
    tenant: TenantSettings, make_order: MakeOrder, total: str
) -> None:
    composed = compose(tenant, make_order(total=Decimal(total)))
    assert composed.invoice is None
    (found,) = composed.findings
    assert (found.code, found.field) == ("document.total.mismatch", "total")
    assert total in found.message.tr
    assert "120.00" in found.message.tr


@pytest.mark.parametrize("total", ["120.05", "119.95"])
def test_a_gap_at_the_limit_is_shown_as_rounding(
    tenant: TenantSettings, make_order: MakeOrder, total: str
) -> None:
    composed = compose(tenant, make_order(total=Decimal(total)))
    assert composed.invoice is not None
    assert composed.invoice.totals.payable == Decimal(total)
    assert codes(composed) == ["document.total.rounded"]


numbers = st.decimals(0, allow_nan=False, allow_infinity=False) | st.sampled_from(
    [Decimal("1e30"), Decimal("1e-30"), Decimal("0.005"), Decimal("1e27")]
)


@given(
    amount=numbers,
    discount=numbers,
    quantity=numbers.filter(lambda value: value > 0),
    total=numbers,
    included=st.booleans(),
    name=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20),
    policy=st.sampled_from(["deduct", "keep"]),
)
def test_no_order_makes_composing_fail(
    tenant: TenantSettings,
    make_order: MakeOrder,
    make_line: MakeLine,
    amount: Decimal,
    discount: Decimal,
    quantity: Decimal,
    total: Decimal,
    included: bool,
    name: str,
    policy: str,
) -> None:
    discounts = (Discount(amount=discount, funded_by="marketplace"),)
    line = make_line("1", amount, name=name, quantity=quantity, discounts=discounts)
    order = make_order(line, total=total, tax_included=included)
    composed = compose(with_policy(tenant, marketplace_discounts=policy), order)
    assert composed.invoice is not None or any(found.blocks for found in composed.findings)
    if composed.invoice is not None:
        assert composed.invoice.totals.payable == composed.expected_total
        lint(composed.invoice, LintFacts(now=AT, registered=False, expected_total=composed.expected_total))


def test_a_rate_the_source_does_not_tell_comes_from_the_item_card(
    tenant: TenantSettings, make_order: MakeOrder, make_line: MakeLine
) -> None:
    composed = compose(tenant, make_order(make_line(vat_rate=None)))
    assert composed.invoice is not None
    assert composed.invoice.lines[0].vat.rate == Decimal(10)


def test_service_lines_take_the_item_of_the_settings(
    tenant: TenantSettings, make_order: MakeOrder, make_line: MakeLine
) -> None:
    shipping = make_line("2", "29.99", kind=LineKind.SHIPPING, sku="", vat_rate=None)
    composed = compose(tenant, make_order(make_line(), shipping))
    assert composed.invoice is not None
    made = composed.invoice.lines[1]
    assert (made.item_code, made.vat.rate, made.kind) == ("KARGO", Decimal(20), LineKind.SHIPPING)


def test_free_shipping_is_no_line(tenant: TenantSettings, make_order: MakeOrder, make_line: MakeLine) -> None:
    free = make_line("2", "29.99", kind=LineKind.SHIPPING, discounts=(Discount(amount=Decimal("29.99")),))
    composed = compose(tenant, make_order(make_line(), free))
    assert composed.invoice is not None
    assert len(composed.invoice.lines) == 1


def test_a_gift_is_refused_or_shown_with_code_351(
    tenant: TenantSettings, make_order: MakeOrder, make_line: MakeLine
) -> None:
    gift = make_line("2", "50.00", discounts=(Discount(amount=Decimal("50.00")),))
    order = make_order(make_line(), gift)
    refused = compose(tenant, order)
    assert refused.invoice is None
    assert [(found.code, found.field) for found in refused.findings] == [
        ("document.line.zero_price", "lines[1].amount")
    ]
    shown = compose(with_policy(tenant, zero_price="exempt_351"), order)
    assert shown.invoice is not None
    tax = shown.invoice.lines[1].vat
    assert (tax.rate, tax.amount, tax.exemption_code) == (ZERO, ZERO, "351")
    assert shown.invoice.totals.payable == order.total
    assert lint(shown.invoice, LintFacts(now=AT, registered=False)) == ()


@pytest.mark.parametrize(
    ("line", "items", "code", "field"),
    [
        ({}, {}, "document.line.item_missing", "lines[0]"),
        ({"kind": LineKind.SERVICE}, {}, "document.line.item_missing", "lines[0]"),
        ({"vat_rate": None}, {"1": Card(vat_rate=None)}, "document.line.vat_missing", "lines[0].vat_rate"),
        ({"vat_rate": Decimal(0)}, {"1": Card()}, "document.line.exemption_missing", "lines[0].vat_rate"),
        (
            {"discounts": (Discount(amount=Decimal(121)),)},
            {"1": Card()},
            "document.line.discount_too_large",
            "lines[0].discounts",
        ),
        ({"amount": Decimal("1e40")}, {"1": Card()}, "document.invalid", ""),
        ({"quantity": Decimal("1e-40")}, {"1": Card()}, "document.invalid", ""),
    ],
)
def test_what_a_line_lacks_is_named(
    tenant: TenantSettings,
    make_order: MakeOrder,
    make_line: MakeLine,
    line: dict[str, Any],
    items: dict[str, Card],
    code: str,
    field: str,
) -> None:
    made = make_line(**{"amount": "120", **line})
    composed = compose(tenant, make_order(made, total=Decimal(120)), items=items)
    assert composed.invoice is None
    assert (code, field) in [(found.code, found.field) for found in composed.findings]


def test_without_a_service_item_the_settings_are_named(
    tenant: TenantSettings, make_order: MakeOrder, make_line: MakeLine
) -> None:
    bare = tenant.model_copy(update={"services": type(tenant.services)()})
    composed = compose(bare, make_order(make_line(), make_line("2", "9.99", kind=LineKind.FEE)))
    assert codes(composed) == ["document.line.service_missing"]
    assert "[services.fee]" in composed.findings[0].message.en


def test_every_unresolved_line_is_named_not_only_the_first(
    tenant: TenantSettings, make_order: MakeOrder, make_line: MakeLine
) -> None:
    composed = compose(
        tenant, make_order(make_line("1"), make_line("2"), make_line("3")), items={"2": Card()}
    )
    assert [found.field for found in composed.findings] == ["lines[0]", "lines[2]"]


@pytest.mark.parametrize(
    ("order", "changes", "code"),
    [
        ({"export": True}, {}, "document.export.unsupported"),
        ({"currency": "USD"}, {}, "document.currency.rate_missing"),
        ({}, {"kind": InvoiceKind.WITHHOLDING}, "document.kind.unsupported"),
    ],
)
def test_what_cannot_be_made_yet_is_refused(
    tenant: TenantSettings, make_order: MakeOrder, order: dict[str, Any], changes: dict[str, Any], code: str
) -> None:
    composed = compose(tenant, make_order(**order), **changes)
    assert composed.invoice is None
    assert codes(composed) == [code]


def test_a_foreign_currency_takes_the_rate_given(tenant: TenantSettings, make_order: MakeOrder) -> None:
    composed = compose(tenant, make_order(currency="USD"), exchange_rate=Decimal("41.2512"))
    assert composed.invoice is not None
    assert (composed.invoice.currency, composed.invoice.exchange_rate) == ("USD", Decimal("41.2512"))
    own = compose(tenant, make_order(currency="USD", exchange_rate=Decimal(40)), exchange_rate=Decimal(41))
    assert own.invoice is not None
    assert own.invoice.exchange_rate == Decimal(40)


def test_an_order_whose_lines_are_all_cancelled_has_nothing_to_invoice(
    tenant: TenantSettings, make_order: MakeOrder, make_line: MakeLine
) -> None:
    assert codes(compose(tenant, make_order(make_line(cancelled=True)))) == ["document.lines.none"]


@pytest.mark.parametrize(
    ("buyer", "first", "last"),
    [
        ({"name": "Fatma Nur  Örnek"}, "Fatma Nur", "Örnek"),
        ({"first_name": "Ali Can Deneme"}, "Ali Can", "Deneme"),
        ({"name": "Ayşe"}, "", "Ayşe"),
        ({"first_name": "Ayşe", "last_name": "Örnek Deneme"}, "Ayşe", "Örnek Deneme"),
    ],
)
def test_a_name_in_one_piece_is_split_at_the_last_word(
    tenant: TenantSettings,
    make_order: MakeOrder,
    consumer: Party,
    buyer: dict[str, str],
    first: str,
    last: str,
) -> None:
    party = consumer.model_copy(update={"first_name": "", "last_name": "", **buyer})
    composed = compose(tenant, make_order(buyer=party))
    assert composed.invoice is not None
    assert (composed.invoice.buyer.first_name, composed.invoice.buyer.last_name) == (first, last)


def test_a_sole_trader_is_invoiced_by_name_and_tckn(
    tenant: TenantSettings, make_order: MakeOrder, company: Party
) -> None:
    trader = company.model_copy(
        update={"name": "Mehmet Deneme", "tax_id": TaxId(scheme=TaxScheme.TCKN, value="10000000146")}
    )
    composed = compose(tenant, make_order(buyer=trader))
    assert composed.invoice is not None
    assert (composed.invoice.buyer.first_name, composed.invoice.buyer.last_name) == ("Mehmet", "Deneme")


def test_a_companys_number_is_never_made_up(
    tenant: TenantSettings, make_order: MakeOrder, company: Party
) -> None:
    composed = compose(tenant, make_order(buyer=company.model_copy(update={"tax_id": None})))
    assert composed.invoice is not None
    assert composed.invoice.buyer.tax_id is None
    assert "document.buyer.tax_id_missing_company" in [
        found.code for found in lint(composed.invoice, LintFacts(now=AT, registered=False))
    ]


def test_a_buyer_abroad_gets_the_conventional_number(
    tenant: TenantSettings, make_order: MakeOrder, consumer: Party
) -> None:
    abroad = consumer.model_copy(
        update={"address": Address(street="1 Test St", district="Mitte", city="Berlin", country="DE")}
    )
    composed = compose(tenant, make_order(buyer=abroad))
    assert composed.invoice is not None
    assert composed.invoice.buyer.tax_id == TaxId(scheme=TaxScheme.VKN, value="2222222222")
    assert lint(composed.invoice, LintFacts(now=AT, registered=False)) == ()


def test_an_empty_invoice_address_takes_the_delivery_address(
    tenant: TenantSettings, make_order: MakeOrder, consumer: Party
) -> None:
    composed = compose(tenant, make_order(buyer=consumer.model_copy(update={"address": Address()})))
    assert composed.invoice is not None
    assert composed.invoice.buyer.address.district == "Çankaya"


def test_the_city_may_stand_in_for_a_missing_district(tenant: TenantSettings, make_order: MakeOrder) -> None:
    where = Address(street="Sokak 1", city="Sivas")
    order = make_order(
        buyer=Party(kind=PartyKind.PERSON, first_name="A", last_name="B", address=where), shipping=Shipping()
    )
    strict = compose(tenant, order).invoice
    assert strict is not None
    assert [found.field for found in lint(strict, LintFacts(now=AT))] == [
        "buyer.address.district",
        "internet_sale.carrier_tax_id",
    ]
    loose = compose(with_policy(tenant, missing_district="use_city"), order).invoice
    assert loose is not None
    assert loose.buyer.address.district == "Sivas"
    assert loose.delivery_address is None


def test_invisible_characters_do_not_reach_the_document(
    tenant: TenantSettings, make_order: MakeOrder, make_line: MakeLine
) -> None:
    composed = compose(tenant, make_order(make_line(name="Go\u0308mlek\u200b \u202eXL\t(mavi)\x07 İıŞ")))
    assert composed.invoice is not None
    assert composed.invoice.lines[0].name == "Gömlek XL (mavi) İıŞ"


@pytest.mark.parametrize(
    ("payment", "paid"),
    [
        (Payment(method=PaymentMethod.CARD), True),
        (Payment(method=PaymentMethod.CASH_ON_DELIVERY), False),
        (Payment(method=PaymentMethod.TRANSFER, paid_at=AT), True),
    ],
)
def test_an_invoice_is_closed_when_the_money_is_in(
    tenant: TenantSettings, make_order: MakeOrder, payment: Payment, paid: bool
) -> None:
    composed = compose(tenant, make_order(payment=payment))
    assert composed.invoice is not None
    assert composed.invoice.paid is paid


def test_payment_terms_give_the_due_date(tenant: TenantSettings, make_order: MakeOrder) -> None:
    composed = compose(with_policy(tenant, payment_days=30), make_order())
    assert composed.invoice is not None
    assert composed.invoice.payment_due == date(2026, 4, 1)


def test_the_allotted_number_replaces_the_placeholder_and_nothing_else(
    tenant: TenantSettings, make_order: MakeOrder
) -> None:
    draft = compose(tenant, make_order()).invoice
    assert draft is not None
    final = with_number(draft, "ORA2026000000042")
    assert final.number == "ORA2026000000042"
    assert final.model_copy(update={"number": draft.number}) == draft
    for wrong in ("ORA2025000000042", "ORA202600000042"):
        with pytest.raises(ValueError, match=r"year|match"):
            with_number(draft, wrong)


def test_the_invoice_link_is_filled_from_the_template(tenant: TenantSettings, make_order: MakeOrder) -> None:
    invoice = compose(tenant, make_order()).invoice
    assert invoice is not None
    assert invoice_link(tenant, invoice) == ""
    own = with_policy(tenant, link="https://f.example/{order}/{number}/{ettn}")
    assert invoice_link(own, invoice) == f"https://f.example/S-5001/{invoice.number}/{invoice.id}"
