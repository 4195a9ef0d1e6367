"""Orders with their raw payloads and versions, items, partners and stock."""

import sqlalchemy as sa

from kopru.storage.tables.base import (
    Amount,
    Json,
    Money,
    Text,
    Time,
    Uuid,
    now_column,
    tenant_table,
    within_tenant,
)

payload = tenant_table(
    "payload",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("connection_id", Uuid, nullable=False),
    sa.Column("kind", Text, nullable=False),
    sa.Column("external_id", Text, nullable=False),
    sa.Column("digest", Text, nullable=False),
    sa.Column("media_type", Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    now_column("received_at"),
    within_tenant("connection_id", "connection"),
    sa.UniqueConstraint("tenant_id", "connection_id", "kind", "external_id", "digest"),
)

order = tenant_table(
    "order",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("connection_id", Uuid, nullable=False),
    sa.Column("external_id", Text, nullable=False),
    sa.Column("number", Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("revision", Text, nullable=False),
    sa.Column("modified_at", Time, nullable=False),
    sa.Column("placed_at", Time, nullable=False),
    sa.Column("status", Text, nullable=False),
    sa.Column("state", Text, nullable=False),
    sa.Column("reason", Json),
    sa.Column("findings", Json, nullable=False, server_default="[]"),
    sa.Column("total", Money),
    sa.Column("currency", Text),
    sa.Column("buyer", Text, nullable=False, server_default=""),
    sa.Column("body", Json),
    sa.Column("payload_id", Uuid, nullable=False),
    now_column("seen_at"),
    now_column("updated_at"),
    within_tenant("connection_id", "connection"),
    within_tenant("payload_id", "payload"),
    sa.UniqueConstraint("tenant_id", "connection_id", "external_id"),
    sa.Index("ix_order_tenant_id_state", "tenant_id", "state"),
    sa.Index("ix_order_tenant_id_number", "tenant_id", "number"),
)

order_version = tenant_table(
    "order_version",
    sa.Column("order_id", Uuid, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("revision", Text, nullable=False),
    sa.Column("body", Json),
    sa.Column("payload_id", Uuid, nullable=False),
    now_column("seen_at"),
    within_tenant("order_id", "order"),
    within_tenant("payload_id", "payload"),
)

return_ = tenant_table(
    "return",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("connection_id", Uuid, nullable=False),
    sa.Column("external_id", Text, nullable=False),
    sa.Column("order_number", Text, nullable=False),
    sa.Column("revision", Text, nullable=False),
    sa.Column("state", Text, nullable=False),
    sa.Column("reason", Json),
    sa.Column("body", Json),
    sa.Column("payload_id", Uuid, nullable=False),
    now_column("seen_at"),
    within_tenant("connection_id", "connection"),
    within_tenant("payload_id", "payload"),
    sa.UniqueConstraint("tenant_id", "connection_id", "external_id"),
)

item = tenant_table(
    "item",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("code", Text, nullable=False),
    sa.Column("code_key", Text, nullable=False),
    sa.Column("name", Text, nullable=False),
    sa.Column("folded", Text, nullable=False),
    sa.Column("kind", Text, nullable=False),
    sa.Column("unit", Text, nullable=False),
    sa.Column("vat_rate", Amount),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.text("true")),
    sa.Column("connection_id", Uuid),
    sa.Column("version", sa.BigInteger, nullable=False, server_default="0"),
    now_column("updated_at"),
    within_tenant("connection_id", "connection"),
    sa.UniqueConstraint("tenant_id", "code"),
    sa.Index("ix_item_version", "tenant_id", "version"),
    sa.Index("ix_item_code_key", "tenant_id", "code_key"),
)

item_barcode = tenant_table(
    "item_barcode",
    sa.Column("barcode", Text, primary_key=True),
    sa.Column("item_id", Uuid, primary_key=True),
    sa.Column("barcode_key", Text, nullable=False),
    sa.Index("ix_item_barcode_key", "tenant_id", "barcode_key"),
    within_tenant("item_id", "item"),
)

item_link = tenant_table(
    "item_link",
    sa.Column("connection_id", Uuid, primary_key=True),
    sa.Column("key", Text, primary_key=True),
    sa.Column("item_id", Uuid, nullable=False),
    sa.Column("made_by", Text, nullable=False),
    now_column("made_at"),
    within_tenant("connection_id", "connection"),
    within_tenant("item_id", "item"),
)

product = tenant_table(
    "product",
    sa.Column("connection_id", Uuid, primary_key=True),
    sa.Column("external_id", Text, primary_key=True),
    sa.Column("sku", Text, nullable=False),
    sa.Column("barcode", Text, nullable=False),
    sa.Column("name", Text, nullable=False),
    sa.Column("item_id", Uuid),
    sa.Column("body", Json, nullable=False),
    now_column("seen_at"),
    within_tenant("connection_id", "connection"),
    within_tenant("item_id", "item"),
)

recipient = tenant_table(
    "recipient",
    sa.Column("tax_number", Text, primary_key=True),
    sa.Column("body", Json, nullable=False),
    now_column("checked_at"),
)

binding = tenant_table(
    "binding",
    sa.Column("connection_id", Uuid, primary_key=True),
    sa.Column("kind", Text, primary_key=True),
    sa.Column("key", Text, primary_key=True),
    sa.Column("external_id", Text, nullable=False),
    sa.Column("number", Text),
    now_column("bound_at"),
    within_tenant("connection_id", "connection"),
)

stock_level = tenant_table(
    "stock_level",
    sa.Column("connection_id", Uuid, primary_key=True),
    sa.Column("item_code", Text, primary_key=True),
    sa.Column("warehouse", Text, primary_key=True),
    sa.Column("on_hand", Amount, nullable=False),
    sa.Column("as_of", Time, nullable=False),
    within_tenant("connection_id", "connection"),
)

stock_push = tenant_table(
    "stock_push",
    sa.Column("connection_id", Uuid, primary_key=True),
    sa.Column("external_id", Text, primary_key=True),
    sa.Column("desired", sa.Integer, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("pushed_version", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("sent_version", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("batch", Text),
    sa.Column("sent_at", Time),
    sa.Column("error", Json),
    within_tenant("connection_id", "connection"),
    sa.Index(
        "ix_stock_push_due",
        "tenant_id",
        "connection_id",
        postgresql_where=sa.text("version > pushed_version"),
    ),
)

party_card = tenant_table(
    "party_card",
    sa.Column("connection_id", Uuid, primary_key=True),
    sa.Column("external_id", Text, primary_key=True),
    sa.Column("code", Text, nullable=False),
    sa.Column("name", Text, nullable=False),
    sa.Column("tax_number", Text, nullable=False, server_default=""),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.text("true")),
    now_column("seen_at"),
    within_tenant("connection_id", "connection"),
    sa.Index("ix_party_card_tax_number", "tenant_id", "connection_id", "tax_number"),
)

item_price = tenant_table(
    "item_price",
    sa.Column("item_code", Text, primary_key=True),
    sa.Column("price", Money, nullable=False),
    sa.Column("list_price", Money),
    sa.Column("currency", Text, nullable=False),
    now_column("updated_at"),
)

price_push = tenant_table(
    "price_push",
    sa.Column("connection_id", Uuid, primary_key=True),
    sa.Column("external_id", Text, primary_key=True),
    sa.Column("desired", Money, nullable=False),
    sa.Column("list_price", Money),
    sa.Column("currency", Text, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("pushed_version", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("sent_version", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("batch", Text),
    sa.Column("sent_at", Time),
    sa.Column("error", Json),
    within_tenant("connection_id", "connection"),
    sa.Index(
        "ix_price_push_due",
        "tenant_id",
        "connection_id",
        postgresql_where=sa.text("version > pushed_version"),
    ),
)
