"""The posting protocol as a machine: every order of sending, losing answers, crashing and committing late.

The remote and the storage are in memory, so that thousands of interleavings run in a second. Time is a
number. What must never happen is counted at the remote.
"""

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kopru.flows import effects
from kopru.flows.effects import Post, Refused, begin, post
from kopru.flows.env import Cache, Later, Lease
from kopru.flows.records import EffectState, new_effect
from kopru.hooks.errors import (
    AuthError,
    Conflict,
    ConnectorError,
    OutcomeUnknown,
    PluginBug,
    RateLimited,
    Rejected,
    TransientError,
)
from kopru.hooks.manifest import Repeat, Write
from kopru.hooks.types import (
    Absent,
    CannotTell,
    Echo,
    Found,
    IdempotencyKey,
    Operation,
    Receipt,
    ReceiptState,
)
from kopru.model import ExternalRef, Text
from kopru.transport.errors import LeaseLost

KEY = IdempotencyKey("subject/write", uuid4())
QUIET, TIMEOUT = 60, 30
START = datetime(2026, 3, 2, tzinfo=UTC)


class Crash(BaseException):
    """The process dies here; nothing after it runs."""


class Memory:
    """One effect row, stored the way the database stores it: at the end of a transaction or not at all."""

    def __init__(self, operation):
        self.row = new_effect(KEY.value, operation, uuid4())
        self.now = START
        self.story = []

    @contextmanager
    def transaction(self):
        before = self.row
        try:
            untouched = SimpleNamespace(restored_at=lambda: None)
            yield SimpleNamespace(effects=self, events=self, settings=untouched, now=self.now)
        except BaseException:
            self.row = before
            raise

    def plan(self, row):
        return self.row

    def get(self, effect_id, *, lock=False):
        return self.row

    def sending(self, effect_id, request_hash):
        assert self.row.state is EffectState.PLANNED, "only a planned effect may go out"
        self.row = replace(
            self.row,
            state=EffectState.SENDING,
            attempt=self.row.attempt + 1,
            sent_at=self.now,
            lookups=0,
            reason=None,
        )
        return self.row.attempt

    def turn(self, effect_id, state, reason=None):
        self.row = replace(self.row, state=state, reason=reason)

    def looked_up(self, effect_id):
        self.row = replace(self.row, state=EffectState.UNCERTAIN, lookups=self.row.lookups + 1)

    def settle(self, effect_id, state, ref, number, echo):
        self.row = replace(self.row, state=state, ref=ref, number=number, echo=echo, reason=None)

    def add(self, actor, subject, subject_id, action, **data):
        self.story.append(action)


class Remote:
    """A target that may do the work, or not, or later, whatever it answers."""

    def __init__(self, repeat):
        self.facts = Write(repeat, quiet=timedelta(seconds=QUIET), timeout=timedelta(seconds=TIMEOUT))
        self.records = []
        self.late = []
        self.log = []
        self.next = "done"
        self.lookup = "works"

    def send(self, lease, now):
        behaviour, self.next = self.next, "done"
        if behaviour == "unreachable":
            raise TransientError("test.unreachable")
        if behaviour == "bug_before":
            raise PluginBug("test.bug")
        lease.before_write()
        self.log.append("send")
        if behaviour == "limited":
            raise RateLimited("test.limited", retry_after=1.0)
        if behaviour == "login":
            raise AuthError("test.login")
        if behaviour == "refused":
            raise Rejected("test.refused")
        if behaviour == "lost_before":
            raise OutcomeUnknown("test.lost")
        if behaviour == "crash_before":
            raise Crash
        if behaviour in ("late", "late_crash"):
            self.late.append(now)
            raise Crash if behaviour == "late_crash" else OutcomeUnknown("test.late")
        self.commit()
        if behaviour == "lost_after":
            raise OutcomeUnknown("test.lost")
        if behaviour == "crash_after":
            raise Crash
        if behaviour == "bug_after":
            raise PluginBug("test.bug")
        return Receipt(ReceiptState.DONE, self.ref, echo=Echo(number="N1"))

    def commit(self):
        if self.records and self.facts.repeat in (Repeat.NATIVE_KEY, Repeat.ABSOLUTE):
            return
        if self.records and self.facts.repeat is Repeat.NATURAL_UNIQUE:
            raise Conflict("test.exists")
        self.records.append("ours")

    def commit_late(self):
        self.late.pop(0)
        try:
            self.commit()
        except Conflict:
            return

    def locate(self):
        self.log.append("locate")
        if self.lookup == "down":
            raise TransientError("test.down")
        if self.lookup == "cannot":
            return CannotTell(Text(tr="?", en="?"))
        if "ours" not in self.records:
            return Absent()
        return Found(Receipt(ReceiptState.DONE, self.ref, echo=Echo(number="N1")))

    @property
    def ref(self):
        return ExternalRef(kind="record", id="1")


class Desk:
    """Drives ``post`` over the memory and the remote."""

    def __init__(self, repeat):
        self.memory = Memory(Operation.POST_INVOICE)
        self.remote = Remote(repeat)
        self.settled = 0
        self.outcome = None

    def run(self):
        """Do what a job does in one try."""
        lease = Lease(None)
        work = SimpleNamespace(
            actor="engine",
            tenant_id=None,
            env=SimpleNamespace(cache=Cache(), store=SimpleNamespace(restored_at=lambda: None)),
            lease=lease,
            read=self.memory.transaction,
            write=self.memory.transaction,
        )
        opened = SimpleNamespace(
            manifest=SimpleNamespace(writes={Operation.POST_INVOICE: self.remote.facts}),
            can=lambda hook: True,
            ctx=None,
            use=lambda port: SimpleNamespace(locate=lambda *_: self.remote.locate()),
        )

        def call(work, connection_id, use, *, seconds=30.0):
            lease.limit(seconds)
            return use(opened)

        write = Post(
            KEY,
            lambda opened, key: self.remote.send(lease, self.memory.now),
            "hash",
            expected=Echo(number="N1"),
            then=self._then,
        )
        original, effects.call = effects.call, call
        try:
            with work.write() as uow:
                effect, begun = begin(uow, work, self.memory.row, "hash")
            post(work, effect, write, begun=begun)
            self.outcome = None
        except (Later, Refused, ConnectorError) as error:
            self.outcome = error
        except Crash:
            self.outcome = None
        finally:
            effects.call = original

    def _then(self, uow, effect):
        self.settled += 1

    def pass_time(self, seconds):
        self.memory.now += timedelta(seconds=seconds)
        longest = timedelta(seconds=QUIET)
        while self.remote.late and self.remote.late[0] + longest <= self.memory.now:
            self.remote.commit_late()


SENDING = (
    "done",
    "unreachable",
    "bug_before",
    "limited",
    "login",
    "lost_before",
    "lost_after",
    "crash_before",
    "crash_after",
    "bug_after",
    "late",
    "late_crash",
)


class Protocol(RuleBasedStateMachine):
    """Any sequence of tries, faults and waits."""

    repeat: Repeat

    def __init__(self):
        super().__init__()
        self.desk = Desk(self.repeat)

    @rule(behaviour=st.sampled_from(SENDING), lookup=st.sampled_from(("works", "works", "down")))
    def try_once(self, behaviour, lookup):
        self.desk.remote.next, self.desk.remote.lookup = behaviour, lookup
        self.desk.run()

    @rule(seconds=st.sampled_from((1, 5, 30, 200)))
    def wait(self, seconds):
        self.desk.pass_time(seconds)

    @rule()
    @precondition(lambda self: self.desk.remote.late)
    def commits_late(self):
        self.desk.remote.commit_late()

    @invariant()
    def nothing_is_there_twice(self):
        assert len(self.desk.remote.records) <= 1

    @invariant()
    def settled_once_and_only_when_it_is_there(self):
        assert self.desk.settled <= 1
        if self.desk.memory.row.settled:
            assert self.desk.remote.records == ["ours"]

    @invariant()
    def never_sent_blindly_after_an_unknown_outcome(self):
        """Between two sends of which the first had no clear end there is a look-up."""
        if self.repeat is Repeat.NONE:
            unclear = [entry for entry in self.desk.remote.log if entry == "send"]
            assert len(unclear) <= 1 + self.desk.memory.story.count("effect.planned")

    def teardown(self):
        self.desk.remote.next = "done"
        self.desk.remote.lookup = "works"
        for _ in range(12):
            self.desk.remote.next = "done"
            self.desk.run()
            if self.desk.memory.row.settled or isinstance(self.desk.outcome, Refused):
                break
            self.desk.pass_time(200)
        if self.repeat is not Repeat.NONE:
            assert self.desk.memory.row.settled, (self.desk.memory.row, self.desk.outcome)
            assert self.desk.settled == 1
            assert self.desk.remote.records == ["ours"]


@pytest.mark.parametrize("repeat", list(Repeat))
def test_any_sequence_ends_with_one_record(repeat):
    machine = type(f"Protocol_{repeat.name}", (Protocol,), {"repeat": repeat})
    machine.TestCase.settings = settings(max_examples=120, stateful_step_count=15, deadline=None)
    machine.TestCase("runTest").runTest()


@pytest.fixture(params=[repeat for repeat in Repeat if repeat is not Repeat.NONE])
def desk(request):
    return Desk(request.param)


def test_a_target_that_always_fails_is_not_hammered(desk):
    """One try sends once at most; the job's own waits lie between."""
    for _ in range(5):
        before = desk.remote.log.count("send")
        desk.remote.next = "lost_before"
        desk.run()
        assert desk.remote.log.count("send") - before <= 1
        desk.pass_time(1000)


def test_lost_answer_is_found_without_sending_again(desk):
    desk.remote.next = "lost_after"
    desk.run()
    desk.pass_time(1000)
    desk.run()
    assert desk.remote.log.count("send") == 1
    assert desk.memory.row.state is EffectState.CONFIRMED


def test_absent_counts_only_after_the_quiet_period():
    desk = Desk(Repeat.QUERY_BY_REF)
    desk.remote.next = "lost_before"
    desk.run()
    for _ in range(9):
        assert isinstance(desk.outcome, Later)
        assert 0 < desk.outcome.seconds <= 100.5
        desk.pass_time(10)
        desk.run()
        assert desk.remote.log.count("send") == 1
    assert desk.remote.log.count("locate") > 5
    desk.pass_time(11)
    desk.run()
    assert desk.remote.log.count("send") == 2
    assert desk.memory.row.state is EffectState.CONFIRMED


def test_look_ups_become_rarer():
    desk = Desk(Repeat.QUERY_BY_REF)
    desk.remote.facts = replace(desk.remote.facts, quiet=timedelta(hours=2))
    desk.remote.next = "lost_before"
    waits = []
    for _ in range(6):
        desk.run()
        waits.append(desk.outcome.seconds)
        desk.pass_time(desk.outcome.seconds)
    assert waits == [5.0, 30.0, 120.0, 600.0, 600.0, 600.0]


@pytest.mark.parametrize("loss", ["lost_before", "lost_after", "crash_before", "crash_after", "bug_after"])
def test_nothing_protects_a_repeat_so_a_person_is_asked(loss):
    desk = Desk(Repeat.NONE)
    desk.remote.lookup = "cannot"
    desk.remote.next = loss
    desk.run()
    for _ in range(3):
        desk.pass_time(100_000)
        desk.run()
    assert desk.remote.log.count("send") == 1
    assert isinstance(desk.outcome, Refused)
    assert desk.outcome.reason.code == "effect.ask"


def test_target_that_cannot_tell_asks_a_person_before_a_repeat():
    desk = Desk(Repeat.QUERY_BY_REF)
    desk.remote.next, desk.remote.lookup = "lost_before", "cannot"
    desk.run()
    assert isinstance(desk.outcome, Later), "what is not there now may still come"
    desk.pass_time(1000)
    desk.run()
    assert isinstance(desk.outcome, Refused)
    assert desk.outcome.reason.code == "effect.ask"
    assert desk.remote.log.count("send") == 1


def test_refusal_ends_the_effect_until_somebody_acts(desk):
    desk.remote.next = "refused"
    desk.run()
    assert isinstance(desk.outcome, Refused)
    assert desk.memory.row.state is EffectState.REJECTED
    desk.pass_time(100_000)
    desk.run()
    assert isinstance(desk.outcome, Refused)
    assert desk.remote.log.count("send") == 1


@pytest.mark.parametrize("clear", ["unreachable", "bug_before", "limited", "login"])
def test_what_certainly_did_nothing_is_planned_again(desk, clear):
    desk.remote.next = clear
    desk.run()
    assert desk.memory.row.state is EffectState.PLANNED
    assert desk.remote.log.count("locate") == 0
    desk.run()
    assert desk.memory.row.state is EffectState.CONFIRMED


def test_plugin_bug_after_the_write_left_is_an_unknown_outcome(desk):
    desk.remote.next = "bug_after"
    desk.run()
    assert isinstance(desk.outcome, PluginBug)
    assert desk.memory.row.state is EffectState.UNCERTAIN
    desk.run()
    assert desk.memory.row.state is EffectState.CONFIRMED
    assert desk.remote.log.count("send") == 1


def test_lost_lease_sends_nothing():
    desk = Desk(Repeat.QUERY_BY_REF)
    original = Lease.before_write
    try:
        Lease.before_write = lambda self: (_ for _ in ()).throw(LeaseLost("late"))
        desk.run()
    finally:
        Lease.before_write = original
    assert desk.remote.log == []
    assert desk.memory.row.state is EffectState.PLANNED


def test_what_the_target_stored_otherwise_waits_for_a_person_and_is_compared_again():
    desk = Desk(Repeat.QUERY_BY_REF)
    wrong = Receipt(ReceiptState.DONE, desk.remote.ref, echo=Echo(number="N9"))
    commit = desk.remote.commit
    desk.remote.send = lambda lease, now: (
        lease.before_write(),
        desk.remote.log.append("send"),
        commit(),
        wrong,
    )[-1]
    desk.run()
    assert isinstance(desk.outcome, Refused)
    assert desk.outcome.reason.code == "effect.differs"
    assert "N9" in desk.outcome.reason.text.en and "N1" in desk.outcome.reason.text.en
    desk.run()
    assert desk.remote.log.count("send") == 1
    # Somebody corrected the record over there: the look-up now finds what we sent.
    assert desk.memory.row.state is EffectState.CONFIRMED


def test_somebody_elses_record_waits_for_a_person():
    desk = Desk(Repeat.NATURAL_UNIQUE)
    desk.remote.records.append("theirs")
    for _ in range(8):
        desk.run()
        if isinstance(desk.outcome, Refused):
            break
        desk.pass_time(60)
    assert isinstance(desk.outcome, Refused)
    assert desk.outcome.reason.code == "effect.conflict"
    assert desk.remote.records == ["theirs"]
    assert desk.settled == 0
