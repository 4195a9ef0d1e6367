"""Trendyol's error bodies.

Most services answer ``{"exception", "errors": [{"key", "message", "errorCode"}]}``, some order services
``{"error", "message"}``; gateways answer nothing or HTML. Whatever the body is, the status stays decisive.
"""

from collections.abc import Iterator
from typing import Any

from kopru.model import Finding
from kopru.sdk import AuthError, ConfigError, Conflict, ConnectorError, CursorExpired, Rejected, Response
from kopru_trendyol.texts import TEXTS

ORDER_NOT_FOUND = "order.not.found"

_BY_STATUS: dict[int, tuple[type[ConnectorError], str]] = {
    401: (AuthError, "trendyol.auth.key"),
    403: (AuthError, "trendyol.auth.forbidden"),
    404: (Rejected, "trendyol.not_found"),
    409: (Conflict, "trendyol.conflict"),
    426: (ConfigError, "trendyol.endpoint_closed"),
}
_REPEATED = "15 dakika boyunca aynı isteği"
_LONGEST_BODY = 100_000
_LONGEST_REASON = 300


def explain(response: Response) -> ConnectorError | None:
    """Return what a refusal means; ``None`` for limits and faults of the server, which the status tells."""
    status = response.status
    if status in (408, 425, 429) or status >= 500:
        return None
    words = reason(response)
    if _REPEATED in words:
        return Conflict("trendyol.batch.repeated", TEXTS["trendyol.batch.repeated"], detail=words)
    if status in _BY_STATUS:
        kind, code = _BY_STATUS[status]
        return kind(code, TEXTS.text(code, reason=words or status), detail=words)
    text = TEXTS.text("trendyol.rejected", reason=words or status)
    return Rejected("trendyol.rejected", text, findings=_findings(response), detail=words)


def explain_stream(response: Response) -> ConnectorError | None:
    """Return what a refusal means when a stream was continued: 400 says that the place is lost."""
    if response.status == 400:
        words = reason(response)
        return CursorExpired("trendyol.stream.expired", TEXTS["trendyol.stream.expired"], detail=words)
    return explain(response)


def keys(response: Response) -> frozenset[str]:
    """Return the message keys of an error body."""
    return frozenset(key for key, _ in _remarks(response) if key)


def reason(response: Response) -> str:
    """Return the body's own words in one line, or nothing."""
    words = (message or key for key, message in _remarks(response))
    return "; ".join(word for word in words if word)[:_LONGEST_REASON]


def _findings(response: Response) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            code="trendyol.rejected",
            message=TEXTS.text("trendyol.rejected", reason=message or key),
            detail=f"{key}: {message}"[:_LONGEST_REASON],
        )
        for key, message in list(_remarks(response))[:20]
        if key or message
    )


def _remarks(response: Response) -> Iterator[tuple[str, str]]:
    data = _object(response)
    errors = data.get("errors")
    for entry in errors if isinstance(errors, list) else ():
        if isinstance(entry, dict):
            yield _word(entry.get("key") or entry.get("errorCode")), _word(entry.get("message"))
    if not errors and (data.get("message") or data.get("error")):
        yield _word(data.get("error")), _word(data.get("message"))


def _object(response: Response) -> dict[str, Any]:
    if len(response.content) > _LONGEST_BODY:
        return {}
    try:
        data = response.json()
    except (ValueError, ArithmeticError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _word(value: object) -> str:
    return " ".join(str(value).split())[:_LONGEST_REASON] if isinstance(value, str | int) else ""
