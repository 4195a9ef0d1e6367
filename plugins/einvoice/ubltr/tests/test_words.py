"""Amounts in Turkish words."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru_ubltr import words

UNITS = {"bir": 1, "iki": 2, "üç": 3, "dört": 4, "beş": 5, "altı": 6, "yedi": 7, "sekiz": 8, "dokuz": 9}
TENS = {
    "on": 10,
    "yirmi": 20,
    "otuz": 30,
    "kırk": 40,
    "elli": 50,
    "altmış": 60,
    "yetmiş": 70,
    "seksen": 80,
    "doksan": 90,
}
SCALES = {"bin": 10**3, "milyon": 10**6, "milyar": 10**9, "trilyon": 10**12, "katrilyon": 10**15}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "sıfır"),
        (1, "bir"),
        (10, "on"),
        (11, "on bir"),
        (100, "yüz"),
        (101, "yüz bir"),
        (200, "iki yüz"),
        (1000, "bin"),
        (1001, "bin bir"),
        (2100, "iki bin yüz"),
        (11_000, "on bir bin"),
        (101_000, "yüz bir bin"),
        (1_000_000, "bir milyon"),
        (1_001_000, "bir milyon bin"),
        (3_000_000_000, "üç milyar"),
        (999_999, "dokuz yüz doksan dokuz bin dokuz yüz doksan dokuz"),
    ],
)
def test_whole_numbers(value, text):
    assert words.number(value, joined=False) == text
    assert words.number(value) == text.replace(" ", "")


@given(st.integers(min_value=1, max_value=words.LIMIT - 1))
def test_words_can_be_read_back(value):
    total = group = 0
    for word in words.number(value, joined=False).split():
        if word in SCALES:
            total += max(group, 1) * SCALES[word]
            group = 0
        elif word == "yüz":
            group = max(group, 1) * 100
        else:
            group += UNITS.get(word) or TENS[word]
    assert total + group == value


@pytest.mark.parametrize("value", [-1, words.LIMIT])
def test_other_numbers_have_no_words(value):
    with pytest.raises(ValueError, match="words"):
        words.number(value)


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        ("1250.50", "TRY", "Yalnız binikiyüzelli Türk lirası elli kuruş"),
        ("1250.00", "TRY", "Yalnız binikiyüzelli Türk lirası"),
        ("0.05", "TRY", "Yalnız beş kuruş"),
        ("0.00", "TRY", "Yalnız sıfır Türk lirası"),
        ("12.34", "USD", "Yalnız oniki ABD doları otuzdört sent"),
        ("7.00", "EUR", "Yalnız yedi avro"),
        ("3.25", "KWD", "Yalnız üç Kuveyt dinarı ikiyüzelli fils"),
        ("5.10", "JPY", "Yalnız beş Japon yeni 10/100"),
        ("5.10", "XAU", "Yalnız beş XAU 10/100"),
    ],
)
def test_amounts(value, currency, text):
    assert words.amount(Decimal(value), currency) == text


def test_amounts_with_blanks():
    assert words.amount(Decimal("21.07"), "TRY", joined=False) == "Yalnız yirmi bir Türk lirası yedi kuruş"
