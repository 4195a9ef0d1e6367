"""Orders counted twice, both sides compared, and orders read afterwards."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from kopru.storage import access

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TENANT_TABLES = ("order_check", "order_listed", "drift", "drift_check", "backfill")


def upgrade() -> None:
    """Make the tables and put every one of them under row-level security."""
    make_tables()
    for statement in access.protect(TENANT_TABLES):
        op.execute(statement)


def make_tables() -> None:
    """Make the tables."""
    op.create_table(
        "order_check",
        *_owner("order_check"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.Column("part_since", _TIME, nullable=True),
        sa.Column("cursor", sa.Text(), nullable=True),
        *_counts("remote", "ours", "missing", "behind", "differing", "extra", "unread", "recovered"),
        sa.Column("differences", postgresql.JSONB(), server_default="[]", nullable=False),
        _now("started_at"),
        sa.Column("checked_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "connection_id", "day", name=op.f("pk_order_check")),
    )
    op.create_table(
        "order_listed",
        *_owner("order_listed"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "connection_id", "day", "external_id", name=op.f("pk_order_listed")
        ),
    )
    op.create_table(
        "drift",
        *_owner("drift"),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("reason", postgresql.JSONB(), nullable=False),
        sa.Column("command", sa.Text(), server_default="", nullable=False),
        sa.Column("data", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("document_id", sa.UUID(), nullable=True),
        _now("first_seen_at"),
        _now("last_seen_at"),
        sa.Column("resolved_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["document.tenant_id", "document.id"],
            name=op.f("fk_drift_tenant_id_document_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "connection_id", "area", "subject", name=op.f("pk_drift")),
    )
    op.create_index(
        "ix_drift_open",
        "drift",
        ["tenant_id", "connection_id"],
        unique=False,
        postgresql_where=sa.text("resolved_at is null"),
    )
    op.create_table(
        "drift_check",
        *_owner("drift_check"),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *_counts("ours", "remote", "differences"),
        sa.Column("checked_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "connection_id", "area", "day", name=op.f("pk_drift_check")),
    )
    op.create_table(
        "backfill",
        sa.Column("id", sa.UUID(), nullable=False),
        *_owner("backfill"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.Column("part_since", _TIME, nullable=True),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("invoices", sa.Boolean(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=True),
        *_counts("pages", "records", "changed"),
        sa.Column("started_by", sa.Text(), nullable=False),
        _now("started_at"),
        _now("updated_at"),
        sa.Column("finished_at", _TIME, nullable=True),
        sa.CheckConstraint("percent between 1 and 100", name=op.f("ck_backfill_share")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_backfill")),
    )
    op.create_index(
        "uq_backfill_open",
        "backfill",
        ["tenant_id", "connection_id"],
        unique=True,
        postgresql_where=sa.text("state in ('running', 'paused')"),
    )


_TIME = sa.DateTime(timezone=True)


def _owner(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    """Return the columns that say whose row it is, with their foreign keys."""
    return (
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("connection_id", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f(f"fk_{table}_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f(f"fk_{table}_tenant_id_connection_id"),
        ),
    )


def _counts(*names: str) -> list[sa.schema.SchemaItem]:
    return [sa.Column(name, sa.Integer(), server_default="0", nullable=False) for name in names]


def _now(name: str) -> sa.schema.SchemaItem:
    default = sa.text("clock_timestamp()")
    return sa.Column(name, _TIME, server_default=default, nullable=False)
