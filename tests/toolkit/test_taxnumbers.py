"""Check digits of VKN, TCKN and GTIN."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.model import TaxId, TaxScheme
from kopru.toolkit import taxnumbers

NINE = st.from_regex(r"[0-9]{9}", fullmatch=True)


def test_vkn_worked_by_hand() -> None:
    # 1 2 … 9: each shifted digit is 0, so every term is 0.
    assert taxnumbers.vkn_check_digit("123456789") == 0
    # 2 0 … 0: shifted 1 8 7 6 5 4 3 2 1, terms 8 5 5 6 7 1 6 8 2, sum 48.
    assert taxnumbers.vkn_check_digit("200000000") == 2
    # 9 9 … 9: shifted 8 7 6 5 4 3 2 1 0, terms 1 1 3 5 2 3 7 4 0, sum 26.
    assert taxnumbers.vkn_check_digit("999999999") == 4
    # 0 1 … 8: each shifted digit is 9, whose term counts as 9 although it is 0 modulo 9; sum 81.
    assert taxnumbers.vkn_check_digit("012345678") == 9
    assert taxnumbers.is_vkn("1234567890")
    assert not taxnumbers.is_vkn("1234567891")


def test_tckn_worked_by_hand() -> None:
    # 1 0 0 0 0 0 0 0 1: odd places sum to 2, even to 0: 7*2 = 14 -> 4; sum 2 + 4 = 6.
    assert taxnumbers.tckn_check_digits("100000001") == "46"
    assert taxnumbers.is_tckn("10000000146")
    assert not taxnumbers.is_tckn("10000000147")
    assert not taxnumbers.is_tckn("00000000000")


@given(NINE)
def test_exactly_one_last_digit_makes_a_vkn(first: str) -> None:
    assert sum(taxnumbers.is_vkn(f"{first}{last}") for last in range(10)) == 1


@given(NINE.filter(lambda text: text[0] != "0"), st.integers(0, 8), st.integers(1, 9))
def test_a_wrong_digit_breaks_a_tckn(first: str, place: int, change: int) -> None:
    number = first + taxnumbers.tckn_check_digits(first)
    assert taxnumbers.is_tckn(number)
    digit = (int(number[place]) + change) % 10
    assert not taxnumbers.is_tckn(number[:place] + str(digit) + number[place + 1 :])


@pytest.mark.parametrize("number", ["96385074", "012345678905", "4006381333931", "00012345600012"])
def test_gtin_of_every_length(number: str) -> None:
    assert taxnumbers.is_gtin(number)
    wrong = str((int(number[-1]) + 1) % 10)
    assert not taxnumbers.is_gtin(number[:-1] + wrong)


@pytest.mark.parametrize("number", ["", "1", "123456789", "40063813339310", "400638133393x", "٤٠٠٦٣٨١٣٣٣٩٣١"])
def test_not_a_gtin(number: str) -> None:
    assert not taxnumbers.is_gtin(number)


@given(st.sampled_from([7, 11, 12, 13]), st.data())
def test_gtin_check_digit_is_the_only_one(length: int, data: st.DataObject) -> None:
    body = data.draw(st.text("0123456789", min_size=length, max_size=length))
    assert [taxnumbers.is_gtin(f"{body}{last}") for last in range(10)].count(True) == 1


@pytest.mark.parametrize("text", ["١٢٣٤٥٦٧٨٩٠", "123456789", "12345678901", "12345678 0", "", "1234567890\n"])
def test_not_a_vkn(text: str) -> None:
    assert not taxnumbers.is_vkn(text)


def test_placeholders_fail_the_check_and_are_known() -> None:
    assert not taxnumbers.is_tckn(taxnumbers.UNKNOWN_CONSUMER_TCKN)
    assert not taxnumbers.is_vkn(taxnumbers.FOREIGN_BUYER_VKN)
    assert taxnumbers.is_placeholder("11111111111")
    assert taxnumbers.is_placeholder("2222222222")
    assert not taxnumbers.is_placeholder("10000000146")


def test_tax_id_from_what_was_typed() -> None:
    assert taxnumbers.tax_id(" 123 456 78-90 ") == TaxId(scheme=TaxScheme.VKN, value="1234567890")
    assert taxnumbers.tax_id("10000000146") == TaxId(scheme=TaxScheme.TCKN, value="10000000146")
    assert taxnumbers.tax_id("DE 123", country="DE") == TaxId(scheme=TaxScheme.FOREIGN, value="DE 123")
    assert taxnumbers.tax_id("123") is None
    assert taxnumbers.tax_id("  ") is None
    assert taxnumbers.tax_id(" ", country="DE") is None


@pytest.mark.parametrize(
    ("scheme", "value", "code"),
    [
        (TaxScheme.VKN, "1234567891", "tax_number.vkn_check_digit"),
        (TaxScheme.TCKN, "10000000147", "tax_number.tckn_check_digit"),
        (TaxScheme.VKN, "1234567890", None),
        (TaxScheme.TCKN, "10000000146", None),
        (TaxScheme.TCKN, "11111111111", None),
        (TaxScheme.VKN, "2222222222", None),
        (TaxScheme.FOREIGN, "anything", None),
    ],
)
def test_finding_names_the_number(scheme: TaxScheme, value: str, code: str | None) -> None:
    finding = taxnumbers.finding(TaxId(scheme=scheme, value=value), field="buyer.tax_id")
    assert (finding.code if finding else None) == code
    if finding:
        assert finding.field == "buyer.tax_id"
        assert value in finding.message.tr


@pytest.mark.parametrize(
    "call", [taxnumbers.vkn_check_digit, taxnumbers.tckn_check_digits, taxnumbers.gtin_check_digit]
)
@pytest.mark.parametrize("text", ["", "12345678x", "1234567890"])
def test_check_digits_of_nonsense(call, text: str) -> None:
    with pytest.raises(ValueError):
        call(text)
