"""Turkish letter case, keys and order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.toolkit import fold


def test_case_follows_turkish() -> None:
    assert fold.lower("IĞDIR İZMİR") == "ığdır izmir"
    assert fold.upper("ığdır izmir") == "IĞDIR İZMİR"
    assert fold.title("ığdır İLİ  içi") == "Iğdır İli İçi"


def test_lower_of_the_dotted_capital_is_one_letter() -> None:
    assert fold.lower("İ") == "i"
    assert fold.lower("I\u0307") == "i"


@pytest.mark.parametrize(
    "spelling",
    ["IŞIK ÇİÇEK", "ışık çiçek", "isik cicek", "  Işık\tÇiçek ", "ISIK CICEK", "Is\u0327ik çi\u0307çek"],
)
def test_spellings_share_one_key(spelling: str) -> None:
    assert fold.fold(spelling) == "isik cicek"
    assert fold.same(spelling, "Işık Çiçek")


def test_other_letters() -> None:
    assert fold.fold("Đặng Øre Straße Łódź CAFÉ ﬁn ①") == "dang ore strasse lodz cafe fin 1"


def test_key_and_header_drop_punctuation() -> None:
    assert fold.key("Kazak, V-Yaka (Siyah/XL)") == "kazak v yaka siyah xl"
    assert fold.header("Sipariş No. :") == "siparisno"


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold.fold(fold.fold(text)) == fold.fold(text)


@given(st.text(alphabet="abcçdefgğhıijklmnoöprsştuüvyz ABCÇDEFGĞHIİJKLMNOÖPRSŞTUÜVYZ"))
def test_case_does_not_count(text: str) -> None:
    assert fold.fold(fold.upper(text)) == fold.fold(fold.lower(text))
    assert fold.lower(fold.upper(text)) == fold.lower(text)


def test_order_is_the_turkish_alphabet() -> None:
    alphabet = list("abcçdefgğhıijklmnoöprsştuüvyz")
    assert sorted(sorted(alphabet), key=fold.sort_key) == alphabet
    words = ["hız", "hzz", "ığdır", "iz", "cz", "çay", "dal", "şal", "szz", "tas"]
    assert sorted(words, key=fold.sort_key) == [
        "cz",
        "çay",
        "dal",
        "hız",
        "hzz",
        "ığdır",
        "iz",
        "szz",
        "şal",
        "tas",
    ]
    assert all(fold.sort_key(letter).isascii() for letter in alphabet)
