"""The connection check: login, shop, orders and their order, products, stock locations, taxes."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from kopru.model import Text
from kopru.sdk import (
    AuthError,
    CheckItem,
    CheckResult,
    ConfigError,
    ConnectorError,
    Ctx,
    RateLimited,
    TransientError,
    Window,
)
from kopru_ikas import queries
from kopru_ikas.catalogue import OLDEST_FIRST, stock_location
from kopru_ikas.client import Client, Json
from kopru_ikas.config import IkasConfig
from kopru_ikas.reading import Reader
from kopru_ikas.texts import TEXTS

T = TypeVar("T")

_LOOK_BACK = timedelta(days=30)
_ROWS = 10


def check_connection(ctx: Ctx[IkasConfig]) -> CheckResult:
    """Try everything that is read. When the login is refused, the rest is not tried."""
    login, client = _try("login", lambda: Client(ctx).logged_in())
    if client is None:
        return CheckResult((login,))
    items = [login, _shop(client), _orders(client)]
    items.append(_try("products", lambda: client.products(page=1, limit=1, sort=OLDEST_FIRST))[0])
    items.append(_try("stock", lambda: stock_location(client))[0])
    taxes, settings = _try("taxes", lambda: client.rows(queries.TAX_SETTINGS, "listGlobalTaxSettings"))
    items.append(taxes if settings is None else _taxes(ctx.config, settings, taxes))
    return CheckResult(tuple(items))


def _shop(client: Client) -> CheckItem:
    item, shop = _try("shop", lambda: client.one(queries.MERCHANT, "getMerchant"))
    if item.ok and shop is None:
        return CheckItem("shop", False, TEXTS["ikas.check.no_shop"], TEXTS["ikas.check.fix_settings"])
    return item


def _orders(client: Client) -> CheckItem:
    """Read some orders with every field that the import asks for, and see in what order they come."""
    ctx = client.ctx
    reader = Reader(ctx, Window(ctx.now() - _LOOK_BACK, ctx.now()), queries.ORDER, client)
    item, ordered = _try("orders", lambda: reader.is_ordered(_ROWS))
    if ordered is False:
        return CheckItem("orders", True, TEXTS["ikas.check.unordered"])
    return item


def _taxes(config: IkasConfig, settings: list[Json], passed: CheckItem) -> CheckItem:
    """Compare how the shop writes prices with what the connection assumes."""
    goods = {row.get("isTaxExcludedOnPrices") is True for row in settings}
    carriage = {row.get("isTaxExcludedOnShippingPrices") is True for row in settings}
    if not settings or goods | carriage == {config.prices_exclude_vat}:
        return passed
    code = "ikas.check.tax_mixed" if len(goods | carriage) > 1 else "ikas.check.tax_differs"
    return CheckItem("taxes", False, TEXTS[code], TEXTS[f"{code}_fix"])


def _try(name: str, read: Callable[[], T]) -> tuple[CheckItem, T | None]:
    try:
        found = read()
    except ConnectorError as error:
        return CheckItem(name, False, error.message, _fix(error)), None
    return CheckItem(name, True, TEXTS[f"ikas.check.{name}"]), found


def _fix(error: ConnectorError) -> Text:
    if isinstance(error, AuthError):
        return TEXTS["ikas.check.fix_login"]
    if isinstance(error, ConfigError):
        return error.message
    if isinstance(error, RateLimited):
        return TEXTS["ikas.check.fix_busy"]
    return TEXTS["ikas.check.fix_network" if isinstance(error, TransientError) else "ikas.check.fix_settings"]
