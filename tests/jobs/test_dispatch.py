"""Whose turn it is: shares of tenants, lanes, backfill, and how many jobs a connection may have at once."""

import random
from collections import Counter
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.flows.records import Lane, NewJob
from kopru.jobs.relay import LEAST, WINDOW, Pace
from kopru.storage.dispatch import AT_ONCE, KEPT_FREE, PATIENCE

KIND = "some.kind"


def backlog(bench, amount, lane=Lane.ORDERS, connection=None, name="key"):
    return bench.add(
        *(NewJob(KIND, {}, f"{name} {n}", lane, connection_id=connection) for n in range(amount))
    )


@pytest.fixture
def owner_of(bench):
    """Return whose job each id is."""

    def find(ids):
        rows = bench.sql("select id, tenant_id from job where id = any(:ids)", ids=list(ids))
        owners = dict(rows)
        return [owners[each] for each in ids]

    return find


def crew(bench, threads):
    bench.queue.enlist(uuid4(), "here", 1, "worker", threads)


class Workshop:
    """Threads that run what was rung for; every job takes as long as its tenant's jobs take."""

    def __init__(self, bench, threads):
        self.bench, self.threads = bench, threads
        self.running, self.flying, self.done = [], [], Counter()

    def turn(self, owner_of, ends):
        room = self.threads - len(self.running)
        rung = self.bench.queue.due(max(room, 1), flying=self.flying)
        self.flying = [*self.flying, *rung][-64:]
        for job_id, owner in zip(rung, owner_of(rung), strict=True):
            claim = self.bench.queue.claim(job_id, self.bench.worker)
            self.running.append((owner, claim))
        going = []
        for owner, claim in self.running:
            if ends(owner):
                self.bench.queue.finish(claim, self.bench.worker, follow=False)
                self.done[owner] += 1
            else:
                going.append((owner, claim))
        self.running = going


# Tenants


def test_tenants_share_by_weight(bench, owner_of):
    heavy, light = bench, bench.another_tenant()
    bench.queue.weigh(heavy.tenant, 3)
    backlog(heavy, 120)
    backlog(light, 120)
    shares = Counter(owner_of(bench.queue.due(40)))
    assert shares == {heavy.tenant: 30, light.tenant: 10}


def test_the_share_holds_over_many_small_turns(bench, owner_of):
    """Whatever is free at a time: what a tenant holds already counts."""
    heavy, light = bench, bench.another_tenant()
    bench.queue.weigh(heavy.tenant, 2)
    backlog(heavy, 200)
    backlog(light, 200)
    rung = []
    for _ in range(30):
        rung += bench.queue.due(1, flying=rung)
    shares = Counter(owner_of(rung))
    assert shares == {heavy.tenant: 20, light.tenant: 10}


def test_long_work_costs_its_tenant_turns(bench, owner_of):
    slow, quick = bench, bench.another_tenant()
    backlog(slow, 150)
    backlog(quick, 150)
    shop, chance = Workshop(bench, 8), random.Random(5)
    for _ in range(25):
        shop.turn(owner_of, lambda owner: owner == quick.tenant or chance.random() < 0.1)
    held = Counter(owner for owner, _ in shop.running)
    assert held[slow.tenant] <= 6
    assert shop.done[quick.tenant] > 2 * shop.done[slow.tenant]


def test_a_backlog_of_others_does_not_make_a_newcomer_wait(bench, owner_of):
    noisy, quiet = bench, bench.another_tenant()
    backlog(noisy, 300)
    rung = bench.queue.due(16)
    (single,) = quiet.add("key")
    assert bench.queue.due(1, flying=rung) == [single]


def test_some_threads_are_kept_free_of_the_busiest(bench):
    crew(bench, 16)
    other = bench.another_tenant()
    backlog(bench, 100)
    rung = bench.queue.due(64)
    assert len(rung) == 16 - 16 // KEPT_FREE
    assert bench.queue.due(64, flying=rung) == []
    assert len(bench.queue.due(64, flying=rung, ahead=10)) == 10, "fast workers may have bells ahead"
    (single,) = other.add("key")
    assert bench.queue.due(64, flying=rung) == [single]


def test_a_single_tenant_has_all_threads(bench):
    bench.sql("delete from schedule")
    alone = bench.sql("select count(*) from tenant")[0][0] == 1
    crew(bench, 16)
    backlog(bench, 30)
    assert len(bench.queue.due(20)) == (20 if alone else 14)


def test_a_few_threads_are_not_divided(bench):
    crew(bench, 2)
    backlog(bench, 10)
    assert len(bench.queue.due(5)) == 5


# Lanes


def test_backfill_takes_what_is_left(bench):
    fill = backlog(bench, 10, Lane.BACKFILL, name="fill")
    work = backlog(bench, 6, Lane.ORDERS, name="work")
    rung = bench.queue.due(8)
    assert set(work) < set(rung)
    assert len(set(rung) & set(fill)) == 2


def test_one_backfill_job_has_its_turn_however_much_else_there_is(bench):
    fill = backlog(bench, 5, Lane.BACKFILL, name="fill")
    bench.pass_time(PATIENCE * len(Lane))
    backlog(bench, 50, Lane.INTERACTIVE, name="work")
    first = bench.queue.due(4)
    assert len(set(first) & set(fill)) == 1
    assert set(bench.queue.due(4, flying=first)).isdisjoint(fill)


def test_backfill_never_has_more_than_half_of_the_threads(bench):
    crew(bench, 8)
    backlog(bench, 20, Lane.BACKFILL, name="fill")
    rung = bench.queue.due(8)
    assert len(rung) == 4
    assert bench.queue.due(8, flying=rung) == []


# Connections


@pytest.fixture
def connection(bench):
    from datetime import UTC, datetime

    from kopru.flows.records import ConnectionRow, ConnectionState

    row = ConnectionRow(
        uuid4(), "shop", "shop", ConnectionState.ACTIVE, {}, 1, datetime(2026, 3, 2, tzinfo=UTC), "s"
    )
    with bench.store.tenant(bench.tenant) as uow:
        uow.connections.save(row)
    return row.id


@pytest.mark.parametrize("limit", [None, 1, 3])
def test_a_connection_has_so_many_jobs_at_once(bench, connection, limit):
    if limit is not None:
        with bench.store.tenant(bench.tenant) as uow:
            uow.gates.limit(connection, limit)
    most = limit or AT_ONCE
    backlog(bench, 20, connection=connection)
    (free,) = bench.add("of no connection")
    rung = bench.queue.due(40)
    assert len(rung) == most + 1
    assert free in rung
    running = [bench.claim(each) for each in rung if each != free]
    assert bench.queue.due(40, flying=rung) == []
    bench.queue.finish(running[0], bench.worker, follow=False)
    assert len(bench.queue.due(40, flying=rung)) == 1


def test_taking_a_limit_back(bench, connection):
    for limit in (1, None):
        with bench.store.tenant(bench.tenant) as uow:
            uow.gates.limit(connection, limit)
    backlog(bench, 20, connection=connection)
    assert len(bench.queue.due(40)) == AT_ONCE


def test_jobs_behind_a_full_connection_are_found(bench, connection):
    """However many of its jobs wait before them."""
    backlog(bench, 60, connection=connection)
    rung = bench.queue.due(AT_ONCE)
    (behind,) = bench.add("behind")
    assert bench.queue.due(4, flying=rung) == [behind]


# How many bells are on their way


def test_workers_that_are_always_waiting_get_more_bells():
    pace, now = Pace(64), 0.0
    for _ in range(5):
        pace.look(0, now)
        pace.note(pace.target, pace.target)
        now += 0.02
    assert pace.target == 64
    assert pace.ahead == 64


def test_an_idle_installation_does_not_ring_far_ahead():
    pace = Pace(64)
    for turn in range(100):
        pace.look(0, float(turn))
        pace.note(0, pace.target)
    assert pace.target == 16
    assert pace.ahead == 0


def test_slow_workers_get_few_bells():
    """Each bell rung early is one that better work must wait for."""
    pace, waiting, now = Pace(64), 0, 0.0
    for turn in range(50):
        pace.look(waiting, now)
        room = pace.target - waiting
        if room > pace.target // 2:
            pace.note(room, room)
            waiting += room
        waiting = max(0, waiting - 1) if turn % 10 == 0 else waiting
        now += 0.1
    assert pace.target == LEAST
    assert pace.ahead == 0


@given(st.lists(st.tuples(st.integers(0, 200), st.floats(0.001, WINDOW * 4)), max_size=60))
def test_the_target_stays_within_its_bounds(looks):
    pace, now = Pace(64), 0.0
    for waiting, pause in looks:
        now += pause
        pace.look(waiting, now)
        pace.note(max(0, pace.target - waiting), max(0, pace.target - waiting))
        assert LEAST <= pace.target <= 64
