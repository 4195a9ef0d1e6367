"""A plugin connected to one remote for the length of a test."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from types import NoneType
from typing import Any, Protocol

from kopru.hooks.dry_run import PlannedRequest
from kopru.hooks.errors import ConnectorError, PluginBug
from kopru.hooks.ports import Plugin
from kopru.hooks.types import (
    Absent,
    BatchResult,
    CannotTell,
    CheckResult,
    Credentials,
    Ctx,
    Found,
    Label,
    Page,
    Receipt,
    Record,
    Window,
)
from kopru.model import Recipient, Rendered
from kopru.testing.context import seconds_left, test_ctx
from kopru.testing.contract.failure import Failure, expect, shown
from kopru.testing.contract.subject import PURE
from kopru.testing.simulator import Simulator
from kopru.testing.world import World, WorldOrder, make_order, make_world
from kopru.transport.http import Limits
from kopru.transport.ports import Exchange, Limiter
from kopru.transport.redaction import secrets_of

PATIENCE = 10.0
"""Seconds a hook gets in a test."""

LIMITS = Limits(backoff=0.005)
"""The engine's retries stay; only their pauses are cut short."""

START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
"""When the world of these tests begins. It lies close to now, so that no simulator must shift its clock."""

ORDERS = 9

_CODE = re.compile(r"^[a-z0-9_]+(\.[a-zA-Z0-9_-]+)+$")
_ANSWERS: Mapping[str, type[Any] | tuple[type[Any], ...]] = {
    "check_connection": CheckResult,
    "refresh_credentials": Credentials,
    "fetch_order": Record,
    "fetch_label": Label,
    "fetch_document": Rendered,
    "render_invoice": Rendered,
    "lookup_recipient": Recipient,
    "locate": (Found, Absent, CannotTell),
    "push_stock": BatchResult,
    "push_prices": BatchResult,
    **dict.fromkeys(
        (
            "fetch_definitions",
            "parse_webhook",
            "parse_orders",
            "fetch_receipts",
            "validate_invoice",
            "map_line",
        ),
        tuple,
    ),
    **dict.fromkeys(
        (
            "fetch_orders",
            "fetch_returns",
            "fetch_products",
            "fetch_stock",
            "fetch_parties",
            "fetch_inbox",
            "fetch_refs",
        ),
        Page,
    ),
}
"""What a hook returns; every hook not named here returns a ``Receipt``."""


class Remote(Protocol):
    """What a plugin is connected to: a simulator or a folder."""

    def config(self) -> dict[str, Any]:
        """Return the settings of a connection, secrets in clear."""
        ...

    def load(self, world: World) -> None:
        """Fill it with a world."""
        ...

    def add_order(self, order: WorldOrder) -> None:
        """Let a further order appear."""
        ...

    def change_order(self, order: WorldOrder) -> None:
        """Let an order change now."""
        ...


@dataclass(frozen=True, slots=True)
class Event:
    """One line a plugin logged."""

    text: str
    fields: Mapping[str, object]


class Events:
    """A log that keeps what it is told."""

    def __init__(self) -> None:
        """Start empty."""
        self.kept: list[Event] = []

    def debug(self, event: str, **fields: object) -> None:
        """Keep an event."""
        self.kept.append(Event(event, fields))

    info = warning = debug


class Exchanges:
    """A recorder that keeps what it is told."""

    def __init__(self) -> None:
        """Start empty."""
        self.kept: list[Exchange] = []

    def record(self, exchange: Exchange) -> None:
        """Keep an exchange."""
        self.kept.append(exchange)


class Session:
    """A plugin, what it is connected to, and the world both know."""

    def __init__(
        self, plugin: Plugin, remote: Remote, world: World, simulator: Simulator | None = None
    ) -> None:
        """Take the plugin and its remote, filled with the world."""
        self.plugin = plugin
        self.remote = remote
        self.world = world
        self.config = remote.config()
        self.window = Window(START - timedelta(hours=2), datetime.now(UTC) + timedelta(minutes=5))
        """A window around everything there is and everything a test lets happen."""
        self.log = Events()
        self.exchanges = Exchanges()
        self.memory: dict[str, Any] = {}
        """What a test has found out on the way."""
        self._simulator = simulator
        self._credentials: Credentials | None = None
        self._added = 0

    @property
    def simulator(self) -> Simulator:
        """Return the simulator."""
        if self._simulator is None:
            raise Failure("This test needs a simulator.")
        return self._simulator

    @property
    def settings(self) -> Any:
        """Return the validated settings."""
        return self.plugin.manifest.config.model_validate(dict(self.config))

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return every secret of the connection that is long enough to be told from other text."""
        return tuple(
            secret for secret in secrets_of(self.settings, self._credentials) if len(secret) >= len("abcd")
        )

    def ctx(
        self,
        *,
        config: Mapping[str, Any] | None = None,
        dry_run: bool = False,
        seconds: float | None = None,
        limiter: Limiter | None = None,
        limits: Limits = LIMITS,
    ) -> Ctx[Any]:
        """Return a context; a plugin that logs in gets credentials, but not for other settings."""
        needed = hasattr(self.plugin, "refresh_credentials") and config is None
        if needed and self._credentials is None:
            self._credentials = self.call("refresh_credentials", ctx=self._ctx(None))
        return self._ctx(
            self._credentials if needed else None,
            config=config,
            dry_run=dry_run,
            remaining=seconds_left(seconds) if seconds is not None else lambda: PATIENCE,
            limiter=limiter,
            limits=limits,
        )

    def _ctx(
        self,
        credentials: Credentials | None,
        *,
        config: Mapping[str, Any] | None = None,
        remaining: Callable[[], float] = lambda: PATIENCE,
        dry_run: bool = False,
        limiter: Limiter | None = None,
        limits: Limits = LIMITS,
    ) -> Ctx[Any]:
        return test_ctx(
            self.plugin,
            config if config is not None else self.config,
            credentials=credentials,
            dry_run=dry_run,
            remaining=remaining,
            limiter=limiter,
            limits=limits,
            log=self.log,
            recorder=self.exchanges,
            driver=self._simulator.driver if self._simulator else None,
        )

    def fresh_ctx(self) -> Ctx[Any]:
        """Return a context before any login."""
        return self._ctx(None)

    def call(self, hook: str, *arguments: Any, ctx: Ctx[Any] | None = None) -> Any:
        """Call a hook as the engine does.

        Raises:
            ConnectorError, PlannedRequest: what the hook raised.
            Failure: it raised something else, returned nothing, or something of another type.
        """
        first = self.settings if hook in PURE else ctx or self.ctx()
        return called(self.plugin, hook, first, *arguments)

    def error(self, hook: str, *arguments: Any, when: str, ctx: Ctx[Any] | None = None) -> ConnectorError:
        """Call a hook that must fail and return its error; ``when`` says why it must."""
        try:
            answer = self.call(hook, *arguments, ctx=ctx)
        except ConnectorError as error:
            return error
        raise Failure(f"{hook} succeeded although {when}: {shown(answer)}")

    def add_order(self) -> WorldOrder:
        """Let a further order appear, placed now."""
        self._added += 1
        order = make_order(self.world, 500 + self._added, datetime.now(UTC).replace(microsecond=0))
        self.world = self.world.with_orders(order)
        self.remote.add_order(order)
        return order

    def change_order(self, order: WorldOrder) -> None:
        """Let an order change now."""
        self.remote.change_order(order)


def called(plugin: Plugin, hook: str, *arguments: Any) -> Any:
    """Call a hook and check what comes back; see ``Session.call``."""
    try:
        answer = getattr(plugin, hook)(*arguments)
    except PluginBug as error:
        raise Failure(f"{hook} raised PluginBug: {error}") from error
    except ConnectorError as error:
        _check_error(hook, error)
        raise
    except PlannedRequest as planned:
        if hook.startswith(("fetch_", "check_", "lookup_", "refresh_", "locate")):
            raise Failure(f"{hook} reads, but was held back in a dry run: {planned}") from planned
        raise
    except NotImplementedError as error:
        raise Failure(f"{hook} is not written yet. {error}") from error
    except Exception as error:
        message = f"{hook} raised {type(error).__name__}: {error}. A hook raises errors of kopru.sdk only."
        raise Failure(message) from error
    wanted = _ANSWERS.get(hook, Receipt)
    if isinstance(answer, NoneType):
        raise Failure(f"{hook} returned None; it must answer or raise.")
    if not isinstance(answer, wanted):
        raise Failure(f"{hook} returned {type(answer).__name__}, not {_named(wanted)}.")
    return answer


def _named(wanted: type[Any] | tuple[type[Any], ...]) -> str:
    kinds = wanted if isinstance(wanted, tuple) else (wanted,)
    return " or ".join(kind.__name__ for kind in kinds)


def _check_error(hook: str, error: ConnectorError) -> None:
    expect(_CODE.match(error.code), f"{hook} raised an error whose code is not dotted: {error.code!r}")
    for language in ("tr", "en"):
        text = getattr(error.message, language)
        expect(text.strip(), f"{hook} raised {error.code} without a message ({language}).")


@cache
def standard_world(orders: int = ORDERS, every: timedelta = timedelta(seconds=37)) -> World:
    """Return the world of these tests; one item is sold out."""
    world = make_world(orders, start=START, every=every)
    return replace(world, items=(replace(world.items[0], stock=0), *world.items[1:]))
