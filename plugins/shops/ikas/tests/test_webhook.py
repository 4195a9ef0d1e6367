"""Incoming calls: only what is signed counts."""

import hashlib
import hmac
import json
from typing import Any

import pytest

from kopru.sdk import AuthError, Ctx, Rejected, WebhookRequest
from kopru_ikas import plugin
from kopru_ikas.config import IkasConfig
from kopru_ikas.simulator import IkasSimulator

SECRET = b"sim-client-secret"


def call(signed: str, scope: str = "store/order/updated", **fields: Any) -> WebhookRequest:
    signature = hmac.new(SECRET, signed.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
    body = {"id": "w1", "createdAt": 1, "scope": scope, "data": signed, "signature": signature, **fields}
    return WebhookRequest({}, json.dumps(body).encode())


def test_a_signed_call_names_its_order(ctx: Ctx[IkasConfig]) -> None:
    (event,) = plugin.parse_webhook(ctx, call('{"id": "o-1", "status": "CREATED"}'))
    assert (event.kind, event.external_id) == ("order", "o-1")


def test_the_simulators_own_call(sim: IkasSimulator, ctx: Ctx[IkasConfig], order: dict[str, Any]) -> None:
    body = sim.push.signed("store/order/created", order, 1)
    (event,) = plugin.parse_webhook(ctx, WebhookRequest({}, body))
    assert event.external_id == order["id"]


def test_the_event_is_named_by_what_is_signed(ctx: Ctx[IkasConfig]) -> None:
    first = plugin.parse_webhook(ctx, call('{"id": "o-1", "v": 1}'))
    assert plugin.parse_webhook(ctx, call('{"id": "o-1", "v": 1}', id="w2", createdAt=9)) == first
    assert plugin.parse_webhook(ctx, call('{"id": "o-1", "v": 2}')) != first


@pytest.mark.parametrize(
    "scope", ["store/product/updated", "store/stock/updated", "store/app/deleted", 5, None]
)
def test_calls_about_other_things_name_nothing(ctx: Ctx[IkasConfig], scope: Any) -> None:
    assert plugin.parse_webhook(ctx, call('{"id": "p-1"}', scope)) == ()


@pytest.mark.parametrize(
    "change",
    [
        {"data": '{"id": "o-2"}'},
        {"signature": "0" * 64},
        {"signature": ""},
        {"signature": None},
        {"signature": 5},
        {"signature": "\ud800"},
        {"data": {"id": "o-1"}},
        {"data": None},
    ],
)
def test_what_is_not_signed_so_is_refused(ctx: Ctx[IkasConfig], change: dict[str, Any]) -> None:
    with pytest.raises(AuthError):
        plugin.parse_webhook(ctx, call('{"id": "o-1"}', **change))


@pytest.mark.parametrize("data", ["", "[]", "null", "{}", '{"id": 5}', '{"id": ""}', "{" * 5000])
def test_signed_nonsense_is_rejected(ctx: Ctx[IkasConfig], data: str) -> None:
    with pytest.raises(Rejected):
        plugin.parse_webhook(ctx, call(data))


@pytest.mark.parametrize("body", [b"", b"\x00", b"[]", b"{", b"\xff", b'{"a":' * 3000])
def test_unreadable_bodies_are_rejected(ctx: Ctx[IkasConfig], body: bytes) -> None:
    with pytest.raises(Rejected):
        plugin.parse_webhook(ctx, WebhookRequest({}, body))
