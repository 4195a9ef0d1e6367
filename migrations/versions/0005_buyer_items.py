"""What buyers call our items."""

import sqlalchemy as sa
from alembic import op

from kopru.storage import access

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TENANT_TABLES = ("buyer", "buyer_item")


def upgrade() -> None:
    """Make the tables and put both of them under row-level security."""
    op.create_table(
        "buyer",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("tax_number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("gaps", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        _now("updated_at"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_buyer_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_buyer")),
        sa.UniqueConstraint("tenant_id", "tax_number", name=op.f("uq_buyer_tenant_id_tax_number")),
    )
    op.create_table(
        "buyer_item",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("buyer_id", sa.UUID(), nullable=False),
        sa.Column("item_key", sa.Text(), nullable=False),
        sa.Column("item_code", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        _now("updated_at"),
        sa.CheckConstraint("code <> '' or name <> ''", name=op.f("ck_buyer_item_says")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_buyer_item_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "buyer_id"],
            ["buyer.tenant_id", "buyer.id"],
            name=op.f("fk_buyer_item_tenant_id_buyer_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "buyer_id", "item_key", name=op.f("pk_buyer_item")),
    )
    for statement in access.protect(TENANT_TABLES):
        op.execute(statement)


def _now(name: str) -> sa.schema.SchemaItem:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
    )
