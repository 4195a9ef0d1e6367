"""Stock to the channels: what the ledger holds less what open orders need; only the newest value counts."""

from decimal import Decimal

import pytest

from kopru.flows.connections import pull_job
from kopru.flows.records import Lane, NewJob, OrderState
from kopru.hooks.types import Operation

HOUR = 3600.0


@pytest.fixture
def shop(trade):
    """The shop after the first push of everything: what changes later is pushed alone."""
    sync(trade)
    trade.run(60)
    trade.pushes = trade.posts("trendyol", "price-and-inventory")
    return trade


def sync(trade):
    trade.add(NewJob("stock.sync", {}, "stock.sync", Lane.STOCK, serial_key="stock.sync"))


def push(trade):
    trade.add(pull_job("stock.push", trade.connection("trendyol"), lane=Lane.STOCK))


def shown(trade, item):
    """What buyers see at the shop."""
    return trade.shop.stock.variants[item.barcode]["stock"]["quantity"]


def pushed(trade):
    """Barcodes and quantities of every push since the first, in order."""
    return [(fact.data["reference"], int(fact.data["quantity"])) for fact in trade.shop.truth.of("stock.set")]


def count(trade, item, quantity):
    trade.ledger.set_stock(item.code, Decimal(quantity))


def rows(trade):
    with trade.admin.begin() as db:
        found = db.exec_driver_sql(
            "select external_id, desired, version, pushed_version, sent_version, batch, error from stock_push"
            " where tenant_id = %s",
            (trade.tenant_id,),
        )
        return {row.external_id: row for row in found}


def test_the_first_sync_shows_every_product_what_the_ledger_holds(shop):
    assert len(pushed(shop)) == len(shop.world.items)
    assert all(row.pushed_version == row.version for row in rows(shop).values())
    # Trendyol takes 20 000 at most.
    assert {quantity for _, quantity in pushed(shop)} == {20_000}


def test_only_what_changed_is_pushed(shop):
    before = len(pushed(shop))
    item = shop.world.items[3]
    count(shop, item, 7)
    sync(shop)
    shop.run(60)
    assert pushed(shop)[before:] == [(item.barcode, 7)]
    assert shown(shop, item) == 7
    sync(shop)
    shop.run(60)
    assert len(pushed(shop)) == before + 1, "nothing changed, nothing is sent"


def test_a_sale_lowers_the_stock_by_itself(shop):
    item = shop.world.items[5]
    count(shop, item, 10)
    order = shop.place((item, 3))
    shop.pull(seconds=60)
    assert shop.order(order).state is OrderState.DONE
    assert shown(shop, item) == 7


def test_an_order_that_is_not_booked_yet_reserves(shop):
    """Held back or parked, its units are not offered again; once booked the ledger itself counts them."""
    item = shop.world.items[5]
    count(shop, item, 10)
    address = {"taxOffice": ""}
    order = shop.place((item, 4), buyer=shop.registered)
    invoice_address = shop.shop.shelf.live[order.id]["invoiceAddress"]
    shop.shop.change_order(order.id, invoiceAddress={**invoice_address, **address})
    shop.pull(seconds=60)
    assert shop.order(order).state is OrderState.PARKED
    assert shown(shop, item) == 6
    shop.shop.change_order(order.id, invoiceAddress=invoice_address)
    shop.pull(seconds=60)
    assert shop.order(order).state is OrderState.DONE
    assert shown(shop, item) == 6
    shop.shop.cancel_order(order.id)
    shop.pull(seconds=120)


def test_buffer_and_never_below_zero(shop):
    shop.settings(("[invoice]\n", "[stock]\nbuffer = 5\n\n[invoice]\n"))
    some, few = shop.world.items[1], shop.world.items[2]
    count(shop, some, 12)
    count(shop, few, 3)
    sync(shop)
    shop.run(60)
    assert (shown(shop, some), shown(shop, few)) == (7, 0)


def test_warehouses_of_a_channel(shop):
    shop.connect("logo", {**shop.ledger.config(), "stock_warehouses": [0, 1]})
    item = shop.world.items[1]
    shop.ledger.set_stock(item.code, Decimal(10), warehouse=0)
    shop.ledger.set_stock(item.code, Decimal(30), warehouse=1)
    shop.settings(("[invoice]\n", '[stock.channels.trendyol]\nwarehouses = ["1"]\n\n[invoice]\n'))
    sync(shop)
    shop.run(60)
    assert shown(shop, item) == 30


def test_newest_wins_while_a_batch_is_on_its_way(shop):
    """A value is not sent while an older one may still be worked off after it."""
    item = shop.world.items[3]
    shop.shop.stock.delay = HOUR
    count(shop, item, 9)
    sync(shop)
    shop.run(10)
    assert rows(shop)[item.barcode].batch is not None
    count(shop, item, 4)
    sync(shop)
    shop.run(30)
    sent = shop.posts("trendyol", "price-and-inventory") - shop.pushes
    assert sent == 1
    shop.shop.stock.delay = 0
    shop.shop.clock.advance(2 * HOUR)
    shop.run(60)
    assert shown(shop, item) == 4
    row = rows(shop)[item.barcode]
    assert row.pushed_version == row.version and row.batch is None


def test_a_value_that_went_back_is_not_sent_twice(shop):
    item = shop.world.items[3]
    for quantity in (9, 4, 9):
        count(shop, item, quantity)
        sync(shop)
    shop.run(60)
    assert shown(shop, item) == 9


def test_a_refused_product_is_told_and_its_neighbours_are_shown(shop):
    locked, good = shop.world.items[3], shop.world.items[4]
    shop.shop.stock.variants[locked.barcode]["locked"] = True
    count(shop, locked, 8)
    count(shop, good, 9)
    sync(shop)
    shop.run(60)
    assert shown(shop, good) == 9
    found = rows(shop)
    assert "kilitli" in found[locked.barcode].error["tr"]
    assert found[locked.barcode].error["code"] == "trendyol.batch.failed"
    assert found[good.barcode].error is None
    sent = shop.posts("trendyol", "price-and-inventory")
    sync(shop)
    push(shop)
    shop.run(HOUR)
    assert shop.posts("trendyol", "price-and-inventory") == sent, "a refusal is not repeated"
    shop.shop.stock.variants[locked.barcode]["locked"] = False
    count(shop, locked, 6)
    sync(shop)
    shop.run(60)
    assert shown(shop, locked) == 6
    assert rows(shop)[locked.barcode].error is None


def test_refusals_are_told_of_the_right_products_although_one_changed_meanwhile(shop):
    first, locked, last = sorted(shop.world.items[:3], key=lambda item: item.barcode)
    shop.shop.stock.variants[locked.barcode]["locked"] = True
    shop.shop.stock.delay = HOUR
    for item in (first, locked, last):
        count(shop, item, 8)
    sync(shop)
    shop.run(8)
    count(shop, first, 5)
    sync(shop)
    shop.run(10)
    shop.shop.stock.delay = 0
    shop.shop.clock.advance(2 * HOUR)
    shop.run(120)
    found = rows(shop)
    assert found[locked.barcode].error is not None
    assert found[last.barcode].error is None and found[first.barcode].error is None
    assert (shown(shop, first), shown(shop, last)) == (5, 8)


def test_a_product_without_a_barcode_is_refused_before_it_is_sent(shop):
    with shop.admin.begin() as db:
        db.exec_driver_sql(
            "update product set barcode = '', external_id = repeat('9', 60) where tenant_id = %s and sku = %s",
            (shop.tenant_id, shop.world.items[3].code),
        )
    count(shop, shop.world.items[3], 8)
    count(shop, shop.world.items[4], 9)
    sync(shop)
    shop.run(60)
    assert shown(shop, shop.world.items[4]) == 9
    assert rows(shop)["9" * 60].error["code"] == "trendyol.item.barcode_long"


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_lost_answers_end_in_the_right_value(shop, kind):
    """The same request again within fifteen minutes is banned; the engine waits that out."""
    item = shop.world.items[3]
    count(shop, item, 7)
    shop.fault("trendyol", kind, "/price-and-inventory")
    sync(shop)
    for _ in range(20):
        shop.run(60)
        shop.shop.clock.advance(60)
    assert shown(shop, item) == 7
    row = rows(shop)[item.barcode]
    assert row.pushed_version == row.version


def test_a_batch_the_channel_forgot_is_sent_again(shop):
    item = shop.world.items[3]
    shop.shop.stock.delay = 10 * HOUR
    count(shop, item, 7)
    sync(shop)
    shop.run(8)
    shop.shop.stock._open.clear()
    shop.shop.stock.delay = 0
    shop.shop.clock.advance(5 * HOUR)
    shop.run(HOUR)
    assert shown(shop, item) == 7


def test_a_death_between_note_and_request_is_made_good(shop, monkeypatch):
    from kopru.flows import pushing

    item = shop.world.items[3]
    count(shop, item, 7)
    sync(shop)

    class Died(BaseException):
        pass

    original, dead = pushing._push_batch, []

    def dying(*arguments):
        if not dead:
            dead.append(1)
            raise Died
        return original(*arguments)

    monkeypatch.setattr(pushing, "_push_batch", dying)
    with pytest.raises(Died):
        shop.run(60)
    shop.recover()
    shop.run(10)
    assert shown(shop, item) != 7, "it may have been sent: wait"
    shop.run(60)
    assert shown(shop, item) == 7, "nobody has to ask for it"


def test_a_paused_channel_is_left_alone_and_catches_up(shop):
    from kopru.flows.connections import set_paused

    item = shop.world.items[3]
    set_paused(shop.work(), shop.connection("trendyol").id, paused=True)
    shop.pass_time(0)
    count(shop, item, 7)
    sync(shop)
    shop.run(60)
    assert shop.posts("trendyol", "price-and-inventory") == shop.pushes
    set_paused(shop.work(), shop.connection("trendyol").id, paused=False)
    shop.pass_time(0)
    sync(shop)
    shop.run(60)
    assert shown(shop, item) == 7


def test_what_the_ledger_does_not_know_is_left_as_it_is(shop):
    from dataclasses import replace

    foreign = replace(shop.world.items[0], code="FREMD", barcode="8690000000012", stock=33)
    shop.shop.stock.add(foreign)
    shop.pull("catalogue.pull")
    sync(shop)
    shop.run(60)
    assert shown(shop, foreign) == 33
    assert foreign.barcode not in rows(shop)


def test_a_ledger_that_is_away_changes_no_stock(shop):
    before = dict(rows(shop))
    shop.fault("logo", "status", "", method="GET", status=503, times=20)
    sync(shop)
    shop.run(20)
    assert rows(shop) == before
    shop.ledger.faults.clear()
    shop.run(HOUR)
    assert shop.posts("trendyol", "price-and-inventory") == shop.pushes


def test_stock_is_synced_once_for_many_orders(shop):
    for _ in range(5):
        shop.place((shop.world.items[5], 1))
    before = len(shop.jobs("done"))
    shop.pull(seconds=60)
    syncs = [job for job in shop.jobs("done")[: len(shop.jobs("done")) - before] if job.kind == "stock.sync"]
    assert 1 <= len(syncs) <= 3
    assert len(shop.held(Operation.POST_INVOICE)) == 5
