"""The simulator framework over real sockets: faults, quotas, control addresses, and a clean end."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from kopru.sdk import Operation, Quota
from kopru.testing.faults import Fault, FaultKind
from kopru.testing.simulator import Held, SimRequest, SimResponse, Simulator, reply, route
from kopru.testing.world import World


class Box(Simulator):
    """Keeps numbers."""

    name = "box"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.numbers: list[int] = []

    def config(self) -> dict[str, Any]:
        return {"url": self.url}

    def load(self, world: World) -> None:
        self.numbers += [len(world.orders)]

    def held(self, operation: Operation) -> list[Held]:
        return [Held(str(number), str(number), total=Decimal("1.50")) for number in self.numbers]

    @route("GET", "/numbers")
    def listing(self, request: SimRequest) -> SimResponse:
        return reply({"numbers": self.numbers, "of": request.param("of", "all")})

    @route("POST", "/numbers/(?P<number>[0-9]+)")
    def add(self, request: SimRequest, number: str) -> SimResponse:
        self.truth.note("number.added", id=number)
        self.numbers.append(int(number))
        return reply({"added": int(number)}, 201)

    @route("GET", "/bug")
    def bug(self, request: SimRequest) -> SimResponse:
        raise KeyError("forgotten")


@pytest.fixture
def box() -> Iterator[Box]:
    with Box() as running:
        yield running


def call(
    box: Box, method: str, path: str, body: bytes = b"", timeout: float = 5
) -> tuple[int, bytes, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", int(box.url.rsplit(":", 1)[1]), timeout=timeout)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()}
    finally:
        connection.close()


def lost(box: Box, method: str, path: str) -> None:
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        call(box, method, path)


def test_routes_answer_by_method_and_path(box: Box) -> None:
    assert json.loads(call(box, "POST", "/numbers/7")[1]) == {"added": 7}
    assert json.loads(call(box, "GET", "/numbers?of=7")[1]) == {"numbers": [7], "of": "7"}
    assert call(box, "PUT", "/numbers")[0] == 404
    assert call(box, "GET", "/numbers/7/8")[0] == 404


def test_a_head_request_has_no_body(box: Box) -> None:
    status, body, headers = call(box, "HEAD", "/nothing")
    assert (status, body) == (404, b"")
    assert int(headers["content-length"]) > 0


def test_connections_stay_open_between_requests(box: Box) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(box.url.rsplit(":", 1)[1]), timeout=5)
    for _ in range(3):
        connection.request("GET", "/numbers")
        assert connection.getresponse().read()
    first = connection.sock
    connection.request("GET", "/numbers")
    connection.getresponse().read()
    assert connection.sock is first
    connection.close()


def test_requests_are_noted_with_the_facts_they_brought_about(box: Box) -> None:
    call(box, "GET", "/numbers")
    call(box, "POST", "/numbers/1")
    noted = [(each.method, each.path, each.status, each.facts) for each in box.served]
    assert noted == [("GET", "/numbers", 200, 0), ("POST", "/numbers/1", 201, 1)]


def test_a_lost_request_changes_nothing(box: Box) -> None:
    box.faults.add(Fault(FaultKind.DROP_BEFORE, times=1))
    lost(box, "POST", "/numbers/1")
    assert box.numbers == []


def test_a_lost_answer_comes_after_the_work(box: Box) -> None:
    box.faults.add(Fault(FaultKind.DROP_AFTER, times=1))
    lost(box, "POST", "/numbers/1")
    assert box.numbers == [1]


def test_a_late_commit_comes_after_the_connection_is_gone(box: Box) -> None:
    box.faults.add(Fault(FaultKind.LATE_COMMIT, times=1, seconds=0.5))
    lost(box, "POST", "/numbers/1")
    assert box.numbers == []
    assert box.settle()
    assert box.numbers == [1]
    assert box.served[-1].facts == 1


def test_settling_does_not_wait_for_ever(box: Box) -> None:
    box.faults.add(Fault(FaultKind.LATE_COMMIT, times=1, seconds=60))
    lost(box, "POST", "/numbers/1")
    assert not box.settle(timeout=0.05)


def test_what_was_to_be_committed_late_is_dropped_by_a_stop(box: Box) -> None:
    box.faults.add(Fault(FaultKind.LATE_COMMIT, times=1, seconds=60))
    lost(box, "POST", "/numbers/1")
    box.stop()
    assert box.settle(timeout=5)
    assert box.numbers == []


def test_a_slow_answer_is_under_way_until_it_is_given(box: Box) -> None:
    box.faults.add(Fault(FaultKind.LATENCY, times=1, seconds=0.3))
    with pytest.raises(TimeoutError):
        call(box, "POST", "/numbers/1", timeout=0.1)
    deadline = time.monotonic() + 5
    while not box.faults.struck and time.monotonic() < deadline:
        time.sleep(0.005)
    assert box.settle()
    assert box.numbers == [1]


@pytest.mark.parametrize(("seconds", "header"), [(None, None), (7.0, "7"), (0.0, "0")])
def test_a_status_comes_with_or_without_a_wait(box: Box, seconds: float | None, header: str | None) -> None:
    box.faults.add(Fault(FaultKind.STATUS, status=429, seconds=seconds, body='{"message": "slow"}'))
    status, body, headers = call(box, "POST", "/numbers/1")
    assert (status, json.loads(body), headers.get("retry-after")) == (429, {"message": "slow"}, header)
    assert box.numbers == []


def test_a_malformed_answer_is_no_json_but_the_work_is_done(box: Box) -> None:
    box.faults.add(Fault(FaultKind.MALFORMED))
    status, body, headers = call(box, "POST", "/numbers/1")
    assert (status, box.numbers) == (201, [1])
    assert int(headers["content-length"]) == len(body)
    with pytest.raises(ValueError):
        json.loads(body)


def test_a_twisted_answer_has_other_types(box: Box) -> None:
    box.faults.add(Fault(FaultKind.TWISTED))
    assert json.loads(call(box, "POST", "/numbers/1")[1]) == {"added": "?"}


def test_a_replaced_answer_has_another_body(box: Box) -> None:
    box.faults.add(Fault(FaultKind.REPLACED, body="null"))
    assert call(box, "POST", "/numbers/1")[1] == b"null"
    assert box.numbers == [1]


def test_a_dripping_answer_arrives_completely(box: Box) -> None:
    box.faults.add(Fault(FaultKind.SLOW_DRIP, seconds=0.1))
    started = time.monotonic()
    assert json.loads(call(box, "GET", "/numbers")[1]) == {"numbers": [], "of": "all"}
    assert time.monotonic() - started >= 0.09


def test_a_page_can_be_shown_twice(box: Box) -> None:
    box.faults.add(Fault(FaultKind.DUPLICATE, method="GET", skip=1, times=1))
    answers = []
    for number in range(3):
        answers.append(json.loads(call(box, "GET", "/numbers")[1])["numbers"])
        call(box, "POST", f"/numbers/{number}")
    assert answers == [[], [], [0, 1]]


def test_the_world_can_move_before_an_answer(box: Box) -> None:
    box.shift = lambda: box.numbers.append(99)
    box.faults.add(Fault(FaultKind.SHIFT, method="GET", times=1))
    assert json.loads(call(box, "GET", "/numbers")[1])["numbers"] == [99]
    assert json.loads(call(box, "GET", "/numbers")[1])["numbers"] == [99]


def test_a_handler_that_fails_is_noted(box: Box) -> None:
    assert call(box, "GET", "/bug")[0] == 500
    (trace,) = box.bugs
    assert "KeyError: 'forgotten'" in trace


def test_broken_requests_do_not_stop_the_server(box: Box) -> None:
    import socket

    for junk in (b"\x00\xff\r\n\r\n", b"POST /numbers/1 HTTP/1.1\r\ncontent-length: many\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", int(box.url.rsplit(":", 1)[1])), timeout=5) as raw:
            raw.sendall(junk)
            raw.shutdown(socket.SHUT_WR)
            raw.recv(100)
    assert call(box, "GET", "/numbers")[0] == 200


def test_quotas_are_counted_in_a_sliding_window() -> None:
    window = timedelta(seconds=1.0)
    quotas = [Quota("posts", 2, window, "POST"), Quota("all", 3, window)]
    with Box(quotas=quotas) as box:
        assert [call(box, "POST", "/numbers/1")[0] for _ in range(3)] == [201, 201, 429]
        assert box.quotas.violations == 1
        assert call(box, "GET", "/numbers")[0] == 200, "a refused call counts towards no quota"
        assert call(box, "GET", "/numbers")[0] == 429
        time.sleep(1.05)
        assert call(box, "POST", "/numbers/1")[0] == 201


def test_read_lag_hides_what_is_fresh() -> None:
    with Box(read_lag=0.2) as box:
        now = time.time()
        assert not box.visible(now)
        assert box.visible(now - 0.3)


def test_faults_and_facts_are_reached_from_other_processes(box: Box) -> None:
    faults = [{"kind": "status", "status": 500, "method": "POST", "times": 1}]
    assert call(box, "POST", "/_sim/faults", json.dumps(faults).encode())[0] == 200
    assert call(box, "POST", "/numbers/1")[0] == 500
    assert call(box, "POST", "/numbers/2")[0] == 201
    assert json.loads(call(box, "GET", "/_sim/faults")[1]) == {"struck": {"status": 1}}
    assert [fact["id"] for fact in json.loads(call(box, "GET", "/_sim/truth")[1])] == ["2"]
    held = json.loads(call(box, "GET", "/_sim/held/post_invoice")[1])
    assert held == [{"reference": "2", "id": "2", "number": "", "total": 1.5, "live": True}]
    assert call(box, "DELETE", "/_sim/faults")[0] == 200


@pytest.mark.parametrize("body", [b"nonsense", b"[17]", b'[{"kind": "unknown"}]', b"{}x"])
def test_what_is_no_fault_is_refused(box: Box, body: bytes) -> None:
    assert call(box, "POST", "/_sim/faults", body)[0] == 400


def test_unknown_control_addresses_are_not_found(box: Box) -> None:
    assert call(box, "GET", "/_sim/held/nonsense")[0] == 404
    assert call(box, "GET", "/_sim/nonsense")[0] == 404


def test_faults_leave_control_addresses_alone(box: Box) -> None:
    box.faults.add(Fault(FaultKind.DROP_BEFORE))
    assert call(box, "GET", "/_sim/truth")[0] == 200


def test_a_stop_hangs_up_on_open_connections() -> None:
    box = Box()
    box.start()
    connection = http.client.HTTPConnection("127.0.0.1", int(box.url.rsplit(":", 1)[1]), timeout=5)
    connection.request("GET", "/numbers")
    connection.getresponse().read()
    box.stop()
    assert connection.sock is not None
    assert connection.sock.recv(1) == b"", "a client must not keep talking to a simulator that is gone"
    connection.close()
    with pytest.raises(ConnectionError):
        call(box, "GET", "/numbers")


def test_stopping_twice_or_without_a_start_is_harmless() -> None:
    box = Box()
    box.stop()
    box.stop()


def test_a_stop_is_quick_and_leaves_no_thread() -> None:
    before = threading.active_count()
    started = time.monotonic()
    for _ in range(20):
        with Box() as box:
            call(box, "GET", "/numbers")
    assert time.monotonic() - started < 5
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before
