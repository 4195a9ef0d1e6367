"""The completeness proof: what a source lists a second way, what we hold, and what becomes of the difference."""

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.documents import istanbul_date
from kopru.flows import completeness
from kopru.flows.proofs import CheckState, Difference, Gap, HeldOrder, OrderCheck
from kopru.flows.records import OrderState
from kopru.flows.windows import Place
from kopru.hooks.errors import ConfigError, RateLimited
from kopru.hooks.manifest import Stream
from kopru.hooks.types import Page, RefKind, RemoteRef, Window
from kopru.testing.world import WorldOrder
from kopru.transport.limiter import NoLimiter

EARLIER = timedelta(minutes=45)
"""Before the position of a stream that has just read, less what it reads again."""


@pytest.fixture
def shop(trade):
    """The connection to the shop, read until it is at rest; our own invoice links are changes too."""
    for _ in range(3):
        trade.place()
    trade.pull()
    trade.pull()
    return trade.connection("trendyol").id


def slipped(trade, *, ago=EARLIER, status="Created"):
    """An order that appears with an earlier time of change than the stream has read up to."""
    trade.placed += 1
    at = datetime.now(UTC) - ago
    order = WorldOrder(
        id=3_500_000_000 + trade.placed,
        number=str(10_950_000_000 + trade.placed),
        placed_at=at,
        modified_at=at,
        buyer=trade.consumer,
        lines=(trade.line(trade.item("20")),),
        tracking_number=f"733{trade.placed:013d}",
    )
    trade.shop.add_order(order, status=status)
    return order


def day_of(moment):
    return istanbul_date(moment)


def verify(trade, shop, day, **options):
    return completeness.verify(trade.work(**options), shop, day)


def stored(trade, shop, day):
    with trade.work().read() as uow:
        return uow.proofs.get(shop, day)


def days(*moments):
    return sorted({day_of(moment) for moment in moments})


def read_all_days(trade, shop):
    """Verify every day since the connection began."""
    now = datetime.now(UTC)
    found = [verify(trade, shop, day) for day in days(now - timedelta(hours=1, minutes=55), now)]
    return (
        sum(check.remote for check in found),
        sum(check.ours for check in found),
        [each for check in found for each in check.differences],
    )


def test_both_sides_hold_the_same(trade, shop):
    assert read_all_days(trade, shop) == (3, 3, [])
    assert [job for job in trade.jobs() if job.kind == "order.recover"] == []


def test_the_second_listing_takes_another_way_than_the_stream(trade, shop):
    served = len(trade.shop.served)
    read_all_days(trade, shop)
    paths = {each.path for each in list(trade.shop.served)[served:]}
    assert paths and not any("stream" in path for path in paths)


def test_an_order_the_stream_has_missed_is_found_fetched_and_invoiced(trade, shop):
    order = slipped(trade)
    trade.pull()
    with pytest.raises(AssertionError):
        trade.order(order)
    check = verify(trade, shop, day_of(order.modified_at))
    assert (check.missing, check.open) == (1, 1)
    assert [(each.gap, each.number) for each in check.differences] == [(Gap.MISSING, order.number)]
    trade.run(120)
    row = trade.order(order)
    assert row.state is OrderState.DONE
    assert trade.actions(row)[:2] == ["order.seen", "order.recovered"]
    again = stored(trade, shop, check.day)
    assert (again.missing, again.recovered, again.complete) == (1, 1, True)
    trade.pull()
    later = verify(trade, shop, check.day)
    assert (later.missing, later.remote) == (0, check.remote)
    assert later.ours == later.remote


def test_a_change_the_stream_has_missed_is_fetched(trade, shop):
    order = slipped(trade, ago=timedelta(minutes=50))
    verify(trade, shop, day_of(order.modified_at))
    trade.run(120)
    package = trade.shop.shelf.live[order.id]
    at = datetime.now(UTC) - timedelta(minutes=40)
    trade.shop.shelf._show({**package, "status": "Picking", "lastModifiedDate": int(at.timestamp() * 1000)})
    trade.pull()
    version = trade.order(order).version
    check = verify(trade, shop, day_of(at))
    assert [each.gap for each in check.differences] == [Gap.BEHIND]
    trade.run(120)
    assert trade.order(order).version > version


def test_what_the_stream_has_not_reached_yet_is_unread_not_missing(trade, shop):
    order = trade.place()
    check = verify(trade, shop, day_of(order.modified_at))
    assert (check.unread, check.missing) == (1, 0)
    assert [job for job in trade.jobs() if job.kind == "order.recover"] == []


def test_an_order_with_another_total_is_told_and_left_alone(trade, shop):
    order = slipped(trade)
    verify(trade, shop, day_of(order.modified_at))
    trade.run(120)
    trade.pull()
    trade.shop.shelf._show({**trade.shop.shelf.seen(order.id), "packageTotalPrice": 1.5})
    check = verify(trade, shop, day_of(datetime.now(UTC)))
    told = [each for each in check.differences if each.gap is Gap.DIFFERING]
    assert [(each.theirs, each.ours) for each in told] == [("1.50", str(order.total))]
    assert not check.complete and check.open == 0


def test_an_order_the_source_does_not_list_is_looked_at_itself(trade, shop, monkeypatch):
    order = slipped(trade)
    verify(trade, shop, day_of(order.modified_at))
    trade.run(120)
    trade.pull()
    empty = completeness._list

    def without(place, facts, opened):
        part, page = empty(place, facts, opened)
        return part, replace(
            page, records=tuple(each for each in page.records if each.value.number != order.number)
        )

    monkeypatch.setattr(completeness, "_list", without)
    monkeypatch.setattr(completeness, "_read_until", lambda uow, check, facts: datetime.now(UTC))
    check = verify(trade, shop, day_of(datetime.now(UTC)))
    assert [(each.gap, each.number) for each in check.differences] == [(Gap.EXTRA, order.number)]
    assert check.ours == check.remote + 1
    trade.run(60)
    assert stored(trade, shop, check.day).recovered == 1, "the source still knows it"


def test_an_extra_order_that_is_gone_stays_told(trade, shop):
    order = slipped(trade)
    day = day_of(order.modified_at)
    verify(trade, shop, day)
    trade.run(120)
    trade.shop.shelf.live.pop(order.id)
    trade.shop.shelf.seen = lambda id, seen=trade.shop.shelf.seen: None if id == order.id else seen(id)
    place = Place(datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC))
    check = OrderCheck(shop, day, CheckState.DONE, place, place.since, extra=1)
    with trade.work().write() as uow:
        uow.proofs.save(check)
        found = Difference(Gap.EXTRA, str(order.id), "package", order.number)
        uow.jobs.add(completeness._recover_job(check, found))
    trade.run(60)
    assert "order.not_at_source" in trade.actions(trade.order(order))
    assert stored(trade, shop, day).open == 1


def test_the_nightly_run_counts_each_of_the_last_days(trade, shop):
    order = slipped(trade)
    trade.pull("orders.verify")
    with trade.work().read() as uow:
        checks = uow.proofs.recent(shop)
    assert all(check.state is CheckState.DONE for check in checks)
    assert day_of(datetime.now(UTC)) in {check.day for check in checks}
    assert trade.order(order).state is OrderState.DONE


def test_nothing_is_counted_before_the_first_read(trade):
    row = trade.connection("trendyol")
    trade.pull("orders.verify")
    with trade.work().read() as uow:
        assert uow.proofs.recent() == []
    with pytest.raises(ConfigError) as refused:
        verify(trade, row.id, day_of(datetime.now(UTC)))
    assert refused.value.code == "verify.unread"


def test_a_ledger_has_no_orders_to_count(trade, shop):
    with pytest.raises(ConfigError) as refused:
        verify(trade, trade.connection("logo").id, day_of(datetime.now(UTC)))
    assert refused.value.code == "verify.no_listing"


def test_a_day_that_was_never_read_cannot_be_proved(trade, shop):
    with pytest.raises(ConfigError) as refused:
        verify(trade, shop, day_of(datetime.now(UTC)) - timedelta(days=5))
    assert refused.value.code == "verify.not_covered"
    with pytest.raises(ConfigError):
        verify(trade, shop, day_of(datetime.now(UTC)) + timedelta(days=2))


class Stingy(NoLimiter):
    """Gives some calls, then none until told."""

    def __init__(self, calls):
        self.left = calls

    def acquire(self, scope, quota):
        if quota.name == "order-list":
            self.left -= 1
            if self.left < 0:
                raise RateLimited("limit.quota", retry_after=60.0)


def test_a_listing_cut_short_by_a_quota_goes_on_where_it_was(trade, shop, monkeypatch):
    made = [slipped(trade, ago=timedelta(minutes=30 + n)) for n in range(5)]
    (day,) = {day_of(order.modified_at) for order in made}
    monkeypatch.setattr(completeness, "_facts", small_pages(completeness._facts))
    work = trade.work()
    limiter = Stingy(2)
    work = replace(work, env=replace(work.env, limiter=limiter))
    with pytest.raises(RateLimited):
        completeness.verify(work, shop, day)
    half = stored(trade, shop, day)
    assert half.state is CheckState.LISTING and 0 < half.remote + half.unread < 8
    limiter.left = 100
    check = completeness.verify(work, shop, day)
    assert limiter.left > 100 - 6, "pages that were counted are not read again"
    assert sorted(each.number for each in check.differences) == sorted(each.number for each in made)


def small_pages(facts):
    def two(opened):
        found = facts(opened)
        return replace(found, listing=replace(found.listing, largest_page=2))

    return two


def test_many_missing_orders_are_read_page_by_page_and_counted_again(trade, shop, monkeypatch):
    monkeypatch.setattr(completeness, "MOST_SINGLE", 2)
    made = [slipped(trade, ago=timedelta(minutes=30 + n)) for n in range(4)]
    (day,) = {day_of(order.modified_at) for order in made}
    check = verify(trade, shop, day)
    assert check.missing == 4
    trade.run(120)
    assert {trade.order(order).state for order in made} == {OrderState.DONE}
    again = stored(trade, shop, day)
    assert (again.missing, again.complete) == (0, True)
    kinds = [job.kind for job in trade.jobs()]
    assert "orders.reread" in kinds and "order.recover" not in kinds


def test_a_dry_run_fetches_nothing(trade, shop):
    order = slipped(trade)
    check = verify(trade, shop, day_of(order.modified_at), dry_run=True)
    assert check.missing == 1
    trade.run(60)
    with pytest.raises(AssertionError):
        trade.order(order)


def test_a_folder_of_files_is_counted_too(trade, file_order):
    number = file_order("100.00")
    trade.run(120)
    row = trade.connection("orderfile")
    placed = trade.order(number).placed_at
    check = verify(trade, row.id, day_of(placed))
    assert (check.remote, check.ours, check.differences) == (1, 1, ())


# The arithmetic

NOON = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = day_of(NOON)


def fresh(day=DAY):
    window = Window(NOON - timedelta(hours=9) - timedelta(hours=3), NOON + timedelta(hours=12))
    return OrderCheck(uuid4(), day, CheckState.LISTING, Place(window.since, window.until), window.since)


def ref(id, minutes, total=None):
    at = None if minutes is None else NOON + timedelta(minutes=minutes)
    return RemoteRef(RefKind.ORDER, id, number=f"N{id}", total=total, at=at)


def held(id, minutes, total=None, *, readable=True):
    at = NOON + timedelta(minutes=minutes)
    return HeldOrder(uuid4(), id, f"N{id}", at, total, readable, at)


minutes = st.integers(-500, 500)


@given(
    st.dictionaries(st.integers(0, 30).map(str), minutes),
    st.dictionaries(st.integers(0, 30).map(str), st.tuples(minutes, st.booleans())),
    minutes,
    st.integers(1, 5),
)
def test_ours_is_remote_less_missing_less_behind_however_the_pages_fall(listed, kept, until, size):
    """Every listed order of the day is counted exactly once, and each difference is told."""
    refs = [ref(id, at) for id, at in listed.items()]
    rows = {id: held(id, at, readable=readable) for id, (at, readable) in kept.items()}
    check = fresh()
    for start in range(0, len(refs), size):
        check = completeness.count(
            check, refs[start : start + size], rows, NOON + timedelta(minutes=until), today=DAY
        )
    assert check.ours == check.remote - check.missing - check.behind
    inside = [each for each in refs if check.since <= each.at < check.place.until]
    assert check.remote + check.unread == len(inside)
    assert len(check.differences) == check.missing + check.behind
    assert all(
        each.at > NOON + timedelta(minutes=until) for each in inside if each.external_id not in rows
    ) or (check.missing > 0)


def test_a_source_without_times_counts_what_we_hold_on_its_own_day_and_the_rest_today():
    rows = {"a": held("a", 0), "b": held("b", -60 * 48)}
    refs = [ref("a", None), ref("b", None), ref("c", None)]
    today = completeness.count(fresh(), refs, rows, NOON + timedelta(days=1), today=DAY)
    assert (today.remote, today.ours, today.missing) == (2, 1, 1)
    earlier = completeness.count(fresh(), refs, rows, NOON + timedelta(days=1), today=date(2026, 3, 5))
    assert (earlier.remote, earlier.ours, earlier.missing) == (1, 1, 0)


def test_an_order_that_cannot_be_read_is_held_all_the_same():
    check = completeness.count(
        fresh(), [ref("a", 0)], {"a": held("a", -90, readable=False)}, NOON + timedelta(days=1), today=DAY
    )
    assert (check.remote, check.ours, check.behind) == (1, 1, 0)


@pytest.mark.parametrize(
    ("theirs", "ours", "differing"),
    [("10.00", "10.00", 0), ("10.00", "10.01", 1), (None, "1", 0), ("1", None, 0)],
)
def test_totals_are_compared_where_both_are_known(theirs, ours, differing):
    their_ref = ref("a", 0, Decimal(theirs) if theirs else None)
    row = held("a", 0, Decimal(ours) if ours else None)
    check = completeness.count(fresh(), [their_ref], {"a": row}, NOON + timedelta(days=1), today=DAY)
    assert (check.differing, check.ours) == (differing, 1)


def test_differences_kept_one_by_one_have_a_limit_and_the_counts_have_none():
    refs = [ref(str(n), 0) for n in range(completeness.KEPT + 50)]
    check = completeness.count(fresh(), refs, {}, NOON + timedelta(days=1), today=DAY)
    assert (check.missing, len(check.differences)) == (completeness.KEPT + 50, completeness.KEPT)


# Reading a fixed stretch


@given(st.integers(1, 400), st.integers(1, 60), st.integers(0, 3))
def test_a_stretch_is_read_in_parts_without_gap_to_its_end(hours, span, pages):
    facts = Stream(10, span=timedelta(hours=span))
    place = Place(NOON, NOON + timedelta(hours=hours))
    parts, cursors = [], pages
    while place is not None:
        part = place.part(facts)
        if place.cursor is None:
            parts.append(part)
            cursors = pages
        cursors -= 1
        place = place.after(part, Page((), next_cursor=str(cursors) if cursors >= 0 else None))
    assert parts[0].since == NOON and parts[-1].until == NOON + timedelta(hours=hours)
    assert all(one.until == two.since for one, two in itertools.pairwise(parts))
    assert all(part.until - part.since <= timedelta(hours=span) for part in parts)
