"""Carries the nemesis's schedule out: on processes, database, queue, network, remotes and webhooks."""

import json
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from heapq import heappop, heappush
from pathlib import Path

import psycopg
import redis

from kopru.jobs.broker import make_broker, message
from kopru.runtime.chaos.fleet import Fleet
from kopru.runtime.chaos.points import ARMED, DOOMED, FIRED
from kopru.runtime.servers import Endpoints, status
from kopru.settings import Settings
from kopru.testing.chaos.nemesis import Kind, Strike
from kopru.testing.chaos.proxy import Mode, Proxy
from kopru.testing.chaos.remotes import Remotes, storm_of
from kopru.testing.chaos.traffic import HOSTILE, Traffic, deliver, unreadable_row
from kopru.testing.truth import Truth

Undo = Callable[[], object]

BELL_TIMES = 5
_BELLS = 60
_SESSIONS = 4
_POINT_LOOK = 0.2
_FORGED_ID = 4_999_999_999


@dataclass
class Field:
    """Everything that can be struck."""

    folder: Path
    settings: Settings
    endpoints: Endpoints
    """Past the proxies."""
    dsn: str
    fleet: Fleet
    postgres: Proxy
    valkey: Proxy
    remotes: Sequence[Remotes]
    hooks: dict[str, str]
    """The webhook address of each company."""
    traffic: Traffic
    history: Truth
    seed: int
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    """Rows that can be no order, by company and identity."""
    forged: list[int] = field(default_factory=list)
    """The answers forged webhooks got."""

    def tenant(self, slug: str) -> Remotes:
        """Return a company's remotes."""
        return next(each for each in self.remotes if each.tenant == slug)

    def place(self, slug: str) -> int:
        """Return a company's place in the list."""
        return [each.tenant for each in self.remotes].index(slug)


def _missed() -> None:
    """Do nothing: there is nothing to take back."""


MISSED: Undo = _missed
"""What a strike returns that met nothing (yet)."""


class Nemesis:
    """Strikes on time, in a thread of its own, and takes back what lasts only for a while."""

    def __init__(self, strikes: Sequence[Strike], target: Field) -> None:
        """Take the schedule and what it strikes."""
        self._field = target
        self._dice = random.Random(f"strikes:{target.seed}")  # noqa: S311 - repeatable, not secret
        self._queue: list[tuple[float, int, Callable[[], object]]] = []
        self._lasting: dict[int, Undo] = {}
        self._paused: dict[str, float] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="nemesis", daemon=True)
        self._order = 0
        self.counts: dict[str, int] = {}
        """What was done, by kind; what met nothing is not counted."""
        for name in (ARMED, FIRED, DOOMED):
            (target.folder / name).mkdir()
        for strike in strikes:
            self._later(strike.at, partial(self._strike, strike))

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Strike no more and take back whatever still lasts."""
        self._stopping.set()
        self._thread.join()
        for armed in (self._field.folder / ARMED).iterdir():
            armed.unlink(missing_ok=True)
        self._look_at_points(wake_all=True)
        for undo in list(self._lasting.values()):
            self._calmly(undo)
        self._lasting.clear()

    def _run(self) -> None:
        began = time.monotonic()
        while not self._stopping.wait(_POINT_LOOK):
            while self._queue and self._queue[0][0] <= time.monotonic() - began:
                self._calmly(heappop(self._queue)[2])
            self._look_at_points()

    def _later(self, at: float, act: Callable[[], object]) -> None:
        self._order += 1
        heappush(self._queue, (at, self._order, act))

    def _calmly(self, act: Callable[[], object]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - what cannot be struck now is noted, the run goes on
            self._field.history.note("strike.failed", error=repr(error))

    def _strike(self, strike: Strike) -> None:
        self._field.history.note(
            "strike", n=strike.n, what=strike.kind.value, target=strike.target, seconds=strike.seconds
        )
        undo = getattr(self, f"_{strike.kind.name.lower()}")(strike)
        if undo is MISSED:
            return
        self._count(strike.kind)
        if undo is not None:
            self._lasting[strike.n] = undo
            self._later(strike.at + strike.seconds, partial(self._end, strike))

    def _end(self, strike: Strike) -> None:
        undo = self._lasting.pop(strike.n, None)
        if undo is not None:
            undo()
            self._field.history.note("strike.over", n=strike.n)

    def _count(self, kind: Kind) -> None:
        self.counts[kind.value] = self.counts.get(kind.value, 0) + 1

    # Processes

    def _kill(self, name: str, sign: signal.Signals = signal.SIGKILL) -> Undo | None:
        pid = self._field.fleet.signal(name, sign)
        self._field.history.note("signal", process=name, pid=pid, signal=sign.name)
        return MISSED if pid is None else None

    def _worker_kill(self, strike: Strike) -> Undo | None:
        return self._kill(strike.target)

    _relay_kill = _scheduler_kill = _worker_kill

    def _web_kill(self, strike: Strike) -> Undo | None:
        return self._kill("web-1")

    def _supervisor_kill(self, strike: Strike) -> Undo | None:
        return self._kill("supervisor")

    def _worker_pause(self, strike: Strike) -> Undo:
        pid = self._field.fleet.signal(strike.target, signal.SIGSTOP)
        return MISSED if pid is None else partial(_wake, pid)

    def _rolling(self, strike: Strike) -> None:
        for n, name in enumerate(self._field.fleet.names):
            self._later(strike.at + n, partial(self._kill, name, signal.SIGTERM))

    # Points of a write

    def _point_kill(self, strike: Strike) -> Undo:
        return self._arm(strike, "kill")

    def _point_pause(self, strike: Strike) -> Undo:
        return self._arm(strike, "pause")

    def _arm(self, strike: Strike, act: str) -> Undo:
        """Arm a point; it counts when a worker gets there."""
        order = {"n": strike.n, "act": act, "kind": strike.kind.value, "seconds": strike.seconds}
        name = strike.target.replace("/", ".")
        draft = self._field.folder / f".{name}"
        draft.write_text(json.dumps(order), "utf-8")
        draft.rename(self._field.folder / ARMED / name)
        return MISSED

    def _look_at_points(self, *, wake_all: bool = False) -> None:
        """Note the points that were reached, and let stopped workers go on in time."""
        for path in sorted((self._field.folder / FIRED).iterdir()):
            if path.name not in self._paused:
                order = json.loads(path.read_text("utf-8"))
                self._field.history.note("point", n=order["n"], act=order["act"], where=path.name)
                self._count(Kind(order["kind"]))
                lasts = order["seconds"] if order["act"] == "pause" else 0.0
                self._paused[path.name] = time.monotonic() + lasts
            if wake_all or 0 < self._paused[path.name] <= time.monotonic():
                self._paused[path.name] = 0.0
                _wake(int(path.name.split(".")[2]))

    # Queue

    def _redis_flush(self, strike: Strike) -> None:
        with redis.Redis.from_url(self._field.endpoints.redis_url) as client:
            client.flushall()

    def _redis_kill(self, strike: Strike) -> None:
        self._signal_server("valkey", signal.SIGKILL)

    def _redis_restart(self, strike: Strike) -> None:
        self._signal_server("valkey", signal.SIGTERM)

    def _redis_down(self, strike: Strike) -> Undo:
        return _during(self._field.valkey, Mode.REFUSE)

    def _redis_hang(self, strike: Strike) -> Undo:
        return _during(self._field.valkey, Mode.HOLE)

    def _bells(self, strike: Strike) -> None:
        """Ring again, several times each, for jobs in any state."""
        with psycopg.connect(self._field.dsn) as db:
            ids = [row[0] for row in db.execute("select id from job order by random() limit %s", (_BELLS,))]
        broker = make_broker(self._field.endpoints.redis_url)
        for job_id in self._dice.sample(ids * BELL_TIMES, len(ids) * BELL_TIMES):
            broker.enqueue(message(job_id))

    # Database

    def _signal_server(self, name: str, sign: signal.Signals) -> None:
        pid = next(each.pid for each in status(self._field.settings).servers if each.name == name)
        if pid is not None:
            os.kill(pid, sign)

    def _pg_fast(self, strike: Strike) -> None:
        self._signal_server("postgres", signal.SIGINT)

    def _pg_immediate(self, strike: Strike) -> None:
        self._signal_server("postgres", signal.SIGQUIT)

    def _pg_kill(self, strike: Strike) -> None:
        self._signal_server("postgres", signal.SIGKILL)

    def _pg_terminate(self, strike: Strike) -> None:
        with psycopg.connect(self._field.dsn, autocommit=True) as db:
            db.execute(
                "select pg_terminate_backend(pid) from (select pid from pg_stat_activity"
                " where application_name = 'kopru' order by random() limit %s) as chosen",
                (_SESSIONS,),
            )

    def _pg_cut(self, strike: Strike) -> None:
        self._field.postgres.cut()

    def _pg_down(self, strike: Strike) -> Undo:
        return _during(self._field.postgres, Mode.REFUSE)

    # Network and remotes

    def _way(self, strike: Strike) -> Proxy:
        tenant, _, name = strike.target.partition("/")
        return self._field.tenant(tenant).each[name].proxy

    def _net_hole(self, strike: Strike) -> Undo:
        return _during(self._way(strike), Mode.HOLE)

    def _net_down(self, strike: Strike) -> Undo:
        return _during(self._way(strike), Mode.REFUSE)

    def _net_reset(self, strike: Strike) -> None:
        self._way(strike).cut()

    def _net_half(self, strike: Strike) -> None:
        self._way(strike).half_close()

    def _net_delay(self, strike: Strike) -> Undo:
        way = self._way(strike)
        way.set_delay(0.5)
        return lambda: way.set_delay(0.0)

    def _storm(self, strike: Strike) -> Undo:
        tenant, _, name = strike.target.partition("/")
        remote = self._field.tenant(tenant).each[name]
        faults = tuple(storm_of(strike.kind.value))
        remote.storm(*faults)
        return lambda: remote.calm(*faults)

    _storm_429 = _storm_429_after = _storm_5xx = _slow = _malformed = _storm

    def _lag(self, strike: Strike) -> Undo:
        tenant, _, name = strike.target.partition("/")
        remote = self._field.tenant(tenant).each[name].simulator
        remote.read_lag = 6.0

        def undo() -> None:
            remote.read_lag = 0.0

        return undo

    # Webhooks and poison

    def _hook_forged(self, strike: Strike) -> None:
        """Call with a wrong key, and with the right one at a wrong address."""
        url = self._field.hooks[strike.target]
        body = json.dumps({"shipmentPackageId": _FORGED_ID, "status": "Created"}).encode()
        self._field.forged.append(deliver(url, body, {"x-api-key": "forged"}))
        key = self._field.tenant(strike.target).shop.webhook_key
        self._field.forged.append(deliver(url[:-4] + "abcd", body, {"x-api-key": key}))

    def _hook_storm(self, strike: Strike) -> None:
        """Tell of a package many times, and of an old version last."""
        shop = self._field.tenant(strike.target).shop
        with shop.lock:
            packages = list(shop.shelf.live.values())
        if not packages:
            return
        package = self._dice.choice(packages)
        versions = [package] * 10 + [{**package, "lastModifiedDate": package["lastModifiedDate"] - 5000}]
        for each in versions:
            content = json.dumps(each, default=str).encode()
            deliver(self._field.hooks[strike.target], content, {"x-api-key": shop.webhook_key})

    def _hook_lost(self, strike: Strike) -> Undo:
        push = self._field.tenant(strike.target).shop.push
        kept = dict(push.subscriptions)
        push.subscriptions.clear()
        return lambda: push.subscriptions.update(kept)

    def _poison(self, strike: Strike) -> None:
        """Let come in what can be no order, or an order with a hostile text in it."""
        place, form = self._field.place(strike.target), strike.n
        if form % 2:
            self._field.traffic.place_extra(place, HOSTILE[form // 2 % len(HOSTILE)])
            return
        package = self._field.traffic.package_of(self._field.traffic.extra_number(place), place)
        self._field.tenant(strike.target).shop.add_row(unreadable_row(package, form // 2))
        self._field.unreadable.append((strike.target, str(package)))

    def _crasher(self, strike: Strike) -> None:
        """Let an order come in at which workers crash."""
        place = self._field.place(strike.target)
        n = self._field.traffic.extra_number(place)
        package = self._field.traffic.package_of(n, place)
        (self._field.folder / DOOMED / str(package)).touch()
        self._field.traffic.place(place, n)


def _during(proxy: Proxy, mode: Mode) -> Undo:
    proxy.set_mode(mode)
    return lambda: proxy.set_mode(Mode.PASS)


def _wake(pid: int | None) -> None:
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
