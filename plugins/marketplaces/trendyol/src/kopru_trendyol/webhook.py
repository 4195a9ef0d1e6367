"""Incoming calls. Trendyol signs nothing: a call proves itself by basic authentication or an API key."""

import hashlib
import hmac
from typing import Any

from kopru.sdk import AuthError, Ctx, Rejected, WebhookEvent, WebhookRequest
from kopru.toolkit import auth
from kopru_trendyol import codes, payload
from kopru_trendyol.config import TrendyolConfig
from kopru_trendyol.mapping.orders import package_id
from kopru_trendyol.texts import TEXTS

LARGEST_BODY = 5_000_000


def parse_webhook(ctx: Ctx[TrendyolConfig], request: WebhookRequest) -> tuple[WebhookEvent, ...]:
    """Verify a call and name the packages it speaks of; rows without a package id are skipped."""
    _verify(ctx.config, request)
    if len(request.body) > LARGEST_BODY:
        raise Rejected(
            "trendyol.webhook.unreadable", TEXTS["trendyol.webhook.unreadable"], detail="too large"
        )
    try:
        items = payload.read(request.body).items
    except ValueError as error:
        text = TEXTS["trendyol.webhook.unreadable"]
        raise Rejected("trendyol.webhook.unreadable", text, detail=str(error)[:200]) from error
    events = (_event(item.data, item.raw.content) for item in items if isinstance(item.data, dict))
    return tuple(dict.fromkeys(event for event in events if event is not None))


def _verify(config: TrendyolConfig, request: WebhookRequest) -> None:
    expected = []
    if config.webhook_user and config.webhook_password.get_secret_value():
        header = auth.basic(config.webhook_user, config.webhook_password)["authorization"]
        expected.append(("authorization", header))
    if config.webhook_api_key.get_secret_value():
        expected.append(("x-api-key", config.webhook_api_key.get_secret_value()))
    if not expected:
        raise AuthError("trendyol.webhook.not_configured", TEXTS["trendyol.webhook.not_configured"])
    # Every way is compared, so that the time taken tells nothing.
    matches = [_same(request.headers.get(name, ""), value) for name, value in expected]
    if not any(matches):
        raise AuthError("trendyol.webhook.refused", TEXTS["trendyol.webhook.refused"])


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), expected.encode("utf-8"))


def _event(data: dict[str, Any], content: bytes) -> WebhookEvent | None:
    identity = package_id(data)
    if identity is None:
        return None
    changed, status = data.get("lastModifiedDate"), data.get("shipmentPackageStatus") or data.get("status")
    if isinstance(changed, int) and isinstance(status, str):
        version = f"{changed}:{status[:40]}"
    else:
        version = hashlib.sha256(content).hexdigest()[:16]
    return WebhookEvent(event_id=f"{identity}:{version}", kind=codes.PACKAGE, external_id=identity)
