"""Reading customer returns.

Trendyol lists claims by creation only, so each run goes back further than the engine's window to see what
became of claims that are still open. On some systems a list without a status filter answers 404 "order not
found" although there are claims; then they are asked for status by status.
"""

from datetime import timedelta

from kopru.model import Return
from kopru.sdk import Ctx, CursorExpired, Page, Window
from kopru.toolkit import dates, paging
from kopru_trendyol import codes
from kopru_trendyol.client import CLAIM_PAGE, Client
from kopru_trendyol.config import TrendyolConfig
from kopru_trendyol.errors import ORDER_NOT_FOUND, explain, keys
from kopru_trendyol.mapping.returns import claim_record
from kopru_trendyol.payload import Payload
from kopru_trendyol.texts import TEXTS

STATUSES = ("", *codes.CLAIM_STATUS)
"""What is asked for in turn once the unfiltered list (the first entry) has failed."""


def fetch_returns(ctx: Ctx[TrendyolConfig], cursor: str | None, window: Window, limit: int) -> Page[Return]:
    """Return one page of the claims made in the window or in the look-back before it."""
    step, page, size = _place(cursor, limit)
    payload = _ask(ctx, window, STATUSES[step], page, size)
    following = _after(payload, step, page, size)
    return Page(
        records=tuple(
            claim_record(item.data, item.raw, n) for n, item in enumerate(payload.items if payload else ())
        ),
        next_cursor=paging.encode_cursor(following) if following else None,
        total=payload.count("totalElements") if payload and not step else None,
    )


def _place(cursor: str | None, limit: int) -> tuple[int, int, int]:
    if cursor is None:
        return 0, 0, max(1, min(limit, CLAIM_PAGE))
    fields = paging.decode_cursor(cursor)
    try:
        step, page, size = (int(fields[name] or 0) for name in ("step", "page", "size"))
    except (KeyError, TypeError, ValueError) as error:
        raise CursorExpired("trendyol.stream.expired", TEXTS["trendyol.stream.expired"]) from error
    if not (0 <= step < len(STATUSES) and 1 <= size <= CLAIM_PAGE):
        raise CursorExpired("trendyol.stream.expired", TEXTS["trendyol.stream.expired"])
    return step, page, size


def _ask(ctx: Ctx[TrendyolConfig], window: Window, status: str, page: int, size: int) -> Payload | None:
    since = window.since - timedelta(days=ctx.config.claim_lookback_days)
    params: dict[str, str | int] = {
        "startDate": dates.epoch_ms(since),
        "endDate": dates.epoch_ms(window.until) + 1,
        "page": page,
        "size": size,
    }
    if status:
        params["claimItemStatus"] = status
    response, payload = Client(ctx).claims(params, accept=(404,))
    if response.status != 404:
        return payload
    if ORDER_NOT_FOUND in keys(response):
        return None
    refusal = explain(response)
    assert refusal is not None, "404 is always explained"
    raise refusal


def _after(payload: Payload | None, step: int, page: int, size: int) -> dict[str, str | int | None] | None:
    """Return the next place: a further page, else a further status while going through them."""
    if payload is not None:
        following = paging.next_page(
            page, received=len(payload.items), size=size, pages=_pages(payload, size)
        )
        if following is not None:
            return {"step": step, "page": int(following), "size": size}
        if step == 0:
            return None
    return {"step": step + 1, "page": 0, "size": size} if step + 1 < len(STATUSES) else None


def _pages(payload: Payload, size: int) -> int | None:
    pages, total = payload.count("totalPages"), payload.count("totalElements")
    return pages if total is None else max(pages or 0, -(-total // size))
