"""Hepsiburada's error bodies, which differ from server to server: JSON, plain text, or nothing at all.

Whatever the body is, the status stays decisive, except for the few sentences named here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from kopru.sdk import (
    AuthError,
    ConfigError,
    Conflict,
    ConnectorError,
    RateLimited,
    Rejected,
    Response,
    TransientError,
)
from kopru_hepsiburada.texts import TEXTS

_BY_STATUS: dict[int, tuple[type[ConnectorError], str]] = {
    401: (AuthError, "hepsiburada.auth.key"),
    403: (AuthError, "hepsiburada.auth.forbidden"),
    404: (Rejected, "hepsiburada.not_found"),
    409: (Conflict, "hepsiburada.conflict"),
}
_WRONG_DATE = "wrongdateformat"
_ADDRESS_CHANGING = "ongoing change address demand"
_CANCEL_PAUSE = 3600.0
_LONGEST_PAUSE = 3600.0
_LONGEST_BODY = 100_000
_LONGEST_REASON = 300
_WORDS = ("code", "message", "error", "errors", "msg", "title", "detail", "description")


def explain(response: Response) -> ConnectorError | None:
    """Return what a refusal means; ``None`` for faults of the server, which the status tells."""
    status = response.status
    if status == 429:
        return _too_many(response)
    if status in (408, 425) or status >= 500:
        return None
    words = reason(response)
    if _ADDRESS_CHANGING in words.lower():
        code = "hepsiburada.order.address_changing"
        return TransientError(code, TEXTS[code], detail=words)
    if status == 406:
        code = "hepsiburada.cancel.daily_limit"
        return RateLimited(code, TEXTS[code], retry_after=_CANCEL_PAUSE, detail=words)
    if status == 400 and _WRONG_DATE in words.lower():
        return ConfigError("hepsiburada.date_refused", TEXTS["hepsiburada.date_refused"], detail=words)
    kind, code = _BY_STATUS.get(status, (Rejected, "hepsiburada.rejected"))
    return kind(code, TEXTS.text(code, reason=words or status), detail=words)


def explain_invoice(response: Response) -> ConnectorError | None:
    """Return what a refused invoice link means: 403 with words is about the package, not about the login."""
    if response.status == 403 and reason(response):
        code = "hepsiburada.invoice.not_yours"
        return Rejected(code, TEXTS[code], detail=reason(response))
    return explain(response)


def reason(response: Response) -> str:
    """Return the body's own words in one line, or nothing."""
    if len(response.content) > _LONGEST_BODY:
        return ""
    try:
        words: Iterator[str] = _spoken(response.json())
    except (ValueError, ArithmeticError, RecursionError):
        plain = response.text.strip()
        words = iter(() if plain.startswith("<") else (plain,))
    return "; ".join(dict.fromkeys(" ".join(word.split()) for word in words if word.strip()))[
        :_LONGEST_REASON
    ]


def _spoken(data: Any, depth: int = 3) -> Iterator[str]:
    if isinstance(data, str):
        yield data[:_LONGEST_REASON]
    elif isinstance(data, list) and depth:
        for each in data[:20]:
            yield from _spoken(each, depth - 1)
    elif isinstance(data, Mapping) and depth:
        named = {name.lower(): value for name, value in data.items()}
        for word in _WORDS:
            value = named.get(word)
            if isinstance(value, Mapping):
                yield from _spoken(list(value.values()), depth - 1)
            else:
                yield from _spoken(value, depth - 1)


def _too_many(response: Response) -> RateLimited | None:
    """Return the pause the order server asks for in its own header; a standard one is read by the engine."""
    text = response.headers.get("x-ratelimit-reset", "")
    if "retry-after" in response.headers or not (text.isascii() and text.isdigit()):
        return None
    wait = min(float(text[:9]), _LONGEST_PAUSE) or 1.0
    return RateLimited("hepsiburada.rate_limited", TEXTS["hepsiburada.rate_limited"], retry_after=wait)
