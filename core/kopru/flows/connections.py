"""Connections at work: opening them for a hook call, renewing logins, checking and changing state."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import structlog
from pydantic import BaseModel, SecretStr, ValidationError

from kopru.flows.env import Work
from kopru.flows.forms import secret_names
from kopru.flows.logins import PLACES, REFRESH_SECONDS, TOKEN, credentials_of, is_stale, renew
from kopru.flows.ports import Uow
from kopru.flows.records import ConnectionRow, ConnectionState, NewJob, Reason, advance_job
from kopru.flows.schedules import usual
from kopru.flows.texts import TEXTS
from kopru.hooks import ports
from kopru.hooks.errors import AuthError, ConfigError, ConnectorError, PluginBug
from kopru.hooks.manifest import Manifest, PluginKind
from kopru.hooks.types import CheckResult, ConnectionInfo, Credentials, Ctx
from kopru.registry import TenantPlugins
from kopru.transport.context import make_ctx
from kopru.transport.limiter import NoLimiter
from kopru.transport.redaction import Redactor, secrets_of

P = TypeVar("P")
T = TypeVar("T")

MASKED = "********"


@dataclass(frozen=True)
class Opened:
    """A connection ready for a hook call."""

    row: ConnectionRow
    manifest: Manifest
    plugins: TenantPlugins
    ctx: Ctx[Any]

    def use(self, port: type[P]) -> P:
        """Return the connection's plugin seen through one port."""
        return self.plugins.use(self.row.plugin, port)

    def can(self, hook: str) -> bool:
        """Whether the plugin implements a hook."""
        return self.plugins.can(self.row.plugin, hook)


@dataclass(frozen=True)
class _Stored:
    row: ConnectionRow
    manifest: Manifest
    plugins: TenantPlugins
    config: BaseModel
    credentials: Credentials | None


def tenant_plugins(work: Work) -> TenantPlugins:
    """Return what the tenant may call."""

    def read() -> TenantPlugins:
        with work.read() as uow:
            enabled = uow.settings.enabled()
        return work.env.registry.for_tenant(work.env.store.allowed(), enabled)

    found: TenantPlugins = work.env.cache.get(("plugins", work.tenant_id), read)
    return found


def forget_plugins(work: Work) -> None:
    """Read anew what the tenant may call, and every connection opened by it."""
    work.env.cache.forget(("plugins", work.tenant_id))
    with work.read() as uow:
        rows = uow.connections.every()
    for row in rows:
        _forget(work, row.id)


def open_connection(
    work: Work, connection_id: UUID, *, seconds: float = 30.0, any_state: bool = False
) -> Opened:
    """Make a connection ready for hook calls that may take so many seconds.

    Raises:
        ConfigError: it is paused, not checked yet, or its settings no longer fit.
        AuthError: its login must be renewed by a person.
        Unsupported: its plugin is missing or not enabled for the tenant.
    """
    key = ("connection", work.tenant_id, connection_id)
    stored: _Stored = work.env.cache.get(key, lambda: _read(work, connection_id))
    if stored.row.state is not ConnectionState.ACTIVE:
        work.env.cache.forget(key)
        stored = work.env.cache.get(key, lambda: _read(work, connection_id))
    if not any_state:
        require_active(stored.row)
    opened = _opened(work, stored, seconds)
    if opened.can("refresh_credentials") and is_stale(stored.credentials):
        return _logged_in(work, stored, seconds)
    return opened


def call(
    work: Work,
    connection_id: UUID,
    use: Callable[[Opened], T],
    *,
    seconds: float = 30.0,
    any_state: bool = False,
) -> T:
    """Open a connection and use it; an expired session is renewed once, a refused login parks the connection.

    Raises:
        AuthError: the login was refused; the connection now needs a person.
    """
    try:
        return _call(work, connection_id, use, seconds, any_state)
    except ConnectorError:
        work.keep_exchanges()
        raise


def _call(work: Work, connection_id: UUID, use: Callable[[Opened], T], seconds: float, any_state: bool) -> T:
    opened = open_connection(work, connection_id, seconds=seconds, any_state=any_state)
    try:
        return use(opened)
    except PluginBug as error:
        _clean(opened, error)
        raise
    except AuthError as error:
        if not opened.can("refresh_credentials"):
            _needs_reauth(work, opened.row, error)
            raise
    stored = _Stored(opened.row, opened.manifest, opened.plugins, opened.ctx.config, opened.ctx.credentials)
    opened = _logged_in(work, stored, seconds)
    try:
        return use(opened)
    except PluginBug as error:
        _clean(opened, error)
        raise
    except AuthError as error:
        _needs_reauth(work, opened.row, error)
        raise


def _clean(opened: Opened, error: PluginBug) -> None:
    """Take secrets and personal data out of what a bug says: the transport never saw it."""
    Redactor(secrets_of(opened.ctx.config, opened.ctx.credentials)).error(error)


def find_by_kind(work: Work, *kinds: PluginKind) -> ConnectionRow | None:
    """Return the tenant's only connection of some kinds that is not paused; ``None`` when it has none at all.

    Raises:
        ConfigError: there are several, or all are paused: the work waits rather than leave a step out.
        Unsupported: a connection's plugin is missing, so that nobody knows what kind it is.
    """

    def read() -> list[ConnectionRow]:
        with work.read() as uow:
            return uow.connections.every()

    rows: list[ConnectionRow] = work.env.cache.get(("connections", work.tenant_id), read)
    live = [row for row in rows if row.state is not ConnectionState.PAUSED]
    for row in live:
        work.env.registry.manifest(row.plugin)
    names = work.env.registry.of_kind(*kinds)
    found = [row for row in live if row.plugin in names]
    paused = [row for row in rows if row.plugin in names and row not in live]
    if paused and not found:
        raise ConfigError("connection.paused", TEXTS.text("connection.paused", name=paused[0].name))
    if len(found) > 1:
        listed = ", ".join(row.name for row in found)
        raise ConfigError(
            "connection.ambiguous", TEXTS.text("connection.ambiguous", kind=kinds[0].value, names=listed)
        )
    return found[0] if found else None


def require_by_name(uow: Uow, name: str) -> ConnectionRow:
    """Return the connection of that name.

    Raises:
        ConfigError: there is none.
    """
    row = uow.connections.by_name(name)
    if row is None:
        raise ConfigError("connection.unknown", TEXTS.text("connection.unknown", name=name))
    return row


def add_connection(
    work: Work, name: str, plugin: str, values: Mapping[str, Any], *, since: datetime | None = None
) -> ConnectionRow:
    """Make a connection from settings with secrets in clear, or change one; it is a draft until checked.

    Of one that is there, settings that are not given stay; an empty text takes a setting back to its default.

    Raises:
        ConfigError: a setting is missing or wrong, or the name belongs to another plugin's connection.
        Unsupported: the plugin may not be used.
    """
    plugins = tenant_plugins(work)
    plugins.require(plugin)
    manifest = plugins.registry.manifest(plugin)
    with work.write() as uow:
        old = uow.connections.by_name(name)
        if old is not None and old.plugin != plugin:
            text = TEXTS.text("connection.taken", name=name, plugin=old.plugin)
            raise ConfigError("connection.taken", text)
        config, hidden = _split(manifest, _given(uow, manifest, old, values))
        row = ConnectionRow(
            id=old.id if old else uuid4(),
            name=name,
            plugin=plugin,
            state=ConnectionState.DRAFT,
            config=config,
            config_version=manifest.config_version,
            start_at=since or (old.start_at if old else uow.now - timedelta(days=7)),
            webhook_secret=old.webhook_secret if old else secrets.token_urlsafe(24),
        )
        uow.connections.save(row)
        emptied = dict.fromkeys(secret_names(manifest.config), "")
        uow.connections.put_secrets(row.id, {**emptied, **hidden, **dict.fromkeys(PLACES, "")})
        uow.events.add(work.actor, "connection", row.id, "connection.saved", name=name, plugin=plugin)
    _forget(work, row.id)
    return row


def _given(
    uow: Uow, manifest: Manifest, old: ConnectionRow | None, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what is given together with what stays of an older connection."""
    kept: dict[str, Any] = {}
    if old is not None:
        hidden = uow.connections.secrets(old.id)
        kept = migrated(manifest, old) | {name: value for name, value in hidden.items() if name not in PLACES}
    return {name: value for name, value in (kept | dict(values)).items() if value != ""}


def check_values(work: Work, name: str, plugin: str, values: Mapping[str, Any]) -> None:
    """Check the settings of a connection, new or changed, without storing them.

    Raises:
        ConfigError: a setting is missing or wrong.
        Unsupported: the plugin may not be used.
    """
    plugins = tenant_plugins(work)
    plugins.require(plugin)
    manifest = plugins.registry.manifest(plugin)
    with work.read() as uow:
        old = uow.connections.by_name(name)
        given = _given(uow, manifest, old if old and old.plugin == plugin else None, values)
    _validated(manifest, given)


def check_connection(work: Work, connection_id: UUID) -> CheckResult:
    """Try a connection; unless it is paused, one that passes becomes active and waiting jobs go on.

    A check makes a handful of calls while a person waits, so it does not queue for the quota.
    """
    hasty = replace(work, env=replace(work.env, limiter=NoLimiter()))
    result = call(
        hasty,
        connection_id,
        lambda opened: opened.use(ports.ChecksConnection).check_connection(opened.ctx),
        any_state=True,
    )
    with work.write() as uow:
        row = uow.connections.get(connection_id)
        uow.events.add(work.actor, "connection", connection_id, "connection.checked", ok=result.ok)
        if result.ok and row and row.state is not ConnectionState.PAUSED:
            _activate(work, uow, row)
    _forget(work, connection_id)
    return result


def set_paused(work: Work, connection_id: UUID, paused: bool) -> None:
    """Pause a connection, or let it and waiting jobs go on.

    Raises:
        ConfigError, AuthError: one that was not paused but never passed its check cannot go on.
    """
    with work.write() as uow:
        row = uow.connections.get(connection_id)
        if row is None:
            raise ConfigError("connection.unknown", TEXTS.text("connection.unknown", name=str(connection_id)))
        if paused:
            uow.connections.set_state(connection_id, ConnectionState.PAUSED)
            uow.events.add(work.actor, "connection", connection_id, "connection.paused")
        elif row.state is ConnectionState.PAUSED:
            _activate(work, uow, row)
        else:
            require_active(row)
    _forget(work, connection_id)


def shown_config(manifest: Manifest, row: ConnectionRow) -> dict[str, Any]:
    """Return a connection's settings as they may be shown: secrets are masked."""
    return {**row.config, **dict.fromkeys(secret_names(manifest.config), MASKED)}


def _activate(work: Work, uow: Uow, row: ConnectionRow) -> None:
    uow.jobs.unpark()
    uow.jobs.add(*(advance_job(order_id) for order_id in uow.orders.undecided()))
    registry = work.env.registry
    times = usual(registry.manifest(row.plugin), registry.hooks(row.plugin), row.id)
    uow.jobs.set_schedules(row.id, times)
    if uow.connections.set_state(row.id, ConnectionState.ACTIVE):
        uow.events.add(work.actor, "connection", row.id, "connection.active")


def complete_schedules(work: Work) -> int:
    """Give active connections the schedules that a new version brought; return how many were missing.

    Those that are there keep their times. A connection whose plugin is missing is left alone.
    """
    registry = work.env.registry
    added = 0
    with work.write() as uow:
        known = {(row.connection_id, row.kind) for row in uow.jobs.schedules()}
        for row in uow.connections.every():
            if row.state is not ConnectionState.ACTIVE or row.plugin not in registry.manifests:
                continue
            times = usual(registry.manifest(row.plugin), registry.hooks(row.plugin), row.id)
            missing = [each for each in times if (row.id, each[0]) not in known]
            uow.jobs.set_schedules(row.id, missing)
            added += len(missing)
    return added


def _read(work: Work, connection_id: UUID) -> _Stored:
    plugins = tenant_plugins(work)
    with work.read() as uow:
        row = uow.connections.get(connection_id)
        if row is None:
            raise ConfigError("connection.unknown", TEXTS.text("connection.unknown", name=str(connection_id)))
        hidden = uow.connections.secrets(connection_id)
    plugins.require(row.plugin)
    manifest = plugins.registry.manifest(row.plugin)
    given = {name: value for name, value in hidden.items() if value and name not in PLACES}
    config = _validated(manifest, migrated(manifest, row) | given)
    return _Stored(row, manifest, plugins, config, credentials_of(hidden.get(TOKEN)))


def migrated(manifest: Manifest, row: ConnectionRow) -> dict[str, Any]:
    """Return a connection's stored settings as the present version of its plugin wants them."""
    config = dict(row.config)
    if row.config_version < manifest.config_version and manifest.migrate_config:
        return manifest.migrate_config(row.config_version, config)
    return config


def _opened(work: Work, stored: _Stored, seconds: float) -> Opened:
    row = stored.row
    log = structlog.get_logger().bind(tenant=str(work.tenant_id), connection=row.name, plugin=row.plugin)
    work.lease.limit(seconds)
    ctx: Ctx[Any] = make_ctx(
        stored.manifest,
        ConnectionInfo(id=row.id, name=row.name, plugin=row.plugin),
        stored.config,
        now=lambda: datetime.now(UTC),
        remaining=work.lease.remaining,
        credentials=stored.credentials,
        dry_run=work.dry_run,
        limiter=work.env.limiter,
        recorder=work,
        guard=work.lease,
        circuit=work.env.circuits.of(
            work.tenant_id, row.id, held=work.job_id is not None, note=work.rests.append
        ),
        log=log,
    )
    return Opened(row, stored.manifest, stored.plugins, ctx)


def require_active(row: ConnectionRow) -> None:
    """Let work go on only with a connection in use.

    Raises:
        ConfigError, AuthError: it is paused, not checked yet, or needs new credentials.
    """
    if row.state is ConnectionState.ACTIVE:
        return
    code = f"connection.{row.state.value}"
    text = TEXTS.text(code, name=row.name)
    if row.state is ConnectionState.NEEDS_REAUTH:
        raise AuthError(code, text)
    raise ConfigError(code, text)


def _logged_in(work: Work, stored: _Stored, seconds: float) -> Opened:
    """Return the connection with a new login.

    Raises:
        AuthError: the login was refused; the connection now needs a person.
    """

    def log_in(credentials: Credentials | None) -> Credentials:
        opened = _opened(work, replace(stored, credentials=credentials), REFRESH_SECONDS)
        return opened.use(ports.RefreshesCredentials).refresh_credentials(opened.ctx)

    work.env.cache.forget(("connection", work.tenant_id, stored.row.id))
    try:
        fresh = renew(work, stored.row.id, stored.credentials, log_in)
    except AuthError as error:
        _needs_reauth(work, stored.row, error)
        raise
    work.env.cache.forget(("connection", work.tenant_id, stored.row.id))
    return _opened(work, replace(stored, credentials=fresh), seconds)


def _needs_reauth(work: Work, row: ConnectionRow, error: AuthError) -> None:
    with work.read() as uow:
        if uow.connections.set_state(row.id, ConnectionState.NEEDS_REAUTH, Reason.of(error)):
            uow.events.add(work.actor, "connection", row.id, "connection.needs_reauth", code=error.code)
    _forget(work, row.id)


def _forget(work: Work, connection_id: UUID) -> None:
    work.env.cache.forget(("connection", work.tenant_id, connection_id))
    work.env.cache.forget(("connections", work.tenant_id))


def _split(manifest: Manifest, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Validate settings and split them into what may be read and what is secret."""
    config = _validated(manifest, values)
    names = secret_names(manifest.config)
    hidden = {}
    for name in names:
        value = getattr(config, name)
        if isinstance(value, SecretStr):
            hidden[name] = value.get_secret_value()
    plain = config.model_dump(mode="json", exclude=set(names))
    return plain, hidden


def _validated(manifest: Manifest, values: Mapping[str, Any]) -> BaseModel:
    try:
        return manifest.config.model_validate(dict(values))
    except ValidationError as error:
        problem = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise ConfigError("connection.config", TEXTS.text("connection.config", problem=problem)) from error


def pull_job(kind: str, connection: ConnectionRow, **kwargs: Any) -> NewJob:
    """Return the job that reads one kind of data from a connection; one at a time per connection and kind."""
    key = f"{kind}:{connection.id}"
    args = {"connection": str(connection.id)}
    return NewJob(
        kind, args, key, serial_key=key, connection_id=connection.id, plugin=connection.plugin, **kwargs
    )
