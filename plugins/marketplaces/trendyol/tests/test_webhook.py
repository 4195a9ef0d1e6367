"""Incoming calls: who may call, what they mean, and that a real delivery is understood."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from kopru.sdk import AuthError, Ctx, Rejected, WebhookEvent, WebhookRequest
from kopru.testing.world import World, make_order
from kopru_trendyol import plugin
from kopru_trendyol.config import TrendyolConfig
from kopru_trendyol.simulator import TrendyolSimulator

Contexts = Callable[..., Ctx[TrendyolConfig]]
KEY = {"x-api-key": "sim-webhook-key"}


def call(body: Any, headers: dict[str, str] | None = None) -> WebhookRequest:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return WebhookRequest(KEY if headers is None else headers, content)


def basic(user: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def test_a_package_alone_and_in_an_envelope_mean_the_same(
    ctx: Ctx[TrendyolConfig], package: dict[str, Any]
) -> None:
    expected = (WebhookEvent("3411000777:1772436600000:Created", "package", "3411000777"),)
    assert plugin.parse_webhook(ctx, call(package)) == expected
    assert plugin.parse_webhook(ctx, call({"page": 0, "content": [package]})) == expected
    assert plugin.parse_webhook(ctx, call({"content": [package, package]})) == expected


def test_a_repeated_delivery_has_the_same_event_and_a_change_another(
    ctx: Ctx[TrendyolConfig], package: dict[str, Any]
) -> None:
    (first,) = plugin.parse_webhook(ctx, call(package))
    (again,) = plugin.parse_webhook(ctx, call(dict(reversed(package.items()))))
    (later,) = plugin.parse_webhook(ctx, call(package | {"lastModifiedDate": 1772436600001}))
    assert first == again != later


def test_rows_without_package_id_are_skipped(ctx: Ctx[TrendyolConfig], package: dict[str, Any]) -> None:
    rows = [package | {"shipmentPackageId": 0}, 5, package, {"shipmentPackageId": 8}]
    events = plugin.parse_webhook(ctx, call({"content": rows}))
    assert [event.external_id for event in events] == ["3411000777", "8"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-api-key": ""},
        {"x-api-key": "sim-webhook-kex"},
        {"x-api-key": "sim-webhook-key\x00"},
        {"x-api-key": "ÿ"},
        {"authorization": "sim-webhook-key"},
    ],
)
def test_a_caller_who_cannot_prove_himself_is_refused(
    ctx: Ctx[TrendyolConfig], package: dict[str, Any], headers: dict[str, str]
) -> None:
    with pytest.raises(AuthError) as refusal:
        plugin.parse_webhook(ctx, call(package, headers))
    assert refusal.value.code == "trendyol.webhook.refused"


def test_basic_authentication(sim: TrendyolSimulator, make_ctx: Contexts, package: dict[str, Any]) -> None:
    ctx = make_ctx(sim, webhook_user="köprü", webhook_password="gizli", webhook_api_key="")
    assert plugin.parse_webhook(ctx, call(package, basic("köprü", "gizli")))
    for headers in (basic("köprü", "gizlı"), basic("", ""), KEY, {"authorization": "Basic !"}):
        with pytest.raises(AuthError):
            plugin.parse_webhook(ctx, call(package, headers))


def test_without_a_secret_nobody_gets_in(
    sim: TrendyolSimulator, make_ctx: Contexts, package: dict[str, Any]
) -> None:
    ctx = make_ctx(sim, webhook_api_key="", webhook_user="only a user")
    for headers in ({}, {"x-api-key": ""}, basic("only a user", "")):
        with pytest.raises(AuthError) as refusal:
            plugin.parse_webhook(ctx, call(package, headers))
        assert refusal.value.code == "trendyol.webhook.not_configured"


@pytest.mark.parametrize("body", [b"", b"x", b'{"content":[', b"[" * 100_000, b" " * 6_000_000])
def test_what_cannot_be_read_is_rejected(ctx: Ctx[TrendyolConfig], body: bytes) -> None:
    with pytest.raises(Rejected) as refusal:
        plugin.parse_webhook(ctx, call(body))
    assert refusal.value.code == "trendyol.webhook.unreadable"


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[WebhookRequest], list[int]]]:
    """An address that keeps what it is sent and answers with the next of the given statuses, else 200."""
    received: list[WebhookRequest] = []
    answers: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            received.append(WebhookRequest(headers, body))
            self.send_response(answers.pop(0) if answers else 200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook", received, answers
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("enveloped", [False, True])
def test_the_simulators_deliveries_are_understood(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], world: World, receiver: Any, enveloped: bool
) -> None:
    url, received, _ = receiver
    sim.push.enveloped = enveloped
    sim.subscribe(url)
    order = make_order(world, 700, world.orders[-1].modified_at)
    sim.add_order(order)
    sim.set_status(order.id, "Shipped")
    sim.push.wait()
    events = [event for request in received for event in plugin.parse_webhook(ctx, request)]
    assert [event.external_id for event in events] == [str(order.id)] * 2
    assert [event.event_id.rpartition(":")[2] for event in events] == ["Created", "Shipped"]


def test_a_failing_address_is_given_up_after_thirteen_tries(
    sim: TrendyolSimulator, world: World, receiver: Any
) -> None:
    url, received, answers = receiver
    answers += [500] * 50
    sim.push.retry_seconds = 0.0
    hook = sim.subscribe(url)
    sim.set_status(world.orders[0].id, "Shipped")
    for _ in range(500):
        sim.push.wait()
        if not hook.active:
            break
        threading.Event().wait(0.01)
    assert (len(received), hook.active) == (13, False)
    sim.set_status(world.orders[1].id, "Shipped")
    sim.push.wait()
    assert len(received) == 13
