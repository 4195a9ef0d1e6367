"""The engine's processes of a run, under a supervisor of their own that can be killed too."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from kopru.runtime import lifeline
from kopru.runtime.chaos import process
from kopru.runtime.supervisor import Child, Supervisor
from kopru.testing.truth import Truth

LOG = "fleet.log"
_LOOK_EVERY = 0.2
_STOP_LIMIT = 40.0


def names(workers: int) -> tuple[str, ...]:
    """Return the processes of a fleet: two relays and two schedulers always compete."""
    several = [f"worker-{n}" for n in range(1, workers + 1)]
    return (*several, "relay-1", "relay-2", "scheduler-1", "scheduler-2", "web-1")


class Fleet:
    """Starts the supervisor, and starts it again when it dies."""

    def __init__(
        self, folder: Path, workers: int, environment: Mapping[str, str], skew: float, history: Truth
    ) -> None:
        """Take the run's folder and the variables of its processes; the last worker's clock is wrong."""
        self.names = names(workers)
        self._folder = folder
        self._environment = {**os.environ, **environment, process.SKEW: str(skew)}
        self._history = history
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="fleet", daemon=True)
        (folder / process.PIDS).mkdir()

    def start(self) -> None:
        """Start all processes."""
        self._launch()
        self._thread.start()

    def stop(self) -> int:
        """End all processes and return the supervisor's exit code; whoever hangs is killed."""
        self._stopping.set()
        self._thread.join()
        running = self._process
        if running is None:
            return 0
        running.send_signal(signal.SIGTERM)
        try:
            return running.wait(_STOP_LIMIT)
        except subprocess.TimeoutExpired:
            running.kill()
            return running.wait()

    def pid(self, name: str) -> int | None:
        """Return the process of a name, or of ``supervisor``, if it lives."""
        if name == "supervisor":
            return self._process.pid if self._process is not None else None
        with suppress(OSError, ValueError):
            pid = int((self._folder / process.PIDS / name).read_text("ascii"))
            if name in Path(f"/proc/{pid}/cmdline").read_text("utf-8"):
                return pid
        return None

    def signal(self, name: str, sign: signal.Signals) -> int | None:
        """Send a signal to a process; return its pid, or ``None`` when it does not run."""
        pid = self.pid(name)
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, sign)
        return pid

    def _launch(self) -> None:
        with (self._folder / LOG).open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "kopru.runtime.chaos.fleet", str(self._folder), *self.names],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )

    def _keep(self) -> None:
        while not self._stopping.wait(_LOOK_EVERY):
            if self._process is not None and self._process.poll() is not None:
                self._history.note("fleet.restarted", ending=self._process.returncode)
                self._launch()


def main(folder: Path, processes: list[str]) -> None:
    """Supervise the processes of a fleet until told to stop, or until whoever started it is gone."""
    skew = os.environ.pop(process.SKEW, "0")
    last = max(name for name in processes if name.startswith("worker"))
    children = [
        Child(
            name,
            (sys.executable, "-m", "kopru.runtime.chaos.process", name, str(folder)),
            {process.SKEW: skew} if name == last else {},
        )
        for name in processes
    ]
    threading.Thread(target=_end_with_starter, daemon=True).start()
    Supervisor(children).run()


def _end_with_starter() -> None:
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    assert lifeline.VARIABLE not in os.environ
    main(Path(sys.argv[1]), sys.argv[2:])
