"""The last act before a write, and the dry run."""

import pytest

from kopru.hooks.errors import OutcomeUnknown, PluginBug, Rejected, TransientError
from kopru.transport.errors import LeaseLost, PlannedRequest
from kopru.transport.redaction import Redactor


class Guard:
    """Counts, looks at the server at that moment, and refuses if told so."""

    def __init__(self, server, *, refuse: bool = False) -> None:
        self.server = server
        self.refuse = refuse
        self.received_before: list[int] = []

    def before_write(self) -> None:
        self.received_before.append(self.server.received)
        if self.refuse:
            raise LeaseLost("0.4 s left")


def test_the_guard_is_asked_before_the_first_byte(serve, client, scripts) -> None:
    server = serve(scripts.answering(scripts.status(201)))
    guard = Guard(server)
    client(server, guard=guard).request("POST", "orders", json={})
    assert guard.received_before == [0]
    assert server.connections == 1


def test_a_lost_lease_sends_nothing(serve, client, scripts) -> None:
    server = serve(scripts.answering(scripts.status(201)))
    http = client(server, guard=Guard(server, refuse=True))
    with pytest.raises(LeaseLost) as caught:
        http.request("POST", "orders", json={})
    assert isinstance(caught.value, TransientError)
    assert not caught.value.counts
    http.request("GET", "orders")
    assert [request.method for request in server.requests] == ["GET"]


def test_a_lost_lease_on_a_kept_connection_sends_nothing(serve, client, scripts) -> None:
    server = serve(scripts.answering(scripts.status(200)))
    http = client(server, guard=Guard(server, refuse=True))
    http.request("GET", "orders")
    before = server.received
    with pytest.raises(LeaseLost):
        http.request("POST", "orders", json={})
    http.request("GET", "orders")
    assert [request.method for request in server.requests] == ["GET", "GET"]
    assert server.received > before


def test_reads_do_not_ask_the_guard(serve, client, scripts) -> None:
    server = serve(scripts.answering(scripts.status(200)))
    guard = Guard(server, refuse=True)
    http = client(server, guard=guard)
    http.request("GET", "orders")
    http.request("POST", "token", form={}, safe=True)
    assert guard.received_before == []


def test_any_error_of_the_guard_stops_the_write(serve, client, scripts) -> None:
    class Broken:
        def before_write(self) -> None:
            raise RuntimeError("no clock")

    server = serve(scripts.answering(scripts.status(200)))
    with pytest.raises(RuntimeError):
        client(server, guard=Broken()).request("POST", "orders", json={})
    assert server.received == 0


def test_a_dry_run_hands_back_the_write(serve, client, scripts) -> None:
    server = serve(scripts.answering(scripts.status(200)))
    http = client(server, dry_run=True, redactor=Redactor(["canary-secret"]))
    with pytest.raises(PlannedRequest) as caught:
        http.request(
            "POST",
            "orders",
            params={"key": "canary-secret"},
            headers={"authorization": "Bearer canary-secret"},
            json={"total": 5, "note": "canary-secret"},
        )
    call = caught.value.call
    assert (call.method, call.url) == ("POST", f"{server.url}/orders?key=[secret]")
    assert call.body == '{"total":5,"note":"[secret]"}'
    assert "canary" not in repr(call)
    assert server.connections == 0


def test_a_dry_run_reads(serve, client, scripts) -> None:
    server = serve(scripts.answering(scripts.status(200)))
    http = client(server, dry_run=True)
    http.request("GET", "orders")
    http.request("POST", "token", form={}, safe=True)
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"x-note": "a\r\nx-evil: 1"},
        {"x-note": "a\x00b"},
        {"bad name": "x"},
        {"": "x"},
        {"Host": "other"},
        {"Content-Length": "5"},
        {"transfer-encoding": "chunked"},
    ],
)
def test_headers_cannot_smuggle(serve, client, scripts, headers: dict[str, str]) -> None:
    server = serve(scripts.answering(scripts.status(200)))
    with pytest.raises(Rejected) as caught:
        client(server).request("POST", "orders", headers=headers)
    assert caught.value.code == "http.header"
    assert server.connections == 0


@pytest.mark.parametrize("method", ["GE T", "GET\r\nx: y", ""])
def test_odd_methods_send_nothing(serve, client, scripts, method: str) -> None:
    server = serve(scripts.answering(scripts.status(200)))
    with pytest.raises(PluginBug):
        client(server).request(method, "orders")
    assert server.received == 0


def redirect(code: int, location: str):
    def step(peer, request) -> None:
        if request.target == "/old":
            peer.answer(code, b"", {"location": location.replace("{port}", str(peer.server.port))})
        else:
            peer.answer(200, request.headers.get("authorization", "").encode())

    return step


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["/new", "new?a=b", "http://127.0.0.1:{port}/new"])
def test_reads_follow_redirects_on_the_same_server(serve, client, scripts, code: int, location: str) -> None:
    server = serve(scripts.answering(redirect(code, location)))
    response = client(server).request("GET", "old", headers={"authorization": "Bearer t"})
    assert response.text == "Bearer t"
    assert "/new" in response.url


@pytest.mark.parametrize(
    "location",
    [
        "http://example.org/new",
        "http://127.0.0.1:1/new",
        "http://169.254.169.254/latest/meta-data",
        "http://user@127.0.0.1:{port}/new",
        "//example.org/x",
        "file:///etc/passwd",
        "gopher://127.0.0.1:{port}/x",
        "http://127.0.0.1:{port}@example.org/",
        "http://2130706433:{port}/new",
        "http://[::ffff:127.0.0.1]:{port}/new",
    ],
)
def test_redirects_elsewhere_are_not_followed(serve, client, scripts, location: str) -> None:
    server = serve(scripts.answering(redirect(302, location)))
    with pytest.raises(Exception) as caught:
        client(server).request("GET", "old")
    assert caught.value.code == "http.redirect"
    assert len(server.requests) == 1


def test_a_circle_of_redirects_ends(serve, client, scripts) -> None:
    server = serve(scripts.answering(redirect(302, "/old")))
    with pytest.raises(Exception) as caught:
        client(server).request("GET", "old")
    assert caught.value.code == "http.redirect"
    assert len(server.requests) == 6


@pytest.mark.parametrize(
    ("code", "unknown"), [(301, True), (302, True), (303, True), (307, False), (308, False)]
)
def test_writes_follow_no_redirect(serve, client, scripts, code: int, unknown: bool) -> None:
    server = serve(scripts.answering(redirect(code, "/new")))
    with pytest.raises(Exception) as caught:
        client(server).request("POST", "old", json={})
    assert isinstance(caught.value, OutcomeUnknown) is unknown
    assert caught.value.code == "http.redirect"
    assert len(server.requests) == 1


def test_a_redirect_may_be_accepted(serve, client, scripts) -> None:
    server = serve(scripts.answering(redirect(302, "/new")))
    assert client(server).request("POST", "old", accept={302}).headers["location"] == "/new"
