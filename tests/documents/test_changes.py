"""What a change of the order means at every point of its document's life: the whole table."""

from collections.abc import Callable
from functools import cache
from itertools import product
from typing import Any

import pytest

from kopru.documents import (
    TEXTS,
    Change,
    DocumentFacts,
    DocumentState,
    EffectState,
    Plan,
    Step,
    classify_change,
    plan_change,
    plan_withdrawal,
)
from kopru.hooks.types import RemoteState
from kopru.model import Order, OrderLine, OrderStatus, Party, Profile

ARCHIVE, BASIC, COMMERCIAL = Profile.ARCHIVE, Profile.BASIC, Profile.COMMERCIAL
CANCELLED, REDUCED, EXTENDED, BUYER = Change.CANCELLED, Change.REDUCED, Change.EXTENDED, Change.BUYER
S, E, R = DocumentState, EffectState, RemoteState

TABLE: list[tuple[Change, dict[str, Any], list[Step]]] = [
    # nothing made yet, or nothing live
    (CANCELLED, {"state": S.NONE}, []),
    (REDUCED, {"state": S.NONE}, [Step.REPLAN]),
    (CANCELLED, {"state": S.VOID, "submit": E.REJECTED}, []),
    (BUYER, {"state": S.VOID, "submit": E.REJECTED}, [Step.REPLAN]),
    # before the number
    (CANCELLED, {"state": S.DRAFT}, [Step.DROP]),
    (CANCELLED, {"state": S.VALIDATED}, [Step.DROP]),
    (BUYER, {"state": S.DRAFT}, [Step.REPLAN]),
    (EXTENDED, {"state": S.VALIDATED}, [Step.REPLAN]),
    # numbered, not sent
    (CANCELLED, {"state": S.NUMBERED}, [Step.VOID]),
    (CANCELLED, {"state": S.NUMBERED, "submit": E.PLANNED}, [Step.VOID]),
    (CANCELLED, {"state": S.NUMBERED, "submit": E.ABANDONED}, [Step.VOID]),
    (REDUCED, {"state": S.NUMBERED}, [Step.VOID, Step.REPLAN]),
    # on the way
    (CANCELLED, {"state": S.NUMBERED, "submit": E.SENDING}, [Step.WAIT]),
    (REDUCED, {"state": S.NUMBERED, "submit": E.UNCERTAIN}, [Step.WAIT]),
    (CANCELLED, {"state": S.ISSUED, "submit": E.ACCEPTED, "book": E.SENDING}, [Step.WAIT]),
    (BUYER, {"state": S.ISSUED, "submit": E.CONFIRMED, "book": E.UNCERTAIN}, [Step.WAIT]),
    # refused by channel or GİB: the number stays with its document
    (CANCELLED, {"state": S.NUMBERED, "submit": E.REJECTED}, [Step.VOID]),
    (BUYER, {"state": S.NUMBERED, "submit": E.REJECTED}, [Step.CORRECT]),
    (REDUCED, {"state": S.ISSUED, "submit": E.ACCEPTED, "remote": R.RETRYABLE}, [Step.CORRECT]),
    (
        BUYER,
        {
            "state": S.ISSUED,
            "submit": E.ACCEPTED,
            "book": E.CONFIRMED,
            "remote": R.RETRYABLE,
            "profile": BASIC,
        },
        [Step.CANCEL_IN_LEDGER, Step.CORRECT],
    ),
    # failed for good: its identity is used up
    (
        BUYER,
        {"state": S.ISSUED, "submit": E.ACCEPTED, "book": E.CONFIRMED, "remote": R.FAILED, "profile": BASIC},
        [Step.CANCEL_IN_LEDGER, Step.VOID, Step.REPLAN],
    ),
    # e-Arşiv accepted
    (CANCELLED, {"state": S.ISSUED, "submit": E.ACCEPTED}, [Step.CANCEL_AT_CHANNEL]),
    (
        CANCELLED,
        {"state": S.ISSUED, "submit": E.CONFIRMED, "book": E.CONFIRMED},
        [Step.CANCEL_AT_CHANNEL, Step.CANCEL_IN_LEDGER],
    ),
    (
        BUYER,
        {"state": S.ISSUED, "submit": E.CONFIRMED, "book": E.ACCEPTED},
        [Step.CANCEL_AT_CHANNEL, Step.CANCEL_IN_LEDGER, Step.REPLAN],
    ),
    (CANCELLED, {"state": S.ISSUED, "submit": E.CONFIRMED, "cancellable": False}, [Step.RETURN_WHOLE]),
    (
        EXTENDED,
        {"state": S.ISSUED, "submit": E.CONFIRMED, "book": E.CONFIRMED, "cancellable": False},
        [Step.RETURN_WHOLE, Step.REPLAN],
    ),
    (REDUCED, {"state": S.ISSUED, "submit": E.CONFIRMED}, [Step.RETURN_DIFFERENCE]),
    (REDUCED, {"state": S.ISSUED, "submit": E.CONFIRMED, "cancellable": False}, [Step.RETURN_DIFFERENCE]),
    (CANCELLED, {"state": S.ISSUED, "submit": E.CONFIRMED, "remote": R.CANCELLED}, [Step.VOID]),
    # e-Fatura accepted
    (CANCELLED, {"state": S.ISSUED, "submit": E.CONFIRMED, "profile": BASIC}, [Step.TASK]),
    (BUYER, {"state": S.ISSUED, "submit": E.ACCEPTED, "profile": BASIC}, [Step.TASK]),
    (REDUCED, {"state": S.ISSUED, "submit": E.CONFIRMED, "profile": BASIC}, [Step.TASK]),
    (CANCELLED, {"state": S.ISSUED, "submit": E.CONFIRMED, "profile": COMMERCIAL}, [Step.AWAIT_ANSWER]),
    (REDUCED, {"state": S.ISSUED, "submit": E.CONFIRMED, "profile": COMMERCIAL}, [Step.TASK]),
    (
        CANCELLED,
        {"state": S.ISSUED, "submit": E.CONFIRMED, "profile": COMMERCIAL, "answer_open": False},
        [Step.TASK],
    ),
    (
        CANCELLED,
        {"state": S.ISSUED, "submit": E.CONFIRMED, "profile": COMMERCIAL, "remote": R.ACCEPTED},
        [Step.TASK],
    ),
    (
        CANCELLED,
        {
            "state": S.ISSUED,
            "submit": E.CONFIRMED,
            "book": E.CONFIRMED,
            "profile": COMMERCIAL,
            "remote": R.REFUSED,
        },
        [Step.CANCEL_IN_LEDGER, Step.VOID],
    ),
    (
        BUYER,
        {"state": S.ISSUED, "submit": E.CONFIRMED, "profile": COMMERCIAL, "remote": R.REFUSED},
        [Step.VOID, Step.REPLAN],
    ),
]


@pytest.mark.parametrize(("change", "facts", "steps"), TABLE)
def test_the_table(change: Change, facts: dict[str, Any], steps: list[Step]) -> None:
    assert list(plan_change(change, DocumentFacts(**facts)).steps) == steps


@cache
def every_case() -> list[tuple[Change, DocumentFacts, Plan]]:
    cases = []
    effects = list(EffectState)
    for change, state, profile, submit, book, remote, cancellable, answer_open in product(
        Change,
        DocumentState,
        (ARCHIVE, BASIC, COMMERCIAL),
        effects,
        effects,
        [None, *RemoteState],
        (True, False),
        (True, False),
    ):
        facts = DocumentFacts(state, profile, submit, book, remote, cancellable, answer_open)
        try:
            cases.append((change, facts, plan_change(change, facts)))
        except ValueError:
            assert state in {S.NONE, S.DRAFT, S.VALIDATED}
    return cases


def test_rules_that_hold_in_every_case() -> None:
    cases = every_case()
    assert len(cases) > 10_000
    for change, facts, plan in cases:
        steps = set(plan.steps)
        case = (change, facts, plan.steps)
        assert plan.reason.tr, case
        assert (not steps) or change is not Change.NONE, case
        if Step.WAIT in steps or (facts.submit.open and facts.state in {S.NUMBERED, S.ISSUED}):
            assert change is Change.NONE or plan.steps == (Step.WAIT,), case
        if Step.CANCEL_AT_CHANNEL in steps:
            assert facts.profile is ARCHIVE, case
            assert facts.cancellable, case
            assert facts.submit.happened, case
        if steps & {Step.RETURN_WHOLE, Step.RETURN_DIFFERENCE}:
            assert facts.profile is ARCHIVE, case
            assert facts.submit.happened, case
        if Step.DROP in steps:
            assert facts.state in {S.DRAFT, S.VALIDATED}, case
        if Step.VOID in steps and facts.submit.happened:
            assert facts.remote in {R.REFUSED, R.CANCELLED, R.FAILED, R.RETRYABLE}, case
        if Step.REPLAN in steps:
            assert change is not CANCELLED, case
            assert plan.steps[-1] is Step.REPLAN, case
        if (
            steps & {Step.REPLAN, Step.CORRECT}
            and facts.state in {S.NUMBERED, S.ISSUED}
            and facts.book.happened
        ):
            assert steps & {Step.CANCEL_IN_LEDGER, Step.RETURN_WHOLE}, case
        assert len(plan.steps) == len(steps), case


def test_every_reason_names_what_happens_next() -> None:
    used = {plan.code for _, facts, own in every_case() for plan in (own, plan_withdrawal(facts))}
    assert used == {code for code in TEXTS.codes() if code.startswith("change.")}


@pytest.mark.parametrize(
    "facts",
    [
        DocumentFacts(S.DRAFT, submit=E.ACCEPTED),
        DocumentFacts(S.NONE, submit=E.UNCERTAIN),
        DocumentFacts(S.VALIDATED, remote=R.PENDING),
    ],
)
def test_facts_that_cannot_be_together_are_refused(facts: DocumentFacts) -> None:
    with pytest.raises(ValueError, match="without a number"):
        plan_change(CANCELLED, facts)


MakeOrder = Callable[..., Order]
MakeLine = Callable[..., OrderLine]


def test_changes_are_told_apart(make_order: MakeOrder, make_line: MakeLine, company: Party) -> None:
    two = make_line("a", "200", quantity=2)
    old = make_order(two, make_line("b", "50"))
    one = make_line("a", "100", quantity=1)
    cases: list[tuple[Order, Change]] = [
        (old.model_copy(update={"raw_status": "Shipped", "status": OrderStatus.SHIPPED}), Change.NONE),
        (make_order(two.model_copy(update={"name": "Yeni ad"}), make_line("b", "50")), Change.NONE),
        (make_order(two, make_line("b", "50"), status=OrderStatus.CANCELLED), CANCELLED),
        (make_order(two, make_line("b", "50"), status=OrderStatus.REPLACED), CANCELLED),
        (
            make_order(two.model_copy(update={"cancelled": True}), make_line("b", "50", cancelled=True)),
            CANCELLED,
        ),
        (make_order(one, make_line("b", "50")), REDUCED),
        (make_order(two), REDUCED),
        (make_order(two, make_line("b", "50", cancelled=True)), REDUCED),
        (make_order(two, make_line("b", "40")), REDUCED),
        (make_order(two, make_line("b", "60")), EXTENDED),
        (make_order(two, make_line("b", "50"), make_line("c", "1")), EXTENDED),
        (make_order(one, make_line("b", "60")), EXTENDED),
        (make_order(two, make_line("b", "50", sku="BASKA")), EXTENDED),
        (make_order(two, make_line("b", "50", vat_rate=10)), EXTENDED),
        (old.model_copy(update={"currency": "USD"}), EXTENDED),
        (old.model_copy(update={"buyer": company}), BUYER),
        (make_order(one, make_line("b", "50"), buyer=company), EXTENDED),
    ]
    for new, change in cases:
        assert classify_change(old, new) is change, new


def test_an_order_is_no_change_of_itself(make_order: MakeOrder) -> None:
    assert classify_change(make_order(), make_order()) is Change.NONE
