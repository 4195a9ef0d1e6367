"""Writing back to orders, and looking a write up."""

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
    RateLimited,
    Rejected,
    TransientError,
    Unsupported,
)
from kopru.testing.world import World, WorldOrder
from kopru_hepsiburada import plugin
from kopru_hepsiburada.simulator import HepsiburadaSimulator

Context = Ctx[Any]
Key = Callable[[str], IdempotencyKey]
LINK = "https://fatura.example.com/1"


@pytest.fixture
def several(world: World) -> WorldOrder:
    """An order with more than one line."""
    return next(order for order in world.orders if len(order.lines) > 1)


def update(order: WorldOrder | str, action: OrderAction, **values: Any) -> OrderUpdate:
    number = order if isinstance(order, str) else order.number
    return OrderUpdate(order=ExternalRef(kind="order", id=number), action=action, **values)


@pytest.fixture
def write(key: Key) -> Callable[..., Any]:
    def run(ctx: Context, order: WorldOrder | str, action: OrderAction, **values: Any) -> Any:
        return plugin.update_order_status(ctx, key(action.value), update(order, action, **values))

    return run


def test_lines_that_may_go_together_make_one_package(
    sim: HepsiburadaSimulator, ctx: Context, several: WorldOrder, write: Callable[..., Any]
) -> None:
    write(ctx, several, OrderAction.PREPARING)
    write(ctx, several, OrderAction.PREPARING)
    assert len(sim.writes.packages) == 1
    assert all(line["status"] == "Packaged" for line in sim.writes.of_order(several.number))


def test_lines_that_may_not_share_a_package_get_their_own(
    sim: HepsiburadaSimulator, ctx: Context, several: WorldOrder, write: Callable[..., Any]
) -> None:
    sim.writes.apart.add(sim.writes.orders[several.number][0])
    write(ctx, several, OrderAction.PREPARING)
    assert [len(package["lines"]) for package in sim.writes.packages.values()] == [1, len(several.lines) - 1]


def test_only_the_lines_named_are_packed(
    sim: HepsiburadaSimulator, ctx: Context, several: WorldOrder, write: Callable[..., Any]
) -> None:
    first, *others = sim.writes.orders[several.number]
    write(ctx, several, OrderAction.PREPARING, lines=((first, Decimal(1)),))
    assert first not in sim.writes.open and set(others) <= set(sim.writes.open)
    with pytest.raises(Rejected, match="no such line"):
        write(ctx, several, OrderAction.PREPARING, lines=(("yok", Decimal(1)),))


def test_hepsiburada_packs_by_itself_unless_told_otherwise(
    sim: HepsiburadaSimulator,
    make_ctx: Callable[..., Context],
    world: World,
    write: Callable[..., Any],
) -> None:
    ctx = make_ctx(sim, packaging="auto")
    with pytest.raises(Unsupported):
        write(ctx, world.orders[0], OrderAction.PREPARING)
    with pytest.raises(TransientError) as caught:
        write(ctx, world.orders[0], OrderAction.INVOICE_LINK, invoice_url=LINK)
    assert caught.value.code == "hepsiburada.package.not_yet"
    assert not sim.writes.done
    sim.change_order(world.orders[0].id)
    write(ctx, world.orders[0], OrderAction.INVOICE_LINK, invoice_url=LINK)
    assert len(sim.writes.done) == 1


def test_an_invoice_goes_to_each_package_of_the_order(
    sim: HepsiburadaSimulator, ctx: Context, several: WorldOrder, write: Callable[..., Any]
) -> None:
    sim.writes.apart.add(sim.writes.orders[several.number][0])
    values = {"invoice_url": LINK, "invoice_number": "ABC2026000000001"}
    at = datetime(2026, 9, 24, 11, 0, tzinfo=UTC)
    write(ctx, several, OrderAction.INVOICE_LINK, **values, invoice_at=at)
    invoices = [package["invoice"] for package in sim.writes.packages.values()]
    row = {"orderNumber": several.number, "invoiceLink": LINK, "contentType": "application/pdf"}
    sent = {"invoiceLink": LINK, "serialNumber": "ABC", "rowNumber": "2026000000001", "invoices": [row]}
    assert invoices == [{**sent, "arrangementDate": "2026-09-24T14:00:00"}] * 2


def test_an_invoice_that_stands_there_is_taken_or_asked_about(
    sim: HepsiburadaSimulator,
    ctx: Context,
    make_ctx: Callable[..., Context],
    world: World,
    write: Callable[..., Any],
) -> None:
    order = world.orders[0]
    write(ctx, order, OrderAction.INVOICE_LINK, invoice_url=LINK)
    write(ctx, order, OrderAction.INVOICE_LINK, invoice_url=f"{LINK}/baska")
    for line in sim.writes.of_order(order.number):
        line["hasInvoice"] = None
    write(ctx, order, OrderAction.INVOICE_LINK, invoice_url=LINK)
    assert len(sim.writes.done) == 2, "packed once, linked once"
    with pytest.raises(Conflict) as caught:
        write(make_ctx(sim, stored_invoice="ask"), order, OrderAction.INVOICE_LINK, invoice_url=LINK)
    assert caught.value.code == "hepsiburada.invoice.stored"


def test_a_link_must_be_one_and_a_number_alone_is_not_taken(
    ctx: Context, world: World, write: Callable[..., Any]
) -> None:
    with pytest.raises(Rejected) as caught:
        write(ctx, world.orders[0], OrderAction.INVOICE_LINK, invoice_url="fatura")
    assert caught.value.field == "invoice_url"
    with pytest.raises(Rejected) as caught:
        write(ctx, world.orders[0], OrderAction.INVOICE_LINK, invoice_url="http://fatura.example.com")
    assert caught.value.code == "hepsiburada.rejected", "Hepsiburada's own word on it"
    with pytest.raises(Unsupported):
        write(ctx, world.orders[0], OrderAction.INVOICED, invoice_number="ABC2026000000001")


def test_own_cargo_is_told_and_contracted_carriers_are_not(
    sim: HepsiburadaSimulator,
    ctx: Context,
    make_ctx: Callable[..., Context],
    several: WorldOrder,
    write: Callable[..., Any],
) -> None:
    with pytest.raises(Rejected) as caught:
        write(make_ctx(sim, own_cargo=False), several, OrderAction.SHIPPED, tracking_number="1")
    assert caught.value.code == "hepsiburada.status.contracted_cargo"
    with pytest.raises(Rejected):
        write(ctx, several, OrderAction.SHIPPED)
    for _ in range(2):
        write(ctx, several, OrderAction.SHIPPED, tracking_number="https://kargo.example.com/t/77")
    assert [package["status"] for package in sim.writes.packages.values()] == ["InTransit"]
    assert sum("shipped" in each.reference for each in sim.writes.done) == 1


def test_the_parcels_own_number_needs_no_telling(
    sim: HepsiburadaSimulator,
    make_ctx: Callable[..., Context],
    world: World,
    write: Callable[..., Any],
) -> None:
    sim.change_order(world.orders[0].id)
    (package,) = sim.writes.packages.values()
    ctx = make_ctx(sim, own_cargo=False)
    write(ctx, world.orders[0], OrderAction.SHIPPED, tracking_number=package["barcode"])
    assert not sim.writes.done


def test_cancelling_takes_whole_open_lines(
    sim: HepsiburadaSimulator, ctx: Context, several: WorldOrder, write: Callable[..., Any]
) -> None:
    first, second, *_ = sim.writes.of_order(several.number)
    with pytest.raises(Rejected) as caught:
        write(ctx, several, OrderAction.CANCELLED, lines=((first["id"], Decimal(first["quantity"]) + 1),))
    assert caught.value.code == "hepsiburada.status.part"
    chosen = ((first["id"], Decimal(first["quantity"])),)
    for _ in range(2):
        write(ctx, several, OrderAction.CANCELLED, lines=chosen, reason="7")
    assert first["status"] == "CancelledByMerchant" and second["status"] == "Open"
    write(ctx, several, OrderAction.CANCELLED)
    assert not [each for each in sim.writes.of_order(several.number) if each["id"] in sim.writes.open]


def test_a_packed_line_is_unpacked_only_if_that_is_wanted(
    sim: HepsiburadaSimulator,
    ctx: Context,
    make_ctx: Callable[..., Context],
    world: World,
    write: Callable[..., Any],
) -> None:
    order = world.orders[0]
    sim.change_order(order.id)
    with pytest.raises(Rejected) as caught:
        write(ctx, order, OrderAction.CANCELLED)
    assert caught.value.code == "hepsiburada.status.unpack_first"
    write(make_ctx(sim, unpack_to_cancel=True), order, OrderAction.CANCELLED)
    assert {line["status"] for line in sim.writes.of_order(order.number)} == {"CancelledByMerchant"}
    sim.change_order(world.orders[1].id)
    sim.change_order(world.orders[1].id)
    with pytest.raises(Rejected) as caught:
        write(make_ctx(sim, unpack_to_cancel=True), world.orders[1], OrderAction.CANCELLED)
    assert caught.value.code == "hepsiburada.status.too_late"


def test_cancelling_needs_a_reason_and_has_a_limit(
    sim: HepsiburadaSimulator,
    ctx: Context,
    make_ctx: Callable[..., Context],
    world: World,
    write: Callable[..., Any],
) -> None:
    with pytest.raises(ConfigError):
        write(make_ctx(sim, cancel_reason=""), world.orders[0], OrderAction.CANCELLED)
    with pytest.raises(Rejected):
        write(ctx, world.orders[0], OrderAction.CANCELLED, reason="stok yok")
    sim.writes._cancels = [sim.clock.now()] * 100
    with pytest.raises(RateLimited) as caught:
        write(ctx, world.orders[0], OrderAction.CANCELLED)
    assert caught.value.code == "hepsiburada.cancel.daily_limit" and caught.value.retry_after == 3600


def test_a_buyer_who_moves_makes_us_wait(
    sim: HepsiburadaSimulator, ctx: Context, world: World, write: Callable[..., Any]
) -> None:
    sim.writes.address_changing.add(world.orders[0].number)
    with pytest.raises(TransientError) as caught:
        write(ctx, world.orders[0], OrderAction.PREPARING)
    assert caught.value.code == "hepsiburada.order.address_changing"


def test_unknown_orders_and_foreign_references(ctx: Context, key: Key, write: Callable[..., Any]) -> None:
    with pytest.raises(Rejected) as caught:
        write(ctx, "999", OrderAction.PREPARING)
    assert caught.value.code == "hepsiburada.order.not_found"
    foreign = OrderUpdate(order=ExternalRef(kind="package", id="1"), action=OrderAction.PREPARING)
    with pytest.raises(Rejected) as caught:
        plugin.update_order_status(ctx, key("x"), foreign)
    assert caught.value.code == "hepsiburada.order.wrong_kind"


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        ("preparing", Absent, Found),
        ("invoice_link", Absent, Found),
        ("shipped", Absent, Found),
        ("cancelled", Absent, Absent),
        ("invoiced", CannotTell, CannotTell),
        ("preparing cancelled", CannotTell, CannotTell),
    ],
)
def test_the_order_tells_what_arrived(
    sim: HepsiburadaSimulator,
    ctx: Context,
    world: World,
    key: Key,
    write: Callable[..., Any],
    action: str,
    before: type,
    after: type,
) -> None:
    order = world.orders[0]
    ref = ExternalRef(kind="order", id=order.number)

    def located() -> Any:
        return plugin.locate(ctx, Operation.UPDATE_ORDER_STATUS, key(action), ref)

    assert isinstance(located(), before)
    write(ctx, order, OrderAction.INVOICE_LINK, invoice_url=LINK)
    write(ctx, order, OrderAction.SHIPPED, tracking_number="77")
    assert isinstance(located(), after)


def test_a_look_up_that_cannot_tell_says_so(
    sim: HepsiburadaSimulator, ctx: Context, several: WorldOrder, key: Key
) -> None:
    ref = ExternalRef(kind="order", id=several.number)
    sim.writes.pack(sim.writes.orders[several.number][:1])
    assert isinstance(plugin.locate(ctx, Operation.UPDATE_ORDER_STATUS, key("preparing"), ref), CannotTell)
    assert isinstance(plugin.locate(ctx, Operation.PUSH_STOCK, key("x"), ref), CannotTell)
    unknown = ExternalRef(kind="order", id="999")
    assert isinstance(
        plugin.locate(ctx, Operation.UPDATE_ORDER_STATUS, key("preparing"), unknown), CannotTell
    )
