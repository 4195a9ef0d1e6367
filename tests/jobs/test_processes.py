"""Workers as processes that are killed, stopped and paused in the middle of a job."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from kopru.flows.records import NewJob
from kopru.jobs.broker import Doorbell, make_broker
from kopru.jobs.relay import Relay
from kopru.storage.queue import BURY, DEATHS, LEASE_SECONDS

PROGRAM = Path(__file__).parent / "programs" / "worker.py"


@pytest.fixture
def start(bench, database_url, redis_url, master_key):
    """Start worker processes; what still runs in the end is killed."""
    processes = []

    def start_one(seconds_to_stop=25.0):
        arguments = (database_url, redis_url, master_key.to_text(), str(seconds_to_stop))
        process = subprocess.Popen(
            [sys.executable, str(PROGRAM), *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        processes.append(process)
        assert process.stdout.readline() == b"ready\n"
        return process

    yield start_one
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def relay(bench, redis_url):
    """A relay at work."""
    stopping = threading.Event()
    broker = make_broker(redis_url)
    relay = Relay(bench.queue, broker, Doorbell(redis_url), ahead=16)
    thread = threading.Thread(target=relay.run, args=(stopping,))
    thread.start()
    yield relay
    stopping.set()
    thread.join(20)
    broker.close()


@pytest.fixture
def events(bench):
    """Return what workers told about jobs, as (process, attempt)."""

    def read(action, *job_ids):
        subjects = [f"job {job_id}" for job_id in job_ids]
        with bench.store.tenant(bench.tenant) as uow:
            found = uow.events.of_subjects(subjects)
        return [(event.data["pid"], event.data["attempt"]) for event in found if event.action == action]

    return read


def sleep(seconds):
    return NewJob("sleep", {"seconds": seconds}, "key")


def test_a_killed_workers_job_runs_again_and_ends(bench, start, relay, events, eventually):
    workers = {process.pid: process for process in (start(), start())}
    (job_id,) = bench.add(sleep(1.0))
    ((pid, _),) = eventually(lambda: events("started", job_id))
    workers[pid].kill()
    killed = time.monotonic()
    eventually(lambda: bench.state(job_id) == "done", seconds=21)
    assert time.monotonic() - killed > LEASE_SECONDS / 2, "nobody takes a job whose lease runs"
    ((survivor, attempt),) = events("ended", job_id)
    assert (survivor != pid, attempt) == (True, 2)


def test_a_worker_asked_to_stop_finishes_its_job(bench, start, relay, events, eventually):
    worker = start()
    (job_id,) = bench.add(sleep(1.0))
    eventually(lambda: events("started", job_id))
    worker.terminate()
    assert worker.wait(20) == 0
    assert bench.state(job_id) == "done"
    assert bench.sql("select count(*) from worker") == [(0,)]


def test_a_worker_out_of_time_hands_its_job_back(bench, start, relay, events, eventually):
    first = start(seconds_to_stop=0.5)
    (job_id,) = bench.add(sleep(3.0))
    eventually(lambda: events("started", job_id))
    asked = time.monotonic()
    first.terminate()
    assert first.wait(20) == 0
    assert time.monotonic() - asked < 15
    row = bench.row(job_id)
    assert (row.state, row.deaths) == ("queued", 0)
    bench.sql("update job set args = '{\"seconds\": 0}'")
    second = start()
    eventually(lambda: bench.state(job_id) == "done")
    assert events("ended", job_id) == [(second.pid, 2)]


def test_a_job_that_kills_its_worker_is_quarantined_and_its_subject_told(
    bench, start, relay, events, eventually
):
    (job_id,) = bench.add(NewJob("die", {}, "key"))
    for deaths in range(1, DEATHS + 1):
        assert start().wait(20) == -signal.SIGKILL
        bench.pass_time(LEASE_SECONDS + 1)
        eventually(lambda: bench.state(job_id) != "running")
        assert bench.row(job_id).deaths == deaths
    assert len(events("started", job_id)) == DEATHS
    last = start()
    (telling,) = (row.id for row in bench.rows() if row.kind == BURY)
    told = eventually(lambda: events("told job.killed_its_worker", telling))
    assert told == [(last.pid, 1)]
    assert bench.row(job_id).state == "dead"
    assert bench.row(job_id).error.code == "job.killed_its_worker"


def test_a_paused_worker_that_wakes_up_writes_nothing(bench, start, relay, events, eventually):
    first = start()
    (job_id,) = bench.add(sleep(0.5))
    eventually(lambda: events("started", job_id))
    first.send_signal(signal.SIGSTOP)
    bench.pass_time(LEASE_SECONDS + 1)
    eventually(lambda: bench.state(job_id) == "queued")
    second = start()
    eventually(lambda: bench.state(job_id) == "done")
    second.kill()
    first.send_signal(signal.SIGCONT)
    (other,) = bench.add(NewJob("sleep", {"seconds": 1.0}, "another"))
    assert eventually(lambda: events("ended", other)) == [(first.pid, 1)], "it is awake and at work"
    assert events("ended", job_id) == [(second.pid, 2)]
    row = bench.row(job_id)
    assert (row.state, row.attempt_no) == ("done", 2)
