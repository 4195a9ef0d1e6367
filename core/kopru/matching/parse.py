"""From a text to its words, sizes, packs and model numbers, before any likeness is computed.

Names of siblings differ in one number, so numbers are never compared as text.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

from kopru.matching import units
from kopru.matching.atoms import MEANT, Atom, atoms_of, joins, kind_of
from kopru.matching.normalise import fold

UNITLESS = frozenset({"", "long"})
"""Kinds of numbers that stand without a unit."""


class Word(NamedTuple):
    """A word; ``dotted`` when a dot marks it as shortened, ``glued`` when the next word follows without
    blank."""

    text: str
    dotted: bool = False
    glued: bool = False


class Number(NamedTuple):
    """A number of a text. ``kind`` is a kind of unit, ``""`` without one, ``"long"`` for a stray code."""

    kind: str
    value: int
    raw: str
    shown: str


class NumberSet(NamedTuple):
    """The numbers of a text, to look others up in."""

    exact: frozenset[tuple[str, int]]
    """With their unit."""
    raw: frozenset[str]
    """As written."""
    bare: frozenset[str]
    """As written, those without unit."""

    @classmethod
    def of(cls, numbers: Iterable[Number]) -> Self:
        """Return the set of these numbers."""
        found = list(numbers)
        return cls(
            frozenset((number.kind, number.value) for number in found if number.kind not in UNITLESS),
            frozenset(number.raw for number in found),
            frozenset(number.raw for number in found if number.kind in UNITLESS),
        )

    def has(self, number: Number) -> bool:
        """Whether a number is here: equal with its unit, or as written where one side gives no unit."""
        if number.kind in UNITLESS:
            return number.raw in self.raw
        return (number.kind, number.value) in self.exact or number.raw in self.bare


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a text says."""

    words: tuple[Word, ...]
    numbers: tuple[Number, ...]
    """In the order of the text; a single piece (``1 adet``) says nothing and is left out."""
    models: tuple[str, ...]
    """Letters and digits mixed, without separators; equal or different, never similar."""
    ratios: tuple[tuple[tuple[str, int], ...], ...]
    """Strengths joined by a slash or plus, in order."""
    case: Number | None
    """Pieces in a case, for a line that is sold by the case."""
    sequence: tuple[str, ...]
    """Every word and number as it stands, for words that are glued on one side only."""


def parse_item(name: str) -> Parsed:
    """Parse an item's name."""
    return _assemble(atoms_of(name), sold_by_case=False, is_line=False)


def parse_line(text: str, unit: str = "") -> Parsed:
    """Parse a line's text; the unit tells whether a case is sold."""
    atoms = atoms_of(text)
    by_case = fold(unit).strip(" .") in units.CASE_UNITS or any(
        atom.kind == "word" and atom.text in {"koli", "kolisi"} for atom in atoms
    )
    return _assemble(atoms, sold_by_case=by_case, is_line=True)


def _assemble(atoms: list[Atom], *, sold_by_case: bool, is_line: bool) -> Parsed:
    numbers = [number for number, _ in _numbers(atoms, is_line=is_line)]
    case = _case(atoms, sold_by_case=sold_by_case, is_line=is_line)
    if case is not None and case in numbers:
        last = len(numbers) - 1 - numbers[::-1].index(case)
        numbers.pop(last)
    words = [
        Word(text, atom.dotted, atom.glued)
        for atom in atoms
        if atom.kind == "word"
        for text in MEANT.get(atom.text, (atom.text,))
    ]
    words += [Word(atom.unit) for atom in atoms if _counts_something(atom) and not _follows(atoms, atom)]
    return Parsed(
        words=tuple(words),
        numbers=tuple(numbers),
        models=tuple(atom.text for atom in atoms if atom.kind == "model"),
        ratios=tuple(_ratios(atoms)),
        case=case,
        sequence=tuple(atom.text for atom in atoms if atom.kind not in {"join", "times"}),
    )


def _counts_something(atom: Atom) -> bool:
    return atom.kind == "number" and kind_of(atom) == units.COUNT and atom.unit not in units.PLAIN_COUNTS


def _follows(atoms: list[Atom], atom: Atom) -> bool:
    """Whether the counted thing is a word of its own already (``20 tablet``; ``20tablet`` is not)."""
    return any(each.kind == "word" and each.text == atom.unit for each in atoms)


def _numbers(atoms: Iterable[Atom], *, is_line: bool) -> Iterator[tuple[Number, Atom]]:
    previous: Atom | None = None
    for atom in atoms:
        number = _number(atom, previous, is_line=is_line)
        if number is not None and not (number.kind in {units.COUNT, ""} and number.raw == "1"):
            yield number, atom
        previous = atom


def _number(atom: Atom, previous: Atom | None, *, is_line: bool) -> Number | None:
    if atom.kind == "pack" or (atom.kind == "case" and not is_line):
        return Number(units.COUNT, int(atom.text), units.plain(int(atom.text)), f"x{atom.text}")
    if atom.kind == "long":
        return Number("long", 0, atom.text, atom.text)
    if atom.kind != "number":
        return None
    if atom.unit:
        kind, value, raw = units.quantity(atom.text, atom.unit)
        return Number(kind, value, raw, f"%{atom.text}" if atom.unit == "%" else f"{atom.text} {atom.unit}")
    raw = units.plain(units.read(atom.text))
    if previous is not None and previous.kind == "times":
        return Number(units.COUNT, round(float(raw)), raw, f"x{atom.text}")
    return Number("", 0, raw, atom.text)


def _case(atoms: list[Atom], *, sold_by_case: bool, is_line: bool) -> Number | None:
    if not is_line:
        return None
    for atom in atoms:
        if atom.kind == "case" and atom.text.isdigit():
            return Number(units.COUNT, int(atom.text), units.plain(int(atom.text)), f"1*{atom.text}")
    if not sold_by_case:
        return None
    counted = [
        number
        for number, atom in _numbers(atoms, is_line=True)
        if number.kind == units.COUNT
        and (atom.kind == "pack" or atom.unit in units.PLAIN_COUNTS or not atom.unit)
    ]
    return counted[-1] if counted else None


def _ratios(atoms: list[Atom]) -> Iterator[tuple[tuple[str, int], ...]]:
    """Yield the joined strengths of one kind: ``5 mg/10 mg``, but not ``5 mg/5 ml``."""
    run: list[tuple[str, int]] = []
    for place, atom in enumerate(atoms):
        joined = place > 0 and atoms[place - 1].kind == "join"
        if atom.kind == "number" and joins(atom):
            kind, value, _ = units.quantity(atom.text, atom.unit)
            if joined and run and run[0][0] == kind:
                run.append((kind, value))
                continue
            if len(run) > 1:
                yield tuple(run)
            run = [(kind, value)]
        elif atom.kind != "join":
            if len(run) > 1:
                yield tuple(run)
            run = []
    if len(run) > 1:
        yield tuple(run)
