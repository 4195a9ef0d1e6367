"""The invoice computes its totals itself, and refuses amounts that disagree."""

from datetime import date, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kopru.model import (
    Address,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    Party,
    PartyKind,
    Profile,
    Tax,
    Withholding,
)
from kopru.model.money import ZERO, unit_price, vat_of

PARTY = Party(kind=PartyKind.COMPANY, name="Deneme A.Ş.", address=Address(city="Ankara", district="Çankaya"))


def make_line(
    id: str, net: str, rate: str = "20", allowance: str = "0", quantity: str = "1", **extra: Any
) -> InvoiceLine:
    gross = Decimal(net) + Decimal(allowance)
    values: dict[str, Any] = {
        "id": id,
        "item_code": "X",
        "name": "Ürün",
        "quantity": Decimal(quantity),
        "unit_price": unit_price(gross, Decimal(quantity)),
        "gross": gross,
        "allowance": Decimal(allowance),
        "taxes": (Tax(rate=Decimal(rate), base=Decimal(net), amount=vat_of(Decimal(net), Decimal(rate))),),
    }
    return InvoiceLine(**(values | extra))


def make_invoice(*lines: InvoiceLine, **extra: Any) -> Invoice:
    values: dict[str, Any] = {
        "id": UUID(int=1),
        "number": "ABC2026000000001",
        "profile": Profile.ARCHIVE,
        "issue_date": date(2026, 3, 1),
        "issue_time": time(12, 0),
        "seller": PARTY,
        "buyer": PARTY,
        "lines": lines,
    }
    return Invoice(**(values | extra))


money = st.decimals(0, 100_000, places=2)
lines = st.lists(
    st.builds(
        lambda net, allowance, quantity, rate: (net, allowance, quantity, rate),
        money,
        money,
        st.decimals("0.1", 500, places=1),
        st.sampled_from(["1", "10", "20"]),
    ),
    min_size=1,
    max_size=8,
)


@given(lines, st.decimals("-0.05", "0.05", places=2))
def test_totals_are_the_sums_of_the_lines(drawn: list[Any], rounding: Decimal) -> None:
    made = [
        make_line(str(index), str(net), rate, str(allowance), str(quantity))
        for index, (net, allowance, quantity, rate) in enumerate(drawn)
    ]
    invoice = make_invoice(*made, rounding=rounding)
    totals = invoice.totals
    assert totals.tax_exclusive == sum((line.net for line in made), ZERO) == totals.gross - totals.allowance
    assert totals.tax == sum((line.vat.amount for line in made), ZERO)
    assert totals.tax_inclusive == totals.tax_exclusive + totals.tax
    assert totals.payable == totals.tax_inclusive + rounding
    assert sum((each.base for each in invoice.tax_subtotals), ZERO) == totals.tax_exclusive
    assert sum((each.amount for each in invoice.tax_subtotals), ZERO) == totals.tax


def test_there_is_one_subtotal_per_rate_and_exemption() -> None:
    exempt = Tax(rate=ZERO, base=ZERO, amount=ZERO, exemption_code="351", exemption_reason="Diğer")
    invoice = make_invoice(
        make_line("1", "100"),
        make_line("2", "50", "10"),
        make_line("3", "10"),
        make_line("4", "0", taxes=(exempt,)),
    )
    assert [(each.rate, each.exemption_code, each.base) for each in invoice.tax_subtotals] == [
        (Decimal(20), "", Decimal(110)),
        (Decimal(10), "", Decimal(50)),
        (ZERO, "351", ZERO),
    ]


def test_withheld_vat_is_not_paid_to_the_seller() -> None:
    held = Withholding(
        code="602", name="Danışmanlık", rate=Decimal(90), base=Decimal(2000), amount=Decimal(1800)
    )
    invoice = make_invoice(make_line("1", "10000", withholdings=(held,)), kind=InvoiceKind.WITHHOLDING)
    assert invoice.totals.tax == Decimal(2000)
    assert invoice.totals.withheld == Decimal(1800)
    assert invoice.totals.payable == Decimal(10200)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"allowance": Decimal(101)}, "discount is larger"),
        ({"unit_price": Decimal("99.90")}, "quantity times unit price"),
        ({"quantity": Decimal(0)}, "greater than 0"),
        ({"gross": Decimal("NaN")}, "finite"),
        ({"taxes": ()}, "at least 1"),
        ({"name": "a\x00b"}, "NUL"),
    ],
)
def test_lines_that_disagree_are_refused(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        InvoiceLine.model_validate(make_line("1", "100").model_dump() | changes)


@pytest.mark.parametrize(
    "number", ["AB2026000000001", "abc2026000000001", "ABC1999000000001", "ABC202600000001", ""]
)
def test_a_number_has_gibs_form(number: str) -> None:
    with pytest.raises(ValidationError):
        make_invoice(make_line("1", "1"), number=number)


def test_a_foreign_currency_needs_a_rate() -> None:
    with pytest.raises(ValidationError, match="exchange rate"):
        make_invoice(make_line("1", "1"), currency="USD")
    assert make_invoice(make_line("1", "1"), currency="USD", exchange_rate=Decimal("41.2")).totals.payable > 0


def test_an_invoice_survives_json() -> None:
    invoice = make_invoice(make_line("1", "100", allowance="3.50"), rounding=Decimal("0.01"))
    assert Invoice.model_validate(invoice.to_json()) == invoice
