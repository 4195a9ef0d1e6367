"""Any order of work, faults, stops and answers: no invariant breaks, and everything comes to an end."""

import pytest

from kopru.hooks.manifest import Repeat
from protocol_model.machine import explore
from protocol_model.remotes import Send
from protocol_model.scenarios import SCENARIOS
from protocol_model.world import POST, World


def test_nothing_breaks():
    explore()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_pinned_sequence(scenario):
    scenario()


@pytest.mark.parametrize("ledger", list(Repeat))
@pytest.mark.parametrize("channel", list(Repeat))
def test_without_faults_every_order_is_done_with_one_send_each(channel, ledger):
    """A machine whose orders all end parked would hold every invariant and show nothing."""
    world = World(channel, ledger)
    try:
        world.come_to_rest()
        assert world.violations_at_rest() == []
        assert {end.state for end in world.order_ends()} == {"done"}
        assert [len(remote.log) for remote in world.remotes.values()] == [2, 2]
    finally:
        world.close()


@pytest.mark.parametrize(
    "fault", ["lost_after", "lost_before", "reset_late", "timeout_late", "lag", "bug_after"]
)
@pytest.mark.parametrize("repeat", [each for each in Repeat if each is not Repeat.NONE])
def test_lost_answer_ends_done(repeat, fault):
    world = World(Repeat.NATURAL_UNIQUE, repeat, orders=1)
    try:
        world.run(world.processes[0], world.due()[0])
        world.remotes[POST].sends = [Send(fault)]
        world.run(world.processes[0], world.due()[0])
        world.come_to_rest()
        assert world.violations_at_rest() == []
        assert [end.state for end in world.order_ends()] == ["done"]
    finally:
        world.close()
