"""The audit chain: sealed in order whatever commits when; every tampering is found."""

import random
import threading
import time

import pytest
import sqlalchemy as sa

from kopru.storage import audit
from kopru.storage.audit import GENESIS, Sealer, check_anchor, verify
from kopru.storage.store import Store, make_engine


def tell(desk, *actions):
    with desk.open() as uow:
        for action in actions:
            uow.events.add("test", "order", "P1", action, amount="1.50", nested={"ü": [1, None, "x"]})


@pytest.fixture
def settled(superuser):
    """Let events that are not sealed be old enough for it without waiting."""

    def age(desk):
        with superuser() as db:
            db.execute(
                sa.text(
                    "update event set at = at - interval '2 seconds' where tenant_id = :id"
                    " and not exists (select from event_seal where event_id = event.id)"
                ),
                {"id": desk.id},
            )

    return age


def is_open(desk):
    report = verify(desk.store, desk.id)
    return report.sealed < report.events


@pytest.fixture
def seal(settled):
    """Seal everything a tenant has, and return how many events that were.

    Transactions of other tests on the same servers may hold the sealer up for a moment.
    """

    def all_of(desk, sealer=None):
        settled(desk)
        sealer, sealed, until = sealer or Sealer(desk.store), 0, time.monotonic() + 20
        while verify(desk.store, desk.id).to_row()["unsealed"] and time.monotonic() < until:
            sealed += sealer.seal(desk.id)
        return sealed

    return all_of


@pytest.fixture
def chain(desk, seal):
    """A tenant whose ten events are sealed."""
    tell(desk, *(f"step.{number}" for number in range(10)))
    assert seal(desk) == 10
    return desk


def ids(desk):
    with desk.open() as uow:
        return [event.id for event in uow.events.of_subjects(["P1"])]


def test_an_empty_chain_is_intact(desk):
    report = verify(desk.store, desk.id)
    assert (report.events, report.sealed, report.broken) == (0, 0, False)
    assert report.head == GENESIS.hex()
    assert check_anchor(desk.store, desk.id, report.head)


def test_events_are_sealed_once_and_the_chain_holds(chain, seal):
    first = verify(chain.store, chain.id)
    assert (first.events, first.sealed, first.broken) == (10, 10, False)
    assert seal(chain) == 0
    assert verify(chain.store, chain.id) == first
    assert first.to_row() == {
        "events": 10,
        "sealed": 10,
        "unsealed": 0,
        "intact": True,
        "head": first.head,
    }


def test_events_that_are_not_sealed_yet_are_counted(chain):
    tell(chain, "late")
    report = verify(chain.store, chain.id)
    assert (report.events, report.sealed, report.broken) == (11, 10, False)
    assert report.to_row()["unsealed"] == 1


def test_more_events_than_a_batch_are_sealed_in_one_go(desk, seal, monkeypatch):
    monkeypatch.setattr(audit, "BATCH", 7)
    monkeypatch.setattr(audit, "PAGE", 5)
    tell(desk, *(f"step.{number}" for number in range(30)))
    assert seal(desk) == 30
    assert verify(desk.store, desk.id).sealed == 30


def test_a_transaction_that_commits_late_is_not_overtaken(desk, settled, seal):
    """It drew its id first, and others committed and were ready to be sealed long before it."""
    sealer = Sealer(desk.store)
    with desk.open() as slow:
        slow.events.add("test", "order", "P1", "slow")
        slow.events.flush()
        slow_id = slow.db.execute(sa.text("select max(id) from event")).scalar_one()
        with desk.open() as unnumbered:
            unnumbered.db.execute(sa.text("select 1"))
            tell(desk, "quick")
            settled(desk)
            for _ in range(3):
                assert sealer.seal(desk.id) == 0, "an event with a smaller id may still come"
            assert verify(desk.store, desk.id).sealed == 0
    assert seal(desk, sealer) == 2
    assert slow_id == min(ids(desk))
    report = verify(desk.store, desk.id)
    assert (report.sealed, report.broken) == (2, False)


def test_a_transaction_that_only_reads_holds_nothing_up(desk, seal):
    tell(desk, "step")
    with desk.open() as uow:
        uow.db.execute(sa.text("select count(*) from event"))
        assert seal(desk) == 1


def test_a_database_that_was_set_back_does_not_stop_the_sealer(chain, settled, seal, monkeypatch):
    """After a restore transaction numbers begin lower than those remembered."""
    sealer = Sealer(chain.store)
    tell(chain, "next")
    settled(chain)
    with monkeypatch.context() as patch:
        patch.setattr(audit, "_NUMBER", sa.text("select 9000000000000000"))
        assert sealer.seal(chain.id) == 0
    assert seal(chain, sealer) == 1


def test_many_writers_and_two_sealers_make_one_chain(desk):
    """Writers commit in any order and with pauses; the two sealers never skip or repeat an event."""
    seed = random.Random(7)
    pauses = [[seed.choice([0, 0, 0.01, 0.05]) for _ in range(12)] for _ in range(6)]
    stop = threading.Event()

    def write(mine):
        for pause in mine:
            with desk.open() as uow:
                uow.events.add("test", "order", "P1", "step")
                uow.events.flush()
                time.sleep(pause)
                uow.events.add("test", "order", "P1", "step")
                if pause == 0.05:
                    uow.db.rollback()
                    uow.events._pending.clear()

    def seal():
        sealer = Sealer(desk.store)
        while not stop.is_set():
            sealer.seal(desk.id)
            time.sleep(0.02)

    writers = [threading.Thread(target=write, args=(mine,)) for mine in pauses]
    sealers = [threading.Thread(target=seal) for _ in range(2)]
    for thread in (*writers, *sealers):
        thread.start()
    for thread in writers:
        thread.join(30)
    until = time.monotonic() + 20
    expected = 2 * sum(pause != 0.05 for mine in pauses for pause in mine)
    while verify(desk.store, desk.id).sealed < expected and time.monotonic() < until:
        time.sleep(0.1)
    stop.set()
    for thread in sealers:
        thread.join(30)
    report = verify(desk.store, desk.id)
    assert (report.events, report.sealed, report.broken) == (expected, expected, False)


TAMPERING = {
    "text": "update event set action = 'other' where id = :id",
    "one byte": "update event set data = jsonb_set(data, '{amount}', '\"1.51\"') where id = :id",
    "time": "update event set at = at + interval '1 microsecond' where id = :id",
    "actor": "update event set actor = 'somebody' where id = :id",
    "delete": "delete from event where id = :id",
    "delete with its seal": "with gone as (delete from event where id = :id) delete from event_seal where event_id = :id",
    "seal": "update event_seal set hash = sha256(hash) where event_id = :id",
    "seal removed": "delete from event_seal where event_id = :id",
    "swap": "update event set action = case id when :id then 'step.6' else 'step.5' end where id in (:id, :next)",
    "insert": "insert into event (tenant_id, id, actor, subject, subject_id, action)"
    " overriding system value values (:tenant, -:id, 'x', 'order', 'P1', 'invented')",
}


@pytest.mark.parametrize("how", TAMPERING)
def test_tampering_is_found(chain, superuser, how):
    found = ids(chain)
    values = {"id": found[5], "next": found[6], "tenant": chain.id}
    statement = sa.text(TAMPERING[how])
    with superuser() as db:
        used = {name: values[name] for name in statement._bindparams}
        assert db.execute(statement, used).rowcount
    report = verify(chain.store, chain.id)
    assert report.broken
    assert report.broken_at in {*found[5:7], -found[5]}
    assert report.sealed in (0, 5)
    assert str(report.broken_at) in report.problem.en
    assert str(report.broken_at) in report.problem.tr
    assert report.to_row()["intact"] is False


def test_events_of_another_tenant_do_not_fit(chain, new_desk, seal, superuser):
    """A whole chain cannot be passed off as another tenant's."""
    other = new_desk()
    with superuser() as db:
        for table in ("event", "event_seal"):
            db.execute(
                sa.text(f"update {table} set tenant_id = :other where tenant_id = :mine"),
                {"other": other.id, "mine": chain.id},
            )
    assert verify(chain.store, other.id).broken


def cut(desk, superuser, after):
    with superuser() as db:
        for table, column in (("event", "id"), ("event_seal", "event_id")):
            db.execute(
                sa.text(f"delete from {table} where tenant_id = :tenant and {column} > :after"),
                {"tenant": desk.id, "after": after},
            )


def test_a_cut_tail_is_found_by_the_anchor(chain, superuser):
    anchor = verify(chain.store, chain.id).head
    assert check_anchor(chain.store, chain.id, anchor)
    cut(chain, superuser, after=ids(chain)[6])
    assert not verify(chain.store, chain.id).broken, "what is left is a chain"
    assert not check_anchor(chain.store, chain.id, anchor)


def test_an_anchor_stays_good_while_the_chain_grows(chain, seal):
    anchor = verify(chain.store, chain.id).head
    tell(chain, "more", "and more")
    assert seal(chain) == 2
    assert verify(chain.store, chain.id).head != anchor
    assert check_anchor(chain.store, chain.id, anchor)


def test_a_tail_written_anew_is_found_by_the_anchor(chain, superuser, seal):
    anchor = verify(chain.store, chain.id).head
    last = ids(chain)[6]
    with superuser() as db:
        db.execute(
            sa.text("update event set action = 'invented' where tenant_id = :tenant and id > :last"),
            {"tenant": chain.id, "last": last},
        )
        db.execute(
            sa.text("delete from event_seal where tenant_id = :tenant and event_id > :last"),
            {"tenant": chain.id, "last": last},
        )
    assert seal(chain) == 3
    assert not verify(chain.store, chain.id).broken
    assert not check_anchor(chain.store, chain.id, anchor)


def test_an_anchor_is_of_one_tenant(chain, new_desk):
    assert not check_anchor(chain.store, new_desk().id, verify(chain.store, chain.id).head)


@pytest.mark.parametrize("anchor", ["", "00", "xyz", "00" * 33])
def test_what_is_no_head_is_refused(desk, anchor):
    with pytest.raises(ValueError):
        check_anchor(desk.store, desk.id, anchor)


@pytest.mark.parametrize("zone", ["Europe/Istanbul", "America/New_York", "UTC"])
def test_the_clock_a_session_shows_does_not_matter(chain, database_url, keys, zone):
    engine = make_engine(f"{database_url}&options=-ctimezone%3D{zone.replace('/', '%2F')}")
    store = Store(engine, keys)
    with store.tenant(chain.id) as uow:
        assert uow.db.execute(sa.text("show timezone")).scalar_one() == zone
    assert not verify(store, chain.id).broken
    engine.dispose()
