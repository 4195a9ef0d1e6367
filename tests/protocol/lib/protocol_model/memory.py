"""Storage in memory that does what the real one does, transaction by transaction.

A transaction is alone (the real one locks the rows that matter) and takes effect at its end or not at all.
``test_memory`` runs the same operations here and in PostgreSQL and compares every answer and every row.
"""

from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

from sqlalchemy.exc import IntegrityError, NoResultFound

from kopru.flows.records import DocumentState, EffectState, JobRow, OrderState, Reason
from kopru.storage.queue import BURY, DEATHS, LEASE_SECONDS, QUARANTINED, Claim
from kopru.storage.repos.effects import OPEN
from kopru.storage.repos.work import CLAIM_MARGIN
from kopru.transport.errors import LeaseLost

WAITING = ("queued", "parked")


@dataclass(frozen=True)
class StoredJob:
    """A row of the job table."""

    id: int
    kind: str
    args: Any
    key: str
    lane: int
    serial_key: str
    connection_id: Any
    plugin: Any
    run_at: Any
    created_at: Any
    state: str = "queued"
    attempt_no: int = 0
    tries: int = 0
    deaths: int = 0
    lease_until: Any = None
    worker: Any = None
    error: Any = None
    finished_at: Any = None


@dataclass
class Tables:
    """Everything that is stored. Rows are frozen, so that a copy of the tables is a snapshot."""

    connections: dict = field(default_factory=dict)
    secrets: dict = field(default_factory=dict)
    refreshing: dict = field(default_factory=dict)
    orders: dict = field(default_factory=dict)
    documents: dict = field(default_factory=dict)
    follow: dict = field(default_factory=dict)
    series: dict = field(default_factory=dict)
    numbers: dict = field(default_factory=dict)
    effects: dict = field(default_factory=dict)
    touched: dict = field(default_factory=dict)
    archive: dict = field(default_factory=dict)
    jobs: dict = field(default_factory=dict)
    events: list = field(default_factory=list)
    exchanges: list = field(default_factory=list)
    ids: int = 0

    def copy(self):
        made = Tables()
        for each in fields(self):
            value = getattr(self, each.name)
            setattr(made, each.name, value if isinstance(value, int) else value.copy())
        return made


class MemoryStore:
    """Opens transactions; ``point`` is told when one begins and when it is about to commit."""

    def __init__(self, clock, tenant_id, *, settings="", plugins=(), point=lambda name: None):
        self.clock = clock
        self.tenant_id = tenant_id
        self.tables = Tables()
        self.settings = settings
        self.plugins = frozenset(plugins)
        self.point = point

    @contextmanager
    def tenant(self, tenant_id):
        assert tenant_id == self.tenant_id
        self.point("begin")
        with self.transaction():
            uow = MemoryUow(self)
            yield uow
            uow.jobs.flush()
            self.point("commit")

    @contextmanager
    def transaction(self):
        before = self.tables.copy()
        try:
            yield self.tables
        except BaseException:
            self.tables = before
            raise

    def restored_at(self):
        return None

    def allowed(self):
        return self.plugins

    def wake(self):
        pass


class MemoryUow:
    """One transaction, with as many repositories as the posting protocol needs."""

    def __init__(self, store):
        self.tenant_id = store.tenant_id
        self.now = store.clock.now
        self.jobs = Jobs(store)
        self.connections = Connections(store)
        self.settings = SimpleNamespace(
            text=lambda: (1, store.settings), enabled=lambda: store.plugins, restored_at=lambda: None
        )
        self.orders = Orders(store)
        self.documents = Documents(store)
        self.effects = Effects(store)
        self.archive = Archive(store)
        self.events = Events(store)


class Repo:
    """A view on the tables; reads them anew each time, because a rollback replaces them."""

    def __init__(self, store):
        self.store = store

    @property
    def tables(self):
        return self.store.tables

    @property
    def now(self):
        return self.store.clock.now


class Connections(Repo):
    def every(self):
        return sorted(self.tables.connections.values(), key=lambda row: row.name)

    def get(self, connection_id):
        return self.tables.connections.get(connection_id)

    def secrets(self, connection_id):
        return dict(self.tables.secrets.get(connection_id, {}))

    def put_secrets(self, connection_id, values):
        self.tables.secrets[connection_id] = {**self.secrets(connection_id), **values}

    def set_state(self, connection_id, state, reason=None):
        row = self.tables.connections[connection_id]
        changes = row.state is not state
        if changes:
            self.tables.connections[connection_id] = replace(row, state=state, reason=reason)
        return changes

    def claim_refresh(self, connection_id, seconds):
        until = self.tables.refreshing.get(connection_id)
        if until is not None and until >= self.now:
            return False
        self.tables.refreshing[connection_id] = self.now + timedelta(seconds=seconds)
        return True

    def release_refresh(self, connection_id):
        self.tables.refreshing.pop(connection_id, None)


class Orders(Repo):
    def get(self, order_id, *, lock=False):
        return self.tables.orders.get(order_id)

    def set_state(self, order_id, state, reason=None, findings=None):
        row = self.tables.orders[order_id]
        kept = row.findings if findings is None else tuple(findings)
        self.tables.orders[order_id] = replace(row, state=OrderState(state), reason=reason, findings=kept)


class Documents(Repo):
    def get(self, document_id, *, lock=False):
        return self.tables.documents.get(document_id)

    def of_order(self, order_id):
        found = [row for row in self.tables.documents.values() if row.order_id == order_id]
        return sorted(found, key=lambda row: (row.created_at, row.id))

    def add(self, row):
        if any(each.key == row.key or each.id == row.id for each in self.tables.documents.values()):
            raise IntegrityError("insert", {}, Exception(row.key))
        self.tables.documents[row.id] = replace(row, created_at=self.now)

    def allot(self, document_id, prefix, year, issue_date):
        if document_id not in self.tables.documents:
            raise NoResultFound
        if document_id in self.tables.numbers:
            _, _, sequence, held, _ = self.tables.numbers[document_id]
            return sequence, held
        last, last_date = self.tables.series.get((prefix, year), (0, issue_date))
        taken = last + 1, max(last_date, issue_date)
        self.tables.series[prefix, year] = taken
        self.tables.numbers[document_id] = (prefix, year, *taken, None)
        return taken

    def set_number(self, document_id, full, invoice):
        values = {"state": DocumentState.NUMBERED, "number": full, "issue_date": invoice.issue_date}
        self._set(document_id, **values, invoice=invoice, reason=None)

    def set_xml(self, document_id, digest):
        self._set(document_id, xml=digest)

    def set_remote(self, document_id, state, code, text, *, follow_at, issued):
        row = self.tables.documents.get(document_id)
        if row is None:
            return
        values = {"state": DocumentState.ISSUED, "issued_at": row.issued_at or self.now} if issued else {}
        count = row.follow_count + 1
        self._set(
            document_id, remote_state=state, remote_code=code, remote_text=text, follow_count=count, **values
        )
        self.tables.follow[document_id] = follow_at

    def set_reason(self, document_id, reason):
        self._set(document_id, reason=reason)

    def void(self, document_id, reason):
        self._set(document_id, state=DocumentState.VOID, reason=reason)
        self.tables.follow[document_id] = None
        if document_id in self.tables.numbers:
            self.tables.numbers[document_id] = (*self.tables.numbers[document_id][:4], reason.code)

    def numbers(self):
        rows = [
            (prefix, year, sequence, document, void)
            for document, (prefix, year, sequence, _, void) in self.tables.numbers.items()
        ]
        return sorted(rows, key=lambda row: row[:3])

    def _set(self, document_id, **values):
        if document_id in self.tables.documents:
            self.tables.documents[document_id] = replace(self.tables.documents[document_id], **values)


class Effects(Repo):
    def plan(self, row):
        found = self.by_key(row.key)
        if found is not None:
            return found
        self.tables.effects[row.id] = row
        self._touch(row.id)
        return row

    def get(self, effect_id, *, lock=False):
        return self.tables.effects.get(effect_id)

    def by_key(self, key, *, lock=False):
        return next((row for row in self.tables.effects.values() if row.key == key), None)

    def of_document(self, document_id):
        found = [row for row in self.tables.effects.values() if row.document_id == document_id]
        return sorted(found, key=lambda row: self.tables.touched[row.id])

    def open(self):
        return [row for row in self.tables.effects.values() if row.state in OPEN]

    def sending(self, effect_id, request_hash):
        row = self._in(effect_id, EffectState.PLANNED)
        values = {"attempt": row.attempt + 1, "request_hash": request_hash, "sent_at": self.now, "lookups": 0}
        self._set(effect_id, state=EffectState.SENDING, reason=None, **values)
        return row.attempt + 1

    def settle(self, effect_id, state, ref, remote_number, echo):
        self._in(effect_id, *OPEN)
        self._set(effect_id, state=state, ref=ref, number=remote_number, echo=echo, reason=None)

    def turn(self, effect_id, state, reason=None):
        self._set(effect_id, state=state, reason=reason, **self._last_on_its_way(effect_id))

    def looked_up(self, effect_id):
        row = self.get(effect_id)
        if row is not None:
            values = {"state": EffectState.UNCERTAIN, "lookups": row.lookups + 1}
            self._set(effect_id, **values, **self._last_on_its_way(effect_id))

    def _last_on_its_way(self, effect_id):
        row = self.get(effect_id)
        return {"sent_at": self.now} if row is not None and row.state is EffectState.SENDING else {}

    def _in(self, effect_id, *states):
        row = self.get(effect_id)
        if row is None or row.state not in states:
            raise NoResultFound
        return row

    def _set(self, effect_id, **values):
        if effect_id in self.tables.effects:
            self.tables.effects[effect_id] = replace(self.tables.effects[effect_id], **values)
            self._touch(effect_id)

    def _touch(self, effect_id):
        self.tables.ids += 1
        self.tables.touched[effect_id] = self.tables.ids


class Archive(Repo):
    def put(self, rendered):
        digest = sha256(rendered.content).hexdigest()
        self.tables.archive.setdefault(digest, rendered)
        return digest

    def get(self, digest):
        return self.tables.archive.get(digest)


class Events(Repo):
    def add(self, actor, subject, subject_id, action, **data):
        self.tables.events.append((actor, subject, str(subject_id), action, data))

    def exchange(self, exchange):
        self.tables.exchanges.append(exchange)


class Jobs(Repo):
    """The job table as a tenant's transaction sees it."""

    def __init__(self, store):
        super().__init__(store)
        self._pending = {}

    def add(self, *jobs):
        for new in jobs:
            earlier = self._pending.get(new.key)
            if earlier is None or new.delay < earlier.delay:
                self._pending[new.key] = new

    def flush(self):
        pending, self._pending = self._pending, {}
        for _, new in sorted(pending.items()):
            self._put(new)

    def _put(self, new):
        at = self.now + timedelta(seconds=new.delay)
        old = next(
            (job for job in self.tables.jobs.values() if job.key == new.key and job.state in WAITING), None
        )
        if old is None:
            self.tables.ids += 1
            self.tables.jobs[self.tables.ids] = StoredJob(
                self.tables.ids,
                new.kind,
                dict(new.args),
                new.key,
                new.lane.rank,
                new.serial_key or new.key,
                new.connection_id,
                new.plugin,
                at,
                self.now,
            )
        elif not self._soon_enough(old, new):
            woken = {"state": "queued", "lane": min(old.lane, new.lane.rank), "run_at": min(old.run_at, at)}
            self.tables.jobs[old.id] = replace(old, **woken)

    def _soon_enough(self, old, new):
        left = (old.run_at - self.now).total_seconds()
        return bool(new.delay) and old.state == "queued" and CLAIM_MARGIN < left <= new.delay + CLAIM_MARGIN

    def hold(self, job_id, attempt_no):
        job = self.tables.jobs.get(job_id)
        if job is None or job.attempt_no != attempt_no or job.state != "running":
            raise LeaseLost(f"job {job_id} attempt {attempt_no}")

    def get(self, job_id):
        self.flush()
        job = self.tables.jobs.get(job_id)
        return _row(self.store.tenant_id, job) if job else None

    def recent(self, *, state=None, limit=100):
        self.flush()
        found = [job for job in self.tables.jobs.values() if state in (None, job.state)]
        return [_row(self.store.tenant_id, job) for job in sorted(found, key=lambda job: -job.id)][:limit]


def _row(tenant_id, job):
    return JobRow(
        id=job.id,
        tenant_id=tenant_id,
        kind=job.kind,
        args=job.args,
        key=job.key,
        state=job.state,
        run_at=job.run_at,
        attempt_no=job.attempt_no,
        tries=job.tries,
        deaths=job.deaths,
        connection_id=job.connection_id,
        plugin=job.plugin,
        error=Reason.from_json(job.error),
        created_at=job.created_at,
        finished_at=job.finished_at,
    )


class MemoryQueue:
    """The job table as workers and the relay see it."""

    def __init__(self, store):
        self._store = store

    @property
    def jobs(self):
        return self._store.tables.jobs

    @property
    def now(self):
        return self._store.clock.now

    def due(self):
        """Return the ids of jobs that a worker could take now, in the order they would be rung for."""
        busy = {job.serial_key for job in self.jobs.values() if job.state == "running"}
        found = [job for job in self.jobs.values() if self._is_due(job) and job.serial_key not in busy]
        return [job.id for job in sorted(found, key=lambda job: (job.run_at, job.id))]

    def claim(self, job_id, worker):
        job = self.jobs.get(job_id)
        if job is None or not self._is_due(job) or self._busy(job.serial_key):
            return None
        return self._take(job, worker)

    def finish(self, claim, worker, *, follow=True):
        self._store.point("finish")
        if self._mine(claim) is None:
            return None
        self._set(claim.id, state="done", tries=0, deaths=0, error=None, finished_at=self.now, **_FREE)
        if not follow:
            return None
        waiting = [
            job for job in self.jobs.values() if job.serial_key == claim.serial_key and self._is_due(job)
        ]
        first = min(waiting, key=lambda job: (job.lane, job.run_at), default=None)
        return self._take(first, worker) if first else None

    def put_off(self, claim, seconds, *, error, counted):
        self._store.point("finish")
        job = self._mine(claim)
        if job is not None:
            at = self.now + timedelta(seconds=seconds)
            tries = job.tries + (1 if counted else 0)
            self._set(job.id, state=self._back(job), run_at=at, tries=tries, deaths=0, error=error, **_FREE)

    def set_aside(self, claim, state, error):
        self._store.point("finish")
        job = self._mine(claim)
        if job is not None:
            back = self._back(job, "parked") if state == "parked" else state
            self._set(job.id, state=back, error=error, finished_at=self.now, **_FREE)

    def renew(self, worker, held):
        kept = set()
        for job_id, attempt in held:
            job = self.jobs.get(job_id)
            if job and (job.worker, job.attempt_no, job.state) == (worker, attempt, "running"):
                self._set(job_id, lease_until=self.now + timedelta(seconds=LEASE_SECONDS))
                kept.add((job_id, attempt))
        return kept

    def recover(self):
        lost = [job for job in self.jobs.values() if job.state == "running" and job.lease_until < self.now]
        for job in lost:
            dead = job.deaths >= DEATHS
            state, error = ("dead", QUARANTINED.to_json()) if dead else (self._back(job), job.error)
            self._set(job.id, state=state, error=error, run_at=self.now, **_FREE)
            if dead and job.kind != BURY:
                self._bury(job)
        return len(lost)

    def _bury(self, job):
        tables, key = self._store.tables, f"{BURY}:{job.id}"
        tables.ids += 1
        args = {"kind": job.kind, "args": job.args}
        buried = StoredJob(tables.ids, BURY, args, key, job.lane, key, None, None, self.now, self.now)
        tables.jobs[tables.ids] = buried

    def _is_due(self, job):
        return job.state == "queued" and job.run_at <= self.now

    def _busy(self, serial_key):
        return any(job.serial_key == serial_key and job.state == "running" for job in self.jobs.values())

    def _mine(self, claim):
        job = self.jobs.get(claim.id)
        mine = job is not None and job.attempt_no == claim.attempt_no and job.state == "running"
        return job if mine else None

    def _back(self, job, state="queued"):
        others = (other for other in self.jobs.values() if other.key == job.key and other.id != job.id)
        return "done" if any(other.state in WAITING for other in others) else state

    def _take(self, job, worker):
        until = self.now + timedelta(seconds=LEASE_SECONDS)
        raised = {"attempt_no": job.attempt_no + 1, "deaths": job.deaths + 1}
        self._set(job.id, state="running", worker=worker, lease_until=until, **raised)
        return Claim(
            job.id,
            self._store.tenant_id,
            job.kind,
            job.args,
            job.attempt_no + 1,
            job.tries,
            job.key,
            job.serial_key,
            job.connection_id,
        )

    def _set(self, job_id, **values):
        self.jobs[job_id] = replace(self.jobs[job_id], **values)


_FREE = {"worker": None, "lease_until": None}
