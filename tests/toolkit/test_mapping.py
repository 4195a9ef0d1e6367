"""What mappings share: numbers in one spelling, revisions, extras, unreadable texts."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.model import StockLevel
from kopru.sdk import Raw
from kopru.toolkit import mapping

NOW = datetime(2026, 9, 24, 11, tzinfo=UTC)


def level(**values: object) -> StockLevel:
    return StockLevel.model_validate(
        {"item_code": "A", "warehouse": "1", "on_hand": 3, "as_of": NOW, **values}
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [("219.89999999999998", "219.90"), ("10", "10.00"), ("0.125", "0.1250"), ("1E+2", "100.00")],
)
def test_money_has_one_spelling(given: str, expected: str) -> None:
    assert str(mapping.money(Decimal(given))) == expected


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4))
def test_plain_numbers_keep_their_value_and_have_no_exponent(value: Decimal) -> None:
    assert mapping.plain(value) == value
    assert "E" not in str(mapping.plain(value)).upper() or abs(value) < Decimal("0.000001")


def test_revisions_follow_content_and_sort_by_time() -> None:
    first = mapping.revision(level(), NOW)
    assert mapping.revision(level(), NOW) == first
    assert mapping.revision(level(on_hand=4), NOW) != first
    assert mapping.revision(level(), NOW + timedelta(seconds=1)) > first


def test_extras_keep_plain_values_and_drop_what_is_empty() -> None:
    data = {"a": Decimal("1.50"), "b": "", "c": [1, "x", {"d": None}], "e": "y" * 900, "f": float}
    found = mapping.extras(data, ["a", "b", "c", "e", "f", "missing"])
    assert found == {"a": "1.5", "c": [1, "x", {"d": None}], "e": "y" * 500}


@pytest.mark.parametrize(
    ("content", "data", "codes"),
    [
        (b'{"a":"x"}', {"a": "x"}, []),
        (b'{"a":"\\u0000"}', {"a": "\x00"}, ["shop.nul"]),
        (b'{"a":"\xff"}', {"a": "\udcff"}, ["shop.encoding"]),
    ],
)
def test_unreadable_texts_are_found(content: bytes, data: object, codes: list[str]) -> None:
    assert [each.code for each in mapping.text_faults(data, Raw(content), "shop")] == codes
