"""Listings, uploads and their results."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from kopru.model import ExternalRef, PriceTarget, StockTarget
from kopru.sdk import (
    Ctx,
    IdempotencyKey,
    Operation,
    OutcomeUnknown,
    PendingReceipt,
    RateLimited,
    RemoteState,
    Unsupported,
    Window,
)
from kopru.testing.faults import Fault, FaultKind
from kopru_hepsiburada import plugin
from kopru_hepsiburada.simulator import HepsiburadaSimulator

Context = Ctx[Any]
Key = Callable[[str], IdempotencyKey]


def stock(*items: tuple[str, int]) -> list[StockTarget]:
    return [StockTarget(sku=sku, quantity=quantity, version=1) for sku, quantity in items]


def receipt(ctx: Context, batch: ExternalRef | None, operation: Operation) -> Any:
    assert batch is not None
    (update,) = plugin.fetch_receipts(ctx, [PendingReceipt(operation, batch)])
    return update


def test_listings_name_both_article_numbers(ctx: Context, window: Window) -> None:
    page = plugin.fetch_products(ctx, None, window, 100)
    product = page.values[0]
    assert product.ref == ExternalRef(kind="listing", id="HBCV00000015:STK-0001")
    assert (product.code, product.name, product.stock) == ("STK-0001", "STK-0001", 100_000)
    assert product.vat_rate is None and not product.barcodes


def test_uploads_go_to_the_listing_server(sim: HepsiburadaSimulator, ctx: Context, key: Key) -> None:
    result = plugin.push_stock(ctx, key("a"), stock(("STK-0001", 5), ("STK-0002", 6)))
    assert [item.state for item in result.items] == ["accepted", "accepted"]
    assert sim.uploads.listings["STK-0002"]["availableStock"] == 6
    done = receipt(ctx, result.batch, Operation.PUSH_STOCK)
    assert (done.state, done.remote_code, done.items) == (RemoteState.DONE, "COMPLETED", ())


def test_a_product_is_known_by_both_numbers_or_by_a_single_listing(
    sim: HepsiburadaSimulator, ctx: Context, key: Key
) -> None:
    right, wrong = "HBCV00000015:STK-0001", "HBCV99999999:STK-0001"
    targets = [
        StockTarget(ref=ExternalRef(kind="listing", id=name), quantity=4, version=1)
        for name in (right, wrong)
    ]
    result = plugin.push_stock(ctx, key("a"), targets)
    assert [item.state for item in result.items] == ["accepted", None]
    assert result.items[1].findings[0].code == "hepsiburada.item.unknown"


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("isFulfilledByHB", "hepsiburada.item.fulfilled_by_hb"),
        ("isLocked", "hepsiburada.item.locked"),
        ("stockDecreaseDisabled", "hepsiburada.item.stock_kept"),
    ],
)
def test_what_cannot_be_set_is_refused_before_it_is_sent(
    sim: HepsiburadaSimulator, ctx: Context, key: Key, field: str, code: str
) -> None:
    sim.uploads.listings["STK-0001"][field] = True
    result = plugin.push_stock(ctx, key("a"), stock(("STK-0001", 5)))
    assert result.batch is None and result.items[0].findings[0].code == code
    assert not sim.uploads.set


@pytest.mark.parametrize(
    ("field", "step", "refused"),
    [
        ("priceIncreaseDisabled", 1, True),
        ("priceIncreaseDisabled", -1, False),
        ("priceDecreaseDisabled", -1, True),
    ],
)
def test_campaigns_hold_prices(
    sim: HepsiburadaSimulator, ctx: Context, key: Key, field: str, step: int, refused: bool
) -> None:
    listing = sim.uploads.listings["STK-0001"]
    listing[field] = True
    target = PriceTarget(sku="STK-0001", price=listing["price"] + step, version=1)
    result = plugin.push_prices(ctx, key("a"), [target])
    assert (result.items[0].state is None) == refused


def test_another_currency_is_refused(ctx: Context, key: Key) -> None:
    target = PriceTarget(sku="STK-0001", price=Decimal(5), currency="USD", version=1)
    result = plugin.push_prices(ctx, key("a"), [target])
    assert result.items[0].findings[0].code == "hepsiburada.item.currency"


@pytest.mark.parametrize("as_objects", [True, False])
def test_a_price_out_of_range_is_told_with_its_range(
    sim: HepsiburadaSimulator, ctx: Context, key: Key, as_objects: bool
) -> None:
    sim.uploads.range, sim.uploads.errors_as_objects = (Decimal(10), Decimal(500)), as_objects
    prices = [("STK-0001", Decimal(20)), ("STK-0002", Decimal(9000)), ("STK-0003", Decimal(30))]
    targets = [PriceTarget(sku=sku, price=price, version=1) for sku, price in prices]
    result = plugin.push_prices(ctx, key("a"), targets)
    update = receipt(ctx, result.batch, Operation.PUSH_PRICES)
    assert update.state is RemoteState.DONE
    assert [item.state for item in update.items] == ["done", None, "done"]
    (finding,) = update.findings
    assert finding.code == "hepsiburada.upload.out_of_range"
    assert "STK-0002" in finding.message.en and "10 - 500" in finding.message.en
    sim.uploads.range = None
    again = plugin.push_prices(ctx, key("b"), targets[1:2])
    assert again.items[0].findings[0].code == "hepsiburada.item.locked"


@pytest.mark.parametrize(("first", "number", "place"), [(1, 2, 1), (0, 1, 1), (1, 0, 0)])
def test_rows_are_counted_from_zero_or_one(
    sim: HepsiburadaSimulator,
    make_ctx: Callable[..., Context],
    key: Key,
    first: int,
    number: int,
    place: int,
) -> None:
    ctx = make_ctx(sim, first_element=first)
    result = plugin.push_stock(ctx, key("a"), stock(("STK-0001", 1), ("STK-0002", 1)))
    body = json.dumps({"status": "DONE", "total": 2, "errors": [{"elementNo": number, "errors": ["X"]}]})
    sim.faults.add(Fault(FaultKind.REPLACED, "GET", "/stock-uploads/id/", body=body))
    update = receipt(ctx, result.batch, Operation.PUSH_STOCK)
    assert [item.index for item in update.items if item.state is None] == [place]


def test_an_upload_where_everything_failed_has_failed(
    sim: HepsiburadaSimulator, ctx: Context, key: Key
) -> None:
    sim.uploads.range = (Decimal(1), Decimal(2))
    target = PriceTarget(sku="STK-0001", price=Decimal(50), version=1)
    result = plugin.push_prices(ctx, key("a"), [target])
    assert receipt(ctx, result.batch, Operation.PUSH_PRICES).state is RemoteState.FAILED


def test_a_full_queue_is_told_although_the_status_says_success(
    sim: HepsiburadaSimulator, ctx: Context, key: Key
) -> None:
    sim.uploads.delay = 600
    for n in range(5):
        plugin.push_stock(ctx, key(str(n)), stock(("STK-0001", n)))
    with pytest.raises(RateLimited) as caught:
        plugin.push_stock(ctx, key("6"), stock(("STK-0001", 9)))
    assert caught.value.code == "hepsiburada.upload.queue_full" and caught.value.retry_after == 60
    sim.clock.advance(601)
    plugin.push_stock(ctx, key("6"), stock(("STK-0001", 9)))


def test_an_answer_without_an_id_leaves_the_outcome_open(
    sim: HepsiburadaSimulator, ctx: Context, key: Key
) -> None:
    sim.faults.add(Fault(FaultKind.REPLACED, "POST", "/stock-uploads", body='{"success":false,"code":1}'))
    with pytest.raises(OutcomeUnknown):
        plugin.push_stock(ctx, key("a"), stock(("STK-0001", 9)))


def test_uploads_are_waited_for_and_not_for_ever(sim: HepsiburadaSimulator, ctx: Context, key: Key) -> None:
    sim.uploads.delay = 10**6
    result = plugin.push_stock(ctx, key("a"), stock(("STK-0001", 9)))
    assert receipt(ctx, result.batch, Operation.PUSH_STOCK).state is RemoteState.PENDING
    sim.clock.advance(121 * 60)
    stuck = receipt(ctx, result.batch, Operation.PUSH_STOCK)
    assert stuck.state is RemoteState.RETRYABLE
    assert stuck.findings[0].code == "hepsiburada.upload.stuck"


@pytest.mark.parametrize("word", ["DONE", "COMPLETED_WITH_ERRORS", "Yepyeni"])
def test_any_other_word_is_an_end(sim: HepsiburadaSimulator, ctx: Context, key: Key, word: str) -> None:
    sim.uploads.done_word = word
    result = plugin.push_stock(ctx, key("a"), stock(("STK-0001", 9)))
    assert receipt(ctx, result.batch, Operation.PUSH_STOCK).state is RemoteState.DONE


def test_unknown_uploads_are_sent_again_and_other_writes_are_not_followed(ctx: Context) -> None:
    batch = ExternalRef(kind="batch", id="00000000-0000-4000-8000-00000000dead")
    assert receipt(ctx, batch, Operation.PUSH_STOCK).state is RemoteState.RETRYABLE
    with pytest.raises(Unsupported):
        receipt(ctx, batch, Operation.POST_INVOICE)


def test_many_listings_are_looked_up_in_parts(
    sim: HepsiburadaSimulator, make_ctx: Callable[..., Context], key: Key
) -> None:
    targets = stock(*((sku, 3) for sku in sim.uploads.listings))
    result = plugin.push_stock(make_ctx(sim, products_page=7), key("a"), targets)
    assert {item.state for item in result.items} == {"accepted"}
    assert {each["availableStock"] for each in sim.uploads.listings.values()} == {3}
