"""Lines to be mapped to own items, what people taught about them, and the catalogue's version."""

import sqlalchemy as sa

from kopru.storage.tables.base import Amount, Json, Text, Time, Uuid, now_column, tenant_table, within_tenant


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, Text, nullable=False, server_default="")


def _flag(name: str, default: str) -> "sa.Column[bool]":
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.text(default))


catalogue = tenant_table(
    "catalogue",
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("threshold", sa.Float),
)
"""One row per tenant: rises with every change of an item or of its names; each item carries the version it
was changed in. ``threshold`` is the tenant's own, once enough lines were decided."""

item_alias = tenant_table(
    "item_alias",
    sa.Column("item_id", Uuid, primary_key=True),
    sa.Column("key", Text, primary_key=True),
    sa.Column("text", Text, nullable=False),
    _flag("active", "true"),
    sa.Column("made_by", Text, nullable=False),
    now_column("made_at"),
    within_tenant("item_id", "item"),
)

rule = tenant_table(
    "rule",
    sa.Column("id", Uuid, primary_key=True),
    _text("partner"),
    sa.Column("kind", Text, nullable=False),
    sa.Column("key", Text, nullable=False),
    _text("text"),
    sa.Column("item_id", Uuid),
    _text("service"),
    _text("unit"),
    sa.Column("factor", Amount, nullable=False, server_default="1"),
    sa.Column("hits", sa.Integer, nullable=False, server_default="0"),
    sa.Column("last_hit_at", Time),
    sa.Column("corrections", sa.Integer, nullable=False, server_default="0"),
    sa.Column("made_by", Text, nullable=False),
    now_column("made_at"),
    sa.Column("disabled_at", Time),
    _text("disabled_by"),
    sa.CheckConstraint("factor > 0", name="factor"),
    sa.CheckConstraint("(item_id is null) = (service <> '')", name="target"),
    within_tenant("item_id", "item"),
    sa.Index(
        "uq_rule_open",
        "tenant_id",
        "partner",
        "kind",
        "key",
        "unit",
        unique=True,
        postgresql_where=sa.text("disabled_at is null"),
    ),
)
"""What a text, code or pattern of a partner means; without partner for all of them."""

line = tenant_table(
    "line",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("source", Text, nullable=False),
    sa.Column("source_ref", Text, nullable=False),
    sa.Column("source_line", Text, nullable=False),
    sa.Column("order_id", Uuid),
    sa.Column("partner", Text, nullable=False),
    _text("partner_name"),
    sa.Column("text", Text, nullable=False),
    sa.Column("text_key", Text, nullable=False),
    _text("seller_code"),
    _text("own_code"),
    _text("code_key"),
    _text("barcode"),
    _text("barcode_key"),
    _text("unit"),
    sa.Column("quantity", Amount),
    sa.Column("price", Amount),
    _text("currency"),
    sa.Column("vat_rate", Amount),
    sa.Column("state", Text, nullable=False),
    sa.Column("reason", Json),
    sa.Column("suggestions", Json, nullable=False, server_default="[]"),
    sa.Column("score", sa.Float),
    _flag("clean", "false"),
    _text("version"),
    sa.Column("item_id", Uuid),
    _text("service"),
    sa.Column("factor", Amount, nullable=False, server_default="1"),
    sa.Column("rule_id", Uuid),
    _text("made_by"),
    _flag("alone", "false"),
    _flag("corrected", "false"),
    _text("parked"),
    now_column("created_at"),
    sa.Column("decided_at", Time),
    within_tenant("order_id", "order"),
    within_tenant("item_id", "item"),
    within_tenant("rule_id", "rule"),
    sa.UniqueConstraint("tenant_id", "source", "source_ref", "source_line"),
    sa.Index("ix_line_open", "tenant_id", "partner", postgresql_where=sa.text("item_id is null")),
    sa.Index("ix_line_text_key", "tenant_id", "text_key"),
    sa.Index("ix_line_decided", "tenant_id", "partner", "decided_at"),
)
"""``clean``: nothing speaks against the first suggestion. ``alone``: decided without a person."""

rejection = tenant_table(
    "rejection",
    sa.Column("partner", Text, primary_key=True),
    sa.Column("text_key", Text, primary_key=True),
    sa.Column("item_id", Uuid, primary_key=True),
    _flag("active", "true"),
    sa.Column("made_by", Text, nullable=False),
    now_column("made_at"),
    within_tenant("item_id", "item"),
)

partner_word = tenant_table(
    "partner_word",
    sa.Column("partner", Text, primary_key=True),
    sa.Column("word", Text, primary_key=True),
    sa.Column("meaning", Text, primary_key=True),
    sa.Column("seen", sa.Integer, nullable=False, server_default="0"),
)
"""Abbreviations a partner uses, with how many confirmed lines showed them."""

line_step = tenant_table(
    "line_step",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("kind", Text, nullable=False),
    sa.Column("made_by", Text, nullable=False),
    now_column("made_at"),
    sa.Column("data", Json, nullable=False),
    sa.Column("undone_at", Time),
    _text("undone_by"),
    sa.Index("ix_line_step_made_at", "tenant_id", "made_at"),
)
"""What one decision changed, so that it can be taken back as a whole."""

item_draft = tenant_table(
    "item_draft",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("line_id", Uuid, nullable=False),
    sa.Column("code", Text, nullable=False),
    sa.Column("name", Text, nullable=False),
    _text("barcode"),
    _text("unit"),
    sa.Column("kind", Text, nullable=False),
    sa.Column("vat_rate", Amount),
    sa.Column("state", Text, nullable=False),
    sa.Column("made_by", Text, nullable=False),
    now_column("made_at"),
    _text("decided_by"),
    sa.Column("decided_at", Time),
    within_tenant("line_id", "line"),
    sa.UniqueConstraint("tenant_id", "line_id"),
)
"""Items proposed from lines; a person approves them before they exist."""
