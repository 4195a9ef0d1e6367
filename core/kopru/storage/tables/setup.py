"""Tenants, what they may use, and their connections."""

import sqlalchemy as sa

from kopru.storage.tables.base import (
    Json,
    Text,
    Time,
    Uuid,
    metadata,
    now_column,
    tenant_table,
    within_tenant,
)

tenant = sa.Table(
    "tenant",
    metadata,
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("slug", Text, nullable=False, unique=True),
    sa.Column("settings", Text, nullable=False, server_default=""),
    sa.Column("settings_version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("weight", sa.Integer, nullable=False, server_default="1"),
    sa.Column("wrapped_key", sa.LargeBinary, nullable=False),
    sa.Column("key_id", Text, nullable=False),
    sa.Column("restored_at", Time),
    now_column("created_at"),
    sa.CheckConstraint("weight > 0", name="weight"),
)
"""``weight`` is a tenant's share of the workers, relative to others. ``restored_at`` is set while nothing may
leave, because a backup was restored and remotes may hold what we no longer know of."""

allowed_plugin = sa.Table(
    "allowed_plugin",
    metadata,
    sa.Column("plugin", Text, primary_key=True),
    now_column("allowed_at"),
)

instance = sa.Table(
    "instance",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("system_identifier", Text, nullable=False),
    sa.Column("timeline", sa.Integer, nullable=False),
    now_column("seen_at"),
    sa.Column("restored_at", Time),
    sa.CheckConstraint("id = 1", name="one_row"),
)
"""Which database cluster this is; a difference after a start means that a backup was restored."""

enabled_plugin = tenant_table(
    "enabled_plugin",
    sa.Column("plugin", Text, primary_key=True),
    now_column("enabled_at"),
)

connection = tenant_table(
    "connection",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("name", Text, nullable=False),
    sa.Column("plugin", Text, nullable=False),
    sa.Column("state", Text, nullable=False, server_default="draft"),
    sa.Column("reason", Json),
    sa.Column("config", Json, nullable=False),
    sa.Column("config_version", sa.Integer, nullable=False),
    sa.Column("start_at", Time, nullable=False),
    sa.Column("webhook_secret", Text, nullable=False),
    sa.Column("refreshing_until", Time),
    now_column("created_at"),
    sa.UniqueConstraint("tenant_id", "name"),
)

secret = tenant_table(
    "secret",
    sa.Column("connection_id", Uuid, primary_key=True),
    sa.Column("name", Text, primary_key=True),
    sa.Column("ciphertext", sa.LargeBinary, nullable=False),
    now_column("written_at"),
    within_tenant("connection_id", "connection"),
)

stream = tenant_table(
    "stream",
    sa.Column("connection_id", Uuid, primary_key=True),
    sa.Column("name", Text, primary_key=True),
    sa.Column("watermark", Time),
    sa.Column("since", Time),
    sa.Column("until", Time),
    sa.Column("cursor", Text),
    now_column("updated_at"),
    within_tenant("connection_id", "connection"),
)

webhook = tenant_table(
    "webhook",
    sa.Column("connection_id", Uuid, primary_key=True),
    sa.Column("event_id", Text, primary_key=True),
    sa.Column("kind", Text, nullable=False),
    sa.Column("external_id", Text, nullable=False),
    now_column("received_at"),
    within_tenant("connection_id", "connection"),
)
