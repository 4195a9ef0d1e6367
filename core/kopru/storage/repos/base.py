"""What every repository has: one connection inside a transaction, and the tenant it may see."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa


class Repo:
    """A view on some tables of one tenant inside one transaction.

    Row-level security is the second wall; every statement here names the tenant as well.
    """

    def __init__(self, db: sa.Connection, tenant_id: UUID) -> None:
        """Take the open connection and the tenant."""
        self.db = db
        self.tenant_id = tenant_id

    def one(self, statement: sa.Select[Any]) -> sa.Row[Any] | None:
        """Return the only row of a query, or ``None``."""
        return self.db.execute(statement).one_or_none()

    def all(self, statement: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        """Return all rows of a query."""
        return self.db.execute(statement).all()

    def of(self, table: sa.Table) -> sa.ColumnElement[bool]:
        """Return the condition that a row belongs to the tenant."""
        condition: sa.ColumnElement[bool] = table.c.tenant_id == self.tenant_id
        return condition
