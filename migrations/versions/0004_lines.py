"""Lines to be mapped, the rules people made, and the catalogue's version."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from kopru.storage import access

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TENANT_TABLES = (
    "catalogue",
    "item_alias",
    "rule",
    "line",
    "rejection",
    "partner_word",
    "line_step",
    "item_draft",
)


def upgrade() -> None:
    """Make the tables and put every one of them under row-level security."""
    op.add_column("item", sa.Column("version", sa.BigInteger(), server_default="0", nullable=False))
    op.create_index("ix_item_version", "item", ["tenant_id", "version"])
    make_teaching()
    make_lines()
    for statement in access.protect(TENANT_TABLES):
        op.execute(statement)


def make_teaching() -> None:
    """Make the tables of what people taught."""
    op.create_table(
        "catalogue",
        *_owner("catalogue"),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_catalogue")),
    )
    op.create_table(
        "item_alias",
        *_owner("item_alias", item_id="item"),
        sa.Column("item_id", sa.UUID(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        _flag("active", "true"),
        sa.Column("made_by", sa.Text(), nullable=False),
        _now("made_at"),
        sa.PrimaryKeyConstraint("tenant_id", "item_id", "key", name=op.f("pk_item_alias")),
    )
    op.create_table(
        "rule",
        *_owner("rule", item_id="item"),
        sa.Column("id", sa.UUID(), nullable=False),
        _text("partner"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        _text("text"),
        sa.Column("item_id", sa.UUID(), nullable=True),
        _text("service"),
        _text("unit"),
        _factor(),
        _count("hits"),
        sa.Column("last_hit_at", _TIME, nullable=True),
        _count("corrections"),
        sa.Column("made_by", sa.Text(), nullable=False),
        _now("made_at"),
        sa.Column("disabled_at", _TIME, nullable=True),
        _text("disabled_by"),
        sa.CheckConstraint("factor > 0", name=op.f("ck_rule_factor")),
        sa.CheckConstraint("(item_id is null) = (service <> '')", name=op.f("ck_rule_target")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_rule")),
    )
    op.create_index(
        "uq_rule_open",
        "rule",
        ["tenant_id", "partner", "kind", "key", "unit"],
        unique=True,
        postgresql_where=sa.text("disabled_at is null"),
    )
    op.create_table(
        "rejection",
        *_owner("rejection", item_id="item"),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("text_key", sa.Text(), nullable=False),
        sa.Column("item_id", sa.UUID(), nullable=False),
        _flag("active", "true"),
        sa.Column("made_by", sa.Text(), nullable=False),
        _now("made_at"),
        sa.PrimaryKeyConstraint("tenant_id", "partner", "text_key", "item_id", name=op.f("pk_rejection")),
    )
    op.create_table(
        "partner_word",
        *_owner("partner_word"),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("meaning", sa.Text(), nullable=False),
        _count("seen"),
        sa.PrimaryKeyConstraint("tenant_id", "partner", "word", "meaning", name=op.f("pk_partner_word")),
    )


def make_lines() -> None:
    """Make the tables of lines and of the decisions on them."""
    op.create_table(
        "line",
        *_owner("line", order_id="order", item_id="item", rule_id="rule"),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_ref", sa.Text(), nullable=False),
        sa.Column("source_line", sa.Text(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=True),
        sa.Column("partner", sa.Text(), nullable=False),
        _text("partner_name"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_key", sa.Text(), nullable=False),
        *map(_text, ("seller_code", "own_code", "code_key", "barcode", "barcode_key", "unit")),
        sa.Column("quantity", _AMOUNT, nullable=True),
        sa.Column("price", _AMOUNT, nullable=True),
        _text("currency"),
        sa.Column("vat_rate", _AMOUNT, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", postgresql.JSONB(), nullable=True),
        sa.Column("suggestions", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        _flag("clean", "false"),
        _text("version"),
        sa.Column("item_id", sa.UUID(), nullable=True),
        _text("service"),
        _factor(),
        sa.Column("rule_id", sa.UUID(), nullable=True),
        _text("made_by"),
        _flag("alone", "false"),
        _flag("corrected", "false"),
        _text("parked"),
        _now("created_at"),
        sa.Column("decided_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_line")),
        sa.UniqueConstraint(
            "tenant_id",
            "source",
            "source_ref",
            "source_line",
            name=op.f("uq_line_tenant_id_source_source_ref_source_line"),
        ),
    )
    op.create_index(
        "ix_line_open", "line", ["tenant_id", "partner"], postgresql_where=sa.text("item_id is null")
    )
    op.create_index("ix_line_text_key", "line", ["tenant_id", "text_key"])
    op.create_index("ix_line_decided", "line", ["tenant_id", "partner", "decided_at"])
    op.create_table(
        "line_step",
        *_owner("line_step"),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        _now("made_at"),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.Column("undone_at", _TIME, nullable=True),
        _text("undone_by"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_line_step")),
    )
    op.create_index("ix_line_step_made_at", "line_step", ["tenant_id", "made_at"])
    op.create_table(
        "item_draft",
        *_owner("item_draft", line_id="line"),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("line_id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        *map(_text, ("barcode", "unit")),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("vat_rate", _AMOUNT, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        _now("made_at"),
        _text("decided_by"),
        sa.Column("decided_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_item_draft")),
        sa.UniqueConstraint("tenant_id", "line_id", name=op.f("uq_item_draft_tenant_id_line_id")),
    )


_TIME = sa.DateTime(timezone=True)
_AMOUNT = sa.Numeric(24, 8)


def _owner(table: str, **references: str) -> tuple[sa.schema.SchemaItem, ...]:
    """Return the column that says whose row it is, and foreign keys into the same tenant."""
    return (
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f(f"fk_{table}_tenant_id")),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                [f"{target}.tenant_id", f"{target}.id"],
                name=op.f(f"fk_{table}_tenant_id_{column}"),
            )
            for column, target in references.items()
        ),
    )


def _text(name: str) -> sa.schema.SchemaItem:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _flag(name: str, default: str) -> sa.schema.SchemaItem:
    return sa.Column(name, sa.Boolean(), server_default=sa.text(default), nullable=False)


def _count(name: str) -> sa.schema.SchemaItem:
    return sa.Column(name, sa.Integer(), server_default="0", nullable=False)


def _factor() -> sa.schema.SchemaItem:
    return sa.Column("factor", _AMOUNT, server_default="1", nullable=False)


def _now(name: str) -> sa.schema.SchemaItem:
    return sa.Column(name, _TIME, server_default=sa.text("clock_timestamp()"), nullable=False)
