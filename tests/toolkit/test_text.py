"""Texts fit for remote fields."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.toolkit import text


def test_clean_drops_what_nobody_sees() -> None:
    assert text.clean("a\x00b\u202ec\u200bd\ufeff\u00ade") == "abcde"
    assert text.clean("  bir\n\tiki\r\nüç \u00a0 dört ") == "bir iki üç dört"
    assert text.clean("c\u0327") == "ç"
    assert text.clean("İIıi") == "İIıi"
    assert text.clean("\ud800x") == "x"


@given(st.text())
def test_cleaned_texts_are_stable_and_visible(value: str) -> None:
    cleaned = text.clean(value)
    assert text.clean(cleaned) == cleaned
    assert not text.has_hidden(cleaned)
    assert unicodedata.is_normalized("NFC", cleaned)


def test_clean_lines() -> None:
    assert text.clean_lines("\n a  b\r\n\r\nc\x00 \u2028d\n\n") == "a b\n\nc\nd"


def test_has_hidden() -> None:
    assert text.has_hidden("safe\u202etxt.exe")
    assert text.has_hidden("a\x07")
    assert not text.has_hidden("Çağrı\n\tİş")


@given(st.text(), st.integers(0, 20))
def test_truncate_never_exceeds(value: str, length: int) -> None:
    cut = text.truncate(value, length, mark="…")
    assert len(cut) <= length
    if len(value) <= length:
        assert cut == value


def test_truncate_keeps_accents_with_their_letter() -> None:
    assert text.truncate("abc\u0327d", 3) == "ab"
    assert text.truncate("uzun bir ad", 6, mark="…") == "uzun…"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.integers(0, 20))
def test_truncate_bytes_never_exceeds(value: str, size: int) -> None:
    cut = text.truncate_bytes(value, size)
    assert len(cut.encode()) <= size
    assert value.startswith(cut)


def test_truncate_bytes_in_a_legacy_code_page() -> None:
    assert text.truncate_bytes("ışığı", 3) == "ı"
    assert text.truncate_bytes("ışığı", 3, encoding="cp1254") == "ışı"


@pytest.mark.parametrize(
    ("full", "parts"),
    [
        ("Ayşe Yılmaz", ("Ayşe", "Yılmaz")),
        (" Ayşe  Nur\tYılmaz ", ("Ayşe Nur", "Yılmaz")),
        ("Cher", ("Cher", "")),
        ("", ("", "")),
    ],
)
def test_split_name(full: str, parts: tuple[str, str]) -> None:
    assert text.split_name(full) == parts


@pytest.mark.parametrize(
    "typed",
    [
        "+90 (532) 123 45 67", "00905321234567", "0532 123 45 67", "5321234567", "90 532 1234567", "0(532)123-45-67",
        "0532.123.45.67", "+90 532 123 45 67 / 12", "05321234567 dahili 3", "0532 123 45 67 x12",
    ],
)  # fmt: skip
def test_one_phone_in_many_spellings(typed: str) -> None:
    phone = text.split_phone(typed)
    assert phone == text.Phone("90", "532", "1234567")
    assert phone.e164 == "+905321234567"
    assert phone.national == "05321234567"


@pytest.mark.parametrize(
    "typed", ["", "123", "+1 202 555 0100", "0132 123 45 67", "telefon yok", "532123456", "05321234567a"]
)
def test_not_a_turkish_phone(typed: str) -> None:
    assert text.split_phone(typed) is None


def test_join() -> None:
    assert text.join("Moda Mah.", "", "  ", " Bahariye  Cad. ") == "Moda Mah. Bahariye Cad."
    assert text.join("a", "b", separator=", ") == "a, b"
