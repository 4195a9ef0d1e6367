"""Every exchange is written down, without secrets."""

import dataclasses
from datetime import UTC, datetime
from uuid import UUID

import pytest

from kopru.hooks.errors import ConnectorError
from kopru.transport.errors import LeaseLost
from kopru.transport.http import Limits
from kopru.transport.ports import Exchange
from kopru.transport.redaction import HIDDEN, Redactor

NOW = datetime(2026, 5, 1, tzinfo=UTC)
CONNECTION = UUID(int=7)
CANARY = "canary-Sifre-1"


class Recorder:
    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def record(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def recorded(client, recorder):
    def make(server, **options):
        return client(
            server,
            recorder=recorder,
            redactor=Redactor([CANARY]),
            now=lambda: NOW,
            connection=CONNECTION,
            **options,
        )

    return make


def test_an_exchange(serve, scripts, recorded, recorder) -> None:
    server = serve(scripts.answering(scripts.status(201, b'{"id": 5}', x_request_id="r1")))
    recorded(server).request("POST", "orders", params={"page": 1}, json={"total": 5})
    (exchange,) = recorder.exchanges
    assert exchange.connection == CONNECTION
    assert (exchange.method, exchange.url) == ("POST", f"{server.url}/orders?page=1")
    assert (exchange.status, exchange.sent, exchange.error) == (201, True, "")
    assert exchange.started_at == NOW
    assert 0 <= exchange.seconds < 5
    assert (exchange.request_size, exchange.response_size) == (11, 9)
    assert (exchange.request_body, exchange.response_body) == ('{"total":5}', '{"id": 5}')
    assert exchange.response_headers["x-request-id"] == "r1"


def test_no_secret_and_no_person_is_written_down(serve, scripts, recorded, recorder) -> None:
    body = f'{{"refresh_token": "fresh-1", "seen": "{CANARY}", "buyer": "10000000146"}}'.encode()
    server = serve(scripts.answering(scripts.status(200, body, set_cookie="session=abc123")))
    recorded(server).request(
        "POST",
        f"login/{CANARY}",
        params={"token": "query-1", "q": CANARY},
        headers={"authorization": "Basic abc123", "x-note": CANARY},
        form={"password": "form-1", "email": "ayse@example.com", "note": CANARY},
    )
    written = repr(dataclasses.asdict(recorder.exchanges[0]))
    for trace in ("canary", "fresh-1", "query-1", "form-1", "abc123", "10000000146", "ayse@"):
        assert trace not in written
    assert HIDDEN in written


def test_every_try_is_written_down(serve, scripts, recorded, recorder) -> None:
    server = serve(scripts.answering(scripts.status(503), scripts.drop, scripts.status(200)))
    recorded(server).request("GET", "x")
    assert [each.status for each in recorder.exchanges] == [503, None, 200]
    assert [each.error for each in recorder.exchanges] == ["", "http.connection_lost", ""]
    assert all(each.sent for each in recorder.exchanges)


def test_what_was_not_sent_says_so(recorded, recorder, serve, scripts) -> None:
    class Guard:
        def before_write(self) -> None:
            raise LeaseLost

    server = serve(scripts.answering(scripts.status(200)))
    with pytest.raises(LeaseLost):
        recorded(server, guard=Guard()).request("POST", "x", json={})
    (exchange,) = recorder.exchanges
    assert (exchange.sent, exchange.status, exchange.error) == (False, None, "http.lease_lost")


def test_a_truncated_answer_keeps_what_came(serve, recorded, recorder) -> None:
    def half(peer) -> None:
        peer.read()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")

    with pytest.raises(ConnectorError):
        recorded(serve(half)).request("POST", "x")
    (exchange,) = recorder.exchanges
    assert (exchange.status, exchange.response_body) == (200, "only this")
    assert exchange.error == "http.outcome_unknown"


def test_long_bodies_are_cut(serve, scripts, recorded, recorder) -> None:
    server = serve(scripts.answering(scripts.status(200, b"y" * 50_000)))
    recorded(server, limits=Limits(timeout=5, recorded_body=100)).request("POST", "x", content=b"x" * 50_000)
    (exchange,) = recorder.exchanges
    assert (len(exchange.request_body), len(exchange.response_body)) == (100, 100)
    assert (exchange.request_size, exchange.response_size) == (50_000, 50_000)


def test_a_failing_recorder_does_not_change_the_outcome(serve, client, scripts) -> None:
    class Full:
        def record(self, exchange: Exchange) -> None:
            raise OSError("disk full")

    server = serve(scripts.answering(scripts.status(201)))
    assert client(server, recorder=Full()).request("POST", "x").status == 201
