"""The data directory: its making, the lock under which servers start and stop, and ``runtime.json``."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kopru.runtime.problems import RuntimeProblem
from kopru.runtime.servers.accounts import Account, make_private, user_name
from kopru.runtime.servers.locks import FileLock

_LOCK_WAIT = 120.0
_SOCKET_LIMIT = 100
"""Bytes of a socket path; the kernels allow 104 (macOS) and 108 (Linux)."""


class Home:
    """One data directory."""

    def __init__(self, path: Path, socket_base: Path | None = None) -> None:
        """Take the data directory and a short folder of the user's own for sockets, if there is one."""
        self.path = path.resolve()
        self._socket_base = socket_base
        self._record = self.path / "runtime.json"

    def create(self) -> None:
        """Make the directory if it is missing and see that it is ours.

        Raises:
            RuntimeProblem: it cannot be made or written, or another user set it up.
        """
        try:
            if not self.path.exists():
                self.path.mkdir(mode=0o700, parents=True)
                if os.geteuid() == 0:
                    self.path.chmod(0o711)
            (self.path / "logs").mkdir(mode=0o700, exist_ok=True)
            self._check_owner()
        except OSError as error:
            raise RuntimeProblem(
                "runtime.home.not_writable", home=self.path, detail=str(error), lasting=True
            ) from None

    def log(self, server: str) -> Path:
        """Return where a server writes its log."""
        return self.path / "logs" / f"{server}.log"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Let nobody else start or stop a server of this directory meanwhile.

        Raises:
            RuntimeProblem: another process keeps the lock for too long.
        """
        lock = FileLock(self.path / "runtime.lock")
        if not lock.exclusive(wait=_LOCK_WAIT):
            raise RuntimeProblem("runtime.home.busy", home=self.path)
        try:
            yield
        finally:
            lock.release()

    def published(self) -> dict[str, Any]:
        """Return what ``runtime.json`` says of the servers; whether they run, only their locks tell."""
        try:
            content = json.loads(self._record.read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def publish(self, server: str, entry: dict[str, Any]) -> None:
        """Write down a server that runs. Call under the lock."""
        self._write(self.published() | {server: entry})

    def withdraw(self, server: str) -> None:
        """Strike out a server that was stopped. Call under the lock."""
        content = self.published()
        if content.pop(server, None) is not None:
            self._write(content)

    def socket_folder(self, wanted: Path, name: str, server: str, account: Account | None) -> Path:
        """Return a folder for the server's socket that its account alone may enter.

        It is the wanted one, if short enough; else the one used before, so that addresses survive a restart;
        else a new one in a short place. Call under the lock.
        """
        if _fits(wanted / name):
            make_private(wanted, account)
            return wanted
        before = Path(self.published().get(server, {}).get("sockets", ""))
        if _is_private(before, account):
            return before
        folder = Path(tempfile.mkdtemp(prefix="kopru-", dir=self._short_base(name, account)))
        if account is not None:
            os.chown(folder, account.uid, account.gid)
        return folder

    def _short_base(self, name: str, account: Account | None) -> Path:
        base = self._socket_base
        if (
            account is None
            and base is not None
            and _is_private(base, None)
            and _fits(base / "kopru-12345678" / name)
        ):
            return base
        return Path("/tmp")  # noqa: S108 - the folder made in it is private

    def _write(self, content: dict[str, Any]) -> None:
        if not content:
            self._record.unlink(missing_ok=True)
            return
        descriptor, draft = tempfile.mkstemp(dir=self.path, prefix="runtime.json.")
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor, made 0600
            json.dump(content, file, indent=2)
        Path(draft).replace(self._record)

    def _check_owner(self) -> None:
        lock = self.path / "runtime.lock"
        if lock.exists() and (uid := lock.stat().st_uid) != os.geteuid():
            raise RuntimeProblem(
                "runtime.home.other_user", home=self.path, owner=user_name(uid), lasting=True
            )


def _fits(path: Path) -> bool:
    # A comma separates hosts in a libpq address.
    return len(os.fsencode(path)) < _SOCKET_LIMIT and "," not in str(path)


def _is_private(folder: Path, account: Account | None) -> bool:
    owner = os.geteuid() if account is None else account.uid
    try:
        found = folder.lstat()
    except OSError:
        return False
    return (
        folder.is_absolute()
        and folder.is_dir()
        and not folder.is_symlink()
        and (found.st_uid == owner and not found.st_mode & 0o077)
    )
