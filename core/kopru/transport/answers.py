"""What a status or a broken exchange means, as documented in ``kopru.hooks.io.Http``."""

import math
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpcore

from kopru.hooks.errors import (
    AuthError,
    ConfigError,
    Conflict,
    ConnectorError,
    OutcomeUnknown,
    PluginBug,
    RateLimited,
    Rejected,
    TransientError,
)
from kopru.hooks.io import Response
from kopru.transport.texts import TEXTS

_LONGEST_WAIT = 86_400.0


def error_for(response: Response, *, safe: bool, now: datetime, detail: str, scope: str) -> ConnectorError:
    """Return the error a status of 400 or above stands for.

    Args:
        response: the answer.
        safe: whether the request may be repeated.
        now: the engine's clock, for a Retry-After that gives a date.
        detail: redacted words for the developer.
        scope: name of the quota a 429 speaks about.
    """
    status = response.status
    if status == 429:
        wait = retry_after(response.headers.get("retry-after"), now)
        text = TEXTS["http.rate_limited"]
        return RateLimited("http.rate_limited", text, retry_after=wait, scope=scope, detail=detail)
    if status >= 500 or status in (408, 425):
        if safe:
            text = TEXTS.text("http.server_error", status=status)
            return TransientError("http.server_error", text, detail=detail)
        return OutcomeUnknown("http.outcome_unknown", TEXTS["http.outcome_unknown"], detail=detail)
    named: dict[int, tuple[type[ConnectorError], str]] = {
        401: (AuthError, "http.unauthorized"),
        403: (AuthError, "http.forbidden"),
        404: (Rejected, "http.not_found"),
        409: (Conflict, "http.conflict"),
        426: (ConfigError, "http.upgrade_required"),
    }
    if status in named:
        kind, code = named[status]
        return kind(code, TEXTS[code], detail=detail)
    return Rejected("http.rejected", TEXTS.text("http.rejected", status=status), detail=detail)


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds a Retry-After header asks to wait, a day at most; ``None`` without a usable value.

    The header is a number of seconds or an HTTP date (RFC 9110, 10.2.3).
    """
    if not value:
        return None
    text = value.strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except (TypeError, ValueError):
            return None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (aware - now).total_seconds()
    if math.isnan(seconds):
        return None
    return min(max(seconds, 0.0), _LONGEST_WAIT)


def failure(error: Exception, *, sent: bool, safe: bool, local: bool) -> ConnectorError:
    """Return the error a broken exchange stands for.

    Args:
        error: what the connection raised.
        sent: whether bytes of the request may have left.
        safe: whether the request may be repeated.
        local: whether the operator may turn certificate checks off.
    """
    detail = f"{type(error).__name__}: {error}"[:300]
    if isinstance(error, httpcore.LocalProtocolError):
        return PluginBug("http.request_invalid", detail=detail)
    if sent and not safe:
        return OutcomeUnknown("http.outcome_unknown", TEXTS["http.outcome_unknown"], detail=detail)
    if _is_certificate(error):
        if local:
            return ConfigError("http.tls", TEXTS["http.tls_local"], detail=detail)
        return TransientError("http.tls", TEXTS["http.tls"], detail=detail)
    code = _code(error, sent=sent)
    return TransientError(code, TEXTS[code], detail=detail)


def _code(error: Exception, *, sent: bool) -> str:
    if isinstance(error, httpcore.TimeoutException):
        return "http.timeout"
    if isinstance(error, httpcore.ProtocolError) and "disconnected" not in str(error):
        return "http.malformed"
    return "http.connection_lost" if sent else "http.unreachable"


def _is_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
