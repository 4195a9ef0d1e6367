"""Schedules: each fire once, missed ones merged into one, the day counted in Istanbul."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.storage.queue import QUARANTINED, next_fire

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
