"""A whole installation under one supervisor: private servers, workers, relay, scheduler, ingress."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kopru.runtime.compose import prepare_database
from kopru.runtime.servers import Endpoints, Keeper
from kopru.runtime.supervisor import Child, Supervisor
from kopru.settings import Settings


def children(settings: Settings, *, web: bool = True) -> list[Child]:
    """Return the processes of an installation."""
    names = [f"worker-{n}" for n in range(1, settings.workers + 1)] + ["relay", "scheduler"]
    if web:
        names.append("web")
    environment = {"KOPRU_HOME": str(settings.home)}
    return [
        Child(name, (sys.executable, "-m", "kopru.runtime", name.split("-")[0]), environment)
        for name in names
    ]


@contextmanager
def installation(settings: Settings, *, web: bool = True) -> Iterator[tuple[Endpoints, Supervisor]]:
    """Run everything for the length of the block."""
    with Keeper(settings) as keeper:
        prepare_database(settings, keeper.endpoints.database_url)
        with Supervisor(children(settings, web=web)) as supervisor:
            yield keeper.endpoints, supervisor


def up(settings: Settings, ready: Callable[[], None]) -> None:
    """Run everything until SIGTERM or SIGINT; ``ready`` is called once the servers answer."""
    with Keeper(settings) as keeper:
        prepare_database(settings, keeper.endpoints.database_url)
        ready()
        Supervisor(children(settings)).run()
