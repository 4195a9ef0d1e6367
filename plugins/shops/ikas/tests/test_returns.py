"""What comes back: it shows in the state of an order's lines."""

import json
from typing import Any

from kopru.model import ReturnStatus
from kopru.sdk import Ctx, Raw, Window
from kopru.testing.world import World
from kopru_ikas import plugin
from kopru_ikas.config import IkasConfig
from kopru_ikas.mapping.returns import is_return, return_record
from kopru_ikas.simulator import IkasSimulator

Json = dict[str, Any]


def test_only_orders_with_something_coming_back(
    sim: IkasSimulator, ctx: Ctx[IkasConfig], window: Window, world: World
) -> None:
    assert plugin.fetch_returns(ctx, None, window, 50).records == ()
    sim.add_return(world.orders[3])
    (found,) = plugin.fetch_returns(ctx, None, window, 50).values
    assert (found.order_number, found.ref.kind) == (world.orders[3].number, "refund")
    assert found.order_ref is not None and found.order_ref.id == str(world.orders[3].id)
    assert [(line.quantity, line.status) for line in found.lines] == [(1, ReturnStatus.REQUESTED)]


def test_a_part_that_comes_back_names_the_line_it_was_part_of(
    sim: IkasSimulator, ctx: Ctx[IkasConfig], window: Window, world: World
) -> None:
    several = next(order for order in world.orders if order.lines[0].quantity > 1)
    sim.add_return(several)
    (found,) = plugin.fetch_returns(ctx, None, window, 50).values
    (line,) = found.lines
    assert line.order_line_id == str(several.lines[0].id) != line.id
    order = plugin.fetch_order(ctx, found.order_ref).value  # type: ignore[arg-type]
    assert order is not None and order.sum_gap() == 0
    halves = [each for each in order.lines if each.id in (line.id, line.order_line_id)]
    assert sum(each.quantity for each in halves) == several.lines[0].quantity


def test_states_of_a_return(order: Json) -> None:
    wanted = {
        "REFUND_REQUESTED": ReturnStatus.REQUESTED,
        "REFUND_REQUEST_ACCEPTED": ReturnStatus.REQUESTED,
        "RETURN_PARCEL_WAITING": ReturnStatus.IN_TRANSIT,
        "RETURN_IN_TRANSIT": ReturnStatus.IN_TRANSIT,
        "RETURN_DELIVERED": ReturnStatus.DECIDING,
        "RETURN_REJECTED": ReturnStatus.REJECTED,
        "REFUNDED": ReturnStatus.ACCEPTED,
        "RETURN_LOST": ReturnStatus.UNKNOWN,
    }
    for status, meaning in wanted.items():
        order["orderLineItems"][0]["status"] = status
        assert is_return(order)
        record = return_record(order, Raw(json.dumps(order).encode()), 0)
        assert record.value is not None
        assert [line.status for line in record.value.lines] == [meaning]
        assert bool(record.findings) == (meaning is ReturnStatus.UNKNOWN)


def test_the_parcel_that_comes_back_is_tracked(order: Json) -> None:
    order["orderLineItems"][0]["status"] = "RETURN_IN_TRANSIT"
    parcel = {"id": "k", "orderLineItemIds": ["l1"], "trackingInfo": {"trackingNumber": "GERI-1"}}
    order["orderPackages"] = [
        {**parcel, "orderPackageFulfillStatus": "FULFILLED", "trackingInfo": {"trackingNumber": "GIDEN"}},
        {**parcel, "orderPackageFulfillStatus": "RETURN_IN_TRANSIT"},
    ]
    record = return_record(order, Raw(json.dumps(order).encode()), 0)
    assert record.value is not None and record.value.tracking_number == "GERI-1"


def test_an_unreadable_return_has_findings(order: Json) -> None:
    order["orderLineItems"][0] |= {"status": "REFUNDED", "quantity": "çok"}
    record = return_record(order, Raw(json.dumps(order).encode()), 0)
    assert record.value is None and record.findings
    for data in (None, 5, {"orderLineItems": 5}, {"orderLineItems": [None, 5]}):
        assert not is_return(data)
