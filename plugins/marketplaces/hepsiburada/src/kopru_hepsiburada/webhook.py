"""Incoming calls. Hepsiburada signs nothing: a call proves itself by basic authentication.

It calls an address of its own for each event, below ours. A call that names an order makes it be read again;
those that name a package alone (shipped, delivered) wait for the next reading of the lists.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from typing import Any

from kopru.sdk import AuthError, Ctx, Rejected, WebhookEvent, WebhookRequest
from kopru.toolkit import auth, validation
from kopru_hepsiburada import codes
from kopru_hepsiburada.config import HepsiburadaConfig
from kopru_hepsiburada.mapping.rows import is_order_number, row_of
from kopru_hepsiburada.payload import folded
from kopru_hepsiburada.texts import TEXTS

LARGEST_BODY = 5_000_000
_ORDER_PATH = re.compile(r"^/orders/([^/]+)/", re.IGNORECASE)


def parse_webhook(ctx: Ctx[HepsiburadaConfig], request: WebhookRequest) -> tuple[WebhookEvent, ...]:
    """Verify a call and name the orders it speaks of."""
    _verify(ctx.config, request)
    try:
        data = validation.read_json(request.body, limit=LARGEST_BODY, replace=True)
    except Rejected as refusal:
        code = "hepsiburada.webhook.unreadable"
        raise Rejected(code, TEXTS[code], detail=refusal.detail) from refusal
    content = b"\n".join((request.method.encode(), request.path.encode("utf-8", "replace"), request.body))
    digest = hashlib.sha256(content).hexdigest()[:16]
    orders = dict.fromkeys((*_in_path(request.path), *_in_body(folded(data), ctx.config)))
    return tuple(WebhookEvent(f"{number}:{digest}", codes.ORDER, number) for number in orders)


def _verify(config: HepsiburadaConfig, request: WebhookRequest) -> None:
    if not (config.webhook_user and config.webhook_password.get_secret_value()):
        code = "hepsiburada.webhook.not_configured"
        raise AuthError(code, TEXTS[code])
    expected = auth.basic(config.webhook_user, config.webhook_password)["authorization"]
    given = request.headers.get("authorization", "")
    if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), expected.encode()):
        raise AuthError("hepsiburada.webhook.refused", TEXTS["hepsiburada.webhook.refused"])


def _in_path(path: str) -> Iterator[str]:
    found = _ORDER_PATH.match(path)
    if found and is_order_number(found[1]):
        yield found[1]


def _in_body(data: Any, config: HepsiburadaConfig) -> Iterator[str]:
    """Yield the orders a body names: itself, its lines, or the claims a package was made for."""
    for each in data if isinstance(data, list) else [data]:
        yield from row_of(each, config).orders
        claims = each.get("claims") if isinstance(each, Mapping) else None
        for claim in claims if isinstance(claims, list) else ():
            yield from row_of(claim, config).orders
