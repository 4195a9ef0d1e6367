"""Orders that leave one list and appear in another: none is lost, each is one record."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kopru.model import OrderStatus
from kopru.sdk import Ctx, CursorExpired, Raw, RefKind, Unsupported, Window
from kopru.testing.faults import Fault, FaultKind
from kopru.testing.world import World, make_order, make_world
from kopru.toolkit.records import Item
from kopru_hepsiburada import plugin
from kopru_hepsiburada.client import Listing
from kopru_hepsiburada.orders import _has_tick
from kopru_hepsiburada.shifting import Spot, turn
from kopru_hepsiburada.simulator import HepsiburadaSimulator

Context = Ctx[Any]


def read(
    ctx: Context, window: Window, limit: int = 50, after: Callable[[int], object] = lambda page: None
) -> list[Any]:
    found, cursor, pages = [], None, 0
    while True:
        page = plugin.fetch_orders(ctx, cursor, window, limit)
        found += page.records
        pages += 1
        cursor = page.next_cursor
        if cursor is None:
            return found
        assert pages < 500
        after(pages)


def numbers(records: list[Any]) -> set[str]:
    return {record.external_id for record in records}


def states(records: list[Any]) -> dict[str, OrderStatus]:
    return {record.external_id: record.value.status for record in records}


def test_every_list_leads_to_its_orders(
    sim: HepsiburadaSimulator, ctx: Context, window: Window, world: World
) -> None:
    ids = [order.id for order in world.orders]
    for steps, order_id in enumerate(ids[:4]):
        for _ in range(steps):
            sim.change_order(order_id)
    sim.cancel_order(ids[4])
    found = states(read(ctx, window))
    assert set(found) == {order.number for order in world.orders}
    assert [found[order.number] for order in world.orders[:5]] == [
        OrderStatus.NEW,
        OrderStatus.PREPARING,
        OrderStatus.SHIPPED,
        OrderStatus.DELIVERED,
        OrderStatus.CANCELLED,
    ]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("limit", [1, 3, 50])
def test_nothing_is_lost_while_orders_move_on(
    sim: HepsiburadaSimulator, ctx: Context, window: Window, world: World, seed: int, limit: int
) -> None:
    dice = random.Random(seed)

    def move(page: int) -> None:
        order = dice.choice(world.orders)
        dice.choice((sim.change_order, sim.change_order, sim.cancel_order))(order.id)

    found = read(ctx, window, limit, after=move)
    assert numbers(found) == {order.number for order in world.orders}


def test_an_unpacked_order_comes_again(
    sim: HepsiburadaSimulator, ctx: Context, window: Window, world: World
) -> None:
    order = world.orders[0]
    sim.change_order(order.id)
    assert states(read(ctx, window))[order.number] is OrderStatus.PREPARING
    package = next(iter(sim.writes.packages))
    sim.clock.advance(7200)
    sim.writes.unpack(package)
    now = datetime.fromtimestamp(sim.clock.now(), UTC)
    later = Window(now - timedelta(minutes=12), now)
    assert states(read(ctx, later)) == {order.number: OrderStatus.NEW}


def test_a_package_of_two_orders_is_two_records(
    sim: HepsiburadaSimulator, ctx: Context, window: Window, world: World
) -> None:
    mixed = [line["id"] for order in world.orders[:2] for line in sim.writes.of_order(order.number)]
    sim.writes.pack(mixed)
    for limit in (1, 50):
        found = states(read(ctx, window, limit))
        assert [found[order.number] for order in world.orders[:2]] == [OrderStatus.PREPARING] * 2


def test_packages_of_several_days_are_asked_for_day_by_day(
    sim: HepsiburadaSimulator, make_ctx: Callable[..., Context], world: World
) -> None:
    start = sim.clock.now()
    for order in world.orders[:4]:
        sim.clock.advance(30 * 3600)
        sim.change_order(order.id)
    ctx = make_ctx(sim)
    window = Window(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(sim.clock.now() + 60, UTC))
    found = states(read(ctx, window))
    assert sum(state is OrderStatus.PREPARING for state in found.values()) == 4


def test_an_order_without_changes_is_left_alone(
    sim: HepsiburadaSimulator, ctx: Context, world: World
) -> None:
    sim.clock.advance(3600)
    sim.change_order(world.orders[3].id)
    now = datetime.fromtimestamp(sim.clock.now(), UTC)
    mark = len(sim.served)
    assert numbers(read(ctx, Window(now - timedelta(minutes=12), now))) == {world.orders[3].number}
    singles = [each.path for each in list(sim.served)[mark:] if "/ordernumber/" in each.path]
    assert len(singles) == 1


@pytest.mark.parametrize("dated", [True, False])
def test_thin_rows_may_lack_a_time(
    sim: HepsiburadaSimulator, ctx: Context, window: Window, world: World, dated: bool
) -> None:
    sim.dated = dated
    for _ in range(3):
        sim.change_order(world.orders[0].id)
    sim.cancel_order(world.orders[1].id)
    found = states(read(ctx, window))
    assert found[world.orders[0].number] is OrderStatus.DELIVERED
    assert found[world.orders[1].number] is OrderStatus.CANCELLED


def test_lists_by_status_have_a_pace_of_their_own(sim: HepsiburadaSimulator, ctx: Context) -> None:
    at = datetime(2026, 3, 2, 10, 5, tzinfo=UTC)
    hour = timedelta(hours=1)
    # Windows of a live stream overlap by ten minutes; each hour is met by exactly one of them.
    windows = [Window(at + timedelta(minutes=2 * n - 12), at + timedelta(minutes=2 * n)) for n in range(90)]
    assert sum(_has_tick(window, hour) for window in windows) == 3
    assert _has_tick(Window(at - timedelta(days=1), at), hour)
    mark = len(sim.served)
    read(ctx, windows[0])
    paths = {each.path.rpartition("/")[2] for each in list(sim.served)[mark:]}
    assert "cancelled" in paths and not paths & {"shipped", "delivered", "undelivered"}


def test_one_order_that_cannot_be_had_holds_nobody_up(
    sim: HepsiburadaSimulator, ctx: Context, window: Window, world: World
) -> None:
    missing, broken = world.orders[0].number, world.orders[1].number
    sim.faults.add(Fault(FaultKind.STATUS, path=f"/ordernumber/{missing}$", status=404))
    sim.faults.add(Fault(FaultKind.REPLACED, path=f"/ordernumber/{broken}$", body="{"))
    found = {record.external_id: record for record in read(ctx, window)}
    assert len(found) == len(world.orders)
    assert [finding.code for finding in found[missing].findings] == ["hepsiburada.order.gone"]
    assert [finding.code for finding in found[broken].findings] == ["hepsiburada.order.unreadable"]
    assert sum(record.value is None for record in found.values()) == 2


def test_an_answer_about_another_order_is_not_taken(
    sim: HepsiburadaSimulator, ctx: Context, window: Window, world: World
) -> None:
    path = f"/ordernumber/{world.orders[0].number}$"
    sim.faults.add(Fault(FaultKind.REPLACED, path=path, body='{"items":[{"orderNumber":"1"}]}'))
    found = {record.external_id: record for record in read(ctx, window)}
    assert found[world.orders[0].number].findings[0].code == "hepsiburada.order.other"


def test_the_second_listing_reads_no_order(
    sim: HepsiburadaSimulator, ctx: Context, window: Window, world: World
) -> None:
    sim.change_order(world.orders[0].id)
    mark, found, cursor = len(sim.served), set(), None
    while True:
        page = plugin.fetch_refs(ctx, RefKind.ORDER, cursor, window, 5)
        found |= {(ref.external_id, ref.record_kind) for ref in page.values}
        cursor = page.next_cursor
        if cursor is None:
            break
    assert found == {(order.number, "order") for order in world.orders}
    assert not [each for each in list(sim.served)[mark:] if "/ordernumber/" in each.path]


def test_other_things_are_not_listed(ctx: Context, window: Window) -> None:
    with pytest.raises(Unsupported):
        plugin.fetch_refs(ctx, RefKind.E_DOCUMENT, None, window, 5)


@pytest.mark.parametrize("cursor", ["x", Spot(0, "open").cursor, Spot(5, "neither").cursor, "eyJhIjoxfQ"])
def test_a_foreign_cursor_is_told(ctx: Context, window: Window, cursor: str) -> None:
    with pytest.raises(CursorExpired):
        plugin.fetch_orders(ctx, cursor, window, 5)


def test_ten_thousand_orders_take_few_list_calls(make_ctx: Callable[..., Context]) -> None:
    world = make_world(300)
    sim = HepsiburadaSimulator()
    sim.load(world)
    with sim:
        now = datetime.fromtimestamp(sim.clock.now(), UTC)
        found = read(make_ctx(sim), Window(now - timedelta(days=1), now), 100)
        lists = [each for each in sim.served if "/ordernumber/" not in each.path]
    assert numbers(found) == {order.number for order in world.orders}
    assert len(found) == 300, "the lines of an order make one record, also across a page border"
    assert len(lists) <= 14


class Shrinking:
    """A list whose rows leave while it is read."""

    def __init__(self, count: int, dice: random.Random, *, counted: bool) -> None:
        self.rows = list(range(count))
        self._dice = dice
        self._counted = counted

    def fetch(self, offset: int, limit: int) -> Listing:
        rows = self.rows[offset : offset + limit]
        total = len(self.rows) if self._counted else None
        if len(self.rows) > 5:
            for _ in range(self._dice.choice((0, 0, 1, 2, 7))):
                self.rows.pop(self._dice.randrange(len(self.rows)))
        return Listing(tuple(Item({"id": str(row)}, Raw(b"{}")) for row in rows), total)


@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize("seed", range(40))
def test_rows_that_stay_are_read_although_others_leave(seed: int, counted: bool) -> None:
    feed = Shrinking(120, random.Random(seed), counted=counted)
    spot: Spot | None = Spot(10)
    seen, cursors = set(), set()
    while spot is not None:
        found = turn(spot, feed.fetch, cap=50)
        seen |= {int(item.data["id"]) for item in found.items}
        spot = found.following
        assert spot is None or spot.cursor not in cursors
        cursors |= {spot.cursor} if spot else set()
    assert set(feed.rows) <= seen


def test_new_orders_during_reading_push_nothing_out(
    sim: HepsiburadaSimulator, ctx: Context, window: Window, world: World
) -> None:
    def place(page: int) -> None:
        if page < 4:
            sim.add_order(make_order(world, 900 + page, datetime.fromtimestamp(sim.clock.now(), UTC)))

    found = read(ctx, window, 2, after=place)
    assert {order.number for order in world.orders} <= numbers(found)
