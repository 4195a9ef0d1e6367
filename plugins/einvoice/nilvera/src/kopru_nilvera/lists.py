"""Reading Nilvera's lists: places in them, date windows, and the short lists that are read whole."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from kopru.sdk import CursorExpired, Definition, Window
from kopru.toolkit import dates, paging
from kopru_nilvera import mapping
from kopru_nilvera.client import Client, Params
from kopru_nilvera.codes import Side

_MOST_PAGES = 100


@dataclass(frozen=True, slots=True)
class Place:
    """A page of one side's list. The size is part of it: with another size, page 2 is another page."""

    side: Side
    page: int
    size: int

    @classmethod
    def of(cls, cursor: str | None, side: Side, size: int) -> Self:
        """Return the place a cursor means, or the start of a side's list.

        Raises:
            CursorExpired: the cursor was not made here.
        """
        if cursor is None:
            return cls(side, 1, size)
        fields = paging.decode_cursor(cursor)
        try:
            place = cls(Side(str(fields["side"])), int(fields["page"] or 0), int(fields["size"] or 0))
        except (KeyError, ValueError) as error:
            raise CursorExpired("nilvera.cursor", detail=cursor[:100]) from error
        if place.page < 1 or place.size < 1:
            raise CursorExpired("nilvera.cursor", detail=cursor[:100])
        return place

    @property
    def cursor(self) -> str:
        """Return the place as a cursor."""
        return paging.encode_cursor({"side": self.side.value, "page": self.page, "size": self.size})

    def after(self, listing: mapping.Listing) -> str | None:
        """Return the cursor of the next page of this side, ``None`` after the last."""
        page = paging.next_page(
            self.page, received=len(listing.rows), size=self.size, pages=listing.pages, first=1
        )
        return type(self)(self.side, int(page), self.size).cursor if page else None


def documents(client: Client, place: Place, window: Window, filters: Params) -> mapping.Listing:
    """Read one page of a side's documents in a window, oldest first."""
    column = client.ctx.config.sort_column
    params: dict[str, str | int | list[str]] = {
        "Page": place.page,
        "PageSize": place.size,
        "StartDate": _stamp(window.since),
        "EndDate": _stamp(window.until),
        **({"SortColumn": column, "SortType": "ASC"} if column else {}),
        **filters,
    }
    return mapping.to_listing(client.documents(place.side, params))


def series(client: Client, side: Side) -> tuple[Definition, ...]:
    """Return every number series of a side."""
    rows = _whole(lambda page: client.series(side, page), client.ctx.config.page_size)
    return tuple(found for row in rows if (found := mapping.to_series(row, side)))


def templates(client: Client, side: Side) -> tuple[Definition, ...]:
    """Return every view template of a side."""
    rows = _whole(lambda page: client.templates(side, page), client.ctx.config.page_size)
    return tuple(found for row in rows if (found := mapping.to_template(row, side)))


def whole_days(window: Window) -> Window:
    """Return the window widened to whole Istanbul days, as dates of issue need it."""
    first = dates.day_window(dates.local_date(window.since))
    last = dates.day_window(dates.local_date(window.until))
    return Window(first.since, last.until)


def _whole(read: Callable[[int], Any], size: int) -> Iterator[Any]:
    for page in range(1, _MOST_PAGES + 1):
        listing = mapping.to_listing(read(page))
        yield from listing.rows
        if (
            paging.next_page(page, received=len(listing.rows), size=size, pages=listing.pages, first=1)
            is None
        ):
            return


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
