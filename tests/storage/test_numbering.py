"""Gapless numbers: one per document, in the order of dates, whatever runs at the same time or fails."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from kopru.flows.records import DocumentState, Reason
from kopru.hooks.errors import ConfigError
from kopru.model import Text
from kopru.storage.tables import number

DAY = date(2026, 3, 2)


class Dropped(Exception):
    """A transaction that does not come to its end."""


@pytest.fixture
def order(desk):
    return desk.order()


@pytest.fixture
def allot(desk):
    def take(document_id, prefix="AAA", day=DAY, drop=False):
        with desk.open() as uow:
            allotted = uow.documents.allot(document_id, prefix, day.year, day)
            if drop:
                raise Dropped
            return allotted

    return take


def held(desk):
    """Return {(prefix, year): [sequence, …]} of every number ever allotted."""
    with desk.open() as uow:
        found = {}
        for prefix, year, sequence, *_ in uow.documents.numbers():
            found.setdefault((prefix, year), []).append(sequence)
        return found


def dates(desk):
    with desk.open() as uow:
        rows = uow.db.execute(
            sa.select(number.c.prefix, number.c.year, number.c.issue_date).order_by(
                number.c.prefix, number.c.year, number.c.sequence
            )
        )
        found = {}
        for prefix, year, day in rows:
            found.setdefault((prefix, year), []).append(day)
        return found


def test_numbers_follow_each_other_in_each_series_and_year(desk, order, allot):
    documents = [desk.document(order) for _ in range(5)]
    assert allot(documents[0]) == (1, DAY)
    assert allot(documents[1]) == (2, DAY)
    assert allot(documents[2], prefix="BBB") == (1, DAY)
    assert allot(documents[3], day=date(2027, 1, 1)) == (1, date(2027, 1, 1))
    assert allot(documents[4]) == (3, DAY)
    assert held(desk) == {("AAA", 2026): [1, 2, 3], ("AAA", 2027): [1], ("BBB", 2026): [1]}
    with desk.open() as uow:
        last = [
            uow.documents.last_number(*series) for series in (("AAA", 2026), ("BBB", 2026), ("CCC", 2026))
        ]
    assert last == [3, 1, 0]


def test_a_document_keeps_its_number_and_date(desk, order, allot):
    first, second = desk.document(order), desk.document(order)
    allot(first, day=DAY + timedelta(days=3))
    assert allot(second) == (2, DAY + timedelta(days=3))
    assert allot(second) == (2, DAY + timedelta(days=3)), "asked again with an earlier date"
    assert allot(second, day=DAY + timedelta(days=9)) == (2, DAY + timedelta(days=3))
    assert held(desk) == {("AAA", 2026): [1, 2]}


def test_a_number_that_a_channel_holds_goes_to_its_own_document_only(desk, order, allot):
    first, forgotten, later = (desk.document(order) for _ in range(3))
    assert allot(first) == (1, DAY)
    issued = DAY + timedelta(days=1)
    with desk.open() as uow:
        assert not uow.documents.adopt(first, "AAA", 2026, 1, DAY), "it is known"
        assert uow.documents.adopt(forgotten, "AAA", 2026, 3, issued)
        assert not uow.documents.adopt(forgotten, "AAA", 2026, 3, issued), "learnt twice"
        assert uow.documents.is_adopted(forgotten)
        assert not uow.documents.is_adopted(later)
    assert allot(later) == (4, issued), "numbers go on behind what the channel holds, also in time"
    assert allot(forgotten) == (3, issued)
    assert allot(forgotten) == (3, issued)
    assert held(desk) == {("AAA", 2026): [1, 3, 4]}


def test_a_document_of_another_series_before_a_restore_waits_for_a_person(desk, order, allot):
    document = desk.document(order)
    with desk.open() as uow:
        uow.documents.adopt(document, "BBB", 2026, 1, DAY)
    with pytest.raises(ConfigError, match=r"numbering\.series\.other"):
        allot(document, prefix="AAA")
    assert held(desk) == {}


def test_one_document_asked_for_by_many_at_once_gets_one_number(desk, order):
    document = desk.document(order)
    barrier = threading.Barrier(6)

    def ask():
        with desk.open() as uow:
            barrier.wait()
            return uow.documents.allot(document, "AAA", DAY.year, DAY)

    with ThreadPoolExecutor(6) as pool:
        assert {each.result(30) for each in [pool.submit(ask) for _ in range(6)]} == {(1, DAY)}
    assert held(desk) == {("AAA", 2026): [1]}


def test_a_transaction_that_fails_leaves_no_gap(desk, order, allot):
    first, second, third = (desk.document(order) for _ in range(3))
    allot(first)
    with pytest.raises(Dropped):
        allot(second, drop=True)
    assert allot(third) == (2, DAY)
    assert allot(second) == (3, DAY)


def test_no_gap_and_no_double_under_eight_writers_with_failures(desk, order, allot):
    """Two series, random dates over a year's end, a quarter of the transactions dropped and tried again."""
    writers, each = 8, 12
    documents = [[desk.document(order) for _ in range(each)] for _ in range(writers)]
    given = {}

    def write(seed):
        dice = random.Random(seed)
        for document in documents[seed]:
            prefix, day = dice.choice(("AAA", "BBB")), date(2026, 12, 30) + timedelta(days=dice.randrange(4))
            while document not in given:
                try:
                    sequence, issued = allot(document, prefix, day, drop=dice.random() < 0.25)
                except Dropped:
                    continue
                given[document] = (prefix, day.year, sequence)
                assert issued >= day
                assert issued.year == day.year

    with ThreadPoolExecutor(writers) as pool:
        for done in [pool.submit(write, seed) for seed in range(writers)]:
            done.result(60)
    numbers = held(desk)
    assert sum(map(len, numbers.values())) == writers * each == len(set(given.values()))
    for sequences in numbers.values():
        assert sequences == list(range(1, len(sequences) + 1))
    for days in dates(desk).values():
        assert days == sorted(days), "a later number has an earlier date"


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["AAA", "BBB"]), st.dates(date(2025, 12, 30), date(2026, 1, 2)), st.booleans()
        ),
        min_size=1,
        max_size=8,
    )
)
def test_any_sequence_of_wishes_gives_gapless_numbers_in_order_of_dates(new_desk, wishes):
    desk = new_desk()
    order = desk.order()
    for prefix, day, drop in wishes:
        try:
            with desk.open() as uow:
                row = desk.make.document(order)
                uow.documents.add(row)
                _, issued = uow.documents.allot(row.id, prefix, day.year, day)
                assert issued >= day
                if drop:
                    raise Dropped
        except Dropped:
            continue
    for sequences in held(desk).values():
        assert sequences == list(range(1, len(sequences) + 1))
    for days in dates(desk).values():
        assert days == sorted(days)


def test_a_full_series_is_refused_and_stays_full(desk, order, allot, superuser):
    first, second, third = (desk.document(order) for _ in range(3))
    allot(first)
    with superuser() as db:
        db.execute(
            sa.text("update series set last = 999999998 where tenant_id = :id and prefix = 'AAA'"),
            {"id": desk.id},
        )
    assert allot(second) == (999_999_999, DAY)
    for _ in range(2):
        with pytest.raises(ConfigError) as refused:
            allot(third)
        assert refused.value.code == "numbering.series.full"
    assert allot(third, prefix="BBB") == (1, DAY)
    assert held(desk)["AAA", 2026] == [1, 999_999_999]


@pytest.mark.parametrize("sequence", [0, -1, 1_000_000_000])
def test_the_database_itself_refuses_a_number_that_does_not_fit(desk, order, superuser, sequence):
    document = desk.document(order)
    with superuser() as db, pytest.raises(sa.exc.IntegrityError, match="fits"):
        db.execute(
            sa.insert(number).values(
                tenant_id=desk.id,
                prefix="AAA",
                year=2026,
                sequence=sequence,
                document_id=document,
                issue_date=DAY,
            )
        )


def test_a_document_that_does_not_exist_gets_no_number(desk, allot):
    import uuid

    with pytest.raises(sa.exc.NoResultFound):
        allot(uuid.uuid4())
    assert held(desk) == {}


def test_a_void_document_keeps_its_number_with_the_reason(desk, order, allot):
    document, bare = desk.document(order), desk.document(order)
    allot(document)
    reason = Reason("change.cancelled", Text(tr="İptal", en="Cancelled"))
    with desk.open() as uow:
        uow.documents.set_number(document, "AAA2026000000001", desk.make.invoice(document))
        uow.documents.void(document, reason)
        uow.documents.void(bare, reason)
    with desk.open() as uow:
        assert uow.documents.numbers() == [("AAA", 2026, 1, document, "change.cancelled")]
        row = uow.documents.get(document)
        assert (row.state, row.number, row.reason) == (DocumentState.VOID, "AAA2026000000001", reason)
        assert uow.documents.get(bare).state is DocumentState.VOID
    assert allot(desk.document(order)) == (2, DAY)


def test_a_series_is_locked_only_until_the_transaction_ends(desk, order, allot, superuser):
    """Another series and other work of the same tenant go on while one number is being allotted."""
    first, second, third = (desk.document(order) for _ in range(3))
    with desk.open() as uow:
        uow.documents.allot(first, "AAA", 2026, DAY)
        assert allot(second, prefix="BBB") == (1, DAY)
        desk.take(desk.make.record("P2"))
        with pytest.raises(sa.exc.OperationalError, match="lock timeout"), desk.open() as other:
            other.db.execute(sa.text("set local lock_timeout = '100ms'"))
            other.documents.allot(third, "AAA", 2026, DAY)
    assert allot(third) == (2, DAY)
