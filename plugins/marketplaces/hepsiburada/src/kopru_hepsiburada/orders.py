"""Reading orders: which have changed, and each of them whole.

No list of Hepsiburada is a snapshot. A line is in the list of open lines until it is packed, then its package
is in the package list, later in one of the lists by status. These are read in the direction in which goods
move, so that what moves on meanwhile is met again; what moves back is met by the next run, because open lines
tell the time of their change. The rows only name orders: every order named is read by its number, with all
lines wherever they are, and is one record under that number.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

from kopru.model import ExternalRef, Order
from kopru.sdk import Ctx, Page, Raw, Record, RefKind, Rejected, RemoteRef, Unsupported, Window
from kopru.toolkit import paging
from kopru.toolkit.records import Item
from kopru_hepsiburada import codes
from kopru_hepsiburada.client import LINE_PAGE, PACKAGE_PAGE, PACKAGE_SPAN, STATUS_PAGE, Client, Listing
from kopru_hepsiburada.config import HepsiburadaConfig
from kopru_hepsiburada.mapping.common import error
from kopru_hepsiburada.mapping.orders import order_record, orders_in
from kopru_hepsiburada.mapping.rows import Row, is_order_number, row_of
from kopru_hepsiburada.shifting import Fetch, Spot, Turn, turn
from kopru_hepsiburada.texts import TEXTS

OVERLAP = timedelta(minutes=10)
"""How much of a window the run before has read already."""

OPEN = "open"
PACKAGES = "packages"
CANCELLED = "cancelled"
ON_THE_WAY = ("shipped", "delivered", "undelivered")
FEEDS = (OPEN, PACKAGES, *ON_THE_WAY, CANCELLED)
"""All lists, in the direction in which goods move."""

LARGEST_PAGE = LINE_PAGE
_CAPS = {OPEN: LINE_PAGE, PACKAGES: PACKAGE_PAGE}

Wanted = Callable[[str, Row], bool]


def fetch_orders(ctx: Ctx[HepsiburadaConfig], cursor: str | None, window: Window, limit: int) -> Page[Order]:
    """Return one page of orders that changed inside the window; some may have changed a little earlier."""
    ticks = _has_tick(window, timedelta(minutes=ctx.config.status_every_minutes))
    feeds = FEEDS if ticks else (OPEN, PACKAGES, CANCELLED)
    found, following = _read(ctx, cursor, window, limit, feeds, partial(_is_changed, ctx, window))
    client = Client(ctx)
    numbers = dict.fromkeys(number for row in found for number in row.orders)
    return Page(
        records=tuple(_listed_order(client, number) for number in numbers),
        next_cursor=following.cursor if following else None,
    )


def fetch_refs(
    ctx: Ctx[HepsiburadaConfig], kind: RefKind, cursor: str | None, window: Window, limit: int
) -> Page[RemoteRef]:
    """List the orders of the window by the rows of all lists, without reading any of them.

    Raises:
        Unsupported: another kind than orders.
    """
    if kind is not RefKind.ORDER:
        raise Unsupported("hepsiburada.unsupported", TEXTS["hepsiburada.unsupported"])
    wanted = partial(_is_inside, window)
    found, following = _read(ctx, cursor, window, limit, FEEDS, wanted)
    refs = {number: row for row in found for number in row.orders}
    return Page(
        records=tuple(_ref(number, row.changed_at) for number, row in refs.items()),
        next_cursor=following.cursor if following else None,
    )


def fetch_order(ctx: Ctx[HepsiburadaConfig], ref: ExternalRef) -> Record[Order]:
    """Return one order as Hepsiburada holds it now.

    Raises:
        Rejected: ``hepsiburada.order.not_found``.
    """
    raw = find(Client(ctx), ref)
    record = None if raw is None else _mapped(raw, ref.id, ctx.config)
    if record is None:
        raise not_found(ref.id)
    return record


def parse_orders(config: HepsiburadaConfig, raw: Raw) -> tuple[Record[Order], ...]:
    """Map a stored payload: an order, a page of lines, or a list of either."""
    try:
        found = orders_in(raw.content)
    except Rejected as refusal:
        code = "hepsiburada.payload.unreadable"
        raise Rejected(code, TEXTS[code], detail=refusal.detail) from refusal
    return tuple(order_record(parts, raw, config) for parts in found)


def find(client: Client, ref: ExternalRef) -> Raw | None:
    """Return an order as it was written, or ``None``; what cannot be an order number costs no call.

    Raises:
        Rejected: the reference is not that of an order.
    """
    if ref.kind != codes.ORDER:
        text = TEXTS.text("hepsiburada.order.wrong_kind", kind=ref.kind)
        raise Rejected("hepsiburada.order.wrong_kind", text, field="order")
    return client.order(ref.id) if is_order_number(ref.id) else None


def not_found(number: str) -> Rejected:
    """Return the error of an order that Hepsiburada does not know."""
    text = TEXTS.text("hepsiburada.order.not_found", order=number[:100])
    return Rejected("hepsiburada.order.not_found", text)


def _listed_order(client: Client, number: str) -> Record[Order]:
    """Return an order that a list names; one that cannot be had is a finding and holds nobody up."""
    raw = client.order(number)
    if raw is None:
        finding = error("hepsiburada.order.gone", "orderNumber", order=number)
        return Record(number, Raw(b"null"), None, (finding,))
    try:
        record = _mapped(raw, number, client.config)
    except Rejected as refusal:
        finding = error("hepsiburada.order.unreadable", "")
        return Record(number, raw, None, (finding.model_copy(update={"detail": refusal.detail}),))
    return record or Record(number, raw, None, (error("hepsiburada.order.other", "items", order=number),))


def _mapped(raw: Raw, number: str, config: HepsiburadaConfig) -> Record[Order] | None:
    """Return the order of a number from an answer; ``None`` when the answer is about none."""
    mine = (parts for parts in orders_in(raw.content) if parts.number == number)
    return next((order_record(parts, raw, config) for parts in mine), None)


def _ref(number: str, at: datetime | None) -> Record[RemoteRef]:
    ref = RemoteRef(kind=RefKind.ORDER, external_id=number, number=number, at=at, record_kind=codes.ORDER)
    return Record(number, Raw(b"null"), ref)


def _read(
    ctx: Ctx[HepsiburadaConfig],
    cursor: str | None,
    window: Window,
    limit: int,
    feeds: tuple[str, ...],
    wanted: Wanted,
) -> tuple[list[Row], Spot | None]:
    """Return the wanted rows of one page of the lists, and where to read on."""
    size = max(1, min(limit, LARGEST_PAGE))
    spot = Spot.of(cursor, largest=LARGEST_PAGE, feeds=FEEDS) if cursor else Spot(size, feeds[0])
    found = _page(Client(ctx), spot, window)
    rows = [row for row in _rows(found.items, ctx.config) if wanted(spot.feed, row)]
    before = row_of(found.before.data, ctx.config) if found.before else None
    if before is not None and wanted(spot.feed, before):
        # The lines of an order follow one another; those behind the border are known from the page before.
        rows = [row for row in rows if row.orders != before.orders]
    return rows, found.following or _next_list(spot, window, feeds)


def _page(client: Client, spot: Spot, window: Window) -> Turn:
    """Read one page, with fewer rows when some of them name more than one order."""
    fetch, cap, most = _fetch(client, spot, window), _CAPS.get(spot.feed, STATUS_PAGE), spot.size
    while True:
        found = turn(spot, fetch, cap=cap, most=most)
        orders = {number for row in _rows(found.items, client.config) for number in row.orders}
        if len(orders) <= spot.size or len(found.items) <= 1:
            return found
        most = max(1, len(found.items) // 2)


def _rows(items: Iterable[Item], config: HepsiburadaConfig) -> list[Row]:
    return [row_of(item.data, config) for item in items]


def _fetch(client: Client, spot: Spot, window: Window) -> Fetch:
    if spot.feed == OPEN:
        since = window.since - timedelta(days=client.config.open_lookback_days)
        return partial(client.open_lines, since, window.until)
    if spot.feed == PACKAGES:
        part = _parts(window)[spot.part]
        return partial(client.packages, part.since, part.until)
    return partial(_status_rows, client, spot.feed)


def _status_rows(client: Client, status: str, offset: int, limit: int) -> Listing:
    return client.with_status(status, offset, limit)


def _next_list(spot: Spot, window: Window, feeds: tuple[str, ...]) -> Spot | None:
    if spot.feed == PACKAGES and spot.part + 1 < len(_parts(window)):
        return Spot(spot.size, PACKAGES, spot.part + 1)
    later = FEEDS[FEEDS.index(spot.feed) + 1 :]
    following = next((feed for feed in later if feed in feeds), None)
    return Spot(spot.size, following) if following else None


def _parts(window: Window) -> tuple[Window, ...]:
    """Return the window in parts the package list answers, which knows minutes only."""
    since = window.since.replace(second=0, microsecond=0)
    until = window.until.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return paging.split_window(Window(since, until), PACKAGE_SPAN)


def _is_changed(ctx: Ctx[HepsiburadaConfig], window: Window, feed: str, row: Row) -> bool:
    """Whether a row is new to this window; one without a time always is."""
    if feed == PACKAGES or row.at is None:
        return True
    if feed == OPEN:
        return row.changed_at is None or row.changed_at >= window.since
    return row.at >= window.since - timedelta(hours=ctx.config.status_lookback_hours)


def _is_inside(window: Window, feed: str, row: Row) -> bool:
    return row.changed_at is None or window.since <= row.changed_at <= window.until


def _has_tick(window: Window, every: timedelta) -> bool:
    """Whether a whole multiple of a span lies in what this window adds to the one before."""
    since = min(window.since + OVERLAP, window.until)
    if since == window.until:
        since = window.since
    return window.until.timestamp() // every.total_seconds() > since.timestamp() // every.total_seconds()
