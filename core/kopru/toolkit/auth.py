"""Login headers and the common OAuth 2.0 token requests (RFC 6749, RFC 6750, RFC 7617)."""

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import SecretStr

from kopru.hooks.errors import AuthError, ConnectorError
from kopru.hooks.io import Response
from kopru.hooks.types import Credentials, Ctx
from kopru.toolkit.texts import TEXTS

Secret = str | SecretStr

_REFUSED = frozenset({"invalid_client", "invalid_grant", "unauthorized_client", "access_denied"})
_LONGEST_LIFE = 10 * 365 * 86_400


def basic(user: str, password: Secret) -> dict[str, str]:
    """Return the header of HTTP basic authentication; user and password are written in UTF-8."""
    pair = f"{user}:{reveal(password)}".encode()
    return {"authorization": f"Basic {base64.b64encode(pair).decode()}"}


def bearer(token: Secret) -> dict[str, str]:
    """Return the header that presents an access token."""
    return {"authorization": f"Bearer {reveal(token)}"}


def of_credentials(credentials: Credentials | None) -> dict[str, str]:
    """Return the bearer header for what ``refresh_credentials`` returned.

    Raises:
        AuthError: there are no credentials yet; the engine then asks for them.
    """
    if credentials is None:
        raise AuthError("auth.token", TEXTS["auth.token"])
    return bearer(credentials.access_token)


def client_credentials(
    ctx: Ctx[Any],
    path: str,
    *,
    client_id: str,
    client_secret: Secret,
    scope: str = "",
    in_header: bool = False,
    fields: Mapping[str, str] | None = None,
) -> Credentials:
    """Log in as an application (RFC 6749, 4.4).

    Args:
        ctx: the hook's context.
        path: the token address.
        client_id: public name of the application.
        client_secret: its secret.
        scope: rights asked for, separated by blanks.
        in_header: send id and secret as basic authentication instead of form fields.
        fields: further form fields.

    Raises:
        AuthError: the login was refused or the answer holds no token.
    """
    form = {"grant_type": "client_credentials", **({"scope": scope} if scope else {}), **(fields or {})}
    if in_header:
        return request_token(ctx, path, form, headers=basic(client_id, client_secret))
    return request_token(ctx, path, {**form, "client_id": client_id, "client_secret": reveal(client_secret)})


def password_grant(
    ctx: Ctx[Any],
    path: str,
    *,
    user: str,
    password: Secret,
    headers: Mapping[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
) -> Credentials:
    """Log in as a user (RFC 6749, 4.3).

    Raises:
        AuthError: the login was refused or the answer holds no token.
    """
    form = {"grant_type": "password", "username": user, "password": reveal(password), **(fields or {})}
    return request_token(ctx, path, form, headers=headers)


def refresh_grant(
    ctx: Ctx[Any],
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
) -> Credentials:
    """Renew ``ctx.credentials`` by its refresh token (RFC 6749, 6); a token that is not replaced is kept.

    Raises:
        AuthError: there is no refresh token, or it was refused.
    """
    held = ctx.credentials.refresh_token if ctx.credentials else None
    if held is None:
        raise AuthError("auth.token", TEXTS["auth.token"])
    form = {"grant_type": "refresh_token", "refresh_token": reveal(held), **(fields or {})}
    fresh = request_token(ctx, path, form, headers=headers)
    return Credentials(fresh.access_token, fresh.expires_at, fresh.refresh_token or held)


def request_token(
    ctx: Ctx[Any], path: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None
) -> Credentials:
    """Post a token request and return what it grants.

    Raises:
        AuthError: the login was refused or the answer holds no token.
    """
    response = ctx.http.request(
        "POST",
        path,
        form=form,
        headers={"accept": "application/json", **(headers or {})},
        safe=True,
        explain=refusal,
    )
    return granted(response, ctx.now())


def granted(response: Response, now: datetime) -> Credentials:
    """Read a token answer: ``access_token``, ``expires_in`` in seconds, ``refresh_token``.

    Raises:
        AuthError: the answer holds no token.
    """
    data = _object(response)
    token = data.get("access_token")
    if not isinstance(token, str) or not token:
        raise AuthError("auth.token", TEXTS["auth.token"])
    refresh = data.get("refresh_token")
    return Credentials(
        access_token=SecretStr(token),
        expires_at=_expiry(data.get("expires_in"), now),
        refresh_token=SecretStr(refresh) if isinstance(refresh, str) and refresh else None,
    )


def refusal(response: Response) -> ConnectorError | None:
    """Explain an OAuth error body: a refused login comes as 400 with an ``error`` word (RFC 6749, 5.2)."""
    error = _object(response).get("error")
    if response.status in (400, 401, 403) and error in _REFUSED:
        return AuthError("auth.refused", detail=str(error))
    return None


def reveal(secret: Secret) -> str:
    """Return a secret's plain value."""
    return secret.get_secret_value() if isinstance(secret, SecretStr) else secret


def _object(response: Response) -> dict[str, Any]:
    try:
        data = response.json()
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _expiry(seconds: object, now: datetime) -> datetime | None:
    text = str(seconds).partition(".")[0]
    if not (text.isascii() and text.isdigit()) or len(text) > 10:
        return None
    return now + timedelta(seconds=min(int(text), _LONGEST_LIFE))
