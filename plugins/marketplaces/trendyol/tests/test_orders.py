"""Reading orders over real HTTP: both ways, page borders, changes in between, lost places, one package, refs."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from kopru.model import ExternalRef, Order
from kopru.sdk import (
    ConfigError,
    Ctx,
    CursorExpired,
    Page,
    RateLimited,
    Record,
    RefKind,
    Rejected,
    TransientError,
    Unsupported,
    Window,
)
from kopru.testing.faults import Fault, FaultKind
from kopru.testing.world import World, make_order, make_world
from kopru_trendyol import orders, plugin
from kopru_trendyol.config import TrendyolConfig
from kopru_trendyol.simulation import order_routes
from kopru_trendyol.simulator import TrendyolSimulator

Contexts = Callable[..., Ctx[TrendyolConfig]]
SOURCES = ("stream", "list")


def read_all(
    fetch: Callable[[str | None], Page[Any]], between: Callable[[int], None] = lambda _: None
) -> list[Record[Any]]:
    """Read to the end as the engine does; a repeated cursor fails."""
    cursor, records, used = None, [], set[str]()
    for number in range(1000):
        page = fetch(cursor)
        records += page.records
        cursor = page.next_cursor
        if cursor is None:
            return records
        assert cursor not in used
        used.add(cursor)
        between(number)
    raise AssertionError("the paging does not end")


def read_orders(
    ctx: Ctx[TrendyolConfig],
    window: Window,
    limit: int = 200,
    between: Callable[[int], None] = lambda _: None,
) -> list[Record[Order]]:
    return read_all(lambda cursor: plugin.fetch_orders(ctx, cursor, window, limit), between)


def ids(records: list[Record[Any]]) -> list[str]:
    return [record.external_id for record in records]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("limit", [1, 7, 30, 200, 5000])
def test_every_order_of_the_world_arrives_once_with_its_total(
    sim: TrendyolSimulator, make_ctx: Contexts, window: Window, world: World, source: str, limit: int
) -> None:
    records = read_orders(make_ctx(sim, order_source=source), window, limit)
    found = {record.external_id: record.value for record in records}
    assert len(records) == len(found) == len(world.orders)
    for order in world.orders:
        mapped = found[str(order.id)]
        assert mapped is not None
        assert (mapped.number, mapped.total) == (order.number, order.total)
        assert mapped.placed_at == order.placed_at
        assert mapped.sum_gap() == 0
        assert {line.id for line in mapped.lines} == {str(line.id) for line in order.lines}


def test_both_ways_give_the_same_revisions(
    sim: TrendyolSimulator, make_ctx: Contexts, window: Window
) -> None:
    by_way = []
    for source, names in (("stream", "new"), ("list", "old"), ("stream", "both")):
        sim.serve_names(names)
        records = read_orders(make_ctx(sim, order_source=source), window)
        by_way.append({record.external_id: record.value for record in records})
    assert by_way[0] == by_way[1] == by_way[2]


@pytest.mark.parametrize("source", SOURCES)
def test_the_window_is_kept(sim: TrendyolSimulator, make_ctx: Contexts, world: World, source: str) -> None:
    third, last = world.orders[3].modified_at, world.orders[9].modified_at
    ctx = make_ctx(sim, order_source=source, query_margin_hours=0)
    found = ids(read_orders(ctx, Window(third, last)))
    assert sorted(found) == [str(order.id) for order in world.orders[3:10]]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_equal_timestamps_at_a_page_border_all_arrive(
    sim: TrendyolSimulator, make_ctx: Contexts, window: Window, world: World, source: str, limit: int
) -> None:
    same = sim.clock.now_ms() + 1000
    for order in world.orders[:5]:
        sim.shelf.put({**sim.shelf.live[order.id], "lastModifiedDate": same})
    records = read_orders(make_ctx(sim, order_source=source), window, limit)
    assert set(ids(records)) == {str(order.id) for order in world.orders}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("margin", [0, 3], ids=["the window ends now", "the window ends in the future"])
@pytest.mark.parametrize("seed", range(8))
def test_changes_while_paging_hide_nothing(
    sim: TrendyolSimulator, make_ctx: Contexts, world: World, source: str, margin: int, seed: int
) -> None:
    dice = random.Random(seed)
    now = world.orders[-1].modified_at + timedelta(seconds=30)
    window = Window(now - timedelta(days=1), now)
    touched: set[str] = set()

    def disturb(page: int) -> None:
        for _ in range(dice.randrange(4)):
            order = dice.choice(world.orders)
            touched.add(str(order.id))
            sim.set_status(order.id, "Picking")
        late = make_order(world, 1000 + page, now + timedelta(minutes=1))
        sim.add_order(late)

    ctx = make_ctx(sim, order_source=source, query_margin_hours=margin)
    found = set(ids(read_orders(ctx, window, dice.randrange(2, 6), disturb)))
    untouched = {str(order.id) for order in world.orders} - touched
    assert untouched <= found


@pytest.mark.parametrize("source", SOURCES)
def test_doubled_rows_do_no_harm(
    sim: TrendyolSimulator, make_ctx: Contexts, window: Window, world: World, source: str
) -> None:
    sim.doubled = True
    records = read_orders(make_ctx(sim, order_source=source), window, 10)
    assert {record.value.revision for record in records if record.value} == {
        record.value.revision for record in records if record.value
    }
    assert set(ids(records)) == {str(order.id) for order in world.orders}
    assert len(records) > len(world.orders)


@pytest.mark.parametrize("source", SOURCES)
def test_broken_rows_are_findings_and_their_neighbours_arrive(
    sim: TrendyolSimulator, make_ctx: Contexts, window: Window, world: World, source: str
) -> None:
    sim.add_row({**sim.shelf.live[world.orders[0].id], "shipmentPackageId": 0})
    records = read_orders(make_ctx(sim, order_source=source), window, 10)
    broken = [record for record in records if record.value is None]
    assert [record.external_id for record in broken] == [f"{world.orders[0].number}#0"]
    assert len(records) == len(world.orders) + 1


@pytest.mark.parametrize("source", SOURCES)
def test_a_long_window_is_read_in_parts_of_14_days(
    sim: TrendyolSimulator, make_ctx: Contexts, world: World, source: str
) -> None:
    now = world.orders[-1].modified_at + timedelta(minutes=1)
    for n, days in enumerate((13.9, 14, 14.1, 20, 27.9)):
        sim.add_order(make_order(world, 500 + n, now - timedelta(days=days)))
    ctx = make_ctx(sim, order_source=source)
    records = read_orders(ctx, Window(now - timedelta(days=28), now), 50)
    assert len(set(ids(records))) == len(world.orders) + 5


def test_what_the_list_has_forgotten_is_read_from_the_stream(
    sim: TrendyolSimulator, make_ctx: Contexts, world: World
) -> None:
    old = make_order(world, 500, world.orders[0].modified_at - timedelta(days=60))
    sim.add_order(old)
    window = Window(old.modified_at - timedelta(hours=1), old.modified_at + timedelta(hours=1))
    assert ids(read_orders(make_ctx(sim, order_source="list"), window)) == [str(old.id)]


def test_the_list_is_cut_below_its_cap(
    sim: TrendyolSimulator, make_ctx: Contexts, window: Window, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "CAP", 8)
    monkeypatch.setattr(order_routes, "CAP", 8)
    records = read_orders(make_ctx(sim, order_source="list"), window, 4)
    assert set(ids(records)) == {str(order.id) for order in world.orders}
    assert not any(fact.kind == "refused" for fact in sim.truth)


def test_more_rows_in_a_moment_than_the_cap_are_refused_not_lost(
    sim: TrendyolSimulator, make_ctx: Contexts, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "CAP", 8)
    moment = world.orders[0].modified_at
    for order in world.orders:
        sim.shelf.put({**sim.shelf.live[order.id], "lastModifiedDate": int(moment.timestamp() * 1000)})
    with pytest.raises(Rejected) as refusal:
        read_orders(make_ctx(sim, order_source="list"), Window(moment - timedelta(hours=1), moment), 4)
    assert refusal.value.code == "paging.window_too_dense"


@pytest.mark.parametrize("source", SOURCES)
def test_unpaid_orders_come_only_when_wanted(
    sim: TrendyolSimulator, make_ctx: Contexts, window: Window, world: World, source: str
) -> None:
    unpaid = make_order(world, 900, world.orders[-1].modified_at)
    sim.add_order(unpaid, status="Awaiting")
    without = ids(read_orders(make_ctx(sim, order_source=source), window, 7))
    assert str(unpaid.id) not in without
    wanted = read_orders(make_ctx(sim, order_source=source, read_awaiting=True), window, 7)
    assert ids(wanted)[-1] == str(unpaid.id)
    assert len(wanted) == len(without) + 1
    assert wanted[-1].value is not None
    assert wanted[-1].value.payment.paid_at is None


def test_a_lost_stream_cursor_says_so(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], window: Window
) -> None:
    first = plugin.fetch_orders(ctx, None, window, 5)
    sim.expire_cursors()
    with pytest.raises(CursorExpired) as lost:
        plugin.fetch_orders(ctx, first.next_cursor, window, 5)
    assert lost.value.code == "trendyol.stream.expired"
    assert len(read_orders(ctx, window, 5)) == 30


def test_an_old_stream_cursor_expires(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], window: Window
) -> None:
    first = plugin.fetch_orders(ctx, None, window, 5)
    sim.clock.advance(3600)
    with pytest.raises(CursorExpired):
        plugin.fetch_orders(ctx, first.next_cursor, window, 5)


@pytest.mark.parametrize("cursor", ["", "x", "e30", "bnVsbA", "eyJ3YXkiOiJ4In0", "ÿ"])
def test_a_foreign_cursor_expires_too(ctx: Ctx[TrendyolConfig], window: Window, cursor: str) -> None:
    if not cursor:
        cursor = orders.Place("elsewhere", 0, 1, 5).cursor
    with pytest.raises(CursorExpired):
        plugin.fetch_orders(ctx, cursor, window, 5)


def test_a_closed_endpoint_names_the_setting(
    sim: TrendyolSimulator, make_ctx: Contexts, window: Window
) -> None:
    old = {"order_list": "/order/sellers/{seller}/orders"}
    with pytest.raises(ConfigError) as closed:
        read_orders(make_ctx(sim, order_source="list", paths=old), window)
    assert closed.value.code == "trendyol.endpoint_closed"


@pytest.mark.parametrize("source", SOURCES)
def test_a_garbled_page_is_asked_again(
    sim: TrendyolSimulator, make_ctx: Contexts, window: Window, source: str
) -> None:
    sim.faults.add(Fault(FaultKind.MALFORMED, path="orders", times=1))
    ctx = make_ctx(sim, order_source=source)
    with pytest.raises(TransientError) as fault:
        plugin.fetch_orders(ctx, None, window, 10)
    assert fault.value.code == "trendyol.answer.malformed"
    assert len(read_orders(ctx, window, 10)) == 30


def test_a_stream_that_stands_still_is_not_followed(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_routes.cursor, "make", lambda *_, **__: "same")
    monkeypatch.setattr(order_routes.cursor, "read", lambda *_, **__: (window_ms(window), 0))
    first = plugin.fetch_orders(ctx, None, window, 5)
    with pytest.raises(TransientError):
        plugin.fetch_orders(ctx, first.next_cursor, window, 5)


def window_ms(window: Window) -> int:
    return int(window.until.timestamp() * 1000)


def test_a_429_is_not_an_error_of_the_order(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], window: Window
) -> None:
    sim.faults.add(Fault(FaultKind.STATUS, status=429, seconds=7, times=1))
    with pytest.raises(RateLimited) as limited:
        plugin.fetch_orders(ctx, None, window, 10)
    assert limited.value.retry_after == 7


def package(order_id: int | str) -> ExternalRef:
    return ExternalRef(kind="package", id=str(order_id))


def test_one_package_as_it_stands_now(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], window: Window, world: World
) -> None:
    order = world.orders[4]
    listed = {record.external_id: record.value for record in read_orders(ctx, window)}
    assert plugin.fetch_order(ctx, package(order.id)).value == listed[str(order.id)]
    sim.set_status(order.id, "Shipped")
    shipped = plugin.fetch_order(ctx, package(order.id)).value
    assert shipped is not None
    assert shipped.raw_status == "Shipped"
    assert shipped.shipping.shipped_at is not None


@pytest.mark.parametrize("days", [6, 10, 20, 29])
def test_a_package_of_the_last_month_is_found(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], world: World, days: int
) -> None:
    old = make_order(world, 500, ctx.now() - timedelta(days=days))
    sim.add_order(old)
    assert plugin.fetch_order(ctx, package(old.id)).external_id == str(old.id)


def test_an_unknown_package_is_told(ctx: Ctx[TrendyolConfig]) -> None:
    with pytest.raises(Rejected) as refusal:
        plugin.fetch_order(ctx, package(1))
    assert refusal.value.code == "trendyol.order.not_found"


@pytest.mark.parametrize("ref", [ExternalRef(kind="claim", id="5"), ExternalRef(kind="package", id="5,6")])
def test_another_kind_of_reference_is_refused(ctx: Ctx[TrendyolConfig], ref: ExternalRef) -> None:
    with pytest.raises(Rejected):
        plugin.fetch_order(ctx, ref)


def test_read_lag_shows_the_older_state_first(world: World, make_ctx: Contexts) -> None:
    with TrendyolSimulator() as sim:
        sim.load(world)
        ctx, order = make_ctx(sim), world.orders[0]
        sim.read_lag = 60
        sim.set_status(order.id, "Shipped")
        stale = plugin.fetch_order(ctx, package(order.id)).value
        assert stale is not None
        assert stale.raw_status == "Created"
        sim.read_lag = 0
        fresh = plugin.fetch_order(ctx, package(order.id)).value
        assert fresh is not None
        assert fresh.raw_status == "Shipped"


def test_a_split_replaces_the_package(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], window: Window, world: World
) -> None:
    order = next(order for order in world.orders if order.lines[0].quantity >= 2)
    line, rest = order.lines[0], order.lines[1:]
    one = [(line.id, 1)]
    other = [(line.id, line.quantity - 1), *((each.id, each.quantity) for each in rest)]
    first, second = sim.split_order(order.id, [one, other])
    found = {record.external_id: record.value for record in read_orders(ctx, window)}
    parent, parts = found[str(order.id)], [found[str(first)], found[str(second)]]
    assert parent is not None
    assert parent.raw_status == "UnPacked"
    assert all(part is not None and part.parents == (str(order.id),) for part in parts)
    assert sum((part.total for part in parts if part), Decimal(0)) == order.total
    assert sum(each.quantity for part in parts if part for each in part.lines) == sum(
        each.quantity for each in order.lines
    )


@pytest.mark.parametrize("source", SOURCES)
def test_the_second_listing_agrees_by_the_other_endpoint(
    sim: TrendyolSimulator, make_ctx: Contexts, window: Window, world: World, source: str
) -> None:
    sim.add_row({"orderNumber": "1", "shipmentPackageId": 0})
    sim.add_row({"shipmentPackageId": 77, "orderNumber": [], "lastModifiedDate": "x"})
    sim.cancel_order(world.orders[2].id)
    other = "v2/orders" if source == "stream" else "orders/stream"
    sim.faults.add(Fault(FaultKind.STATUS, path=other, status=400, times=1))
    ctx = make_ctx(sim, order_source=source)
    with pytest.raises(Rejected):
        plugin.fetch_refs(ctx, RefKind.ORDER, None, window, 7)
    records = read_all(lambda cursor: plugin.fetch_refs(ctx, RefKind.ORDER, cursor, window, 7))
    refs = {record.external_id: record.value for record in records}
    assert set(refs) == {str(order.id) for order in world.orders} | {"77"}
    for n, order in enumerate(world.orders):
        ref = refs[str(order.id)]
        assert ref is not None
        assert (ref.number, ref.total, ref.currency) == (order.number, order.total, "TRY")
        assert ref.cancelled is (n == 2)


def test_the_second_listing_keeps_to_its_window(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], world: World
) -> None:
    window = Window(world.orders[3].modified_at, world.orders[9].modified_at)
    records = read_all(lambda cursor: plugin.fetch_refs(ctx, RefKind.ORDER, cursor, window, 4))
    assert sorted(ids(records)) == [str(order.id) for order in world.orders[3:10]]


def test_only_orders_are_listed_a_second_time(ctx: Ctx[TrendyolConfig], window: Window) -> None:
    with pytest.raises(Unsupported):
        plugin.fetch_refs(ctx, RefKind.E_DOCUMENT, None, window, 10)


def test_a_page_of_the_list_tells_the_window_s_total(
    sim: TrendyolSimulator, make_ctx: Contexts, window: Window
) -> None:
    assert plugin.fetch_orders(make_ctx(sim, order_source="list"), None, window, 200).total == 30


def test_a_thousand_orders_read_within_reason(make_ctx: Contexts) -> None:
    world = make_world(1000, every=timedelta(seconds=1))
    with TrendyolSimulator() as sim:
        sim.load(world)
        until = world.orders[-1].modified_at
        ctx = make_ctx(sim)
        page = plugin.fetch_orders(ctx, None, Window(until - timedelta(days=1), until), 200)
        assert len(page.records) == 200
        assert replace(page, records=()).next_cursor
