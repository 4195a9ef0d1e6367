"""The index of line matching, one per tenant: on disk for all processes of a machine, in memory for this one.

The file is a cache. It carries the catalogue's version it was built at; what changed since is read from the
database and laid over it, so that a new or renamed item is found at once and nothing is rebuilt for it. A
missing, damaged or outdated file is built again. Every use asks for the version, so nothing has to be told.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kopru.flows.env import Work
    from kopru.matching.api import CatalogueItem
    from kopru.matching.buffers import Array
    from kopru.matching.index import Index
    from kopru.matching.matcher import Matcher

PAGE = 5_000
"""Items read in one short transaction while an index is built."""

FEW = 1_000
SHARE = 20
"""An overlay of more than ``FEW`` items and a twentieth of the catalogue is merged into a new file."""

MOST_TENANTS = 64
"""Indexes this process keeps open."""

VERSION = "catalogue.version"


class Files(Protocol):
    """Where index files are kept."""

    def open(self, tenant_id: UUID) -> memoryview | None:
        """Map the present file of a tenant into memory."""
        ...

    def replace(self, tenant_id: UUID, pieces: Iterable[bytes | memoryview]) -> None:
        """Put a new file in place of the present one at once; readers of the old one keep it."""
        ...

    def building(self, tenant_id: UUID) -> AbstractContextManager[None]:
        """Wait until no other process builds this tenant's file."""
        ...


class NoFiles:
    """Keeps nothing: each process builds its own index."""

    def open(self, tenant_id: UUID) -> memoryview | None:
        """Return nothing."""
        return None

    def replace(self, tenant_id: UUID, pieces: Iterable[bytes | memoryview]) -> None:
        """Keep nothing."""

    def building(self, tenant_id: UUID) -> AbstractContextManager[None]:
        """Wait for nobody."""
        return nullcontext()


@dataclass(frozen=True, slots=True)
class _Held:
    """An index as it was at a version of the catalogue; ``base`` is the version of its file."""

    matcher: "Matcher"
    version: int
    base: int


class Indexes:
    """The indexes this process has open. Safe to share between threads."""

    def __init__(self, files: Files | None = None) -> None:
        """Take where files are kept; without it they are kept in memory."""
        self._files = files or NoFiles()
        self._held: OrderedDict[UUID, _Held] = OrderedDict()
        self._locks: dict[UUID, threading.Lock] = {}
        self._guard = threading.Lock()

    def matcher(self, work: "Work") -> "Matcher":
        """Return a matcher on the tenant's catalogue as it is committed now."""
        with self._lock(work.tenant_id):
            held = self._current(work, self._held.get(work.tenant_id))
            with self._guard:
                self._held[work.tenant_id] = held
                self._held.move_to_end(work.tenant_id)
                while len(self._held) > MOST_TENANTS:
                    self._held.popitem(last=False)
        return held.matcher

    def _lock(self, tenant_id: UUID) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(tenant_id, threading.Lock())

    def _current(self, work: "Work", held: _Held | None) -> _Held:
        with work.read() as uow:
            version = uow.catalogue.version()
        if held is not None and held.version == version:
            return held
        held = held if held is not None and held.version < version else self._load(work, version)
        held = self._caught_up(work, held)
        return self._merged(work, held) if _is_heavy(held) else held

    def _load(self, work: "Work", version: int) -> _Held:
        """Return the index on the file, which is built first when it is of no use."""
        found = self._opened(work, version)
        if found is not None:
            return found
        with self._files.building(work.tenant_id):
            return self._opened(work, version) or self._built(work)

    def _opened(self, work: "Work", version: int) -> _Held | None:
        """Return the index on the present file, if it holds the catalogue's items.

        After a backup was restored, a file may know items that the database does not.
        """
        from kopru.matching.buffers import Unreadable, unpack  # noqa: PLC0415 - numpy is slow to import

        view = self._files.open(work.tenant_id)
        if view is None:
            return None
        try:
            arrays = unpack(view)
            base = int(arrays[VERSION][0])
        except (Unreadable, KeyError, IndexError):
            return None
        if base > version:
            return None
        held = self._caught_up(work, _held(arrays, base))
        with work.read() as uow:
            whole = uow.catalogue.version() != held.version or uow.catalogue.size() == _index(held).items
        return held if whole else None

    def _built(self, work: "Work") -> _Held:
        from kopru.matching.index import build  # noqa: PLC0415 - numpy is slow to import

        with work.read() as uow:
            version = uow.catalogue.version()
        return self._kept(work, build(_items(work)), version)

    def _merged(self, work: "Work", held: _Held) -> _Held:
        """Return the index with a new base, made by whichever process comes first."""
        with self._files.building(work.tenant_id):
            found = self._opened(work, held.version)
            if found is not None and found.base > held.base:
                return found
            return self._kept(work, _index(held).merged(), held.version)

    def _kept(self, work: "Work", arrays: "dict[str, Array]", version: int) -> _Held:
        import numpy as np  # noqa: PLC0415 - slow to import

        from kopru.matching.buffers import pack, unpack  # noqa: PLC0415 - numpy is slow to import, and only matching needs it

        arrays[VERSION] = np.array([version], np.int64)
        self._files.replace(work.tenant_id, pack(arrays))
        view = self._files.open(work.tenant_id)
        return _held(arrays if view is None else unpack(view), version)

    def _caught_up(self, work: "Work", held: _Held) -> _Held:
        """Return the index with everything that was committed until now."""
        from kopru.matching.matcher import Matcher  # noqa: PLC0415 - numpy is slow to import

        with work.read() as uow:
            version = uow.catalogue.version()
            items, gone = uow.catalogue.since(held.version) if version > held.version else ([], [])
        if not items and not gone:
            return _Held(held.matcher, version, held.base)
        return _Held(Matcher(_index(held).changed(items, gone)), version, held.base)


def _held(arrays: "Mapping[str, Array]", version: int) -> _Held:
    from kopru.matching.index import Index  # noqa: PLC0415 - numpy is slow to import
    from kopru.matching.matcher import Matcher  # noqa: PLC0415 - numpy is slow to import, and only matching needs it

    return _Held(Matcher(Index.of(arrays)), version, version)


def _index(held: _Held) -> "Index":
    return held.matcher.index


def _is_heavy(held: _Held) -> bool:
    index = _index(held)
    return index.changes > max(FEW, index.items // SHARE)


def _items(work: "Work") -> "Iterator[CatalogueItem]":
    """Read the catalogue page by page, so that no transaction stands idle while the index is built."""
    after = None
    while True:
        with work.read() as uow:
            page = uow.catalogue.page(after, PAGE)
        yield from page
        if len(page) < PAGE:
            return
        after = UUID(page[-1].id)
