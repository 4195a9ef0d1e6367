"""Stock to the channels: what the ledger holds less what open orders need; only the newest value counts."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal
from functools import partial
from uuid import UUID

from kopru.documents import Stage
from kopru.flows import ledgerorders, pushing
from kopru.flows.connections import Opened, call, tenant_plugins
from kopru.flows.env import Work
from kopru.flows.records import ConnectionRow, ConnectionState, Lane, NewJob, PushRow
from kopru.flows.tenants import ledger_of, settings_of
from kopru.hooks import ports
from kopru.hooks.types import BatchResult, IdempotencyKey, Operation, Page
from kopru.model import ExternalRef, StockLevel, StockTarget
from kopru.model.money import ZERO

PAGE = 500


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
    ledgerorders.follow(work)


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
    return STOCK.job(shop)


def push(work: Work) -> None:
    """Job ``stock.push``: send what is due to a channel."""
    pushing.push(work, STOCK)


def _send(opened: Opened, key: IdempotencyKey, due: Sequence[PushRow[int]]) -> BatchResult:
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
    return opened.use(ports.PushesStock).push_stock(opened.ctx, key, targets)


STOCK = pushing.Kind("stock", Operation.PUSH_STOCK, lambda uow: uow.stock, _send)
