"""Adding work: single while it waits, never lost, never claimed before the transaction it belongs to ends."""

import random
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from kopru.flows.records import Lane, NewJob
from kopru.storage.queue import QUARANTINED
from kopru.storage.repos.work import CLAIM_MARGIN
from kopru.storage.store import Store

ERROR = QUARANTINED.to_json()


def job(key="key", **values):
    return NewJob("some.kind", {}, key, **values)


def due_in(bench, job_id):
    return float(bench.column(job_id, "extract(epoch from run_at - clock_timestamp())"))


def test_a_new_job_is_as_it_was_asked_for(bench):
    connection = uuid.uuid4()
    (job_id,) = bench.add(
        NewJob("k", {"a": [1]}, "key", Lane.STOCK, "slot", connection, "trendyol", delay=30)
    )
    row = bench.row(job_id)
    assert (row.kind, row.args, row.key, row.state) == ("k", {"a": [1]}, "key", "queued")
    assert (row.connection_id, row.plugin) == (connection, "trendyol")
    assert (bench.column(job_id, "lane"), bench.column(job_id, "serial_key")) == (3, "slot")
    assert 25 < due_in(bench, job_id) <= 30


def test_a_waiting_job_is_single(bench):
    (first,) = bench.add("key")
    assert bench.add("key") == [first]
    assert len(bench.rows()) == 1


def test_added_twice_in_one_transaction_is_once_and_the_sooner(bench):
    for order in ([job(delay=60), job()], [job(), job(delay=60)]):
        bench.sql("truncate job")
        (job_id, _) = bench.add(*order)
        assert due_in(bench, job_id) <= 0


def test_adding_again_never_puts_off_and_raises_the_lane(bench):
    (job_id,) = bench.add(job(lane=Lane.STOCK, delay=30))
    bench.add(job(lane=Lane.BACKFILL, delay=60))
    assert 25 < due_in(bench, job_id) <= 30
    assert bench.column(job_id, "lane") == Lane.STOCK.rank
    bench.add(job(lane=Lane.INTERACTIVE))
    assert due_in(bench, job_id) <= 0
    assert bench.column(job_id, "lane") == Lane.INTERACTIVE.rank


def test_adding_again_rings_again(bench):
    (job_id,) = bench.add("key")
    assert bench.queue.due(10) == [job_id]
    assert bench.queue.due(10) == []
    bench.add("key")
    assert bench.queue.due(10) == [job_id]


def test_while_it_runs_one_more_may_wait(bench):
    (first,) = bench.add("key")
    claim = bench.claim(first)
    bench.add("key")
    bench.add("key")
    states = sorted(row.state for row in bench.rows())
    assert states == ["queued", "running"]
    follower = bench.queue.finish(claim, bench.worker)
    assert follower is not None
    assert follower.id != first


def test_a_parked_job_is_woken(bench):
    (job_id,) = bench.add("key")
    bench.queue.set_aside(bench.claim(job_id), "parked", ERROR)
    bench.add("key")
    assert [row.state for row in bench.rows()] == ["queued"]


def test_nothing_is_added_by_a_transaction_that_fails(bench, engine, master_key):
    woken = []
    from kopru.storage.secrets import KeyRing

    store = Store(engine, KeyRing(master_key), lambda: woken.append(1))
    with pytest.raises(ZeroDivisionError), store.tenant(bench.tenant) as uow:
        uow.jobs.add(job())
        uow.jobs.flush()
        assert 1 / 0
    assert bench.rows() == []
    assert woken == []
    with store.tenant(bench.tenant) as uow:
        uow.jobs.recent()
    assert woken == [], "nothing was added"
    with store.tenant(bench.tenant) as uow:
        uow.jobs.add(job())
        assert woken == [], "not before the commit"
    assert woken == [1]


def test_what_was_added_is_seen_in_the_same_transaction(bench):
    with bench.store.tenant(bench.tenant) as uow:
        uow.jobs.add(job())
        (row,) = uow.jobs.recent()
        assert uow.jobs.get(row.id) == row
        assert uow.jobs.counts() == {"queued": 1}


# Lost wake-ups


def test_many_transactions_ask_for_one_delayed_job_without_waiting_for_each_other(bench):
    (job_id,) = bench.add(job(delay=2))
    with bench.store.tenant(bench.tenant) as slow:
        slow.jobs.add(job(delay=2))
        slow.jobs.flush()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(bench.add, job(delay=2)).result(10)
    assert [row.id for row in bench.rows()] == [job_id]


def test_a_job_is_not_claimed_before_a_transaction_that_relies_on_it_ends(bench):
    """It was left alone because it was to run soon enough; now it is due, and the transaction still runs."""
    (job_id,) = bench.add(job(delay=CLAIM_MARGIN + 0.2))
    with bench.store.tenant(bench.tenant) as slow:
        slow.jobs.add(job(delay=2))
        slow.jobs.flush()
        time.sleep(CLAIM_MARGIN + 0.4)
        assert bench.queue.due(10) == [job_id]
        assert bench.queue.claim(job_id, bench.worker) is None
        assert bench.queue.due(10) == [job_id], "it is rung for again at once"
        assert bench.queue.claim(job_id, bench.worker) is None
    assert bench.queue.due(10) == [job_id]
    assert bench.queue.claim(job_id, bench.worker) is not None
    assert len(bench.rows()) == 1


def test_no_change_is_overlooked(bench):
    """Writers change a number and ask for one job; its last run has seen the last change."""
    bench.sql("create table if not exists seen_by_test (tenant uuid primary key, changed int, seen int)")
    bench.sql("insert into seen_by_test values (:tenant, 0, 0)", tenant=bench.tenant)
    bench.sql("grant all on seen_by_test to kopru_tenant")
    change = sa.text("update seen_by_test set changed = changed + 1 where tenant = :tenant")
    look = "update seen_by_test set seen = changed where tenant = :tenant"
    stop = threading.Event()

    def write(seed):
        dice = random.Random(seed)
        for _ in range(6):
            with bench.store.tenant(bench.tenant) as uow:
                uow.jobs.add(job(delay=CLAIM_MARGIN + 0.1))
                uow.jobs.flush()
                time.sleep(dice.random() * 0.5)
                uow.db.execute(change, {"tenant": bench.tenant})

    def run():
        while not stop.is_set():
            for job_id in bench.queue.due(10):
                claim = bench.queue.claim(job_id, bench.worker)
                while claim is not None:
                    bench.sql(look, tenant=bench.tenant)
                    claim = bench.queue.finish(claim, bench.worker)
            time.sleep(0.01)

    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(3)]
    runner = threading.Thread(target=run)
    for thread in (*threads, runner):
        thread.start()
    for thread in threads:
        thread.join(60)
    until = time.monotonic() + 10
    while {row.state for row in bench.rows()} != {"done"} and time.monotonic() < until:
        time.sleep(0.02)
    stop.set()
    runner.join(60)
    assert bench.sql(
        "select changed, seen from seen_by_test where tenant = :tenant", tenant=bench.tenant
    ) == [(18, 18)]
    bench.sql("drop table seen_by_test")


def test_transactions_that_ask_for_the_same_jobs_in_any_order_do_not_block_each_other_for_ever(bench):
    keys = [f"key {number}" for number in range(8)]
    bench.add(*keys)

    def ask(seed):
        dice = random.Random(seed)
        for _ in range(20):
            with bench.store.tenant(bench.tenant) as uow:
                for key in dice.sample(keys, 4):
                    uow.jobs.add(job(key))

    with ThreadPoolExecutor(6) as pool:
        for each in [pool.submit(ask, seed) for seed in range(6)]:
            each.result(60)
    assert sorted(row.key for row in bench.rows()) == keys


# Asking for what is there


def test_jobs_are_listed_newest_first_and_counted(bench):
    first, second, third = bench.add("a", "b", "c")
    bench.queue.set_aside(bench.claim(second), "dead", ERROR)
    with bench.store.tenant(bench.tenant) as uow:
        assert [row.id for row in uow.jobs.recent(limit=2)] == [third, second]
        assert [row.id for row in uow.jobs.recent(state="dead")] == [second]
        assert uow.jobs.counts() == {"queued": 2, "dead": 1}
        assert uow.jobs.get(first).key == "a"
        assert uow.jobs.get(10**9) is None


def test_what_runs_or_is_done_or_would_be_double_is_not_tried_again(bench):
    running, done, dead = bench.add("running", "done", "dead")
    bench.claim(running)
    bench.queue.finish(bench.claim(done), bench.worker)
    bench.queue.set_aside(bench.claim(dead), "dead", ERROR)
    bench.add("dead")
    with bench.store.tenant(bench.tenant) as uow:
        assert [uow.jobs.retry(each) for each in (running, done, dead, 10**9)] == [False] * 4


def test_parked_jobs_go_on_together(bench):
    ids = bench.add("a", "b", "c")
    for job_id in ids[:2]:
        bench.queue.set_aside(bench.claim(job_id), "parked", ERROR)
    with bench.store.tenant(bench.tenant) as uow:
        assert uow.jobs.unpark() == 2
        assert uow.jobs.unpark() == 0
    assert sorted(bench.queue.due(10)) == sorted(ids)
