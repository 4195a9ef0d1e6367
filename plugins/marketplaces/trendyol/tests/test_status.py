"""Writing back to packages, repeating it, losing the answer, and looking it up."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from kopru.model import ExternalRef
from kopru.sdk import (
    Absent,
    CannotTell,
    Conflict,
    Ctx,
    Found,
    IdempotencyKey,
    Operation,
    OrderAction,
    OrderUpdate,
    OutcomeUnknown,
    Receipt,
    ReceiptState,
    Rejected,
    TransientError,
)
from kopru.testing.faults import Fault, FaultKind
from kopru.testing.world import World, WorldOrder
from kopru_trendyol import plugin
from kopru_trendyol.config import TrendyolConfig
from kopru_trendyol.simulator import TrendyolSimulator

Contexts = Callable[..., Ctx[TrendyolConfig]]
Keys = Callable[[str], IdempotencyKey]
LINK = "https://invoices.example.com/1.pdf"
WRITES = Operation.UPDATE_ORDER_STATUS


@pytest.fixture
def order(world: World) -> WorldOrder:
    """An order with a line of two or more and another line."""
    return next(each for each in world.orders if len(each.lines) > 1 and each.lines[0].quantity > 1)


@pytest.fixture
def ref(order: WorldOrder) -> ExternalRef:
    return ExternalRef(kind="package", id=str(order.id))


@pytest.fixture
def write(ctx: Ctx[TrendyolConfig], ref: ExternalRef, key: Keys) -> Callable[..., Receipt]:
    def run(action: OrderAction, **fields: Any) -> Receipt:
        return plugin.update_order_status(ctx, key(f"x:{action}"), OrderUpdate(ref, action, **fields))

    return run


def traces(sim: TrendyolSimulator) -> list[str]:
    return [held.reference.partition(":")[2] for held in sim.held(WRITES)]


def live(sim: TrendyolSimulator, ref: ExternalRef) -> dict[str, Any]:
    return sim.shelf.live[int(ref.id)]


def test_preparing_moves_the_package_once(
    sim: TrendyolSimulator, ref: ExternalRef, write: Callable[..., Receipt]
) -> None:
    for _ in range(2):
        receipt = write(OrderAction.PREPARING)
        assert (receipt.state, receipt.ref) == (ReceiptState.DONE, ref)
    assert live(sim, ref)["status"] == "Picking"
    assert traces(sim) == ["picking"]


@pytest.mark.parametrize(
    "status", ["Invoiced", "Shipped", "AtCollectionPoint", "Delivered", "UnDelivered", "Returned"]
)
def test_preparing_what_is_further_along_is_done(
    sim: TrendyolSimulator, ref: ExternalRef, write: Callable[..., Receipt], status: str
) -> None:
    sim.set_status(int(ref.id), status)
    assert write(OrderAction.PREPARING).state is ReceiptState.DONE
    assert traces(sim) == []


@pytest.mark.parametrize("status", ["Cancelled", "UnSupplied", "UnPacked"])
@pytest.mark.parametrize("action", [OrderAction.PREPARING, OrderAction.INVOICED, OrderAction.SHIPPED])
def test_a_closed_package_takes_nothing(
    sim: TrendyolSimulator, ref: ExternalRef, write: Callable[..., Receipt], status: str, action: OrderAction
) -> None:
    sim.set_status(int(ref.id), status)
    with pytest.raises(Rejected) as refusal:
        write(action, invoice_number="ABC2026000000001", tracking_number=LINK)
    assert refusal.value.code == "trendyol.status.closed"


def test_an_unpaid_package_is_never_shipped(
    sim: TrendyolSimulator, ref: ExternalRef, write: Callable[..., Receipt]
) -> None:
    sim.set_status(int(ref.id), "Awaiting")
    with pytest.raises(Rejected) as refusal:
        write(OrderAction.SHIPPED, tracking_number=LINK)
    assert refusal.value.code == "trendyol.status.awaiting"


def test_invoiced_goes_through_preparing_and_tells_the_number(
    sim: TrendyolSimulator, ref: ExternalRef, write: Callable[..., Receipt]
) -> None:
    for _ in range(2):
        receipt = write(OrderAction.INVOICED, invoice_number="ABC2026000000001")
        assert receipt.number == "ABC2026000000001"
    assert live(sim, ref)["status"] == "Invoiced"
    assert live(sim, ref)["invoiceNumber"] == "ABC2026000000001"
    assert traces(sim) == ["picking", "invoiced"]


def test_another_invoice_number_is_a_conflict(write: Callable[..., Receipt], ref: ExternalRef) -> None:
    write(OrderAction.INVOICED, invoice_number="ABC2026000000001")
    with pytest.raises(Conflict) as conflict:
        write(OrderAction.INVOICED, invoice_number="ABC2026000000002")
    assert conflict.value.existing == ref


def test_an_invoice_number_comes_too_late_after_shipping(
    sim: TrendyolSimulator, ref: ExternalRef, write: Callable[..., Receipt]
) -> None:
    sim.set_status(int(ref.id), "Shipped")
    with pytest.raises(Rejected) as refusal:
        write(OrderAction.INVOICED, invoice_number="ABC2026000000001")
    assert refusal.value.code == "trendyol.status.too_late"


@pytest.mark.parametrize(
    ("action", "field"),
    [
        (OrderAction.INVOICED, "invoice_number"),
        (OrderAction.INVOICE_LINK, "invoice_url"),
        (OrderAction.SHIPPED, "tracking_number"),
    ],
)
def test_nothing_to_tell_is_refused(write: Callable[..., Receipt], action: OrderAction, field: str) -> None:
    with pytest.raises(Rejected) as refusal:
        write(action)
    assert refusal.value.field == field


def test_the_invoice_link_is_sent_with_number_and_time(
    sim: TrendyolSimulator, make_ctx: Contexts, ref: ExternalRef, key: Keys
) -> None:
    bodies: list[Any] = []
    link = sim.writes.link
    sim.writes.link = lambda body: (bodies.append(body), link(body))[1]
    at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    update = OrderUpdate(
        ref, OrderAction.INVOICE_LINK, invoice_url=LINK, invoice_number="ABC2026000000001", invoice_at=at
    )
    receipt = plugin.update_order_status(make_ctx(sim, invoice_time_offset_hours=3), key("a"), update)
    assert (receipt.state, receipt.number) == (ReceiptState.DONE, "ABC2026000000001")
    assert bodies == [
        {
            "invoiceLink": LINK,
            "shipmentPackageId": int(ref.id),
            "invoiceNumber": "ABC2026000000001",
            "invoiceDateTime": int(at.timestamp() * 1000) + 3 * 3_600_000,
        }
    ]


def test_the_same_link_again_is_success(sim: TrendyolSimulator, write: Callable[..., Receipt]) -> None:
    for _ in range(3):
        assert write(OrderAction.INVOICE_LINK, invoice_url=LINK).state is ReceiptState.DONE
    assert traces(sim) == ["invoice_link"]


def test_another_link_is_for_a_person(write: Callable[..., Receipt]) -> None:
    write(OrderAction.INVOICE_LINK, invoice_url=LINK)
    with pytest.raises(Conflict) as conflict:
        write(OrderAction.INVOICE_LINK, invoice_url=LINK + "?2")
    assert conflict.value.code == "trendyol.link.other"
    assert LINK in conflict.value.message.en


def test_a_link_that_does_not_show_yet_is_asked_again(
    sim: TrendyolSimulator, write: Callable[..., Receipt]
) -> None:
    sim.read_lag = 60
    write(OrderAction.INVOICE_LINK, invoice_url=LINK)
    with pytest.raises(TransientError) as fault:
        write(OrderAction.INVOICE_LINK, invoice_url=LINK)
    assert fault.value.code == "trendyol.link.unseen"
    sim.read_lag = 0
    assert write(OrderAction.INVOICE_LINK, invoice_url=LINK).state is ReceiptState.DONE


def test_an_export_link_needs_number_and_date(
    sim: TrendyolSimulator, ref: ExternalRef, write: Callable[..., Receipt]
) -> None:
    sim.change_order(int(ref.id), micro=True)
    with pytest.raises(Rejected) as refusal:
        write(OrderAction.INVOICE_LINK, invoice_url=LINK)
    assert "invoiceNumber" in refusal.value.message.tr
    assert refusal.value.findings


def test_own_delivery_by_link_and_by_phone(
    sim: TrendyolSimulator, make_ctx: Contexts, world: World, key: Keys
) -> None:
    bodies: list[Any] = []
    take = sim.writes.own_delivery
    sim.writes.own_delivery = lambda package, body: (bodies.append(body), take(package, body))[1]
    ctx = make_ctx(sim, box_count=2, parcel_deci="1.4")
    for order, tracking in zip(
        world.orders, ("https://kargo.example.com/7", "0 (532) 123 45 67"), strict=False
    ):
        ref = ExternalRef(kind="package", id=str(order.id))
        update = OrderUpdate(ref, OrderAction.SHIPPED, tracking_number=tracking)
        for _ in range(2):
            assert plugin.update_order_status(ctx, key(tracking), update).state is ReceiptState.DONE
        assert live(sim, ref)["status"] == "Shipped"
    assert bodies == [
        {"isPhoneNumber": False, "trackingInfo": "https://kargo.example.com/7", "params": {}},
        {
            "isPhoneNumber": True,
            "trackingInfo": "5321234567",
            "params": {},
            "boxQuantity": 2,
            "deci": Decimal("1.4"),
        },
    ]


def test_trendyols_own_carrier_needs_no_telling(
    sim: TrendyolSimulator, order: WorldOrder, write: Callable[..., Receipt]
) -> None:
    assert write(OrderAction.SHIPPED, tracking_number=order.tracking_number).state is ReceiptState.DONE
    assert traces(sim) == []


def test_a_cargo_number_is_refused_in_turkey_and_taken_abroad(
    sim: TrendyolSimulator, write: Callable[..., Receipt]
) -> None:
    with pytest.raises(Rejected) as refusal:
        write(OrderAction.SHIPPED, tracking_number="7250001112223")
    assert "güncellenemez" in refusal.value.message.tr
    sim.writes.tracking_allowed = True
    for _ in range(2):
        assert write(OrderAction.SHIPPED, tracking_number="7250001112223").state is ReceiptState.DONE
    assert traces(sim) == ["tracking"]


def test_a_whole_package_is_cancelled_once(
    sim: TrendyolSimulator, ref: ExternalRef, write: Callable[..., Receipt]
) -> None:
    for _ in range(2):
        assert write(OrderAction.CANCELLED).state is ReceiptState.DONE
    assert live(sim, ref)["status"] == "UnSupplied"
    assert traces(sim) == ["cancelled"]


def test_a_part_is_cancelled_once_and_the_rest_moves_to_a_new_package(
    sim: TrendyolSimulator, order: WorldOrder, ref: ExternalRef, write: Callable[..., Receipt]
) -> None:
    part = ((str(order.lines[0].id), Decimal(1)),)
    for _ in range(2):
        assert write(OrderAction.CANCELLED, lines=part, reason="501").state is ReceiptState.DONE
    assert live(sim, ref)["status"] == "UnPacked"
    (child,) = [each for each in sim.shelf.live.values() if each["originPackageIds"]]
    assert {line["lineId"]: line["quantity"] for line in child["lines"]} == {
        line.id: line.quantity - (n == 0) for n, line in enumerate(order.lines)
    }
    assert traces(sim) == ["cancelled"]


def test_a_package_that_was_split_otherwise_is_not_taken_for_cancelled(
    sim: TrendyolSimulator, order: WorldOrder, write: Callable[..., Receipt]
) -> None:
    first, *rest = [(line.id, line.quantity) for line in order.lines]
    sim.split_order(order.id, [[first], rest])
    with pytest.raises(Rejected) as refusal:
        write(OrderAction.CANCELLED, lines=((str(order.lines[0].id), Decimal(1)),))
    assert refusal.value.code == "trendyol.status.closed"


def test_cancelling_comes_too_late_after_shipping(
    sim: TrendyolSimulator, ref: ExternalRef, write: Callable[..., Receipt]
) -> None:
    sim.set_status(int(ref.id), "Shipped")
    with pytest.raises(Rejected) as refusal:
        write(OrderAction.CANCELLED)
    assert refusal.value.code == "trendyol.status.too_late"


@pytest.mark.parametrize("reason", ["503", "kırık", "-500", "9" * 50])
def test_an_unknown_reason_is_refused_before_anything_is_sent(
    sim: TrendyolSimulator, write: Callable[..., Receipt], reason: str
) -> None:
    with pytest.raises(Rejected) as refusal:
        write(OrderAction.CANCELLED, reason=reason)
    assert refusal.value.code == "trendyol.status.reason"
    assert traces(sim) == []


@pytest.mark.parametrize("part", [("1", "1"), ("", "1"), (None, "99"), (None, "0.5"), (None, "0")])
def test_lines_that_are_not_in_the_package_are_refused(
    order: WorldOrder, write: Callable[..., Receipt], part: tuple[str | None, str]
) -> None:
    line, quantity = part
    named = str(order.lines[0].id) if line is None else line
    with pytest.raises(Rejected) as refusal:
        write(OrderAction.PREPARING, lines=((named, Decimal(quantity)),))
    assert refusal.value.code == "trendyol.status.lines"


def test_a_refusal_is_forgiven_when_the_state_was_reached_meanwhile(
    sim: TrendyolSimulator, ref: ExternalRef, write: Callable[..., Receipt]
) -> None:
    real = sim.writes.put_status

    def overtaken(package: int, body: Any) -> None:
        sim.set_status(package, "Picking")
        real(package, body)

    sim.writes.put_status = overtaken
    assert write(OrderAction.PREPARING).state is ReceiptState.DONE
    assert traces(sim) == []


def test_an_unknown_package_is_told(ctx: Ctx[TrendyolConfig], key: Keys) -> None:
    update = OrderUpdate(ExternalRef(kind="package", id="1"), OrderAction.PREPARING)
    with pytest.raises(Rejected) as refusal:
        plugin.update_order_status(ctx, key("x"), update)
    assert refusal.value.code == "trendyol.order.not_found"


LATER = {
    OrderAction.PREPARING: ({}, "shipment-packages/[0-9]+$"),
    OrderAction.INVOICED: ({"invoice_number": "ABC2026000000001"}, "shipment-packages/[0-9]+$"),
    OrderAction.INVOICE_LINK: ({"invoice_url": LINK}, "seller-invoice-links"),
    OrderAction.SHIPPED: ({"tracking_number": "https://kargo.example.com/7"}, "alternative-delivery"),
    OrderAction.CANCELLED: ({}, "unsupplied"),
}


@pytest.mark.parametrize("action", LATER)
def test_a_lost_answer_is_found_and_a_repeat_changes_nothing(
    sim: TrendyolSimulator,
    ctx: Ctx[TrendyolConfig],
    ref: ExternalRef,
    write: Callable[..., Receipt],
    key: Keys,
    action: OrderAction,
) -> None:
    fields, path = LATER[action]
    if action is OrderAction.INVOICED:
        write(OrderAction.PREPARING)
    named = key(f"tenant:order:1:{action}")
    before = plugin.locate(ctx, WRITES, named, ref)
    # Own delivery shows; a mere cargo number would not, so a missing trace proves nothing there.
    assert isinstance(before, CannotTell if action is OrderAction.SHIPPED else Absent)
    sim.faults.add(Fault(FaultKind.DROP_AFTER, path=path, times=1))
    with pytest.raises(OutcomeUnknown):
        write(action, **fields)
    found = plugin.locate(ctx, WRITES, named, ref)
    assert isinstance(found, Found)
    assert found.receipt.ref == ref
    count = len(traces(sim))
    assert write(action, **fields).state is ReceiptState.DONE
    assert len(traces(sim)) == count


@pytest.mark.parametrize("action", LATER)
def test_a_request_lost_on_the_way_is_absent_and_can_be_repeated(
    sim: TrendyolSimulator,
    ctx: Ctx[TrendyolConfig],
    ref: ExternalRef,
    write: Callable[..., Receipt],
    key: Keys,
    action: OrderAction,
) -> None:
    fields, path = LATER[action]
    sim.faults.add(Fault(FaultKind.DROP_BEFORE, path=path, times=1))
    with pytest.raises(OutcomeUnknown):
        write(action, **fields)
    assert isinstance(plugin.locate(ctx, WRITES, key("no action named"), ref), Absent)
    assert write(action, **fields).state is ReceiptState.DONE


def test_locate_never_guesses(
    sim: TrendyolSimulator,
    ctx: Ctx[TrendyolConfig],
    ref: ExternalRef,
    write: Callable[..., Receipt],
    key: Keys,
) -> None:
    def tell(operation: Operation, value: str, hint: ExternalRef | None) -> type:
        return type(plugin.locate(ctx, operation, key(value), hint))

    assert tell(WRITES, "x:preparing", None) is CannotTell
    assert tell(WRITES, "x:preparing", ExternalRef(kind="claim", id="1")) is CannotTell
    assert tell(WRITES, "x:preparing", ExternalRef(kind="package", id="1")) is CannotTell
    assert tell(Operation.PUSH_STOCK, "x", ref) is CannotTell
    assert tell(WRITES, "x:invoice_link", ref) is Absent
    write(OrderAction.PREPARING)
    assert tell(WRITES, "nothing named", ref) is CannotTell
    assert tell(WRITES, "preparing or cancelled", ref) is CannotTell
    assert tell(WRITES, "x:invoice_link", ref) is Absent
    assert tell(WRITES, "x:preparing", ref) is Found
    sim.cancel_order(int(ref.id))
    assert tell(WRITES, "x:preparing", ref) is CannotTell
    assert tell(WRITES, "x:cancelled", ref) is Found


@pytest.mark.parametrize("action", LATER)
def test_a_dry_run_sends_no_write(
    sim: TrendyolSimulator, make_ctx: Contexts, ref: ExternalRef, key: Keys, action: OrderAction
) -> None:
    fields, _ = LATER[action]
    facts = len(list(sim.truth))
    with pytest.raises(Exception, match="dry run"):
        plugin.update_order_status(make_ctx(sim, dry_run=True), key("x"), OrderUpdate(ref, action, **fields))
    assert len(list(sim.truth)) == facts
    assert traces(sim) == []
