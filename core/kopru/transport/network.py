"""Sockets: connect to the address that was checked, and never outlive the request's deadline."""

import contextlib
import os
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from functools import cache
from typing import Any

import httpcore
import httpx

from kopru.transport.address import Resolver, resolve, system_resolver

KEEP_ALIVE_SECONDS = 5.0
_MAX_CONNECTIONS = 256
_MAX_IDLE = 32

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Limit all socket work inside to this many seconds in total."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


class PinnedTransport(httpx.BaseTransport):
    """Sends requests over pooled HTTP/1.1 connections, each to an address that was resolved and checked.

    Connections are pooled by host name, so a certificate is always checked for the name called. Exceptions
    are those of httpcore, the contract's own errors for a refused address, and whatever a trace hook raises.
    """

    def __init__(
        self, *, local: bool, tls: ssl.SSLContext | None = None, resolver: Resolver = system_resolver
    ) -> None:
        """Take whether private addresses are allowed, and how certificates are verified."""
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls or tls_context(verify=True),
            max_connections=_MAX_CONNECTIONS,
            max_keepalive_connections=_MAX_IDLE,
            keepalive_expiry=KEEP_ALIVE_SECONDS,
            network_backend=_PinnedBackend(local, resolver),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; the answer's body is still to be read and closed."""
        url = request.url
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        """Close every pooled connection."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _PinnedBackend(httpcore.NetworkBackend):
    def __init__(self, local: bool, resolver: Resolver) -> None:
        self._local = local
        self._resolver = resolver
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = resolve(host, port, local=self._local, resolver=self._resolver)
        for last, address in enumerate(addresses, start=1 - len(addresses)):
            try:
                stream = self._sockets.connect_tcp(
                    address, port, _capped(timeout, httpcore.ConnectTimeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if last == 0:
                    raise
            else:
                return _DeadlineStream(stream)
        raise httpcore.ConnectError("no address")

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class _DeadlineStream(httpcore.NetworkStream):
    """A stream whose every step gets no more than what is left until the deadline."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _capped(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _capped(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        capped = _capped(timeout, httpcore.ConnectTimeout)
        return _DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, capped))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


_shared: dict[tuple[bool, bool], PinnedTransport] = {}
_shared_lock = threading.Lock()


def shared_transport(*, local: bool, verify: bool) -> PinnedTransport:
    """Return the process's transport of this kind; its connections are shared by all callers."""
    with _shared_lock:
        transport = _shared.get((local, verify))
        if transport is None:
            transport = PinnedTransport(local=local, tls=tls_context(verify=verify))
            _shared[local, verify] = transport
        return transport


# A forked child must not write into its parent's connections.
os.register_at_fork(after_in_child=_shared.clear)


@cache
def tls_context(*, verify: bool) -> ssl.SSLContext:
    """Return the process's TLS settings, with or without verification of certificates."""
    return httpx.create_ssl_context(verify=verify)


def _capped(timeout: float | None, expired: type[Exception]) -> float | None:
    limit = _deadline.get()
    if limit is None:
        return timeout
    left = limit - time.monotonic()
    if left <= 0:
        raise expired("deadline")
    return left if timeout is None else min(timeout, left)
