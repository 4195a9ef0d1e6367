"""How far decisions made alone can be trusted, and which abbreviations and rules follow from decisions. Pure."""

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.flows.abbreviations import abbreviations, shortens
from kopru.flows.linerows import Decision, LineRow, LineSource, RuleKind, RuleRow, Taught
from kopru.flows.ruling import pattern_key, said_of, unit_key
from kopru.flows.trust import ENOUGH, NEVER, fits_price, is_trusted, lower_bound, own_threshold, safe_score


def decisions(*groups):
    return [Decision(score, right) for score, right, count in groups for _ in range(count)]


def test_too_few_decisions_say_nothing():
    assert own_threshold(decisions((0.9, True, ENOUGH - 1))) is None


def test_the_threshold_goes_as_low_as_the_lower_bound_allows():
    assert own_threshold(decisions((0.95, True, 500), (0.8, True, 500))) is not None
    good = decisions((0.95, True, 2000), (0.8, True, 2000), (0.5, True, 50), (0.5, False, 50))
    assert own_threshold(good) == 0.8


def test_bad_decisions_never_let_the_text_decide():
    assert own_threshold(decisions((0.99, True, 900), (0.99, False, 100))) == NEVER


@given(st.lists(st.tuples(st.integers(0, 100), st.booleans()), min_size=1, max_size=600))
def test_at_its_threshold_the_precision_is_as_wanted(drawn):
    past = [Decision(score / 100, right) for score, right in drawn]
    threshold = own_threshold(past)
    if threshold is None or threshold == NEVER:
        return
    taken = [each for each in past if each.score >= threshold]
    assert lower_bound(sum(each.right for each in taken), len(taken)) >= 0.995


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_lower_bound_lies_below_the_share(right, more):
    total = right + more
    assert 0.0 <= lower_bound(right, total) <= right / total + 1e-12


def test_bulk_is_proposed_above_every_mistake():
    assert safe_score(decisions((0.9, True, 3), (0.7, False, 1), (0.6, True, 5))) == 0.9
    assert safe_score([]) == 0.95


@pytest.mark.parametrize(
    ("alone", "corrected", "trusted"),
    [(0, 0, True), (50, 1, True), (50, 2, True), (49, 2, False), (3, 2, False)],
)
def test_trust_is_lost_by_corrections(alone, corrected, trusted):
    assert is_trusted(Taught(decided_alone=alone, corrected=corrected)) is trusted


def test_prices_tell_a_pack_from_a_piece():
    known = [Decimal("10.00"), Decimal("10.50"), Decimal("9.80")]
    assert fits_price(Decimal("11"), known) is None
    assert fits_price(Decimal("120"), known) == Decimal("10.00")
    assert fits_price(Decimal("120"), known[:2]) is None, "too little is known"


@pytest.mark.parametrize(
    ("word", "whole", "does"),
    [
        ("syh", "siyah", True),
        ("kpk", "kapakli", True),
        ("siya", "siyah", False),
        ("yh", "siyah", False),
        ("12", "1234", False),
        ("s", "siyah", False),
    ],
)
def test_what_shortens_a_word(word, whole, does):
    assert shortens(word, whole) is does


def test_an_abbreviation_means_one_word_or_none():
    assert abbreviations("defter syh", "defter siyah buyuk") == {"syh": "siyah"}
    assert abbreviations("defter syh", "defter siyah seyhan") == {}
    assert abbreviations("sh syh", "siyah") == {}


ITEM_A, ITEM_B = UUID(int=1), UUID(int=2)


def rule(kind, key, item=ITEM_A, partner="P", text="", unit="", n=9):
    return RuleRow(UUID(int=n), partner, kind, key, text, item, unit=unit)


def line(text="mavi kalem", code="", unit=""):
    return LineRow(UUID(int=5), LineSource.FILE, "f", "1", "P", text, seller_code=code, unit=unit)


def test_a_partners_own_rule_stands_above_one_for_everyone():
    everyone = rule(RuleKind.TEXT, "mavi kalem", ITEM_B, partner="")
    own = rule(RuleKind.PATTERN, pattern_key("kalem mavi"))
    assert said_of(line(), [everyone, own]).rule is own
    assert said_of(line(), [everyone]).rule is everyone


def test_a_code_decides_under_its_own_text_and_names_under_another():
    made = rule(RuleKind.CODE, "K-1", text="Mavi KALEM")
    assert said_of(line(code="k-1"), [made]).sure
    assert not said_of(line("kirmizi silgi", code="K-1"), [made]).sure


def test_rules_that_disagree_decide_nothing():
    two = [rule(RuleKind.PATTERN, "kalem", n=1), rule(RuleKind.PATTERN, "mavi", ITEM_B, n=2)]
    assert said_of(line(), two).rule is None
    assert set(said_of(line(), two).disagreeing) == set(two)


@pytest.mark.parametrize(
    ("known", "unit", "fits"),
    [("CT", "Koli", True), ("CT", "adet", False), ("", "x", True), ("CT", "", True)],
)
def test_a_rule_holds_for_its_unit(known, unit, fits):
    assert said_of(line(unit=unit), [rule(RuleKind.TEXT, "mavi kalem", unit=known)]).fits_unit is fits


@given(st.text())
def test_units_and_patterns_are_kept_in_one_spelling(text):
    assert unit_key(unit_key(text)) == unit_key(text)
    assert pattern_key(pattern_key(text)) == pattern_key(text)
