"""A ready ``Ctx`` for tests and simulators: the real transport without database and quotas."""

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import structlog

from kopru.hooks.ports import Plugin
from kopru.hooks.types import ConnectionInfo, Credentials, Ctx
from kopru.transport.context import make_ctx

CONNECTION = uuid.UUID("00000000-0000-4000-8000-000000000001")


def test_ctx(
    plugin: Plugin,
    config: Mapping[str, Any],
    *,
    now: Callable[[], datetime] | None = None,
    remaining: Callable[[], float] = lambda: 30.0,
    credentials: Credentials | None = None,
    dry_run: bool = False,
) -> Ctx[Any]:
    """Return a context for one plugin with the given settings, talking real HTTP and files."""
    manifest = plugin.manifest
    return make_ctx(
        manifest,
        ConnectionInfo(id=CONNECTION, name="test", plugin=manifest.name),
        manifest.config.model_validate(dict(config)),
        now=now or (lambda: datetime.now(UTC)),
        remaining=remaining,
        credentials=credentials,
        dry_run=dry_run,
        log=structlog.get_logger(),
    )


test_ctx.__test__ = False  # type: ignore[attr-defined]
