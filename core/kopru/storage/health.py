"""What the database says of the installation's health."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from kopru.storage.access import OPENINGS
from kopru.storage.store import Store

LOOK = sa.text("""
    select clock_timestamp() as now,
        (select coalesce(string_agg(rolname, ', '), '') from pg_roles
            where rolname like 'kopru_%' and (rolsuper or rolbypassrls)) as mighty_roles,
        (select count(*) from worker where seen_at > clock_timestamp() - interval '30 seconds') as workers,
        (select coalesce(extract(epoch from clock_timestamp() - min(run_at)), 0) from job
            where state = 'queued' and run_at < clock_timestamp()) as overdue,
        (select coalesce(extract(epoch from clock_timestamp() - min(next_at)), 0) from schedule
            where enabled and next_at < clock_timestamp()) as late,
        (select count(*) from job where state in ('parked', 'dead')) as aside
""")


@dataclass(frozen=True, slots=True)
class Health:
    """The database's clock, working roles with too much power, workers alive, jobs set aside for someone.

    ``overdue`` and ``late``: for how many seconds the oldest job and schedule that is due has been waiting.
    """

    now: datetime
    mighty_roles: str
    workers: int
    overdue: float
    late: float
    aside: int


def openings(store: Store) -> list[str]:
    """Return the tables in which a tenant's transaction could meet rows of others: none, if all is well."""
    with store.engine() as db:
        return list(db.execute(sa.text(OPENINGS)).scalars())


def look(store: Store) -> Health:
    """Return how the installation is."""
    with store.engine() as db:
        row = db.execute(LOOK).one()
    return Health(row.now, row.mighty_roles, row.workers, float(row.overdue), float(row.late), row.aside)
