"""Orders in: pull, store with raw payload and versions, and hand each changed one to invoicing."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from kopru.flows.connections import Opened, call
from kopru.flows.env import Work
from kopru.flows.ports import Uow
from kopru.flows.records import ConnectionState, Lane, NewJob, OrderRow, SeenOrder, advance_job
from kopru.flows.streams import Progress, Read, run
from kopru.flows.windows import Place
from kopru.hooks import ports
from kopru.hooks.errors import CursorExpired
from kopru.hooks.types import Page, Raw, Record, Window
from kopru.model import ExternalRef, Order, Product, Return

ORDER = "order"


def pull(work: Work) -> None:
    """Job ``orders.pull``: read changed orders of a connection and then let stock follow."""
    connection_id = UUID(work.args["connection"])
    progress = pull_orders(work, connection_id)
    with work.write() as uow:
        if not progress.complete:
            uow.jobs.add(_again(work, connection_id))
        if progress.changed:
            uow.jobs.add(
                NewJob("stock.sync", {}, "stock.sync", Lane.STOCK, serial_key="stock.sync", delay=1.0)
            )


def pull_orders(work: Work, connection_id: UUID) -> Progress:
    """Read changed orders of a connection and store them."""

    def store(uow: Uow, opened: Opened, page: Page[Order]) -> int:
        return take(work, uow, opened.row.id, page.records)

    read: Read[Order] = Read(
        "fetch_orders",
        lambda opened, cursor, window, limit: opened.use(ports.FetchesOrders).fetch_orders(
            opened.ctx, cursor, window, limit
        ),
        store,
    )
    return run(work, connection_id, read)


def refetch(work: Work) -> None:
    """Job ``order.refetch``: read one order again, because a webhook or a person said that it changed."""
    connection_id = UUID(work.args["connection"])
    ref = ExternalRef(kind=work.args.get("kind", ORDER), id=work.args["external_id"])
    record = call(
        work, connection_id, lambda opened: opened.use(ports.FetchesOrder).fetch_order(opened.ctx, ref)
    )
    with work.write() as uow:
        take(work, uow, connection_id, [record])


def take(
    work: Work,
    uow: Uow,
    connection_id: UUID,
    records: Sequence[Record[Order]],
    *,
    lane: Lane = Lane.ORDERS,
) -> int:
    """Store fetched orders with their payloads and add work for each that changed; return how many did."""
    latest = list({record.external_id: record for record in _oldest_first(records)}.values())
    payloads = uow.payloads.put(connection_id, ORDER, [(each.external_id, each.raw) for each in latest])
    seen = uow.orders.take(connection_id, latest, payloads, uow.now)
    changed = [(each, record) for each, record in zip(seen, latest, strict=True) if each.changed]
    uow.events.add_many(
        work.actor,
        ORDER,
        "order.seen",
        [(each.id, _seen_story(each, record)) for each, record in changed],
    )
    jobs = (advance_job(each.id) for each, record in changed if record.value is not None)
    uow.jobs.add(*(replace(job, lane=lane) for job in jobs))
    return len(changed)


def read_part(place: Place, opened: Opened) -> tuple[Window, Page[Order]]:
    """Return the next page of a fixed stretch of time, and the part of the stretch it belongs to."""
    facts = opened.manifest.streams["fetch_orders"]
    part = place.part(facts)
    fetch = opened.use(ports.FetchesOrders).fetch_orders
    try:
        return part, fetch(opened.ctx, place.cursor, part, facts.largest_page)
    except CursorExpired:
        return part, fetch(opened.ctx, None, part, facts.largest_page)


def refetch_job(order: OrderRow) -> NewJob:
    """Return the job that reads one order again from its source."""
    kind = order.body.ref.kind if order.body else ORDER
    args = {"connection": str(order.connection_id), "kind": kind, "external_id": order.external_id}
    key = f"order.refetch:{order.connection_id}:{order.external_id}"
    return NewJob("order.refetch", args, key, Lane.INTERACTIVE, connection_id=order.connection_id)


def pull_returns(work: Work) -> None:
    """Job ``returns.pull``: read customer returns and store them for a decision."""
    connection_id = UUID(work.args["connection"])

    def store(uow: Uow, opened: Opened, page: Page[Return]) -> int:
        payloads = uow.payloads.put(connection_id, "return", [(r.external_id, r.raw) for r in page.records])
        changed = uow.returns.take(connection_id, page.records, payloads)
        uow.events.add_many(work.actor, "return", "return.seen", [(each, {}) for each in changed])
        return len(changed)

    read: Read[Return] = Read(
        "fetch_returns",
        lambda opened, cursor, window, limit: opened.use(ports.FetchesReturns).fetch_returns(
            opened.ctx, cursor, window, limit
        ),
        store,
    )
    if not run(work, connection_id, read).complete:
        with work.write() as uow:
            uow.jobs.add(_again(work, connection_id, "returns.pull"))


def pull_products(work: Work, connection_id: UUID) -> Progress:
    """Read what a channel offers."""

    def store(uow: Uow, opened: Opened, page: Page[Product]) -> int:
        return uow.stock.see_products(connection_id, page.records)

    read: Read[Product] = Read(
        "fetch_products",
        lambda opened, cursor, window, limit: opened.use(ports.FetchesProducts).fetch_products(
            opened.ctx, cursor, window, limit
        ),
        store,
    )
    return run(work, connection_id, read)


def replay(work: Work, order: OrderRow, raw: Raw) -> int:
    """Map an order's stored payload again with today's plugin, as if it had just been fetched."""
    records = parse(work, order.connection_id, raw)
    with work.write() as uow:
        return take(work, uow, order.connection_id, records)


def parse(work: Work, connection_id: UUID, raw: Raw) -> tuple[Record[Order], ...]:
    """Map a stored payload with today's plugin and settings, whatever the connection's state."""

    def read(opened: Opened) -> tuple[Record[Order], ...]:
        return opened.use(ports.ParsesOrders).parse_orders(opened.ctx.config, raw)

    return call(work, connection_id, read, any_state=True)


def active_shops(uow: Uow, names: Sequence[str]) -> list[UUID]:
    """Return the active connections of some plugins."""
    rows = uow.connections.every()
    return [row.id for row in rows if row.plugin in names and row.state is ConnectionState.ACTIVE]


def _oldest_first(records: Sequence[Record[Order]]) -> list[Record[Order]]:
    """Put unreadable records first, so that a readable version of the same order wins."""

    def when(record: Record[Order]) -> float:
        return record.value.modified_at.timestamp() if record.value else float("-inf")

    return sorted(records, key=when)


def _seen_story(seen: SeenOrder, record: Record[Order]) -> dict[str, str]:
    value = record.value
    return {
        "revision": value.revision if value else record.raw.digest,
        "status": value.status.value if value else "unreadable",
        "new": "yes" if seen.new else "no",
    }


def _again(work: Work, connection_id: UUID, kind: str = "orders.pull") -> NewJob:
    key = f"{kind}:{connection_id}"
    return NewJob(kind, work.args, key, serial_key=key, connection_id=connection_id)
