"""Products, stock and prices, batches, and the ban on identical requests."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kopru.model import ExternalRef, PriceTarget, StockTarget
from kopru.sdk import (
    Conflict,
    Ctx,
    CursorExpired,
    IdempotencyKey,
    Operation,
    OutcomeUnknown,
    PendingReceipt,
    ReceiptState,
    ReceiptUpdate,
    RemoteState,
    TransientError,
    Unsupported,
    Window,
)
from kopru.testing.faults import Fault, FaultKind
from kopru.testing.world import World
from kopru_trendyol import catalogue, plugin
from kopru_trendyol.config import TrendyolConfig
from kopru_trendyol.simulation import product_routes
from kopru_trendyol.simulator import TrendyolSimulator

Contexts = Callable[..., Ctx[TrendyolConfig]]
Keys = Callable[[str], IdempotencyKey]


def read_products(ctx: Ctx[TrendyolConfig], window: Window, limit: int = 100) -> list[Any]:
    cursor, records, used = None, [], set[str]()
    while True:
        page = plugin.fetch_products(ctx, cursor, window, limit)
        records += page.records
        cursor = page.next_cursor
        if cursor is None:
            return records
        assert cursor not in used
        used.add(cursor)


def target(barcode: str, quantity: int) -> StockTarget:
    return StockTarget(barcode=barcode, quantity=quantity, version=1)


def price(barcode: str, sale: str, full: str | None = None, currency: str = "TRY") -> PriceTarget:
    return PriceTarget(
        barcode=barcode,
        price=Decimal(sale),
        list_price=None if full is None else Decimal(full),
        currency=currency,
        version=1,
    )


def ask(ctx: Ctx[TrendyolConfig], batch: ExternalRef | None) -> ReceiptUpdate:
    assert batch is not None
    (update,) = plugin.fetch_receipts(ctx, [PendingReceipt(Operation.PUSH_STOCK, batch)])
    assert update.ref == batch
    return update


@pytest.mark.parametrize("limit", [1, 7, 100, 5000])
def test_every_item_of_the_world_is_a_product(
    ctx: Ctx[TrendyolConfig], window: Window, world: World, limit: int
) -> None:
    records = read_products(ctx, window, limit)
    found = {record.external_id: record.value for record in records}
    assert len(records) == len(found) == len(world.items)
    for item in world.items:
        product = found[item.barcode]
        assert product.ref == ExternalRef(kind="product", id=item.barcode)
        assert (product.code, product.name, product.barcodes) == (item.code, item.name, (item.barcode,))
        assert (product.price, product.vat_rate, product.stock) == (item.price, item.vat_rate, item.stock)
        assert product.active


def test_beyond_the_cap_the_token_goes_on(
    ctx: Ctx[TrendyolConfig], window: Window, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "CAP", 12)
    monkeypatch.setattr(product_routes, "CAP", 12)
    assert len({record.external_id for record in read_products(ctx, window, 5)}) == len(world.items)


def test_beyond_the_cap_without_token_nothing_is_silently_missing(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "CAP", 12)
    monkeypatch.setattr(
        catalogue, "_next_cursor", lambda page, size, token, last: _next(page, size, None, last)
    )
    with pytest.raises(TransientError) as fault:
        read_products(ctx, window, 5)
    assert fault.value.code == "trendyol.products.cap"


_next = catalogue._next_cursor


def test_only_changed_products_when_wanted(
    sim: TrendyolSimulator, make_ctx: Contexts, key: Keys, world: World
) -> None:
    ctx = make_ctx(sim, products_by_change=True)
    sim.clock.advance(3600)
    since = datetime.fromtimestamp(sim.clock.now(), UTC)
    item = world.items[5]
    plugin.push_stock(ctx, key("a"), [target(item.barcode, 3)])
    records = read_products(ctx, Window(since, since + timedelta(minutes=5)))
    assert [(record.external_id, record.value.stock) for record in records] == [(item.barcode, Decimal(3))]


def test_a_locked_product_is_not_active_and_a_broken_one_is_a_finding(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], window: Window
) -> None:
    sim.stock.contents[0]["variants"][0]["locked"] = True
    sim.stock.contents[1]["variants"][0]["vatRate"] = 900
    sim.stock.contents[2]["variants"].append({"stockCode": "no barcode"})
    sim.stock.contents[3]["title"] = "A\x00"
    sim.stock.contents[4]["variants"] = "none"
    records = read_products(ctx, window)
    assert records[0].value is not None
    assert not records[0].value.active
    bad = [record for record in records if record.value is None]
    assert [{each.code for each in record.findings} for record in bad] == [
        {"trendyol.product.range"},
        {"trendyol.product.missing"},
        {"trendyol.product.nul"},
        {"trendyol.product.not_an_object"},
    ]
    assert len(records) == len(sim.stock.contents) + 1


@pytest.mark.parametrize("cursor", ["x", "e30", "bnVsbA"])
def test_a_foreign_cursor_expires(ctx: Ctx[TrendyolConfig], window: Window, cursor: str) -> None:
    with pytest.raises(CursorExpired):
        plugin.fetch_products(ctx, cursor, window, 10)


def test_stock_is_set_and_confirmed_item_by_item(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], key: Keys, world: World
) -> None:
    first, second = world.items[0].barcode, world.items[1].barcode
    sim.stock.variants[second]["locked"] = True
    result = plugin.push_stock(ctx, key("a"), [target(first, 5), target(second, 6), target("unknown", 7)])
    assert [each.state for each in result.items] == [ReceiptState.ACCEPTED] * 3
    update = ask(ctx, result.batch)
    assert update.state is RemoteState.DONE
    assert [(each.index, each.state) for each in update.items] == [
        (0, ReceiptState.DONE),
        (1, None),
        (2, None),
    ]
    assert "Ürün kilitli." in update.items[1].findings[0].message.tr
    assert second in update.items[1].findings[0].message.en
    assert sim.stock.variants[first]["stock"]["quantity"] == 5
    assert [(held.reference, held.number) for held in sim.held(Operation.PUSH_STOCK)] == [(first, "5")]


def test_a_batch_is_pending_until_it_is_worked_off(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], key: Keys, world: World
) -> None:
    sim.stock.delay = 30
    batch = plugin.push_stock(ctx, key("a"), [target(world.items[0].barcode, 5)]).batch
    assert ask(ctx, batch).state is RemoteState.PENDING
    sim.clock.advance(31)
    assert ask(ctx, batch).state is RemoteState.DONE


def test_a_batch_of_failures_only_has_failed(ctx: Ctx[TrendyolConfig], key: Keys) -> None:
    update = ask(ctx, plugin.push_stock(ctx, key("a"), [target("unknown", 1)]).batch)
    assert update.state is RemoteState.FAILED


def test_a_batch_is_forgotten_after_four_hours(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], key: Keys, world: World
) -> None:
    batch = plugin.push_stock(ctx, key("a"), [target(world.items[0].barcode, 5)]).batch
    sim.clock.advance(4 * 3600 + 1)
    update = ask(ctx, batch)
    assert update.state is RemoteState.RETRYABLE
    assert [each.code for each in update.findings] == ["trendyol.batch.expired"]


def test_receipts_come_in_order_and_of_batches_only(
    ctx: Ctx[TrendyolConfig], key: Keys, world: World
) -> None:
    batches = [
        plugin.push_stock(ctx, key(str(n)), [target(world.items[0].barcode, n)]).batch for n in range(3)
    ]
    pending = [PendingReceipt(Operation.PUSH_STOCK, batch) for batch in batches if batch]
    assert [update.ref for update in plugin.fetch_receipts(ctx, pending)] == batches
    with pytest.raises(Unsupported):
        plugin.fetch_receipts(ctx, [PendingReceipt(Operation.UPDATE_ORDER_STATUS, pending[0].ref)])


def test_the_same_request_is_banned_for_fifteen_minutes(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], key: Keys, world: World
) -> None:
    items = [target(world.items[0].barcode, 5)]
    plugin.push_stock(ctx, key("a"), items)
    with pytest.raises(Conflict) as banned:
        plugin.push_stock(ctx, key("a"), items)
    assert banned.value.code == "trendyol.batch.repeated"
    sim.clock.advance(14 * 60)
    with pytest.raises(Conflict):
        plugin.push_stock(ctx, key("a"), items)
    sim.clock.advance(61)
    assert plugin.push_stock(ctx, key("a"), items).batch is not None
    declared = plugin.manifest.writes[Operation.PUSH_STOCK].repeat_after
    assert declared == timedelta(minutes=15)


def test_a_lost_answer_is_unknown_and_the_repeat_proves_its_arrival(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], key: Keys, world: World
) -> None:
    items = [target(world.items[0].barcode, 5)]
    sim.faults.add(Fault(FaultKind.DROP_AFTER, path="price-and-inventory", times=1))
    with pytest.raises(OutcomeUnknown):
        plugin.push_stock(ctx, key("a"), items)
    with pytest.raises(Conflict):
        plugin.push_stock(ctx, key("a"), items)
    assert len(sim.truth.of("stock.set")) == 1


def test_a_garbled_answer_of_a_write_is_unknown(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], key: Keys, world: World
) -> None:
    sim.faults.add(Fault(FaultKind.MALFORMED, path="price-and-inventory", times=1))
    with pytest.raises(OutcomeUnknown):
        plugin.push_stock(ctx, key("a"), [target(world.items[0].barcode, 5)])


def test_what_trendyol_cannot_take_is_refused_here_and_the_rest_goes(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], key: Keys, world: World
) -> None:
    good = world.items[0].barcode
    items = [target("", 1), target("9" * 41, 1), target(good[:5] + " " + good[5:], 25_000)]
    result = plugin.push_stock(ctx, key("a"), items)
    assert [each.state for each in result.items] == [None, None, ReceiptState.ACCEPTED]
    assert [finding.code for each in result.items for finding in each.findings] == [
        "trendyol.item.barcode_missing",
        "trendyol.item.barcode_long",
        "trendyol.item.quantity_capped",
    ]
    assert sim.stock.variants[good]["stock"]["quantity"] == 20_000


def test_a_product_is_known_by_its_reference(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], key: Keys, world: World
) -> None:
    ref = ExternalRef(kind="product", id=world.items[0].barcode)
    plugin.push_stock(ctx, key("a"), [StockTarget(ref=ref, quantity=9, version=1)])
    assert sim.stock.variants[ref.id]["stock"]["quantity"] == 9


def test_nothing_to_send_sends_nothing(sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], key: Keys) -> None:
    result = plugin.push_stock(ctx, key("a"), [target("", 1)])
    assert result.batch is None
    assert not sim.truth.of("batch.accepted")


def test_prices_are_exact_and_leave_the_stock_alone(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], key: Keys, world: World
) -> None:
    first, second = world.items[0], world.items[1]
    result = plugin.push_prices(
        ctx, key("a"), [price(first.barcode, "19.99", "29.90"), price(second.barcode, "5")]
    )
    assert ask(ctx, result.batch).state is RemoteState.DONE
    shown = sim.stock.variants[first.barcode]
    assert (shown["price"]["salePrice"], shown["price"]["listPrice"]) == (Decimal("19.99"), Decimal("29.90"))
    assert shown["stock"]["quantity"] == first.stock
    assert sim.stock.variants[second.barcode]["price"]["listPrice"] == 5
    assert {held.reference: held.total for held in sim.held(Operation.PUSH_PRICES)} == {
        first.barcode: Decimal("19.99"),
        second.barcode: Decimal(5),
    }


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (price("1", "20", "19.99"), "trendyol.item.list_price_low"),
        (price("1", "20", currency="EUR"), "trendyol.item.currency"),
        (price("", "20"), "trendyol.item.barcode_missing"),
    ],
)
def test_impossible_prices_are_refused_here(
    ctx: Ctx[TrendyolConfig], key: Keys, item: PriceTarget, code: str
) -> None:
    (outcome,) = plugin.push_prices(ctx, key("a"), [item]).items
    assert outcome.state is None
    assert [finding.code for finding in outcome.findings] == [code]


def test_a_dry_run_pushes_nothing(
    sim: TrendyolSimulator, make_ctx: Contexts, key: Keys, world: World
) -> None:
    with pytest.raises(Exception, match="dry run"):
        plugin.push_stock(make_ctx(sim, dry_run=True), key("a"), [target(world.items[0].barcode, 5)])
    assert not sim.truth.of("batch.accepted")
