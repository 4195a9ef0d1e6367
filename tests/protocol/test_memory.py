"""The storage in memory does what PostgreSQL does: the same operations, the same answers, the same rows."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import count
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kopru.flows.records import (
    ConnectionRow,
    ConnectionState,
    EffectState,
    NewJob,
    Reason,
    new_effect,
)
from kopru.hooks.types import Echo, Operation, Raw, Record
from kopru.model import ExternalRef, Text
from kopru.storage.queue import Queue
from kopru.storage.secrets import KeyRing, MasterKey
from kopru.storage.store import Store, make_engine
from kopru.transport.errors import LeaseLost
from protocol_model.clock import START, Clock
from protocol_model.memory import MemoryQueue, MemoryStore
from protocol_model.world import CHANNEL, SHOP, templates

REASON = Reason("test.reason", Text(tr="Neden", en="Why"), detail="d")
REF, ECHO = ExternalRef(kind="record", id="7"), Echo(total=Decimal("1.50"), number="N1")
WORKER = uuid4()
JOB_CLOCKS = ("run_at", "lease_until", "finished_at")
_slugs = count(1)


class Undone(Exception):
    """Makes a transaction roll back."""


@dataclass
class Side:
    """One of the two storages, with what an operation needs to name things in it."""

    store: object
    queue: object
    tenant: UUID
    pass_time: object
    now: object
    effects: list = field(default_factory=list)
    claims: list = field(default_factory=list)

    def documents(self):
        return [document.id for _, document in templates()]

    def jobs(self):
        with self.store.tenant(self.tenant) as uow:
            return sorted(row.id for row in uow.jobs.recent(limit=1000))


@pytest.fixture(scope="module")
def real_store(database_url):
    engine = make_engine(database_url)
    yield Store(engine, KeyRing(MasterKey.generate()))
    engine.dispose()


@pytest.fixture(scope="module")
def admin(database_url):
    made = sa.create_engine(database_url)
    yield made
    made.dispose()


def connections():
    state = ConnectionState.ACTIVE
    return [
        ConnectionRow(SHOP, "shop", "shop", state, {}, 1, START, ""),
        ConnectionRow(CHANNEL, "channel", "channel", state, {}, 1, START, ""),
    ]


def in_memory():
    clock, tenant = Clock(), uuid4()
    store = MemoryStore(clock, tenant)
    for row in connections():
        store.tables.connections[row.id] = row
    with store.tenant(tenant) as uow:
        for order, document in templates():
            store.tables.orders[order.id] = order
            uow.documents.add(replace(document, ledger_id=None))
    return Side(store, MemoryQueue(store), tenant, clock.move, lambda: clock.now)


def in_postgres(store, admin):
    tenant = store.add_tenant(f"memory-{next(_slugs)}-{uuid4().hex[:6]}")
    with store.tenant(tenant) as uow:
        for row in connections():
            uow.connections.save(row)
        for order, document in templates():
            record = Record(order.external_id, Raw(b"{}"), order.body)
            payloads = uow.payloads.put(SHOP, "orders", [(order.external_id, record.raw)])
            (seen,) = uow.orders.take(SHOP, [record], payloads, uow.now)
            uow.documents.add(replace(document, ledger_id=None, order_id=seen.id))

    def pass_time(seconds):
        moved = ", ".join(f"{name} = {name} - make_interval(secs => :s)" for name in JOB_CLOCKS)
        with admin.begin() as db:
            db.execute(sa.text(f"update job set {moved} where tenant_id = :t"), {"s": seconds, "t": tenant})

    def now():
        with store.tenant(tenant) as uow:
            return uow.now

    return Side(store, Queue(store), tenant, pass_time, now)


# Operations: each takes a side and returns what must be the same on both


def plan(side, n):
    with side.store.tenant(side.tenant) as uow:
        row = new_effect(f"key {n}", Operation.SUBMIT_INVOICE, CHANNEL, document_id=side.documents()[n])
        planned = uow.effects.plan(row)
    if planned.id == row.id:
        side.effects.append(row.id)
    return planned.key, planned.state


def on_effect(act):
    def operation(side, n):
        with side.store.tenant(side.tenant) as uow:
            return act(uow, side.effects[n])

    return operation


sending = on_effect(lambda uow, at: uow.effects.sending(at, "hash"))
settle = on_effect(lambda uow, at: uow.effects.settle(at, EffectState.CONFIRMED, REF, "N1", ECHO))
doubt = on_effect(lambda uow, at: uow.effects.turn(at, EffectState.UNCERTAIN, REASON))
undo = on_effect(lambda uow, at: uow.effects.turn(at, EffectState.PLANNED))
looked_up = on_effect(lambda uow, at: uow.effects.looked_up(at))


def undone(side, n):
    """A transaction that wrote everything and is rolled back."""
    with side.store.tenant(side.tenant) as uow:
        uow.documents.allot(side.documents()[n], "KPA", 2026, date(2026, 3, 2))
        uow.documents.set_reason(side.documents()[n], REASON)
        uow.jobs.add(NewJob("kind", {}, f"undone {n}"))
        raise Undone


def on_document(act):
    def operation(side, n):
        with side.store.tenant(side.tenant) as uow:
            return act(uow, side.documents()[n])

    return operation


allot = on_document(lambda uow, at: uow.documents.allot(at, "KPA", 2026, date(2026, 3, 2)))
allot_later = on_document(lambda uow, at: uow.documents.allot(at, "KPA", 2026, date(2026, 3, 9)))
set_number = on_document(lambda uow, at: uow.documents.set_number(at, "KPA1", uow.documents.get(at).invoice))
issue = on_document(
    lambda uow, at: uow.documents.set_remote(at, "pending", "1", "t", follow_at=uow.now, issued=True)
)
void = on_document(lambda uow, at: uow.documents.void(at, REASON))


def add_job(delay, serial):
    def operation(side, n):
        with side.store.tenant(side.tenant) as uow:
            uow.jobs.add(NewJob("kind", {"n": n}, f"job {n}", serial_key=serial, delay=delay))

    return operation


def claim(side, n):
    taken = side.queue.claim(side.jobs()[n], WORKER)
    if taken is not None:
        side.claims.append(taken)
    return taken and (taken.kind, taken.args, taken.attempt_no, taken.tries, taken.key, taken.serial_key)


def hold(side, n):
    taken = side.claims[n]
    with side.store.tenant(side.tenant) as uow:
        uow.jobs.hold(taken.id, taken.attempt_no)


def finish(side, n):
    following = side.queue.finish(side.claims[n], WORKER)
    if following is not None:
        side.claims.append(following)
    return following and following.key


def put_off(side, n):
    side.queue.put_off(side.claims[n], 100.0 * n, error=REASON.to_json(), counted=True)


def park(side, n):
    side.queue.set_aside(side.claims[n], "parked", REASON.to_json())


def renew(side, n):
    taken = side.claims[n]
    return len(side.queue.renew(WORKER, {(taken.id, taken.attempt_no)}))


def lease_ends(side, n):
    side.pass_time(11)
    side.queue.recover()


def wait(side, n):
    side.pass_time(150)


add_now, add_later = add_job(0.0, None), add_job(100.0, None)
add_to_slot, add_to_slot_later = add_job(0.0, "slot"), add_job(100.0, "slot")

OPERATIONS = {
    "effects": (plan, plan, sending, settle, doubt, undo, looked_up, undone),
    "documents": (allot, allot, allot_later, set_number, issue, void, undone),
    "jobs": (
        *(add_now, add_later, add_to_slot, add_to_slot_later, claim, claim, claim, hold, finish),
        *(put_off, park, renew, lease_ends, wait, undone),
    ),
}

PINNED = {
    "effects": [
        *((plan, 0), (plan, 0), (sending, 0), (sending, 0), (looked_up, 0), (looked_up, 0), (undo, 0)),
        *((sending, 0), (doubt, 0), (settle, 0), (settle, 0), (plan, 1), (settle, 1), (doubt, 1)),
        *((looked_up, 1), (undone, 1)),
    ],
    "documents": [
        *((allot_later, 0), (allot, 1), (allot, 1), (undone, 2), (set_number, 0), (issue, 0), (issue, 0)),
        *((void, 0), (void, 2), (allot, 2)),
    ],
    "jobs": [
        # A job that is handed back makes way for one of its key; a try that lost its job can do nothing.
        *((add_later, 0), (claim, 0), (add_now, 0), (claim, 0), (add_now, 0), (put_off, 0), (claim, 1)),
        *((lease_ends, 0), (hold, 1), (finish, 1), (claim, 1), (hold, 1), (hold, 2), (put_off, 2), (park, 2)),
        # A slot takes one at a time, and its next one follows.
        *((add_to_slot, 1), (add_to_slot, 2), (claim, 2), (claim, 3), (renew, 3), (finish, 3), (park, 4)),
        # Three deaths, and it is set aside.
        *((wait, 0), *(((claim, 1), (lease_ends, 0)) * 3), (add_to_slot_later, 2), (undone, 0)),
    ],
}
"""What chance may leave out."""


def attempt(operation, side, n):
    """Return what an operation answered, or the name of what it raised."""
    try:
        return operation(side, n)
    except (Undone, IndexError, LeaseLost, sa.exc.NoResultFound) as error:
        return type(error).__name__


def rows(side):
    """Return everything that is stored, without ids and times of this run."""
    with side.store.tenant(side.tenant) as uow:
        effects = [
            (
                *(row.key, row.state, row.attempt, row.request_hash, row.lookups, row.ref, row.number),
                *(row.echo, row.reason, row.sent_at is not None),
            )
            for row in (uow.effects.get(each) for each in side.effects)
        ]
        documents = [
            (
                *(row.state, row.number, row.issue_date, row.remote_state, row.follow_count, row.reason),
                row.issued_at is not None,
            )
            for row in (uow.documents.get(each) for each in side.documents())
        ]
        jobs = sorted(
            (
                *(row.key, row.state, row.attempt_no, row.tries, row.deaths, str(row.args), str(row.error)),
                round((row.run_at - side.now()).total_seconds() / 50),
            )
            for row in uow.jobs.recent(limit=1000)
            if row.state != "done"
        )
        return effects, documents, uow.documents.numbers(), jobs


@pytest.mark.parametrize("area", OPERATIONS)
def test_same_operations_same_answers_same_rows(area, real_store, admin):
    def compare(steps):
        memory, postgres = in_memory(), in_postgres(real_store, admin)
        for operation, n in steps:
            assert attempt(operation, memory, n) == attempt(operation, postgres, n), operation
            assert len(memory.claims) == len(postgres.claims)
        assert rows(memory) == rows(postgres)

    compare(PINNED[area])
    steps = st.lists(
        st.tuples(st.sampled_from(OPERATIONS[area]), st.integers(0, 1)), min_size=15, max_size=25
    )
    random = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
    random(given(steps)(compare))()


@pytest.mark.parametrize("which", ["memory", "postgres"])
def test_quiet_period_begins_when_the_outcome_is_seen_to_be_unknown(which, real_store, admin):
    side = in_memory() if which == "memory" else in_postgres(real_store, admin)
    times = []
    for operation in (plan, sending, doubt, looked_up):
        operation(side, 0)
        side.pass_time(1)
        times.append(_sent_at(side))
    assert times[0] is None
    assert times[1] < times[2] == times[3]


def _sent_at(side):
    with side.store.tenant(side.tenant) as uow:
        return uow.effects.get(side.effects[0]).sent_at
