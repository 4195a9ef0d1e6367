"""Amounts in Turkish words ("Yalnız binikiyüz Türk lirası elli kuruş").

Amounts on commercial papers are customarily written in one word (the spelling rule of the Turkish Language
Association for cheques and bills), so that nothing can be inserted; the spaced form is offered too.
"""

from decimal import Decimal
from typing import NamedTuple

from kopru.model.money import ZERO

_ONES = ("", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz")
_TENS = ("", "on", "yirmi", "otuz", "kırk", "elli", "altmış", "yetmiş", "seksen", "doksan")
_SCALES = ("", "bin", "milyon", "milyar", "trilyon", "katrilyon")
LIMIT = 10 ** (3 * len(_SCALES))
"""The first whole number that has no words here."""


class Unit(NamedTuple):
    """Names of a currency; ``digits`` is how many decimals the smaller unit stands for."""

    name: str
    fraction: str
    digits: int = 2


CURRENCIES = {
    "TRY": Unit("Türk lirası", "kuruş"),
    "USD": Unit("ABD doları", "sent"),
    "EUR": Unit("avro", "sent"),
    "GBP": Unit("İngiliz sterlini", "peni"),
    "CHF": Unit("İsviçre frangı", "santim"),
    "AUD": Unit("Avustralya doları", "sent"),
    "CAD": Unit("Kanada doları", "sent"),
    "SEK": Unit("İsveç kronu", "öre"),
    "NOK": Unit("Norveç kronu", "öre"),
    "DKK": Unit("Danimarka kronu", "öre"),
    "JPY": Unit("Japon yeni", "", 0),
    "CNY": Unit("Çin yuanı", "fen"),
    "RUB": Unit("Rus rublesi", "kopek"),
    "BGN": Unit("Bulgar levası", "stotinka"),
    "RON": Unit("Rumen leyi", "ban"),
    "PLN": Unit("Polonya zlotisi", "groş"),
    "CZK": Unit("Çek korunası", "haler"),
    "HUF": Unit("Macar forinti", "filler"),
    "AZN": Unit("Azerbaycan manatı", "kepik"),
    "UAH": Unit("Ukrayna grivnası", "kopek"),
    "KZT": Unit("Kazak tengesi", "tiyin"),
    "SAR": Unit("Suudi Arabistan riyali", "halala"),
    "AED": Unit("Birleşik Arap Emirlikleri dirhemi", "fils"),
    "QAR": Unit("Katar riyali", "dirhem"),
    "KWD": Unit("Kuveyt dinarı", "fils", 3),
    "BHD": Unit("Bahreyn dinarı", "fils", 3),
}


def number(value: int, *, joined: bool = True) -> str:
    """Return a whole number in words.

    Raises:
        ValueError: negative, or ``LIMIT`` and above.
    """
    if not 0 <= value < LIMIT:
        raise ValueError("only numbers from zero up to the largest scale have words")
    if value == 0:
        return "sıfır"
    words: list[str] = []
    for scale in range(len(_SCALES) - 1, -1, -1):
        group = value // 1000**scale % 1000
        if group == 1 and scale == 1:
            words.append("bin")
        elif group:
            words += [*_group(group), _SCALES[scale]]
    return ("" if joined else " ").join(word for word in words if word)


def amount(value: Decimal, currency: str, *, joined: bool = True) -> str:
    """Return an amount in words, beginning with "Yalnız"; an unknown currency keeps its code.

    Raises:
        ValueError: negative, or too large for words.
    """
    unit = CURRENCIES.get(currency, Unit(currency, ""))
    whole = int(value)
    rest = value - whole
    parts = [] if not whole and rest and unit.fraction else [f"{number(whole, joined=joined)} {unit.name}"]
    if rest > ZERO:
        parts.append(_rest(rest, unit, joined))
    return f"Yalnız {' '.join(parts)}"


def _rest(rest: Decimal, unit: Unit, joined: bool) -> str:
    if not unit.fraction:
        return f"{int(rest * 100):02d}/100"
    return f"{number(int(rest * 10**unit.digits), joined=joined)} {unit.fraction}"


def _group(value: int) -> list[str]:
    hundreds, rest = divmod(value, 100)
    words = [] if hundreds in (0, 1) else [_ONES[hundreds]]
    if hundreds:
        words.append("yüz")
    return [*words, _TENS[rest // 10], _ONES[rest % 10]]
