"""The completeness proof: what a source lists a second way, and what we hold of it, day by day.

Days are those of the last change, in Istanbul time. The second listing (``fetch_refs``) takes another way
than the stream where the source has one. What we lack counts only before the stream's own position; what lies
behind it is told as unread. What differs becomes work: it is fetched and goes the ordinary way of an order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from kopru.documents import ISTANBUL, istanbul_date
from kopru.flows import orders
from kopru.flows.connections import Opened, call
from kopru.flows.env import Work
from kopru.flows.ports import Uow
from kopru.flows.proofs import CheckState, Difference, Gap, HeldOrder, OrderCheck
from kopru.flows.records import ConnectionRow, Lane, NewJob
from kopru.flows.texts_proofs import TEXTS
from kopru.flows.windows import Place
from kopru.hooks import ports
from kopru.hooks.errors import ConfigError, CursorExpired, Rejected, Unsupported
from kopru.hooks.manifest import Stream
from kopru.hooks.types import Page, RefKind, RemoteRef, Window
from kopru.model import ExternalRef
from kopru.toolkit.dates import day_window

STREAM = "fetch_orders"
DAYS = 3
"""Days the nightly run counts: today and those before, so that each day is counted three times."""

KEPT = 200
"""Differences of a day that are stored one by one."""

MOST_SINGLE = 100
"""More differences than this are fetched by reading the day again."""

STALE = timedelta(hours=6)
"""A listing that was cut short is carried on within this time, later it begins anew."""

LAST = "last"
"""Argument of ``orders.verify_day``: the day was read again already; it is not read a third time."""


def nightly(work: Work) -> None:
    """Job ``orders.verify``: count the last days of a connection, each in a job of its own."""
    connection_id = UUID(work.args["connection"])
    with work.write() as uow:
        row = uow.connections.get(connection_id)
        if row is None or uow.streams.get(connection_id, STREAM).watermark is None:
            return
        today = istanbul_date(uow.now)
        for day in (today - timedelta(days=n) for n in range(DAYS)):
            if day_window(day).until > _floor(uow, row):
                uow.jobs.add(day_job(connection_id, day))


def day_job(connection_id: UUID, day: date, *, last: bool = False) -> NewJob:
    """Return the job that counts one day."""
    args = {"connection": str(connection_id), "day": day.isoformat(), **({LAST: "yes"} if last else {})}
    key = f"orders.verify_day:{connection_id}:{day}{':last' if last else ''}"
    serial = f"orders.verify:{connection_id}"
    return NewJob("orders.verify_day", args, key, Lane.BACKFILL, serial, connection_id)


def count_day(work: Work) -> None:
    """Job ``orders.verify_day``: count one day and make work of what differs.

    A source that offers no second listing of orders is left alone.
    """
    connection_id = UUID(work.args["connection"])
    try:
        verify(work, connection_id, date.fromisoformat(work.args["day"]))
    except Unsupported as error:
        with work.write() as uow:
            uow.events.add(work.actor, "connection", connection_id, "orders.not_verified", code=error.code)


def verify(work: Work, connection_id: UUID, day: date) -> OrderCheck:
    """Count the orders of one connection and day on both sides; in a dry run nothing is fetched.

    Raises:
        ConfigError: the day is not covered by what the connection reads, or nothing was read yet.
        Unsupported: the source offers no second listing of orders.
        RateLimited: a quota is spent; the next call goes on where this one stopped.
    """
    facts = call(work, connection_id, _facts)
    with work.write() as uow:
        check = _begin(uow, connection_id, day, facts.listing)
        uow.proofs.save(check)
    while check.state is CheckState.LISTING:
        page = call(work, connection_id, partial(_list, check.place, facts.listing), seconds=60.0)
        with work.write() as uow:
            check = _take(uow, check, page, facts)
            if check.state is CheckState.DONE:
                check = _finish(work, uow, check, facts)
            uow.proofs.save(check)
    return check


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the source's plugin states about its two listings."""

    listing: Stream
    overlap: timedelta
    fetches_one: bool


def _facts(opened: Opened) -> _Facts:
    if not (opened.can("fetch_refs") and opened.can(STREAM)):
        raise ConfigError("verify.no_listing", TEXTS.text("verify.no_listing", name=opened.row.name))
    streams = opened.manifest.streams
    reading = streams[STREAM]
    return _Facts(streams.get("fetch_refs", reading), reading.overlap, opened.can("fetch_order"))


def _floor(uow: Uow, row: ConnectionRow) -> datetime:
    """Return since when the connection's orders were read, by the stream or by a backfill."""
    covered = uow.backfills.covered_since(row.id)
    return min(covered, row.start_at) if covered else row.start_at


def _begin(uow: Uow, connection_id: UUID, day: date, listing: Stream) -> OrderCheck:
    row = uow.connections.get(connection_id)
    if row is None or uow.streams.get(connection_id, STREAM).watermark is None:
        raise ConfigError("verify.unread", TEXTS.text("verify.unread", name=row.name if row else "?"))
    known = uow.proofs.get(connection_id, day)
    if (
        known
        and known.state is CheckState.LISTING
        and known.started_at
        and uow.now - known.started_at < STALE
    ):
        return known
    whole = day_window(day)
    since, until = max(whole.since, _floor(uow, row)), min(whole.until, uow.now)
    if since >= until:
        text = TEXTS.text("verify.not_covered", day=day, since=_floor(uow, row).astimezone(ISTANBUL).date())
        raise ConfigError("verify.not_covered", text)
    if listing.reach is not None and since < uow.now - listing.reach:
        raise ConfigError(
            "verify.forgotten", TEXTS.text("verify.forgotten", day=day, days=listing.reach.days)
        )
    uow.proofs.forget(connection_id, day)
    place = Place(since, until)
    return OrderCheck(connection_id, day, CheckState.LISTING, place, since, started_at=uow.now)


def _list(place: Place, facts: Stream, opened: Opened) -> tuple[Window, Page[RemoteRef]]:
    part = place.part(facts)
    fetch = opened.use(ports.FetchesRefs).fetch_refs
    try:
        return part, fetch(opened.ctx, RefKind.ORDER, place.cursor, part, facts.largest_page)
    except CursorExpired:
        return part, fetch(opened.ctx, RefKind.ORDER, None, part, facts.largest_page)


def _take(uow: Uow, check: OrderCheck, listed: tuple[Window, Page[RemoteRef]], facts: _Facts) -> OrderCheck:
    part, page = listed
    fresh = uow.proofs.note(check.connection_id, check.day, [ref.external_id for ref in page.values])
    refs = {ref.external_id: ref for ref in page.values if ref.external_id in fresh}
    held = uow.proofs.held(check.connection_id, list(refs))
    check = count(
        check, list(refs.values()), held, _read_until(uow, check, facts), today=istanbul_date(uow.now)
    )
    place = check.place.after(part, page)
    if place is None:
        return replace(check, state=CheckState.DONE)
    return replace(check, place=place)


def _read_until(uow: Uow, check: OrderCheck, facts: _Facts) -> datetime:
    """Return up to when the stream has certainly read: its position less what it reads again each time."""
    watermark = uow.streams.get(check.connection_id, STREAM).watermark
    return (watermark or check.since) - facts.overlap


def count(
    check: OrderCheck,
    refs: Sequence[RemoteRef],
    held: Mapping[str, HeldOrder],
    read_until: datetime,
    *,
    today: date,
) -> OrderCheck:
    """Return a check with some listed orders counted in. Pure.

    A source that tells no time lists everything on every day: what we hold counts on the day it was placed,
    what we do not hold counts today.

    Args:
        check: what was counted so far; its place's end is that of the day.
        refs: orders listed, each for the first time.
        held: which of them we hold, by their id.
        read_until: what changed later and is not held yet counts as unread.
        today: the present day in Istanbul.
    """
    for ref in refs:
        ours = held.get(ref.external_id)
        at = ref.at or (ours.at if ours else None)
        if at is None and check.day == today:
            check = _differs(replace(check, remote=check.remote + 1), Gap.MISSING, ref, ours)
        elif at is None or not check.since <= at < check.place.until:
            continue
        elif at > read_until and not _holds(ours, ref):
            check = replace(check, unread=check.unread + 1)
        else:
            check = _compare(replace(check, remote=check.remote + 1), ref, ours)
    return check


def _holds(ours: HeldOrder | None, ref: RemoteRef) -> bool:
    """Whether we hold the version that is listed; one that cannot be read is held and parked."""
    return ours is not None and (not ours.readable or ref.at is None or ours.modified_at >= ref.at)


def _compare(check: OrderCheck, ref: RemoteRef, ours: HeldOrder | None) -> OrderCheck:
    if ours is None:
        return _differs(check, Gap.MISSING, ref, ours)
    if not _holds(ours, ref):
        return _differs(check, Gap.BEHIND, ref, ours, str(ref.at), str(ours.modified_at))
    same_version = ours.readable and ref.at in (None, ours.modified_at)
    if same_version and ref.total is not None and ours.total is not None and ref.total != ours.total:
        check = _differs(check, Gap.DIFFERING, ref, ours, str(ref.total), str(ours.total))
    return replace(check, ours=check.ours + 1)


def _differs(
    check: OrderCheck,
    gap: Gap,
    ref: RemoteRef,
    held: HeldOrder | None,
    theirs: str = "",
    ours: str = "",
) -> OrderCheck:
    number = ref.number or (held.number if held else "")
    found = Difference(gap, ref.external_id, ref.record_kind, number, theirs, ours)
    counted = {gap.value: getattr(check, gap.value) + 1}
    return replace(check, differences=(*check.differences, found)[:KEPT], **counted)


def _finish(work: Work, uow: Uow, check: OrderCheck, facts: _Facts) -> OrderCheck:
    until = min(check.place.until, _read_until(uow, check, facts))
    extra, first = uow.proofs.unlisted(check.connection_id, check.day, check.since, until, KEPT)
    kinds = _kinds(uow, first)
    found = tuple(
        Difference(Gap.EXTRA, each.external_id, kinds[each.id], each.number, ours=str(each.modified_at))
        for each in first
    )
    check = replace(
        check,
        extra=extra,
        ours=check.ours + extra,
        differences=(*check.differences, *found)[:KEPT],
        checked_at=uow.now,
    )
    uow.proofs.forget(check.connection_id, check.day)
    uow.events.add(
        work.actor,
        "connection",
        check.connection_id,
        "orders.verified",
        day=check.day.isoformat(),
        **{
            name: getattr(check, name)
            for name in ("remote", "ours", "missing", "behind", "differing", "extra")
        },
    )
    if not work.dry_run:
        uow.jobs.add(*_work_for(work, check, facts))
    return check


def _kinds(uow: Uow, held: Sequence[HeldOrder]) -> dict[UUID, str]:
    """Return the kind under which the source knows each order."""
    bodies = {each.id: uow.orders.get(each.id) for each in held}
    return {id: row.body.ref.kind if row and row.body else orders.ORDER for id, row in bodies.items()}


def _work_for(work: Work, check: OrderCheck, facts: _Facts) -> list[NewJob]:
    wanted = [each for each in check.differences if each.gap is not Gap.DIFFERING]
    if facts.fetches_one and check.open <= MOST_SINGLE:
        return [_recover_job(check, each) for each in wanted]
    if wanted and LAST not in work.args:
        return [_reread_job(check)]
    return []


def _recover_job(check: OrderCheck, difference: Difference) -> NewJob:
    args = {
        "connection": str(check.connection_id),
        "kind": difference.kind,
        "external_id": difference.external_id,
        "gap": difference.gap.value,
        "day": check.day.isoformat(),
    }
    key = f"order.recover:{check.connection_id}:{difference.external_id}"
    return NewJob("order.recover", args, key, connection_id=check.connection_id)


def recover(work: Work) -> None:
    """Job ``order.recover``: fetch an order on which the two listings differ, and store what is new.

    An order that the source does not list but still knows is all right; one it no longer knows stays told.
    """
    connection_id, day = UUID(work.args["connection"]), date.fromisoformat(work.args["day"])
    external_id, gap = work.args["external_id"], Gap(work.args["gap"])
    ref = ExternalRef(kind=work.args["kind"], id=external_id)
    try:
        record = call(
            work, connection_id, lambda opened: opened.use(ports.FetchesOrder).fetch_order(opened.ctx, ref)
        )
    except Rejected as error:
        if gap is not Gap.EXTRA or not error.code.endswith(".not_found"):
            raise
        with work.write() as uow:
            _tell(work, uow, connection_id, external_id, "order.not_at_source", {"day": day.isoformat()})
        return
    with work.write() as uow:
        changed = orders.take(work, uow, connection_id, [record])
        if changed:
            story = {"day": day.isoformat(), "gap": gap.value}
            _tell(work, uow, connection_id, record.external_id, "order.recovered", story)
        uow.proofs.recovered(connection_id, day)


def _tell(
    work: Work, uow: Uow, connection_id: UUID, external_id: str, action: str, story: Mapping[str, str]
) -> None:
    for held in uow.proofs.held(connection_id, [external_id]).values():
        uow.events.add(work.actor, "order", held.id, action, **story)


def _reread_job(check: OrderCheck) -> NewJob:
    args = {"connection": str(check.connection_id), "day": check.day.isoformat()}
    key = f"orders.reread:{check.connection_id}:{check.day}"
    return NewJob("orders.reread", args, key, Lane.BACKFILL, connection_id=check.connection_id)


def reread(work: Work) -> None:
    """Job ``orders.reread``: read a day's orders again from the stream, then count the day once more."""
    connection_id, day = UUID(work.args["connection"]), date.fromisoformat(work.args["day"])
    with work.read() as uow:
        check = uow.proofs.get(connection_id, day)
    place = Place(check.since, check.place.until) if check else None
    while place is not None:
        part, page = call(work, connection_id, partial(orders.read_part, place), seconds=60.0)
        with work.write() as uow:
            changed = orders.take(work, uow, connection_id, page.records, lane=Lane.BACKFILL)
            if changed:
                story = {"day": day.isoformat(), "orders": changed}
                uow.events.add(work.actor, "connection", connection_id, "orders.recovered", **story)
        place = place.after(part, page)
    with work.write() as uow:
        uow.jobs.add(day_job(connection_id, day, last=True))
