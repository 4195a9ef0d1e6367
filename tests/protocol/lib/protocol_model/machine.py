"""The state machine: any order of work, faults, stops, waits and people, with the checkers looking on."""

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from kopru.hooks.manifest import Repeat
from protocol_model.process import Stop
from protocol_model.remotes import CLEAR, UNCLEAR, Send
from protocol_model.world import World

EXAMPLES = 250
"""Sequences tried on the protocol as it is, and at most on each mutant."""

MODES = st.sampled_from((Repeat.QUERY_BY_REF, Repeat.QUERY_BY_REF, *Repeat))
FAULTS = st.lists(st.sampled_from((*CLEAR, *UNCLEAR)), min_size=1, max_size=2, unique=True)
HABITS = st.sampled_from(("calm", "kills", "freezes", "both"))
LOOKS = st.sampled_from((("works",), ("works", "slow"), ("works", "down", "cannot")))
STOPS = st.builds(Stop, st.integers(1, 9), st.booleans())
SHARES = st.sampled_from((0.0, 0.5, 1.0))
PICKS, PROCESSES = st.integers(0, 2), st.integers(0, 1)
SECONDS = st.sampled_from((5, 11, 40, 85, 200))


class Broken(AssertionError):
    """An invariant does not hold."""


class Posting(RuleBasedStateMachine):
    """Two orders, two worker processes, a channel and a ledger of any repeat mode."""

    def __init__(self):
        super().__init__()
        self.world = None

    @initialize(
        channel=MODES, ledger=MODES, orders=st.integers(1, 2), faults=FAULTS, looks=LOOKS, habit=HABITS
    )
    def begin(self, channel, ledger, orders, faults, looks, habit):
        """Each sequence knows few faults only: so it gets deep into their consequences."""
        self.world = World(channel, ledger, orders=orders)
        self.sends, self.looks, self.habit = ("done", *faults), looks, habit

    @rule(at=PROCESSES, pick=PICKS, send=PICKS, look=PICKS, share=SHARES, stop=STOPS | st.none())
    def work(self, at, pick, send, look, share, stop):
        """A worker takes a due job; what it sends and looks up meets some fault; it may be stopped midway."""
        process, due = self.world.processes[at], self.world.due()
        if process.paused:
            self.world.resume(process, self._allowed(stop))
            return
        if not due:
            self.world.wait_for_work()
            return
        for remote in self.world.remotes.values():
            remote.sends = [Send(self.sends[send % len(self.sends)], share)]
            remote.lookups = [self.looks[look % len(self.looks)]]
        self.world.run(process, due[pick % len(due)], self._allowed(stop))

    @rule(at=PROCESSES, stop=STOPS | st.none())
    def go_on(self, at, stop):
        """A paused worker comes back; its lease may be gone."""
        process = self.world.processes[at]
        if process.paused:
            self.world.resume(process, self._allowed(stop))

    def _allowed(self, stop):
        """Leave a stop out that is not of this sequence's kind; the stop is used up, so take a copy."""
        if stop is None or self.habit == "calm":
            return None
        dies = stop.dies if self.habit == "both" else self.habit == "kills"
        return Stop(stop.after, dies)

    @rule(at=PROCESSES)
    def die(self, at):
        self.world.kill(self.world.processes[at])

    @rule(seconds=SECONDS)
    def wait(self, seconds):
        self.world.wait(seconds)

    @precondition(lambda self: self.world is not None and self.world.questions())
    @rule(pick=st.integers(0, 3), give_up=st.booleans())
    def person(self, pick, give_up):
        """A person looks at the remote and answers."""
        questions = self.world.questions()
        self.world.look_and_answer(*questions[pick % len(questions)], give_up=give_up)

    @precondition(lambda self: self.world is not None and self.world.retryable())
    @rule(pick=st.integers(0, 1))
    def try_again(self, pick):
        """A person tries a parked order again."""
        orders = self.world.retryable()
        self.world.try_again(orders[pick % len(orders)])

    @invariant()
    def holds(self):
        if self.world is not None:
            _none(self.world.violations())

    def teardown(self):
        if self.world is None:
            return
        try:
            self.world.come_to_rest()
            _none(self.world.violations_at_rest())
        finally:
            self.world.close()


def _none(violations):
    if violations:
        raise Broken("\n".join(str(each) for each in violations))


def explore(examples=EXAMPLES, *, steps=12, machine=Posting, shrink=False):
    """Try so many sequences, always the same ones.

    Raises:
        Broken: an invariant does not hold.
    """
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=True,
            database=None,
            deadline=None,
            phases=phases,
            report_multiple_bugs=False,
            print_blob=False,
            verbosity=Verbosity.normal if shrink else Verbosity.quiet,
            suppress_health_check=list(HealthCheck),
        ),
    )
