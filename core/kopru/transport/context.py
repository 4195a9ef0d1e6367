"""Composes what a hook gets: one ``Ctx`` per call."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

import httpx
from pydantic import BaseModel

from kopru.hooks.io import Log
from kopru.hooks.manifest import Manifest
from kopru.hooks.types import ConnectionInfo, Credentials, Ctx
from kopru.transport.files import Folder
from kopru.transport.http import DEFAULT_LIMITS, HttpClient, Limits
from kopru.transport.log import MaskedLog, NoLog
from kopru.transport.ports import Circuit, Guard, Limiter, NoCircuit, NoGuard, Recorder
from kopru.transport.redaction import Redactor, secrets_of
from kopru.transport.sql import SqlClient, shared_driver
from kopru.transport.sqldriver import Driver

C = TypeVar("C", bound=BaseModel)


def make_ctx(
    manifest: Manifest,
    connection: ConnectionInfo,
    config: C,
    *,
    now: Callable[[], datetime],
    remaining: Callable[[], float],
    credentials: Credentials | None = None,
    dry_run: bool = False,
    limiter: Limiter | None = None,
    recorder: Recorder | None = None,
    guard: Guard | None = None,
    circuit: Circuit | None = None,
    log: Log | None = None,
    account: str = "",
    transport: httpx.BaseTransport | None = None,
    limits: Limits = DEFAULT_LIMITS,
    driver: Driver | None = None,
) -> Ctx[C]:
    """Return the context of one hook call.

    Args:
        manifest: the plugin's statement; gives address, network, folder and quotas.
        connection: whom the hook works for.
        config: the validated settings, with secrets.
        now: the engine's clock, aware UTC.
        remaining: seconds left for the hook.
        credentials: what ``refresh_credentials`` last returned.
        dry_run: refuse writes with ``PlannedRequest``.
        limiter: keeps the quotas; without one they are not kept.
        recorder: receives each redacted exchange.
        guard: asked right before the first byte of a write.
        circuit: rests a remote that does not answer.
        log: the engine's log with the connection bound in.
        account: what connections to one remote account have in common, for quotas of scope ``account``; by
            default what the manifest reads from the settings.
        transport: replaces the pooled connections of the process.
        limits: timeouts and sizes.
        driver: replaces the process's driver for SQL Server.
    """
    redactor = Redactor(secrets_of(config, credentials))
    watch = guard or NoGuard()
    http = HttpClient(
        base_url=manifest.base_url(config) if manifest.base_url else "",
        hosts=manifest.hosts(config) if manifest.hosts else (),
        local=manifest.local_network(config) if manifest.local_network else False,
        verify=manifest.verify_tls(config) if manifest.verify_tls else True,
        quotas=manifest.quotas_for(config) if manifest.quotas_for else manifest.quotas,
        scopes=quota_scopes(connection, account or _account(manifest, config)),
        limiter=limiter,
        recorder=recorder,
        guard=watch,
        circuit=circuit or NoCircuit(),
        redactor=redactor,
        dry_run=dry_run,
        remaining=remaining,
        now=now,
        transport=transport,
        connection=connection.id,
        limits=limits,
    )
    folder = Folder(manifest.folder(config) if manifest.folder else "", dry_run=dry_run, guard=watch)
    sql = SqlClient(
        server=manifest.sql_server(config) if manifest.sql_server else None,
        package=manifest.statements,
        recorder=recorder,
        guard=watch,
        circuit=circuit or NoCircuit(),
        redactor=redactor,
        dry_run=dry_run,
        remaining=remaining,
        now=now,
        driver=driver or shared_driver(),
        connection=connection.id,
    )
    return Ctx(
        connection=connection,
        config=config,
        http=http,
        files=folder,
        sql=sql,
        log=MaskedLog(log or NoLog(), redactor),
        now=now,
        remaining=remaining,
        credentials=credentials,
        dry_run=dry_run,
    )


def _account(manifest: Manifest, config: BaseModel) -> str:
    """Return the name of the remote account; a hash, because what names an account may be a key to it."""
    if manifest.account_of is None:
        return ""
    named = manifest.account_of(config)
    return hashlib.sha256(named.encode()).hexdigest()[:32] if named else ""


def quota_scopes(connection: ConnectionInfo, account: str = "") -> Mapping[str, str]:
    """Return the bucket of each quota scope; without an account each connection counts for itself."""
    shared = f"{connection.plugin}/{account}" if account else str(connection.id)
    return {"connection": f"connection:{connection.id}", "account": f"account:{shared}"}
