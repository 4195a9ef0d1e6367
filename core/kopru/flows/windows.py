"""Reading one fixed stretch of time page by page, in parts no longer than one query may cover.

The live streams follow the clock (``streams``); a place here belongs to a check or a backfill and is stored
with it, so that a run that was cut short goes on where it was.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kopru.hooks.manifest import Stream
from kopru.hooks.types import Page, Window


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reading of a stretch stands: the rest of it, and the cursor in the rest's first part."""

    since: datetime
    until: datetime
    cursor: str | None = None

    def part(self, facts: Stream) -> Window:
        """Return the part to read next."""
        until = min(self.until, self.since + facts.span) if facts.span else self.until
        return Window(self.since, until)

    def after(self, part: Window, page: Page[Any]) -> "Place | None":
        """Return the place after a page, or ``None`` when all is read."""
        if page.next_cursor is not None:
            return Place(self.since, self.until, page.next_cursor)
        return Place(part.until, self.until) if part.until < self.until else None
