"""The job table (the outbox), schedules and workers. The engine role sees these for all tenants."""

import sqlalchemy as sa

from kopru.storage.tables.base import (
    Json,
    Text,
    Time,
    Uuid,
    metadata,
    now_column,
    tenant_id,
    tenant_table,
    within_tenant,
)

WAITING = sa.text("state in ('queued', 'parked')")

job = sa.Table(
    "job",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    tenant_id(primary_key=False),
    sa.Column("kind", Text, nullable=False),
    sa.Column("args", Json, nullable=False),
    sa.Column("key", Text, nullable=False),
    sa.Column("lane", sa.SmallInteger, nullable=False),
    sa.Column("serial_key", Text, nullable=False),
    sa.Column("connection_id", Uuid),
    sa.Column("plugin", Text),
    sa.Column("state", Text, nullable=False, server_default="queued"),
    sa.Column("run_at", Time, nullable=False, server_default=sa.func.clock_timestamp()),
    sa.Column("rung_at", Time),
    sa.Column("attempt_no", sa.Integer, nullable=False, server_default="0"),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("deaths", sa.Integer, nullable=False, server_default="0"),
    sa.Column("lease_until", Time),
    sa.Column("worker_id", Uuid),
    sa.Column("error", Json),
    now_column("created_at"),
    sa.Column("finished_at", Time),
    sa.Index("uq_job_waiting_key", "tenant_id", "key", unique=True, postgresql_where=WAITING),
    sa.Index(
        "uq_job_serial", "tenant_id", "serial_key", unique=True, postgresql_where=sa.text("state = 'running'")
    ),
    sa.Index("ix_job_due", "tenant_id", "lane", "run_at", postgresql_where=sa.text("state = 'queued'")),
    sa.Index("ix_job_slot", "tenant_id", "serial_key", postgresql_where=sa.text("state = 'queued'")),
    sa.Index("ix_job_lease", "lease_until", postgresql_where=sa.text("state = 'running'")),
    sa.Index("ix_job_tenant", "tenant_id", "id"),
)

schedule = sa.Table(
    "schedule",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    tenant_id(primary_key=False),
    sa.Column("connection_id", Uuid),
    sa.Column("kind", Text, nullable=False),
    sa.Column("args", Json, nullable=False),
    sa.Column("every_seconds", sa.Integer, nullable=False),
    sa.Column("at_local", Text),
    sa.Column("next_at", Time, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False, server_default=sa.text("true")),
    sa.Column("lane", sa.SmallInteger, nullable=False, server_default="2"),
    sa.Column("catch_up", Text, nullable=False, server_default="once"),
    sa.Column("custom", sa.Boolean, nullable=False, server_default=sa.text("false")),
    within_tenant("connection_id", "connection"),
    sa.UniqueConstraint("tenant_id", "kind", "connection_id", postgresql_nulls_not_distinct=True),
    sa.Index("ix_schedule_next", "next_at", postgresql_where=sa.text("enabled")),
)

schedule_fire = sa.Table(
    "schedule_fire",
    metadata,
    sa.Column(
        "schedule_id", sa.BigInteger, sa.ForeignKey("schedule.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("fire_time", Time, primary_key=True),
    tenant_id(primary_key=False),
    now_column("fired_at"),
)

worker = sa.Table(
    "worker",
    metadata,
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("host", Text, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("role", Text, nullable=False),
    sa.Column("threads", sa.Integer, nullable=False, server_default="0"),
    now_column("started_at"),
    now_column("seen_at"),
)

rate_window = sa.Table(
    "rate_window",
    metadata,
    sa.Column("scope", Text, primary_key=True),
    sa.Column("quota", Text, primary_key=True),
    sa.Column("bucket", Time, primary_key=True),
    sa.Column("calls", sa.Integer, nullable=False),
)
"""Calls per quota and sub-window, for windows of a minute and more, exact over a loss of Redis."""

gate = tenant_table(
    "gate",
    sa.Column("connection_id", Uuid, primary_key=True),
    sa.Column("at_once", sa.Integer),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("trips", sa.Integer, nullable=False, server_default="0"),
    sa.Column("code", Text),
    sa.Column("opened_at", Time),
    sa.Column("until", Time),
    sa.Column("probe_until", Time),
    within_tenant("connection_id", "connection"),
    sa.CheckConstraint("at_once > 0", name="at_once"),
)
"""What lets jobs of a connection through: how many at once, and its circuit, which is open while ``until`` is
set. A connection that never had trouble has no row."""
