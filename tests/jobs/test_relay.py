"""The relay: bells for what is due, fairly, no more than are heard; losing every one of them costs seconds."""

import random
import threading
import time
from contextlib import suppress

import dramatiq
import pytest
import redis
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kopru.flows.records import Lane, NewJob
from kopru.jobs import relay as relay_module
from kopru.jobs.broker import QUEUE, Doorbell, make_broker, waiting_bells
from kopru.jobs.handlers import Handler
from kopru.jobs.relay import Relay, Scheduler
from kopru.jobs.worker import JobWorker
from kopru.storage.dispatch import PATIENCE, RING_AGAIN
from kopru.storage.queue import LEASE_SECONDS

KIND = "some.kind"


@pytest.fixture
def broker(redis_url):
    broker = make_broker(redis_url)
    yield broker
    broker.close()


@pytest.fixture
def relay(bench, broker, redis_url):
    return Relay(bench.queue, broker, Doorbell(redis_url), ahead=64)


@pytest.fixture
def bells(broker):
    """Take the bells that were rung, in order."""

    def take():
        found = []
        while popped := broker.client.lpop(f"dramatiq:{QUEUE}"):
            stored = broker.client.hget(f"dramatiq:{QUEUE}.msgs", popped)
            broker.client.hdel(f"dramatiq:{QUEUE}.msgs", popped)
            found.append(dramatiq.Message.decode(stored).args[0])
        return found

    return take


class Running:
    """A relay or scheduler in a thread."""

    def __init__(self, role):
        self.role, self.stopping = role, threading.Event()
        self.thread = threading.Thread(target=role.run, args=(self.stopping,))

    def __enter__(self):
        self.thread.start()
        return self.role

    def __exit__(self, *error):
        self.stopping.set()
        self.thread.join(30)
        assert not self.thread.is_alive()


# What is rung for


def test_a_due_job_is_rung_for_once(bench, relay, bells):
    (job_id,) = bench.add("key")
    assert relay.turn() == 1
    assert relay.turn() == 0
    assert bells() == [job_id]
    bench.pass_time(RING_AGAIN + 1)
    relay.turn()
    assert bells() == [job_id], "nobody answered"


def test_only_what_can_run_is_rung_for(bench, relay, bells):
    _, running, parked, _, first, _ = bench.add(
        NewJob(KIND, {}, "later", delay=60),
        NewJob(KIND, {}, "running", serial_key="slot"),
        "parked",
        NewJob(KIND, {}, "waiting", serial_key="slot"),
        NewJob(KIND, {}, "first", serial_key="other slot"),
        NewJob(KIND, {}, "second", serial_key="other slot"),
    )
    bench.claim(running)
    bench.queue.set_aside(bench.claim(parked), "parked", {"code": "x"})
    relay.turn()
    assert bells() == [first]


def test_a_tenant_with_many_jobs_does_not_make_another_wait(bench, relay, bells):
    other = bench.another_tenant()
    bench.add(*(f"key {number}" for number in range(500)))
    (single,) = other.add("key")
    relay.turn()
    rung = bells()
    assert single in rung[:2]
    assert len(rung) == 16, "more only once the workers are known to be fast"


def test_tenants_take_turns(bench):
    tenants = [bench, bench.another_tenant(), bench.another_tenant()]
    for tenant, amount in zip(tenants, (50, 3, 10), strict=True):
        tenant.add(*(f"key {number}" for number in range(amount)))
    owner = {row.id: index for index, tenant in enumerate(tenants) for row in tenant.rows()}
    turns = [owner[each] for each in bench.queue.due(16)]
    assert all(set(turns[start : start + 3]) == {0, 1, 2} for start in (0, 3, 6))
    assert sorted(turns[9:]) == [0, 0, 0, 0, 2, 2, 2]


def test_better_lanes_first_and_within_a_lane_the_oldest(bench):
    order = [Lane.BACKFILL, Lane.STOCK, Lane.ORDERS, Lane.FISCAL, Lane.INTERACTIVE]
    ids = bench.add(*(NewJob(KIND, {}, lane.value, lane) for lane in order))
    (older,) = bench.add(NewJob(KIND, {}, "older", Lane.ORDERS))
    bench.pass_time(5, older)
    stock, orders, fiscal, interactive = ids[1:]
    assert bench.queue.due(10) == [interactive, fiscal, older, orders, stock, ids[0]]


def test_no_lane_starves(bench):
    """Work that has waited long enough goes before younger work of any lane."""
    (old,) = bench.add(NewJob(KIND, {}, "old", Lane.BACKFILL))
    bench.pass_time(PATIENCE * len(Lane), old)
    bench.add(*(NewJob(KIND, {}, f"new {number}", Lane.INTERACTIVE) for number in range(20)))
    assert bench.queue.due(1) == [old]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_everything_due_is_rung_for_in_the_end(bench, data):
    """Whatever the slots, lanes and tenants: turn by turn each job gets its bell, and none gets two."""
    bench.sql("truncate job")
    tenants = [bench, bench.another_tenant()]
    jobs = data.draw(
        st.lists(
            st.tuples(st.integers(0, 1), st.sampled_from(list(Lane)), st.integers(0, 3)),
            min_size=1,
            max_size=12,
        )
    )
    ids = []
    for number, (tenant, lane, slot) in enumerate(jobs):
        serial_key = f"slot {slot}" if slot else None
        ids += tenants[tenant].add(NewJob(KIND, {}, f"key {number}", lane, serial_key))
    limit = data.draw(st.integers(1, 5))
    rung = []
    while turn := bench.queue.due(limit):
        assert len(turn) <= limit
        rung += turn
    assert sorted(rung) == sorted(ids)


def test_several_relays_ring_once(bench):
    ids = bench.add(*(f"key {number}" for number in range(60)))
    rung, guard = [], threading.Lock()

    def turn():
        while found := bench.queue.due(7):
            with guard:
                rung.extend(found)

    threads = [threading.Thread(target=turn) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    while found := bench.queue.due(7):
        rung.extend(found)
    assert sorted(rung) == sorted(ids)


def test_a_row_that_is_held_does_not_stop_the_relay(bench):
    held, free = bench.add("held", "free")
    with bench.store.tenant(bench.tenant) as uow:
        uow.jobs.add(NewJob(KIND, {}, "held"))
        uow.jobs.flush()
        rung = []
        thread = threading.Thread(target=lambda: rung.extend(bench.queue.due(10)))
        thread.start()
        thread.join(10)
        assert rung == [free]
    assert bench.queue.due(10) == [held]


def test_bells_nobody_hears_do_not_pile_up(bench, broker, redis_url):
    """A weekend without workers must not fill Redis."""
    relay = Relay(bench.queue, broker, Doorbell(redis_url), ahead=8)
    bench.add(*(f"key {number}" for number in range(50)))
    for _ in range(12):
        relay.turn()
        bench.pass_time(RING_AGAIN + 1)
    assert waiting_bells(broker) <= 8


# Faults


@pytest.fixture
def runs():
    return []


@pytest.fixture
def new_crew(bench, env):
    """Make a relay and a worker with four threads at work, on a Redis of one's choice."""
    workers = []

    def make(url, runs, seconds=0.0):
        def handler(work):
            time.sleep(seconds)
            runs.append(work.job_id)

        broker = make_broker(url)
        workers.append(JobWorker(env, bench.queue, broker, 4, {KIND: Handler(handler)}))
        return workers[-1], Relay(bench.queue, broker, Doorbell(url), ahead=64)

    yield make
    for worker in workers:
        worker.stop()


def test_every_bell_lost_is_made_good_within_seconds(bench, redis_url, new_crew, runs, eventually):
    """FLUSHALL with bells on their way: the rows are rung for again, each job runs once."""
    worker, relay = new_crew(redis_url, runs)
    ids = bench.add(*(f"key {number}" for number in range(12)))
    assert relay.turn() == 12
    with redis.from_url(redis_url) as client:
        client.flushdb()
    lost = time.monotonic()
    worker.start()
    with Running(relay):
        eventually(lambda: len(runs) == 12, seconds=30)
    took = time.monotonic() - lost
    assert sorted(runs) == sorted(ids)
    assert took < RING_AGAIN, "no bell waits, so that the lost ones are missed soon"


def test_redis_goes_and_comes_back(bench, own_redis, new_crew, runs, eventually):
    """Work goes on being added while it is away, and all of it runs once it is back."""
    worker, relay = new_crew(own_redis.url, runs)
    worker.start()
    with Running(relay):
        bench.add("before")
        eventually(lambda: len(runs) == 1)
        own_redis.kill()
        bench.add("while it is away", "and another")
        time.sleep(1.5)
        assert len(runs) == 1
        own_redis.start()
        bench.pass_time(RING_AGAIN + 1)
        eventually(lambda: len(runs) == 3, seconds=30)
    assert {row.state for row in bench.rows()} == {"done"}


def test_the_database_drops_every_connection(bench, redis_url, new_crew, runs, eventually):
    def all_done():
        with suppress(sa.exc.OperationalError):
            return {row.state for row in bench.rows()} == {"done"}

    worker, relay = new_crew(redis_url, runs, seconds=0.02)
    ids = bench.add(*(f"key {each}" for each in range(45)))
    worker.start()
    with Running(relay), Running(Scheduler(bench.queue, bench.store)):
        for _ in range(3):
            time.sleep(0.2)
            bench.drop_connections()
        eventually(all_done, seconds=40)
    assert {*runs} == {*ids}
    assert {row.deaths for row in bench.rows()} == {0}


def test_living_workers_renew_first_after_an_outage(bench, relay, monkeypatch):
    """Leases ran out while nobody could renew them; their owners get a moment before they lose their jobs."""
    now = [1000.0]
    monkeypatch.setattr(relay_module.time, "monotonic", lambda: now[0])
    (job_id,) = bench.add("key")
    bench.claim(job_id)
    bench.pass_time(LEASE_SECONDS * 3)
    stopping = threading.Event()

    def away():
        stopping.set()
        raise relay_module.DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr(relay, "turn", away)
        relay.run(stopping)
    relay.turn()
    assert bench.state(job_id) == "running"
    now[0] += relay_module.GRACE + 0.1
    relay.turn()
    assert bench.state(job_id) == "queued"


def test_duplicate_and_shuffled_bells_change_nothing(bench, broker, redis_url, new_crew, runs, eventually):
    from kopru.jobs.broker import message

    worker, relay = new_crew(redis_url, runs)
    ids = bench.add(*(f"key {number}" for number in range(10)))
    for job_id in random.Random(3).sample(ids * 10, 100):
        broker.enqueue(message(job_id))
    worker.start()
    with Running(relay):
        eventually(lambda: len(runs) >= 10 and not waiting_bells(broker))
        time.sleep(0.3)
    assert sorted(runs) == sorted(ids)


def test_the_scheduler_fires_and_seals(bench, eventually):
    scheduler = Scheduler(bench.queue, bench.store)
    with bench.store.tenant(bench.tenant) as uow:
        uow.jobs.set_schedules(None, [("a.kind", {}, 900, None)])
        uow.events.add("test", "order", "P1", "step")
    assert scheduler.turn() == 1
    assert [row.kind for row in bench.rows()] == ["a.kind"]

    def sealed():
        assert scheduler.turn() == 0
        seals = "select count(*) from event_seal where tenant_id = :id"
        return bench.sql(seals, id=bench.tenant) == [(1,)]

    eventually(sealed)


def test_the_scheduler_tidies_at_its_start(bench):
    (job_id,) = bench.add("key")
    bench.queue.finish(bench.claim(job_id), bench.worker)
    bench.pass_time(4 * 86400)
    Scheduler(bench.queue, bench.store).turn()
    assert bench.rows() == []
