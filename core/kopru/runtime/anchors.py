"""The head of every audit chain, kept outside the database once a day.

Whoever can write to the database could cut a chain's tail or write it anew. A head that lies elsewhere shows
it: it is no longer part of the chain. Send the files to somebody who cannot write to the database.
"""

import threading
from datetime import date
from pathlib import Path
from uuid import UUID

import structlog

from kopru.documents import istanbul_date
from kopru.hooks.errors import ConfigError
from kopru.storage.audit import head
from kopru.storage.faults import DatabaseError
from kopru.storage.health import look
from kopru.storage.store import Store

EVERY = 600.0
"""Seconds between looks whether today's heads are kept."""

log = structlog.get_logger()


def folder(home: Path) -> Path:
    """Return where the heads lie: one file a company, one line a day."""
    return home / "audit"


def kept(home: Path, slug: str) -> list[str]:
    """Return the heads kept of a company's chain, oldest first."""
    file = folder(home) / f"{slug}.heads"
    return [line.split()[1] for line in _lines(file)]


def keep(store: Store, home: Path) -> int:
    """Keep today's heads, by Istanbul's calendar, of all companies; return how many were new."""
    today = istanbul_date(look(store).now)
    return sum(_keep_one(store, home, tenant_id, slug, today) for tenant_id, slug in store.tenants())


def keep_for_ever(store: Store, home: Path, stopping: threading.Event) -> None:
    """Keep each day's heads until told to stop; a database or disk that is away is tried again."""
    while not stopping.is_set():
        try:
            keep(store, home)
        except (DatabaseError, ConfigError, OSError) as error:
            log.warning("audit.head_not_kept", error=str(error)[:300])
        stopping.wait(EVERY)


def _keep_one(store: Store, home: Path, tenant_id: UUID, slug: str, today: date) -> bool:
    file = folder(home) / f"{slug}.heads"
    if any(line.startswith(today.isoformat()) for line in _lines(file)):
        return False
    file.parent.mkdir(mode=0o700, exist_ok=True)
    with file.open("a", encoding="ascii") as out:
        out.write(f"{today.isoformat()} {head(store, tenant_id)}\n")
    return True


def _lines(file: Path) -> list[str]:
    return file.read_text("ascii").splitlines() if file.exists() else []
