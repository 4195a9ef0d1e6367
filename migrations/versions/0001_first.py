"""The first schema: setup, trade, documents, work."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from kopru.storage import access

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TENANT_TABLES = (
    "tenant",
    "archive",
    "connection",
    "enabled_plugin",
    "event",
    "event_seal",
    "job",
    "recipient",
    "schedule",
    "series",
    "adopted",
    "binding",
    "exchange",
    "inbox",
    "item",
    "payload",
    "return",
    "schedule_fire",
    "secret",
    "stock_level",
    "stock_push",
    "stream",
    "webhook",
    "item_barcode",
    "item_link",
    "order",
    "product",
    "document",
    "order_version",
    "effect",
    "number",
)
ENGINE_TABLES = (
    "job",
    "schedule",
    "schedule_fire",
    "worker",
    "rate_window",
    "allowed_plugin",
    "instance",
    "tenant",
)


def upgrade() -> None:
    """Make the tables and put every one of them under row-level security."""
    make_tables()
    for statement in access.protect(TENANT_TABLES):
        op.execute(statement)
    for statement in access.open_to_engine(ENGINE_TABLES):
        op.execute(statement)
    for table in ("connection", "enabled_plugin"):
        op.execute(f"CREATE POLICY engine_reads ON {table} FOR SELECT TO {access.ENGINE} USING (true)")
    op.execute(
        f"GRANT SELECT (tenant_id, id, name, plugin, state, webhook_secret) ON connection TO {access.ENGINE}"
    )
    op.execute(f"GRANT SELECT ON enabled_plugin TO {access.ENGINE}")
    op.execute(f"GRANT SELECT ON alembic_version TO {access.ENGINE}")
    op.execute(f"CREATE POLICY tenant_reads ON allowed_plugin FOR SELECT TO {access.TENANT} USING (true)")
    op.execute(f"GRANT SELECT ON allowed_plugin TO {access.TENANT}")


def make_tables() -> None:
    """Make tables and indexes."""
    op.create_table(
        "allowed_plugin",
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column(
            "allowed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("plugin", name=op.f("pk_allowed_plugin")),
    )
    op.create_table(
        "instance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("system_identifier", sa.Text(), nullable=False),
        sa.Column("timeline", sa.Integer(), nullable=False),
        sa.Column(
            "seen_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("restored_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_instance_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance")),
    )
    op.create_table(
        "rate_window",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("quota", sa.Text(), nullable=False),
        sa.Column("bucket", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "quota", "bucket", name=op.f("pk_rate_window")),
    )
    op.create_table(
        "tenant",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), server_default="", nullable=False),
        sa.Column("settings_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("restored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenant")),
        sa.UniqueConstraint("slug", name=op.f("uq_tenant_slug")),
    )
    op.create_table(
        "worker",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "seen_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker")),
    )
    op.create_table(
        "archive",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column(
            "stored_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_archive_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "digest", name=op.f("pk_archive")),
    )
    op.create_table(
        "connection",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("reason", postgresql.JSONB(), nullable=True),
        sa.Column("config", postgresql.JSONB(), nullable=False),
        sa.Column("config_version", sa.Integer(), nullable=False),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("webhook_secret", sa.Text(), nullable=False),
        sa.Column("refreshing_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_connection_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_connection")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_connection_tenant_id_name")),
    )
    op.create_table(
        "enabled_plugin",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column(
            "enabled_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_enabled_plugin_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "plugin", name=op.f("pk_enabled_plugin")),
    )
    op.create_table(
        "event",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_event_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_event")),
    )
    op.create_index("ix_event_subject", "event", ["tenant_id", "subject_id"], unique=False)
    op.create_table(
        "event_seal",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_event_seal_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "event_id", name=op.f("pk_event_seal")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("args", postgresql.JSONB(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("serial_key", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.UUID(), nullable=True),
        sa.Column("plugin", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column(
            "run_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("rung_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempt_no", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("deaths", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker_id", sa.UUID(), nullable=True),
        sa.Column("error", postgresql.JSONB(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_job_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index(
        "ix_job_due",
        "job",
        ["tenant_id", "lane", "run_at"],
        unique=False,
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_job_lease", "job", ["lease_until"], unique=False, postgresql_where=sa.text("state = 'running'")
    )
    op.create_index(
        "ix_job_slot",
        "job",
        ["tenant_id", "serial_key"],
        unique=False,
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index("ix_job_tenant", "job", ["tenant_id", "id"], unique=False)
    op.create_index(
        "uq_job_serial",
        "job",
        ["tenant_id", "serial_key"],
        unique=True,
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_index(
        "uq_job_waiting_key",
        "job",
        ["tenant_id", "key"],
        unique=True,
        postgresql_where=sa.text("state in ('queued', 'parked')"),
    )
    op.create_table(
        "recipient",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("tax_number", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column(
            "checked_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_recipient_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "tax_number", name=op.f("pk_recipient")),
    )
    op.create_table(
        "series",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("last_date", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_series_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "prefix", "year", name=op.f("pk_series")),
    )
    op.create_table(
        "adopted",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("document_id", sa.UUID(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("issue_date", sa.Date(), nullable=False),
        sa.Column(
            "adopted_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_adopted_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "document_id", name=op.f("pk_adopted")),
        sa.UniqueConstraint(
            "tenant_id", "prefix", "year", "sequence", name=op.f("uq_adopted_tenant_id_prefix_year_sequence")
        ),
    )
    op.create_table(
        "binding",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("connection_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column(
            "bound_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f("fk_binding_tenant_id_connection_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_binding_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "connection_id", "kind", "key", name=op.f("pk_binding")),
    )
    op.create_table(
        "exchange",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("connection_id", sa.UUID(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f("fk_exchange_tenant_id_connection_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_exchange_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_exchange")),
    )
    op.create_index("ix_exchange_connection", "exchange", ["tenant_id", "connection_id", "at"], unique=False)
    op.create_table(
        "item",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("code_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("vat_rate", sa.Numeric(precision=24, scale=8), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("connection_id", sa.UUID(), nullable=True),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f("fk_item_tenant_id_connection_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_item_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_item")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_item_tenant_id_code")),
    )
    op.create_index("ix_item_code_key", "item", ["tenant_id", "code_key"], unique=False)
    op.create_table(
        "payload",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("connection_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f("fk_payload_tenant_id_connection_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_payload_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_payload")),
        sa.UniqueConstraint(
            "tenant_id",
            "connection_id",
            "kind",
            "external_id",
            "digest",
            name=op.f("uq_payload_tenant_id_connection_id_kind_external_id_digest"),
        ),
    )
    op.create_table(
        "schedule",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("connection_id", sa.UUID(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("args", postgresql.JSONB(), nullable=False),
        sa.Column("every_seconds", sa.Integer(), nullable=False),
        sa.Column("at_local", sa.Text(), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f("fk_schedule_tenant_id_connection_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_schedule_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
        sa.UniqueConstraint(
            "tenant_id",
            "kind",
            "connection_id",
            name=op.f("uq_schedule_tenant_id_kind_connection_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        "ix_schedule_next", "schedule", ["next_at"], unique=False, postgresql_where=sa.text("enabled")
    )
    op.create_table(
        "secret",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("connection_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column(
            "written_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f("fk_secret_tenant_id_connection_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_secret_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "connection_id", "name", name=op.f("pk_secret")),
    )
    op.create_table(
        "stock_level",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("connection_id", sa.UUID(), nullable=False),
        sa.Column("item_code", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("on_hand", sa.Numeric(precision=24, scale=8), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f("fk_stock_level_tenant_id_connection_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_stock_level_tenant_id")),
        sa.PrimaryKeyConstraint(
            "tenant_id", "connection_id", "item_code", "warehouse", name=op.f("pk_stock_level")
        ),
    )
    op.create_table(
        "stock_push",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("connection_id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("desired", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("pushed_version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sent_version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("batch", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", postgresql.JSONB(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f("fk_stock_push_tenant_id_connection_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_stock_push_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "connection_id", "external_id", name=op.f("pk_stock_push")),
    )
    op.create_index(
        "ix_stock_push_due",
        "stock_push",
        ["tenant_id", "connection_id"],
        unique=False,
        postgresql_where=sa.text("version > pushed_version"),
    )
    op.create_table(
        "stream",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("connection_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("watermark", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f("fk_stream_tenant_id_connection_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_stream_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "connection_id", "name", name=op.f("pk_stream")),
    )
    op.create_table(
        "webhook",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("connection_id", sa.UUID(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f("fk_webhook_tenant_id_connection_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_webhook_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "connection_id", "event_id", name=op.f("pk_webhook")),
    )
    op.create_table(
        "inbox",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("connection_id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("total", sa.Numeric(precision=20, scale=2), nullable=True),
        sa.Column("body", postgresql.JSONB(), nullable=True),
        sa.Column("payload_id", sa.UUID(), nullable=False),
        sa.Column(
            "seen_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f("fk_inbox_tenant_id_connection_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "payload_id"],
            ["payload.tenant_id", "payload.id"],
            name=op.f("fk_inbox_tenant_id_payload_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_inbox_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "connection_id", "external_id", name=op.f("pk_inbox")),
    )
    op.create_table(
        "item_barcode",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("barcode", sa.Text(), nullable=False),
        sa.Column("item_id", sa.UUID(), nullable=False),
        sa.Column("barcode_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.id"],
            name=op.f("fk_item_barcode_tenant_id_item_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_item_barcode_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "barcode", "item_id", name=op.f("pk_item_barcode")),
    )
    op.create_index("ix_item_barcode_key", "item_barcode", ["tenant_id", "barcode_key"], unique=False)
    op.create_table(
        "item_link",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("connection_id", sa.UUID(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("item_id", sa.UUID(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f("fk_item_link_tenant_id_connection_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.id"],
            name=op.f("fk_item_link_tenant_id_item_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_item_link_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "connection_id", "key", name=op.f("pk_item_link")),
    )
    op.create_table(
        "order",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("connection_id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", postgresql.JSONB(), nullable=True),
        sa.Column("findings", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("total", sa.Numeric(precision=20, scale=2), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("buyer", sa.Text(), server_default="", nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=True),
        sa.Column("payload_id", sa.UUID(), nullable=False),
        sa.Column(
            "seen_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f("fk_order_tenant_id_connection_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "payload_id"],
            ["payload.tenant_id", "payload.id"],
            name=op.f("fk_order_tenant_id_payload_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_order_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_order")),
        sa.UniqueConstraint(
            "tenant_id",
            "connection_id",
            "external_id",
            name=op.f("uq_order_tenant_id_connection_id_external_id"),
        ),
    )
    op.create_index("ix_order_tenant_id_number", "order", ["tenant_id", "number"], unique=False)
    op.create_index("ix_order_tenant_id_state", "order", ["tenant_id", "state"], unique=False)
    op.create_table(
        "product",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("connection_id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("barcode", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("item_id", sa.UUID(), nullable=True),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column(
            "seen_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f("fk_product_tenant_id_connection_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"], ["item.tenant_id", "item.id"], name=op.f("fk_product_tenant_id_item_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_product_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "connection_id", "external_id", name=op.f("pk_product")),
    )
    op.create_table(
        "return",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("connection_id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", postgresql.JSONB(), nullable=True),
        sa.Column("body", postgresql.JSONB(), nullable=True),
        sa.Column("payload_id", sa.UUID(), nullable=False),
        sa.Column(
            "seen_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f("fk_return_tenant_id_connection_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "payload_id"],
            ["payload.tenant_id", "payload.id"],
            name=op.f("fk_return_tenant_id_payload_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_return_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_return")),
        sa.UniqueConstraint(
            "tenant_id",
            "connection_id",
            "external_id",
            name=op.f("uq_return_tenant_id_connection_id_external_id"),
        ),
    )
    op.create_table(
        "schedule_fire",
        sa.Column("schedule_id", sa.BigInteger(), nullable=False),
        sa.Column("fire_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column(
            "fired_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["schedule.id"], name=op.f("fk_schedule_fire_schedule_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_schedule_fire_tenant_id")),
        sa.PrimaryKeyConstraint("schedule_id", "fire_time", name=op.f("pk_schedule_fire")),
    )
    op.create_table(
        "document",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("order_version", sa.Integer(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", postgresql.JSONB(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("issue_date", sa.Date(), nullable=False),
        sa.Column("total", sa.Numeric(precision=20, scale=2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("stages", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("partner_code", sa.Text(), server_default="", nullable=False),
        sa.Column("channel_id", sa.UUID(), nullable=True),
        sa.Column("ledger_id", sa.UUID(), nullable=True),
        sa.Column("remote_state", sa.Text(), nullable=True),
        sa.Column("remote_code", sa.Text(), nullable=True),
        sa.Column("remote_text", sa.Text(), nullable=True),
        sa.Column("follow_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("follow_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("xml", sa.Text(), nullable=True),
        sa.Column("pdf", sa.Text(), nullable=True),
        sa.Column("original_id", sa.UUID(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "channel_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f("fk_document_tenant_id_channel_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ledger_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f("fk_document_tenant_id_ledger_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["order.tenant_id", "order.id"],
            name=op.f("fk_document_tenant_id_order_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "original_id"],
            ["document.tenant_id", "document.id"],
            name=op.f("fk_document_tenant_id_original_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_document_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_document")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("uq_document_tenant_id_key")),
    )
    op.create_index(
        "ix_document_follow",
        "document",
        ["tenant_id", "channel_id", "follow_at"],
        unique=False,
        postgresql_where=sa.text("follow_at is not null"),
    )
    op.create_index("ix_document_tenant_id_order_id", "document", ["tenant_id", "order_id"], unique=False)
    op.create_table(
        "order_version",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=True),
        sa.Column("payload_id", sa.UUID(), nullable=False),
        sa.Column(
            "seen_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["order.tenant_id", "order.id"],
            name=op.f("fk_order_version_tenant_id_order_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "payload_id"],
            ["payload.tenant_id", "payload.id"],
            name=op.f("fk_order_version_tenant_id_payload_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_order_version_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "order_id", "version", name=op.f("pk_order_version")),
    )
    op.create_table(
        "effect",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.UUID(), nullable=False),
        sa.Column("document_id", sa.UUID(), nullable=True),
        sa.Column("order_id", sa.UUID(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lookups", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ref_kind", sa.Text(), nullable=True),
        sa.Column("ref_id", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("echo", postgresql.JSONB(), nullable=True),
        sa.Column("reason", postgresql.JSONB(), nullable=True),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f("fk_effect_tenant_id_connection_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["document.tenant_id", "document.id"],
            name=op.f("fk_effect_tenant_id_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["order.tenant_id", "order.id"],
            name=op.f("fk_effect_tenant_id_order_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_effect_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_effect")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("uq_effect_tenant_id_key")),
    )
    op.create_index(
        "ix_effect_open",
        "effect",
        ["tenant_id", "state"],
        unique=False,
        postgresql_where=sa.text("state in ('sending', 'uncertain')"),
    )
    op.create_index("ix_effect_tenant_id_document_id", "effect", ["tenant_id", "document_id"], unique=False)
    op.create_table(
        "number",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.UUID(), nullable=False),
        sa.Column("issue_date", sa.Date(), nullable=False),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column(
            "allotted_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("sequence between 1 and 999999999", name=op.f("ck_number_fits")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["document.tenant_id", "document.id"],
            name=op.f("fk_number_tenant_id_document_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_number_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "prefix", "year", "sequence", name=op.f("pk_number")),
        sa.UniqueConstraint("tenant_id", "document_id", name=op.f("uq_number_tenant_id_document_id")),
    )
