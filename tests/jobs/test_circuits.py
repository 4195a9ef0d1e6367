"""Circuits: a remote that does not answer rests, its jobs wait without losing tries, one call looks again."""

import threading
import uuid
from datetime import UTC, datetime

import pytest

from kopru.flows.records import ConnectionRow, ConnectionState, NewJob
from kopru.hooks.errors import OutcomeUnknown, Rejected, TransientError
from kopru.jobs.handlers import Handler
from kopru.storage import circuits as module
from kopru.storage.circuits import FAILURES, FIRST_REST, LONGEST_REST, SOON, Circuits, resting
from kopru.transport.errors import CircuitOpen

KIND = "some.kind"


@pytest.fixture
def connection(bench):
    return connect(bench)


def connect(bench, name="shop"):
    row = ConnectionRow(
        uuid.uuid4(), name, "shop", ConnectionState.ACTIVE, {}, 1, datetime(2026, 3, 2, tzinfo=UTC), "s"
    )
    with bench.store.tenant(bench.tenant) as uow:
        uow.connections.save(row)
    return row.id


class Process:
    """One process's view of a connection's circuit; what it last saw is always too old."""

    def __init__(self, bench, connection, *, held=True):
        self.rests = []
        self.now = 0.0
        circuits = Circuits(bench.store, self.clock)
        self.take = lambda: circuits.of(bench.tenant, connection, held=held, note=self.rests.append)

    def clock(self):
        self.now += 10.0
        return self.now

    def fail(self, times=1, code="http.timeout"):
        for _ in range(times):
            self.take().failed(code)

    def admitted(self):
        try:
            self.take().admit(30.0)
        except CircuitOpen:
            return False
        return True


@pytest.fixture
def process(bench, connection):
    return Process(bench, connection)


def gate(bench, connection):
    with bench.store.tenant(bench.tenant) as uow:
        return uow.gates.every().get(connection)


def later(bench, seconds):
    bench.sql(
        "update gate set until = until - make_interval(secs => :s),"
        " probe_until = probe_until - make_interval(secs => :s)",
        s=seconds,
    )


def actions(bench):
    with bench.store.tenant(bench.tenant) as uow:
        rows = uow.db.exec_driver_sql("select action from event order by id").scalars()
        return [action for action in rows if "circuit" in action]


def test_it_opens_after_failures_in_a_row(bench, connection, process):
    process.fail(FAILURES - 1)
    assert process.admitted()
    process.fail()
    assert not process.admitted()
    found = gate(bench, connection)
    assert found.is_open
    assert found.code == "http.timeout"
    assert actions(bench) == ["connection.circuit_opened"]
    (slug,) = bench.sql("select slug from tenant where id = :id", id=bench.tenant)[0]
    assert f"{slug}/shop" in resting(bench.store)


def test_failures_of_all_processes_count_together(bench, connection):
    processes = [Process(bench, connection) for _ in range(FAILURES)]
    threads = [threading.Thread(target=each.fail) for each in processes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(each.admitted() for each in processes)
    assert actions(bench) == ["connection.circuit_opened"]


def test_an_answer_in_between_starts_the_count_anew(bench, connection, process):
    for _ in range(3):
        process.fail(FAILURES - 1)
        Process(bench, connection).take().answered()
    assert process.admitted()
    assert gate(bench, connection).failures == 0


def test_other_connections_and_tenants_are_not_touched(bench, connection, process):
    process.fail(FAILURES)
    assert Process(bench, connect(bench, "another shop")).admitted()
    other = bench.another_tenant()
    assert Process(other, connect(other)).admitted()


def test_one_process_tries_when_the_rest_is_over(bench, connection, process):
    process.fail(FAILURES)
    later(bench, FIRST_REST + 1)
    admitted, guard = [], threading.Lock()

    def ask():
        found = Process(bench, connection).admitted()
        with guard:
            admitted.append(found)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(admitted) == [False] * 7 + [True]


def test_a_good_try_closes_it_for_everybody(bench, connection, process):
    process.fail(FAILURES)
    later(bench, FIRST_REST + 1)
    circuit = Process(bench, connection).take()
    circuit.admit(30.0)
    circuit.answered()
    assert process.admitted()
    assert not gate(bench, connection).is_open
    assert actions(bench) == ["connection.circuit_opened", "connection.circuit_closed"]


def test_each_bad_try_doubles_the_rest_up_to_a_limit(bench, connection, process):
    process.fail(FAILURES)
    rests = [process.rests[-1]]
    for _ in range(7):
        later(bench, LONGEST_REST + 1)
        circuit = process.take()
        circuit.admit(30.0)
        circuit.failed("http.unreachable")
        rests.append(process.rests[-1])
    expected = [min(FIRST_REST * 2**n, LONGEST_REST) for n in range(8)]
    assert rests == pytest.approx(expected, abs=1.0)


def test_calls_that_were_under_way_do_not_make_it_rest_longer(bench, connection, process):
    process.fail(FAILURES + 20)
    assert max(process.rests) <= FIRST_REST


def test_a_try_whose_worker_died_is_made_by_another(bench, connection, process):
    process.fail(FAILURES)
    later(bench, FIRST_REST + 1)
    assert process.admitted()
    assert not Process(bench, connection).admitted()
    later(bench, 30.0 + module.PROBE_MARGIN + 1)
    assert Process(bench, connection).admitted()


def test_a_person_may_always_try(bench, connection, process):
    process.fail(FAILURES)
    person = Process(bench, connection, held=False)
    assert person.admitted()
    person.take().answered()
    assert process.admitted()


def test_a_closed_circuit_costs_one_look_a_moment(bench, connection):
    now, looks = [0.0], []
    circuits = Circuits(bench.store, lambda: now[0])
    circuit = circuits.of(bench.tenant, connection, held=True, note=looks.append)
    before = bench.store.engine
    counted = []

    class Counting:
        def engine(self):
            counted.append(1)
            return before()

    circuits._store = Counting()
    for _ in range(50):
        circuit.admit(30.0)
        circuit.answered()
    assert len(counted) == 1


def test_a_database_that_is_away_holds_nothing_up(bench, connection, process, monkeypatch):
    def away(self, connection_id):
        raise module.DatabaseError

    process.fail(FAILURES)
    monkeypatch.setattr(Circuits, "look", away)
    assert process.admitted()


# Jobs


@pytest.fixture
def run(bench, connection, new_worker):
    """Run a job whose handler makes one call of the connection."""
    circuits = Circuits(bench.store, Process(bench, connection).clock)

    def run_one(job_id, error=None):
        def handler(work):
            circuit = circuits.of(bench.tenant, connection, held=True, note=work.rests.append)
            circuit.admit(30.0)
            if error is None or isinstance(error, Rejected):
                circuit.answered()
            else:
                circuit.failed("http.timeout")
            if error is not None:
                raise error

        new_worker({KIND: Handler(handler)}).run(job_id)
        return bench.row(job_id)

    return run_one


@pytest.mark.parametrize("error", [TransientError("http.timeout"), OutcomeUnknown("http.outcome_unknown")])
def test_no_try_is_counted_while_the_remote_is_away(bench, connection, process, run, error):
    (job_id,) = bench.add(NewJob(KIND, {}, "key", connection_id=connection))
    assert run(job_id, error).tries == 1
    process.fail(FAILURES)
    for _ in range(40):
        later(bench, LONGEST_REST + 1)
        bench.pass_time(3600)
        row = run(job_id, error)
        assert (row.state, row.tries) == ("queued", 1)


def test_jobs_wait_and_go_on_with_the_first_answer(bench, connection, process, run):
    waiting, trying = bench.add(NewJob(KIND, {}, "waiting"), NewJob(KIND, {}, "trying"))
    process.fail(FAILURES)
    row = run(waiting)
    assert (row.state, row.tries, row.error.code) == ("queued", 0, "circuit.open")
    assert bench.queue.due(10) == [trying]
    later(bench, FIRST_REST + 1)
    assert run(trying).state == "done"
    assert bench.queue.due(10) == [waiting]
    assert run(waiting).state == "done"


def test_a_business_refusal_is_an_answer(bench, connection, run):
    for number in range(FAILURES + 1):
        (job_id,) = bench.add(f"key {number}")
        assert run(job_id, Rejected("record.wrong")).state == "dead"
    assert gate(bench, connection) is None


def test_no_bell_is_rung_for_a_connection_that_rests_and_one_for_the_try(bench, connection, process):
    jobs = [NewJob(KIND, {}, f"key {n}", connection_id=connection) for n in range(5)]
    ids = bench.add(*jobs, "of no connection")
    process.fail(FAILURES)
    assert bench.queue.due(10) == [ids[-1]]
    later(bench, FIRST_REST + 1)
    (first,) = bench.queue.due(10)
    assert first in ids[:5]
    process.take().admit(30.0)
    bench.pass_time(60)
    assert set(bench.queue.due(10)).isdisjoint(ids[:5]), "somebody is trying"


def test_who_loses_the_try_looks_again_soon(bench, connection, process):
    process.fail(FAILURES)
    later(bench, FIRST_REST + 1)
    assert process.admitted()
    with pytest.raises(CircuitOpen) as refused:
        Process(bench, connection).take().admit(30.0)
    assert refused.value.seconds == SOON
