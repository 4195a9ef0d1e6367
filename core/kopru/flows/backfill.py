"""Backfill: reading a range of the past besides the live stream, whose position it does not touch.

It has the last lane and at most a share of each quota, so that live work goes first. What it reads goes the
ordinary way of an order. Orders placed before the connection's first day stay left out, unless a person says
that they are to be invoiced here: then that first day moves back, for the stream as well.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID, uuid4

from kopru.documents import ISTANBUL, Exclude, Hold, OrderFacts, decide, istanbul_date
from kopru.flows import orders
from kopru.flows.completeness import day_job
from kopru.flows.connections import Opened, call
from kopru.flows.env import Work
from kopru.flows.ports import Uow
from kopru.flows.proofs import Backfill, BackfillState
from kopru.flows.records import ConnectionRow, Lane, NewJob, advance_job
from kopru.flows.tenants import settings_of
from kopru.flows.texts_proofs import TEXTS
from kopru.flows.windows import Place
from kopru.hooks import ports
from kopru.hooks.errors import ConfigError, RateLimited, Unsupported
from kopru.hooks.manifest import Stream
from kopru.hooks.types import Page, RefKind, RemoteRef, Window
from kopru.model import Order
from kopru.transport.share import CountingLimiter, ShareLimiter

T = TypeVar("T")
Wait = Callable[[float], None]

PERCENT = 30
"""Share of each quota a backfill uses unless a person chooses another."""

PAGES_PER_RUN = 20
"""Pages after which a run makes way for other work."""

PAUSE = 1.0
EDGE = timedelta(minutes=1)
"""Distance kept from where a source forgets."""

PROVED_DAYS = 31
"""Days of a range that are counted again once it is read, the newest."""

BEFORE_START = "order.before_start"


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a backfill would read and what would become of it.

    ``records`` is the source's own count, ``held`` how many of them are here already, ``before_start`` how
    many of the rest were last changed before the connection's first day and are left out for that alone;
    all ``None`` when the source offers no listing. ``sample`` tells what the rules make of the first page of
    orders. ``calls`` and ``seconds`` are what the reading costs within the share of the quotas.
    """

    since: datetime
    until: datetime
    records: int | None
    held: int | None
    before_start: int | None
    calls: int | None
    seconds: float | None
    sample: Mapping[str, int]

    @property
    def new(self) -> int | None:
        """Return how many orders are not here yet."""
        return None if self.records is None or self.held is None else self.records - self.held


def forecast(
    work: Work,
    connection_id: UUID,
    since: datetime,
    until: datetime | None,
    *,
    percent: int = PERCENT,
    invoices: bool = False,
    wait: Wait | None = None,
) -> Forecast:
    """Count what a backfill would read. Nothing is stored.

    Args:
        work: a person's command.
        connection_id: the source.
        since: the beginning of the range.
        until: its end; by default where the connection's own reading begins.
        percent: share of each quota.
        invoices: whether orders placed before the connection's first day are to be invoiced.
        wait: waits for a free call; without it a spent quota is raised.

    Raises:
        ConfigError: the range is empty or forgotten by the source.
        RateLimited: a quota is spent, and nobody waits.
    """
    row, place = _range(work, connection_id, since, until)
    start_at = min(row.start_at, place.since) if invoices else row.start_at
    counting = CountingLimiter(work.env.limiter)
    costed = replace(work, env=replace(work.env, limiter=counting))
    _, page = patiently(
        wait, lambda: call(costed, connection_id, partial(orders.read_part, place), seconds=60.0)
    )
    sample = Counter(_outcome(work, row, order, start_at) for order in page.values)
    facts = call(work, connection_id, _streams)
    tally = _tally(work, connection_id, place, facts.listing, start_at, wait)
    pages = _pages(tally.records, place, facts.reading) if tally else None
    return Forecast(
        place.since,
        place.until,
        tally.records if tally else None,
        tally.held if tally else None,
        tally.before_start if tally else None,
        None if pages is None else pages * max(sum(counting.calls.values()), 1),
        None if pages is None else counting.seconds(pages, percent),
        sample,
    )


def patiently(wait: Wait | None, act: Callable[[], T]) -> T:
    """Do something, and wait for a free call of a quota as often as needed.

    Raises:
        RateLimited: there is nobody to wait.
    """
    while True:
        try:
            return act()
        except RateLimited as error:
            if wait is None:
                raise
            wait(error.retry_after if error.retry_after is not None else 5.0)


@dataclass(frozen=True, slots=True)
class _Streams:
    reading: Stream
    listing: Stream | None


def _streams(opened: Opened) -> _Streams:
    if not opened.can("fetch_orders"):
        raise ConfigError("backfill.no_orders", TEXTS.text("backfill.no_orders", name=opened.row.name))
    streams = opened.manifest.streams
    listing = streams.get("fetch_refs", streams["fetch_orders"]) if opened.can("fetch_refs") else None
    return _Streams(streams["fetch_orders"], listing)


def _range(
    work: Work, connection_id: UUID, since: datetime, until: datetime | None
) -> tuple[ConnectionRow, Place]:
    """Return the connection and the range, cut to what the source remembers."""
    facts = call(work, connection_id, _streams).reading
    with work.read() as uow:
        row, now = uow.connections.get(connection_id), uow.now
    assert row is not None
    end = min(until or (row.start_at if since < row.start_at else now), now)
    begin = max(since, now - facts.reach + EDGE) if facts.reach else since
    if begin >= end:
        code = "backfill.forgotten" if since < end else "backfill.empty"
        text = TEXTS.text(
            code, since=_day(since), until=_day(end), days=facts.reach.days if facts.reach else 0
        )
        raise ConfigError(code, text)
    return row, Place(begin, end)


@dataclass(frozen=True, slots=True)
class _Tally:
    records: int = 0
    held: int = 0
    before_start: int = 0


def _tally(
    work: Work,
    connection_id: UUID,
    place: Place,
    facts: Stream | None,
    start_at: datetime,
    wait: Wait | None,
) -> _Tally | None:
    """Count a range by the second listing; ``None`` when the source has none."""
    if facts is None:
        return None
    try:
        return _counted(work, connection_id, place, facts, start_at, wait)
    except Unsupported:
        return None


def _counted(
    work: Work, connection_id: UUID, place: Place, facts: Stream, start_at: datetime, wait: Wait | None
) -> _Tally:
    seen: set[str] = set()
    tally = _Tally()
    rest: Place | None = place
    while rest is not None:
        listing = partial(_list, rest, facts)
        part, page = patiently(wait, partial(call, work, connection_id, listing, seconds=60.0))
        fresh = {ref.external_id: ref for ref in page.values if ref.external_id not in seen}
        seen |= fresh.keys()
        with work.read() as uow:
            held = uow.proofs.held(connection_id, list(fresh))
        new = [ref for id, ref in fresh.items() if id not in held]
        tally = _Tally(
            tally.records + len(fresh),
            tally.held + len(held),
            tally.before_start + sum(ref.at is not None and ref.at < start_at for ref in new),
        )
        rest = rest.after(part, page)
    return tally


def _list(place: Place, facts: Stream, opened: Opened) -> tuple[Window, Page[RemoteRef]]:
    part = place.part(facts)
    fetch = opened.use(ports.FetchesRefs).fetch_refs
    return part, fetch(opened.ctx, RefKind.ORDER, place.cursor, part, facts.largest_page)


def _pages(records: int, place: Place, facts: Stream) -> int:
    parts = math.ceil((place.until - place.since) / facts.span) if facts.span else 1
    return max(math.ceil(records / facts.largest_page), parts)


def _outcome(work: Work, row: ConnectionRow, order: Order, start_at: datetime) -> str:
    """Return what would become of an order, without asking anybody; as stable words: kind and rule."""
    if order.placed_at < start_at:
        return f"excluded: {BEFORE_START}"
    if order.invoice_url:
        return "excluded: order.invoiced_elsewhere"
    facts = OrderFacts(order, row.name, row.plugin, bool(order.buyer.einvoice_registered))
    result = decide(settings_of(work), facts).result
    if isinstance(result, Hold):
        return f"held: {result.code}"
    if isinstance(result, Exclude):
        return f"excluded: {result.code}"
    return f"invoice: {getattr(result, 'rule', '')}"


def start(
    work: Work,
    connection_id: UUID,
    since: datetime,
    until: datetime | None,
    *,
    percent: int = PERCENT,
    invoices: bool = False,
    expected: int | None = None,
) -> Backfill:
    """Begin to read a range of the past.

    Raises:
        ConfigError: another one is under way, the range is empty or forgotten, or with ``invoices`` it does
            not reach up to the connection's first day.
    """
    row, place = _range(work, connection_id, since, until)
    if invoices and place.until < row.start_at:
        text = TEXTS.text("backfill.gap", start=_day(row.start_at))
        raise ConfigError("backfill.gap", text)
    made = Backfill(
        uuid4(),
        connection_id,
        BackfillState.RUNNING,
        place.since,
        place,
        percent,
        invoices,
        expected,
        work.actor,
    )
    with work.write() as uow:
        if uow.backfills.under_way(connection_id) is not None:
            raise ConfigError("backfill.open", TEXTS.text("backfill.open", name=row.name))
        uow.backfills.add(made)
        story = {"since": _day(made.since), "until": _day(made.until), "percent": percent}
        uow.events.add(
            work.actor, "connection", connection_id, "backfill.started", invoices=invoices, **story
        )
        if invoices and place.since < row.start_at:
            _move_start(work, uow, row, place.since)
        uow.jobs.add(_job(made))
    work.env.cache.forget(("connection", work.tenant_id, connection_id))
    return made


def _move_start(work: Work, uow: Uow, row: ConnectionRow, start_at: datetime) -> None:
    """Let orders be invoiced from an earlier day on; those left out for the old one are decided again."""
    uow.backfills.move_start(row.id, start_at)
    uow.events.add(
        work.actor, "connection", row.id, "connection.start_moved", old=_day(row.start_at), new=_day(start_at)
    )
    waiting = uow.proofs.excluded_before(row.id, BEFORE_START, start_at)
    uow.jobs.add(*(replace(advance_job(order_id), lane=Lane.BACKFILL) for order_id in waiting))


def _job(row: Backfill, delay: float = 0.0) -> NewJob:
    key, serial = f"orders.backfill:{row.id}", f"orders.backfill:{row.connection_id}"
    args = {"connection": str(row.connection_id), "backfill": str(row.id)}
    return NewJob("orders.backfill", args, key, Lane.BACKFILL, serial, row.connection_id, delay=delay)


def run(work: Work) -> None:
    """Job ``orders.backfill``: read some pages within the share of the quotas, then make way."""
    connection_id, backfill_id = UUID(work.args["connection"]), UUID(work.args["backfill"])
    with work.read() as uow:
        row = uow.backfills.get(backfill_id)
    pages = 0
    while row is not None and row.state is BackfillState.RUNNING and pages < PAGES_PER_RUN:
        limited = replace(work, env=replace(work.env, limiter=ShareLimiter(work.env.limiter, row.percent)))
        part, page = call(limited, connection_id, partial(orders.read_part, row.place), seconds=60.0)
        row = _store(limited, row.id, part, page)
        pages += 1
    if row is not None and row.state is BackfillState.RUNNING:
        with work.write() as uow:
            uow.jobs.add(_job(row, PAUSE))


def _store(work: Work, backfill_id: UUID, part: Window, page: Page[Order]) -> Backfill | None:
    """Store a page and the place after it; a page of a backfill that was stopped meanwhile is dropped."""
    with work.write() as uow:
        row = uow.backfills.get(backfill_id, lock=True)
        if row is None or row.state is not BackfillState.RUNNING:
            return row
        changed = orders.take(work, uow, row.connection_id, page.records, lane=Lane.BACKFILL)
        place = row.place.after(part, page)
        row = replace(
            row,
            place=place or Place(row.until, row.until),
            pages=row.pages + 1,
            records=row.records + len(page.records),
            changed=row.changed + changed,
        )
        if place is None:
            row = replace(row, state=BackfillState.DONE, finished_at=uow.now)
            _finish(work, uow, row)
        uow.backfills.save(row)
    return row


def _finish(work: Work, uow: Uow, row: Backfill) -> None:
    counts = {"pages": row.pages, "records": row.records, "changed": row.changed}
    uow.events.add(work.actor, "connection", row.connection_id, "backfill.done", **counts)
    source = uow.connections.get(row.connection_id)
    if source is None or not work.env.registry.implements(source.plugin, "fetch_refs"):
        return
    last = istanbul_date(row.until)
    days = min((last - istanbul_date(row.since)).days + 1, PROVED_DAYS)
    uow.jobs.add(*(day_job(row.connection_id, last - timedelta(days=n)) for n in range(days)))


def pause(work: Work, connection_id: UUID) -> Backfill:
    """Stop reading for now; what was read stays, and the place is kept.

    Raises:
        ConfigError: none is under way.
    """
    return _turn(work, connection_id, BackfillState.PAUSED)


def resume(work: Work, connection_id: UUID) -> Backfill:
    """Go on reading where it stopped.

    Raises:
        ConfigError: none is under way.
    """
    return _turn(work, connection_id, BackfillState.RUNNING)


def cancel(work: Work, connection_id: UUID) -> Backfill:
    """Give a backfill up; what was read stays.

    Raises:
        ConfigError: none is under way.
    """
    return _turn(work, connection_id, BackfillState.CANCELLED)


def _turn(work: Work, connection_id: UUID, state: BackfillState) -> Backfill:
    with work.write() as uow:
        row = uow.backfills.under_way(connection_id, lock=True)
        if row is None:
            raise ConfigError("backfill.none", TEXTS["backfill.none"])
        finished = None if state.open else uow.now
        row = replace(row, state=state, finished_at=finished)
        uow.backfills.save(row)
        uow.events.add(
            work.actor, "connection", connection_id, f"backfill.{state.value}", records=row.records
        )
        if state is BackfillState.RUNNING:
            uow.jobs.add(_job(row))
    return row


def _day(moment: datetime) -> str:
    return moment.astimezone(ISTANBUL).date().isoformat()
