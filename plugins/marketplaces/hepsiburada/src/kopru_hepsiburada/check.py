"""The connection check: both servers, what is read there, and under which user name they let us in."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

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
from kopru_hepsiburada.client import Client
from kopru_hepsiburada.config import HepsiburadaConfig
from kopru_hepsiburada.texts import TEXTS

_LOOK_BACK = timedelta(days=1)


def check_connection(ctx: Ctx[HepsiburadaConfig]) -> CheckResult:
    """Read a row of each list. When the key is refused under every user name, the rest is not tried."""
    client = Client(ctx)
    since, until = ctx.now() - _LOOK_BACK, ctx.now()
    orders, refusal = _try("orders", lambda: client.open_lines(since, until, 0, 1))
    if isinstance(refusal, AuthError):
        return CheckResult((_other_name(client, orders),))
    if refusal is not None:
        return CheckResult((orders,))
    reads: dict[str, Callable[[], Any]] = {
        "packages": lambda: client.packages(since, until, 0, 1),
        "cancelled": lambda: client.with_status("cancelled", 0, 1),
        "claims": lambda: client.claims(since, until, 0, 1),
        "listings": lambda: client.listings(0, 1),
    }
    return CheckResult((orders, *(_try(name, read)[0] for name, read in reads.items())))


def _other_name(client: Client, refused: CheckItem) -> CheckItem:
    """Try the other names that are in use as user name; the documents and practice differ about it."""
    config = client.config
    for name in dict.fromkeys((config.merchant_id, config.user_agent)):
        if name == config.username or ":" in name:
            continue
        other, now = replace(client, username=name), client.ctx.now()
        item, _ = _try("orders", partial(other.open_lines, now - _LOOK_BACK, now, 0, 1))
        if item.ok:
            fix = TEXTS.text("hepsiburada.check.username", name=name)
            return CheckItem("orders", False, refused.message, fix)
    return refused


def _try(name: str, read: Callable[[], Any]) -> tuple[CheckItem, ConnectorError | None]:
    try:
        read()
    except ConnectorError as error:
        return CheckItem(name, False, error.message, _fix(error)), error
    return CheckItem(name, True, TEXTS[f"hepsiburada.check.{name}"]), None


def _fix(error: ConnectorError) -> Text:
    if isinstance(error, AuthError):
        return TEXTS["hepsiburada.check.fix_login"]
    if isinstance(error, ConfigError):
        return error.message
    if isinstance(error, RateLimited):
        return TEXTS["hepsiburada.check.fix_busy"]
    network = isinstance(error, TransientError)
    return TEXTS["hepsiburada.check.fix_network" if network else "hepsiburada.check.fix_settings"]
