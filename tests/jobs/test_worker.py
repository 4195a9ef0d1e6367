"""A worker process from inside: what it makes of a job, and how it keeps, loses and gives back leases."""

import threading
import time
import uuid

import pytest
import sqlalchemy as sa

from kopru.flows.env import Later
from kopru.flows.records import NewJob
from kopru.hooks.errors import ConfigError, Rejected, TransientError
from kopru.jobs import worker as worker_module
from kopru.jobs.handlers import HANDLERS, Handler
from kopru.storage.queue import BURY, DEATHS, LEASE_SECONDS, Queue
from kopru.transport.errors import LeaseLost

KIND = "some.kind"


class Told(list):
    """What subjects were told: (kind of work's args, code)."""

    def __call__(self, work, reason):
        self.append((dict(work.args), reason.code))


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def run(bench, new_worker, told):
    """Run one job with one handler and return its row."""

    def run_one(does, job=None):
        (job_id,) = bench.add(job or NewJob(KIND, {"a": 1}, "key"))
        new_worker({KIND: Handler(does, told)}).run(job_id)
        return bench.row(job_id)

    return run_one


def fails(error):
    def handler(work):
        raise error

    return handler


def test_a_job_that_succeeds_is_done(run, told):
    seen = []
    row = run(lambda work: seen.append((work.args, work.job_id, work.attempt_no)))
    assert (row.state, row.error) == ("done", None)
    assert seen == [({"a": 1}, row.id, 1)]
    assert told == []


@pytest.mark.parametrize(
    ("error", "state", "tries", "code"),
    [
        (Later(60), "queued", 0, None),
        (TransientError("remote.away"), "queued", 1, "remote.away"),
        (ConfigError("setting.wrong"), "parked", 0, "setting.wrong"),
        (Rejected("record.wrong"), "dead", 0, "record.wrong"),
        (ZeroDivisionError(), "queued", 1, "engine.unexpected"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_job_that_fails_goes_where_the_policy_says(run, told, error, state, tries, code):
    row = run(fails(error))
    assert (row.state, row.tries) == (state, tries)
    assert (row.error.code if row.error else None) == code
    assert told == ([({"a": 1}, code)] if state in ("parked", "dead") else [])


def test_a_job_nobody_knows_is_given_up_in_the_end(bench, new_worker):
    (job_id,) = bench.add("key")
    worker = new_worker({})
    for _ in range(3):
        worker.run(job_id)
        bench.pass_time(3600)
    row = bench.row(job_id)
    assert (row.state, row.error.code) == ("dead", "engine.unexpected")
    assert "no handler for some.kind" in row.error.detail


def test_a_subject_that_cannot_be_told_does_not_keep_the_job_from_being_set_aside(bench, new_worker):
    (job_id,) = bench.add("key")
    new_worker({KIND: Handler(fails(Rejected("record.wrong")), lambda work, reason: 1 / 0)}).run(job_id)
    row = bench.row(job_id)
    assert (row.state, row.error.code) == ("dead", "record.wrong")


def test_a_bell_for_a_job_that_is_done_or_gone_does_nothing(bench, new_worker):
    runs = []
    (job_id,) = bench.add("key")
    worker = new_worker({KIND: Handler(runs.append)})
    for _ in range(10):
        worker.run(job_id)
    worker.run(10**9)
    assert len(runs) == 1


def test_a_worker_goes_on_with_the_slot(bench, new_worker):
    ids = bench.add(*(NewJob(KIND, {"n": n}, f"key {n}", serial_key="slot") for n in range(5)))
    runs = []
    new_worker({KIND: Handler(lambda work: runs.append(work.args["n"]))}).run(ids[0])
    assert runs == [0, 1, 2, 3, 4]
    assert {row.state for row in bench.rows()} == {"done"}


def test_a_worker_leaves_the_slot_after_a_while(bench, new_worker, monkeypatch):
    monkeypatch.setattr(worker_module, "SERIAL_STRETCH", 0.0)
    ids = bench.add(*(NewJob(KIND, {"n": n}, f"key {n}", serial_key="slot") for n in range(3)))
    assert [bench.queue.due(10) for _ in ids] == [[each] for each in ids]
    runs = []
    new_worker({KIND: Handler(lambda work: runs.append(work.args["n"]))}).run(ids[0])
    assert runs == [0]
    assert [bench.state(each) for each in ids] == ["done", "queued", "queued"]
    assert bench.queue.due(10) == [ids[1]]


def test_a_failure_ends_the_stretch_and_the_slot_is_free(bench, new_worker):
    """Also when the next one's bell was rung and heard while the slot was busy."""
    ids = bench.add(*(NewJob(KIND, {"n": n}, f"key {n}", serial_key="slot") for n in range(3)))
    assert [bench.queue.due(10) for _ in ids] == [[each] for each in ids]
    new_worker({KIND: Handler(fails(TransientError("remote.away")))}).run(ids[0])
    assert [bench.state(each) for each in ids] == ["queued"] * 3
    assert bench.queue.due(10) == [ids[1]]


def test_the_subject_of_a_quarantined_job_is_told(bench, new_worker, told):
    (job_id,) = bench.add(NewJob(KIND, {"order": "1"}, "key"))
    for _ in range(DEATHS):
        bench.claim(job_id)
        bench.pass_time(LEASE_SECONDS + 1)
        bench.queue.recover()
    (telling,) = (row for row in bench.rows() if row.kind == BURY)
    new_worker({KIND: Handler(fails(AssertionError()), told)}).run(telling.id)
    assert told == [({"order": "1"}, "job.killed_its_worker")]
    assert bench.state(telling.id) == "done"


def test_a_quarantined_job_nobody_knows_has_nobody_to_tell(bench, new_worker):
    (job_id,) = bench.add(NewJob(BURY, {"kind": "gone", "args": {}}, "key"))
    new_worker({}).run(job_id)
    assert bench.state(job_id) == "done"


def test_every_kind_has_a_handler_that_can_be_called():
    assert {name for name, handler in HANDLERS.items() if not callable(handler.run)} == set()
    assert BURY not in HANDLERS


# Leases


@pytest.fixture
def busy(bench, new_worker, monkeypatch, eventually):
    """A worker in a thread at one job that goes on until it is told to end."""
    monkeypatch.setattr(worker_module, "RENEW_EVERY", 0.05)
    started, end, works = threading.Event(), threading.Event(), []

    def handler(work):
        works.append(work)
        started.set()
        assert end.wait(30)

    worker = new_worker({KIND: Handler(handler)})
    (job_id,) = bench.add("key")
    thread = threading.Thread(target=worker.run, args=(job_id,))
    worker._renewer.start()
    thread.start()
    assert started.wait(20)

    class Busy:
        pass

    busy = Busy()
    busy.worker, busy.job_id, busy.works, busy.end, busy.thread = worker, job_id, works, end, thread
    busy.lease = works[0].lease
    yield busy
    end.set()
    thread.join(20)
    worker._stopped.set()
    worker._renewer.join(20)


def lease_left(bench, job_id):
    return float(bench.column(job_id, "extract(epoch from lease_until - clock_timestamp())") or 0)


def test_a_lease_is_renewed_here_and_there_while_the_job_runs(bench, busy, eventually):
    bench.pass_time(LEASE_SECONDS - 1)
    busy.lease.renew(0.0)
    eventually(lambda: lease_left(bench, busy.job_id) > LEASE_SECONDS - 2)
    eventually(lambda: may_write(busy.lease))
    busy.end.set()
    eventually(lambda: bench.state(busy.job_id) == "done")


def may_write(lease):
    try:
        lease.before_write()
    except LeaseLost:
        return False
    return True


def test_a_job_that_runs_far_too_long_is_not_renewed(bench, busy, monkeypatch, eventually):
    monkeypatch.setattr(worker_module, "LONGEST_RUN", 0.0)
    time.sleep(0.2)
    bench.pass_time(LEASE_SECONDS - 1)
    time.sleep(0.3)
    assert lease_left(bench, busy.job_id) < 2


def test_a_lost_lease_is_not_renewed_again(bench, busy, eventually):
    bench.sql("update job set worker_id = :other, attempt_no = attempt_no + 1", other=uuid.uuid4())
    busy.lease.renew(0.0)
    time.sleep(0.3)
    assert not may_write(busy.lease)
    busy.end.set()
    busy.thread.join(20)
    assert bench.state(busy.job_id) == "running", "the other one's"


def test_the_end_of_an_old_run_does_not_cost_the_new_one_its_lease(bench, busy, eventually):
    """A paused process wakes up, and another of its threads takes the very job that was recovered."""
    bench.sql("update job set lease_until = clock_timestamp() - interval '1 second', worker_id = null")
    assert bench.queue.recover() == 1
    second = threading.Thread(target=busy.worker.run, args=(busy.job_id,))
    second.start()
    eventually(lambda: len(busy.works) == 2)
    old, new = busy.works
    assert (old.attempt_no, new.attempt_no) == (1, 2)
    assert len(busy.worker._held) == 2
    with busy.worker._lock:
        del busy.worker._held[old.job_id, old.attempt_no]
        busy.worker._held[old.job_id, old.attempt_no] = (old.lease, 0.0)
    bench.pass_time(LEASE_SECONDS - 1)
    eventually(lambda: lease_left(bench, busy.job_id) > LEASE_SECONDS - 2)
    busy.end.set()
    second.join(20)
    busy.thread.join(20)
    assert bench.state(busy.job_id) == "done"
    assert busy.worker._held == {}


def test_a_lease_counts_from_when_the_job_was_asked_for(bench, new_worker):
    """A process that is paused right after its claim has no fresh lease when it wakes up."""

    class Slow(Queue):
        def claim(self, job_id, worker_id):
            claim = super().claim(job_id, worker_id)
            time.sleep(0.5)
            return claim

    left = []
    (job_id,) = bench.add("key")
    worker = new_worker(
        {KIND: Handler(lambda work: left.append(work.lease._until - time.monotonic()))}, Slow(bench.store)
    )
    worker.run(job_id)
    assert left[0] <= LEASE_SECONDS - 0.5


def test_a_worker_that_stops_hands_back_and_sends_nothing_more(bench, busy):
    bench.queue.enlist(busy.worker.id, "here", 1, "worker")
    assert may_write(busy.lease)
    busy.worker.stop(0.1)
    assert not may_write(busy.lease)
    row = bench.row(busy.job_id)
    assert (row.state, row.deaths) == ("queued", 0)
    assert bench.sql("select count(*) from worker") == [(0,)]


def test_a_worker_that_stops_leaves_the_rest_of_a_slot_to_others(bench, new_worker):
    ids = bench.add(*(NewJob(KIND, {"n": n}, f"key {n}", serial_key="slot") for n in range(3)))
    worker = new_worker({KIND: Handler(lambda work: worker._draining.set())})
    worker.run(ids[0])
    assert [bench.state(each) for each in ids] == ["done", "queued", "queued"]


# The database goes away


AWAY = sa.exc.OperationalError("select 1", {}, Exception("server closed the connection unexpectedly"))


def test_a_job_that_the_database_left_alone_runs_again_uncounted(run):
    row = run(fails(AWAY))
    assert (row.state, row.tries, row.deaths, row.error) == ("queued", 0, 0, None)


def test_a_real_loss_of_all_connections_costs_a_try_and_nothing_else(bench, new_worker):
    runs = []

    def handler(work):
        runs.append(work.attempt_no)
        if len(runs) == 1:
            with work.write() as uow:
                uow.events.add("test", "order", "P1", "half")
                bench.drop_connections()
        with work.write() as uow:
            uow.events.add("test", "order", "P1", "whole")

    (job_id,) = bench.add("key")
    worker = new_worker({KIND: Handler(handler)})
    worker.run(job_id)
    worker._hand_back()
    row = bench.row(job_id)
    assert (row.state, row.tries, row.deaths) == ("queued", 0, 0)
    bench.pass_time(2)
    worker.run(job_id)
    assert runs == [1, 2]
    assert bench.state(job_id) == "done"
    with bench.store.tenant(bench.tenant) as uow:
        assert [event.action for event in uow.events.of_subjects(["P1"])] == ["whole"]


class Flaky(Queue):
    """A queue that cannot be reached for some calls."""

    def __init__(self, store, method, times):
        super().__init__(store)
        self.method, self.times = method, times

    def __getattribute__(self, name):
        if name in ("method", "times") or name != self.method or not self.times:
            return super().__getattribute__(name)
        self.times -= 1
        return fails_for(AWAY)


def fails_for(error):
    def call(*args, **kwargs):
        raise error

    return call


@pytest.mark.parametrize(
    ("method", "does"),
    [
        ("finish", lambda work: None),
        ("put_off", fails(TransientError("remote.away"))),
        ("set_aside", fails(Rejected("record.wrong"))),
    ],
)
def test_what_could_not_be_settled_is_handed_back_when_the_database_answers(bench, new_worker, method, does):
    """Otherwise it would look as if the job had killed its worker."""
    (job_id,) = bench.add("key")
    worker = new_worker({KIND: Handler(does)}, Flaky(bench.store, method, times=1))
    worker.run(job_id)
    assert bench.state(job_id) == "running"
    worker._hand_back()
    row = bench.row(job_id)
    assert (row.state, row.deaths) == ("queued", 0)


def test_handing_back_is_tried_until_it_succeeds(bench, new_worker):
    first, second = bench.add("first", "second")
    queue = Flaky(bench.store, "finish", times=2)
    worker = new_worker({KIND: Handler(lambda work: None)}, queue)
    worker.run(first)
    worker.run(second)
    queue.method, queue.times = "put_off", 1
    for _ in range(3):
        worker._calmly(worker._hand_back)
    assert [bench.state(each) for each in (first, second)] == ["queued"] * 2
