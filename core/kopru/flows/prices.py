"""Prices to the channels: the own price of an item, with what the company adds for a channel.

Own prices come with the ledger's item cards or from a file of items. A product nobody has a price for is left
alone, and so is one that shows the right price already.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from kopru.documents import Mode
from kopru.flows import pushing
from kopru.flows.connections import Opened, tenant_plugins
from kopru.flows.env import Work
from kopru.flows.ports import Uow
from kopru.flows.records import ConnectionRow, ConnectionState, Lane, NewJob, Price, PushRow
from kopru.flows.tenants import settings_of
from kopru.hooks import ports
from kopru.hooks.types import BatchResult, IdempotencyKey, Operation
from kopru.model import ExternalRef, PriceTarget, Product

CENT = Decimal("0.01")
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class PriceChange:
    """A price that a channel would be told, and the one it was last seen to show."""

    external_id: str
    sku: str
    shown: Decimal | None
    price: Price


def know(uow: Uow, products: Iterable[Product]) -> None:
    """Store the prices of own items; when some changed, the channels follow."""
    found = {each.code: price for each in products if (price := own_price(each)) is not None}
    if uow.prices.know(found):
        uow.jobs.add(sync_job())


def own_price(product: Product) -> Price | None:
    """Return an item's price with VAT to the kuruş; one without VAT and without a rate is none."""
    rate = Decimal(0) if product.tax_included else product.vat_rate
    if not product.code or not product.price or rate is None:
        return None
    price = _cents(product.price * (1 + rate / HUNDRED))
    listed = _cents(product.list_price * (1 + rate / HUNDRED)) if product.list_price else None
    return Price(price, listed, product.currency) if price > 0 else None


def sync_job() -> NewJob:
    """Return the job that brings prices to the channels; many reasons within two seconds make one run."""
    return NewJob("prices.sync", {}, "prices.sync", Lane.STOCK, serial_key="prices.sync", delay=2.0)


def sync(work: Work) -> None:
    """Job ``prices.sync``: plan what each channel should show, unless the settings leave that to a person."""
    if work.job_id is not None and settings_of(work).prices.push is not Mode.AUTO:
        return
    for shop in shops(work):
        with work.write() as uow:
            changes = changes_of(work, uow, shop)
            if uow.prices.want(shop.id, {each.external_id: each.price for each in changes}):
                uow.jobs.add(PRICES.job(shop))


def shops(work: Work, name: str | None = None) -> list[ConnectionRow]:
    """Return the active channels that take prices."""
    plugins = tenant_plugins(work)
    with work.read() as uow:
        rows = uow.connections.every()
    return [
        row
        for row in rows
        if row.state is ConnectionState.ACTIVE
        and name in (None, row.name)
        and plugins.can(row.plugin, "push_prices")
    ]


def changes_of(work: Work, uow: Uow, shop: ConnectionRow) -> list[PriceChange]:
    """Return the prices a channel was not told yet; one it shows by itself needs no telling."""
    rule = settings_of(work).prices.for_channel(shop.name)
    known, wanted = uow.prices.known(), uow.prices.wanted(shop.id)
    changes = []
    for external_id, sku, shown in uow.prices.offered(shop.id):
        if sku not in known:
            continue
        price = with_markup(known[sku], rule.markup)
        told = wanted.get(external_id)
        if price != told and (told is not None or price.price != shown):
            changes.append(PriceChange(external_id, sku, shown, price))
    return changes


def with_markup(price: Price, markup: Decimal) -> Price:
    """Return a price with so many percent more, to the kuruş; a list price below it means nothing."""
    raised = max(_cents(price.price * (1 + markup / HUNDRED)), CENT)
    listed = _cents(price.list_price * (1 + markup / HUNDRED)) if price.list_price else None
    return Price(raised, listed if listed and listed >= raised else None, price.currency)


def push(work: Work) -> None:
    """Job ``prices.push``: send what is due to a channel."""
    pushing.push(work, PRICES)


def push_now(work: Work, connection_id: UUID | None = None) -> int:
    """Plan prices because a person asks, and queue every channel that has some to send; return how many."""
    sync(work)
    queued = 0
    for shop in shops(work):
        with work.write() as uow:
            if connection_id in (None, shop.id) and uow.prices.due(shop.id, 1):
                uow.jobs.add(PRICES.job(shop))
                queued += 1
    return queued


def _send(opened: Opened, key: IdempotencyKey, due: Sequence[PushRow[Price]]) -> BatchResult:
    targets = [
        PriceTarget(
            ref=ExternalRef(kind="product", id=row.external_id),
            sku=row.sku,
            barcode=row.barcode,
            price=row.desired.price,
            list_price=row.desired.list_price,
            currency=row.desired.currency,
            version=row.version,
        )
        for row in due
    ]
    return opened.use(ports.PushesPrices).push_prices(opened.ctx, key, targets)


PRICES = pushing.Kind("prices", Operation.PUSH_PRICES, lambda uow: uow.prices, _send)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
