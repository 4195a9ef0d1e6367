"""The drift check of stock: what a channel shows, and what it last took from us.

A push sets a value, so sending it again is safe: that is done by itself, once per difference. A channel that
keeps showing another value all the same is told to a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from kopru.documents import Stage, istanbul_date
from kopru.flows import orders
from kopru.flows.connections import Opened, call, pull_job
from kopru.flows.env import Work
from kopru.flows.ports import Uow
from kopru.flows.proofs import Area, Drift, DriftCheck, Pushed
from kopru.flows.records import Lane, NewJob, Reason
from kopru.flows.stock import plan_pushes, push_job
from kopru.flows.tenants import ledger_of, settings_of
from kopru.flows.texts_proofs import TEXTS
from kopru.flows.windows import Place
from kopru.hooks import ports
from kopru.hooks.errors import ConfigError, CursorExpired
from kopru.hooks.manifest import Stream
from kopru.hooks.types import Page, Window
from kopru.model import Product

EVER = timedelta(days=3650)
"""How far back products are asked for where a source filters by time of change and states no reach."""

SETTLED = timedelta(minutes=15)
"""What was sent more recently may not be shown yet."""

HEAD_START = 120.0
"""Seconds the nightly run gives the order import, so that units sold just now are not offered again."""

STREAM = "fetch_products"
DIFFERS = "drift.stock.differs"
GONE = "drift.stock.gone"
STAYS = "drift.stock.stays"


def nightly(work: Work) -> None:
    """Job ``stock.verify``: read the channel's orders first, then compare."""
    connection_id = UUID(work.args["connection"])
    args = {"connection": str(connection_id)}
    key = f"stock.compare:{connection_id}"
    with work.write() as uow:
        row = uow.connections.get(connection_id)
        if row is None:
            return
        if work.env.registry.implements(row.plugin, "fetch_orders"):
            uow.jobs.add(pull_job("orders.pull", row))
        uow.jobs.add(NewJob("stock.compare", args, key, Lane.STOCK, None, connection_id, delay=HEAD_START))


def compare_job(work: Work) -> None:
    """Job ``stock.compare``: compare the stock of one channel."""
    compare(work, UUID(work.args["connection"]))


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing a channel's stock came to."""

    check: DriftCheck
    found: Sequence[Drift]


def compare(work: Work, connection_id: UUID) -> Comparison:
    """Compare what a channel shows with what it took from us, and send differing values again.

    Values sent a moment ago or on their way are left out. In a dry run nothing is stored or sent.

    Raises:
        ConfigError: the connection takes no stock, or its plugin cannot list products.
    """
    facts = call(work, connection_id, _facts)
    ledger = ledger_of(work)
    if ledger is not None and _automatic(work) and not work.dry_run:
        plan_pushes(work, ledger)  # what orders changed meanwhile is on its way and not compared
    shown = _shown(work, connection_id, facts)
    with work.write() as uow:
        settled = [
            each
            for each in uow.drifts.pushed(connection_id)
            if each.sent_at is None or uow.now - each.sent_at > SETTLED
        ]
        known = {each.subject: each for each in uow.drifts.open(Area.STOCK, connection_id)}
        found = differences(settled, shown, known, automatic=_automatic(work))
        day = istanbul_date(uow.now)
        listed = sum(each.external_id in shown for each in settled)
        comparison = Comparison(
            DriftCheck(connection_id, Area.STOCK, day, len(settled), listed, len(found), uow.now),
            [_told(connection_id, day, each) for each in found],
        )
        if not work.dry_run:
            _store(work, uow, comparison)
        return comparison


@dataclass(frozen=True, slots=True)
class Found:
    """A product on which the two sides differ; ``theirs`` is ``None`` when the channel lists it no more."""

    code: str
    ours: Pushed
    theirs: int | None

    @property
    def data(self) -> dict[str, object]:
        """Return what tells this difference from a later one."""
        return {"sku": self.ours.sku, "ours": self.ours.quantity, "theirs": self.theirs}


def differences(
    settled: Sequence[Pushed],
    shown: Mapping[str, int | None],
    known: Mapping[str, Drift],
    *,
    automatic: bool,
) -> list[Found]:
    """Return the products whose shown value is not the one sent. Pure.

    Args:
        settled: what the channel took from us, some time ago.
        shown: what it shows, by product; ``None`` where it does not tell.
        known: open differences by product; the very same one was sent again already.
        automatic: whether stock is pushed without being asked.
    """
    found = []
    for each in settled:
        if each.external_id not in shown:
            found.append(Found(GONE, each, None))
            continue
        theirs = shown[each.external_id]
        if theirs is None or theirs == each.quantity:
            continue
        before = known.get(each.external_id)
        again = before is not None and before.data.get("theirs") == theirs
        again = again and before is not None and before.data.get("ours") == each.quantity
        code = DIFFERS if automatic else "drift.stock.manual"
        found.append(Found(STAYS if again and automatic else code, each, theirs))
    return found


def _automatic(work: Work) -> bool:
    return settings_of(work).stages.automatic(Stage.STOCK)


def _facts(opened: Opened) -> Stream:
    if not (opened.can("push_stock") and opened.can(STREAM)):
        raise ConfigError("drift.no_stock", TEXTS.text("drift.no_stock", name=opened.row.name))
    return opened.manifest.streams[STREAM]


def _shown(work: Work, connection_id: UUID, facts: Stream) -> dict[str, int | None]:
    """Return the stock a channel shows, by product; what it offers is noted on the way."""
    with work.read() as uow:
        now: datetime = uow.now
    place: Place | None = Place(now - (facts.reach or EVER), now)
    shown: dict[str, int | None] = {}
    while place is not None:
        part, page = call(work, connection_id, partial(_page, place, facts), seconds=60.0)
        with work.write() as uow:
            uow.stock.see_products(connection_id, page.records)
        for record in page.records:
            stock = record.value.stock if record.value else None
            shown[record.external_id] = None if stock is None else int(stock)
        place = place.after(part, page)
    return shown


def _page(place: Place, facts: Stream, opened: Opened) -> tuple[Window, Page[Product]]:
    part = place.part(facts)
    fetch = opened.use(ports.FetchesProducts).fetch_products
    try:
        return part, fetch(opened.ctx, place.cursor, part, facts.largest_page)
    except CursorExpired:
        return part, fetch(opened.ctx, None, part, facts.largest_page)


def _told(connection_id: UUID, day: date, found: Found) -> Drift:
    reason = Reason(found.code, TEXTS.text(found.code, **found.data))
    command = "kopru stock push" if found.code == "drift.stock.manual" else ""
    return Drift(connection_id, Area.STOCK, found.ours.external_id, day, reason, command, found.data)


def _store(work: Work, uow: Uow, comparison: Comparison) -> None:
    check, connection_id = comparison.check, comparison.check.connection_id
    for row in comparison.found:
        if uow.drifts.find(row):
            story = {"code": row.reason.code, **row.data}
            uow.events.add(work.actor, "connection", connection_id, "drift.found", **story)
    uow.drifts.resolve(connection_id, Area.STOCK, None, [row.subject for row in comparison.found])
    again = [row.subject for row in comparison.found if row.reason.code == DIFFERS]
    shop = uow.connections.get(connection_id)
    if again and shop is not None:
        uow.drifts.push_again(connection_id, again)
        uow.jobs.add(push_job(shop))
    uow.drifts.checked(check)
    story = {"products": check.ours, "differences": check.differences, "again": len(again)}
    uow.events.add(work.actor, "connection", connection_id, "stock.verified", **story)


def read_orders_first(work: Work, connection_id: UUID) -> None:
    """Read the channel's orders before a person's comparison, so that units sold just now count."""
    with work.read() as uow:
        row = uow.connections.get(connection_id)
    if row is not None and work.env.registry.implements(row.plugin, "fetch_orders"):
        orders.pull_orders(work, connection_id)
