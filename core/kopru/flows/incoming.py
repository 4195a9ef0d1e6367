"""E-documents that others sent to the tenant: stored with their lines, which are then looked at."""

from collections.abc import Sequence
from uuid import UUID

from kopru.flows.connections import Opened
from kopru.flows.env import Work
from kopru.flows.linefile import read_invoice
from kopru.flows.linerows import Chosen, LineRow, LineSource
from kopru.flows.linework import suggest
from kopru.flows.ports import Uow
from kopru.flows.records import NewJob
from kopru.flows.streams import Progress, Read, run
from kopru.hooks import ports
from kopru.hooks.errors import Rejected
from kopru.hooks.types import Page, Record
from kopru.matching.api import State
from kopru.model import IncomingInvoice

MOST_LOOKED_AT = 10_000
"""Lines looked at in one go; a job that finds more comes again."""


def pull(work: Work) -> None:
    """Job ``inbox.pull``: read new e-documents and say which own items their lines are.

    A document and its lines are stored as one. Lines that a run did not get to look at are looked at by the
    next one.
    """
    connection_id = UUID(work.args["connection"])
    complete = pull_inbox(work, connection_id).complete
    looked_at = look(work)
    if not complete or looked_at == MOST_LOOKED_AT:
        key = f"inbox.pull:{connection_id}"
        again = NewJob("inbox.pull", work.args, key, serial_key=key, connection_id=connection_id)
        with work.write() as uow:
            uow.jobs.add(again)


def pull_inbox(work: Work, connection_id: UUID) -> Progress:
    """Read new e-documents of a channel and store them with their lines."""

    def store(uow: Uow, opened: Opened, page: Page[IncomingInvoice]) -> int:
        payloads = uow.payloads.put(connection_id, "inbox", [(r.external_id, r.raw) for r in page.records])
        new = uow.partners.receive(connection_id, page.records, payloads)
        uow.lines.see(_unseen(uow, _lines(work, uow, page.records)))
        return new

    read: Read[IncomingInvoice] = Read(
        "fetch_inbox",
        lambda opened, cursor, window, limit: opened.use(ports.FetchesInbox).fetch_inbox(
            opened.ctx, cursor, window, limit
        ),
        store,
    )
    return run(work, connection_id, read)


def look(work: Work) -> int:
    """Look at lines of incoming e-documents that nobody looked at yet; return how many."""
    waiting = Chosen(states=(State.NOT_TRIED,), source=LineSource.INVOICE, limit=MOST_LOOKED_AT)
    return suggest(work, waiting).decided


def _lines(work: Work, uow: Uow, records: Sequence[Record[IncomingInvoice]]) -> list[LineRow]:
    """Return the lines of documents; one that cannot be read is told and keeps no other back."""
    found: dict[UUID, LineRow] = {}
    for record in records:
        try:
            read = read_invoice(work, record.raw.content)
        except Rejected as problem:
            uow.events.add(work.actor, "inbox", record.external_id, "inbox.unreadable", code=problem.code)
            continue
        found |= {line.id: line for line in read.lines}
        for each in read.findings:
            uow.events.add(
                work.actor, "inbox", record.external_id, "inbox.line_skipped", code=each.code, at=each.field
            )
    return list(found.values())


def _unseen(uow: Uow, lines: Sequence[LineRow]) -> list[LineRow]:
    """Leave out lines that are known already; a channel lists a document again when its state changes."""
    refs = dict.fromkeys(line.source_ref for line in lines)
    known = {line.id for ref in refs for line in uow.lines.of_source(LineSource.INVOICE, ref)}
    return [line for line in lines if line.id not in known]
