"""The HTTP client of a hook: ``kopru.hooks.io.Http`` with every guard of the engine around it."""

import random
import re
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import httpcore
import httpx

from kopru.hooks.errors import (
    ConfigError,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    TransientError,
)
from kopru.hooks.io import Explain, Response
from kopru.hooks.manifest import Quota
from kopru.transport import answers, requests
from kopru.transport.address import checked_url, same_host
from kopru.transport.body import TooLarge, Unreadable, read
from kopru.transport.errors import CircuitOpen, LeaseLost, PlannedCall, PlannedRequest
from kopru.transport.network import deadline, shared_transport
from kopru.transport.ports import Circuit, Exchange, Guard, Limiter, NoCircuit, NoGuard, Recorder
from kopru.transport.redaction import Redactor
from kopru.transport.texts import TEXTS

_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_AWAY = frozenset({502, 503, 504})
"""Answers of whoever stands before the remote, saying that it is not there."""
_HEADERS_STARTED = "http11.send_request_headers.started"
_HEADERS_FAILED = "http11.send_request_headers.failed"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one client. Times are in seconds, sizes in bytes.

    ``patience`` is the longest wait for a free call of a quota; longer waits go back to the engine as
    ``RateLimited``.
    """

    timeout: float = 30.0
    connect_timeout: float = 10.0
    response_size: int = 64_000_000
    retries: int = 2
    backoff: float = 0.3
    redirects: int = 5
    patience: float = 1.0
    recorded_body: int = 4_096


DEFAULT_LIMITS = Limits()


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _unlimited() -> float:
    return float("inf")


@dataclass(frozen=True, kw_only=True)
class HttpClient:
    """Calls one connection's server.

    ``base_url`` is its address, ``hosts`` are those of its further servers; ``local`` allows plain HTTP and
    private addresses, ``verify`` checks certificates. ``quotas`` are tried against method and path of each
    request, ``scopes`` names the bucket for each quota scope. ``remaining`` returns the seconds left for the
    hook, ``now`` the engine's time. ``transport`` replaces the process's pooled connections; it must emit
    httpcore's trace events.
    """

    base_url: str
    hosts: tuple[str, ...] = ()
    local: bool = False
    verify: bool = True
    quotas: tuple[Quota, ...] = ()
    scopes: Mapping[str, str] = field(default_factory=dict)
    limiter: Limiter | None = None
    recorder: Recorder | None = None
    guard: Guard = field(default_factory=NoGuard)
    circuit: Circuit = field(default_factory=NoCircuit)
    redactor: Redactor = field(default_factory=Redactor)
    dry_run: bool = False
    remaining: Callable[[], float] = _unlimited
    now: Callable[[], datetime] = _utc_now
    sleep: Callable[[float], None] = time.sleep
    transport: httpx.BaseTransport | None = None
    connection: UUID | None = None
    limits: Limits = DEFAULT_LIMITS

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int | list[str]] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        accept: Collection[int] = (),
        explain: Explain | None = None,
        safe: bool | None = None,
        timeout: float | None = None,
    ) -> Response:
        """Send one request and return its answer; see ``kopru.hooks.io.Http.request``."""
        url = requests.target(self._base, path, local=self.local, params=params, hosts=self._hosts)
        request = requests.build(
            method, url, headers=headers, json=json, form=form, content=content, files=files
        )
        repeatable = request.method in _REPEATABLE if safe is None else safe
        if self.dry_run and not repeatable:
            raise PlannedRequest(self._planned(request))
        call = _Call(self, request, repeatable, accept, explain, timeout or self.limits.timeout)
        return call.run()

    @cached_property
    def _base(self) -> httpx.URL:
        return checked_url(self.base_url, local=self.local)

    @cached_property
    def _hosts(self) -> tuple[httpx.URL, ...]:
        return tuple(checked_url(host, local=self.local) for host in self.hosts)

    @cached_property
    def _rules(self) -> tuple[tuple[Quota, re.Pattern[str]], ...]:
        # The rarest first, so that a refusal by the long window does not use up the short one.
        ordered = sorted(self.quotas, key=lambda quota: quota.period, reverse=True)
        return tuple((quota, re.compile(quota.path)) for quota in ordered)

    def quotas_of(self, method: str, path: str) -> tuple[Quota, ...]:
        """Return the quotas a request counts towards, the longest period first."""
        return tuple(
            quota for quota, pattern in self._rules if quota.method in ("*", method) and pattern.search(path)
        )

    def scope_of(self, quota: Quota) -> str:
        """Return the bucket a quota is counted in."""
        return self.scopes.get(quota.scope) or f"{quota.scope}:{self.connection or self._base.host}"

    def sender(self) -> httpx.BaseTransport:
        """Return what puts requests on the wire."""
        return self.transport or shared_transport(local=self.local, verify=self.verify)

    def _planned(self, request: httpx.Request) -> PlannedCall:
        return PlannedCall(
            method=request.method,
            url=self.redactor.text(str(request.url)),
            headers=self.redactor.headers(request.headers),
            body=self.redactor.body(request.read(), limit=self.limits.recorded_body),
        )


@dataclass(slots=True)
class _Trip:
    """What is known about one request on its way."""

    started: float
    started_at: datetime
    sent: bool = False
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    error: str = ""
    broken: bool = False


@dataclass(frozen=True, slots=True)
class _Call:
    """One call of a plugin: tries, redirects and the meaning of the answer."""

    client: HttpClient
    request: httpx.Request
    safe: bool
    accept: Collection[int]
    explain: Explain | None
    timeout: float

    def run(self) -> Response:
        tries = self.client.limits.retries if self.safe else 0
        for attempt in range(tries):
            try:
                return self._judged(self._followed())
            except TransientError as error:
                # A lost lease stays lost, and after a timeout another try is not a short one.
                if isinstance(error, LeaseLost | CircuitOpen) or error.code == "http.timeout":
                    raise
                pause = self.client.limits.backoff * 2**attempt * random.uniform(0.5, 1.5)  # noqa: S311
                if self.client.remaining() <= pause + 1:
                    raise
                self.client.sleep(pause)
        return self._judged(self._followed())

    def _followed(self) -> Response:
        request = self.request
        for _ in range(self.client.limits.redirects + 1):
            response = self._exchanged(request)
            if response.status not in _REDIRECTS or response.status in self.accept:
                return response
            request = self._redirect(request, response)
        raise self._not_followed(response)

    def _redirect(self, request: httpx.Request, response: Response) -> httpx.Request:
        if request.method not in _REPEATABLE or "location" not in response.headers:
            raise self._not_followed(response)
        try:
            url = checked_url(str(request.url.join(response.headers["location"])), local=self.client.local)
        except (ConfigError, httpx.InvalidURL) as error:
            raise self._not_followed(response) from error
        if not same_host(request.url, url):
            raise self._not_followed(response)
        return requests.redirected(request, url)

    def _not_followed(self, response: Response) -> ConnectorError:
        location = self.client.redactor.text(response.headers.get("location", "")[:200])
        text = TEXTS.text("http.redirect", location=location or "?")
        # After 303 and, in practice, 301 and 302 the write may have been carried out already.
        done_perhaps = not self.safe and response.status not in (307, 308)
        return (OutcomeUnknown if done_perhaps else ConfigError)("http.redirect", text)

    def _judged(self, response: Response) -> Response:
        if response.status < 400 or response.status in self.accept:
            return response
        error = self._explained(response) or answers.error_for(
            response,
            safe=self.safe,
            now=self.client.now(),
            detail=self._detail(response),
            scope=self._scope(),
        )
        raise self._redactor().error(error)

    def _redactor(self) -> Redactor:
        return self.client.redactor.beside(self.request.read())

    def _explained(self, response: Response) -> ConnectorError | None:
        if self.explain is None:
            return None
        try:
            error = self.explain(response)
        except ConnectorError as raised:
            error = raised
        except Exception:  # noqa: BLE001 - a broken error body must not hide the status
            return None
        if isinstance(error, TransientError) and response.status >= 500 and not self.safe:
            # Whatever the vendor says, a failed write may have left a trace.
            return OutcomeUnknown(error.code, error.message, detail=error.detail)
        return error

    def _detail(self, response: Response) -> str:
        words = f"{self.request.method} {self.request.url.path} -> {response.status}"
        redactor = self._redactor()
        return f"{redactor.text(words)} {redactor.body(response.content, limit=500)}".strip()

    def _scope(self) -> str:
        quotas = self.client.quotas_of(self.request.method, self.request.url.path)
        return quotas[0].name if quotas else ""

    def _exchanged(self, request: httpx.Request) -> Response:
        quotas = self.client.quotas_of(request.method, request.url.path)
        self._take(quotas)
        budget = min(self.timeout, self.client.remaining())
        if budget <= 0:
            raise TransientError("http.deadline", TEXTS["http.deadline"])
        self.client.circuit.admit(budget)
        trip = _Trip(time.monotonic(), self.client.now())
        try:
            with deadline(budget):
                self._send(request, trip, budget)
            response = Response(trip.status or 0, trip.headers, bytes(trip.body), str(request.url))
        except ConnectorError as error:
            trip.error = error.code
            trip.broken = isinstance(error, TransientError | OutcomeUnknown) and not isinstance(
                error, LeaseLost
            )
            raise
        finally:
            self._record(request, trip)
            self._report(trip)
        if response.status == 429:
            self._penalize(quotas, response)
        return response

    def _take(self, quotas: tuple[Quota, ...]) -> None:
        if self.client.limiter is None:
            return
        patience = self.client.limits.patience
        for quota in quotas:
            while True:
                try:
                    self.client.limiter.acquire(self.client.scope_of(quota), quota)
                    break
                except RateLimited as refusal:
                    wait = refusal.retry_after
                    if wait is None or wait > patience or wait >= self.client.remaining():
                        raise
                    patience -= wait
                    self.client.sleep(wait)

    def _penalize(self, quotas: tuple[Quota, ...], response: Response) -> None:
        if self.client.limiter is None:
            return
        wait = answers.retry_after(response.headers.get("retry-after"), self.client.now())
        for quota in quotas:
            self.client.limiter.penalize(self.client.scope_of(quota), quota, wait)

    def _send(self, request: httpx.Request, trip: _Trip, budget: float) -> None:
        connect = min(budget, self.client.limits.connect_timeout)
        request.extensions = {
            "timeout": {"connect": connect, "read": budget, "write": budget, "pool": connect},
            "trace": self._tracer(trip),
        }
        response: httpx.Response | None = None
        try:
            response = self.client.sender().handle_request(request)
            trip.status = response.status_code
            trip.headers = {name.lower(): value for name, value in response.headers.items()}
            self._read(request, response, trip)
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            self._broken(error, trip)
        finally:
            if response is not None:
                response.close()

    def _tracer(self, trip: _Trip) -> Callable[[str, Mapping[str, Any]], None]:
        def trace(event: str, info: Mapping[str, Any]) -> None:
            if event == _HEADERS_STARTED:
                if not self.safe:
                    self.client.guard.before_write()
                trip.sent = True
            elif event == _HEADERS_FAILED and isinstance(info.get("exception"), httpcore.LocalProtocolError):
                trip.sent = False

        return trace

    def _read(self, request: httpx.Request, response: httpx.Response, trip: _Trip) -> None:
        encoding = "" if request.method == "HEAD" else response.headers.get("content-encoding", "")
        stream = response.stream
        assert isinstance(stream, httpx.SyncByteStream)
        limit = self.client.limits.response_size
        try:
            read(stream, encoding, limit, trip.body)
        except (TooLarge, Unreadable) as error:
            if response.status_code >= 400:
                return
            code = "http.too_large" if isinstance(error, TooLarge) else "http.malformed"
            text = TEXTS.text(code, limit=limit)
            if not self.safe:
                raise OutcomeUnknown("http.outcome_unknown", detail=text.en) from error
            kind = Rejected if isinstance(error, TooLarge) else TransientError
            raise kind(code, text) from error

    def _broken(self, error: Exception, trip: _Trip) -> None:
        if trip.status is not None and trip.status >= 400:
            return
        raise answers.failure(error, sent=trip.sent, safe=self.safe, local=self.client.local) from error

    def _report(self, trip: _Trip) -> None:
        # As with recording: the outcome of the call stands.
        with suppress(Exception):
            if trip.broken or trip.status in _AWAY:
                self.client.circuit.failed(trip.error or f"http.{trip.status}")
            elif trip.status is not None:
                self.client.circuit.answered()

    def _record(self, request: httpx.Request, trip: _Trip) -> None:
        if self.client.recorder is None:
            return
        # The outcome of the call stands, whether or not it could be written down.
        with suppress(Exception):
            self.client.recorder.record(self._exchange(request, trip))

    def _exchange(self, request: httpx.Request, trip: _Trip) -> Exchange:
        sent = request.read()
        redactor, limit = self.client.redactor.beside(sent), self.client.limits.recorded_body
        return Exchange(
            connection=self.client.connection,
            method=request.method,
            url=redactor.text(str(request.url)),
            started_at=trip.started_at,
            seconds=time.monotonic() - trip.started,
            sent=trip.sent,
            status=trip.status,
            error=trip.error,
            request_size=len(sent),
            response_size=len(trip.body),
            request_headers=redactor.headers(request.headers),
            response_headers=redactor.headers(trip.headers),
            request_body=redactor.body(sent, limit=limit),
            response_body=redactor.body(bytes(trip.body), limit=limit),
        )
