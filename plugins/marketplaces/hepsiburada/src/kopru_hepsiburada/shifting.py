"""Paging by offset through lists from which rows leave while they are read.

A row that leaves pulls all later ones forward, and one of them slips over the page border unread. So every
page begins with the last row of the page before, and the last few rows read are kept in mind: what comes
behind them is new. A page that holds none of them means that rows have left; then the reading steps back as
far as the falling count says, at least by a page, until it meets one of them or the beginning. Rows read
twice do no harm.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kopru.sdk import CursorExpired
from kopru.toolkit import paging
from kopru.toolkit.records import Item
from kopru_hepsiburada.client import Listing
from kopru_hepsiburada.mapping.rows import identity_of
from kopru_hepsiburada.texts import TEXTS

MOST_STEPS_BACK = 50
"""After so many a list that never stands still, or has no order of its own, is read on regardless."""

_MARK = 10
_TRAIL = 8 * _MARK

Fetch = Callable[[int, int], Listing]
"""Returns the rows from an offset, at most so many."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in one list: where to read on, the last rows read, what was counted, how often it stepped back.

    ``feed`` and ``part`` say which of several lists, for readers of more than one.
    """

    size: int
    feed: str = ""
    part: int = 0
    offset: int = 0
    trail: str = ""
    total: int = 0
    back: int = 0

    @property
    def cursor(self) -> str:
        """Return the place as a cursor."""
        return paging.encode_cursor({name: getattr(self, name) for name in self.__slots__})

    @classmethod
    def of(cls, cursor: str, *, largest: int, feeds: Sequence[str] = ("",)) -> "Spot":
        """Return the place a cursor means.

        Raises:
            CursorExpired: it was not made here.
        """
        fields = paging.decode_cursor(cursor)
        try:
            numbers = {name: int(fields[name] or 0) for name in ("size", "part", "offset", "total", "back")}
            spot = cls(feed=str(fields["feed"]), trail=str(fields["trail"]), **numbers)
        except (KeyError, TypeError, ValueError) as error:
            raise lost(cursor) from error
        if not 1 <= spot.size <= largest or min(numbers.values()) < 0 or spot.feed not in feeds:
            raise lost(cursor)
        return spot


@dataclass(frozen=True, slots=True)
class Turn:
    """What one page came to: rows not read before, the row before them, and where to read on."""

    items: tuple[Item, ...]
    before: Item | None
    following: Spot | None


def turn(spot: Spot, fetch: Fetch, *, cap: int, most: int = 0) -> Turn:
    """Read one page of ``most`` rows, by default as the place says; the list gives at most ``cap``."""
    size = most or spot.size
    overlap = 1 if spot.offset else 0
    asked = min(size + overlap, cap)
    listing = fetch(spot.offset - overlap, asked)
    rows = listing.items
    read = _already_read(spot, rows)
    if read is None:
        return Turn((), None, _step_back(spot, listing))
    fresh = rows[read : read + size]
    offset = spot.offset - overlap + read + len(fresh)
    more = len(rows) >= asked if listing.total is None else bool(rows) and offset < listing.total
    before = rows[read - 1] if read else None
    if not more and read + len(fresh) >= len(rows):
        return Turn(fresh, before, None)
    marks = spot.trail + "".join(_mark(item) for item in fresh)
    following = replace(spot, offset=offset, trail=marks[-_TRAIL:], total=listing.total or 0)
    return Turn(fresh, before, following)


def _already_read(spot: Spot, rows: Sequence[Item]) -> int | None:
    """Return how many rows of a page were read before; ``None`` when rows before it have left."""
    known = {spot.trail[n : n + _MARK] for n in range(0, len(spot.trail), _MARK)}
    found = max((n for n, row in enumerate(rows, start=1) if _mark(row) in known), default=0)
    if found or not spot.offset:
        return found
    return None if spot.back < MOST_STEPS_BACK else min(1, len(rows))


def _step_back(spot: Spot, listing: Listing) -> Spot:
    gone = spot.total - listing.total if listing.total is not None else 0
    offset = max(spot.offset - max(gone, spot.size), 0)
    return replace(spot, offset=offset, total=listing.total or 0, back=spot.back + 1)


def _mark(item: Item) -> str:
    """Return a short name of a row, the same as long as it is listed."""
    name = identity_of(item.data) or item.raw.digest
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_MARK]


def lost(cursor: str) -> CursorExpired:
    """Return the error of a cursor that was not made here."""
    return CursorExpired(
        "hepsiburada.stream.expired", TEXTS["hepsiburada.stream.expired"], detail=cursor[:200]
    )
