"""What a remote holds of ours, listed page by page by another way than the ordinary stream."""

from collections.abc import Iterator
from functools import partial
from uuid import UUID

from kopru.flows.connections import Opened, call
from kopru.flows.env import Work
from kopru.flows.windows import Place
from kopru.hooks import ports
from kopru.hooks.errors import CursorExpired
from kopru.hooks.manifest import Stream
from kopru.hooks.types import Page, RefKind, RemoteRef, Window


def listed(
    work: Work, connection_id: UUID, kind: RefKind, window: Window, facts: Stream, *, any_state: bool = False
) -> Iterator[tuple[RemoteRef, ...]]:
    """Yield page after page of a window, in parts as long as one query may cover.

    Raises:
        ConnectorError: the remote cannot be read now.
    """
    place: Place | None = Place(window.since, window.until)
    while place is not None:
        use = partial(_page, kind, place, facts)
        part, page = call(work, connection_id, use, seconds=60.0, any_state=any_state)
        yield page.values
        place = place.after(part, page)


def _page(kind: RefKind, place: Place, facts: Stream, opened: Opened) -> tuple[Window, Page[RemoteRef]]:
    part = place.part(facts)
    fetch = opened.use(ports.FetchesRefs).fetch_refs
    try:
        return part, fetch(opened.ctx, kind, place.cursor, part, facts.largest_page)
    except CursorExpired:
        return part, fetch(opened.ctx, kind, None, part, facts.largest_page)
