"""Index files of line matching: one per tenant, mapped into memory, replaced at once.

A file is written beside the present one and renamed, so that a reader sees the old or the new one and a kill
in between leaves at most a draft, which the next writer removes.
"""

import fcntl
import mmap
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID, uuid4


class IndexFiles:
    """Index files in one folder of this machine."""

    def __init__(self, folder: Path) -> None:
        """Take the folder; it is made when the first file is written."""
        self._folder = folder

    def open(self, tenant_id: UUID) -> memoryview | None:
        """Map the present file of a tenant into memory."""
        try:
            with self._path(tenant_id).open("rb") as file:
                return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except (FileNotFoundError, ValueError):  # an empty file cannot be mapped
            return None

    def replace(self, tenant_id: UUID, pieces: Iterable[bytes | memoryview]) -> None:
        """Put a new file in place of the present one at once; readers of the old one keep it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._folder / f".{tenant_id}.{uuid4().hex}.draft"
        try:
            with draft.open("xb") as file:
                draft.chmod(0o600)
                for piece in pieces:
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path(tenant_id))
        finally:
            with suppress(FileNotFoundError):
                draft.unlink()

    @contextmanager
    def building(self, tenant_id: UUID) -> Iterator[None]:
        """Wait until no other process builds this tenant's file; the kernel frees the lock of a dead one."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / f".{tenant_id}.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for left_over in self._folder.glob(f".{tenant_id}.*.draft"):
                left_over.unlink(missing_ok=True)
            yield

    def _path(self, tenant_id: UUID) -> Path:
        return self._folder / f"{tenant_id}.index"
