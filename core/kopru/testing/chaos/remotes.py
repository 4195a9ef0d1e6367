"""One company's remotes: simulators with ground-truth files, behind proxies, with faults that come and go."""

import json
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from kopru.hooks.manifest import Quota
from kopru.testing.chaos.proxy import Proxy, ProxyLoop
from kopru.testing.evidence import Action
from kopru.testing.faults import Fault, FaultKind
from kopru.testing.simulator import Simulator
from kopru.testing.truth import Truth
from kopru.testing.wire import SimRequest, SimResponse
from kopru.testing.world import World

NAMES = ("trendyol", "nilvera", "logo")
CANARY = "kanarya"
"""The word all planted secrets begin with."""

_REFERENCE = re.compile(r"'([0-9a-f]{16})'")
"""Our short reference as it stands in a ledger's queries."""

_WRITES = {
    "trendyol": "seller-invoice-links$",
    "nilvera": "Send/Xml$",
    "logo": "(salesInvoices|Arps)$",
}


def always(name: str, late: float) -> tuple[Fault, ...]:
    """Return the faults a remote shows all the time.

    Args:
        name: the remote.
        late: seconds after which a request whose connection was closed is carried out all the same.
    """
    path = _WRITES[name]
    faults = [
        Fault(FaultKind.DROP_AFTER, method="POST", path=path, probability=0.10),
        Fault(FaultKind.LATE_COMMIT, method="POST", path=path, probability=0.02, seconds=late),
        Fault(FaultKind.DROP_BEFORE, method="POST", path=path, probability=0.01),
        Fault(FaultKind.STATUS, path="^(?!.*token)", probability=0.005, status=503),
        Fault(FaultKind.DROP_AFTER, method="GET", probability=0.005),
        Fault(FaultKind.MALFORMED, method="POST", path=path, probability=0.005),
    ]
    if name != "trendyol":
        faults.append(Fault(FaultKind.LATENCY, probability=0.05, seconds=0.3))
    return tuple(faults)


class Remote:
    """One simulator of one company."""

    def __init__(
        self, tenant: str, name: str, simulator: Simulator, loop: ProxyLoop, truth: Truth, late: float
    ) -> None:
        """Take the running simulator, and the log of requests; ``late`` as in ``always``."""
        self.tenant, self.name = tenant, name
        self.simulator: Any = simulator
        self.proxy = Proxy(loop, int(simulator.url.rpartition(":")[2]))
        self._requests = truth
        self._late = late
        self._storms: list[tuple[Fault, ...]] = []
        self._lock = threading.Lock()
        simulator.watch = self._watch

    def config(self) -> dict[str, Any]:
        """Return connection settings that lead through the proxy."""
        through = f"http://127.0.0.1:{self.proxy.port}"
        text = json.dumps(self.simulator.config()).replace(self.simulator.url, through)
        config: dict[str, Any] = json.loads(text)
        return config

    def begin(self) -> None:
        """Put the faults that are always there in force."""
        with self._lock:
            self._arm()

    def storm(self, *faults: Fault) -> None:
        """Put further faults in force, before all others."""
        with self._lock:
            self._storms.append(faults)
            self._arm()

    def calm(self, *faults: Fault) -> None:
        """Take faults of a storm back."""
        with self._lock, suppress(ValueError):
            self._storms.remove(faults)
            self._arm()

    def heal(self) -> None:
        """Be a remote without any fault."""
        with self._lock:
            self._storms.clear()
            self.simulator.faults.clear()
        self.simulator.read_lag = 0.0
        self.proxy.heal()

    def close(self) -> None:
        """Stop."""
        self.proxy.close()
        self.simulator.stop()
        self._requests.close()

    def _arm(self) -> None:
        plan = self.simulator.faults
        plan.clear()
        for storm in reversed(self._storms):
            plan.add(*storm)
        plan.add(*always(self.name, self._late))

    def _watch(
        self, arrived: float, request: SimRequest, fault: Fault | None, response: SimResponse | None
    ) -> None:
        """Log a request; one whose fate is only known to the remote is never called harmless."""
        action, reference = _meaning(request)
        status = response.status if response is not None else None
        refused = status is not None and 400 <= status < 500
        struck = fault is not None and fault.kind is not FaultKind.LATENCY
        injected = fault is not None and fault.kind is FaultKind.STATUS
        self._requests.note(
            "request",
            arrived=arrived,
            method=request.method,
            path=request.path,
            reference=reference,
            action=action,
            harmless=refused and (injected or not struck),
            status=status,
            injected=injected,
        )


def _meaning(request: SimRequest) -> tuple[str, str]:
    """Return what a request to a ledger does with which of our writes."""
    if request.method == "POST" and request.path.endswith("salesInvoices"):
        with suppress(ValueError, AttributeError):
            return Action.SEND.value, str(request.json().get("DOC_TRACK_NR") or "")
    if request.method == "GET":
        found = _REFERENCE.search(request.param("tsql") or request.param("q"))
        if found:
            return Action.LOCATE.value, found.group(1)
    return "", ""


class Remotes:
    """All remotes of one company."""

    def __init__(
        self,
        tenant: str,
        place: int,
        world: World,
        folder: Path,
        loop: ProxyLoop,
        *,
        late: float,
        quotas: Mapping[str, Iterable[Quota]],
    ) -> None:
        """Start the simulators of the company at a place in the list, with secrets of its own.

        ``quotas`` are enforced by the remotes of those names.
        """
        self.tenant = tenant
        self.world = world
        self.canaries = tuple(f"{CANARY}-{tenant}-{name}-{place * 7919 + 104729}" for name in NAMES)
        self.each: dict[str, Remote] = {}
        for name, secret in zip(NAMES, self.canaries, strict=True):
            simulator = _start(name, secret, folder / f"{tenant}.{name}.jsonl", quotas.get(name, ()), place)
            simulator.load(world)
            log = Truth(folder / f"{tenant}.{name}.requests.jsonl")
            self.each[name] = Remote(tenant, name, simulator, loop, log, late)

    @property
    def shop(self) -> Any:
        """Return the marketplace's simulator with its levers."""
        return self.each["trendyol"].simulator

    @property
    def ledger(self) -> Any:
        """Return the ledger's simulator with its levers."""
        return self.each["logo"].simulator

    def configs(self) -> dict[str, dict[str, Any]]:
        """Return the settings of each connection."""
        return {name: remote.config() for name, remote in self.each.items()}

    def settle(self) -> None:
        """Wait for late commits."""
        for remote in self.each.values():
            remote.simulator.settle(20.0)


def _start(name: str, secret: str, truth: Path, quotas: Iterable[Quota], place: int) -> Simulator:
    (point,) = entry_points(group="kopru.simulators", name=name)
    options: dict[str, Any] = (
        {"seller_id": str(200_000 + place), "api_secret": secret} if name == "trendyol" else {}
    )
    simulator: Any = point.load()(seed=place, truth=truth, quotas=tuple(quotas), **options)
    if name == "nilvera":
        simulator.api_key = secret
    elif name == "logo":
        simulator.password = secret
    simulator.start()
    started: Simulator = simulator
    return started


def storm_of(kind: str) -> Sequence[Fault]:
    """Return the faults of a storm: every second request or more is struck."""
    storms: Mapping[str, Sequence[Fault]] = {
        "remote.429_storm": (Fault(FaultKind.STATUS, probability=0.7, status=429),),
        "remote.429_retry_after": (Fault(FaultKind.STATUS, probability=0.7, status=429, seconds=2.0),),
        "remote.5xx": (
            Fault(FaultKind.STATUS, probability=0.3, status=500),
            Fault(FaultKind.STATUS, probability=0.3, status=503, seconds=1.0),
            Fault(FaultKind.DROP_BEFORE, probability=0.2),
        ),
        "remote.slow": (Fault(FaultKind.LATENCY, probability=0.8, seconds=3.0),),
        "remote.malformed": (
            Fault(FaultKind.MALFORMED, probability=0.3),
            Fault(FaultKind.TWISTED, method="GET", probability=0.2),
        ),
    }
    return storms[kind]
