"""Sequences that chance seldom meets, each pinned because a protocol without one of its rules fails in it.

All write to a ledger that stores a repeat (``query_by_ref``), the hardest of the modes.
"""

from contextlib import contextmanager

from kopru.hooks.manifest import Repeat
from protocol_model.machine import Broken
from protocol_model.process import Stop
from protocol_model.remotes import Send
from protocol_model.world import POST, World

PASSED = 200
"""Seconds after which nobody is at a lost write any more."""


@contextmanager
def booking(repeat=Repeat.QUERY_BY_REF):
    """One order whose invoice is about to be booked; at the end nothing may be broken.

    Raises:
        Broken: an invariant does not hold.
    """
    world = World(Repeat.NATURAL_UNIQUE, repeat, orders=1)
    try:
        take(world, 0)
        yield world
        world.come_to_rest()
        violations = world.violations_at_rest()
        if violations:
            raise Broken("\n".join(str(each) for each in violations))
    finally:
        world.close()


def take(world, at, send="done", *, share=1.0, look="works", stop=None):
    """Let a process take the first due job."""
    job_id = world.due()[0]
    world.remotes[POST].sends, world.remotes[POST].lookups = [Send(send, share)], [look]
    world.run(world.processes[at], job_id, stop)


def pause_at(name, nth=1):
    return Stop(nth, dies=False, name=name)


def late_zombie():
    """A process sleeps right before its first byte until another one has booked, then goes on."""
    with booking() as world:
        take(world, 0, stop=pause_at("sending"))
        world.wait(11)
        take(world, 1)
        world.wait(PASSED)
        take(world, 1)
        world.resume(world.processes[0])


def zombie_that_looked():
    """A process sleeps with "absent" in hand while another one sends, and goes on in the middle of that."""
    with booking() as world:
        take(world, 0, "lost_before")
        world.wait(PASSED)
        take(world, 0, stop=pause_at("located"))
        world.wait(11)
        take(world, 1, stop=pause_at("sent"))
        world.resume(world.processes[0])
        world.resume(world.processes[1])


def late_login():
    """The login is renewed between intent and first byte; the target commits as late as it says it may."""
    with booking() as world:
        take(world, 0, "expired_late")
        for _ in range(30):
            world.wait(5)
            for job_id in world.due():
                world.run(world.processes[0], job_id)


def slow_look_up():
    """A look-up is answered before the late commit and arrives after the quiet period."""
    with booking() as world:
        take(world, 0, "reset_late")
        world.wait(85)
        take(world, 0, look="slow")


def answer_during_look_up():
    """A person gives a write up while a look-up is under way that finds nothing."""
    with booking() as world:
        take(world, 0, "lost_before")
        world.wait(PASSED)
        take(world, 0, look="cannot")
        (order,) = world.retryable()
        world.try_again(order)
        take(world, 0, stop=pause_at("located"))
        ((document, effect),) = world.questions()
        world.look_and_answer(document, effect, give_up=True)
        world.resume(world.processes[0])


def hasty_person():
    """A person looks at once at a ledger that cannot be searched; the record comes later."""
    with booking(Repeat.NONE) as world:
        take(world, 0, "reset_late")
        for document, effect in world.questions():
            world.look_and_answer(document, effect)


def other_total_tried_again():
    """The ledger stored another total and cannot be searched; trying again does not make it right."""
    with booking(Repeat.NONE) as world:
        take(world, 0, "differs")
        (order,) = world.retryable()
        world.try_again(order)


SCENARIOS = (
    late_zombie,
    zombie_that_looked,
    late_login,
    slow_look_up,
    answer_during_look_up,
    hasty_person,
    other_total_tried_again,
)
