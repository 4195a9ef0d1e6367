"""Reading Uyumsoft's boxes: places in them, dates, and single documents."""

from dataclasses import dataclass
from datetime import UTC
from typing import Any, Self

from kopru.sdk import CursorExpired, Window
from kopru.toolkit import dates, paging
from kopru_uyumsoft import mapping
from kopru_uyumsoft.client import Client
from kopru_uyumsoft.codes import Side


@dataclass(frozen=True, slots=True)
class Place:
    """A page of a box. The size is part of it: with another size, page 1 is another page."""

    page: int
    size: int

    @classmethod
    def of(cls, cursor: str | None, size: int) -> Self:
        """Return the place a cursor means, or the start of a box.

        Raises:
            CursorExpired: the cursor was not made here.
        """
        if cursor is None:
            return cls(0, size)
        fields = paging.decode_cursor(cursor)
        try:
            place = cls(int(fields["page"] or 0), int(fields["size"] or 0))
        except (KeyError, ValueError) as error:
            raise CursorExpired("uyumsoft.cursor", detail=cursor[:100]) from error
        if place.page < 0 or place.size < 1:
            raise CursorExpired("uyumsoft.cursor", detail=cursor[:100])
        return place

    def after(self, listing: mapping.Listing) -> str | None:
        """Return the cursor of the next page, ``None`` after the last."""
        page = paging.next_page(self.page, received=len(listing.rows), size=self.size, pages=listing.pages)
        return paging.encode_cursor({"page": int(page), "size": self.size}) if page else None


def page(client: Client, side: Side, place: Place, window: Window, date: str) -> mapping.Listing:
    """Read one page of a box, oldest first.

    ``date`` is ``Create`` or ``Execution``. Nothing says in which zone Uyumsoft reads the ends, so whole
    Istanbul days are asked for.
    """
    first = dates.day_window(dates.local_date(window.since)).since
    last = dates.day_window(dates.local_date(window.until)).until
    query = {
        "PageIndex": place.page,
        "PageSize": place.size,
        f"{date}StartDate": first,
        f"{date}EndDate": last,
        "SortColumn": f"{date}Date",
        "SortMode": "Ascending",
    }
    return mapping.to_listing(client.documents(side, query))


def arrived_within(row: Any, window: Window) -> bool:
    """Whether a row may belong to a window: what Uyumsoft listed beyond it needs no download."""
    arrived = mapping.moment(row, "CreateDateUtc", UTC)
    return arrived is None or window.since <= arrived <= window.until


def rows_of(client: Client, side: Side, ettns: tuple[str, ...]) -> dict[str, mapping.Row]:
    """Return the rows of single documents by ETTN; those the box does not hold are left out."""
    if not ettns:
        return {}
    query = {"PageIndex": 0, "PageSize": len(ettns), "InvoiceIds": list(ettns)}
    found = mapping.by_ettn(list(mapping.to_listing(client.documents(side, query)).rows))
    return {ettn: found[ettn] for ettn in ettns if ettn in found}
