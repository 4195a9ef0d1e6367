"""Whose turn it is: the query that picks the due jobs to ring for.

Tenants share the workers by weight. Whoever holds least for its weight goes next, counting what runs and what
was rung for: deficit round robin whose deficits are read from the table instead of being kept, so that any
number of relays agree and a restart forgets nothing. Work that runs long therefore costs its tenant turns.

Within a tenant the better lane goes first, and waiting makes any job better. Backfill takes what is left: one
job at a time has its turn like any other, more of them only when nothing else is due, and never more than
half of the threads.
"""

import sqlalchemy as sa

from kopru.flows.records import Lane

RING_AGAIN = 10
"""Seconds after which a bell nobody answered is rung again."""

RING_SOON = 2
"""The same when no bell waits any more: whoever took it would have begun."""

PATIENCE = 15
"""Seconds that work of one lane lets younger work of the lane before it go first."""

AT_ONCE = 8
"""Jobs of one connection that run at a time, unless its gate says otherwise."""

KEPT_FREE = 8
"""Where several tenants share them, one of so many threads is kept free of whoever is busiest."""

CONSTANTS = {
    "patience": PATIENCE,
    "at_once": AT_ONCE,
    "kept_free": KEPT_FREE,
    "lanes": len(Lane),
    "backfill": Lane.BACKFILL.rank,
}

DUE = sa.text("""
    with crew as materialized (
        select case when threads > 0 then greatest(threads / 2, 1) end as for_backfill,
            case when threads >= 4 and (select count(*) from tenant) > 1
                 then threads - (threads + :kept_free - 1) / :kept_free + :ahead end as for_one
        from (
            select sum(threads) as threads from worker where seen_at > clock_timestamp() - interval '30 s'
        ) as alive
    ), held as materialized (
        select tenant_id, connection_id, lane from job where state = 'running'
        union all
        select tenant_id, connection_id, lane from job
        where id = any(cast(:flying as bigint[])) and state = 'queued'
          and rung_at >= clock_timestamp() - make_interval(secs => :again)
    ), share as materialized (
        select tenant_id, count(*) as jobs from held group by tenant_id
    ), used as (
        select connection_id, count(*) as jobs from held
        where connection_id is not null group by connection_id
    ), gates as materialized (
        select connection_id, coalesce(
                case when until is null then at_once
                     when greatest(until, probe_until) > clock_timestamp() then 0 else 1 end, :at_once)
            - coalesce(used.jobs, 0) as room
        from gate full join used using (connection_id)
    ), shut as materialized (
        select connection_id from gates where room <= 0
    ), found as (
        select next.*, tenant.weight,
            row_number() over (partition by tenant_id, serial_key order by due, next.id) as place
        from tenant
        cross join generate_series(0, :lanes - 1) as lanes (lane)
        cross join lateral (
            select id, tenant_id, serial_key, connection_id, lane,
                run_at + lane * make_interval(secs => :patience) as due
            from job as waiting
            where tenant_id = tenant.id and waiting.lane = lanes.lane and state = 'queued'
              and run_at <= clock_timestamp()
              and (rung_at is null or rung_at < clock_timestamp() - make_interval(secs => :again))
              and (connection_id is null or connection_id not in (select connection_id from shut))
              and not exists (
                    select from job as busy where busy.tenant_id = waiting.tenant_id
                      and busy.serial_key = waiting.serial_key and busy.state = 'running')
            order by run_at limit :limit
        ) as next
    ), first as (
        select found.*,
            row_number() over (partition by connection_id order by due, id) as of_connection,
            case when lane = :backfill then row_number() over (partition by lane order by due, id)
                + (select count(*) from held where lane = :backfill) end as of_backfill
        from found where place = 1
    ), counted as (
        select first.id, weight, due, coalesce(of_backfill > 1, false) as left_over,
            coalesce(share.jobs, 0) + row_number() over (
                partition by first.tenant_id order by coalesce(of_backfill > 1, false), due, first.id
            ) as mine
        from first
        cross join crew
        left join share using (tenant_id)
        left join gates using (connection_id)
        where (first.connection_id is null or of_connection <= coalesce(gates.room, :at_once))
          and coalesce(of_backfill <= for_backfill, true)
    ), chosen as (
        select id, row_number() over (
            order by left_over, (mine + weight - 1) / weight, due, id) as rank
        from counted cross join crew
        where coalesce(mine <= for_one, true)
        order by rank limit :limit
    ), free as (
        select job.id, chosen.rank from job join chosen using (id)
        where state = 'queued'
          and (rung_at is null or rung_at < clock_timestamp() - make_interval(secs => :again))
        for no key update of job skip locked
    ), rung as (
        update job set rung_at = clock_timestamp() from free where job.id = free.id
        returning job.id, free.rank
    )
    select id from rung order by rank
""")
"""``limit``: how many at most. ``again``: seconds after which a bell counts as lost. ``flying``: the ids of
bells that may be on their way. ``ahead``: how many bells of one tenant may wait for a thread, because they
will not wait long."""
