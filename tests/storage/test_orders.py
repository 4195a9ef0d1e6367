"""Orders as versioned aggregates: what a fetched record changes, and what it does not."""

import hashlib
import threading
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from kopru.flows.records import OrderState, Reason
from kopru.hooks.errors import Actor
from kopru.hooks.types import Raw, Record
from kopru.model import OrderStatus, Text
from kopru.storage.tables import order as order_table
from kopru.storage.tables import order_version

ENDLESS = "".join(hashlib.sha256(f"{number}".encode()).hexdigest() for number in range(80))
"""A long text that cannot be compressed, so that no index takes it."""


@pytest.fixture
def get(desk):
    def read(order_id):
        with desk.open() as uow:
            return uow.orders.get(order_id)

    return read


def versions(desk, order_id):
    with desk.open() as uow:
        rows = uow.db.execute(
            sa.select(order_version.c.version, order_version.c.revision)
            .where(order_version.c.order_id == order_id)
            .order_by(order_version.c.version)
        )
        return [tuple(row) for row in rows]


def test_a_new_order_is_received(desk, make, get):
    (seen,) = desk.take(make.record())
    assert (seen.new, seen.changed, seen.previous) == (True, True, None)
    row = get(seen.id)
    assert (row.state, row.version, row.number, row.buyer) == (
        OrderState.RECEIVED,
        1,
        "N-P1",
        "Ayşe Örnekoğlu",
    )
    assert row.body == make.order()


def test_the_same_revision_changes_nothing(desk, make, get):
    (first,) = desk.take(make.record())
    (again,) = desk.take(make.record())
    assert (again.id, again.new, again.changed) == (first.id, False, False)
    assert versions(desk, first.id) == [(1, "1")]


def test_a_newer_revision_makes_a_version_and_starts_again(desk, make, get):
    (first,) = desk.take(make.record())
    with desk.open() as uow:
        uow.orders.set_state(first.id, OrderState.DONE)
    (second,) = desk.take(make.record(revision="2", minutes=5, status=OrderStatus.SHIPPED))
    assert (second.id, second.new, second.changed) == (first.id, False, True)
    assert second.previous is OrderState.DONE
    row = get(first.id)
    assert (row.state, row.version, row.status) == (OrderState.RECEIVED, 2, "shipped")
    with desk.open() as uow:
        assert uow.orders.version(first.id, 1).status is OrderStatus.PREPARING
        assert uow.orders.version(first.id, 2).status is OrderStatus.SHIPPED
        assert uow.orders.version(first.id, 3) is None


def test_an_older_revision_changes_nothing(desk, make, get):
    (first,) = desk.take(make.record(revision="2", minutes=5))
    (late,) = desk.take(make.record(revision="1", minutes=0))
    assert not late.changed
    assert get(first.id).revision == "2"


def test_two_revisions_of_one_instant_both_count(desk, make, get):
    (first,) = desk.take(make.record(revision="a"))
    (second,) = desk.take(make.record(revision="b"))
    assert second.changed
    assert versions(desk, first.id) == [(1, "a"), (2, "b")]


def test_one_id_twice_in_a_page_ends_with_the_newer(desk, make, get):
    older, newer, other = (
        make.record(revision="1"),
        make.record(revision="2", minutes=1, note="son"),
        make.record("P2"),
    )
    first, second, third = desk.take(older, newer, other)
    assert (first.new, second.new, third.new) == (True, False, True)
    assert first.id == second.id != third.id
    row = get(first.id)
    assert (row.revision, row.body.note) == ("2", "son")
    assert versions(desk, first.id) == [(1, "1"), (2, "2")]


def test_one_id_twice_in_a_page_the_older_last_is_ignored(desk, make, get):
    newer, older = make.record(revision="2", minutes=1), make.record(revision="1")
    first, second = desk.take(newer, older)
    assert (first.changed, second.changed) == (True, False)
    assert get(first.id).revision == "2"


def test_an_unreadable_order_is_parked_with_its_reason(desk, make, get):
    bad, good = desk.take(make.unreadable("P1"), make.record("P2"))
    row = get(bad.id)
    assert (row.state, row.body, row.number, row.status) == (OrderState.PARKED, None, "P1", "unknown")
    assert (row.reason.code, row.reason.text.tr) == ("shop.order.unreadable", "Okunamadı.")
    assert [found.code for found in row.findings] == ["shop.order.unreadable"]
    assert get(good.id).state is OrderState.RECEIVED


def test_an_unreadable_order_without_any_finding_is_parked_too(desk, make, get):
    (bad, good) = desk.take(Record("P1", Raw(b"?")), make.record("P2"))
    assert get(bad.id).reason.code == "record.unreadable"
    assert get(bad.id).reason.actor is Actor.INTEGRATOR
    assert get(good.id).state is OrderState.RECEIVED


def test_the_same_unreadable_payload_changes_nothing(desk, make):
    desk.take(make.unreadable())
    (again,) = desk.take(make.unreadable())
    assert not again.changed
    (other,) = desk.take(make.unreadable(content=b"[]"))
    assert other.changed


def test_a_payload_that_became_readable_counts_although_it_is_older_than_its_reading(desk, make, get):
    """A better mapping is replayed over the stored payload; the order's own times lie in the past."""
    record = make.record()
    bad = Record(record.external_id, record.raw, None, (make.finding(),))
    (seen,) = desk.take(bad)
    (replayed,) = desk.take(record)
    assert (replayed.id, replayed.changed, replayed.previous) == (seen.id, True, OrderState.PARKED)
    assert get(seen.id).body == record.value


def test_an_unreadable_revision_parks_the_order_and_keeps_what_was_known(desk, make, get):
    (seen,) = desk.take(make.record(revision="1"))
    desk.take(make.unreadable("P1"))
    row = get(seen.id)
    assert (row.state, row.body, row.version) == (OrderState.PARKED, None, 2)
    assert (row.number, row.buyer, row.placed_at) == ("N-P1", "Ayşe Örnekoğlu", make.now)
    (back,) = desk.take(make.record(revision="1"))
    assert back.changed, "the source shows the order again as it was"
    assert get(seen.id).body == make.order()


def test_an_unreadable_and_a_readable_revision_in_one_page(desk, make, get):
    desk.take(make.record(revision="1"))
    first, second = desk.take(make.unreadable("P1"), make.record(revision="2", minutes=1))
    assert (first.changed, second.changed) == (True, True)
    assert get(second.id).revision == "2"


def test_an_order_older_than_the_last_readable_revision_does_not_replace_an_unreadable_one(desk, make, get):
    (seen,) = desk.take(make.record(revision="2", minutes=5))
    desk.take(make.unreadable("P1"))
    (late,) = desk.take(make.record(revision="1", minutes=0))
    assert not late.changed
    assert get(seen.id).body is None


@pytest.mark.parametrize(
    "text", ["a\0b", "half \ud83d", "\udc00", ENDLESS, "ş" * 5000], ids=["nul", "high", "low", "long", "ş"]
)
def test_what_the_database_refuses_does_not_take_neighbours_with_it(desk, make, get, text):
    finding = make.finding(field=text, message=Text(tr=text, en=text))
    bad = Record(f"P1 {text}", Raw(b"\0"), None, (finding,))
    odd = Record("P2", Raw(b"odd"), make.order("P2", extras={"deep": [{text: text}], "plain": "\\u0000"}))
    first, second, third = desk.take(bad, odd, make.record("P3"))
    assert get(first.id).state is OrderState.PARKED
    assert get(first.id).number.startswith("P1 ")
    assert get(second.id).body.extras["plain"] == "\\u0000", "an escape written out is only text"
    assert get(third.id).state is OrderState.RECEIVED
    assert not desk.take(bad)[0].changed, "it is found again under the same name"


def test_two_very_long_ids_stay_two_orders(desk, make):
    first, second = desk.take(make.unreadable("x" * 300 + "1"), make.unreadable("x" * 300 + "2"))
    assert first.id != second.id


def test_transactions_that_bring_the_same_new_order_agree(desk, make):
    """Two webhooks and a poll see a new order at once: one row, every version, no error."""
    rounds, width = 5, 6
    failures = []

    def bring(barrier, number, revision):
        try:
            records = [
                make.record(f"R{number}-{each}", revision=f"{revision}", minutes=revision) for each in "abc"
            ]
            barrier.wait()
            desk.take(*(records if revision % 2 else reversed(records)))
        except sa.exc.SQLAlchemyError as error:
            failures.append(error)

    for number in range(rounds):
        barrier = threading.Barrier(width)
        threads = [
            threading.Thread(target=bring, args=(barrier, number, revision)) for revision in range(width)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert failures == []
    with desk.open() as uow:
        rows = uow.orders.recent(limit=100)
        assert len(rows) == rounds * 3
        assert {row.revision for row in rows} == {f"{width - 1}"}
        for row in rows:
            last = uow.orders.version(row.id, row.version)
            assert last == row.body
            assert uow.orders.version(row.id, row.version + 1) is None


@given(st.permutations(range(5)), st.data())
def test_the_newest_revision_wins_in_any_order_and_any_paging(desk, make, arrival, data):
    name = f"H{uuid.uuid4()}"
    records = [make.record(name, revision=str(number), minutes=number) for number in arrival]
    cuts = sorted(data.draw(st.sets(st.integers(1, 4))))
    pages = [records[a:b] for a, b in zip([0, *cuts], [*cuts, 5], strict=True)]
    seen = [each for page in pages for each in desk.take(*page)]
    with desk.open() as uow:
        (row,) = uow.orders.find(f"N-{name}")
    assert row.revision == "4"
    assert sum(each.new for each in seen) == 1
    assert row.version == sum(each.changed for each in seen)
    assert [version for version, _ in versions(desk, row.id)] == list(range(1, row.version + 1))


def test_lists(desk, make):
    desk.take(make.record("P1"), make.record("P2", placed_at=make.now + timedelta(hours=1)))
    desk.take(make.unreadable("P3"))
    unknown = Reason("matching.unknown", Text(tr="?", en="?"))
    with desk.open() as uow:
        (first,) = uow.orders.find("P1")
        uow.orders.set_state(first.id, OrderState.PARKED, unknown, [make.finding()])
        assert uow.orders.waiting_for_lines() == [first.id]
        assert [row.id for row in uow.orders.find(str(first.id))] == [first.id]
        assert [row.external_id for row in uow.orders.recent(limit=2)] == ["P3", "P2"]
        assert [row.external_id for row in uow.orders.recent(state="received")] == ["P2"]
        assert uow.orders.counts() == {"parked": 2, "received": 1}
        assert uow.orders.get(first.id).findings == (make.finding(),)


def test_a_locked_order_waits_for_its_holder(desk, make):
    (seen,) = desk.take(make.record())
    with desk.open() as uow:
        uow.orders.get(seen.id, lock=True)
        with desk.open() as other, pytest.raises(sa.exc.OperationalError, match="lock"):
            statement = sa.select(order_table.c.id).where(order_table.c.id == seen.id)
            other.db.execute(statement.with_for_update(nowait=True))
            pytest.fail("both hold it")


def test_returns_change_with_their_revision(desk, make):
    def take(*records):
        with desk.open() as uow:
            payloads = uow.payloads.put(desk.shop.id, "return", [(r.external_id, r.raw) for r in records])
            return uow.returns.take(desk.shop.id, records, payloads)

    (first,) = take(make.returned())
    assert take(make.returned()) == []
    assert take(make.returned(revision="2")) == [first]
    assert len(take(make.unreadable("R2"), make.returned("R3"))) == 2
