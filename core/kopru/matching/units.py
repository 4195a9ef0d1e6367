"""Numbers and the units behind them, brought to one base."""

import re
from typing import NamedTuple


class Quantity(NamedTuple):
    """A number with its unit.

    ``value`` is a whole number in a base so small that sizes of goods are never rounded: nanograms,
    microlitres (a thousandth), micrometres and so on; ``raw`` is the number as written, without unit.
    """

    kind: str
    value: int
    raw: str


COUNT = "count"
_MASS, _VOLUME, _LENGTH = "mass", "volume", "length"

_SPELLINGS: tuple[tuple[str, int, str], ...] = (
    (_MASS, 10**12, "kg kgs kilo kilogram kgr"),
    (_MASS, 10**9, "g gr grs gram grm gm"),
    (_MASS, 10**6, "mg mgr miligram"),
    (_MASS, 10**3, "mcg mkg ug mikrogram mcgr"),
    (_VOLUME, 10**6, "lt l ltr litre liter lit"),
    (_VOLUME, 10**5, "dl"),
    (_VOLUME, 10**4, "cl"),
    (_VOLUME, 10**3, "ml cc mililitre mlt"),
    (_LENGTH, 10**6, "m mt mtr metre meter"),
    (_LENGTH, 10**4, "cm santim"),
    (_LENGTH, 10**3, "mm milim"),
    ("inch", 10**3, 'inc inch inches "'),
    ("percent", 10**6, "%"),
    ("iu", 10**3, "iu unite ui"),
    ("iu", 10**9, "miu"),
    ("watt", 10**3, "w watt"),
    ("watt", 10**6, "kw"),
    ("volt", 10**3, "v volt"),
    ("charge", 10**3, "mah"),
    ("bytes", 10**3, "gb"),
    ("bytes", 1, "mb"),
    ("power", 10**3, "btu"),
    ("frequency", 10**3, "hz"),
    ("frequency", 10**9, "mhz"),
    ("frequency", 10**12, "ghz"),
    (COUNT, 1, "adet ad adt adetli li lu lik luk pcs pc parca prc pk paketli"),
    (COUNT, 1, "tablet tb tab tbl ftb draje drj kapsul kap kaps kapsl flakon flk flkn ampul amp ampl"),
    (COUNT, 1, "sase sas supozituvar supp ovul kartus kalem enjektor enj doz tup torba sise pastil"),
    (COUNT, 1, "yaprak rulo cift yikama poset tane dilim"),
)
UNITS = {name: (kind, factor) for kind, factor, names in _SPELLINGS for name in names.split()}
"""Kind and factor by folded spelling."""

PLAIN_COUNTS = frozenset(["adet", "ad", "adt", "adetli", "li", "lu", "lik", "luk", "pcs", "pc"])
"""Count units that say nothing about what is counted; the others are words of the name as well."""

GLUED = frozenset(name for name in UNITS if len(name) > 1) - {
    "pc",
    "pk",
    "kap",
    "amp",
    "mt",
    "tab",
    "tb",
    "ad",
}
"""Units that are believed when they stand glued behind a word and a number (``sut200ml``)."""

CASE_UNITS = frozenset(["koli", "kol", "kl", "kli", "cs", "ct", "case", "carton", "kolisi"])
"""Folded unit codes and words of a case (CS, CT: UN/ECE Recommendation 20 and 21)."""

_SMALL = frozenset(["g", "gr", "gram", "grm", "gm", "ml", "cc", "iu", "unite"])
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,]000)+")
_GROUPED = re.compile(r"[1-9]\d{0,2}[.]\d{3}")
_FEW_DIGITS = 12


def read(raw: str, unit: str = "") -> float:
    """Return what a written number means before this unit.

    ``1,5`` is one and a half. Three digits behind a dot are thousands when they are ``000``, and before units
    nobody divides by a thousand (``3.884 ml``); before kilograms and litres they are decimals (``1.000 kg``).
    """
    large = unit in {"kg", "l", "lt", "ltr", "litre", "kilo"}
    if _THOUSANDS.fullmatch(raw) and not large:
        return float(re.sub(r"[.,]", "", raw)[:_FEW_DIGITS])
    if unit in _SMALL and _GROUPED.fullmatch(raw):
        return float(raw.replace(".", ""))
    whole, _, decimals = raw.replace(",", ".").partition(".")
    return float(f"{whole[:_FEW_DIGITS]}.{decimals.replace('.', '')[:_FEW_DIGITS] or 0}")


def plain(value: float) -> str:
    """Return a number as it is compared without unit: ``1,50`` and ``1.5`` are ``1.5``."""
    return f"{value:.12g}"


def quantity(raw: str, unit: str) -> Quantity:
    """Return the quantity of a written number and a folded unit out of ``UNITS``."""
    kind, factor = UNITS[unit]
    value = read(raw, unit)
    return Quantity(kind, round(value * factor), plain(value))
