"""Reading claims: returns, exchanges and complaints, each about one line of an order."""

from datetime import datetime, timedelta
from functools import partial

from kopru.model import Return
from kopru.sdk import Ctx, Page, Rejected, Window
from kopru_hepsiburada.client import CLAIM_PAGE, Client
from kopru_hepsiburada.config import HepsiburadaConfig
from kopru_hepsiburada.mapping.orders import orders_in
from kopru_hepsiburada.mapping.returns import claim_record, needs_order
from kopru_hepsiburada.mapping.rows import is_order_number
from kopru_hepsiburada.shifting import Spot, turn


def fetch_returns(
    ctx: Ctx[HepsiburadaConfig], cursor: str | None, window: Window, limit: int
) -> Page[Return]:
    """Return one page of the claims whose status changed inside the window."""
    client = Client(ctx)
    size = max(1, min(limit, CLAIM_PAGE))
    spot = Spot.of(cursor, largest=CLAIM_PAGE) if cursor else Spot(size)
    found = turn(spot, partial(client.claims, _since(ctx.config, window), window.until), cap=CLAIM_PAGE)
    lines = _lines_of(client, {number for item in found.items if (number := needs_order(item.data))})
    return Page(
        records=tuple(
            claim_record(item.data, item.raw, n, lines, ctx.config) for n, item in enumerate(found.items)
        ),
        next_cursor=found.following.cursor if found.following else None,
    )


def _since(config: HepsiburadaConfig, window: Window) -> datetime:
    if config.claims_by_status_date:
        return window.since
    return window.since - timedelta(days=config.claim_lookback_days)


def _lines_of(client: Client, numbers: set[str]) -> dict[str, tuple[object, ...]]:
    """Return the lines of orders whose claims name an article instead of a line."""
    found: dict[str, tuple[object, ...]] = {}
    for number in sorted(filter(is_order_number, numbers)):
        raw = client.order(number)
        try:
            parts = orders_in(raw.content) if raw else ()
        except Rejected:
            parts = ()
        found[number] = tuple(line for each in parts if each.number == number for line in each.lines)
    return found
