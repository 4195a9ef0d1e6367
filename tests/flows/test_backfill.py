"""Backfill: reading a range of the past besides the live stream."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kopru.flows import backfill, orders
from kopru.flows.proofs import BackfillState
from kopru.flows.records import Lane, OrderState
from kopru.hooks.errors import ConfigError, RateLimited
from kopru.hooks.manifest import Quota
from kopru.testing.world import WorldOrder
from kopru.transport.limiter import LocalLimiter, NoLimiter
from kopru.transport.share import CountingLimiter, ShareLimiter, share_of

DAY = timedelta(days=1)


@pytest.fixture
def shop(trade):
    """The connection to the shop, whose live stream has read."""
    trade.live = trade.place()
    trade.pull()
    trade.pull()
    return trade.connection("trendyol").id


def old(trade, *, days, status="Delivered", **fields):
    """An order of the past, placed and last changed so many days ago."""
    trade.placed += 1
    at = datetime.now(UTC) - days * DAY
    order = WorldOrder(
        id=3_300_000_000 + trade.placed,
        number=str(10_850_000_000 + trade.placed),
        placed_at=at - timedelta(minutes=1),
        modified_at=at,
        buyer=trade.consumer,
        lines=(trade.line(trade.item("20")),),
        tracking_number=f"733{trade.placed:013d}",
        **fields,
    )
    trade.shop.add_order(order, status=status)
    return order


def since(days):
    return datetime.now(UTC) - days * DAY


def stream(trade, shop):
    with trade.work().read() as uow:
        return uow.streams.get(shop, "fetch_orders")


def row(trade, shop):
    with trade.work().read() as uow:
        return uow.backfills.recent(shop)[0]


def states(trade, *made):
    return {trade.order(order).state for order in made}


def test_the_past_is_read_and_left_out_without_touching_the_stream(trade, shop):
    made = [old(trade, days=n) for n in (1, 5, 20)]
    before = stream(trade, shop)
    backfill.start(trade.work(), shop, since(25), None)
    trade.run(600)
    assert states(trade, *made) == {OrderState.EXCLUDED}
    assert {trade.order(order).reason.code for order in made} == {"order.before_start"}
    assert stream(trade, shop) == before
    done = row(trade, shop)
    assert (done.state, done.records, done.changed) == (BackfillState.DONE, 3, 3)
    assert done.pages >= 2, "a range longer than one query is read in parts"
    assert len(trade.held()) == 1


def test_old_orders_are_invoiced_when_a_person_says_so(trade, shop):
    made = [old(trade, days=n) for n in (1, 2)]
    backfill.start(trade.work(), shop, since(3), None, invoices=True)
    trade.run(600)
    assert states(trade, *made) == {OrderState.DONE}
    assert len(trade.held()) == 3
    assert trade.connection("trendyol").start_at <= since(3) + timedelta(minutes=1)
    assert {"connection.start_moved", "backfill.started", "backfill.done"} <= set(trade.actions(shop))


def test_orders_left_out_before_are_decided_again_when_the_first_day_moves(trade, shop):
    order = old(trade, days=1)
    backfill.start(trade.work(), shop, since(2), None)
    trade.run(600)
    assert states(trade, order) == {OrderState.EXCLUDED}
    backfill.start(trade.work(), shop, since(2), None, invoices=True)
    trade.run(600)
    assert states(trade, order) == {OrderState.DONE}


def test_to_invoice_the_range_must_reach_up_to_the_first_day(trade, shop):
    with pytest.raises(ConfigError) as refused:
        backfill.start(trade.work(), shop, since(5), since(3), invoices=True)
    assert refused.value.code == "backfill.gap"
    assert trade.connection("trendyol").start_at > since(1)


def test_what_is_held_already_is_not_made_twice(trade, shop):
    made = [old(trade, days=n) for n in (1, 2)]
    for _ in range(2):
        backfill.start(trade.work(), shop, since(3), None, invoices=True)
        trade.run(600)
    assert states(trade, *made) == {OrderState.DONE}
    assert len(trade.held()) == 3


def test_one_at_a_time_per_connection(trade, shop):
    backfill.start(trade.work(), shop, since(3), None)
    with pytest.raises(ConfigError) as refused:
        backfill.start(trade.work(), shop, since(5), None)
    assert refused.value.code == "backfill.open"
    backfill.cancel(trade.work(), shop)
    backfill.start(trade.work(), shop, since(5), None)


@pytest.fixture
def two_per_page(monkeypatch):
    """Pages of two orders."""
    read = orders.read_part

    def small(place, opened):
        facts = opened.manifest.streams["fetch_orders"]
        streams = {**opened.manifest.streams, "fetch_orders": replace(facts, largest_page=2)}
        return read(place, replace(opened, manifest=replace(opened.manifest, streams=streams)))

    monkeypatch.setattr(orders, "read_part", small)


def test_a_pause_keeps_the_place_and_resuming_goes_on_from_there(trade, shop, two_per_page, monkeypatch):
    made = [old(trade, days=1 + n / 10) for n in range(7)]
    monkeypatch.setattr(backfill, "PAGES_PER_RUN", 1)
    backfill.start(trade.work(), shop, since(3), None)
    trade.run(0.5)
    half = backfill.pause(trade.work(), shop)
    assert (half.state, half.pages, half.records) == (BackfillState.PAUSED, 1, 2)
    trade.run(600)
    assert row(trade, shop).records == 2, "nothing is read while it is paused"
    backfill.resume(trade.work(), shop)
    trade.run(600)
    done = row(trade, shop)
    assert (done.state, done.records, done.pages) == (BackfillState.DONE, 7, 4)
    assert states(trade, *made) == {OrderState.EXCLUDED}


def test_a_run_that_dies_goes_on_where_it_was(trade, shop, two_per_page, monkeypatch):
    made = [old(trade, days=1 + n / 10) for n in range(6)]
    backfill.start(trade.work(), shop, since(3), None)
    take, taken = orders.take, []

    def dying(*arguments, **options):
        taken.append(1)
        if len(taken) == 2:
            raise RuntimeError("died")
        return take(*arguments, **options)

    monkeypatch.setattr(orders, "take", dying)
    trade.run(0.5)
    assert row(trade, shop).records == 2
    trade.run(600)
    assert row(trade, shop).records == 6
    assert states(trade, *made) == {OrderState.EXCLUDED}


def test_a_cancelled_backfill_reads_no_further(trade, shop, two_per_page, monkeypatch):
    for n in range(4):
        old(trade, days=1 + n / 10)
    monkeypatch.setattr(backfill, "PAGES_PER_RUN", 1)
    backfill.start(trade.work(), shop, since(3), None)
    trade.run(0.5)
    backfill.cancel(trade.work(), shop)
    trade.run(600)
    assert (row(trade, shop).state, row(trade, shop).records) == (BackfillState.CANCELLED, 2)
    with pytest.raises(ConfigError) as refused:
        backfill.resume(trade.work(), shop)
    assert refused.value.code == "backfill.none"


def test_a_backfill_begun_after_another_was_given_up_is_read(trade, shop):
    """The job of the first one still waits."""
    made = old(trade, days=2)
    backfill.start(trade.work(), shop, since(1), None)
    backfill.cancel(trade.work(), shop)
    backfill.start(trade.work(), shop, since(3), None)
    trade.run(600)
    assert row(trade, shop).state is BackfillState.DONE
    assert states(trade, made) == {OrderState.EXCLUDED}


def test_a_ledger_has_no_past_to_read(trade, shop):
    with pytest.raises(ConfigError) as refused:
        backfill.forecast(trade.work(), trade.connection("logo").id, since(3), None)
    assert refused.value.code == "backfill.no_orders"


def test_everything_a_backfill_adds_takes_the_last_lane(trade, shop):
    old(trade, days=1)
    backfill.start(trade.work(), shop, since(2), None)
    trade.run(0.2, most=1000)
    with trade.admin.begin() as db:
        lanes = db.exec_driver_sql(
            "select kind, lane from job where tenant_id = %s and kind in"
            " ('orders.backfill', 'order.advance', 'orders.verify_day') and created_at >"
            " (select started_at from backfill where tenant_id = %s)",
            (trade.tenant_id, trade.tenant_id),
        ).all()
    assert {kind for kind, _ in lanes} >= {"order.advance"}
    assert {lane for _, lane in lanes} == {Lane.BACKFILL.rank}


def test_the_range_is_counted_again_once_it_is_read(trade, shop):
    made = old(trade, days=1)
    backfill.start(trade.work(), shop, since(2), None)
    trade.run(600)
    with trade.work().read() as uow:
        checks = uow.proofs.recent(shop)
    assert sum(check.remote for check in checks) >= 1
    assert all(check.missing == 0 for check in checks)
    assert states(trade, made) == {OrderState.EXCLUDED}


# Forecast


def test_the_forecast_counts_and_changes_nothing(trade, shop):
    made = [old(trade, days=n) for n in (1, 5, 20)]
    seen = backfill.forecast(trade.work(), shop, since(25), None)
    assert (seen.records, seen.held, seen.new, seen.before_start) == (3, 0, 3, 3)
    assert seen.sample == {"excluded: order.before_start": 1} or sum(seen.sample.values()) >= 1
    assert seen.calls >= 2
    assert seen.seconds > 0
    for order in made:
        with pytest.raises(AssertionError):
            trade.order(order)
    with trade.work().read() as uow:
        assert uow.backfills.recent(shop) == []


def test_the_forecast_tells_what_is_here_already_and_what_invoicing_would_mean(trade, shop):
    old(trade, days=1)
    backfill.start(trade.work(), shop, since(2), None)
    trade.run(600)
    old(trade, days=1.5, status="Created")
    seen = backfill.forecast(trade.work(), shop, since(2), None, invoices=True)
    assert (seen.records, seen.held, seen.new, seen.before_start) == (2, 1, 1, 0)
    assert set(seen.sample) == {"invoice: e-arsiv"}


def test_a_smaller_share_takes_longer(trade, shop):
    old(trade, days=1)
    whole = backfill.forecast(trade.work(), shop, since(25), None, percent=100)
    tenth = backfill.forecast(trade.work(), shop, since(25), None, percent=10)
    assert tenth.seconds > 5 * whole.seconds
    assert tenth.calls == whole.calls


def test_the_forecast_waits_for_free_calls_when_told_to(trade, shop, monkeypatch):
    old(trade, days=1)
    listing, asked, waited = backfill._list, [], []

    def spent(place, facts, opened):
        asked.append(1)
        if len(asked) == 1:
            raise RateLimited("limit.quota", retry_after=7.0)
        return listing(place, facts, opened)

    monkeypatch.setattr(backfill, "_list", spent)
    seen = backfill.forecast(trade.work(), shop, since(2), None, wait=waited.append)
    assert (seen.records, waited) == (1, [7.0])
    asked.clear()
    with pytest.raises(RateLimited):
        backfill.forecast(trade.work(), shop, since(2), None)


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [(200, 100, "backfill.forgotten"), (1, 3, "backfill.empty")],
)
def test_a_range_that_cannot_be_read_is_told(trade, shop, first, last, code):
    with pytest.raises(ConfigError) as refused:
        backfill.forecast(trade.work(), shop, since(first), since(last))
    assert refused.value.code == code


def test_a_range_is_cut_to_what_the_source_remembers(trade, shop):
    seen = backfill.forecast(trade.work(), shop, since(200), None)
    assert since(90) < seen.since <= since(90) + timedelta(minutes=2)


# The share of the quotas


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def calls_in(limiter, clock, quota, seconds):
    given = 0
    until = clock.now + seconds
    while clock.now < until:
        try:
            limiter.acquire("c", quota)
            given += 1
        except RateLimited:
            clock.now += 0.05
    return given


@pytest.mark.parametrize("percent", [10, 30, 100])
def test_a_share_never_takes_more_than_its_part_of_a_window(percent):
    clock = Clock()
    quota = Quota("calls", 100, timedelta(seconds=10))
    limiter = ShareLimiter(LocalLimiter(clock), percent)
    assert calls_in(limiter, clock, quota, 10.0) <= percent
    assert calls_in(limiter, clock, quota, 10.0) >= percent * 0.8


def test_live_work_finds_the_rest_of_the_quota_free():
    clock = Clock()
    quota = Quota("calls", 100, timedelta(seconds=10))
    inner = LocalLimiter(clock)
    backfilled = calls_in(ShareLimiter(inner, 30), clock, quota, 5.0)
    assert backfilled <= 30
    assert calls_in(inner, clock, quota, 5.0) >= 40


def test_the_share_of_a_tiny_quota_is_one_call():
    assert share_of(Quota("one", 1, timedelta(seconds=5)), 30).calls == 1


def test_what_a_call_costs_is_told_by_the_scarcest_quota():
    counting = CountingLimiter(NoLimiter())
    counting.acquire("c", Quota("wide", 1000, timedelta(seconds=60)))
    counting.acquire("c", Quota("narrow", 10, timedelta(seconds=60)))
    assert counting.seconds(20, 50) == 240.0
    assert CountingLimiter(NoLimiter()).seconds(20, 50) == 0.0


def test_a_backfill_yields_to_a_spent_share_and_goes_on(trade, shop, two_per_page, monkeypatch):
    for n in range(6):
        old(trade, days=1 + n / 10)
    backfill.start(trade.work(), shop, since(3), None)
    share, asked = ShareLimiter.acquire, []

    def spent(self, scope, quota):
        asked.append(quota.name)
        if len(asked) == 3:
            raise RateLimited("limit.quota", retry_after=20.0)
        return share(self, scope, quota)

    monkeypatch.setattr(ShareLimiter, "acquire", spent)
    trade.run(5)
    assert row(trade, shop).state is BackfillState.RUNNING
    trade.run(600)
    assert (row(trade, shop).state, row(trade, shop).records) == (BackfillState.DONE, 6)
