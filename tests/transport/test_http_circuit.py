"""What a circuit is told about each exchange: whether the remote is there, not what it said."""

from contextlib import suppress

import pytest

from kopru.hooks.errors import ConnectorError
from kopru.transport.errors import CircuitOpen, LeaseLost
from kopru.transport.http import Limits


class Noting:
    """A circuit that notes what it is told."""

    def __init__(self, opens: float | None = None) -> None:
        self.opens, self.told = opens, []

    def admit(self, seconds: float) -> None:
        if self.opens is not None:
            raise CircuitOpen(self.opens)

    def failed(self, code: str) -> None:
        self.told.append(code)

    def answered(self) -> None:
        self.told.append("answered")


def told(client, url: str, method: str = "GET", **options) -> list[str]:
    circuit = Noting()
    with suppress(ConnectorError):
        client(url, circuit=circuit, **options).request(method, "orders")
    return circuit.told


@pytest.mark.parametrize("status", [200, 204, 400, 401, 403, 404, 409, 422, 429, 500])
def test_every_answer_of_the_remote_itself_is_an_answer(client, serve, scripts, status: int) -> None:
    server = serve(scripts.answering(scripts.status(status)))
    assert set(told(client, server.url)) == {"answered"}


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateway_that_speaks_for_a_dead_remote_is_none(client, serve, scripts, status: int) -> None:
    server = serve(scripts.answering(scripts.status(status)))
    assert set(told(client, server.url, "POST")) == {f"http.{status}"}


def test_nobody_there(client) -> None:
    assert told(client, "http://127.0.0.1:9", "POST") == ["http.unreachable"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_answer_in_time(client, serve, scripts, method: str) -> None:
    server = serve(lambda peer: (peer.read(), peer.read()))
    found = told(client, server.url, method, limits=Limits(timeout=0.2))
    assert found == ["http.timeout" if method == "GET" else "http.outcome_unknown"]


def test_each_try_is_told(client) -> None:
    assert told(client, "http://127.0.0.1:9") == ["http.unreachable"] * 3


def test_a_lost_lease_says_nothing_about_the_remote(client, serve, scripts) -> None:
    class Guard:
        def before_write(self) -> None:
            raise LeaseLost

    server = serve(scripts.answering(scripts.status(200)))
    assert told(client, server.url, "POST", guard=Guard()) == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_open_circuit_sends_nothing_and_is_asked_once(client, serve, scripts, method: str) -> None:
    server = serve(scripts.answering(scripts.status(200)))
    circuit = Noting(opens=7.0)
    with pytest.raises(CircuitOpen) as caught:
        client(server.url, circuit=circuit).request(method, "orders")
    assert (caught.value.seconds, caught.value.counts) == (7.0, False)
    assert (server.connections, client.pauses, circuit.told) == (0, [], [])


def test_a_circuit_that_fails_changes_no_outcome(client, serve, scripts) -> None:
    class Broken(Noting):
        def answered(self) -> None:
            raise OSError

    server = serve(scripts.answering(scripts.status(200)))
    assert client(server.url, circuit=Broken()).request("GET", "orders").status == 200
