"""Every status has one meaning, whatever its body holds."""

from datetime import UTC, datetime, timedelta

import pytest

from kopru.hooks.errors import (
    AuthError,
    ConfigError,
    Conflict,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    TransientError,
)
from kopru.hooks.io import Response
from kopru.transport.answers import retry_after
from kopru.transport.http import Limits
from kopru.transport.redaction import Redactor

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ONCE = Limits(timeout=5, retries=0)


def failure(http, method: str, **options) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        http.request(method, "orders", **options)
    return caught.value


@pytest.mark.parametrize(
    ("status", "on_read", "on_write", "code"),
    [
        (400, Rejected, Rejected, "http.rejected"),
        (401, AuthError, AuthError, "http.unauthorized"),
        (402, Rejected, Rejected, "http.rejected"),
        (403, AuthError, AuthError, "http.forbidden"),
        (404, Rejected, Rejected, "http.not_found"),
        (405, Rejected, Rejected, "http.rejected"),
        (408, TransientError, OutcomeUnknown, None),
        (409, Conflict, Conflict, "http.conflict"),
        (410, Rejected, Rejected, "http.rejected"),
        (422, Rejected, Rejected, "http.rejected"),
        (425, TransientError, OutcomeUnknown, None),
        (426, ConfigError, ConfigError, "http.upgrade_required"),
        (429, RateLimited, RateLimited, "http.rate_limited"),
        (500, TransientError, OutcomeUnknown, None),
        (502, TransientError, OutcomeUnknown, None),
        (503, TransientError, OutcomeUnknown, None),
        (504, TransientError, OutcomeUnknown, None),
        (599, TransientError, OutcomeUnknown, None),
    ],
)
def test_meaning_of_a_status(serve, client, scripts, status, on_read, on_write, code) -> None:
    server = serve(scripts.answering(scripts.status(status, b"<html>not json")))
    http = client(server, limits=ONCE)
    read, write = failure(http, "GET"), failure(http, "POST", json={})
    assert (type(read), type(write)) == (on_read, on_write)
    assert code in (None, read.code) and code in (None, write.code)
    assert str(status) in read.detail
    assert "orders" in read.detail


@pytest.mark.parametrize("status", [200, 201, 202, 204, 304])
def test_other_statuses_are_answers(serve, client, scripts, status: int) -> None:
    server = serve(scripts.answering(scripts.status(status, b"", x_request_id="7")))
    response = client(server).request("GET", "orders")
    assert (response.status, response.content, response.headers["x-request-id"]) == (status, b"", "7")


def test_accepted_statuses_are_answers(serve, client, scripts) -> None:
    server = serve(scripts.answering(scripts.status(404, b"{}")))
    http = client(server)
    assert http.request("GET", "orders", accept={404}).status == 404
    assert http.request("POST", "orders", accept=(404,), explain=lambda _: Rejected("x.y")).status == 404


def test_the_vendors_words_come_first(serve, client, scripts) -> None:
    def explain(response: Response) -> ConnectorError | None:
        return Rejected("shop.closed") if response.json().get("key") == "closed" else None

    server = serve(scripts.answering(scripts.status(500, b'{"key": "closed"}'), scripts.status(500, b"{}")))
    http = client(server, limits=ONCE)
    assert failure(http, "POST", explain=explain).code == "shop.closed"
    assert type(failure(http, "POST", explain=explain)) is OutcomeUnknown


def test_explain_may_raise_its_error(serve, client, scripts) -> None:
    def explain(response: Response) -> ConnectorError | None:
        raise Rejected("shop.closed")

    server = serve(scripts.answering(scripts.status(400)))
    assert failure(client(server), "POST", explain=explain).code == "shop.closed"


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"null", b'{"errors": 5}', b"\xff\xfe", b"[" * 100_000]
)
def test_an_unexpected_error_body_does_not_hide_the_status(serve, client, scripts, body: bytes) -> None:
    def explain(response: Response) -> ConnectorError | None:
        return Rejected(response.json()["errors"][0]["code"])

    server = serve(scripts.answering(scripts.status(401, body)))
    assert type(failure(client(server), "POST", explain=explain)) is AuthError


def test_a_failed_write_is_unknown_even_if_the_vendor_calls_it_temporary(serve, client, scripts) -> None:
    server = serve(scripts.answering(scripts.status(503)))
    error = failure(client(server), "POST", explain=lambda _: TransientError("shop.busy"))
    assert (type(error), error.code) == (OutcomeUnknown, "shop.busy")


def test_a_vendors_temporary_error_on_a_read_is_retried(serve, client, scripts) -> None:
    server = serve(scripts.answering(scripts.status(400), scripts.status(200)))
    assert client(server).request("GET", "x", explain=lambda _: TransientError("shop.busy")).status == 200


def test_no_secret_leaves_in_an_error(serve, client, scripts) -> None:
    body = b'{"message": "key canary-key-1 of buyer 10000000146 is wrong", "access_token": "fresh-token"}'
    server = serve(scripts.answering(scripts.status(400, body)))
    http = client(server, redactor=Redactor(["canary-key-1"]))
    error = failure(http, "GET", params={"api_key": "canary-key-1"})
    explained = failure(http, "GET", explain=lambda answer: Rejected("x.y", detail=answer.text))
    for each in (error, explained):
        shown = f"{each} {each.detail} {each.message} {each!r}"
        assert "canary" not in shown
        assert "fresh-token" not in shown
    assert "10000000146" not in error.detail


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("5", 5.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("-3", 0.0),
        ("999999999", 86_400.0),
        ("Fri, 01 May 2026 12:00:30 GMT", 30.0),
        ("Fri, 01 May 2026 11:00:00 GMT", 0.0),
        ("Fri, 01 May 2026 12:00:30", 30.0),
        ("soon", None),
        ("nan", None),
        ("inf", 86_400.0),
        ("", None),
        (None, None),
    ],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds


def test_rate_limit_carries_the_wait(serve, client, scripts) -> None:
    at = (NOW + timedelta(seconds=90)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    server = serve(scripts.answering(scripts.status(429, retry_after=at), scripts.status(429)))
    http = client(server, now=lambda: NOW)
    first, second = failure(http, "POST"), failure(http, "POST")
    assert isinstance(first, RateLimited) and first.retry_after == 90
    assert isinstance(second, RateLimited) and second.retry_after is None
