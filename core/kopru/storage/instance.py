"""Noticing that a backup was restored: the database then knows less than the remotes do."""

import sqlalchemy as sa

from kopru.storage.store import Store
from kopru.storage.tables import instance, tenant

IDENTITY = sa.text(
    "select system_identifier::text as cluster, timeline_id as timeline"
    " from pg_control_system(), pg_control_checkpoint()"
)
"""A cluster made anew has another identifier; one recovered to a point in time has another timeline."""


def observe(store: Store) -> bool:
    """Compare the cluster with the one that was here last; return whether a backup was restored since then.

    If so, nothing of any tenant leaves until it is known what the remotes hold.
    """
    with store.engine() as db:
        now = db.execute(IDENTITY).one()
        seen = db.execute(sa.select(instance).with_for_update()).one_or_none()
        if seen is not None and (seen.system_identifier, seen.timeline) == (now.cluster, now.timeline):
            return False
        values = {
            "system_identifier": now.cluster,
            "timeline": now.timeline,
            "seen_at": sa.func.clock_timestamp(),
        }
        if seen is None:
            db.execute(sa.insert(instance).values(id=1, **values))
            return False
        db.execute(sa.update(instance).values(**values, restored_at=sa.func.clock_timestamp()))
        db.execute(sa.update(tenant).values(restored_at=sa.func.clock_timestamp()))
        return True
