"""Who PostgreSQL runs as, and where that account can reach its files.

PostgreSQL refuses to run as root. Started by root it runs as ``nobody``, in folders that were made for it;
folders that we did not make keep their owner and mode.
"""

import os
import pwd
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kopru.runtime.problems import RuntimeProblem

VAULTS = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108 - both outlive a restart; /tmp does not
"""Where data goes that the unprivileged account could not reach below the data directory."""

LOCATION = "postgres.location"
"""The file in a data directory that remembers a place outside it."""


@dataclass(frozen=True)
class Account:
    """An account of this machine."""

    name: str
    uid: int
    gid: int

    def identity(self) -> dict[str, Any]:
        """Return the ``subprocess`` arguments that run a program as this account alone."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_enter(self, folder: Path) -> bool:
        """Return whether the account may pass through every folder down to this one."""
        asked = subprocess.run(
            ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)],
            cwd="/",
            capture_output=True,
            check=False,
            **self.identity(),
        )
        return asked.returncode == 0

    def can_run(self, program: Path) -> bool:
        """Return whether the account may run this program (with ``--version``)."""
        try:
            asked = subprocess.run(
                [str(program), "--version"], cwd="/", capture_output=True, check=False, **self.identity()
            )
        except PermissionError:
            return False
        return asked.returncode == 0


def server_account() -> Account | None:
    """Return the account PostgreSQL must run as, or None when it runs as ourselves.

    Raises:
        RuntimeProblem: we are root and there is no unprivileged account.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise RuntimeProblem("runtime.postgres.no_account", lasting=True) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def user_name(uid: int) -> str:
    """Return the name of a user, or the number when it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def make_private(folder: Path, account: Account | None) -> None:
    """Make a folder that only its account may enter; an existing one stays as it is."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return
    if account is not None:
        os.chown(folder, account.uid, account.gid)


def make_passable(folder: Path, account: Account | None) -> None:
    """Make a folder of ours that the account may pass through; an existing one stays as it is."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return
    if account is not None:
        folder.chmod(0o711)


def postgres_place(home: Path, account: Account | None) -> Path:
    """Return the folder that holds PostgreSQL's own folder: the data directory, or a place outside it.

    A data directory below a folder closed to the account (root's home, say) gets a place in ``VAULTS``,
    remembered in the data directory.

    Raises:
        RuntimeProblem: no place can be made, or the remembered one is gone or another data directory's.
    """
    if account is None:
        return home
    pointer = home / LOCATION
    if pointer.exists():
        return _remembered(home, pointer)
    if account.can_enter(home):
        return home
    if (home / "postgres" / "data").exists():
        raise RuntimeProblem(
            "runtime.postgres.out_of_reach", data=home / "postgres", account=account.name, lasting=True
        )
    place = _new_place(home, account)
    pointer.write_text(f"{place}\n", "utf-8")
    return place


def _remembered(home: Path, pointer: Path) -> Path:
    place = Path(pointer.read_text("utf-8").strip())
    owner = place / "home"
    if not owner.exists():
        raise RuntimeProblem("runtime.postgres.lost_place", place=place, pointer=pointer, lasting=True)
    original = Path(owner.read_text("utf-8").strip())
    if original != home:
        if _points_to(original / LOCATION, place):
            raise RuntimeProblem(
                "runtime.postgres.copied_home",
                home=home, original=original, place=place, pointer=pointer, lasting=True,
            )  # fmt: skip
        owner.write_text(f"{home}\n", "utf-8")
    return place


def _points_to(pointer: Path, place: Path) -> bool:
    return pointer.exists() and pointer.read_text("utf-8").strip() == str(place)


def _new_place(home: Path, account: Account) -> Path:
    for base in VAULTS:
        folder = base / "kopru"
        try:
            make_passable(folder, account)
            if not _is_ours(folder) or not account.can_enter(folder):
                continue
            place = folder / secrets.token_hex(6)
            make_passable(place, account)
        except OSError:
            continue
        (place / "home").write_text(f"{home}\n", "utf-8")
        return place
    raise RuntimeProblem(
        "runtime.postgres.no_place",
        account=account.name, home=home, tried=", ".join(map(str, VAULTS)), lasting=True,
    )  # fmt: skip


def _is_ours(folder: Path) -> bool:
    found = folder.lstat()
    return (
        folder.is_dir()
        and not folder.is_symlink()
        and found.st_uid == os.geteuid()
        and not found.st_mode & 0o022
    )
