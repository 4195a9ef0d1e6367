"""What goes wrong and when: a schedule of strikes that follows from a seed alone.

The same seed, length and size give the same schedule, whatever happens during the run. Which request or
transaction a strike meets is up to the machine; that is why a failing run is repeated with its seed and
narrowed down by leaving strikes out (``select``).
"""

import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")


class Kind(StrEnum):
    """One way of going wrong; the word before the dot is its family."""

    WORKER_KILL = "process.kill_worker"
    WORKER_PAUSE = "process.pause_worker"
    RELAY_KILL = "process.kill_relay"
    SCHEDULER_KILL = "process.kill_scheduler"
    WEB_KILL = "process.kill_web"
    SUPERVISOR_KILL = "process.kill_supervisor"
    ROLLING = "process.rolling_restart"
    POINT_KILL = "point.kill"
    POINT_PAUSE = "point.pause"
    REDIS_FLUSH = "redis.flushall"
    REDIS_KILL = "redis.kill"
    REDIS_RESTART = "redis.restart"
    REDIS_DOWN = "redis.down"
    REDIS_HANG = "redis.hang"
    BELLS = "redis.old_bells"
    PG_FAST = "postgres.fast_restart"
    PG_IMMEDIATE = "postgres.immediate_restart"
    PG_KILL = "postgres.kill_postmaster"
    PG_TERMINATE = "postgres.end_sessions"
    PG_CUT = "postgres.cut_connections"
    PG_DOWN = "postgres.down"
    NET_HOLE = "network.blackhole"
    NET_RESET = "network.reset"
    NET_DELAY = "network.delay"
    NET_HALF = "network.half_close"
    NET_DOWN = "network.refuse"
    STORM_429 = "remote.429_storm"
    STORM_429_AFTER = "remote.429_retry_after"
    STORM_5XX = "remote.5xx"
    SLOW = "remote.slow"
    MALFORMED = "remote.malformed"
    LAG = "remote.read_lag"
    HOOK_FORGED = "webhook.forged"
    HOOK_STORM = "webhook.duplicates"
    HOOK_LOST = "webhook.lost"
    POISON = "poison.payload"
    CRASHER = "poison.crashes_worker"

    @property
    def family(self) -> str:
        """Return the family a kind belongs to."""
        return self.value.partition(".")[0]


FAMILIES = tuple(dict.fromkeys(kind.family for kind in Kind))

POINTS = (
    "before_sending",
    "after_sending",
    "bytes_out",
    "answered",
    "before_settled",
    "after_settled",
    "uncertain",
)
"""The borders between the phases of a write, in order."""

OPERATIONS = ("submit_invoice", "post_invoice", "update_order_status", "upsert_party", "cancel_document")
REMOTES = ("trendyol", "nilvera", "logo")
SLOW_LINKS = ("nilvera", "logo")
"""Remotes whose requests may be held up on the way; one that counts calls would count them elsewhere."""

_OFTEN = {
    Kind.WORKER_KILL: 4,
    Kind.POINT_KILL: 10,
    Kind.POINT_PAUSE: 2,
    Kind.WORKER_PAUSE: 2,
    Kind.RELAY_KILL: 2,
    Kind.SCHEDULER_KILL: 2,
    Kind.BELLS: 2,
    Kind.PG_TERMINATE: 2,
    Kind.PG_CUT: 2,
    Kind.NET_RESET: 2,
    Kind.NET_HALF: 2,
    Kind.STORM_5XX: 2,
    Kind.POISON: 2,
}
"""How often a kind is in a deck; once if not named."""

_SECONDS = {
    Kind.WORKER_PAUSE: (5.0, 20.0),
    Kind.POINT_PAUSE: (12.0, 20.0),
    Kind.REDIS_DOWN: (3.0, 15.0),
    Kind.REDIS_HANG: (3.0, 10.0),
    Kind.PG_DOWN: (2.0, 10.0),
    Kind.NET_HOLE: (5.0, 20.0),
    Kind.NET_DELAY: (5.0, 15.0),
    Kind.NET_DOWN: (3.0, 10.0),
    Kind.STORM_429: (3.0, 8.0),
    Kind.STORM_429_AFTER: (3.0, 8.0),
    Kind.STORM_5XX: (3.0, 8.0),
    Kind.SLOW: (5.0, 15.0),
    Kind.MALFORMED: (2.0, 5.0),
    Kind.LAG: (5.0, 20.0),
    Kind.HOOK_LOST: (5.0, 20.0),
}
"""How long a strike lasts, from … to; the others are over at once."""

_EARLIEST, _LATEST = 0.06, 0.94
"""The part of the run in which strikes fall."""


@dataclass(frozen=True, slots=True)
class Strike:
    """One thing that goes wrong: its number in the schedule, when (seconds from the start), what, where."""

    n: int
    at: float
    kind: Kind
    target: str = ""
    """A process, ``tenant/remote``, or ``point/operation``."""
    seconds: float = 0.0

    def __str__(self) -> str:
        """Return the strike as one line of a schedule."""
        lasts = f"for {self.seconds:.0f} s" if self.seconds else ""
        parts = (f"{self.n:>4}", f"{self.at:7.1f} s", self.kind.value, self.target, lasts)
        return "  ".join(part for part in parts if part)


def plan(
    seed: int,
    seconds: float,
    *,
    tenants: Sequence[str],
    workers: int = 2,
    per_minute: float = 24.0,
    families: Collection[str] = FAMILIES,
) -> tuple[Strike, ...]:
    """Return the schedule of a run.

    Kinds are dealt from shuffled decks, so that every kind comes before any comes too often; the points of a
    write are gone through one by one for every operation.

    Raises:
        ValueError: a family of that name does not exist.
    """
    unknown = set(families) - set(FAMILIES)
    if unknown:
        raise ValueError(f"no such faults: {', '.join(sorted(unknown))}; there are {', '.join(FAMILIES)}")
    dice = random.Random(f"nemesis:{seed}")
    kinds = _decks(dice, [kind for kind in Kind if kind.family in families])
    points = _decks(dice, [f"{point}/{operation}" for point in POINTS for operation in OPERATIONS])
    count = round(per_minute * seconds / 60)
    times = sorted(dice.uniform(_EARLIEST, _LATEST) * seconds for _ in range(count))
    strikes = []
    for n, at in enumerate(times, start=1):
        kind = next(kinds)
        target = _target(dice, kind, points, tenants, workers)
        lasts = dice.uniform(*_SECONDS[kind]) if kind in _SECONDS else 0.0
        strikes.append(Strike(n, round(at, 2), kind, target, round(lasts, 1)))
    return tuple(strikes)


def select(strikes: Sequence[Strike], only: str) -> tuple[Strike, ...]:
    """Return the strikes named by a list such as ``3,7-9``, all when it is empty.

    Raises:
        ValueError: the list cannot be read.
    """
    if not only.strip():
        return tuple(strikes)
    wanted: set[int] = set()
    for part in only.split(","):
        first, _, last = part.strip().partition("-")
        wanted |= set(range(int(first), int(last or first) + 1))
    return tuple(strike for strike in strikes if strike.n in wanted)


def _decks(dice: random.Random, values: Sequence[T]) -> Iterator[T]:
    """Deal values from a shuffled deck, and from a newly shuffled one when it is used up."""
    deck = [value for value in values for _ in range(_often(value))]
    while deck:
        yield from dice.sample(deck, len(deck))


def _often(value: object) -> int:
    return _OFTEN.get(value, 1) if isinstance(value, Kind) else 1


def _target(
    dice: random.Random, kind: Kind, points: Iterator[str], tenants: Sequence[str], workers: int
) -> str:
    if kind in (Kind.WORKER_KILL, Kind.WORKER_PAUSE):
        return f"worker-{dice.randint(1, workers)}"
    if kind in (Kind.RELAY_KILL, Kind.SCHEDULER_KILL):
        return f"{kind.value.rpartition('_')[2]}-{dice.randint(1, 2)}"
    if kind.family == "point":
        return next(points)
    if kind in (Kind.NET_HOLE, Kind.NET_DELAY, Kind.SLOW, Kind.LAG):
        return f"{dice.choice(tenants)}/{dice.choice(SLOW_LINKS)}"
    if kind.family in ("network", "remote"):
        return f"{dice.choice(tenants)}/{dice.choice(REMOTES)}"
    if kind.family in ("webhook", "poison"):
        return dice.choice(tenants)
    return ""
