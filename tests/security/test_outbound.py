"""No connector can be made to call inside the house: not by its settings, not by a name server, not by answers."""

import socket
import threading
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from kopru.hooks import ports
from kopru.hooks.errors import ConfigError, ConnectorError
from kopru.hooks.types import ConnectionInfo
from kopru.registry import Registry
from kopru.runtime.rehearsal import simulators
from kopru.testing.simulator import SimResponse
from kopru.testing.world import make_world
from kopru.transport.context import make_ctx
from kopru.transport.network import PinnedTransport

CONNECTORS = ("trendyol", "nilvera", "logo")


class Trap:
    """Listens on loopback and notes whatever arrives."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.caught = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            with peer:
                peer.settimeout(1)
                try:
                    self.caught.append(peer.recv(4096))
                    peer.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
                except OSError:
                    self.caught.append(b"")


@pytest.fixture
def trap():
    made = Trap()
    yield made
    made.listener.close()


@pytest.fixture(scope="module")
def registry():
    return Registry.installed()


@pytest.fixture(scope="module")
def remotes():
    with simulators(make_world(0), CONNECTORS) as running:
        yield running


def context(registry, name, config, **options):
    manifest = registry.manifest(name)
    return make_ctx(
        manifest,
        ConnectionInfo(id=uuid4(), name=name, plugin=name),
        manifest.config.model_validate(config),
        now=lambda: datetime.now(UTC),
        remaining=lambda: 20.0,
        **options,
    )


def check(registry, name, ctx):
    """Try the connection; return whether everything passed."""
    plugins = registry.for_tenant([name], [name])
    if plugins.can(name, "refresh_credentials"):
        credentials = plugins.use(name, ports.RefreshesCredentials).refresh_credentials(ctx)
        assert credentials is None
    return plugins.use(name, ports.ChecksConnection).check_connection(ctx).ok


def places(own, port):
    """Ways to name a server of the house that are not the connector's own."""
    host = own.partition("//")[2]
    return [
        f"http://127.0.0.1:{port}/x",
        f"http://localhost:{port}/x",
        f"//127.0.0.1:{port}/x",
        f"http://{host}@127.0.0.1:{port}/x",
        f"http://127.0.0.1:{port}\\@{host}/x",
        f"http://user:password@127.0.0.1:{port}/x",
        f"http://[::ffff:127.0.0.1]:{port}/x",
        f"http://[::1]:{port}/x",
        f"http://2130706433:{port}/x",
        f"http://0x7f.1:{port}/x",
        f"http://0177.0.0.1:{port}/x",
        f"http://127.1:{port}/x",
        f"http://127.0.0.1.:{port}/x",
        f"https://127.0.0.1:{port}/x",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
    ]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("name", CONNECTORS)
def test_an_answer_sends_nobody_elsewhere(registry, remotes, trap, name, status):
    remote = remotes[name]
    honest = remote.handle
    followed = []
    try:
        for place in places(remote.url, trap.port):
            remote.handle = lambda request, to=place: SimResponse(status, b"", {"location": to})
            try:
                passed = check(registry, name, context(registry, name, remote.config()))
            except ConnectorError:
                passed = False
            if passed:
                followed.append(place)
    finally:
        remote.handle = honest
    assert followed == []
    assert trap.caught == [], "credentials went to a stranger"


SETTINGS = {
    "trendyol": {"seller_id": "123456", "api_key": "k", "api_secret": "s", "environment": "production"},
    "nilvera": {"api_key": "k", "environment": "live", "tax_number": "9900000005"},
    "logo": {
        "url": "https://logo.example",
        "username": "u",
        "password": "p",
        "firm": 1,
        "period": 1,
        "client_id": "c",
        "client_secret": "s",
        "local": False,
    },
}
INSIDE = ["127.0.0.1", "10.0.0.5", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fd00:ec2::254", "0.0.0.0"]


@pytest.mark.parametrize("name", CONNECTORS)
def test_a_name_that_leads_inside_is_not_called(registry, name):
    """What a rebinding name server answers: a private address, or one beside a public one."""
    for address in INSIDE:
        for answer in ([address], ["93.184.216.34", address]):
            asked = []

            def resolver(host, port, answer=answer, asked=asked):
                asked.append(host)
                return answer

            transport = PinnedTransport(local=False, resolver=resolver)
            transport._pool._network_backend._sockets = Refusing()
            ctx = context(registry, name, SETTINGS[name], transport=transport)
            assert not ctx.http.local
            with pytest.raises(ConfigError) as refused:
                ctx.http.request("GET", "x")
            assert refused.value.code == "http.address_refused"
            assert len(asked) == 1


class Refusing:
    """Sockets that must not be opened."""

    def connect_tcp(self, host, *arguments):
        raise AssertionError(f"connected to {host}")


@pytest.mark.parametrize("name", CONNECTORS)
def test_only_the_checked_address_is_connected_to(registry, name):
    """The name server changes its mind between two questions; there is only one."""
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    transport = PinnedTransport(local=False, resolver=lambda host, port: next(answers))
    opened = []

    class Sockets:
        def connect_tcp(self, host, *arguments):
            opened.append(host)
            raise ConnectionRefusedError

    transport._pool._network_backend._sockets = Sockets()
    with pytest.raises((ConnectorError, ConnectionRefusedError)):
        context(registry, name, SETTINGS[name], transport=transport).http.request("POST", "x", json={})
    assert opened == ["93.184.216.34"]


ADDRESSES = ["http://127.0.0.1:1/", "file:///etc/passwd", "https://user@logo.example/", "https://2130706433/"]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    ("name", "setting"), [("trendyol", "base_url"), ("nilvera", "test_url"), ("logo", "url")]
)
def test_a_setting_cannot_lead_inside_unless_the_connection_is_declared_local(
    registry, name, setting, address
):
    values = {**SETTINGS[name], setting: address} | ({"environment": "test"} if name == "nilvera" else {})
    manifest = registry.manifest(name)
    try:
        config = manifest.config.model_validate(values)
    except ValueError:
        return  # the plugin itself refused it
    if manifest.base_url(config) != address.rstrip("/") and manifest.base_url(config) != address:
        return  # the setting has no effect in this environment
    with pytest.raises(ConfigError):
        context(registry, name, values).http.request("GET", "x")


LINKS = [
    "https://evil.example/x",
    "//evil.example/x",
    "HTTP://127.0.0.1/x",
    "/../x",
    "a/..%2f../b",
    "a/%2E%2e/b",
    "..\\x",
    "a%5c..%5cb",
    "file:///etc/passwd",
]


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("name", CONNECTORS)
def test_a_link_from_an_answer_leads_nowhere_else(registry, name, link):
    """Vendors hand out links to the next page; a plugin that follows one stays below its own address."""

    def resolver(host, port):
        raise AssertionError(f"asked for {host}")

    transport = PinnedTransport(local=False, resolver=resolver)
    with pytest.raises(ConnectorError):
        context(registry, name, SETTINGS[name], transport=transport).http.request("GET", link)
