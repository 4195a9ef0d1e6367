"""The money of one line."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.documents.lines import line_money, running_share
from kopru.model.money import ZERO, cents

amounts = st.decimals(0, 1_000_000, places=2)
rates = st.sampled_from([Decimal(rate) for rate in (0, 1, 8, 10, 18, 20)])


@given(amounts, st.decimals(0, 1, places=4), rates, st.booleans())
def test_the_buyers_payment_is_the_fixed_point(
    amount: Decimal, share: Decimal, rate: Decimal, included: bool
) -> None:
    deduction = cents(amount * share)
    money = line_money(amount, deduction, rate, tax_included=included)
    assert money.gross - money.allowance == money.net
    assert money.allowance >= ZERO
    if included:
        assert money.payable == amount - deduction
    else:
        assert money.net == amount - deduction


@pytest.mark.parametrize(
    ("amount", "deduction", "rate", "gross", "net", "vat"),
    [
        ("100.00", "0", "20", "83.33", "83.33", "16.67"),
        ("0.01", "0", "20", "0.01", "0.01", "0.00"),
        ("219.90", "30.00", "10", "199.91", "172.64", "17.26"),
        ("50.00", "50.00", "20", "41.67", "0.00", "0.00"),
    ],
)
def test_amounts_worked_out_by_hand(
    amount: str, deduction: str, rate: str, gross: str, net: str, vat: str
) -> None:
    money = line_money(Decimal(amount), Decimal(deduction), Decimal(rate), tax_included=True)
    assert (money.gross, money.net, money.vat) == (Decimal(gross), Decimal(net), Decimal(vat))


@pytest.mark.parametrize(("amount", "deduction"), [("1", "2"), ("1", "-1"), ("-1", "0")])
def test_a_discount_lies_between_nothing_and_the_amount(amount: str, deduction: str) -> None:
    with pytest.raises(ValueError, match="discount"):
        line_money(Decimal(amount), Decimal(deduction), Decimal(20), tax_included=True)


@given(amounts, st.integers(1, 500), st.data())
def test_running_shares_only_grow_and_end_at_the_total(
    total: Decimal, whole: int, data: st.DataObject
) -> None:
    steps = sorted(data.draw(st.lists(st.integers(0, whole), max_size=6)))
    shares = [running_share(total, Decimal(step), Decimal(whole)) for step in [*steps, whole]]
    assert shares == sorted(shares)
    assert shares[-1] == total
