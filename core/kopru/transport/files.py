"""A connection's folder: ``kopru.hooks.io.Files`` that never leaves its root.

Every part of a name is opened without following symbolic links, relative to the folder above it, so that a
link swapped in between check and use leads nowhere.
"""

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from kopru.hooks.errors import ConfigError, Conflict, Rejected, TransientError
from kopru.transport.errors import PlannedCall, PlannedRequest
from kopru.transport.ports import Guard, NoGuard
from kopru.transport.texts import TEXTS

_UNFINISHED = ".kopru-"
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True)
class Folder:
    """Files below ``root``. In a ``dry_run`` nothing is written; ``guard`` is asked before each write."""

    root: str
    dry_run: bool = False
    guard: Guard = field(default_factory=NoGuard)

    def list(self, pattern: str = "*") -> tuple[str, ...]:
        """Return the names of regular files that match, sorted; ``**/`` looks into folders below."""
        if ".." in PurePosixPath(pattern).parts or pattern.startswith("/"):
            raise _outside(pattern)
        root = self._path()
        try:
            found = [path.relative_to(root) for path in root.glob(pattern)]
            return tuple(sorted(str(name) for name in found if self._is_own_file(root, name)))
        except (OSError, ValueError, NotImplementedError) as error:
            raise _unreadable(pattern) from error

    def read(self, name: str, *, limit: int = 50_000_000) -> bytes:
        """Return a file's bytes.

        Raises:
            Rejected: larger than ``limit``, or the name leads out of the folder.
            ConfigError: there is no such file or folder, or it cannot be read.
        """
        with self.open(name) as file:
            size = os.fstat(file.fileno()).st_size
            content = file.read(limit + 1) if size <= limit else b""
        if max(size, len(content)) > limit:
            text = TEXTS.text("files.too_large", name=name, size=size, limit=limit)
            raise Rejected("files.too_large", text)
        return content

    def open(self, name: str) -> BinaryIO:
        """Open a regular file for reading in binary mode.

        Raises:
            Rejected: the name leads out of the folder.
            ConfigError: there is no such file, or it cannot be read.
        """
        parts = _parts(name)
        try:
            with self._parent(parts) as folder:
                descriptor = os.open(parts[-1], _FILE, dir_fd=folder)
        except FileNotFoundError as error:
            raise ConfigError("files.missing", TEXTS.text("files.missing", name=name)) from error
        except OSError as error:
            raise _trouble(error, name) from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise _outside(name)
        return os.fdopen(descriptor, "rb")

    def write(self, name: str, content: bytes) -> None:
        """Write a file completely or not at all; the same bytes again change nothing.

        Raises:
            Conflict: the name exists with other content.
            Rejected: the name leads out of the folder.
            ConfigError: there is no folder, or no permission.
            TransientError: the file could not be written; nothing is left of it.
        """
        parts = _parts(name)
        if self.dry_run:
            raise PlannedRequest(PlannedCall("WRITE", name, body=f"[{len(content)} bytes]"))
        self.guard.before_write()
        try:
            with self._parent(parts, make=True) as folder:
                created = _create(folder, parts[-1], content)
        except OSError as error:
            raise _write_trouble(error, name) from error
        if not created and self._differs(name, content):
            raise Conflict("files.exists", TEXTS.text("files.exists", name=name))

    def iter_sizes(self) -> Iterator[tuple[str, int]]:
        """Yield each regular file below the folder with its size in bytes, sorted by name."""
        root = self._path()
        for name in self.list("**/*"):
            with suppress(FileNotFoundError):
                yield name, (root / name).lstat().st_size

    def _path(self) -> Path:
        path = Path(self.root)
        if not self.root or not path.is_dir():
            raise self._no_folder()
        return path

    def _no_folder(self) -> ConfigError:
        text = TEXTS.text("files.folder_missing", folder=self.root or "-")
        return ConfigError("files.folder_missing", text)

    def _is_own_file(self, root: Path, name: Path) -> bool:
        if name.name.startswith(_UNFINISHED) or ".." in name.parts:
            return False
        steps = [root / part for part in (*reversed(name.parents), name)]
        return not any(step.is_symlink() for step in steps[1:]) and steps[-1].is_file()

    @contextmanager
    def _parent(self, parts: tuple[str, ...], *, make: bool = False) -> Iterator[int]:
        try:
            folder = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise self._no_folder() from error
        try:
            for part in parts[:-1]:
                if make:
                    with suppress(FileExistsError):
                        os.mkdir(part, dir_fd=folder)
                below = os.open(part, _DIRECTORY, dir_fd=folder)
                os.close(folder)
                folder = below
            yield folder
        finally:
            os.close(folder)

    def _differs(self, name: str, content: bytes) -> bool:
        with self.open(name) as file:
            return file.read(len(content) + 1) != content


def _parts(name: str) -> tuple[str, ...]:
    if not name.isprintable() or "\\" in name:
        raise _outside(name)
    parts = PurePosixPath(name).parts
    if not parts or ".." in parts or name.startswith("/") or parts[-1].startswith(_UNFINISHED):
        raise _outside(name)
    return parts


def _create(folder: int, name: str, content: bytes) -> bool:
    """Put a complete file under a free name; return whether the name was free."""
    draft = f"{_UNFINISHED}{secrets.token_hex(8)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644, dir_fd=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return _name(folder, draft, name)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(draft, dir_fd=folder)
        os.fsync(folder)


def _name(folder: int, draft: str, name: str) -> bool:
    try:
        os.link(draft, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A file system without hard links: the check and the renaming are two steps there.
        with suppress(FileNotFoundError):
            os.stat(name, dir_fd=folder, follow_symlinks=False)
            return False
        os.rename(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
    return True


def _trouble(error: OSError, name: str) -> ConfigError | Rejected:
    if error.errno in (errno.ELOOP, errno.ENOTDIR):
        return _outside(name)
    return _unreadable(name)


def _write_trouble(error: OSError, name: str) -> ConfigError | Rejected | TransientError:
    if error.errno in (errno.ELOOP, errno.ENOTDIR):
        return _outside(name)
    text = TEXTS.text("files.unwritable", name=name)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG):
        return ConfigError("files.unwritable", text, detail=str(error.strerror))
    return TransientError("files.unwritable", text, detail=str(error.strerror))


def _outside(name: str) -> Rejected:
    return Rejected("files.outside", TEXTS.text("files.outside", name=name[:200]))


def _unreadable(name: str) -> ConfigError:
    return ConfigError("files.unreadable", TEXTS.text("files.unreadable", name=name[:200]))
