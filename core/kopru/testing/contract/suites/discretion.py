"""Discretion: no secret leaves a hook, and no connection shows in another."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from kopru.hooks.dry_run import PlannedRequest
from kopru.hooks.errors import ConnectorError
from kopru.testing.contract.base import Suite
from kopru.testing.contract.failure import LeftOut, expect, expect_same
from kopru.testing.contract.operations import CASES
from kopru.testing.contract.reading import ids
from kopru.testing.contract.session import Session, standard_world
from kopru.testing.contract.streams import StreamCase, stream_hooks, stream_of
from kopru.testing.contract.subject import Subject
from kopru.testing.faults import Fault, FaultKind
from kopru.testing.world import World, WorldOrder

_TROUBLES: tuple[Fault | None, ...] = (
    None,
    Fault(FaultKind.STATUS, status=401, body='{"message": "refused"}'),
    Fault(FaultKind.STATUS, status=400, body='{"message": "bad"}'),
    Fault(FaultKind.STATUS, status=500, body="oops"),
    Fault(FaultKind.MALFORMED),
    Fault(FaultKind.DROP_AFTER),
)


_OF_THE_WORLD = ("fetch_orders", "fetch_products", "fetch_stock")
"""Streams that a different world must make different."""


class SecrecySuite(Suite):
    """Tests that look for secrets in everything a plugin lets out."""

    @classmethod
    def applies(cls, subject: Subject) -> bool:
        """Whether there is a simulator."""
        return subject.simulator is not None

    def test_secrets_stay_secret(self) -> None:
        """Fails when a secret of the settings shows in an error, a log line, or a recorded exchange.

        Look at texts built from ``ctx.config``, from headers or from addresses, and at ``repr`` of requests.
        """
        for trouble in _TROUBLES:
            with self.connected() as session, _overheard() as lines:
                said = [*_said(self, session, trouble), *lines]
                said += [f"{event.text} {event.fields}" for event in session.log.kept]
                said += [repr(exchange) for exchange in session.exchanges.kept]
                for secret in session.secrets:
                    leak = next((text for text in said if secret in text), None)
                    expect(leak is None, f"A secret shows: {leak and leak.replace(secret, '***')[:300]}")


class IsolationSuite(Suite):
    """Tests that use one plugin object for two connections at once."""

    @classmethod
    def applies(cls, subject: Subject) -> bool:
        """Whether there is something to read from."""
        return subject.connects and bool(stream_hooks(subject))

    def test_connections_do_not_mix(self) -> None:
        """Fails when reading one connection changes what another one reads.

        Look for state on the plugin object, on its class or in its modules: caches, tokens, sets of seen ids.
        """
        whole = standard_world()
        one, other = _part(whole, whole.orders[:6], 12), _part(whole, whole.orders[3:], 20)
        before = _state(self.plugin)
        for hook in stream_hooks(self.subject()):
            stream = stream_of(self, hook)
            with self.connected(one) as left, self.connected(other) as right:
                try:
                    stream.fill(left)
                    stream.fill(right)
                except LeftOut:
                    continue
                alone = ids(stream.read(left)), ids(stream.read(right))
                if hook in _OF_THE_WORLD:
                    expect(set(alone[0]) != set(alone[1]), f"{hook} reads the same of two remotes.")
                expect_same(_alternating(stream, left, right), alone, f"{hook} of two connections in turn")
                expect_same(ids(stream.read(left)), alone[0], f"{hook} of the first connection again")
        expect_same(_state(self.plugin), before, "What the plugin object holds")


def _part(world: World, orders: tuple[WorldOrder, ...], items: int) -> World:
    """Return a part of the world: some orders, what they sell, and some items more."""
    sold = {line.item.code for order in orders for line in order.lines}
    kept = [item for n, item in enumerate(world.items) if n < items or item.code in sold]
    return replace(world, orders=orders, items=tuple(kept))


def _said(suite: Suite, session: Session, trouble: Fault | None) -> Iterator[str]:
    """Call what the plugin implements under some trouble and yield what its errors say."""
    calls: list[tuple[str, Any]] = []
    for operation in suite.subject().operations:
        case = CASES[operation](suite)
        try:
            case.prepare(session)
            intent = case.intent(session, 0)
        except (ConnectorError, LeftOut):
            continue
        calls.append((operation.value, (intent.key, intent.argument)))
    session.ctx()
    if trouble is not None:
        session.simulator.faults.add(trouble)
    for hook, arguments in calls:
        yield from _heard(session, hook, *arguments)
    for hook in stream_hooks(suite.subject()):
        try:
            stream_of(suite, hook).page(session, None, 5)
        except (ConnectorError, LeftOut) as error:
            yield from _texts(error)
    for hook in ("check_connection", "refresh_credentials", "fetch_definitions"):
        if suite.subject().has(hook):
            yield from _heard(session, hook)


def _heard(session: Session, hook: str, *arguments: Any) -> Iterator[str]:
    try:
        yield repr(session.call(hook, *arguments))
    except (ConnectorError, PlannedRequest) as error:
        yield from _texts(error)


def _texts(error: BaseException) -> Iterator[str]:
    """Yield an error's texts, also those of the errors it was raised from."""
    yield f"{error} {error.args!r}"
    if isinstance(error, ConnectorError):
        yield f"{error.message!r} {error.detail} {error.code} {error.field} {vars(error)}"


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """Listen to the standard library's log, where a plugin should say nothing at all."""
    lines: list[str] = []

    class _Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    ear, root = _Ear(), logging.getLogger()
    root.addHandler(ear)
    try:
        yield lines
    finally:
        root.removeHandler(ear)


def _alternating(stream: StreamCase, left: Session, right: Session) -> tuple[list[str], list[str]]:
    """Read two connections page by page in turn."""
    found: tuple[list[str], list[str]] = ([], [])
    cursors: list[str | None] = [None, None]
    open_ends = {0, 1}
    for _ in range(400):
        for side, session in enumerate((left, right)):
            if side in open_ends:
                page = stream.page(session, cursors[side], 2)
                found[side].extend(ids(list(page.records)))
                cursors[side] = page.next_cursor
                open_ends -= {side} if page.next_cursor is None else set()
        if not open_ends:
            return found
    return found


def _state(plugin: Any) -> dict[str, str]:
    """Return what a plugin object and its class hold, as text."""
    return {name: repr(value) for name, value in {**vars(type(plugin)), **vars(plugin)}.items()}
