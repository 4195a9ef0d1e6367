"""Prices of own items and what channels should show of them, the ledger's cards, writes made for an order."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from kopru.storage import access

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TENANT_TABLES = ("party_card", "item_price", "price_push")


def upgrade() -> None:
    """Make the tables and put every one of them under row-level security."""
    make_cards()
    make_prices()
    op.create_index(
        "ix_effect_order_id",
        "effect",
        ["tenant_id", "order_id"],
        postgresql_where=sa.text("order_id is not null"),
    )
    for statement in access.protect(TENANT_TABLES):
        op.execute(statement)


def make_cards() -> None:
    """Make the table of the ledger's business partner cards."""
    op.create_table(
        "party_card",
        *_owner("party_card", connection_id="connection"),
        sa.Column("connection_id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tax_number", sa.Text(), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        _now("seen_at"),
        sa.PrimaryKeyConstraint("tenant_id", "connection_id", "external_id", name=op.f("pk_party_card")),
    )
    op.create_index("ix_party_card_tax_number", "party_card", ["tenant_id", "connection_id", "tax_number"])


def make_prices() -> None:
    """Make the tables of prices as we know them and as channels should show them."""
    op.create_table(
        "item_price",
        *_owner("item_price"),
        sa.Column("item_code", sa.Text(), nullable=False),
        sa.Column("price", sa.Numeric(20, 2), nullable=False),
        sa.Column("list_price", sa.Numeric(20, 2), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        _now("updated_at"),
        sa.PrimaryKeyConstraint("tenant_id", "item_code", name=op.f("pk_item_price")),
    )
    op.create_table(
        "price_push",
        *_owner("price_push", connection_id="connection"),
        sa.Column("connection_id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("desired", sa.Numeric(20, 2), nullable=False),
        sa.Column("list_price", sa.Numeric(20, 2), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("pushed_version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sent_version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("batch", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "connection_id", "external_id", name=op.f("pk_price_push")),
    )
    op.create_index(
        "ix_price_push_due",
        "price_push",
        ["tenant_id", "connection_id"],
        postgresql_where=sa.text("version > pushed_version"),
    )


def _owner(table: str, **keys: str) -> list[sa.schema.SchemaItem]:
    """Return the owner's column, and the keys that cannot point at another owner's rows."""
    return [
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f(f"fk_{table}_tenant_id")),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                [f"{other}.tenant_id", f"{other}.id"],
                name=op.f(f"fk_{table}_tenant_id_{column}"),
            )
            for column, other in keys.items()
        ),
    ]


def _now(name: str) -> sa.schema.SchemaItem:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
    )
