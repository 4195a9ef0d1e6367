"""Options and openings that many commands share."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer

from kopru.cli.host import Desk, Host, host
from kopru.cli.output import telling
from kopru.flows.connections import require_by_name
from kopru.flows.env import Lease, Work
from kopru.flows.records import ConnectionRow, OrderRow
from kopru.hooks.errors import ConfigError
from kopru.model import Language, Text

Tenant = Annotated[
    str, typer.Option("--tenant", "-t", help="The company (its short name).", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen; change and send nothing.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="How many rows at most.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Order = Annotated[str, typer.Argument(help="Order number, the channel's id, or our id.")]
Reveal = Annotated[bool, typer.Option("--reveal", help="Show personal data (audited).")]

ACTOR = "operator"


@dataclass(frozen=True)
class Session:
    """One command at work for one tenant."""

    host: Host
    desk: Desk
    work: Work
    language: Language

    def connection(self, name: str) -> ConnectionRow:
        """Return the connection of that name.

        Raises:
            ConfigError: there is none.
        """
        with self.work.read() as uow:
            return require_by_name(uow, name)

    def order(self, text: str) -> OrderRow:
        """Return the order of that number, channel's id or our id.

        Raises:
            ConfigError: there is none, or the number has several packages.
        """
        with self.work.read() as uow:
            found = uow.orders.find(text)
        if not found:
            raise ConfigError(
                "orders.unknown",
                Text(
                    tr=f"“{text}” siparişi yok. Bakın: kopru orders list",
                    en=f"There is no order “{text}”. See: kopru orders list",
                ),
            )
        if len(found) > 1:
            listed = ", ".join(row.external_id for row in found)
            raise ConfigError(
                "orders.several",
                Text(
                    tr=f"“{text}” birden çok paket: {listed}. Birini yazın.",
                    en=f"“{text}” has several packages: {listed}. Name one.",
                ),
            )
        return found[0]


@contextmanager
def session(context: typer.Context, tenant: str, *, dry_run: bool = False) -> Iterator[Session]:
    """Open the engine for one tenant and tell errors with their fix."""
    owner = host(context)
    with telling(owner.language), owner.open() as desk:
        work = Work(desk.env, desk.store.tenant_id(tenant), {}, Lease(None), actor=ACTOR, dry_run=dry_run)
        yield Session(owner, desk, work, owner.language)


@contextmanager
def desk(context: typer.Context) -> Iterator[tuple[Host, Desk]]:
    """Open the engine without a tenant."""
    owner = host(context)
    with telling(owner.language), owner.open() as opened:
        yield owner, opened
