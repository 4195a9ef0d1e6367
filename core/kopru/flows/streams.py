"""Reading a remote stream page by page: the position moves only together with the data."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from uuid import UUID

from kopru.flows.connections import Opened, call
from kopru.flows.env import Work
from kopru.flows.ports import Uow
from kopru.flows.records import StreamRow
from kopru.hooks.errors import CursorExpired
from kopru.hooks.manifest import Stream
from kopru.hooks.types import Page, Window

T = TypeVar("T")

PAGES_PER_RUN = 500
"""A run that would read more stops between pages and goes on as the next job."""


@dataclass(frozen=True)
class Read(Generic[T]):
    """One stream: its name (the hook's), how a page is fetched and how it is stored."""

    name: str
    fetch: Callable[[Opened, str | None, Window, int], Page[T]]
    store: Callable[[Uow, Opened, Page[T]], int]


@dataclass(frozen=True, slots=True)
class Progress:
    """What one run came to: what was read, how much of it changed something, whether it is through."""

    pages: int
    records: int
    changed: int
    complete: bool


def run(work: Work, connection_id: UUID, read: Read[T]) -> Progress:
    """Read a stream from its watermark to now; a run that was cut short keeps its window and goes on."""
    with work.read() as uow:
        at, now = uow.streams.get(connection_id, read.name), uow.now
    pages = records = changed = 0
    while pages < PAGES_PER_RUN:
        opened_at, page, count = _step(work, connection_id, read, at, now)
        at = opened_at
        pages, records, changed = pages + 1, records + len(page.records), changed + count
        if at.since is None:
            return Progress(pages, records, changed, complete=True)
    return Progress(pages, records, changed, complete=False)


def _step(
    work: Work, connection_id: UUID, read: Read[T], at: StreamRow, now: datetime
) -> tuple[StreamRow, Page[T], int]:
    opened, window, page = call(
        work, connection_id, lambda opened: _fetch(opened, read, at, now), seconds=60.0
    )
    after = _advance(at, window, page, opened.manifest.streams[read.name], now)
    with work.write() as uow:
        count = read.store(uow, opened, page)
        uow.streams.save(connection_id, read.name, after)
    return after, page, count


def _fetch(opened: Opened, read: Read[T], at: StreamRow, now: datetime) -> tuple[Opened, Window, Page[T]]:
    facts = opened.manifest.streams[read.name]
    window = _window(at, facts, opened.row.start_at, now)
    try:
        return opened, window, read.fetch(opened, at.cursor, window, facts.largest_page)
    except CursorExpired:
        return opened, window, read.fetch(opened, None, window, facts.largest_page)


def _window(at: StreamRow, facts: Stream, start_at: datetime, now: datetime) -> Window:
    """Return the open window of a run that was cut short, or the next one."""
    if at.since is not None and at.until is not None:
        return Window(at.since, at.until)
    since = (at.watermark - facts.overlap) if at.watermark else start_at
    if facts.reach is not None:
        since = max(since, now - facts.reach + timedelta(minutes=1))
    since = min(since, now)
    until = min(now, since + facts.span) if facts.span else now
    return Window(since, until)


def _advance(at: StreamRow, window: Window, page: Page[T], facts: Stream, now: datetime) -> StreamRow:
    """Return the position after a page: further in the window, in the next part of a long one, or at rest."""
    if page.next_cursor is not None:
        return replace(at, since=window.since, until=window.until, cursor=page.next_cursor)
    mark = min(page.watermark, window.until) if page.watermark else window.until
    mark = max(mark, at.watermark) if at.watermark else mark
    until = min(now, mark + facts.span) if facts.span else now
    if until > window.until:
        return StreamRow(watermark=mark, since=mark, until=until)
    return StreamRow(watermark=mark)
