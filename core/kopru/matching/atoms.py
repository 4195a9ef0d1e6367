"""From characters to atoms: words, numbers with their units, packs and model numbers, in order."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from kopru.matching import units
from kopru.matching.normalise import fold

MOST_ATOMS = 80
"""Words and numbers of a text that are looked at."""


class Atom(NamedTuple):
    """A word, a number or a sign between them."""

    kind: str
    """``word``, ``number``, ``pack``, ``case``, ``model``, ``long``, ``times`` or ``join``."""
    text: str
    unit: str = ""
    dotted: bool = False
    glued: bool = False


_COMMA = re.compile(r",(?!\d)|(?<!\d),|\.(?=\s)(?<=\d\.)|(?<=[a-z])(?=%)")
_CHUNK = re.compile(r"[/+]|[^\s/+()\[\]{};:!?|<>=&#\\~^_$€₺@\"]+\"?")
_NUMERIC = re.compile(
    r"(?:(?P<pack>\d{1,4})[x*])?(?P<number>\d+(?:[.,]\d+)*)'{0,2}(?P<unit>[a-z]{0,12}|%|\")\.?"
    r"(?:[x*](?P<times>\d{1,4}))?"
)
_PERCENT = re.compile(r"%(\d+(?:[.,]\d+)*)")
_TIMES = re.compile(r"[x*](\d{1,4})")
_RANGE = re.compile(r"(\d+(?:[.,]\d+)?)-(\d+(?:[.,]\d+)?)([a-z]+)\.?")
_UNIT_FIRST = re.compile(r"(ml|mg|gr|kg|lt|cl|cc)([x*]?)(\d{1,3})")
_GLUED_DECIMAL = re.compile(r"([a-z]{3,})(\d+[.,]\d+)")
_NAMED = re.compile(r"([a-z]{4,})-(.*\d.*)")
MEANT = {
    "ftb": ("film", "tablet"),
    "solusyon": ("cozelti",),
    "solusyonu": ("cozeltisi",),
    "pom": ("merhem",),
    "pomad": ("merhem",),
    "pomat": ("merhem",),
    "fitil": ("supozituvar",),
}
"""Shortenings and doublets of trade names that likeness of letters does not find."""

_GLUED = re.compile(r"([a-z]{2,})\.?(\d+(?:[.,]\d+)*)([a-z]+)\.?")
_GLUED_SIZE = re.compile(r"([a-z\-']*[a-z]{3})(\d+(?:[.,]\d+)*)")
_LONG = re.compile(r"\d[\d.\-]*\d")
_DIGIT = re.compile(r"\d")
_PARTS = re.compile(r"[^\W\d_]+")
_ALNUM = re.compile(r"[\W_]+")
_ROMAN = {"ii": "2", "iii": "3", "vii": "7", "viii": "8"}
"""Those that are neither a word nor a shortening, as *iv* (intravenous) is."""
_ROMAN_TAIL = re.compile(r"([a-z])(ii|iii)")
_LONG_DIGITS = 5


def atoms_of(text: str) -> list[Atom]:
    """Return the atoms of a text."""
    return _united(_atoms(fold(text)))


def tokens(name: str) -> tuple[str, ...]:
    """Return what a name is found by, each once: words as they are, numbers and models behind a mark.

    A number is found with its unit (``=``) and without (``#``), a model number by ``!``.
    """
    found: dict[str, None] = {}
    for atom in atoms_of(name):
        if atom.kind == "word":
            found |= dict.fromkeys(MEANT.get(atom.text, (atom.text,)))
        elif atom.kind == "model":
            found[f"!{atom.text}"] = None
        elif atom.kind == "number" and atom.unit:
            kind, value, raw = units.quantity(atom.text, atom.unit)
            found[f"#{raw}"] = None
            if kind != units.COUNT:
                found[f"={kind}{value}"] = None
        elif atom.kind in {"number", "pack", "case"}:
            found[f"#{units.plain(units.read(atom.text))}"] = None
        elif atom.kind == "long":
            found[f"!{atom.text}"] = None
    return tuple(found)


def _atoms(folded: str) -> list[Atom]:
    found: list[Atom] = []
    for chunk, behind in pairwise([*_CHUNK.findall(_COMMA.sub(" ", folded)), ""]):
        for part in _unglued(chunk, behind):
            found += _chunk(part)
        if len(found) >= MOST_ATOMS:
            break
    return found[:MOST_ATOMS]


def _unglued(chunk: str, behind: str) -> tuple[str, ...]:
    """Take a number off the word it is glued to when its unit stands behind it: ``torba500 ml``."""
    size = units.UNITS.get(behind.rstrip("."), (units.COUNT,))[0] != units.COUNT
    glued = _GLUED_SIZE.fullmatch(chunk) if size else None
    return (chunk,) if glued is None else (glued[1], glued[2])


@lru_cache(maxsize=1 << 17)
def _chunk(chunk: str) -> tuple[Atom, ...]:
    """Return the atoms of a run of characters between blanks."""
    if chunk in {"/", "+"}:
        return (Atom("join", chunk),)
    if not _DIGIT.search(chunk):
        return tuple(_words(chunk))
    numeric = _NUMERIC.fullmatch(chunk)
    if numeric and (not numeric["unit"] or numeric["unit"] in units.UNITS):
        return tuple(_numeric(numeric))
    return tuple(_mixed(chunk))


def _words(chunk: str) -> Iterator[Atom]:
    if chunk in {"x", "*"}:
        yield Atom("times", chunk)
        return
    if chunk in {"%", '"'}:
        yield Atom("word", chunk)
        return
    parts = _PARTS.findall(chunk.replace("'", ""))
    if len(parts) > 1 and all(len(part) == 1 for part in parts):
        parts = ["".join(parts)]
    shortened = chunk.endswith(".")
    for place, part in enumerate(parts):
        last = place == len(parts) - 1
        yield _word(part, dotted=shortened if last else "." in chunk, glued=not last)


def _word(text: str, *, dotted: bool, glued: bool) -> Atom:
    if text in _ROMAN:
        return Atom("number", _ROMAN[text])
    tail = _ROMAN_TAIL.fullmatch(text)
    if tail:
        return Atom("model", tail[1] + _ROMAN[tail[2]])
    return Atom("word", text[:32], dotted=dotted, glued=glued)


def _numeric(match: re.Match[str]) -> Iterator[Atom]:
    pack, number, unit, times = match["pack"], match["number"], match["unit"], match["times"]
    if pack and units.UNITS.get(unit, ("",))[0] == "length":
        yield Atom("number", pack, unit)
    elif pack == "1" and number.isdigit() and not unit and not times:
        yield Atom("case", number)
        return
    elif pack:
        yield Atom("pack", pack)
    if not unit and len(number) >= _LONG_DIGITS and number.isdigit():
        yield Atom("long", number)
    else:
        yield Atom("number", number, unit)
    if times:
        yield Atom("pack", times)


def _mixed(chunk: str) -> Iterator[Atom]:
    """Yield the atoms of a chunk with digits that is no plain number."""
    percent, times, glued = _PERCENT.fullmatch(chunk), _TIMES.fullmatch(chunk), _GLUED.fullmatch(chunk)
    span, unit_first = _RANGE.fullmatch(chunk), _UNIT_FIRST.fullmatch(chunk)
    if percent:
        yield Atom("number", percent[1], "%")
    elif times:
        yield Atom("pack", times[1])
    elif span and span[3] in units.UNITS:
        yield Atom("number", span[1])
        yield Atom("number", span[2], span[3])
    elif unit_first:
        yield Atom("word", unit_first[1])
        yield Atom("pack" if unit_first[2] else "number", unit_first[3])
    elif glued and glued[3] in units.GLUED:
        yield Atom("word", glued[1])
        yield Atom("number", glued[2], glued[3])
    elif decimal := _GLUED_DECIMAL.fullmatch(chunk):
        yield Atom("word", decimal[1])
        yield Atom("number", decimal[2])
    elif named := _NAMED.fullmatch(chunk):
        yield Atom("word", named[1])
        yield from _chunk(named[2])
    elif _LONG.fullmatch(chunk):
        yield from _digits(chunk)
    else:
        yield from _code(chunk)


def _digits(chunk: str) -> Iterator[Atom]:
    """Yield a range (``10-12``) as numbers and anything longer as one stray code."""
    bare = _ALNUM.sub("", chunk)
    if len(bare) >= _LONG_DIGITS:
        yield Atom("long", bare)
        return
    for part in re.findall(r"\d+", chunk):
        yield Atom("number", part)


def _code(chunk: str) -> Iterator[Atom]:
    """Yield a model number, with words that a dot or dash puts before or behind it."""
    segments = [part for part in chunk.split(".") if part]
    model = ""
    for part in segments:
        if _DIGIT.search(part):
            model += _ALNUM.sub("", part)
        elif len(part) > 1 and not model:
            yield from _words(part)
        else:
            model += _ALNUM.sub("", part)
    numeric = _NUMERIC.fullmatch(model)
    if numeric and (not numeric["unit"] or numeric["unit"] in units.UNITS):
        yield from _numeric(numeric)
    elif model:
        yield Atom("model", model[:32])


def _united(atoms: list[Atom]) -> list[Atom]:
    """Give numbers the unit behind them, and joined numbers the unit of the one they are joined to."""
    found: list[Atom] = []
    for atom in reversed(atoms):
        unit = _unit_behind(atom, found)
        if not unit:
            found.append(atom)
            continue
        if atom.kind != "pack" and _is_spent(unit, found[-1]):
            found.pop()
        found.append(Atom("number", atom.text, unit))
    found.reverse()
    return [_percent(found, place) for place in range(len(found)) if not _is_percent_sign(found, place)]


def _unit_behind(atom: Atom, behind: list[Atom]) -> str:
    """Return the unit an atom takes from what follows it (the last of ``behind`` comes first)."""
    if atom.kind not in {"number", "pack", "case"} or atom.unit or not behind:
        return ""
    first = behind[-1]
    second = behind[-2] if len(behind) > 1 else None
    if atom.kind == "pack":
        return first.unit if kind_of(first) == "length" else ""
    if first.kind == "word" and first.text in units.UNITS and not first.glued:
        counted = units.UNITS[first.text][0] == units.COUNT
        return "" if atom.kind == "case" and counted else first.text
    if atom.kind == "case" or second is None or second.kind != "number":
        return ""
    dimension = first.kind == "times" and kind_of(second) == "length"
    return second.unit if dimension or (first.kind == "join" and joins(second)) else ""


def _is_spent(unit: str, follower: Atom) -> bool:
    """Whether a unit's own word has nothing more to say; what is counted (``tablet``) is a word as well."""
    counts_something = units.UNITS[unit][0] == units.COUNT and unit not in units.PLAIN_COUNTS
    return follower.kind == "word" and follower.text == unit and not counts_something


def joins(atom: Atom) -> bool:
    """Whether a slash or plus behind such a number makes strengths (``20 mg/10 mg``)."""
    return kind_of(atom) in {"mass", "volume", "iu"}


def kind_of(atom: Atom) -> str:
    """Return the kind of an atom's unit, ``""`` without one."""
    return units.UNITS[atom.unit][0] if atom.unit else ""


def _is_percent_sign(atoms: list[Atom], place: int) -> bool:
    return atoms[place].text == "%" and atoms[place].kind == "word"


def _percent(atoms: list[Atom], place: int) -> Atom:
    """Return the atom, as a percentage where a detached sign stands before it (``% 5``)."""
    atom = atoms[place]
    if atom.kind == "number" and not atom.unit and place and _is_percent_sign(atoms, place - 1):
        return atom._replace(unit="%")
    return atom
