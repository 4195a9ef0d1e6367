"""Document number patterns: what a number looks like, which year it belongs to, how far a counter reaches.

A pattern is literal text with tokens: ``RRRR`` the four-digit year, ``RR`` its last two digits, a run of
``C`` the counter padded with zeros to the length of the run. Text in single quotes is literal, so a prefix
may contain the letters R and C: ``'FCR'RRRRCCC``. A pattern with a year starts again at 1 each year; the year
is that of the issue date in Istanbul. A pattern without a year never starts again.

The GİB form is one preset: three characters, four-digit year, nine-digit counter.
Allotting numbers without gaps is a transaction of the storage; nothing here has state.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kopru.documents.clock import istanbul_date
from kopru.documents.texts import TEXTS
from kopru.hooks.errors import ConfigError

PREFIX_LENGTH = 3
PORTAL_PREFIX = "GIB"
"""Series of invoices made in the tax authority's own e-Arşiv portal; nobody else may use it."""

_TOKEN = re.compile(r"'([^']*)'|(R+)|(C+)|([^'RC]+)")


class PartKind(StrEnum):
    """What one part of a pattern stands for."""

    TEXT = "text"
    YEAR = "year"
    COUNTER = "counter"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a pattern; ``text`` is set for literals only."""

    kind: PartKind
    width: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A number pattern that was checked; make one with ``parse_pattern`` or ``gib``."""

    parts: tuple[Part, ...]

    @property
    def counter_width(self) -> int:
        """Return the number of counter digits."""
        return next(part.width for part in self.parts if part.kind is PartKind.COUNTER)

    @property
    def capacity(self) -> int:
        """Return the largest sequence that fits."""
        return int(10**self.counter_width) - 1

    @property
    def yearly(self) -> bool:
        """Whether the counter starts again each year."""
        return any(part.kind is PartKind.YEAR for part in self.parts)

    def period(self, year: int) -> int:
        """Return the counter's period: the year, or 0 for a counter that never starts again."""
        return year if self.yearly else 0


@dataclass(frozen=True, slots=True)
class Preview:
    """The next numbers of a series; fewer than asked for when the counter is full."""

    numbers: tuple[str, ...]
    left: int
    """How many numbers are left in this period."""


def parse_pattern(text: str) -> Pattern:
    """Read a pattern.

    Raises:
        ConfigError: the pattern has no counter or two, a year of another length than 2 or 4, an open quote,
            or characters that no document number can hold.
    """
    parts: list[Part] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _bad("numbering.pattern.quote", text)
        parts.append(_part(match, text))
        position = match.end()
    counters = [part for part in parts if part.kind is PartKind.COUNTER]
    if len(counters) != 1:
        raise _bad("numbering.pattern.counter", text)
    if sum(part.kind is PartKind.YEAR for part in parts) > 1:
        raise _bad("numbering.pattern.year", text)
    return Pattern(tuple(parts))


def gib(prefix: str) -> Pattern:
    """Return GİB's form for a three-character prefix of A–Z and 0–9.

    Raises:
        ConfigError: the prefix has another shape.
    """
    if not re.fullmatch(r"[A-Z0-9]{3}", prefix):
        raise ConfigError(
            "numbering.prefix.shape", TEXTS.text("numbering.prefix.shape", prefix=prefix), field="prefix"
        )
    return parse_pattern(f"'{prefix}'RRRRCCCCCCCCC")


def number_year(issued_at: datetime) -> int:
    """Return the year a document issued at this moment is numbered in."""
    return istanbul_date(issued_at).year


def format_number(pattern: Pattern, year: int, sequence: int) -> str:
    """Return the number of a sequence.

    Raises:
        ConfigError: the sequence no longer fits (``numbering.series.full``).
        ValueError: the sequence is not positive, or the year has not four digits.
    """
    if sequence < 1:
        raise ValueError("sequences start at 1")
    return _render(pattern, year, sequence)


def placeholder(pattern: Pattern, year: int) -> str:
    """Return a number of the right shape that no document ever gets: the sequence is zero."""
    return _render(pattern, year, 0)


def is_placeholder_number(pattern: Pattern, number: str) -> bool:
    """Whether a number of this pattern only holds a place."""
    return parse_number(pattern, number)[1] == 0


def parse_number(pattern: Pattern, number: str) -> tuple[int, int]:
    """Return year and sequence of a number; the year is 0 when the pattern has none.

    Raises:
        ValueError: the number does not have the pattern's shape.
    """
    match = re.fullmatch("".join(_regex(part) for part in pattern.parts), number, re.ASCII)
    if match is None:
        raise ValueError(f"{number!r} is not of this series")
    groups = match.groupdict()
    year = groups.get("year") or ""
    return (2000 + int(year) if len(year) == 2 else int(year or 0)), int(groups["counter"])


def preview(pattern: Pattern, year: int, last: int, count: int = 3) -> Preview:
    """Return the next numbers after ``last`` and how many are left."""
    left = max(pattern.capacity - last, 0)
    numbers = (format_number(pattern, year, last + step) for step in range(1, min(count, left) + 1))
    return Preview(tuple(numbers), left)


def other_series(held: str, prefix: str) -> ConfigError:
    """Return the error of a document that had a number of another series before a backup was restored."""
    return ConfigError(
        "numbering.series.other", TEXTS.text("numbering.series.other", held=held, prefix=prefix)
    )


def can_collide(one: Pattern, other: Pattern) -> bool:
    """Whether two patterns could ever give the same number.

    Compared place by place: a digit token meets any digit. The answer may be yes for patterns that would
    only meet in a year that is long past; it is never no for patterns that meet.
    """
    left, right = _places(one), _places(other)
    return len(left) == len(right) and all(a & b for a, b in zip(left, right, strict=True))


def _part(match: re.Match[str], text: str) -> Part:
    quoted, year, counter, literal = match.groups()
    if year is not None:
        if len(year) not in {2, 4}:
            raise _bad("numbering.pattern.year", text)
        return Part(PartKind.YEAR, len(year))
    if counter is not None:
        return Part(PartKind.COUNTER, len(counter))
    plain = quoted if quoted is not None else literal
    if not re.fullmatch(r"[A-Z0-9./_-]*", plain):
        raise _bad("numbering.pattern.characters", text)
    return Part(PartKind.TEXT, len(plain), plain)


def _render(pattern: Pattern, year: int, sequence: int) -> str:
    if not 1000 <= year <= 9999:
        raise ValueError("a year has four digits")
    if sequence > pattern.capacity:
        raise ConfigError(
            "numbering.series.full", TEXTS.text("numbering.series.full", capacity=pattern.capacity)
        )
    return "".join(_digits(part, year, sequence) for part in pattern.parts)


def _digits(part: Part, year: int, sequence: int) -> str:
    if part.kind is PartKind.YEAR:
        return str(year)[-part.width :]
    if part.kind is PartKind.COUNTER:
        return str(sequence).zfill(part.width)
    return part.text


def _regex(part: Part) -> str:
    if part.kind is PartKind.TEXT:
        return re.escape(part.text)
    return f"(?P<{part.kind.value}>\\d{{{part.width}}})"


def _places(pattern: Pattern) -> list[frozenset[str]]:
    digits = frozenset("0123456789")
    places: list[frozenset[str]] = []
    for part in pattern.parts:
        if part.kind is PartKind.TEXT:
            places += [frozenset(character) for character in part.text]
        else:
            places += [digits] * part.width
    return places


def _bad(code: str, text: str) -> ConfigError:
    return ConfigError(code, TEXTS.text(code, pattern=text), field="pattern")
