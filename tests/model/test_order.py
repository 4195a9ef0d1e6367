"""Orders: discounts, live lines and the gap to the source's own total."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from kopru.model import Discount, ExternalRef, Order, OrderLine, OrderStatus, Party, PartyKind


def make_order(*lines: OrderLine, **extra: Any) -> Order:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    values: dict[str, Any] = {
        "ref": ExternalRef(kind="order", id="1"),
        "number": "1",
        "revision": "1",
        "status": OrderStatus.NEW,
        "placed_at": at,
        "modified_at": at,
        "buyer": Party(kind=PartyKind.PERSON, first_name="Ayşe", last_name="Deneme"),
        "lines": lines,
        "total": Decimal(0),
    }
    return Order(**(values | extra))


def make_line(id: str, amount: str, **extra: Any) -> OrderLine:
    return OrderLine(id=id, name="Ürün", quantity=Decimal(1), amount=Decimal(amount), **extra)


def test_what_the_buyer_pays_is_the_amount_without_its_discounts() -> None:
    discounts = (Discount(amount=Decimal("5.01")), Discount(amount=Decimal(2), funded_by="marketplace"))
    assert make_line("1", "100", discounts=discounts).payable == Decimal("92.99")


def test_cancelled_lines_do_not_count() -> None:
    order = make_order(make_line("1", "10"), make_line("2", "7", cancelled=True), total=Decimal("10.03"))
    assert [line.id for line in order.live_lines] == ["1"]
    assert order.sum_gap() == Decimal("0.03")


def test_less_than_a_kurus_is_no_gap() -> None:
    assert make_order(make_line("1", "9.995"), total=Decimal(10)).sum_gap() == 0


def test_without_vat_in_the_lines_there_is_nothing_to_compare() -> None:
    assert make_order(make_line("1", "10"), total=Decimal(12), tax_included=False).sum_gap() == 0


def test_line_ids_are_unique() -> None:
    with pytest.raises(ValidationError, match="unique"):
        make_order(make_line("1", "10"), make_line("1", "10"))


def test_times_need_a_zone() -> None:
    with pytest.raises(ValidationError):
        make_order(make_line("1", "1"), placed_at=datetime(2026, 3, 1))  # noqa: DTZ001
