"""Positions in a paged stream and windows of time, as pure pieces.

A cursor is opaque to the engine and comes back unchanged, so each kind of position here has an
``encode`` side and a ``decode`` side. A cursor that cannot be read raises ``CursorExpired``, which makes
the engine read again from the watermark.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Self

from kopru.hooks.errors import CursorExpired, Rejected
from kopru.hooks.types import Window
from kopru.toolkit.texts import TEXTS

SECOND = timedelta(seconds=1)


def page_number(cursor: str | None, *, first: int = 0) -> int:
    """Return the page a cursor means; no cursor means the first page.

    Raises:
        CursorExpired: the cursor is not a page number.
    """
    if cursor is None:
        return first
    if not (cursor.isascii() and cursor.isdigit()) or int(cursor) < first:
        raise _unknown(cursor)
    return int(cursor)


def next_page(page: int, *, received: int, size: int, pages: int | None = None, first: int = 0) -> str | None:
    """Return the cursor after a page, or ``None`` when it was the last.

    Args:
        page: the page just read.
        received: records it held.
        size: records asked for; a shorter page ends the stream unless ``pages`` says otherwise.
        pages: number of pages, when the source tells.
        first: number of the first page, 0 or 1.
    """
    if pages is not None:
        return str(page + 1) if page + 1 < pages + first else None
    return str(page + 1) if received and received >= size else None


def offset(cursor: str | None) -> int:
    """Return the offset a cursor means; no cursor means 0.

    Raises:
        CursorExpired: the cursor is not an offset.
    """
    return page_number(cursor)


def next_offset(start: int, *, received: int, size: int, total: int | None = None) -> str | None:
    """Return the cursor after ``received`` records from ``start``, or ``None`` at the end.

    The next offset follows what really came, so that a source which caps its pages loses nothing.
    """
    if not received:
        return None
    if total is not None:
        return str(start + received) if start + received < total else None
    return str(start + received) if received >= size else None


def next_token(token: object) -> str | None:
    """Return a source's own continuation token as cursor; empty and missing tokens end the stream."""
    return None if token is None or token is False or token == "" else str(token)


def encode_cursor(fields: Mapping[str, str | int | None]) -> str:
    """Return a cursor that carries several fields."""
    data = json.dumps(dict(fields), separators=(",", ":"), sort_keys=True).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decode_cursor(cursor: str) -> dict[str, str | int | None]:
    """Return the fields of a cursor made by ``encode_cursor``.

    Raises:
        CursorExpired: the cursor was not made so.
    """
    try:
        data = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError) as error:
        raise _unknown(cursor) from error
    if not isinstance(data, dict):
        raise _unknown(cursor)
    return data


def split_window(window: Window, span: timedelta) -> tuple[Window, ...]:
    """Return adjoining windows of at most ``span`` that cover the window in order of time.

    Raises:
        ValueError: the span is not positive or the window runs backwards.
    """
    if span <= timedelta(0):
        raise ValueError("span must be positive")
    if window.until < window.since:
        raise ValueError("a window must not run backwards")
    parts = []
    since = window.since
    while since + span < window.until:
        parts.append(Window(since, since + span))
        since += span
    return (*parts, Window(since, window.until))


def narrow(window: Window, *, total: int, cap: int, smallest: timedelta = SECOND) -> Window:
    """Return the first part of a window that should hold no more than ``cap`` records.

    For sources that refuse to page beyond a number of records per query. Assumes an even spread, takes a
    margin of a fifth, and is asked again when the part still holds too many.

    Raises:
        Rejected: ``paging.window_too_dense`` when the window cannot become smaller.
    """
    if total <= cap:
        return window
    span = window.until - window.since
    if span <= smallest:
        text = TEXTS.text(
            "paging.window_too_dense", seconds=f"{span.total_seconds():g}", total=total, cap=cap
        )
        raise Rejected("paging.window_too_dense", text)
    part = span * (cap * 4) / (total * 5)
    whole = max(smallest, part - part % smallest)
    return Window(window.since, window.since + whole)


@dataclass(frozen=True, slots=True)
class Place:
    """A page inside a part of a larger window: the position of a reader that splits windows.

    ``window`` is the part being read, ``page`` the next page of it.
    """

    window: Window
    page: int = 0

    @classmethod
    def of(cls, cursor: str | None, whole: Window, *, span: timedelta | None = None, first: int = 0) -> Self:
        """Return the place a cursor means, or the first place of the whole window.

        Raises:
            CursorExpired: the cursor cannot be read or lies outside the whole window.
        """
        if cursor is None:
            return cls(_part(whole.since, whole.until, span), first)
        fields = decode_cursor(cursor)
        try:
            window = Window(_time(fields["since"]), _time(fields["until"]))
            page = int(fields["page"] or 0)
        except (KeyError, TypeError, ValueError) as error:
            raise _unknown(cursor) from error
        if not whole.since <= window.since <= window.until <= whole.until:
            raise _unknown(cursor)
        return cls(window, page)

    @property
    def cursor(self) -> str:
        """Return the place as a cursor."""
        return encode_cursor(
            {
                "since": self.window.since.astimezone(UTC).isoformat(),
                "until": self.window.until.astimezone(UTC).isoformat(),
                "page": self.page,
            }
        )

    def narrowed(self, *, total: int, cap: int, first: int = 0, smallest: timedelta = SECOND) -> Self:
        """Return the place to read instead when the part holds more than the source lets us page through.

        Raises:
            Rejected: ``paging.window_too_dense``, see ``narrow``.
        """
        window = narrow(self.window, total=total, cap=cap, smallest=smallest)
        return self if window == self.window else replace(self, window=window, page=first)

    def after(
        self, whole: Window, *, more: bool, span: timedelta | None = None, first: int = 0
    ) -> str | None:
        """Return the cursor that follows this place, or ``None`` when the whole window is read.

        Args:
            whole: the window the engine asked for.
            more: whether the part has further pages.
            span: longest part one query may cover; ``None`` takes the rest in one part.
            first: number of a part's first page.
        """
        if more:
            return replace(self, page=self.page + 1).cursor
        if self.window.until >= whole.until:
            return None
        return replace(self, window=_part(self.window.until, whole.until, span), page=first).cursor


def _part(since: datetime, until: datetime, span: timedelta | None) -> Window:
    return Window(since, until if span is None else min(until, since + span))


def _time(value: str | int | None) -> datetime:
    moment = datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise ValueError("a cursor's time must be aware")
    return moment


def _unknown(cursor: str) -> CursorExpired:
    return CursorExpired("paging.cursor", TEXTS["paging.cursor"], detail=cursor[:200])
