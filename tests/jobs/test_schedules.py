"""Schedules: each fire once, missed ones merged into one, the day counted in Istanbul."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from kopru.flows.records import Lane
from kopru.flows.schedules import usual
from kopru.hooks.manifest import Manifest, PluginKind, Stream
from kopru.model import Text
from kopru.storage.queue import QUARANTINED
from kopru.storage.schedules import AT_A_TURN, LATE, fire, next_fire

START = datetime(2017, 1, 1, tzinfo=UTC)
ISTANBUL = timezone(timedelta(hours=3))
MOMENTS = st.integers(0, 24 * 365 * 86400).map(lambda seconds: START + timedelta(seconds=seconds))
TIMES = st.times().map(lambda value: value.replace(second=0, microsecond=0))


def schedule(bench, *kinds, every=900, at_local=None):
    with bench.store.tenant(bench.tenant) as uow:
        uow.jobs.set_schedules(None, [(kind, {"of": kind}, every, at_local) for kind in kinds])


def next_at(bench, kind="a.kind"):
    return bench.sql("select next_at from schedule where kind = :kind", kind=kind)[0][0]


def overdue(bench, seconds):
    bench.sql(
        "update schedule set next_at = clock_timestamp() - make_interval(secs => :seconds)", seconds=seconds
    )


@given(MOMENTS, TIMES)
def test_a_time_of_day_is_met_within_a_day(now, at):
    fire = next_fire(now, 86400, at.isoformat("minutes"))
    assert now < fire <= now + timedelta(days=1)
    assert fire.astimezone(ISTANBUL).time() == at


@given(MOMENTS, TIMES)
def test_from_one_fire_to_the_next_is_a_day(now, at):
    first = next_fire(now, 86400, at.isoformat("minutes"))
    assert next_fire(first, 86400, at.isoformat("minutes")) == first + timedelta(days=1)


@given(MOMENTS, st.integers(1, 10**6))
def test_a_period_counts_from_now(now, seconds):
    assert next_fire(now, seconds, None) == now + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("now", "fire"),
    [
        ("2026-03-01T23:59:59+00:00", "2026-03-02T00:00:00+00:00"),
        ("2026-03-02T00:00:00+00:00", "2026-03-03T00:00:00+00:00"),
        ("2026-03-29T01:30:00+00:00", "2026-03-30T00:00:00+00:00"),
        ("2026-12-31T20:59:00+00:00", "2027-01-01T00:00:00+00:00"),
    ],
)
def test_three_in_the_morning_in_istanbul_is_midnight_utc_all_year(now, fire):
    """Also in the night in which Europe's clocks change."""
    moment = next_fire(datetime.fromisoformat(now), 86400, "03:00")
    assert moment == datetime.fromisoformat(fire)
    assert moment.astimezone(ISTANBUL).time() == time(3)


def test_many_schedulers_fire_once(bench):
    schedule(bench, *(f"kind.{number}" for number in range(12)))
    with ThreadPoolExecutor(6) as pool:
        fired = [each.result(30) for each in [pool.submit(bench.queue.fire) for _ in range(12)]]
    assert sum(fired) == 12
    assert len(bench.rows()) == 12
    assert bench.sql("select count(*) from schedule_fire") == [(12,)]
    assert bench.queue.fire() == 0


def test_a_fire_becomes_a_job(bench):
    schedule(bench, "a.kind")
    bench.queue.fire()
    (row,) = bench.rows()
    assert (row.kind, row.args, row.key, row.state) == ("a.kind", {"of": "a.kind"}, "a.kind", "queued")
    assert bench.queue.due(10) == [row.id]


def test_missed_times_are_merged_into_one(bench):
    schedule(bench, "a.kind")
    overdue(bench, 10 * 900 + 5)
    assert bench.queue.fire() == 1
    left = (next_at(bench) - datetime.now(UTC)).total_seconds()
    assert 880 < left <= 901


def test_a_time_that_fired_already_does_not_fire_again(bench):
    """A scheduler that was set back, or one that committed the fire and died before anything else."""
    schedule(bench, "a.kind")
    before = next_at(bench)
    assert bench.queue.fire() == 1
    bench.sql("update schedule set next_at = :at", at=before)
    assert bench.queue.fire() == 0
    assert next_at(bench) > before
    assert len(bench.rows()) == 1


def test_a_fire_while_the_job_waits_adds_nothing(bench):
    schedule(bench, "a.kind")
    for _ in range(3):
        bench.queue.fire()
        overdue(bench, 1)
    assert len(bench.rows()) == 1


def test_a_fire_leaves_a_parked_job_parked(bench):
    schedule(bench, "a.kind")
    bench.queue.fire()
    (row,) = bench.rows()
    bench.queue.set_aside(bench.claim(row.id), "parked", QUARANTINED.to_json())
    overdue(bench, 1)
    bench.queue.fire()
    assert [each.state for each in bench.rows()] == ["parked"]


def test_a_schedule_that_is_off_does_not_fire(bench):
    schedule(bench, "a.kind")
    bench.sql("update schedule set enabled = false")
    assert bench.queue.fire() == 0


def test_setting_a_schedule_again_changes_it_and_keeps_its_time(bench):
    schedule(bench, "a.kind")
    bench.queue.fire()
    before = next_at(bench)
    schedule(bench, "a.kind", every=60)
    assert next_at(bench) == before
    assert bench.sql("select every_seconds from schedule") == [(60,)]


def test_tenants_have_schedules_of_their_own(bench):
    other = bench.another_tenant()
    schedule(bench, "a.kind")
    schedule(other, "a.kind")
    assert bench.queue.fire() == 2
    assert len(bench.rows()) == len(other.rows()) == 1


def test_old_fires_are_tidied(bench):
    schedule(bench, "a.kind")
    bench.queue.fire()
    bench.queue.tidy(timedelta(days=3))
    assert bench.sql("select count(*) from schedule_fire") == [(1,)]
    bench.sql("update schedule_fire set fired_at = fired_at - interval '4 days'")
    bench.queue.tidy(timedelta(days=3))
    assert bench.sql("select count(*) from schedule_fire") == [(0,)]


# What missed times come to


def policy(bench, catch_up):
    bench.sql("update schedule set catch_up = :policy", policy=catch_up)


def test_a_missed_time_can_be_left_out(bench):
    schedule(bench, "a.kind")
    policy(bench, "skip")
    overdue(bench, 3 * 900)
    assert bench.queue.fire() == 0
    assert bench.rows() == []
    left = (next_at(bench) - datetime.now(UTC)).total_seconds()
    assert 880 < left <= 901


def test_a_time_that_is_hardly_late_is_not_missed(bench):
    schedule(bench, "a.kind")
    policy(bench, "skip")
    overdue(bench, LATE / 2)
    assert bench.queue.fire() == 1


def test_each_missed_time_can_have_its_run(bench):
    """In order, one after the other, and none twice."""
    schedule(bench, "a.kind")
    policy(bench, "each")
    overdue(bench, 3 * 900 + 5)
    assert bench.queue.fire() == 4
    assert bench.queue.fire() == 0
    rows = sorted(bench.rows(), key=lambda row: row.id)
    times = [datetime.fromisoformat(row.args["fire_time"]) for row in rows]
    assert [later - earlier for earlier, later in pairwise(times)] == [timedelta(seconds=900)] * 3
    assert all(row.args["of"] == "a.kind" for row in rows)
    assert bench.queue.due(10) == [rows[0].id], "they share a slot"


def test_a_long_absence_is_made_good_turn_by_turn(bench):
    schedule(bench, "a.kind", every=60)
    policy(bench, "each")
    overdue(bench, 60 * (AT_A_TURN + 20) + 1)
    assert bench.queue.fire() == AT_A_TURN
    assert bench.queue.fire() == 21
    assert bench.queue.fire() == 0


def test_each_night_over_the_turn_of_a_year_has_its_run(bench):
    schedule(bench, "a.kind", every=86400, at_local="03:00")
    policy(bench, "each")
    bench.sql("update schedule set next_at = :at", at=datetime(2025, 12, 30, tzinfo=UTC))
    fired = bench.queue.fire()
    times = [row[0] for row in bench.sql("select fire_time from schedule_fire order by fire_time")]
    assert len(times) == fired == AT_A_TURN
    assert [f"{at.astimezone(ISTANBUL):%d.%m.%Y %H:%M}" for at in times[:4]] == [
        "30.12.2025 03:00",
        "31.12.2025 03:00",
        "01.01.2026 03:00",
        "02.01.2026 03:00",
    ]


def test_a_scheduler_that_dies_on_the_way_loses_no_time(bench):
    schedule(bench, "a.kind")
    with pytest.raises(ZeroDivisionError), bench.store.engine() as db:
        assert fire(db) == 1
        raise ZeroDivisionError
    assert bench.rows() == []
    assert bench.queue.fire() == 1
    assert len(bench.rows()) == 1


def test_a_fire_waits_in_the_lane_of_its_kind(bench):
    schedule(bench, "stock.push", "orders.verify", "orders.pull")
    bench.queue.fire()
    lanes = dict(bench.sql("select kind, lane from job"))
    assert lanes == {
        "stock.push": Lane.STOCK.rank,
        "orders.verify": Lane.BACKFILL.rank,
        "orders.pull": Lane.ORDERS.rank,
    }


# What people change


def change(bench, **more):
    with bench.store.tenant(bench.tenant) as uow:
        (row,) = uow.jobs.schedules()
        uow.jobs.change_schedule(replace(row, custom=True, **more))


def test_a_changed_schedule_fires_by_its_new_times(bench):
    schedule(bench, "a.kind")
    bench.queue.fire()
    change(bench, every_seconds=60)
    assert 50 < (next_at(bench) - datetime.now(UTC)).total_seconds() <= 60
    change(bench, every_seconds=86400, at_local="03:00")
    assert next_at(bench).astimezone(ISTANBUL).time() == time(3)


def test_what_a_person_changed_stays_when_the_connection_is_checked_again(bench):
    schedule(bench, "a.kind")
    change(bench, every_seconds=60, enabled=False)
    schedule(bench, "a.kind", every=900)
    with bench.store.tenant(bench.tenant) as uow:
        (row,) = uow.jobs.schedules()
    assert (row.every_seconds, row.enabled, row.custom) == (60, False, True)


def test_the_list_says_when_it_fired_last(bench):
    schedule(bench, "a.kind")
    before = next_at(bench)
    bench.queue.fire()
    with bench.store.tenant(bench.tenant) as uow:
        (row,) = uow.jobs.schedules()
    assert row.last_at == before


# The usual times


def manifest(**streams):
    return Manifest("shop", PluginKind.SHOP, Text(tr="d", en="s"), "1", BaseModel, streams={**streams})


def times(*hooks, **streams):
    return {kind: at or every for kind, _, every, at in usual(manifest(**streams), hooks, uuid.uuid4())}


def test_the_usual_times():
    found = times(
        *("fetch_orders", "fetch_returns", "fetch_stock", "push_stock", "fetch_products", "fetch_inbox"),
        *("submit_invoice", "fetch_refs"),
    )
    assert found == {
        "orders.pull": 900,
        "returns.pull": 3600,
        "stock.pull": 3600,
        "stock.push": 3600,
        "catalogue.pull": "03:00",
        "inbox.pull": 1800,
        "channel.follow": 300,
        "orders.verify": "04:00",
        "documents.verify": "04:30",
        "stock.verify": "05:00",
    }


def test_a_plugin_that_cannot_has_no_schedule():
    assert times("fetch_order", "check_connection") == {}


def test_the_connector_says_how_often_it_may_be_asked():
    found = times(
        "fetch_orders",
        "fetch_stock",
        "fetch_products",
        fetch_orders=Stream(100, poll_every=timedelta(minutes=2)),
        fetch_stock=Stream(100, poll_every=timedelta(hours=4)),
        fetch_products=Stream(100, poll_every=timedelta(days=1)),
    )
    assert found == {"orders.pull": 120, "stock.pull": 3600, "catalogue.pull": "03:00"}


def test_products_can_be_read_more_often():
    assert times("fetch_products", fetch_products=Stream(9, poll_every=timedelta(hours=6))) == {
        "catalogue.pull": 21600
    }
