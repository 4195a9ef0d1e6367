"""Data directories for one test each, and processes that use them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from kopru.runtime.servers import down
from kopru.runtime.servers.locks import wait_until
from kopru.settings import Settings

USER = Path(__file__).parent / "programs" / "user.py"


def _folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="kt-", dir="/tmp"))
    # PostgreSQL started by root runs as another account, which must get through.
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


folder = pytest.fixture(_folder, name="folder")
_module_folder = pytest.fixture(_folder, scope="module", name="_module_folder")


@pytest.fixture
def settings(_module_folder: Path) -> Iterator[Settings]:
    """A data directory that the tests of a module use one after another; nothing runs before and after."""
    settings = Settings(home=_module_folder / "my shop 2 % [a]")
    yield settings
    down(settings)


@pytest.fixture
def fresh(home: Path) -> Settings:
    """A data directory that does not exist yet."""
    return Settings(home=home)


@pytest.fixture
def mark() -> str:
    """A name that no other test uses."""
    return f"mark_{next(_numbers)}"


_numbers = count(1)


class User:
    """Another process that uses the servers of a data directory."""

    def __init__(self, home: Path, kind: str = "connect") -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(USER), kind, str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def endpoints(self) -> dict[str, Any]:
        """Wait until it uses the servers."""
        assert self.process.stdout is not None
        return dict(json.loads(self.process.stdout.readline()))

    def leave(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(60)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        self.kill()
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture
def user(settings: Settings) -> Iterator[Callable[..., User]]:
    """Start a process that uses the servers until it is told to leave."""
    users: list[User] = []

    def start(kind: str = "connect") -> User:
        users.append(User(settings.home, kind))
        return users[-1]

    yield start
    for each in users:
        each.close()


@pytest.fixture
def sql() -> Callable[..., Any]:
    """Run one statement on a server and return the first value, if any."""

    def run(url: str, statement: str) -> Any:
        parts = make_url(url)
        with psycopg.connect(
            host=parts.query["host"],
            user=parts.username,
            dbname=parts.database,
            autocommit=True,
            connect_timeout=5,
        ) as connection:
            cursor = connection.execute(statement)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None

    return run


@pytest.fixture
def ends() -> Callable[..., bool]:
    """Wait until a process is gone."""
    return lambda pid, seconds=20.0: wait_until(lambda: not _lives(pid), seconds)


@pytest.fixture
def kill() -> Callable[[int], None]:
    """Kill a process the hard way."""
    return lambda pid: os.kill(pid, signal.SIGKILL)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    try:
        # A killed process whose parent has not asked for it yet is as good as gone.
        return (
            not stat.parent.parent.joinpath("self").exists()
            or stat.read_text().rpartition(")")[2].split()[0] != "Z"
        )
    except FileNotFoundError:
        return False
