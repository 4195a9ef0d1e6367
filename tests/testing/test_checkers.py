"""Every checker finds its breach, and finds none in what is right."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kopru.testing import checkers, measures
from kopru.testing.evidence import (
    Action,
    Asked,
    DocumentEnd,
    JobEnd,
    NumberEnd,
    OrderEnd,
    Placed,
    Sample,
    Shown,
    Stored,
    Wanted,
    WriteEnd,
)
from kopru.testing.simulator import Held

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TWO = {"1": Decimal(2)}
PLACED = Placed("t", "o", Decimal("10.00"), quantities=TWO)
DONE = OrderEnd("t", "o", "done")
PAPER = DocumentEnd("t", "ettn", "key", "o", "issued", "A1", Decimal("10.00"), quantities=TWO)
SENT = Stored("t", "submit_invoice", "ettn", "7", "A1", Decimal("10.00"))
BOOKED = Stored("t", "post_invoice", "ref", "8", "A1", Decimal("10.00"))
NUMBER = NumberEnd("t", "A", 2026, 1, "ettn")
CREDIT = DocumentEnd("t", "back", "key2", "o", "issued", "R1", Decimal("10.00"), credit=True, quantities=TWO)
SUBMITTED = WriteEnd("t", "w", "submit_invoice", "confirmed", "ettn")


def texts(violations):
    return [each.text for each in violations]


changed = replace


def test_every_invariant_has_a_name():
    assert list(checkers.INVARIANTS) == [f"I{n}" for n in range(1, 16)]


def test_what_is_right_breaks_nothing():
    assert checkers.lost_orders([PLACED], [DONE], [PAPER], [SENT]) == []
    assert (
        checkers.duplicates(
            [SENT, BOOKED],
            [PAPER],
            [SUBMITTED, changed(SUBMITTED, id="v", operation="post_invoice", reference="ref")],
        )
        == []
    )
    assert checkers.numbers([NUMBER], [PAPER], [SENT]) == []
    assert checkers.money([PLACED], [DONE], [PAPER], [SENT, BOOKED]) == []
    assert checkers.quantities([PLACED], [PAPER]) == []


@pytest.mark.parametrize(
    ("orders", "papers", "stored", "said"),
    [
        ([], [PAPER], [SENT], "unknown"),
        ([DONE, DONE], [PAPER], [SENT], "several rows"),
        ([OrderEnd("t", "o", "invoicing")], [PAPER], [SENT], "stuck in invoicing"),
        ([OrderEnd("t", "o", "parked")], [], [], "without a reason"),
        ([DONE], [], [SENT], "without an invoice"),
        ([DONE], [changed(PAPER, state="void")], [SENT], "without an invoice"),
        ([DONE], [PAPER], [], "no such invoice"),
        ([DONE], [PAPER], [changed(SENT, live=False)], "no such invoice"),
        ([OrderEnd("u", "o", "done")], [PAPER], [SENT], "unknown"),
    ],
)
def test_lost_orders(orders, papers, stored, said):
    (found,) = checkers.lost_orders([PLACED], orders, papers, stored)
    assert found.invariant == "I1" and said in found.text and found.ids == ("t", "o")


def test_order_left_with_a_reason_is_not_lost():
    assert checkers.lost_orders([PLACED], [OrderEnd("t", "o", "parked", "item.unknown")], [], []) == []


def test_duplicates():
    again = changed(SENT, id="9", number="A2")
    assert texts(checkers.duplicates([SENT, again])) == ["the remote holds a write several times"]
    assert checkers.duplicates([SENT, changed(again, live=False)]) == []
    same_number = changed(SENT, reference="other")
    assert texts(checkers.duplicates([SENT, same_number])) == ["the remote holds a number several times"]
    second = changed(PAPER, id="x", number="A2")
    assert texts(checkers.duplicates([], [PAPER, second])) == ["an order has several live invoices"]
    assert checkers.duplicates([], [PAPER, CREDIT, changed(second, state="void")]) == []


def test_writes_and_records_belong_together():
    planned = changed(SUBMITTED, state="planned")
    assert texts(checkers.duplicates([SENT], [], [planned])) == ["the remote holds what was never sent"]
    assert texts(checkers.duplicates([], [], [SUBMITTED])) == ["a settled write left nothing at the remote"]
    assert checkers.duplicates([changed(SENT, live=False)], [], [SUBMITTED]) == []


@pytest.mark.parametrize(
    ("rows", "papers", "said"),
    [
        ([changed(NUMBER, sequence=2)], [PAPER], "missing or double"),
        ([NUMBER, NUMBER], [PAPER], "missing or double"),
        ([NUMBER, changed(NUMBER, sequence=2)], [PAPER], "several numbers"),
        (
            [NUMBER, changed(NUMBER, sequence=2, document="x")],
            [PAPER, changed(PAPER, id="x")],
            "several documents",
        ),
        ([changed(NUMBER, document="x")], [], "no document"),
        ([NUMBER], [changed(PAPER, state="void")], "no reason"),
        ([], [PAPER], "nobody allotted"),
    ],
)
def test_numbers(rows, papers, said):
    found = checkers.numbers(rows, papers)
    assert found and all(each.invariant == "I3" for each in found)
    assert any(said in each.text for each in found), found


def test_void_number_with_a_reason_and_other_series_are_right():
    void = changed(NUMBER, void_reason="order.cancelled")
    other = NumberEnd("t", "B", 2026, 1, "back")
    papers = [changed(PAPER, state="void"), CREDIT]
    assert checkers.numbers([void, other], papers) == []


def test_channel_holds_the_documents_own_number():
    assert texts(checkers.numbers([NUMBER], [PAPER], [changed(SENT, number="A9")])) == [
        "the channel holds number “A9”, the document has “A1”"
    ]


def test_money():
    assert len(checkers.money([changed(PLACED, total=Decimal(9))], [DONE], [PAPER], [])) == 1
    assert len(checkers.money([PLACED], [DONE], [PAPER], [changed(BOOKED, total=Decimal(11))])) == 1
    assert checkers.money([changed(PLACED, refunded=Decimal("10.00"))], [DONE], [PAPER, CREDIT], []) == []
    assert (
        checkers.money([PLACED], [OrderEnd("t", "o", "parked", "x")], [], [changed(BOOKED, total=Decimal(1))])
        == []
    )
    assert checkers.money([PLACED], [DONE], [PAPER], [changed(BOOKED, total=None)]) == []


@pytest.mark.parametrize(
    ("shown", "wanted", "broken"),
    [
        ([5, 4, 3], (5, 4, 3), False),
        ([5, 3], (5, 4, 3), False),
        ([5, 5, 3, 3], (5, 4, 3), False),
        ([5, 3, 4], (5, 4, 3), True),
        ([5, 4], (5, 4, 3), True),
        ([], (5,), True),
        ([5, 3, 5], (5, 3, 5), False),
        ([], (), False),
    ],
)
def test_stock(shown, wanted, broken):
    found = checkers.stock([Shown("t", "c", "p", each) for each in shown], [Wanted("t", "c", "p", wanted)])
    assert bool(found) is broken


def test_hanging():
    old, soon = NOW - timedelta(minutes=5), NOW + timedelta(minutes=5)
    good = [JobEnd("1", "running", lease_until=soon), JobEnd("2", "queued", soon), JobEnd("3", "parked", old)]
    asked = WriteEnd("t", "w", "x", "uncertain", changed_at=old, personal=True)
    fresh = WriteEnd("t", "w", "x", "sending", changed_at=NOW)
    assert checkers.hanging(good, [asked, fresh, SUBMITTED], NOW) == []
    bad = [JobEnd("1", "running", lease_until=old), JobEnd("2", "queued", old), JobEnd("3", "running")]
    stuck = WriteEnd("t", "w", "x", "sending", changed_at=old)
    assert len(checkers.hanging(bad, [stuck], NOW, unacked=2)) == 5


def asked(*steps):
    return [Asked(float(at), "t", "r", Action(action), harmless) for at, action, harmless in steps]


@pytest.mark.parametrize(
    ("steps", "broken"),
    [
        ([(0, "send", False), (1, "send", False)], True),
        ([(0, "send", True), (1, "send", False)], False),
        ([(0, "send", False), (1, "send", True)], True),
        ([(0, "send", False), (59, "locate", False), (60, "send", False)], True),
        ([(0, "send", False), (60, "locate", False), (61, "send", False)], False),
        ([(0, "locate", False), (1, "send", False)], False),
        ([(0, "send", False), (5, "cleared", False), (6, "send", False)], False),
        ([(0, "send", False), (60, "locate", False), (61, "ended", False), (62, "send", False)], True),
    ],
)
def test_blind_repeats(steps, broken):
    found = checkers.blind_repeats(asked(*steps), quiet=60)
    assert bool(found) is broken
    assert all(each.invariant == "I7" for each in found)


def test_blind_repeats_tells_writes_apart():
    other = Asked(1.0, "t", "other", Action.SEND)
    assert checkers.blind_repeats([*asked((0, "send", False)), other]) == []


def test_isolation():
    owners = {"ettn": "t", "o": "t"}
    assert checkers.isolation([SENT], [DONE], owners) == []
    assert len(checkers.isolation([changed(SENT, tenant="u")], [changed(DONE, tenant="u")], owners)) == 2


def test_limits():
    calls = [Asked(float(at), "t", status=200) for at in range(10)]
    assert measures.limits(calls, 5, 5.0) == []
    assert len(measures.limits(calls, 5, 5.5)) == 1
    assert len(measures.limits([*calls, Asked(10.0, "t", status=429)], 20, 5.0)) == 1


def test_fairness():
    alone = {"t": [0.1] * 100}
    assert measures.fairness(alone, {"t": [0.19] * 100}) == []
    assert len(measures.fairness(alone, {"t": [0.1] * 98 + [0.3] * 2})) == 1
    assert measures.percentile(list(range(1, 101))) == 99
    with pytest.raises(ValueError, match="no values"):
        measures.percentile([])


def test_resources():
    flat = [Sample(float(at), "rss", 100.0 + at % 2) for at in range(100)]
    growing = [Sample(float(at), "rss", 100.0 + at) for at in range(100)]
    assert measures.resources(flat, {"rss": 10.0}) == []
    assert len(measures.resources(growing, {"rss": 10.0})) == 1
    assert measures.resources([Sample(0.0, "rss", 1.0)], {}) == []


def test_schedules():
    later = NOW + timedelta(hours=1)
    assert checkers.schedules([("a", NOW)], [("a", NOW)]) == []
    found = checkers.schedules([("a", NOW), ("a", NOW), ("b", NOW)], [("a", NOW), ("a", later)])
    assert texts(found) == ["was fired several times", "was not fired", "was not due"]


def test_audit():
    assert checkers.audit([SUBMITTED], [("w", "effect.confirmed")]) == []
    assert checkers.audit([changed(SUBMITTED, state="abandoned")], [("w", "effect.answered")]) == []
    assert len(checkers.audit([SUBMITTED], [("w", "effect.sending")], ["event 7"])) == 2


def test_secrets_are_found_and_not_repeated():
    (found,) = checkers.secrets(["canary"], {"log": "a canary sings", "dump": ""})
    assert found.ids == ("log",) and "canary" not in str(found)


def test_quantities():
    assert len(checkers.quantities([PLACED], [PAPER, changed(PAPER, id="x")])) == 1
    assert checkers.quantities([PLACED], [PAPER, CREDIT]) == []
    assert len(checkers.quantities([PLACED], [CREDIT])) == 1
    assert checkers.quantities([PLACED], [PAPER, changed(PAPER, id="x", state="void")]) == []


def test_record_of_a_simulator_is_read():
    held = Held("ettn", "7", "A1", Decimal("10.00"), live=False)
    assert Stored.of("t", "submit_invoice", held) == changed(SENT, live=False)
