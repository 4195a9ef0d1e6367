"""Incoming calls: whom they come from and which orders they name."""

import json
import queue
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from kopru.sdk import AuthError, Ctx, Rejected, WebhookRequest
from kopru.testing.world import World
from kopru.toolkit import auth
from kopru_hepsiburada import plugin
from kopru_hepsiburada.simulator import HepsiburadaSimulator

Context = Ctx[Any]
LOGIN = auth.basic("kanca", "sim-kanca-parolasi")


def call(body: Any, method: str = "POST", path: str = "", **headers: str) -> WebhookRequest:
    return WebhookRequest({**LOGIN, **headers}, json.dumps(body).encode(), method=method, path=path)


def named(ctx: Context, request: WebhookRequest) -> list[tuple[str, str]]:
    return [(event.kind, event.external_id) for event in plugin.parse_webhook(ctx, request)]


@pytest.mark.parametrize(
    ("method", "path", "body", "orders"),
    [
        ("POST", "/orders", {"items": [{"orderNumber": "41"}, {"OrderNumber": 42}]}, ["41", "42"]),
        ("POST", "/packages", {"packageNumber": "6", "items": [{"orderNumber": "41"}]}, ["41"]),
        ("PUT", "/lineitems/x/cancel", {"orderNumber": "41"}, ["41"]),
        ("PUT", "/packages/6/unpack", {"orderNumbers": ["41", "42", "41"]}, ["41", "42"]),
        ("PUT", "/orders/43/shippingaddress", {"addressId": "1"}, ["43"]),
        ("POST", "/claims/x", {"claims": [{"number": "1", "orderNumber": "44"}]}, ["44"]),
        ("PUT", "/packages/6/intransit", {"packageNumber": "6"}, []),
        ("PUT", "/orders/..%2f/shippingaddress", [None, 5], []),
    ],
)
def test_a_call_names_orders(ctx: Context, method: str, path: str, body: Any, orders: list[str]) -> None:
    assert named(ctx, call(body, method, path)) == [("order", number) for number in orders]


def test_the_same_call_has_the_same_id_and_another_has_another(ctx: Context) -> None:
    def ids(request: WebhookRequest) -> set[str]:
        return {event.event_id for event in plugin.parse_webhook(ctx, request)}

    first = call({"orderNumber": "41", "cancelDate": "1"}, "PUT", "/lineitems/x/cancel")
    again = call({"orderNumber": "41", "cancelDate": "2"}, "PUT", "/lineitems/x/cancel")
    elsewhere = call({"orderNumber": "41", "cancelDate": "1"}, "PUT", "/lineitems/y/cancel")
    assert ids(first) == ids(first)
    assert len(ids(first) | ids(again) | ids(elsewhere)) == 3


def test_calls_are_verified(
    sim: HepsiburadaSimulator, ctx: Context, make_ctx: Callable[..., Context]
) -> None:
    for header in ("", "Basic yanlis", "Basic \udcff"):
        with pytest.raises(AuthError) as caught:
            plugin.parse_webhook(ctx, call({}, authorization=header))
        assert caught.value.code == "hepsiburada.webhook.refused"
    with pytest.raises(AuthError) as caught:
        plugin.parse_webhook(make_ctx(sim, webhook_password=""), call({}))
    assert caught.value.code == "hepsiburada.webhook.not_configured"


def test_an_unreadable_call_is_refused(ctx: Context) -> None:
    with pytest.raises(Rejected) as caught:
        plugin.parse_webhook(ctx, WebhookRequest(LOGIN, b"{"))
    assert caught.value.code == "hepsiburada.webhook.unreadable"


@pytest.fixture
def inbox() -> Iterator[tuple[str, "queue.Queue[WebhookRequest]"]]:
    """An address and what is called below it; the first call is turned away."""
    calls: queue.Queue[WebhookRequest] = queue.Queue()
    refused: list[str] = []

    class Receiver(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            if refused:
                calls.put(WebhookRequest(headers, body, method=self.command, path=self.path[2:]))
            self.send_response(204 if refused else 500)
            refused.append(self.path)
            self.end_headers()

        do_PUT = do_POST

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/x", calls
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_what_happens_is_told_until_it_is_taken(
    sim: HepsiburadaSimulator, ctx: Context, world: World, inbox: Any
) -> None:
    url, calls = inbox
    sim.subscribe(url)
    order = world.orders[0]
    for _ in range(2):
        sim.change_order(order.id)
    sim.cancel_order(world.orders[1].id)
    sim.push.wait()
    told = [calls.get(timeout=5) for _ in range(3)]
    assert [(each.method, each.path.split("/")[1]) for each in told] == [
        ("POST", "packages"),
        ("PUT", "packages"),
        ("PUT", "lineitems"),
    ]
    assert [named(ctx, each) for each in told] == [
        [("order", order.number)],
        [],
        [("order", world.orders[1].number)],
    ]
