"""Reading orders page by page from the simulated ikas."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kopru.model import ExternalRef
from kopru.sdk import Ctx, CursorExpired, Page, RefKind, Rejected, Unsupported, Window
from kopru.testing.world import World, make_order
from kopru_ikas import plugin
from kopru_ikas.config import IkasConfig
from kopru_ikas.simulator import IkasSimulator

MakeCtx = Callable[..., Ctx[IkasConfig]]


def read(
    ctx: Ctx[IkasConfig],
    window: Window,
    limit: int = 5,
    after: Callable[[int], object] = lambda page: None,
    hook: Callable[..., Page[Any]] | None = None,
) -> list[str]:
    found: list[str] = []
    cursors: set[str] = set()
    cursor: str | None = None
    for number in range(1, 200):
        page = (hook or plugin.fetch_orders)(ctx, cursor, window, limit)
        found += [record.external_id for record in page.records]
        cursor = page.next_cursor
        if cursor is None:
            return found
        assert cursor not in cursors
        cursors.add(cursor)
        after(number)
    raise AssertionError("the stream does not end")


@pytest.fixture
def ids(world: World) -> list[str]:
    return [str(order.id) for order in world.orders]


@pytest.mark.parametrize("limit", [1, 2, 5, 200])
def test_every_order_once_in_order_of_change(
    ctx: Ctx[IkasConfig], window: Window, ids: list[str], limit: int
) -> None:
    assert read(ctx, window, limit) == ids


@pytest.mark.parametrize("limit", [1, 3, 50])
def test_orders_of_one_time(
    sim: IkasSimulator, ctx: Ctx[IkasConfig], window: Window, ids: list[str], limit: int
) -> None:
    now = sim.clock.now_ms()
    for identity in ids:
        sim.add_row({**sim.shelf.live[identity], "updatedAt": now})
    assert sorted(read(ctx, window, limit)) == sorted(ids)


def test_more_orders_of_one_time_than_a_page_holds(
    sim: IkasSimulator, ctx: Ctx[IkasConfig], window: Window, ids: list[str]
) -> None:
    now, sample = sim.clock.now_ms(), sim.shelf.live[ids[0]]
    many = [f"cok-{n}" for n in range(450)]
    for identity in many:
        sim.add_row({**sample, "id": identity, "updatedAt": now})
    assert sorted(read(ctx, window, 150)) == sorted([*ids, *many])


def test_changes_while_paging_lose_nothing(
    sim: IkasSimulator, ctx: Ctx[IkasConfig], window: Window, ids: list[str]
) -> None:
    def change(page: int) -> None:
        if page <= 5:
            sim.change_order(ids[page - 1])

    assert set(read(ctx, window, 2, change)) == set(ids)


def test_changes_that_leave_a_closed_window_lose_nothing_else(
    sim: IkasSimulator, ctx: Ctx[IkasConfig], ids: list[str], world: World
) -> None:
    last = world.orders[-1].modified_at
    closed = Window(world.orders[0].modified_at, last + timedelta(seconds=1))

    def change(page: int) -> None:
        if page <= 4:
            sim.change_order(ids[page - 1])

    found = set(read(ctx, closed, 2, change))
    assert set(ids) - found <= set(ids[:4])


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_rows_out_of_order_make_the_window_be_read_by_page(
    sim: IkasSimulator, ctx: Ctx[IkasConfig], window: Window, ids: list[str], limit: int
) -> None:
    sim.sorts = {}
    assert set(read(ctx, window, limit)) == set(ids)


def test_rows_that_leave_while_reading_by_page_lose_nothing_else(
    sim: IkasSimulator, ctx: Ctx[IkasConfig], ids: list[str], world: World
) -> None:
    sim.sorts = {}
    closed = Window(world.orders[0].modified_at, world.orders[-1].modified_at + timedelta(seconds=1))
    moved = iter((ids[-1], ids[-2], ids[-3]))

    def change(page: int) -> None:
        if page >= 2 and (identity := next(moved, None)):
            sim.change_order(identity)

    assert set(ids) - set(read(ctx, closed, 2, change)) <= set(ids[-3:])


def test_another_sort_form(sim: IkasSimulator, make_ctx: MakeCtx, window: Window, ids: list[str]) -> None:
    sim.sorts = {"updatedAt asc": False}
    assert read(make_ctx(sim, sort_form="{field} asc"), window, 3) == ids


def test_drafts_are_no_orders(
    sim: IkasSimulator, ctx: Ctx[IkasConfig], window: Window, ids: list[str]
) -> None:
    sim.change_order(ids[0], status="DRAFT")
    sim.change_order(ids[1], status="WAITING_UPSELL_ACTION")
    assert set(read(ctx, window)) == set(ids[2:])
    sim.change_order(ids[1], status="CREATED")
    assert set(read(ctx, window)) == set(ids[1:])


def test_chosen_channels(sim: IkasSimulator, make_ctx: MakeCtx, window: Window, ids: list[str]) -> None:
    sim.change_order(ids[0], salesChannel={"id": "kasa-1", "name": "Kasa", "type": 3})
    assert read(make_ctx(sim, sales_channels=("Kasa",)), window) == [ids[0]]
    assert read(make_ctx(sim, sales_channels=("kasa-1", "kanal-1")), window) == [*ids[1:], ids[0]]


def test_imported_orders_are_left_out_when_the_setting_says_so(
    sim: IkasSimulator, make_ctx: MakeCtx, window: Window, ids: list[str]
) -> None:
    sim.change_order(ids[0], sourceId="TY-1")
    assert len(read(make_ctx(sim, imported_orders="ask"), window)) == len(ids)
    skipping = make_ctx(sim, imported_orders="skip")
    assert read(skipping, window) == ids[1:]
    refs = read(skipping, window, hook=lambda *given: plugin.fetch_refs(given[0], RefKind.ORDER, *given[1:]))
    assert refs == ids[1:]


def test_a_row_without_an_order_shows(
    sim: IkasSimulator, ctx: Ctx[IkasConfig], window: Window, ids: list[str]
) -> None:
    sim.add_row({"id": "bozuk", "updatedAt": sim.clock.now_ms()})
    page = plugin.fetch_orders(ctx, None, window, 200)
    assert len(page.values) == len(ids)
    assert [record.external_id for record in page.records if record.value is None] == ["bozuk"]


def test_the_raw_record_is_what_came(ctx: Ctx[IkasConfig], window: Window, ids: list[str]) -> None:
    record = plugin.fetch_orders(ctx, None, window, 2).records[0]
    assert record.raw.content.startswith(b'{"id"') and ids[0].encode() in record.raw.content
    assert plugin.parse_orders(ctx.config, record.raw)[0].value == record.value


def test_one_order_as_it_stands_now(sim: IkasSimulator, ctx: Ctx[IkasConfig], ids: list[str]) -> None:
    sim.change_order(ids[0], note="Değişti")
    found = plugin.fetch_order(ctx, ExternalRef(kind="order", id=ids[0])).value
    assert found is not None and found.note == "Değişti"


def test_an_impossible_id_costs_no_call(sim: IkasSimulator, ctx: Ctx[IkasConfig]) -> None:
    calls = len(sim.served)
    for identity in ("yok/../yok", "a" * 150, 'x"}'):
        with pytest.raises(Rejected, match="not_found"):
            plugin.fetch_order(ctx, ExternalRef(kind="order", id=identity))
    assert len(sim.served) == calls
    with pytest.raises(Rejected, match="wrong_kind"):
        plugin.fetch_order(ctx, ExternalRef(kind="package", id="1"))


def test_foreign_cursors_expire(ctx: Ctx[IkasConfig], window: Window) -> None:
    for cursor in ("x", "e30", "eyJzaW5jZSI6MX0"):
        with pytest.raises(CursorExpired):
            plugin.fetch_orders(ctx, cursor, window, 5)
        with pytest.raises(CursorExpired):
            plugin.fetch_products(ctx, cursor, window, 5)


def test_the_second_listing_tells_totals_and_times(
    sim: IkasSimulator, ctx: Ctx[IkasConfig], window: Window, world: World
) -> None:
    sim.change_order(world.orders[1].id, netTotalFinalPrice=1)
    sim.cancel_order(world.orders[2].id)
    page = plugin.fetch_refs(ctx, RefKind.ORDER, None, window, 50)
    refs = {ref.external_id: ref for ref in page.values}
    first, second, third = (refs[str(order.id)] for order in world.orders[:3])
    assert (first.total, first.number, first.at) == (
        world.orders[0].total,
        world.orders[0].number,
        world.orders[0].modified_at,
    )
    assert second.total is None
    assert third.cancelled and not first.cancelled
    with pytest.raises(Unsupported):
        plugin.fetch_refs(ctx, RefKind.E_DOCUMENT, None, window, 50)


def test_read_lag_shows_later(sim: IkasSimulator, ctx: Ctx[IkasConfig], window: Window, world: World) -> None:
    sim.read_lag = 60.0
    late = make_order(world, 77, world.orders[-1].modified_at)
    sim.add_order(late)
    assert str(late.id) not in read(ctx, window)
    sim.read_lag = 0.0
    assert str(late.id) in read(ctx, window)


def test_left_out_fields_are_not_asked_for(
    sim: IkasSimulator, make_ctx: MakeCtx, window: Window, ids: list[str]
) -> None:
    sim.unknown_fields = frozenset({"giftCardLines", "netTotalFinalPrice"})
    settings = {"left_out_fields": ("giftCardLines", "netTotalFinalPrice")}
    assert read(make_ctx(sim, **settings), window) == ids
    refs = plugin.fetch_refs(make_ctx(sim, **settings), RefKind.ORDER, None, replace(window), 50)
    assert len(refs.values) == len(ids)


def test_version_1_reads_the_same(make_ctx: MakeCtx, world: World, window: Window, ids: list[str]) -> None:
    with IkasSimulator(version="v1") as old:
        old.load(world)
        assert read(make_ctx(old), window) == ids
