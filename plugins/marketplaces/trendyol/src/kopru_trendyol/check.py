"""The connection check: credentials, orders, products, claims, and the order date's offset."""

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

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
)
from kopru.toolkit import dates
from kopru_trendyol.client import Client
from kopru_trendyol.config import Environment, TrendyolConfig
from kopru_trendyol.mapping.orders import clock_is_late
from kopru_trendyol.mapping.remote import RemotePackage
from kopru_trendyol.orders import SPAN
from kopru_trendyol.payload import Payload
from kopru_trendyol.texts import TEXTS


def check_connection(ctx: Ctx[TrendyolConfig]) -> CheckResult:
    """Read one order, product and claim. When the key is refused, the rest is not tried."""
    client, now = Client(ctx), ctx.now()
    window: dict[str, str | int] = {
        "startDate": dates.epoch_ms(now - SPAN),
        "endDate": dates.epoch_ms(now),
        "page": 0,
        "size": 1,
    }
    orders, found = _try(ctx, "orders", lambda: client.orders(window))
    if found is None:
        return CheckResult((orders,))
    products, _ = _try(ctx, "products", lambda: client.products({"page": 0, "size": 1}))
    claims, _ = _try(ctx, "claims", lambda: client.claims(window, accept=(404,))[1])
    return CheckResult((orders, products, claims, _clock(ctx, found)))


def _try(
    ctx: Ctx[TrendyolConfig], name: str, read: Callable[[], Payload]
) -> tuple[CheckItem, Payload | None]:
    try:
        return CheckItem(name, True, TEXTS[f"trendyol.check.{name}"]), read()
    except ConnectorError as error:
        return CheckItem(name, False, error.message, _fix(ctx, error)), None


def _fix(ctx: Ctx[TrendyolConfig], error: ConnectorError) -> Text:
    if isinstance(error, AuthError | ConfigError):
        return error.message
    if isinstance(error, RateLimited):
        return TEXTS["trendyol.check.fix_busy"]
    if isinstance(error, TransientError):
        stage = ctx.config.environment is Environment.STAGE
        return TEXTS["trendyol.check.fix_stage" if stage else "trendyol.check.fix_network"]
    return TEXTS["trendyol.check.fix_settings"]


def _clock(ctx: Ctx[TrendyolConfig], orders: Payload) -> CheckItem:
    package = _package(orders.items[0].data) if orders.items else None
    if package is None:
        return CheckItem("order_date", True, TEXTS["trendyol.check.clock_unknown"])
    if clock_is_late(package, ctx.config):
        fix = TEXTS["trendyol.check.clock_fix"]
        return CheckItem("order_date", False, TEXTS["trendyol.check.clock_wrong"], fix)
    return CheckItem("order_date", True, TEXTS["trendyol.check.clock_ok"])


def _package(data: Any) -> RemotePackage | None:
    try:
        return RemotePackage.model_validate(data)
    except ValidationError:
        return None
