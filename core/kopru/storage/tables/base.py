"""Column shorthands shared by all tables. Every tenant table starts with ``tenant_id`` in its key."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from kopru.storage.storable import storable

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Text(sa.types.TypeDecorator[str]):
    """Text that PostgreSQL can store: what it refuses (NUL, half of a surrogate pair) becomes U+FFFD."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        """Return the text as it is stored and searched for."""
        return None if value is None else storable(value)


Json = pg.JSONB(none_as_null=True)
Uuid = pg.UUID(as_uuid=True)
Time = sa.DateTime(timezone=True)
Money = sa.Numeric(20, 2)
Amount = sa.Numeric(24, 8)

TENANT_TABLES: list[sa.Table] = []
"""Tables under row-level security, in order of definition."""


def tenant_id(*, primary_key: bool = True) -> sa.Column[Any]:
    """Return the column that names the owner of a row."""
    return sa.Column("tenant_id", Uuid, sa.ForeignKey("tenant.id"), primary_key=primary_key, nullable=False)


def now_column(name: str) -> sa.Column[Any]:
    """Return a time column that the database fills."""
    return sa.Column(name, Time, nullable=False, server_default=sa.func.clock_timestamp())


def within_tenant(column: str, table: str) -> sa.ForeignKeyConstraint:
    """Return a foreign key that can never point into another tenant (keys ignore row-level security)."""
    return sa.ForeignKeyConstraint(["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"])


def tenant_table(name: str, *parts: Any) -> sa.Table:
    """Define a table under row-level security."""
    table = sa.Table(name, metadata, tenant_id(), *parts)
    TENANT_TABLES.append(table)
    return table
