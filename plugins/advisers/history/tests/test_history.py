"""What a partner's past says about a line. All lines are made up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.sdk import AskedLine, Candidate, LineBatch, PastLine
from kopru.testing.context import test_ctx
from kopru_history import plugin

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PHONE = Candidate("phone", "STK-1", "SAMSUNG I8190 GALAXY S3 MINI", 0.7)
CASE = Candidate("case", "STK-2", "GALAXY S3 MINI KILIF", 0.2)
LINE = AskedLine(
    "1",
    "SAMSUNG GALAXY SIII MINI",
    seller_code="SM-77",
    unit="ADET",
    price=Decimal(100),
    candidates=(PHONE, CASE),
)


def posted(item=PHONE, days=1, **fields):
    values = {
        "text": "Başka bir ad",
        "item_id": item.item_id,
        "item_code": item.item_code,
        "item_name": item.name,
        "at": NOW - timedelta(days=days),
    }
    return PastLine(**{**values, **fields})


def priced(price, item=PHONE, times=3, **fields):
    return [posted(item, days=n + 1, price=Decimal(price), **fields) for n in range(times)]


def advice(*past, line=LINE, **settings):
    ctx = test_ctx(plugin, settings)
    return {each.item_id: each for each in plugin.map_line(ctx, LineBatch("supplier", (line,), tuple(past)))}


def weight(*past, item=PHONE, line=LINE, **settings):
    found = advice(*past, line=line, **settings).get(item.item_id)
    return found.weight if found else 0.0


def test_the_same_code_posted_before_speaks_for_its_item():
    found = advice(posted(seller_code="sm 77"), posted(seller_code="SM-77", days=9))
    assert list(found) == ["phone"]
    assert found["phone"].weight > 0.5
    assert found["phone"].reason.tr == "Bu carinin aynı kodu 2 kez bu karta işlendi."
    assert found["phone"].reason.en == "The partner's same code was posted to this item 2 times."


def test_the_same_text_speaks_for_its_item_whatever_its_case_and_signs():
    found = advice(posted(text="Samsung Galaxy, SIII-mini"))
    assert 0 < found["phone"].weight < 0.5
    assert "aynı adlı satırı 1 kez" in found["phone"].reason.tr


def test_more_and_confirmed_postings_count_more():
    once, thrice = [posted(seller_code="SM-77")], [posted(seller_code="SM-77", days=n) for n in (1, 2, 3)]
    assert weight(*once) < weight(*thrice) <= 0.8
    assert weight(*once) < weight(posted(seller_code="SM-77", confirmed=True))


def test_a_code_that_was_posted_here_and_there_says_little():
    torn = [posted(seller_code="SM-77"), posted(CASE, seller_code="SM-77")]
    assert weight(*torn) < weight(torn[0])
    assert weight(*torn) == weight(*torn, item=CASE)


def test_an_item_the_matcher_did_not_find_is_named():
    other = Candidate("other", "STK-9", "Telefon 8190", 0)
    assert weight(posted(other, seller_code="SM-77"), item=other) > 0.3


def test_a_usual_price_supports_and_is_told_in_per_cent():
    found = advice(*priced(98))
    assert found["phone"].weight == 0.25
    assert found["phone"].reason.tr == "Fiyat olağana yakın (%+2.0)."
    assert set(found) == {"phone"}, "nothing is known of the other item"


@pytest.mark.parametrize(
    ("price", "said"),
    [
        ("1200", "12 katı: koli ya da başka birim"),
        ("1210", "12 katı: koli ya da başka birim"),
        ("340", "3.4 katı"),
        ("8.35", "12 katından küçük: tek adet"),
        ("1E+9", ">1000 katı"),
    ],
)
def test_a_price_far_off_speaks_against_the_item(price, said):
    found = advice(*priced(100), line=replace(LINE, price=Decimal(price)))["phone"]
    assert found.weight == -0.7
    assert said in found.reason.tr


@pytest.mark.parametrize("price", ["115", "85", "190", "55"])
def test_a_price_somewhat_off_says_nothing(price):
    assert advice(*priced(100), line=replace(LINE, price=Decimal(price))) == {}


def test_code_and_price_are_told_in_one_sentence():
    found = advice(*priced(100, seller_code="SM-77"))["phone"]
    assert found.reason.en == (
        "The partner's same code was posted to this item 3 times, the price is the usual one (±0 %)."
    )
    assert found.weight > 0.8


def test_prices_of_other_currencies_and_units_do_not_count():
    assert advice(*priced(1, currency="USD")) == {}
    assert advice(*priced(1, unit="KOLİ")) == {}
    assert weight(*priced(100, unit="adet")) == 0.25
    assert weight(*priced(100, unit="")) == 0.25


def test_one_price_is_not_usual_unless_the_settings_say_so():
    assert advice(*priced(100, times=1)) == {}
    assert weight(*priced(100, times=1), least=1) == 0.25


def test_settings_move_the_bounds():
    line = replace(LINE, price=Decimal(130))
    assert weight(*priced(100), line=line) == 0
    assert weight(*priced(100), line=line, tolerance=40) == 0.25
    assert weight(*priced(100), line=line, far="1.3") == -0.7


def test_what_is_long_past_does_not_count():
    old = posted(days=800, seller_code="SM-77")
    assert weight(old, posted(days=1)) == 0
    assert weight(old, posted(days=1), months=36) > 0
    assert weight(old) > 0, "counted from the partner's latest line"


def test_the_newest_prices_are_the_usual_ones():
    old = [posted(days=100 + n, price=Decimal(20)) for n in range(40)]
    assert weight(*old, *priced(100, times=12)) == 0.25


def test_without_a_past_there_is_no_advice():
    assert advice() == {}


PRICES = st.none() | st.decimals(allow_nan=False, allow_infinity=False, min_value=-10, max_value=10**12)
TEXTS = st.text(max_size=20)


@given(
    st.lists(
        st.builds(
            PastLine,
            text=TEXTS,
            item_id=st.sampled_from(["phone", "case", "other"]),
            item_code=TEXTS,
            item_name=TEXTS,
            at=st.datetimes(timezones=st.just(UTC)),
            seller_code=TEXTS,
            unit=TEXTS,
            price=PRICES,
            confirmed=st.booleans(),
        ),
        max_size=8,
    ),
    TEXTS,
    PRICES,
)
def test_advice_keeps_within_its_bounds_and_the_order_of_the_past_does_not_matter(past, text, price):
    line = replace(LINE, text=text, seller_code=text, price=price)
    found = advice(*past, line=line)
    assert all(-1 <= each.weight <= 1 and each.reason.tr.endswith(".") for each in found.values())
    assert set(found) <= {"phone", "case", "other"}
    if len({each.at for each in past}) == len(past):
        assert advice(*past[::-1], line=line) == found
