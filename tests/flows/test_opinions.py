"""What advice may do to a verdict: shift it, and never open what is closed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.flows.linerows import suggestion_from_json, suggestion_to_json
from kopru.flows.opinions import Named, Opinion, merged, shifted
from kopru.hooks.advice import LineAdvice
from kopru.matching.api import DEFAULT_POLICY, Gate, Policy, Reasons, State, Suggestion, Verdict, Via
from kopru.model import Text

THRESHOLD = 0.95
LOOK = Text(tr="Bakın.", en="Look.")
OTHERS = {"far": Named("STK-9", "Uzak"), "b": Named("STK-b", "b")}


def suggestion(item_id, score, *gates, via=Via.TEXT):
    seen = Reasons(matched=(item_id,))
    return Suggestion(item_id, f"STK-{item_id}", item_id, score, via, seen, frozenset(gates), None, "1")


def verdict(state, *suggestions):
    return Verdict("line", state, suggestions, LOOK, "match.line.some", "1")


def says(item_id, weight, adviser="history-1"):
    reason = Text(tr=f"{adviser}: {item_id}.", en=f"{adviser}: {item_id}.")
    return Opinion(adviser, LineAdvice("line", item_id, weight, reason))


def merge(given_, *opinions, policy=DEFAULT_POLICY):
    return merged(given_, opinions, policy, THRESHOLD, OTHERS)


UNSURE = verdict(State.SUGGESTED, suggestion("a", 0.8), suggestion("b", 0.3))
SURE = verdict(State.RESOLVED, suggestion("a", 0.97), suggestion("b", 0.3))


def test_without_opinions_a_verdict_stays():
    assert merge(UNSURE) is UNSURE


def test_support_resolves_what_was_nearly_sure_and_says_why():
    found = merge(UNSURE, says("a", 0.8))
    assert (found.state, found.code) == (State.RESOLVED, "advice.resolved")
    assert found.best.score >= THRESHOLD
    assert found.reason.tr == "Bu kart: history-1: a."
    assert found.best.reasons.text.en.startswith("In both: a.")
    assert found.best.reasons.text.en.endswith("history-1: a.")
    assert found.suggestions[1] == UNSURE.suggestions[1]
    assert found.version == found.best.version == "1+history-1"


def test_what_was_said_is_kept_with_a_stored_suggestion():
    found = merge(UNSURE, says("a", 0.8)).best
    assert suggestion_from_json(suggestion_to_json(found)) == found
    untouched = UNSURE.suggestions[1]
    assert suggestion_from_json(suggestion_to_json(untouched)) == untouched


def test_support_that_is_too_weak_only_moves_the_score():
    found = merge(UNSURE, says("a", 0.1))
    assert found.state is State.SUGGESTED
    assert found.code == UNSURE.code
    assert 0.8 < found.best.score < THRESHOLD


def test_support_reorders_and_the_item_that_rose_may_be_resolved():
    low = verdict(State.SUGGESTED, suggestion("a", 0.5), suggestion("b", 0.6 - 0.2))
    found = merge(low, says("b", 1.0))
    assert [each.item_id for each in found.suggestions] == ["b", "a"]
    assert found.state is State.SUGGESTED
    near = verdict(State.SUGGESTED, suggestion("a", 0.55), suggestion("b", 0.54))
    assert merge(near, says("b", 1.0)).state is State.RESOLVED


def test_support_for_two_items_settles_neither():
    assert merge(UNSURE, says("a", 1.0), says("b", 0.2)).state is State.SUGGESTED


@pytest.mark.parametrize("gate", Gate)
def test_no_advice_opens_a_gate(gate):
    closed = verdict(State.SUGGESTED, suggestion("a", 0.94, gate), suggestion("b", 0.1))
    many = [says("a", 1.0, f"adviser-{n}") for n in range(5)]
    assert merge(closed, *many).state is State.SUGGESTED


def test_a_tie_is_not_broken_by_putting_the_other_item_first():
    tie = verdict(State.SUGGESTED, suggestion("a", 0.94, Gate.RIVAL), suggestion("b", 0.94))
    found = merge(tie, says("b", 1.0))
    assert (found.best.item_id, found.state) == ("b", State.SUGGESTED)


def test_a_conflict_stays_one():
    found = merge(verdict(State.CONFLICT, suggestion("a", 0.9), suggestion("b", 0.3)), says("a", 1.0))
    assert (found.state, found.reason) == (State.CONFLICT, LOOK)


def test_the_policy_counts_for_advice_too():
    policy = Policy(alone=frozenset({Via.BARCODE}))
    assert merge(UNSURE, says("a", 1.0), policy=policy).state is State.SUGGESTED


@pytest.mark.parametrize("weights", [[("a", -0.6)], [("b", 0.6)], [("a", 0.1), ("b", 0.9)]])
def test_an_objection_sends_a_resolved_line_to_a_person(weights):
    found = merge(SURE, *(says(*each) for each in weights))
    assert (found.state, found.code) == (State.SUGGESTED, "advice.objected")
    assert "history-1" in found.reason.tr


def test_support_leaves_a_resolved_line_as_it_is():
    found = merge(SURE, says("a", 0.5), says("b", 0.2))
    assert (found.state, found.code, found.best.item_id) == (State.RESOLVED, SURE.code, "a")


def test_a_small_doubt_asks_when_the_score_falls_below_the_threshold():
    assert merge(SURE, says("a", -0.3)).state is State.SUGGESTED
    assert merge(SURE, says("a", -0.01)).state is State.RESOLVED


@pytest.mark.parametrize("via", [Via.BARCODE, Via.CODE])
def test_identifiers_stand_against_small_doubts_but_not_against_objections(via):
    known = verdict(State.RESOLVED, suggestion("a", 0.999, via=via), suggestion("b", 0.3))
    assert merge(known, says("a", -0.4)).state is State.RESOLVED
    found = merge(known, says("a", -0.7))
    assert (found.state, found.best.item_id) == (State.SUGGESTED, "a")


def test_a_persons_rule_stands_above_every_adviser():
    ruled = verdict(State.RESOLVED, suggestion("a", 0.999, via=Via.RULE), suggestion("b", 0.3))
    assert merge(ruled, says("a", -1.0), says("b", 1.0)) is ruled


def test_an_item_only_advisers_know_is_suggested_and_never_resolved():
    found = merge(verdict(State.UNMATCHED), *(says("far", 1.0, f"adviser-{n}") for n in range(5)))
    assert (found.state, found.code) == (State.SUGGESTED, "advice.suggested")
    assert (found.best.item_code, found.best.name) == ("STK-9", "Uzak")
    assert found.best.gates and found.best.score < 0.5
    assert found.best.reasons.text.tr == " ".join(f"adviser-{n}: far." for n in range(5))
    alone = merge(UNSURE, says("far", 1.0))
    assert alone.state is State.SUGGESTED and len(alone.suggestions) == 3


def test_advice_against_an_unseen_item_adds_nothing():
    found = merge(verdict(State.UNMATCHED), says("far", -1.0))
    assert (found.state, found.suggestions) == (State.UNMATCHED, ())


OPINIONS = st.lists(
    st.builds(
        says,
        st.sampled_from(["a", "b", "c", "far"]),
        st.floats(-1, 1),
        st.sampled_from(["x-1", "y-2", "z-3"]),
    ),
    max_size=6,
    unique_by=lambda each: (each.adviser, each.advice.item_id),
)
SUGGESTIONS = st.tuples(
    st.floats(0, 1), st.frozensets(st.sampled_from(Gate), max_size=2), st.sampled_from(Via)
)


@given(
    st.sampled_from([State.RESOLVED, State.SUGGESTED, State.CONFLICT, State.UNMATCHED]),
    st.lists(SUGGESTIONS, min_size=1, max_size=3),
    OPINIONS,
    st.randoms(),
)
def test_advice_never_resolves_what_is_gated_and_its_order_does_not_matter(state, made, opinions, chance):
    made = sorted(made, key=lambda each: -each[0])
    rows = [suggestion("abc"[n], score, *gates, via=via) for n, (score, gates, via) in enumerate(made)]
    if state is State.RESOLVED:
        rows[0] = replace(rows[0], gates=frozenset())
    before = verdict(state, *rows)
    found = merge(before, *opinions)
    if found.state is State.RESOLVED:
        assert not found.best.gates
        assert state in (State.RESOLVED, State.SUGGESTED)
    if state is State.RESOLVED and found.state is State.RESOLVED:
        assert found.best.item_id == "a"
    gates = {each.item_id: each.gates for each in found.suggestions}
    assert all(gates[each.item_id] == each.gates for each in rows)
    shuffled = list(opinions)
    chance.shuffle(shuffled)
    assert merge(before, *shuffled) == found


@given(st.floats(0, 1), st.floats(-1, 1), st.floats(-1, 1))
def test_more_weight_never_lowers_a_score(score, one, other):
    low, high = sorted((one, other))
    assert 0 <= shifted(score, low) <= shifted(score, high) <= 1
