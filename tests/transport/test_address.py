"""Which servers may be called: schemes, names, addresses."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.hooks.errors import ConfigError, TransientError
from kopru.transport.address import checked_url, may_call, resolve, same_host
from kopru.transport.network import PinnedTransport


@pytest.mark.parametrize(
    "address",
    [
        "https://shop.example",
        "https://shop.example:8443/api",
        "https://8.8.8.8/x",
        "https://[2606:4700::1]/",
        "https://çarşı.example/",
    ],
)
def test_public_addresses(address: str) -> None:
    assert checked_url(address, local=False).scheme == "https"


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("", "http.address_missing"),
        ("   ", "http.address_missing"),
        ("shop.example", "http.address_malformed"),
        ("https://", "http.address_malformed"),
        ("ftp://shop.example", "http.address_malformed"),
        ("file:///etc/passwd", "http.address_malformed"),
        ("https://user@shop.example", "http.address_malformed"),
        ("https://user:pass@shop.example", "http.address_malformed"),
        ("https://shop.example@evil.example", "http.address_malformed"),
        ("https://shop.example\\@evil.example", "http.address_malformed"),
        ("https://shop.example/a b", "http.address_malformed"),
        ("https://shop\n.example", "http.address_malformed"),
        ("https://shop\u202e.example", "http.address_malformed"),
        ("https://shop.example:99999", "http.address_malformed"),
        ("https://2130706433/", "http.address_malformed"),
        ("https://0x7f000001/", "http.address_malformed"),
        ("https://0x7f.1/", "http.address_malformed"),
        ("https://127.1/", "http.address_malformed"),
        ("https://0177.0.0.1/", "http.address_malformed"),
        ("https://127.0.0.1./", "http.address_malformed"),
        ("http://shop.example", "http.plain_refused"),
    ],
)
def test_refused_addresses(address: str, code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        checked_url(address, local=False)
    assert caught.value.code == code


def test_a_local_connection_may_use_plain_http() -> None:
    assert checked_url("http://192.168.1.5:8090/api", local=True).port == 8090


def test_fragments_are_dropped() -> None:
    assert str(checked_url("https://shop.example/a#b", local=False)) == "https://shop.example/a"


PUBLIC = ["8.8.8.8", "2606:4700:4700::1111", "151.101.1.69"]
PRIVATE = [
    "10.0.0.1",
    "172.16.5.5",
    "192.168.1.1",
    "127.0.0.1",
    "127.255.255.254",
    "100.64.0.1",
    "::1",
    "fd12::1",
]
NEVER = [
    "169.254.169.254", "169.254.1.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1",
    "100.100.100.200", "fe80::1", "ff02::1", "::", "fd00:ec2::254", "2001:db8::1", "fec0::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public_ones_may_be_called(address: str) -> None:
    assert may_call(ip_address(address), local=False)
    assert may_call(ip_address(address), local=True)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_ones_need_a_local_connection(address: str) -> None:
    assert not may_call(ip_address(address), local=False)
    assert may_call(ip_address(address), local=True)


@pytest.mark.parametrize("address", NEVER)
def test_reserved_ones_are_never_called(address: str) -> None:
    assert not may_call(ip_address(address), local=False)
    assert not may_call(ip_address(address), local=True)


def wrapped(inner: IPv4Address) -> list[IPv6Address]:
    number = int(inner)
    return [
        IPv6Address(0xFFFF << 32 | number),
        IPv6Address(int(IPv6Address("64:ff9b::")) | number),
        IPv6Address(int(IPv6Address("2002::")) | number << 80),
        IPv6Address(int(IPv6Address("2001::")) | (number ^ 0xFFFFFFFF)),
    ]


@given(st.ip_addresses(v=4), st.booleans())
def test_an_ipv4_address_inside_ipv6_is_judged_alike(inner: IPv4Address, local: bool) -> None:
    assert {may_call(outer, local=local) for outer in wrapped(inner)} == {may_call(inner, local=local)}


@given(st.ip_addresses())
def test_local_allows_more_but_nothing_public_less(address) -> None:
    if may_call(address, local=False):
        assert may_call(address, local=True)


def test_one_bad_address_spoils_the_name() -> None:
    with pytest.raises(ConfigError) as caught:
        resolve("shop.example", 443, local=False, resolver=lambda *_: ["8.8.8.8", "10.0.0.1"])
    assert caught.value.code == "http.address_refused"
    assert "shop.example" in caught.value.message.tr


def test_zones_and_repeats_are_dropped() -> None:
    found = resolve("x", 1, local=False, resolver=lambda *_: ["8.8.8.8", "8.8.8.8", "2606:4700::1%eth0"])
    assert found == ("8.8.8.8", "2606:4700::1")


@pytest.mark.parametrize("fault", [OSError("no"), UnicodeError("label too long")])
def test_a_name_that_does_not_resolve(fault: Exception) -> None:
    def resolver(host: str, port: int) -> list[str]:
        raise fault

    with pytest.raises(TransientError):
        resolve("x", 1, local=False, resolver=resolver)
    with pytest.raises(TransientError):
        resolve("x", 1, local=False, resolver=lambda *_: [])


@pytest.mark.parametrize(
    ("base", "other", "same"),
    [
        ("https://a.example", "https://a.example:443/x", True),
        ("https://a.example", "https://A.EXAMPLE/x", True),
        ("https://a.example", "https://a.example:444/x", False),
        ("https://a.example", "http://a.example/x", False),
        ("http://a.example", "https://a.example/x", True),
        ("http://a.example:8080", "https://a.example/x", False),
        ("https://a.example", "https://b.a.example/x", False),
    ],
)
def test_same_host(base: str, other: str, same: bool) -> None:
    assert same_host(httpx.URL(base), httpx.URL(other)) is same


class Resolver:
    """Gives its answers one after the other, as a rebinding name server does."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.calls = 0

    def __call__(self, host: str, port: int) -> list[str]:
        self.calls += 1
        return self.answers[min(self.calls, len(self.answers)) - 1]


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::ffff:127.0.0.1"])
def test_a_public_name_of_a_private_address_is_not_called(serve, client, scripts, address: str) -> None:
    server = serve(scripts.answering(scripts.status(200)))
    transport = PinnedTransport(local=False, resolver=Resolver([address]))
    http = client(f"https://shop.example:{server.port}", local=False, transport=transport)
    with pytest.raises(ConfigError) as caught:
        http.request("GET", "x")
    assert caught.value.code == "http.address_refused"
    assert server.connections == 0


def test_the_address_that_was_checked_is_the_one_called(serve, client, scripts) -> None:
    """Between check and connection the name is not asked again."""
    server = serve(scripts.answering(scripts.status(200)))
    resolver = Resolver(["127.0.0.1"], ["169.254.169.254"])
    transport = PinnedTransport(local=True, resolver=resolver)
    http = client(f"http://shop.test:{server.port}", transport=transport)
    assert http.request("GET", "x").status == 200
    assert http.request("GET", "x").status == 200
    assert resolver.calls == 1
    assert server.requests[0].headers["host"] == f"shop.test:{server.port}"


def test_a_name_that_changes_its_address_is_checked_again(serve, client) -> None:
    def once(peer) -> None:
        peer.read()
        peer.answer(200, b"{}", {"connection": "close"})

    server = serve(once)
    transport = PinnedTransport(local=True, resolver=Resolver(["127.0.0.1"], ["169.254.169.254"]))
    http = client(f"http://shop.test:{server.port}", transport=transport)
    assert http.request("GET", "x").status == 200
    with pytest.raises(ConfigError):
        http.request("GET", "x")
    assert server.connections == 1


def test_the_next_address_is_tried(serve, client, scripts) -> None:
    server = serve(scripts.answering(scripts.status(200)))
    transport = PinnedTransport(local=True, resolver=Resolver(["127.0.0.2", "::1", "127.0.0.1"]))
    http = client(f"http://shop.test:{server.port}", transport=transport)
    assert http.request("POST", "x", json={}).status == 200


def test_literal_private_addresses_need_a_local_connection(client) -> None:
    for address in ("https://127.0.0.1", "https://[::1]", "https://[::ffff:10.0.0.1]"):
        with pytest.raises(ConfigError) as caught:
            client(address, local=False).request("GET", "x")
        assert caught.value.code == "http.address_refused"
