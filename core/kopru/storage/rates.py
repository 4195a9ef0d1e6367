"""Long quotas, counted in PostgreSQL so that losing Redis never resets a remote's window."""

import sqlalchemy as sa

from kopru.hooks.manifest import Quota
from kopru.storage.store import Store
from kopru.transport.limiter import SLOW_DOWN, SLOWEST, SPEED_UP

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

    def slow(self, scope: str, quota: Quota, seconds: float) -> None:
        """Give no call for so many seconds after the remote said that there were too many, and then fewer."""
        values = _values(scope, quota)
        with self._store.engine() as db:
            db.execute(_TURN, values)
            db.execute(_BLOCK, {**values, "seconds": seconds})
            share = db.execute(_SHARE, values).one()
            if share.percent >= 100 or share.whole_period:
                slower = max(SLOWEST, share.percent / 100 * SLOW_DOWN)
                db.execute(_SLOW, {**values, "percent": round(slower * 100)})


def _values(scope: str, quota: Quota) -> dict[str, object]:
    period = quota.period.total_seconds()
    return {
        "scope": scope,
        "quota": quota.name,
        "blocked": f"{quota.name}:blocked",
        "slowed": f"{quota.name}:slowed",
        "speed_up": round(SPEED_UP * 100),
        "calls": quota.calls,
        "period": period,
        "part": period / PARTS,
    }


_TURN = sa.text("select pg_advisory_xact_lock(hashtextextended(:scope || '/' || :quota, 0))")
"""A statement of its own, so that the count that follows sees what the one before it committed."""

_SHARE_NOW = """coalesce((
        select least(100, calls + :speed_up * floor(extract(epoch from clock_timestamp() - bucket) / :period))
        from rate_window where scope = :scope and quota = :slowed order by bucket desc limit 1), 100)"""
"""Percent of the quota in force: what the last 429 left of it, and a little more for each period since."""

_TAKE = sa.text(
    """
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
    ), allowed as materialized (
        select greatest(1, floor(:calls * {share} / 100)) as calls
    ), held as materialized (
        select max(bucket) as until from rate_window where scope = :scope and quota = :blocked
    ), decided as materialized (
        select now, greatest(
            coalesce(extract(epoch from held.until - now), 0),
            case when counted.calls >= allowed.calls
                 then greatest(extract(epoch from counted.oldest - now) + :period + :part, 0.05) else 0 end,
            0) as wait
        from clock, counted, held, allowed
    ), taken as (
        insert into rate_window (scope, quota, bucket, calls)
        select :scope, :quota, to_timestamp(floor(extract(epoch from now) / :part) * :part), 1
        from decided where wait <= 0
        on conflict (scope, quota, bucket) do update set calls = rate_window.calls + 1
    )
    select wait from decided
""".replace("{share}", _SHARE_NOW)
)

_SHARE = sa.text(
    """
    select {share} as percent, not exists (
        select from rate_window where scope = :scope and quota = :slowed
          and bucket > clock_timestamp() - make_interval(secs => :period)) as whole_period
""".replace("{share}", _SHARE_NOW)
)

_SLOW = sa.text("""
    with older as (
        delete from rate_window where scope = :scope and quota = :slowed
    )
    insert into rate_window (scope, quota, bucket, calls)
    values (:scope, :slowed, clock_timestamp(), :percent)
""")

_BLOCK = sa.text("""
    insert into rate_window (scope, quota, bucket, calls)
    values (:scope, :blocked, clock_timestamp() + make_interval(secs => :seconds), 0)
    on conflict do nothing
""")
