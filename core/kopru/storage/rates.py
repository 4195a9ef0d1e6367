"""Long quotas, counted in PostgreSQL so that losing Redis never resets a remote's window."""

import sqlalchemy as sa

from kopru.hooks.manifest import Quota
from kopru.storage.store import Store

PARTS = 60
"""A window is counted in so many parts; up to one part more than the window is looked at, never less."""


class RateWindow:
    """Counts calls per quota and part of a window, by the database's clock."""

    def __init__(self, store: Store) -> None:
        """Take the store whose engine role keeps the counts."""
        self._store = store

    def take(self, scope: str, quota: Quota) -> float:
        """Count one call if fewer than ``quota.calls`` lie in the window.

        Returns 0 when it was counted, else the seconds until one will be free.
        """
        with self._store.engine() as db:
            values = _values(scope, quota)
            db.execute(_TURN, values)
            return float(db.execute(_TAKE, values).scalar_one())

    def block(self, scope: str, quota: Quota, seconds: float) -> None:
        """Give no call for so many seconds, after the remote said that there were too many."""
        with self._store.engine() as db:
            db.execute(_BLOCK, {**_values(scope, quota), "seconds": seconds})


def _values(scope: str, quota: Quota) -> dict[str, object]:
    period = quota.period.total_seconds()
    return {
        "scope": scope,
        "quota": quota.name,
        "blocked": f"{quota.name}:blocked",
        "calls": quota.calls,
        "period": period,
        "part": period / PARTS,
    }


_TURN = sa.text("select pg_advisory_xact_lock(hashtextextended(:scope || '/' || :quota, 0))")
"""A statement of its own, so that the count that follows sees what the one before it committed."""

_TAKE = sa.text("""
    with clock as materialized (
        select clock_timestamp() as now
    ), gone as (
        delete from rate_window using clock
        where scope = :scope and quota = :quota and bucket < now - make_interval(secs => :period + :part)
    ), counted as materialized (
        select coalesce(sum(w.calls), 0) as calls, min(w.bucket) as oldest
        from clock left join rate_window as w
          on w.scope = :scope and w.quota = :quota
         and w.bucket >= clock.now - make_interval(secs => :period + :part)
    ), held as materialized (
        select max(bucket) as until from rate_window where scope = :scope and quota = :blocked
    ), decided as materialized (
        select now, greatest(
            coalesce(extract(epoch from held.until - now), 0),
            case when counted.calls >= :calls
                 then greatest(extract(epoch from counted.oldest - now) + :period + :part, 0.05) else 0 end,
            0) as wait
        from clock, counted, held
    ), taken as (
        insert into rate_window (scope, quota, bucket, calls)
        select :scope, :quota, to_timestamp(floor(extract(epoch from now) / :part) * :part), 1
        from decided where wait <= 0
        on conflict (scope, quota, bucket) do update set calls = rate_window.calls + 1
    )
    select wait from decided
""")

_BLOCK = sa.text("""
    insert into rate_window (scope, quota, bucket, calls)
    values (:scope, :blocked, clock_timestamp() + make_interval(secs => :seconds), 0)
    on conflict do nothing
""")
