"""The simulator can say no, as the documentation says Trendyol does."""

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from kopru.model import ExternalRef
from kopru.sdk import Ctx, IdempotencyKey, Operation, OrderAction, OrderUpdate, RateLimited, Window
from kopru.testing.world import World, make_order, make_world
from kopru_trendyol import plugin
from kopru_trendyol.config import TrendyolConfig
from kopru_trendyol.quotas import Tier, quotas_for
from kopru_trendyol.simulator import TrendyolSimulator

Contexts = Callable[..., Ctx[TrendyolConfig]]
SELLER = "/integration/order/sellers/123456"
DAY = 86_400_000


class Caller:
    """Calls the simulator as any program could."""

    def __init__(self, sim: TrendyolSimulator) -> None:
        self.sim = sim
        login = base64.b64encode(b"sim-api-key:sim-api-secret").decode()
        self.headers = {"authorization": f"Basic {login}", "user-agent": "123456 - SelfIntegration"}

    def __call__(self, method: str, path: str, body: Any = None, **headers: str | None) -> tuple[int, Any]:
        named = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        sent = {name: value for name, value in named.items() if value is not None}
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            sent.setdefault("content-type", "application/json")
        request = urllib.request.Request(self.sim.url + path, content, sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, parsed(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, parsed(error.read())


def parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return content


@pytest.fixture
def call(sim: TrendyolSimulator) -> Caller:
    return Caller(sim)


@pytest.mark.parametrize(
    ("headers", "status", "exception"),
    [
        ({"authorization": None}, 401, "ClientApiAuthenticationException"),
        ({"authorization": "Basic eDp5"}, 401, "ClientApiAuthenticationException"),
        ({"user_agent": None}, 403, None),
        ({"user_agent": "Mozilla"}, 403, None),
        ({"user_agent": "123456 - " + "x" * 31}, 403, None),
    ],
)
def test_who_may_not_call(
    call: Caller, headers: dict[str, str | None], status: int, exception: str | None
) -> None:
    if headers.get("user_agent", "") is None:
        headers = {"user_agent": ""}
    found, body = call("GET", f"{SELLER}/v2/orders", **headers)
    assert found == status
    if exception:
        assert body["exception"] == exception


def test_a_foreign_seller_may_not_call(call: Caller) -> None:
    assert call("GET", "/integration/order/sellers/99/v2/orders")[0] == 401


def test_an_unlisted_address_gets_503_without_json(sim: TrendyolSimulator, call: Caller) -> None:
    sim.ip_listed = False
    status, body = call("GET", f"{SELLER}/v2/orders")
    assert status == 503
    assert isinstance(body, bytes)


@pytest.mark.parametrize("path", [f"{SELLER}/orders", "/integration/product/sellers/123456/products"])
def test_closed_versions_answer_426_with_a_message(call: Caller, path: str) -> None:
    status, body = call("GET", path)
    assert (status, set(body)) == (426, {"message"})


@pytest.mark.parametrize(
    "query",
    [
        "size=201",
        "size=0",
        "page=-1",
        "size=x",
        f"startDate=0&endDate={15 * DAY}",
        f"startDate={DAY}&endDate=0",
        "shipmentPackageIds=" + ",".join(map(str, range(51))),
    ],
)
def test_wrong_list_queries_are_refused(call: Caller, query: str) -> None:
    status, body = call("GET", f"{SELLER}/v2/orders?{query}")
    assert status == 400
    assert body["errors"][0]["message"]


def test_pages_beyond_the_cap_fail_as_too_many_requests(call: Caller) -> None:
    assert call("GET", f"{SELLER}/v2/orders?page=49&size=200")[0] == 200
    status, body = call("GET", f"{SELLER}/v2/orders?page=50&size=200")
    assert (status, body["errors"][0]["key"]) == (429, "too.many.requests")


def test_the_list_can_be_read_from_either_end(call: Caller, world: World) -> None:
    down = call("GET", f"{SELLER}/v2/orders?size=7&orderByDirection=DESC")[1]
    up = call("GET", f"{SELLER}/v2/orders?size=7&orderByDirection=ASC")[1]
    newest = [each["shipmentPackageId"] for each in down["content"]]
    assert newest == [order.id for order in reversed(world.orders[-7:])]
    assert [each["shipmentPackageId"] for each in up["content"]] == [order.id for order in world.orders[:7]]
    assert (down["totalElements"], down["totalPages"]) == (30, 5)


def test_the_list_filters_by_status_and_order_number(
    sim: TrendyolSimulator, call: Caller, world: World
) -> None:
    sim.cancel_order(world.orders[0].id)
    sim.set_status(world.orders[1].id, "Shipped")
    both = call("GET", f"{SELLER}/v2/orders?status=Cancelled,Shipped")[1]
    assert {each["shipmentPackageId"] for each in both["content"]} == {each.id for each in world.orders[:2]}
    one = call("GET", f"{SELLER}/v2/orders?orderNumber={world.orders[3].number}")[1]
    assert [each["shipmentPackageId"] for each in one["content"]] == [world.orders[3].id]


def test_the_stream_needs_unchanged_filters(sim: TrendyolSimulator, call: Caller) -> None:
    first = call("GET", f"{SELLER}/orders/stream?size=5")[1]
    assert first["hasMore"] is True
    assert len(first["content"]) == 5
    assert call("GET", f"{SELLER}/orders/stream?size=5&nextCursor={first['nextCursor']}")[0] == 200
    assert call("GET", f"{SELLER}/orders/stream?size=6&nextCursor={first['nextCursor']}")[0] == 400
    assert call("GET", f"{SELLER}/orders/stream?size=5&nextCursor=x")[0] == 400
    assert call("GET", f"{SELLER}/orders/stream?size=201")[0] == 400


def test_the_stream_filters_by_line_status(sim: TrendyolSimulator, call: Caller, world: World) -> None:
    sim.set_status(world.orders[0].id, "Shipped")
    rows = call("GET", f"{SELLER}/orders/stream?packageItemStatuses=Shipped,Delivered&size=200")[1]["content"]
    assert [row["shipmentPackageId"] for row in rows] == [world.orders[0].id]


def test_the_list_forgets_after_a_month(sim: TrendyolSimulator, call: Caller, world: World) -> None:
    sim.clock.advance(31 * 86_400)
    end = int(world.orders[-1].modified_at.timestamp() * 1000) + 1000
    window = f"startDate={end - DAY}&endDate={end}"
    assert call("GET", f"{SELLER}/v2/orders?{window}")[1]["totalElements"] == 0
    stream = f"lastModifiedStartDate={end - DAY}&lastModifiedEndDate={end}"
    assert call("GET", f"{SELLER}/orders/stream?{stream}")[1]["content"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", {"status": "Picking"}),
        ("", {"status": "Shipped", "lines": []}),
        ("", {"status": "Picking", "lines": [{"lineId": 1, "quantity": 1}]}),
        ("", []),
        ("/items/unsupplied", {"lines": [], "reasonId": 500}),
        ("/items/unsupplied", {"lines": [], "reasonId": 1}),
        ("/alternative-delivery", {"isPhoneNumber": True, "trackingInfo": "123", "params": {}}),
        ("/alternative-delivery", {}),
        ("/update-tracking-number", {"trackingNumber": "1"}),
    ],
)
def test_wrong_writes_are_refused(call: Caller, world: World, path: str, body: Any) -> None:
    status, answer = call("PUT", f"{SELLER}/shipment-packages/{world.orders[0].id}{path}", body)
    assert status == 400
    assert answer["errors"]


def test_writes_need_json(call: Caller, world: World) -> None:
    path = f"{SELLER}/shipment-packages/{world.orders[0].id}"
    assert call("PUT", path, {}, content_type="text/plain")[0] == 415
    assert call("PUT", f"{SELLER}/shipment-packages/1", {"status": "Picking"})[0] == 404


def test_a_reached_status_is_refused_the_second_time(call: Caller, world: World) -> None:
    order = world.orders[0]
    lines = [{"lineId": line.id, "quantity": line.quantity} for line in order.lines]
    body = {"lines": lines, "params": {}, "status": "Picking"}
    path = f"{SELLER}/shipment-packages/{order.id}"
    assert [call("PUT", path, body)[0] for _ in range(2)] == [200, 400]


def test_links_are_unique_by_package_and_by_link(call: Caller, world: World) -> None:
    path = "/integration/sellers/123456/seller-invoice-links"
    one, two = world.orders[0].id, world.orders[1].id
    link = "https://i.example.com/1"
    assert call("POST", path, {"invoiceLink": link, "shipmentPackageId": one})[0] == 201
    assert call("POST", path, {"invoiceLink": link, "shipmentPackageId": one})[0] == 409
    assert call("POST", path, {"invoiceLink": link, "shipmentPackageId": two})[0] == 409
    assert call("POST", path, {"invoiceLink": link + "2", "shipmentPackageId": one})[0] == 409
    assert call("POST", path + "/delete", {"serviceSourceId": one, "channelId": 1, "customerId": 1})[0] == 202
    assert call("POST", path, {"invoiceLink": link, "shipmentPackageId": two})[0] == 201


@pytest.mark.parametrize("tier", [Tier.UP_TO_50K, Tier.UP_TO_75K, Tier.UP_TO_150K])
def test_the_quota_of_the_seller_s_tier_is_kept(world: World, make_ctx: Contexts, tier: Tier) -> None:
    with TrendyolSimulator(quotas=quotas_for(tier)) as sim:
        sim.load(world)
        call = Caller(sim)
        statuses = [call("GET", f"{SELLER}/v2/orders?size=1")[0] for _ in range(51)]
        allowed = (30, 40, 50)[tier]
        assert statuses == [200] * allowed + [429] * (51 - allowed)
        ctx = make_ctx(sim)
        window = Window(world.orders[0].placed_at, world.orders[-1].placed_at)
        for _ in range(12):
            plugin.fetch_orders(ctx, None, window, 1)
        with pytest.raises(RateLimited) as limited:
            plugin.fetch_orders(ctx, None, window, 1)
        assert limited.value.retry_after is None


def test_splits_and_partial_cancellations_show_later(
    sim: TrendyolSimulator,
    ctx: Ctx[TrendyolConfig],
    world: World,
    key: Callable[[str], IdempotencyKey],
) -> None:
    order = next(each for each in world.orders if len(each.lines) > 1)
    ref = ExternalRef(kind="package", id=str(order.id))
    sim.writes.split_delay = 30
    part = ((str(order.lines[0].id), Decimal(order.lines[0].quantity)),)
    plugin.update_order_status(ctx, key("a"), OrderUpdate(ref, OrderAction.CANCELLED, lines=part))

    def status() -> str | None:
        order = plugin.fetch_order(ctx, ref).value
        return order.raw_status if order else None

    assert status() == "Created"
    sim.clock.advance(31)
    assert status() == "UnPacked"


@pytest.mark.parametrize("url", ["http://localhost/x", "https://trendyol.example.com", "ftp://x", ""])
def test_webhook_addresses_that_are_refused(call: Caller, url: str) -> None:
    hooks = "/integration/webhook/sellers/123456/webhooks"
    assert call("POST", hooks, {"url": url, "authenticationType": "API_KEY", "apiKey": "k"})[0] == 400


def test_webhooks_are_counted_listed_and_switched(call: Caller) -> None:
    hooks = "/integration/webhook/sellers/123456/webhooks"
    body = {"url": "https://example.com/h", "authenticationType": "API_KEY", "apiKey": "k"}
    made = [call("POST", hooks, body) for _ in range(16)]
    assert [status for status, _ in made] == [201] * 15 + [400]
    first = made[0][1]["id"]
    assert call("PUT", f"{hooks}/{first}/deactivate")[0] == 200
    assert {each["status"] for each in call("GET", hooks)[1] if each["id"] == first} == {"PASSIVE"}
    assert call("DELETE", f"{hooks}/{first}")[0] == 200
    assert call("DELETE", f"{hooks}/{first}")[0] == 404
    assert call("POST", hooks, {**body, "subscribedStatuses": ["NEVER"]})[0] == 400


def test_the_truth_is_told_before_the_answer(world: World) -> None:
    with TrendyolSimulator() as sim:
        sim.load(world)
        facts = {fact.data["id"]: fact.data for fact in sim.truth.of("order.committed")}
    assert {fact["total"] for fact in facts.values()} == {str(order.total) for order in world.orders}
    assert set(facts) == {str(order.id) for order in world.orders}


def test_loading_twice_changes_nothing_and_more_orders_come_on_top(
    sim: TrendyolSimulator, world: World
) -> None:
    more = world.with_orders(make_order(world, 99, world.orders[-1].modified_at))
    sim.load(world)
    sim.load(more)
    assert len(sim.truth.of("order.committed")) == len(more.orders)


def test_nothing_is_held_before_anything_is_written(sim: TrendyolSimulator) -> None:
    assert all(sim.held(operation) == [] for operation in Operation)


def test_five_thousand_orders_are_no_burden() -> None:
    world = make_world(5_000)
    sim = TrendyolSimulator()
    sim.load(world)
    assert sim.shelf.count(0, 10**14) == 5_000
    assert len(sim.shelf.page(0, 10**14, 4_990, 50, newest_first=True)) == 10
    sim.start()
    sim.stop()


def test_an_older_state_never_overtakes_a_newer_one_when_the_lag_ends(
    sim: TrendyolSimulator, call: Caller, world: World
) -> None:
    order = world.orders[0].id
    sim.read_lag = 60
    sim.set_status(order, "Picking")
    sim.read_lag = 0
    sim.set_status(order, "Shipped")
    (row,) = call("GET", f"{SELLER}/v2/orders?shipmentPackageIds={order}")[1]["content"]
    assert row["status"] == "Shipped"
