"""Connections with their secrets, streams, enabled plugins and the tenant's settings."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kopru.flows.records import ConnectionRow, ConnectionState, Reason, StreamRow
from kopru.storage.repos.base import Repo, mine
from kopru.storage.secrets import Envelope
from kopru.storage.tables import connection, enabled_plugin, secret, stream, tenant, webhook

GET = sa.select(connection).where(mine(connection), connection.c.id == sa.bindparam("at_id"))


class Connections(Repo):
    """Connections and what is secret about them."""

    def __init__(self, db: sa.Connection, tenant_id: UUID, envelope: Envelope) -> None:
        """Take the tenant's envelope besides."""
        super().__init__(db, tenant_id)
        self._envelope = envelope

    def every(self) -> list[ConnectionRow]:
        """Return all connections by name."""
        return [
            _connection(row)
            for row in self.all(sa.select(connection).where(self.of(connection)).order_by(connection.c.name))
        ]

    def get(self, connection_id: UUID) -> ConnectionRow | None:
        """Return one connection."""
        row = self.one(GET, at_id=connection_id)
        return _connection(row) if row else None

    def by_name(self, name: str) -> ConnectionRow | None:
        """Return the connection of that name."""
        row = self.one(sa.select(connection).where(self.of(connection), connection.c.name == name))
        return _connection(row) if row else None

    def save(self, row: ConnectionRow) -> None:
        """Insert a connection, or replace its settings and state."""
        values = {
            "name": row.name,
            "plugin": row.plugin,
            "state": row.state,
            "reason": row.reason.to_json() if row.reason else None,
            "config": dict(row.config),
            "config_version": row.config_version,
            "start_at": row.start_at,
            "webhook_secret": row.webhook_secret,
        }
        self.db.execute(
            insert(connection)
            .values(tenant_id=self.tenant_id, id=row.id, **values)
            .on_conflict_do_update(index_elements=["tenant_id", "id"], set_=values)
        )

    def set_state(self, connection_id: UUID, state: ConnectionState, reason: Reason | None = None) -> bool:
        """Change the state; return whether it was another one before."""
        changed = self.db.execute(
            sa.update(connection)
            .where(self.of(connection), connection.c.id == connection_id, connection.c.state != state)
            .values(state=state, reason=reason.to_json() if reason else None)
        )
        return changed.rowcount == 1

    def secrets(self, connection_id: UUID) -> dict[str, str]:
        """Return the decrypted secrets by name."""
        rows = self.all(sa.select(secret).where(self.of(secret), secret.c.connection_id == connection_id))
        return {
            row.name: self._envelope.open(row.ciphertext, _place(connection_id, row.name)) for row in rows
        }

    def put_secrets(self, connection_id: UUID, values: Mapping[str, str]) -> None:
        """Encrypt and store secrets; other names stay as they are."""
        for name, value in values.items():
            sealed = self._envelope.seal(value, _place(connection_id, name))
            self.db.execute(
                insert(secret)
                .values(tenant_id=self.tenant_id, connection_id=connection_id, name=name, ciphertext=sealed)
                .on_conflict_do_update(
                    index_elements=["tenant_id", "connection_id", "name"],
                    set_={"ciphertext": sealed, "written_at": sa.func.clock_timestamp()},
                )
            )

    def claim_refresh(self, connection_id: UUID, seconds: int) -> bool:
        """Take the right to renew credentials for some seconds; only one caller gets it."""
        until = sa.func.clock_timestamp() + sa.text("make_interval(secs => :s)").bindparams(s=seconds)
        free = sa.or_(
            connection.c.refreshing_until.is_(None), connection.c.refreshing_until < sa.func.clock_timestamp()
        )
        claimed = self.db.execute(
            sa.update(connection)
            .where(self.of(connection), connection.c.id == connection_id, free)
            .values(refreshing_until=until)
        )
        return claimed.rowcount == 1

    def release_refresh(self, connection_id: UUID) -> None:
        """Give the right to renew back."""
        self.db.execute(
            sa.update(connection)
            .where(self.of(connection), connection.c.id == connection_id)
            .values(refreshing_until=None)
        )

    def seen_webhook(self, connection_id: UUID, event_id: str, kind: str, external_id: str) -> bool:
        """Store a webhook event; return whether it is new."""
        stored = self.db.execute(
            insert(webhook)
            .values(
                tenant_id=self.tenant_id,
                connection_id=connection_id,
                event_id=event_id,
                kind=kind,
                external_id=external_id,
            )
            .on_conflict_do_nothing()
            .returning(webhook.c.event_id)
        ).one_or_none()
        return stored is not None


class Streams(Repo):
    """How far each stream was read."""

    def get(self, connection_id: UUID, name: str) -> StreamRow:
        """Return the position of a stream; an unread one has none."""
        row = self.one(
            sa.select(stream).where(
                self.of(stream), stream.c.connection_id == connection_id, stream.c.name == name
            )
        )
        return StreamRow(row.watermark, row.since, row.until, row.cursor) if row else StreamRow()

    def save(self, connection_id: UUID, name: str, at: StreamRow) -> None:
        """Store the position, in the transaction that stores the records."""
        values = {
            "watermark": at.watermark,
            "since": at.since,
            "until": at.until,
            "cursor": at.cursor,
            "updated_at": sa.func.clock_timestamp(),
        }
        self.db.execute(
            insert(stream)
            .values(tenant_id=self.tenant_id, connection_id=connection_id, name=name, **values)
            .on_conflict_do_update(index_elements=["tenant_id", "connection_id", "name"], set_=values)
        )


class Settings(Repo):
    """The tenant's own configuration text and the plugins it enabled."""

    def text(self) -> tuple[int, str]:
        """Return version and TOML text."""
        row = self.db.execute(
            sa.select(tenant.c.settings_version, tenant.c.settings).where(tenant.c.id == self.tenant_id)
        ).one()
        return row.settings_version, row.settings

    def store(self, toml: str) -> int:
        """Store a new text and return its version."""
        version = self.db.execute(
            sa.update(tenant)
            .where(tenant.c.id == self.tenant_id)
            .values(settings=toml, settings_version=tenant.c.settings_version + 1)
            .returning(tenant.c.settings_version)
        ).scalar_one()
        return int(version)

    def restored_at(self) -> datetime | None:
        """Return since when nothing may leave because a backup was restored, if so."""
        found: datetime | None = self.db.execute(
            sa.select(tenant.c.restored_at).where(tenant.c.id == self.tenant_id)
        ).scalar_one()
        return found

    def settle_restore(self) -> None:
        """Let work leave again."""
        self.db.execute(sa.update(tenant).where(tenant.c.id == self.tenant_id).values(restored_at=None))

    def enabled(self) -> frozenset[str]:
        """Return the plugins the tenant enabled."""
        return frozenset(
            row.plugin for row in self.all(sa.select(enabled_plugin.c.plugin).where(self.of(enabled_plugin)))
        )

    def enable(self, plugin: str) -> None:
        """Enable a plugin."""
        self.db.execute(
            insert(enabled_plugin).values(tenant_id=self.tenant_id, plugin=plugin).on_conflict_do_nothing()
        )

    def disable(self, plugin: str) -> None:
        """Disable a plugin; its jobs stay parked."""
        self.db.execute(
            sa.delete(enabled_plugin).where(self.of(enabled_plugin), enabled_plugin.c.plugin == plugin)
        )


def _place(connection_id: UUID, name: str) -> str:
    return f"secret:{connection_id}:{name}"


def _connection(row: sa.Row[Any]) -> ConnectionRow:
    start: datetime = row.start_at
    config = row.config if isinstance(row.config, dict) else json.loads(row.config)
    return ConnectionRow(
        id=row.id,
        name=row.name,
        plugin=row.plugin,
        state=ConnectionState(row.state),
        config=config,
        config_version=row.config_version,
        start_at=start,
        webhook_secret=row.webhook_secret,
        reason=Reason.from_json(row.reason),
    )
