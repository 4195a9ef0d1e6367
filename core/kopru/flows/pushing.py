"""Values to the channels, stock or prices: in the largest batches allowed, and only the newest counts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from kopru.documents import effect_key, subject_key
from kopru.flows.connections import Opened, call, pull_job
from kopru.flows.env import Later, Work
from kopru.flows.ports import Pushes, Uow
from kopru.flows.records import ConnectionRow, Lane, NewJob, PushRow, Reason
from kopru.flows.restoring import require_settled
from kopru.flows.texts import TEXTS
from kopru.hooks import ports
from kopru.hooks.errors import Conflict, ConnectorError
from kopru.hooks.manifest import Write
from kopru.hooks.types import (
    BatchResult,
    IdempotencyKey,
    ItemOutcome,
    Operation,
    PendingReceipt,
    ReceiptState,
    RemoteState,
)
from kopru.model import ExternalRef

V = TypeVar("V")

FOLLOW_EVERY = 5.0
BAN_RETRY = 60.0
DOUBT = 46.0
"""Seconds until values that were on their way when their worker died can be sent again."""

BATCH_KIND = "batch"


@dataclass(frozen=True)
class Kind(Generic[V]):
    """One kind of value: its name, its write, where it is kept, and how it is sent."""

    name: str
    operation: Operation
    kept: Callable[[Uow], Pushes[V]]
    send: Callable[[Opened, IdempotencyKey, Sequence[PushRow[V]]], BatchResult]

    def job(self, shop: ConnectionRow, delay: float = 0.0) -> NewJob:
        """Return the job that pushes due values to a channel."""
        return pull_job(f"{self.name}.push", shop, lane=Lane.STOCK, delay=delay)


def push(work: Work, kind: Kind[V]) -> None:
    """Follow open batches, then send what is due in the largest batches allowed.

    A product in an open batch waits for its outcome, so that an older value can never win over a newer one.
    """
    connection_id = UUID(work.args["connection"])
    require_settled(work)
    _follow_batches(work, kind, connection_id)
    facts = call(work, connection_id, lambda opened: opened.manifest).writes[kind.operation]
    while True:
        with work.write() as uow:
            kept = kind.kept(uow)
            due = [row for row in kept.due(connection_id, facts.batch) if row.batch is None]
            kept.sent(connection_id, due, None)
        if not due:
            break
        _push_batch(work, kind, connection_id, due, facts)
    with work.write() as uow:
        row = uow.connections.get(connection_id)
        if row is not None and kind.kept(uow).batches(connection_id):
            uow.jobs.add(kind.job(row, FOLLOW_EVERY))
        elif row is not None and kind.kept(uow).in_doubt(connection_id):
            uow.jobs.add(kind.job(row, DOUBT))


def _push_batch(work: Work, kind: Kind[V], connection_id: UUID, due: list[PushRow[V]], facts: Write) -> None:
    versions = ",".join(f"{row.external_id}:{row.version}" for row in due)
    key = effect_key(subject_key(kind.name, connection_id), kind.operation, connection_id, versions[:500])
    try:
        result = call(
            work,
            connection_id,
            lambda opened: kind.send(opened, key, due),
            seconds=facts.timeout.total_seconds(),
        )
    except Conflict as error:
        # The channel refuses the very request it took minutes ago; later changes make another one of it.
        _unsend(work, kind, connection_id, due)
        raise Later(BAN_RETRY) from error
    except ConnectorError:
        _unsend(work, kind, connection_id, due)
        raise
    with work.write() as uow:
        _take_result(work, uow, kind, connection_id, due, result)


def _unsend(work: Work, kind: Kind[V], connection_id: UUID, due: list[PushRow[V]]) -> None:
    with work.write() as uow:
        kind.kept(uow).unsend(connection_id, [row.external_id for row in due])


def _take_result(
    work: Work, uow: Uow, kind: Kind[V], connection_id: UUID, due: list[PushRow[V]], result: BatchResult
) -> None:
    kept = kind.kept(uow)
    waiting = []
    for outcome in result.items:
        row = due[outcome.index]
        if outcome.state is ReceiptState.DONE:
            kept.pushed(connection_id, row.external_id, row.version)
        elif outcome.state is ReceiptState.ACCEPTED:
            waiting.append(row)
        else:
            kept.refused(connection_id, row.external_id, _refusal(kind, outcome))
    if result.batch is not None and waiting:
        kept.name_batch(connection_id, waiting, result.batch.id)
    uow.events.add(
        work.actor,
        "connection",
        connection_id,
        f"{kind.name}.pushed",
        items=len(due),
        batch=result.batch.id if result.batch else "",
    )


def _follow_batches(work: Work, kind: Kind[V], connection_id: UUID) -> None:
    """Ask for the final word on batches that are on their way; a lost batch is sent again."""
    with work.read() as uow:
        batches = kind.kept(uow).batches(connection_id)
    if not batches:
        return
    pending = [PendingReceipt(kind.operation, ExternalRef(kind=BATCH_KIND, id=batch)) for batch in batches]
    updates = call(
        work,
        connection_id,
        lambda opened: opened.use(ports.FetchesReceipts).fetch_receipts(opened.ctx, pending),
        seconds=60.0,
    )
    for (_, rows), update in zip(batches.items(), updates, strict=True):
        if update.state is RemoteState.PENDING:
            continue
        refused = {outcome.index: outcome for outcome in update.items if outcome.state is None}
        with work.write() as uow:
            kept = kind.kept(uow)
            for index, row in enumerate(rows):
                if update.state in (RemoteState.FAILED, RemoteState.RETRYABLE) and not update.items:
                    kept.unsend(connection_id, [row.external_id])
                elif index in refused:
                    kept.refused(connection_id, row.external_id, _refusal(kind, refused[index]))
                else:
                    kept.pushed(connection_id, row.external_id, row.sent_version)


def _refusal(kind: Kind[V], outcome: ItemOutcome) -> Reason:
    first = next(iter(outcome.findings), None)
    if first is None:
        code = f"{kind.name}.refused"
        return Reason(code, TEXTS[code])
    return Reason(first.code, first.message, detail=first.detail)
