"""Circuits, shares of the workers, and schedules that people change."""

import sqlalchemy as sa
from alembic import op

from kopru.storage import access

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the gates of connections and the columns that dispatching and schedules need."""
    make_gate()
    for statement in access.protect(("gate",)):
        op.execute(statement)
    for statement in access.open_to_engine(("gate",)):
        op.execute(statement)
    op.add_column("tenant", sa.Column("weight", sa.Integer(), server_default="1", nullable=False))
    op.create_check_constraint(op.f("ck_tenant_weight"), "tenant", "weight > 0")
    op.add_column("worker", sa.Column("threads", sa.Integer(), server_default="0", nullable=False))
    op.add_column("schedule", sa.Column("lane", sa.SmallInteger(), server_default="2", nullable=False))
    op.add_column("schedule", sa.Column("catch_up", sa.Text(), server_default="once", nullable=False))
    op.add_column(
        "schedule", sa.Column("custom", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )


def make_gate() -> None:
    """Make the table of gates."""
    op.create_table(
        "gate",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("connection_id", sa.UUID(), nullable=False),
        sa.Column("at_once", sa.Integer(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("trips", sa.Integer(), server_default="0", nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("probe_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("at_once > 0", name=op.f("ck_gate_at_once")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_gate_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f("fk_gate_tenant_id_connection_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "connection_id", name=op.f("pk_gate")),
    )
