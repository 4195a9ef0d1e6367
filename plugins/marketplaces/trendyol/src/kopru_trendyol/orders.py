"""Reading orders: the stream, the list with its ten thousand row cap, one package, and the second listing.

Both ways cut the engine's window into parts of at most 14 days. The place in it travels in the cursor.

The stream runs from the newest change to the oldest inside a fixed window. The list is read newest first and
with its end in the future, so that a package which changes meanwhile moves to the front: what shifts then is
only what was read already. In parts that end in the past a changed package leaves; the falling total tells
that, and the pages it pulled back are read again.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import ValidationError

from kopru.model import ExternalRef, Order
from kopru.sdk import (
    Ctx,
    CursorExpired,
    Page,
    Record,
    RefKind,
    Rejected,
    RemoteRef,
    TransientError,
    Unsupported,
    Window,
)
from kopru.toolkit import dates, paging
from kopru.toolkit.mapping import money
from kopru.toolkit.records import Item
from kopru_trendyol import codes
from kopru_trendyol.client import CAP, ORDER_PAGE, Client
from kopru_trendyol.config import OrderSource, TrendyolConfig
from kopru_trendyol.mapping.orders import order_record, package_id
from kopru_trendyol.mapping.remote import RemoteRow
from kopru_trendyol.payload import Payload
from kopru_trendyol.texts import TEXTS

T = TypeVar("T")

SPAN = timedelta(days=14)
LIST_REACH = timedelta(days=30)
STREAM = "stream"
LIST = "list"
AWAITING = "awaiting"

_SPAN_MS = int(SPAN.total_seconds() * 1000)
_NEWEST_FIRST = {"orderByField": "PackageLastModifiedDate", "orderByDirection": "DESC"}


@dataclass(frozen=True, slots=True)
class Place:
    """A position: the way read, the part of the window in epoch milliseconds, and the place in the part.

    ``total`` is what the list counted at the page before; ``token`` is the stream's own cursor.
    """

    way: str
    since: int
    until: int
    size: int
    page: int = 0
    total: int = 0
    token: str = ""

    @property
    def cursor(self) -> str:
        """Return the place as a cursor."""
        return paging.encode_cursor({name: getattr(self, name) for name in self.__slots__})

    @classmethod
    def of(cls, cursor: str) -> "Place":
        """Return the place a cursor means.

        Raises:
            CursorExpired: the cursor was not made here.
        """
        fields = paging.decode_cursor(cursor)
        numbers = ("since", "until", "size", "page", "total")
        try:
            place = cls(
                way=str(fields["way"]),
                token=str(fields["token"]),
                **{name: int(fields[name] or 0) for name in numbers},
            )
        except (KeyError, TypeError, ValueError) as error:
            raise _lost(cursor) from error
        if place.way not in (STREAM, LIST, AWAITING) or not 1 <= place.size <= ORDER_PAGE:
            raise _lost(cursor)
        return place


def fetch_orders(ctx: Ctx[TrendyolConfig], cursor: str | None, window: Window, limit: int) -> Page[Order]:
    """Return one page of packages changed inside the window."""
    ways = (_way(ctx, window, ctx.config.order_source), *([AWAITING] if ctx.config.read_awaiting else []))
    return _read(
        ctx, cursor, window, limit, ways, lambda item, n: order_record(item.data, item.raw, n, ctx.config)
    )


def fetch_refs(
    ctx: Ctx[TrendyolConfig], kind: RefKind, cursor: str | None, window: Window, limit: int
) -> Page[RemoteRef]:
    """List the packages of a window by the endpoint that ``fetch_orders`` does not use."""
    if kind is not RefKind.ORDER:
        raise Unsupported("trendyol.unsupported", TEXTS["trendyol.unsupported"])
    streamed = ctx.config.order_source is OrderSource.STREAM
    way = _way(ctx, window, OrderSource.LIST if streamed else OrderSource.STREAM)
    page = _read(ctx, cursor, window, limit, (way,), lambda item, _: _ref_record(item, window))
    return replace(page, records=tuple(record for record in page.records if record.value), total=None)


def fetch_order(ctx: Ctx[TrendyolConfig], ref: ExternalRef) -> Record[Order]:
    """Return one package as Trendyol holds it now.

    Raises:
        Rejected: ``trendyol.order.not_found``.
    """
    item = find_package(Client(ctx), ref)
    if item is None:
        text = TEXTS.text("trendyol.order.not_found", package=ref.id)
        raise Rejected("trendyol.order.not_found", text)
    return order_record(item.data, item.raw, 0, ctx.config)


def find_package(client: Client, ref: ExternalRef) -> Item | None:
    """Return a package of the last month by its id, or ``None``.

    A query without dates covers the last week, which is where most packages are; older ones are looked for
    in steps of the longest window. Of several answers the newest counts.

    Raises:
        Rejected: the reference is not that of a package.
    """
    require_package(ref)
    end = dates.epoch_ms(client.ctx.now()) + _margin(client.ctx)
    windows = ({"startDate": end - n * _SPAN_MS, "endDate": end - (n - 1) * _SPAN_MS} for n in (1, 2, 3))
    for window in ({}, *windows):
        answer = client.orders({"shipmentPackageIds": ref.id, "page": 0, "size": 50, **window})
        found = [item for item in answer.items if _is_package(item.data, ref.id)]
        if found:
            return max(found, key=lambda item: _changed(item.data))
    return None


def require_package(ref: ExternalRef) -> None:
    """Raise ``Rejected`` unless a reference is that of a package."""
    if ref.kind != codes.PACKAGE or not (ref.id.isascii() and ref.id.isdigit()):
        text = TEXTS.text("trendyol.status.wrong_kind", kind=ref.kind)
        raise Rejected("trendyol.status.wrong_kind", text, field="order")


def _read(
    ctx: Ctx[TrendyolConfig],
    cursor: str | None,
    window: Window,
    limit: int,
    ways: tuple[str, ...],
    convert: Callable[[Item, int], Record[T]],
) -> Page[T]:
    place = Place.of(cursor) if cursor else _start(ctx, ways[0], window, limit)
    if place.way not in ways:
        raise _lost(cursor or "")
    client = Client(ctx)
    payload, place, following = (_stream_page if place.way == STREAM else _list_page)(client, place)
    if following is None:
        following = _next_part(ctx, place, window, ways)
    whole = place.way == LIST and len(ways) == 1 and place.since == _bounds(ctx, LIST, window)[0]
    return Page(
        records=tuple(convert(item, n) for n, item in enumerate(payload.items)),
        next_cursor=following.cursor if following else None,
        total=payload.count("totalElements") if whole and following is None else None,
    )


def _stream_page(client: Client, place: Place) -> tuple[Payload, Place, Place | None]:
    payload = client.stream(place.since, place.until, place.size, place.token)
    if payload.fields.get("hasMore") is not True:
        return payload, place, None
    token = payload.fields.get("nextCursor")
    if not isinstance(token, str) or not token or token == place.token:
        detail = "more to come, but no new cursor"
        raise TransientError("trendyol.answer.malformed", TEXTS["trendyol.answer.malformed"], detail=detail)
    return payload, place, replace(place, token=token)


def _list_page(client: Client, place: Place) -> tuple[Payload, Place, Place | None]:
    """Return a page, the place that was really read, and the place after it in the same part.

    A part with more rows than the cap is cut down first, from its beginning in time.
    """
    payload = _list(client, place)
    total = payload.count("totalElements")
    while total is not None and total > CAP:
        place = _narrowed(place, total)
        payload = _list(client, place)
        total = payload.count("totalElements")
    if total is None:
        full = len(payload.items) >= place.size
        return payload, place, replace(place, page=place.page + 1) if full else None
    gone = max(place.total - total, 0) if place.page else 0
    if not gone and (place.page + 1) * place.size >= total:
        return payload, place, None
    # Rows that left the part before this page have pulled others back onto pages already read.
    page = max(place.page - -(-gone // place.size), 0) if gone else place.page + 1
    return payload, place, replace(place, page=page, total=total)


def _list(client: Client, place: Place) -> Payload:
    params: dict[str, str | int] = {
        "startDate": place.since,
        "endDate": place.until,
        "page": place.page,
        "size": place.size,
        **_NEWEST_FIRST,
    }
    if place.way == AWAITING:
        params["status"] = "Awaiting"
    return client.orders(params)


def _narrowed(place: Place, total: int) -> Place:
    window = Window(dates.from_epoch_ms(place.since), dates.from_epoch_ms(place.until))
    part = paging.narrow(window, total=total, cap=CAP)
    return replace(place, until=dates.epoch_ms(part.until), page=0, total=0)


def _way(ctx: Ctx[TrendyolConfig], window: Window, wanted: OrderSource) -> str:
    """Return the way to read a window; the list forgets after a month, the stream after three."""
    too_old = window.since < ctx.now() - LIST_REACH
    return STREAM if too_old or wanted is OrderSource.STREAM else LIST


def _start(ctx: Ctx[TrendyolConfig], way: str, window: Window, limit: int) -> Place:
    since, until = _bounds(ctx, way, window)
    return Place(way, since, min(until, since + _SPAN_MS), max(1, min(limit, ORDER_PAGE)))


def _next_part(ctx: Ctx[TrendyolConfig], place: Place, window: Window, ways: tuple[str, ...]) -> Place | None:
    _, end = _bounds(ctx, place.way, window)
    if place.until < end:
        until = min(end, place.until + _SPAN_MS)
        return replace(place, since=place.until, until=until, page=0, total=0, token="")
    later = ways[ways.index(place.way) + 1 :]
    return _start(ctx, later[0], window, place.size) if later else None


def _bounds(ctx: Ctx[TrendyolConfig], way: str, window: Window) -> tuple[int, int]:
    """Return a window in milliseconds, rounded outwards; the list's end gets the setting's margin."""
    until = dates.epoch_ms(window.until) + 1
    return dates.epoch_ms(window.since), until if way == STREAM else until + _margin(ctx)


def _margin(ctx: Ctx[TrendyolConfig]) -> int:
    return ctx.config.query_margin_hours * 3_600_000


def _ref_record(item: Item, window: Window) -> Record[RemoteRef]:
    row = _row(item.data)
    if row is None or not _inside(row.modified_at, window):
        return Record("", item.raw)
    ref = RemoteRef(
        kind=RefKind.ORDER,
        external_id=row.id,
        number=row.order_number,
        total=None if row.total is None else money(row.total),
        currency=row.currency,
        at=row.modified_at,
        cancelled=row.status in codes.CLOSED,
        record_kind=codes.PACKAGE,
    )
    return Record(row.id, item.raw, ref)


def _row(data: Any) -> RemoteRow | None:
    if not isinstance(data, dict):
        return None
    identity = package_id(data)
    if identity is None:
        return None
    try:
        return RemoteRow.model_validate(data)
    except ValidationError:
        return RemoteRow.model_validate({"shipmentPackageId": identity})


def _inside(moment: datetime | None, window: Window) -> bool:
    return moment is None or window.since <= moment <= window.until


def _is_package(data: Any, identity: str) -> bool:
    return isinstance(data, dict) and package_id(data) == identity


def _changed(data: Any) -> int:
    value = data.get("lastModifiedDate")
    return value if isinstance(value, int) else 0


def _lost(cursor: str) -> CursorExpired:
    return CursorExpired("trendyol.stream.expired", TEXTS["trendyol.stream.expired"], detail=cursor[:200])
