"""The firm's databases. Holds nothing but the context of one call."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from kopru.sdk import Ctx, SqlRow, SqlRun, SqlValue
from kopru.toolkit import dates
from kopru_eta import errors
from kopru_eta.config import EtaConfig

Context = Ctx[EtaConfig]

_MARKED = frozenset({"invoices_by_key", "invoices_by_number", "invoice_by_ref", "invoices_between"})
"""Statements that read the key from the column the settings name."""


@dataclass(frozen=True, slots=True)
class Client:
    """One firm, seen through a hook's context. Raises what ``ctx.sql`` raises."""

    ctx: Context

    @property
    def config(self) -> EtaConfig:
        """Return the connection's settings."""
        return self.ctx.config

    @property
    def today(self) -> date:
        """Return the day it is in Türkiye."""
        return dates.local_date(self.ctx.now())

    @property
    def cards(self) -> str:
        """Return the database that holds the cards now."""
        return self.config.current(self.today)

    def read(
        self, statement: str, values: Mapping[str, SqlValue] | None = None, *, database: str = ""
    ) -> list[SqlRow]:
        """Run a statement; without a database on the one that holds the cards."""
        return self.ctx.sql.run(
            statement,
            values,
            database=database or self.cards,
            names=self.names(statement),
            explain=errors.explain,
            timeout=self.config.timeout,
        )

    def names(self, statement: str) -> dict[str, str]:
        """Return the names a reading statement has places for."""
        return {"key_column": self.config.key_column} if statement in _MARKED else {}

    @contextmanager
    def transaction(self, database: str) -> Iterator["Work"]:
        """Return a transaction that is committed at the end of the block."""
        with self.ctx.sql.transaction(database, timeout=self.config.timeout) as run:
            yield Work(self, run)


@dataclass(frozen=True, slots=True)
class Work:
    """Statements of one transaction."""

    client: Client
    sql: SqlRun

    def run(
        self, statement: str, values: Mapping[str, SqlValue], names: Mapping[str, str] | None = None
    ) -> list[SqlRow]:
        """Run a statement."""
        known = self.client.names(statement) if names is None else names
        return self.sql.run(statement, values, names=known, explain=errors.explain)
