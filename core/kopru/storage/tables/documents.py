"""Documents, their numbers, the effects they have elsewhere, the archive and the event chain."""

import sqlalchemy as sa

from kopru.storage.tables.base import Json, Money, Text, Time, Uuid, now_column, tenant_table, within_tenant

document = tenant_table(
    "document",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("key", Text, nullable=False),
    sa.Column("order_id", Uuid, nullable=False),
    sa.Column("type", Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("order_version", sa.Integer, nullable=False),
    sa.Column("profile", Text, nullable=False),
    sa.Column("state", Text, nullable=False),
    sa.Column("reason", Json),
    sa.Column("number", Text),
    sa.Column("issue_date", sa.Date, nullable=False),
    sa.Column("total", Money, nullable=False),
    sa.Column("currency", Text, nullable=False),
    sa.Column("body", Json, nullable=False),
    sa.Column("stages", Json, nullable=False, server_default="{}"),
    sa.Column("partner_code", Text, nullable=False, server_default=""),
    sa.Column("channel_id", Uuid),
    sa.Column("ledger_id", Uuid),
    sa.Column("remote_state", Text),
    sa.Column("remote_code", Text),
    sa.Column("remote_text", Text),
    sa.Column("follow_at", Time),
    sa.Column("follow_count", sa.Integer, nullable=False, server_default="0"),
    sa.Column("xml", Text),
    sa.Column("pdf", Text),
    sa.Column("original_id", Uuid),
    now_column("created_at"),
    sa.Column("issued_at", Time),
    within_tenant("order_id", "order"),
    within_tenant("channel_id", "connection"),
    within_tenant("ledger_id", "connection"),
    within_tenant("original_id", "document"),
    sa.UniqueConstraint("tenant_id", "key"),
    sa.Index("ix_document_tenant_id_order_id", "tenant_id", "order_id"),
    sa.Index(
        "ix_document_follow",
        "tenant_id",
        "channel_id",
        "follow_at",
        postgresql_where=sa.text("follow_at is not null"),
    ),
)

LARGEST_SEQUENCE = 999_999_999
"""GİB numbers have nine digits after series and year."""

series = tenant_table(
    "series",
    sa.Column("prefix", Text, primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("last", sa.Integer, nullable=False),
    sa.Column("last_date", sa.Date, nullable=False),
)

adopted = tenant_table(
    "adopted",
    sa.Column("document_id", Uuid, primary_key=True),
    sa.Column("prefix", Text, nullable=False),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("issue_date", sa.Date, nullable=False),
    now_column("adopted_at"),
    sa.UniqueConstraint("tenant_id", "prefix", "year", "sequence"),
)
"""Numbers that a channel holds and a restored database forgot, by ETTN: the same document gets them again."""

number = tenant_table(
    "number",
    sa.Column("prefix", Text, primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("sequence", sa.Integer, primary_key=True),
    sa.Column("document_id", Uuid, nullable=False),
    sa.Column("issue_date", sa.Date, nullable=False),
    sa.Column("void_reason", Text),
    now_column("allotted_at"),
    within_tenant("document_id", "document"),
    sa.UniqueConstraint("tenant_id", "document_id"),
    sa.CheckConstraint(f"sequence between 1 and {LARGEST_SEQUENCE}", name="fits"),
)

effect = tenant_table(
    "effect",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("key", Text, nullable=False),
    sa.Column("operation", Text, nullable=False),
    sa.Column("connection_id", Uuid, nullable=False),
    sa.Column("document_id", Uuid),
    sa.Column("order_id", Uuid),
    sa.Column("state", Text, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),
    sa.Column("request_hash", Text),
    sa.Column("sent_at", Time),
    sa.Column("lookups", sa.Integer, nullable=False, server_default="0"),
    sa.Column("ref_kind", Text),
    sa.Column("ref_id", Text),
    sa.Column("number", Text),
    sa.Column("echo", Json),
    sa.Column("reason", Json),
    now_column("updated_at"),
    within_tenant("connection_id", "connection"),
    within_tenant("document_id", "document"),
    within_tenant("order_id", "order"),
    sa.UniqueConstraint("tenant_id", "key"),
    sa.Index("ix_effect_tenant_id_document_id", "tenant_id", "document_id"),
    sa.Index("ix_effect_order_id", "tenant_id", "order_id", postgresql_where=sa.text("order_id is not null")),
    sa.Index(
        "ix_effect_open", "tenant_id", "state", postgresql_where=sa.text("state in ('sending', 'uncertain')")
    ),
)

archive = tenant_table(
    "archive",
    sa.Column("digest", Text, primary_key=True),
    sa.Column("media_type", Text, nullable=False),
    sa.Column("filename", Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    now_column("stored_at"),
)

inbox = tenant_table(
    "inbox",
    sa.Column("connection_id", Uuid, primary_key=True),
    sa.Column("external_id", Text, primary_key=True),
    sa.Column("number", Text, nullable=False),
    sa.Column("sender", Text, nullable=False),
    sa.Column("total", Money),
    sa.Column("body", Json),
    sa.Column("payload_id", Uuid, nullable=False),
    now_column("seen_at"),
    within_tenant("connection_id", "connection"),
    within_tenant("payload_id", "payload"),
)

event = tenant_table(
    "event",
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    now_column("at"),
    sa.Column("actor", Text, nullable=False),
    sa.Column("subject", Text, nullable=False),
    sa.Column("subject_id", Text, nullable=False),
    sa.Column("action", Text, nullable=False),
    sa.Column("data", Json, nullable=False, server_default="{}"),
    sa.Index("ix_event_subject", "tenant_id", "subject_id"),
)

event_seal = tenant_table(
    "event_seal",
    sa.Column("event_id", sa.BigInteger, primary_key=True),
    sa.Column("hash", sa.LargeBinary, nullable=False),
)

exchange = tenant_table(
    "exchange",
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("connection_id", Uuid, nullable=False),
    now_column("at"),
    sa.Column("method", Text, nullable=False),
    sa.Column("url", Text, nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("milliseconds", sa.Integer, nullable=False),
    sa.Column("request", Text, nullable=False),
    sa.Column("response", Text, nullable=False),
    sa.Column("error", Text, nullable=False, server_default=""),
    within_tenant("connection_id", "connection"),
    sa.Index("ix_exchange_connection", "tenant_id", "connection_id", "at"),
)
