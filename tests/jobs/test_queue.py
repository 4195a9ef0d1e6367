"""The job table: one owner per job, one running job per serial slot, nothing lost when a worker dies."""

import random
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from kopru.flows.env import Lease, Work
from kopru.flows.records import Lane, NewJob
from kopru.hooks.errors import Actor
from kopru.storage.queue import BURY, DEATHS, LEASE_SECONDS, QUARANTINED
from kopru.transport.errors import LeaseLost

ERROR = QUARANTINED.to_json() | {"code": "some.error"}


def serial(key, slot, **values):
    return NewJob("some.kind", {}, key, serial_key=slot, **values)


# Claims


def test_each_job_has_one_owner(bench):
    ids = bench.add(*(f"key {number}" for number in range(60)))

    def take(seed):
        mine, worker = [], uuid.uuid4()
        for job_id in random.Random(seed).sample(ids, len(ids)):
            if claim := bench.queue.claim(job_id, worker):
                mine.append(claim.id)
        return mine

    with ThreadPoolExecutor(8) as pool:
        taken = [
            job_id for each in [pool.submit(take, seed) for seed in range(8)] for job_id in each.result(30)
        ]
    assert sorted(taken) == sorted(ids)
    assert {row.attempt_no for row in bench.rows()} == {1}


def test_a_claim_says_all_a_worker_needs(bench):
    (job_id,) = bench.add(NewJob("order.advance", {"order": "1"}, "key", serial_key="slot"))
    claim = bench.claim(job_id)
    assert (claim.id, claim.tenant_id, claim.kind, claim.args) == (
        job_id,
        bench.tenant,
        "order.advance",
        {"order": "1"},
    )
    assert (claim.attempt_no, claim.tries, claim.serial_key) == (1, 0, "slot")
    row = bench.row(job_id)
    assert (row.state, row.deaths) == ("running", 1)
    left = bench.column(job_id, "extract(epoch from lease_until - clock_timestamp())")
    assert LEASE_SECONDS - 5 < left <= LEASE_SECONDS


def test_what_is_not_due_or_not_there_is_not_claimed(bench):
    later, running, done, parked = bench.add(NewJob("k", {}, "later", delay=60), "running", "done", "parked")
    bench.claim(running)
    bench.queue.finish(bench.claim(done), bench.worker)
    bench.queue.set_aside(bench.claim(parked), "parked", ERROR)
    for job_id in (later, running, done, parked, 10**9):
        assert bench.queue.claim(job_id, bench.worker) is None


def test_one_job_of_a_slot_runs_at_a_time(bench):
    """Eight threads work through three slots; finishing takes the slot's next job."""
    ids = bench.add(*(serial(f"key {n}", f"slot {n % 3}") for n in range(36)))
    at_work, clashes, done = {}, [], []
    guard = threading.Lock()

    def work(seed):
        worker, dice, until = uuid.uuid4(), random.Random(seed), time.monotonic() + 30
        while len(done) < len(ids) and time.monotonic() < until:
            claim = bench.queue.claim(dice.choice(ids), worker)
            while claim is not None:
                with guard:
                    if claim.serial_key in at_work:
                        clashes.append((claim, at_work[claim.serial_key]))
                    at_work[claim.serial_key] = claim
                time.sleep(0.002)
                with guard:
                    del at_work[claim.serial_key]
                    done.append(claim.id)
                claim = bench.queue.finish(claim, worker)
                if claim is not None and dice.random() < 0.3:
                    bench.queue.put_off(claim, 0, error=None, counted=False)
                    claim = None

    with ThreadPoolExecutor(8) as pool:
        for each in [pool.submit(work, seed) for seed in range(8)]:
            each.result(60)
    assert clashes == []
    assert sorted(done) == sorted(ids)


def test_finishing_takes_the_next_of_the_slot(bench):
    first, late, urgent, other, future = bench.add(
        serial("first", "slot"),
        serial("late", "slot", lane=Lane.BACKFILL),
        serial("urgent", "slot", lane=Lane.FISCAL),
        serial("other", "another slot", lane=Lane.INTERACTIVE),
        serial("future", "slot", lane=Lane.INTERACTIVE, delay=60),
    )
    stranger = bench.another_tenant()
    stranger.add(serial("stranger", "slot", lane=Lane.INTERACTIVE))
    claim = bench.claim(first)
    followers = []
    while claim := bench.queue.finish(claim, bench.worker):
        followers.append(claim.id)
    assert followers == [urgent, late]
    assert [bench.state(each) for each in (first, urgent, late)] == ["done"] * 3
    assert [bench.state(each) for each in (other, future)] == ["queued"] * 2


def test_an_old_attempt_finishes_nothing(bench):
    (job_id,) = bench.add("key")
    old = bench.claim(job_id)
    bench.pass_time(LEASE_SECONDS + 1)
    assert bench.queue.recover() == 1
    new = bench.claim(job_id)
    assert new.attempt_no == old.attempt_no + 1
    assert bench.queue.finish(old, bench.worker) is None
    bench.queue.put_off(old, 99, error=ERROR, counted=True)
    bench.queue.set_aside(old, "dead", ERROR)
    row = bench.row(job_id)
    assert (row.state, row.attempt_no, row.tries, row.error) == ("running", new.attempt_no, 0, None)


# Handing back


def test_a_job_put_off_waits_with_its_error(bench):
    (job_id,) = bench.add("key")
    bench.queue.put_off(bench.claim(job_id), 60, error=ERROR, counted=True)
    row = bench.row(job_id)
    assert (row.state, row.tries, row.deaths, row.error.code) == ("queued", 1, 0, "some.error")
    assert bench.queue.claim(job_id, bench.worker) is None
    bench.pass_time(61)
    claim = bench.claim(job_id)
    assert (claim.tries, claim.attempt_no) == (1, 2)
    bench.queue.put_off(claim, 0, error=None, counted=False)
    assert bench.row(job_id).tries == 1
    bench.queue.finish(bench.claim(job_id), bench.worker)
    row = bench.row(job_id)
    assert (row.state, row.tries, row.deaths, row.error) == ("done", 0, 0, None)
    assert row.finished_at is not None


@pytest.mark.parametrize("state", ["parked", "dead"])
def test_a_job_set_aside_waits_for_somebody(bench, state):
    (job_id,) = bench.add("key")
    bench.queue.set_aside(bench.claim(job_id), state, ERROR)
    row = bench.row(job_id)
    assert (row.state, row.error.code) == (state, "some.error")
    assert bench.queue.due(10) == []
    with bench.store.tenant(bench.tenant) as uow:
        assert uow.jobs.retry(job_id)
    row = bench.row(job_id)
    assert (row.state, row.tries, row.deaths) == ("queued", 0, 0)
    assert bench.queue.due(10) == [job_id]


HAND_BACKS = {
    "put_off": lambda bench, claim: bench.queue.put_off(claim, 5, error=None, counted=True),
    "parked": lambda bench, claim: bench.queue.set_aside(claim, "parked", ERROR),
    "left": lambda bench, claim: bench.queue.leave(bench.worker),
    "recovered": lambda bench, claim: (bench.pass_time(20, claim.id), bench.queue.recover()),
}


@pytest.mark.parametrize("how", HAND_BACKS)
def test_a_job_handed_back_makes_way_for_one_that_waits(bench, how):
    """Two jobs of one key never wait; the one that was added while the first ran goes on for both."""
    (first,) = bench.add("key")
    claim = bench.claim(first)
    bench.add("key")
    HAND_BACKS[how](bench, claim)
    states = {row.id: row.state for row in bench.rows()}
    assert sorted(states.values()) == ["done", "queued"]
    assert states[first] == "done"
    bench.sql(
        "update job set run_at = run_at - interval '9 days', finished_at = finished_at - interval '9 days'"
    )
    assert bench.queue.tidy(timedelta(days=3)) == 1, "what made way is tidied like everything done"


@pytest.mark.parametrize("how", HAND_BACKS)
def test_a_job_handed_back_while_another_of_its_key_is_being_added(bench, how):
    """The other's transaction commits in between: neither is lost, and nobody is told of a collision."""
    (first,) = bench.add("key")
    claim = bench.claim(first)
    with bench.store.tenant(bench.tenant) as uow:
        uow.jobs.add(NewJob("some.kind", {}, "key"))
        uow.jobs.flush()
        with ThreadPoolExecutor(1) as pool:
            handing = pool.submit(HAND_BACKS[how], bench, claim)
            time.sleep(0.3)
            assert not handing.done(), "it waits for the other transaction"
            uow.db.commit()
            handing.result(20)
    assert sorted(row.state for row in bench.rows()) == ["done", "queued"]


# Leases


def test_a_lease_that_runs_gives_the_job_to_nobody_else(bench):
    (job_id,) = bench.add("key")
    bench.claim(job_id)
    bench.pass_time(LEASE_SECONDS - 2)
    assert bench.queue.recover() == 0
    assert bench.state(job_id) == "running"


def test_a_lease_that_ran_out_gives_the_job_back(bench):
    (job_id,) = bench.add("key")
    bench.claim(job_id)
    bench.pass_time(LEASE_SECONDS + 1)
    assert bench.queue.recover() == 1
    row = bench.row(job_id)
    assert (row.state, row.deaths, row.error) == ("queued", 1, None)
    assert bench.queue.due(10) == [job_id]


def test_a_job_that_kills_its_workers_is_quarantined_and_its_subject_told(bench):
    (job_id,) = bench.add(NewJob("order.advance", {"order": "1"}, "key"))
    for _ in range(DEATHS):
        bench.claim(job_id)
        bench.pass_time(LEASE_SECONDS + 1)
        assert bench.queue.recover() == 1
    row = bench.row(job_id)
    assert (row.state, row.deaths) == ("dead", DEATHS)
    assert (row.error.code, row.error.actor) == ("job.killed_its_worker", Actor.INTEGRATOR)
    (told,) = (each for each in bench.rows() if each.kind == BURY)
    assert (told.state, told.args) == ("queued", {"kind": "order.advance", "args": {"order": "1"}})
    assert bench.queue.due(10) == [told.id]


def test_telling_of_a_quarantine_is_quarantined_without_another_telling(bench):
    (job_id,) = bench.add(NewJob(BURY, {"kind": "k", "args": {}}, "key"))
    for _ in range(DEATHS):
        bench.claim(job_id)
        bench.pass_time(LEASE_SECONDS + 1)
        bench.queue.recover()
    assert [row.state for row in bench.rows()] == ["dead"]


def test_deaths_that_do_not_follow_each_other_are_forgotten(bench):
    (job_id,) = bench.add("key")
    for _ in range(DEATHS + 1):
        bench.claim(job_id)
        bench.pass_time(LEASE_SECONDS + 1)
        bench.queue.recover()
        bench.queue.put_off(bench.claim(job_id), 0, error=None, counted=False)
    assert bench.state(job_id) == "queued"


def test_jobs_that_cannot_go_back_together_go_back_one_after_the_other(bench):
    """Two of one key ran in different slots, and both workers died: no job blocks the recovery of all."""
    (first,) = bench.add(serial("key", "slot 1"))
    bench.claim(first)
    (second,) = bench.add(serial("key", "slot 2"))
    bench.claim(second)
    (third,) = bench.add("other key")
    bench.claim(third)
    bench.pass_time(LEASE_SECONDS + 1)
    while bench.queue.recover():
        pass
    assert {row.id: row.state for row in bench.rows()} == {first: "queued", second: "done", third: "queued"}


def test_a_renewed_lease_is_longer_for_the_attempts_one_holds(bench):
    mine, other, lost = bench.add("mine", "other", "lost")
    held, foreign = bench.claim(mine), bench.claim(other, uuid.uuid4())
    old = bench.claim(lost)
    bench.pass_time(LEASE_SECONDS + 1, lost)
    bench.queue.recover()
    again = bench.claim(lost)
    bench.pass_time(LEASE_SECONDS - 1)
    asked = [(each.id, each.attempt_no) for each in (held, foreign, old)]
    assert bench.queue.renew(bench.worker, asked) == {(mine, 1)}
    assert bench.queue.renew(bench.worker, [(again.id, again.attempt_no)]) == {(lost, 2)}
    assert bench.queue.renew(bench.worker, []) == set()
    bench.pass_time(2)
    assert bench.queue.recover() == 1, "only the one that was not renewed"
    assert bench.state(other) == "queued"


def test_a_lease_that_ran_out_unnoticed_can_still_be_renewed(bench):
    """After an outage of the database the workers that live keep what they are at."""
    (job_id,) = bench.add("key")
    bench.claim(job_id)
    bench.pass_time(LEASE_SECONDS * 3)
    assert bench.queue.renew(bench.worker, [(job_id, 1)]) == {(job_id, 1)}
    assert bench.queue.recover() == 0


def test_a_long_transaction_of_one_job_does_not_cost_the_others_their_leases(bench):
    busy, other = bench.add("busy", "other")
    held = [(each.id, each.attempt_no) for each in (bench.claim(busy), bench.claim(other))]
    with bench.store.tenant(bench.tenant) as uow:
        uow.jobs.hold(busy, 1)
        with ThreadPoolExecutor(1) as pool:
            renewed = pool.submit(bench.queue.renew, bench.worker, held).result(10)
        assert renewed == {(other, 1)}
        bench.sql(
            "update job set lease_until = clock_timestamp() - interval '1 second' where id = :id", id=other
        )
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(bench.queue.recover).result(10) == 1
    assert bench.state(busy) == "running"


def test_a_process_that_leaves_hands_back_what_it_holds(bench):
    mine, other = bench.add("mine", "other")
    stranger = uuid.uuid4()
    bench.queue.enlist(bench.worker, "here", 1, "worker")
    bench.queue.enlist(stranger, "there", 2, "worker")
    bench.claim(mine)
    bench.claim(other, stranger)
    bench.queue.leave(bench.worker)
    row = bench.row(mine)
    assert (row.state, row.deaths) == ("queued", 0)
    assert bench.state(other) == "running"
    assert [tuple(each) for each in bench.sql("select id from worker")] == [(stranger,)]


# Fences


def test_a_paused_worker_cannot_write(bench, env):
    """It wakes up after its lease ran out and another one took the job: its transaction is refused."""
    (job_id,) = bench.add("key")
    paused, other = bench.claim(job_id), None
    work = Work(env, bench.tenant, {}, Lease(LEASE_SECONDS), paused.id, paused.attempt_no)
    with work.write() as uow:
        uow.events.add("paused", "order", "P1", "before")
    bench.pass_time(LEASE_SECONDS + 1)
    bench.queue.recover()
    for state in ("queued", "running", "done"):
        if state == "running":
            other = bench.claim(job_id, uuid.uuid4())
        elif state == "done":
            bench.queue.finish(other, uuid.uuid4())
        assert bench.state(job_id) == state
        with pytest.raises(LeaseLost), work.write() as uow:
            uow.events.add("paused", "order", "P1", "after")
    with bench.store.tenant(bench.tenant) as uow:
        assert [event.action for event in uow.events.of_subjects(["P1"])] == ["before"]


def test_a_job_is_not_taken_over_in_the_middle_of_a_write(bench, env):
    (job_id,) = bench.add("key")
    claim = bench.claim(job_id)
    work = Work(env, bench.tenant, {}, Lease(LEASE_SECONDS), claim.id, claim.attempt_no)
    bench.pass_time(LEASE_SECONDS + 1)
    with work.write() as uow:
        uow.events.add("writer", "order", "P1", "written")
        assert bench.queue.recover() == 0
    assert bench.queue.recover() == 1
    with bench.store.tenant(bench.tenant) as uow:
        assert [event.action for event in uow.events.of_subjects(["P1"])] == ["written"]


def test_a_stopped_transaction_is_ended_by_the_server(bench, env, monkeypatch):
    """A worker that is paused inside a transaction keeps neither the job nor the locks for ever."""
    monkeypatch.setattr("kopru.storage.store.LONGEST_PAUSE", "200ms")
    (job_id,) = bench.add("key")
    claim = bench.claim(job_id)
    bench.pass_time(LEASE_SECONDS + 1)
    work = Work(env, bench.tenant, {}, Lease(LEASE_SECONDS), claim.id, claim.attempt_no)
    with pytest.raises(sa.exc.DBAPIError) as ended, work.write() as uow:
        uow.events.add("paused", "order", "P1", "lost")
        time.sleep(1.0)
        uow.db.execute(sa.text("select 1"))
    from kopru.storage.faults import passes

    assert passes(ended.value)
    assert bench.queue.recover() == 1


@pytest.mark.parametrize("text", ["\0", "\ud800"])
def test_an_error_the_database_would_refuse_is_stored(bench, text):
    ids = bench.add("a", "b")
    error = ERROR | {"detail": f"before {text} after"}
    bench.queue.put_off(bench.claim(ids[0]), 1, error=error, counted=True)
    bench.queue.set_aside(bench.claim(ids[1]), "dead", error)
    assert {bench.row(each).error.detail for each in ids} == {"before \ufffd after"}


# Tidying


def test_only_what_is_done_and_old_goes(bench):
    ids = bench.add("old", "young", "parked", "dead", "queued", "running")
    old, young, parked, dead, _, running = ids
    bench.queue.finish(bench.claim(old), bench.worker)
    for job_id, state in ((parked, "parked"), (dead, "dead")):
        bench.queue.set_aside(bench.claim(job_id), state, ERROR)
    bench.claim(running)
    bench.pass_time(4 * 86400)
    bench.queue.finish(bench.claim(young), bench.worker)
    bench.queue.enlist(bench.worker, "here", 1, "worker")
    bench.queue.enlist(uuid.uuid4(), "there", 1, "worker")
    bench.sql("update worker set seen_at = seen_at - interval '2 hours' where host = 'there'")
    assert bench.queue.tidy(timedelta(days=3)) == 1
    assert sorted(row.id for row in bench.rows()) == sorted(set(ids) - {old})
    assert [tuple(each) for each in bench.sql("select host from worker")] == [("here",)]
