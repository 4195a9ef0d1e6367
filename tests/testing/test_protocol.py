"""The posting protocol of the kit, against a made-up target that loses requests and answers."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from kopru.sdk import (
    Absent,
    Conflict,
    Found,
    Located,
    OutcomeUnknown,
    Receipt,
    ReceiptState,
    Repeat,
    TransientError,
    Write,
)
from kopru.testing.contract.protocol import Posting, no_lookup

DONE = Receipt(ReceiptState.DONE)


@dataclass
class Target:
    """Stores one write; each attempt goes as its script says."""

    repeat: Repeat
    script: list[str]
    records: int = 0
    late: int = 0
    sent: list[str] = field(default_factory=list)

    def send(self) -> Receipt:
        step = self.script.pop(0) if self.script else "ok"
        self.sent.append(step)
        if step == "unreachable":
            raise TransientError("test.unreachable")
        if step == "late":
            self.late += 1
        if step in ("lost_request", "late"):
            raise OutcomeUnknown("test.lost")
        self.commit()
        if step == "lost_answer":
            raise OutcomeUnknown("test.lost")
        return DONE

    def commit(self) -> None:
        if self.records and self.repeat is Repeat.NATURAL_UNIQUE:
            raise Conflict("test.exists")
        if not (self.records and self.repeat in (Repeat.NATIVE_KEY, Repeat.ABSOLUTE)):
            self.records += 1

    def settle(self) -> None:
        for _ in range(self.late):
            try:
                self.commit()
            except Conflict:
                continue
        self.late = 0

    def locate(self) -> Located:
        return Found(DONE) if self.records else Absent()


def posting(target: Target, *, blind: bool = False) -> Posting:
    locate = no_lookup if blind else target.locate
    return Posting(Write(target.repeat), target.send, locate, target.settle)


STEPS = st.lists(st.sampled_from(("unreachable", "lost_request", "lost_answer", "late", "ok")), max_size=4)
PROTECTED = st.sampled_from((Repeat.NATIVE_KEY, Repeat.NATURAL_UNIQUE, Repeat.QUERY_BY_REF, Repeat.ABSOLUTE))


@given(PROTECTED, STEPS)
def test_one_record_whatever_happens(repeat: Repeat, script: list[str]) -> None:
    target = Target(repeat, list(script))
    done = posting(target).run()
    target.settle()
    assert done.decided, done.story
    assert target.records == 1, done.story


@given(STEPS)
def test_nothing_is_sent_twice_before_a_look_up(script: list[str]) -> None:
    target = Target(Repeat.QUERY_BY_REF, list(script))
    done = posting(target).run()
    for step, following in zip(done.trail, done.trail[1:], strict=False):
        assert not (step == "OutcomeUnknown" and following in ("sent", "OutcomeUnknown")), done.story


@given(st.sampled_from((Repeat.QUERY_BY_REF, Repeat.NONE)), STEPS)
def test_without_a_look_up_a_person_decides(repeat: Repeat, script: list[str]) -> None:
    target = Target(repeat, list(script))
    done = posting(target, blind=True).run()
    unsure = [step for step in target.sent if step in ("lost_request", "lost_answer", "late")]
    assert len(unsure) <= 1
    assert done.decided == (not unsure)


def test_a_refused_repeat_ends_where_the_target_bans_identical_ones() -> None:
    from datetime import timedelta

    def refuse() -> Receipt:
        raise Conflict("test.repeated")

    facts = Write(Repeat.ABSOLUTE, repeat_after=timedelta(minutes=15))
    done = Posting(facts, refuse, no_lookup, lambda: None).run()
    assert done.decided
    assert done.trail == ["Conflict"]


def test_it_gives_up_in_the_end() -> None:
    def fail() -> Receipt:
        raise TransientError("test.down")

    done = Posting(Write(Repeat.NATIVE_KEY), fail, no_lookup, lambda: None).run()
    assert not done.decided
    assert done.trail[-1] == "gave up"
