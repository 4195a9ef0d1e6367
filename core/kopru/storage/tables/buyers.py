"""What buyers call our items."""

import sqlalchemy as sa

from kopru.storage.tables.base import Text, Uuid, now_column, tenant_table, within_tenant

buyer = tenant_table(
    "buyer",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("tax_number", Text, nullable=False),
    sa.Column("name", Text, nullable=False, server_default=""),
    sa.Column("gaps", Text, nullable=False),
    sa.Column("made_by", Text, nullable=False),
    now_column("updated_at"),
    sa.UniqueConstraint("tenant_id", "tax_number"),
)
"""A buyer that wants its own codes or names on its invoices."""

buyer_item = tenant_table(
    "buyer_item",
    sa.Column("buyer_id", Uuid, primary_key=True),
    sa.Column("item_key", Text, primary_key=True),
    sa.Column("item_code", Text, nullable=False),
    sa.Column("code", Text, nullable=False),
    sa.Column("name", Text, nullable=False, server_default=""),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.text("true")),
    sa.Column("made_by", Text, nullable=False),
    now_column("updated_at"),
    within_tenant("buyer_id", "buyer"),
    sa.CheckConstraint("code <> '' or name <> ''", name="says"),
)
"""One of our items as a buyer calls it; ``item_key`` is our code as codes are compared."""
