"""Plugins that lie about what they read. What the lie is stands in the first line of each class."""

from dataclasses import replace
from typing import Any

from kopru.hooks.errors import ConnectorError, RateLimited, TransientError
from kopru.hooks.manifest import Manifest
from kopru.hooks.markers import hookimpl
from kopru.hooks.types import (
    CheckResult,
    Page,
    Window,
)
from kopru.model import (
    Order,
)
from kopru.testing.broken.common import (
    STREAM,
    Context,
    check,
    get,
    listing,
    record_of,
    send,
)
from kopru.testing.broken.shop import SHOP, shop
from kopru.toolkit import dates

READER = replace(SHOP, name="liar", streams={"fetch_orders": STREAM}, writes={}, quotas=())


class Checks:
    """Reuses the honest connection check."""

    @hookimpl
    def check_connection(self, ctx: Context) -> CheckResult:
        """Try the account."""
        return check(ctx)


class Reader(Checks):
    """Reads orders, and nothing else."""

    manifest: Manifest = READER

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        return shop.fetch_orders(ctx, cursor, window, limit)


class RepeatsCursor(Reader):
    """Gives the cursor of the second page again and again."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        page = shop.fetch_orders(ctx, cursor, window, limit)
        return replace(page, next_cursor=cursor or page.next_cursor) if page.next_cursor else page


class LosesAtTheBorder(Reader):
    """Skips the record after each full page."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        page = shop.fetch_orders(ctx, cursor, window, limit + 1)
        return replace(page, records=page.records[:limit]) if page.next_cursor else page


class ForgetsEqualTimes(Reader):
    """Goes on after the time of the last record, not after the record."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        after = f"{cursor.partition(':')[0]}:~" if cursor else None
        return shop.fetch_orders(ctx, after, window, limit)


class SkipsTheLowerBound(Reader):
    """Leaves out what changed exactly at the window's beginning."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        since = dates.from_epoch_ms(dates.epoch_ms(window.since) + 1)
        return shop.fetch_orders(ctx, cursor, Window(since, window.until), limit)


class CountsPagesOnce(Reader):
    """Reads as many pages as there were at first, newest first, so that new records push out the last."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        page, _, pages = (cursor or "0:").partition(":")
        answer = get(ctx, "/orders", page=page, size=limit)
        total, found = answer.get("total"), answer.get("records")
        if not isinstance(total, int) or not isinstance(found, list):
            raise TransientError("liar.answer")
        last = int(pages or -(-total // limit))
        records = tuple(record_of(each, shop.order) for each in found)
        following = int(page) + 1
        return Page(records, f"{following}:{last}" if following < last else None)


class CountsFromTheOldest(Reader):
    """Reads by page number a list in which a changed record moves to the end and leaves a gap."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        page = int(cursor or 0)
        found = listing(ctx, "orders", page=page, size=limit, oldest=1)
        records = tuple(record_of(each, shop.order) for each in found)
        return Page(records, str(page + 1) if len(found) == limit else None)


class IgnoresTheLimit(Reader):
    """Gives fifty records whatever was asked for."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        return shop.fetch_orders(ctx, cursor, window, 50)


class SwallowsErrors(Reader):
    """Takes every trouble for an empty page."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        try:
            return shop.fetch_orders(ctx, cursor, window, limit)
        except ConnectorError:
            return Page(())


class ReturnsNone(Reader):
    """Returns nothing where there is nothing."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        page = shop.fetch_orders(ctx, cursor, window, limit)
        return page if page.records else None  # type: ignore[return-value]


class TrustsTypes(Reader):
    """Reads fields without looking at their types, so that one bad record fails the page."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        page = shop.fetch_orders(ctx, cursor, window, limit)
        for each in listing(ctx, "orders", size=limit):
            each["number"].upper()
        return page


class MistakesLimits(Reader):
    """Takes 429 for trouble that passes by itself and forgets how long to wait."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        try:
            return shop.fetch_orders(ctx, cursor, window, limit)
        except RateLimited as error:
            raise TransientError("liar.later", detail=str(error)) from error


class KeepsState(Reader):
    """Keeps what it has read on the plugin object and gives it to the next connection."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.pages: dict[tuple[str | None, int], Page[Order]] = {}

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        if (cursor, limit) not in self.pages:
            self.pages[cursor, limit] = shop.fetch_orders(ctx, cursor, window, limit)
        return self.pages[cursor, limit]


class QueriesUnsafely(Reader):
    """Reads by POST without saying that this is harmless."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        if ctx.dry_run:
            send(ctx, "POST", "/batches", [])
        return shop.fetch_orders(ctx, cursor, window, limit)


class CountsDiscountsTwice(Reader):
    """Takes the discounts off the line's price and states them as discounts as well."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        return _changed(shop.fetch_orders(ctx, cursor, window, limit), _discounted_twice)


class UsesFloats(Reader):
    """Computes the total with binary floating point."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        return _changed(
            shop.fetch_orders(ctx, cursor, window, limit),
            lambda order: order.model_copy(update={"total": float(order.total) * 1.1 / 1.1}),
        )


def _changed(page: Page[Order], change: Any) -> Page[Order]:
    records = (replace(each, value=change(each.value)) if each.value else each for each in page.records)
    return replace(page, records=tuple(records))


def _discounted_twice(order: Order) -> Order:
    lines = (line.model_copy(update={"amount": line.payable}) for line in order.lines)
    return order.model_copy(update={"lines": tuple(lines)})
