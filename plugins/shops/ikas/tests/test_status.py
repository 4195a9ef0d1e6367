"""Writing back to orders."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from kopru.model import ExternalRef
from kopru.sdk import (
    Absent,
    CannotTell,
    ConfigError,
    Conflict,
    Ctx,
    Found,
    IdempotencyKey,
    Operation,
    OrderAction,
    OrderUpdate,
    Receipt,
    Rejected,
)
from kopru.testing.faults import Fault, FaultKind
from kopru.testing.world import World
from kopru_ikas import plugin
from kopru_ikas.config import IkasConfig
from kopru_ikas.simulator import IkasSimulator

MakeCtx = Callable[..., Ctx[IkasConfig]]
Key = Callable[[str], IdempotencyKey]
Json = dict[str, Any]

STATUS = Operation.UPDATE_ORDER_STATUS


class Desk:
    """Writes to the first order that has two lines."""

    def __init__(self, sim: IkasSimulator, ctx: Ctx[IkasConfig], world: World, key: Key) -> None:
        self.sim = sim
        self.ctx = ctx
        self.source = next(order for order in world.orders if len(order.lines) > 1)
        self.ref = ExternalRef(kind="order", id=str(self.source.id))
        self.key = key

    def do(self, action: OrderAction, **fields: Any) -> Receipt:
        return plugin.update_order_status(
            self.ctx, self.key(action.value), OrderUpdate(self.ref, action, **fields)
        )

    def find(self, action: str) -> Any:
        return plugin.locate(self.ctx, STATUS, self.key(f"k {action} 1"), self.ref)

    @property
    def order(self) -> Json:
        return self.sim.shelf.live[self.ref.id]

    @property
    def parcels(self) -> list[tuple[str, list[str]]]:
        return [
            (each["orderPackageFulfillStatus"], each["orderLineItemIds"])
            for each in self.order["orderPackages"]
        ]

    @property
    def writes(self) -> int:
        return len(self.sim.held(STATUS))


@pytest.fixture
def desk(sim: IkasSimulator, ctx: Ctx[IkasConfig], world: World, key: Key) -> Desk:
    return Desk(sim, ctx, world, key)


def test_preparing_makes_one_parcel_of_all_lines(desk: Desk) -> None:
    desk.do(OrderAction.PREPARING)
    lines = [str(line.id) for line in desk.source.lines]
    assert desk.parcels == [("READY_FOR_SHIPMENT", lines)]
    assert desk.order["orderPackageStatus"] == "READY_FOR_SHIPMENT"
    desk.do(OrderAction.PREPARING)
    assert desk.writes == 1


def test_preparing_some_lines_leaves_the_rest_loose(desk: Desk) -> None:
    first, *rest = (str(line.id) for line in desk.source.lines)
    desk.do(OrderAction.PREPARING, lines=((first, Decimal(1)),))
    assert desk.parcels == [("READY_FOR_SHIPMENT", [first])]
    assert isinstance(desk.find("preparing"), Absent)
    desk.do(OrderAction.PREPARING)
    assert {line for _, lines in desk.parcels for line in lines} >= {first, *rest}
    assert isinstance(desk.find("preparing"), Found)


def test_shipping_moves_a_parcel_on_with_its_tracking(desk: Desk) -> None:
    desk.do(OrderAction.PREPARING)
    desk.do(OrderAction.SHIPPED, tracking_number="TR123", carrier="ÖRNEK KARGO")
    (parcel,) = desk.order["orderPackages"]
    assert parcel["orderPackageFulfillStatus"] == "FULFILLED"
    tracking = parcel["trackingInfo"]
    assert (tracking["trackingNumber"], tracking["cargoCompanyId"]) == ("TR123", "ornek")
    assert tracking["isSendNotification"] is False


def test_shipping_loose_lines_makes_a_parcel_that_has_left(desk: Desk) -> None:
    desk.do(OrderAction.SHIPPED, tracking_number="https://kargo.example.com/1", carrier="Bilinmeyen")
    (parcel,) = desk.order["orderPackages"]
    assert parcel["orderPackageFulfillStatus"] == "FULFILLED"
    assert parcel["trackingInfo"]["trackingLink"] == "https://kargo.example.com/1"
    assert parcel["trackingInfo"]["cargoCompany"] == "Bilinmeyen"
    assert "cargoCompanyId" not in parcel["trackingInfo"]


def test_shipping_twice_is_once_and_another_number_is_a_conflict(desk: Desk) -> None:
    desk.do(OrderAction.SHIPPED, tracking_number="TR123")
    desk.do(OrderAction.SHIPPED, tracking_number="TR123")
    assert desk.writes == 1
    with pytest.raises(Conflict, match="other_tracking"):
        desk.do(OrderAction.SHIPPED, tracking_number="TR999")
    with pytest.raises(Rejected, match="incomplete"):
        desk.do(OrderAction.SHIPPED)


def test_a_parcel_that_left_without_a_number_gets_one(desk: Desk) -> None:
    desk.do(OrderAction.PREPARING)
    parcels = [{**each, "orderPackageFulfillStatus": "DELIVERED"} for each in desk.order["orderPackages"]]
    desk.sim.change_order(desk.ref.id, orderPackages=parcels)
    desk.do(OrderAction.SHIPPED, tracking_number="TR123")
    (parcel,) = desk.order["orderPackages"]
    assert parcel["orderPackageFulfillStatus"] == "DELIVERED"
    assert parcel["trackingInfo"]["trackingNumber"] == "TR123"


def test_lines_packed_meanwhile_are_looked_at_again(desk: Desk) -> None:
    def pack(document: str) -> None:
        lines = [
            {"orderLineItemId": row["id"], "quantity": row["quantity"]}
            for row in desk.order["orderLineItems"]
        ]
        desk.sim.writes.fulfill({"orderId": desk.ref.id, "lines": lines, "markAsReadyForShipment": True})

    fulfill, calls = desk.sim.writes.fulfill, []

    def late(given: Json) -> Json:
        if not calls:
            calls.append(1)
            pack("")
        return fulfill(given)

    desk.sim.writes.fulfill = late  # type: ignore[method-assign]
    desk.do(OrderAction.SHIPPED, tracking_number="TR123")
    assert [status for status, _ in desk.parcels] == ["FULFILLED"]


def test_an_invoice_is_attached_once(desk: Desk) -> None:
    moment = datetime(2026, 3, 2, 9, tzinfo=UTC)
    receipt = desk.do(OrderAction.INVOICED, invoice_number="ABC2026000000001", invoice_at=moment)
    assert (receipt.number, receipt.ref) == ("ABC2026000000001", desk.ref)
    desk.do(OrderAction.INVOICED, invoice_number="ABC2026000000001")
    (invoice,) = desk.order["invoices"]
    assert invoice["invoiceNumber"] == "ABC2026000000001"
    assert invoice["createdAt"] == int(moment.timestamp() * 1000)
    with pytest.raises(Conflict, match="other_invoice"):
        desk.do(OrderAction.INVOICED, invoice_number="ABC2026000000002")
    with pytest.raises(Rejected, match="incomplete"):
        desk.do(OrderAction.INVOICED)


def test_an_invoice_link_goes_with_the_invoice(desk: Desk) -> None:
    link = "https://fatura.example.com/1"
    with pytest.raises(Rejected, match="incomplete"):
        desk.do(OrderAction.INVOICE_LINK, invoice_number="ABC2026000000001")
    desk.do(OrderAction.INVOICE_LINK, invoice_number="ABC2026000000001", invoice_url=link)
    assert desk.order["invoices"][0]["invoiceData"] == {"url": link}


@pytest.mark.parametrize("company", [True, False])
def test_the_kind_of_invoice_follows_the_buyer(
    sim: IkasSimulator, ctx: Ctx[IkasConfig], world: World, key: Key, company: bool
) -> None:
    order = next(order for order in world.orders if order.buyer.company is company)
    ref = ExternalRef(kind="order", id=str(order.id))
    plugin.update_order_status(ctx, key("a"), OrderUpdate(ref, OrderAction.INVOICED, invoice_number="A1"))
    assert sim.shelf.live[ref.id]["invoices"][0]["type"] == ("COMPANY" if company else "INDIVIDUAL")


def test_version_1_wants_to_know_the_app(make_ctx: MakeCtx, world: World, key: Key) -> None:
    ref = ExternalRef(kind="order", id=str(world.orders[0].id))
    update = OrderUpdate(ref, OrderAction.INVOICED, invoice_number="A1")
    with IkasSimulator(version="v1") as shop:
        shop.load(world)
        plugin.update_order_status(make_ctx(shop), key("a"), update)
        assert shop.shelf.live[ref.id]["invoices"][0]["appId"] == "app-1"
        other = OrderUpdate(ExternalRef(kind="order", id=str(world.orders[1].id)), update.action, (), "A2")
        plugin.update_order_status(make_ctx(shop, invoice_app_id="benim"), key("b"), other)
        assert shop.shelf.live[other.order.id]["invoices"][0]["appId"] == "benim"


def test_cancelling_everything_and_again(desk: Desk) -> None:
    desk.do(OrderAction.CANCELLED)
    assert desk.order["status"] == "CANCELLED"
    desk.do(OrderAction.CANCELLED)
    assert desk.writes == 1
    assert isinstance(desk.find("cancelled"), Found)
    with pytest.raises(Rejected, match="closed"):
        desk.do(OrderAction.PREPARING)


def test_cancelling_one_line(desk: Desk) -> None:
    line = desk.source.lines[0]
    desk.do(OrderAction.CANCELLED, lines=((str(line.id), Decimal(line.quantity)),))
    states = {row["id"]: row["status"] for row in desk.order["orderLineItems"]}
    assert states[str(line.id)] == "CANCELLED" and "UNFULFILLED" in states.values()
    assert isinstance(desk.find("cancelled"), Absent)


@pytest.mark.parametrize("lines", [(("yok", Decimal(1)),), (("", Decimal(1)),)])
def test_unknown_lines_are_rejected_before_the_call(desk: Desk, lines: Any) -> None:
    with pytest.raises(Rejected, match=r"status.lines"):
        desk.do(OrderAction.CANCELLED, lines=lines)
    assert desk.writes == 0


def test_too_many_units_are_rejected_before_the_call(desk: Desk) -> None:
    line = desk.source.lines[0]
    with pytest.raises(Rejected, match=r"status.lines"):
        desk.do(OrderAction.CANCELLED, lines=((str(line.id), Decimal(line.quantity + 1)),))


def test_what_has_left_cannot_be_cancelled(desk: Desk) -> None:
    desk.do(OrderAction.SHIPPED, tracking_number="TR123")
    with pytest.raises(Rejected, match=r"order.closed"):
        desk.do(OrderAction.CANCELLED)


def test_a_cancellation_refused_because_it_happened_is_done(desk: Desk) -> None:
    cancel = desk.sim.writes.cancel

    def late(given: Json) -> Json:
        desk.sim.cancel_order(desk.ref.id)
        return cancel(given)

    desk.sim.writes.cancel = late  # type: ignore[method-assign]
    assert desk.do(OrderAction.CANCELLED).ref == desk.ref


def test_the_price_of_a_cancelled_line_is_a_setting(
    sim: IkasSimulator, make_ctx: MakeCtx, world: World, key: Key
) -> None:
    several = next(order for order in world.orders if order.lines[0].quantity > 1)
    ref = ExternalRef(kind="order", id=str(several.id))
    update = OrderUpdate(ref, OrderAction.CANCELLED)
    with pytest.raises(Rejected, match=r"ikas.argument"):
        plugin.update_order_status(make_ctx(sim, cancel_price="line"), key("a"), update)
    plugin.update_order_status(make_ctx(sim), key("a"), update)
    assert sim.shelf.live[ref.id]["status"] == "CANCELLED"


def test_unknown_orders(desk: Desk) -> None:
    desk.ref = ExternalRef(kind="order", id="yok")
    for action in OrderAction:
        with pytest.raises(Rejected):
            desk.do(action, invoice_number="A", invoice_url="https://a", tracking_number="T")
    assert isinstance(desk.find("invoiced"), CannotTell)


def test_locate_without_an_action_tells_only_untouched_orders(desk: Desk) -> None:
    assert isinstance(desk.find("?"), Absent)
    desk.do(OrderAction.PREPARING)
    assert isinstance(desk.find("?"), CannotTell)
    assert isinstance(desk.find("invoiced"), Absent)
    other = plugin.locate(desk.ctx, Operation.PUSH_STOCK, desk.key("a"), None)
    assert isinstance(other, CannotTell)


def test_a_missing_permission_is_a_setting(desk: Desk) -> None:
    desk.sim.scopes = frozenset({"read_orders"})
    with pytest.raises(ConfigError, match=r"scope.missing"):
        desk.do(OrderAction.PREPARING)


def test_a_lost_answer_is_found(desk: Desk) -> None:
    desk.sim.faults.add(Fault(FaultKind.DROP_AFTER, "POST", "/graphql", times=1, skip=1))
    with pytest.raises(Exception, match="outcome"):
        desk.do(OrderAction.INVOICED, invoice_number="A1")
    located = desk.find("invoiced")
    assert isinstance(located, Found) and located.receipt.number == "A1"


def test_a_dry_run_reads_and_writes_nothing(
    sim: IkasSimulator, make_ctx: MakeCtx, world: World, key: Key
) -> None:
    ctx = make_ctx(sim, dry_run=True)
    update = OrderUpdate(ExternalRef(kind="order", id=str(world.orders[0].id)), OrderAction.PREPARING)
    with pytest.raises(BaseException, match=r"dry run|planned|graphql"):
        plugin.update_order_status(ctx, key("a"), update)
    assert not sim.held(STATUS)
