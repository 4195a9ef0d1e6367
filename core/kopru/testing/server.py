"""The HTTP/1.1 server under a simulator: one thread per connection, faults applied around each answer."""

import socket
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from kopru.testing.faults import Fault, FaultKind, FaultPlan, twisted
from kopru.testing.truth import Truth
from kopru.testing.wire import Served, SimRequest, SimResponse

CONTROL = "/_sim/"
"""Addresses below this are for tests; no fault strikes them."""

Watch = Callable[[float, SimRequest, Fault | None, SimResponse | None], object]
"""Is told of each request: when it arrived (``time.time()``), what struck it, its answer if one was sent."""

_HUNG_UP = (FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER, FaultKind.LATE_COMMIT)


class Site(Protocol):
    """What is served: a simulator."""

    faults: FaultPlan
    truth: Truth
    served: deque[Served]
    bugs: list[str]
    shift: Callable[[], object]
    watch: "Watch | None"

    def handle(self, request: SimRequest) -> SimResponse:
        """Answer one request."""
        ...

    def address(self, request: SimRequest) -> str:
        """Return what faults and the list of requests know a request by."""
        ...


class Server:
    """Serves a site on a loopback port."""

    def __init__(self, site: Site, port: int) -> None:
        """Take the port; 0 lets the kernel choose."""
        self._site = site
        self._listener = _Listener(("127.0.0.1", port), _handler_for(self))
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._stopping = threading.Event()
        self._idle = threading.Condition()
        self._under_way = 0
        self._last: dict[str, SimResponse] = {}

    @property
    def port(self) -> int:
        """Return the port in use."""
        return int(self._listener.server_address[1])

    def start(self) -> None:
        """Begin to accept connections."""
        self._thread.start()

    def stop(self) -> None:
        """Accept nothing more, hang up on everybody and free the port."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        if self._thread.is_alive():
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            self._thread.join(timeout=5)
        self._listener.server_close()
        self._listener.hang_up()

    def settle(self, timeout: float) -> bool:
        """Wait until no request and no late commit is under way."""
        with self._idle:
            return self._idle.wait_for(lambda: self._under_way == 0, timeout)

    def strike(self, request: SimRequest) -> Fault | None:
        """Return the fault that hits a request."""
        if request.path.startswith(CONTROL):
            return None
        return self._site.faults.strike(request.method, self._site.address(request))

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Count something as under way."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def answer(self, request: SimRequest, fault: Fault | None) -> SimResponse | None:
        """Carry a request out under a fault; ``None`` means that the connection is to be closed."""
        if fault is None:
            return self._carried_out(request)
        if fault.kind is FaultKind.STATUS:
            return _status(fault)
        if fault.kind is FaultKind.LATE_COMMIT:
            self._later(request, fault.seconds or 0.0)
        elif fault.kind is not FaultKind.DROP_BEFORE:
            response = self._troubled(request, fault)
        return None if fault.kind in _HUNG_UP else response

    def tell(
        self, arrived: float, request: SimRequest, fault: Fault | None, response: SimResponse | None
    ) -> None:
        """Tell whoever watches of a request."""
        if self._site.watch is not None and not request.path.startswith(CONTROL):
            self._site.watch(arrived, request, fault, response)

    def _troubled(self, request: SimRequest, fault: Fault) -> SimResponse:
        if fault.kind is FaultKind.LATENCY:
            time.sleep(fault.seconds or 0.0)
        elif fault.kind is FaultKind.SHIFT:
            self._site.shift()
        elif fault.kind is FaultKind.DUPLICATE and request.method == "GET" and request.path in self._last:
            return self._last[request.path]
        return _spoiled(self._carried_out(request), fault)

    def _carried_out(self, request: SimRequest) -> SimResponse:
        before = len(self._site.truth)
        try:
            response = self._site.handle(request)
        except Exception:  # noqa: BLE001 - whatever a handler does wrong must be seen by the test
            self._site.bugs.append(traceback.format_exc())
            response = SimResponse(500, b"the simulator failed")
        if not request.path.startswith(CONTROL):
            facts = len(self._site.truth) - before
            address = self._site.address(request)
            self._site.served.append(Served(request.method, address, response.status, facts))
            if request.method == "GET" and self._site.faults.knows(FaultKind.DUPLICATE):
                self._last[request.path] = response
        return response

    def _later(self, request: SimRequest, seconds: float) -> None:
        def commit() -> None:
            try:
                if not self._stopping.wait(seconds):
                    self._carried_out(request)
            finally:
                self._count(-1)

        self._count(1)
        threading.Thread(target=commit, daemon=True).start()

    def _count(self, change: int) -> None:
        with self._idle:
            self._under_way += change
            self._idle.notify_all()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._listener.handle_request()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, *arguments: Any) -> None:
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet: a client that hangs up is everyday life, a handler's fault is noted elsewhere."""

    def hang_up(self) -> None:
        """Close the connections that are open."""
        with self._lock:
            for connection in self._open:
                _shut(connection)


def _handler_for(server: Server) -> type[BaseHTTPRequestHandler]:
    class _Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet: the ground-truth log is the record."""

        def _serve(self) -> None:
            with server.busy():
                request = self._request()
                arrived = time.time()
                fault = server.strike(request)
                response = server.answer(request, fault)
                server.tell(arrived, request, fault, response)
                if response is None:
                    self.close_connection = True
                    _shut(self.connection)
                elif fault is not None and fault.kind is FaultKind.SLOW_DRIP:
                    self._write(response, drip=fault.seconds or 0.0)
                else:
                    self._write(response)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve

        def _request(self) -> SimRequest:
            parts = urlsplit(self.path)
            size = self.headers.get("content-length") or "0"
            return SimRequest(
                method=self.command,
                path=parts.path,
                query=parse_qs(parts.query, keep_blank_values=True),
                headers={key.lower(): value for key, value in self.headers.items()},
                body=self.rfile.read(int(size)) if size.isdecimal() else b"",
            )

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


def _status(fault: Fault) -> SimResponse:
    headers = {"retry-after": str(int(fault.seconds))} if fault.seconds is not None else {}
    if fault.body:
        headers["content-type"] = "application/json; charset=utf-8"
    return SimResponse(fault.status, fault.body.encode(), headers)


def _spoiled(response: SimResponse, fault: Fault) -> SimResponse:
    if fault.kind is FaultKind.MALFORMED:
        return replace(response, body=response.body[: len(response.body) // 2] + b"\xff\x00{")
    if fault.kind is FaultKind.TWISTED:
        return replace(response, body=twisted(response.body))
    if fault.kind is FaultKind.REPLACED:
        return replace(response, body=fault.body.encode())
    return response


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
