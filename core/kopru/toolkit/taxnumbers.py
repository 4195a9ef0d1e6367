"""Check digits of Turkish tax numbers and of barcodes.

VKN (ten digits) and TCKN (eleven) follow the published check-digit rules of the tax and population
registers; GTIN-8, 12, 13 and 14 follow the GS1 modulo 10 rule.
"""

from kopru.model import Finding, TaxId, TaxScheme
from kopru.toolkit.texts import TEXTS

UNKNOWN_CONSUMER_TCKN = "11111111111"
"""Stands for a consumer who gave no TCKN, by convention; fails the check digits."""

FOREIGN_BUYER_VKN = "2222222222"
"""Stands for a buyer without a Turkish number, by convention; fails the check digit."""

PLACEHOLDERS = frozenset({UNKNOWN_CONSUMER_TCKN, FOREIGN_BUYER_VKN})

GTIN_LENGTHS = frozenset({8, 12, 13, 14})


def is_placeholder(value: str) -> bool:
    """Whether a number only stands for "not known" by convention."""
    return value in PLACEHOLDERS


def is_vkn(value: str) -> bool:
    """Whether a text is a VKN with the right check digit."""
    return _digits(value, 10) and int(value[9]) == vkn_check_digit(value[:9])


def vkn_check_digit(first_nine: str) -> int:
    """Return the tenth digit of the VKN that starts with these nine.

    Raises:
        ValueError: not nine digits.
    """
    _require(first_nine, 9)
    total = 0
    for position, digit in enumerate(first_nine, start=1):
        shifted = (int(digit) + 10 - position) % 10
        weighted = shifted * 2 ** (10 - position) % 9
        total += 9 if shifted and not weighted else weighted
    return -total % 10


def is_tckn(value: str) -> bool:
    """Whether a text is a TCKN with the right check digits."""
    return _digits(value, 11) and value[0] != "0" and value[9:] == tckn_check_digits(value[:9])


def tckn_check_digits(first_nine: str) -> str:
    """Return the tenth and eleventh digit of the TCKN that starts with these nine.

    Raises:
        ValueError: not nine digits.
    """
    _require(first_nine, 9)
    digits = [int(digit) for digit in first_nine]
    tenth = (7 * sum(digits[0::2]) - sum(digits[1::2])) % 10
    return f"{tenth}{(sum(digits) + tenth) % 10}"


def is_gtin(value: str) -> bool:
    """Whether a text is a GTIN of 8, 12, 13 or 14 digits with the right check digit."""
    if len(value) not in GTIN_LENGTHS or not _digits(value, len(value)):
        return False
    return int(value[-1]) == gtin_check_digit(value[:-1])


def gtin_check_digit(body: str) -> int:
    """Return the last digit of the GTIN that starts with these 7, 11, 12 or 13 digits.

    Raises:
        ValueError: another length, or not digits.
    """
    if len(body) + 1 not in GTIN_LENGTHS:
        raise ValueError("a GTIN has 8, 12, 13 or 14 digits")
    _require(body, len(body))
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return -total % 10


def tax_id(value: str, *, country: str = "TR") -> TaxId | None:
    """Return a number as it was typed as a tax id, or ``None`` when it is empty or has no possible length.

    Blanks, dots and dashes are dropped. Ten digits are a VKN, eleven a TCKN. Check digits are not looked
    at: use ``finding``. With another ``country`` the number is kept as given.
    """
    if country != "TR":
        return TaxId(scheme=TaxScheme.FOREIGN, value=value.strip()) if value.strip() else None
    digits = value.translate(_TYPED_SEPARATORS).strip()
    if _digits(digits, 10):
        return TaxId(scheme=TaxScheme.VKN, value=digits)
    if _digits(digits, 11):
        return TaxId(scheme=TaxScheme.TCKN, value=digits)
    return None


def finding(value: TaxId, *, field: str = "buyer.tax_id") -> Finding | None:
    """Return what is wrong with a tax number's check digits; placeholders and foreign numbers pass."""
    if value.scheme is TaxScheme.FOREIGN or is_placeholder(value.value):
        return None
    if value.scheme is TaxScheme.VKN and not is_vkn(value.value):
        code = "tax_number.vkn_check_digit"
    elif value.scheme is TaxScheme.TCKN and not is_tckn(value.value):
        code = "tax_number.tckn_check_digit"
    else:
        return None
    return Finding(code=code, message=TEXTS.text(code, value=value.value), field=field)


_TYPED_SEPARATORS = {ord(character): None for character in " .-/\t\u00a0"}


def _digits(value: str, length: int) -> bool:
    return len(value) == length and value.isascii() and value.isdigit()


def _require(value: str, length: int) -> None:
    if not _digits(value, length):
        raise ValueError(f"expected {length} digits")
