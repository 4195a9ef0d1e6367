"""Late and failing calls: what they cost, and when they are not made any more."""

import threading

import pytest

from kopru.flows.bench import LIMIT, MOST_LATE, REST, Bench, Missed, Resting

KEY = ("tenant", "plugin")


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def bench(clock):
    return Bench(clock)


def fail():
    raise ValueError("broken")


def miss(bench, call=fail, seconds=5.0, key=KEY):
    with pytest.raises(Missed) as missed:
        bench.ask(key, seconds, call)
    return missed.value


def test_an_answer_in_time_is_returned(bench):
    assert bench.ask(KEY, 5, lambda: 42) == 42


@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt, BaseException])
def test_whatever_is_raised_is_only_a_miss(bench, error):
    def call():
        raise error("broken")

    missed = miss(bench, call)
    assert (missed.code, missed.benched) == ("adviser.failed", False)
    assert "broken" in missed.detail


def test_who_is_late_is_not_waited_for_and_not_asked_while_the_call_runs(bench):
    gate = threading.Event()
    assert miss(bench, gate.wait, seconds=0.05).code == "adviser.late"
    with pytest.raises(Resting):
        bench.ask(KEY, 5, lambda: 1)
    end(gate)
    assert bench.ask(KEY, 5, lambda: 1) == 1


def test_three_misses_in_a_row_bench_and_one_more_after_the_rest_benches_again(bench, clock):
    assert [miss(bench).benched for _ in range(LIMIT)] == [False, False, True]
    with pytest.raises(Resting):
        bench.ask(KEY, 5, lambda: 1)
    clock.now += REST
    assert miss(bench).benched
    clock.now += REST
    assert bench.ask(KEY, 5, lambda: 1) == 1
    assert [miss(bench).benched for _ in range(LIMIT)] == [False, False, True]


def end(gate):
    """Let late calls end, and wait until they have."""
    gate.set()
    for thread in threading.enumerate():
        if thread.name == "ask-plugin":
            thread.join(5)


def test_three_overruns_bench(bench):
    benched = []
    for _ in range(LIMIT):
        gate = threading.Event()
        benched.append(miss(bench, gate.wait, seconds=0.02).benched)
        end(gate)
    assert benched == [False, False, True]
    with pytest.raises(Resting):
        bench.ask(KEY, 5, lambda: 1)


def test_calls_that_never_end_do_not_pile_up_with_the_companies(bench):
    gate = threading.Event()
    for company in range(MOST_LATE):
        miss(bench, gate.wait, seconds=0.02, key=(company, "plugin"))
    with pytest.raises(Resting):
        bench.ask(("one more", "plugin"), 5, lambda: 1)
    assert bench.ask(("one more", "other"), 5, lambda: 1) == 1
    end(gate)
    assert bench.ask(("one more", "plugin"), 5, lambda: 1) == 1


def test_an_answer_between_misses_forgets_them(bench):
    for _ in range(5):
        assert not miss(bench).benched
        bench.ask(KEY, 5, lambda: 1)


def test_one_tenants_misses_are_not_anothers(bench):
    for _ in range(LIMIT):
        miss(bench)
    assert bench.ask(("another", "plugin"), 5, lambda: 1) == 1
    assert bench.ask(("tenant", "other"), 5, lambda: 1) == 1


def test_calls_of_several_threads_do_not_wait_for_each_other(bench):
    meeting = threading.Barrier(3, timeout=20)
    callers = [threading.Thread(target=bench.ask, args=(KEY, 20, meeting.wait)) for _ in range(3)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(30)
    assert not meeting.broken
