"""Money arithmetic: nothing is lost or made by rounding and sharing."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.model.money import CENT, UNIT_PRICE, ZERO, cents, share, unit_price, vat_of, without_vat

amounts = st.decimals(0, 10_000_000, places=2)
rates = st.sampled_from([Decimal(rate) for rate in (0, 1, 8, 10, 18, 20)])
weights = st.lists(st.decimals(0, 100_000, places=3), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [("0.005", "0.01"), ("0.004", "0.00"), ("2.675", "2.68"), ("-0.005", "-0.01"), ("1.005", "1.01")],
)
def test_kurus_are_rounded_half_up(amount: str, rounded: str) -> None:
    assert cents(Decimal(amount)) == Decimal(rounded)


@given(amounts, rates)
def test_the_net_part_and_its_vat_are_the_payment(gross: Decimal, rate: Decimal) -> None:
    net = without_vat(gross, rate)
    assert ZERO <= net <= gross
    assert abs(vat_of(net, rate) - (gross - net)) <= CENT


@given(amounts, amounts, rates)
def test_a_larger_payment_never_has_a_smaller_net_part(one: Decimal, other: Decimal, rate: Decimal) -> None:
    low, high = sorted((one, other))
    assert without_vat(low, rate) <= without_vat(high, rate)


@given(amounts, st.decimals("0.001", 10_000, places=3))
def test_a_unit_price_gives_the_total_back(total: Decimal, quantity: Decimal) -> None:
    assert abs(unit_price(total, quantity) * quantity - total) <= quantity * UNIT_PRICE


@pytest.mark.parametrize("quantity", ["0", "-1"])
def test_a_unit_price_needs_a_quantity(quantity: str) -> None:
    with pytest.raises(ValueError, match="quantity"):
        unit_price(Decimal(10), Decimal(quantity))


@given(st.decimals(-1_000_000, 1_000_000, places=2), weights)
def test_shares_add_up_exactly(amount: Decimal, parts: list[Decimal]) -> None:
    shared = share(amount, parts)
    assert len(shared) == len(parts)
    assert sum(shared, ZERO) == amount


@given(amounts, weights)
def test_each_share_is_within_a_kurus_of_its_proportion(amount: Decimal, parts: list[Decimal]) -> None:
    total = sum(parts, ZERO)
    for part, weight in zip(share(amount, parts), parts, strict=True):
        exact = amount * weight / total if total else amount / len(parts)
        assert abs(part - exact) < CENT


@given(amounts, weights)
def test_shares_of_a_debt_mirror_shares_of_a_claim(amount: Decimal, parts: list[Decimal]) -> None:
    assert share(-amount, parts) == tuple(-part for part in share(amount, parts))


def test_what_has_no_weight_gets_nothing() -> None:
    assert share(Decimal("0.02"), [Decimal(0), Decimal(1), Decimal(0)]) == (ZERO, Decimal("0.02"), ZERO)


def test_without_any_weight_the_split_is_even() -> None:
    assert share(Decimal("0.05"), [ZERO, ZERO]) == (Decimal("0.03"), Decimal("0.02"))


@pytest.mark.parametrize("parts", [[], [Decimal(1), Decimal(-1)]])
def test_shares_need_weights_that_are_not_negative(parts: list[Decimal]) -> None:
    with pytest.raises(ValueError, match="weights"):
        share(Decimal(1), parts)
