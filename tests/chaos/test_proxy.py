"""The proxy breaks connections the way networks do."""

import socket
import threading
import time

import pytest

from kopru.testing.chaos.proxy import Mode, Proxy, ProxyLoop

PATIENCE = 10.0


class Echo:
    """Answers every line with itself and keeps what it was told."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.heard = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection:
            try:
                while data := connection.recv(1000):
                    self.heard.append(data)
                    connection.sendall(data)
            except OSError:
                return

    def waits_for(self, data):
        until = time.monotonic() + PATIENCE
        while data not in b"".join(self.heard) and time.monotonic() < until:
            time.sleep(0.02)
        return data in b"".join(self.heard)


@pytest.fixture
def echo():
    server = Echo()
    yield server
    server.listener.close()


@pytest.fixture
def proxy(echo):
    loop = ProxyLoop()
    way = Proxy(loop, echo.port)
    yield way
    way.close()
    loop.close()


def connect(proxy):
    connection = socket.create_connection(("127.0.0.1", proxy.port), timeout=PATIENCE)
    connection.sendall(b"hello")
    assert connection.recv(100) == b"hello"
    return connection


def test_what_is_not_broken_goes_through(proxy):
    with connect(proxy) as connection:
        connection.sendall(b"x" * 300_000)
        got = b""
        while len(got) < 300_000:
            got += connection.recv(65536)
    assert got == b"x" * 300_000


def test_a_cut_resets_the_client(proxy):
    with connect(proxy) as connection:
        assert proxy.cut() == 1
        with pytest.raises(ConnectionResetError):
            connection.recv(100)


def test_refusing_ends_open_and_new_connections_until_it_is_over(proxy):
    with connect(proxy) as connection:
        proxy.set_mode(Mode.REFUSE)
        with pytest.raises(ConnectionResetError):
            connection.recv(100)
    with (
        pytest.raises(ConnectionResetError),
        socket.create_connection(("127.0.0.1", proxy.port), timeout=PATIENCE) as refused,
    ):
        refused.recv(100)
    proxy.heal()
    time.sleep(0.1)
    connect(proxy).close()


def test_a_hole_lets_nothing_through_and_gives_it_back_when_it_closes(proxy, echo):
    with connect(proxy) as connection:
        proxy.set_mode(Mode.HOLE)
        time.sleep(0.1)
        connection.sendall(b"lost?")
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(100)
        assert b"lost?" not in echo.heard
        connection.settimeout(PATIENCE)
        proxy.heal()
        assert connection.recv(100) == b"lost?"


def test_what_a_client_sent_into_a_hole_before_it_left_never_arrives(proxy, echo):
    connection = connect(proxy)
    proxy.set_mode(Mode.HOLE)
    time.sleep(0.1)
    connection.sendall(b"gone")
    connection.close()
    time.sleep(0.2)
    proxy.heal()
    time.sleep(0.3)
    assert b"gone" not in b"".join(echo.heard)


def test_a_half_closed_client_gets_no_answer_but_is_heard(proxy, echo):
    with connect(proxy) as connection:
        assert proxy.half_close() == 1
        connection.sendall(b"still here")
        assert connection.recv(100) == b""
        assert echo.waits_for(b"still here")


def test_a_delay_keeps_order(proxy):
    with connect(proxy) as connection:
        proxy.set_delay(0.1)
        began = time.monotonic()
        connection.sendall(b"a")
        connection.sendall(b"b")
        got = connection.recv(100)
        while len(got) < 2:
            got += connection.recv(100)
        assert got == b"ab"
        assert time.monotonic() - began >= 0.2


def test_a_target_that_goes_away_takes_its_clients_along(proxy, echo):
    with connect(proxy) as connection:
        echo.listener.close()
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100) == b""
