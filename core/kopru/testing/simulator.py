"""A base for simulators: small servers that behave as a remote system is documented to behave.

A connector ships one (``kopru_<name>/simulator.py``, entry point group ``kopru.simulators``). It subclasses
``Simulator``, marks its handlers with ``@route`` and keeps its records in plain attributes. The base brings
HTTP/1.1 with keep-alive on a loopback port, faults, the remote's quotas, read lag and the ground-truth log.

A simulator may offer levers, methods by which tests let the world move on. The contract kit uses these
where they exist: ``add_order(order)`` lets a ``WorldOrder`` be placed, ``change_order(order_id)`` lets it
change, ``add_return(order)`` lets its buyer send one piece of its first line back, ``receive()`` lets an
invoice arrive in the inbox, ``subscribe(url)`` has changes told to an address.

Control addresses, for tests in other processes: ``POST /_sim/faults`` (a JSON list), ``DELETE /_sim/faults``,
``GET /_sim/truth``, ``GET /_sim/held/<operation>``.
"""

import json
import re
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar

from kopru.hooks.manifest import Quota
from kopru.hooks.types import Operation
from kopru.testing.faults import Fault, FaultPlan
from kopru.testing.server import Server, Watch
from kopru.testing.truth import Truth
from kopru.testing.wire import Served, SimRequest, SimResponse
from kopru.testing.world import World
from kopru.transport.sqldriver import Driver

__all__ = ["Held", "Served", "SimRequest", "SimResponse", "Simulator", "reply", "route"]


@dataclass(frozen=True, slots=True)
class Held:
    """One record the remote holds because of a write: how often our reference stands on it is what counts."""

    reference: str
    """Our short reference, ETTN or other identity of the write; for stock and prices the product's."""
    id: str
    number: str = ""
    """The document's number; for stock the quantity."""
    total: Decimal | None = None
    """The document's total; for prices the price."""
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


@dataclass(slots=True)
class _Counter:
    quota: Quota
    pattern: re.Pattern[str]
    calls: deque[float] = field(default_factory=deque)

    def concerns(self, method: str, path: str) -> bool:
        return self.quota.method in ("*", method) and self.pattern.search(path) is not None

    def full(self, now: float) -> bool:
        period = self.quota.period.total_seconds()
        while self.calls and self.calls[0] <= now - period:
            self.calls.popleft()
        return len(self.calls) >= self.quota.calls


class _Quotas:
    """Counts calls in sliding windows, as the remote's documentation states its limits.

    A call that one quota refuses counts towards none.
    """

    def __init__(self, quotas: Iterable[Quota]) -> None:
        self._counters = [_Counter(quota, re.compile(quota.path)) for quota in quotas]
        self._lock = threading.Lock()
        self.violations = 0

    def exceeded(self, method: str, path: str) -> bool:
        with self._lock:
            now = time.monotonic()
            counters = [counter for counter in self._counters if counter.concerns(method, path)]
            if any(counter.full(now) for counter in counters):
                self.violations += 1
                return True
            for counter in counters:
                counter.calls.append(now)
            return False


class Simulator(ABC):
    """One remote system on a loopback port. Use it as a context manager or with ``start``/``stop``."""

    name: ClassVar[str]
    driver: ClassVar[Driver | None] = None
    """How ``ctx.sql`` reaches it; only simulated databases have one (``kopru.testing.sql``)."""

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
        self.served: deque[Served] = deque(maxlen=10_000)
        """The last requests, as far as they were answered or carried out."""
        self.bugs: list[str] = []
        """Tracebacks of handlers that failed; a simulator with bugs proves nothing."""
        self.shift: Callable[[], object] = lambda: None
        """Lets the world move on when the fault of that name strikes; set by a test."""
        self.watch: Watch | None = None
        """Is told of every request as it was answered; set by a test."""
        self._routes = _routes_of(self)
        self._server = Server(self, port)

    @property
    def url(self) -> str:
        """Return the base address."""
        return f"http://127.0.0.1:{self._server.port}"

    def start(self) -> None:
        """Begin to answer."""
        self._server.start()

    def stop(self) -> None:
        """Stop answering, hang up on everybody and free the port. Stopping twice is harmless."""
        self._server.stop()
        self.truth.close()

    def settle(self, timeout: float = 5.0) -> bool:
        """Wait until nothing is under way any more, late commits included; return whether that came true."""
        return self._server.settle(timeout)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    @abstractmethod
    def config(self) -> dict[str, Any]:
        """Return connection settings (secrets in clear) that make the connector talk to this simulator."""

    @abstractmethod
    def load(self, world: World) -> None:
        """Fill the remote with what the world says it should hold: orders, items, partners, registrations.

        Loading a larger world later adds what is new in it.
        """

    @abstractmethod
    def held(self, operation: Operation) -> list[Held]:
        """Return what writes of one kind left behind; the checkers read nothing else."""

    def visible(self, committed_at: float) -> bool:
        """Whether a record committed at that ``time.time()`` is already visible to reads."""
        return time.time() - committed_at >= self.read_lag

    def address(self, request: SimRequest) -> str:
        """Return what faults and the list of requests know a request by.

        That is its path; where everything has one path (GraphQL, SOAP) a simulator adds the operation.
        """
        return request.path

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
            return self._control_faults(request)
        if request.path == "/_sim/truth":
            return reply([{"at": fact.at, "kind": fact.kind, **fact.data} for fact in self.truth])
        name = request.path.removeprefix("/_sim/held/")
        if name in {operation.value for operation in Operation}:
            return reply([_plain(held) for held in self.held(Operation(name))])
        return self.not_found()

    def _control_faults(self, request: SimRequest) -> SimResponse:
        if request.method == "DELETE":
            self.faults.clear()
        elif request.method == "POST":
            try:
                self.faults.add(*(Fault.from_json(item) for item in request.json()))
            except (TypeError, ValueError) as error:
                return reply({"message": str(error)}, 400)
        return reply({"struck": {str(kind): count for kind, count in self.faults.struck.items()}})


def _plain(held: Held) -> dict[str, object]:
    return {name: getattr(held, name) for name in ("reference", "id", "number", "total", "live")}


def _routes_of(simulator: Simulator) -> list[tuple[str, re.Pattern[str], Handler]]:
    found = []
    for name in dir(type(simulator)):
        member = getattr(type(simulator), name)
        for method, pattern in getattr(member, "sim_routes", ()):
            found.append((method, pattern, getattr(simulator, name)))
    return found
