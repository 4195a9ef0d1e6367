"""Barcodes and codes as they are compared.

A GTIN has 8, 12, 13 or 14 digits with a right check digit and is compared without leading zeros. Numbers of
the ranges for use inside a company (GS1 prefixes 02 and 20 to 29, GTIN-8 starting with 0 or 2) name nothing
outside of it. A GTIN-14 with a first digit 1 to 8 is a case of the item (GS1 General Specifications, 1.4 and
2.1).
"""

import re
from dataclasses import dataclass
from hashlib import blake2b

from kopru.matching.normalise import code_chars
from kopru.toolkit import taxnumbers

_IN_HOUSE = 1 << 63
_BLANKS = re.compile(r"[\s\-]+")
_EAN8_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Gtin:
    """A barcode that is right and means the same everywhere."""

    number: int
    """Without leading zeros and, for a case, of the item in it."""
    case: bool
    """Names a case of the item."""


def gtin(text: str) -> Gtin | None:
    """Return the GTIN a text is, or nothing."""
    digits = _BLANKS.sub("", text)
    if not taxnumbers.is_gtin(digits):
        return None
    full = digits.zfill(14)
    in_house = digits[0] in "02" if len(digits) == _EAN8_LENGTH else full[1] == "2" or full[1:3] == "02"
    if in_house:
        return None
    if full[0] in "12345678":
        body = full[1:13]
        return Gtin(int(body + str(taxnumbers.gtin_check_digit(body))), case=True)
    return Gtin(int(full), case=False)


def barcode_number(text: str) -> int:
    """Return the key an item's barcode is indexed under; 0 for a text without letters and digits.

    Barcodes that are no GTIN are in-house codes and found only by the same text.
    """
    known = gtin(text)
    if known is not None and not known.case:
        return known.number
    key = code_chars(text)
    return hashed(f"barcode {key}") | _IN_HOUSE if key else 0


def hashed(text: str) -> int:
    """Return 63 bits that stand for a text; whoever finds one compares the text itself."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()) >> 1
