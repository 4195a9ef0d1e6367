"""Every stream, page by page: nothing lost, nothing endless, every kind of trouble told for what it is."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from pydantic import BaseModel

from kopru.hooks.errors import (
    AuthError,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    TransientError,
)
from kopru.hooks.types import Page, Window
from kopru.testing.contract.base import Suite, Test, family
from kopru.testing.contract.failure import Failure, expect, expect_same
from kopru.testing.contract.kit import Kit
from kopru.testing.contract.reading import ids, read_all
from kopru.testing.contract.session import Session, standard_world
from kopru.testing.contract.streams import StreamCase, stream_hooks, stream_of
from kopru.testing.contract.subject import Subject
from kopru.testing.faults import Fault, FaultKind

_SMALL_PAGES = (1, 2, 7)
_WAIT = 7
_HOSTILE = ("null", "[]", '"text"', "{}", "17", '{"items": 5}', "[" * 3000, "1e999999", '"\\u0000"')
_SHORT = 0.15

Of = Callable[[Kit], StreamCase]
F = TypeVar("F", bound=Callable[..., None])


def growing(test: F) -> F:
    """Mark a test of streams to which a test can add a record."""
    test.__dict__["growing"] = True
    return test


def timed(test: F) -> F:
    """Mark a test of streams whose times come from the world."""
    test.__dict__["timed"] = True
    return test


def _per_stream(suite: type[Suite], subject: Subject) -> dict[str, Test]:
    found: dict[str, Test] = {}
    for hook in stream_hooks(subject):
        found |= family(suite, hook, partial(stream_of, hook=hook), partial(_wanted, subject, hook))
    return found


def _wanted(subject: Subject, hook: str, test: Test) -> bool:
    if getattr(test, "growing", False):
        return hook not in ("fetch_products", "fetch_stock")
    if getattr(test, "timed", False):
        return hook == "fetch_orders" or (hook == "fetch_refs" and subject.has("fetch_orders"))
    return True


class ReadingSuite(Suite):
    """Tests of all streams against any remote."""

    @classmethod
    def applies(cls, subject: Subject) -> bool:
        """Whether there is something to read from."""
        return subject.connects

    @classmethod
    def tests(cls, subject: Subject) -> dict[str, Test]:
        """Return the tests once per stream."""
        return _per_stream(cls, subject)

    def each_ends(self, of: Of) -> None:
        """Fails when HOOK gives a cursor twice, does not end, or gives more records than ``limit``.

        Look at how the next cursor is made, and at ``min(limit, …)`` where the remote has a largest page.
        """
        with self.connected() as session:
            stream = _filled(of(self), session)
            for limit in (2, 50):
                read_all(partial(_page_within, stream, session, limit))

    def each_reads_the_same_twice(self, of: Of) -> None:
        """Fails when reading HOOK twice gives other records, another order of them or other values.

        Look for state kept between calls and for sets whose order changes.
        """
        with self.connected() as session:
            stream = _filled(of(self), session)
            first, second = stream.read(session), stream.read(session)
            expect(first, "There is nothing to read although the remote was filled.")
            expect_same(ids(second), ids(first), "A second read")
            for one, other in zip(first, second, strict=True):
                expect(_same(one.value, other.value), f"{one.external_id} is another value the second time.")

    def each_reads_in_a_dry_run(self, of: Of) -> None:
        """Fails when HOOK reads less in a dry run, or holds a read back as if it were a write.

        Look at reads made by POST: they say ``safe=True``.
        """
        with self.connected() as session:
            stream = _filled(of(self), session)
            everything = ids(stream.read(session))
            dry = ids(stream.read(session, ctx=session.ctx(dry_run=True)))
            expect_same(dry, everything, "Records in a dry run")

    def each_loses_nothing_at_page_borders(self, of: Of) -> None:
        """Fails when HOOK gives other records with pages of 1, 2 or 7 than with large pages.

        Look at the position of the next page: off by one, or skipped records of the border's own time.
        """
        with self.connected() as session:
            stream = _filled(of(self), session)
            everything = set(ids(stream.read(session)))
            for limit in _SMALL_PAGES:
                found = set(ids(stream.read(session, limit)))
                expect_same(sorted(found), sorted(everything), f"Records with pages of {limit}")

    @growing
    def each_survives_growth(self, of: Of) -> None:
        """Fails when records that appear while HOOK is being paged make others vanish.

        Look at page numbers over a list that shifts: read newest first with a fixed end, by cursor, or
        compare the remote's own count from page to page.
        """
        with self.connected() as session:
            stream = _filled(of(self), session)
            before = set(ids(stream.read(session)))

            def grow(pages: int) -> None:
                if pages <= 2:
                    stream.grow(session, pages - 1)

            window = session.window
            found = read_all(lambda cursor: stream.page(session, cursor, 2, window=window), after=grow)
            lost = sorted(before - set(ids(found)))
            expect(not lost, f"Lost while others appeared: {lost}")

    @timed
    def each_survives_changes(self, of: Of) -> None:
        """Fails when records that change while HOOK is being paged make others vanish.

        Look at page numbers over a list in order of change: what has moved to its end leaves a gap behind,
        and a record slips over the page border unread.
        """
        with self.connected() as session:
            stream = of(self)
            before = ids(stream.read(session))
            by_id = {str(order.id): order for order in session.world.orders}
            moved = [before[0], before[-2]]

            def change(pages: int) -> None:
                if pages <= len(moved):
                    session.change_order(by_id.get(moved[pages - 1]) or session.world.orders[pages - 1])

            found = read_all(lambda cursor: stream.page(session, cursor, 2), after=change)
            lost = sorted(set(before) - set(ids(found)) - set(moved))
            expect(not lost, f"Lost while others changed: {lost}")

    @timed
    def each_keeps_equal_times(self, of: Of) -> None:
        """Fails when HOOK loses records that carry the same time.

        Look at positions that consist of a time alone: two records may share it, also across a page border.
        """
        stream, world = of(self), standard_world(every=timedelta(0))
        with self.connected(world) as session:
            for limit in (1, 2, 50):
                found = set(ids(stream.read(session, limit)))
                expect_same(len(found), len(world.orders), f"Records of one time with pages of {limit}")

    @timed
    def each_includes_the_lower_bound(self, of: Of) -> None:
        """Fails when HOOK leaves out a record changed exactly at the window's beginning.

        Look at ``>`` where ``>=`` is meant; the engine continues where it stopped.
        """
        with self.connected() as session:
            first = session.world.orders[0].modified_at
            found = of(self).read(session, window=Window(first, session.window.until))
            expect_same(len(set(ids(found))), len(session.world.orders), "Records from the first one's time")


class RemoteReadingSuite(Suite):
    """Tests of all streams against a server that makes trouble."""

    @classmethod
    def applies(cls, subject: Subject) -> bool:
        """Whether there is a simulator."""
        return subject.simulator is not None

    @classmethod
    def tests(cls, subject: Subject) -> dict[str, Test]:
        """Return the tests once per stream."""
        return _per_stream(cls, subject)

    def each_tells_a_refused_login(self, of: Of) -> None:
        """Fails when 401 or 403 does not make HOOK raise ``AuthError``.

        Look at ``explain``: return ``None`` for statuses whose own meaning is right.
        """
        for status in (401, 403):
            error = _error(self, of, Fault(FaultKind.STATUS, status=status))
            expect(isinstance(error, AuthError), f"{status} became {_kind(error)}.")

    def each_tells_rate_limits(self, of: Of) -> None:
        """Fails when 429 does not make HOOK raise ``RateLimited`` with the wait the server asked for."""
        error = _error(self, of, Fault(FaultKind.STATUS, status=429, seconds=_WAIT))
        if not isinstance(error, RateLimited):
            raise Failure(f"429 became {_kind(error)}.")
        expect_same(error.retry_after, float(_WAIT), "retry_after with Retry-After")
        error = _error(self, of, Fault(FaultKind.STATUS, status=429))
        if not isinstance(error, RateLimited):
            raise Failure(f"429 without Retry-After became {_kind(error)}.")
        expect(error.retry_after is None or error.retry_after > 0, "retry_after is not positive.")

    def each_tells_server_faults(self, of: Of) -> None:
        """Fails when 500, 503, a lost connection, a late answer or a dead server is not ``TransientError``.

        Look for ``except`` clauses that take such an error for something else, and for timeouts that ignore
        ``ctx.remaining``.
        """
        for fault in (
            Fault(FaultKind.STATUS, status=500),
            Fault(FaultKind.STATUS, status=503),
            Fault(FaultKind.DROP_BEFORE),
            Fault(FaultKind.DROP_AFTER),
        ):
            error = _error(self, of, fault)
            expect(_passes(error), f"{fault.kind} {fault.status} became {_kind(error)}.")
        error = _error(self, of, Fault(FaultKind.LATENCY, seconds=3 * _SHORT), seconds=_SHORT)
        expect(_passes(error), f"A late answer became {_kind(error)}.")
        with self.connected() as session:
            stream = _filled(of(self), session)
            session.simulator.stop()
            error = stream.error(session, "the server is down")
            expect(_passes(error), f"A dead server became {_kind(error)}.")

    def each_tells_refusals(self, of: Of) -> None:
        """Fails when 404, 409 or 422 makes HOOK return records, or looks like trouble that passes.

        Look at ``explain`` for bodies that are empty or have another shape.
        """
        for status in (404, 409, 422):
            error = _error(self, of, Fault(FaultKind.STATUS, status=status))
            wrong = (AuthError, RateLimited, TransientError, OutcomeUnknown)
            expect(not isinstance(error, wrong), f"{status} became {_kind(error)}.")
            expect(error is not None or status == 404, f"{status} became an empty page.")

    def each_refuses_garbled_answers(self, of: Of) -> None:
        """Fails when HOOK takes a cut and garbled answer for a page, or fails with a bug.

        Look at how the body is read: what cannot be read must never look like "nothing there".
        """
        with self.connected() as session:
            stream = _filled(of(self), session)
            session.simulator.faults.add(Fault(FaultKind.MALFORMED))
            try:
                page = stream.page(session, None, 50)
            except ConnectorError:
                return
            usable = [record.external_id for record in page.records if record.value is not None]
            expect(
                page.records and not usable, f"A garbled answer was read as a page of {len(usable)} records."
            )

    def each_survives_hostile_answers(self, of: Of) -> None:
        """Fails when JSON of another type than documented makes HOOK fail with a bug.

        Look at every place that trusts the type of a field: one bad record gets findings, a bad envelope
        raises, its neighbours are untouched.
        """
        faults = [Fault(FaultKind.TWISTED), *(Fault(FaultKind.REPLACED, body=body) for body in _HOSTILE)]
        with self.connected() as session:
            stream, ctx = _filled(of(self), session), session.ctx()
            for fault in faults:
                session.simulator.faults.clear()
                session.simulator.faults.add(fault)
                try:
                    stream.page(session, None, 50, ctx=ctx)
                except ConnectorError:
                    continue


def _page_within(stream: StreamCase, session: Session, limit: int, cursor: str | None) -> Page[Any]:
    page = stream.page(session, cursor, limit)
    count = len(page.records)
    expect(count <= limit, f"A page has {count} records although limit was {limit}.")
    return page


def _filled(stream: StreamCase, session: Session) -> StreamCase:
    stream.fill(session)
    return stream


def _error(kit: Kit, of: Of, fault: Fault, *, seconds: float | None = None) -> ConnectorError | None:
    """Return the error of reading a stream under a fault, ``None`` for an empty page."""
    with kit.connected() as session:
        stream = _filled(of(kit), session)
        session.ctx()
        session.simulator.faults.add(fault)
        return stream.error(session, f"the server shows {fault.kind}", session.ctx(seconds=seconds))


def _passes(error: ConnectorError | None) -> bool:
    return isinstance(error, TransientError)


def _kind(error: ConnectorError | None) -> str:
    return "an empty page" if error is None else f"{type(error).__name__} ({error.code})"


def _same(one: object, other: object) -> bool:
    """Compare values; what a source counts at the moment of reading may differ in time."""
    if not isinstance(one, BaseModel) or not isinstance(other, BaseModel):
        return one == other
    left, right = ({**each.model_dump(warnings=False), "as_of": None} for each in (one, other))
    return left == right
