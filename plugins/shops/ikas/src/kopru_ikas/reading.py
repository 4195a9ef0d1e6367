"""Reading lists of orders: by time of change, one order, and the second listing.

ikas lists by page number. Pages of a list that changes lose records, so the position here is a time: each
call asks for the first page from the last time seen, and what was read of that very time is left out by its
id. That needs rows in order of change. How ikas wants that said is not documented, so every page is looked
at: rows in any other order make the whole window be read by page number, where the falling count tells that
rows have left and pulled others back.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import TypeVar

from kopru.sdk import Ctx, CursorExpired, Page, Record, Window
from kopru.toolkit import dates, paging
from kopru.toolkit.records import Item
from kopru_ikas.client import LARGEST_PAGE, Client, Listing
from kopru_ikas.config import IkasConfig
from kopru_ikas.texts import TEXTS

T = TypeVar("T")

BY_TIME = 0
_MARK = 10
_FIELD = "updatedAt"


@dataclass(frozen=True, slots=True)
class Place:
    """A position: the time reached and what was read of it; or, above page 0, a page and the count then."""

    since: int
    size: int
    seen: tuple[str, ...] = ()
    page: int = BY_TIME
    total: int = 0

    @property
    def cursor(self) -> str:
        """Return the place as a cursor."""
        fields = {name: getattr(self, name) for name in ("since", "size", "page", "total")}
        return paging.encode_cursor({**fields, "seen": "".join(self.seen)})

    @classmethod
    def of(cls, cursor: str) -> "Place":
        """Return the place a cursor means.

        Raises:
            CursorExpired: it was not made here.
        """
        fields = paging.decode_cursor(cursor)
        try:
            marks = str(fields["seen"])
            since, size, page, total = (int(fields[name] or 0) for name in ("since", "size", "page", "total"))
        except (KeyError, TypeError, ValueError) as error:
            raise _lost(cursor) from error
        if not 1 <= size <= LARGEST_PAGE or page < 0 or len(marks) % _MARK:
            raise _lost(cursor)
        seen = tuple(marks[n : n + _MARK] for n in range(0, len(marks), _MARK))
        return cls(since, size, seen, page, total)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one window with some fields of each order."""

    ctx: Ctx[IkasConfig]
    window: Window
    selection: str
    client: Client | None = None
    """Used instead of one with the context's login."""

    def is_ordered(self, rows: int) -> bool:
        """Whether some orders of the window come in order of change."""
        start = self._start(rows)
        return _ascend(start.since, self._list(start.since, 1, rows).items)

    def page(
        self,
        cursor: str | None,
        limit: int,
        wanted: Callable[[object], bool],
        convert: Callable[[Item, int], Record[T]],
    ) -> Page[T]:
        """Return one page of the orders that are wanted."""
        place = Place.of(cursor) if cursor else self._start(max(1, min(limit, LARGEST_PAGE)))
        rows, following = self._by_time(place) if place.page == BY_TIME else self._by_page(place)
        return Page(
            records=tuple(convert(item, n) for n, item in enumerate(rows) if wanted(item.data)),
            next_cursor=following.cursor if following else None,
        )

    def _start(self, size: int) -> Place:
        return Place(dates.epoch_ms(self.window.since), size)

    def _by_time(self, place: Place) -> tuple[Sequence[Item], Place | None]:
        held = len(place.seen)
        # At least two rows, so that an order of rows shows; no less than was read of this time already.
        asked = min(max(place.size + held, 2), LARGEST_PAGE)
        listing = self._list(place.since, held // LARGEST_PAGE + 1, asked)
        fresh = [item for item in listing.items if _mark(item) not in place.seen]
        rows = fresh[: place.size]
        if not _ascend(place.since, listing.items):
            return rows, replace(self._start(place.size), page=1)
        if not listing.more and len(fresh) == len(rows):
            return rows, None
        last = _time(rows[-1]) if rows else None
        if last is None:
            return rows, replace(self._start(place.size), page=1)
        seen = tuple(_mark(item) for item in rows if _time(item) == last)
        return rows, replace(place, since=last, seen=(*place.seen, *seen) if last == place.since else seen)

    def _by_page(self, place: Place) -> tuple[Sequence[Item], Place | None]:
        listing = self._list(place.since, place.page, place.size)
        count = place.total if listing.count is None else listing.count
        gone = max(place.total - count, 0) if place.page > 1 else 0
        if gone:
            page = max(place.page - -(-gone // place.size), 1)
            return listing.items, replace(place, page=page, total=count)
        return listing.items, replace(place, page=place.page + 1, total=count) if listing.more else None

    def _list(self, since: int, page: int, limit: int) -> Listing:
        window = {"gte": since, "lt": dates.epoch_ms(self.window.until) + 1}
        sort = self.ctx.config.sort_form.value.format(field=_FIELD)
        client = self.client or Client(self.ctx)
        return client.orders(self.selection, page=page, limit=limit, updated_at=window, sort=sort)


def _ascend(since: int, items: Sequence[Item]) -> bool:
    times = [since, *(_time(item) for item in items)]
    return all(
        earlier is not None and later is not None and earlier <= later for earlier, later in pairwise(times)
    )


def _time(item: Item) -> int | None:
    value = item.data.get(_FIELD) if isinstance(item.data, dict) else None
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    return value if type(value) is int else None


def _mark(item: Item) -> str:
    """Return a short name of a row, the same as long as it is the same record."""
    identity = item.data.get("id") if isinstance(item.data, dict) else None
    name = identity if isinstance(identity, str) else item.raw.digest
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_MARK]


def _lost(cursor: str) -> CursorExpired:
    return CursorExpired("ikas.stream.expired", TEXTS["ikas.stream.expired"], detail=cursor[:200])
