"""Every documented refusal becomes the right error, whatever its body looks like."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from kopru.model import ExternalRef
from kopru.sdk import (
    AuthError,
    ConfigError,
    Conflict,
    ConnectorError,
    Ctx,
    CursorExpired,
    IdempotencyKey,
    OrderAction,
    OrderUpdate,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Response,
    TransientError,
    Window,
)
from kopru.testing.faults import Fault, FaultKind
from kopru.testing.world import World
from kopru_trendyol import plugin
from kopru_trendyol.config import TrendyolConfig
from kopru_trendyol.errors import explain, explain_stream, keys, reason
from kopru_trendyol.simulator import TrendyolSimulator


def answer(status: int, body: Any) -> Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status, {}, content)


USUAL = {
    "timestamp": 1772436600000,
    "exception": "ShipmentPackageException",
    "errors": [
        {"key": "line.invalid", "message": "Satır hatalı.", "errorCode": "7"},
        {"key": "x.y", "message": None},
    ],
}


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (400, USUAL, Rejected, "trendyol.rejected"),
        (422, {"error": "bad", "message": "Olmadı."}, Rejected, "trendyol.rejected"),
        (401, {"exception": "ClientApiAuthenticationException"}, AuthError, "trendyol.auth.key"),
        (403, b"", AuthError, "trendyol.auth.forbidden"),
        (404, USUAL, Rejected, "trendyol.not_found"),
        (409, USUAL, Conflict, "trendyol.conflict"),
        (426, {"message": "deprecated"}, ConfigError, "trendyol.endpoint_closed"),
    ],
)
def test_refusals(status: int, body: Any, kind: type[ConnectorError], code: str) -> None:
    error = explain(answer(status, body))
    assert type(error) is kind
    assert error.code == code
    assert error.message.tr
    assert error.message.en


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_limits_and_faults_of_the_server_are_left_to_the_transport(status: int) -> None:
    assert explain(answer(status, USUAL)) is None


def test_the_remote_s_own_words_are_kept() -> None:
    error = explain(answer(400, USUAL))
    assert isinstance(error, Rejected)
    assert "Satır hatalı." in error.message.tr
    assert "x.y" in error.message.en
    assert [finding.detail for finding in error.findings] == ["line.invalid: Satır hatalı.", "x.y: "]


@pytest.mark.parametrize("status", [400, 409, 422])
def test_the_ban_on_identical_requests_is_known_by_its_words(status: int) -> None:
    message = "15 dakika boyunca aynı isteği tekrarlı olarak atamazsınız!"
    for body in ({"errors": [{"key": "k", "message": message}]}, {"message": message}):
        error = explain(answer(status, body))
        assert isinstance(error, Conflict)
        assert error.code == "trendyol.batch.repeated"


def test_400_while_following_the_stream_loses_the_place() -> None:
    assert isinstance(explain_stream(answer(400, USUAL)), CursorExpired)
    assert isinstance(explain_stream(answer(401, USUAL)), AuthError)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>Bad gateway</body></html>",
        b'{"errors":',
        b"\xff\xfe",
        b"[" * 50_000,
        b"[]",
        b'{"errors":"x"}',
        b'{"errors":[1,null]}',
        b'{"message":{"a":1}}',
        b'{"message":1e999999999999999999999}',
        b'{"message":"' + b"x" * 200_000 + b'"}',
    ],
)
def test_an_unreadable_body_never_hides_the_status(body: bytes) -> None:
    response = answer(400, body)
    error = explain(response)
    assert isinstance(error, Rejected)
    assert len(error.detail) <= 300
    assert keys(response) == frozenset()
    assert len(reason(response)) <= 300


STATUSES: dict[int, tuple[type[ConnectorError], type[ConnectorError]]] = {
    400: (Rejected, Rejected),
    401: (AuthError, AuthError),
    403: (AuthError, AuthError),
    404: (Rejected, Rejected),
    409: (Conflict, Conflict),
    422: (Rejected, Rejected),
    426: (ConfigError, ConfigError),
    429: (RateLimited, RateLimited),
    500: (TransientError, OutcomeUnknown),
    503: (TransientError, OutcomeUnknown),
}


@pytest.mark.parametrize("status", STATUSES)
def test_statuses_on_the_wire(
    sim: TrendyolSimulator,
    ctx: Ctx[TrendyolConfig],
    window: Window,
    world: World,
    key: Callable[[str], IdempotencyKey],
    status: int,
) -> None:
    on_read, on_write = STATUSES[status]
    sim.faults.add(Fault(FaultKind.STATUS, path="stream", status=status, seconds=3))
    with pytest.raises(on_read) as read:
        plugin.fetch_orders(ctx, None, window, 10)
    assert type(read.value) is on_read
    sim.faults.add(Fault(FaultKind.STATUS, path="shipment-packages", status=status, seconds=3))
    ref = ExternalRef(kind="package", id=str(world.orders[0].id))
    with pytest.raises(on_write) as write:
        plugin.update_order_status(ctx, key("a"), OrderUpdate(ref, OrderAction.PREPARING))
    assert type(write.value) is on_write
    for error in (read.value, write.value):
        assert "sim-api-secret" not in f"{error} {error.detail} {error.message}"
        if isinstance(error, RateLimited):
            assert error.retry_after == 3


@pytest.mark.parametrize("kind", [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER])
def test_a_broken_read_is_transient(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], window: Window, kind: FaultKind
) -> None:
    sim.faults.add(Fault(kind))
    with pytest.raises(TransientError):
        plugin.fetch_orders(ctx, None, window, 10)


def test_a_short_fault_of_a_read_is_not_even_noticed(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], window: Window
) -> None:
    sim.faults.add(Fault(FaultKind.STATUS, status=502, times=1))
    assert len(plugin.fetch_orders(ctx, None, window, 10).records) == 10
