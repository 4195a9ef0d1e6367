"""Numbers as people and exports write them, always to ``Decimal`` and never by a silent guess.

``1.234`` is 1234 in Turkey and 1.234 elsewhere. So a style is either given, or found over a whole column by
values that can be read one way only; a column that proves nothing or contradicts itself is refused.
"""

import math
import re
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

from kopru.hooks.errors import Rejected
from kopru.toolkit.texts import TEXTS


class Style(StrEnum):
    """Which character groups thousands and which starts the decimals."""

    TURKISH = "turkish"
    """``1.234,56``"""
    INTERNATIONAL = "international"
    """``1,234.56``"""


_CURRENCIES = {
    "₺": "TRY",
    "TL": "TRY",
    "TRY": "TRY",
    "YTL": "TRY",
    "$": "USD",
    "US$": "USD",
    "USD": "USD",
    "€": "EUR",
    "EUR": "EUR",
    "£": "GBP",
    "GBP": "GBP",
}
_SIGN = str.maketrans({"−": "-", "–": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "’": "'"})
_AMOUNT = re.compile(
    r"(?P<sign>[-+]?)\s*(?P<before>[^\d\s.,'+-]*)\s*(?P<inner>[-+]?)\s*"
    r"(?P<number>(?:[.,](?=\d))?\d[\d.,' ]*)(?P<trailing>-?)\s*(?P<after>[^\d+-]*)"
)
_MAX_LENGTH = 60


def parse(text: str, style: Style) -> Decimal:
    """Return the number a text means in a style.

    A currency sign or code and a percent sign are ignored, a minus may lead or trail, and parentheses
    mean a negative amount. Groups must have three digits.

    Raises:
        Rejected: ``number.unreadable``.
    """
    bare, negative = _bare(text)
    group, point = (".", ",") if style is Style.TURKISH else (",", ".")
    for grouping in (re.escape(group), " ", "'"):
        match = re.fullmatch(rf"(\d+|\d{{1,3}}(?:{grouping}\d{{3}})+)?(?:{re.escape(point)}(\d*))?", bare)
        if match and (match[1] or match[2]):
            whole = re.sub(r"\D", "", match[1] or "0")
            value = Decimal(f"{whole}.{match[2]}" if match[2] else whole)
            return -value if negative else value
    raise _unreadable(text)


def detect(values: Iterable[str]) -> Style:
    """Return the style a column of numbers is written in.

    A value proves a style when it can be read in that one only: ``12,5``, ``1.234,56``, ``1.234.567``.
    A column without any separator is the same in both and counts as Turkish.

    Raises:
        Rejected: ``number.ambiguous`` when nothing proves a style or both are proved;
            ``number.unreadable`` when a value is no number in either.
    """
    proved: set[Style] = set()
    doubtful = ""
    for text in values:
        if not text.strip():
            continue
        styles = _styles(text)
        if len(styles) == 1:
            proved |= styles
        elif parse(text, Style.TURKISH) != parse(text, Style.INTERNATIONAL):
            doubtful = text
        if len(proved) > 1:
            raise _ambiguous(text)
    if proved:
        return proved.pop()
    if doubtful:
        raise _ambiguous(doubtful)
    return Style.TURKISH


def from_cell(value: object, style: Style) -> Decimal:
    """Return the number in a spreadsheet cell, which may be a number already or a text.

    A float is taken with the 15 significant digits that spreadsheets keep.

    Raises:
        Rejected: ``number.unreadable``.
    """
    if isinstance(value, bool) or value is None:
        raise _unreadable(str(value))
    if isinstance(value, Decimal):
        if value.is_finite():
            return value
        raise _unreadable(str(value))
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise _unreadable(str(value))
        return Decimal(f"{value:.15g}")
    return parse(str(value), style)


def currency(text: str) -> str:
    """Return the ISO code of the currency written beside an amount (``"₺ 12,50"`` → ``"TRY"``), or ``""``."""
    match = _AMOUNT.fullmatch(text.translate(_SIGN).strip()) if len(text) <= _MAX_LENGTH else None
    return _CURRENCIES.get(_beside(match), "") if match else ""


def write(value: Decimal, style: Style = Style.TURKISH, *, decimals: int | None = 2) -> str:
    """Return a number as people read it; ``decimals=None`` keeps the number's own.

    Shown numbers are rounded half-up by the caller: digits beyond ``decimals`` must be zero.

    Raises:
        ValueError: the number has more decimals than are shown.
    """
    shown = value if decimals is None else value.quantize(Decimal(1).scaleb(-decimals))
    if shown != value:
        raise ValueError(f"{value} has more than {decimals} decimals")
    text = f"{shown:,f}"
    return text.translate({ord(","): ".", ord("."): ","}) if style is Style.TURKISH else text


def _styles(text: str) -> set[Style]:
    readable = {style for style in Style if _reads(text, style)}
    if not readable:
        raise _unreadable(text)
    return readable


def _reads(text: str, style: Style) -> bool:
    try:
        parse(text, style)
    except Rejected:
        return False
    return True


def _bare(text: str) -> tuple[str, bool]:
    if len(text) > _MAX_LENGTH:
        raise _unreadable(text)
    clean = text.translate(_SIGN).strip()
    bracketed = clean.startswith("(") and clean.endswith(")")
    match = (
        _AMOUNT.fullmatch(clean[1:-1].strip() if bracketed else clean) if len(text) <= _MAX_LENGTH else None
    )
    if not match:
        raise _unreadable(text)
    beside = _beside(match)
    signs = match["sign"] + match["inner"] + match["trailing"]
    if len(signs) + bracketed > 1 or (beside and beside not in _CURRENCIES):
        raise _unreadable(text)
    return match["number"].strip(), bracketed or signs == "-"


def _beside(match: re.Match[str]) -> str:
    return (match["before"] + match["after"]).upper().replace("%", "").strip()


def _unreadable(text: str) -> Rejected:
    return Rejected("number.unreadable", TEXTS.text("number.unreadable", value=text[:_MAX_LENGTH]))


def _ambiguous(text: str) -> Rejected:
    return Rejected("number.ambiguous", TEXTS.text("number.ambiguous", value=text[:_MAX_LENGTH]))
