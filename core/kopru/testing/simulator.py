"""A base for simulators: small servers that behave as a remote system is documented to behave.

A connector ships one (``kopru_<name>/simulator.py``, entry point group ``kopru.simulators``). It subclasses
``Simulator``, marks its handlers with ``@route`` and keeps its records in plain attributes. The base brings
HTTP/1.1 with keep-alive on a loopback port, faults, the remote's quotas, read lag and the ground-truth log.

Control addresses, for tests in other processes: ``POST /_sim/faults`` (a JSON list), ``DELETE /_sim/faults``,
``GET /_sim/truth``, ``GET /_sim/held/<operation>``.
"""

import json
import re
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from urllib.parse import parse_qs, urlsplit

from kopru.hooks.manifest import Quota
from kopru.hooks.types import Operation
from kopru.testing.faults import Fault, FaultKind, FaultPlan
from kopru.testing.truth import Truth
from kopru.testing.world import World


@dataclass(frozen=True, slots=True)
class SimRequest:
    """A request as the simulator sees it; header names are lower-case."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    def param(self, name: str, default: str = "") -> str:
        """Return the first value of a query parameter."""
        return self.query.get(name, [default])[0]

    def json(self) -> Any:
        """Return the body as JSON with exact decimals.

        Raises:
            ValueError: the body is not JSON.
        """
        return json.loads(self.body, parse_float=Decimal)

    def form(self) -> dict[str, str]:
        """Return an urlencoded body."""
        return {
            key: values[0] for key, values in parse_qs(self.body.decode(), keep_blank_values=True).items()
        }


@dataclass(frozen=True, slots=True)
class SimResponse:
    """An answer of the simulator."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Held:
    """One record the remote holds because of a write: how often our reference stands on it is what counts."""

    reference: str
    """Our short reference, ETTN or other identity of the write."""
    id: str
    number: str = ""
    total: Decimal | None = None
    live: bool = True


def _encode(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)


def reply(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> SimResponse:
    """Return a JSON answer; decimals become JSON numbers."""
    body = json.dumps(data, default=_encode, ensure_ascii=False).encode()
    return SimResponse(status, body, {"content-type": "application/json; charset=utf-8", **(headers or {})})


Handler = Callable[..., SimResponse]
H = TypeVar("H", bound=Handler)


def route(method: str, pattern: str) -> Callable[[H], H]:
    """Mark a simulator method as the handler of a path; named groups become keyword arguments."""

    def mark(handler: H) -> H:
        handler.__dict__.setdefault("sim_routes", []).append((method, re.compile(pattern + r"\Z")))
        return handler

    return mark


class _Quotas:
    """Counts calls in sliding windows, as the remote's documentation states its limits."""

    def __init__(self, quotas: Iterable[Quota]) -> None:
        self._quotas = [(quota, deque[float]()) for quota in quotas]
        self._lock = threading.Lock()
        self.violations = 0

    def exceeded(self, method: str, path: str) -> bool:
        now = time.monotonic()
        with self._lock:
            for quota, calls in self._quotas:
                if quota.method not in ("*", method) or not re.search(quota.path, path):
                    continue
                while calls and calls[0] <= now - quota.period.total_seconds():
                    calls.popleft()
                if len(calls) >= quota.calls:
                    self.violations += 1
                    return True
                calls.append(now)
        return False


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True


class Simulator(ABC):
    """One remote system on a loopback port. Use it as a context manager or with ``start``/``stop``."""

    name: ClassVar[str]

    def __init__(
        self,
        *,
        seed: int = 0,
        quotas: Iterable[Quota] = (),
        read_lag: float = 0.0,
        truth: Path | None = None,
        port: int = 0,
    ) -> None:
        """Take the seed of the faults, quotas to enforce, seconds of read lag and the ground-truth file.

        ``read_lag``: a written record becomes visible to reads that many seconds later (``visible``).
        """
        self.faults = FaultPlan(seed)
        self.truth = Truth(truth)
        self.lock = threading.RLock()
        self.read_lag = read_lag
        self.quotas = _Quotas(quotas)
        self._routes = _routes_of(self)
        self._server = _Server(("127.0.0.1", port), _handler_for(self))
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )

    @property
    def url(self) -> str:
        """Return the base address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self.truth.close()

    def __enter__(self) -> "Simulator":
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    @abstractmethod
    def config(self) -> dict[str, Any]:
        """Return connection settings (secrets in clear) that make the connector talk to this simulator."""

    @abstractmethod
    def load(self, world: World) -> None:
        """Fill the remote with what the world says it should hold: orders, items, partners, registrations."""

    @abstractmethod
    def held(self, operation: Operation) -> list[Held]:
        """Return what writes of one kind left behind; the checkers read nothing else."""

    def visible(self, committed_at: float) -> bool:
        """Whether a record committed at that ``time.time()`` is already visible to reads."""
        return time.time() - committed_at >= self.read_lag

    def guard(self, request: SimRequest) -> SimResponse | None:
        """Check authentication and mandatory headers; return the refusal, or ``None`` to go on."""
        return None

    def too_many(self) -> SimResponse:
        """Return the remote's own answer to too many calls."""
        return reply({"message": "too many requests"}, 429)

    def not_found(self) -> SimResponse:
        """Return the remote's own answer to an unknown path."""
        return reply({"message": "not found"}, 404)

    def handle(self, request: SimRequest) -> SimResponse:
        """Answer one request; faults are applied outside."""
        if request.path.startswith("/_sim/"):
            return self._control(request)
        if self.quotas.exceeded(request.method, request.path):
            return self.too_many()
        refusal = self.guard(request)
        if refusal is not None:
            return refusal
        for method, pattern, handler in self._routes:
            match = pattern.match(request.path)
            if match and method == request.method:
                return handler(request, **match.groupdict())
        return self.not_found()

    def _control(self, request: SimRequest) -> SimResponse:
        if request.path == "/_sim/faults":
            if request.method == "DELETE":
                self.faults.clear()
            else:
                self.faults.add(*(Fault.from_json(item) for item in json.loads(request.body)))
            return reply({"struck": {str(kind): count for kind, count in self.faults.struck.items()}})
        if request.path == "/_sim/truth":
            return reply([{"at": fact.at, "kind": fact.kind, **fact.data} for fact in self.truth])
        if request.path.startswith("/_sim/held/"):
            operation = Operation(request.path.rsplit("/", 1)[1])
            return reply(
                [
                    {
                        "reference": held.reference,
                        "id": held.id,
                        "number": held.number,
                        "total": held.total,
                        "live": held.live,
                    }
                    for held in self.held(operation)
                ]
            )
        return self.not_found()


def _routes_of(simulator: Simulator) -> list[tuple[str, re.Pattern[str], Handler]]:
    found = []
    for name in dir(type(simulator)):
        member = getattr(type(simulator), name)
        for method, pattern in getattr(member, "sim_routes", ()):
            found.append((method, pattern, getattr(simulator, name)))
    return found


def _handler_for(simulator: Simulator) -> type[BaseHTTPRequestHandler]:
    class _Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet: the ground-truth log is the record."""

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            request = SimRequest(
                method=self.command,
                path=parts.path,
                query=parse_qs(parts.query, keep_blank_values=True),
                headers={key.lower(): value for key, value in self.headers.items()},
                body=body,
            )
            fault = (
                None if parts.path.startswith("/_sim/") else simulator.faults.strike(self.command, parts.path)
            )
            self._answer(request, fault)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _serve

        def _answer(self, request: SimRequest, fault: Fault | None) -> None:
            kind = fault.kind if fault else None
            seconds = (fault.seconds if fault else None) or 0.0
            if fault and kind is FaultKind.STATUS:
                headers = {"retry-after": str(int(seconds))} if fault.seconds is not None else {}
                self._write(SimResponse(fault.status, b"", headers))
                return
            if kind is FaultKind.DROP_BEFORE:
                self._hang_up()
                return
            if kind is FaultKind.LATE_COMMIT:
                timer = threading.Timer(seconds, simulator.handle, (request,))
                timer.daemon = True
                timer.start()
                self._hang_up()
                return
            if kind is FaultKind.LATENCY:
                time.sleep(seconds)
            response = simulator.handle(request)
            if kind is FaultKind.DROP_AFTER:
                self._hang_up()
                return
            if kind is FaultKind.MALFORMED:
                cut = response.body[: len(response.body) // 2] + b"\xff\x00{"
                response = SimResponse(response.status, cut, response.headers)
            self._write(response, drip=seconds if kind is FaultKind.SLOW_DRIP else 0.0)

        def _hang_up(self) -> None:
            self.close_connection = True
            try:
                self.connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                return

        def _write(self, response: SimResponse, drip: float = 0.0) -> None:
            self.send_response(response.status)
            for key, value in response.headers.items():
                self.send_header(key, value)
            self.send_header("content-length", str(len(response.body)))
            self.end_headers()
            if self.command == "HEAD":
                return
            if not drip:
                self.wfile.write(response.body)
                return
            for i in range(len(response.body)):
                self.wfile.write(response.body[i : i + 1])
                self.wfile.flush()
                time.sleep(drip / len(response.body))

    return _Handler
