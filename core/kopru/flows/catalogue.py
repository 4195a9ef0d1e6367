"""Own items from the ledger, and what the channels offer."""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID, uuid4

from kopru.flows.connections import Opened
from kopru.flows.env import Work
from kopru.flows.orders import pull_products
from kopru.flows.ports import Uow
from kopru.flows.prices import know
from kopru.flows.records import ItemRow, advance_job
from kopru.flows.streams import Progress, Read, run
from kopru.flows.texts import TEXTS
from kopru.hooks import ports
from kopru.hooks.errors import ConfigError
from kopru.hooks.manifest import PluginKind
from kopru.hooks.types import Page, Record
from kopru.matching.exact import LinkKey, barcode_key, code_key
from kopru.model import Product

_KEYS: Mapping[str, Callable[[str], str]] = {
    "sku": code_key,
    "barcode": lambda value: barcode_key(value) or value,
    "product": str,
}
"""How a link's key is compared."""


def pull(work: Work) -> None:
    """Job ``catalogue.pull``: read item cards from a ledger, or offered products from a channel."""
    connection_id = UUID(work.args["connection"])
    if is_ledger(work, connection_id):
        pull_items(work, connection_id)
    else:
        pull_products(work, connection_id)


def is_ledger(work: Work, connection_id: UUID) -> bool:
    """Whether a connection is an accounting system."""
    with work.read() as uow:
        row = uow.connections.get(connection_id)
    return row is not None and work.env.registry.manifest(row.plugin).kind is PluginKind.ACCOUNTING


def pull_items(work: Work, connection_id: UUID) -> Progress:
    """Read item cards from a ledger into the tenant's own items."""

    def store(uow: Uow, opened: Opened, page: Page[Product]) -> int:
        return save_items(work, uow, page.records, connection_id)

    read: Read[Product] = Read(
        "fetch_products",
        lambda opened, cursor, window, limit: opened.use(ports.FetchesProducts).fetch_products(
            opened.ctx, cursor, window, limit
        ),
        store,
    )
    return run(work, connection_id, read)


def save_items(work: Work, uow: Uow, records: Sequence[Record[Product]], connection_id: UUID | None) -> int:
    """Store products as own items by code; orders that waited for an item go on."""
    rows = [_item(record.value) for record in records if record.value is not None and record.value.code]
    count = uow.items.upsert(rows, connection_id)
    know(uow, (record.value for record in records if record.value is not None))
    uow.jobs.add(*(advance_job(order_id) for order_id in uow.orders.waiting_for_lines()))
    if count:
        uow.events.add(work.actor, "items", connection_id or work.tenant_id, "items.saved", count=count)
    return count


def link_item(work: Work, connection_id: UUID, key: LinkKey, item_code: str) -> int:
    """Confirm that a channel's key means an own item; return how many waiting orders go on.

    Raises:
        ConfigError: there is no such item.
    """
    with work.write() as uow:
        item = uow.items.by_code(item_code)
        if item is None:
            raise ConfigError("item.unknown", TEXTS.text("item.unknown", code=item_code))
        value = _KEYS[key.kind](key.value)
        uow.items.link(connection_id, f"{key.kind}:{value}", item.id, work.actor)
        uow.events.add(work.actor, "item", item.id, "item.linked", key=f"{key.kind}:{value}")
        waiting = uow.orders.waiting_for_lines()
        uow.jobs.add(*(advance_job(order_id) for order_id in waiting))
        return len(waiting)


def _item(product: Product) -> ItemRow:
    return ItemRow(
        id=uuid4(),
        code=product.code,
        name=product.name,
        kind=product.kind.value,
        unit=product.unit,
        vat_rate=product.vat_rate,
        barcodes=product.barcodes,
        active=product.active,
    )
