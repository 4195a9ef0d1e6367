"""Numbers and texts the way a UBL-TR document writes them."""

import unicodedata
from decimal import Decimal

from kopru.model.money import cents
from kopru.toolkit import numbers
from kopru.toolkit import text as toolkit_text


def clean(value: str) -> str:
    """Return a text on one line, without invisible characters, in Unicode NFC."""
    if value.isascii() and value.isprintable():
        return value if value.isalnum() else " ".join(value.split())
    return toolkit_text.clean(value)


def is_clean(value: str) -> bool:
    """Whether a text is in Unicode NFC and holds no invisible or control character."""
    return not toolkit_text.has_hidden(value) and unicodedata.is_normalized("NFC", value)


def amount(value: Decimal) -> str:
    """Return a money amount with two decimals and a point."""
    return format(cents(value), "f")


def plain(value: Decimal, *, decimals: int = 0) -> str:
    """Return a number without exponent and trailing zeros, with at least that many decimals."""
    whole, _, fraction = format(value or abs(value), "f").partition(".")
    fraction = fraction.rstrip("0").ljust(decimals, "0")
    return f"{whole}.{fraction}" if fraction else whole


def turkish(value: Decimal) -> str:
    """Return a number the Turkish way, ``1.234,56``, with two decimals or as many as it needs."""
    return numbers.write(Decimal(plain(value, decimals=2)), decimals=None)


def decimals(value: Decimal) -> int:
    """Return how many decimals a number really needs."""
    return len(plain(value).partition(".")[2])
