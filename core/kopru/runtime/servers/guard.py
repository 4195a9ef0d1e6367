"""Runs one private server as its direct child, and ends it when nobody uses it any more.

Started as a script of its own with the standard library alone: ``guard.py DIRECTORY`` with the launch as JSON
on standard input. In DIRECTORY it knows three locks:

``guard.lock``   held by this process while it lives; the file holds its process id.
``server.lock``  inherited by the server and all its children: free means that none of them is left.
``users.lock``   shared by everybody who uses the server. Once this process can take it alone, the last user
                 has left or was killed, and the server is stopped.

When this process is itself killed, the kernel stops the server (Linux: parent-death signal); elsewhere the
next start finds ``server.lock`` held and stops it.
"""

import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

BUSY = 75
"""Exit code (EX_TEMPFAIL): another guard or server is at work in the directory."""

_WATCHED = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}
_LOCK_PATIENCE = 2.0
_LOG_LIMIT = 10_000_000
_PR_SET_PDEATHSIG = 1


def main() -> int:
    """Guard the server until it ends, is told to end or has no user left."""
    directory = Path(sys.argv[1])
    launch = json.load(sys.stdin)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)

    own = _lock(directory / "guard.lock")
    if own is None:
        return BUSY
    _write(own, os.getpid())
    inherited = _lock(directory / "server.lock")
    if inherited is None:
        return BUSY
    server = _start(launch, inherited)
    _write(inherited, server.pid)
    os.close(inherited)

    threading.Thread(target=_wait_for_last_user, args=(directory / "users.lock",), daemon=True).start()
    while signal.sigwait(_WATCHED) == signal.SIGCHLD:
        if server.poll() is not None:
            return 1
    _stop(server, launch["stop"])
    return 0


def _lock(path: Path) -> int | None:
    """Take a lock; others look at it for an instant only, so a short wait tells them from a holder."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    end = time.monotonic() + _LOCK_PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                return None
            time.sleep(0.02)
        else:
            return descriptor


def _write(descriptor: int, pid: int) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, b"%d\n" % pid, 0)


def _start(launch: dict[str, Any], lock: int) -> subprocess.Popen[bytes]:
    with _open_log(Path(launch["log"])) as log:
        return subprocess.Popen(
            launch["argv"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=launch["environment"],
            pass_fds=(lock,),
            preexec_fn=_child_setup(signal.Signals[launch["stop"][0][0]]),  # noqa: PLW1509 - no thread runs yet
            **launch["identity"],
        )


def _open_log(path: Path) -> IO[bytes]:
    if path.exists() and path.stat().st_size > _LOG_LIMIT:
        path.replace(path.with_suffix(".old.log"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")


def _child_setup(last_wish: signal.Signals) -> Callable[[], None]:
    """Return what the child does before it becomes the server: take signals again, end with its parent."""
    parent = os.getpid()
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def setup() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, set())
        if prctl is not None:
            prctl(_PR_SET_PDEATHSIG, int(last_wish), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return setup


def _wait_for_last_user(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait()


def _stop(server: subprocess.Popen[bytes], steps: list[tuple[str, float]]) -> None:
    for name, patience in steps:
        server.send_signal(signal.Signals[name])
        try:
            server.wait(patience)
        except subprocess.TimeoutExpired:
            continue
        return


if __name__ == "__main__":
    sys.exit(main())
