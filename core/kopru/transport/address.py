"""Where a connection may call: schemes, host names and resolved addresses (protection against SSRF)."""

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx

from kopru.hooks.errors import ConfigError, TransientError
from kopru.transport.texts import TEXTS

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a host name as text.

Raises:
    OSError: the name cannot be resolved.
"""

_METADATA = frozenset(
    {ip_address("169.254.169.254"), ip_address("100.100.100.200"), ip_address("fd00:ec2::254")}
)
_NAT64 = ip_network("64:ff9b::/96")
_LOCAL_NETWORKS = tuple(
    ip_network(network)
    for network in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "127.0.0.0/8",
        "100.64.0.0/10",
        "::1/128",
        "fc00::/7",
    )
)


def checked_url(address: str, *, local: bool) -> httpx.URL:
    """Return an address that may be called, as far as its text tells.

    Raises:
        ConfigError: empty, not http(s), plain HTTP without ``local``, with user data, or an odd host.
    """
    if not address.strip():
        raise _refuse("http.address_missing")
    if any(
        character.isspace() or character in '\\"<>' or not character.isprintable() for character in address
    ):
        raise _refuse("http.address_malformed")
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        raise _refuse("http.address_malformed") from error
    if (
        url.scheme not in ("http", "https")
        or not url.host
        or url.userinfo
        or "@" in url.netloc.decode("ascii")
    ):
        raise _refuse("http.address_malformed")
    if url.scheme == "http" and not local:
        raise _refuse("http.plain_refused")
    if _is_odd_number(url.host) or not 0 < _port(url) < 65_536:
        raise _refuse("http.address_malformed")
    return url.copy_with(fragment=None)


def same_host(base: httpx.URL, other: httpx.URL) -> bool:
    """Whether an address is on the base's server: same origin, or its https twin on the default port."""
    if base.host != other.host:
        return False
    if base.scheme == other.scheme:
        return _port(base) == _port(other)
    return base.scheme == "http" and other.scheme == "https" and _port(base) == 80 and _port(other) == 443


def resolve(host: str, port: int, *, local: bool, resolver: Resolver) -> tuple[str, ...]:
    """Resolve a host once and return the addresses to connect to, in the resolver's order.

    Raises:
        ConfigError: one of the addresses may not be called.
        TransientError: the name cannot be resolved.
    """
    try:
        found = [ip_address(text.partition("%")[0]) for text in resolver(host, port)]
    except (OSError, UnicodeError) as error:
        text = TEXTS.text("http.host_unknown", host=host)
        raise TransientError("http.host_unknown", text, detail=str(error)) from error
    if not found:
        raise TransientError("http.host_unknown", TEXTS.text("http.host_unknown", host=host))
    if not all(may_call(address, local=local) for address in found):
        raise ConfigError("http.address_refused", TEXTS.text("http.address_refused", host=host))
    return tuple(dict.fromkeys(str(address) for address in found))


def may_call(address: Address, *, local: bool) -> bool:
    """Whether an address may be connected to.

    Public unicast addresses always; private ones and loopback for a local connection only; link-local and
    cloud metadata addresses never. An address that carries an IPv4 address is judged by that one too.
    """
    inner = _embedded(address)
    if inner is not None:
        return may_call(inner, local=local)
    if address in _METADATA or address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if isinstance(address, IPv6Address) and address.is_site_local:
        return False
    if local and any(address in network for network in _LOCAL_NETWORKS):
        return True
    return address.is_global and not address.is_reserved


def system_resolver(host: str, port: int) -> list[str]:
    """Resolve by the operating system."""
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _embedded(address: Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64 or (int(address) >> 32 == 0 and int(address) > 1):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _is_odd_number(host: str) -> bool:
    # Resolvers read 2130706433, 0x7f.1 and 127.1 as addresses; only the plain spelling is allowed.
    last = host.rstrip(".").rpartition(".")[2].lower()
    if ":" in host or not (last.isdigit() or last.startswith("0x")):
        return False
    try:
        IPv4Address(host)
    except ValueError:
        return True
    return False


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _refuse(code: str) -> ConfigError:
    return ConfigError(code, TEXTS[code])
