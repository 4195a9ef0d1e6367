"""The protocol with one of its rules taken out: the machine must notice, each time.

A mutant that survives is a hole in the machine or in the checkers, not a success. The protocol as it is survives
the same sequences (``test_machine``).
"""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest

from kopru.documents import format_number, gib, with_number
from kopru.flows import booking, effects, invoicing
from kopru.flows.env import Lease, Work
from kopru.flows.records import EffectState
from protocol_model.machine import Broken, explore
from protocol_model.memory import Effects
from protocol_model.scenarios import (
    answer_during_look_up,
    late_login,
    late_zombie,
    slow_look_up,
    zombie_that_looked,
)


@dataclass(frozen=True)
class Mutant:
    """One rule taken out: what is replaced by what, and the invariants of which one must break."""

    name: str
    replaced: tuple[tuple[object, str, object], ...]
    breaks: str
    hunt: Callable[[], None] = explore
    """What must notice: the machine, or the one sequence that is too deep to be met by chance."""


# Without looking


def repeat_blindly(work, effect, write, *, certain=False):
    effects._turn(work, effect, EffectState.PLANNED, None)
    return replace(effect, state=EffectState.PLANNED, reason=None)


def no_quiet(work, effect, facts):
    return 0.0


def quiet_since_sending(work, effect, facts):
    """The quiet period begins with the intent, however late the first byte leaves."""
    with work.read() as uow:
        sent_at = uow.effects.get(effect.id).sent_at
        return (effects.LEASE + facts.timeout + facts.quiet - (uow.now - sent_at)).total_seconds()


class LookFirst:
    """The quiet period is compared with the time after the look-up."""

    _quiet_left = staticmethod(effects._quiet_left)

    def __init__(self, *arguments):
        self._arguments = arguments

    def __gt__(self, other):
        return self._quiet_left(*self._arguments) > other

    def __add__(self, other):
        return self._quiet_left(*self._arguments) + other


# Without fences


def unguarded(lease):
    lease.writes += 1


@contextmanager
def write_without_hold(work):
    with work.read() as uow:
        yield uow


@contextmanager
def write_whatever_the_attempt(work):
    with work.read() as uow:
        job = uow.jobs.get(work.job_id) if work.job_id is not None else None
        if job is not None:
            uow.jobs.hold(job.id, job.attempt_no)
        yield uow


# In another order

_forward = invoicing._forward


def number_after_sending(work, case, document, through):
    """Send under the number that will be next, and take it once the channel has accepted."""
    year, day = document.issue_date.year, document.issue_date
    with work.write() as uow:
        document = uow.documents.get(document.id)
        if document.number is None:
            sequence = max((row[2] for row in uow.documents.numbers()), default=0) + 1
            full = format_number(gib("KPA"), year, sequence)
            uow.documents.set_number(document.id, full, with_number(document.invoice, full))
            document = uow.documents.get(document.id)
    invoicing._submit(work, document)
    with work.write() as uow:
        uow.documents.allot(document.id, "KPA", year, day)
    _forward(work, case, document, through)


def intend_nothing(uow, work, effect, request_hash):
    row = uow.effects.plan(effect)
    return row, row.state is EffectState.PLANNED


_send = effects._send


def commit_sending_after_the_bytes(work, effect, write):
    def send(opened, key):
        receipt = write.send(opened, key)
        with work.write() as uow:
            uow.effects.sending(effect.id, write.request_hash)
        return receipt

    return _send(work, effect, replace(write, send=send))


# Without doubt


def undo_always(work, effect, error):
    effects._turn(work, effect, EffectState.PLANNED, None)


def nothing_differs(expected, stored):
    return None


def say_over(uow, effect):
    """What a person said in the meantime is overwritten."""


MUTANTS = (
    Mutant("no look-up before a repeat", ((effects, "_find_out", repeat_blindly),), "I2 I7"),
    Mutant("no quiet period", ((effects, "_quiet_left", no_quiet),), "I2 I7"),
    Mutant("number after send", ((invoicing, "_forward", number_after_sending),), "I2 I3"),
    Mutant(
        "intent committed after the bytes",
        (
            *((flow, "begin", intend_nothing) for flow in (effects, invoicing, booking)),
            (effects, "_send", commit_sending_after_the_bytes),
        ),
        "I2 I7",
    ),
    Mutant("every failure did nothing", ((effects, "_undo_or_doubt", undo_always),), "I2 I7"),
    Mutant("no comparison", ((effects, "_difference", nothing_differs),), "I4"),
    Mutant(
        "no lease check before the first byte", ((Lease, "before_write", unguarded),), "I2 I7", late_zombie
    ),
    Mutant("no hold on the job", ((Work, "write", write_without_hold),), "I2 I7", zombie_that_looked),
    Mutant(
        "attempt not checked", ((Work, "write", write_whatever_the_attempt),), "I2 I7", zombie_that_looked
    ),
    Mutant(
        "quiet period since the intent",
        ((effects, "_quiet_left", quiet_since_sending), (Effects, "_last_on_its_way", lambda *_: {})),
        "I2 I7",
        late_login,
    ),
    Mutant("quiet period after the look-up", ((effects, "_quiet_left", LookFirst),), "I2 I7", slow_look_up),
    Mutant("a person is overruled", ((effects, "_yield_to_person", say_over),), "I7", answer_during_look_up),
)


@pytest.fixture(params=MUTANTS, ids=lambda mutant: mutant.name)
def mutant(request, monkeypatch):
    for owner, name, by in request.param.replaced:
        monkeypatch.setattr(owner, name, by)
    return request.param


def test_mutant_is_killed(mutant):
    with pytest.raises(Broken) as broken:
        mutant.hunt()
    found = {line.split()[0] for line in str(broken.value).splitlines()}
    assert found & set(mutant.breaks.split()), broken.value
