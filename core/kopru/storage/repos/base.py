"""What every repository has: one connection inside a transaction, and the tenant it may see."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY


def mine(table: sa.Table) -> sa.ColumnElement[bool]:
    """Return the condition that a row belongs to the tenant, for a statement that is built once."""
    condition: sa.ColumnElement[bool] = table.c.tenant_id == sa.bindparam("of_tenant")
    return condition


def any_of(name: str, type_: sa.types.TypeEngine[Any]) -> sa.CollectionAggregate[Any]:
    """Return "any of the values of a parameter": one text of a statement, however many values there are."""
    return sa.any_(sa.bindparam(name, type_=ARRAY(type_)))


class Repo:
    """A view on some tables of one tenant inside one transaction.

    Row-level security is the second wall; every statement here names the tenant as well. Statements that
    every order needs are built once, at import: building one costs as much as running it.
    """

    def __init__(self, db: sa.Connection, tenant_id: UUID) -> None:
        """Take the open connection and the tenant."""
        self.db = db
        self.tenant_id = tenant_id

    def run(self, statement: sa.Executable, **values: Any) -> sa.CursorResult[Any]:
        """Run a statement built with ``mine``."""
        return self.db.execute(statement, {"of_tenant": self.tenant_id, **values})

    def one(self, statement: sa.Select[Any], **values: Any) -> sa.Row[Any] | None:
        """Return the only row of a query, or ``None``."""
        return self.run(statement, **values).one_or_none()

    def all(self, statement: sa.Select[Any], **values: Any) -> Sequence[sa.Row[Any]]:
        """Return all rows of a query."""
        return self.run(statement, **values).all()

    def of(self, table: sa.Table) -> sa.ColumnElement[bool]:
        """Return the condition that a row belongs to the tenant."""
        condition: sa.ColumnElement[bool] = table.c.tenant_id == self.tenant_id
        return condition
