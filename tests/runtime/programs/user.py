"""Uses the servers of a data directory until standard input ends or it is told to stop."""

import json
import signal
import sys
import threading
from pathlib import Path

from kopru.runtime.servers import Endpoints, Keeper, connect
from kopru.settings import Settings

kind, home = sys.argv[1], Path(sys.argv[2])
settings = Settings(home=home)
ending = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: ending.set())


def tell(endpoints: Endpoints) -> None:
    said = {"database_url": endpoints.database_url, "redis_url": endpoints.redis_url}
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
    threading.Thread(target=lambda: (sys.stdin.read(), ending.set()), daemon=True).start()
    ending.wait()


if kind == "keep":
    with Keeper(settings) as keeper:
        tell(keeper.endpoints)
else:
    with connect(settings) as endpoints:
        tell(endpoints)
