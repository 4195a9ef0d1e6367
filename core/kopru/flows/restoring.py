"""After a backup was restored: nothing leaves before it is known what the remotes hold and we forgot.

Identities are derived from the order, so a document made again has the ETTN it had. What could go wrong is
its number, and a second record where a target knows no key. So the numbers that each channel holds are
reserved for their documents first, and from then on a write to such a target asks whether it is there.
"""

import re
from datetime import datetime, timedelta
from uuid import UUID

from kopru.documents import istanbul_date
from kopru.flows.connections import Opened, call
from kopru.flows.env import Later, Work
from kopru.flows.listing import listed
from kopru.flows.records import ConnectionRow, ConnectionState, Lane, NewJob
from kopru.flows.texts import TEXTS
from kopru.hooks.errors import ConfigError
from kopru.hooks.manifest import Stream
from kopru.hooks.types import RefKind, RemoteRef, Window

BEFORE = timedelta(days=2)
"""How much before the last thing we know of the listing begins: a document may be dated before it left."""

ASKS_FIRST = timedelta(days=60)
"""How long after a restore a write asks first; no source gives orders older than that again."""

WAIT = 15.0
"""Seconds until work that was held back looks again."""

_NUMBER = re.compile(r"(?P<prefix>[A-Z0-9]{3})(?P<year>20\d{2})(?P<sequence>\d{9})")


def reconcile_job() -> NewJob:
    """Return the job that learns what a tenant's channels hold."""
    return NewJob("restore.reconcile", {}, "restore.reconcile", Lane.INTERACTIVE)


def require_settled(work: Work) -> None:
    """Hold a write or a number back while it is not known what the remotes hold.

    Raises:
        Later: a backup was restored and its tenant is not reconciled yet.
    """

    def read() -> datetime | None:
        with work.read() as uow:
            return uow.settings.restored_at()

    if work.env.cache.get(("restored", work.tenant_id), read) is not None:
        raise Later(WAIT)


def is_adopted(work: Work, document_id: UUID) -> bool:
    """Whether a channel held this document when a backup was restored, so that it is ours.

    Raises:
        Later: that is not known yet.
    """
    require_settled(work)
    with work.read() as uow:
        return uow.documents.is_adopted(document_id)


def asks_first(work: Work) -> bool:
    """Whether writes look their record up before they leave, because the database may have forgotten it."""
    at: datetime | None = work.env.cache.get(("restored", None), work.env.store.restored_at)
    if at is None:
        return False
    with work.read() as uow:
        return uow.now - at < ASKS_FIRST


def reconcile(work: Work) -> None:
    """Job ``restore.reconcile``: reserve the numbers that the tenant's channels hold, then let work go on.

    Raises:
        ConfigError: a channel cannot list its documents; a person decides (``kopru db restored --confirm``).
    """
    with work.read() as uow:
        if uow.settings.restored_at() is None:
            return
        latest = uow.events.latest()
        window = Window((latest or uow.now) - BEFORE, uow.now + timedelta(days=1))
        channels = [row for row in uow.connections.every() if _issues(work, row)]
    adopted = sum(_adopt(work, row, window) for row in channels) if latest else 0
    settle(work, adopted=adopted)


def settle(work: Work, **story: object) -> None:
    """Let work leave again."""
    with work.write() as uow:
        uow.settings.settle_restore()
        uow.jobs.unpark()
        uow.events.add(work.actor, "tenant", work.tenant_id, "restore.settled", **story)
    work.env.cache.forget(("restored", work.tenant_id))


def _issues(work: Work, row: ConnectionRow) -> bool:
    used = row.state is not ConnectionState.DRAFT
    return used and "submit_invoice" in work.env.registry.hooks(row.plugin)


def _adopt(work: Work, row: ConnectionRow, window: Window) -> int:
    count = 0
    facts = call(work, row.id, _facts, any_state=True)
    for refs in listed(work, row.id, RefKind.E_DOCUMENT, window, facts, any_state=True):
        with work.write() as uow:
            for ref in refs:
                ettn, match = _ettn(ref), _NUMBER.fullmatch(ref.number)
                if ettn is None or match is None:
                    continue
                day = istanbul_date(ref.at) if ref.at else istanbul_date(uow.now)
                numbered = (match["prefix"], int(match["year"]), int(match["sequence"]))
                if uow.documents.adopt(ettn, *numbered, day):
                    count += 1
                    uow.events.add(work.actor, "document", ettn, "restore.adopted", number=ref.number)
    return count


def _ettn(ref: RemoteRef) -> UUID | None:
    for text in (ref.our_reference, ref.external_id):
        try:
            return UUID(text)
        except ValueError:
            continue
    return None


def _facts(opened: Opened) -> Stream:
    if not opened.can("fetch_refs"):
        raise ConfigError("restore.no_listing", TEXTS.text("restore.no_listing", name=opened.row.name))
    return opened.manifest.streams["fetch_refs"]
