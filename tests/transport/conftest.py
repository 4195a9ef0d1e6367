"""A scripted server on real sockets, and clients that call it."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kopru.transport.http import HttpClient, Limits
from kopru.transport.network import PinnedTransport


@dataclass
class Request:
    """One request as it came over the wire."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Peer:
    """The server's end of one connection."""

    socket: socket.socket
    server: "Server"
    rest: bytes = b""

    def read(self) -> Request | None:
        """Return the next request, ``None`` when the client hung up."""
        while b"\r\n\r\n" not in self.rest:
            if not self._more():
                return None
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        size = int(headers.get("content-length", "0"))
        while len(self.rest) < size:
            if not self._more():
                return None
        body, self.rest = self.rest[:size], self.rest[size:]
        request = Request(method, target, headers, body)
        self.server.requests.append(request)
        return request

    def _more(self) -> bool:
        try:
            data = self.socket.recv(65536)
        except OSError:
            return False
        self.rest += data
        self.server.received += len(data)
        return bool(data)

    def send(self, data: bytes) -> None:
        """Send raw bytes."""
        self.socket.sendall(data)

    def answer(self, status: int = 200, body: bytes = b"{}", headers: dict[str, str] | None = None) -> None:
        """Send a complete answer."""
        named = {"content-length": str(len(body)), **(headers or {})}
        lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        self.send(f"HTTP/1.1 {status} Status\r\n{lines}\r\n".encode() + body)

    def reset(self) -> None:
        """Close with a reset instead of an orderly end."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


Script = Callable[[Peer], None]


@dataclass
class Server:
    """Runs a script for each connection and keeps what it received."""

    script: Script
    tls: ssl.SSLContext | None = None
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    closed: int = 0
    received: int = 0
    names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.stopping = threading.Event()
        self.peers: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self.peers.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            self.script(Peer(connection, self))
        except OSError:
            pass
        finally:
            connection.close()
            self.closed += 1

    def until_closed(self, count: int) -> None:
        """Wait until so many connections have been closed from this side."""
        for _ in range(1_000):
            if self.closed >= count:
                return
            self.stopping.wait(0.01)
        raise AssertionError("the server did not close its connection")

    def wait(self, seconds: float) -> None:
        """Hang, but no longer than the test."""
        self.stopping.wait(seconds)

    def stop(self) -> None:
        self.stopping.set()
        for each in (self.listener, *self.peers):
            each.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Return a function that starts a server with a script."""
    servers: list[Server] = []

    def start(script: Script, **options: Any) -> Server:
        servers.append(Server(script, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def scripts() -> SimpleNamespace:
    """Return ready-made scripts."""

    def answering(*answers: Callable[[Peer, Request], object]) -> Script:
        """Give each request the next answer, the last one again and again."""
        waiting = list(answers)

        def script(peer: Peer) -> None:
            while request := peer.read():
                step = waiting.pop(0) if len(waiting) > 1 else waiting[0]
                if step(peer, request) is False:
                    return

        return script

    def status(code: int = 200, body: bytes = b"{}", **headers: str) -> Callable[[Peer, Request], None]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return lambda peer, _: peer.answer(code, body, named)

    def drop(peer: Peer, _: Request) -> bool:
        return False

    return SimpleNamespace(answering=answering, status=status, drop=drop)


@pytest.fixture
def client() -> Iterator[Callable[..., HttpClient]]:
    """Return a function that makes a client of a server; its pauses are noted in ``client.pauses``."""
    transports: list[PinnedTransport] = []
    pauses: list[float] = []

    def make(server: Server | str, *, limits: Limits | None = None, **options: Any) -> HttpClient:
        if "transport" not in options:
            options["transport"] = PinnedTransport(local=options.get("local", True))
            transports.append(options["transport"])
        return HttpClient(
            base_url=server if isinstance(server, str) else server.url,
            local=options.pop("local", True),
            sleep=pauses.append,
            limits=limits or Limits(timeout=5),
            **options,
        )

    make.pauses = pauses  # type: ignore[attr-defined]
    yield make
    for transport in transports:
        transport.close()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """Return TLS settings of a server named shop.test, and of a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("shop.test")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    file.write_bytes(
        pem
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return SimpleNamespace(server=server, trusting=ssl.create_default_context(cadata=pem.decode()), file=file)
