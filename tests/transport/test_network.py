"""TLS, name and deadline of a connection."""

import ssl
import threading

import httpcore
import pytest

from kopru.hooks.errors import ConfigError, TransientError
from kopru.transport import network
from kopru.transport.network import PinnedTransport, deadline, shared_transport, tls_context


def resolver(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


@pytest.fixture
def secure(serve, scripts, certificate):
    return serve(scripts.answering(scripts.status(200)), tls=certificate.server)


def test_the_certificate_is_checked_for_the_name_called(secure, client, certificate) -> None:
    transport = PinnedTransport(local=True, tls=certificate.trusting, resolver=resolver)
    good = client(f"https://shop.test:{secure.port}", transport=transport)
    assert good.request("POST", "x", json={}).status == 200
    wrong = client(f"https://other.test:{secure.port}", transport=transport)
    with pytest.raises(ConfigError) as caught:
        wrong.request("POST", "x", json={})
    assert caught.value.code == "http.tls"
    assert [request.headers["host"] for request in secure.requests] == [f"shop.test:{secure.port}"]


def test_the_server_is_told_the_name(serve, client, scripts, certificate) -> None:
    names: list[str | None] = []
    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    settings.load_cert_chain(certificate.file)
    settings.sni_callback = lambda _socket, name, _context: names.append(name)
    server = serve(scripts.answering(scripts.status(200)), tls=settings)
    transport = PinnedTransport(local=True, tls=certificate.trusting, resolver=resolver)
    client(f"https://shop.test:{server.port}", transport=transport).request("GET", "x")
    assert names == ["shop.test"]


def test_an_unknown_certificate_is_refused_before_anything_is_sent(secure, client) -> None:
    for local, expected in ((True, ConfigError), (False, TransientError)):
        transport = PinnedTransport(local=True, tls=tls_context(verify=True), resolver=resolver)
        http = client(f"https://shop.test:{secure.port}", local=local, transport=transport)
        with pytest.raises(expected) as caught:
            http.request("POST", "x", json={})
        assert caught.value.code == "http.tls"
    assert secure.requests == []


def test_checks_can_be_turned_off(secure, client) -> None:
    transport = PinnedTransport(local=True, tls=tls_context(verify=False), resolver=resolver)
    assert client(f"https://shop.test:{secure.port}", transport=transport).request("GET", "x").status == 200


def test_a_server_that_speaks_no_tls(serve, client) -> None:
    server = serve(lambda peer: peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    transport = PinnedTransport(local=True, tls=tls_context(verify=True), resolver=resolver)
    with pytest.raises(TransientError) as caught:
        client(f"https://shop.test:{server.port}", transport=transport).request("POST", "x")
    assert caught.value.code == "http.unreachable"


def test_a_server_that_never_shakes_hands(serve, client) -> None:
    server = serve(lambda peer: peer.server.wait(10))
    transport = PinnedTransport(local=True, tls=tls_context(verify=True), resolver=resolver)
    http = client(f"https://shop.test:{server.port}", transport=transport)
    with pytest.raises(TransientError) as caught:
        http.request("POST", "x", timeout=0.3)
    assert caught.value.code == "http.timeout"


def test_connections_of_local_and_public_clients_are_apart() -> None:
    kinds = [(local, verify) for local in (True, False) for verify in (True, False)]
    pools = {kind: shared_transport(local=kind[0], verify=kind[1]) for kind in kinds}
    assert len(set(map(id, pools.values()))) == 4
    assert shared_transport(local=True, verify=True) is pools[True, True]


def test_a_deadline_belongs_to_its_thread(serve, client, scripts) -> None:
    server = serve(scripts.answering(scripts.status(200)))
    http = client(server)
    answers: list[int] = []
    with deadline(0.0):
        worker = threading.Thread(target=lambda: answers.append(http.request("GET", "x").status))
        worker.start()
        worker.join(10)
    assert answers == [200]


def test_nothing_is_connected_after_the_deadline(serve) -> None:
    server = serve(lambda peer: None)
    backend = network._PinnedBackend(True, resolver)
    with deadline(0.0), pytest.raises(httpcore.ConnectTimeout):
        backend.connect_tcp("shop.test", server.port)
    assert server.connections == 0
