"""Stock to the channels: what the ledger holds less what open orders need; only the newest value counts."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal
from functools import partial
from uuid import UUID

from kopru.documents import Stage, effect_key, subject_key
from kopru.flows.connections import Opened, call, pull_job, tenant_plugins
from kopru.flows.env import Later, Work
from kopru.flows.ports import Uow
from kopru.flows.records import ConnectionRow, ConnectionState, Lane, NewJob, PushRow, Reason
from kopru.flows.restoring import require_settled
from kopru.flows.tenants import ledger_of, settings_of
from kopru.flows.texts import TEXTS
from kopru.hooks import ports
from kopru.hooks.errors import Conflict, ConnectorError
from kopru.hooks.manifest import Write
from kopru.hooks.types import (
    BatchResult,
    ItemOutcome,
    Operation,
    Page,
    PendingReceipt,
    ReceiptState,
    RemoteState,
)
from kopru.model import ExternalRef, StockLevel, StockTarget
from kopru.model.money import ZERO

PAGE = 500
FOLLOW_EVERY = 5.0
BAN_RETRY = 60.0
DOUBT = 46.0
"""Seconds until values that were on their way when their worker died can be sent again."""

BATCH_KIND = "batch"


def sync(work: Work) -> None:
    """Job ``stock.sync``: read stock from the ledger, work out what channels should show, push changes."""
    ledger = ledger_of(work)
    if ledger is None:
        return
    if tenant_plugins(work).can(ledger.plugin, "fetch_stock"):
        _read_levels(work, ledger.id)
    asked_by_person = work.job_id is None
    if asked_by_person or settings_of(work).stages.automatic(Stage.STOCK):
        plan_pushes(work, ledger)


def pull(work: Work) -> None:
    """Job ``stock.pull``: the hourly safety net of ``stock.sync``."""
    with work.write() as uow:
        uow.jobs.add(NewJob("stock.sync", {}, "stock.sync", Lane.STOCK, serial_key="stock.sync"))


def _read_levels(work: Work, ledger_id: UUID) -> None:
    cursor: str | None = None
    while True:
        page = call(work, ledger_id, partial(_page, cursor), seconds=60.0)
        with work.write() as uow:
            uow.stock.set_levels(ledger_id, page.values)
        cursor = page.next_cursor
        if cursor is None:
            return


def _page(cursor: str | None, opened: Opened) -> Page[StockLevel]:
    return opened.use(ports.FetchesStock).fetch_stock(opened.ctx, cursor, (), PAGE)


def plan_pushes(work: Work, ledger: ConnectionRow) -> None:
    """Set what each channel should show and add a push for each that differs."""
    settings = settings_of(work)
    plugins = tenant_plugins(work)
    with work.write() as uow:
        reserved = uow.stock.reserved()
        for shop in uow.connections.every():
            if shop.state is not ConnectionState.ACTIVE or not plugins.can(shop.plugin, "push_stock"):
                continue
            rule = settings.stock.for_channel(shop.name)
            on_hand = uow.stock.on_hand(ledger.id, rule.warehouses)
            desired = _desired(uow.stock.products(shop.id), on_hand, reserved, rule.buffer)
            if uow.stock.want(shop.id, desired):
                uow.jobs.add(push_job(shop))


def _desired(
    products: Sequence[tuple[str, str, str, UUID | None]],
    on_hand: dict[str, Decimal],
    reserved: dict[str, Decimal],
    buffer: int,
) -> dict[str, int]:
    """available = on hand − open reservations − buffer, never below zero; unknown items are left alone."""
    return {
        external_id: _whole(on_hand[sku] - reserved.get(sku, ZERO) - buffer)
        for external_id, sku, _, _ in products
        if sku in on_hand
    }


def _whole(quantity: Decimal) -> int:
    return max(int(quantity.to_integral_value(ROUND_FLOOR)), 0)


def push_job(shop: ConnectionRow) -> NewJob:
    """Return the job that pushes due stock values to a channel."""
    return pull_job("stock.push", shop, lane=Lane.STOCK)


def push(work: Work) -> None:
    """Job ``stock.push``: follow open batches, then send what is due in the largest batches allowed.

    A product in an open batch waits for its outcome, so that an older value can never win over a newer one.
    """
    connection_id = UUID(work.args["connection"])
    require_settled(work)
    follow_batches(work, connection_id)
    facts = call(work, connection_id, lambda opened: opened.manifest).writes[Operation.PUSH_STOCK]
    while True:
        with work.write() as uow:
            due = [row for row in uow.stock.due(connection_id, facts.batch) if row.batch is None]
            uow.stock.sent(connection_id, due, None)
        if not due:
            break
        _push_batch(work, connection_id, due, facts)
    with work.write() as uow:
        row = uow.connections.get(connection_id)
        if row is not None and uow.stock.batches(connection_id):
            uow.jobs.add(pull_job("stock.push", row, lane=Lane.STOCK, delay=FOLLOW_EVERY))
        elif row is not None and uow.stock.in_doubt(connection_id):
            uow.jobs.add(pull_job("stock.push", row, lane=Lane.STOCK, delay=DOUBT))


def _push_batch(work: Work, connection_id: UUID, due: list[PushRow], facts: Write) -> None:
    versions = ",".join(f"{row.external_id}:{row.version}" for row in due)
    key = effect_key(subject_key("stock", connection_id), Operation.PUSH_STOCK, connection_id, versions[:500])
    targets = [
        StockTarget(
            ref=ExternalRef(kind="product", id=row.external_id),
            sku=row.sku,
            barcode=row.barcode,
            quantity=row.desired,
            version=row.version,
        )
        for row in due
    ]
    try:
        result = call(
            work,
            connection_id,
            lambda opened: opened.use(ports.PushesStock).push_stock(opened.ctx, key, targets),
            seconds=facts.timeout.total_seconds(),
        )
    except Conflict as error:
        # The channel refuses the very request it took minutes ago; later changes make another one of it.
        _unsend(work, connection_id, due)
        raise Later(BAN_RETRY) from error
    except ConnectorError:
        _unsend(work, connection_id, due)
        raise
    with work.write() as uow:
        _take_result(work, uow, connection_id, due, result)


def _unsend(work: Work, connection_id: UUID, due: list[PushRow]) -> None:
    with work.write() as uow:
        uow.stock.unsend(connection_id, [row.external_id for row in due])


def _take_result(work: Work, uow: Uow, connection_id: UUID, due: list[PushRow], result: BatchResult) -> None:
    waiting = []
    for outcome in result.items:
        row = due[outcome.index]
        if outcome.state is ReceiptState.DONE:
            uow.stock.pushed(connection_id, row.external_id, row.version)
        elif outcome.state is ReceiptState.ACCEPTED:
            waiting.append(row)
        else:
            uow.stock.refused(connection_id, row.external_id, _refusal(outcome))
    if result.batch is not None and waiting:
        uow.stock.name_batch(connection_id, waiting, result.batch.id)
    uow.events.add(
        work.actor,
        "connection",
        connection_id,
        "stock.pushed",
        items=len(due),
        batch=result.batch.id if result.batch else "",
    )


def follow_batches(work: Work, connection_id: UUID) -> None:
    """Ask for the final word on batches that are on their way; a lost batch is sent again."""
    with work.read() as uow:
        batches = uow.stock.batches(connection_id)
    if not batches:
        return
    pending = [
        PendingReceipt(Operation.PUSH_STOCK, ExternalRef(kind=BATCH_KIND, id=batch)) for batch in batches
    ]
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
            for index, row in enumerate(rows):
                if update.state in (RemoteState.FAILED, RemoteState.RETRYABLE) and not update.items:
                    uow.stock.unsend(connection_id, [row.external_id])
                elif index in refused:
                    uow.stock.refused(connection_id, row.external_id, _refusal(refused[index]))
                else:
                    uow.stock.pushed(connection_id, row.external_id, row.sent_version)


def _refusal(outcome: ItemOutcome) -> Reason:
    first = next(iter(outcome.findings), None)
    if first is None:
        return Reason("stock.refused", TEXTS["stock.refused"])
    return Reason(first.code, first.message, detail=first.detail)
