"""A company with some validated invoices, worker processes, a channel and a ledger; all of it in memory."""

from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache
from unittest.mock import patch
from uuid import UUID

import structlog

from kopru.documents import DocumentType, document_key, effect_key, ettn
from kopru.flows import answers, env, retrying
from kopru.flows.answers import Answer
from kopru.flows.effects import PERSONAL
from kopru.flows.env import Cache, Env, Lease, Work
from kopru.flows.logins import TOKEN, credentials_json
from kopru.flows.records import (
    ConnectionRow,
    ConnectionState,
    DocumentRow,
    DocumentState,
    EffectState,
    OrderRow,
    OrderState,
    advance_job,
)
from kopru.hooks.manifest import Repeat
from kopru.hooks.types import Operation
from kopru.jobs import worker as worker_module
from kopru.model import Profile
from kopru.runtime.rehearsal import tenant_file
from kopru.testing import checkers, samples
from kopru.testing.evidence import (
    Action,
    Asked,
    DocumentEnd,
    JobEnd,
    NumberEnd,
    OrderEnd,
    Placed,
    WriteEnd,
)
from kopru.testing.world import make_order, make_world
from kopru.transport.limiter import NoLimiter
from protocol_model.clock import START, Clock
from protocol_model.memory import MemoryQueue, MemoryStore
from protocol_model.process import HANDLED, Process
from protocol_model.remotes import QUIET, SLOW, WORLD, Remote, credentials, plugin_name, registry

TENANT = UUID(int=1)
SHOP, CHANNEL, LEDGER = UUID(int=2), UUID(int=3), UUID(int=4)
SUBMIT, POST = Operation.SUBMIT_INVOICE, Operation.POST_INVOICE
RENEW = 3.0
TRADE = make_world(0)
SETTINGS = tenant_file(TRADE.seller)
ASKED = frozenset({"effect.ask"})
"""Reasons of an open write that a look at the remote can answer."""

SAFE = frozenset({Repeat.NATIVE_KEY, Repeat.NATURAL_UNIQUE, Repeat.ABSOLUTE})


@contextmanager
def in_model_time(clock):
    """Let the processes' monotonic clocks be the model's, and keep their logs to themselves."""
    silent = structlog.wrap_logger(None, processors=[_drop])
    with ExitStack() as stack:
        stack.enter_context(patch.object(env, "time", clock))
        stack.enter_context(patch.object(worker_module, "time", clock))
        stack.enter_context(patch.object(worker_module, "log", silent))
        yield


def _drop(logger, name, event):
    raise structlog.DropEvent


class World:
    """Everything, and what a test may do with it."""

    def __init__(self, channel=Repeat.NATURAL_UNIQUE, ledger=Repeat.QUERY_BY_REF, *, orders=2, processes=2):
        self.clock = Clock()
        plugins = ("shop", "form", plugin_name(SUBMIT, channel), plugin_name(POST, ledger))
        self.store = MemoryStore(self.clock, TENANT, settings=SETTINGS, plugins=plugins, point=self.point)
        self.queue = MemoryQueue(self.store)
        self.remotes = {SUBMIT: Remote(self, SUBMIT, channel), POST: Remote(self, POST, ledger)}
        self.placed = []
        self.logins = 0
        self.current = None
        self._open = ExitStack()
        self._open.enter_context(in_model_time(self.clock))
        WORLD.now = self
        self.processes = [Process(self.store, self.queue) for _ in range(processes)]
        self._fill(orders)

    def close(self):
        """Let no thread and no patch live on."""
        for process in self.processes:
            self.kill(process)
        self._open.close()
        WORLD.now = None

    # What the parts ask

    def point(self, name):
        """A process passes a point at which it may be stopped."""
        if self.current is not None:
            self.current.pass_point(name)

    def lease(self):
        return self.current.lease

    def work_on(self, seconds):
        """Let the current process be busy for a while; its leases are renewed meanwhile."""
        while seconds > 0:
            step = min(seconds, RENEW)
            self.clock.move(step)
            seconds -= step
            self._settle_remotes()
            self.current.worker._renew()

    def sign_in(self):
        self.work_on(SLOW)
        self.logins += 1
        return credentials(self.logins)

    # Acting

    def run(self, process, job_id, stop=None):
        self._as(process, lambda: process.run(job_id, stop))

    def resume(self, process, stop=None):
        self._as(process, lambda: process.resume(stop))

    def kill(self, process):
        self._as(process, process.kill)

    def wait(self, seconds):
        """Let time pass; the relay hands jobs of dead processes back."""
        self.clock.move(seconds)
        self._settle_remotes()
        self.queue.recover()

    def wait_for_work(self):
        """Let time pass until a job can be taken."""
        gap = self._next_in()
        if gap is not None:
            self.wait(max(gap, 0.0) + 0.1)

    def due(self):
        """Return the jobs that could be taken now."""
        self.queue.recover()
        return [each for each in self.queue.due() if self.store.tables.jobs[each].kind in HANDLED]

    def questions(self):
        """Return (document, effect) of the writes a person is asked about or that were refused."""
        asked = []
        for effect in self.store.tables.effects.values():
            code = effect.reason.code if effect.reason else ""
            if (
                effect.state is EffectState.UNCERTAIN and code in ASKED
            ) or effect.state is EffectState.REJECTED:
                asked.append((self.store.tables.documents[effect.document_id], effect))
        return asked

    def look_and_answer(self, document, effect, *, give_up=False):
        """Let a person look at the remote and say what is there, or end the write."""
        reference = self.reference(effect)
        there = self.remotes[effect.operation].holds(reference)
        given = Answer.GIVE_UP if give_up else Answer.YES if there else Answer.NO
        answers.answer(self._person(), document, effect.operation, given, "1" if there else "")
        action = Action.CLEARED if given is Answer.NO else Action.ENDED
        self.remotes[effect.operation].log.append(Asked(self.clock.seconds, "t", reference, action))

    def retryable(self):
        """Return the parked orders a person may simply try again.

        After the channel refused, the invoice is made anew first; that is another machine's subject.
        """
        writes = self.store.tables.effects.values()
        refused = {
            self.store.tables.documents[each.document_id].order_id
            for each in writes
            if each.operation is SUBMIT and each.state is EffectState.REJECTED
        }
        orders = self.store.tables.orders.values()
        return [row for row in orders if row.state is OrderState.PARKED and row.id not in refused]

    def try_again(self, order):
        """Let a person try an order again."""
        retrying.retry(self._person(), order)

    def _person(self):
        known = Env(self.store, registry(), NoLimiter(), cache=Cache(seconds=0))
        return Work(known, TENANT, {}, Lease(None), actor="person")

    def _as(self, process, act):
        self.current = process
        try:
            act()
        finally:
            self.current = None

    def _settle_remotes(self):
        for remote in self.remotes.values():
            remote.settle()

    # Coming to an end

    def come_to_rest(self, *, rounds=60):
        """Stop all faults, let paused processes go on, and work until nothing is left to do."""
        for remote in self.remotes.values():
            remote.sends.clear()
            remote.lookups.clear()
        for process in self.processes:
            if process.paused:
                self.resume(process)
        self._work_off(rounds)
        for document, effect in self.questions():
            if effect.state is EffectState.UNCERTAIN:
                self.look_and_answer(document, effect)
        for order in self.retryable():
            self.try_again(order)
        self._work_off(rounds)

    def _work_off(self, rounds):
        process = self.processes[0]
        for _ in range(rounds):
            for job_id in self.due():
                self.run(process, job_id)
            gap = self._next_in()
            if gap is None and not any(remote.later for remote in self.remotes.values()):
                return
            self.wait(max(gap or 0.0, 1.0) + 0.1 if gap is not None else 200.0)
        raise AssertionError(f"work goes round in circles: {self.store.tables.jobs}")

    def _next_in(self):
        jobs = [job for job in self.store.tables.jobs.values() if job.kind in HANDLED]
        times = [job.run_at for job in jobs if job.state == "queued"]
        times += [job.lease_until for job in jobs if job.state == "running"]
        return (min(times) - self.clock.now).total_seconds() if times else None

    # Looking

    def reference(self, effect):
        """Return what stands on the record of a write at its remote."""
        if effect.operation is SUBMIT:
            return str(effect.document_id)
        document = self.store.tables.documents[effect.document_id]
        return effect_key(document.key, effect.operation, effect.connection_id).short

    def stored(self):
        return [record for remote in self.remotes.values() for record in remote.records]

    def order_ends(self):
        return [
            OrderEnd("t", row.external_id, row.state.value, row.reason.code if row.reason else "")
            for row in self.store.tables.orders.values()
        ]

    def document_ends(self):
        orders = self.store.tables.orders
        return [
            DocumentEnd(
                "t",
                str(row.id),
                row.key,
                orders[row.order_id].external_id,
                row.state.value,
                row.number or "",
                row.total,
                quantities={line.order_line_id: line.quantity for line in row.invoice.lines},
            )
            for row in self.store.tables.documents.values()
        ]

    def write_ends(self):
        return [
            WriteEnd(
                "t",
                str(row.id),
                row.operation.value,
                row.state.value,
                self.reference(row),
                personal=row.reason is not None and row.reason.code in PERSONAL | {"effect.conflict"},
            )
            for row in self.store.tables.effects.values()
        ]

    def number_ends(self):
        return [
            NumberEnd("t", prefix, year, sequence, str(document), void or "")
            for document, (prefix, year, sequence, _, void) in self.store.tables.numbers.items()
        ]

    def violations(self):
        """Return what must not even be so for a moment."""
        found = checkers.duplicates(self.stored(), self.document_ends())
        found += checkers.numbers(self.number_ends(), self.document_ends(), self.stored())
        for remote in self.remotes.values():
            if remote.repeat not in SAFE:
                found += checkers.blind_repeats(remote.log, quiet=QUIET)
        return found

    def violations_at_rest(self):
        """Return what must not be so at the end."""
        orders, documents, stored = self.order_ends(), self.document_ends(), self.stored()
        events = [(subject, action) for _, _, subject, action, _ in self.store.tables.events]
        return [
            *self.violations(),
            *checkers.lost_orders(self.placed, orders, documents, stored),
            *checkers.duplicates(stored, documents, self.write_ends()),
            *checkers.money(self.placed, orders, documents, stored),
            *checkers.hanging(self._job_ends(), self.write_ends(), self.clock.now),
            *checkers.audit(self.write_ends(), events),
            *checkers.quantities(self.placed, documents),
        ]

    def _job_ends(self):
        jobs = (job for job in self.store.tables.jobs.values() if job.kind in HANDLED)
        return [JobEnd(str(job.id), job.state, job.run_at, job.lease_until) for job in jobs]

    # What there is at the start

    def _fill(self, count):
        for connection, name, plugin in (
            (SHOP, "shop", "shop"),
            (CHANNEL, "channel", plugin_name(SUBMIT, self.remotes[SUBMIT].repeat)),
            (LEDGER, "ledger", plugin_name(POST, self.remotes[POST].repeat)),
        ):
            row = ConnectionRow(connection, name, plugin, ConnectionState.ACTIVE, {}, 1, START, "")
            self.store.tables.connections[connection] = row
            self.store.tables.secrets[connection] = {TOKEN: credentials_json(credentials(0))}
        with self.store.tenant(TENANT) as uow:
            for order, document in templates()[:count]:
                self.store.tables.orders[order.id] = order
                uow.documents.add(document)
                uow.jobs.add(advance_job(order.id))
        for order, document in templates()[:count]:
            lines = {line.order_line_id: line.quantity for line in document.invoice.lines}
            self.placed.append(Placed("t", order.external_id, document.total, quantities=lines))


@cache
def templates():
    """Return (order, document) pairs, the same for all worlds: rows never change."""
    return tuple(_template(n) for n in range(3))


def _template(n):
    placed = make_order(TRADE, n, START)
    consumer = next(buyer for buyer in TRADE.buyers if not buyer.company)
    placed = replace(placed, buyer=consumer)
    body = samples.sample_order(placed)
    key = document_key(TENANT, SHOP, body.ref.id, DocumentType.INVOICE)
    invoice = samples.sample_invoice(TRADE, placed, Profile.ARCHIVE, "KPA2026000000000", ettn(key))
    order = OrderRow(
        id=UUID(int=100 + n),
        connection_id=SHOP,
        external_id=body.ref.id,
        number=body.number,
        version=1,
        revision=body.revision,
        status=body.status.value,
        state=OrderState.INVOICING,
        body=body,
        payload_id=UUID(int=200 + n),
        placed_at=body.placed_at,
        modified_at=body.modified_at,
        total=body.total,
        currency=body.currency,
        buyer="",
    )
    document = DocumentRow(
        id=invoice.id,
        key=key,
        order_id=order.id,
        type=DocumentType.INVOICE.value,
        revision=0,
        order_version=1,
        profile=invoice.profile,
        state=DocumentState.VALIDATED,
        number=None,
        issue_date=invoice.issue_date,
        total=invoice.totals.payable,
        currency=invoice.currency,
        invoice=invoice,
        channel_id=CHANNEL,
        ledger_id=LEDGER,
        stages={"series": "KPA"},
    )
    return order, document
