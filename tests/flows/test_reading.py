"""Reading page by page: the position moves only with the data, and nothing is lost when a run is cut short."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kopru.flows import orders, streams
from kopru.flows.connections import pull_job
from kopru.flows.records import OrderState, StreamRow
from kopru.hooks.manifest import Stream
from kopru.hooks.types import Page, Window
from kopru.testing.world import WorldOrder
from kopru_trendyol.manifest import MANIFEST

STREAM = "fetch_orders"


@pytest.fixture
def small_pages(monkeypatch):
    """Two orders fit on a page."""
    monkeypatch.setitem(MANIFEST.streams, STREAM, replace(MANIFEST.streams[STREAM], largest_page=2))


@pytest.fixture
def connection(trade):
    return trade.connection("trendyol").id


def at(trade, connection):
    with trade.work().read() as uow:
        return uow.streams.get(connection, STREAM)


def numbers(trade):
    with trade.work().read() as uow:
        return sorted(row.number for row in uow.orders.recent(limit=1000))


def pages(trade):
    return sum("/orders/stream" in each.path for each in trade.shop.served)


def place(trade, count):
    return [trade.place() for _ in range(count)]


class Died(BaseException):
    """The process is gone."""


def test_all_pages_of_a_window_are_read_and_the_watermark_follows(trade, connection, small_pages):
    made = place(trade, 5)
    before = datetime.now(UTC)
    progress = orders.pull_orders(trade.work(), connection)
    assert (progress.records, progress.changed, progress.complete) == (5, 5, True)
    assert progress.pages >= 3
    assert numbers(trade) == sorted(order.number for order in made)
    position = at(trade, connection)
    assert (position.since, position.until, position.cursor) == (None, None, None)
    assert before - timedelta(seconds=5) <= position.watermark <= datetime.now(UTC)


def test_a_run_that_dies_between_pages_goes_on_where_it_was(trade, connection, small_pages, monkeypatch):
    made = place(trade, 6)
    step, taken = streams._step, []

    def dying(*arguments):
        if len(taken) == 2:
            raise Died
        taken.append(1)
        return step(*arguments)

    monkeypatch.setattr(streams, "_step", dying)
    with pytest.raises(Died):
        orders.pull_orders(trade.work(), connection)
    position = at(trade, connection)
    assert position.cursor and position.since and position.watermark is None
    assert len(numbers(trade)) == 4
    monkeypatch.setattr(streams, "_step", step)
    late = trade.place()
    before = pages(trade)
    orders.pull_orders(trade.work(), connection)
    assert pages(trade) - before < 4, "pages that were stored are not read again"
    orders.pull_orders(trade.work(), connection)
    assert numbers(trade) == sorted(order.number for order in (*made, late))


def test_a_page_that_was_not_stored_does_not_move_the_position(trade, connection, small_pages, monkeypatch):
    made = place(trade, 3)
    take = orders.take

    def dying(work, uow, connection_id, records):
        take(work, uow, connection_id, records)
        raise Died

    monkeypatch.setattr(orders, "take", dying)
    with pytest.raises(Died):
        orders.pull_orders(trade.work(), connection)
    assert at(trade, connection) == StreamRow()
    assert numbers(trade) == []
    monkeypatch.setattr(orders, "take", take)
    orders.pull_orders(trade.work(), connection)
    assert numbers(trade) == sorted(order.number for order in made)


def test_a_forgotten_cursor_starts_the_window_again(trade, connection, small_pages, monkeypatch):
    made = place(trade, 6)
    step, taken = streams._step, []

    def forgetting(*arguments):
        taken.append(1)
        if len(taken) == 3:
            trade.shop.expire_cursors()
        return step(*arguments)

    monkeypatch.setattr(streams, "_step", forgetting)
    progress = orders.pull_orders(trade.work(), connection)
    assert progress.complete
    assert (progress.changed, progress.records) == (6, 10), "read twice, stored once"
    assert numbers(trade) == sorted(order.number for order in made)


def test_a_long_run_is_cut_into_jobs_and_keeps_its_window(trade, connection, small_pages, monkeypatch):
    monkeypatch.setattr(streams, "PAGES_PER_RUN", 2)
    made = place(trade, 9)
    trade.pull(seconds=60)
    assert numbers(trade) == sorted(order.number for order in made)
    runs = [job for job in trade.jobs("done") if job.kind == "orders.pull"]
    assert len(runs) >= 3
    assert {trade.order(order).state for order in made} == {OrderState.DONE}


def test_windows_overlap_so_that_what_shows_late_is_found(trade, connection):
    """A package with an earlier time of change becomes visible after its window was read."""
    place(trade, 1)
    orders.pull_orders(trade.work(), connection)
    late = datetime.now(UTC) - timedelta(minutes=4)
    base = trade.place
    order = base()
    package = trade.shop.shelf.live[order.id]
    trade.shop.shelf._show({**package, "lastModifiedDate": int(late.timestamp() * 1000)})
    progress = orders.pull_orders(trade.work(), connection)
    assert order.number in numbers(trade)
    assert progress.changed == 1


def test_the_same_revision_again_changes_nothing(trade, connection):
    order = trade.place()
    trade.pull()
    trade.pull()  # our own invoice link is a change too
    row = trade.order(order)
    for _ in range(3):
        assert orders.pull_orders(trade.work(), connection).changed == 0
    assert trade.order(order).version == row.version
    assert trade.actions(row).count("order.seen") == row.version


def test_an_older_version_never_replaces_a_newer_one(trade, connection):
    order = trade.place()
    trade.pull(seconds=0)
    row = trade.order(order)
    with trade.work().read() as uow:
        raw = uow.payloads.get(row.payload_id)
    trade.shop.set_status(order.id, "Shipped")
    trade.pull(seconds=0)
    newer = trade.order(order)
    assert newer.version == row.version + 1
    assert orders.replay(trade.work(), row, raw) == 0
    assert trade.order(order).revision == newer.revision


def test_equal_times_of_change_are_told_apart_by_their_content(trade, connection):
    order = trade.place()
    trade.pull(seconds=0)
    package = trade.shop.shelf.live[order.id]
    address = {**package["invoiceAddress"], "firstName": "Deniz"}
    trade.shop.shelf.put({**package, "invoiceAddress": address})
    trade.pull(seconds=0)
    assert trade.order(order).version == 2
    assert trade.order(order).body.buyer.first_name == "Deniz"


def test_pages_that_shift_lose_nothing(trade, connection, small_pages):
    """Orders change while the pages are read, so that rows move between pages."""
    made = place(trade, 8)
    moved = iter(made)
    trade.shop.shift = lambda: trade.shop.set_status(next(moved).id, "Picking")
    trade.fault("trendyol", "shift", "/orders/stream", method="GET", times=6)
    trade.pull(seconds=60)
    trade.pull(seconds=60)
    assert numbers(trade) == sorted(order.number for order in made)
    assert {trade.order(order).state for order in made} == {OrderState.DONE}
    assert len(trade.held()) == 8


def test_a_page_shown_twice_is_stored_once(trade, connection, small_pages):
    made = place(trade, 5)
    trade.fault("trendyol", "duplicate", "/orders/stream", method="GET", times=1, skip=1)
    trade.shop.doubled = True
    trade.pull(seconds=60)
    trade.pull(seconds=60)
    assert len(numbers(trade)) == len(set(numbers(trade)))
    assert {trade.order(order).state for order in made} == {OrderState.DONE}
    assert len(trade.held()) == 5


def test_an_unreachable_shop_keeps_the_position_and_is_read_later(trade, connection):
    place(trade, 1)
    orders.pull_orders(trade.work(), connection)
    before = at(trade, connection)
    order = trade.place()
    trade.fault("trendyol", "status", "/stream", method="GET", status=503, times=3)
    trade.pull(seconds=0)
    assert at(trade, connection) == before
    trade.run(120)
    assert trade.order(order).state is OrderState.DONE


@pytest.mark.parametrize("kind", ["malformed", "drop_after"])
def test_a_broken_answer_moves_nothing(trade, connection, kind):
    order = trade.place()
    trade.fault("trendyol", kind, "/stream", method="GET", times=3)
    trade.pull(seconds=0)
    assert at(trade, connection) == StreamRow()
    trade.run(300)
    assert trade.order(order).state is OrderState.DONE


# The windows themselves

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def window(position, facts, start_at=NOW - 7 * DAY):
    return streams._window(position, facts, start_at, NOW)


def test_first_window_starts_where_the_connection_does():
    assert window(StreamRow(), Stream(100)) == Window(NOW - 7 * DAY, NOW)


def test_next_window_overlaps_the_watermark():
    facts = Stream(100, overlap=timedelta(minutes=10))
    position = StreamRow(watermark=NOW - timedelta(hours=1))
    assert window(position, facts).since == NOW - timedelta(hours=1, minutes=10)


def test_a_window_is_no_longer_than_one_query_may_cover():
    assert window(StreamRow(), Stream(100, span=2 * DAY)) == Window(NOW - 7 * DAY, NOW - 5 * DAY)


def test_a_window_does_not_reach_further_back_than_the_source_remembers():
    since = window(StreamRow(), Stream(100, reach=3 * DAY)).since
    assert NOW - 3 * DAY < since <= NOW - 3 * DAY + timedelta(minutes=1)


def test_an_open_window_is_kept_whatever_the_time():
    position = StreamRow(since=NOW - 9 * DAY, until=NOW - 8 * DAY, cursor="x")
    assert window(position, Stream(100)) == Window(NOW - 9 * DAY, NOW - 8 * DAY)


def test_a_watermark_of_the_future_asks_for_an_empty_window_not_for_a_negative_one():
    facts = Stream(100, overlap=timedelta())
    found = window(StreamRow(watermark=NOW + DAY), facts)
    assert found.since <= found.until == NOW


def test_parts_of_a_long_window_follow_each_other_to_its_end():
    facts, position, seen = Stream(100, span=2 * DAY, overlap=timedelta()), StreamRow(), []
    for _ in range(10):
        part = streams._window(position, facts, NOW - 7 * DAY, NOW)
        seen.append((part.since, part.until))
        position = streams._advance(position, part, Page(()), facts, NOW)
        if position.since is None:
            break
    assert seen[0][0] == NOW - 7 * DAY and seen[-1][1] == NOW
    assert [until for _, until in seen[:-1]] == [since for since, _ in seen[1:]]
    assert position.watermark == NOW


def test_the_watermark_never_goes_back_and_never_beyond_what_was_read():
    facts = Stream(100)
    position = StreamRow(watermark=NOW - DAY)
    part = Window(NOW - 2 * DAY, NOW)
    early = streams._advance(position, part, Page((), watermark=NOW - 2 * DAY), facts, NOW)
    late = streams._advance(position, part, Page((), watermark=NOW + DAY), facts, NOW)
    assert (early.watermark, late.watermark) == (NOW - DAY, NOW)


# Single orders, returns, the inbox, products


def refetch(trade, order_id):
    from kopru.flows.records import Lane, NewJob

    connection_id = trade.connection("trendyol").id
    args = {"connection": str(connection_id), "kind": "package", "external_id": str(order_id)}
    trade.add(NewJob("order.refetch", args, f"order.refetch:{order_id}", Lane.INTERACTIVE))
    trade.run(60)


def test_a_webhooks_hint_reads_the_order_itself(trade):
    order = trade.place()
    refetch(trade, order.id)
    assert trade.order(order).state is OrderState.DONE
    trade.shop.set_status(order.id, "Shipped")
    refetch(trade, order.id)
    assert trade.order(order).status == "shipped"
    refetch(trade, order.id)
    assert trade.order(order).version == 2


def test_a_hint_about_nothing_is_a_dead_job_with_a_reason_and_no_order(trade):
    refetch(trade, 404_404)
    (job,) = trade.jobs("dead")
    assert job.error.code == "trendyol.order.not_found"
    assert numbers(trade) == []


def test_returns_are_stored_once_and_again_when_they_change(trade):
    order = trade.place((trade.item("20"), 2))
    trade.pull()
    line = order.lines[0].id
    claim = trade.shop.open_claim(order.id, line)
    trade.pull("returns.pull")
    trade.pull("returns.pull")
    assert stored(trade, "return") == [("open", order.number)]
    assert seen(trade, "return.seen") == 1
    trade.shop.decide_claim(claim, "Accepted")
    trade.pull("returns.pull")
    assert stored(trade, "return") == [("open", order.number)]
    assert seen(trade, "return.seen") == 2
    with trade.admin.begin() as db:
        body = db.exec_driver_sql(
            "select body from return where tenant_id = %s".replace("return where", '"return" where'),
            (trade.tenant_id,),
        ).scalar_one()
    assert body["lines"][0]["status"] == "accepted"


def stored(trade, table):
    with trade.admin.begin() as db:
        found = db.exec_driver_sql(
            f'select state, order_number from "{table}" where tenant_id = %s', (trade.tenant_id,)
        )
        return [tuple(row) for row in found]


def seen(trade, action):
    with trade.admin.begin() as db:
        return db.exec_driver_sql(
            "select count(*) from event where tenant_id = %s and action = %s", (trade.tenant_id, action)
        ).scalar_one()


def inbox(trade):
    with trade.admin.begin() as db:
        found = db.exec_driver_sql(
            "select number, sender, total, body is not null as readable from inbox where tenant_id = %s"
            " order by number",
            (trade.tenant_id,),
        )
        return [tuple(row) for row in found]


def test_incoming_invoices_are_stored_once_with_their_payload(trade):
    trade.channel.receive(number="TED2026000000001")
    trade.channel.receive(number="TED2026000000002")
    trade.pull("inbox.pull", "nilvera")
    trade.pull("inbox.pull", "nilvera")
    assert [row[0] for row in inbox(trade)] == ["TED2026000000001", "TED2026000000002"]
    assert all(row[3] for row in inbox(trade))


def test_products_of_the_shop_and_cards_of_the_ledger_are_read_again(trade):
    trade.ledger.add_item("NEU-1", "Neu", stock=5)
    trade.pull("catalogue.pull", "logo")
    with trade.work().read() as uow:
        assert uow.items.by_code("NEU-1").name == "Neu"
        assert len(uow.items.recent(limit=1000)) == len(trade.world.items) + 1
    trade.pull("catalogue.pull", "trendyol")
    with trade.work().read() as uow:
        assert len(uow.stock.products(trade.connection("trendyol").id)) == len(trade.world.items)


def test_orders_of_before_the_connection_are_not_asked_for(trade, connection):
    now = datetime.now(UTC)
    old = WorldOrder(
        id=3_399_000_001,
        number="10800000001",
        placed_at=now - timedelta(days=3),
        modified_at=now - timedelta(days=3),
        buyer=trade.consumer,
        lines=(trade.line(trade.item("20")),),
    )
    trade.shop.add_order(old)
    trade.pull()
    assert numbers(trade) == []


def test_two_pulls_at_once_store_each_order_once(trade, connection, small_pages):
    import threading

    made = place(trade, 8)
    errors = []

    def pull():
        try:
            orders.pull_orders(trade.work(), connection)
        except Exception as error:  # noqa: BLE001 - whatever happens in the thread must be seen
            errors.append(error)

    threads = [threading.Thread(target=pull) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert numbers(trade) == sorted(order.number for order in made)
    trade.add(pull_job("orders.pull", trade.connection("trendyol")))
    trade.run(60)
    assert len(trade.held()) == 8
