"""Return documents: never more than is left, and exactly the original when all is back."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
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
    compose_return,
    credited_quantities,
    lint,
    returned_quantities,
)
from kopru.model import (
    Discount,
    ExternalRef,
    Invoice,
    InvoiceKind,
    Mailbox,
    Order,
    OrderLine,
    Party,
    Profile,
    Recipient,
    Return,
    ReturnLine,
    ReturnStatus,
    Withholding,
)
from kopru.model.money import ZERO

AT = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)


class Card:
    code = "GMLK-M"
    vat_rate = Decimal(20)


@pytest.fixture(scope="session")
def make_sale(
    tenant: TenantSettings, make_order: Callable[..., Order], company: Party
) -> Callable[..., Invoice]:
    def make(*lines: OrderLine, total: Decimal | None = None, profile: Profile = Profile.ARCHIVE) -> Invoice:
        series = tenant.series_for(InvoiceKind.SALE, profile, "")
        assert series is not None
        assert company.tax_id is not None
        order = make_order(*lines, **({} if total is None else {"total": total}))
        composed = compose_invoice(
            tenant,
            order if profile.is_archive else order.model_copy(update={"buyer": company}),
            Issue(InvoiceKind.SALE, profile, series, Stages(), "test"),
            {line.id: Card() for line in lines},
            ettn=UUID(int=1),
            issued_at=AT,
            channel="trendyol",
            number=f"{series.prefix}2026000000009",
            recipient=Recipient(tax_id=company.tax_id, mailboxes=(Mailbox(alias="urn:mail:pk@d.example"),)),
        )
        assert composed.invoice is not None, composed.findings
        return composed.invoice

    return make


def give_back(
    tenant: TenantSettings, original: Invoice, returned: dict[str, Decimal], *credited: Invoice
) -> Composed:
    series = tenant.series_by_key("iade")
    assert series is not None
    return compose_return(
        original, returned, series=series, ettn=UUID(int=2), issued_at=LATER, credited=credited
    )


def must(composed: Composed) -> Invoice:
    assert composed.invoice is not None, composed.findings
    return composed.invoice


def test_a_return_refers_to_the_original(
    tenant: TenantSettings, make_sale: Callable[..., Invoice], make_line: Callable[..., OrderLine]
) -> None:
    original = make_sale(make_line("a", "300.00", quantity=Decimal(3)), make_line("b", "50.00"))
    document = must(give_back(tenant, original, {"1": Decimal(1)}))
    assert (document.kind, document.profile, document.number) == (
        InvoiceKind.RETURN,
        Profile.ARCHIVE,
        "ORI2026000000000",
    )
    assert [(ref.number, ref.date) for ref in document.billing_refs] == [
        (original.number, original.issue_date)
    ]
    assert [(line.id, line.quantity, line.order_line_id) for line in document.lines] == [
        ("1", Decimal(1), "a")
    ]
    assert document.totals.payable == Decimal("100.00")
    assert document.internet_sale is None
    assert lint(document, LintFacts(now=LATER, registered=False)) == ()


def test_a_returned_e_fatura_travels_as_basic(
    tenant: TenantSettings, make_sale: Callable[..., Invoice], make_line: Callable[..., OrderLine]
) -> None:
    original = make_sale(make_line(), profile=Profile.COMMERCIAL)
    document = must(give_back(tenant, original, {"1": Decimal(1)}))
    assert document.profile is Profile.BASIC
    assert lint(document, LintFacts(now=LATER, registered=True)) == ()


prices = st.decimals("0.01", 5_000, places=2)


@st.composite
def sales(draw: st.DrawFn) -> tuple[list[tuple[Decimal, Decimal, int]], list[int]]:
    lines = draw(
        st.lists(st.tuples(prices, st.decimals(0, 1, places=2), st.integers(1, 9)), min_size=1, max_size=4)
    )
    units = [index for index, (_, _, quantity) in enumerate(lines) for _ in range(quantity)]
    return lines, draw(st.permutations(units))


@given(
    sale=sales(),
    cuts=st.lists(st.integers(1, 6), min_size=1, max_size=6),
    gap=st.integers(-5, 5),
    undo=st.booleans(),
)
def test_returns_in_any_pieces_add_up_to_the_original(
    tenant: TenantSettings,
    make_sale: Callable[..., Invoice],
    make_line: Callable[..., OrderLine],
    sale: tuple[list[tuple[Decimal, Decimal, int]], list[int]],
    cuts: list[int],
    gap: int,
    undo: bool,
) -> None:
    drawn, units = sale
    lines = [
        make_line(
            str(index),
            price * quantity,
            quantity=Decimal(quantity),
            discounts=(
                Discount(amount=((price * quantity - Decimal("0.01")) * share).quantize(Decimal("0.01"))),
            ),
        )
        for index, (price, share, quantity) in enumerate(drawn)
    ]
    paid = sum((line.payable for line in lines), ZERO)
    original = make_sale(*lines, total=max(paid + gap * Decimal("0.01"), ZERO))
    credited: list[Invoice] = []
    while units:
        piece, units = units[: cuts[len(credited) % len(cuts)]], units[cuts[len(credited) % len(cuts)] :]
        quantities = {str(unit + 1): Decimal(piece.count(unit)) for unit in set(piece)}
        credited.append(must(give_back(tenant, original, quantities, *credited)))
        if undo and len(credited) == 2:
            taken_back = credited.pop(0)  # the first return document is cancelled and its units come again
            units += [int(line.id) - 1 for line in taken_back.lines for _ in range(int(line.quantity))]
            undo = False
    for name in ("gross", "allowance", "tax_exclusive", "tax", "rounding", "payable"):
        given_back = sum((getattr(document.totals, name) for document in credited), ZERO)
        assert given_back == getattr(original.totals, name), name
    assert credited_quantities(credited) == {line.id: line.quantity for line in original.lines}
    again = give_back(tenant, original, {"1": Decimal(1)}, *credited)
    assert [found.code for found in again.findings] == ["document.return.too_much"]


def test_no_more_than_what_is_left_comes_back(
    tenant: TenantSettings, make_sale: Callable[..., Invoice], make_line: Callable[..., OrderLine]
) -> None:
    original = make_sale(make_line("a", "300.00", quantity=Decimal(3)))
    first = must(give_back(tenant, original, {"1": Decimal(2)}))
    (found,) = give_back(tenant, original, {"1": Decimal(2)}, first).findings
    assert (found.code, found.field) == ("document.return.too_much", "lines[1].quantity")
    assert "1" in found.message.en


@pytest.mark.parametrize(
    ("returned", "codes"),
    [
        ({}, ["document.return.empty"]),
        ({"1": ZERO}, ["document.return.empty"]),
        ({"9": Decimal(1)}, ["document.return.unknown_line"]),
        ({"1": Decimal(-1)}, ["document.return.negative", "document.return.empty"]),
    ],
)
def test_senseless_returns_are_refused(
    tenant: TenantSettings,
    make_sale: Callable[..., Invoice],
    make_line: Callable[..., OrderLine],
    returned: dict[str, Decimal],
    codes: list[str],
) -> None:
    composed = give_back(tenant, make_sale(make_line()), returned)
    assert composed.invoice is None
    assert [found.code for found in composed.findings] == codes


def test_a_return_is_not_earlier_than_its_invoice(
    tenant: TenantSettings, make_sale: Callable[..., Invoice], make_line: Callable[..., OrderLine]
) -> None:
    series = tenant.series_by_key("iade")
    assert series is not None
    before = datetime(2026, 3, 1, tzinfo=UTC)
    composed = compose_return(
        make_sale(make_line()), {"1": Decimal(1)}, series=series, ettn=UUID(int=2), issued_at=before
    )
    assert [found.code for found in composed.findings] == ["document.return.before_original"]


def test_returns_of_withheld_invoices_are_left_to_a_person(
    tenant: TenantSettings, make_sale: Callable[..., Invoice], make_line: Callable[..., OrderLine]
) -> None:
    sale = make_sale(make_line())
    held = Withholding(code="602", name="x", rate=Decimal(90), base=Decimal(20), amount=Decimal(18))
    line = sale.lines[0].model_copy(update={"withholdings": (held,)})
    composed = give_back(tenant, sale.model_copy(update={"lines": (line,)}), {"1": Decimal(1)})
    assert [found.code for found in composed.findings] == ["document.return.kind"]


def test_only_accepted_lines_of_a_customer_return_count(
    make_sale: Callable[..., Invoice], make_line: Callable[..., OrderLine]
) -> None:
    original = make_sale(make_line("a", "300.00", quantity=Decimal(3)), make_line("b", "50.00"))
    accepted, rejected = ReturnStatus.ACCEPTED, ReturnStatus.REJECTED
    rows = [("1", "a", accepted), ("2", "a", accepted), ("3", "b", rejected), ("4", "zz", accepted)]
    claim = Return(
        ref=ExternalRef(kind="claim", id="C1"),
        revision="1",
        order_number="S-5001",
        created_at=AT,
        modified_at=AT,
        lines=tuple(
            ReturnLine(id=id, order_line_id=line, quantity=Decimal(1), status=status)
            for id, line, status in rows
        ),
    )
    assert returned_quantities(original, claim) == {"1": Decimal(2)}
