"""What a broken exchange means: nothing sent, harmless to repeat, or unknown."""

import time

import pytest

from kopru.hooks.errors import ConnectorError, OutcomeUnknown, RateLimited, Rejected, TransientError
from kopru.transport.http import Limits


def failure(http, method: str, **options) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        http.request(method, "orders", **options)
    return caught.value


def closed_port() -> str:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as probe:
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_refused_connection_left_no_trace(client, method: str) -> None:
    error = failure(client(closed_port()), method)
    assert type(error) is TransientError
    assert error.code == "http.unreachable"
    assert len(client.pauses) == (2 if method == "GET" else 0), "only reads are tried again"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_host_left_no_trace(client, method: str) -> None:
    from kopru.transport.network import PinnedTransport

    def resolver(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    http = client("http://shop.test", transport=PinnedTransport(local=True, resolver=resolver))
    error = failure(http, method)
    assert type(error) is TransientError
    assert error.code == "http.host_unknown"
    assert "shop.test" in error.message.tr


def reset_in_the_middle(peer) -> None:
    peer.socket.recv(10)
    peer.reset()


def close_after_reading(peer) -> None:
    peer.read()


def reset_after_reading(peer) -> None:
    peer.read()
    peer.reset()


def half_of_the_headers(peer) -> None:
    peer.read()
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Le")


def half_of_the_body(peer) -> None:
    peer.read()
    peer.send(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"half":')


def half_of_a_chunk(peer) -> None:
    peer.read()
    peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf")


def garbage(peer) -> None:
    peer.read()
    peer.send(b"\x00\x01 this is not HTTP\r\n\r\n")


def silence(peer) -> None:
    peer.read()
    peer.server.wait(10)


BREAKS = [
    reset_in_the_middle,
    close_after_reading,
    reset_after_reading,
    half_of_the_headers,
    half_of_the_body,
    half_of_a_chunk,
    garbage,
    silence,
]


@pytest.mark.parametrize("script", BREAKS)
def test_a_break_after_sending_a_write_is_unknown(serve, client, script) -> None:
    server = serve(script)
    error = failure(client(server, limits=Limits(timeout=0.4)), "POST", json={"a": 1})
    assert type(error) is OutcomeUnknown
    assert error.code == "http.outcome_unknown"
    assert server.connections == 1, "a write must never be repeated"


@pytest.mark.parametrize("script", [each for each in BREAKS if each is not silence])
def test_a_break_of_a_read_is_retried_and_then_transient(serve, client, script) -> None:
    server = serve(script)
    error = failure(client(server), "GET")
    assert type(error) is TransientError
    assert server.connections == 3
    assert len(client.pauses) == 2


def test_a_timeout_of_a_read_is_not_retried_here(serve, client) -> None:
    """Short retries are for short faults; the engine comes back later."""
    server = serve(silence)
    error = failure(client(server, limits=Limits(timeout=0.2)), "GET")
    assert (type(error), error.code) == (TransientError, "http.timeout")
    assert server.connections == 1


def test_a_post_that_only_reads_is_retried_too(serve, client, scripts) -> None:
    server = serve(scripts.answering(scripts.drop, scripts.status(200, b'{"token": 1}')))
    response = client(server).request("POST", "token", form={"a": "b"}, safe=True)
    assert response.json() == {"token": 1}
    assert [request.body for request in server.requests] == [b"a=b", b"a=b"]


def test_a_read_declared_unsafe_is_not_repeated(serve, client, scripts) -> None:
    server = serve(scripts.answering(scripts.drop))
    assert type(failure(client(server), "GET", safe=False)) is OutcomeUnknown
    assert len(server.requests) == 1


def test_reads_recover_from_a_bad_gateway(serve, client, scripts) -> None:
    server = serve(scripts.answering(scripts.status(502), scripts.status(503), scripts.status(200, b"[]")))
    assert client(server).request("GET", "orders").json() == []
    assert len(server.requests) == 3
    assert all(0 < pause < 1 for pause in client.pauses)


def test_no_retry_without_time_for_it(serve, client, scripts) -> None:
    server = serve(scripts.answering(scripts.status(503)))
    failure(client(server, remaining=lambda: 1.1), "GET")
    assert len(server.requests) == 1


def test_the_error_of_a_client_is_not_retried(serve, client, scripts) -> None:
    server = serve(scripts.answering(scripts.status(422)))
    assert type(failure(client(server), "GET")) is Rejected
    assert len(server.requests) == 1


def test_rate_limits_are_not_retried(serve, client, scripts) -> None:
    server = serve(scripts.answering(scripts.status(429, retry_after="0")))
    assert type(failure(client(server), "GET")) is RateLimited
    assert len(server.requests) == 1


def drip(head: bytes, each: bytes):
    def script(peer) -> None:
        peer.read()
        peer.send(head)
        for _ in range(160):
            peer.send(each)
            peer.server.wait(0.05)

    return script


@pytest.mark.parametrize(
    "script",
    [
        drip(b"HTTP/1.1 200 OK\r\n", b"x-more: 1\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"x"),
        drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
    ids=["headers", "body", "chunks"],
)
def test_the_timeout_is_for_the_whole_exchange(serve, client, script) -> None:
    """A server that sends a byte now and then never trips a timeout of single reads."""
    started = time.monotonic()
    error = failure(client(serve(script)), "POST", timeout=0.5)
    assert type(error) is OutcomeUnknown
    assert time.monotonic() - started < 4


def test_the_hook_deadline_shortens_the_timeout(serve, client) -> None:
    started = time.monotonic()
    error = failure(client(serve(silence), remaining=lambda: 0.3), "POST", timeout=60)
    assert type(error) is OutcomeUnknown
    assert time.monotonic() - started < 4


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_is_sent_after_the_deadline(serve, client, method: str) -> None:
    server = serve(silence)
    error = failure(client(server, remaining=lambda: 0.0), method)
    assert (type(error), error.code) == (TransientError, "http.deadline")
    assert server.connections == 0


def test_a_server_that_closes_idle_connections_is_not_a_fault(serve, client) -> None:
    """The write after an idle close goes over a new connection and is sent once."""

    def script(peer) -> None:
        peer.read()
        peer.answer(200)

    server = serve(script)
    http = client(server)
    for count in range(1, 4):
        http.request("POST", "orders", json=count)
        assert server.connections == count
        server.until_closed(count)
    assert [request.body for request in server.requests] == [b"1", b"2", b"3"]


def test_a_connection_that_dies_under_a_write_is_unknown(serve, client, scripts) -> None:
    """Seen from here, the server may have read the second request before it closed."""
    server = serve(scripts.answering(scripts.status(200), scripts.drop))
    http = client(server)
    http.request("GET", "orders")
    assert type(failure(http, "POST")) is OutcomeUnknown
    assert (server.connections, len(server.requests)) == (1, 2)


def test_connections_are_kept_alive(serve, client, scripts) -> None:
    server = serve(scripts.answering(scripts.status(200)))
    http = client(server)
    for _ in range(5):
        http.request("GET", "orders")
        http.request("POST", "orders", json={})
    assert server.connections == 1


def test_an_answer_before_the_whole_body_was_read(serve, client) -> None:
    """A server may refuse a large upload by its headers alone."""

    def script(peer) -> None:
        while b"\r\n\r\n" not in peer.rest:
            peer._more()
        peer.answer(413, b"too much", {"connection": "close"})
        while peer._more():
            pass

    error = failure(client(serve(script)), "POST", content=b"x" * 3_000_000)
    assert type(error) is Rejected
    assert "413" in error.message.en


def test_interim_answers_are_passed_over(serve, client) -> None:
    def script(peer) -> None:
        peer.read()
        peer.send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n")
        peer.answer(201, b"[1]")

    assert client(serve(script)).request("POST", "orders").status == 201


def test_a_truncated_refusal_is_still_a_refusal(serve, client) -> None:
    def script(peer) -> None:
        peer.read()
        peer.send(b"HTTP/1.1 400 Bad\r\nContent-Length: 500\r\n\r\nthe date is wrong")

    error = failure(client(serve(script)), "POST")
    assert type(error) is Rejected
    assert "the date is wrong" in error.detail
