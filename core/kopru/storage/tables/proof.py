"""Proofs and findings: orders counted twice, both sides compared, and orders read afterwards."""

import sqlalchemy as sa

from kopru.storage.tables.base import Json, Text, Time, Uuid, now_column, tenant_table, within_tenant


def _count(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


order_check = tenant_table(
    "order_check",
    sa.Column("connection_id", Uuid, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("state", Text, nullable=False),
    sa.Column("since", Time, nullable=False),
    sa.Column("until", Time, nullable=False),
    sa.Column("part_since", Time),
    sa.Column("cursor", Text),
    _count("remote"),
    _count("ours"),
    _count("missing"),
    _count("behind"),
    _count("differing"),
    _count("extra"),
    _count("unread"),
    _count("recovered"),
    sa.Column("differences", Json, nullable=False, server_default="[]"),
    now_column("started_at"),
    sa.Column("checked_at", Time),
    within_tenant("connection_id", "connection"),
)
"""One row per connection and day; a new check of the day begins it anew."""

order_listed = tenant_table(
    "order_listed",
    sa.Column("connection_id", Uuid, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("external_id", Text, primary_key=True),
    within_tenant("connection_id", "connection"),
)
"""What the second listing of a check that is under way has named so far."""

drift = tenant_table(
    "drift",
    sa.Column("connection_id", Uuid, primary_key=True),
    sa.Column("area", Text, primary_key=True),
    sa.Column("subject", Text, primary_key=True),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("code", Text, nullable=False),
    sa.Column("reason", Json, nullable=False),
    sa.Column("command", Text, nullable=False, server_default=""),
    sa.Column("data", Json, nullable=False, server_default="{}"),
    sa.Column("document_id", Uuid),
    now_column("first_seen_at"),
    now_column("last_seen_at"),
    sa.Column("resolved_at", Time),
    within_tenant("connection_id", "connection"),
    within_tenant("document_id", "document"),
    sa.Index("ix_drift_open", "tenant_id", "connection_id", postgresql_where=sa.text("resolved_at is null")),
)

drift_check = tenant_table(
    "drift_check",
    sa.Column("connection_id", Uuid, primary_key=True),
    sa.Column("area", Text, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    _count("ours"),
    _count("remote"),
    _count("differences"),
    sa.Column("checked_at", Time, nullable=False),
    within_tenant("connection_id", "connection"),
)

backfill = tenant_table(
    "backfill",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("connection_id", Uuid, nullable=False),
    sa.Column("state", Text, nullable=False),
    sa.Column("since", Time, nullable=False),
    sa.Column("until", Time, nullable=False),
    sa.Column("part_since", Time),
    sa.Column("cursor", Text),
    sa.Column("percent", sa.Integer, nullable=False),
    sa.Column("invoices", sa.Boolean, nullable=False),
    sa.Column("expected", sa.Integer),
    _count("pages"),
    _count("records"),
    _count("changed"),
    sa.Column("started_by", Text, nullable=False),
    now_column("started_at"),
    now_column("updated_at"),
    sa.Column("finished_at", Time),
    within_tenant("connection_id", "connection"),
    sa.CheckConstraint("percent between 1 and 100", name="share"),
    sa.Index(
        "uq_backfill_open",
        "tenant_id",
        "connection_id",
        unique=True,
        postgresql_where=sa.text("state in ('running', 'paused')"),
    ),
)
"""Reading a range of the past; at most one per connection is under way."""
