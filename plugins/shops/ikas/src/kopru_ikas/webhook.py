"""Incoming calls. ikas signs the text in ``data`` with the app's secret, nothing else of the body."""

import hashlib
import hmac
from typing import Any

from kopru.sdk import AuthError, Ctx, Rejected, WebhookEvent, WebhookRequest
from kopru.toolkit import validation
from kopru_ikas import codes
from kopru_ikas.config import IkasConfig
from kopru_ikas.texts import TEXTS

LARGEST_BODY = 5_000_000


def parse_webhook(ctx: Ctx[IkasConfig], request: WebhookRequest) -> tuple[WebhookEvent, ...]:
    """Verify a call and name the order it speaks of; calls about anything else name nothing."""
    body = _read(request.body)
    data, signature = body.get("data"), body.get("signature")
    if not isinstance(data, str) or not isinstance(signature, str):
        raise AuthError("ikas.webhook.refused", TEXTS["ikas.webhook.refused"])
    secret = ctx.config.client_secret.get_secret_value().encode()
    content = data.encode("utf-8", "surrogatepass")
    expected = hmac.new(secret, content, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(signature.encode("utf-8", "surrogatepass"), expected.encode()):
        raise AuthError("ikas.webhook.refused", TEXTS["ikas.webhook.refused"])
    if body.get("scope") not in codes.ORDER_SCOPES:
        return ()
    identity = _read(content).get("id")
    if not isinstance(identity, str) or not 0 < len(identity) <= 200:
        raise _unreadable("id")
    # Only what is signed may name the call: whoever repeats it cannot make it look new.
    event = hashlib.sha256(content).hexdigest()[:16]
    return (WebhookEvent(f"{identity}:{event}", codes.ORDER, identity),)


def _read(content: bytes) -> dict[str, Any]:
    try:
        body = validation.read_json(content, limit=LARGEST_BODY)
    except Rejected as error:
        raise _unreadable(error.detail) from error
    if not isinstance(body, dict):
        raise _unreadable("no object")
    return body


def _unreadable(detail: str) -> Rejected:
    return Rejected("ikas.webhook.unreadable", TEXTS["ikas.webhook.unreadable"], detail=detail[:200])
