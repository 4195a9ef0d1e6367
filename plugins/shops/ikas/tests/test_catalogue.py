"""Products, stock, prices and the shop's own lists."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from kopru.model import ExternalRef, PriceTarget, StockTarget
from kopru.sdk import (
    ConfigError,
    Ctx,
    IdempotencyKey,
    Operation,
    OutcomeUnknown,
    Raw,
    ReceiptState,
    Window,
)
from kopru.testing.faults import Fault, FaultKind
from kopru.testing.world import World
from kopru_ikas import plugin
from kopru_ikas.config import IkasConfig
from kopru_ikas.mapping.products import product_records
from kopru_ikas.simulator import IkasSimulator

MakeCtx = Callable[..., Ctx[IkasConfig]]
Key = Callable[[str], IdempotencyKey]
Json = dict[str, Any]

GRAPHQL = "/graphql"


def product(**variant: Any) -> Json:
    """A product made up from the documented shape, with one variant."""
    own = {"id": "v1", "sku": "KG-M", "barcodeList": ["8699000000019"], "isActive": True, "deleted": False}
    prices = [
        {"sellPrice": 300, "discountPrice": 250.5, "currency": "TRY", "priceListId": None},
        {"sellPrice": 10, "discountPrice": None, "currency": "EUR", "priceListId": "eur"},
    ]
    stocks = [{"stockLocationId": "w1", "stockCount": 4}, {"stockLocationId": "w2", "stockCount": 3}]
    return {
        "id": "p1",
        "name": "Keten Gömlek",
        "type": "PHYSICAL",
        "updatedAt": 1772442060000,
        "deleted": False,
        "brand": {"id": "b", "name": "Örnek"},
        "categories": [{"id": "k", "name": "Giyim"}],
        "variants": [{**own, "prices": prices, "stocks": stocks, **variant}],
    }


def mapped(data: Any, config: IkasConfig) -> Any:
    return product_records(data, Raw(json.dumps(data).encode()), 0, config)


def target(world: World, n: int, quantity: int, **named: Any) -> StockTarget:
    item = world.items[n]
    names = {"ref": ExternalRef(kind="product", id=f"p-{item.code}:v-{item.code}")}
    return StockTarget(**{**names, **named}, quantity=quantity, version=1)


def price(world: World, n: int, amount: str, **named: Any) -> PriceTarget:
    item = world.items[n]
    ref = ExternalRef(kind="product", id=f"p-{item.code}:v-{item.code}")
    return PriceTarget(**{"ref": ref, **named}, price=Decimal(amount), version=1)


def stock_of(sim: IkasSimulator) -> dict[str, str]:
    return {held.reference: held.number for held in sim.held(Operation.PUSH_STOCK)}


def test_a_product_is_a_variant(config: IkasConfig) -> None:
    (record,) = mapped(product(), config)
    found = record.value
    assert (record.external_id, found.ref.id) == ("p1:v1", "p1:v1")
    assert (found.code, found.barcodes, found.brand, found.group) == (
        "KG-M",
        ("8699000000019",),
        "Örnek",
        "Giyim",
    )
    assert (found.price, found.list_price, found.currency) == (Decimal("250.50"), Decimal("300.00"), "TRY")
    assert (found.stock, found.active) == (7, True)


def test_price_list_and_stock_location_are_settings(config: IkasConfig) -> None:
    settings = config.model_copy(update={"price_list_id": "eur", "stock_location_id": "w2"})
    (record,) = mapped(product(), settings)
    assert (record.value.price, record.value.currency, record.value.stock) == (Decimal("10.00"), "EUR", 3)


def test_a_bad_variant_leaves_its_neighbours_alone(config: IkasConfig) -> None:
    data = product()
    data["variants"] += [None, {"id": "v3", "sku": {"a": 1}}, {**data["variants"][0], "id": "v4"}]
    records = mapped(data, config)
    assert [record.value is not None for record in records] == [True, False, False, True]
    for hostile in (None, 5, {"variants": 5}, {"id": "p"}):
        (record,) = mapped(hostile, config)
        assert record.value is None and record.findings


def test_pages_never_hold_more_than_asked_for(
    sim: IkasSimulator, ctx: Ctx[IkasConfig], window: Window, world: World
) -> None:
    first = sim.writes.products["p-STK-0001"]
    first["variants"] = [{**first["variants"][0], "id": f"v{n}", "sku": f"S{n}"} for n in range(5)]
    found, cursor = [], None
    while True:
        page = plugin.fetch_products(ctx, cursor, window, 2)
        assert len(page.records) <= 2
        found += [record.external_id for record in page.records]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(found) == len(set(found)) == len(world.items) + 4


def test_products_that_go_pull_no_others_with_them(
    sim: IkasSimulator, ctx: Ctx[IkasConfig], window: Window
) -> None:
    everything = set(sim.writes.products)
    page = plugin.fetch_products(ctx, None, window, 5)
    found = [value.ref.id for value in page.values]
    page = plugin.fetch_products(ctx, page.next_cursor, window, 5)
    found += [value.ref.id for value in page.values]
    del sim.writes.products["p-STK-0001"], sim.writes.products["p-STK-0002"]
    while page.next_cursor:
        page = plugin.fetch_products(ctx, page.next_cursor, window, 5)
        found += [value.ref.id for value in page.values]
    assert {name.split(":")[0] for name in found} == everything


def test_changed_products_only(sim: IkasSimulator, make_ctx: MakeCtx, window: Window) -> None:
    for product_id, row in sim.writes.products.items():
        row["updatedAt"] = 1000 if product_id != "p-STK-0007" else sim.clock.now_ms()
    page = plugin.fetch_products(make_ctx(sim, changed_products_only=True), None, window, 5)
    assert [value.code for value in page.values] == ["STK-0007"]
    assert page.next_cursor is None


def test_definitions_name_locations_and_carriers(ctx: Ctx[IkasConfig]) -> None:
    found = {(each.kind, each.code): each.name for each in plugin.fetch_definitions(ctx)}
    assert found == {("stock_location", "depo-1"): "Ana Depo", ("carrier", "ornek"): "Örnek Kargo"}


@pytest.mark.parametrize("version", ["v1", "v2", "v2-error-inputs"])
def test_stock_and_prices_in_every_schema(make_ctx: MakeCtx, world: World, key: Key, version: str) -> None:
    with IkasSimulator(version=version) as shop:
        shop.load(world)
        ctx = make_ctx(shop)
        result = plugin.push_stock(ctx, key("a"), (target(world, 0, 7), target(world, 1, 0)))
        assert [item.state for item in result.items] == [ReceiptState.DONE] * 2
        assert list(stock_of(shop).values()) == ["7", "0"]
        plugin.push_prices(ctx, key("b"), (price(world, 0, "90.50", list_price=Decimal(100)),))
        variant = shop.writes.products[f"p-{world.items[0].code}"]["variants"][0]
        assert (variant["prices"][-1]["sellPrice"], variant["prices"][-1]["discountPrice"]) == (
            100,
            Decimal("90.5"),
        )


@pytest.mark.parametrize("version", ["v2", "v2-error-inputs"])
def test_a_refused_row_leaves_the_others_alone(
    make_ctx: MakeCtx, world: World, key: Key, version: str
) -> None:
    gone = target(world, 1, 5, ref=ExternalRef(kind="product", id="p-yok:v-yok"))
    with IkasSimulator(version=version) as shop:
        shop.load(world)
        ctx = make_ctx(shop, batch_rows=2)
        items = (target(world, 0, 1), target(world, 1, 2), target(world, 2, 3), gone, target(world, 4, 5))
        result = plugin.push_stock(ctx, key("a"), items)
        assert [item.state for item in result.items] == [*[ReceiptState.DONE] * 3, None, ReceiptState.DONE]
        assert result.items[3].findings[0].code == "ikas.item.refused"
        assert sorted(stock_of(shop).values()) == ["1", "2", "3", "5"]


def test_items_are_found_by_code_and_by_barcode(
    sim: IkasSimulator, ctx: Ctx[IkasConfig], world: World, key: Key
) -> None:
    by_sku = target(world, 0, 11, ref=None, sku=world.items[0].code)
    by_barcode = target(world, 1, 12, ref=None, sku="YOK", barcode=world.items[1].barcode)
    unknown = target(world, 2, 13, ref=None, sku="YOK-2", barcode="2999999999994")
    result = plugin.push_stock(ctx, key("a"), (by_sku, by_barcode, unknown))
    assert [item.state for item in result.items] == [ReceiptState.DONE, ReceiptState.DONE, None]
    assert result.items[2].findings[0].code == "ikas.item.unknown"
    assert set(stock_of(sim).values()) == {"11", "12"}


def test_a_code_on_several_variants_is_nobodys(
    sim: IkasSimulator, ctx: Ctx[IkasConfig], world: World, key: Key
) -> None:
    twin = sim.writes.products["p-STK-0002"]["variants"][0]
    twin["sku"] = world.items[0].code
    result = plugin.push_stock(ctx, key("a"), (target(world, 0, 1, ref=None, sku=world.items[0].code),))
    assert result.items[0].state is None and not stock_of(sim)


def test_several_locations_must_be_chosen_from(
    sim: IkasSimulator, make_ctx: MakeCtx, world: World, key: Key
) -> None:
    sim.locations.append({"id": "depo-2", "name": "Şube", "type": "PHYSICAL"})
    with pytest.raises(ConfigError) as caught:
        plugin.push_stock(make_ctx(sim), key("a"), (target(world, 0, 1),))
    assert caught.value.field == "stock_location_id" and "depo-2" in caught.value.message.tr
    plugin.push_stock(make_ctx(sim, stock_location_id="depo-1"), key("a"), (target(world, 0, 1),))
    assert list(stock_of(sim).values()) == ["1"]


def test_a_list_price_below_the_price_is_refused_here(
    sim: IkasSimulator, ctx: Ctx[IkasConfig], world: World, key: Key
) -> None:
    items = (price(world, 0, "50", list_price=Decimal(40)), price(world, 1, "60"))
    result = plugin.push_prices(ctx, key("a"), items)
    assert [item.state for item in result.items] == [None, ReceiptState.DONE]
    assert [held.total for held in sim.held(Operation.PUSH_PRICES)] == [Decimal(60)]


def test_prices_go_to_the_chosen_list(sim: IkasSimulator, make_ctx: MakeCtx, world: World, key: Key) -> None:
    plugin.push_prices(make_ctx(sim, price_list_id="b2b"), key("a"), (price(world, 0, "50"),))
    variant = sim.writes.products[f"p-{world.items[0].code}"]["variants"][0]
    assert variant["prices"][0]["sellPrice"] == world.items[0].price
    assert (variant["prices"][1]["priceListId"], variant["prices"][1]["sellPrice"]) == ("b2b", 50)


@pytest.mark.parametrize(
    "body",
    [
        '{"data": {"saveVariantStocks": null}}',
        '{"data": {"saveVariantStocks": 5}}',
        '{"data": {"saveVariantStocks": {}}}',
        '{"data": {"saveVariantStocks": {"errors": [{"errorCode": "X"}]}}}',
        '{"data": {"saveVariantStocks": {"errors": [{"inputArrayIndex": 7}]}}}',
        '{"data": {"saveVariantStocks": {"errorInputs": null, "isSuccess": "?"}}}',
        '{"data": {}}',
        "[]",
    ],
)
def test_an_answer_that_tells_nothing_leaves_the_outcome_unknown(
    sim: IkasSimulator, make_ctx: MakeCtx, world: World, key: Key, body: str
) -> None:
    ctx = make_ctx(sim, stock_location_id="depo-1")
    sim.faults.add(Fault(FaultKind.REPLACED, "POST", GRAPHQL, body=body))
    with pytest.raises(OutcomeUnknown):
        plugin.push_stock(ctx, key("a"), (target(world, 0, 1),))


def test_the_wrong_answer_shape_is_a_setting(make_ctx: MakeCtx, world: World, key: Key) -> None:
    with IkasSimulator(version="v2-error-inputs") as shop:
        shop.load(world)
        with pytest.raises(ConfigError):
            plugin.push_stock(make_ctx(shop, batch_answer="errors"), key("a"), (target(world, 0, 1),))
        assert not stock_of(shop)
