"""One process of a chaos fleet: ``python -m kopru.runtime.chaos.process worker-1 FOLDER``.

The same roles as everywhere; workers besides die at the points of ``points`` and may have a wrong clock.
"""

import os
import sys
import time
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

PIDS = "pids"
PATIENCE, SKEW = "CHAOS_PATIENCE", "CHAOS_SKEW"
"""What waiting times of targets are taken times, and the seconds this process's clock is wrong by."""


def set_clock_wrong(seconds: float) -> None:
    """Let this process's clock be wrong, as far as the engine and its broker read it."""
    right = time.time
    time.time = lambda: right() + seconds

    class Wrong(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Wrong":
            moment = super().now(tz) + timedelta(seconds=seconds)
            return cls.fromtimestamp(moment.timestamp(), tz)

    from kopru.flows import connections  # noqa: PLC0415 - after the clock is set
    from kopru.transport import http  # noqa: PLC0415 - only a chaos process needs it

    for module in (connections, http):
        vars(module)["datetime"] = Wrong


def main(name: str, folder: Path) -> None:
    """Run one process until told to stop."""
    role = name.partition("-")[0]
    skew = float(os.environ.get(SKEW, "0"))
    if skew:
        set_clock_wrong(skew)
    from kopru.runtime import processes  # noqa: PLC0415 - after the clock is set
    from kopru.settings import Settings  # noqa: PLC0415 - only a chaos process needs it

    if role == "worker":
        from kopru.runtime.chaos.points import Points  # noqa: PLC0415 - only a chaos process needs it

        Points(folder).install(float(os.environ.get(PATIENCE, "1")))
    (folder / PIDS / name).write_text(str(os.getpid()), "ascii")
    processes.run(role, Settings.from_environment())


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
