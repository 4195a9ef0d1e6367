"""A ready ``Ctx`` for tests and simulators: the real transport without database and, unless given, quotas."""

import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import structlog

from kopru.hooks.io import Log
from kopru.hooks.ports import Plugin
from kopru.hooks.types import ConnectionInfo, Credentials, Ctx
from kopru.transport.context import make_ctx
from kopru.transport.http import DEFAULT_LIMITS, Limits
from kopru.transport.ports import Limiter, Recorder
from kopru.transport.sqldriver import Driver

CONNECTION = uuid.UUID("00000000-0000-4000-8000-000000000001")


def test_ctx(
    plugin: Plugin,
    config: Mapping[str, Any],
    *,
    now: Callable[[], datetime] | None = None,
    remaining: Callable[[], float] = lambda: 30.0,
    credentials: Credentials | None = None,
    dry_run: bool = False,
    limiter: Limiter | None = None,
    recorder: Recorder | None = None,
    log: Log | None = None,
    limits: Limits = DEFAULT_LIMITS,
    connection: uuid.UUID = CONNECTION,
    driver: Driver | None = None,
) -> Ctx[Any]:
    """Return a context for one plugin with the given settings, talking real HTTP and files.

    ``driver`` is how ``ctx.sql`` reaches a simulator (``Simulator.driver``).

    Raises:
        pydantic.ValidationError: the settings do not fit the plugin's model.
    """
    manifest = plugin.manifest
    return make_ctx(
        manifest,
        ConnectionInfo(id=connection, name="test", plugin=manifest.name),
        manifest.config.model_validate(dict(config)),
        now=now or (lambda: datetime.now(UTC)),
        remaining=remaining,
        credentials=credentials,
        dry_run=dry_run,
        limiter=limiter,
        recorder=recorder,
        log=log or structlog.get_logger(),
        limits=limits,
        driver=driver,
    )


test_ctx.__test__ = False  # type: ignore[attr-defined]


def seconds_left(seconds: float) -> Callable[[], float]:
    """Return a ``remaining`` that counts down from now."""
    end = time.monotonic() + seconds
    return lambda: end - time.monotonic()
