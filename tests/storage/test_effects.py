"""Effects: one row for ever per write; it goes out only from planned and is settled only after that."""

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy.exc import NoResultFound

from kopru.flows.records import EffectState, Reason, new_effect
from kopru.hooks.types import Echo, Operation
from kopru.model import ExternalRef, Text

REASON = Reason("some.reason", Text(tr="Neden", en="Reason"))
REF = ExternalRef(kind="invoice", id="77")


@pytest.fixture
def get(desk):
    def read(effect):
        with desk.open() as uow:
            return uow.effects.get(effect.id)

    return read


def put(desk, effect, *path):
    """Bring an effect to a state through the states that lead there."""
    for state in path:
        with desk.open() as uow:
            if state is EffectState.SENDING:
                uow.effects.sending(effect.id, "hash")
            elif state in (EffectState.ACCEPTED, EffectState.CONFIRMED):
                uow.effects.settle(effect.id, state, REF, None, Echo())
            else:
                uow.effects.turn(effect.id, state, REASON)


PATHS = {
    EffectState.PLANNED: (),
    EffectState.SENDING: (EffectState.SENDING,),
    EffectState.UNCERTAIN: (EffectState.SENDING, EffectState.UNCERTAIN),
    EffectState.ACCEPTED: (EffectState.SENDING, EffectState.ACCEPTED),
    EffectState.CONFIRMED: (EffectState.SENDING, EffectState.CONFIRMED),
    EffectState.REJECTED: (EffectState.SENDING, EffectState.REJECTED),
    EffectState.ABANDONED: (EffectState.SENDING, EffectState.ABANDONED),
}


def test_planning_again_finds_the_first(desk):
    first, again = desk.effect("key"), desk.effect("key")
    assert first.id == again.id
    assert again.state is EffectState.PLANNED


def test_planning_at_the_same_time_makes_one_effect(desk):
    barrier = threading.Barrier(8)

    def plan():
        with desk.open() as uow:
            barrier.wait()
            return uow.effects.plan(new_effect("key", Operation.POST_INVOICE, desk.shop.id)).id

    with ThreadPoolExecutor(8) as pool:
        ids = {each.result(30) for each in [pool.submit(plan) for _ in range(8)]}
    assert len(ids) == 1


def test_only_one_of_many_sends(desk, get):
    effect = desk.effect()
    barrier = threading.Barrier(8)

    def send(number):
        with desk.open() as uow:
            barrier.wait()
            return uow.effects.sending(effect.id, f"hash {number}")

    with ThreadPoolExecutor(8) as pool:
        outcomes = [pool.submit(send, number) for number in range(8)]
    sent = [each.result() for each in outcomes if each.exception(30) is None]
    assert sent == [1]
    assert {type(each.exception()) for each in outcomes} == {type(None), NoResultFound}
    row = get(effect)
    assert (row.state, row.attempt) == (EffectState.SENDING, 1)
    assert row.sent_at is not None


@pytest.mark.parametrize("state", PATHS)
def test_an_effect_goes_out_from_planned_only(desk, get, state):
    effect = desk.effect()
    put(desk, effect, *PATHS[state])
    if state is EffectState.PLANNED:
        put(desk, effect, EffectState.SENDING)
        assert get(effect).request_hash == "hash"
        return
    before = get(effect)
    with pytest.raises(NoResultFound):
        put(desk, effect, EffectState.SENDING)
    assert get(effect) == before


@pytest.mark.parametrize("state", PATHS)
def test_an_effect_is_settled_only_when_it_went_out(desk, get, state):
    effect = desk.effect()
    put(desk, effect, *PATHS[state])
    before = get(effect)
    if state in (EffectState.SENDING, EffectState.UNCERTAIN):
        put(desk, effect, EffectState.CONFIRMED)
        assert get(effect).settled
        return
    with pytest.raises(NoResultFound):
        put(desk, effect, EffectState.CONFIRMED)
    assert get(effect) == before


def test_each_time_out_is_an_attempt(desk, get):
    effect = desk.effect()
    put(desk, effect, EffectState.SENDING, EffectState.PLANNED, EffectState.SENDING)
    assert get(effect).attempt == 2


def test_look_ups_are_counted_until_the_next_attempt(desk, get):
    effect = desk.effect()
    put(desk, effect, EffectState.SENDING)
    with desk.open() as uow:
        uow.effects.looked_up(effect.id)
        uow.effects.looked_up(effect.id)
    assert (get(effect).state, get(effect).lookups) == (EffectState.UNCERTAIN, 2)
    put(desk, effect, EffectState.PLANNED, EffectState.SENDING)
    assert get(effect).lookups == 0


def test_what_the_remote_said_is_kept(desk, get):
    effect = desk.effect()
    put(desk, effect, EffectState.SENDING)
    echo = Echo(total=Decimal("120.00"), currency="TRY", number="A1", date="2026-03-02", party="120")
    with desk.open() as uow:
        uow.effects.settle(effect.id, EffectState.ACCEPTED, REF, "A1", echo)
    row = get(effect)
    assert (row.state, row.ref, row.number, row.echo, row.reason) == (
        EffectState.ACCEPTED,
        REF,
        "A1",
        echo,
        None,
    )


def test_open_effects_are_those_whose_outcome_is_not_known(desk):
    effects = {state: desk.effect(f"in {state}") for state in PATHS}
    for state, path in PATHS.items():
        put(desk, effects[state], *path)
    with desk.open() as uow:
        assert {row.state for row in uow.effects.open()} == {EffectState.SENDING, EffectState.UNCERTAIN}
