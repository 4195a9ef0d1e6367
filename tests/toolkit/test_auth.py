"""Login headers and token requests."""

import base64
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from kopru.hooks.errors import AuthError, ConnectorError
from kopru.hooks.io import Response
from kopru.hooks.types import Credentials
from kopru.toolkit import auth

NOW = datetime(2026, 5, 1, tzinfo=UTC)


class Http:
    """Answers every request alike and applies ``explain`` as the transport does."""

    def __init__(self, status: int, body: bytes) -> None:
        self.response = Response(status, {}, body)
        self.calls: list[dict[str, Any]] = []

    def request(self, method: str, path: str, **options: Any) -> Response:
        self.calls.append({"method": method, "path": path, **options})
        error = options["explain"](self.response) if self.response.status >= 400 else None
        if error:
            raise error
        if self.response.status >= 400:
            raise ConnectorError("http.other")
        return self.response


def ctx(http: Http, credentials: Credentials | None = None) -> Any:
    return SimpleNamespace(http=http, now=lambda: NOW, credentials=credentials)


def granting(**fields: object) -> Http:
    return Http(200, json.dumps({"access_token": "tok", **fields}).encode())


def test_headers() -> None:
    header = auth.basic("kullanıcı", SecretStr("şifre:1"))["authorization"]
    assert base64.b64decode(header.removeprefix("Basic ")).decode() == "kullanıcı:şifre:1"
    assert auth.bearer(SecretStr("t")) == {"authorization": "Bearer t"}
    assert auth.of_credentials(Credentials(SecretStr("t"))) == {"authorization": "Bearer t"}
    with pytest.raises(AuthError):
        auth.of_credentials(None)


def test_client_credentials_in_the_form() -> None:
    http = granting(expires_in=3600)
    got = auth.client_credentials(
        ctx(http), "token", client_id="me", client_secret=SecretStr("s"), scope="a b"
    )
    assert got.access_token.get_secret_value() == "tok"
    assert got.expires_at == NOW + timedelta(hours=1)
    (call,) = http.calls
    assert call["form"] == {
        "grant_type": "client_credentials", "scope": "a b", "client_id": "me", "client_secret": "s"
    }  # fmt: skip
    assert call["safe"] is True


def test_client_credentials_in_the_header() -> None:
    http = granting()
    auth.client_credentials(ctx(http), "token", client_id="me", client_secret="s", in_header=True)
    (call,) = http.calls
    assert call["headers"]["authorization"] == auth.basic("me", "s")["authorization"]
    assert "client_secret" not in call["form"]


def test_password_grant_takes_further_fields() -> None:
    http = granting(expires_in="1200", refresh_token="r")
    got = auth.password_grant(ctx(http), "token", user="u", password="p", fields={"firmno": "1"})
    assert http.calls[0]["form"] == {
        "grant_type": "password",
        "username": "u",
        "password": "p",
        "firmno": "1",
    }
    assert got.expires_at == NOW + timedelta(minutes=20)
    assert got.refresh_token is not None


def test_refresh_keeps_the_old_token_unless_replaced() -> None:
    held = Credentials(SecretStr("old"), None, SecretStr("r1"))
    kept = auth.refresh_grant(ctx(granting(), held), "token")
    assert kept.refresh_token == SecretStr("r1")
    rotated = auth.refresh_grant(ctx(granting(refresh_token="r2"), held), "token")
    assert rotated.refresh_token == SecretStr("r2")


@pytest.mark.parametrize("credentials", [None, Credentials(SecretStr("x"))])
def test_nothing_to_refresh(credentials: Credentials | None) -> None:
    with pytest.raises(AuthError):
        auth.refresh_grant(ctx(granting(), credentials), "token")


@pytest.mark.parametrize("word", ["invalid_client", "invalid_grant", "unauthorized_client"])
def test_a_refused_login_is_an_auth_error(word: str) -> None:
    http = Http(400, json.dumps({"error": word}).encode())
    with pytest.raises(AuthError) as caught:
        auth.client_credentials(ctx(http), "token", client_id="me", client_secret="s")
    assert caught.value.code == "auth.refused"


@pytest.mark.parametrize("body", [b"", b"oops", b"[]", b'{"error": "invalid_request"}', b"[" * 100_000])
def test_other_errors_keep_their_status(body: bytes) -> None:
    assert auth.refusal(Response(400, {}, body)) is None


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b"[]", b'{"access_token": ""}', b'{"access_token": 5}']
)
def test_an_answer_without_token(body: bytes) -> None:
    with pytest.raises(AuthError) as caught:
        auth.granted(Response(200, {}, body), NOW)
    assert caught.value.code == "auth.token"


@pytest.mark.parametrize("seconds", [None, "", "soon", -5, "-5", 10**30, [1]])
def test_a_strange_lifetime_is_no_lifetime(seconds: object) -> None:
    body = json.dumps({"access_token": "t", "expires_in": seconds}).encode()
    assert auth.granted(Response(200, {}, body), NOW).expires_at is None


def test_secrets_do_not_show() -> None:
    got = auth.granted(Response(200, {}, b'{"access_token": "canary-token"}'), NOW)
    assert "canary" not in repr(got)
