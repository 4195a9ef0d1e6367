"""A PostgreSQL of this process for simulated databases, started when the first one is made."""

import atexit
import shutil
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

_lock = threading.Lock()
_started: list[str] = []


def database_url() -> str:
    """Return the server's address for libpq. It stops, and what it held is gone, when the process ends."""
    with _lock:
        if not _started:
            _started.append(_start())
    return _started[0]


def _start() -> str:
    # The private server knows how to run under any account and ends with its users.
    from kopru.runtime.servers import connect  # noqa: PLC0415 - only simulated databases need it
    from kopru.settings import Settings  # noqa: PLC0415 - only simulated databases need it

    folder = Path(tempfile.mkdtemp(prefix="kopru-sim-"))
    folder.chmod(0o711)
    stack = ExitStack()
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(stack.close)
    # A Redis that is named is not started.
    settings = Settings(home=folder / "home", redis_url="redis://127.0.0.1:1/0")
    address = stack.enter_context(connect(settings)).database_url
    return urlsplit(address)._replace(scheme="postgresql").geturl()
